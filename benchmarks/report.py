"""How long a run takes, first, again with a late parameter changed, and again unchanged, against plain papermill.

Plain is what a user would do otherwise: papermill on the five notebooks one after the other, and nbconvert for each.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from helpers.parameters import ALL
from helpers.project import ONE_THREAD, PROJECT

LATE = ("-p", "landmark_months=12")
"""A parameter that the fourth notebook reads alone."""

COMPARED = {"full run / plain": ("full run", "plain"), "late parameter / full run": ("late parameter", "full run"),
            "nothing changed / full run": ("nothing changed", "full run")}  # fmt: skip


def run_fully(folder: Path) -> None:
    """One command, one page; nothing is there to be taken from an earlier run."""
    call_study(folder)


def run_late_parameter(folder: Path) -> None:
    """The same with a late parameter changed, after a full run."""
    call_study(folder, *LATE)


def run_again(folder: Path) -> None:
    """The same with nothing changed, after a full run."""
    call_study(folder)


def run_plainly(folder: Path) -> None:
    """Execute each notebook, then turn each into a page."""
    for name in ALL:
        executed = folder / f"{name}.ipynb"
        call("-m", "papermill", "--no-progress-bar", "--cwd", "notebooks", f"notebooks/{name}.ipynb", str(executed),
             "-p", "derived_dir", str(folder / "plain"))
        call("-m", "nbconvert", "--to", "html", str(executed))


WAYS: dict[str, Callable[[Path], None]] = {
    "full run": run_fully, "late parameter": run_late_parameter, "nothing changed": run_again, "plain": run_plainly}
"""In the order in which they are timed: the second and the third stand on what the first leaves."""


def call_study(folder: Path, *arguments: str) -> None:
    """Run the study with its folders in `folder`."""
    call("-m", "helpers", "run", "--reports", str(folder / "reports"), "--derived", str(folder / "derived"), *arguments)


def call(*arguments: str) -> None:
    """Run this Python with these arguments; raises CalledProcessError when it fails."""
    subprocess.run([sys.executable, *arguments], cwd=PROJECT, check=True, capture_output=True,
                   env={**os.environ, **ONE_THREAD})


def measure(rounds: int) -> dict[str, Any]:
    """Seconds of each way, timed in turn, with their medians, and the ratios of the ways of one round."""
    taken: dict[str, list[float]] = {name: [] for name in WAYS}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            for name, way in WAYS.items():
                begun = time.perf_counter()
                way(Path(folder))
                taken[name].append(round(time.perf_counter() - begun, 2))
    medians = {f"{name}, s": round(statistics.median(seconds), 2) for name, seconds in taken.items()}
    ratios = {label: round(statistics.median(one / other for one, other in zip(taken[a], taken[b], strict=True)), 3)
              for label, (a, b) in COMPARED.items()}  # fmt: skip
    return {"figures": {**medians, **ratios}, "seconds": taken}
