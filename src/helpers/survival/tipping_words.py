"""The tipping points of the lost as a printed table, as words and as numbers of the ledger."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from helpers.imputation.tipping import find_tipping
from helpers.survival.tipping import SCENARIOS

SCENARIO_LABELS = MappingProxyType({
    "all": "All lost", "dtt": "Lost DTT only", "other": "Lost others only",
    "opposed": "Others by it,\nDTT by its inverse",
})  # fmt: skip
"""The scenarios in few words, for the panels of a figure."""


def spread_scenarios(table: pd.DataFrame) -> pd.DataFrame:
    """One row per delta: `term`, `label`, `delta`, and per scenario `<scenario>_estimate`, `_low`, `_high`."""
    wide = table.drop_duplicates("delta")[["label", "delta"]].assign(term=lambda rows: _name_deltas(rows["delta"]))
    for name in SCENARIOS:
        own = table.loc[table["scenario"].eq(name), ["delta", "estimate", "low", "high"]].set_index("delta")
        wide = wide.join(own.add_prefix(f"{name}_"), on="delta")
    return wide[["term", "label", "delta", *wide.columns[wide.columns.str.contains("_")]]].reset_index(drop=True)


def _name_deltas(deltas: pd.Series) -> list[str]:
    return ["times_" + f"{delta:g}".replace(".", "_") for delta in deltas]


_ENDS = MappingProxyType({
    0.0: "only if none of them had it", np.inf: "only if all of them had it on the day they left",
})  # fmt: skip
_OPPOSED_ENDS = MappingProxyType({
    0.0: "only if all the lost difficult-to-treat had it at once and no lost other ever",
    np.inf: "only if all the lost others had it at once and no lost difficult-to-treat ever",
})  # fmt: skip


def describe_loss_tipping(table: pd.DataFrame, *, scenario: str) -> str:
    """Where the verdict changes in one scenario, as the end of a sentence: "the verdict ..."."""
    own = table.loc[table["scenario"].eq(scenario)]
    if not own["lost_n"].iloc[0]:
        return "has nothing to tip it: nobody was lost"
    if own["estimate"].isna().all():
        return "cannot be told"
    tips = find_tipping(own, reference=1.0).dropna(subset=["delta"])
    if tips.empty:
        low, high = own["delta"].min(), own["delta"].max()
        is_whole = low == 0 and np.isinf(high)
        return "holds whatever is supposed of them" if is_whole else (
            f"holds for every factor tried, from {low:g} to {high:g}")
    rows = zip(tips["delta"].astype(float), tips["verdict"].astype(str), strict=True)
    ends = _OPPOSED_ENDS if scenario == "opposed" else _ENDS
    return "changes " + " and ".join(
        f"{ends.get(delta, f'when it is multiplied by {delta:g}')} (then {verdict} that of the others)"
        for delta, verdict in rows)


def list_loss_facts(table: pd.DataFrame, *, origin: str) -> dict[str, dict[str, Any]]:
    """The ledger's numbers, by id: how many were lost, and the hazard ratio at delta 1 (event times drawn, nothing
    supposed) and at both extremes of what the lost could have done to it."""
    rows = {name: table.loc[table["scenario"].eq(name)].iloc[0] for name in ("all", "dtt")}
    same = table.loc[table["term"].eq("all_1")].iloc[0]
    common = {"origin": origin, "n": same["n"]}
    extremes = {"lowest": ("opposed_inf", "All lost others failed at once, no lost difficult-to-treat ever"),
                "highest": ("opposed_0", "All lost difficult-to-treat failed at once, no lost other ever")}  # fmt: skip
    ends = {name: (table.loc[table["term"].eq(term)].iloc[0], label) for name, (term, label) in extremes.items()}
    return {
        "survival.loss.n": {"value": rows["all"]["lost_n"], "unit": "patients", **common,
                            "label": "Lost before the outcome"},
        "survival.loss.dtt.n": {"value": rows["dtt"]["lost_n"], "unit": "patients", **common,
                                "label": "Lost before the outcome, difficult to treat"},
        "survival.loss.unchanged.hr": {"value": same["estimate"], "low": same["low"], "high": same["high"], "null": 1.0,
                                       "unit": "hazard ratio", "label": "The lost as their group", **common},
        **{f"survival.loss.{name}.hr": {"value": row["estimate"], "low": row["low"], "high": row["high"], "null": 1.0,
                                        "unit": "hazard ratio", "label": label, **common}
           for name, (row, label) in ends.items()},
    }  # fmt: skip
