"""Every benchmark, or those named: `python -m benchmarks [NAME ...] [--rounds N]`; figures are printed and kept.

A benchmark is a module of this folder with a function `measure(rounds)`. What it returns is kept in
`benchmarks/results/<name>.json` with the day and the machine; what stands under `figures` is printed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Mapping
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def list_benchmarks() -> list[str]:
    """The names of all benchmarks."""
    return sorted(path.stem for path in HERE.glob("[a-z]*.py") if "def measure(" in path.read_text(encoding="utf-8"))


def run_benchmark(name: str, *, rounds: int) -> dict[str, Any]:
    """What a benchmark measures, with the day and the machine."""
    found = import_module(f"benchmarks.{name}").measure(rounds)
    return {"benchmark": name, "date": date.today().isoformat(), "rounds": rounds, "cores": count_cores(),
            "python": platform.python_version(), "system": f"{platform.system()} {platform.machine()}",
            **found}  # fmt: skip


def count_cores() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def keep_results(found: Mapping[str, Any]) -> Path:
    """Write what was measured to its file, and return its place."""
    path = HERE / "results" / f"{found['benchmark']}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8", newline="\n")
    return path


def describe_results(found: Mapping[str, Any]) -> str:
    """A heading and a line for each figure."""
    lines = [f"  {name:<40}{value:>12,}" for name, value in found["figures"].items()]
    heading = (f"{found['benchmark']}: {found['rounds']} rounds, {found['cores']} cores, Python {found['python']}, "
               f"{found['system']}, {found['date']}")
    return "\n".join([heading, *lines])


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", default=[], help=f"one of {', '.join(list_benchmarks())}")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="how often each is measured (default: 3)")
    options = parser.parse_args()
    unknown = set(options.names) - set(list_benchmarks())
    if unknown or options.rounds < 1:
        parser.error(f"there is no benchmark {', '.join(unknown)}" if unknown else "--rounds must be at least 1")
    for name in options.names or list_benchmarks():
        found = run_benchmark(name, rounds=options.rounds)
        print(describe_results(found), f"kept in {keep_results(found)}\n", sep="\n", flush=True)


if __name__ == "__main__":
    main()
