"""The ratio of two rates at the same time: recurrent events by Andersen and Gill, with patients as the units."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

Floats = NDArray[np.float64]

_Z95 = float(norm.ppf(0.975))


def estimate_matched_ratio(periods: pd.DataFrame, events: pd.DataFrame, *, exposed: str) -> dict[str, float]:
    """The ratio of rates between the periods called `exposed` and all others: estimate, low, high, p, n, events.

    `periods` has patient_id, period, start and stop (at risk after `start`, up to `stop`), `events` patient_id, period
    and month. A patient may be at risk in both.

    Andersen and Gill's model of recurrent events, Ann Stat 1982;10:1100: a common course of the rate over time,
    whatever its shape, and one ratio; ties by Breslow; robust variance with patients as clusters (Lin and Wei, J Am
    Stat Assoc 1989;84:1074), as in R's coxph(Surv(start, stop, event) ~ z, ties = "breslow", cluster = id). Missing
    where one of the two has no event while the other is at risk.
    """
    of = periods["period"].eq(exposed).to_numpy()
    times, place = np.unique(events["month"].to_numpy(dtype=float), return_inverse=True)
    own = events["period"].eq(exposed).to_numpy()
    deaths = np.bincount(place, minlength=len(times)).astype(float)
    start, stop = periods["start"].to_numpy(dtype=float), periods["stop"].to_numpy(dtype=float)
    at_risk = [_count_at_risk(times, start[part], stop[part]) for part in (~of, of)]
    base = {"n": periods["patient_id"].nunique(), "events": len(events)}
    both = (at_risk[0] > 0) & (at_risk[1] > 0)
    if not (own & both[place]).any() or not (~own & both[place]).any():
        return {**dict.fromkeys(("estimate", "low", "high", "p"), np.nan), **base}
    beta = _solve(own.sum(), deaths, *at_risk)
    weight = at_risk[0] + at_risk[1] * np.exp(beta)
    share = at_risk[1] * np.exp(beta) / weight
    information = float((deaths * share * (1 - share)).sum())
    residual = _score_residuals(periods, events, times, place, of, own, deaths / weight, share, beta)
    error = float(np.sqrt((residual**2).sum()) / information)
    return {"estimate": float(np.exp(beta)), "low": float(np.exp(beta - _Z95 * error)),
            "high": float(np.exp(beta + _Z95 * error)), "p": float(2 * norm.sf(abs(beta / error))), **base}  # fmt: skip


def _count_at_risk(times: Floats, start: Floats, stop: Floats) -> Floats:
    """How many periods hold each time: open at their start, closed at their stop."""
    begun, over = (np.searchsorted(np.sort(ends), times, side="left") for ends in (start, stop))
    return np.asarray(begun - over, dtype=float)


def _solve(seen: int, deaths: Floats, others: Floats, exposed: Floats) -> float:
    beta = 0.0
    for _ in range(50):
        share = exposed * np.exp(beta) / (others + exposed * np.exp(beta))
        step = (seen - (deaths * share).sum()) / (deaths * share * (1 - share)).sum()
        beta += float(np.clip(step, -2, 2))
        if abs(step) < 1e-12:
            break
    return beta


def _score_residuals(
    periods: pd.DataFrame, events: pd.DataFrame, times: Floats, place: Any, of: Any, own: Any, hazard: Floats,
    share: Floats, beta: float,
) -> Floats:  # fmt: skip
    """Each patient's part of the score: own events less what the periods under observation would lead one to expect."""
    sums = np.vstack([np.zeros(2), np.cumsum(np.column_stack([hazard, hazard * share]), axis=0)])
    first, last = (np.searchsorted(times, periods[name].to_numpy(dtype=float), side="right")
                   for name in ("start", "stop"))  # fmt: skip
    hazards, shared = (sums[last] - sums[first]).T
    expected = np.exp(beta * of) * (of * hazards - shared)
    seen = pd.Series(own - share[place]).groupby(events["patient_id"].to_numpy()).sum()
    due = pd.Series(expected).groupby(periods["patient_id"].to_numpy()).sum()
    return seen.sub(due, fill_value=0.0).to_numpy(dtype=float)
