"""The dates on which kidney function worsened or the patient died (kidney failure: `helpers.kidney`)."""

from __future__ import annotations

import pandas as pd

from helpers.definitions import WorseningRule

_SLACK = 1e-9
"""Two printed decimals are not exact in binary: 2 times 0.7 must count as a doubling of 0.7."""


def derive_worsening_dates(visits: pd.DataFrame, *, rule: WorseningRule) -> pd.DataFrame:
    """The first visit of each patient that shows worsening kidney function, confirmed where the rule asks for it.

    One row per patient who worsened: patient_id, worsening_date. `visits` has one row per visit with
    patient_id, visit_date, creatinine_mg_dl (mg/dL), egfr, and anchor_creatinine_mg_dl and anchor_egfr, the
    values that the visit is held against.

    A visit without the measure is passed over. With `confirm_days` above 0 the first visit at least that many
    days later must show it too, and the date is that of the first of the two; a last visit has nothing to
    confirm it and does not count. A visit exactly at the threshold counts, except under `creatinine_value`,
    which asks for more than its threshold and is not asked of a patient already above it at the anchor.

    A single high creatinine may be dehydration or an infection; confirmation four weeks on is what the
    regulators' end point asks for (FDA viewpoint on eGFR-based end points).

    >>> from helpers.definitions import WORSENING_RULES
    >>> visits = pd.DataFrame({
    ...     "patient_id": "P1", "visit_date": pd.to_datetime(["2020-01-01", "2020-01-28", "2020-02-25"]),
    ...     "creatinine_mg_dl": [1.4, 1.5, 1.4], "egfr": [60.0, 55.0, 60.0],
    ...     "anchor_creatinine_mg_dl": 0.7, "anchor_egfr": 120.0})
    >>> derive_worsening_dates(visits, rule=WORSENING_RULES["confirmed_doubling"]).worsening_date.dt.date.tolist()
    [datetime.date(2020, 1, 1)]
    >>> derive_worsening_dates(visits.head(2), rule=WORSENING_RULES["confirmed_doubling"]).empty
    True
    """
    measure = "egfr" if rule.kind == "egfr_decline" else "creatinine_mg_dl"
    measured = visits.loc[visits[measure].notna() & visits[f"anchor_{measure}"].notna()]
    measured = measured.assign(is_worse=_is_worse(measured, rule=rule)).sort_values("visit_date", kind="stable")
    worse = measured.loc[measured["is_worse"], ["patient_id", "visit_date"]]
    if rule.confirm_days:
        worse = worse.assign(due_date=worse["visit_date"] + pd.Timedelta(days=rule.confirm_days))
        later = measured[["patient_id", "visit_date", "is_worse"]].rename(columns={"visit_date": "later_date"})
        worse = pd.merge_asof(
            worse, later, left_on="due_date", right_on="later_date", by="patient_id", direction="forward")
        worse = worse.loc[worse["is_worse"].eq(True)]
    return _first_dates(worse, "visit_date", name="worsening_date")


def _first_dates(rows: pd.DataFrame, column: str, *, name: str) -> pd.DataFrame:
    """The earliest date of each patient who has one: patient_id and `name`."""
    return rows.groupby("patient_id")[column].min().rename(name).reset_index()


def _is_worse(visits: pd.DataFrame, *, rule: WorseningRule) -> pd.Series:
    """Whether one visit shows what the rule asks for."""
    if rule.kind == "creatinine_ratio":
        return visits["creatinine_mg_dl"] >= rule.threshold * visits["anchor_creatinine_mg_dl"] - _SLACK
    if rule.kind == "egfr_decline":
        return visits["egfr"] <= (1 - rule.threshold) * visits["anchor_egfr"] + _SLACK
    is_above = visits["creatinine_mg_dl"] > rule.threshold + _SLACK
    return is_above & (visits["anchor_creatinine_mg_dl"] <= rule.threshold + _SLACK)


def derive_death_dates(events: pd.DataFrame) -> pd.DataFrame:
    """The day of death of each patient who died: one row per such patient, patient_id and death_date."""
    deaths = events.loc[events["event_type"].eq("death")]
    return _first_dates(deaths, "event_date", name="death_date")
