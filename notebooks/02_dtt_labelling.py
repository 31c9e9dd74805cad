# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Who is difficult to treat, by which rule, and from when?

# %% [markdown]
# Nobody carries the label on the chart: it is a reading of the first course of treatment, by a rule. This chapter says
# the rule in words, applies it, dates it, and shows for a handful of patients what it looked at. Then it asks how much
# of the answer is the patient and how much the rule. It writes the labels and the trace that explains them.

# %% tags=["parameters"]
data_dir: str = "data/raw"  # folder of the raw tables
derived_dir: str = "data/derived/interactive"  # folder that the notebooks write to
rules_file: str = ""  # YAML file with rules of your own; empty for the shipped rules only
response_rule: str = "eular_era_edta_2012"  # rule for complete and partial response
complete_response_upcr: float = 0.0  # proteinuria below which a response is complete, whatever the rule says (0: what the rule says) [g/g]
flare_rule: str = "kdigo_2012_moderate"  # rule for renal flare
dtt_arms: list = ["worsening_3m", "failure_6m", "no_response", "early_flare"]  # the arms of the label that are switched on
worsening_window: list = [2.0, 4.0]  # first and last month of the 3-month visit [months]
failure_window: list = [5.0, 8.0]  # first and last month of the 6-month visit [months]
response_deadline_months: float = 12.0  # month by which a response must have been seen [months]
flare_window_months: float = 24.0  # an early flare comes within this time [months]
flare_clock: str = "induction_start"  # where the clock of the early flare starts (the abstract: months of therapy) [induction_start, complete_response]
confirmation_visits: int = 1  # visits in a row that must show a finding [visits]
missing_window: str = "later_response_settles"  # what an arm says that has no visit in its window [later_response_settles, cannot_tell, counts_as_failure]
label_noise_sd: float = 0.67  # residual standard deviation of log UPCR about a line of each patient's own, as published: a bound on the noise in the label [log units]
noise_samples: int = 200  # noisy copies of the visits that are labelled again [copies]
seed: int = 20220101  # seed of every random draw of the analysis

# %% tags=["setup"]
from helpers.figures.labelling import (
    draw_arm_overlap,
    draw_onset_curve,
    draw_rule_agreement,
    draw_sensitivity,
    draw_timelines,
    draw_turning_curve,
)
from helpers.figures.noise import draw_label_noise
from helpers.labelling.bias_analysis import describe_refused, estimate_corrected_odds_ratios, summarise_bias_facts
from helpers.labelling.comparison import compare_rules, summarise_agreement, summarise_sensitivity
from helpers.labelling.facts import (
    choose_examples,
    derive_timelines,
    derive_turning_curve,
    describe_arm_counts,
    keep_example_traces,
    summarise_gaps,
    summarise_labels,
)
from helpers.labelling.headings import AGREEMENT, ANSWERS, ARMS, GROUPS, RULE, SENSITIVITY, TRACE
from helpers.labelling.headings_noise import BIAS, NOISE, NOISY_ARMS
from helpers.labelling.misreading import derive_accuracies
from helpers.labelling.noise_facts import (
    UNSURE_FROM,
    derive_flip_probabilities,
    derive_noise_curve,
    summarise_noise,
    summarise_noisy_arms,
)
from helpers.labelling.noise_ledger import describe_check, label_stated_noise, summarise_noise_facts
from helpers.labelling.summaries import (
    BORDERLINE_WITHIN,
    count_answers,
    count_arms,
    count_final_responses,
    count_inductions,
    derive_arm_overlap,
    derive_onset_curve,
    flag_borderline,
)
from helpers.labelling.words import describe_rule
from helpers.second_engine.labels import check_labels
from helpers.study import open_study

study = open_study("02_dtt_labelling", globals())

# %%
study.header()

# %% [markdown]
# ## What is the rule, in words?
#
# The sentences are made from the rule object that the code applies. Another parameter, or a rule of your own in a
# YAML file, changes both together.

# %%
rule = study.parameters.dtt_rule()
study.table(describe_rule(rule, rulebook=study.rules), id="dtt.rule", columns=RULE, caption="The rule in force")

# %% [markdown]
# ## How many are difficult to treat, and by which arm?
#
# The label is yes when any arm is, no when every arm says no. "Cannot tell" is an answer. A window without a visit that
# can be judged leaves its arm open, unless the rule settles it; how often a later response did so is counted below.

# %%
facts = summarise_labels(study.labels, rule=rule)
study.record("dtt.n", **facts["dtt.n"])
study.record("dtt.share", **facts["dtt.share"])
study.record("dtt.share_if_open_is_yes", **facts["dtt.share_if_open_is_yes"])
study.record("dtt.cannot_tell.n", **facts["dtt.cannot_tell.n"])

# %%
study.record("dtt.arm.worsening_3m.n", **facts["dtt.arm.worsening_3m.n"])
study.record("dtt.arm.failure_6m.n", **facts["dtt.arm.failure_6m.n"])
study.record("dtt.arm.no_response.n", **facts["dtt.arm.no_response.n"])
study.record("dtt.arm.early_flare.n", **facts["dtt.arm.early_flare.n"])

# %%
study.table(count_answers(study.labels), id="dtt.answers", columns=ANSWERS, caption="The label's three answers")

# %%
study.table(count_arms(study.labels, rule=rule), id="dtt.arms", columns=ARMS, caption="What each arm says",
            note="A patient may be in several arms. Came first: the arm that dates the label.")

# %% tags=["say"]
study.say(
    "{dtt.n} of {dtt.n:n} patients are difficult to treat: {dtt.share:ci}. In {dtt.cannot_tell.n} the label cannot be "
    "told; if all of them were difficult to treat, the share would be {dtt.share_if_open_is_yes:percent}. By arm: "
    + describe_arm_counts(rule) + ".")

# %%
gaps = summarise_gaps(study.labels, study.trace)
study.record("dtt.settled.gaps.n", **gaps["dtt.settled.gaps.n"])
study.record("dtt.settled.no.n", **gaps["dtt.settled.no.n"])

# %% tags=["say"]
study.say(
    "Windows without a usable visit that a later response settled as no: {dtt.settled.gaps.n}, in "
    "{dtt.settled.gaps.n:n} patients. Without that reading, {dtt.settled.no.n} of the {dtt.settled.no.n:n} labelled no "
    "could not be told.")

# %% [markdown]
# ## When did they become difficult to treat?
#
# The date matters as much as the label. Before it the patient could not be known as difficult to treat, and no later
# chapter may count that time as if it were. A flare dates the label on the day of the second induction: until then
# nobody knows that the flare warrants one.

# %%
onset = derive_onset_curve(study.labels, rule=rule)
study.record("dtt.month.median", **facts["dtt.month.median"])

# %%
study.figure(
    draw_onset_curve(onset), id="dtt.onset", data=onset, caption="When the label came true, by deciding arm",
    alt="Rising steps of patients labelled by month, up to {dtt.n}; half of the labels had come true by month "
        "{dtt.month.median}.")

# %% tags=["say"]
study.say("Half of the labels had come true by month {dtt.month.median} (quartiles {dtt.month.median:low} to "
          "{dtt.month.median:high}).")

# %% [markdown]
# ## Do the arms find the same patients?
#
# Two arms that find the same patients are one arm said twice; two that share none are two diseases under one name.

# %%
overlap = derive_arm_overlap(study.labels, rule=rule)
study.record("dtt.single_arm.n", overlap.loc[overlap["arms_n"] == 1, "n"].sum(), unit="patients",
             n=overlap["n"].sum(), label="Labelled by one arm only", origin="dtt_labels.arm_*")

# %%
study.figure(
    draw_arm_overlap(overlap), id="dtt.overlap", data=overlap, caption="Which arms came together",
    alt="Bars for each combination of arms, dots under them for the arms in it; {dtt.single_arm.n} of "
        "{dtt.single_arm.n:n} patients are in one arm only.")

# %% tags=["say"]
study.say("{dtt.single_arm.n} of {dtt.single_arm.n:n} difficult-to-treat patients are so by one arm only.")

# %% [markdown]
# ## Would another response rule label the same patients?
#
# The arms borrow "response" from a rule, and the literature has many. Each is applied to the same patients, all else
# equal. Kappa is agreement beyond chance; patients whom either rule leaves open are left out of that pair.

# %%
given = {"rule": rule, "rulebook": study.rules, "events": study.raw["events"]}
pairs = compare_rules(study.assessments, study.courses, study.cohort, **given)
agreement = summarise_agreement(pairs, rule=rule)

# %%
study.record("dtt.agreement.lowest.kappa", **agreement["lowest"])
study.record("dtt.agreement.highest.kappa", **agreement["highest"])
study.record("dtt.agreement.fewest.n", **agreement["fewest"])
study.record("dtt.agreement.most.n", **agreement["most"])

# %%
study.figure(
    draw_rule_agreement(pairs), id="dtt.agreement", data=pairs, caption="Agreement between response rules (Cohen's kappa)",
    alt="A triangle of kappas between response rules; against the rule in force they run from "
        "{dtt.agreement.lowest.kappa:value} to {dtt.agreement.highest.kappa:value}.")

# %%
study.table(pairs.query("rule_a != rule_b"), id="dtt.agreement", index="pair", columns=AGREEMENT,
            caption="Agreement between response rules",
            note="Intervals are large-sample. Both know: neither rule leaves the patient open.")

# %% tags=["say"]
study.say(
    "By the rule that calls the fewest, {dtt.agreement.fewest.n} patients are difficult to treat, by the one that calls the "
    "most, {dtt.agreement.most.n}. Against the rule in force kappa runs from {dtt.agreement.lowest.kappa:ci} to "
    "{dtt.agreement.highest.kappa:ci}.")

# %% [markdown]
# ## How near are the labels to a threshold?
#
# For each patient: by how much would the one value that decided have to change for the label to turn? Proteinuria
# alone moves by a half from visit to visit without any change in the kidney.

# %%
borderline = flag_borderline(study.labels, study.trace, within=BORDERLINE_WITHIN)
turning = derive_turning_curve(borderline)
study.record("dtt.borderline.n", borderline["is_borderline"].sum(), unit="patients", n=len(borderline),
             label="Labels that a small change of one value turns", origin="dtt_trace.margin")
study.record("dtt.borderline.within", BORDERLINE_WITHIN, unit="share", label="What counts as a small change",
             origin="helpers.labelling.summaries.BORDERLINE_WITHIN")

# %%
study.figure(
    draw_turning_curve(turning, within=BORDERLINE_WITHIN), id="dtt.borderline", data=turning,
    caption="Labels that a change of one measured value would turn",
    alt="Two rising curves, for labels yes and no, of the share that turns with a change of a given size; "
        "{dtt.borderline.n} labels turn with a change of {dtt.borderline.within:percent} or less.")

# %% tags=["say"]
study.say("{dtt.borderline.n} of {dtt.borderline.n:n} labels would turn if one value had been "
          "{dtt.borderline.within:percent} higher or lower, or less than that.")

# %% [markdown]
# ## What does a label look like in a patient?
#
# For each arm the patient labelled nearest to that arm's median month; then the "no" that is nearest to a yes, and a
# patient who cannot be told, if there is one. The data choose them, not the eye.

# %%
examples = choose_examples(borderline, rule=rule)
timelines = derive_timelines(
    examples, assessments=study.assessments, courses=study.courses, labels=study.labels,
    response_rule=study.rules.response_rule(rule.response_rule))

# %%
study.record("dtt.examples.n", len(examples), unit="patients", label="Example patients", origin="dtt_labels")
study.figure(
    draw_timelines(timelines), id="dtt.examples", data=timelines, caption="Example patients: proteinuria, treatment, label",
    alt="{dtt.examples.n} small panels of proteinuria over time, visits coloured by response, lines where an induction "
        "begins and where the label comes true.")

# %%
study.table(keep_example_traces(study.trace, examples), id="dtt.trace", index="row", columns=TRACE,
            caption="What decided: the trace of the example patients")

# %% [markdown]
# ## How many inductions did they need, and where did they end?
#
# A label is a reading of the first course; what followed is the burden. The final response is that of the last visit
# that can be judged, in whatever course; after kidney failure it is none.

# %%
study.table(count_inductions(study.labels), id="dtt.inductions", columns=GROUPS,
            caption="Inductions of the difficult to treat")
study.record("dtt.inductions.one.n", **facts["dtt.inductions.one.n"])
study.record("dtt.inductions.2.n", **facts["dtt.inductions.2.n"])
study.record("dtt.inductions.3.n", **facts["dtt.inductions.3.n"])
study.record("dtt.inductions.more.n", **facts["dtt.inductions.more.n"])

# %%
study.table(count_final_responses(study.labels), id="dtt.final", columns=GROUPS,
            caption="Response of the difficult to treat at last follow-up")
study.record("dtt.final.cr.n", **facts["dtt.final.cr.n"])
study.record("dtt.final.pr.n", **facts["dtt.final.pr.n"])
study.record("dtt.final.nr.n", **facts["dtt.final.nr.n"])

# %% tags=["say"]
study.say(
    "Of {dtt.n} difficult-to-treat patients, {dtt.inductions.one.n} had one induction, {dtt.inductions.2.n} two, "
    "{dtt.inductions.3.n} three and {dtt.inductions.more.n} more. At last follow-up {dtt.final.cr.n} were in complete response, {dtt.final.pr.n} in partial "
    "response and {dtt.final.nr.n} in none.")

# %% [markdown]
# ## How far do windows and confirmation move the number?
#
# Where a window begins, when the deadline falls, and whether one visit is enough are choices. Each variation is
# applied to the same patients. Asking for a second visit turns labels into "cannot tell" where treatment was changed
# at once and no second visit of the first course exists.

# %%
variations = summarise_sensitivity(study.assessments, study.courses, study.cohort, **given)
study.record("dtt.sensitivity.lowest.share", variations["share"].min(), unit="share",
             label="Smallest share over all variations", origin="helpers.labelling.comparison.summarise_sensitivity")
study.record("dtt.sensitivity.highest.share", variations["share"].max(), unit="share",
             label="Largest share over all variations", origin="helpers.labelling.comparison.summarise_sensitivity")

# %%
study.record("dtt.sensitivity.lowest_if_open_is_yes.share", variations["share_high"].min(), unit="share",
             label="Smallest share, if all who cannot be told were difficult to treat", origin="dtt.sensitivity")
study.record("dtt.sensitivity.highest_if_open_is_yes.share", variations["share_high"].max(), unit="share",
             label="Largest share, if all who cannot be told were difficult to treat", origin="dtt.sensitivity")
study.record("dtt.sensitivity.open.n", variations["cannot_tell_n"].max(), unit="patients", n=len(study.labels),
             label="Most patients who cannot be told in a variation", origin="dtt.sensitivity")

# %%
study.figure(
    draw_sensitivity(variations), id="dtt.sensitivity", data=variations,
    caption="Share difficult to treat under other windows, deadlines and confirmation",
    alt="A dot per variation of the rule, from {dtt.sensitivity.lowest.share:percent} to "
        "{dtt.sensitivity.highest.share:percent} difficult to treat.")

# %%
study.table(variations, id="dtt.sensitivity", index="setting", columns=SENSITIVITY,
            caption="The label under other windows, deadlines and confirmation")

# %% tags=["say"]
study.say(
    "Over all variations the share labelled difficult to treat runs from {dtt.sensitivity.lowest.share:percent} to "
    "{dtt.sensitivity.highest.share:percent} if none of those who cannot be told is (up to {dtt.sensitivity.open.n} of "
    "{dtt.sensitivity.open.n:n}), and from {dtt.sensitivity.lowest_if_open_is_yes.share:percent} to "
    "{dtt.sensitivity.highest_if_open_is_yes.share:percent} if all are; by the rule in force it is {dtt.share:percent}.")

# %% [markdown]
# ## Would the label survive a second measurement?
#
# Proteinuria moves from visit to visit without any change in the kidney, and what was measured holds that noise already:
# adding it once more would count it twice. So a model first tells apart what carries over to a patient's next visit and
# what does not. The second part is the noise; these data say how large it is, and how sure they are of it. The noise-free
# course is drawn, and the same visits are measured again. The noise that a parameter states is another quantity, the
# scatter about a line of each patient's own: it holds drift and flares too, and serves as a bound.

# %%
noise = study.label_noise
unsure = derive_flip_probabilities(noise, borderline)
study.record_facts(summarise_noise_facts(noise, unsure))

# %%
study.table(
    summarise_noise(noise), id="dtt.noise", index="term", columns=NOISE, caption="The label under noise of proteinuria",
    note="Difficult to treat: of all patients, those who cannot be told counted as no. Answer changed: of all patients, "
         "cannot tell being one of three answers. Label turned: of the patients told both times, mean over the copies; "
         "from and to hold ninety-five in a hundred copies.")

# %%
study.table(summarise_noisy_arms(noise), id="dtt.noise.arms", columns=NOISY_ARMS, caption="Which arm turns when measured "
            "again", note="Patients, means over the copies, with the noise of these data.")

# %%
study.figure(
    draw_label_noise(unsure, curve=derive_noise_curve(noise), unsure_from=UNSURE_FROM), id="dtt.noise.figure",
    data=unsure.drop(columns="patient_id"), caption="Whose label a second measurement would turn, and the share as noise "
    "is added or taken away", alt="Left, patients ordered by the share of second measurements that turn their label: "
    "{dtt.noise.unsure.n} reach one in four. Right, the share difficult to treat by noise added, with the curve run back "
    "to no noise: {dtt.noise.simex.share:percent}.")

# %% tags=["say"]
study.say(
    "What does not carry over to the next visit has a standard deviation of {dtt.noise.sd:ci} on the log scale, and of "
    "{dtt.noise.baseline.sd:ci} at baseline. With that noise, measuring the same visits again would turn "
    "{dtt.noise.flip.share:percent} of the labels: {dtt.noise.yes.flip.share:percent} of those that say yes and "
    "{dtt.noise.no.flip.share:percent} of those that say no. {dtt.noise.unsure.n} of {dtt.noise.unsure.n:n} labels would be "
    "turned by one second measurement in four or more; {dtt.noise.unsure.borderline.n} of them lie so near a threshold that "
    "a small change of one value does it.")

# %% tags=["say"]
study.say(
    "The {dtt.noise.stated.sd} stated is the scatter about a line of each patient's own, which is {dtt.noise.line.sd} in these "
    "data. It {bound}: taken for noise, it would turn {dtt.noise.stated.flip.share:percent} of the labels.",
    bound=label_stated_noise(noise))

# %% tags=["say"]
study.say(
    "When a finding must be seen at two visits, {dtt.noise.two.n} of {dtt.noise.two.n:n} are difficult to treat instead of "
    "{dtt.noise.one.n}. Yes by one visit is yes by two in {dtt.noise.two.kept.n}, “cannot tell” in {dtt.noise.two.opened.n} "
    "and no in {dtt.noise.two.lost.n}; kappa of the three answers is {dtt.noise.rules.kappa:ci}. Measured again, the answer of "
    "{dtt.noise.one.changed.share:percent} of the patients would change with one visit and of "
    "{dtt.noise.two.changed.share:percent} with two, “cannot tell” being an answer.")

# %% [markdown]
# ## What would the odds ratios be if the label were read without noise?
#
# Noise that does not know the exposure pulls odds ratios towards one. Probabilistic bias analysis turns that round: how
# often the label misreads the noise-free one is drawn again and again, with the size of the noise as unsure as the data
# leave it; each patient is relabelled at random by what follows, and the model is fitted again with its random error.
# Draws that would need a negative number of patients are refused; where most are, nothing is printed.

# %%
accuracies = derive_accuracies(noise)
corrected = estimate_corrected_odds_ratios(study.cohort, study.labels, accuracies=accuracies, seed=study.parameters.seed)
study.record_facts(summarise_bias_facts(
    study.labels, corrected, accuracies=accuracies, seed=study.parameters.seed))

# %%
study.table(corrected, id="dtt.bias", index="term", columns=BIAS, caption="Odds ratios as labelled, and corrected for a "
            "label misread by noise", note="Corrected: median and the middle ninety-five in a hundred of the draws, random "
            "error included. Patients told; complete cases.")

# %% tags=["say"]
study.say(
    "Against the noise-free label the label as read has a sensitivity of {dtt.bias.own.sensitivity:ci} and a specificity of "
    "{dtt.bias.own.specificity:ci}. Corrected for that, the odds ratio of any antiphospholipid antibody is "
    "{dtt.bias.univariable.any_apl.own.or:ci} (as labelled {dtt.bias.univariable.any_apl.labelled.or:ci}) and that of active "
    "sediment {dtt.bias.univariable.active_sediment.own.or:ci} (as labelled "
    "{dtt.bias.univariable.active_sediment.labelled.or:ci}). " + describe_refused(corrected))

# %% tags=["say"]
study.say(
    "Without noise the share difficult to treat would be {dtt.noise.true.share:percent} by the model and "
    "{dtt.noise.simex.share:percent} by extrapolation; corrected for misreading it is {dtt.bias.own.share:ci}. The three need "
    "not agree: the model counts its own noise-free courses, the correction starts from the labels as they are, and "
    "extrapolation knows no course at all. " + describe_check(noise))

# %% [markdown]
# ## Does a second engine find the same numbers?
#
# The trace holds every value that was looked at, beside its threshold. Here the two are held against each other again,
# arms and labels are put together from the answers by other means, and the counts are made anew. What the values leave
# open (a gap, a death, a change for intolerance) stands as the trace has it.

# %%
checks = check_labels(
    study.trace, assessments=study.assessments, courses=study.courses, cohort=study.cohort, events=study.raw["events"],
    rule=rule, response_rule=study.rules.response_rule(rule.response_rule), pairs=pairs)
study.cross_check(checks, prefix="dtt")

# %% [markdown]
# ## What this cannot tell you
#
# - Whether the disease resisted or the drug was not taken: adherence is not in the tables.
# - Whether persistent proteinuria is activity or scar. Only a second biopsy could say, and the rule does not ask for one.
# - Whether a patient whose treatment was changed early would have responded. The label says only what was seen.
# - Which rule is right. Rules are compared with one another here, and not with a truth.
# - How noisy the whole label is. Only proteinuria was measured again; creatinine, and what doctors did on what they saw,
#   stayed as they were. An early flare that noise takes away can so be lost, and next to none can be gained.
# - What part of a laboratory's error the next visit shares. It counts as the patient's course here, so that the noise is
#   read too small; and the course without noise is a model's.
# - The odds ratios that perfect labels would give. Correcting them assumes that misreading is blind to the features.
# - Anything about a single patient's future: the label is a reading of the past.
# - Whether both engines share a wrong definition. They guard against slips, and not against bad ideas.

# %%
study.finish()
