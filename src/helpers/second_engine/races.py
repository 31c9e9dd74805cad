"""Competing events a second time: Fine and Gray's ratio as the root of its score, Gray's test by its own recursion."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import chi2

from helpers.second_engine.check import Engines, make_ratio
from helpers.second_engine.curves import Flags, Floats, fit_curve

FINE_GRAY = Engines("Newton steps, weights patient by patient", "root of the score, errors by a complex step", 1e-7,
                    "both iterate until the score is none")  # fmt: skip
GRAY = Engines("matrices over all groups", "Gray's recursion, one event time after the other", 1e-8, "order of sums")

_LARGEST = 15.0
_TINY = 1e-20
"""The imaginary step of a derivative: nothing is subtracted, so that nothing is lost."""


def solve_fine_gray(months: Floats, status: Any, exposed: Floats, *, event: str) -> dict[str, float | None]:
    """The subdistribution hazard ratio of `exposed` (0 or 1): value, low, high and p; missing where there is none.

    One month, word and side per patient ("censored" ends follow-up, every other word competes). Patients are added up
    by month and side before anything is fitted. The variance is that of Fine and Gray (J Am Stat Assoc 1999;94:496):
    the square of what each patient moves the score by, own weight in the curve of censoring included, and that is
    found here by giving each patient a little more weight.
    """
    words = np.asarray(status, dtype=object)
    own = words == event
    if len(np.unique(exposed)) < 2 or len(np.unique(exposed[own])) < 2:
        return dict.fromkeys(("value", "low", "high", "p"))
    race = _Race(months, own, ~own & (words != "censored"), words == "censored", exposed)
    beta = _find_root(race)
    if beta is None:
        return dict.fromkeys(("value", "low", "high", "p"))
    error = float(np.sqrt(np.square(race.pulls(beta)).sum())) / race.information(beta)
    return make_ratio(beta, error)


def _find_root(race: _Race) -> float | None:
    """Where the score is none; None where it never is, or only where no data could show it."""
    ends = (-2 * _LARGEST, 2 * _LARGEST)
    if race.score(ends[0]) * race.score(ends[1]) >= 0:
        return None
    beta = float(brentq(race.score, *ends, xtol=1e-13, rtol=1e-14))
    return beta if abs(beta) < _LARGEST and race.information(beta) > _LARGEST**-2 else None


class _Race:
    """Patients added up by month: who is at risk on either side, and who waits after another event."""

    def __init__(self, months: Floats, own: Flags, other: Flags, censored: Flags, exposed: Floats) -> None:
        self.times = np.unique(months)
        self.patient_at = (months[:, None] == self.times).astype(float)
        self.patient_in = (months[:, None] >= self.times).astype(float)
        self.own, self.other, self.censored, self.side = own, other, censored, exposed
        curve = fit_curve(months, censored)
        steps, shares = curve.index.to_numpy(float), curve.iloc[:, 0].to_numpy(float)
        self.free = shares[np.maximum(np.searchsorted(steps, self.times, side="left") - 1, 0)]
        self.events = self._add(own)
        at_risk = [(self.patient_in * (exposed == side)[:, None]).sum(axis=0) for side in (0, 1)]
        waits = [self._wait(self._add(other & (exposed == side)), 1.0) for side in (0, 1)]
        self.there = [known + waiting for known, waiting in zip(at_risk, waits, strict=True)]

    def _add(self, who: Flags) -> Floats:
        """How many of these patients end at each month."""
        counts: Floats = self.patient_at[who].sum(axis=0)
        return counts

    def _wait(self, came: Any, drift: Any) -> Any:
        """The weight of those whose other event came earlier, at each month: free now over free then."""
        free = np.where(self.free > 0, self.free, 1.0)
        parts = np.cumsum(came / free * drift, axis=-1)
        before = np.concatenate([np.zeros_like(parts[..., :1]), parts[..., :-1]], axis=-1)
        return self.free / drift * before

    def score(self, beta: float) -> float:
        share = self._share(beta)
        return float(self.side[self.own].sum() - (self.events * share).sum())

    def information(self, beta: float) -> float:
        share = self._share(beta)
        return float((self.events * share * (1 - share)).sum())

    def _share(self, beta: float) -> Floats:
        """The exposed part of the weighted risk set, at each month of an event."""
        exposed = self.there[1] * np.exp(beta)
        whole = self.there[0] + exposed
        share: Floats = np.divide(exposed, whole, out=np.zeros(len(whole)), where=(whole > 0) & (self.events > 0))
        return share

    def pulls(self, beta: float) -> Floats:
        """What a little more weight on each patient (rows) does to the score at its root."""
        step = 1j * _TINY
        leaving, at_risk = self._add(self.censored), self.patient_in.sum(axis=0)
        more = (leaving + step * self.patient_at * self.censored[:, None]) / (at_risk + step * self.patient_in)
        drift = np.exp(np.cumsum(more - leaving / at_risk, axis=1))
        there = []
        for side, factor in ((0, 1.0), (1, np.exp(beta))):
            here = (self.side == side)[:, None]
            came = self._add(self.other & (self.side == side)) + step * self.patient_at * (here & self.other[:, None])
            known = (self.patient_in * here).sum(axis=0) + step * self.patient_in * here
            there.append((known + self._wait(came, drift)) * factor)
        happens = self.events > 0
        share = there[1][:, happens] / (there[0] + there[1])[:, happens]
        mine = (self.patient_at * self.own[:, None])[:, happens]
        moved = (self.side[self.own].sum() + step * (self.side * self.own)
                 - ((self.events[happens] + step * mine) * share).sum(axis=1))  # fmt: skip
        return np.asarray(moved.imag / _TINY)


def find_gray(months: Floats, status: Any, exposed: NDArray[Any], *, event: str) -> float | None:
    """The p value of Gray's test of two groups; missing without a second group, an event, or anything to compare.

    Gray, Ann Stat 1988;16:1141, rho 0: the score of the exposed and its variance, carried forward event time by event
    time in three sums, from which the variance is put together at the end.
    """
    words, sides = np.asarray(status, dtype=object), (exposed == 1, exposed != 1)
    own, any_event = words == event, words != "censored"
    if not (sides[0].any() and sides[1].any() and own.any()):
        return None
    left, incidence, common = [1.0, 1.0], [0.0, 0.0], 0.0
    carried, score, sums = [0.0, 0.0], 0.0, np.zeros((3, 2))
    for time in np.unique(months[any_event]):
        n = [float((side & (months >= time)).sum()) for side in sides]
        d = [float((side & own & (months == time)).sum()) for side in sides]
        e = [float((side & any_event & ~own & (months == time)).sum()) for side in sides]
        free = [n[k] / left[k] if n[k] > 0 else 0.0 for k in (0, 1)]
        weighted = [free[k] * (1 - incidence[k]) for k in (0, 1)]
        score += d[0] - sum(d) * weighted[0] / sum(weighted)
        whole, events = sum(free), sum(d)
        after = [left[k] * (1 - (d[k] + e[k]) / n[k]) if n[k] > 0 else left[k] for k in (0, 1)]
        later = common + events / whole
        for k in (0, 1):
            pull = free[0] * ((k == 0) - free[k] / whole)
            carried[k] += pull * events / (whole * (1 - common))
            stays = (1 - later) / after[k] if after[k] > 0 else 0.0
            for moved, still, spread in _spreads(
                n[k], e[k], before=left[k], after=after[k], events=events, whole=whole, pull=pull, stays=stays):
                own_part = moved - still * carried[k]
                sums[:, k] += spread * np.array([own_part**2, 2 * own_part * still, still**2])
        incidence = [incidence[k] + left[k] * d[k] / n[k] if n[k] > 0 else incidence[k] for k in (0, 1)]
        left, common = after, later
    variance = sum(sums[0, k] + sums[1, k] * carried[k] + sums[2, k] * carried[k] ** 2 for k in (0, 1))
    return float(chi2.sf(score**2 / variance, 1)) if variance > 1e-10 else None


def _spreads(
    n: float, other: float, *, before: float, after: float, events: float, whole: float, pull: float, stays: float
) -> list[tuple[float, float, float]]:
    """Of both kinds of event in one group: what one moves the score by at once, in time to come, and its variance."""
    if n <= 0:
        return []
    found = []
    if events > 0:
        people = whole * before
        spread = before * events / (whole * n) * _drawn(events, people)
        found.append((pull, 1 - stays, spread))
    if other > 0 and after > 0:
        found.append((0.0, -stays, before**2 * other / n**2 * _drawn(other, n)))
    return found


def _drawn(events: float, people: float) -> float:
    """What several events at one moment take off their variance, drawn as they are without putting back."""
    if events <= 1 or people <= 1:
        return 1.0
    return max(1 - (events - 1) / (people - 1), 0.0)
