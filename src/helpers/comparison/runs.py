"""The runs that are compared: found by name or path, read whole, with their derived tables where they still are."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd

from helpers import schema
from helpers.definitions import nearest_name
from helpers.ledger import CrossCheck, Entry
from helpers.parameters import ALL, names_used_by
from helpers.project import from_project

MOST_RUNS = 6
TABLES = ("cohort", "assessments", "dtt_labels", "dtt_trace", "raw_events")
"""The derived tables that a comparison reads."""


class ComparisonError(ValueError):
    """Runs that cannot be compared; the message says what to do."""


@dataclass(frozen=True)
class ComparedRun:
    """One run: its letter on the page, where it is, what it recorded, and its derived tables by name.

    `tables` is empty where they are gone or are not this run's any more, and `tables_note` then says why.
    """

    letter: str
    folder: Path
    record: Mapping[str, Any]
    entries: Mapping[str, Entry]
    checks: tuple[CrossCheck, ...]
    notebooks: Mapping[str, nbformat.NotebookNode]
    tables: Mapping[str, pd.DataFrame]
    tables_note: str = ""

    @property
    def name(self) -> str:
        """The run's own name."""
        return str(self.record["run"])

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The parameters by name, as the run wrote them down."""
        values: Mapping[str, Any] = self.record["parameters"]
        return values

    @property
    def is_synthetic(self) -> bool:
        """Whether its patients are simulated."""
        return bool(self.record["data"]["synthetic"])


def read_runs(names: Sequence[str], *, reports: Path) -> tuple[ComparedRun, ...]:
    """The runs in the order given, lettered from A on; the first is the one that the others are held against.

    Raises ComparisonError for fewer than two or more than six runs, a name that no run has (with the nearest one that
    one has), the same run twice, and a folder that cannot be read.
    """
    if not 2 <= len(names) <= MOST_RUNS:
        raise ComparisonError(f"compare takes two to {MOST_RUNS} runs; {len(names)} given")
    folders = [find_run(name, reports=reports) for name in names]
    for place, folder in enumerate(folders):
        if folder in folders[:place]:
            raise ComparisonError(f"{names[place]} is given twice: name another run, or leave it out")
    return tuple(_read_run(folder, letter=chr(ord("A") + place)) for place, folder in enumerate(folders))


def find_run(name: str, *, reports: Path) -> Path:
    """The folder of the run of that name in `reports`, or of the run at that path; raises ComparisonError."""
    given = Path(name).expanduser()
    if given.name in ("index.html", "run.json"):
        given = given.parent
    for folder in (reports / name, given):
        if name.strip() and (folder / "run.json").is_file():
            return folder.resolve()
    for folder in (reports / name, given):
        if name.strip() and folder.is_dir() and folder.resolve() != reports.resolve():
            raise ComparisonError(f"{folder} is no finished run: there is no run.json in it")
    known = sorted(path.parent.name for path in reports.glob("[!.]*/run.json"))
    hint = nearest_name(name, known) if known else "there is none at all yet"
    raise ComparisonError(f"There is no run {name!r} in {reports}: {hint}")


def _read_run(folder: Path, *, letter: str) -> ComparedRun:
    try:
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
        entries = {fields["id"]: Entry(**fields) for fields in results["entries"]}
        checks = tuple(CrossCheck(**fields) for fields in results.get("cross_checks", []))
        _check_record(record)
        notebooks = {name: nbformat.read(path, as_version=4) for name in ALL
                     if (path := folder / "notebooks" / f"{name}.ipynb").is_file()}  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        reason = f"lacks {problem}" if isinstance(problem, KeyError) else str(problem).splitlines()[0]
        raise ComparisonError(f"The run in {folder} cannot be read ({reason}): run it again") from None
    tables, note = read_tables(record)
    return ComparedRun(letter, folder, record, entries, checks, notebooks, tables, note)


def _check_record(record: Mapping[str, Any]) -> None:
    """Raise KeyError for a record that lacks what a comparison reads."""
    for name in ("run", "parameters", "finished", "code"):
        record[name]
    for name in ("synthetic", "files", "folder"):
        record["data"][name]
    record["parameters"]["derived_dir"]


def read_tables(record: Mapping[str, Any]) -> tuple[dict[str, pd.DataFrame], str]:
    """The derived tables of the run of that record; none, and why, where they are gone or made by another run."""
    folder = from_project(record["parameters"]["derived_dir"])
    absent = [name for name in TABLES if not (folder / f"{name}.parquet").is_file()]
    if absent:
        return {}, f"its derived tables are gone ({absent[0]} is not in {folder})"
    for table, maker in (("cohort", ALL[0]), ("dtt_labels", ALL[1])):
        stamp = schema.read_stamp(table, folder)
        asked = {name: record["parameters"].get(name) for name in names_used_by(maker) if not name.endswith("_dir")}
        made = stamp.get("parameters", {})
        is_own = all(made.get(name) == value for name, value in asked.items())
        if not is_own or stamp.get("inputs") != record["data"]["files"]:
            return {}, f"the derived tables in {folder} are of another run"
    try:
        return {name: schema.read_derived(name, folder) for name in TABLES}, ""
    except schema.DataError as problem:
        return {}, f"its derived tables cannot be read ({str(problem).splitlines()[0]})"
