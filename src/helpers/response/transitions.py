"""From state to state: how often, and in how much time."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.incidence import PER_YEARS, poisson_interval
from helpers.response.states import STATES
from helpers.response.visits import GROUPS, keep_each_group

Floats = NDArray[np.float64]

ENDS = ("esrd", "dead")
"""States that are not left for one before them: kidney failure is left by death only, death not at all."""

_MONTHS = 12 * PER_YEARS
"""Person-months behind a rate per hundred patient-years."""

FEWEST_PATIENTS = 5
"""An interval with patients as units needs at least so many with an event. A choice of this compendium."""

_COUNTED = ("term", "group", "from", "to", "events", "patients_n", "n", "person_months")


def list_transitions(states: Sequence[str] = STATES) -> list[tuple[str, str]]:
    """Every change of state that the rules of `derive_state_spells` allow, in the order of the states.

    >>> list_transitions(("complete", "esrd", "dead"))
    [('complete', 'esrd'), ('complete', 'dead'), ('esrd', 'dead')]
    """
    return [
        (source, target)
        for source in states if source != "dead"
        for target in states
        if target != source and (source not in ENDS or target == "dead")
    ]  # fmt: skip


def derive_periods(spells: pd.DataFrame, *, label_months: pd.Series | None = None) -> pd.DataFrame:
    """The time in each state, and where it led: patient_id, group, start, stop, state, `to`.

    One row per patient and stretch of time, at risk after `start` and up to `stop`; `to` is the state entered at
    `stop`, missing where follow-up ended. A state entered at the end of follow-up has no time and no row.

    With `label_months` (by patient_id; missing for never) the stretches are cut at the label: "dtt" from the label
    on, "other" without a label or before it; "cannot tell" stays. A change on the day of the label belongs to the
    time before it, for what the label did not precede it cannot have foretold (the rule of chapter 4).

    >>> spells = pd.DataFrame({"patient_id": "A", "group": "dtt", "month": [0.0, 6.0], "state": ["active", "complete"],
    ...                        "until_month": [6.0, 9.0]})
    >>> derive_periods(spells, label_months=pd.Series({"A": 2.0}))[["group", "start", "stop", "to"]].values.tolist()
    [['other', 0.0, 2.0, None], ['dtt', 2.0, 6.0, 'complete'], ['dtt', 6.0, 9.0, None]]
    """
    target = spells.groupby("patient_id")["state"].shift(-1).astype(object)
    periods = pd.DataFrame({
        "patient_id": spells["patient_id"], "group": spells["group"].astype(object), "start": spells["month"],
        "stop": spells["until_month"], "state": spells["state"], "to": target.where(target.notna(), None),
    })  # fmt: skip
    periods = periods.loc[periods["stop"].gt(periods["start"])]
    if label_months is None:
        return periods.reset_index(drop=True)
    label = periods["patient_id"].map(label_months).astype(float).fillna(np.inf)
    told = periods["group"].isin(GROUPS)
    before, after = told & label.gt(periods["start"]), told & label.lt(periods["stop"])
    cut = periods.loc[before].assign(group="other", stop=np.minimum(periods["stop"], label)[before])
    cut["to"] = cut["to"].where(~after[before], None)
    later = periods.loc[after].assign(group="dtt", start=np.maximum(periods["start"], label)[after])
    rows = pd.concat([cut, later, periods.loc[~told]])
    return rows.sort_values(["patient_id", "start"], kind="stable", ignore_index=True)


def estimate_transition_rates(periods: pd.DataFrame, *, states: Sequence[str] = STATES) -> pd.DataFrame:
    """How often patients went from each state to each other one, per hundred patient-years in the state.

    One row per group ("all", "dtt", "other") and allowed transition, also where none was seen: term
    ("complete_to_flare"), group, `from`, `to`, `events`, `person_months` (in the state left), `n` (patients who were
    in it), `patients_n` (who made the change), `estimate`, `low`, `high` (exact Poisson), `robust_estimate` (the same
    rate again), `robust_low`, `robust_high` (patients as units), `dispersion`.

    A rate summarises an intensity that may change with time (see `helpers.response.intensities`). The Poisson
    interval takes the events as independent; a patient can make the same change again and again, and `dispersion`
    tells what that does: the variance of the rate with patients as units over the Poisson variance. Well above one,
    believe the robust interval (jackknife, log scale; missing with its rate below five patients with an event: too
    little to go by). Without an event there is no dispersion, and without time no rate.

    Source: Garwood, Biometrika 1936;28:437 (exact); Lawless and Nadeau, Technometrics 1995;37:158 (robust); Andersen
    and Keiding, Stat Methods Med Res 2002;11:91 (rates of multi-state models).
    """
    rows = keep_each_group(periods)
    table = pd.concat([_count_moves(rows.loc[rows["group"].eq(group)], states=states).assign(group=group)
                       for group in GROUPS], ignore_index=True)  # fmt: skip
    low, high = poisson_interval(table["events"], table["person_months"] / _MONTHS)
    rate = table["events"] / table["person_months"].where(table["person_months"].gt(0)) * _MONTHS
    known = table["events"].where(table["patients_n"].ge(FEWEST_PATIENTS)).astype(float)
    factor = np.exp(NormalDist().inv_cdf(0.975) * np.sqrt(table["dispersion"] / known))
    table = table.assign(
        estimate=rate, low=low, high=high, robust_estimate=rate.where(known.notna()), robust_low=rate / factor,
        robust_high=rate * factor)
    return table[[*_COUNTED, "estimate", "low", "high", "robust_estimate", "robust_low", "robust_high", "dispersion"]]


def slug_transition(source: str, target: str) -> str:
    """A transition as part of an id.

    >>> slug_transition("not seen", "dead")
    'not_seen_to_dead'
    """
    return f"{source}_to_{target}".replace(" ", "_")


def _count_moves(rows: pd.DataFrame, *, states: Sequence[str]) -> pd.DataFrame:
    """Events, patients and time of each transition, and how much the patients differ in making it."""
    person, ids = pd.factorize(rows["patient_id"])
    index = pd.Index(states)
    source, target = (index.get_indexer(pd.Index(rows[column])) for column in ("state", "to"))
    time = np.zeros((len(ids), len(states)))
    np.add.at(time, (person, source), (rows["stop"] - rows["start"]).to_numpy(float))
    made = np.zeros((len(ids), len(states), len(states)))
    moves = target >= 0
    np.add.at(made, (person[moves], source[moves], target[moves]), 1.0)
    months, events = time.sum(axis=0), made.sum(axis=0)
    rate = events / np.where(months > 0, months, 1.0)[:, None]
    spread = ((made - time[:, :, None] * rate) ** 2).sum(axis=0)
    pairs = list_transitions(states)
    at = tuple(index.get_indexer(pd.Index([pair[end] for pair in pairs])) for end in (0, 1))
    found = events[at]
    return pd.DataFrame({
        "term": [slug_transition(*pair) for pair in pairs], "from": [pair[0] for pair in pairs],
        "to": [pair[1] for pair in pairs], "events": found.astype(int), "patients_n": (made > 0).sum(axis=0)[at],
        "n": (time > 0).sum(axis=0)[at[0]], "person_months": months[at[0]],
        "dispersion": np.where(found > 0, spread[at] / np.maximum(found, 1), np.nan),
    })  # fmt: skip


def mark_exposed(rows: pd.DataFrame, *, times: Floats, patients: int) -> NDArray[np.int8]:
    """What each patient was in just before each time: one row per time, one column per patient.

    `rows` has start, stop, person (a column) and, where it is there, `code` (what to put in; else 1); 0 elsewhere.
    """
    change = np.zeros((len(times) + 1, patients), dtype=np.int8)
    person = rows["person"].to_numpy(int)
    code = rows["code"].to_numpy(np.int8) if "code" in rows else np.ones(len(rows), dtype=np.int8)
    np.add.at(change, (np.searchsorted(times, rows["start"].to_numpy(float), side="right"), person), code)
    np.add.at(change, (np.searchsorted(times, rows["stop"].to_numpy(float), side="right"), person), -code)
    return np.cumsum(change, axis=0, dtype=np.int8)[:-1]
