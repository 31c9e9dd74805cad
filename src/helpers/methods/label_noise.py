"""What the statistical appendix says of noise in the label, and of the estimates corrected for it."""

from __future__ import annotations

from helpers.methods.method import Method

METHODS: tuple[Method, ...] = (
    Method(
        id="label_remeasured", chapter="02_dtt_labelling",
        name="Labels measured again (mixed model with serial correlation)",
        answers="How many labels would another measurement at the same visits turn?",
        reference="Diggle, Biometrics 1988;44:959; drawing: Chilès and Delfiner, Geostatistics, Wiley 2012",
        assumes="Log proteinuria is a smooth course of the patient plus independent normal noise of a known size; "
        "creatinine, sediment, dates and what doctors did stay as they were.",
        check="The noise is also estimated from these data: {dtt.noise.own.sd} against {dtt.noise.sd} as stated.",
        result="{dtt.noise.flip.share:percent} of the labels would turn with the noise as stated, "
        "{dtt.noise.own.flip.share:percent} with that of these data; when a finding needs two visits, "
        "{dtt.noise.two.flip.share:percent}.",
        verified="a simulation with a planted truth: the noise is found within 0.04, and 95 % ranges of the truth hold "
        "it 93.5 to 96.5 times in 100; without noise every copy carries the label of the rule, under seven rules",
    ),
    Method(
        id="label_simex", chapter="02_dtt_labelling",
        name="Share without noise by simulation and extrapolation (SIMEX)",
        answers="How many would be difficult to treat if proteinuria were read without noise?",
        reference="Cook and Stefanski, J Am Stat Assoc 1994;89:1314",
        assumes="The size of the noise is known, and a parabola carries the share back from more noise to none.",
        check="It is shown beside the model's answer; the two need not agree.",
        result="{dtt.noise.simex.share:percent} by extrapolation, {dtt.noise.true.share:percent} by the model.",
        verified="the closed form of the parabola",
    ),
    Method(
        id="label_bias_analysis", chapter="02_dtt_labelling", name="Probabilistic bias analysis of a misread outcome",
        answers="What would the odds ratios and the share be, had the label been read without noise?",
        reference="Fox, Lash and Greenland, Int J Epidemiol 2005;34:1370; matrix method: Rogan and Gladen, Am J "
        "Epidemiol 1978;107:71",
        assumes="Misreading does not depend on the exposure; its size is that of the noise simulation.",
        check="Draws that need a negative number of patients are refused and counted: of the adjusted model with the "
        "noise as stated {table.dtt.bias.adjusted_any_apl_stated.kept_share} were allowed.",
        result="Any antiphospholipid antibody, adjusted: {dtt.bias.adjusted.any_apl.labelled.or:ci} as labelled, "
        "{dtt.bias.adjusted.any_apl.own.or:ci} corrected; active sediment "
        "{dtt.bias.adjusted.active_sediment.labelled.or:ci} and {dtt.bias.adjusted.active_sediment.own.or:ci}.",
        verified="a table worked by hand, the closed form, statsmodels Logit at 1e-6, and a simulation with a planted "
        "truth",
    ),
)
