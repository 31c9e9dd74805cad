"""What simulated cohorts with a known truth say of the estimators: the bench's table, as the page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.exhibits import MISSING
from helpers.wording import format_number, format_percent

HEADINGS = {
    "label": "Estimator", "measure": "Measure", "truth": "Truth", "mean": "Mean", "bias": "Bias",
    "mc_error": "Monte Carlo error", "coverage": "Coverage of 95\u202f% intervals",
    "coverage_mc_error": "Monte Carlo error of coverage", "rejects": "Rejects at 5\u202f%",
    "recommended": "Recommended here", "verdict": "Verdict", "cohorts": "Cohorts",
}  # fmt: skip
_SHARES = ("coverage", "coverage_mc_error", "rejects")


@dataclass(frozen=True)
class Evidence:
    """The bench's table: the headings of its columns, and its rows in print by scenario."""

    headings: tuple[str, ...]
    scenarios: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]


def read_evidence(path: Path) -> Evidence:
    """The table as the page shows it, one group of rows per scenario, with the columns that it has.

    A column that nobody foresaw keeps its name, in words; `estimator` is left out where there is a label.
    """
    table = pd.read_csv(path, keep_default_na=False, na_values=[""])  # a scenario may be called "null"
    hidden = {"scenario"} | ({"estimator"} if "label" in table else set())
    columns = [name for name in map(str, table.columns) if name not in hidden]
    columns.sort(key=lambda name: name not in ("label", "estimator"))
    scenario = table["scenario"].astype(str) if "scenario" in table else pd.Series("all", index=table.index)
    rows = [tuple(print_fact(row[column], column=column) for column in columns) for row in table.to_dict("records")]
    names = [str(name).replace("_", " ").capitalize() for name in scenario]
    pairs = list(zip(rows, names, strict=True))
    each = {name: tuple(row for row, of in pairs if of == name) for name in dict.fromkeys(names)}
    return Evidence(
        headings=tuple(HEADINGS.get(name, name.replace("_", " ").capitalize()) for name in columns),
        scenarios=tuple(each.items()),
    )


def print_fact(value: Any, *, column: str) -> str:
    """One cell: shares as percentages, true and false as yes and no, the missing as a dash.

    >>> print_fact(0.951, column="coverage"), print_fact(True, column="recommended"), print_fact(None, column="bias")
    ('95.1\u202f%', 'yes', '–')
    """
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return MISSING
    if isinstance(value, bool) or str(value) in ("True", "False"):
        return "yes" if str(value) == "True" else "no"
    if isinstance(value, str):
        return value
    return format_percent(float(value)) if column in _SHARES else format_number(float(value))
