"""Derived tables: Parquet, checked on the way out and on the way in, with what made them written inside."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from helpers.schema.checks import check_cells, check_key
from helpers.schema.dictionary import derived_dictionary
from helpers.schema.problems import DataError

_STAMP = b"made_with"


def check_derived(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """The table with the dtypes of derived.yml and a plain index; columns that are not listed pass unchanged.

    A table that derived.yml does not list passes as it is. Raises DataError (rows count from 1) for a missing
    column, a value of the wrong type, out of range or not among the choices, a gap where none may be, and a key
    used twice.
    """
    table = derived_dictionary().tables.get(name)
    if table is None:
        return frame.reset_index(drop=True)
    frame = frame.set_axis(pd.RangeIndex(1, len(frame) + 1))
    checked, problems = check_cells(frame, table=table, file=name)
    problems += check_key(frame, table=table, file=name)
    if problems:
        raise DataError(problems)
    return checked.reset_index(drop=True)


def write_derived(frame: pd.DataFrame, name: str, folder: str | Path, *, made_with: Mapping[str, Any]) -> pd.DataFrame:
    """Write `<folder>/<name>.parquet` and return the table as `read_derived` will give it back.

    `made_with` (parameters, hashes: anything that JSON holds) is stored in the file's metadata. The file is
    written aside and moved into place. Raises DataError as `check_derived` does.
    """
    checked = check_derived(frame, name)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    cells = pa.Table.from_pandas(checked, preserve_index=False)
    made = json.dumps(dict(made_with), sort_keys=True, ensure_ascii=False).encode()
    cells = cells.replace_schema_metadata({**(cells.schema.metadata or {}), _STAMP: made})
    aside = folder / f".{name}-{os.getpid()}.parquet"
    try:
        pq.write_table(cells, aside)
        aside.replace(folder / f"{name}.parquet")
    finally:
        aside.unlink(missing_ok=True)
    return checked


def read_derived(name: str, folder: str | Path) -> pd.DataFrame:
    """A derived table, checked; DataError names the notebook to run when the file is not there."""
    path = _path_of(name, folder)
    try:
        return check_derived(pq.read_table(path).to_pandas(), name)
    except pa.ArrowException as wrong:
        raise DataError(f"{path}: the file is not a readable table ({str(wrong).splitlines()[0]}). "
                        "Delete it and run the notebook again") from None


def read_stamp(name: str, folder: str | Path) -> dict[str, Any]:
    """What a derived table was made with, as given to `write_derived`; empty where no such table can be read."""
    try:
        metadata = pq.read_schema(_path_of(name, folder)).metadata or {}
    except (DataError, pa.ArrowException):
        return {}
    stamp: dict[str, Any] = json.loads(metadata.get(_STAMP, b"{}"))
    return stamp


def _path_of(name: str, folder: str | Path) -> Path:
    path = Path(folder) / f"{name}.parquet"
    if not path.is_file():
        table = derived_dictionary().tables.get(name)
        maker = f"{table.made_by} first" if table else "the notebook that writes it first"
        raise DataError(f"{path}: the table is not there. Run {maker}")
    return path
