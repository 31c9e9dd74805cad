"""The partial likelihood of the Cox model: who was at risk at each event, and what the coefficients make of it.

Every Cox model of this package stands on these sums: plain, in strata, with late entry, and the tests of its residuals.
Tied events are taken out of those at risk one after the other in equal parts (Efron, J Am Stat Assoc 1977;72:557).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class Queue:
    """The rows in order of their places, and how many of them stand before each moment of an event."""

    rows: Places
    before: Places


@dataclass(frozen=True)
class RiskSets:
    """Rows and events, each with its place in one order of stratum and time; `x` is centred.

    `terms`: 1, x and x x' of each row, side by side; `start` and `stop`: the places of the rows; `starting` and
    `stopping`: the rows in order of these, worked out once, as the sums are asked for at every step; `hit`: the rows
    with an event, in order; `moments`: the distinct places of the events; `place`: which of these each event has;
    `tied_share`: how much of its ties had left before it.
    """

    x: Floats
    terms: Floats
    start: Places
    stop: Places
    starting: Queue
    stopping: Queue
    hit: Places
    moments: Places
    place: Places
    tied_share: Floats


@dataclass(frozen=True)
class EventSums:
    """The weight of each row, and for each event the sums over those at risk of weight (`s0`), weight times x (`s1`)
    and weight times x x' (`s2`)."""

    weight: Floats
    s0: Floats
    s1: Floats
    s2: Floats

    @property
    def means(self) -> Floats:
        """The weighted mean of x among those at risk at each event."""
        return self.s1 / self.s0[:, None]

    @property
    def covariances(self) -> Floats:
        """The weighted covariance of x among those at risk at each event."""
        means = self.means
        return self.s2 / self.s0[:, None, None] - means[:, :, None] * means[:, None, :]


def derive_risk_sets(periods: pd.DataFrame, *, covariates: Sequence[str], strata: str | None = None) -> RiskSets:
    """The risk sets of periods (start, stop, is_event): at risk after `start`, up to and with `stop`.

    Only the order of times counts. With `strata` (a column) nobody is at risk in another stratum than his own.
    """
    x = periods[list(covariates)].to_numpy(dtype=float)
    ends = [periods[name].to_numpy(dtype=float) for name in ("start", "stop")]
    times = np.unique(np.concatenate(ends))
    offset = 0 if strata is None else pd.factorize(periods[strata])[0] * len(times)
    start, stop = (offset + np.searchsorted(times, end) for end in ends)
    hit = np.flatnonzero(periods["is_event"].to_numpy(dtype=bool))
    hit = hit[np.argsort(stop[hit], kind="stable")]
    moments, place, ties = np.unique(stop[hit], return_inverse=True, return_counts=True)
    rank = np.arange(len(hit)) - (np.cumsum(ties) - ties)[place]
    x = x - x.mean(axis=0)
    cross = (x[:, :, None] * x[:, None, :]).reshape(len(x), x.shape[1] ** 2)
    terms = np.column_stack([np.ones(len(x)), x, cross])
    starting, stopping = (_queue(keys, moments) for keys in (start, stop))
    return RiskSets(x, terms, start, stop, starting, stopping, hit, moments, place, rank / ties[place])


def _queue(keys: Places, moments: Places) -> Queue:
    order = np.argsort(keys, kind="stable")
    return Queue(order, np.searchsorted(keys[order], moments, side="left"))


def sum_at_risk(sets: RiskSets, ratios: Floats) -> EventSums:
    """The sums over those at risk at each event, in order, at these log hazard ratios.

    Rows of later strata are in both sums of the difference, and so in neither.
    """
    p = sets.x.shape[1]
    weight = np.exp(sets.x @ ratios)
    values = weight[:, None] * sets.terms
    at_risk = _sum_from(sets.stopping, values) - _sum_from(sets.starting, values)
    tied = np.zeros((len(sets.moments), values.shape[1]))
    np.add.at(tied, sets.place, values[sets.hit])
    left = at_risk[sets.place] - sets.tied_share[:, None] * tied[sets.place]
    return EventSums(weight, left[:, 0], left[:, 1 : p + 1], left[:, p + 1 :].reshape(-1, p, p))


def _sum_from(queue: Queue, values: Floats) -> Floats:
    """Sums of the rows at or after each moment of an event."""
    totals = np.vstack([np.cumsum(values[queue.rows][::-1], axis=0)[::-1], np.zeros(values.shape[1])])
    found: Floats = totals[queue.before]
    return found


def differentiate(sets: RiskSets, ratios: Floats) -> tuple[float, Floats, Floats]:
    """Log partial likelihood, score and information; not finite where the ratios are too large for the machine.

    One event among one exposed and one other, at a ratio of one: each had the chance of one half.

    >>> periods = pd.DataFrame({"start": 0.0, "stop": [1.0, 2.0], "is_event": [True, False], "is_dtt": [1, 0]})
    >>> sets = derive_risk_sets(periods, covariates=["is_dtt"])
    >>> [np.round(part, 4).tolist() for part in differentiate(sets, np.zeros(1))]
    [-0.6931, [0.5], [[0.25]]]
    """
    with np.errstate(all="ignore"):
        sums = sum_at_risk(sets, ratios)
        x = sets.x[sets.hit]
        value = float((x @ ratios).sum() - np.log(sums.s0).sum())
        return value, (x - sums.means).sum(axis=0), sums.covariances.sum(axis=0)


def measure_score_residuals(sets: RiskSets, ratios: Floats) -> Floats:
    """What each row adds to the score: its own event, less what the hazard it was exposed to made expected."""
    sums = sum_at_risk(sets, ratios)
    means = sums.means
    hazard = np.column_stack([np.ones(len(means)), means]) / sums.s0[:, None]
    steps, spared = np.zeros((2, len(sets.moments), hazard.shape[1]))
    np.add.at(steps, sets.place, hazard)
    np.add.at(spared, sets.place, sets.tied_share[:, None] * hazard)
    total = np.vstack([np.zeros(hazard.shape[1]), np.cumsum(steps, axis=0)])
    until, since = (np.searchsorted(sets.moments, keys, side="right") for keys in (sets.stop, sets.start))
    exposed = total[until] - total[since]
    exposed[sets.hit] -= spared[sets.place]
    residuals = -sums.weight[:, None] * (sets.x * exposed[:, :1] - exposed[:, 1:])
    residuals[sets.hit] += measure_schoenfeld(sets, means)
    return np.asarray(residuals, dtype=float)


def measure_schoenfeld(sets: RiskSets, means: Floats) -> Floats:
    """The x of each event, in order, less the mean among those at risk (`means`); tied events share one mean."""
    shared = np.zeros((len(sets.moments), means.shape[1]))
    np.add.at(shared, sets.place, means)
    ties = np.bincount(sets.place, minlength=len(sets.moments))
    residuals: Floats = sets.x[sets.hit] - (shared / ties[:, None])[sets.place]
    return residuals
