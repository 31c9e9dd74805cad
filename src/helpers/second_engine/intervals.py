"""Interval-censored times a second time: Turnbull's own self-consistency steps, drawn out where they are slow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.second_engine.check import Check, Engines, check_parts

Floats = NDArray[np.float64]

TURNBULL = Engines("constrained Newton method", "Turnbull's self-consistency steps, extrapolated", 1e-9,
                   "two observed visits on both sides")  # fmt: skip
OUTCOMES = ("complete", "any", "flare")
_ROUNDS = 3000
_SMALL = 1e-10


def check_intervals(times: pd.DataFrame) -> list[Check]:
    """The two visits between which half had had the event: one row per patient and outcome, with low and high."""
    checks = []
    for outcome in OUTCOMES:
        rows = times.loc[times["outcome"].eq(outcome)]
        low, high = find_interval_median(rows["low"].to_numpy(float), rows["high"].astype(float).to_numpy(float))
        middle = None if low is None or high is None else (low + high) / 2
        parts = {"value": middle, "low": low, "high": high}
        checks += check_parts(f"visits.{outcome}.turnbull_months", parts, engines=TURNBULL)
    return checks


def find_interval_median(low: Any, high: Any) -> tuple[float | None, float | None]:
    """Between which two times half have had the event; missing where the estimate does not get there.

    `high` is missing where the event was never seen; both are the same where its time is known.

    >>> find_interval_median(np.array([0.0, 1, 1, 4]), np.array([2.0, 3, 3, np.nan]))
    (1.0, 2.0)
    """
    end = np.where(np.isnan(high), np.inf, high)
    cells = list_cells(low, end)
    if not len(cells):
        return None, None
    exact = (low == end)[:, None]
    within = (cells[:, 0] >= low[:, None]) & (cells[:, 1] <= end[:, None])
    point = cells[:, 0] == cells[:, 1]
    allowed = np.where(exact, point & (cells[:, 1] == end[:, None]),
                       within & ~(point & (cells[:, 0] <= low[:, None])))  # fmt: skip
    rows, counts = np.unique(allowed.astype(float), axis=0, return_counts=True)
    reached = np.cumsum(spread_evenly(rows, counts.astype(float))) >= 0.5 - 1e-6
    first = cells[int(np.argmax(reached))]
    return (None, None) if not reached.any() or np.isinf(first[1]) else (float(first[0]), float(first[1]))


def list_cells(low: Floats, end: Floats) -> Floats:
    """The stretches that can hold an event: from a last visit without to the first visit with it, nothing between.

    Looked for pair by pair: the latest start at or before each end, if no earlier end lies after that start.
    """
    exact = low == end
    starts = np.unique(low[~exact])
    found = [(time, time) for time in np.unique(end[exact])]
    for until in np.unique(end[~exact]):
        before = starts[starts < until]
        if len(before):
            inside = (end > before[-1]) & (end < until)
            if not inside.any():
                found.append((float(before[-1]), float(until)))
    return np.array(sorted(set(found)), dtype=float).reshape(-1, 2)


def spread_evenly(rows: Floats, counts: Floats) -> Floats:
    """The probability of each cell: every patient is shared out over the cells allowed, until the shares stand still.

    Turnbull, J R Stat Soc B 1976;38:290. The steps shrink slowly, so pairs of them are drawn out (Varadhan and Roland,
    Scand J Stat 2008;35:335) as long as no share turns negative and the likelihood does not fall.
    """
    share = np.full(rows.shape[1], 1 / rows.shape[1])
    for _ in range(_ROUNDS):
        one = _share_out(rows, counts, share)
        two = _share_out(rows, counts, one)
        first, second = one - share, two - one - (one - share)
        if np.abs(one - share).max() < _SMALL:
            return one
        length = -float(np.sqrt((first @ first) / max(float(second @ second), 1e-300)))
        drawn = share - 2 * length * first + length**2 * second
        is_fine = (drawn > 0).all() and _likelihood(rows, counts, drawn) >= _likelihood(rows, counts, two)
        share = _share_out(rows, counts, drawn / drawn.sum()) if is_fine else two
    return share


def _share_out(rows: Floats, counts: Floats, share: Floats) -> Floats:
    expected: Any = share * ((counts / (rows @ share)) @ rows)
    return np.asarray(expected / counts.sum())


def _likelihood(rows: Floats, counts: Floats, share: Floats) -> float:
    return float(counts @ np.log(rows @ (share / share.sum())))
