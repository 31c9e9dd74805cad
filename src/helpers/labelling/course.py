"""The first course of every patient, laid out for judging: who, when the second induction began, which visits speak."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.answers import Answers, any_of, as_answers, is_true
from helpers.definitions import DAYS_PER_MONTH, DttRule, ResponseRule
from helpers.kidney import Criterion, derive_kidney_failure, derive_response_criteria, flag_response
from helpers.kidney.criteria import make_criterion
from helpers.kidney.measures import derive_ratio

Rows = NDArray[np.int64]
Days = NDArray[np.datetime64]

NOT_DATED = np.datetime64("NaT", "ns")


@dataclass(frozen=True)
class FirstCourses:
    """The first course of n eligible patients.

    patients: one row per patient, sorted by patient_id, with time zero, start of the first and the second
    induction, death, kidney failure and end of follow-up, as dates and as months since time zero (missing where
    they did not happen). visits: one row per assessment, sorted by patient and date; `patient` is the row in
    patients, `speaks` says whether the visit tells about the first course, and `is_complete`, `is_response`,
    `is_worse` are the findings of that visit, true, false or missing.
    """

    patients: pd.DataFrame
    visits: pd.DataFrame

    @property
    def patient(self) -> Rows:
        """The patient's row, visit by visit."""
        return np.asarray(self.visits["patient"], dtype=np.int64)

    @property
    def day(self) -> Rows:
        """The visit's day as a whole number."""
        return self.dates.astype("datetime64[D]").astype(np.int64)

    @property
    def dates(self) -> Days:
        """The visit's date."""
        return self.visits["visit_date"].to_numpy()

    @property
    def month(self) -> NDArray[np.float64]:
        """Months since time zero, visit by visit."""
        return self.visits["month"].to_numpy(dtype=float)

    @property
    def speaks(self) -> NDArray[np.bool_]:
        """Which visits tell about the first course."""
        return self.visits["speaks"].to_numpy(dtype=bool)

    def finding(self, name: str) -> Answers:
        """One finding, visit by visit."""
        return as_answers(self.visits[name])

    def moment(self, name: str) -> NDArray[np.float64]:
        """One month of the patients, NaN where it did not come."""
        return self.patients[f"{name}_month"].to_numpy(dtype=float)

    def date_of_month(self, month: float) -> Days:
        """The last day of each patient on which `month` has not passed."""
        days = np.timedelta64(int(np.floor(month * DAYS_PER_MONTH)), "D")
        return np.asarray(self.patients["time_zero_date"].to_numpy() + days, dtype="datetime64[ns]")

    def first_rows(self, chosen: NDArray[np.bool_]) -> Rows:
        """Each patient's first visit among the chosen, as a row of visits; -1 where there is none."""
        return self._pick(np.flatnonzero(chosen)[::-1])

    def last_rows(self, chosen: NDArray[np.bool_]) -> Rows:
        """Each patient's last visit among the chosen; -1 where there is none."""
        return self._pick(np.flatnonzero(chosen))

    def nearest_rows(self, chosen: NDArray[np.bool_], *, target: float) -> Rows:
        """Each patient's visit nearest to the target month among the chosen, the earlier of two equally near."""
        rows = np.flatnonzero(chosen)
        distance = np.round(np.abs(self.month[rows] - target), 9)
        return self._pick(rows[np.lexsort((rows, distance))][::-1])

    def _pick(self, rows: Rows) -> Rows:
        """The last of the given rows of each patient."""
        picked = np.full(len(self.patients), -1, dtype=np.int64)
        picked[self.patient[rows]] = rows
        return picked

    def dates_at(self, rows: Rows) -> Days:
        """The dates of these visits; missing where the row is -1."""
        return np.append(self.dates, NOT_DATED)[rows]


def derive_first_courses(
    assessments: pd.DataFrame, courses: pd.DataFrame, cohort: pd.DataFrame, *,
    rule: DttRule, response_rule: ResponseRule, events: pd.DataFrame,
) -> FirstCourses:  # fmt: skip
    """The first course of every eligible patient, with the findings of each visit.

    A visit speaks for the first course when it comes after time zero and after the first day of treatment, not
    after the first day of the second induction (values of that day were taken before the new drugs could act),
    and before kidney failure.
    """
    patients = _derive_patients(assessments, courses, cohort, events=events)
    visits = assessments.sort_values(["patient_id", "visit_date"], ignore_index=True)
    row = pd.Index(patients["patient_id"]).get_indexer(visits["patient_id"])
    visits = flag_response(visits.assign(patient=row).loc[row >= 0].reset_index(drop=True), rule=response_rule)
    worse = any_of([criterion.passed for criterion in derive_worsening_criteria(visits, ratio=rule.worsening_ratio)])
    person = patients.iloc[visits["patient"]].reset_index(drop=True)
    date = visits["visit_date"]
    speaks = (date > person["time_zero_date"]) & (date > person["first_start_date"])
    speaks &= ~(date > person["second_start_date"]) & ~(date >= person["esrd_date"])
    return FirstCourses(patients, visits.assign(is_worse=worse, speaks=speaks.to_numpy(dtype=bool)))


def derive_worsening_criteria(visits: pd.DataFrame, *, ratio: float) -> list[Criterion]:
    """Proteinuria and creatinine of each visit over their baseline; either at `ratio` or above is worsening."""
    return [
        make_criterion(name, f"ratio of {column} to baseline",
                       derive_ratio(visits[column], visits[f"baseline_{column}"]), ">=", ratio, part="worsening")
        for name, column in (("proteinuria has grown", "upcr_g_g"), ("creatinine has grown", "creatinine_mg_dl"))
    ]  # fmt: skip


def derive_grade_criteria(visits: pd.DataFrame, *, rule: ResponseRule) -> list[Criterion]:
    """All criteria of a response rule on every visit, named with the grade that they belong to."""
    return [
        replace(criterion, name=f"{grade}: {criterion.name}", part=f"{grade}: {criterion.part}")
        for grade, asked in (("complete", rule.complete), ("partial", rule.partial))
        for group in derive_response_criteria(visits, asked=asked) for criterion in group
    ]  # fmt: skip


def _derive_patients(
    assessments: pd.DataFrame, courses: pd.DataFrame, cohort: pd.DataFrame, *, events: pd.DataFrame
) -> pd.DataFrame:
    eligible = cohort.loc[cohort["is_eligible"]].sort_values("patient_id", ignore_index=True)
    patients = eligible[["patient_id", "time_zero_date", "followup_end_date", "is_dead"]].copy()
    ids = patients["patient_id"]
    by_number = {
        number: courses.loc[courses["course_number"] == number].set_index("patient_id") for number in (1, 2)
    }  # fmt: skip
    esrd = derive_kidney_failure(events, assessments, patients).set_index("patient_id")["esrd_date"]
    patients = patients.assign(
        inductions_n=ids.map(courses.groupby("patient_id").size()).fillna(0).astype("Int64"),
        first_start_date=ids.map(by_number[1]["start_date"]),
        first_stop_reason=ids.map(by_number[1]["stop_reason"]).astype("string"),
        second_start_date=ids.map(by_number[2]["start_date"]),
        esrd_date=ids.map(esrd),
        death_date=patients["followup_end_date"].where(is_true(patients["is_dead"])),
    )
    months = {
        f"{name}_month": (patients[f"{name}_date"] - patients["time_zero_date"]).dt.days / DAYS_PER_MONTH
        for name in ("first_start", "second_start", "esrd", "death", "followup_end")
    }  # fmt: skip
    return patients.assign(**months)
