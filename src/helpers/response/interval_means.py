"""How much later visit dates are than what lies between the visits, on average over a stated time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.interval_censoring import Resamples, summarise_range

Floats = NDArray[np.float64]

MEAN_UNTIL = {"complete": 24.0, "any": 24.0, "flare": 60.0}
"""The months over which the mean is taken: two years to a response, five to a flare. A choice of this compendium."""


def compare_means(
    part: pd.DataFrame, *, intervals: pd.DataFrame, drawn: Resamples, until: float
) -> dict[str, float]:
    """The mean months until the event, no more than `until`, on visit dates less between visits.

    `later_estimate`, and `later_low`, `later_high` (the range over the resamples `drawn` of the same patients; missing
    without). `part` has months and status of one outcome and group, `intervals` is Turnbull's estimate for it.

    Where the curve is flat the median jumps by months for half a patient; a mean over the whole curve does not. Between
    two visits the event is put in the middle. Missing where the curve on visit dates is not known up to `until`; a
    resample that does not reach so far has no answer.

    Royston and Parmar, BMC Med Res Methodol 2013;13:152 (restricted means).
    """
    if intervals.empty:
        return dict.fromkeys(("later_estimate", "later_low", "later_high"), np.nan)
    ends = intervals[["low", "high"]].to_numpy(dtype=float)
    between = float(intervals["share"].to_numpy(dtype=float) @ _middles(ends, until=until))
    everybody = np.ones((1, len(part)))
    later = float(restrict_means(part["months"], part["status"].eq("seen"), counts=everybody, until=until)[0]) - between
    counted = restrict_means(part["months"], part["status"].eq("seen"), counts=drawn.counts, until=until)
    apart = counted - drawn.shares @ _middles(drawn.cells, until=until)
    spread = summarise_range(apart, apart)
    return {"later_estimate": later, "later_low": spread["low"], "later_high": spread["high"]}


def _middles(ends: Floats, *, until: float) -> Floats:
    """The middle of each interval, both of its ends taken as no later than `until`."""
    return np.asarray(np.minimum(ends, until).mean(axis=1))


def restrict_means(months: Any, is_seen: Any, *, counts: Floats, until: float) -> Floats:
    """The area under Kaplan-Meier up to `until`, once for each row of `counts` (how often each patient counts).

    Missing where nobody is followed so long and somebody is left without the event.

    >>> restrict_means([2.0, 4.0, 9.0], [True, True, False], counts=np.array([[1.0, 1, 1], [2, 0, 1]]), until=6.0)
    array([4.        , 3.33333333])
    """
    times, place = np.unique(np.asarray(months, dtype=float), return_inverse=True)
    sums = np.zeros((len(place), len(times)))
    sums[np.arange(len(place)), place.ravel()] = 1.0
    leaving = counts @ sums
    events = counts @ (sums * np.asarray(is_seen, dtype=bool)[:, None])
    at_risk = leaving[:, ::-1].cumsum(axis=1)[:, ::-1]
    left = np.cumprod(1 - events / np.maximum(at_risk, 1), axis=1)
    bounds = np.minimum(np.concatenate([[0.0], times, [np.inf]]), until)
    heights = np.concatenate([np.ones((len(counts), 1)), left], axis=1)
    last = np.where(leaving > 0, times, -np.inf).max(axis=1, initial=-np.inf)
    is_known = (last >= until) | (left[:, -1] < 1e-12)
    return np.where(is_known, heights @ np.diff(bounds), np.nan)
