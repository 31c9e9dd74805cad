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
# # What happened to them, and how sure can we be?

# %% [markdown]
# The outcome of interest is the first of three things: kidney function worsens, the kidney fails, or the patient
# dies. This chapter compares the difficult-to-treat with the others, and asks at every step whether the comparison
# is fair: the label becomes known only months after the clock has started, some of what makes the label also makes
# the outcome, and the dead cannot lose their kidneys. It writes the outcome times and the estimates.

# %% tags=["parameters"]
data_dir: str = "data/raw"  # folder of the raw tables
derived_dir: str = "data/derived/interactive"  # folder that the notebooks write to
rules_file: str = ""  # YAML file with rules of your own; empty for the shipped rules only
minimum_followup_months: float = 24.0  # least follow-up after time zero [months]
bootstrap_samples: int = 500  # bootstrap samples, wherever patients are drawn again [samples]
imputations: int = 0  # completed data sets of multiple imputation (0: the percentage of incomplete patients, at least 20) [data sets]
seed: int = 20220101  # seed of every random draw of the analysis
worsening_rule: str = "confirmed_doubling"  # rule for worsening creatinine in the composite outcome
landmark_months: float = 24.0  # month at which the landmark analysis starts [months]

# %% tags=["setup"]
from helpers.figures import GROUP_LABELS
from helpers.figures.competing import draw_competing, draw_overestimate
from helpers.figures.imputation import draw_tipping
from helpers.figures.proportionality import draw_moving_hazards
from helpers.figures.survival import (
    draw_cumulative_incidence,
    draw_first_events,
    draw_survival_curves,
)
from helpers.figures.time_zero import draw_time_zero
from helpers.imputation.patterns import list_related
from helpers.second_engine.survival import check_survival
from helpers.study import open_study
from helpers.survival import (
    derive_outcomes,
    headings_competing,
    headings_imputation,
    headings_proportionality,
    headings_time_zero,
    label_groups,
)
from helpers.survival import headings as headings
from helpers.survival.adjusted import derive_adjusters, estimate_adjusted, label_adjustment
from helpers.survival.by_arm import compare_arms, estimate_by_arm, label_arms, summarise_arms
from helpers.survival.competing import (
    compare_competing,
    derive_naive_incidence,
    derive_overestimate,
    label_incidence,
    label_roads,
    summarise_competing,
)
from helpers.survival.criteria import estimate_criteria, keep_new_criteria
from helpers.survival.curves import (
    FEWEST_AT_RISK,
    count_at_risk,
    derive_axis_end,
    estimate_incidence,
    estimate_survival,
)
from helpers.survival.entry import estimate_entry_rates, keep_entered
from helpers.survival.facts_time_zero import (
    label_dilution,
    label_sides,
    summarise_entry,
    summarise_selection,
    summarise_time_zero,
)
from helpers.survival.hazard_checks import compare_model_hazards, summarise_model_hazards
from helpers.survival.hazards import derive_schoenfeld
from helpers.survival.imputed import (
    compare_incomplete,
    derive_imputation_frame,
    estimate_adjusted_imputed,
    join_imputed,
)
from helpers.survival.incorporation import count_shared_criteria, label_without_creatinine
from helpers.survival.milestones import estimate_milestones
from helpers.survival.models import compare_survival
from helpers.survival.proportionality import (
    compare_moving_hazards,
    label_movement,
    summarise_milestones,
    summarise_moving,
    summarise_restricted_mean,
)
from helpers.survival.restricted_mean import estimate_restricted_mean
from helpers.survival.risk_sets import keep_landmark
from helpers.survival.second_induction import derive_second_inductions
from helpers.survival.second_induction_checks import compare_second_inductions
from helpers.survival.selection import compare_entry_rules, estimate_entry_bounds, name_entry_rule
from helpers.survival.sentences import (
    phrase_bounds,
    phrase_entry,
    phrase_loss,
    phrase_milestones,
    phrase_moving,
    phrase_overestimate,
    phrase_selection,
)
from helpers.survival.shares import (
    derive_share_table,
    estimate_shares,
    label_difference,
    label_followup,
    label_shift,
    summarise_rates,
    summarise_shares,
)
from helpers.survival.summaries import (
    compare_followup,
    count_first_events,
    estimate_followup,
    estimate_median,
    estimate_rates,
)
from helpers.survival.time_varying import derive_effects
from helpers.survival.time_zero import (
    LANDMARKS,
    compare_time_zero_hazards,
    derive_risk_periods,
    estimate_time_zero,
    summarise_immortal_time,
)
from helpers.survival.time_zero_curves import derive_time_zero_curves
from helpers.survival.tipping import derive_loss, estimate_loss_tipping
from helpers.survival.tipping_words import SCENARIO_LABELS, describe_loss_tipping, list_loss_facts, spread_scenarios
from helpers.wording import join_words

study = open_study("04_survival", globals())

# %%
study.header()

# %% [markdown]
# ## What counts as an outcome, and how often did it happen?
#
# Time runs from time zero to the first of the three parts, or to the end of follow-up. Worsening is held against
# creatinine at time zero and has to be confirmed where the rule asks for it; from the day of kidney failure on it is
# not looked for any more. Of two parts on one day the gravest gives the name.

# %%
rule = study.rules.worsening_rule(study.parameters.worsening_rule)
common = {"cohort": study.cohort, "events": study.raw["events"], "worsening": rule}
outcomes = label_groups(derive_outcomes(study.assessments, **common), labels=study.labels)

# %%
study.table(
    count_first_events(outcomes), id="survival.parts", index="part", columns=headings.PARTS,
    caption="The composite outcome by the part that came first",
    note="Ever: the part came at any time, first or not. Patients whose label cannot be told are left out.")

# %%
rates = estimate_rates(outcomes)
facts = summarise_rates(rates, origin="outcomes: helpers.survival.summaries.estimate_rates")
study.record("survival.composite.n", **facts["composite", "all", "n"])
study.record("survival.composite.events", **facts["composite", "all", "events"])
study.record("survival.composite.person_years", **facts["composite", "all", "person_years"])

# %%
study.record("survival.composite.dtt.n", **facts["composite", "dtt", "n"])
study.record("survival.composite.other.n", **facts["composite", "other", "n"])
study.record("survival.composite.dtt.events", **facts["composite", "dtt", "events"])
study.record("survival.composite.other.events", **facts["composite", "other", "events"])
study.record("survival.composite.dtt.rate", **facts["composite", "dtt", "rate"])
study.record("survival.composite.other.rate", **facts["composite", "other", "rate"])

# %%
study.record("survival.cannot_tell.n", outcomes["group"].eq("cannot tell").sum(), unit="patients",
             label="Left out: label cannot be told", origin="dtt_labels.dtt")
study.record("survival.not_at_risk.n", outcomes["composite_status"].isna().sum(), unit="patients",
             label="Left out: not at risk of the composite outcome", origin="outcomes.not_at_risk")

# %% tags=["say"]
study.say(
    "By the rule “{rule}”, {survival.composite.events} of {survival.composite.n} patients reached the composite outcome "
    "in {survival.composite.person_years:value} patient-years, {table.survival.parts.worsening_creatinine.all_n} first "
    "by worsening creatinine, {table.survival.parts.esrd.all_n} by kidney failure, {table.survival.parts.death.all_n} by "
    "death. Left out: {survival.cannot_tell.n} whose label cannot be told, {survival.not_at_risk.n} not at risk.",
    rule=rule.label)

# %% [markdown]
# ## How long were they followed?
#
# Follow-up is estimated with the roles turned (reverse Kaplan-Meier): the end of observation is the event, and death
# is what hides it. A plain median would be shortened by every death.

# %%
followup = estimate_followup(outcomes)
study.table(followup, id="survival.followup", index="term", caption="Median follow-up by reverse Kaplan-Meier (months)",
            columns=headings.MEDIANS)

# %%
study.record("survival.followup.median", followup["estimate"].iloc[0], low=followup["low"].iloc[0],
             high=followup["high"].iloc[0], n=followup["n"].iloc[0], unit="months",
             label="Median follow-up, all eligible patients", origin="outcomes.death_months: reverse Kaplan-Meier")

# %% tags=["say"]
study.say("Had nobody died, half of the {survival.followup.median:n} patients would have been followed for "
          "{survival.followup.median:ci} months or longer.")

# %%
followup_test = compare_followup(outcomes)
study.record("survival.followup.p", followup_test["p"].iloc[0], unit="p value", n=followup_test["n"].iloc[0],
             label="Log-rank test of equal follow-up", origin="helpers.survival.summaries.compare_followup")

# %% tags=["say"]
study.say(
    "The difficult-to-treat were followed {word} the others: in the median {table.survival.followup.dtt.estimate} months "
    "against {table.survival.followup.other.estimate} (log-rank {survival.followup.p:p}). Curves and rates allow for that; "
    "the plain counts of events and the columns “ever” do not.", word=label_followup(followup, test=followup_test))

# %% [markdown]
# ## How did the two groups fare, by the label they ended up with?
#
# This is the picture as it is usually drawn: everybody is in the final group from time zero on. It is shown first
# because it is the published one; the next question asks what is wrong with it. The axis stops where few are left, and from there
# on no share is given either: one threshold for both.

# %%
end = derive_axis_end(outcomes, outcome="composite")
curves = estimate_survival(outcomes, outcome="composite")
at_risk = count_at_risk(outcomes, outcome="composite", end=end)

# %%
free = estimate_shares(outcomes, outcome="composite")
shares = summarise_shares(free, label="Event-free", origin="outcomes: Kaplan-Meier")
study.table(
    derive_share_table({"Event-free": free}), id="survival.composite.shares", index="term", columns=headings.SHARES,
    caption="Free of the composite outcome at stated months, and how many were still under observation")

# %%
study.record("survival.composite.dtt.60m", **shares["dtt", 60])
study.record("survival.composite.dtt.120m", **shares["dtt", 120])
study.record("survival.composite.other.60m", **shares["other", 60])
study.record("survival.composite.other.120m", **shares["other", 120])

# %%
study.figure(
    draw_survival_curves(curves, at_risk=at_risk, end=end, ylabel="Free of the composite outcome"),
    id="survival.composite.km", data=curves, caption="Free of the composite outcome, by final label (Kaplan-Meier)",
    note="Bands: pointwise log-log intervals. At risk: just before the month.",
    alt="Falling step curves. Free of the composite outcome after five years: difficult-to-treat "
        "{survival.composite.dtt.60m:percent}, others {survival.composite.other.60m:percent}.")

# %%
logrank = compare_survival(outcomes, outcome="composite")
study.record("survival.composite.logrank.p", logrank["p"].iloc[0], unit="p value", n=logrank["n"].iloc[0],
             label="Log-rank test, composite outcome by final label", origin="helpers.survival.models.compare_survival")

# %% tags=["say"]
study.say(
    "Free of the outcome after five years: difficult-to-treat {survival.composite.dtt.60m:ci}, others "
    "{survival.composite.other.60m:ci}; after ten years, when {table.survival.composite.shares.event_free_dtt_120.at_risk} and "
    "{table.survival.composite.shares.event_free_other_120.at_risk} of them were still under observation (with fewer than {fewest} no "
    "share is given): {survival.composite.dtt.120m:ci} and {survival.composite.other.120m:ci}. By this count the groups {word} "
    "(log-rank {survival.composite.logrank.p:p}).", word=label_difference(logrank), fewest=FEWEST_AT_RISK)

# %%
study.table(estimate_median(outcomes, outcome="composite"), id="survival.composite.median", index="term",
            caption="Month by which half had the composite outcome; a dash where less than half did",
            columns=headings.MEDIANS)

# %% [markdown]
# ## Is this picture fair? When may the clock start?
#
# Nobody is difficult to treat at time zero. Until the label came true, the later difficult-to-treat had lived through
# months in which they could not yet be known as such: immortal time, for death could not have come and the label
# still be given. The picture above credits all of it to them. There are three fair starts. *Landmark*: the clock
# starts at a month, with those still event-free and under observation, in the group known by then. *Time-dependent*:
# everybody starts among the others and changes over on the day of the label. *Second induction*: each patient who
# starts one is held against all who at that month were event-free and had needed none, both clocks set to zero. An
# outcome on the very day of the label or the induction belongs to the time before it. One row is the result, named
# before looking: the time-dependent one. The others look at the same patients and outcomes once more.

# %%
landmark = study.parameters.landmark_months
at_landmark = keep_landmark(outcomes, landmark_months=landmark)
starts = {"landmark_months": landmark, "second_inductions": derive_second_inductions(study.courses)}
estimates = estimate_time_zero(outcomes, landmarks=LANDMARKS, **starts)
immortal = summarise_immortal_time(outcomes)

# %%
study.record_facts(summarise_time_zero(estimates, immortal=immortal, landmark_months=landmark))
study.record_estimates(estimates, prefix="survival.composite", measure="hr", unit="hazard ratio", null=1.0,
                       origin="helpers.survival.time_zero.estimate_time_zero")

# %%
study.table(
    estimates, id="survival.time_zero", index="term", columns=headings_time_zero.TIME_ZERO,
    caption="Hazard ratio of the composite outcome by the way of dealing with time zero",
    note="Exposed: difficult to treat; in the last row after a second induction, labelled or not. Moved: what the naive row counts "
         "for the difficult-to-treat and this row does not. Left out: who cannot be told, and who is gone by the landmark. No "
         "correction for looking often: read the primary row. Cox, Efron ties; the last by start, robust variance.")

# %%
curves = derive_time_zero_curves(outcomes, **starts)
study.figure(
    draw_time_zero(estimates, **curves), id="survival.time_zero.forest", data=estimates,
    caption="Every start of the clock: hazard ratios, and the curves that may be looked at",
    note="Grey: the naive row. Those compared with a second induction come back from start to start: a curve without a band.",
    alt="A forest of hazard ratios, naive {survival.composite.naive.hr:ci}, landmark {survival.composite.landmark.hr:ci}, "
        "time-dependent {survival.composite.timedependent.hr:ci}; under it curves from the landmark and from the second induction.")

# %% tags=["say"]
study.say(
    "Half of the labels had come true by month {survival.immortal_time.label_month:value}. Up to their label the "
    "difficult-to-treat spent {survival.immortal_time.person_months:value} person-months, {survival.immortal_time.share:percent} "
    "of their time at risk, and {survival.immortal_time.events} of their {survival.composite.dtt.events} outcomes came. The naive "
    "row counts all that for them: its hazard ratio {survival.composite.naive.hr:ci} is "
    "{survival.time_zero.naive_over_timedependent:value} times the time-dependent one, {dilution}.",
    dilution=label_dilution(estimates))

# %% tags=["say"]
study.say(
    "To foretell from month {survival.landmark.months}, read the landmark: the hazard of those labelled by then is "
    "{survival.composite.landmark.hr:verdict} that of the others, {survival.composite.landmark.hr:ci}. To follow the label as it "
    "comes, the time-dependent row: {survival.composite.timedependent.hr:verdict} theirs, {survival.composite.timedependent.hr:ci}. "
    "That row is the result; the landmarks are sensitivity analyses of the same outcomes and add no evidence of their own. "
    "The interval of the sensitivity rows {sides}.", sides=label_sides(estimates))

# %% [markdown]
# ## Does a second induction tell what the label does not?
#
# It is another exposure, and not all who start one are difficult to treat by then. Those compared leave at their own
# second induction, and the sicker leave first: that raises the ratio. Left in, their treated months count as untreated: that
# lowers it. Both are shown.

# %%
second = compare_second_inductions(outcomes, starts=starts["second_inductions"])
study.record_estimates(second, prefix="survival.second_induction", measure="hr", unit="hazard ratio", null=1.0,
                       origin="helpers.survival.second_induction_checks.compare_second_inductions")

# %%
study.table(
    second, id="survival.second_induction", index="term", columns=headings_time_zero.SECOND_INDUCTION,
    caption="Hazard ratio of the composite outcome after a second induction, by whose it is and who leaves the comparison",
    note="Each start against all who at that month were free of the outcome and had needed none. Robust to patients who come back.")

# %% tags=["say"]
study.say(
    "From the day of a second induction on the hazard is {survival.second_induction.all.hr:verdict} that of those who needed none so "
    "far, {survival.second_induction.all.hr:ci}; with these left in past their own, {survival.second_induction.stay.hr:verdict} "
    "theirs, {survival.second_induction.stay.hr:ci}. Of {table.survival.second_induction.all.starts_n} starts "
    "{table.survival.second_induction.unlabelled.starts_n} were of patients not difficult to treat by then: "
    "{survival.second_induction.unlabelled.hr:verdict} those compared, {survival.second_induction.unlabelled.hr:ci}; for the "
    "others {survival.second_induction.labelled.hr:ci}.")

# %% [markdown]
# ## Do all ways of being difficult to treat foretell the same?
#
# The label is made by several arms, and one ratio for all of them is an average over unlike patients. Here each arm stands
# alone, counted from the day of its label against time without any. A handful of outcomes stands behind each
# row: what there is to read are the widths of the intervals.

# %%
by_arm = estimate_by_arm(outcomes, labels=study.labels)
arms = compare_arms(by_arm, outcomes=outcomes, labels=study.labels)
study.record_estimates(by_arm, prefix="survival.by_arm", measure="hr", unit="hazard ratio", null=1.0,
                       origin="helpers.survival.by_arm.estimate_by_arm")
study.record_facts(summarise_arms(arms))

# %%
study.table(
    by_arm, id="survival.by_arm", index="term", columns=headings_time_zero.BY_ARM,
    caption="Hazard ratio of the composite outcome by the arm that made the label first (imprecise)",
    note="Against time without a label; time after another arm's label is left out. Few outcomes: not for use in single patients.")

# %% tags=["say"]
study.say(
    "A test of one hazard ratio for all arms {word}: {survival.by_arm.one_ratio.p:p}. What the label foretells is what this "
    "cohort's mixture of arms foretells; another mixture would give another ratio.", word=label_arms(arms))

# %% [markdown]
# ## Is the label part of the outcome?
#
# Rising creatinine can make the label, and the same rise can then be counted as outcome: foretold by definition.
# Counted first is how often that happened. Then three ways out: hold creatinine at the landmark against its value there,
# so that only a further rise counts; leave creatinine out of the outcome; leave it out of the label, where every answer
# that creatinine, eGFR or kidney failure settled is taken back and the label read from the other arms.

# %%
study.table(
    count_shared_criteria(outcomes, labels=study.labels, trace=study.trace), id="survival.shared_criteria", index="arm",
    columns=headings_time_zero.SHARED_CRITERIA, caption="Outcomes of the difficult-to-treat that came by the day of their label",
    note="Settled by creatinine: without creatinine, eGFR or kidney failure the arm would have said no.")

# %%
rebaselined = derive_outcomes(study.assessments, **common, from_months=landmark)
plain = label_without_creatinine(study.labels, trace=study.trace)
relabelled = label_groups(outcomes.drop(columns=["group", "label_month"]), labels=plain)
criteria = estimate_criteria(outcomes, landmark_months=landmark, rebaselined=rebaselined, relabelled=relabelled)

# %%
study.record_estimates(keep_new_criteria(criteria), prefix="survival", measure="hr", unit="hazard ratio", null=1.0,
                       origin="helpers.survival.criteria.estimate_criteria")

# %%
study.table(
    criteria, id="survival.criteria", index="term", columns=headings_time_zero.CRITERIA,
    caption="Hazard ratios with less and less creatinine in the outcome, and none in the label",
    note="Single parts are cause-specific. Outcomes of kidney failure or death start their landmark free of these two only. "
         "Sensitivity analyses that overlap: not corrected for their number, and not counted as so many findings.")

# %% tags=["say"]
study.say(
    "Labels settled by creatinine or kidney failure: {table.survival.shared_criteria.all.needs_creatinine_n} of "
    "{table.survival.shared_criteria.all.dtt_n}. Outcomes on or before the day of the label: "
    "{table.survival.shared_criteria.all.by_label_n} of {table.survival.shared_criteria.all.outcomes_n}; by the very event that "
    "made it: {table.survival.shared_criteria.all.same_event_n}.")

# %% tags=["say"]
study.say(
    "With creatinine held against its value at the landmark the hazard ratio is {survival.composite.rebaselined.hr:ci}, {rebased} the "
    "landmark ratio. Without creatinine in the outcome, for kidney failure or death, the hazard is "
    "{survival.failure_or_death.timedependent.hr:verdict} that of the others, {survival.failure_or_death.timedependent.hr:ci}; for death "
    "alone {survival.death.timedependent.hr:verdict} theirs, {survival.death.timedependent.hr:ci}. Without creatinine in the label it is "
    "{survival.without_creatinine.timedependent.hr:verdict} theirs, {survival.without_creatinine.timedependent.hr:ci}, {plain} the ratio "
    "with it.", rebased=label_shift(criteria, of="composite.rebaselined", against="composite.landmark"),
    plain=label_shift(criteria, of="without_creatinine.timedependent", against="composite.timedependent"))

# %% [markdown]
# ## What is the composite made of?
#
# A composite treats a doubled creatinine and a death as one. The first events are stacked here: each band is the
# share whose first event it was, by the Aalen-Johansen estimate, in which the other parts compete.

# %%
first_events = estimate_incidence(outcomes, outcome="composite", states=["worsening_creatinine", "esrd", "death"])
study.figure(
    draw_first_events(first_events, at_risk=at_risk, end=end), id="survival.composite.parts", data=first_events,
    caption="First events of the composite outcome, by final label",
    alt="Stacked shares of first events; {table.survival.parts.worsening_creatinine.all_n} of "
        "{survival.composite.events} are worsening creatinine.")

# %%
study.table(
    rates.replace({"group": dict(GROUP_LABELS)}), id="survival.rates", index="term", columns=headings.RATES,
    caption="Events per hundred patient-years, exact intervals")

# %% tags=["say"]
study.say("Worsening creatinine came first in {table.survival.parts.worsening_creatinine.dtt_n} of "
          "{survival.composite.dtt.events} outcomes among the difficult-to-treat and in "
          "{table.survival.parts.worsening_creatinine.other_n} of {survival.composite.other.events} among the others.")

# %% [markdown]
# ## How many lost their kidneys?
#
# Kidney failure competes with death: one minus Kaplan-Meier would let the dead go on to lose their kidneys. The
# cumulative incidence (Aalen-Johansen) does not. The overestimate is shown here, once, beside it and as what it is.

# %%
failure_end = derive_axis_end(outcomes, outcome="esrd")
failure = estimate_incidence(outcomes, outcome="esrd", states=["esrd", "death"])
failure_risk = count_at_risk(outcomes, outcome="esrd", end=failure_end)
lost_shares = estimate_shares(outcomes, outcome="esrd", event="esrd")
lost = summarise_shares(lost_shares, label="Cumulative incidence of kidney failure", origin="outcomes: Aalen-Johansen")

# %%
lost_table = derive_overestimate(lost_shares, label="Kidney failure", outcomes=outcomes, outcome="esrd", event="esrd")
study.table(
    lost_table, id="survival.esrd.shares", index="term", columns=headings_competing.NAIVE_SHARES,
    caption="Kidney failure by stated months, and how many were still under observation",
    note="Too high: one minus Kaplan-Meier takes the dead for patients who left, and so lets them lose their kidneys later.")

# %%
study.record("survival.esrd.dtt.cif.60m", **lost["dtt", 60])
study.record("survival.esrd.dtt.cif.120m", **lost["dtt", 120])
study.record("survival.esrd.other.cif.60m", **lost["other", 60])
study.record("survival.esrd.other.cif.120m", **lost["other", 120])
study.record("survival.esrd.dtt.events", **facts["esrd", "dtt", "events"])
study.record("survival.esrd.other.events", **facts["esrd", "other", "events"])

# %%
naive_failure = derive_naive_incidence(outcomes, outcome="esrd", event="esrd")
study.figure(
    draw_overestimate(failure, naive=naive_failure, at_risk=failure_risk, end=failure_end, ylabel="Cumulative incidence"),
    id="survival.esrd.cif", data=failure, caption="Kidney failure, and death before it, by final label",
    note="By final label from time zero, as it is usually drawn. Thin dashes: one minus Kaplan-Meier, an overestimate.",
    alt="Step curves. Cumulative incidence of kidney failure by five years: difficult-to-treat "
        "{survival.esrd.dtt.cif.60m:percent}, others {survival.esrd.other.cif.60m:percent}; one minus Kaplan-Meier lies on or above them.")

# %% tags=["say"]
study.say(
    "Kidney failure was reached by {survival.esrd.dtt.events} of the difficult-to-treat and {survival.esrd.other.events} "
    "of the others. By five years: {survival.esrd.dtt.cif.60m:ci} and {survival.esrd.other.cif.60m:ci}; by ten years, when "
    "{table.survival.esrd.shares.kidney_failure_dtt_120.at_risk} and "
    "{table.survival.esrd.shares.kidney_failure_other_120.at_risk} were still at risk (with fewer than {fewest} no share is given): "
    "{survival.esrd.dtt.cif.120m:ci} and {survival.esrd.other.cif.120m:ci}. From the day of the label on, "
    "its hazard is {survival.esrd.timedependent.hr:verdict} that of the others: {survival.esrd.timedependent.hr:ci}.",
    fewest=FEWEST_AT_RISK)

# %% tags=["say"]
study.say(phrase_overestimate(lost_table))

# %% [markdown]
# ## Does an event come faster, or to more of them?
#
# Two questions, two numbers. The *cause-specific* hazard ratio compares how fast an event comes among those still at
# risk of it: it speaks of causes. The *subdistribution* hazard ratio of Fine and Gray, and Gray's test, compare how many
# get there, while others are taken out of the race: they speak of numbers, and a group that dies sooner can have fewer
# left to fail. All three start at the landmark, with the same patients in the group known by then: a label that comes
# later has no valid place in a subdistribution hazard, as the dead stay in its risk set and cannot be labelled any more.

# %%
competing = compare_competing(outcomes, landmark_months=landmark)
study.record_facts(summarise_competing(competing))

# %%
study.table(
    competing, id="survival.competing", index="term", columns=headings_competing.COMPETING,
    caption="Competing events from the landmark on: difficult-to-treat against the others, by three methods",
    note="Of the composite, the first event only. Cox: Efron ties; Fine-Gray: censoring weights, the variance of the paper. The "
         "same patients are looked at again and again: p values uncorrected; kidney failure before death is the one to read.")

# %%
study.figure(
    draw_competing(competing), id="survival.competing.forest", data=competing,
    caption="How fast, and how many: two hazard ratios for each event that others compete with",
    note="Under each event: how often it came from the landmark on, difficult-to-treat and others.",
    alt="A forest of ratios in pairs. Kidney failure: cause-specific {survival.competing.kidney_failure.cause_specific.hr:ci}, "
        "subdistribution {survival.competing.kidney_failure.subdistribution.hr:ci}.")

# %% tags=["say"]
study.say(
    "From month {survival.landmark.months} on, kidney failure before death came to "
    "{table.survival.competing.kidney_failure_gray.dtt_events_n} of those known as difficult-to-treat by then and to "
    "{table.survival.competing.kidney_failure_gray.other_events_n} of the others. Among those still at risk its hazard is "
    "{survival.competing.kidney_failure.cause_specific.hr:verdict} that of the others: "
    "{survival.competing.kidney_failure.cause_specific.hr:ci}.")

# %% tags=["say"]
study.say(
    "With the dead left among those at risk, where no kidney can fail any more, the subdistribution hazard of kidney failure is "
    "{survival.competing.kidney_failure.subdistribution.hr:verdict} that of the others: "
    "{survival.competing.kidney_failure.subdistribution.hr:ci}; the incidence curves {curves} (Gray's test, "
    "{survival.competing.kidney_failure.gray.p:p}). The two ratios {roads}.",
    curves=label_incidence(competing, event="kidney_failure"), roads=label_roads(competing, event="kidney_failure"))

# %% tags=["say"]
study.say(
    "The competitor is to be read beside it: the hazard of death without kidney failure is "
    "{survival.competing.death_before.cause_specific.hr:verdict} that of the others: "
    "{survival.competing.death_before.cause_specific.hr:ci}; the shares who die so {curves} (Gray's test, "
    "{survival.competing.death_before.gray.p:p}).",
    curves=label_incidence(competing, event="death_before"))

# %% [markdown]
# ## How many died?
#
# Death competes with nothing, so this is one minus Kaplan-Meier.

# %%
death_end = derive_axis_end(outcomes, outcome="death")
alive = estimate_survival(outcomes, outcome="death")
death_risk = count_at_risk(outcomes, outcome="death", end=death_end)
dead_shares = estimate_shares(outcomes, outcome="death", event="death")
dead = summarise_shares(dead_shares, label="Mortality", origin="outcomes: one minus Kaplan-Meier")

# %%
study.table(
    derive_share_table({"Death": dead_shares}), id="survival.death.shares", index="term", columns=headings.SHARES,
    caption="Death by stated months, and how many were still under observation")

# %%
study.record("survival.death.dtt.cif.60m", **dead["dtt", 60])
study.record("survival.death.dtt.cif.120m", **dead["dtt", 120])
study.record("survival.death.other.cif.60m", **dead["other", 60])
study.record("survival.death.other.cif.120m", **dead["other", 120])
study.record("survival.death.dtt.events", **facts["death", "dtt", "events"])
study.record("survival.death.other.events", **facts["death", "other", "events"])

# %%
study.figure(
    draw_survival_curves(alive, at_risk=death_risk, end=death_end, ylabel="Alive"),
    id="survival.death.km", data=alive, caption="Survival, by final label (Kaplan-Meier)",
    alt="Step curves. Dead by five years: difficult-to-treat {survival.death.dtt.cif.60m:percent}, others "
        "{survival.death.other.cif.60m:percent}.")

# %% tags=["say"]
study.say(
    "{survival.death.dtt.events} of the difficult-to-treat and {survival.death.other.events} of the others died. "
    "By five years: {survival.death.dtt.cif.60m:ci} and {survival.death.other.cif.60m:ci}; by ten years, when "
    "{table.survival.death.shares.death_dtt_120.at_risk} and {table.survival.death.shares.death_other_120.at_risk} were "
    "still under observation: {survival.death.dtt.cif.120m:ci} and {survival.death.other.cif.120m:ci}. From the day of the label on, "
    "mortality is {survival.death.timedependent.hr:verdict} that of the others: {survival.death.timedependent.hr:ci}.")

# %% [markdown]
# ## Who could enter, and what does the rule hide?
#
# Whoever died or was lost before the least follow-up is not in the study, and not by chance. Here everybody is taken
# back in, labelled by the same rules, and the rule applied step by step. A patient whose time was too short for any
# label was never known as difficult to treat, and counts as unlabelled to the end. Beside the exclusion stands delayed
# entry: the same patients, with their time counted from the rule's month on only. The bounds suppose of all who were
# lost before it first the best and then the worst.

# %%
everyone = study.open_tables
open_outcomes = derive_outcomes(everyone["assessments"], **{**common, "cohort": everyone["cohort"]})
everybody = label_groups(open_outcomes, labels=everyone["dtt_labels"])
entry = study.parameters.minimum_followup_months
entry_rules = compare_entry_rules(everybody, in_force=entry)
bounds = estimate_entry_bounds(everybody, in_force=entry)

# %%
study.record_facts(summarise_selection(entry_rules, bounds=bounds, in_force=entry))
study.record_estimates(entry_rules, prefix="survival.entry_rule", measure="hr", unit="hazard ratio", null=1.0,
                       origin="helpers.survival.selection.compare_entry_rules")

# %%
study.table(
    entry_rules, id="survival.entry_rules", index="term", columns=headings_time_zero.ENTRY_RULES,
    caption="What the least follow-up makes of the study", note="Hazard ratios of the difficult-to-treat, label counted "
    "from its day. Hidden: against everybody. Who cannot be told counts as unlabelled here; above they take no "
    "part. The ratio of death is the same by exclusion and by delayed entry. Overlapping rows, not so many findings.")

# %%
study.table(
    bounds, id="survival.entry_bounds", index="term", columns=headings_time_zero.ENTRY_BOUNDS,
    caption="Kidney failure or death by five years, and how far those left out could move it",
    note="Shares by one minus Kaplan-Meier. Lost: follow-up ended before the rule's month, without kidney failure or death.")

# %% tags=["say"]
study.say(phrase_selection(entry_rules, rule=name_entry_rule(entry)),
          shift=label_shift(entry_rules, of=name_entry_rule(entry), against="off"))

# %% tags=["say"]
study.say(phrase_bounds(bounds, rule=name_entry_rule(entry)))

# %% [markdown]
# ## What if counting begins where the study could first see a death?
#
# Where a study asks for a least follow-up, nobody in it can have died before: that time is immortal for everybody, and
# the rates and shares above count it. Here all enter at the least follow-up, free of the outcome, and the time before
# is not counted (delayed entry). Rates rise by that. The share dead by five years hardly can: the curve was flat until
# then, so that it spoke all along of those who lived so long, without saying so.

# %%
entry_rates = estimate_entry_rates(outcomes, entry_months=entry)
entered = keep_entered(outcomes, outcome="esrd", entry_months=entry)
study.record_facts(summarise_entry(outcomes, entry_months=entry, rates=facts))

# %%
study.table(
    entry_rates.replace({"group": dict(GROUP_LABELS)}), id="survival.entry.rates", index="term",
    columns=headings.ENTRY_RATES, caption="Events per hundred patient-years, from time zero and from the least follow-up on",
    note="From the least follow-up on: those then still followed and free of the outcome, and their time after it.")

# %%
entry_end = derive_axis_end(entered, outcome="esrd")
failure_later = estimate_incidence(entered, outcome="esrd", states=["esrd", "death"])
failure_later_risk = count_at_risk(entered, outcome="esrd", start=entry, end=entry_end)

# %%
study.figure(
    draw_cumulative_incidence(failure_later, at_risk=failure_later_risk, start=entry, end=entry_end,
                              ylabel="Cumulative incidence"),
    id="survival.entry.esrd.cif", data=failure_later, caption="Kidney failure and death before it from the least follow-up on",
    alt="Step curves from month {survival.entry.months} on. Kidney failure by five years: difficult-to-treat "
        "{survival.entry.esrd.dtt.cif.60m:percent}, others {survival.entry.esrd.other.cif.60m:percent}.")

# %% tags=["say"]
of_rates, of_shares = phrase_entry(entry)
study.say(of_rates)
study.say(of_shares)

# %% [markdown]
# ## Do hazards stay proportional?
#
# A hazard ratio is one number for all time; where the ratio moved, it is an average over the months observed. The
# exact score test asks whether it moved; a test that finds nothing in few events is no proof that it stood still.
# How it would have moved is estimated whatever the test says, by two models: one ratio up to the median event month and
# another after it, and a ratio that changes with the logarithm of time. They are leant on only where the test speaks.
# The chapter's other models are asked the same, the adjusted, the stratified, those of single events and of their
# subdistribution; the clock of the second induction is not, as its patients come back.

# %%
hazards = compare_time_zero_hazards(outcomes, landmark_months=landmark)
study.table(
    hazards, id="survival.proportional_hazards", index="term", caption="Score test of proportional hazards",
    columns=headings.HAZARD_TESTS)

# %%
moving = compare_moving_hazards(outcomes, landmark_months=landmark)
study.record_facts(summarise_moving(moving))
study.table(
    moving, id="survival.time_varying", index="term", columns=headings_proportionality.TIME_VARYING,
    caption="How the hazard ratio would have moved", note="The cut: month {survival.moving.timedependent.cut} since "
    "time zero, month {survival.moving.landmark.cut} since the landmark, by which half of the events had come.")

# %%
adjusters = derive_adjusters(study.cohort)
checked = compare_model_hazards(outcomes, landmark_months=landmark, adjusters=adjusters)
study.record_facts(summarise_model_hazards(checked))
study.table(
    checked, id="survival.hazard_checks", index="term", columns=headings_proportionality.MODEL_TESTS,
    caption="Does the ratio of the label stand still in the other models?",
    note="p values uncorrected: of a score of tests one falls below the usual limit by chance.")

# %%
exposed = derive_risk_periods(outcomes, approach="timedependent", landmark_months=landmark)
residuals = derive_schoenfeld(exposed)
effects = derive_effects(exposed, end=end)

# %%
study.figure(
    draw_moving_hazards(residuals, effects=effects, end=end), id="survival.schoenfeld", data=residuals,
    caption="How the log hazard ratio of the time-dependent model moved",
    note="Points: scaled Schoenfeld residuals. Band: that of the log-time model. The axis stops where few are at risk.",
    alt="Scaled Schoenfeld residuals over time beside three models of them; score test "
        "{table.survival.proportional_hazards.timedependent.p:p}.")

# %% tags=["say"]
study.say(phrase_moving(moving, tests=hazards), reading=label_movement(moving, tests=hazards, approach="timedependent"))
study.say("Of {survival.hazard_checks.n} tests of the other models {survival.hazard_checks.small.n} are below the usual limit of "
          "significance; smallest: {survival.hazard_checks.smallest.p:p}.")

# %% [markdown]
# ## What can be said without that assumption?
#
# Two measures need no proportional hazards, and both start at the landmark, in the groups known by then. The
# restricted mean is the area under the curve: how many of the first five years after the landmark were lived free of
# the outcome. The milestones are the curves themselves, held against each other at stated months.

# %%
means = estimate_restricted_mean(at_landmark, outcome="composite", until=60.0)
study.table(means, id="survival.restricted_mean", index="term", columns=headings_proportionality.RESTRICTED_MEANS,
            caption="Mean months free of the composite outcome, in the five years after the landmark",
            note="Ratio and difference: difficult-to-treat against the others. Greenwood's variance; the ratio's on its logarithm.")

# %%
study.record_estimates(means.tail(1), prefix="survival.landmark.restricted_mean", measure="months", unit="months",
                       null=0.0, origin="helpers.survival.restricted_mean.estimate_restricted_mean")
study.record_facts(summarise_restricted_mean(means, prefix="survival.landmark.restricted_mean"))

# %%
milestones = estimate_milestones(at_landmark, outcome="composite")
study.record_facts(summarise_milestones(milestones, prefix="survival.landmark.milestone"))
study.table(
    milestones, id="survival.milestones", index="term", columns=headings_proportionality.MILESTONES,
    caption="Difference in the share free of the composite outcome, at stated months after the landmark",
    note="Difficult-to-treat less others. Not given where fewer than {fewest} are at risk in either group. Four looks at the "
    "same two curves: the p values are not corrected.", fewest=FEWEST_AT_RISK)

# %% tags=["say"]
study.say(
    "In the five years after the landmark the difference in event-free time, difficult-to-treat less others, is "
    "{survival.landmark.restricted_mean.difference.months:ci} months; as a ratio, theirs is "
    "{survival.landmark.restricted_mean.ratio.of_means:verdict} that of the others: "
    "{survival.landmark.restricted_mean.ratio.of_means:ci}.")
study.say(phrase_milestones(milestones))

# %% [markdown]
# ## Is it the treatment, or the years?
#
# Regimens were chosen and habits changed, so the groups may differ by more than the label. First regimen and calendar time
# are held equal, then patients are compared within regimens and within periods only, then a baseline chosen beforehand,
# small for the few events, is held equal. Only the ratio of the label is shown: the numbers that such a model gives for
# what it holds equal are no effects, for each would need a set of its own to be held equal (the “Table two” fallacy: Westreich
# and Greenland). Most of all, what is held equal may lie on the way from the disease to the label.

# %%
labelled = derive_risk_periods(outcomes, approach="timedependent", landmark_months=landmark)
adjusted = estimate_adjusted(labelled, adjusters=adjusters)

# %%
study.table(adjusted, id="survival.adjusted", index="term", columns=headings_imputation.ADJUSTED,
            caption="Hazard ratio of difficult-to-treat against the others, with more and more held equal",
            note=headings_imputation.ADJUSTED_NOTE)

# %%
study.record_estimates(adjusted, prefix="survival.composite.adjusted", measure="hr", unit="hazard ratio", null=1.0,
                       origin="helpers.survival.adjusted.estimate_adjusted")

# %% tags=["say"]
study.say(
    "By the day of its label, the hazard ratio is {survival.composite.adjusted.crude.hr:ci} alone, "
    "{survival.composite.adjusted.regimen_year.hr:ci} with regimen and calendar year held equal, "
    "{survival.composite.adjusted.by_regimen.hr:ci} within regimens and {survival.composite.adjusted.by_era.hr:ci} within "
    "calendar periods: the verdict {word}.", word=label_adjustment(adjusted))

# %% tags=["say"]
study.say(
    "With the baseline held equal too, in the {survival.composite.adjusted.baseline.hr:n} patients in whom all of it is known, the "
    "hazard of the difficult-to-treat is {survival.composite.adjusted.baseline.hr:verdict} that of the others: "
    "{survival.composite.adjusted.baseline.hr:ci}, against {survival.composite.adjusted.crude_complete.hr:ci} for the label alone "
    "in the same patients; {table.survival.adjusted.baseline.events_per_parameter} events stand behind each parameter. "
    "This asks whether the label tells more than was known at the start; it does not say what any of it causes.")

# %% [markdown]
# ## Does leaving out the incomplete change it?
#
# The adjusted model above sees only patients whose baseline is known. Here what is unknown is drawn many times from what
# else is known, the outcome and the cumulative hazard up to it included, and the models of all completed copies are pooled.

# %%
frame = derive_imputation_frame(outcomes, cohort=study.cohort, adjusters=adjusters)
filled = estimate_adjusted_imputed(labelled, frame=frame, imputations=study.parameters.imputations,
                                   seed=study.parameters.seed)
study.record_estimates(filled, prefix="survival.composite.adjusted", measure="hr", unit="hazard ratio", null=1.0,
                       origin="helpers.survival.imputed.estimate_adjusted_imputed")

# %%
study.table(join_imputed(adjusted, filled), id="survival.imputed", index="term", columns=headings_imputation.BESIDE,
            caption="Complete cases and multiple imputation", note=headings_imputation.BESIDE_NOTE)

# %%
related = compare_incomplete(frame)
study.table(related, id="survival.incompleteness", index="term", columns=headings_imputation.INCOMPLETENESS,
            caption="Does an incomplete baseline go with the outcome or the label?")

# %% tags=["say"]
study.say(
    "With what is unknown filled in, the adjusted hazard of the difficult-to-treat is "
    "{survival.composite.adjusted.baseline_imputed.hr:verdict} that of the others, {survival.composite.adjusted.baseline_imputed.hr:ci} in "
    "{survival.composite.adjusted.baseline_imputed.hr:n} patients, by limits of t on "
    "{table.survival.imputed.baseline_imputed.df:value} degrees of freedom; in the complete cases it is "
    "{survival.composite.adjusted.baseline.hr:verdict} theirs, {survival.composite.adjusted.baseline.hr:ci}, by normal limits. An incomplete baseline "
    "goes with: {names}.", names=join_words(list_related(related), none="none of the traits looked at"))

# %% [markdown]
# ## What if the lost fared worse than those who stayed?
#
# A patient who stops coming is counted as if the others of the group could stand for them. Nothing in the data can show
# it. So the lost are followed on by drawing, to the outcome or the end of the study, with their hazard multiplied by more
# and more; the question is by how much it must be for the verdict to change. The ends of the grid cannot be left: none of them
# had the outcome before the end of the study, or all had it on the day they left.

# %%
loss = derive_loss(outcomes, cohort=study.cohort, events=study.raw["events"])
drawn = estimate_loss_tipping(loss, seed=study.parameters.seed)
study.record_facts(list_loss_facts(drawn, origin="helpers.survival.tipping.estimate_loss_tipping"))

# %%
study.table(spread_scenarios(drawn), id="survival.tipping", index="term", columns=headings_imputation.TIPPING,
            caption="Hazard ratio of the label (from its day), by what is supposed of the lost after they left",
            note=headings_imputation.TIPPING_NOTE)

# %%
study.figure(
    draw_tipping(drawn, titles=SCENARIO_LABELS, xlabel="The hazard of the lost is multiplied by",
                 ylabel="Hazard ratio (log scale)"),
    id="survival.tipping", data=drawn, caption="The hazard ratio along the suppositions about the lost, with 95 % intervals",
    alt="Hazard ratios with intervals along a grid of factors, a panel per group of the lost; when all are concerned the "
        "verdict {words}.", words=describe_loss_tipping(drawn, scenario="all"))

# %% tags=["say"]
study.say(
    phrase_loss(drawn),
    all=describe_loss_tipping(drawn, scenario="all"), other=describe_loss_tipping(drawn, scenario="other"),
    dtt=describe_loss_tipping(drawn, scenario="dtt"), opposed=describe_loss_tipping(drawn, scenario="opposed"))

# %% [markdown]
# ## Does a second engine find the same numbers?
#
# Curves, tests and areas are found again by another package, hazard ratios by a likelihood written out event by event,
# with the times at risk laid out afresh, or by another package's Cox model; cumulative incidences by adding one increment
# after the other, subdistribution hazards as the root of their score. Both engines start from the same outcome times.

# %%
checks = check_survival(
    outcomes, landmark_months=landmark, fewest_at_risk=FEWEST_AT_RISK, starts=starts["second_inductions"],
    rebaselined=rebaselined, relabelled=relabelled, adjusters=adjusters, everybody=everybody, entry_months=entry)
study.cross_check(checks, prefix="survival")

# %%
study.write("survival_outcomes", outcomes)
study.write("survival_estimates", estimates)

# %% [markdown]
# ## What this cannot tell you
#
# - Whether the label *causes* anything. It is a reading of the course so far, and treatment changed because of it.
# - What happened to those who died or were lost too early to enter, or whose records were incomplete: the former are
#   brought back for one question only, the latter for none, and the bounds do not cover them.
# - What a second induction does. The sicker get one, and those compared with them are assumed to leave for their own no
#   sicker than those who stay; no weights mend that, and leaving them in errs the other way.
# - Which arm of the label is the worst: a handful of outcomes per arm cannot rank them.
# - The day on which kidney function worsened: it is seen at visits, and the sicker are seen more often.
# - Anything about the tail: past the end of the axes a handful of patients carry the curves.
# - What holding more equal would show. With few events per parameter an adjusted ratio lies too far from one, and the
#   baseline may lie on the way to the label.
# - How many would lose their kidneys if nobody died. One minus Kaplan-Meier answers that only if death and kidney failure
#   have nothing to do with each other.
# - That hazards are proportional where a test is silent: with so few events only a large change would be heard.
# - When a hazard ratio changed: the cut is the median event month, chosen by the data.
# - How the lost fared. One factor for all of them, no change of label after loss, and no hazard after the last event seen
#   are assumptions; only the ends of the grid need none. Whoever was lost before the least follow-up is not in it.
# - Whether both engines share a wrong definition. They guard against slips, and not against bad ideas.

# %%
study.finish()
