"""The axes of specification curves: from where to where, on which scale, with which ticks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.multiverse.packing import keep_finite

RATIO_TICKS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
"""An axis of ratios starts and ends at one of these; what lies beyond is drawn up to its edge."""

MOST_OF_ENDS = (5, 95)
"""The percentiles of the intervals' ends that an axis has room for: a few endless ones must not flatten the rest."""


def choose_ratio_axis(table: pd.DataFrame, *, band: pd.DataFrame) -> dict[str, Any]:
    """A logarithmic axis with room for all estimates, most intervals, and most of the band of the null.

    Both tables have low and high, the first has estimate.

    >>> table = pd.DataFrame({"estimate": [1.5, 6.0], "low": [1.2, 2.0], "high": [3.0, 18.0]})
    >>> choose_ratio_axis(table, band=pd.DataFrame({"low": [0.7], "high": [1.4]}))["ticks"]
    [0.5, 1.0, 2.0, 5.0, 10.0, 20.0]
    """
    estimates, low, high = (_positive(table[name]) for name in ("estimate", "low", "high"))
    band_low, band_high = (_positive(band[name]) for name in ("low", "high"))
    least = min([*estimates, *_percentile(low, MOST_OF_ENDS[0]), *_percentile(band_low, MOST_OF_ENDS[0]), 1.0])
    most = max([*estimates, *_percentile(high, MOST_OF_ENDS[1]), *_percentile(band_high, MOST_OF_ENDS[1]), 1.0])
    start = max([tick for tick in RATIO_TICKS[:-1] if tick <= least], default=RATIO_TICKS[0])
    end = min([tick for tick in RATIO_TICKS[1:] if tick >= most and tick > start], default=RATIO_TICKS[-1])
    ticks = [tick for tick in RATIO_TICKS if start <= tick <= end]
    return {"low": start, "high": end, "is_share": False, "ticks": ticks}


def choose_share_axis(table: pd.DataFrame) -> dict[str, Any]:
    """An axis of shares from zero to the next tenth above all intervals.

    >>> choose_share_axis(pd.DataFrame({"high": [0.31]}))["ticks"]
    [0.0, 0.1, 0.2, 0.3, 0.4]
    """
    most = float(np.nanmax(table["high"])) if table["high"].notna().any() else 1.0
    tenths = min(int(np.ceil(most * 10 - 1e-9)) or 1, 10)
    return {"low": 0.0, "high": tenths / 10, "is_share": True, "ticks": [tick / 10 for tick in range(tenths + 1)]}


def _positive(values: pd.Series) -> np.ndarray:
    known = keep_finite(values)
    return known[known > 0]


def _percentile(values: np.ndarray, share: float) -> list[float]:
    return [float(np.percentile(values, share))] if len(values) else []
