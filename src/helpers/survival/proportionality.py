"""What a sentence and the ledger may take from the tables on hazards that may not be proportional."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from helpers.definitions import SIGNIFICANT_BELOW
from helpers.survival.risk_sets import Approach, derive_risk_periods
from helpers.survival.time_varying import estimate_time_varying

MOVING_MODELS: Mapping[Approach, str] = {
    "timedependent": "Label counted from its day, clock from time zero",
    "landmark": "Label known at the landmark, clock from there",
}
"""The models of which the movement is described: the two that start fairly."""


def compare_moving_hazards(
    outcomes: pd.DataFrame, *, landmark_months: float, outcome: str = "composite"
) -> pd.DataFrame:  # fmt: skip
    """How the hazard ratio moves in the time-dependent and in the landmark model.

    The rows of `helpers.survival.time_varying.estimate_time_varying` for each: term ("timedependent.early"), approach
    (in words), label, estimate, low, high, p, n, events, cut_months, note.
    """
    tables = []
    for approach, words in MOVING_MODELS.items():
        periods = derive_risk_periods(outcomes, approach=approach, landmark_months=landmark_months, outcome=outcome)
        table = estimate_time_varying(periods)
        tables.append(table.assign(term=f"{approach}." + table["term"], approach=words))
    columns = ["term", "approach", "label", "estimate", "low", "high", "p", "n", "events", "cut_months", "note"]
    return pd.concat(tables, ignore_index=True)[columns]


def summarise_moving(moving: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """What the ledger keeps of each row: ids like "survival.moving.timedependent.early.hr" and ".p".

    Also the cut of each model ("survival.moving.timedependent.cut"). Changes have the unit "ratio of hazard ratios".
    """
    origin = "helpers.survival.proportionality.compare_moving_hazards"
    facts: dict[str, dict[str, Any]] = {}
    for row in moving.to_dict("records"):
        name, label = f"survival.moving.{row['term']}", f"{row['approach']}: {row['label'].lower()}"
        is_change = row["term"].endswith(("late_over_early", "per_doubling"))
        facts[f"{name}.hr"] = {
            "value": row["estimate"], "low": row["low"], "high": row["high"], "n": row["n"], "null": 1.0,
            "unit": "ratio of hazard ratios" if is_change else "hazard ratio", "label": label,
            "origin": origin}  # fmt: skip
        facts[f"{name}.p"] = {"value": row["p"], "n": row["n"], "unit": "p value", "label": f"{label}, p value",
                              "origin": origin}  # fmt: skip
        facts[f"survival.moving.{row['term'].split('.')[0]}.cut"] = {
            "value": row["cut_months"], "n": row["n"], "unit": "months", "origin": origin,
            "label": f"{row['approach']}: median event month"}  # fmt: skip
    return facts


def summarise_restricted_mean(means: pd.DataFrame, *, prefix: str) -> dict[str, dict[str, Any]]:
    """What the ledger keeps of two restricted means: their ratio (<prefix>.ratio.of_means) and its p value."""
    row = means.set_index("term").loc["ratio"]
    about = {"n": row["n"], "origin": "helpers.survival.restricted_mean.estimate_restricted_mean"}
    return {
        f"{prefix}.ratio.of_means": {
            "value": row["estimate"], "low": row["low"], "high": row["high"], "null": 1.0, "unit": "ratio",
            "label": "Ratio of mean event-free months, difficult to treat over others", **about},
        f"{prefix}.ratio.p": {"value": row["p"], "unit": "p value", "label": "Ratio of mean event-free months, p value",
                              **about},
    }  # fmt: skip


def summarise_milestones(milestones: pd.DataFrame, *, prefix: str) -> dict[str, dict[str, Any]]:
    """What the ledger keeps of each milestone: ids like "<prefix>.m12.difference", in percentage points."""
    return {
        f"{prefix}.{row['term']}.difference": {
            "value": row["estimate"], "low": row["low"], "high": row["high"], "n": row["n"], "null": 0.0,
            "unit": "percentage points", "label": f"Difference in event-free share at {row['label']}",
            "origin": "helpers.survival.milestones.estimate_milestones"}
        for row in milestones.to_dict("records")
    }  # fmt: skip


def label_movement(moving: pd.DataFrame, *, tests: pd.DataFrame, approach: str) -> str:
    """How the two parts of the time are to be read, given what the score test of that model says.

    They are leant on only where it speaks against one ratio for all time.

    >>> tests = pd.DataFrame({"term": ["landmark"], "p": [0.4]})
    >>> label_movement(pd.DataFrame(), tests=tests, approach="landmark")
    'no clear reason to read the two apart'
    """
    p = float(tests.loc[tests["term"] == approach, "p"].iloc[0])
    if np.isnan(p):
        return "no test that could say whether to read the two apart"
    if p >= SIGNIFICANT_BELOW:
        return "no clear reason to read the two apart"
    change = float(moving.loc[moving["term"] == f"{approach}.late_over_early", "estimate"].iloc[0])
    if np.isnan(change):
        return "reason to mistrust the one ratio, though the two parts cannot both be estimated"
    word = "fell" if change < 1 else "rose"
    return f"reason to read the two rather than the one ratio, which {word} with time and is only their average"
