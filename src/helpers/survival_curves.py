"""Curves of one or more groups: Kaplan-Meier, cumulative incidence, follow-up, medians and restricted means.

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

GROUPS = ("dtt", "other")
"""The groups that are compared; patients of whom the label cannot be told belong to neither."""

FEWEST_AT_RISK = 5
"""A share at a given month is reported only where at least this many are still under observation just before it:
with fewer, one event moves it by a fifth and more. A choice of this compendium."""


def keep_observed(outcomes: pd.DataFrame, *, outcome: str, by: str | None = "group") -> pd.DataFrame:
    """The patients with an outcome and a group, as `months`, `status` and `group` ("all" where `by` is None).

    >>> keep_observed(pd.DataFrame({"death_months": [3.0, 4.0], "death_status": ["death", None]}),
    ...               outcome="death", by=None).values.tolist()
    [[3.0, 'death', 'all']]
    """
    group = pd.Series("all", index=outcomes.index) if by is None else outcomes[by]
    rows = pd.DataFrame({
        "months": outcomes[f"{outcome}_months"].astype(float), "status": outcomes[f"{outcome}_status"],
        "group": group,
    })  # fmt: skip
    allowed = group.isin(GROUPS) if by == "group" else group.notna()
    return rows.loc[rows["status"].notna() & allowed].astype({"status": "object", "group": "object"})


def estimate_survival(
    outcomes: pd.DataFrame, *, outcome: str, by: str | None = "group", at: Sequence[float] | None = None,
    level: float = 0.95,
) -> pd.DataFrame:  # fmt: skip
    """The share still free of the outcome at each time (Kaplan-Meier), any event of the outcome counting.

    One row per group and month: group, month, estimate, standard_error, low, high, at_risk (under observation
    and event-free just before that month), events (at that month), n (of the group). Months are those of `at`,
    or zero and every observed one.

    Events come before censorings of the same day. Greenwood's standard error; the interval is pointwise and
    log-log (R: conf.type "log-log"), which stays between 0 and 1; at an estimate of 1 or 0 it is missing. Past
    the last observed month the estimate is missing, unless nobody was left. Source: Kalbfleisch and Prentice,
    The Statistical Analysis of Failure Time Data, Wiley 2002, chapter 1.

    >>> table = pd.DataFrame({"death_months": [1.0, 2.0, 2.0, 3.0],
    ...                       "death_status": ["death", "death", "censored", "censored"]})
    >>> estimate_survival(table, outcome="death", by=None, at=[2, 4])[["estimate", "at_risk"]].values.tolist()
    [[0.5, 3], [nan, 0]]
    """
    rows = keep_observed(outcomes, outcome=outcome, by=by)
    parts = [
        _survival_of(part["months"].to_numpy(), part["status"].ne(CENSORED).to_numpy(), at=at, level=level)
        .assign(group=name)
        for name, part in rows.groupby("group", sort=True)
    ]  # fmt: skip
    columns = ["group", "month", "estimate", "standard_error", "low", "high", "at_risk", "events", "n"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _survival_of(months: Floats, is_event: NDArray[np.bool_], *, at: Sequence[float] | None, level: float) -> pd.DataFrame:
    asked = np.unique(np.concatenate([[0.0], months])) if at is None else np.asarray(at, dtype=float)
    steps, survival, error = _kaplan_meier(months, is_event)
    place = np.searchsorted(steps, asked, side="right") - 1
    unseen = (asked > months.max()) & (survival[-1] > 0)
    estimate = np.where(unseen, np.nan, survival[place])
    standard_error = np.where(unseen, np.nan, error[place])
    low, high = log_log_interval(estimate, standard_error, level=level)
    in_order = np.sort(months)
    return pd.DataFrame({
        "month": asked, "estimate": estimate, "standard_error": standard_error, "low": low, "high": high,
        "at_risk": len(months) - np.searchsorted(in_order, asked, side="left"),
        "events": [int((is_event & (months == month)).sum()) for month in asked] if at is None else _events_at(
            months, is_event, asked),
        "n": len(months),
    })  # fmt: skip


def _events_at(months: Floats, is_event: NDArray[np.bool_], asked: Floats) -> NDArray[np.int64]:
    hits = np.sort(months[is_event])
    return np.searchsorted(hits, asked, side="right") - np.searchsorted(hits, asked, side="left")


def _kaplan_meier(months: Floats, is_event: NDArray[np.bool_]) -> tuple[Floats, Floats, Floats]:
    """Months of the steps (zero first), survival after each, its standard error."""
    if not is_event.any():
        return np.zeros(1), np.ones(1), np.zeros(1)
    curve = SurvfuncRight(months, is_event.astype(int))
    error = np.nan_to_num(curve.surv_prob_se, nan=0.0)
    return tuple(np.concatenate([[start], values]) for start, values in (
        (0.0, curve.surv_times), (1.0, curve.surv_prob), (0.0, error)))  # type: ignore[return-value]


def log_log_interval(estimate: ArrayLike, error: ArrayLike, *, level: float = 0.95) -> tuple[Floats, Floats]:
    """The pointwise interval of a survival share on the log-log scale; missing where the share is 0 or 1.

    >>> [round(float(end), 4) for end in log_log_interval(0.75, 0.2165)]
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
    under ties; the variance of R's survfit, the interval log-log on the incidence), with `month` for `time`.
    """
    rows = keep_observed(outcomes, outcome=outcome, by=by)
    table = estimate_cumulative_incidence(rows["months"], rows["status"], group=rows["group"], at=at, states=states)
    return table.rename(columns={"time": "month"}).merge(
        rows.groupby("group").size().rename("n").reset_index(), how="left", on="group")


def keep_estimable(shares: pd.DataFrame, *, fewest: int = FEWEST_AT_RISK) -> pd.DataFrame:
    """The same rows, with the estimate and its interval missing where fewer than `fewest` were at risk.

    >>> shares = pd.DataFrame({"at_risk": [4, 5], "estimate": [0.5, 0.5], "low": 0.2, "high": 0.8})
    >>> keep_estimable(shares).estimate.tolist()
    [nan, 0.5]
    """
    enough = shares["at_risk"] >= fewest
    return shares.assign(**{name: shares[name].where(enough) for name in ("estimate", "low", "high")})


def count_at_risk(
    outcomes: pd.DataFrame, *, outcome: str, months: Sequence[float], by: str | None = "group"
) -> pd.DataFrame:
    """How many are under observation and event-free just before each month: group, month, at_risk.

    A patient whose time ends on that very day is still counted, as in R's survfit; somebody whose time ended
    earlier is not.

    >>> table = pd.DataFrame({"death_months": [5.9, 6.0, 6.1], "death_status": "censored"})
    >>> count_at_risk(table, outcome="death", months=[0, 6], by=None).at_risk.tolist()
    [3, 2]
    """
    rows = keep_observed(outcomes, outcome=outcome, by=by)
    grid = pd.MultiIndex.from_product([sorted(rows["group"].unique()), list(months)], names=["group", "month"])
    table = grid.to_frame(index=False)
    table["at_risk"] = [int(((rows["group"] == g) & (rows["months"] >= m)).sum()) for g, m in grid]
    return table


def derive_axis_end(outcomes: pd.DataFrame, *, outcome: str, by: str | None = "group", fewest: int = 10) -> float:
    """The month at which a figure should stop: from there on fewer than `fewest` are at risk in some group.

    For a group smaller than twice that, when half of it is gone; 0 without patients. The tail of a curve that
    rests on a handful of patients is read as if it were as firm as its start (Pocock et al., Lancet 2002).

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
