"""Visits with the values that response is judged on, and each patient's baseline and reference values."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.cohort.times import derive_inductions, derive_months
from helpers.definitions import BASELINE_DAYS_AFTER, BASELINE_DAYS_BEFORE, EgfrEquation
from helpers.kidney import derive_age, derive_egfr, derive_proteinuria, flag_active_sediment

BASELINE_COLUMNS = (
    "baseline_creatinine_mg_dl", "baseline_upcr_g_g", "baseline_egfr", "reference_egfr",
    "reference_creatinine_mg_dl", "baseline_active_sediment",
)  # fmt: skip
_KEPT = (
    "patient_id", "visit_date", "month", "creatinine_mg_dl", "upcr_g_g", "egfr", "active_sediment", "urine_rbc_hpf",
)  # fmt: skip


def derive_visit_values(visits: pd.DataFrame, people: pd.DataFrame, *, equation: EgfrEquation) -> pd.DataFrame:
    """The values of each visit: one row per visit, sorted by patient and date.

    Adds `month` since time zero (missing without one), proteinuria (ratio, else 24-hour protein), eGFR with
    the age on that day, and `active_sediment`. `people` needs patient_id (sorted), sex, birth_date, time_zero_date.
    """
    row = pd.Index(people["patient_id"]).get_indexer(visits["patient_id"])
    order = np.lexsort((visits["visit_date"].to_numpy(), row))
    values = visits.iloc[order].reset_index(drop=True)
    person = people[["sex", "birth_date", "time_zero_date"]].iloc[row[order]].reset_index(drop=True)
    age = derive_age(person["birth_date"], values["visit_date"])
    return flag_active_sediment(values).assign(
        month=derive_months(person["time_zero_date"], values["visit_date"]),
        upcr_g_g=derive_proteinuria(values),
        egfr=derive_egfr(values["creatinine_mg_dl"], age, person["sex"] == "female", equation=equation),
    )[list(_KEPT)]


def derive_baseline_values(people: pd.DataFrame, values: pd.DataFrame, *, equation: EgfrEquation) -> pd.DataFrame:
    """Baseline and reference kidney values, one row per patient of `people` in the same order.

    Baseline, for each measurement by itself: the latest known value of the 90 days up to and including time
    zero, else the first known one of the 7 days after it, or of the days up to the first of induction where that
    comes later, as it may where time zero is the biopsy (treatment has not acted yet). Reference: the value
    before nephritis where one is on file, else the baseline. eGFR is that of the creatinine with the age at
    time zero.
    """
    ids = people["patient_id"]
    creatinine = ids.map(_baseline_of(values, people, column="creatinine_mg_dl")).astype(float)
    earlier = people["preflare_creatinine_mg_dl"].astype(float)
    reference = earlier.fillna(creatinine)
    age, female = derive_age(people["birth_date"], people["time_zero_date"]), people["sex"] == "female"
    return pd.DataFrame({
        "baseline_creatinine_mg_dl": creatinine,
        "baseline_upcr_g_g": ids.map(_baseline_of(values, people, column="upcr_g_g")).astype(float),
        "baseline_egfr": derive_egfr(creatinine, age, female, equation=equation),
        "reference_egfr": derive_egfr(reference, age, female, equation=equation),
        "reference_creatinine_mg_dl": reference,
    }, index=people.index)  # fmt: skip


def _baseline_of(values: pd.DataFrame, people: pd.DataFrame, *, column: str) -> pd.Series:
    """The baseline value of one measurement by patient."""
    person = people.set_index("patient_id")
    treated = (person["induction_start_date"] - person["time_zero_date"]).dt.days
    last_day = treated.fillna(0).clip(lower=BASELINE_DAYS_AFTER)
    known = values.loc[values[column].notna(), ["patient_id", "visit_date", column]]
    days = (known["visit_date"] - known["patient_id"].map(person["time_zero_date"])).dt.days
    inside = (days >= -BASELINE_DAYS_BEFORE) & (days <= known["patient_id"].map(last_day))
    known = known.assign(days=days).loc[inside]
    # first the days up to time zero, the latest first; then those after it, the earliest first
    order = np.where(known["days"] > 0, BASELINE_DAYS_BEFORE + known["days"], -known["days"])
    chosen = known.assign(order=order).sort_values(["patient_id", "order"]).drop_duplicates("patient_id")
    return chosen.set_index("patient_id")[column]


def derive_assessments(raw: Mapping[str, pd.DataFrame], cohort: pd.DataFrame, *, values: pd.DataFrame) -> pd.DataFrame:
    """The assessments: one row per visit of an eligible patient, from the baseline on, sorted by patient and date.

    `values` are the visits as `derive_visit_values` gives them. Adds the induction course in force on the day
    (0 before the first; a course is in force from its first day) and the patient's baseline and reference values.
    """
    eligible = cohort.loc[cohort["is_eligible"], ["patient_id", "time_zero_date", *BASELINE_COLUMNS]]
    row = pd.Index(eligible["patient_id"]).get_indexer(values["patient_id"])
    values, row = values.loc[row >= 0].reset_index(drop=True), row[row >= 0]
    days = (values["visit_date"] - eligible["time_zero_date"].iloc[row].reset_index(drop=True)).dt.days
    kept = (days >= -BASELINE_DAYS_BEFORE).to_numpy(dtype=bool)
    visits, row = values.loc[kept].reset_index(drop=True), row[kept]
    person = eligible[list(BASELINE_COLUMNS)].iloc[row].reset_index(drop=True)
    inductions = derive_inductions(raw["treatments"])
    course = pd.Index(eligible["patient_id"]).get_indexer(inductions["patient_id"])
    number = _count_started(
        row, visits["visit_date"], course[course >= 0], inductions.loc[course >= 0, "start_date"])  # fmt: skip
    joined: pd.DataFrame = pd.concat([visits, person], axis=1)
    return joined.assign(course_number=pd.array(number, dtype="Int64"))


def _count_started(
    patients: np.ndarray, days: pd.Series, course_patients: np.ndarray, starts: pd.Series
) -> np.ndarray:
    """For each visit, how many courses of the same patient had begun on that day; courses come by patient and start."""
    first = min(days.min(), starts.min()) if len(days) else pd.Timestamp(0)
    span = 1 << 20  # days; longer than any two dates lie apart
    begun = course_patients * span + (starts - first).dt.days.to_numpy()
    until = np.searchsorted(begun, patients * span + (days - first).dt.days.to_numpy(), side="right")
    return until - np.searchsorted(course_patients, patients)


def derive_courses(raw: Mapping[str, pd.DataFrame], cohort: pd.DataFrame) -> pd.DataFrame:
    """The induction courses of eligible patients: one row per patient and course, numbered by their start.

    Adds `start_month` and `end_month` since time zero; a course ends where the next begins, the last one at
    the end of follow-up.
    """
    courses = derive_inductions(raw["treatments"])
    eligible = cohort.loc[cohort["is_eligible"], ["patient_id", "time_zero_date", "followup_end_date"]]
    courses = courses.merge(eligible, on="patient_id", how="inner")
    following = courses.groupby("patient_id")["start_date"].shift(-1)
    end = following.fillna(courses["followup_end_date"])
    return courses.assign(
        start_month=derive_months(courses["time_zero_date"], courses["start_date"]),
        end_month=derive_months(courses["time_zero_date"], end),
    ).drop(columns=["time_zero_date", "followup_end_date"])
