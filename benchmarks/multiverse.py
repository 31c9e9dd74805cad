"""How fast the multiverse is, on one core and on two, and how much memory it takes as it grows.

`python -m benchmarks multiverse` runs the shipped grid on one worker and on two, and two grids of about a thousand and
ten thousand universes, each in a process of its own: its memory is then nobody else's. The naive way is one run of
papermill and nbconvert on the five notebooks for every universe; one is timed. Not for Windows, which does not tell
the peak memory in this way.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from helpers.multiverse import read_grid
from helpers.multiverse.engine import compute_multiverse
from helpers.multiverse.grid import Grid
from helpers.project import ONE_THREAD

SIZES = (28, 278)
"""Definitions of the grids that memory is measured on: with 36 analyses, about 10³ and 10⁴ universes."""


def measure(rounds: int) -> dict[str, Any]:
    """The shipped grid so often by one worker and by two, the medians; and once each, memory at two sizes.

    Speeds are universes per second of a whole run, from reading the data to the last table, and fits that differ.
    """
    from benchmarks.report import run_plainly  # this file is a script, too, that stands alone

    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        run_plainly(Path(folder))
    naive = time.perf_counter() - begun
    grid = read_grid()
    size, analyses = len(grid.list_definitions()), len(grid.list_analyses())
    runs = {workers: [run_apart(workers=workers, definitions=size) for _ in range(rounds)] for workers in (1, 2)}
    seconds = {workers: statistics.median(run["seconds"] for run in runs[workers]) for workers in runs}
    memory = {few * analyses: run_apart(workers=2, definitions=few) for few in SIZES}
    return {"runs": runs, "memory": memory, "figures": {
        "universes": grid.size, "seconds_one_core": round(seconds[1], 1), "seconds_two_cores": round(seconds[2], 1),
        "universes_per_second_one_core": round(grid.size / seconds[1], 1),
        "universes_per_second_two_cores": round(grid.size / seconds[2], 1),
        "fits_per_second_two_cores": round(runs[2][0]["fits"] / seconds[2], 1),
        "naive_seconds_per_universe": round(naive, 1), "times_the_naive_way": round(grid.size / seconds[2] * naive),
        **{f"{part}_mb_at_{universes}_universes": round(run[f"{part}_mb"])
           for universes, run in memory.items() for part in ("parent", "worker")},
    }}  # fmt: skip


def run_apart(*, workers: int, definitions: int) -> dict[str, float]:
    """One run in a process of its own, and what it says of itself."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([sys.executable, __file__, folder, str(workers), str(definitions)], check=True,
                              capture_output=True, text=True, env={**os.environ, **ONE_THREAD})  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


class FirstDefinitions(Grid):
    """A grid that ends after so many of its definitions."""

    def list_definitions(self) -> tuple[str, ...]:
        """The first of them, in grid order."""
        return super().list_definitions()[: int(os.environ["DEFINITIONS"])]


def run_here(folder: Path, *, workers: int, definitions: int) -> None:
    """One run, and a line with its seconds, its peak memory (MB) and the number of distinct fits."""
    os.environ["DEFINITIONS"] = str(definitions)
    shipped = read_grid()
    grid = FirstDefinitions(shipped.decisions, shipped.constraints, shipped.everywhere)
    begun = time.perf_counter()
    compute_multiverse(grid, data_dir="data/raw", folder=folder, workers=workers, stream=sys.stderr)
    seconds = time.perf_counter() - begun
    own, workers_own = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    models = pq.read_table(folder / "odds.parquet", columns=["definition", "covariates", "estimator"]).to_pandas()
    fits = len(models.drop_duplicates()) + pq.read_metadata(folder / "hazards.parquet").num_rows
    print(json.dumps({
        "seconds": seconds, "fits": fits, "parent_mb": own.ru_maxrss / 1024, "worker_mb": workers_own.ru_maxrss / 1024,
        "cpu_seconds": sum(used.ru_utime + used.ru_stime for used in (own, workers_own)),
    }))  # fmt: skip


if __name__ == "__main__":
    run_here(Path(sys.argv[1]) / "run", workers=int(sys.argv[2]), definitions=int(sys.argv[3]))
