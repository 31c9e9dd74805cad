"""The tables of the page as text: every number is printed by the rules of the reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from helpers.multiverse.answer import find_known, print_estimate
from helpers.multiverse.conclusions import CONCLUSIONS
from helpers.multiverse.gathered import Summaries
from helpers.multiverse.grid import DIGITS, Constraint, Grid
from helpers.multiverse.joint import NOT_TESTED
from helpers.multiverse.patients import count_words
from helpers.multiverse.summaries import QUANTITIES
from helpers.multiverse.variance import TOGETHER
from helpers.wording import NOT_ESTIMABLE, format_number, format_p, format_percent, join_words


@dataclass(frozen=True)
class Bar:
    """A share in print, and how long its bar is (0 to 1)."""

    text: str
    length: float


def make_bar(share: object) -> Bar:
    """A share with its bar; none to be seen where it is missing or, as a remainder can be by rounding, below zero.

    >>> make_bar(0.25), make_bar(float("nan")).length
    (Bar(text='25.0\u202f%', length=0.25), 0.0)
    """
    known = find_known(share)
    return Bar(format_percent(known), min(max(known or 0.0, 0.0), 1.0))


def list_conclusions(summaries: Summaries) -> list[dict[str, Any]]:
    """Each conclusion: in which share of the specifications it holds, in the study or not, and where it is weakest."""
    return [
        {"label": row["label"], "held": make_bar(row["share"]),
         "counts": f"{format_number(row['holds_n'])} of {format_number(row['specifications_n'])}",
         "missing": format_number(row["not_estimated_n"]), "in_study": _say_in_study(row, summaries),
         "code": row["weakest_code"], "weakest": _print_weakest(row)}
        for _, row in summaries.conclusions.iterrows()
    ]  # fmt: skip


def _say_in_study(row: pd.Series, summaries: Summaries) -> str:
    if row["in_study"]:
        return "holds"
    needs = next(one.needs for one in CONCLUSIONS if one.name == row["conclusion"])
    tables = [summaries.specifications[quantity] for quantity, _ in needs]
    is_missing = any(table.loc[table["is_default"], "estimate"].isna().any() for table in tables)
    return NOT_ESTIMABLE if is_missing else "does not hold"


def _print_weakest(row: pd.Series) -> str:
    if not row["weakest_code"]:
        return ""
    return print_estimate(row["weakest_estimate"], row["weakest_low"], row["weakest_high"],
                          is_share=not QUANTITIES[row["weakest_quantity"]].is_ratio)  # fmt: skip


def list_joint(summaries: Summaries) -> list[dict[str, Any]]:
    """The joint tests, a row per quantity and statistic; the words of a quantity stand in its first row."""
    return [
        {"label": QUANTITIES[row["quantity"]].label, "statistic": row["label"],
         "observed": _print_statistic(row, "observed"),
         "shuffled": "" if row["verdict"] == NOT_TESTED else
         f"{_print_statistic(row, 'low')} to {_print_statistic(row, 'high')}",
         "p": format_p(find_known(row["p"]), sign=False), "verdict": row["verdict"],
         "n": format_number(row["specifications_n"])}
        for _, row in summaries.joint.iterrows()
    ]  # fmt: skip


def _print_statistic(row: pd.Series, name: str) -> str:
    value = find_known(row[name])
    if value is None:
        return NOT_ESTIMABLE
    return format_percent(value) if row["statistic"] == "share_clear" else format_number(value, digits=2)


def list_variance(summaries: Summaries, grid: Grid) -> list[dict[str, Any]]:
    """The decisions with a choice, and the share of variance that each carries, by quantity; what is left, last."""
    tables = {name: table.set_index("decision") for name, table in summaries.variance.items()}
    labels = {one.name: one.label for one in grid.decisions if len(one.options) > 1}
    labels[TOGETHER] = str(next(iter(tables.values())).loc[TOGETHER, "label"])
    return [
        {"label": label, "shares": {quantity: make_bar(table.loc[name, "share"]) if name in table.index else None
                                    for quantity, table in tables.items()}}
        for name, label in labels.items()
    ]  # fmt: skip


def list_words(summaries: Summaries) -> list[dict[str, Any]]:
    """How many patients each word fits."""
    counted = count_words(summaries.patients)
    return [{"word": word, "n": format_number(int(n)), "length": n / max(len(summaries.patients), 1)}
            for word, n in zip(counted["word"], counted["n"], strict=True)]  # fmt: skip


def list_patients(summaries: Summaries) -> list[dict[str, Any]]:
    """Everybody on file, those whom most definitions call difficult to treat first."""
    ordered = summaries.patients.sort_values(["dtt_share", "patient_id"], ascending=[False, True])
    return [
        {"id": row["patient_id"], "as_defined": row["as_defined"], "word": row["word"],
         "dtt": None if pd.isna(row["dtt_share"]) else make_bar(row["dtt_share"]),
         "study": make_bar(row["study_share"]).text, "mover": row["decision_label"],
         "moved": make_bar(row["changes_share"]).text}
        for row in ordered.to_dict("records")
    ]  # fmt: skip


def list_decisions(grid: Grid) -> list[dict[str, Any]]:
    """The decisions with their place in the code, and their options with their sign and source."""
    return [
        {"name": one.name, "label": one.label, "question": one.question, "block": one.block, "place": place,
         "options": [{"label": option.label, "source": option.source, "sign": sign}
                     for option, sign in zip(one.options, DIGITS, strict=False)]}
        for place, one in enumerate(grid.decisions)
    ]  # fmt: skip


def list_constraints(grid: Grid) -> list[dict[str, str]]:
    """What may not be combined, in words, and why."""
    return [{"rule": say_constraint(one, grid=grid), "why": one.why} for one in grid.constraints]


def say_constraint(constraint: Constraint, *, grid: Grid) -> str:
    """A constraint in words: what, when it is chosen, leaves which options of what else."""
    found = {one.name: one for one in grid.decisions}

    def say(choices: Any) -> str:
        return join_words([f"{found[name].label}: " + " or ".join(
            option.label for option in found[name].options if option.name in options)
            for name, options in choices.items()])  # fmt: skip

    return f"{say(constraint.when)} – only with {say(constraint.allow)}"
