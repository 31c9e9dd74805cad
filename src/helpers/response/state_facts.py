"""What the tables and the ledger keep of the rates from state to state, and the words on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from helpers.definitions import GROUP_LABELS
from helpers.response.states import STATES
from helpers.response.transitions import FEWEST_PATIENTS
from helpers.response.visits import GROUPS

HEADLINES = ("active_to_partial", "active_to_complete", "partial_to_complete", "complete_to_flare", "active_to_esrd")
"""The transitions whose rates the ledger keeps under names of their own."""

SPREAD = 1.25
"""A variance between patients this many times the Poisson one makes an interval an eighth wider. A choice of this
compendium."""


def derive_rate_matrix(rates: pd.DataFrame, *, group: str = "all") -> pd.DataFrame:
    """The rates of one group as a matrix: one row per state left, one triple of columns per state entered.

    state, patients_n (ever in it), person_months, and `<to>_estimate`, `<to>_low`, `<to>_high` (exact Poisson);
    missing where the change is not possible or nobody was in the state.
    """
    own = rates.loc[rates["group"].eq(group)]
    matrix = own.drop_duplicates("from")[["from", "n", "person_months"]]
    matrix = matrix.rename(columns={"from": "state", "n": "patients_n"}).reset_index(drop=True)
    for target in STATES:
        into = own.loc[own["to"].eq(target)].set_index("from")
        for part in ("estimate", "low", "high"):
            matrix[f"{target}_{part}".replace(" ", "_")] = matrix["state"].map(into[part])
    return matrix


def keep_seen_transitions(rates: pd.DataFrame) -> pd.DataFrame:
    """The transitions that anybody made, groups side by side: one row per transition, in the order of the states.

    term, from, to; `all_...`: events, person_months, estimate, low, high, and robust_estimate, robust_low, robust_high
    with patients as units; `dtt_...` and `other_...`: events, estimate, low, high.
    """
    groups = {group: rows.set_index("term") for group, rows in rates.groupby("group")}
    seen = groups["all"].loc[groups["all"]["events"].gt(0)]
    table = seen[["from", "to"]].copy()
    more = ("person_months", "estimate", "low", "high", "robust_estimate", "robust_low", "robust_high")
    for group in GROUPS:
        for part in ("events", *(more if group == "all" else more[1:4])):
            table[f"{group}_{part}"] = groups[group][part].reindex(table.index)
    return table.reset_index()


def summarise_rate_facts(
    rates: pd.DataFrame, *, terms: Sequence[str] = HEADLINES, prefix: str = "response.transitions", origin: str
) -> dict[str, dict[str, Any]]:
    """What the ledger keeps of the rates: `<prefix>.<group>.<term>.rate`, n being the patients ever in that state."""
    return {
        f"{prefix}.{row['group']}.{row['term']}.rate": {
            "value": row["estimate"], "low": row["low"], "high": row["high"], "n": row["n"],
            "unit": "per 100 patient-years", "origin": origin,
            "label": f"From {row['from']} to {row['to']}, {GROUP_LABELS[row['group']].lower()}"}
        for row in rates.loc[rates["term"].isin(terms)].to_dict("records")
    }  # fmt: skip


def label_dispersion(rates: pd.DataFrame) -> str:
    """Whether patients differ in how often they change by more than chance would have it, in words.

    The median of the dispersion over the transitions that at least five patients made.
    """
    told = rates.loc[rates["group"].eq("all") & rates["patients_n"].ge(FEWEST_PATIENTS), "dispersion"]
    if not rates["events"].gt(0).any():
        return "no change of state was seen"
    if told.empty:
        return "no change of state was made by enough patients to tell how they differ"
    if told.median() < SPREAD:
        return "patients differ hardly more than the Poisson interval allows"
    return "patients differ more than the Poisson interval allows: believe the interval with patients as units"
