"""The whole bench in one call: cohorts, summary, and the two files that are kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import pandas as pd

from helpers.evidence.bench import BenchError as BenchError
from helpers.evidence.bench import read_records, run_bench
from helpers.evidence.page import describe_evidence, say_evidence
from helpers.evidence.summary import summarise_evidence

TABLE, PAGE = "evidence.csv", "evidence.md"


@dataclass(frozen=True)
class Evidence:
    """What a bench has found: the summary, one row per scenario and estimator, and its page."""

    summary: pd.DataFrame
    page: str

    @property
    def sentences(self) -> list[str]:
        """The bottom line."""
        return say_evidence(self.summary)


def gather_evidence(folder: Path, *, cohorts: int, size: int, workers: int, seed: int, stream: TextIO) -> Evidence:
    """Run what is still open of the bench in `folder`, and summarise all of it.

    Raises BenchError where the folder holds results of something else. A bench that was stopped goes on where it was.
    """
    run_bench(folder, cohorts=cohorts, size=size, workers=workers, seed=seed, stream=stream)
    summary = summarise_evidence(read_records(folder, cohorts=cohorts), cohorts=cohorts)
    command = f"python -m helpers evidence --cohorts {cohorts} --size {size} --seed {seed} --store"
    return Evidence(summary, describe_evidence(summary, size=size, command=command))


def store_evidence(evidence: Evidence, folder: Path) -> list[Path]:
    """Write evidence.csv and evidence.md into a folder; the paths."""
    texts = {TABLE: evidence.summary.round(5).to_csv(index=False), PAGE: evidence.page}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return [folder / name for name in texts]
