"""Two checks of the states: against plain counting while nobody has left, and for a memory that Markov denies."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.response.aalen_johansen import derive_markov_shares
from helpers.response.occupancy import FEWEST_AT_RISK, estimate_state_shares
from helpers.response.states import STATES, count_states, keep_spells_from

LANDMARK_MONTHS = 24.0
"""The landmark of this chapter: the arms of the label end at two years, so that hardly any label comes later."""

_MISSING = {"estimate": np.nan, "low": np.nan, "high": np.nan}


def compare_with_counts(spells: pd.DataFrame, shares: pd.DataFrame, *, followup: pd.DataFrame) -> pd.DataFrame:
    """The estimated shares against plain counting, at the months up to the first censoring, where both must agree.

    One row: `until_month` (the last of `shares`' months at which nobody had left alive), `months_n` (months compared),
    `largest` (absolute difference over states and months, rounded to twelve decimals) and `agrees` (below that).
    """
    alive = followup.loc[followup["death_month"].isna(), "followup_months"]
    first = float(alive.min()) if len(alive) else np.inf
    early = shares.loc[shares["month"].le(first) & shares["estimate"].notna()]
    counts = count_states(spells, followup=followup, months=sorted(early["month"].unique()))
    both = early.merge(counts, on=["month", "state"])
    largest = float(np.round((both["estimate"] - both["share"]).abs().max(), 12)) if len(both) else np.nan
    return pd.DataFrame([{"until_month": early["month"].max(), "months_n": early["month"].nunique(), "largest": largest,
                          "agrees": largest == 0.0}])  # fmt: skip


def estimate_landmark_shares(
    spells: pd.DataFrame, *, target: str = "complete", start_month: float = LANDMARK_MONTHS, at_month: float = 60.0
) -> pd.DataFrame:
    """The probability of being in one state later, by the state held at the landmark, with and without Markov.

    In percent. One row per state in which anybody can be alive: term, label, n (in it at the landmark), estimate, low,
    high (landmark Aalen-Johansen: those in the state followed as they were), `markov_percent` (product of the hazards
    of all patients: what the state alone foretells, if how long it lasted and what came before do not matter), note.

    Far apart, the process has a memory: use occupancy, which does not mind, and not products of hazards. Missing for
    a state with fewer than ten patients at the landmark. Source: Putter and Spitoni, Stat Methods Med Res 2018;27:2081.
    """
    later = keep_spells_from(spells, start_month=start_month)
    held = later.loc[later["month"].eq(0)].drop_duplicates("patient_id", keep="last").set_index("patient_id")["state"]
    markov = derive_markov_shares(spells, start_month=start_month, at_month=at_month)[target]
    rows: list[dict[str, Any]] = []
    for state in [name for name in STATES if name != "dead"]:
        ids = held.index[held.eq(state)]
        row = {"term": state.replace(" ", "_"), "label": state, "n": len(ids), "markov_percent": 100 * markov[state]}
        own = later.loc[later["patient_id"].isin(ids)]
        rows.append(row | _share_of(own, target=target, month=at_month - start_month))
    return pd.DataFrame(rows)


def _share_of(spells: pd.DataFrame, *, target: str, month: float) -> dict[str, Any]:
    if spells["patient_id"].nunique() < FEWEST_AT_RISK:
        return {**_MISSING, "note": f"fewer than {FEWEST_AT_RISK} patients"}
    found = estimate_state_shares(spells, months=[month]).set_index("state").loc[target]
    note = "" if np.isfinite(found["estimate"]) else "nobody followed so long"
    return {name: 100 * found[name] for name in _MISSING} | {"note": note}


def label_memory(table: pd.DataFrame) -> str:
    """Whether what the state alone foretells lies within the intervals of `estimate_landmark_shares`, as a clause.

    >>> label_memory(pd.DataFrame({"low": [60.0, None], "high": [80.0, None], "markov_percent": [50.0, 20.0]}))
    'lies outside the interval for 1 of 1 states: the process has a memory'
    """
    told = table.loc[table["low"].notna()]
    if told.empty:
        return "cannot be held against them, for want of patients"
    outside = int((~told["markov_percent"].between(told["low"], told["high"])).sum())
    if outside:
        return f"lies outside the interval for {outside} of {len(told)} states: the process has a memory"
    return "lies inside the interval of every state that can be told: no memory is seen, which proves nothing"


def summarise_check_facts(checks: pd.DataFrame, *, origin: str) -> dict[str, dict[str, Any]]:
    """What the ledger keeps of `compare_with_counts`: `response.states.crosscheck.largest` and `.until`."""
    row = checks.iloc[0]
    return {
        "response.states.crosscheck.largest": {
            "value": row["largest"], "unit": "share", "n": row["months_n"], "origin": origin,
            "label": "Largest difference between estimated and counted shares before anybody left"},
        "response.states.crosscheck.until": {
            "value": row["until_month"], "unit": "months", "n": row["months_n"], "origin": origin,
            "label": "Last whole month at which nobody had left alive"},
    }  # fmt: skip


def label_agreement(agrees: bool) -> str:
    """Whether counting and estimating agree, in words that a sentence goes on with.

    >>> label_agreement(True), label_agreement(False)
    ('they do', 'they do not')
    """
    return "they do" if agrees else "they do not"
