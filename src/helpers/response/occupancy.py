"""The probability of being in each state at each month, had everybody been followed, with intervals and bands."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from helpers.response.aalen_johansen import Floats, Occupancy, derive_occupancy
from helpers.response.states import MONTHS, PRINTED, STATES

FEWEST_AT_RISK = 10
"""Bands and months in a state stop where fewer than this are alive and followed. A choice of this compendium."""


def estimate_state_shares(
    spells: pd.DataFrame, *, months: Sequence[float] = MONTHS, states: Sequence[str] = STATES, samples: int = 0,
    seed: int = 0, level: float = 0.95,
) -> pd.DataFrame:  # fmt: skip
    """The probability of being in each state at each month, had everybody been followed (Aalen-Johansen).

    One row per month and state: month, state, estimate, standard_error, `low`, `high` (for this state at this month
    alone), `band_low`, `band_high` (for this state at all months at once), `at_risk` (alive and followed just before).

    The intervals are on the logit scale (survfit's conf.type "logit") and missing where the share is 0 or 1. The bands
    run over the months at which the share is neither and at least ten are at risk; they need `samples` draws of
    `seed`, and are missing without. They hold for one state at a time, not for all states together. Months after
    the last change or end that anybody was followed to are missing.

    Bands: equal precision, the critical value being that of the largest standardised deviation when each
    patient's influence is multiplied by a random normal number (wild bootstrap). Source: Bluhmki, Dobler, Beyersmann
    and Pauly, Lifetime Data Anal 2019;25:97; Nair, Technometrics 1984;26:265 (equal precision).

    >>> spells = pd.DataFrame({"patient_id": ["A", "A", "B"], "group": "dtt", "month": [0.0, 6.0, 0.0],
    ...     "state": ["active", "complete", "active"], "until_month": [6.0, 9.0, 9.0]})
    >>> shares = estimate_state_shares(spells, months=[7], states=("complete", "active"))
    >>> shares[["state", "estimate", "at_risk"]].values.tolist()
    [['complete', 0.5, 2.0], ['active', 0.5, 2.0]]
    """
    found = derive_occupancy(spells, months=months, states=states)
    error = np.sqrt((found.influence**2).sum(axis=2))
    wide = _draw_critical(found, error=error, samples=samples, seed=seed, level=level)
    inside = np.isfinite(wide) & (found.at_risk[:, None] >= FEWEST_AT_RISK)
    low, high = logit_interval(found.share, error, NormalDist().inv_cdf((1 + level) / 2))
    band_low, band_high = logit_interval(found.share, error, np.where(inside, wide, np.nan))
    columns = {"estimate": found.share, "standard_error": error, "low": low, "high": high, "band_low": band_low,
               "band_high": band_high}  # fmt: skip
    known = (found.months <= found.known_until)[:, None]
    table = pd.DataFrame({
        "month": np.repeat(found.months, len(states)), "state": np.tile(np.array(states, dtype=object), len(known))})
    table = table.assign(**{name: np.where(known, values, np.nan).ravel() for name, values in columns.items()})
    return table.assign(at_risk=np.repeat(found.at_risk, len(states)))


def logit_interval(share: Floats, error: Floats, steps: Floats | float) -> tuple[Floats, Floats]:
    """The share, so many standard errors down and up on the logit scale; missing where it is 0 or 1."""
    inside = np.where((share > 1e-12) & (share < 1 - 1e-12), share, np.nan)
    odds, step = inside / (1 - inside), steps * error / (inside * (1 - inside))
    factor = np.exp(np.minimum(step, 500.0))
    return odds / (odds + factor), odds * factor / (1 + odds * factor)


def _draw_critical(found: Occupancy, *, error: Floats, samples: int, seed: int, level: float) -> Floats:
    """How many standard errors wide each state's band is; missing without draws, and where nothing varies."""
    used = (error > 1e-12) & (found.share < 1 - 1e-12) & (found.at_risk[:, None] >= FEWEST_AT_RISK)
    scaled = np.divide(found.influence, error[:, :, None], out=np.zeros_like(found.influence), where=used[:, :, None])
    if not samples or not used.any():
        return np.full(len(found.states), np.nan)
    draws = np.random.default_rng(seed).standard_normal((samples, found.n))
    highest = np.stack([np.abs(draws @ scaled[:, state].T).max(axis=1) for state in range(len(found.states))], axis=1)
    return np.where(used.any(axis=0), np.quantile(highest, level, axis=0), np.nan)


def summarise_state_intervals(shares: pd.DataFrame, *, months: Sequence[int] = PRINTED) -> pd.DataFrame:
    """The shares at a few months with their intervals, in percent: one row per state.

    state, and for each month `percent_<month>_estimate`, `_low`, `_high`, each month taken by itself.
    """
    table = pd.DataFrame({"state": shares["state"].unique()})
    for month in months:
        own = shares.loc[shares["month"].eq(month)].set_index("state")
        for part in ("estimate", "low", "high"):
            table[f"percent_{month}_{part}"] = 100 * table["state"].map(own[part]).astype(float)
    return table


def summarise_occupancy_facts(
    shares: pd.DataFrame, *, months: Sequence[int] = PRINTED, n: int, origin: str
) -> dict[str, dict[str, Any]]:
    """What the ledger keeps of the shares: `response.states.<state>.<month>.share`, each month taken by itself."""
    return {
        f"response.states.{row['state']}.{row['month']:.0f}.share".replace(" ", "_"): {
            "value": row["estimate"], "low": row["low"], "high": row["high"], "n": n, "unit": "share",
            "label": f"Share {row['state']} at month {row['month']:.0f}, had all been followed", "origin": origin}
        for row in shares.loc[shares["month"].isin(months)].to_dict("records")
    }  # fmt: skip
