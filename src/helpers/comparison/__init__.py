"""Run against run: one page that needs no network, on what differs between two or more finished runs, and why."""

from helpers.comparison.runs import ComparisonError
from helpers.comparison.whole import compare_runs

__all__ = [
    "ComparisonError",
    "compare_runs",
]
