"""Universes: every definition with every analysis, and the four numbers that each is asked for."""

from __future__ import annotations

import pandas as pd

from helpers.multiverse.grid import EXPOSURES, Grid

_NUMBERS = {"estimate": "", "low": "_low", "high": "_high", "p": "_p"}


def derive_universes(
    grid: Grid, definitions: pd.DataFrame, odds: pd.DataFrame, hazards: pd.DataFrame
) -> pd.DataFrame:  # fmt: skip
    """One row per universe of these definitions, in grid order.

    code, definition, the option of every decision, and estimate, low, high and p (none for the share) of each
    quantity: share, any_apl, active_sediment, hazard. An exposure that is not in a model is missing there.
    """
    names = [decision.name for decision in grid.in_block("definition")]
    shares = definitions[["definition", "code", *names, "share", "low", "high"]].rename(
        columns={"code": "start", "low": "share_low", "high": "share_high"})  # fmt: skip
    universes = shares.merge(_list_analyses(grid), how="cross")
    for exposure in EXPOSURES:
        own = odds.loc[odds["term"].eq(exposure)]
        universes = universes.merge(_name(own, exposure, ["definition", "covariates", "estimator"]), how="left")
    universes = universes.merge(_name(hazards, "hazard", ["definition", "worsening_rule", "time_zero"]), how="left")
    quantities = [f"{name}{end}" for name in ("share", *EXPOSURES, "hazard") for end in _NUMBERS.values()
                  if f"{name}{end}" != "share_p"]  # fmt: skip
    decisions = [decision.name for decision in grid.decisions]
    universes = universes.assign(code=universes["start"] + universes["end"])
    return universes[["code", "definition", *decisions, *quantities]]


def _list_analyses(grid: Grid) -> pd.DataFrame:
    start = grid.list_definitions()[0]
    rows = []
    for code in grid.list_analyses():
        choices = grid.choices_of(start + code)
        rows.append({"end": code, **{one.name: choices[one.name] for one in grid.in_block("analysis")}})
    return pd.DataFrame(rows)


def _name(table: pd.DataFrame, quantity: str, keys: list[str]) -> pd.DataFrame:
    return table[[*keys, *_NUMBERS]].rename(columns={name: f"{quantity}{end}" for name, end in _NUMBERS.items()})
