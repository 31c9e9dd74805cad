"""How long and how much memory it takes to simulate many patients: `python benchmarks/simulate.py 100000`."""

from __future__ import annotations

import sys
import time

from helpers.synthetic import simulate_cohort

try:
    import resource  # not on Windows
except ImportError:
    resource = None  # type: ignore[assignment]


def measure(patients: int) -> str:
    """One line: seconds on the clock and of the processor, size of the tables and peak memory of the process."""
    start, begun = time.perf_counter(), time.process_time()
    tables = simulate_cohort(n=patients, seed=1)
    seconds, busy = time.perf_counter() - start, time.process_time() - begun
    size = sum(int(table.memory_usage().sum()) for table in tables.values()) / 1e6
    rows = ", ".join(f"{len(table):,} {name}" for name, table in tables.items())
    peak = ""
    if resource is not None:
        unit = 1e6 if sys.platform == "darwin" else 1e3  # bytes there, kilobytes elsewhere
        peak = f", peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit:,.0f} MB"
    return f"{patients:,} patients in {seconds:.1f} s ({busy:.1f} s of one core); {rows}; tables {size:,.0f} MB{peak}"


if __name__ == "__main__":
    print(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
