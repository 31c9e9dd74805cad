"""What is kept of one estimator in one cohort."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import norm

Record = dict[str, Any]

_Z = float(norm.ppf(0.975))


def record(
    estimator: str, *, estimate: float = np.nan, low: float = np.nan, high: float = np.nan, p: float = np.nan,
    error: float | None = None, truth: float = np.nan, events: float = np.nan,
) -> Record:  # fmt: skip
    """One record: estimator, estimate, error, low, high, p, truth and events, as plain numbers (None for missing).

    `error` is that of a normal interval where none is given. `truth` is stated only where each cohort has its own.

    >>> round(record("naive", estimate=1.0, low=0.0, high=1.96)["error"], 3)
    0.5
    """
    error = (high - low) / (2 * _Z) if error is None else error
    numbers = {"estimate": estimate, "error": error, "low": low, "high": high, "p": p, "truth": truth,
               "events": events}  # fmt: skip
    return {"estimator": estimator} | {name: _plain(value) for name, value in numbers.items()}


def _plain(value: float) -> float | None:
    number = float(value)
    return round(number, 10) if np.isfinite(number) else None


def record_ratio(estimator: str, row: Any) -> Record:
    """The record of a ratio (a row of a table, with estimate, low, high, p and perhaps events), on the log scale."""
    numbers = row[["estimate", "low", "high"]].astype(float)
    with np.errstate(divide="ignore"):
        estimate, low, high = np.log(numbers)
    events = float(row["events"]) if "events" in row else np.nan
    return record(estimator, estimate=estimate, low=low, high=high, p=float(row["p"]), events=events)


def record_share(estimator: str, row: Any, *, turned: bool = False) -> Record:
    """The record of a share (a row with estimate, low, high, perhaps standard_error); `turned`: one minus it."""
    estimate, low, high = row[["estimate", "low", "high"]].astype(float)
    error = float(row["standard_error"]) if "standard_error" in row else None
    if turned:
        estimate, low, high = 1 - estimate, 1 - high, 1 - low
    return record(estimator, estimate=estimate, low=low, high=high, error=error)
