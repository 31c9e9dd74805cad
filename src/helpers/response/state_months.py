"""How many months patients would spend in each state, by group, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from helpers.definitions import GROUP_LABELS
from helpers.response.aalen_johansen import Floats, Occupancy, derive_occupancy
from helpers.response.occupancy import FEWEST_AT_RISK, logit_interval
from helpers.response.states import STATES, keep_until_unseen
from helpers.response.visits import GROUPS, keep_each_group

MONTHS_COUNTED = 120.0
"""Months in a state are counted over ten years."""

DIFFERENCE = "difference"
_COLUMNS = (
    "term", "label", "group", "state", "estimate", "standard_error", "low", "high", "p", "n", "until_month", "note")


def estimate_state_months(
    spells: pd.DataFrame, *, groups: Sequence[str] = GROUPS, until: float = MONTHS_COUNTED,
    states: Sequence[str] = STATES,
) -> pd.DataFrame:  # fmt: skip
    """The months spent in each state up to a common month, by group, had everybody been followed.

    One row per group and state, and per state the `difference` (dtt minus other): term ("dtt.complete"), label,
    group, state, estimate, standard_error, low, high, `p` (of the difference, else missing), n, `until_month`, note.

    The area under the occupancy curve from month 0 to `until`, or to the last whole month at which every group still
    has ten patients alive and followed, if that is earlier: the same month for all, so that they can be compared. The
    variance is the infinitesimal jackknife; intervals are on the logit scale of the share of the time (missing where
    nobody was in the state), Wald's for the difference. Where a group starts with fewer than ten, all its numbers are
    missing and the note says so; the others do not wait for it.

    Source: Aalen, Borgan, Gjessing, Survival and Event History Analysis, Springer 2008, section 3.4; Beyersmann and
    Putter, Demogr Res 2014;30:1679 (expected time in a state).
    """
    rows = keep_each_group(spells)
    months = _list_months(until)
    found = {group: derive_occupancy(rows.loc[rows["group"].eq(group)], months=months, states=states)
             for group in groups}  # fmt: skip
    reach = {group: _find_reach(each) for group, each in found.items()}
    end = min((place for place in reach.values() if place > 0), default=0)
    parts = [_months_of(each, group=group, end=end if reach[group] > 0 else 0) for group, each in found.items()]
    if {"dtt", "other"} <= set(groups):
        both = min(reach["dtt"], reach["other"]) > 0
        parts.append(_difference_of(found["dtt"], found["other"], end=end if both else 0))
    return pd.concat(parts, ignore_index=True)[list(_COLUMNS)]


def _list_months(until: float) -> tuple[float, ...]:
    return tuple(np.arange(0.0, until + 1).tolist())


def _find_reach(found: Occupancy) -> int:
    """The place of the last month at which enough patients are alive and followed; -1 where there is none."""
    return int((found.at_risk >= FEWEST_AT_RISK).sum()) - 1


def _months_of(found: Occupancy, *, group: str, end: int) -> pd.DataFrame:
    estimate, error = found.area[end], np.sqrt((found.area_influence[end] ** 2).sum(axis=1))
    until = float(found.months[end])
    step = NormalDist().inv_cdf(0.975)
    low, high = logit_interval(estimate / max(until, 1.0), error / max(until, 1.0), step)
    return _tidy(found.states, group=group, n=found.n, until=until, estimate=estimate, error=error, low=low * until,
                 high=high * until, p=np.full(len(estimate), np.nan))  # fmt: skip


def _difference_of(one: Occupancy, other: Occupancy, *, end: int) -> pd.DataFrame:
    estimate = one.area[end] - other.area[end]
    error = np.sqrt((one.area_influence[end] ** 2).sum(axis=1) + (other.area_influence[end] ** 2).sum(axis=1))
    known = np.where(error > 1e-12, error, np.nan)
    step = NormalDist().inv_cdf(0.975) * known
    p = np.array([2 * (1 - NormalDist().cdf(abs(z))) if np.isfinite(z) else np.nan for z in estimate / known])
    return _tidy(one.states, group=DIFFERENCE, n=one.n + other.n, until=float(one.months[end]), estimate=estimate,
                 error=error, low=estimate - step, high=estimate + step, p=p)  # fmt: skip


def _tidy(states: Sequence[str], *, group: str, n: int, until: float, **measured: Floats) -> pd.DataFrame:
    """One row per state; all missing where there was no month to count."""
    values = {name: column if until else np.full(len(states), np.nan) for name, column in measured.items()}
    words = GROUP_LABELS.get(group, "Difficult to treat minus others").lower()
    note = "" if until else f"fewer than {FEWEST_AT_RISK} patients"
    return pd.DataFrame({"state": states}).assign(
        term=[f"{group}.{state}".replace(" ", "_") for state in states], group=group, n=n, until_month=until,
        label=[f"Months {state}, {words}" for state in states], note=note, standard_error=values.pop("error"), **values,
    )  # fmt: skip


def summarise_state_months(months: pd.DataFrame, *, landmark: pd.DataFrame) -> pd.DataFrame:
    """The months side by side: one row per state, with estimate, low and high for all, dtt, other and the difference.

    state, `<group>_estimate`, `<group>_low`, `<group>_high`, difference_p, and `landmark_...` for the difference from
    the landmark on, by the label known there.
    """
    table = pd.DataFrame({"state": months["state"].unique()})
    later = landmark.loc[landmark["group"].eq(DIFFERENCE)].assign(group="landmark")
    for name, rows in pd.concat([months, later]).groupby("group", sort=False):
        own = rows.set_index("state")
        for part in ("estimate", "low", "high"):
            table[f"{name}_{part}"] = table["state"].map(own[part])
    return table


def compare_unseen(
    spells: pd.DataFrame, *, carried: pd.DataFrame, until: float = MONTHS_COUNTED
) -> pd.DataFrame:
    """The months in each state by three ways of dealing with patients not seen; all patients.

    One row per state: state, and `<way>_estimate`, `_low`, `_high` for "state" (not seen is a state of its own),
    "censored" (going out of sight ends follow-up, and with it what is known of death and kidney failure) and "carried"
    (`carried`: spells in which the last state lasts until the next visit, however late). All three are counted up to
    the same month: follow-up that ends earlier may leave fewer than ten sooner.
    """
    ways = {"state": spells, "censored": keep_until_unseen(spells), "carried": carried}
    found = {way: derive_occupancy(rows, months=_list_months(until)) for way, rows in ways.items()}
    end = max(min(_find_reach(each) for each in found.values()), 0)
    table = pd.DataFrame({"state": list(STATES)})
    for way, each in found.items():
        own = _months_of(each, group="all", end=end).set_index("state")
        for part in ("estimate", "low", "high"):
            table[f"{way}_{part}"] = table["state"].map(own[part])
    return table


def summarise_unseen_facts(unseen: pd.DataFrame, *, origin: str) -> dict[str, dict[str, Any]]:
    """What the ledger keeps of `compare_unseen`: how far the months in any state but "not seen" lie apart, at most."""
    rows = unseen.loc[unseen["state"].ne("not seen"), [f"{way}_estimate" for way in ("state", "censored", "carried")]]
    return {"response.months.unseen.largest": {
        "value": (rows.max(axis=1) - rows.min(axis=1)).max(), "unit": "months", "origin": origin,
        "label": "Largest effect of how patients not seen are dealt with, months in a state"}}  # fmt: skip


def summarise_month_facts(months: pd.DataFrame, *, prefix: str, origin: str) -> dict[str, dict[str, Any]]:
    """What the ledger keeps of the months: `<prefix>.<group>.<state>`, differences against zero, `<prefix>.until`."""
    until = {f"{prefix}.until": {"value": months["until_month"].max(), "unit": "months", "origin": origin,
                                 "label": "Months over which the time in each state is counted"}}  # fmt: skip
    return until | {
        f"{prefix}.{row['term']}": {
            "value": row["estimate"], "low": row["low"], "high": row["high"], "n": row["n"], "unit": "months",
            "label": row["label"], "origin": origin, "null": 0.0 if row["group"] == DIFFERENCE else None}
        for row in months.to_dict("records")
    }  # fmt: skip
