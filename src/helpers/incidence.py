"""Cumulative incidence with competing events, exact under ties; and the exact interval of an event rate."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2

Floats = NDArray[np.float64]
Column = pd.Series | Sequence[Any] | NDArray[Any]

CENSORED = "censored"
"""The one status that is not an event; every other word is a state that a patient can end in."""

PER_YEARS = 100
"""Rates are given per so many patient-years."""

_MEASURED = ("time", "estimate", "standard_error", "low", "high", "at_risk")


def estimate_cumulative_incidence(
    times: Column,
    status: Column,
    *,
    group: Column | None = None,
    at: Sequence[float] | None = None,
    states: Sequence[str] | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """The probability of each event by each time, when any event takes the patient out of the race.

    One row per group (where given), state and time: `time`, `state`, `estimate`, `standard_error`, `low`,
    `high`, `at_risk` (under observation and event-free just before that time). Times are those of `at`, or
    zero and every observed time. `states` fixes which events get rows, and their order; by default those
    that occur, sorted. A patient whose group is missing is left out.

    Edges: events and censorings of the same day are ordered as usual, censoring last; several events on one
    day are exact (nothing is jittered). After the last observed time the estimate is missing, unless nobody
    was left. Where the estimate is 0 or 1 the interval is missing.

    Aalen-Johansen estimate; one minus Kaplan-Meier would overstate it, because it lets the dead respond.
    The variance is the multinomial (Greenwood-type) one, which equals the infinitesimal jackknife of
    survival::survfit in R; the interval is log-log on the incidence itself, survfit's conf.type "log-log".
    Source: Aalen, Borgan, Gjessing, Survival and Event History Analysis, Springer 2008, section 3.4.

    Raises ValueError for times that are missing or negative, a missing status, and unequal lengths.

    >>> estimate_cumulative_incidence(
    ...     [1, 2, 2, 3], ["cr", "cr", "death", "censored"], at=[1, 2], states=["cr"]
    ... )[["time", "estimate", "at_risk"]].round(2).values.tolist()
    [[1.0, 0.25, 4.0], [2.0, 0.5, 3.0]]
    """
    rows = _checked_rows(times, status, group)
    names = list(states) if states is not None else sorted(set(rows.status) - {CENSORED})
    parts = [
        _estimate_one(part, names, at=at, level=level).assign(group=name)
        for name, part in rows.groupby("group", sort=True)
    ]
    columns = ["group", "state", *_MEASURED]
    table = pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
    return table if group is not None else table.drop(columns="group")


def estimate_time_to_share(curves: pd.DataFrame, *, share: float = 0.5) -> pd.DataFrame:
    """The first time at which each cumulative incidence reaches a share of the patients.

    One row per curve: what tells the curves apart (`state`, `group` and any column of your own), `estimate`,
    `low`, `high`; the curves must be on their full grid of times. Missing means never: the curve (or its
    interval's edge) ends below the share. The interval holds the times at which the log-log interval of the
    curve contains the share (Brookmeyer and Crowley's idea). With competing events a median can lie beyond
    reach however long the follow-up: the others had another event. A curve that is flat at exactly the share
    gives the first time, not the middle of the flat stretch.

    >>> curves = estimate_cumulative_incidence([1, 2, 3, 4], ["cr", "cr", "death", "censored"])
    >>> estimate_time_to_share(curves)[["state", "estimate"]].values.tolist()
    [['cr', 2.0], ['death', nan]]
    """
    keys = [column for column in curves if column not in _MEASURED]
    ends = {"estimate": "estimate", "low": "high", "high": "low"}
    reached: list[pd.DataFrame | pd.Series[Any]] = [
        curves[curves[column].ge(share - 1e-12)].groupby(keys)["time"].min().rename(name)
        for name, column in ends.items()
    ]
    everyone = curves[keys].drop_duplicates().set_index(keys)
    return everyone.join(reached).reset_index()


def poisson_interval(events: ArrayLike, exposure: ArrayLike, *, level: float = 0.95) -> tuple[Floats, Floats]:
    """Exact limits of a Poisson rate: `events` over `exposure`, elementwise; missing without exposure.

    As in R's poisson.test; source: Garwood, Biometrika 1936;28:437.

    >>> low, high = poisson_interval([0, 10], [1.0, 1.0])
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.0, 4.7954], [3.6889, 18.3904])
    """
    tail, count, time = (1 - level) / 2, np.asarray(events, dtype=float), np.asarray(exposure, dtype=float)
    time = np.where(time > 0, time, np.nan)
    low = np.where(count > 0, chi2.ppf(tail, 2 * np.maximum(count, 1)) / 2, 0.0)
    high = chi2.ppf(1 - tail, 2 * count + 2) / 2
    return low / time, high / time


def _checked_rows(times: Column, status: Column, group: Column | None) -> pd.DataFrame:
    months, words = pd.Series(times).astype("Float64"), pd.Series(status).astype("string")
    same: list[Any] = ["all"] * len(months)
    groups = pd.Series(same if group is None else group).astype(object)
    if not len(months) == len(words) == len(groups):
        lengths = f"{len(months)}, {len(words)}, {len(groups)}"
        raise ValueError(f"times, status and group differ in length: {lengths}")
    if months.isna().any() or months.lt(0).any():
        raise ValueError("times must be known and not negative: decide before what happens to the others")
    if words.isna().any():
        raise ValueError(f"status must be known: use {CENSORED!r} where follow-up ended without an event")
    return pd.DataFrame({
        "time": months.to_numpy(float), "status": words.to_numpy(object), "group": groups.to_numpy(object),
    })  # fmt: skip


def _estimate_one(
    rows: pd.DataFrame, states: list[str], *, at: Sequence[float] | None, level: float
) -> pd.DataFrame:
    """The curves of one group: one row per state and time."""
    times, status = rows.time.to_numpy(), rows.status.to_numpy()
    moments, place = np.unique(times, return_inverse=True)
    leaving = np.bincount(place, minlength=len(moments))
    at_risk = len(times) - np.cumsum(leaving) + leaving
    asked = np.unique(np.concatenate([[0.0], moments])) if at is None else np.asarray(at, dtype=float)
    last_seen = np.searchsorted(moments, asked, side="right") - 1
    any_event = np.bincount(place, weights=(status != CENSORED).astype(float), minlength=len(moments))
    curves = []
    for state in states:
        events = np.bincount(place, weights=(status == state).astype(float), minlength=len(moments))
        curve = _aalen_johansen(events, any_event, at_risk)[:, last_seen] * np.where(last_seen < 0, 0.0, 1.0)
        unseen = (asked > moments[-1]) & (any_event[-1] < at_risk[-1])
        estimate, error = np.where(unseen, np.nan, curve)
        low, high = _log_log_interval(estimate, error, level=level)
        still = len(times) - np.searchsorted(np.sort(times), asked, side="left")
        curves.append(pd.DataFrame({
            "time": asked, "state": state, "estimate": estimate, "standard_error": error, "low": low,
            "high": high, "at_risk": still,
        }))  # fmt: skip
    return pd.concat(curves, ignore_index=True)


def _aalen_johansen(events: NDArray[Any], any_event: NDArray[Any], at_risk: NDArray[Any]) -> Floats:
    """Cumulative incidence and its standard error after each moment (two rows).

    An event at s moves the whole later curve: the weight of an event of this state is what was left before s
    minus what those who moved would still have contributed, which is linear in the incidence F(t). The
    variance is therefore a quadratic in F(t) whose three coefficients are running sums.
    """
    survival = np.cumprod((at_risk - any_event) / at_risk)
    before = np.concatenate([[1.0], survival[:-1]])
    own, any_hazard = events / at_risk, any_event / at_risk
    incidence = np.cumsum(before * own)
    future = np.divide(before, survival, out=np.zeros_like(before), where=survival > 0)
    lost = future * incidence
    spread, shared = any_hazard * (1 - any_hazard), before * own * (1 - any_hazard)
    constant = own * (1 - own) * before**2 + 2 * shared * lost + spread * lost**2
    linear = 2 * shared * future + 2 * spread * lost * future
    square = spread * future**2
    sums = np.cumsum(np.stack([constant, linear, square]) / at_risk, axis=1)
    variance = sums[0] - incidence * sums[1] + incidence**2 * sums[2]
    return np.stack([incidence, np.sqrt(np.maximum(variance, 0.0))])


def _log_log_interval(estimate: Floats, error: Floats, *, level: float) -> tuple[Floats, Floats]:
    inside = np.where((estimate > 1e-12) & (estimate < 1 - 1e-12), estimate, np.nan)
    step = NormalDist().inv_cdf((1 + level) / 2) * error / (inside * np.abs(np.log(inside)))
    return inside ** np.exp(step), inside ** np.exp(-step)
