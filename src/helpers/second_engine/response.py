"""Chapter 5 a second time: response rates, median times, states, and adverse event rates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from helpers.definitions import DAYS_PER_MONTH, VISIT_WINDOWS, Window
from helpers.second_engine.check import Check, Engines, check_parts, tabulate_checks
from helpers.second_engine.intervals import check_intervals
from helpers.second_engine.moves import check_months, check_rates
from helpers.second_engine.shares import POISSON, RATE, RATIO, WILSON, find_rate, solve_rate_ratio, solve_wilson
from helpers.second_engine.states import OCCUPANCY, multiply_states

MEDIAN = Engines("helpers.incidence (running sums)", "statsmodels CumIncidenceRight", 1e-9,
                 "an observed month on both sides")  # fmt: skip
SHORT = {"complete": "cr", "partial": "pr", "none": "nr"}
STATE_ROWS = {
    "complete": "complete_response", "partial": "partial_response", "active": "active", "flare": "flare",
    "not seen": "not_seen", "esrd": "kidney_failure", "dead": "dead",
}  # fmt: skip
"""The states in the order of the chapter, and the rows of its table."""

STATE_MONTHS = (60, 120)
MONTHS_COUNTED = 120.0
_TYPES = ("major_infection", "tuberculosis", "herpes_zoster", "leucopenia", "avascular_necrosis", "amenorrhoea",
          "haemorrhagic_cystitis", "other")  # fmt: skip


def check_response(
    visits: pd.DataFrame, *, followup: pd.DataFrame, spells: pd.DataFrame, labels: pd.DataFrame, events: pd.DataFrame,
    intervals: pd.DataFrame | None = None, from_landmark: pd.DataFrame | None = None, landmark_until: float = 0.0,
) -> pd.DataFrame:  # fmt: skip
    """The checks of the chapter on response: one row per number, as `tabulate_checks` gives them.

    `visits` with the response at each, `followup` one row per patient, `spells` the states, `events` the raw events.
    `intervals`, the visits between which each event came, adds Turnbull's medians; `from_landmark`, the spells from the
    landmark on and counted up to `landmark_until`, the rates and the months in each state.
    """
    checks = [
        *_check_rates(visits, followup=followup, labels=labels), *_check_medians(visits, followup=followup),
        *_check_states(spells, followup=followup), *_check_adverse(events, followup=followup),
    ]  # fmt: skip
    if intervals is not None:
        checks += check_intervals(intervals)
    if from_landmark is not None:
        states = tuple(STATE_ROWS)
        checks += check_rates(spells, label_months=labels.set_index("patient_id")["dtt_month"])
        checks += check_months(spells, prefix="response.months", until=MONTHS_COUNTED, states=states)
        checks += check_months(from_landmark, prefix="response.months.landmark", until=landmark_until, states=states)
    return tabulate_checks(checks)


def _check_rates(visits: pd.DataFrame, *, followup: pd.DataFrame, labels: pd.DataFrame) -> list[Check]:
    people = followup.set_index("patient_id")
    answers = {name: _answers_at(visits, people, window=window) for name, window in VISIT_WINDOWS.items()}
    final = labels.set_index("patient_id")["final_response"].reindex(people.index).astype(object)
    checks = _check_shares("response.last", final)
    for name, answer in answers.items():
        checks += _check_shares(f"response.{name}", answer)
    return [*checks, *_check_shares("response.dtt.last", final[people["group"].eq("dtt").to_numpy(bool)])]


def _check_shares(stem: str, answers: pd.Series) -> list[Check]:
    n = int(answers.isin(list(SHORT)).sum())
    found = {short: solve_wilson(int(answers.eq(word).sum()), n) for word, short in SHORT.items()}
    return [check for short, parts in found.items()
            for check in check_parts(f"{stem}.{short}.share", parts, engines=WILSON)]  # fmt: skip


def _answers_at(visits: pd.DataFrame, people: pd.DataFrame, *, window: Window) -> pd.Series:
    """The response of each patient around one month: none after death or kidney failure, else the nearest visit's."""
    inside = visits.loc[visits["month"].between(window.start, window.end) & visits["response"].ne("cannot tell")]
    away = (inside["month"] - window.target).abs().round(9)
    nearest = inside.loc[away.eq(away.groupby(inside["patient_id"]).transform("min"))]
    first = nearest.loc[nearest["month"].eq(nearest.groupby("patient_id")["month"].transform("min"))]
    answer = first.groupby("patient_id")["response"].first().astype(object).reindex(people.index)
    ended = people[["death_month", "esrd_month"]].min(axis=1) <= window.target
    return answer.mask(ended, "none")


def _check_medians(visits: pd.DataFrame, *, followup: pd.DataFrame) -> list[Check]:
    wanted = (("response.cr", ("complete",), "all"), ("response.any", ("complete", "partial"), "all"),
              ("response.dtt.cr", ("complete",), "dtt"), ("response.other.cr", ("complete",), "other"))  # fmt: skip
    checks = []
    for stem, words, group in wanted:
        people = followup if group == "all" else followup.loc[followup["group"].eq(group)]
        shown = visits.loc[visits["response"].isin(words)].groupby("patient_id")["month"].min()
        median = find_median_time(people, responded=people["patient_id"].map(shown).to_numpy(float))
        checks.append(Check(f"{stem}.median_months", median, MEDIAN))
    return checks


def find_median_time(people: pd.DataFrame, *, responded: Any) -> float | None:
    """The first month at which half have responded, death and kidney failure competing; missing where half never do.

    One cause against the others by statsmodels' estimator; on one day the competing event counts before the response.
    """
    from statsmodels.duration.survfunc import CumIncidenceRight

    other = np.fmin(people["death_month"].to_numpy(float), people["esrd_month"].to_numpy(float))
    end = people["followup_months"].to_numpy(float)
    months = np.fmax(np.fmin(np.fmin(responded, other), end), 0.0)
    with np.errstate(invalid="ignore"):
        status = np.where(np.maximum(other, 0.0) <= months, 2, np.where(np.maximum(responded, 0.0) <= months, 1, 0))
    if not (status == 1).any():
        return None
    with np.errstate(all="ignore"):  # its standard errors, which are not asked for here, divide by nobody
        curve = CumIncidenceRight(months, status)
    reached = np.asarray(curve.cinc[0]) >= 0.5 - 1e-12
    return float(np.asarray(curve.times)[reached][0]) if reached.any() else None


def _check_states(spells: pd.DataFrame, *, followup: pd.DataFrame) -> list[Check]:
    all_died = len(followup) > 0 and followup["death_month"].notna().all()
    until = np.inf if all_died else float(followup["followup_months"].max())
    found = multiply_states(spells, states=list(STATE_ROWS), absorbing="dead", followed_until=until, at=STATE_MONTHS)
    return [Check(f"table.response.states.{row}.share_{month}", float(found[month][place]), OCCUPANCY)
            for month in STATE_MONTHS for place, row in enumerate(STATE_ROWS.values())]  # fmt: skip


def _check_adverse(events: pd.DataFrame, *, followup: pd.DataFrame) -> list[Check]:
    people = followup.set_index("patient_id")
    harms = events.loc[events["event_type"].eq("adverse_event") & events["patient_id"].isin(people.index)]
    since = (harms["event_date"] - harms["patient_id"].map(people["time_zero_date"])).dt.days / DAYS_PER_MONTH
    inside = (since >= 0) & (since <= harms["patient_id"].map(people["followup_months"]))
    seen = harms.loc[inside, ["patient_id", "adverse_event_type"]].assign(month=since[inside])
    checks = _check_rate("adverse.any.rate", seen, people)
    for kind in _TYPES:
        at_risk = people.loc[people["is_female"]] if kind == "amenorrhoea" else people
        checks += _check_rate(f"adverse.{kind}.rate", seen.loc[seen["adverse_event_type"].eq(kind)], at_risk)
    ours, theirs = (people.loc[people["group"].eq(group).to_numpy(bool)] for group in ("dtt", "other"))
    checks += _check_rate("adverse.dtt.any.rate", seen, ours)
    checks += _check_rate("adverse.other_group.any.rate", seen, theirs)
    counts = [_count_first(seen, group) for group in (ours, theirs)]
    ratio = solve_rate_ratio(counts[0][0], counts[1][0], years=counts[0][1], years_other=counts[1][1])
    return [*checks, *check_parts("adverse.any.ratio", ratio, engines=RATIO)]


def _check_rate(id: str, seen: pd.DataFrame, people: pd.DataFrame) -> list[Check]:
    count = int(np.isin(seen["patient_id"].to_numpy(object), people.index.to_numpy(object)).sum())
    found = find_rate(count, float(people["followup_months"].to_numpy(float).sum()) / 12)
    limits = {part: found[part] for part in ("low", "high")}
    return [Check(id, found["value"], RATE), *check_parts(id, limits, engines=POISSON)]


def _count_first(seen: pd.DataFrame, people: pd.DataFrame) -> Sequence[float]:
    """How many had a first event, and the years until it or the end of follow-up."""
    first = seen.groupby("patient_id")["month"].min().reindex(people.index)
    return float(first.notna().sum()), float(np.fmin(first.to_numpy(float), people["followup_months"]).sum()) / 12
