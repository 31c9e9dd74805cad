"""The report of a bench as plain Markdown: what was planted, what was found, and who does not keep the promise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd

from helpers.evidence.lines import TEST
from helpers.evidence.scenarios import SCENARIOS, Scenario
from helpers.evidence.summary import GOOD, POWER

_INTRODUCTION = """# Evidence that the estimators do what they say

Made cohorts whose truth is planted and known, every headline estimator of the study on each of them, and the naive
ones beside. Written by `{command}`; do not edit. Cohorts per scenario: {cohorts:,}, patients per cohort: {size}.
The same numbers stand in `evidence.csv`.

How to read a row. **Truth** is what a study without end would find. **Mean** and **bias** are over the cohorts; ratios
are averaged as logarithms and printed as ratios, their bias stays a logarithm. **SD** is how far estimates really
spread over the cohorts, **SE** what the method states. **Coverage** is the share of 95 % intervals that hold the
truth, with its Monte Carlo error; a method "covers" when that share lies within 1.96 Monte Carlo errors of 95 %.
**Rejects** is the share of cohorts with p below 0.05: where there is nothing to find, the type I error, elsewhere the
power. Estimators that the study recommends are marked with a dot (●); the others are what it warns of, or shows beside.
"""

_RATIOS = ("log hazard ratio", "log subdistribution hazard ratio", "log odds ratio")
_HEAD = ("", "Estimator", "Measure", "Truth", "Mean", "Bias", "SD", "SE", "Coverage", "Rejects", "No estimate",
         "Verdict")  # fmt: skip


def describe_evidence(summary: pd.DataFrame, *, size: int, command: str) -> str:
    """The page: introduction, what to take home, the recommended estimators that fall short, a table per scenario."""
    rows = [{str(name): value for name, value in row.items()} for row in summary.to_dict("records")]
    parts = [_INTRODUCTION.format(command=command, cohorts=int(summary["cohorts"].max()), size=size),
             "## In short\n", say_evidence(summary)[0],
             "\n## Recommended, and not as promised\n", _describe_short(rows),
             "\n## Not recommended, and wrong\n", _list_verdicts(rows)]
    for name, scenario in SCENARIOS.items():
        own = [row for row in rows if row["scenario"] == name]
        if own:
            parts += [f"\n## Scenario {name}\n", f"{scenario.words}\n", f"Planted: {_list_planted(scenario)}.\n",
                      _tabulate(own)]  # fmt: skip
    return "\n".join(parts)


def say_evidence(summary: pd.DataFrame) -> list[str]:
    """The bottom line in one or two sentences: how many recommended estimators are as promised, and which are not.

    >>> row = {"recommended": True, "verdict": "covers", "label": "Cox model", "scenario": "null"}
    >>> say_evidence(pd.DataFrame([row, {**row, "verdict": "covers less than it says"}]))[1]
    'Not as promised: Cox model (null).'
    """
    judged = summary.loc[summary["recommended"] & summary["verdict"].ne(POWER)]
    short = judged.loc[~judged["verdict"].isin(GOOD)]
    names = ", ".join(short["label"] + " (" + short["scenario"] + ")")
    first = f"Of {len(judged)} judgements of recommended estimators, {len(judged) - len(short)} are as promised."
    return [first, f"Not as promised: {names}."] if names else [first]


def _list_verdicts(rows: Sequence[Mapping[str, Any]]) -> str:
    """The estimators that the study warns of, each where it goes wrong."""
    return "\n".join(f"- {row['label']} ({row['scenario']}) {_say(row)}." for row in rows
                     if not row["recommended"] and row["verdict"] not in GOOD) + "\n"  # fmt: skip


def _say(row: Mapping[str, Any]) -> str:
    if row["measure"] == TEST:
        return f"{row['verdict']}: p below 0.05 in {_percent(row['rejects'], 0)} of the cohorts, with nothing to find"
    found = f"finds {_number(row, 'mean')} on average where {_number(row, 'truth')} is true"
    share = row["coverage"]
    return found + ("" if np.isnan(share) else f"; its 95 % interval holds that in {_percent(share, 0)}")


def _describe_short(rows: Sequence[Mapping[str, Any]]) -> str:
    short = [row for row in rows if row["recommended"] and row["verdict"] not in GOOD]
    return "\n".join(
        f"- {row['label']} ({row['scenario']}): {row['verdict']}{_with_share(row)}. Why: {row['reason']}."
        for row in short
    ) or "None."  # fmt: skip


def _with_share(row: Mapping[str, Any]) -> str:
    share = row["rejects"] if row["measure"] == TEST else row["coverage"]
    return f" ({_percent(share, 1)})" if np.isfinite(share) else ""


def _list_planted(scenario: Scenario) -> str:
    """The planted numbers by name, as they stand in the code."""
    values = ((field.name, getattr(scenario.planted, field.name)) for field in fields(scenario.planted))
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in values
                     if value is not None and value != np.inf)  # fmt: skip


def _tabulate(rows: Sequence[Mapping[str, Any]]) -> str:
    lines = [_HEAD, ["---"] * len(_HEAD)]
    for row in rows:
        covered = f"{_percent(row['coverage'], 1)} ± {_percent(row['coverage_mc_error'], 1)}"
        lines.append([
            "●" if row["recommended"] else "", row["label"], row["measure"].removeprefix("log "),
            _number(row, "truth"), _number(row, "mean"),
            *(_plain(row[name], row) for name in ("bias", "sd", "mean_error")),
            "" if np.isnan(row["coverage"]) else covered, _percent(row["rejects"], 1),
            _percent(row["missing"], 1) if row["missing"] > 0.0005 else "", row["verdict"],
        ])  # fmt: skip
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _number(row: Mapping[str, Any], name: str) -> str:
    value = np.exp(row[name]) if row["measure"] in _RATIOS else row[name]
    return _plain(value, row)


def _plain(value: float, row: Mapping[str, Any]) -> str:
    if row["measure"] == TEST or np.isnan(value):
        return ""
    return f"{value:.3f}" if row["measure"] in ("share", "area under the curve") else f"{value:.2f}"


def _percent(share: float, places: int) -> str:
    return "" if np.isnan(share) else f"{100 * share:.{places}f} %"
