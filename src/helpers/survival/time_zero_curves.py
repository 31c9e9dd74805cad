"""The two clocks that may be drawn: from the landmark on, and from the second induction on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from statsmodels.duration.survfunc import SurvfuncRight

from helpers.survival.curves import count_at_risk, derive_axis_end, estimate_survival
from helpers.survival.risk_sets import keep_landmark
from helpers.survival.second_induction import derive_sequential_periods, keep_second_inductions

BEFORE, AFTER = "no second induction yet", "second induction"
"""The two sides of the clock from the second induction."""

CURVES = ("panel", "group", "month", "estimate", "low", "high", "n")
COUNTS = ("panel", "group", "month", "at_risk")


def derive_time_zero_curves(
    outcomes: pd.DataFrame, *, landmark_months: float, second_inductions: pd.Series, outcome: str = "composite"
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """What the figure of time zero draws: "curves" and "at_risk", by name.

    `curves`: one row per panel ("landmark", "second_induction"), group and month: estimate (free of the outcome), low,
    high, n, up to where too few are left. `at_risk`: panel, group, month, at_risk. Groups: those known at the landmark;
    those after a second induction, and those compared with them: each start's comparators weigh together as one
    patient, so that both curves are of the same starts. The compared come back from start to start and get no band.
    """
    landmark = keep_landmark(outcomes, landmark_months=landmark_months, outcome=outcome)
    second = keep_second_inductions(outcomes, starts=second_inductions, outcome=outcome).assign(arm=AFTER)
    compared = _estimate_compared(outcomes, starts=second_inductions, outcome=outcome)
    panels = {"landmark": (landmark, "group", []), "second_induction": (second, "arm", [compared])}
    curves, at_risk = [], []
    for panel, (people, by, more) in panels.items():
        end = derive_axis_end(people, outcome=outcome, by=by)
        rows = _stack([estimate_survival(people, outcome=outcome, by=by), *more], columns=CURVES[1:])
        curves.append(_cut(rows, end=end).assign(panel=panel))
        at_risk.append(count_at_risk(people, outcome=outcome, end=end, by=by).assign(panel=panel))
    return {"curves": _stack(curves, columns=CURVES), "at_risk": _stack(at_risk, columns=COUNTS)}


def _stack(tables: Sequence[pd.DataFrame], *, columns: Sequence[str]) -> pd.DataFrame:
    """The tables that hold anything, under each other."""
    kept = [table[list(columns)].astype(dict.fromkeys({"estimate", "low", "high"} & set(columns), float))
            for table in tables if len(table)]  # fmt: skip
    return pd.concat(kept, ignore_index=True) if kept else pd.DataFrame(columns=list(columns))


def _estimate_compared(outcomes: pd.DataFrame, *, starts: pd.Series, outcome: str) -> pd.DataFrame:
    """The curve of the comparators, each start's weighing one; empty without any."""
    periods = derive_sequential_periods(outcomes, starts=starts, outcome=outcome)
    rows = periods.loc[periods["is_exposed"].eq(0)]
    if rows.empty:
        return pd.DataFrame(columns=CURVES[1:])
    weights = 1 / rows.groupby("start_of")["patient_id"].transform("size").to_numpy(dtype=float)
    months, share = np.zeros(1), np.ones(1)
    if rows["is_event"].any():
        curve = SurvfuncRight(rows["stop"].to_numpy(), rows["is_event"].to_numpy(dtype=int), freq_weights=weights)
        months, share = np.append(months, curve.surv_times), np.append(share, curve.surv_prob)
    return pd.DataFrame({
        "group": BEFORE, "month": np.append(months, rows["stop"].max()), "estimate": np.append(share, share[-1]),
        "low": np.nan, "high": np.nan, "n": rows["patient_id"].nunique()})  # fmt: skip


def _cut(curves: pd.DataFrame, *, end: float) -> pd.DataFrame:
    """The curves up to the end of the axis, each one's last step carried there."""
    shown = curves.loc[curves["month"] <= end]
    reach = curves.groupby("group")["month"].max()
    last = shown.loc[shown["group"].map(reach) >= end].drop_duplicates("group", keep="last").assign(month=end)
    return _stack([shown, last], columns=CURVES[1:]).drop_duplicates(["group", "month"], keep="last")
