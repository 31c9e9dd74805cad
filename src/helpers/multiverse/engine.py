"""The multiverse, run: pieces spread over processors or a cluster, kept as they come, put together at the end."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

import pandas as pd

from helpers import schema
from helpers.multiverse.grid import Grid
from helpers.multiverse.measuring import Measurer, measure_stretch
from helpers.multiverse.payload import NOT_COUNTED
from helpers.multiverse.pieces import PIECES, Pieces, cut_stretches, make_cells, write_parts
from helpers.multiverse.results import RECORD, TABLES, Multiverse, read_multiverse, read_record
from helpers.multiverse.shuffles import PERMUTATIONS, SEED
from helpers.multiverse.shuffling import derive_blocks
from helpers.parameters import ParameterError, check_parameters
from helpers.project import from_project, hash_code
from helpers.run.folders import clear_leftovers, make_building_folder, remove_folder
from helpers.shared_tables import COHORT, SharedTables, Tables, identify
from helpers.spread import Bar, check_scheduler, run_tasks
from helpers.spread.place import list_versions

TIMES = "times.json"


def run_multiverse(
    grid: Grid, *, data_dir: str, folder: Path, workers: int, stream: TextIO, scheduler: str = "",
    permutations: int = PERMUTATIONS, seed: int = SEED,
) -> Multiverse:  # fmt: skip
    """Compute every universe of the grid, or go on where an earlier run stopped, and read what came out.

    As `compute_multiverse`, whose errors it raises.
    """
    compute_multiverse(grid, data_dir=data_dir, folder=folder, workers=workers, stream=stream, scheduler=scheduler,
                       permutations=permutations, seed=seed)  # fmt: skip
    return read_multiverse(folder)


def compute_multiverse(
    grid: Grid, *, data_dir: str, folder: Path, workers: int, stream: TextIO, scheduler: str = "",
    permutations: int = PERMUTATIONS, seed: int = SEED,
) -> None:  # fmt: skip
    """Compute every universe of the grid on the raw tables of a folder, going on where an earlier run stopped.

    Each piece is kept as soon as it is done; when all are, they become the tables of `Multiverse` in `folder`, and are
    removed; memory does not grow with their number. The same bytes come out whatever the number of workers, and
    whether they are processes of this machine or those of a cluster (`scheduler`). A finished multiverse of the same
    grid, data, code, permutations and seed is not made again, nor is one that another process finishes in the same
    folder meanwhile. Without permutations there is no null.

    Raises ParameterError for a folder that holds anything else, DataError for data that cannot be used or of more
    patients than a page can count, SchedulerError and ClusterLost as `run_tasks` does.
    """
    _check_folder(folder)
    clear_leftovers(folder)
    begun = time.monotonic()
    home = from_project(data_dir)
    made_of = _describe(grid, data_dir=data_dir, permutations=permutations, seed=seed)
    if _is_finished(folder, made_of["digest"]):
        return
    raw = schema.read_raw(home)
    _check_size(len(raw["patients"]))
    if scheduler:
        check_scheduler(scheduler)
    stretches = cut_stretches(len(grid.list_definitions()))
    pieces = Pieces(folder, digest=made_of["digest"])
    cohorts = derive_cohorts(grid, raw)
    measurer = Measurer(grid, raw, blocks=derive_blocks(cohorts), permutations=permutations, seed=seed)
    waiting = pieces.find_open(stretches)
    done = sum(stop - start for start, stop in stretches) - sum(stop - start for start, stop in waiting)
    if done and waiting:
        print(f"  {done} definitions were done before; going on from there", file=stream)
    meta = {**made_of, "grid_file": grid.file, "patients_n": len(cohorts[0]), "universes_n": grid.size,
            "definitions_n": len(grid.list_definitions()), "analyses_n": len(grid.list_analyses())}  # fmt: skip
    try:
        if waiting:
            _work(waiting, measurer=measurer, pieces=pieces, workers=workers, scheduler=scheduler, stream=stream)
        _finish(folder, pieces=pieces, grid=grid, cohort=cohorts[0], meta=meta)
    except OSError:
        if not _is_finished(folder, made_of["digest"]):
            raise
        pieces.remove()  # another process was first, and has removed what this one was reading or writing
        return
    _write_json(folder / TIMES, {"seconds": round(time.monotonic() - begun, 1), "workers": workers,
                                 "definitions_before": done})  # fmt: skip


def derive_cohorts(grid: Grid, raw: Tables) -> list[pd.DataFrame]:
    """The cohorts of a grid, each once, the study's own first."""
    tables, cohorts = SharedTables({"": raw}, keep=1), dict[tuple[str, ...], pd.DataFrame]()
    for code in grid.list_definitions():
        parameters = check_parameters(grid.values_of(grid.options_of(code + grid.list_analyses()[0]).values()))
        key = identify(parameters, COHORT)
        if key not in cohorts:
            cohorts[key] = tables.derive_cohort_tables(parameters, data="")["cohort"]
    return list(cohorts.values())


def _work(waiting: list[tuple[int, int]], *, measurer: Measurer, pieces: Pieces, workers: int, scheduler: str,
          stream: TextIO) -> None:  # fmt: skip
    bar = Bar(sum(stop - start for start, stop in waiting), stream)
    try:
        for stretch, tables in run_tasks(measure_stretch, waiting, workers=workers, scheduler=scheduler,
                                         shared=(measurer,)):  # fmt: skip
            pieces.write(stretch, tables)
            bar.advance(stretch[1] - stretch[0])
    finally:
        bar.close()


def describe_sources(grid: Grid, *, data_dir: str) -> dict[str, Any]:
    """All that the numbers of the universes follow from: grid, tables, code, versions of libraries, rules of one's own.

    The record of a finished multiverse holds the same, and what its null follows from besides.
    """
    rules = str(grid.everywhere.get("rules_file", ""))
    return {
        "grid": grid.describe(), "inputs": schema.hash_inputs(from_project(data_dir)), "code": hash_code(),
        "versions": list_versions(),
        "rules": hashlib.sha256(from_project(rules).read_bytes()).hexdigest() if rules else "",
    }  # fmt: skip


def _describe(grid: Grid, *, data_dir: str, permutations: int, seed: int) -> dict[str, Any]:
    """All that the results depend on, and a digest of it."""
    facts = {**describe_sources(grid, data_dir=data_dir), "permutations": permutations, "seed": seed}
    digest = hashlib.sha256(json.dumps(facts, sort_keys=False).encode()).hexdigest()
    return {"digest": digest, "data": data_dir, "synthetic": schema.is_synthetic(from_project(data_dir)), **facts}


def _is_finished(folder: Path, digest: str) -> bool:
    return bool(read_record(folder).get("digest") == digest)


def _check_size(patients_n: int) -> None:
    """Raise DataError where a count of patients could not be told from the sign for no count."""
    if patients_n >= NOT_COUNTED:
        raise schema.DataError(f"The tables hold {patients_n:,} patients, and the page of a multiverse can count "
                               f"{NOT_COUNTED - 1:,}: take fewer patients")


def _check_folder(folder: Path) -> None:
    """Raise ParameterError where the folder is none, or holds what no multiverse has written."""
    if folder.exists() and not folder.is_dir():
        raise ParameterError(f"{folder} is there and is no folder: choose another")
    ours = {PIECES, RECORD, TIMES, *(f"{name}.parquet" for name in TABLES)}
    found = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    others = [name for name in found if name not in ours and not name.startswith(".")]
    if others:
        raise ParameterError(f"{folder} holds {others[0]}, which is not of a multiverse: choose another folder")


def _finish(folder: Path, *, pieces: Pieces, grid: Grid, cohort: pd.DataFrame, meta: Mapping[str, Any]) -> None:
    """Put the pieces together aside, then into place, unless another process has just done so."""
    aside = make_building_folder(folder, name="whole")
    try:
        ids = sorted(cohort["patient_id"])
        write_parts(aside / "patients.parquet",
                    iter([make_cells(pd.DataFrame({"position": range(len(ids)), "patient_id": ids}))]))
        pieces.join(cut_stretches(len(grid.list_definitions())), grid=grid, folder=aside)
        _write_json(aside / RECORD, meta)
        if not _is_finished(folder, meta["digest"]):
            _put_in_place(aside, folder)
    finally:
        remove_folder(aside)
    pieces.remove()


def _put_in_place(aside: Path, folder: Path) -> None:
    """Move tables and record into a folder; the record goes first and comes last, so that a folder with it is whole."""
    (folder / RECORD).unlink(missing_ok=True)
    for name in (*(f"{table}.parquet" for table in TABLES), RECORD):
        (aside / name).replace(folder / name)


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
