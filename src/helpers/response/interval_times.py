"""Times to response and to flare as what visits tell of them: after one visit, and no later than the next."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.incidence import CENSORED, estimate_cumulative_incidence, estimate_time_to_share
from helpers.interval_censoring import (
    Resamples,
    draw_intervals,
    estimate_interval_median,
    estimate_intervals,
    read_curve,
    read_medians,
    summarise_range,
)
from helpers.response import GROUPS, keep_each_group
from helpers.response.interval_means import MEAN_UNTIL, compare_means

OUTCOMES = {
    "complete": "Complete response", "any": "Any response", "flare": "Flare after complete response",
}  # fmt: skip
CURVE_ENDS = {"complete": 36.0, "any": 36.0, "flare": 120.0}
"""How far the curves are drawn, in months: hardly anybody responds for the first time after three years."""

MOST_SAMPLES = 200
"""Patients are drawn again no more often than this: a range needs no more, and there are nine rows."""

_SHOWN = {"complete": ["complete"], "any": ["complete", "partial"]}
_SEEN = "seen"


def derive_interval_times(visits: pd.DataFrame, *, followup: pd.DataFrame) -> pd.DataFrame:
    """Between which visits each event came: one row per patient and outcome ("complete", "any", "flare").

    Columns: patient_id, group, outcome, `low` (months to the last visit that showed it had not come, 0 where there was
    none), `high` (to the first visit that showed it, missing where none did), `months` and `status` ("seen",
    "censored") as one reads them from the visit dates: the day of the visit, or the end of follow-up.

    `visits` are those of `flag_flares`. Responses are counted from time zero, against the baseline before the first
    course. Flares are counted from the first visit in complete response of its course, of those who had one; that
    start, too, is only known as a visit. A visit that cannot tell shows neither. Death and kidney failure end the time
    under observation, as does follow-up: nothing is known after the last visit before them.
    """
    ends = followup[["death_month", "esrd_month", "followup_months"]].min(axis=1)
    people = followup[["patient_id", "group"]].assign(end=ends.astype(float).clip(lower=0.0))
    seen = visits.merge(people[["patient_id", "end"]], on="patient_id")
    seen = seen.loc[(seen["month"] < seen["end"]) | (seen["month"].eq(seen["end"]) & ~_has_ended(seen, followup))]
    parts = [
        _find_intervals(people, seen.loc[seen["response"].ne("cannot tell")], shown=lambda rows, words=words:
                        rows["response"].isin(words)).assign(outcome=outcome)
        for outcome, words in _SHOWN.items()
    ]  # fmt: skip
    start = seen.loc[seen["course_response"].eq("complete")].groupby("patient_id")["month"].min().rename("start")
    after = seen.merge(start, on="patient_id")
    after = after.loc[after["month"].gt(after["start"]) & after["course_response"].ne("cannot tell")]
    responders = people.merge(start, on="patient_id")
    responders = responders.assign(end=responders["end"] - responders["start"])
    after = after.assign(month=after["month"] - after["start"])
    parts.append(_find_intervals(responders, after, shown=lambda rows: rows["is_flare"]).assign(outcome="flare"))
    return pd.concat(parts, ignore_index=True)


def _has_ended(seen: pd.DataFrame, followup: pd.DataFrame) -> pd.Series:
    """Whether death or kidney failure fell on the day on which observation ended."""
    fatal = followup[["death_month", "esrd_month"]].min(axis=1)
    return seen["patient_id"].map(fatal.set_axis(followup["patient_id"])).le(seen["month"])


def _find_intervals(people: pd.DataFrame, told: pd.DataFrame, *, shown: Any) -> pd.DataFrame:
    """The interval of each patient, from the visits that can tell (`told`, months on the clock of the outcome)."""
    positive = told.loc[shown(told).astype(bool)].groupby("patient_id")["month"].min()
    high = people["patient_id"].map(positive).astype(float)
    limit = told["patient_id"].map(positive).astype(float).fillna(np.inf)
    negative = told.loc[told["month"] < limit].groupby("patient_id")["month"].max()
    low = people["patient_id"].map(negative).astype(float).fillna(0.0)
    found = high.notna()
    return pd.DataFrame({
        "patient_id": people["patient_id"], "group": people["group"], "low": low, "high": high,
        "months": high.where(found, people["end"]), "status": np.where(found, _SEEN, CENSORED),
    })  # fmt: skip


def summarise_interval_times(times: pd.DataFrame, *, samples: int = 0, seed: int = 0) -> pd.DataFrame:
    """The median time by the visit dates and by Turnbull's estimate: one row per outcome and group.

    Columns: term ("complete_all"), outcome, group, `n`, `events_n`, `gap_months` (median length of the interval of
    those seen to have the event), `estimate`, `low`, `high` (Kaplan-Meier on visit dates, months), `turnbull_low`,
    `turnbull_high` (the two visits' months between which half had had the event, by Turnbull's estimate; nothing tells
    where between), `resampled_estimate`, `resampled_low`, `resampled_high` (where that lies when patients are drawn
    again, `samples` times but no more than `MOST_SAMPLES`: where the curve is flat, half a patient moves the median by
    months; no interval of confidence), `later_estimate`, `later_low`, `later_high` (how much later the visit dates
    are in the mean, see `helpers.response.interval_means`). Both describe the cause-specific time: what it would
    be if nobody died or lost the kidneys.
    """
    stacked = keep_each_group(times)
    rows = []
    for outcome in OUTCOMES:
        for group in GROUPS:
            part = stacked.loc[stacked["outcome"].eq(outcome) & stacked["group"].eq(group)]
            drawn = draw_intervals(part["low"], part["high"], samples=min(samples, MOST_SAMPLES), seed=seed)
            found = estimate_intervals(part["low"], part["high"])
            means = compare_means(part, intervals=found, drawn=drawn, until=MEAN_UNTIL[outcome])
            rows.append({"term": f"{outcome}_{group}", "outcome": OUTCOMES[outcome], "group": group,
                         **_medians(part, intervals=found, drawn=drawn), **means})
    return pd.DataFrame(rows)


def _medians(part: pd.DataFrame, *, intervals: pd.DataFrame, drawn: Resamples) -> dict[str, Any]:
    found = part["status"].eq(_SEEN)
    low, high = estimate_interval_median(intervals)
    curve = _naive_curve(part)
    ends = dict.fromkeys(("estimate", "low", "high"), np.nan)
    if len(curve):
        found_ends = estimate_time_to_share(curve).iloc[0]
        ends = {name: float(found_ends[name]) for name in ends}
    spread = summarise_range(*read_medians(drawn))
    return {"n": len(part), "events_n": int(found.sum()),
            "gap_months": float((part["high"] - part["low"]).loc[found].median()), **ends, "turnbull_low": low,
            "turnbull_high": high, **{f"resampled_{name}": value for name, value in spread.items()}}  # fmt: skip


def _naive_curve(part: pd.DataFrame, at: Any = None) -> pd.DataFrame:
    """One minus Kaplan-Meier on the dates of the visits; empty where nobody is left."""
    curve: pd.DataFrame = estimate_cumulative_incidence(part["months"], part["status"], at=at, states=[_SEEN])
    return curve


def derive_interval_curves(times: pd.DataFrame) -> pd.DataFrame:
    """The curves of all patients for the figure: one row per outcome, method and month, up to `CURVE_ENDS`.

    Columns: outcome, label, method ("visit dates", "between visits"), clock (words), month, low, high. On visit
    dates the two are the same; between visits they bound what Turnbull's estimate allows.
    """
    parts = []
    for outcome, label in OUTCOMES.items():
        part = times.loc[times["outcome"].eq(outcome)]
        months = np.linspace(0.0, CURVE_ENDS[outcome], 145).tolist()
        naive = _naive_curve(part, at=months)
        naive = naive.rename(columns={"time": "month"}).assign(low=naive["estimate"], high=naive["estimate"])
        between = read_curve(estimate_intervals(part["low"], part["high"]), months).rename(columns={"time": "month"})
        between = between.loc[between["month"] <= part["months"].max()]
        for method, table in (("visit dates", naive), ("between visits", between)):
            clock = "Months since response" if outcome == "flare" else "Months since time zero"
            parts.append(table[["month", "low", "high"]].assign(
                outcome=outcome, label=label, method=method, clock=clock))
    known = [part for part in parts if len(part)] or parts[:1]
    curves: pd.DataFrame = pd.concat(known, ignore_index=True)
    return curves
