"""The answer of a multiverse in a few sentences: every number and every verdict in them is computed."""

from __future__ import annotations

import math

import pandas as pd

from helpers.ledger import Entry
from helpers.multiverse.gathered import Summaries
from helpers.multiverse.joint import NOT_TESTED
from helpers.multiverse.results import Multiverse
from helpers.multiverse.summaries import find_printed_count
from helpers.published.numbers import find_wilson_interval
from helpers.wording import format_interval, format_number, format_p, format_percent, plural

RATIOS = {
    "any_apl": ("Any antiphospholipid antibody", "odds ratio"),
    "active_sediment": ("Active urinary sediment", "odds ratio"),
    "hazard": ("The composite outcome in the difficult to treat", "hazard ratio"),
}  # fmt: skip
"""What a sentence says of each ratio."""


def say_answer(results: Multiverse, summaries: Summaries) -> list[str]:
    """The range of each quantity over all specifications, how often each conclusion holds, and the joint tests."""
    ratios = [_say_ratio(summaries, name) for name in RATIOS]
    return [_say_share(results, summaries), *ratios, _say_all(results, summaries)]


def say_size(results: Multiverse) -> str:
    """How many universes there are, and of what."""
    grid = results.grid
    definitions, analyses = len(grid.list_definitions()), len(grid.list_analyses())
    return (f"{format_number(definitions)} {plural(definitions, 'way', 'ways')} to define who is difficult to treat, "
            f"each with {format_number(analyses)} {plural(analyses, 'analysis', 'analyses')}: "
            f"{format_number(grid.size)} universes, all on the same {format_number(len(results.patients))} patients on "
            "file. Each can be opened, linked to, and made again as a full report.")  # fmt: skip


def find_known(value: object) -> float | None:
    """A number of a table, or None where it is missing or has no end.

    >>> find_known(2), find_known(float("nan")), find_known(float("inf"))
    (2.0, None, None)
    """
    number = float(value)  # type: ignore[arg-type]
    return number if math.isfinite(number) else None


def print_estimate(estimate: object, low: object, high: object, *, is_share: bool = False) -> str:
    """An estimate with its interval, as the reports print it.

    >>> print_estimate(6.2062, 2.0904, 18.4255)
    '6.21 (95\u202f% CI 2.09 to 18.43)'
    """
    ends = [find_known(value) for value in (estimate, low, high)]
    return format_interval(Entry("", ends[0], ends[1], ends[2], "share" if is_share else "", None, "", None, "", ""))


def _say_share(results: Multiverse, summaries: Summaries) -> str:
    table = summaries.specifications["share"]
    held = _find_conclusion(summaries, "about_a_third")
    low, high = (format_percent(end / 100) for end in find_wilson_interval(*find_printed_count()))
    sorts = results.answers["answers"].nunique()
    return (f"Difficult to treat: {_say_own(table, is_share=True)} in the study, {_say_range(table, is_share=True)} "
            f"over all {format_number(len(table))} definitions. “{held['label']}” ({low} to {high}, the interval of "
            f"the printed share) holds in {_say_held(held)} of them. All together they sort the patients in "
            f"{format_number(sorts)} different {plural(sorts, 'way', 'ways')}.")  # fmt: skip


def _say_ratio(summaries: Summaries, name: str) -> str:
    what, kind = RATIOS[name]
    table = summaries.specifications[name]
    above, clear = (_find_conclusion(summaries, f"{name}_{way}") for way in ("above", "clear"))
    known = int(table["estimate"].notna().sum())
    if not known:
        held = "None bears anything out."
    else:
        held = f"It is above 1 in {_say_held(above)} of them, with its whole interval in {_say_held(clear)}."
    if 0 < known < len(table):
        held += (f" {format_number(len(table) - known)} have no estimate, and bear nothing out; of those with one, "
                 f"{format_percent(above['holds_n'] / known)} and {format_percent(clear['holds_n'] / known)} do.")
    return (f"{what}: {kind} {_say_own(table)} in the study, {_say_range(table)} over all "
            f"{format_number(len(table))} specifications. {held} {_say_joint(summaries.joint, name)}").strip()


def _say_joint(joint: pd.DataFrame, name: str) -> str:
    rows = joint.loc[joint["quantity"].eq(name) & joint["statistic"].eq("median_z")]
    if rows.empty or rows["verdict"].iloc[0] == NOT_TESTED:
        return ""
    p, drawn = float(rows["p"].iloc[0]), int(rows["permutations"].iloc[0])
    least = f", the least that {format_number(drawn)} shuffles can give" if p * (drawn + 1) < 1.5 else ""
    return (f"Taken together, the scores of all specifications lie {rows['verdict'].iloc[0]} what shuffled patients "
            f"show (joint test, one-sided {format_p(p)}{least}).")  # fmt: skip


def _say_all(results: Multiverse, summaries: Summaries) -> str:
    held = _find_conclusion(summaries, "all")
    return (f"All of it together (about a third, both predictors and the hazard ratio clear of no difference) holds in "
            f"{_say_held(held)} of the {format_number(results.grid.size)} universes. These shares have no interval: "
            "universes were listed, not drawn, and share their patients.")  # fmt: skip


def _find_conclusion(summaries: Summaries, name: str) -> pd.Series:
    return summaries.conclusions.loc[summaries.conclusions["conclusion"].eq(name)].iloc[0]


def _say_held(row: pd.Series) -> str:
    return format_percent(find_known(row["share"]))


def _say_own(table: pd.DataFrame, *, is_share: bool = False) -> str:
    own = table.loc[table["is_default"]].iloc[0]
    return print_estimate(own["estimate"], own["low"], own["high"], is_share=is_share)


def _say_range(table: pd.DataFrame, *, is_share: bool = False) -> str:
    known = table["estimate"].dropna()
    if known.empty:
        return "never estimable"
    show = format_percent if is_share else format_number
    return f"{show(float(known.min()))} to {show(float(known.max()))}"
