"""A comparison of two engines as a notebook shows it: its table, its headings, its sentence."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from helpers.second_engine.check import number_or_none

HEADINGS: Mapping[str, str] = MappingProxyType({
    "what": "What", "first_engine": "First engine", "second_engine": "Second engine", "first": "First",
    "second": "Second", "apart": "Difference", "limit": "Tolerance", "agrees": "Agree", "id": "Name",
} | dict.fromkeys(("row", "part", "value", "second_value", "difference", "tolerance", "reason"), ""))  # fmt: skip

CAPTION = "The same numbers by two engines"
NOTE = ("Difference: relative to the larger of the two. A tolerance of 0 asks for the same number. Missing on both "
        "sides agrees.")
_SENTENCE = (
    "Computed twice: {PREFIX.cross_checks.n} numbers. Within their tolerance two independent engines agree on "
    "{PREFIX.cross_checks.agree.n} of them. {verdict}."
)


def derive_crosscheck_table(compared: pd.DataFrame) -> pd.DataFrame:
    """The comparison with its numbers in print: `row` tells the rows apart; one row per number, as given.

    The printed numbers have six figures; value, second_value and difference stay beside them in full, as plain objects
    (each stands in the ledger already, under its own name).
    """
    numbers = ("value", "second_value", "difference", "tolerance")
    table = compared.assign(
        row=compared["id"] + "." + compared["part"],
        first=[print_fully(value) for value in compared["value"]],
        second=[print_fully(value) for value in compared["second_value"]],
        apart=[print_difference(*pair) for pair in zip(compared["difference"], compared["tolerance"], strict=True)],
        limit=[print_fully(value, figures=1) for value in compared["tolerance"]],
        **{name: compared[name].astype(object) for name in numbers},
    )  # fmt: skip
    return table[["what", "first_engine", "second_engine", "first", "second", "apart", "limit", "agrees", "id", "row",
                  "part", *numbers, "reason"]]  # fmt: skip


def print_fully(value: Any, *, figures: int = 6) -> str:
    """A number with so many figures, in powers of ten where it is very small; a dash for a missing one.

    >>> print_fully(4.599107773), print_fully(5.5450059e-08), print_fully(None), print_fully(1e-8, figures=1)
    ('4.59911', '5.54501e-08', '–', '1e-08')
    """
    number = number_or_none(value)
    return "–" if number is None else f"{number:.{figures}g}"


def print_difference(difference: Any, tolerance: Any) -> str:
    """A difference with one figure, or that it is below a hundredth of what is tolerated: less than that is rounding,
    and another one on every machine.

    >>> print_difference(3e-9, 1e-8), print_difference(3e-11, 1e-8), print_difference(0.0, 0.0)
    ('3e-09', 'below 1e-10', '0')
    """
    found, limit = number_or_none(difference), number_or_none(tolerance)
    if found is None or limit is None or found >= limit / 100:
        return print_fully(difference, figures=1)
    return f"below {limit / 100:.0e}"


def make_crosscheck_sentence(*, prefix: str) -> str:
    """The sentence over a chapter's comparison: ids in braces, and the word `verdict`.

    >>> make_crosscheck_sentence(prefix="dtt")[:37]
    'Computed twice: {dtt.cross_checks.n} '
    """
    return _SENTENCE.replace("PREFIX", prefix)


def derive_crosscheck_facts(compared: pd.DataFrame, *, prefix: str) -> dict[str, dict[str, Any]]:
    """What the ledger keeps of the comparison: how many numbers were computed twice, and on how many both agree."""
    common = {"unit": "numbers", "origin": f"tables/{prefix}.cross_checks.csv", "n": len(compared)}
    return {
        f"{prefix}.cross_checks.n": {"value": len(compared), "label": "Numbers computed twice", **common},
        f"{prefix}.cross_checks.agree.n": {
            "value": compared["agrees"].sum(), "label": "Numbers on which two engines agree", **common},
    }  # fmt: skip
