"""What the data say they are: the manifest beside the raw tables, and whether the files are still its files."""

from __future__ import annotations

import codecs
import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv
from pydantic import BaseModel, ConfigDict, ValidationError

from helpers.schema.dictionary import raw_dictionary
from helpers.schema.problems import DataError, problem

MANIFEST = "manifest.json"


class FileRecord(BaseModel):
    """Rows (below the header) and SHA-256 of one file."""

    model_config = ConfigDict(frozen=True, strict=True)

    rows: int
    sha256: str


class Manifest(BaseModel):
    """What the data are. `synthetic` puts a line on every page of a report; other fields are kept as they come."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)

    synthetic: bool
    description: str
    generator_version: str = ""
    seed: int | None = None
    files: Mapping[str, FileRecord] = {}


def read_manifest(folder: str | Path) -> Manifest | None:
    """The manifest of a folder, None where there is none; DataError where it cannot be read.

    The mark that some editors put at the start of a file (a byte order mark) is fine.
    """
    path = Path(folder) / MANIFEST
    if not path.is_file():
        return None
    try:
        return Manifest.model_validate_json(path.read_bytes().removeprefix(codecs.BOM_UTF8))
    except ValidationError as wrong:
        first = wrong.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise DataError([problem(
            f"{path.name}, {place}", f"{first['msg']}. Correct it, or delete the file: data without a manifest are "
            "reported as data of unknown origin")]) from None


def is_synthetic(folder: str | Path) -> bool:
    """Whether the manifest says that the data are simulated; without a manifest nobody says so."""
    manifest = read_manifest(folder)
    return manifest is not None and manifest.synthetic


def hash_inputs(folder: str | Path) -> dict[str, str]:
    """The SHA-256 of each raw table that is there, by file name, in the dictionary's order."""
    paths = [Path(folder) / f"{name}.csv" for name in raw_dictionary().tables]
    return {path.name: _sha256(path.read_bytes()) for path in paths if path.is_file()}


def compare_with_manifest(folder: str | Path) -> list[str]:
    """Sentences for the header of a report; none when every raw table is the one that the manifest lists.

    Changed data stay marked as synthetic while the manifest says so: nobody has said that they are real.
    """
    manifest = read_manifest(folder)
    if manifest is None:
        return ["There is no manifest beside the data: what they are is not recorded."]
    if not manifest.files:
        return ["The manifest lists no files: whether the data have changed since is not known."]
    found = hash_inputs(folder)
    odd = [file for file, sha256 in found.items()
           if file not in manifest.files or manifest.files[file].sha256 != sha256]
    odd += [file for file in manifest.files if file not in found]
    if not odd:
        return []
    sentences = [f"The data are not those of the manifest: {', '.join(odd)}."]
    if manifest.synthetic:
        sentences.append("The manifest still calls them synthetic; for records of your own, replace it.")
    return sentences


def write_files_and_manifest(
    tables: Mapping[str, pd.DataFrame], folder: Path, *, manifest: Mapping[str, Any]
) -> None:
    """Write CSV files and their manifest, aside first, then into place, the manifest last."""
    contents = {file: to_csv_bytes(table) for file, table in tables.items()}
    records = {file: {"rows": len(table), "sha256": _sha256(contents[file])} for file, table in tables.items()}
    whole = Manifest.model_validate({**manifest, "files": records})
    text = json.dumps(whole.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for file, content in {**contents, MANIFEST: text.encode()}.items():
            (aside / file).write_bytes(content)
        folder.mkdir(exist_ok=True)
        for file in [*contents, MANIFEST]:
            (aside / file).replace(folder / file)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def to_csv_bytes(table: pd.DataFrame) -> bytes:
    """A table as CSV: UTF-8, line feeds, ISO dates, yes and no, shortest numbers, nothing for the missing.

    >>> to_csv_bytes(pd.DataFrame({"is_dead": pd.array([True, None], "boolean"), "month": [0.1, 2.0]}))
    b'is_dead,month\\nyes,0.1\\n,2\\n'
    """
    columns = [_csv_column(table[name]) for name in table]
    cells = pa.table(columns, names=[str(name) for name in table])
    return (",".join(cells.column_names) + "\n").encode() + _csv_rows(cells)


def _csv_column(values: pd.Series) -> pa.Array:
    array = pa.Array.from_pandas(values)
    if pa.types.is_boolean(array.type):
        return pc.if_else(array, "yes", "no")
    return array.cast(pa.date32()) if pa.types.is_timestamp(array.type) else array


def _csv_rows(cells: pa.Table) -> bytes:
    """Quotes only where a text needs them; Arrow puts them around all texts or none, so both are tried."""
    try:
        return _csv_rows_in(cells, quoting="none")
    except pa.ArrowInvalid:
        return _csv_rows_in(cells, quoting="needed")


def _csv_rows_in(cells: pa.Table, *, quoting: str) -> bytes:
    sink = pa.BufferOutputStream()
    arrow_csv.write_csv(cells, sink, arrow_csv.WriteOptions(include_header=False, quoting_style=quoting))
    return bytes(sink.getvalue().to_pybytes())


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
