"""What the statistical appendix says of noise in the label, and of the estimates corrected for it."""

from __future__ import annotations

from helpers.methods.method import Method

METHODS: tuple[Method, ...] = (
    Method(
        id="label_remeasured", chapter="02_dtt_labelling",
        name="Labels measured again (mixed model with serial correlation)",
        answers="How many labels would another measurement at the same visits turn?",
        reference="Diggle, Biometrics 1988;44:959; drawing: Chilès and Delfiner, Geostatistics, Wiley 2012, "
        "section 7.3; residual about a line: Laird and Ware, Biometrics 1982;38:963",
        assumes="Log proteinuria is a smooth course of the patient plus independent normal noise, which has a size of "
        "its own at baseline; creatinine, sediment, dates and what doctors did stay as they were. An error that the "
        "next visit shares is taken for the course, so that the noise is read too small.",
        check="Do the copies measured again look like the data? {dtt.noise.again.share:percent} of the patients are "
        "difficult to treat in them ({dtt.noise.again.lowest.share:percent} to "
        "{dtt.noise.again.highest.share:percent}), as measured {dtt.share:percent}. Early flares lost and gained: "
        "{dtt.noise.flare.lost.n} and {dtt.noise.flare.gained.n}, since second inductions stay as they were.",
        result="{dtt.noise.flip.share:percent} of the labels would turn with what does not carry over to the next "
        "visit "
        "(standard deviation {dtt.noise.sd:ci}, at baseline {dtt.noise.baseline.sd:ci}). The residual about a line is "
        "another quantity: {dtt.noise.line.sd} here, {dtt.noise.stated.sd} as stated; taken for noise it would turn "
        "{dtt.noise.stated.flip.share:percent}.",
        verified="independent noise planted in invented courses is found, and ranges of the truth hold it as often "
        "as they "
        "say; where the simulator plants noise with memory, of 0.62 at visits and 0.25 at baseline, about 0.44 and 0.2 "
        "are found, the noise-free share comes out within 3 points of the known one (1 or 2 too high), sensitivity and "
        "specificity within 0.03 and the labels turned within 4 points (1 or 2 too few), on two cohorts of 500; "
        "residual about a line: R nlme 3.1-162 on two data sets, 1e-5; without noise every "
        "copy "
        "carries the label of the rule, under seven rules",
    ),
    Method(
        id="label_two_visits", chapter="02_dtt_labelling", name="Agreement of one visit and two, with three answers",
        answers="Does asking for two visits change whom the label calls difficult to treat?",
        reference="Cohen's kappa: Fleiss, Cohen and Everitt, Psychol Bull 1969;72:323",
        assumes="Cannot tell is an answer: to become one is a change.",
        check="The patients who change are counted: {dtt.noise.two.opened.n} of {dtt.noise.one.n} labelled can "
        "then not be "
        "told, {dtt.noise.two.lost.n} are labelled no.",
        result="Kappa of yes, no and cannot tell: {dtt.noise.rules.kappa:ci}. Measured again, "
        "{dtt.noise.one.changed.share:percent} of the answers would change with one visit and "
        "{dtt.noise.two.changed.share:percent} with two.",
        verified="statsmodels cohens_kappa, which it is; the table of answers against one made by hand",
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
        "Epidemiol 1978;107:71; correlated draws: Iman and Conover, Commun Stat Simul Comput 1982;11:311",
        assumes="Misreading does not depend on the exposure; how often it happens is what the noise simulation "
        "says, the "
        "size of the noise drawn as unsure as the data leave it.",
        check="Draws that need a negative number of patients are refused and counted: of the adjusted model "
        "{table.dtt.bias.adjusted_any_apl_own.kept_share} were allowed. With less than half allowed nothing is "
        "printed: "
        "{dtt.bias.refused.n} of {dtt.bias.refused.n:n} corrected odds ratios.",
        result="Any antiphospholipid antibody, adjusted: {dtt.bias.adjusted.any_apl.labelled.or:ci} as labelled, "
        "{dtt.bias.adjusted.any_apl.own.or:ci} corrected; active sediment "
        "{dtt.bias.adjusted.active_sediment.labelled.or:ci} and {dtt.bias.adjusted.active_sediment.own.or:ci}. Share: "
        "{dtt.bias.own.share:ci} corrected, {dtt.noise.true.share:percent} in the model's own noise-free courses.",
        verified="a table worked by hand, the closed form, statsmodels Logit at 1e-6, and a simulation with a planted "
        "truth",
    ),
)
