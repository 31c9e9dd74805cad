"""The report of a bench as plain Markdown: what was planted, what was found, and who does not keep the promise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd

from helpers.evidence.lines import BROKEN, TEST
from helpers.evidence.scenarios import SCENARIOS, Scenario
from helpers.evidence.summary import GOOD, NEVER, flag_judged

_INTRODUCTION = """# Evidence that the estimators do what they say

Made cohorts whose truth is planted and known, every headline estimator of the study on each of them, and the naive
ones beside. Written by `{command}`; do not edit. Cohorts per scenario: {cohorts:,}, patients per cohort: {size}.
The same numbers stand in `evidence.csv`.

How to read a row. **Truth** is what a study without end would find. **Mean** and **bias** are over the cohorts; ratios
are averaged as logarithms and printed as ratios, their bias stays a logarithm. **SD** is how far estimates really
spread over the cohorts, **SE** what the method states. **Coverage** is the share of 95 % intervals that hold the
truth, with its Monte Carlo error; a method "covers" when that share lies within 1.96 Monte Carlo errors of 95 %.
**Rejects** is the share of cohorts with p below 0.05: where there is nothing to find, the type I error, elsewhere the
power; a conclusion that promises at most 5 % keeps its level when it errs more rarely still. Estimators that the study
recommends are marked with a dot (●); the others are what it warns of, or shows beside.
"""

_LIMITS = """
## What this cannot tell you

- The cohorts are simpler than patients: constant hazards by stretches, an end of follow-up that has nothing to do with
  the disease, no visits, no measurement noise but the wrong labels planted on purpose. An estimator that fails here
  fails; one that holds here may still fail on real records, for a reason that was not planted.
- A truth is planted for each scenario by itself. What several broken assumptions do together was not tried.
- Judged against 95 %, one row in twenty falls outside by chance where nothing is wrong. Recommended rows that do are
  looked at again in as many fresh cohorts, and the reason says what those found; the verdict stays that of the first.
- Tests are judged where there is nothing to find. Their power is that of the planted effects, and of no others.
"""

_RATIOS = ("log hazard ratio", "log subdistribution hazard ratio", "log odds ratio")
_HEAD = ("", "Estimator", "Measure", "Truth", "Mean", "Bias", "SD", "SE", "Coverage", "Rejects", "No estimate",
         "Verdict")  # fmt: skip


def describe_evidence(summary: pd.DataFrame, *, size: int, command: str) -> str:
    """The page: introduction, what to take home, the recommended estimators that fall short, a table per scenario."""
    rows = [{str(name): value for name, value in row.items()} for row in summary.to_dict("records")]
    parts = [_INTRODUCTION.format(command=command, cohorts=int(summary["cohorts"].max()), size=size),
             "## In short\n", " ".join(say_evidence(summary)),
             "\n## Recommended, and not as promised\n", _describe_short(rows),
             "\n## Not recommended, and wrong\n", _list_verdicts(rows)]
    for name, scenario in SCENARIOS.items():
        own = [row for row in rows if row["scenario"] == name]
        if own:
            parts += [f"\n## Scenario {name}\n", f"{scenario.words}\n", f"Planted: {_list_planted(scenario)}.\n",
                      _tabulate(own)]  # fmt: skip
    return "\n".join([*parts, _LIMITS])


def say_evidence(summary: pd.DataFrame) -> list[str]:
    """The bottom line: how many recommended estimators are as promised, why others are not, and which ones remain.

    >>> row = {"recommended": True, "verdict": "covers", "label": "Cox model", "scenario": "no_harm", "again": "",
    ...        "estimator": "time_dependent_cox"}
    >>> print(*say_evidence(pd.DataFrame([row, {**row, "verdict": "covers less than it says"}])), sep="\\n")
    Of 2 judgements of recommended estimators, 1 is as promised.
    Of the rest, 0 met an assumption broken on purpose, 0 were not seen again in fresh cohorts, 1 remains: \
Cox model (no_harm).
    """
    judged = summary.loc[flag_judged(summary)]
    short = judged.loc[~judged["verdict"].isin(GOOD)]
    good = len(judged) - len(short)
    first = f"Of {len(judged)} judgements of recommended estimators, {good} {'is' if good == 1 else 'are'} as promised."
    if short.empty:
        return [first]
    is_broken = pd.Series([pair in BROKEN for pair in zip(short["scenario"], short["estimator"], strict=True)],
                          index=short.index)  # fmt: skip
    is_gone = short["again"].isin(GOOD)
    left = short.loc[~is_broken & ~is_gone]
    names = ", ".join(left["label"] + " (" + left["scenario"] + ")")
    return [first, f"Of the rest, {is_broken.sum()} met an assumption broken on purpose, {is_gone.sum()} "
            f"{'was' if is_gone.sum() == 1 else 'were'} not seen again in fresh cohorts, {len(left)} "
            f"{'remains' if len(left) == 1 else 'remain'}{': ' + names if names else ''}."]  # fmt: skip


def _list_verdicts(rows: Sequence[Mapping[str, Any]]) -> str:
    """The estimators that the study warns of, each where it goes wrong."""
    return "\n".join(f"- {row['label']} ({row['scenario']}) {_say(row)}." for row in rows
                     if not row["recommended"] and row["verdict"] not in (*GOOD, NEVER)) + "\n"  # fmt: skip


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
