"""Outcome times: how long each patient was followed, and what ended it, in words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.definitions import DAYS_PER_MONTH, ESRD, EsrdRule, WorseningRule
from helpers.kidney import derive_kidney_failure
from helpers.survival.events import derive_death_dates, derive_worsening_dates

GRAVEST_FIRST = ("death", "esrd", "worsening_creatinine")
"""Which part gives an event its name when two fall on one day."""

OUTCOME_PARTS: Mapping[str, tuple[str, ...]] = {
    "composite": GRAVEST_FIRST,
    "esrd": ("death", "esrd"),
    "death": ("death",),
}
"""The three time scales and what ends each: kidney failure competes with death, and death with nothing."""

HALF_A_DAY = 0.5 / DAYS_PER_MONTH


def derive_outcomes(
    assessments: pd.DataFrame, *, cohort: pd.DataFrame, events: pd.DataFrame, worsening: WorseningRule,
    esrd: EsrdRule = ESRD, from_months: float = 0.0,
) -> pd.DataFrame:  # fmt: skip
    """When each patient met the composite outcome, kidney failure and death, counted from a stated start.

    One row per eligible patient: patient_id, time_zero_date, and for `composite`, `esrd` and `death` a pair
    `<outcome>_months` (float) and `<outcome>_status`: the word of the first thing that happened
    ("worsening_creatinine", "esrd", "death") or "censored" at the end of follow-up. `composite` is the first
    of all three; in `esrd` death competes. Also `worsening_month`, `esrd_month`, `death_month`: when each part
    happened, first or not, missing for never; `is_worsening_assessable`; and `not_at_risk`, why an outcome is
    missing ("" when none is).

    Months run from time zero plus `from_months`. From time zero, creatinine is held against the baseline value;
    from a later start, against the last value up to it (the baseline value where there is none), so that what
    made the label cannot be counted again as outcome.

    Edges. Worsening is read from visits after the start; from the day of kidney failure on it is not read any
    more, as creatinine is then no longer the kidney's own. Two parts on one day: the gravest gives the name
    (death, kidney failure, worsening). An event on the last day of follow-up counts; a later one does not. A
    time of zero counts as half a day. Missing outcomes: kidney failure on or before the start (composite,
    esrd); no value to hold creatinine against (composite); follow-up that ended before the start (all). A
    patient already above the limit of a `creatinine_value` rule is followed for the other two parts.
    """
    patients = cohort.loc[cohort["is_eligible"], ["patient_id", "time_zero_date", "followup_end_date"]]
    visits = _anchored_visits(assessments, patients=patients, from_months=from_months)
    dates = patients.merge(
        derive_kidney_failure(events, visits, patients, rule=esrd), how="left", on="patient_id"
    ).merge(derive_death_dates(events), how="left", on="patient_id")
    readable = visits.merge(dates[["patient_id", "esrd_date", "followup_end_date"]], on="patient_id")
    readable = readable.loc[
        (readable["month"] > from_months)
        & (readable["visit_date"] <= readable["followup_end_date"])
        & ~(readable["visit_date"] >= readable["esrd_date"])
    ]
    dates = dates.merge(derive_worsening_dates(readable, rule=worsening), how="left", on="patient_id")
    measure = "anchor_egfr" if worsening.kind == "egfr_decline" else "anchor_creatinine_mg_dl"
    anchors = visits.groupby("patient_id")[measure].first()
    anchor = dates["patient_id"].map(anchors)
    can_worsen = anchor.notna() & ~((worsening.kind == "creatinine_value") & (anchor > worsening.threshold))
    return _join_outcomes(dates, has_anchor=anchor.notna(), can_worsen=can_worsen, from_months=from_months)


def _anchored_visits(assessments: pd.DataFrame, *, patients: pd.DataFrame, from_months: float) -> pd.DataFrame:
    """The visits with their month since time zero and the kidney values that later visits are held against."""
    anchors = {"creatinine_mg_dl": "baseline_creatinine_mg_dl", "egfr": "baseline_egfr"}
    visits = assessments[["patient_id", "visit_date", *anchors, *anchors.values()]].merge(
        patients[["patient_id", "time_zero_date"]], on="patient_id")
    visits = visits.assign(month=_months(visits["visit_date"], since=visits["time_zero_date"]))
    up_to = visits.loc[(visits["month"] > 0) & (visits["month"] <= from_months)].sort_values("visit_date")
    latest = up_to.groupby("patient_id")[list(anchors)].last()
    for measure, baseline in anchors.items():
        known = visits["patient_id"].map(latest[measure])
        visits[f"anchor_{measure}"] = known.fillna(visits[baseline])
    return visits.drop(columns=["time_zero_date", *anchors.values()])


def _months(dates: pd.Series, *, since: pd.Series) -> pd.Series:
    return (dates - since).dt.days / DAYS_PER_MONTH


def _join_outcomes(
    dates: pd.DataFrame, *, has_anchor: pd.Series, can_worsen: pd.Series, from_months: float
) -> pd.DataFrame:
    since = dates["time_zero_date"]
    end = _months(dates["followup_end_date"], since=since)
    names = {"worsening_creatinine": "worsening_date", "esrd": "esrd_date", "death": "death_date"}
    parts = {part: _months(dates[column], since=since) for part, column in names.items()}
    parts = {part: months.where(months <= end) - from_months for part, months in parts.items()}
    is_late = (end < 0) if from_months == 0 else (end <= from_months)
    in_failure = parts["esrd"].le(0)
    table = dates[["patient_id", "time_zero_date"]].assign(
        followup_months=(end - from_months).where(~is_late),
        worsening_month=parts["worsening_creatinine"], esrd_month=parts["esrd"].where(~in_failure & ~is_late),
        death_month=parts["death"].where(~is_late), is_worsening_assessable=can_worsen,
        not_at_risk=np.select(
            [is_late, in_failure, ~has_anchor],
            ["follow-up ended before the start", "kidney failure before the start", "no creatinine to compare with"],
            default=""),
    )  # fmt: skip
    missing = {"composite": is_late | in_failure | ~has_anchor, "esrd": is_late | in_failure, "death": is_late}
    for outcome, ends in OUTCOME_PARTS.items():
        months, status = _first_of({part: parts[part] for part in ends}, end=end - from_months)
        table[f"{outcome}_months"] = months.where(~missing[outcome])
        table[f"{outcome}_status"] = status.where(~missing[outcome])
    return table.reset_index(drop=True)


def _first_of(parts: Mapping[str, pd.Series], *, end: pd.Series) -> tuple[pd.Series, pd.Series]:
    """The earliest part, or the end of follow-up; of two at once, the one named first."""
    words = pd.array([*parts, "censored"], dtype="string")
    months = np.column_stack([*parts.values(), end]).astype(float)
    first = np.where(np.isnan(months), np.inf, months).argmin(axis=1)
    earliest = np.maximum(months[np.arange(len(months)), first], HALF_A_DAY)
    return pd.Series(earliest, index=end.index), pd.Series(words[first], index=end.index)


def label_groups(outcomes: pd.DataFrame, *, labels: pd.DataFrame) -> pd.DataFrame:
    """The outcomes with the group that each patient was found to belong to in the end.

    One row per patient, as given. Adds `group`: "dtt", "other" or "cannot tell" (no label: "cannot tell"), and
    `label_month`: months from time zero to the day on which the label became true, missing for the others.

    >>> outcomes = pd.DataFrame({"patient_id": ["P1", "P2"], "time_zero_date": pd.to_datetime("2020-01-01")})
    >>> labels = pd.DataFrame({"patient_id": ["P1"], "dtt": ["yes"], "dtt_date": pd.to_datetime(["2020-07-01"])})
    >>> label_groups(outcomes, labels=labels)[["group", "label_month"]].round(2).values.tolist()
    [['dtt', 5.98], ['cannot tell', nan]]
    """
    joined = outcomes.merge(labels[["patient_id", "dtt", "dtt_date"]], how="left", on="patient_id")
    group = joined["dtt"].map({"yes": "dtt", "no": "other", "cannot tell": "cannot tell"}).fillna("cannot tell")
    label_month = _months(joined["dtt_date"], since=joined["time_zero_date"]).where(group.eq("dtt"))
    return joined.drop(columns=["dtt", "dtt_date"]).assign(group=group.astype("string"), label_month=label_month)


