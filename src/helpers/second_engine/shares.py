"""Counts into shares and rates a second time: Wilson's limits and exact Poisson limits."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.stats import binom, gamma, norm

from helpers.second_engine.check import Engines

WILSON = Engines("statsmodels proportion_confint", "the score equation, solved as a quadratic", 1e-10,
                 "closed formulas on both sides")  # fmt: skip
POISSON = Engines("chi-square quantiles (scipy)", "gamma quantiles (scipy)", 1e-8,
                  "quantiles are found by iteration")  # fmt: skip
RATE = Engines("sums by group (pandas)", "sums patient by patient (numpy)", 1e-10, "the order of a sum")
RATIO = Engines("beta quantiles (scipy)", "the binomial tail, solved for its root", 1e-7, "both iterate")
_LEVEL = 0.95


def solve_wilson(count: int, n: int) -> dict[str, float | None]:
    """The share and Wilson's limits: the two p at which (share - p)^2 = z^2 p (1 - p) / n; missing of nobody.

    >>> [round(end, 4) for end in solve_wilson(57, 181).values()]
    [0.3149, 0.2517, 0.3858]
    """
    if n == 0:
        return dict.fromkeys(("value", "low", "high"))
    share, z2 = count / n, float(norm.isf((1 - _LEVEL) / 2)) ** 2
    low, high = np.sort(np.roots([1 + z2 / n, -(2 * share + z2 / n), share * share]).real)
    return {"value": share, "low": float(low), "high": float(high)}


def find_rate(events: float, years: float, *, per: float = 100.0) -> dict[str, float | None]:
    """Events per so many years with Garwood's limits, as quantiles of the gamma distribution; missing without years.

    >>> [round(end, 4) for end in find_rate(10, 100.0).values()]
    [10.0, 4.7954, 18.3904]
    """
    if years <= 0:
        return dict.fromkeys(("value", "low", "high"))
    low = float(gamma.ppf((1 - _LEVEL) / 2, events)) if events > 0 else 0.0
    high = float(gamma.isf((1 - _LEVEL) / 2, events + 1))
    return {"value": events / years * per, "low": low / years * per, "high": high / years * per}


def solve_rate_ratio(ours: float, theirs: float, *, years: float, years_other: float) -> dict[str, Any]:
    """The ratio of two rates with exact conditional limits, found as the roots of binomial tails.

    As `helpers.adverse.estimate_adverse_ratios`: no value without an event among the others, no upper limit then.

    >>> found = solve_rate_ratio(11, 9, years=800.0, years_other=3011.0)
    >>> [round(end, 2) for end in found.values()]
    [4.6, 1.73, 12.56]
    """
    if min(years, years_other) <= 0 or ours + theirs == 0:
        return dict.fromkeys(("value", "low", "high"))
    total, tail, scale = ours + theirs, (1 - _LEVEL) / 2, years_other / years
    low = 0.0 if ours == 0 else _odds(_root(lambda p: _at_least(ours, total, p) - tail)) * scale
    high = None if theirs == 0 else _odds(_root(lambda p: 1 - _at_least(ours + 1, total, p) - tail)) * scale
    return {"value": ours / theirs * scale if theirs else None, "low": low, "high": high}


def _at_least(count: float, total: float, p: float) -> float:
    return float(binom.sf(count - 1, total, p))


def _root(function: Any) -> float:
    return float(brentq(function, 1e-12, 1 - 1e-12, xtol=1e-14, rtol=1e-13))


def _odds(p: float) -> float:
    return p / (1 - p)
