"""Response at every visit: against the start of treatment, and against the start of the course in force."""

from __future__ import annotations

import pandas as pd

from helpers.definitions import DAYS_PER_MONTH, ResponseRule
from helpers.kidney import derive_kidney_failure, label_response

BASELINE_DAYS = 183
"""A value older than this no longer describes the kidney at the start of a later course. A choice of this
compendium: visits are three to six months apart by then, so that the last one is usually found."""

_BASELINES = {
    "upcr_g_g": "baseline_upcr_g_g",
    "creatinine_mg_dl": "baseline_creatinine_mg_dl",
    "egfr": "baseline_egfr",
}
GROUPS = ("all", "dtt", "other")
"""The groups that are reported: everybody, and the two that can be told."""

_OF_LABEL = {"yes": "dtt", "no": "other"}


def derive_followup(
    cohort: pd.DataFrame, *, labels: pd.DataFrame, events: pd.DataFrame, assessments: pd.DataFrame
) -> pd.DataFrame:
    """How long each patient was followed, and what ended it.

    One row per eligible patient: patient_id, `group` ("dtt", "other", "cannot tell"), time_zero_date, `is_female`,
    `followup_months`, `death_month` and `esrd_month` (months from time zero, missing for never) and `is_lost`
    (follow-up ended with a recorded loss, and the patient is not known to have died).

    Kidney failure is dated by `helpers.kidney.derive_kidney_failure`; after the end of follow-up it is not seen.
    """
    people = cohort.loc[cohort["is_eligible"]].reset_index(drop=True)
    group = people["patient_id"].map(labels.set_index("patient_id")["dtt"]).map(_OF_LABEL).fillna("cannot tell")
    failure = derive_kidney_failure(events, assessments, people).set_index("patient_id")["esrd_date"]
    esrd_month = _months(people["patient_id"].map(failure), since=people["time_zero_date"])
    is_dead = people["is_dead"].fillna(False).astype(bool)
    lost = events.loc[events["event_type"].eq("lost_to_followup"), "patient_id"]
    return people[["patient_id", "time_zero_date"]].assign(
        is_female=people["sex"].eq("female").fillna(False).astype(bool),
        group=group.astype("string"), followup_months=people["followup_months"].astype(float),
        death_month=people["followup_months"].astype(float).where(is_dead),
        esrd_month=esrd_month.where(esrd_month <= people["followup_months"]),
        is_lost=people["patient_id"].isin(lost) & ~is_dead,
    )  # fmt: skip


def derive_course_baselines(assessments: pd.DataFrame, *, courses: pd.DataFrame) -> pd.DataFrame:
    """The values that the response to each induction course is judged against.

    One row per course: patient_id, course_number, start_date, start_month, baseline_upcr_g_g,
    baseline_creatinine_mg_dl, baseline_egfr. For the first course these are the patient's baseline values. For a
    later one each is the last value known on or before the day on which it started, no older than 183 days;
    else missing, and the response to that course can rarely be told.

    A second induction treats the flare or the failure before it: half the proteinuria of years ago would
    call a patient a responder on the day the flare began.
    """
    starts = courses[["patient_id", "course_number", "start_date", "start_month"]].sort_values("start_date")
    table = starts.reset_index(drop=True)
    for measure, baseline in _BASELINES.items():
        known = assessments.loc[assessments[measure].notna(), ["patient_id", "visit_date", measure]]
        table = pd.merge_asof(
            table, known.sort_values("visit_date").rename(columns={measure: baseline}), left_on="start_date",
            right_on="visit_date", by="patient_id", tolerance=pd.Timedelta(days=BASELINE_DAYS),
        ).drop(columns="visit_date")  # fmt: skip
        first = assessments.drop_duplicates("patient_id").set_index("patient_id")[baseline]
        is_first = table["course_number"].eq(1)
        table[baseline] = table[baseline].mask(is_first, table["patient_id"].map(first)).astype(float)
    return table.sort_values(["patient_id", "course_number"], ignore_index=True)


def derive_visit_responses(
    assessments: pd.DataFrame, *, courses: pd.DataFrame, rule: ResponseRule
) -> pd.DataFrame:
    """The response at every visit under treatment, on two scales.

    One row per visit after the start of the first induction, by patient and date: the columns of `assessments`
    with `course_number` and `course_month` (months since that course started), `response` (against the baseline
    before the first course, months counted from time zero) and `course_response` (against the baseline of
    the course, months counted from its start). Both are words: complete, partial, none, cannot tell.

    A visit on the day on which a course starts is that course's baseline: it still speaks for the course
    before, and the visit on the first day of the first course for none. The reference kidney function
    (before nephritis) stays the same for all courses.
    """
    visits = assessments.drop(columns=["course_number"]).sort_values("visit_date", kind="stable")
    baselines = derive_course_baselines(assessments, courses=courses).sort_values("start_date", kind="stable")
    placed = pd.merge_asof(
        visits, baselines.rename(columns={name: f"course_{name}" for name in _BASELINES.values()}),
        left_on="visit_date", right_on="start_date", by="patient_id", allow_exact_matches=False,
    )  # fmt: skip
    placed = placed.loc[placed["course_number"].notna()].sort_values(["patient_id", "visit_date"], ignore_index=True)
    placed["course_number"] = placed["course_number"].astype("Int64")
    placed["course_month"] = _months(placed["visit_date"], since=placed["start_date"])
    own = {"month": placed["course_month"]} | {name: placed[f"course_{name}"] for name in _BASELINES.values()}
    placed["response"] = label_response(placed, rule=rule)
    placed["course_response"] = label_response(placed.assign(**own), rule=rule)
    return placed.drop(columns=["start_date", "start_month", *(f"course_{name}" for name in _BASELINES.values())])


def keep_each_group(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows twice: under the group "all", and under their own ("dtt", "other"); "cannot tell" only once.

    >>> keep_each_group(pd.DataFrame({"group": ["dtt", "cannot tell"]})).group.tolist()
    ['all', 'all', 'dtt']
    """
    own = rows.loc[rows["group"].isin(["dtt", "other"])]
    return pd.concat([rows.assign(group="all"), own], ignore_index=True)


def _months(dates: pd.Series, *, since: pd.Series) -> pd.Series:
    return (dates - since).dt.days / DAYS_PER_MONTH
