"""The results of a finished multiverse: tables in a folder, read back as one object."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from helpers.multiverse.grid import Grid
from helpers.multiverse.reading import parse_grid
from helpers.schema import DataError

RECORD = "multiverse.json"
"""The record of a finished multiverse: written last, so that a folder with it is whole."""

TABLES = ("definitions", "answers", "odds", "hazards", "curves", "null", "patients", "universes")


@dataclass(frozen=True)
class Multiverse:
    """A finished multiverse: the grid, what it was made of (`meta`), and its tables, rows in grid order.

    definitions: one row per definition: its number, an option per decision, counts, share. answers: a letter per
    patient of `patients` for each definition. odds: definition, covariates, estimator, feature. hazards, curves:
    definition, worsening rule, time zero (and group). null: the scores of each specification, observed and shuffled.
    universes: one row per universe with the four quantities.
    """

    grid: Grid
    meta: Mapping[str, Any]
    definitions: pd.DataFrame
    answers: pd.DataFrame
    odds: pd.DataFrame
    hazards: pd.DataFrame
    curves: pd.DataFrame
    null: pd.DataFrame
    patients: pd.DataFrame
    universes: pd.DataFrame


def read_multiverse(folder: str | Path) -> Multiverse:
    """The finished multiverse of a folder.

    Raises DataError where there is none, or a table of it cannot be read.
    """
    home = Path(folder)
    meta = read_record(home)
    if not meta:
        raise DataError(f"{home} holds no finished multiverse: run it (again) to finish it")
    try:
        tables = {name: pq.read_table(home / f"{name}.parquet").to_pandas() for name in TABLES}
    except (OSError, ValueError) as problem:
        raise DataError(f"{home}: a table of the multiverse cannot be read ({str(problem).splitlines()[0]}). Delete "
                        f"{RECORD} there and run the multiverse again") from None  # fmt: skip
    grid = replace(parse_grid(meta["grid"], name=str(home / RECORD)), file=str(meta.get("grid_file", "")))
    return Multiverse(grid, meta, **tables)


def read_record(folder: Path) -> dict[str, Any]:
    """What the multiverse in a folder was made of; empty where there is none that is whole."""
    try:
        found = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
