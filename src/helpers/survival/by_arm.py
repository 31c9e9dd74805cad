"""Is one label one thing? The hazard ratio from the day of the label, by the arm that made it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2

from helpers.definitions import ARM_LABELS, ARMS, SIGNIFICANT_BELOW
from helpers.survival.models import estimate_cox, fit_cox
from helpers.survival.risk_sets import derive_risk_periods

COLUMNS = ["term", "label", "estimate", "low", "high", "p", "n", "events", "labelled_n", "events_after", "note"]


def estimate_by_arm(outcomes: pd.DataFrame, *, labels: pd.DataFrame, outcome: str = "composite") -> pd.DataFrame:
    """The hazard ratio of each arm's labels against time without a label: one row per arm that made labels first.

    term, label, estimate, low, high, p, n, events, labelled_n (labelled by this arm, free of the outcome on that day),
    events_after (outcomes of theirs after it), note. Each arm by itself: the label counts from its day, and time after
    a label that another arm made is left out. Missing, with a note, where there is no outcome on one side. A handful of
    outcomes stand behind each row: the intervals are what there is to read.
    """
    periods = _add_arms(outcomes, labels=labels, outcome=outcome)
    arms = [arm for arm in ARMS if f"arm_{arm}" in labels]
    return pd.DataFrame([_estimate(periods, arm) for arm in arms], columns=COLUMNS)


def compare_arms(
    by_arm: pd.DataFrame, *, outcomes: pd.DataFrame, labels: pd.DataFrame, outcome: str = "composite"
) -> pd.DataFrame:  # fmt: skip
    """The Wald test that the arms of `estimate_by_arm` have one hazard ratio: one row: chi2, df, p, n, arms_n, note.

    One Cox model with a ratio per arm, each from the day of its label. Arms without a finite ratio of their own are
    left out with their time; with fewer than two left there is nothing to compare, and the note says so.
    """
    periods = _add_arms(outcomes, labels=labels, outcome=outcome)
    arms = by_arm.loc[by_arm["estimate"].notna(), "term"].tolist()
    rows = periods.loc[periods["is_dtt"].eq(0) | periods["arm"].isin(arms)]
    row: dict[str, Any] = {"chi2": np.nan, "df": np.nan, "p": np.nan, "n": rows["patient_id"].nunique(),
                           "arms_n": len(arms), "note": "fewer than two arms to compare"}  # fmt: skip
    if len(arms) > 1:
        flags = {arm: (rows["arm"].eq(arm) & rows["is_dtt"].eq(1)).astype(float) for arm in arms}
        fit = fit_cox(rows.assign(**flags), covariates=arms)
        row |= {"note": fit.note}
        if not fit.note:
            apart = np.hstack([-np.ones((len(arms) - 1, 1)), np.eye(len(arms) - 1)])
            gap = apart @ fit.log_ratios
            found = float(gap @ np.linalg.solve(apart @ fit.covariance @ apart.T, gap))
            row |= {"chi2": found, "df": float(len(gap)), "p": float(chi2.sf(found, len(gap)))}
    return pd.DataFrame([row])


def _add_arms(outcomes: pd.DataFrame, *, labels: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """The time-dependent risk periods, with the arm that made the label first ("" for none)."""
    periods = derive_risk_periods(outcomes, approach="timedependent", landmark_months=0.0, outcome=outcome)
    arm = periods["patient_id"].map(labels.set_index("patient_id")["dtt_arm"].astype(object))
    return periods.assign(arm=arm.where(arm.notna(), "").astype(object))


def _estimate(periods: pd.DataFrame, arm: str) -> dict[str, Any]:
    """The row of one arm."""
    is_own = periods["is_dtt"].eq(1) & periods["arm"].eq(arm)
    found = estimate_cox(periods.loc[is_own | periods["is_dtt"].eq(0)]).iloc[0]
    row: dict[str, Any] = {str(name): value for name, value in found.items()}
    return row | {"term": arm, "label": ARM_LABELS[arm], "labelled_n": int(is_own.sum()),
                  "events_after": int((periods["is_event"] & is_own).sum()),
                  "note": row["note"] if is_own.any() else "no such label"}  # fmt: skip


def summarise_arms(test: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """What the ledger keeps of the test that all arms have one ratio: its p value."""
    row = test.iloc[0]
    return {"survival.by_arm.one_ratio.p": {
        "value": row["p"], "n": int(row["n"]), "unit": "p value", "label": "Test that all arms have one hazard ratio",
        "origin": "helpers.survival.by_arm.compare_arms"}}  # fmt: skip


def label_arms(test: pd.DataFrame) -> str:
    """What the test lets a sentence say.

    >>> label_arms(pd.DataFrame({"p": [0.2]}))
    'gives no clear sign that the arms differ, which with so few outcomes says little'
    """
    p = float(test["p"].iloc[0])
    if np.isnan(p):
        return "could not be made"
    return ("speaks for ratios that differ between the arms" if p < SIGNIFICANT_BELOW
            else "gives no clear sign that the arms differ, which with so few outcomes says little")  # fmt: skip
