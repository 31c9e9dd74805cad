"""One number, two engines: what a check is, and when two values are called the same."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

NOTHING = 1e-12
"""Two numbers this near are the same, whatever their size: the last digits of a sum depend on its order."""

PARTS = {"value": "", "low": "lower limit", "high": "upper limit"}
"""What of a ledger entry is checked, and how it is called beside the entry's own label."""


@dataclass(frozen=True)
class Engines:
    """Two independent ways to one number: what each is, how far they may differ, and why so far.

    `tolerance` is relative to the larger of the two; 0 means that they must be equal.
    """

    first: str
    second: str
    tolerance: float
    reason: str


@dataclass(frozen=True)
class Check:
    """The value that the second engine finds for a part ("value", "low" or "high") of one ledger entry."""

    id: str
    value: float | None
    engines: Engines
    part: str = "value"


def make_ratio(beta: float, error: float) -> dict[str, float | None]:
    """A ratio from its logarithm and the standard error of that: value, low, high (95 %) and p by Wald.

    >>> found = make_ratio(0.0, 0.5)
    >>> found["value"], round(found["low"], 3), found["p"]
    (1.0, 0.375, 1.0)
    """
    from scipy.special import ndtr, ndtri  # imported late: a page that only prints what was found needs neither

    width = float(-ndtri(0.025)) * error
    return {"value": float(np.exp(beta)), "low": float(np.exp(beta - width)), "high": float(np.exp(beta + width)),
            "p": float(2 * ndtr(-abs(beta) / error))}  # fmt: skip


def check_parts(id: str, parts: Mapping[str, Any], *, engines: Engines) -> list[Check]:
    """One check for each part of an entry: `parts` maps "value", "low" and "high" to what the second engine finds.

    >>> pair = Engines("sum", "count", 0.0, "whole numbers")
    >>> [check.part for check in check_parts("dtt.share", {"value": 0.3, "low": 0.2}, engines=pair)]
    ['value', 'low']
    """
    return [Check(id, number_or_none(value), engines, part) for part, value in parts.items()]


def tabulate_checks(checks: Iterable[Check]) -> pd.DataFrame:
    """One row per check: id, part, first_engine, second_engine, second_value, tolerance, reason."""
    columns = ["id", "part", "first_engine", "second_engine", "second_value", "tolerance", "reason"]
    rows = [
        {"id": check.id, "part": check.part, "second_value": check.value, "first_engine": check.engines.first,
         "second_engine": check.engines.second, "tolerance": check.engines.tolerance, "reason": check.engines.reason}
        for check in checks
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).astype({"second_value": float, "tolerance": float})


def compare_engines(checks: pd.DataFrame, *, first: Sequence[float | None], labels: Sequence[str]) -> pd.DataFrame:
    """The checks with what the first engine found, and whether the two agree: one row per check, in order.

    id, part, what (the entry's label), first_engine, second_engine, value, second_value, difference (relative to the
    larger), tolerance, reason, agrees. `first` and `labels` hold the value and the label of each row's ledger entry.
    Missing on both sides agrees (neither engine has an answer); missing on one side does not.

    >>> pair = Engines("sum", "count", 1e-8, "rounding")
    >>> checks = tabulate_checks([Check("a.n", 2.0, pair), Check("b.n", None, pair), Check("c.n", 1.0, pair)])
    >>> compare_engines(checks, first=[2.0 + 1e-9, None, None], labels=["A", "B", "C"]).agrees.tolist()
    [True, True, False]
    """
    names = [f"{label}, {PARTS[part]}".removesuffix(", ")
             for label, part in zip(labels, checks["part"], strict=True)]  # fmt: skip
    pairs = [(number_or_none(one), number_or_none(other))
             for one, other in zip(first, checks["second_value"], strict=True)]  # fmt: skip
    table = checks.assign(
        what=names, value=pd.Series([one for one, _ in pairs], index=checks.index, dtype=float),
        difference=pd.Series([measure_difference(*pair) for pair in pairs], index=checks.index, dtype=float),
        agrees=[agree(*pair, tolerance=limit) for pair, limit in zip(pairs, checks["tolerance"], strict=True)],
    )  # fmt: skip
    return table.astype({"agrees": bool})[[
        "id", "part", "what", "first_engine", "second_engine", "value", "second_value", "difference", "tolerance",
        "reason", "agrees"]]  # fmt: skip


def agree(one: float | None, other: float | None, *, tolerance: float) -> bool:
    """Whether two values are the same, as far as the tolerance asks.

    >>> agree(1.0, 1.0 + 1e-9, tolerance=1e-8), agree(1.0, 1.1, tolerance=1e-8), agree(None, None, tolerance=0.0)
    (True, False, True)
    >>> agree(None, 0.0, tolerance=1.0), agree(57.0, 58.0, tolerance=0.0)
    (False, False)
    """
    if one is None or other is None:
        return one is None and other is None
    if tolerance == 0:
        return one == other
    return abs(one - other) <= max(tolerance * max(abs(one), abs(other)), NOTHING)


def measure_difference(one: float | None, other: float | None) -> float:
    """The difference of two values relative to the larger; missing where either is.

    >>> measure_difference(100.0, 101.0) == 1 / 101, measure_difference(0.0, 0.0)
    (True, 0.0)
    """
    if one is None or other is None:
        return math.nan
    return abs(one - other) / (max(abs(one), abs(other)) or 1.0)


def label_crosscheck(table: pd.DataFrame) -> str:
    """What the comparison lets a sentence say, after how many numbers agree.

    >>> label_crosscheck(pd.DataFrame({"what": ["A", "B"], "agrees": [True, False]}))
    'The engines do not agree on: B'
    >>> label_crosscheck(pd.DataFrame({"what": ["A"], "agrees": [True]}))
    'There is none on which they do not'
    """
    against = table.loc[~table["agrees"].astype(bool), "what"].tolist()
    return f"The engines do not agree on: {'; '.join(against)}" if against else "There is none on which they do not"


def number_or_none(value: Any) -> float | None:
    """The value as a float, or None where it is missing or not finite.

    >>> number_or_none(float("nan")) is None, number_or_none(3)
    (True, 3.0)
    """
    if value is None or value is pd.NA:
        return None
    number = float(value)
    return number if math.isfinite(number) else None
