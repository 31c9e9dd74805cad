"""Pieces: what one task has made, on disk as soon as it is done; and the whole that is put together from them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from helpers.multiverse.grid import QUANTITIES, Grid
from helpers.multiverse.measuring import PARTS
from helpers.multiverse.universes import derive_universes
from helpers.run.folders import is_old

SIZE = 30
"""Definitions in one piece: some seconds of work, and what is lost at most per worker when the machine stops."""

PIECES = "pieces"

Stretch = tuple[int, int]

_LISTS = {"months": pa.list_(pa.float32()), "survival": pa.list_(pa.float32()), "ticks": pa.list_(pa.float32()),
          "at_risk_n": pa.list_(pa.int32()), "permuted": pa.list_(pa.float32())}  # fmt: skip
_NUMBERS = {"estimate", "low", "high", "p", "observed", *QUANTITIES}
_COUNTS = {"definition", "position", "n", "events", "events_dtt"}


def cut_stretches(definitions: int) -> list[Stretch]:
    """The definitions of each piece, first and one past the last.

    >>> cut_stretches(70)
    [(0, 30), (30, 60), (60, 70)]
    """
    return [(start, min(start + SIZE, definitions)) for start in range(0, definitions, SIZE)]


class Pieces:
    """The pieces of one multiverse in its folder; `digest` is that of all that they are made from."""

    def __init__(self, folder: Path, *, digest: str) -> None:
        self._home, self._digest = folder / PIECES, digest[:16]

    def _place(self, stretch: Stretch) -> Path:
        return self._home / f"{stretch[0]:06d}-{stretch[1]:06d}-{self._digest}"

    def find_open(self, stretches: Sequence[Stretch]) -> list[Stretch]:
        """Those that are still to be made."""
        return [one for one in stretches if not self._place(one).is_dir()]

    def write(self, stretch: Stretch, tables: dict[str, pd.DataFrame]) -> None:
        """Keep a piece: built aside, moved into place whole. Raises OSError where that cannot be done."""
        place = self._place(stretch)
        aside = self._home / f".building-{place.name}-{os.getpid()}"
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        for name in PARTS:
            pq.write_table(make_cells(tables[name]), aside / f"{name}.parquet")
        try:
            aside.rename(place)
        except OSError:
            shutil.rmtree(aside, ignore_errors=True)
            if not place.is_dir():  # else made by another process meanwhile, from the same
                raise

    def read(self, stretch: Stretch, name: str) -> pa.Table:
        """One table of a piece."""
        return pq.read_table(self._place(stretch) / f"{name}.parquet")

    def join(self, stretches: Sequence[Stretch], *, grid: Grid, folder: Path) -> None:
        """Write the tables of the whole into a folder, piece by piece: memory does not grow with their number."""
        for name in PARTS:
            write_parts(folder / f"{name}.parquet", (self.read(one, name) for one in stretches))
        write_parts(folder / "universes.parquet", (
            make_cells(derive_universes(grid, *(self.read(one, name).to_pandas()
                                                for name in ("definitions", "odds", "hazards"))))
            for one in stretches))  # fmt: skip

    def remove(self) -> None:
        """Remove all pieces, now that the whole is there; of other multiverses those that are older than a day."""
        for place in self._home.glob("*"):
            with suppress(OSError):  # another process may remove it, too
                if self._digest in place.name or is_old(place):
                    shutil.rmtree(place, ignore_errors=True)
        with suppress(OSError):  # another multiverse is still being made in this folder
            self._home.rmdir()


def write_parts(path: Path, parts: Iterator[pa.Table]) -> None:
    """Write tables of one shape under each other into one Parquet file, a row group each."""
    with ExitStack() as stack:
        writer: pq.ParquetWriter | None = None
        for part in parts:
            writer = writer or stack.enter_context(pq.ParquetWriter(path, part.schema))
            writer.write_table(part)


def make_cells(table: pd.DataFrame) -> pa.Table:
    """The table as Parquet keeps it: the number of the definition first, and the same types whatever it holds."""
    names = sorted(table.columns, key=lambda name: name != "definition")
    schema = pa.schema([pa.field(name, choose_type(name)) for name in names])
    return pa.Table.from_pandas(table[names], schema=schema, preserve_index=False)


def choose_type(name: str) -> pa.DataType:
    """The type of a column of results: lists, counts and numbers by their names, all others are words."""
    if name in _LISTS:
        return _LISTS[name]
    if name in _COUNTS or name.endswith("_n"):
        return pa.int64()
    return pa.float64() if name in _NUMBERS or name.endswith(("_low", "_high", "_p")) else pa.string()
