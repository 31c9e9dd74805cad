"""The nonparametric maximum-likelihood estimate for interval-censored times (Turnbull's estimate)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import nnls

Floats = NDArray[np.float64]

_STEPS = 200
_WEIGHT = 1e3
_GAIN = 1e-13


def estimate_intervals(low: Any, high: Any, *, level: float = 1e-9) -> pd.DataFrame:
    """Where the events lie, by maximum likelihood: one row per interval that holds any probability.

    Each patient's event came after `low` and no later than `high` (missing or infinite: not seen to come; equal: at
    that time). Columns: `low`, `high` (the innermost interval, open on the left and closed on the right), `share` (its
    probability) and `cumulative` (that of all intervals up to its end). Where inside an interval the event lies, the
    data do not say; past the last finite interval neither. An empty table where nobody's event was seen.

    Turnbull, J R Stat Soc B 1976;38:290, found by the constrained Newton method of Wang (J R Stat Soc B 2007;69:185):
    probabilities that are not negative, to the first-order conditions of the maximum. Intervals of less than `level`
    are left out. The same as R's survfit(Surv(low, high, type = "interval2") ~ 1) iterated to the end; survfit itself
    stops at 5e-5. No interval of confidence is given: the estimate converges slowly and the bootstrap is not valid for
    it in general (Sen, Banerjee and Woodroofe, Ann Stat 2010;38:1953, on its nearest relative). How much it hangs on
    single patients is what `draw_intervals` shows.

    Raises ValueError for a `low` that is missing or above its `high`.

    >>> estimate_intervals([0, 1, 1, 4], [2, 3, 3, np.inf]).round(4).to_dict("list")
    {'low': [1.0, 4.0], 'high': [2.0, inf], 'share': [0.75, 0.25], 'cumulative': [0.75, 1.0]}
    """
    cells, inside = find_cells(low, high)
    if not len(cells):
        return pd.DataFrame(columns=["low", "high", "share", "cumulative"], dtype=float)
    share = _maximise(inside)
    kept = share > level
    table = pd.DataFrame({"low": cells[kept, 0], "high": cells[kept, 1], "share": share[kept] / share[kept].sum()})
    return table.assign(cumulative=table["share"].cumsum())


def find_cells(low: Any, high: Any) -> tuple[Floats, Floats]:
    """The innermost intervals (one row each: start, end), and which of them (columns) each patient (rows) allows.

    Raises ValueError for a `low` that is missing or above its `high`.

    >>> cells, allowed = find_cells([0, 1], [2, 3])
    >>> cells.tolist(), allowed.tolist()
    ([[1.0, 2.0]], [[1.0], [1.0]])
    """
    left, right = _checked(low, high)
    cells = _innermost(left, right)
    point = cells[:, 0] == cells[:, 1]
    within = (cells[:, 0] >= left[:, None]) & (cells[:, 1] <= right[:, None])
    inside = np.where((left == right)[:, None], point & (cells[:, 1] == right[:, None]),
                      within & ~(point & (cells[:, 0] <= left[:, None])))  # fmt: skip
    return cells, inside.astype(float)


def _checked(low: Any, high: Any) -> tuple[Floats, Floats]:
    left, right = (pd.Series(ends).astype("Float64").to_numpy(dtype=float, na_value=np.nan) for ends in (low, high))
    right = np.where(np.isnan(right), np.inf, right)
    if np.isnan(left).any() or (left > right).any():
        raise ValueError("every interval needs a start that is known and not after its end")
    return np.asarray(left), np.asarray(right)


def _innermost(left: Floats, right: Floats) -> Floats:
    """The intervals that can hold probability: from a start to the next end with no other start or end between.

    Ends sort before starts of the same time, for intervals are open on the left; a time known exactly is its own.
    """
    exact = left == right
    times = np.concatenate([left[~exact], right[~exact], left[exact], right[exact]])
    kinds = np.concatenate([np.full((~exact).sum(), 3), np.full((~exact).sum(), 2), np.full(exact.sum(), 0),
                            np.full(exact.sum(), 1)])  # fmt: skip
    order = np.lexsort((kinds, times))
    times, starts = times[order], np.isin(kinds[order], (0, 3))
    found = np.flatnonzero(starts[:-1] & ~starts[1:])
    return np.unique(np.column_stack([times[found], times[found + 1]]), axis=0)


def _maximise(inside: Floats) -> Floats:
    """Probabilities of the cells that maximise the sum of log(inside @ share)."""
    rows, place = np.unique(inside, axis=0, return_inverse=True)
    weights = np.bincount(place.ravel(), minlength=len(rows)).astype(float)
    share = np.full(rows.shape[1], 1.0 / rows.shape[1])
    value = _likelihood(rows, weights, share)
    for _ in range(_STEPS):
        new = _newton_step(rows, weights, share)
        step, better = 1.0, -np.inf
        while step > 1e-10:
            trial = share + step * (new - share)
            better = _likelihood(rows, weights, trial)
            if better >= value:
                break
            step /= 2
        if better - value < _GAIN * max(abs(value), 1.0):
            return trial if better >= value else share
        share, value = trial, better
    return share


def _newton_step(rows: Floats, weights: Floats, share: Floats) -> Floats:
    """The maximum of the quadratic that touches the likelihood here, over shares that are not negative and sum to 1."""
    root = np.sqrt(weights)[:, None]
    slopes = root * rows / (rows @ share)[:, None]
    target = np.append(2 * root.ravel(), _WEIGHT * np.sqrt(weights.sum()))
    sums = np.full((1, rows.shape[1]), _WEIGHT * np.sqrt(weights.sum()))
    found = nnls(np.vstack([slopes, sums]), target)[0]
    return np.asarray(found / found.sum())


def _likelihood(rows: Floats, weights: Floats, share: Floats) -> float:
    with np.errstate(divide="ignore"):
        return float(weights @ np.log(np.maximum(rows @ share, 0.0)))


def estimate_interval_median(intervals: pd.DataFrame, *, share: float = 0.5) -> tuple[float, float]:
    """Between which times the estimate reaches a share of the patients; missing where it does not.

    The two ends of the innermost interval in which it does: the first one where the curve then lies flat at the share.

    >>> estimate_interval_median(estimate_intervals([0, 1, 1, 4], [2, 3, 3, np.inf]))
    (1.0, 2.0)
    """
    reached = intervals["cumulative"].ge(share - 1e-9).to_numpy()
    if not reached.any():
        return np.nan, np.nan
    first = intervals.loc[reached].iloc[0]
    return (np.nan, np.nan) if np.isinf(first["high"]) else (float(first["low"]), float(first["high"]))


def read_curve(intervals: pd.DataFrame, at: Sequence[float]) -> pd.DataFrame:
    """The least and the most that the estimate allows at these times: one row per time; time, low, high.

    The two are the same where the data settle the share, and differ inside an innermost interval.

    >>> read_curve(estimate_intervals([0, 1, 1, 4], [2, 3, 3, np.inf]), [0.5, 1.5, 2]).round(2).values.tolist()
    [[0.5, 0.0, 0.0], [1.5, 0.0, 0.75], [2.0, 0.75, 0.75]]
    """
    times: Any = np.asarray(at, dtype=float)
    ends, starts, share = (intervals[name].to_numpy(dtype=float) for name in ("high", "low", "share"))
    over = (ends <= times[:, None]) @ share if len(share) else np.zeros(len(times))
    begun = ((starts < times[:, None]) | (ends <= times[:, None])) @ share if len(share) else np.zeros(len(times))
    return pd.DataFrame({"time": times, "low": over, "high": begun})
