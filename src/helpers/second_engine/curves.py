"""Curves a second time: Kaplan-Meier by lifelines, log-rank by statsmodels, incidence by statsmodels, areas by sums."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from helpers.second_engine.check import Engines

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

KAPLAN_MEIER = Engines("statsmodels SurvfuncRight", "lifelines KaplanMeierFitter", 1e-8, "exact products on both sides")
LOG_RANK = Engines("lifelines multivariate_logrank_test", "statsmodels survdiff", 1e-8, "exact sums on both sides")
INCIDENCE = Engines("helpers.incidence (running sums)", "one increment after the other, as defined", 1e-8,
                    "exact sums on both sides")  # fmt: skip
AREA = Engines("areas with Greenwood's variance (numpy)", "area under the lifelines curve, a double sum",
               1e-8, "exact sums on both sides")  # fmt: skip

_FLAT = 1e-8


def fit_survival(months: Floats, is_event: Flags, *, at: Sequence[float]) -> list[dict[str, Any]]:
    """The share free of the event at each month, with its log-log interval, as lifelines finds them.

    Missing past the last observed month unless nobody was left; the interval is missing where the share is 0 or 1.
    """
    if not len(months):
        return [dict.fromkeys(("value", "low", "high")) for _ in at]
    fitter = _fit(months, is_event)
    shares = fitter.survival_function_at_times(list(at)).to_numpy(float)
    steps = fitter.confidence_interval_.index.to_numpy(float)
    place = np.searchsorted(steps, np.asarray(at, dtype=float), side="right") - 1
    ends = fitter.confidence_interval_.to_numpy(float)[place]
    gone = fitter.survival_function_.iloc[-1, 0] <= 0
    rows = []
    for month, share, (low, high) in zip(at, shares, ends, strict=True):
        seen, inside = month <= months.max() or gone, 0 < share < 1
        rows.append({"value": share if seen else None, "low": low if seen and inside else None,
                     "high": high if seen and inside else None})  # fmt: skip
    return rows


def fit_median(months: Floats, is_event: Flags) -> dict[str, Any]:
    """The month by which half have had the event, and where the edges of the log-log band fall to one half.

    By lifelines' curve; flat at one half: the middle of the flat stretch. Missing where a curve never falls so far.
    """
    if not len(months) or not is_event.any():
        return dict.fromkeys(("value", "low", "high"))
    fitter = _fit(months, is_event)
    steps = fitter.survival_function_.index.to_numpy(float)
    curves = [fitter.survival_function_.iloc[:, 0].to_numpy(float), *fitter.confidence_interval_.to_numpy(float).T]
    has_band = (curves[0] > 0) & (curves[0] < 1)
    bands = [np.where(has_band, curve, np.nan) for curve in curves[1:]]
    found = [_half_way(steps, curve) for curve in (curves[0], *bands)]
    return dict(zip(("value", "low", "high"), found, strict=True))


def _half_way(steps: Floats, curve: Floats) -> float | None:
    at_half, below = curve <= 0.5 + _FLAT, curve < 0.5 - _FLAT
    if not at_half.any():
        return None
    start = steps[at_half][0]
    is_flat = abs(curve[at_half][0] - 0.5) <= _FLAT and below.any()
    return float((start + steps[below][0]) / 2 if is_flat else start)


def fit_curve(months: Floats, is_event: Flags) -> Any:
    """The Kaplan-Meier curve by lifelines: one row per month, from 0 on."""
    return _fit(months, is_event).survival_function_


def _fit(months: Floats, is_event: Flags) -> Any:
    return _fit_once(tuple(months.tolist()), tuple(is_event.tolist()))


@lru_cache(maxsize=8)
def _fit_once(months: tuple[float, ...], is_event: tuple[bool, ...]) -> Any:
    """lifelines' curve of these patients, to be read only: shares, areas and censoring are asked of the same ones."""
    from lifelines import KaplanMeierFitter

    return KaplanMeierFitter().fit(np.array(months), np.array(is_event))


def find_log_rank(months: Floats, is_event: Flags, group: Any) -> float | None:
    """The p value of the log-rank test by statsmodels; missing with one group only or nothing to compare."""
    from statsmodels.duration.survfunc import survdiff

    names = np.unique(group)
    ends = [months[group == name].max() for name in names]
    if len(names) < 2 or not is_event.any() or months[is_event].min() > np.sort(ends)[-2]:
        return None
    return float(survdiff(months, is_event.astype(int), np.asarray(group))[1])


def add_incidence(months: Floats, status: Any, *, state: str, at: Sequence[float]) -> list[dict[str, Any]]:
    """The cumulative incidence of one state at each month with its log-log interval.

    The estimate adds what is left times the share that has the event, one event time after the other. The variance
    is the sum over event times of the multinomial one, each time's influence on the later curve worked out afresh.
    Missing past the last observed month unless nobody was left.
    """
    if not len(months):
        return [dict.fromkeys(("value", "low", "high")) for _ in at]
    words = np.asarray(status, dtype=object)
    return [_incidence_at(months, words == state, words != "censored", month) for month in at]


def _incidence_at(months: Floats, own: Flags, any_event: Flags, month: float) -> dict[str, Any]:
    times = np.unique(months[any_event & (months <= month)])
    left, total, steps = 1.0, 0.0, []
    for time in times:
        n = float((months >= time).sum())
        d, e = float((own & (months == time)).sum()), float((any_event & (months == time)).sum())
        steps.append((n, d, e, left))
        total += left * d / n
        left *= 1 - e / n
    still = months.max() >= month or not (months[~any_event] >= months.max()).any()
    if not still:
        return dict.fromkeys(("value", "low", "high"))
    variance = _sum_variance(steps)
    if not 1e-12 < total < 1 - 1e-12:
        return {"value": total, "low": None, "high": None}
    width = float(norm.isf(0.025)) * variance**0.5 / (total * abs(np.log(total)))
    return {"value": total, "low": total ** np.exp(width), "high": total ** np.exp(-width)}


def _sum_variance(steps: list[tuple[float, float, float, float]]) -> float:
    """The multinomial variance: at each time n people have the event, another one, or none, and each changes F(t)."""
    variance, future = 0.0, 0.0
    for n, d, e, left in reversed(steps):
        stays, has, other = future, 1.0, 0.0
        shares = np.array([d / n, (e - d) / n, 1 - e / n])
        gains = np.array([has, other, stays])
        mean = float(shares @ gains)
        variance += left**2 * float(shares @ (gains - mean) ** 2) / n
        future = mean
    return variance


def integrate_survival(months: Floats, is_event: Flags, *, until: float) -> tuple[float, float] | None:
    """The area under lifelines' curve up to a month, and its variance as a double sum over pairs of stretches.

    The covariance of the curve at two moments is the product of both shares and Greenwood's sum up to the earlier.
    Missing where nobody was followed so long and somebody was left.
    """
    if not len(months):
        return None
    curve = _fit(months, is_event).survival_function_
    steps, shares = curve.index.to_numpy(float), curve.iloc[:, 0].to_numpy(float)
    if until > months.max() and shares[-1] > 0:
        return None
    inside = steps < until
    steps, shares = steps[inside], shares[inside]
    widths = np.append(steps[1:], until) - steps
    n = np.array([(months >= step).sum() for step in steps], dtype=float)
    d = np.array([(is_event & (months == step)).sum() for step in steps], dtype=float)
    terms = np.divide(d, n * (n - d), out=np.zeros(len(n)), where=n > d)
    greenwood = np.cumsum(terms)
    earlier = np.minimum(*np.meshgrid(np.arange(len(steps)), np.arange(len(steps))))
    areas = widths * shares
    return float(areas.sum()), float(areas @ greenwood[earlier] @ areas)
