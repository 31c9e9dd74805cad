"""The ends of a profile interval: where the best penalised likelihood with one coefficient held has dropped enough."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from helpers.predictors.penalised_likelihood import Penalised, take_higher
from helpers.predictors.sample import Bools, Floats

_DROP = float(chi2.isf(0.05, 1))
_WIDTH = float(np.sqrt(_DROP))
_TRIES = 60
_NEAR = 1e-9
"""How near the drop of twice the log likelihood must come to its limit."""


def find_ends(
    model: Penalised, best: Floats, *, value: float, errors: Floats, columns: NDArray[np.int64], sides: Floats,
    steps: int,
) -> Floats:  # fmt: skip
    """One end per pair of column and side (-1 or 1): where twice the profile lies 3.84 below twice `value`.

    `best` are the coefficients of the peak, `errors` their standard errors, from which the search starts. Newton's
    method on the root of the drop, which is nearly straight; a try that leaves what is known to hold the end is
    replaced by the middle of it. Every climb starts from the last coefficients inside: with several peaks the way must
    not change from one to a lower one, and where it did, what seemed outside is searched again. An end is believed
    when a climb from the peak itself finds nothing higher there. Missing where no end is found.
    """
    rows = np.arange(len(columns))
    free = np.ones((len(columns), len(best)), dtype=bool)
    free[rows, columns] = False
    centre = best[columns]
    inner, outer = np.zeros(len(columns)), np.full(len(columns), np.inf)
    away = _WIDTH * errors[columns]
    beta, found = np.tile(best, (len(columns), 1)), np.full(len(columns), np.nan)
    open_ = rows
    for _ in range(_TRIES):
        at, side = columns[open_], sides[open_]
        beta[open_, at] = centre[open_] + side * away[open_]
        peaks = model.climb(beta[open_], free=free[open_], steps=steps)
        is_end = peaks.converged & (np.abs(2 * (value - peaks.value) - _DROP) < _NEAR)
        if is_end.any():
            fresh = np.where(free[open_], best, beta[open_])
            peaks = take_higher(peaks, model.climb(fresh, free=free[open_], steps=steps), where=is_end)
        drop = 2 * (value - peaks.value)
        is_end = peaks.converged & (np.abs(drop - _DROP) < _NEAR)
        found[open_[is_end]] = peaks.beta[is_end, at[is_end]]
        is_inside = drop < _DROP
        beta[open_[is_inside]] = peaks.beta[is_inside]
        inner[open_] = np.where(is_inside, away[open_], inner[open_])
        outer[open_] = np.where(is_inside, outer[open_], away[open_])
        has_moved = is_inside & (outer[open_] - inner[open_] < _NEAR * inner[open_])
        outer[open_[has_moved]] = np.inf
        slope = -side * peaks.score[np.arange(len(at)), at]
        away[open_] = _try_next(away[open_], drop, slope, inner=inner[open_], outer=outer[open_])
        open_ = open_[~is_end]
        if not len(open_):
            break
    return found


def _try_next(away: Floats, drop: Floats, slope: Floats, *, inner: Floats, outer: Floats) -> Floats:
    """How far from the peak to look next: Newton's guess, if it lies between `inner` and `outer`."""
    root = np.sqrt(np.maximum(drop, 0.0))
    with np.errstate(all="ignore"):
        guess = away + (_WIDTH - root) * root / slope
    middle = np.where(np.isfinite(outer), (inner + np.where(np.isfinite(outer), outer, 0.0)) / 2, 2 * inner)
    is_between: Bools = (guess > inner) & (guess < np.minimum(outer, 3 * np.maximum(inner, away)))
    return np.where(is_between, guess, middle)
