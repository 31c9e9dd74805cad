"""The only reader and writer of tables, and what every table must look like.

Raw tables are CSV files described by dictionary.yml; derived tables are Parquet files described by derived.yml.
Whatever cannot be used is refused with a DataError that says everything that is wrong at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.definitions import nearest_name
from helpers.schema.checks import (
    check_cells,
    check_dates,
    check_deaths,
    check_key,
    check_references,
    is_typed,
)
from helpers.schema.derived import check_derived, read_derived, read_stamp, write_derived
from helpers.schema.dictionary import (
    DTYPES,
    Table,
    choices_of,
    column_of,
    derived_dictionary,
    label_of,
    nih_weights,
    raw_dictionary,
    sledai_points,
    table_of,
    unit_of,
)
from helpers.schema.manifest import (
    Manifest,
    compare_with_manifest,
    hash_inputs,
    is_synthetic,
    read_manifest,
    write_files_and_manifest,
)
from helpers.schema.problems import DataError, Problem, problem
from helpers.schema.quality import count_contradictions, summarise_missing, summarise_quality
from helpers.schema.text import read_text
from helpers.schema.types import TypedTable, to_typed

__all__ = [
    "DTYPES", "DataCheck", "DataError", "Manifest", "Problem", "check_derived", "check_raw", "check_tables",
    "choices_of", "column_of", "compare_with_manifest", "count_contradictions", "derived_dictionary", "hash_inputs",
    "is_synthetic", "label_of", "nih_weights", "raw_dictionary", "read_derived", "read_manifest", "read_raw",
    "read_stamp", "sledai_points", "summarise_missing", "summarise_quality", "table_of", "unit_of", "write_derived",
    "write_raw",
]  # fmt: skip


@dataclass(frozen=True)
class DataCheck:
    """What a check of the raw data found: rows per table, patients on file, and remarks that do not stop a run."""

    rows: Mapping[str, int]
    patients: int
    notes: tuple[str, ...]


def read_raw(folder: str | Path) -> dict[str, pd.DataFrame]:
    """The raw tables of a folder, checked, with the dictionary's dtypes and columns in the dictionary's order.

    One table per name in dictionary.yml, rows in the order of the file. An empty cell is missing; every other
    text counts ("none" is a kind of cast). An optional column that is absent comes back all missing; columns
    that the dictionary does not know are left out (`check_raw` names them).

    Raises DataError with all problems found: folder, table or column missing; empty file, wrong encoding or
    separator, ragged rows; text in a number, dates not written YYYY-MM-DD, unknown words; values out of range;
    gaps where a value is needed; keys used twice; patients not on file; dates in an impossible order.
    """
    return _read(Path(folder))[0]


def check_raw(folder: str | Path) -> DataCheck:
    """A summary of the raw tables of a folder; raises the same DataError as `read_raw`."""
    tables, notes = _read(Path(folder))
    rows = {name: len(table) for name, table in tables.items()}
    return DataCheck(rows, rows["patients"], tuple(notes + compare_with_manifest(folder)))


def check_tables(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Raw tables that are in memory, held to the same rules as files; returns them with the dictionary's dtypes.

    Row numbers in the messages are those of the CSV file that `write_raw` would write. Raises DataError.
    """
    wanted = raw_dictionary().tables
    absent = [problem(f"{name}.csv", "the table is missing") for name in wanted if name not in tables]
    numbered = {name: TypedTable(_numbered(tables[name], table=table), {}, [])
                for name, table in wanted.items() if name in tables}  # fmt: skip
    checked, problems = _checked(numbered)
    if absent or problems:
        raise DataError(absent + problems)
    return checked


def _numbered(frame: pd.DataFrame, *, table: Table) -> pd.DataFrame:
    """Rows numbered as in the CSV file; optional columns that are absent come in all missing."""
    optional = {name: None for name, column in table.columns.items()
                if column.required == "optional" and name not in frame}  # fmt: skip
    return frame.set_axis(pd.RangeIndex(2, len(frame) + 2)).assign(**optional)


def write_raw(tables: Mapping[str, pd.DataFrame], folder: str | Path, *, manifest: Mapping[str, Any]) -> None:
    """Write the raw tables as CSV with a manifest beside them; the same tables give the same bytes.

    The tables are checked first (DataError), written aside and moved into place, the manifest last: a write
    that is cut short leaves files that the old manifest does not know, which every run reports.
    `manifest` holds at least `synthetic` (true or false) and `description`; hashes and row counts are added.
    """
    checked = check_tables(tables)
    write_files_and_manifest({f"{name}.csv": table for name, table in checked.items()}, Path(folder),
                             manifest=manifest)


def _read(folder: Path) -> tuple[dict[str, pd.DataFrame], list[str]]:
    if not folder.is_dir():
        raise DataError(f"{folder}: there is no such folder. Give the folder that holds patients.csv and the other "
                        "raw tables (data_dir)")
    typed: dict[str, TypedTable] = {}
    problems: list[Problem] = []
    notes: list[str] = []
    for name, table in raw_dictionary().tables.items():
        path = folder / f"{name}.csv"
        if not path.is_file():
            problems.append(problem(path.name, _missing_file(path)))
            continue
        text = read_text(path, table=table)
        problems += text.problems
        notes += text.notes
        if text.table is not None:
            typed[name] = to_typed(text.table, table=table, file=path.name)
            problems += typed[name].problems
    checked, broken = _checked(typed)
    if problems or broken:
        raise DataError(problems + broken)
    return checked, notes


def _missing_file(path: Path) -> str:
    others = sorted(other.name for other in path.parent.glob("*.csv"))
    hint = f"; {nearest_name(path.name, others)}" if others else ""
    return f"the table is missing from {path.parent}. Add the file{hint}"


def _checked(tables: Mapping[str, TypedTable]) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    """The tables with their dtypes and a plain index, and what is wrong with them."""
    problems: list[Problem] = []
    sound: dict[str, pd.DataFrame] = {}
    for name, typed in tables.items():
        table, file = raw_dictionary().tables[name], f"{name}.csv"
        frame, broken = check_cells(typed.table, table=table, file=file, unread=typed.unread)
        problems += broken + check_key(typed.table, table=table, file=file)
        if is_typed(frame, table=table):
            sound[name] = frame[list(table.columns)]
    problems += check_references(sound) + check_deaths(sound) + check_dates(sound)
    return {name: frame.reset_index(drop=True) for name, frame in sound.items()}, problems
