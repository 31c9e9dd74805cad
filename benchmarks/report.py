"""How long a whole run takes, against papermill and nbconvert on the five notebooks one after the other.

`python benchmarks/report.py 3` times both three times, in turn, and prints the medians and their ratio.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from helpers.parameters import ALL
from helpers.project import PROJECT


def run_study(folder: Path) -> None:
    """The study's own way: one command, one page."""
    call("-m", "helpers", "run", "--name", "bench", "--reports", str(folder / "reports"),
         "--derived", str(folder / "derived"))


def run_plainly(folder: Path) -> None:
    """What a user would do otherwise: execute each notebook, then turn each into a page."""
    for name in ALL:
        executed = folder / f"{name}.ipynb"
        call("-m", "papermill", "--no-progress-bar", "--cwd", "notebooks", f"notebooks/{name}.ipynb", str(executed),
             "-p", "derived_dir", str(folder / "plain"))
        call("-m", "nbconvert", "--to", "html", str(executed))


def call(*arguments: str) -> None:
    """Run this Python with these arguments; raises CalledProcessError when it fails."""
    single = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    subprocess.run([sys.executable, *arguments], cwd=PROJECT, check=True, capture_output=True,
                   env={**os.environ, **single})


def main(rounds: int) -> None:
    """Time both ways in turn and print what came out."""
    taken: dict[str, list[float]] = {"study": [], "plain": []}
    for _ in range(rounds):
        for name, way in (("study", run_study), ("plain", run_plainly)):
            with tempfile.TemporaryDirectory() as folder:
                begun = time.perf_counter()
                way(Path(folder))
                taken[name].append(time.perf_counter() - begun)
    middle = {name: statistics.median(seconds) for name, seconds in taken.items()}
    ratios = sorted(one / other for one, other in zip(taken["study"], taken["plain"], strict=True))
    print(f"whole run: {middle['study']:.1f} s; papermill and nbconvert, five notebooks: {middle['plain']:.1f} s")
    print(f"ratio: {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}, {rounds} rounds)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
