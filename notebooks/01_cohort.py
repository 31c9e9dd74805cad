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
# # Who is in the study, and who was left out?

# %% [markdown]
# A cohort is made by its exclusions. This chapter looks at the raw tables, applies one criterion after another, counts
# who leaves at each, and asks how those who left differ from those who stayed. It writes the cohort, the visits that
# response is judged on, and the courses of induction treatment; every later chapter stands on these three tables.

# %% tags=["parameters"]
data_dir: str = "data/raw"  # folder of the raw tables
derived_dir: str = "data/derived/interactive"  # folder that the notebooks write to
study_start: str = "2004-01-01"  # first day on which an index biopsy counts [date]
study_end: str = "2022-12-31"  # last day on which an index biopsy counts [date]
minimum_followup_months: float = 24.0  # least follow-up after time zero [months]
require_complete_records: bool = True  # leave out patients without the assessments that response needs
time_zero: str = "induction_start"  # the day from which months are counted [induction_start, biopsy]
egfr_equation: str = "ckd_epi_2021"  # equation for estimated glomerular filtration [ckd_epi_2021, ckd_epi_2009]
leucopenia_below: float = 4.0  # a leucocyte count below this is leucopenia (3.0 is the SLEDAI-2K item) [10⁹/L]
apl_rule: str = "any_single"  # any positive antiphospholipid test, or the same test positive again 12 weeks later [any_single, persistent]
low_c3_below_mg_dl: float = 90.0  # C3 below this is low (the laboratory's lower limit) [mg/dL]

# %% tags=["setup"]
from helpers.cohort import count_flow
from helpers.cohort.headings import CONTRADICTIONS, COVERAGE, DIFFERENCES_NOTE, EXCLUDED, INCLUSION, QUALITY
from helpers.cohort.summaries import (
    count_by_era,
    derive_followup_lines,
    derive_followup_outcomes,
    derive_missing_map,
    describe_least_followup,
    find_differences,
    label_inclusion,
    summarise_cohort,
    summarise_excluded,
    summarise_visit_coverage,
)
from helpers.definitions import SMALL_DIFFERENCE
from helpers.figures.cohort import draw_era_regimens, draw_flow, draw_followup_lines, draw_missing_map
from helpers.schema.quality import count_contradictions, summarise_quality
from helpers.second_engine.cohort import check_cohort
from helpers.study import open_study
from helpers.survival.summaries import estimate_followup
from helpers.table_one import derive_table_one, name_table_one_columns
from helpers.wording import join_words

study = open_study("01_cohort", globals())

# %%
study.header()

# %% [markdown]
# ## What is on file, and does it agree with itself?
#
# Every value has been checked one by one before this line was reached: type, range, order of dates. What is left are
# gaps, and pairs of findings that are possible each by itself and not together. Only a chart can settle those.

# %%
study.table(summarise_quality(study.raw), id="cohort.quality", caption="The raw tables at a glance", columns=QUALITY)

# %%
contradictions = count_contradictions(study.raw, low_c3_below_mg_dl=study.parameters.low_c3_below_mg_dl)
study.table(contradictions, id="cohort.contradictions", caption="Findings that should agree", columns=CONTRADICTIONS)
study.record("cohort.contradictions.n", contradictions["contradicting_n"].sum(), n=contradictions["n"].sum(),
             unit="pairs of findings", label="Findings that contradict each other", origin="raw tables")

# %% tags=["say"]
study.say("Of {cohort.contradictions.n:n} pairs of findings that should agree, {cohort.contradictions.n} do not.")

# %% [markdown]
# ## Who is in the study?
#
# Each criterion is a column of its own on every patient; the cohort is a filter, and the flow is counted from the same
# columns. A patient who fails several criteria is counted at the first.

# %%
facts = summarise_cohort(study.cohort)
flow = count_flow(study.cohort)
study.record("cohort.screened.n", **facts["screened.n"])
study.record("cohort.eligible.n", **facts["eligible.n"])
study.record("cohort.eligible.share", **facts["eligible.share"])

# %%
study.figure(
    draw_flow(flow), id="cohort.flow", data=flow, caption="The flow of patients into the study",
    alt="Of {cohort.screened.n} patients on file, boxes to the right show who was left out at each criterion, down to "
        "{cohort.eligible.n} patients in the study.")

# %% tags=["say"]
study.say("Of {cohort.screened.n} patients on file, {cohort.eligible.n} are in the study "
          "({cohort.eligible.share:percent}).")

# %% [markdown]
# ## What became of those who were left out?
#
# Who was left out, and how many of them died, is the first thing to know about a cohort. A least follow-up, where one
# is asked for, cannot be met by a patient who dies early.

# %%
excluded = summarise_excluded(study.cohort)
study.table(excluded, id="cohort.excluded", caption="Who left at which criterion", columns=EXCLUDED, index="step")

# %%
least = study.parameters.minimum_followup_months
study.record("cohort.least_followup.months", least, unit="months", label="Least follow-up that was asked for",
             origin="minimum_followup_months")

# %% tags=["say"]
study.say(describe_least_followup(least))

# %% tags=["say"]
study.say(
    "Follow-up was too short in {table.cohort.excluded.excluded_short_followup.n} patients, and "
    "{table.cohort.excluded.excluded_short_followup.dead_n} of them had died; of those in the study, "
    "{table.cohort.excluded.eligible.dead_n} of {table.cohort.excluded.eligible.n} died later.")

# %% [markdown]
# ## Do they differ from those who stayed?
#
# Compared are the patients whom the study would have had: right disease, right years, treated, but followed too
# briefly or recorded too thinly. Sizes of difference are shown and no tests: with so few left out, a test would
# mostly measure their number.

# %%
compared = derive_table_one(label_inclusion(study.cohort), by="inclusion", groups=["eligible", "left_out"])
study.table(compared, id="cohort.differences", index="row", caption="In the study, and left out for follow-up or records",
            columns=name_table_one_columns(compared, headings=INCLUSION),
            note=DIFFERENCES_NOTE)

# %%
study.record("cohort.small_difference.size", SMALL_DIFFERENCE, unit="", label="Standardised difference up to which it is small",
             origin="helpers.definitions.SMALL_DIFFERENCE")

# %% tags=["say"]
study.say("A standardised difference of more than {cohort.small_difference.size:value}, in either direction, is seen in: "
          "{names}. Up to that size a difference is usually called small.", names=join_words(find_differences(compared)))

# %% [markdown]
# ## Who are the patients?
#
# Age and disease duration are completed years and months on the day of the index biopsy. The activity score is summed
# from its items here and never stored. The missing are left out of medians and percentages, and counted beside them.

# %%
table_one = derive_table_one(study.eligible, by="class_group", groups=["III", "IV", "V", "mixed"])
study.table(table_one, id="cohort.table_one", index="row", caption="Patients at baseline, overall and by class",
            columns=name_table_one_columns(table_one, headings=INCLUSION),
            note="Median (quartiles) or number (percent of the known).")

# %%
study.record("cohort.female.n", **facts["female.n"])
study.record("cohort.female.share", **facts["female.share"])
study.record("cohort.age.median", **facts["age.median"])
study.record("cohort.duration.median", **facts["duration.median"])
study.record("cohort.sledai.median", **facts["sledai.median"])

# %%
study.record("cohort.class.III.n", **facts["class.III.n"])
study.record("cohort.class.IV.n", **facts["class.IV.n"])
study.record("cohort.class.V.n", **facts["class.V.n"])
study.record("cohort.class.mixed.n", **facts["class.mixed.n"])

# %% tags=["say"]
study.say(
    "{cohort.female.n} of {cohort.eligible.n} patients are women ({cohort.female.share:percent}). Their median age is "
    "{cohort.age.median:iqr} years, the duration of SLE {cohort.duration.median:iqr} months, SLEDAI-2K "
    "{cohort.sledai.median:iqr}. Class III was found in {cohort.class.III.n}, IV in {cohort.class.IV.n}, pure V in "
    "{cohort.class.V.n} and III or IV with V in {cohort.class.mixed.n}.")

# %% [markdown]
# ## What is missing, and in whom?
#
# A gap that sits in one period or in one kind of patient is not a gap by chance. The map shows patients from the
# first to the last, so that a laboratory that began to test late, or a pathologist who changed the form, shows itself.

# %%
missing = derive_missing_map(study.eligible)
study.record("cohort.missing.variables.n", missing["variable"].nunique(), unit="variables",
             label="Baseline variables with a missing value", origin="cohort")
study.record("cohort.missing.worst.share", missing["missing_share"].max(), unit="share", n=len(study.eligible),
             label="Largest share missing of a baseline variable", origin="cohort")

# %%
study.figure(
    draw_missing_map(missing), id="cohort.missing_map", data=missing, caption="Missing values at baseline",
    alt="A map with a column per patient and a row for each of {cohort.missing.variables.n} variables with gaps; "
        "the worst lacks {cohort.missing.worst.share:percent}.")

# %%
coverage = summarise_visit_coverage(study.assessments, study.cohort)
study.table(coverage, id="cohort.coverage", index="month", columns=COVERAGE,
            caption="Patients with a visit around the months at which response is asked for",
            note="Can be judged: creatinine and proteinuria at the same visit; a visit that one of them settles is counted in the "
                 "chapter on response, not here. Followed: to the end of the window.")

# %% tags=["say"]
study.say(
    "{cohort.missing.variables.n} baseline variables have gaps, the largest in {cohort.missing.worst.share:percent} of "
    "patients. Around month {early} a visit that can be judged exists for {table.cohort.coverage.3.judged_share:percent} of "
    "patients, around month {middle} for {table.cohort.coverage.6.judged_share:percent}.",
    early=coverage["month"].iloc[0], middle=coverage["month"].iloc[1])

# %% [markdown]
# ## When did they come, and how long were they seen?
#
# Treatment changed over the years, so calendar time is a confounder in waiting. Follow-up is estimated with the roles
# turned (reverse Kaplan-Meier): the end of observation is the event, and death is what hides it.

# %%
lines = derive_followup_lines(study.cohort)
followup = estimate_followup(derive_followup_outcomes(study.cohort))
study.record_estimates(followup.head(1), prefix="cohort.followup.reverse", measure="median", unit="months",
                       origin="cohort.followup_months: reverse Kaplan-Meier")
study.record("cohort.followup.median", **facts["followup.median"])
study.record("cohort.followup.min", **facts["followup.min"])
study.record("cohort.followup.max", **facts["followup.max"])

# %%
study.figure(
    draw_followup_lines(lines), id="cohort.calendar", data=lines, caption="Patients under observation in calendar time",
    alt="A line per patient from time zero to the end of follow-up; half were seen for "
        "{cohort.followup.median} months or longer.")

# %%
eras = count_by_era(study.cohort)
study.figure(
    draw_era_regimens(eras), id="cohort.eras", data=eras, caption="First induction by calendar period of the index biopsy",
    alt="Stacked bars of first inductions, one bar per calendar period, for {cohort.eligible.n} patients.")

# %% tags=["say"]
study.say(
    "Patients were seen for a median of {cohort.followup.median:iqr} months, the shortest for {cohort.followup.min} and "
    "the longest for {cohort.followup.max}. Had nobody died, half would have been seen "
    "for {cohort.followup.reverse.all.median:ci} months or longer.")

# %% [markdown]
# ## Does a second engine find the same numbers?
#
# A number that one program finds may be that program's mistake. The flow and the counts are found again by a database
# that reads the raw tables by itself; shares, quartiles and follow-up by other formulas. Two engines that agree can still
# share a wrong definition: they guard against slips, and not against bad ideas.

# %%
study.cross_check(check_cohort(study.raw, parameters=study.parameters), prefix="cohort")

# %% [markdown]
# ## What this cannot tell you
#
# - How patients fared who never had a biopsy, or were never on file: nothing here is about them.
# - What the first months do to a patient, where a least follow-up is asked for: it leaves out the early deaths, and
#   every rate of failure, flare or death that follows is then one among survivors.
# - Whether a value is true. Contradictions are counted, but a wrong value that contradicts nothing passes.
# - Why a value is missing. The map shows where the gaps are; whether the sicker were tested more is not in it.
# - Whether the patients of one clinic are those of another.
# - Whether both engines share a wrong definition. They guard against slips, and not against bad ideas.

# %%
study.finish()
