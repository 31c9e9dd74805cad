"""One patient's trace in two runs, row beside row: what was measured, what was asked, whether it was met."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from helpers.answers import answer_where, is_false, is_true
from helpers.cohort.selection import EXCLUSIONS
from helpers.exhibits import MISSING
from helpers.labelling.trace import NOT_ASKED
from helpers.wording import format_number

_FACTS = {
    "index_biopsy_date": "Index biopsy", "time_zero_date": "Time zero", "followup_end_date": "End of follow-up",
    "followup_months": "Months of follow-up",
}  # fmt: skip


SIGNS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥"}
"""How comparators are printed."""


class Side(NamedTuple):
    """One run's half of a row."""

    month: str = MISSING
    value: str = MISSING
    asked: str = MISSING
    met: str = MISSING


class TraceRow(NamedTuple):
    """One criterion in two runs, side by side, and whether the answers differ."""

    criterion: str
    first: Side
    second: Side
    is_changed: bool


def flag_asked(rows: pd.DataFrame) -> pd.Series:
    """Which rows of a trace ask anything of their visit.

    Not those that say that they do not apply, and not those that are not met although their limit is: a condition
    of theirs, on the value they are held against, does not hold.
    """
    is_met = np.zeros(len(rows), dtype=bool)
    for sign in ("<", "<=", ">", ">="):
        own = is_true(rows["comparator"].eq(sign))
        is_met[own] = is_true(answer_where(rows.loc[own, "value"], sign, rows.loc[own, "threshold"]))
    return pd.Series(~(is_true(rows["note"].eq(NOT_ASKED)) | (is_false(rows["passed"]) & is_met)), index=rows.index)


def list_trace_rows(first: pd.DataFrame, second: pd.DataFrame) -> list[TraceRow]:
    """The rows of one arm in two traces, matched by criterion and by what the visit was looked at for.

    A row that only one run has stands alone. The order is that of the first trace, then of the second.
    """
    sides = [_number(rows) for rows in (first, second)]
    keys = list(dict.fromkeys([*sides[0], *sides[1]]))
    keys.sort(key=lambda key: str(key[0]).startswith("answer: "))
    return [_join(key, *(side.get(key) for side in sides)) for key in keys]


def _number(rows: pd.DataFrame) -> dict[tuple[Hashable, ...], Any]:
    """Each row under its criterion, its note where that tells visits apart, and its place among the like."""
    answer = rows["criterion"].str.startswith("answer: ")
    note = rows["note"].where(~answer & rows["note"].ne(NOT_ASKED), "")
    rows = rows.assign(is_asked=flag_asked(rows))
    key = pd.DataFrame({"criterion": rows["criterion"], "note": note})
    place = key.groupby(["criterion", "note"]).cumcount()
    return dict(zip(zip(key["criterion"], key["note"], place, strict=True), rows.itertuples(), strict=True))


def _join(key: tuple[Hashable, ...], first: Any, second: Any) -> TraceRow:
    name = str(key[0]) + (f" ({key[1]})" if key[1] else "")
    sides = [Side() if row is None else _print(row) for row in (first, second)]
    met = [None if row is None or pd.isna(row.passed) else bool(row.passed) for row in (first, second)]
    return TraceRow(name, sides[0], sides[1], met[0] != met[1])


def _print(row: Any) -> Side:
    met = MISSING if pd.isna(row.passed) else "yes" if row.passed else "no"
    if str(row.criterion).startswith("answer: "):
        return Side(_number_or_dash(row.month), str(row.note), "", "cannot tell" if met == MISSING else met)
    asked = f"{SIGNS.get(row.comparator, '')} {_number_or_dash(row.threshold)}"
    if not row.is_asked:
        return Side(_number_or_dash(row.month), _number_or_dash(row.value), asked, NOT_ASKED)
    return Side(_number_or_dash(row.month), _number_or_dash(row.value), asked, met)


def _number_or_dash(value: float) -> str:
    return MISSING if pd.isna(value) else format_number(float(value))


def list_exclusion_rows(id: Hashable, first: pd.DataFrame, second: pd.DataFrame) -> list[TraceRow]:
    """What two cohorts (by patient) say of a patient whom one leaves out: dates, follow-up, and each criterion."""
    facts = [next((row for _, row in table.loc[table.index == id].iterrows()), None) for table in (first, second)]
    rows = []
    for name, label in _FACTS.items():
        printed = [MISSING if row is None else _fact(row.get(name)) for row in facts]
        rows.append(TraceRow(label, Side(value=printed[0]), Side(value=printed[1]), printed[0] != printed[1]))
    for name, label in EXCLUSIONS.items():
        met = [MISSING if row is None else "yes" if row[name] else "no" for row in facts]
        rows.append(TraceRow(f"Left out: {label[:1].lower()}{label[1:]}", Side(met=met[0]), Side(met=met[1]),
                             met[0] != met[1]))  # fmt: skip
    return rows


def _fact(value: Any) -> str:
    if value is None or pd.isna(value):
        return MISSING
    return format_number(float(value)) if isinstance(value, float) else f"{value:%Y-%m-%d}"
