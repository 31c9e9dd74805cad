"""Turnbull's estimate with patients drawn again and again: how much of it hangs on single patients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helpers.interval_censoring.turnbull import find_cells

Floats = NDArray[np.float64]

_ROUNDS = 150
_STILL = 1e-4
"""The shares move no more than this in a step: a median between two visits does not need the last digits."""

_TINY = 1e-300
_LEAST = 0.02
_KNOWN = 0.9
"""A range is given where so many of the resamples have an answer. A choice of this compendium."""


@dataclass(frozen=True)
class Resamples:
    """The estimate in each resample: `cells` (start and end of each interval that can hold probability), `shares`
    (one row per resample, one column per cell) and `counts` (one column per patient: how often drawn)."""

    cells: Floats
    shares: Floats
    counts: Floats


def draw_intervals(low: Any, high: Any, *, samples: int, seed: int) -> Resamples:
    """Turnbull's estimate for patients drawn with replacement, `samples` times.

    All resamples share the innermost intervals of the patients as they are: whatever fewer endpoints leave open lies
    spread over them evenly. Self-consistency steps (Turnbull, J R Stat Soc B 1976;38:290), drawn out where they are
    slow (Varadhan and Roland, Scand J Stat 2008;35:335), for all resamples at once. No interval of confidence comes of
    it: the bootstrap is not valid for this estimate in general.

    Raises ValueError for a `low` that is missing or above its `high`.

    >>> draw_intervals([0, 1], [2, 3], samples=3, seed=1).shares.tolist()
    [[1.0], [1.0], [1.0]]
    """
    cells, allowed = find_cells(low, high)
    n = len(allowed)
    drawn = np.random.default_rng(seed).integers(0, max(n, 1), (samples, n))
    counts = np.zeros((samples, n))
    np.add.at(counts, (np.repeat(np.arange(samples), n), drawn.ravel()), 1.0)
    if not len(cells) or not samples:
        return Resamples(cells, np.zeros((samples, len(cells))), counts)
    rows, place = np.unique(allowed, axis=0, return_inverse=True)
    sums = np.zeros((n, len(rows)))
    sums[np.arange(n), place.ravel()] = 1.0
    return Resamples(cells, _spread(rows, counts @ sums), counts)


def _spread(rows: Floats, weights: Floats) -> Floats:
    """The shares of the cells in each resample, to within a small step of the maximum.

    A pair of steps is drawn out along its bend, no share below a small part of what the pair gave it, and kept where
    the likelihood is no worse for it.
    """
    total = weights.sum(axis=1, keepdims=True)
    share = np.full((len(weights), rows.shape[1]), 1.0 / rows.shape[1])
    for _ in range(_ROUNDS):
        one = _step(rows, weights, share) / total
        if np.abs(one - share).max() < _STILL:
            return np.asarray(one)
        two = _step(rows, weights, one) / total
        first, second = one - share, two - 2 * one + share
        length = np.sqrt((first**2).sum(axis=1) / np.maximum((second**2).sum(axis=1), _TINY))
        length = np.clip(length, 1.0, 1e6)[:, None]
        far = np.maximum(share + 2 * length * first + length**2 * second, _LEAST * two)
        far /= far.sum(axis=1, keepdims=True)
        is_better = _likelihoods(rows, weights, far) >= _likelihoods(rows, weights, two)
        share = _step(rows, weights, np.where(is_better[:, None], far, two)) / total
    return share


def _step(rows: Floats, weights: Floats, share: Floats) -> Floats:
    """Every patient shared out over the cells allowed, by the shares so far."""
    return np.asarray(share * ((weights / np.maximum(share @ rows.T, _TINY)) @ rows))


def _likelihoods(rows: Floats, weights: Floats, share: Floats) -> Floats:
    return np.asarray((weights * np.log(np.maximum(share @ rows.T, _TINY))).sum(axis=1))


def read_medians(found: Resamples, *, share: float = 0.5) -> tuple[Floats, Floats]:
    """Between which times each resample reaches a share of the patients; infinite where it does not.

    >>> ends = read_medians(draw_intervals([0, 1], [2, 3], samples=2, seed=1))
    >>> [end.tolist() for end in ends]
    [[1.0, 1.0], [2.0, 2.0]]
    """
    never = np.full(len(found.shares), np.inf)
    if not len(found.cells):
        return never, never
    reached = np.cumsum(found.shares, axis=1) >= share - 1e-6
    low, high = found.cells[reached.argmax(axis=1)].T
    is_known = reached.any(axis=1) & np.isfinite(high)
    return np.where(is_known, low, np.inf), np.where(is_known, high, np.inf)


def summarise_range(low: Any, high: Any) -> dict[str, float]:
    """Where the middle ninety-five of a hundred resamples lie: estimate (the median of the middles), low, high.

    `low` and `high` are the ends found in each resample. An end that is infinite is missing; all are where fewer than
    nine in ten resamples have an answer (missing is none, infinite is one), or there are none.

    >>> summarise_range(np.arange(101.0), np.arange(101.0) + 1)
    {'estimate': 50.5, 'low': 2.0, 'high': 99.0}
    """
    ends = [np.asarray(end, dtype=float) for end in (low, high)]
    is_known = ~np.isnan(ends[0]) & ~np.isnan(ends[1])
    if not is_known.any() or is_known.mean() < _KNOWN:
        return dict.fromkeys(("estimate", "low", "high"), np.nan)
    first, last = (end[is_known] for end in ends)
    measured = {"estimate": _quantile((first + last) / 2, 0.5), "low": _quantile(first, 0.025),
                "high": _quantile(last, 0.975)}  # fmt: skip
    return {name: value if np.isfinite(value) else np.nan for name, value in measured.items()}


def _quantile(values: Floats, share: float) -> float:
    """One of the values: in between lies nothing when some are infinite."""
    return float(np.quantile(values, share, method="inverted_cdf"))
