"""How long and how much memory it takes to simulate 100,000 patients."""

from __future__ import annotations

import statistics
import sys
import time
from typing import Any

from helpers.synthetic import simulate_cohort

try:
    import resource  # not on Windows
except ImportError:
    resource = None  # type: ignore[assignment]

PATIENTS = 100_000


def measure(rounds: int) -> dict[str, Any]:
    """Median seconds on the clock and of the processor, rows and size of the tables, peak memory of this process."""
    clock, busy = [], []
    for _ in range(rounds):
        start, begun = time.perf_counter(), time.process_time()
        tables = simulate_cohort(n=PATIENTS, seed=1)
        clock.append(time.perf_counter() - start)
        busy.append(time.process_time() - begun)
    size = sum(int(table.memory_usage().sum()) for table in tables.values()) / 1e6
    figures = {"patients": PATIENTS, "seconds": round(statistics.median(clock), 1),
               "seconds of one core": round(statistics.median(busy), 1), "tables, MB": round(size)}  # fmt: skip
    if resource is not None:
        unit = 1e6 if sys.platform == "darwin" else 1e3  # bytes there, kilobytes elsewhere
        figures["peak memory, MB"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit)
    return {"figures": figures, "rows": {name: len(table) for name, table in tables.items()}}
