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
# # How did response move, course by course?

# %% [markdown]
# A label says once and for all who was difficult to treat; the disease went on moving. This chapter follows the
# response of every patient from the first induction on, by the response rule in force: how many had responded and
# when, what each further induction brought, in which state patients were month by month, what treatment cost them,
# and where they stood at the end. It writes the response of every visit, the states and the courses.

# %% tags=["parameters"]
data_dir: str = "data/raw"  # folder of the raw tables
derived_dir: str = "data/derived/interactive"  # folder that the notebooks write to
rules_file: str = ""  # YAML file with rules of your own; empty for the shipped rules only
response_rule: str = "eular_era_edta_2012"  # rule for complete and partial response
complete_response_upcr: float = 0.0  # proteinuria below which a response is complete, whatever the rule says (0: what the rule says) [g/g]
flare_rule: str = "kdigo_2012_moderate"  # rule for renal flare
bootstrap_samples: int = 500  # bootstrap samples, wherever patients are drawn again [samples]
seed: int = 20220101  # seed of every random draw of the analysis

# %% tags=["setup"]
from helpers.adverse import estimate_adverse_rates, estimate_adverse_ratios, keep_adverse_events
from helpers.definitions import VISIT_WINDOWS
from helpers.figures import GROUP_LABELS, STATE_LABELS
from helpers.figures.response import draw_adverse_rates, draw_response_rates, draw_response_times, draw_states
from helpers.figures.response_courses import draw_swimmer, draw_switches
from helpers.figures.states import draw_cumulative_intensities, draw_state_bands
from helpers.figures.visits import draw_interval_curves
from helpers.response import derive_followup, derive_visit_responses, headings_states, headings_visits, keep_each_group
from helpers.response import headings as headings
from helpers.response.courses import (
    count_switches,
    label_course_outcomes,
    summarise_courses,
    summarise_final_status,
)
from helpers.response.facts import (
    label_median_reached,
    label_most_frequent,
    label_windows,
    summarise_adverse_facts,
    summarise_median_facts,
    summarise_share_facts,
)
from helpers.response.flares import flag_flares
from helpers.response.intensities import estimate_cumulative_intensities
from helpers.response.interval_times import (
    derive_interval_curves,
    derive_interval_times,
    summarise_interval_times,
)
from helpers.response.memory import estimate_landmark_shares, label_memory
from helpers.response.occupancy import estimate_state_shares, summarise_occupancy_facts, summarise_state_intervals
from helpers.response.paths import count_marks, derive_paths
from helpers.response.rate_ratios import estimate_transition_ratios, summarise_ratio_facts
from helpers.response.rates import (
    COURSES,
    count_response_statuses,
    derive_course_responses_at,
    derive_rate_table,
    derive_responses_at,
    summarise_response_rates,
)
from helpers.response.reference import count_final_kidney, flag_known_references
from helpers.response.state_checks import (
    LANDMARK_MONTHS,
    compare_with_counts,
    compare_with_followed,
    label_agreement,
    summarise_check_facts,
)
from helpers.response.state_facts import (
    derive_rate_matrix,
    keep_seen_transitions,
    label_dispersion,
    summarise_rate_facts,
)
from helpers.response.state_months import (
    MONTHS_COUNTED,
    compare_unseen,
    estimate_state_months,
    summarise_month_facts,
    summarise_state_months,
    summarise_unseen_facts,
)
from helpers.response.states import FOREVER, count_states, derive_state_spells, keep_spells_from, summarise_states
from helpers.response.times import (
    CURVE_MONTHS,
    TICK_MONTHS,
    derive_response_times,
    estimate_response_incidence,
    summarise_response_times,
)
from helpers.response.transitions import derive_periods, estimate_transition_rates
from helpers.response.visit_facts import summarise_visit_facts
from helpers.response.visit_intensity import compare_visit_rates, derive_visit_periods, summarise_visit_intensity
from helpers.schema import choices_of
from helpers.second_engine.response import check_response
from helpers.study import open_study

study = open_study("05_response_over_time", globals())

# %%
study.header()

# %% [markdown]
# ## At how many visits can the response be told?
#
# Every visit after the start of treatment is judged twice: against the baseline before the first induction, and
# against the baseline of the course in force, for a later induction treats a later disease. A visit on the day on
# which a course starts still speaks for the course before. Where a measurement that matters is missing, the answer is
# "cannot tell".

# %%
rule = study.rules.response_rule(study.parameters.response_rule)
flares = study.rules.flare_rule(study.parameters.flare_rule)
visits = derive_visit_responses(study.assessments, courses=study.courses, rule=rule)
visits = flag_flares(visits, rule=flares)

# %%
followup = derive_followup(
    study.cohort, labels=study.labels, events=study.raw["events"], assessments=study.assessments)

# %%
study.record("response.patients.n", len(followup), unit="patients", label="Eligible patients", origin="cohort")
study.record("response.untold.n", followup["group"].eq("cannot tell").sum(), unit="patients", n=len(followup),
             label="Patients whose label cannot be told", origin="dtt_labels.dtt")
study.record("response.visits.n", len(visits), unit="visits", label="Visits under treatment", origin="assessments")
study.record("response.visits.told.share", visits["response"].ne("cannot tell").mean(), unit="share", n=len(visits),
             label="Visits at which the response can be told", origin="label_response")

# %% tags=["say"]
study.say("The {response.patients.n} patients came to {response.visits.n} visits under treatment. By the rule “{rule}” the "
          "response can be told at {response.visits.told.share} of them. Patients whose label cannot be told, "
          "{response.untold.n} of them, count wherever all are taken together, and in neither group.", rule=rule.label)

# %% [markdown]
# ## How many had responded, and when?
#
# The visit nearest to the month, within a window around it, speaks for the month. Whoever has died or lost the
# kidneys by then is counted as without response: leaving them out would let a treatment look better for its deaths.
# Missing assessments are left out of the share, and counted beside it. At the last follow-up the response is the one
# of the label, that is, the last seen, also of those who died, and none after kidney failure. The groups differ by construction, for the label is made of missing responses.

# %%
answers = keep_each_group(derive_responses_at(visits, followup=followup, labels=study.labels))
rates = summarise_response_rates(answers)
shares = summarise_share_facts(rates, origin="helpers.response.rates: visit nearest to the month")

# %%
study.record("response.3.cr.share", **shares["all", "3", "cr"])
study.record("response.3.pr.share", **shares["all", "3", "pr"])
study.record("response.3.nr.share", **shares["all", "3", "nr"])
study.record("response.6.cr.share", **shares["all", "6", "cr"])
study.record("response.6.pr.share", **shares["all", "6", "pr"])
study.record("response.6.nr.share", **shares["all", "6", "nr"])

# %%
study.record("response.12.cr.share", **shares["all", "12", "cr"])
study.record("response.12.pr.share", **shares["all", "12", "pr"])
study.record("response.12.nr.share", **shares["all", "12", "nr"])
study.record("response.24.cr.share", **shares["all", "24", "cr"])
study.record("response.24.pr.share", **shares["all", "24", "pr"])
study.record("response.24.nr.share", **shares["all", "24", "nr"])

# %%
study.record("response.last.cr.share", **shares["all", "last", "cr"])
study.record("response.last.pr.share", **shares["all", "last", "pr"])
study.record("response.last.nr.share", **shares["all", "last", "nr"])

# %%
study.table(
    derive_rate_table(rates, counts=count_response_statuses(answers), labels=GROUP_LABELS), id="response.rates",
    index="term", columns=headings.RATES, caption="Response by month since time zero, and at the last follow-up",
    note="Shares of those whose answer is known; limits by Wilson. At the months the dead and those in kidney failure count "
         "as without response; at the last follow-up the dead keep the response last seen. Of the assessed: alive, without "
         "kidney failure, and seen. Months looked at, both ends included: {windows}.", windows=label_windows(VISIT_WINDOWS))

# %%
study.figure(
    draw_response_rates(rates), id="response.rates.bars", data=rates, caption="Response by month and group",
    alt="Stacked bars by month and group. Of all patients {response.6.cr.share:percent} were in complete response at six "
        "months, {response.12.cr.share:percent} at twelve and {response.24.cr.share:percent} at twenty-four.")

# %% tags=["say"]
study.say(
    "At six months {response.6.cr.share:ci} of the patients were in complete and {response.6.pr.share:ci} in partial "
    "response; at twelve months {response.12.cr.share:ci} and {response.12.pr.share:ci}, at twenty-four "
    "{response.24.cr.share:ci} and {response.24.pr.share:ci}. At the last follow-up it was {response.last.cr.share:ci} and "
    "{response.last.pr.share:ci}: {table.response.rates.dtt_last.complete_share} in complete response among the "
    "difficult-to-treat, {table.response.rates.other_last.complete_share} among the others.")

# %% tags=["say"]
study.say(
    "What is missing: {table.response.rates.all_3.missing_n} of {response.patients.n} had no assessment that tells around "
    "month three, {table.response.rates.all_6.missing_n} around month six and {table.response.rates.all_12.missing_n} around "
    "month twelve. By month twenty-four {table.response.rates.all_24.ended_n} had died or lost their kidneys; of those "
    "still assessed {table.response.rates.all_24.assessed_complete_share} were in complete response.")

# %% [markdown]
# ## Did the next induction do better than the last?
#
# Each course has its own clock and its own baseline. A course that had to be followed by another induction by the
# month in question has failed, whatever was seen before. Whoever gets a second or third course has been selected for
# the failure of the one before, and the few with many courses stand together: the panels compare courses, not drugs.

# %%
course_answers = derive_course_responses_at(visits, courses=study.courses, followup=followup)
course_rates = summarise_response_rates(course_answers, by="course", names=list(COURSES))
course_counts = count_response_statuses(course_answers, by="course", names=list(COURSES))

# %%
study.table(
    derive_rate_table(course_rates, counts=course_counts, labels=COURSES, by="course"), id="response.courses.rates",
    index="term", columns=headings.COURSE_RATES, caption="Response by induction course and month of the course",
    note="A course followed by another induction by the month counts as without response.")

# %%
study.figure(
    draw_response_rates(course_rates, by="course", labels=COURSES, xlabel="Months since the start of the course"),
    id="response.courses.bars", data=course_rates, caption="Response by induction course",
    alt="Stacked bars by course. Complete response twelve months into the course: "
        "{table.response.courses.rates.1_12.complete_share} after the first induction, "
        "{table.response.courses.rates.2_12.complete_share} after the second.")

# %% tags=["say"]
study.say(
    "Twelve months into the first induction {table.response.courses.rates.1_12.complete_share} were in complete response "
    "under it; into the second, {table.response.courses.rates.2_12.complete_share} of "
    "{table.response.courses.rates.2_12.n}; into the third and later ones, "
    "{table.response.courses.rates.3_or_more_12.complete_share} of {table.response.courses.rates.3_or_more_12.n}.")

# %% [markdown]
# ## How long until a response?
#
# Time runs from time zero to the first visit that shows the response; it began at some day since the visit before.
# Death and kidney failure compete: whoever died without response will never respond, and one minus Kaplan-Meier would
# let them. A second induction is ignored at first, so that the question is how long patients waited, whatever it took.

# %%
times = derive_response_times(visits, followup=followup, courses=study.courses)
medians = summarise_response_times(times, curves=estimate_response_incidence(times))
facts = summarise_median_facts(medians, origin="helpers.response.times: Aalen-Johansen")

# %%
study.record("response.cr.median_months", **facts["complete", "all"])
study.record("response.any.median_months", **facts["any", "all"])
study.record("response.dtt.cr.median_months", **facts["complete", "dtt"])
study.record("response.other.cr.median_months", **facts["complete", "other"])

# %%
study.table(
    medians.replace({"group": dict(GROUP_LABELS)}), id="response.times", index="term", columns=headings.TIMES,
    caption="Time to complete and to any response", note="A median without a figure was never reached.")

# %%
curves = estimate_response_incidence(times, at=CURVE_MONTHS)
waiting = estimate_response_incidence(times, at=TICK_MONTHS)

# %%
study.figure(
    draw_response_times(curves, at_risk=waiting), id="response.times.cif", data=curves,
    caption="Cumulative incidence of response, death and kidney failure competing",
    alt="Rising step curves of complete and of any response; median time to complete response in months: "
        "{response.cr.median_months:ci}.")

# %% tags=["say"]
study.say(
    "Complete response was seen in {table.response.times.complete_all.responded_n} of {response.patients.n} patients and "
    "{word}, the median time in months being {response.cr.median_months:ci}; for any response it is "
    "{response.any.median_months:ci}. Of the difficult-to-treat, whom late response helps to define, it was seen in "
    "{table.response.times.complete_dtt.responded_n} of {response.dtt.cr.median_months:n} and {dtt_word} (median in months: "
    "{response.dtt.cr.median_months:ci}).", word=label_median_reached(medians, outcome="complete"),
    dtt_word=label_median_reached(medians, outcome="complete", group="dtt"))

# %% [markdown]
# Asked differently: what did the *first* induction achieve by itself? Now a second induction ends the wait.

# %%
first_times = derive_response_times(
    visits, followup=followup, courses=study.courses, second_induction="competing")
first_medians = summarise_response_times(first_times, curves=estimate_response_incidence(first_times))

# %%
study.table(
    first_medians.replace({"group": dict(GROUP_LABELS)}), id="response.times.first", index="term",
    columns=headings.TIMES, caption="Time to response under the first induction, a second one competing")

# %% tags=["say"]
study.say(
    "Under the first induction alone {table.response.times.first.complete_all.responded_n} of {response.patients.n} reached "
    "complete response, against {table.response.times.complete_all.responded_n} under whatever it took.")

# %% [markdown]
# ## Are the sick seen more often, and does it move the times?
#
# Response and flare are found at visits, and the clinic decides who comes when. Whoever is seen more often is found in
# response, or in flare, sooner. The fair comparison of visit rates uses what was known at the time: after the label
# against without one by then. To pick patients by a label still to come, or by none ever, looks into the future; those
# ratios describe the groups only.
#
# Then each time is taken for what it is, an interval from the last visit without to the first visit with, and the curve
# is estimated from the intervals beside the one from visit dates. Death and kidney failure end the time under
# observation here, so that both curves answer the cause-specific question. Where a curve is flat, half a patient moves
# its median by months: the range shows it with patients drawn again, and visit dates are compared in the mean.

# %%
periods, seen = derive_visit_periods(study.assessments, followup=followup, labels=study.labels)
intensity = summarise_visit_intensity(periods, seen, followup=followup)
visit_ratios = compare_visit_rates(periods, seen)

# %%
intervals = derive_interval_times(visits, followup=followup)
interval_medians = summarise_interval_times(
    intervals, samples=study.parameters.bootstrap_samples, seed=study.parameters.seed)
study.record_facts(summarise_visit_facts(interval_medians, intensity, visit_ratios))

# %%
study.table(intensity, id="visits.intensity", index="term", columns=headings_visits.INTENSITY,
            caption="Visits per patient-year", note="Limits let patients differ (robust). Windows: months three, six, "
            "twelve and twenty-four, of patients followed to their end. Before the label: of those who were to have one.")

# %%
study.table(visit_ratios, id="visits.ratios", index="term", columns=headings_visits.RATIO,
            caption="Ratios of visit rates at the same time since time zero", note="Only the first row uses what was "
            "known at the time. Patients whose label cannot be told are left out.")
study.table(interval_medians.replace({"group": dict(GROUP_LABELS)}), id="visits.times", index="term",
            columns=headings_visits.INTERVAL, caption="Median months on visit dates, and between visits",
            note="Turnbull's median lies between two visits. Range: the middle ninety-five of a hundred of at most 200 "
            "resamples; for the median it is no confidence interval. Mean: over 24 months to a response, 60 to a flare.")

# %%
interval_curves = derive_interval_curves(intervals)
study.figure(
    draw_interval_curves(interval_curves), id="visits.curves", data=interval_curves,
    caption="Times on visit dates, and between visits", alt="Three panels, each with a step curve on visit dates and a shaded "
    "curve between visits to its left. Median to complete response in months: {visits.complete.km_months:value} on visit "
    "dates, {visits.complete.resampled_months:low} to {visits.complete.resampled_months:high} by Turnbull with patients drawn again.")

# %% tags=["say"]
study.say(
    "The difficult-to-treat came {visits.dtt.rate:ci} times a year and the others {visits.other.rate:ci} times. At the same "
    "time since time zero the visit rate after the label is {visits.label.ratio:verdict} that of patients without a label by "
    "then: ratio {visits.label.ratio:ci}. Looking ahead, which nobody could at the time, those who were to be labelled came "
    "at a rate {visits.before.ratio:verdict} that of those who never were: ratio {visits.before.ratio:ci}.")

# %% tags=["say"]
study.say(
    "The median to complete response is {visits.complete.km_months:value} months on visit dates. Turnbull's lies between two visits, at "
    "months {visits.complete.turnbull_months:low} and {visits.complete.turnbull_months:high}; with patients drawn again its range is "
    "{visits.complete.resampled_months:low} to {visits.complete.resampled_months:high}, that to any response {visits.any.resampled_months:low} "
    "to {visits.any.resampled_months:high}, from complete response to flare {visits.flare.resampled_months:low} to "
    "{visits.flare.resampled_months:high}. In the mean, visit dates are later by {visits.complete.later_months:value} months for complete "
    "response and {visits.flare.later_months:value} for a flare; the visits around them lie "
    "{table.visits.times.complete_all.gap_months} and {table.visits.times.flare_all.gap_months} months apart.")

# %% [markdown]
# ## In which state were they, month by month?
#
# A state is carried from one visit to the next, for a year at most; after that the patient counts as not seen. A flare
# is one after complete response of the same course; a new induction starts as active. The left picture shows everybody,
# also those whose follow-up had ended. The right one estimates the shares had all been followed: the ended leave with
# the state they had, and the others stand for them.

# %%
spells = derive_state_spells(visits, followup=followup, courses=study.courses)
state_counts = count_states(spells, followup=followup)
state_shares = estimate_state_shares(spells, samples=study.parameters.bootstrap_samples, seed=study.parameters.seed)

# %%
study.table(
    summarise_states(state_counts, state_shares).replace({"state": dict(STATE_LABELS)}), id="response.states",
    index="state", columns=headings.STATES, caption="States at stated months: patients seen in them, and shares had all "
    "been followed", note="Aalen-Johansen shares; after follow-up a patient is lost or censored, which is no state. Kidney "
    "failure: alive in it, so that its share can fall.")

# %%
study.figure(
    draw_states(state_counts, state_shares), id="response.states.areas", data=state_counts,
    caption="States over time", alt="Stacked areas by month. Had all been followed, "
    "{table.response.states.complete_response.share_12} would be in complete response at month twelve and "
    "{table.response.states.complete_response.share_60} at month sixty.")

# %% tags=["say"]
study.say(
    "Had all been followed, {table.response.states.complete_response.share_12} would be in complete response at month "
    "twelve, {table.response.states.complete_response.share_60} at month sixty and "
    "{table.response.states.complete_response.share_120} at month one hundred and twenty; in flare at month sixty "
    "{table.response.states.flare.share_60}, alive in kidney failure {table.response.states.kidney_failure.share_60}, dead "
    "{table.response.states.dead.share_60}.")

# %%
study.write("state_spells", spells)
study.write("state_shares", state_shares)

# %% [markdown]
# ## How sure are these shares, and do they agree with plain counting?
#
# The inner band holds for one month at a time, the outer one for all months of a state at once; patients are the units,
# so that it does not matter how often one of them changes. As long as nobody has left, estimating had all been followed
# and counting are the same thing by arithmetic: that check finds slips, and can find nothing else. Afterwards those still
# followed are counted to stand for all, and the two differ as far as those who left were in other states.

# %%
study.record_facts(summarise_occupancy_facts(
    state_shares, n=len(followup), origin="helpers.response.occupancy: Aalen-Johansen, logit limits"))
study.table(
    summarise_state_intervals(state_shares).replace({"state": dict(STATE_LABELS)}), id="response.states.intervals",
    index="state", columns=headings_states.INTERVALS, caption="Shares in each state had all been followed, with intervals",
    note="Infinitesimal jackknife, logit limits, each month by itself. No limits where nobody is in the state.")

# %%
study.figure(
    draw_state_bands(state_shares), id="response.states.bands", data=state_shares,
    caption="Share in each state had all been followed, with the interval of each month and the band over all months",
    alt="One panel per state. At month sixty {response.states.complete.60.share:ci} are in complete response.",
    note="Rows differ in scale. The bands stop where fewer than ten are alive and followed, and hold for one state at a time. "
    "Kidney failure: alive in it, so that it can fall, for its deaths are counted as deaths.")

# %%
checks = compare_with_counts(spells, state_shares, followup=followup)
followed = compare_with_followed(spells, state_shares, followup=followup)
study.record_facts(summarise_check_facts(checks, followed=followed, origin="helpers.response.state_checks"))

# %% tags=["say"]
study.say(
    "At month sixty {response.states.complete.60.share:ci} would be in complete response and "
    "{response.states.esrd.60.share:ci} alive in kidney failure, those who died of it no longer among them. Up to month "
    "{response.states.crosscheck.until} nobody had left alive, so that estimated and counted shares must agree, and {word}: "
    "the largest difference is {response.states.crosscheck.largest:value}. Up to month "
    "{response.states.crosscheck.left.until} they may differ from the shares of those still followed, and do so by "
    "{response.states.crosscheck.left.largest:value} percentage points at most.",
    word=label_agreement(bool(checks["agrees"].iloc[0])))

# %% [markdown]
# ## How often did they move from one state to another?
#
# Changes of state over the time spent in the state that is left. The label is known only months after time zero: a
# patient counts as difficult to treat from the label on, and with the others before, for nobody could have been treated
# by a label still to come. A change dates from the visit that showed it, so that these are rates of being found. The
# same patient may change again and again: the limits of the ratios take patients as the units, in both groups.

# %%
label_months = study.labels.set_index("patient_id")["dtt_month"]
periods = derive_periods(spells, label_months=label_months)
transitions = estimate_transition_rates(periods)
by_final_label = estimate_transition_rates(derive_periods(spells))
ratios_of_rates = estimate_transition_ratios(periods)

# %%
study.record_facts(summarise_rate_facts(transitions, origin="helpers.response.transitions: exact Poisson limits"))
study.record_facts(summarise_ratio_facts(ratios_of_rates, origin="helpers.response.rate_ratios: patients as units"))
study.record_facts(summarise_rate_facts(
    by_final_label, prefix="response.transitions.final", origin="helpers.response.transitions: by final label"))

# %%
study.table(
    derive_rate_matrix(transitions).replace({"state": dict(STATE_LABELS)}), id="response.transitions.matrix",
    index="state", columns=headings_states.MATRIX, caption="From state (rows) to state: changes per hundred patient-years",
    note="All patients; exact Poisson limits. A dash: not possible by the rules of the states, or no time in the state.")

# %%
study.table(
    keep_seen_transitions(transitions).replace({"from": dict(STATE_LABELS), "to": dict(STATE_LABELS)}),
    id="response.transitions", index="term", columns=headings_states.TRANSITIONS,
    caption="Changes of state per hundred patient-years: all patients, after the label, and without or before it",
    note="Exact Poisson limits; with patients as units where at least five made the change. Other limits by group: Poisson. "
    "Patients whose label cannot be told are among all and in neither group.")

# %%
study.table(
    ratios_of_rates.replace({"from": dict(STATE_LABELS), "to": dict(STATE_LABELS)}), id="response.transitions.ratios",
    index="term", columns=headings_states.RATIOS,
    caption="Rates of three changes of state after the label, over those without or before it", note="Patients as units, "
    "in both groups. Exact limits where fewer than five patients of a group made the change, and none twice; else none.")

# %%
intensities = estimate_cumulative_intensities(periods, groups=["dtt", "other"])
study.figure(
    draw_cumulative_intensities(intensities, rates=transitions), id="response.transitions.intensities", data=intensities,
    caption="Cumulative intensity of four changes of state (Nelson-Aalen), after the label and without or before it",
    alt="Rising steps by group. From complete response to flare: {response.transitions.dtt.complete_to_flare.rate:ci} per "
        "hundred patient-years after the label, {response.transitions.other.complete_to_flare.rate:ci} without it.",
    note="Bands with patients as units. Where the steps leave the straight line, the rate was not constant.")

# %% tags=["say"]
study.say(
    "From complete response to flare patients went {response.transitions.all.complete_to_flare.rate:value} times per hundred "
    "patient-years, whoever's label cannot be told among them: {response.transitions.dtt.complete_to_flare.rate:value} "
    "after the label and {response.transitions.other.complete_to_flare.rate:value} without or before it, a ratio of "
    "{response.transitions.complete_to_flare.ratio:ci}. From active disease to complete response the ratio is "
    "{response.transitions.active_to_complete.ratio:ci}, and to kidney failure {response.transitions.active_to_esrd.ratio:ci}. At "
    "the same time since time zero the three are {response.transitions.complete_to_flare.matched_ratio:ci}, "
    "{response.transitions.active_to_complete.matched_ratio:ci} and {response.transitions.active_to_esrd.matched_ratio:ci}.")

# %% tags=["say"]
study.say(
    "After the label the rate of flare is {response.transitions.complete_to_flare.ratio:verdict} that without it; out of active "
    "disease, the rate of complete response is {response.transitions.active_to_complete.ratio:verdict} that without it, and the "
    "rate of kidney failure is {response.transitions.active_to_esrd.ratio:verdict} that without it. In the rates of all "
    "together, {word}.", word=label_dispersion(transitions))

# %% [markdown]
# ## How many months would they spend in each state?
#
# The area under the share of a state is the time an average patient would spend in it. By the final label this
# describes, with the months before the label in it: who was slow to respond is called difficult for it. From the landmark
# on, by the label known there, the groups start together and the past is behind both.

# %%
months = estimate_state_months(spells)
from_landmark = keep_spells_from(spells, start_month=LANDMARK_MONTHS, label_months=label_months)
landmark_months = estimate_state_months(from_landmark, until=MONTHS_COUNTED - LANDMARK_MONTHS)

# %%
months_origin = "helpers.response.state_months: area under Aalen-Johansen"
study.record_facts(summarise_month_facts(months, prefix="response.months", origin=months_origin))
study.record_facts(summarise_month_facts(landmark_months, prefix="response.months.landmark", origin=months_origin))

# %%
study.table(
    summarise_state_months(months, landmark=landmark_months).replace({"state": dict(STATE_LABELS)}),
    id="response.months", index="state", columns=headings_states.MONTHS,
    caption="Expected months in each state over {response.months.until} months, and from the landmark over "
    "{response.months.landmark.until}", note="Groups by final label; at the landmark by the label known there. Difference: "
    "difficult to treat minus others. Counted to the last month at which every group has ten alive and followed, at most.")

# %% tags=["say"]
study.say(
    "Expected months in complete response, of {response.months.until}: for the difficult-to-treat "
    "{response.months.dtt.complete:ci}, for the others {response.months.other.complete:ci}, the difference "
    "{response.months.difference.complete:ci}. Alive in kidney failure: {response.months.dtt.esrd:ci} and "
    "{response.months.other.esrd:ci}. From the landmark on, of {response.months.landmark.until} months and by the label "
    "known there, the difference in complete response: {response.months.landmark.difference.complete:ci}.")

# %%
carried = derive_state_spells(visits, followup=followup, courses=study.courses, carry_months=FOREVER)
unseen = compare_unseen(spells, carried=carried)
study.record_facts(summarise_unseen_facts(unseen, origin=months_origin))

# %%
study.table(
    unseen.replace({"state": dict(STATE_LABELS)}), id="response.months.unseen", index="state",
    columns=headings_states.UNSEEN, caption="Expected months in each state by three ways of dealing with patients not seen",
    note="All patients. Not seen: a year without a visit that tells the response.")

# %% tags=["say"]
study.say("How patients who stayed away are dealt with moves the months in any other state by at most "
          "{response.months.unseen.largest}.")

# %% [markdown]
# ## Does it matter how they came to where they are?
#
# The shares above do not need it, but many models of states do: that the present state alone decides what comes next.
# Held against it: those in each state at the landmark, followed as they were, beside the product of everybody's
# rates from that state on.

# %%
memory = estimate_landmark_shares(spells)
study.table(
    memory.replace({"label": dict(STATE_LABELS)}), id="response.states.memory", index="term",
    columns=headings_states.MEMORY, caption="In complete response at month sixty, by the state at month twenty-four",
    note="Landmark Aalen-Johansen; a dash: fewer than ten patients in the state at the landmark. Difference: in percentage "
    "points, with the error of both sides.")

# %% tags=["say"]
study.say(
    "Of a hundred in complete response at the landmark, {table.response.states.memory.complete.estimate:ci} are in it at month "
    "sixty; were the state all that matters, it would be {table.response.states.memory.complete.markov_percent}, a difference "
    "of {table.response.states.memory.complete.difference_estimate:ci}. What became of them {word}.",
    word=label_memory(memory))

# %% [markdown]
# ## What happened to each difficult-to-treat patient?
#
# One bar per patient, the longest followed on top. The colour is the state, as above; marks are inductions, flares,
# kidney failure, death and loss.

# %%
paths = derive_paths(spells, courses=study.courses, followup=followup)
study.table(count_marks(paths), id="response.paths", index="kind", columns=headings.MARKS,
            caption="What the paths of the difficult-to-treat hold")

# %%
study.record("response.dtt.n", followup["group"].eq("dtt").sum(), unit="patients", label="Difficult to treat",
             origin="dtt_labels.dtt")
study.figure(
    draw_swimmer(paths), id="response.paths.swimmer", data=paths, caption="The paths of the difficult-to-treat",
    alt="A swimmer plot of {response.dtt.n} patients with {table.response.paths.course.marks_n} inductions.")

# %% tags=["say"]
study.say(
    "The {response.dtt.n} difficult-to-treat patients had {table.response.paths.course.marks_n} inductions. After complete "
    "response {table.response.paths.flare.patients_n} of them flared, {table.response.paths.flare.marks_n} times in all; "
    "{table.response.paths.esrd.patients_n} lost their kidneys, {table.response.paths.death.patients_n} died and "
    "{table.response.paths.lost.patients_n} were lost to follow-up.")

# %% [markdown]
# ## Which regimen followed which, and how did each course end?
#
# A course lasts, maintenance included, until the next induction or the end of follow-up. Its response is the best that
# it reached, which flatters long courses: they have more visits to be good at.

# %%
outcomes = label_course_outcomes(visits, courses=study.courses, followup=followup)
study.table(summarise_courses(outcomes), id="response.courses", index="course", columns=headings.COURSES,
            caption="Best response and ending of every induction course", note=headings.COURSE_NOTE)

# %%
regimens = summarise_courses(outcomes, by="regimen", labels=choices_of("treatments", "regimen"))
study.table(regimens, id="response.regimens", index="regimen", columns=headings.REGIMENS,
            caption="Best response and ending of every induction course, by regimen", note=headings.COURSE_NOTE)

# %%
switches = count_switches(outcomes)
second_of_others = study.courses.query("course_number == 2")["patient_id"].isin(study.labels.query("dtt == 'no'")["patient_id"])
study.table(switches, id="response.switches", index="pair", columns=headings.SWITCHES,
            caption="Which regimen followed which")

# %%
study.record("response.switches.n", switches["n"].sum(), unit="courses", label="Inductions that followed another",
             origin="courses")
study.record("response.second.others.n", second_of_others.sum(), unit="patients",
             label="Second induction without the label", origin="courses and dtt_labels.dtt")
study.figure(
    draw_switches(switches), id="response.switches.map", data=switches, caption="From one induction to the next",
    alt="A heat map of {response.switches.n} switches from one regimen to the next.")

# %% tags=["say"]
study.say(
    "{response.switches.n} inductions followed another one; the most frequent step: {pair}. Of the "
    "{table.response.courses.1.courses_n} first inductions {table.response.courses.1.complete_n} reached complete response "
    "at some visit, and {table.response.courses.2.courses_n} patients had a second induction, {response.second.others.n} of "
    "them not labelled difficult to treat; of the {table.response.courses.2.courses_n} second ones "
    "{table.response.courses.2.complete_n} reached complete response.",
    pair=label_most_frequent(switches, names="pair", numbers="n", none="none"))

# %%
study.write("visit_responses", visits)
study.write("course_outcomes", outcomes)

# %% [markdown]
# ## What did treatment cost them?
#
# Adverse events per hundred patient-years from time zero to the end of follow-up, with exact Poisson limits. Two
# counts: all events over all time, which is what a clinic has to treat, and first events over the time until then,
# which a few patients with many events cannot inflate. A type that never occurred still has an upper limit.

# %%
harms = keep_adverse_events(study.raw["events"], followup=followup)
adverse = estimate_adverse_rates(harms, followup=followup)
adverse_facts = summarise_adverse_facts(adverse, origin="helpers.adverse: all events, exact Poisson limits")

# %%
study.record("adverse.any.rate", **adverse_facts["all", "any"])
study.record("adverse.major_infection.rate", **adverse_facts["all", "major_infection"])
study.record("adverse.tuberculosis.rate", **adverse_facts["all", "tuberculosis"])
study.record("adverse.herpes_zoster.rate", **adverse_facts["all", "herpes_zoster"])
study.record("adverse.leucopenia.rate", **adverse_facts["all", "leucopenia"])

# %%
study.record("adverse.avascular_necrosis.rate", **adverse_facts["all", "avascular_necrosis"])
study.record("adverse.amenorrhoea.rate", **adverse_facts["all", "amenorrhoea"])
study.record("adverse.haemorrhagic_cystitis.rate", **adverse_facts["all", "haemorrhagic_cystitis"])
study.record("adverse.other.rate", **adverse_facts["all", "other"])
study.record("adverse.dtt.any.rate", **adverse_facts["dtt", "any"])
study.record("adverse.other_group.any.rate", **adverse_facts["other", "any"])

# %%
study.table(
    adverse.replace({"group": dict(GROUP_LABELS)}), id="adverse.rates", index="term", columns=headings.ADVERSE,
    caption="Adverse events per hundred patient-years: all events",
    note="Exact Poisson limits. Amenorrhoea: of women, over their time only.")

# %%
first_harms = estimate_adverse_rates(harms, followup=followup, counting="first")
study.table(
    first_harms.replace({"group": dict(GROUP_LABELS)}), id="adverse.first_rates", index="term",
    columns=headings.ADVERSE, caption="Adverse events per hundred patient-years: first event of each patient",
    note="Time counts until the first event of the type. Amenorrhoea: of women, over their time only.")

# %%
ratios = estimate_adverse_ratios(first_harms)
study.table(ratios, id="adverse.ratios", index="term", columns=headings.RATIOS,
            caption="First events: rate among the difficult-to-treat over that among the others")

# %%
any_ratio = ratios.iloc[0]
study.record("adverse.any.ratio", any_ratio["estimate"], low=any_ratio["low"], high=any_ratio["high"], null=1.0,
             n=any_ratio["n"], unit="rate ratio", label="First adverse event of any type, difficult to treat over others",
             origin="helpers.adverse.estimate_adverse_ratios")

# %%
study.figure(
    draw_adverse_rates(adverse), id="adverse.rates.dots", data=adverse, caption="Adverse events by type and group",
    alt="Dots with intervals. Any adverse event: {adverse.dtt.any.rate:ci} per hundred patient-years among the "
        "difficult-to-treat, {adverse.other_group.any.rate:ci} among the others.")

# %% tags=["say"]
study.say(
    "There were {table.adverse.rates.all_any.events_n} adverse events, {adverse.any.rate:ci} per hundred patient-years, in "
    "{table.adverse.rates.all_any.patients_n} of {response.patients.n} patients; major infection came to "
    "{adverse.major_infection.rate:ci}, herpes zoster to {adverse.herpes_zoster.rate:ci}. Counting first events only, the "
    "rate among the difficult-to-treat is {adverse.any.ratio:verdict} that among the others: ratio {adverse.any.ratio:ci}.")

# %% [markdown]
# ## Where did the difficult-to-treat stand at the end?
#
# The response at the last follow-up is the label's: the last that could be told, also for those who died, and none
# after kidney failure. It is a cross-section at unequal times: the early treated had longer to respond, and to relapse.

# %%
final = summarise_final_status(derive_responses_at(visits, followup=followup, labels=study.labels))
study.table(final, id="response.final", index="response", columns=headings.FINAL,
            caption="Last response and vital status of the difficult-to-treat", note="Limits by Wilson.")

# %%
study.record("response.dtt.last.cr.share", **shares["dtt", "last", "cr"])
study.record("response.dtt.last.pr.share", **shares["dtt", "last", "pr"])
study.record("response.dtt.last.nr.share", **shares["dtt", "last", "nr"])

# %% tags=["say"]
study.say(
    "At the last follow-up {table.response.final.complete.n} of {response.dtt.n} difficult-to-treat patients were in "
    "complete response, {response.dtt.last.cr.share:ci}; {table.response.final.partial.n} in partial response, "
    "{response.dtt.last.pr.share:ci}; and {table.response.final.none.n} in none, {response.dtt.last.nr.share:ci}. Of "
    "those in complete response {table.response.final.complete.dead_n} had died; of those in none "
    "{table.response.final.none.esrd_n} lived in kidney failure and {table.response.final.none.dead_n} had died.")

# %% [markdown]
# ## How good is the kidney of those in complete response?
#
# Response is held against a reference: kidney function before nephritis where that is known, else at the start of
# treatment, when the kidney was already ill. Whoever came with a poor kidney and kept it can be in complete response.

# %%
known = flag_known_references(followup, baseline=study.raw["baseline"])
study.record("response.reference.known.n", known.sum(), unit="patients", n=len(known),
             label="Kidney function before nephritis known", origin="baseline.preflare_creatinine_mg_dl")

# %%
study.table(count_final_kidney(visits, labels=study.labels), id="response.final_kidney", index="band",
            columns=headings.FINAL_KIDNEY, caption="Kidney function of all patients in complete response at the last follow-up",
            note="eGFR in mL/min/1.73 m² at the last visit whose response can be told.")

# %% tags=["say"]
study.say(
    "Kidney function before nephritis is known in {response.reference.known.n} of {response.patients.n} patients; in the "
    "others the reference is the value at the start of treatment. Of all in complete response at the last follow-up, "
    "{table.response.final_kidney.preserved.n} had an eGFR of 60 or more, {table.response.final_kidney.reduced.n} one of 45 "
    "to below 60, {table.response.final_kidney.poor.n} one below 45: complete means "
    "not much worse than the reference, by the rule in force, and not well.")

# %% [markdown]
# ## Does a second engine find the same numbers?
#
# Response rates are counted again visit by visit, median times found by another package, the shares in each state by
# multiplying matrices, and the limits of rates from another distribution; Turnbull's medians by his own steps, drawn out,
# the rates from state to state by counting spell by spell, and the months in each state as sums of shares. Both engines
# start from the same response of each visit.

# %%
checks = check_response(
    visits, followup=followup, spells=spells, labels=study.labels, events=study.raw["events"], intervals=intervals,
    from_landmark=from_landmark, landmark_until=MONTHS_COUNTED - LANDMARK_MONTHS)
study.cross_check(checks, prefix="response")

# %% [markdown]
# ## What this cannot tell you
#
# - Whether any regimen is better than another. Doctors chose each course for the patient in front of them, knowing what
#   had failed; the groups that received it differ in everything that led there.
# - Whether the difficult-to-treat respond worse *because* of something. They are called so for responding worse, and a
#   comparison of their response with that of the others runs in a circle.
# - When a response began. It is dated by the visit that showed it, and visits come more often to the sick; who is seen
#   more often is found in response, and in flare, sooner.
# - What a single visit is worth. Proteinuria wavers from visit to visit, and one visit is enough here to enter or to
#   leave a response: some of the movement between neighbouring states is noise.
# - When a state was left between visits, and what came and went there unseen. The interval-censored times assume that
#   when a patient comes does not depend on the response; the visit rates say that it may.
# - What those not seen were in: they are a state of their own here, and two other readings are shown beside it.
# - What the final label does to the months in each state: by it the groups differ by construction, and only the columns
#   from the landmark on start them together, without those who died early and could not enter.
# - What became of those who left. They are assumed to go on like those who stayed; whoever stayed away because of
#   feeling well, or too ill to come, breaks that.
# - What the patients felt, could do or hoped for. Adverse events are those that somebody wrote down, and mild ones rarely
#   are.
# - Whether both engines share a wrong definition. They guard against slips, and not against bad ideas.

# %%
study.finish()
