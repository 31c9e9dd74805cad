"""Times that are known to lie between two visits only: Turnbull's estimate of how many have had the event by when."""

from helpers.interval_censoring.resampling import Resamples, draw_intervals, read_medians, summarise_range
from helpers.interval_censoring.turnbull import estimate_interval_median, estimate_intervals, read_curve

__all__ = [
    "Resamples",
    "draw_intervals",
    "estimate_interval_median",
    "estimate_intervals",
    "read_curve",
    "read_medians",
    "summarise_range",
]
