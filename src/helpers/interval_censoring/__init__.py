"""Times that are known to lie between two visits only: Turnbull's estimate of how many have had the event by when."""

from helpers.interval_censoring.turnbull import estimate_interval_median, estimate_intervals, read_curve

__all__ = ["estimate_interval_median", "estimate_intervals", "read_curve"]
