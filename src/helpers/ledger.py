"""Every reported number, once, under a stable dotted id: value, interval, unit, n, label, notebook and origin."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.definitions import nearest_name

_ID = re.compile(r"[a-z0-9_]+(\.[A-Za-z0-9_]+)+")


class LedgerError(ValueError):
    """A number that is recorded twice, under a name that is no id, or asked for and not there."""


@dataclass(frozen=True)
class Entry:
    """One reported number; `value` is None where it could not be estimated, `null` is the value of no difference."""

    id: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    n: int | None
    label: str
    null: float | None
    notebook: str
    origin: str


@dataclass(frozen=True)
class CrossCheck:
    """What a second engine found for one part ("value", "low", "high") of an entry, and whether it agrees."""

    id: str
    part: str
    what: str
    first_engine: str
    second_engine: str
    value: float | None
    second_value: float | None
    difference: float | None
    tolerance: float
    reason: str
    agrees: bool


class Ledger:
    """The numbers of one notebook, in the order in which they were recorded."""

    def __init__(self, notebook: str) -> None:
        self.notebook = notebook
        self._entries: dict[str, Entry] = {}
        self._cross_checks: list[CrossCheck] = []

    def add(self, id: str, value: Any, *, unit: str, label: str, origin: str, n: Any = None,
            low: Any = None, high: Any = None, null: float | None = None) -> Entry:
        """Record one number and return its entry; NaN, missing and infinite become None ("not estimable").

        Recording the same entry again changes nothing (a cell may be run twice while reading); another value
        under a known id raises LedgerError, as does an id that is not dotted.

        >>> Ledger("01_cohort").add("cohort.eligible.n", 181, unit="patients", label="Eligible", origin="x").value
        181.0
        """
        if not _ID.fullmatch(id):
            raise LedgerError(f"{id} is not a ledger id: write words joined by dots, like cohort.eligible.n")
        count = number_or_none(n)
        entry = Entry(
            id=id, value=number_or_none(value), low=number_or_none(low), high=number_or_none(high), unit=unit,
            n=None if count is None else int(count), label=label, null=null, notebook=self.notebook, origin=origin,
        )  # fmt: skip
        known = self._entries.get(id)
        if known is not None and known != entry:
            raise LedgerError(f"{id} is recorded twice, as {known.value} and as {entry.value}")
        self._entries[id] = entry
        return entry

    def add_estimates(self, estimates: pd.DataFrame, *, prefix: str, measure: str, unit: str, origin: str,
                      null: float | None = None) -> None:
        """Record `<prefix>.<term>.<measure>` and `<prefix>.<term>.p` for each row of a table of estimates.

        The table has the columns term, estimate, low, high, p and n; `label` is used where it is there.
        """
        for row in estimates.to_dict("records"):
            label = row.get("label", row["term"])
            self.add(f"{prefix}.{row['term']}.{measure}", row["estimate"], low=row["low"], high=row["high"],
                     unit=unit, n=row["n"], label=label, null=null, origin=origin)
            self.add(f"{prefix}.{row['term']}.p", row["p"], unit="p value", n=row["n"], label=f"{label}, p value",
                     origin=origin)

    def __getitem__(self, id: str) -> Entry:
        if id not in self._entries:
            raise LedgerError(f"The ledger of {self.notebook} has no {id}: {nearest_name(id, self._entries)}")
        return self._entries[id]

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def add_cross_checks(self, table: pd.DataFrame) -> None:
        """Keep what a second engine said of the ledger's numbers: one row per number, with the fields of `CrossCheck`.

        A cell that is run twice leaves the last answer.
        """
        rows = [_as_cross_check(row) for row in table.to_dict("records")]
        again = {(check.id, check.part) for check in rows}
        self._cross_checks = [old for old in self._cross_checks if (old.id, old.part) not in again] + rows

    def write(self, folder: Path) -> Path:
        """Write the ledger as `<folder>/<notebook>.json` and return the path."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.notebook}.json"
        write_numbers(path, {"notebook": self.notebook}, entries=self, checks=self._cross_checks)
        return path


def write_numbers(path: Path, head: Mapping[str, Any], *, entries: Iterable[Entry],
                  checks: Iterable[CrossCheck]) -> None:
    """Write numbers and cross-checks as JSON under `head`, one a line, so that two files compare line by line."""
    content = {**head, "entries": [vars(entry) for entry in entries], "cross_checks": [vars(check) for check in checks]}
    path.write_text(_to_lines(content), encoding="utf-8", newline="\n")


def _to_lines(content: Mapping[str, Any]) -> str:
    """The JSON itself.

    >>> print(_to_lines({"synthetic": True, "entries": [{"id": "a"}, {"id": "b"}], "none": []}), end="")
    {
    "synthetic": true,
    "entries": [
     {"id": "a"},
     {"id": "b"}
    ],
    "none": []
    }
    """
    parts = []
    for name, value in content.items():
        lines = [json.dumps(record, ensure_ascii=False, allow_nan=False) for record in value
                 ] if isinstance(value, list) else []  # fmt: skip
        inside = "[\n " + ",\n ".join(lines) + "\n]" if lines else json.dumps(value, ensure_ascii=False)
        parts.append(f"{json.dumps(name)}: {inside}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def number_or_none(value: Any) -> float | None:
    """The value as a float, or None where it is missing or not finite.

    >>> number_or_none(float("inf")) is None, number_or_none(True)
    (True, 1.0)
    """
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def read_ledger(folder: Path) -> list[Entry]:
    """All entries of a run, sorted by id.

    Raises LedgerError when two notebooks recorded the same id.
    """
    entries = [
        Entry(**fields)
        for path in sorted(folder.glob("*.json"))
        for fields in json.loads(path.read_text(encoding="utf-8"))["entries"]
    ]
    ids = [entry.id for entry in entries]
    twice = sorted({id for id in ids if ids.count(id) > 1}) if len(set(ids)) < len(ids) else []
    if twice:
        raise LedgerError(f"Recorded by two notebooks: {', '.join(twice)}")
    return sorted(entries, key=lambda entry: entry.id)


def _as_cross_check(row: Mapping[Any, Any]) -> CrossCheck:
    numbers = {name: number_or_none(row[name]) for name in ("value", "second_value", "difference")}
    texts = {name: str(row[name]) for name in ("id", "part", "what", "first_engine", "second_engine", "reason")}
    return CrossCheck(**texts, **numbers, tolerance=float(row["tolerance"]), agrees=bool(row["agrees"]))  # type: ignore[arg-type]


def read_cross_checks(folder: Path) -> list[CrossCheck]:
    """The cross-checks of a run, notebook by notebook in the order in which they were made."""
    return [
        CrossCheck(**fields)
        for path in sorted(folder.glob("*.json"))
        for fields in json.loads(path.read_text(encoding="utf-8")).get("cross_checks", [])
    ]


def find_disagreements(entries: Iterable[Entry], checks: Iterable[CrossCheck]) -> frozenset[str]:
    """The ids of all numbers that a second engine does not find again.

    An entry of the same notebook that holds the very same number under another id (a cell of a table, say) is the
    same number; of whole numbers that cannot be told, so that these stand for themselves alone.
    """
    against = {check.id for check in checks if not check.agrees}
    known = list(entries)
    same = {_identity(entry) for entry in known if entry.id in against} - {None}
    return frozenset(against | {entry.id for entry in known if _identity(entry) in same})


def _identity(entry: Entry) -> tuple[str, float] | None:
    return None if entry.value is None or entry.value.is_integer() else (entry.notebook, entry.value)


def derive_ledger_table(entries: list[Entry]) -> pd.DataFrame:
    """One row per entry, with the fields of `Entry` as columns."""
    return pd.DataFrame([vars(entry) for entry in entries], columns=list(Entry.__dataclass_fields__))
