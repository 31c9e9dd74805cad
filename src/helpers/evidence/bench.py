"""The bench: many cohorts, every estimator, results kept piece by piece so that a stopped bench goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import pandas as pd

from helpers.evidence.code import digest_family
from helpers.evidence.records import Record
from helpers.evidence.scenarios import SCENARIOS
from helpers.spread import Bar, run_tasks

PIECE = 10
"""Cohorts in one piece of work: some seconds, and what is lost at most per worker when the machine stops."""

MANIFEST = "manifest.json"


class BenchError(ValueError):
    """The folder holds results that do not go with what is asked for."""


@dataclass(frozen=True)
class Piece:
    """A stretch of cohorts of one scenario, and the families of estimators that are still to be tried on it."""

    scenario: str
    families: tuple[str, ...]
    start: int
    stop: int
    size: int
    seed: int


def measure_piece(piece: Piece) -> dict[str, list[Record]]:
    """The records of each family on each cohort of a piece; each carries the number of its cohort.

    An estimator that raises where it should have answered "missing" stops the bench and names the cohort.
    """
    scenario = SCENARIOS[piece.scenario]
    found: dict[str, list[Record]] = {family: [] for family in piece.families}
    for cohort in range(piece.start, piece.stop):
        tables = scenario.simulate(cohort=cohort, size=piece.size, seed=piece.seed)
        for family in piece.families:
            try:
                records = scenario.measure(family, tables)
            except Exception as problem:
                raise RuntimeError(f"{family} failed on cohort {cohort} of {piece.scenario}: {problem!r}") from problem
            found[family] += [{"cohort": cohort, **one} for one in records]
    return found


def run_bench(
    folder: Path, *, cohorts: int, size: int, workers: int, seed: int, stream: TextIO,
    scheduler: str = "", families: Mapping[str, tuple[str, ...]] | None = None,
) -> None:  # fmt: skip
    """Fill the folder with the results of every scenario, going on where an earlier bench stopped.

    One JSON-lines file per scenario, family and piece, in a folder named after the digest of the code that made it,
    moved into place only when whole. The same bytes come out whatever the number of workers, and whether they are
    processes of this machine or those of a cluster (`scheduler`). More cohorts than before add to what is there. A
    family whose code has changed since is measured anew, beside its older results, which no summary reads; another
    seed or size is refused (BenchError).
    """
    plan = dict(families or {name: scenario.families for name, scenario in SCENARIOS.items()})
    _prepare(folder, plan=plan, size=size, seed=seed, stream=stream)
    pieces = list(find_open_pieces(folder, plan=plan, cohorts=cohorts, size=size, seed=seed))
    if not pieces:
        return
    bar = Bar(sum((piece.stop - piece.start) * len(piece.families) for piece in pieces), stream)
    try:
        for piece, found in run_tasks(measure_piece, pieces, workers=workers, scheduler=scheduler):
            for family, records in found.items():
                _write(_path(folder, piece.scenario, family, piece.start, piece.stop), records)
            bar.advance((piece.stop - piece.start) * len(piece.families))
    finally:
        bar.close()


def find_open_pieces(
    folder: Path, *, plan: Mapping[str, tuple[str, ...]], cohorts: int, size: int, seed: int
) -> Iterator[Piece]:
    """What is still to be done, in the order in which it is begun: all scenarios advance together."""
    for start, stop in _stretches(cohorts):
        for scenario, families in plan.items():
            missing = tuple(one for one in families if not _path(folder, scenario, one, start, stop).exists())
            if missing:
                yield Piece(scenario, missing, start, stop, size, seed)


def read_records(folder: Path, *, cohorts: int) -> pd.DataFrame:
    """All records of the first `cohorts` cohorts: scenario, family, cohort, and the fields of `record`."""
    rows: list[dict[str, Any]] = []
    for name, scenario in SCENARIOS.items():
        for family in scenario.families:
            for start, stop in _stretches(cohorts):
                path = _path(folder, name, family, start, stop)
                if path.exists():
                    lines = path.read_text(encoding="utf-8").splitlines()
                    rows += [{"scenario": name, "family": family, **json.loads(line)} for line in lines]
    table = pd.DataFrame(rows)
    numbers = ["estimate", "error", "low", "high", "p", "truth", "events"]
    return table.astype(dict.fromkeys(numbers, float)) if rows else table


def _stretches(cohorts: int) -> list[tuple[int, int]]:
    return [(start, min(start + PIECE, cohorts)) for start in range(0, cohorts, PIECE)]


def _path(folder: Path, scenario: str, family: str, start: int, stop: int) -> Path:
    return folder / scenario / family / digest_family(scenario, family) / f"{start:06d}-{stop:06d}.jsonl"


def _write(path: Path, records: list[Record]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8", newline="\n")
    unfinished.replace(path)


def _prepare(folder: Path, *, plan: Mapping[str, tuple[str, ...]], size: int, seed: int, stream: TextIO) -> None:
    """Hold the folder against what is asked for, say what other code has made, write the manifest."""
    manifest = folder / MANIFEST
    if folder.exists() and not manifest.exists() and any(folder.iterdir()):
        raise BenchError(f"{folder} holds files that are not of a bench: choose an empty or a new folder")
    asked = {"size": size, "seed": seed, "piece": PIECE}
    found = json.loads(manifest.read_text(encoding="utf-8")) if manifest.exists() else asked
    if found != asked:
        raise BenchError(f"{folder} holds cohorts of {found['size']} patients from seed {found['seed']}: "
                         "ask for the same, or choose another folder")  # fmt: skip
    for scenario, families in plan.items():
        for family in families:
            own = folder / scenario / family
            if own.exists() and not (own / digest_family(scenario, family)).exists():
                print(f"  {scenario}/{family}: the code has changed since; made anew", file=stream)
    folder.mkdir(parents=True, exist_ok=True)
    manifest.write_text(json.dumps(asked) + "\n", encoding="utf-8", newline="\n")
