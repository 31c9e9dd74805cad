"""Curves of one or more groups: Kaplan-Meier and cumulative incidence, and how many stand behind them.

Every estimator takes one row per patient with `<outcome>_months`, `<outcome>_status` and a group column, leaves
out patients whose outcome or group is missing, and gives back a tidy table.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm
from statsmodels.duration.survfunc import SurvfuncRight

from helpers.incidence import CENSORED, estimate_cumulative_incidence

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

FEWEST_AT_RISK = 10
"""Where fewer than this are left, curves are not drawn and shares not reported: one event more would take away more
than a tenth of what is left. One threshold for both, so that no reported share lies past the end of an axis for want
of patients. The number is a choice of this compendium; why there must be one: Pocock et al., Lancet 2002;359:1686."""

GROUPS = ("dtt", "other")
"""The groups that are compared; a patient whose label cannot be told belongs to neither."""

def keep_observed(outcomes: pd.DataFrame, *, outcome: str, by: str | None = "group") -> pd.DataFrame:
    """The patients with an outcome and a group, as `months`, `status` and `group` ("all" where `by` is None).

    >>> keep_observed(pd.DataFrame({"death_months": [3.0, 4.0], "death_status": ["death", None]}),
    ...               outcome="death", by=None).values.tolist()
    [[3.0, 'death', 'all']]
    """
    kept = outcomes[f"{outcome}_status"].notna().to_numpy(dtype=bool)
    group = np.full(len(outcomes), "all", dtype=object)
    if by is not None:
        kept &= (outcomes[by].isin(GROUPS) if by == "group" else outcomes[by].notna()).to_numpy(dtype=bool)
        group = outcomes[by].to_numpy(dtype=object)
    return pd.DataFrame({
        "months": outcomes[f"{outcome}_months"].astype(float).to_numpy()[kept],
        "status": outcomes[f"{outcome}_status"].to_numpy(dtype=object)[kept], "group": group[kept],
    }, index=outcomes.index[kept])  # fmt: skip


def estimate_survival(
    outcomes: pd.DataFrame, *, outcome: str, by: str | None = "group", at: Sequence[float] | None = None,
    level: float = 0.95,
) -> pd.DataFrame:  # fmt: skip
    """The share still free of the outcome at each month (Kaplan-Meier), any event of the outcome counting.

    One row per group and month: group, month, estimate, standard_error, low, high, at_risk (under observation
    and event-free just before that month), events (in that very month's instant), n (of the group). Months are
    those of `at`, or zero and every observed one.

    Events come before censorings of the same day. Greenwood's standard error; the interval is pointwise and
    log-log (R: conf.type "log-log"), so it stays between 0 and 1; where the estimate is 1 or 0 it is missing.
    Past the last observed month the estimate is missing, unless nobody was left. Source: Kalbfleisch and
    Prentice, The Statistical Analysis of Failure Time Data, Wiley 2002, chapter 1.

    >>> table = pd.DataFrame({"death_months": [1.0, 2.0, 2.0, 3.0],
    ...                       "death_status": ["death", "death", "censored", "censored"]})
    >>> estimate_survival(table, outcome="death", by=None, at=[2, 4]).estimate.round(9).tolist()
    [0.5, nan]
    """
    rows = keep_observed(outcomes, outcome=outcome, by=by)
    months, group = rows["months"].to_numpy(), rows["group"].to_numpy()
    is_event = rows["status"].ne(CENSORED).to_numpy()
    parts = [
        _survival_of(months[group == name], is_event[group == name], group=name, at=at, level=level)
        for name in sorted(set(group))
    ]  # fmt: skip
    columns = ["group", "month", "estimate", "standard_error", "low", "high", "at_risk", "events", "n"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _survival_of(
    months: Floats, is_event: Flags, *, group: str, at: Sequence[float] | None, level: float
) -> pd.DataFrame:
    """The curve of one group: one row per month."""
    asked = np.unique(np.concatenate([[0.0], months])) if at is None else np.asarray(at, dtype=float)
    steps, survival, error = kaplan_meier(months, is_event)
    place = np.searchsorted(steps, asked, side="right") - 1
    unseen = (asked > months.max()) & (survival[-1] > 0)
    estimate, error = np.where(unseen, np.nan, survival[place]), np.where(unseen, np.nan, error[place])
    low, high = log_log_interval(estimate, error, level=level)
    moments, hits = np.sort(months), np.sort(months[is_event])
    return pd.DataFrame({
        "group": group, "month": asked, "estimate": estimate, "standard_error": error, "low": low, "high": high,
        "at_risk": len(moments) - np.searchsorted(moments, asked, side="left"),
        "events": np.searchsorted(hits, asked, side="right") - np.searchsorted(hits, asked, side="left"),
        "n": len(moments),
    })  # fmt: skip


def kaplan_meier(stop: Floats, is_event: Flags, *, start: Floats | None = None) -> tuple[Floats, Floats, Floats]:
    """The steps of one curve as arrays: months (zero first), survival after each, Greenwood standard error.

    With `start`, a row is at risk after its start only (delayed entry). statsmodels' SurvfuncRight is exact
    with ties; the standard error is missing where the curve has reached 0.

    >>> [part.round(4).tolist() for part in kaplan_meier(np.array([1.0, 2.0, 3.0]), np.array([True, False, False]))]
    [[0.0, 1.0], [1.0, 0.6667], [0.0, 0.2722]]
    """
    if not is_event.any():
        return np.zeros(1), np.ones(1), np.zeros(1)
    curve = SurvfuncRight(stop, is_event.astype(int), entry=start)
    return (
        np.concatenate([[0.0], curve.surv_times]),
        np.concatenate([[1.0], curve.surv_prob]),
        np.concatenate([[0.0], curve.surv_prob_se]),
    )


def log_log_interval(estimate: ArrayLike, error: ArrayLike, *, level: float = 0.95) -> tuple[Floats, Floats]:
    """The pointwise interval of a survival share on the log-log scale; missing where the share is 0 or 1.

    >>> [round(float(end), 4) for end in log_log_interval(0.75, 0.75 * (1 / 12) ** 0.5)]
    [0.1279, 0.9605]
    """
    share = np.asarray(estimate, dtype=float)
    inside = np.where((share > 0) & (share < 1), share, np.nan)
    width = norm.ppf((1 + level) / 2) * np.asarray(error, dtype=float) / (inside * np.abs(np.log(inside)))
    return inside ** np.exp(width), inside ** np.exp(-width)


def estimate_incidence(
    outcomes: pd.DataFrame, *, outcome: str, by: str | None = "group", at: Sequence[float] | None = None,
    states: Sequence[str] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """The share that has had each event by each month, the others competing (Aalen-Johansen).

    One row per group, state and month, as `helpers.incidence.estimate_cumulative_incidence` gives them (exact
    under ties; the variance of R's survfit, the interval log-log on the incidence), with `month` for `time`,
    and n (of the group).
    """
    rows = keep_observed(outcomes, outcome=outcome, by=by)
    table = estimate_cumulative_incidence(rows["months"], rows["status"], group=rows["group"], at=at, states=states)
    sizes = rows.groupby("group").size().rename("n").reset_index()
    return table.rename(columns={"time": "month"}).merge(sizes, how="left", on="group")


def choose_ticks(end: float, *, start: float = 0.0) -> list[float]:
    """Whole years after the start of an axis in months, up to its end, at most about eight.

    >>> choose_ticks(130.0), choose_ticks(7.0), choose_ticks(0.0)
    ([0.0, 24.0, 48.0, 72.0, 96.0, 120.0], [0.0, 7.0], [0.0])
    >>> choose_ticks(90.0, start=24.0)
    [24.0, 36.0, 48.0, 60.0, 72.0, 84.0]
    """
    length = max(end - start, 0.0)
    step = next((step for step in (12, 24, 36, 60) if length / step <= 8), 120)
    ticks = [float(start + month) for month in range(0, int(length) + 1, step)]
    return ticks if len(ticks) > 1 else list(dict.fromkeys([float(start), float(start + length)]))


def count_at_risk(
    outcomes: pd.DataFrame, *, outcome: str, end: float, start: float = 0.0, by: str | None = "group"
) -> pd.DataFrame:
    """How many are under observation and event-free just before each tick from `start` to `end`: group, month, at_risk.

    A patient whose time ends on that very day is still counted, as in R's survfit; one whose time ended
    earlier is not. (SAS counts those left after it; lifelines' tables differ from both.)

    >>> table = pd.DataFrame({"death_months": [5.9, 6.0, 6.1], "death_status": "censored"})
    >>> count_at_risk(table, outcome="death", end=6.0, by=None)[["month", "at_risk"]].values.tolist()
    [[0.0, 3.0], [6.0, 2.0]]
    """
    ticks = choose_ticks(end, start=start)
    return estimate_survival(outcomes, outcome=outcome, by=by, at=ticks)[["group", "month", "at_risk"]]


def derive_axis_end(outcomes: pd.DataFrame, *, outcome: str, by: str | None = "group",
                    fewest: int = FEWEST_AT_RISK) -> float:  # fmt: skip
    """The month at which a figure should stop: past it fewer than `fewest` are at risk in some group.

    In a group of less than twice that many, when half of it is gone; 0 without patients. The tail of a curve
    that rests on a handful of patients is read as if it were as firm as its start (Pocock et al., Lancet
    2002;359:1686).

    >>> table = pd.DataFrame({"death_months": [float(m) for m in range(1, 31)], "death_status": "censored"})
    >>> derive_axis_end(table, outcome="death", by=None)
    21.0
    """
    rows = keep_observed(outcomes, outcome=outcome, by=by)
    ends = [
        float(np.sort(part["months"].to_numpy())[-min(fewest, (len(part) + 1) // 2)])
        for _, part in rows.groupby("group")
    ]  # fmt: skip
    return min(ends, default=0.0)
