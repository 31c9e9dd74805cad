"""The whole bench in one call: cohorts, summary, and the two files that are kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TextIO

import pandas as pd

from helpers.evidence.bench import BenchError as BenchError
from helpers.evidence.bench import read_records, run_bench
from helpers.evidence.page import describe_evidence, say_evidence
from helpers.evidence.summary import confirm_verdicts, list_doubtful, summarise_evidence

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


def gather_evidence(
    folder: Path, *, cohorts: int, size: int, workers: int, seed: int, stream: TextIO, scheduler: str = ""
) -> Evidence:
    """Run what is still open of the bench in `folder`, and summarise all of it.

    Recommended estimators that are not as promised, though nothing was broken, are looked at again in as many fresh
    cohorts (the next seed; folder "second"). Raises BenchError where the folder holds results of something else. A
    bench that was stopped goes on where it was.
    """
    run = partial(run_bench, cohorts=cohorts, size=size, workers=workers, scheduler=scheduler, stream=stream)
    run(folder, seed=seed)
    records = read_records(folder, cohorts=cohorts)
    summary = summarise_evidence(records, cohorts=cohorts)
    plan = _plan_second_look(list_doubtful(summary), records)
    if plan:
        print("  looking again, in fresh cohorts, at what is not as promised", file=stream)
        second = folder / "second"
        run(second, seed=seed + 1, families=plan)
        found = summarise_evidence(read_records(second, cohorts=cohorts), cohorts=cohorts)
        summary = confirm_verdicts(summary, found)
    command = f"python -m helpers evidence --cohorts {cohorts} --size {size} --seed {seed} --store"
    return Evidence(summary, describe_evidence(summary, size=size, command=command))


def _plan_second_look(doubtful: list[tuple[str, str]], records: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """The families, by scenario, that hold the estimators in doubt."""
    families = records.groupby(["scenario", "estimator"])["family"].first()
    plan: dict[str, tuple[str, ...]] = {}
    for scenario, estimator in doubtful:
        plan[scenario] = tuple(dict.fromkeys((*plan.get(scenario, ()), str(families.loc[(scenario, estimator)]))))
    return plan


def store_evidence(evidence: Evidence, folder: Path) -> list[Path]:
    """Write evidence.csv and evidence.md into a folder; the paths."""
    texts = {TABLE: evidence.summary.round(5).to_csv(index=False), PAGE: evidence.page}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return [folder / name for name in texts]
