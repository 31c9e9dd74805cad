"""One universe opened: its full report, and the report's numbers held against those of the multiverse."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from helpers import schema
from helpers.ledger import Entry, number_or_none
from helpers.multiverse.engine import describe_sources
from helpers.multiverse.grid import Grid
from helpers.multiverse.measuring import Measurer
from helpers.multiverse.results import read_record
from helpers.multiverse.universes import derive_universes
from helpers.parameters import check_parameters
from helpers.project import PROJECT, from_project
from helpers.run import FinishedRun, Store, run_study
from helpers.run.progress import Progress
from helpers.wording import format_interval

CLOSE = 1e-9
"""How near two numbers must be, relative to their size, to be the same."""


@dataclass(frozen=True)
class Number:
    """One number of a universe: where the report has it, and what each of the two found; None: not estimable."""

    quantity: str
    id: str
    part: str
    report: float | None
    multiverse: float | None

    @property
    def agrees(self) -> bool:
        """Whether both found the same."""
        if self.report is None or self.multiverse is None:
            return self.report is self.multiverse
        return math.isclose(self.report, self.multiverse, rel_tol=CLOSE, abs_tol=CLOSE)


@dataclass(frozen=True)
class OpenedUniverse:
    """A universe with its finished run: its numbers, and what to say of them."""

    code: str
    run: FinishedRun
    numbers: tuple[Number, ...]
    sentences: tuple[str, ...]


def open_universe(
    grid: Grid, code: str, *, data_dir: str, folder: Path, progress: Progress, reports: Path = PROJECT / "reports",
    derived: Path = PROJECT / "data/derived", store: Store | None = None,
) -> OpenedUniverse:  # fmt: skip
    """Make the full report of a universe, as the run `universe-<code>`, and hold its numbers against the multiverse's.

    These are read from `folder` where a multiverse made from the same is finished there, and computed for this universe
    alone where none is. The run takes from a `store`, and keeps there, what `run_study` does. Raises ParameterError for
    a code that the grid has not, and what `run_study` raises.
    """
    values = grid.values_of(grid.options_of(code).values())
    universe = find_universe(grid, code, data_dir=data_dir, folder=folder)
    run = run_study(check_parameters({**values, "data_dir": data_dir}), progress=progress, name=f"universe-{code}",
                    reports=reports, derived=derived, store=store)  # fmt: skip
    found = json.loads((run.page.parent / "results.json").read_text(encoding="utf-8"))["entries"]
    entries = {entry["id"]: Entry(**entry) for entry in found}
    numbers = tuple(_list_numbers(grid.ids_of(code), entries=entries, universe=universe))
    return OpenedUniverse(code, run, numbers, tuple(_list_sentences(grid.ids_of(code), numbers, entries=entries)))


def find_universe(grid: Grid, code: str, *, data_dir: str, folder: Path) -> dict[str, Any]:
    """The row of a universe in the finished multiverse of a folder, or computed now; as `derive_universes` makes it.

    A multiverse of another grid, of other tables, rules, code or libraries is not read.
    """
    record = read_record(folder)
    if all(record.get(name) == fact for name, fact in describe_sources(grid, data_dir=data_dir).items()):
        table = pq.read_table(folder / "universes.parquet", filters=[("code", "=", code)])
        return dict(table.to_pylist()[0])
    number = grid.list_definitions().index(code[: len(grid.in_block("definition"))])
    raw = schema.read_raw(from_project(data_dir))
    tables = Measurer(grid, raw, blocks={}, permutations=0, seed=0).measure(number, number + 1)
    universes = derive_universes(grid, tables["definitions"], tables["odds"], tables["hazards"])
    row = universes.loc[universes["code"].eq(code)].to_dict("records")[0]
    return {str(name): value for name, value in row.items()}


def _list_numbers(
    ids: Mapping[str, str], *, entries: Mapping[str, Entry], universe: Mapping[str, Any]
) -> Iterator[Number]:
    for quantity, id in ids.items():
        entry = entries.get(id)
        for part, column in (("value", quantity), ("low", f"{quantity}_low"), ("high", f"{quantity}_high")):
            yield Number(quantity, id, part, getattr(entry, part, None), number_or_none(universe[column]))
        if f"{quantity}_p" in universe:
            p = f"{id.rpartition('.')[0]}.p"
            yield Number(quantity, p, "value", getattr(entries.get(p), "value", None),
                         number_or_none(universe[f"{quantity}_p"]))  # fmt: skip


def _list_sentences(
    ids: Mapping[str, str], numbers: tuple[Number, ...], *, entries: Mapping[str, Entry]
) -> Iterator[str]:
    for quantity, id in ids.items():
        own = [number for number in numbers if number.quantity == quantity]
        entry = entries.get(id)
        name = quantity if entry is None else entry.label if entry.unit == "share" else f"{entry.label}, {entry.unit}"
        words = "not in the report" if entry is None else format_interval(entry)
        if all(number.agrees for number in own):
            yield f"{name}: {words}; the multiverse has the same ({id})"
        else:
            yield f"{name}: {words}; the multiverse has {_tell(own)} ({id})"


def _tell(numbers: list[Number]) -> str:
    return ", ".join(f"{number.part} {number.multiverse!r} for {number.report!r}" for number in numbers
                     if not number.agrees)  # fmt: skip
