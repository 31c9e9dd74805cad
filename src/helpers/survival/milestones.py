"""How far two curves are apart at stated months: a difference that anyone can read, with no model in it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.survival.curves import FEWEST_AT_RISK, GROUPS, estimate_survival

MILESTONES = (12.0, 36.0, 60.0, 120.0)
"""Months since the start of the clock at which event-free shares are compared."""

PERCENTAGE_POINTS = 100


def estimate_milestones(
    outcomes: pd.DataFrame, *, outcome: str, at: Sequence[float] = MILESTONES, level: float = 0.95
) -> pd.DataFrame:  # fmt: skip
    """The difference in event-free shares, difficult-to-treat less others: one row per month.

    term ("m12"), label, month, dtt_share, other_share, estimate, low, high (percentage points), p, n,
    dtt_at_risk_n, other_at_risk_n (just before the month), note. Missing, with a note, where fewer than
    `FEWEST_AT_RISK` are at risk in either group; without an interval where a group had no event yet, as its Greenwood
    error is then 0.

    Normal interval and test with Greenwood's variances, on the plain scale; several months are several looks at the
    same two curves, and their p values are not corrected. Source: Klein et al., Stat Med 2007;26:4505.

    >>> table = pd.DataFrame({"group": ["dtt"] * 20 + ["other"] * 20, "death_months": [6.0] * 5 + [24.0] * 35,
    ...                       "death_status": ["death"] * 5 + ["censored"] * 35})
    >>> estimate_milestones(table, outcome="death", at=[12])[["estimate", "note"]].values.tolist()
    [[-25.0, 'no event in one group']]
    """
    months = [float(month) for month in at]
    grid = pd.MultiIndex.from_product([GROUPS, months], names=["group", "month"])
    curves = estimate_survival(outcomes, outcome=outcome, at=months).set_index(["group", "month"])
    numbers = curves[["estimate", "standard_error", "at_risk", "n"]].astype(float).reindex(grid)
    dtt, other = (numbers.loc[group].reset_index() for group in GROUPS)
    at_risk = pd.DataFrame({"dtt": dtt["at_risk"], "other": other["at_risk"]}).fillna(0).astype(int)
    enough = at_risk.min(axis=1) >= FEWEST_AT_RISK
    difference = (dtt["estimate"] - other["estimate"]).where(enough)
    is_certain = (dtt["standard_error"] == 0) | (other["standard_error"] == 0)
    variance = dtt["standard_error"] ** 2 + other["standard_error"] ** 2
    error = variance.where(enough & ~is_certain) ** 0.5
    width = norm.ppf((1 + level) / 2) * error
    table = pd.DataFrame({
        "term": [f"m{month:g}" for month in months], "label": [f"{month:g} months" for month in months],
        "month": months,
        "dtt_share": dtt["estimate"].where(enough),
        "other_share": other["estimate"].where(enough), "estimate": difference,
        "low": difference - width, "high": difference + width,
        "p": 2 * norm.sf(difference.abs() / error), "n": int(numbers["n"].groupby("group").max().sum()),
        "dtt_at_risk_n": at_risk["dtt"], "other_at_risk_n": at_risk["other"],
        "note": np.select([~enough, is_certain], ["too few at risk", "no event in one group"], default=""),
    })  # fmt: skip
    points = {name: table[name] * PERCENTAGE_POINTS for name in ("estimate", "low", "high")}
    return table.assign(**points)
