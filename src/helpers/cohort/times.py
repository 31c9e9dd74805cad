"""Dates of a patient: the index biopsy, the inductions, the end of follow-up; months and completed months."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.definitions import CLASS_GROUPS, DAYS_PER_MONTH

_ERAS = ((2008, "before 2008"), (2013, "2008 to 2012"), (2017, "2013 to 2016"), (9999, "2017 and after"))
_SEEN = (
    ("visits", "visit_date"), ("events", "event_date"), ("events", "event_end_date"), ("treatments", "start_date"),
    ("treatments", "stop_date"), ("biopsies", "biopsy_date"), ("baseline", "assessment_date"),
)  # fmt: skip


def derive_months(start: pd.Series, end: pd.Series) -> pd.Series:
    """Months of 30.4375 days from start to end; missing where either is.

    >>> day = pd.Series(pd.to_datetime(["2020-01-01"]))
    >>> derive_months(day, day + pd.Timedelta(days=487)).tolist()
    [16.0]
    """
    return (end - start).dt.days / DAYS_PER_MONTH


def count_completed_months(start: pd.Series, end: pd.Series) -> pd.Series:
    """Completed calendar months from start to end; missing where either is, or where end comes first.

    >>> start = pd.Series(pd.to_datetime(["2020-01-15", "2020-01-15", "2020-01-15"]))
    >>> end = pd.Series(pd.to_datetime(["2020-02-14", "2020-02-15", "2020-01-14"]))
    >>> count_completed_months(start, end).tolist()
    [0, 1, <NA>]
    """
    months: pd.Series = (end.dt.year - start.dt.year) * 12 + end.dt.month - start.dt.month - (end.dt.day < start.dt.day)
    return months.where(months >= 0).astype("Int64")


def label_era(day: pd.Series) -> pd.Series:
    """The calendar period of each day, in words; missing for a missing day.

    The periods follow the regimens: low-dose cyclophosphamide and mycophenolate spread after 2008.
    """
    bounds, words = np.array([bound for bound, _ in _ERAS]), np.array([word for _, word in _ERAS], dtype=object)
    period = words[np.searchsorted(bounds, day.dt.year.fillna(0).to_numpy(), side="right")]
    return pd.Series(period, index=day.index, dtype="string").mask(day.isna())


def derive_index_biopsies(biopsies: pd.DataFrame, *, study_start: str, study_end: str) -> pd.DataFrame:
    """The index biopsy: one row per patient with a biopsy, all columns of `biopsies`.

    The first biopsy of class III, IV or V (alone or combined) in the study period, both ends included; for a
    patient without one, the first of such a class at any time, else the earliest of all.
    """
    right_class = biopsies["isn_rps_class"].isin(list(CLASS_GROUPS)).to_numpy(dtype=bool)
    in_period = biopsies["biopsy_date"].between(pd.Timestamp(study_start), pd.Timestamp(study_end)).to_numpy(dtype=bool)
    rank = np.select([right_class & in_period, right_class], [0, 1], 2)
    ordered = biopsies.assign(rank=rank).sort_values(["patient_id", "rank", "biopsy_date", "biopsy_id"])
    return ordered.drop_duplicates("patient_id", ignore_index=True).drop(columns="rank")


def derive_inductions(treatments: pd.DataFrame) -> pd.DataFrame:
    """The induction courses, one row per patient and course, numbered from 1 in the order of their start."""
    inductions = treatments.loc[treatments["phase"] == "induction"]
    inductions = inductions.sort_values(["patient_id", "start_date", "course_number"], ignore_index=True)
    number = inductions.groupby("patient_id").cumcount() + 1
    return inductions.assign(course_number=number.astype("Int64")).drop(columns="phase")


def derive_followup_ends(raw: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The end of follow-up: one row per patient that any table shows; patient_id, followup_end_date, is_dead.

    Death, otherwise the last day on which a visit, event, treatment (start or stop), biopsy or baseline
    assessment shows the patient alive. A treatment that goes on shows nothing after its start.
    """
    days = [raw[table].groupby("patient_id")[column].max().rename("day").reset_index() for table, column in _SEEN]
    last = pd.concat(days).dropna().groupby("patient_id", as_index=False)["day"].max()
    events = raw["events"]
    deaths = events.loc[events["event_type"] == "death"].groupby("patient_id")["event_date"].min()
    death = last["patient_id"].map(deaths)
    return pd.DataFrame({
        "patient_id": last["patient_id"], "followup_end_date": death.fillna(last["day"]),
        "is_dead": death.notna().astype("boolean"),
    })  # fmt: skip
