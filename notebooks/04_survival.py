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
from helpers.figures.survival import (
    draw_cumulative_incidence,
    draw_first_events,
    draw_schoenfeld,
    draw_survival_curves,
    draw_time_zero_comparison,
)
from helpers.study import open_study
from helpers.survival import derive_outcomes, label_groups
from helpers.survival import headings as headings
from helpers.survival.curves import count_at_risk, derive_axis_end, estimate_incidence, estimate_survival
from helpers.survival.entry import estimate_entry_rates, estimate_entry_shares, keep_entered
from helpers.survival.hazards import derive_schoenfeld
from helpers.survival.models import compare_survival
from helpers.survival.shares import (
    derive_share_table,
    estimate_shares,
    label_agreement,
    label_difference,
    label_followup,
    label_proportionality,
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
    estimate_restricted_mean,
)
from helpers.survival.time_zero import (
    compare_time_zero_hazards,
    derive_risk_periods,
    estimate_parts,
    estimate_time_zero,
    keep_landmark,
    summarise_immortal_time,
)

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
    "{table.survival.composite.shares.event_free_other_120.at_risk} of them were still under observation: {survival.composite.dtt.120m:ci} and "
    "{survival.composite.other.120m:ci}. By this count the groups {word} (log-rank {survival.composite.logrank.p:p}).",
    word=label_difference(logrank))

# %%
study.table(estimate_median(outcomes, outcome="composite"), id="survival.composite.median", index="term",
            caption="Month by which half had the composite outcome; a dash where less than half did",
            columns=headings.MEDIANS)

# %% [markdown]
# ## Is this picture fair? Counting the time before the label
#
# Nobody is difficult to treat at time zero. Until the label came true, the later difficult-to-treat had lived
# through months in which they could not yet be known as such: immortal time, for death could not have come and the
# label still be given. The picture above credits all of it to them. How much is it?

# %%
immortal = summarise_immortal_time(outcomes)
study.table(immortal, id="survival.immortal_time", index="group", columns=headings.IMMORTAL_TIME,
            caption="Time and events before the label, among the difficult to treat")

# %% tags=["say"]
study.say(
    "Half of the labels had come true by month {table.survival.immortal_time.dtt.label_month_median}. Up to their "
    "label the difficult-to-treat spent {table.survival.immortal_time.dtt.immortal_person_months:value} person-months, "
    "{table.survival.immortal_time.dtt.share:percent} of all their time at risk, and "
    "{table.survival.immortal_time.dtt.events_before_label} of their {survival.composite.dtt.events} outcomes came.")

# %% [markdown]
# ## Does the difference survive a fair start?
#
# Two remedies. *Landmark*: start the clock at the landmark, with those still event-free and under observation, in
# the group known by then. *Time-dependent*: everybody starts among the others and changes over on the day of the
# label; an outcome on that very day, or before it, belongs to the time before the label.

# %%
landmark = study.parameters.landmark_months
later = derive_outcomes(study.assessments, **common, from_months=landmark)
estimates = estimate_time_zero(outcomes, landmark_months=landmark, rebaselined=later)

# %%
study.record("survival.landmark.months", landmark, unit="months", label="Landmark", origin="landmark_months")
study.record_estimates(estimates, prefix="survival.composite", measure="hr", unit="hazard ratio", null=1.0,
                       origin="helpers.survival.time_zero.estimate_time_zero")

# %%
study.table(
    estimates, id="survival.time_zero", index="term", columns=headings.TIME_ZERO,
    caption="Hazard ratio of difficult-to-treat against the others, by the way of dealing with time zero",
    note="Moved: what the naive row counts for the difficult-to-treat and this row does not. Cox models, Efron ties.")

# %%
study.figure(
    draw_time_zero_comparison(estimates), id="survival.time_zero.forest", data=estimates,
    caption="Hazard ratios of the composite outcome, difficult-to-treat against the others",
    alt="A forest of hazard ratios: naive {survival.composite.naive.hr:ci}, landmark "
        "{survival.composite.landmark.hr:ci}, time-dependent {survival.composite.timedependent.hr:ci}.")

# %% tags=["say"]
study.say(
    "Counted naively, the hazard of the difficult-to-treat is {survival.composite.naive.hr:verdict} that of the others: "
    "hazard ratio {survival.composite.naive.hr:ci}. Among those free of the outcome at month {survival.landmark.months}, "
    "by the label known then, it is {survival.composite.landmark.hr:verdict} theirs: {survival.composite.landmark.hr:ci}. "
    "With the label counted from its day, it is {survival.composite.timedependent.hr:verdict} theirs: "
    "{survival.composite.timedependent.hr:ci}.")

# %% tags=["say"]
study.say(
    "The three verdicts {agreement}. The naive ratio is {shift} the time-dependent one.",
    agreement=label_agreement(estimates, terms=["naive", "landmark", "timedependent"]),
    shift=label_shift(estimates, of="naive", against="timedependent"))

# %% [markdown]
# The curves from the landmark on, in the groups that were known by then, are the ones that may be looked at.

# %%
at_landmark = keep_landmark(outcomes, landmark_months=landmark)
landmark_end = derive_axis_end(at_landmark, outcome="composite")
landmark_curves = estimate_survival(at_landmark, outcome="composite")
landmark_risk = count_at_risk(at_landmark, outcome="composite", end=landmark_end)

# %%
study.figure(
    draw_survival_curves(landmark_curves, at_risk=landmark_risk, end=landmark_end, xlabel="Months since the landmark",
                         ylabel="Free of the composite outcome"),
    id="survival.landmark.km", data=landmark_curves, caption="Event-free from the landmark on, by the label known then",
    alt="Step curves from month {survival.landmark.months} on; hazard ratio {survival.composite.landmark.hr:ci}.")

# %% [markdown]
# ## Is the label part of the outcome?
#
# Rising creatinine can make the label, and the same rise can then be counted as outcome. Two ways out: hold
# creatinine at the landmark against its value there, so that only a further rise counts; or leave creatinine out of
# the outcome altogether.

# %%
parts = estimate_parts(outcomes)
study.record_estimates(parts, prefix="survival", measure="hr", unit="hazard ratio", null=1.0,
                       origin="helpers.survival.time_zero.estimate_parts")

# %%
study.table(
    parts, id="survival.parts_hazard", index="term", caption="Cause-specific hazard ratios, label counted from its day",
    columns=headings.PARTS_HAZARD)

# %% tags=["say"]
study.say(
    "With creatinine held against its value at the landmark the hazard ratio is {survival.composite.rebaselined.hr:ci}, "
    "{shift} the landmark ratio above. Without creatinine, for kidney failure or death, the hazard of the difficult-to-treat "
    "is {survival.failure_or_death.timedependent.hr:verdict} that of the others: "
    "{survival.failure_or_death.timedependent.hr:ci}.",
    shift=label_shift(estimates, of="rebaselined", against="landmark"))

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
# cumulative incidence does not.

# %%
failure_end = derive_axis_end(outcomes, outcome="esrd")
failure = estimate_incidence(outcomes, outcome="esrd", states=["esrd", "death"])
failure_risk = count_at_risk(outcomes, outcome="esrd", end=failure_end)
lost_shares = estimate_shares(outcomes, outcome="esrd", event="esrd")
lost = summarise_shares(lost_shares, label="Cumulative incidence of kidney failure", origin="outcomes: Aalen-Johansen")

# %%
study.table(
    derive_share_table({"Kidney failure": lost_shares}), id="survival.esrd.shares", index="term",
    columns=headings.SHARES, caption="Kidney failure by stated months, and how many were still under observation")

# %%
study.record("survival.esrd.dtt.cif.60m", **lost["dtt", 60])
study.record("survival.esrd.dtt.cif.120m", **lost["dtt", 120])
study.record("survival.esrd.other.cif.60m", **lost["other", 60])
study.record("survival.esrd.other.cif.120m", **lost["other", 120])
study.record("survival.esrd.dtt.events", **facts["esrd", "dtt", "events"])
study.record("survival.esrd.other.events", **facts["esrd", "other", "events"])

# %%
study.figure(
    draw_cumulative_incidence(failure, at_risk=failure_risk, end=failure_end, ylabel="Cumulative incidence"),
    id="survival.esrd.cif", data=failure, caption="Kidney failure, and death before it, by final label",
    alt="Step curves. Cumulative incidence of kidney failure by five years: difficult-to-treat "
        "{survival.esrd.dtt.cif.60m:percent}, others {survival.esrd.other.cif.60m:percent}.")

# %% tags=["say"]
study.say(
    "Kidney failure was reached by {survival.esrd.dtt.events} of the difficult-to-treat and {survival.esrd.other.events} "
    "of the others. By five years: {survival.esrd.dtt.cif.60m:ci} and {survival.esrd.other.cif.60m:ci}; by ten years, when "
    "{table.survival.esrd.shares.kidney_failure_dtt_120.at_risk} and "
    "{table.survival.esrd.shares.kidney_failure_other_120.at_risk} were still at risk: "
    "{survival.esrd.dtt.cif.120m:ci} and {survival.esrd.other.cif.120m:ci}. From the day of the label on, "
    "its hazard is {survival.esrd.timedependent.hr:verdict} that of the others: {survival.esrd.timedependent.hr:ci}.")

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
# ## What if counting begins where the study could first see a death?
#
# Where a study asks for a least follow-up, nobody in it can have died before: that time is immortal for everybody, and
# the rates and shares above count it. Here all enter at the least follow-up, free of the outcome, and the time before
# is not counted (delayed entry). Rates rise by that. The share dead by five years hardly can: the curve was flat until
# then, so that it spoke all along of those who lived so long, without saying so. Hazard ratios of death stay as they
# are, for they compare at the moment of each death.

# %%
entry = study.parameters.minimum_followup_months
entry_rates = estimate_entry_rates(outcomes, entry_months=entry)
later = summarise_rates(estimate_rates(outcomes, entry_months=entry), since="from the least follow-up on",
                        origin="helpers.survival.entry: delayed entry")

# %%
study.record("survival.entry.months", entry, unit="months", label="Least follow-up asked for", origin="minimum_followup_months")
study.record("survival.death.all.person_years", **facts["death", "all", "person_years"])
study.record("survival.death.all.rate", **facts["death", "all", "rate"])
study.record("survival.esrd.all.rate", **facts["esrd", "all", "rate"])
study.record("survival.entry.death.all.rate", **later["death", "all", "rate"])
study.record("survival.entry.esrd.all.rate", **later["esrd", "all", "rate"])

# %%
study.table(
    entry_rates.replace({"group": dict(GROUP_LABELS)}), id="survival.entry.rates", index="term",
    columns=headings.ENTRY_RATES, caption="Events per hundred patient-years, from time zero and from the least follow-up on",
    note="From the least follow-up on: those then still followed and free of the outcome, and their time after it.")

# %%
dead_later = keep_entered(outcomes, outcome="death", entry_months=entry)
alive_later = estimate_survival(dead_later, outcome="death")
alive_risk = count_at_risk(dead_later, outcome="death", start=entry, end=death_end)

# %%
failed_later = keep_entered(outcomes, outcome="esrd", entry_months=entry)
failure_later = estimate_incidence(failed_later, outcome="esrd", states=["esrd", "death"])
failure_later_risk = count_at_risk(failed_later, outcome="esrd", start=entry, end=failure_end)

# %%
dead_later_shares = estimate_entry_shares(outcomes, outcome="death", event="death", entry_months=entry)
lost_later_shares = estimate_entry_shares(outcomes, outcome="esrd", event="esrd", entry_months=entry)
dead_later_facts = summarise_shares(dead_later_shares, label="Mortality from the least follow-up on", origin="delayed entry")
lost_later_facts = summarise_shares(lost_later_shares, label="Kidney failure from the least follow-up on", origin="delayed entry")

# %%
study.record("survival.entry.death.dtt.cif.60m", **dead_later_facts["dtt", 60])
study.record("survival.entry.death.other.cif.60m", **dead_later_facts["other", 60])
study.record("survival.entry.esrd.dtt.cif.60m", **lost_later_facts["dtt", 60])
study.record("survival.entry.esrd.other.cif.60m", **lost_later_facts["other", 60])

# %%
study.table(
    derive_share_table({"Death": dead_later_shares, "Kidney failure": lost_later_shares}), id="survival.entry.shares",
    index="term", columns=headings.SHARES, caption="Death and kidney failure by stated months since time zero, among those "
    "alive, followed and free of it at the least follow-up")

# %%
study.figure(
    draw_survival_curves(alive_later, at_risk=alive_risk, start=entry, end=death_end, ylabel="Alive"),
    id="survival.entry.death.km", data=alive_later, caption="Survival from the least follow-up on, by final label",
    alt="Step curves from month {survival.entry.months} on. Dead by five years: difficult-to-treat "
        "{survival.entry.death.dtt.cif.60m:percent}, others {survival.entry.death.other.cif.60m:percent}.")

# %%
study.figure(
    draw_cumulative_incidence(failure_later, at_risk=failure_later_risk, start=entry, end=failure_end,
                              ylabel="Cumulative incidence"),
    id="survival.entry.esrd.cif", data=failure_later, caption="Kidney failure from the least follow-up on, by final label",
    alt="Step curves from month {survival.entry.months} on. Kidney failure by five years: difficult-to-treat "
        "{survival.entry.esrd.dtt.cif.60m:percent}, others {survival.entry.esrd.other.cif.60m:percent}.")

# %% tags=["say"]
study.say(
    "Least follow-up asked for: {survival.entry.months} months. Before it lie {table.survival.entry.rates.death_all.years_before:value} "
    "of the {survival.death.all.person_years:value} patient-years, in which nobody could die and still be in the study. "
    "Deaths per hundred patient-years: {survival.death.all.rate:ci} from time zero, {survival.entry.death.all.rate:ci} from "
    "the least follow-up on; kidney failures: {survival.esrd.all.rate:ci} and {survival.entry.esrd.all.rate:ci}.")

# %% tags=["say"]
study.say(
    "Of those alive at the least follow-up, {survival.entry.death.dtt.cif.60m:ci} of the difficult-to-treat and "
    "{survival.entry.death.other.cif.60m:ci} of the others had died by five years; of those then free of kidney failure, "
    "{survival.entry.esrd.dtt.cif.60m:ci} and {survival.entry.esrd.other.cif.60m:ci} had lost their kidneys.")

# %% [markdown]
# ## Do hazards stay proportional?
#
# A hazard ratio is one number for all time; where the ratio moved, it is an average over the months observed. The
# exact score test asks whether it moved; a test that finds nothing in few events is no proof that it stood still.
# Below it, a measure that needs no such assumption: the event-free months lost in the five years after the landmark.

# %%
hazards = compare_time_zero_hazards(outcomes, landmark_months=landmark)
study.table(
    hazards, id="survival.proportional_hazards", index="term", caption="Score test of proportional hazards",
    columns=headings.HAZARD_TESTS)

# %%
residuals = derive_schoenfeld(derive_risk_periods(outcomes, approach="timedependent", landmark_months=landmark))
study.figure(
    draw_schoenfeld(residuals), id="survival.schoenfeld", data=residuals,
    caption="How the log hazard ratio of the time-dependent model moved",
    alt="Scaled Schoenfeld residuals over time; score test {table.survival.proportional_hazards.timedependent.p:p}.")

# %%
means = estimate_restricted_mean(at_landmark, outcome="composite", until=60.0)
study.table(means, id="survival.restricted_mean", index="term", columns=headings.MEANS,
            caption="Mean months free of the composite outcome, in the five years after the landmark")

# %%
study.record_estimates(means.tail(1), prefix="survival.landmark.restricted_mean", measure="months", unit="months",
                       null=0.0, origin="helpers.survival.summaries.estimate_restricted_mean")

# %% tags=["say"]
study.say(
    "The score test of the time-dependent model {word} one hazard ratio for all time: "
    "{table.survival.proportional_hazards.timedependent.p:p}. In the five years after the landmark the difference in "
    "event-free time, difficult-to-treat less others, is {survival.landmark.restricted_mean.difference.months:ci} months.",
    word=label_proportionality(hazards, term="timedependent"))

# %%
study.write("survival_outcomes", outcomes)
study.write("survival_estimates", estimates)

# %% [markdown]
# ## What this cannot tell you
#
# - Whether the label *causes* anything. It is a reading of the course so far, and treatment changed because of it.
# - What happened to those who died or were lost too early to enter: where a least follow-up is asked for, they are in
#   none of these curves, and delayed entry does not bring them back.
# - The day on which kidney function worsened: it is seen at visits, and the sicker are seen more often.
# - Anything about the tail: past the end of the axes a handful of patients carry the curves.
# - Whether adjusted groups would differ: age, regimen and calendar time are not in these models, and the events
#   would not carry them.

# %%
study.finish()
