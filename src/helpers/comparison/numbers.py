"""Every number side by side: headline numbers, the whole ledger, what only one run has, verdicts that flipped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from helpers import headlines
from helpers.comparison.runs import ComparedRun
from helpers.exhibits import MISSING
from helpers.ledger import Entry
from helpers.wording import (
    MINUS,
    THIN,
    count_decimals,
    format_interval,
    format_number,
    format_p,
    format_percent,
    verdict,
)

_WORDS = {
    "eligible": "Patients in the study",
    "dtt": "Difficult to treat",
    "share": "Difficult to treat, share of the study",
    "any_apl": "Any antiphospholipid antibody, odds ratio with the others held equal",
    "active_sediment": "Active urinary sediment, odds ratio with the others held equal",
    "timedependent": "Composite outcome, hazard ratio, label counted from the day it was true",
    "landmark": "Composite outcome, hazard ratio from the landmark on",
}
HEADLINES = MappingProxyType({headlines.HEADLINES[name]: label for name, label in _WORDS.items()})
"""The numbers that a comparison puts first, in words of their own."""

SIDES = MappingProxyType({
    "higher than": "above no difference", "lower than": "below no difference",
    "not clearly different from": "not clear of no difference", "not comparable with": "no interval to judge by",
})  # fmt: skip
"""Where an interval lies, for each verdict of the sentences."""

RATIOS = ("odds ratio", "hazard ratio", "subdistribution hazard ratio", "rate ratio")


@dataclass(frozen=True)
class Row:
    """One number of the ledger: its entry in each run, where there is one."""

    id: str
    label: str
    unit: str
    entries: tuple[Entry | None, ...]

    @property
    def values(self) -> tuple[float | None, ...]:
        """The number in each run; None where it is not estimable or not there."""
        return tuple(None if entry is None else entry.value for entry in self.entries)

    @property
    def differences(self) -> tuple[float | None, ...]:
        """Each further run less the first; None where either has no number."""
        first, *others = self.values
        return tuple(None if first is None or other is None else other - first for other in others)

    @property
    def is_same(self) -> bool:
        """Whether every run has the very same number, interval and all."""
        parts = {entry and (entry.value, entry.low, entry.high) for entry in self.entries}
        return None not in parts and len(parts) == 1

    @property
    def printed(self) -> tuple[str, ...]:
        """The number in each run as it is printed, with its interval."""
        return tuple(MISSING if entry is None else print_entry(entry) for entry in self.entries)

    @property
    def printed_differences(self) -> tuple[str, ...]:
        """The differences as they are printed, those of ratios with the factor beside them."""
        first, *others = self.values
        return tuple(print_difference(first, other, unit=self.unit) for other in others)


def list_rows(runs: Sequence[ComparedRun], ids: Iterable[str], *, words: Mapping[str, str] | None = None) -> list[Row]:
    """One row per id that at least two runs have, or at least one of them where it is given a word of its own."""
    rows = []
    for id in ids:
        entries = tuple(run.entries.get(id) for run in runs)
        found = [entry for entry in entries if entry is not None]
        if len(found) > (0 if words and id in words else 1):
            rows.append(Row(id, (words or {}).get(id, found[0].label), found[0].unit, entries))
    return rows


def list_ids(runs: Sequence[ComparedRun], *, of_tables: bool) -> list[str]:
    """The ids of all runs, sorted: those of table cells, or those of named numbers."""
    ids = {id for run in runs for id in run.entries if id.startswith("table.") == of_tables}
    return sorted(ids)


def list_own(runs: Sequence[ComparedRun]) -> dict[str, list[Entry]]:
    """The named numbers that one run has and no other, by the run's letter; runs without any are left out."""
    own = {}
    for run in runs:
        others = {id for other in runs if other is not run for id in other.entries}
        found = [run.entries[id] for id in list_ids([run], of_tables=False) if id not in others]
        if found:
            own[run.letter] = found
    return own


@dataclass(frozen=True)
class Flip:
    """An estimate whose interval lies otherwise about no difference in another run: the words and the numbers."""

    id: str
    label: str
    unit: str
    before: str
    after: str
    first: str
    second: str


def list_flips(first: ComparedRun, second: ComparedRun) -> list[Flip]:
    """The estimates of both runs whose verdict against no difference is not the same word."""
    flips = []
    for id, entry in first.entries.items():
        other = second.entries.get(id)
        if other is None or entry.null is None or other.null is None or verdict(entry) == verdict(other):
            continue
        flips.append(Flip(id, entry.label, entry.unit, SIDES[verdict(entry)], SIDES[verdict(other)],
                          print_entry(entry), print_entry(other)))  # fmt: skip
    return flips


def print_entry(entry: Entry) -> str:
    """A number as the page shows it: with its interval where it has one, shares as percentages.

    >>> print_entry(Entry("a.p", 0.0004, None, None, "p value", None, "", None, "", ""))
    '<0.001'
    """
    if entry.low is not None or entry.high is not None:
        return format_interval(entry).replace(f"95{THIN}% CI ", "")
    return print_value(entry.value, unit=entry.unit)


def print_value(value: float | None, *, unit: str) -> str:
    """A number as its unit asks.

    >>> print_value(0.0004, unit="p value"), print_value(0.5, unit="share"), print_value(4.0, unit="patients")
    ('<0.001', '50.0\u202f%', '4')
    """
    if unit == "p value":
        return format_p(value, sign=False)
    return format_percent(value) if unit == "share" else format_number(value)


def print_difference(first: float | None, other: float | None, *, unit: str) -> str:
    """What the second is more than the first: shares in percentage points, ratios with the factor as well.

    >>> print_difference(0.315, 0.42, unit="share"), print_difference(4.0, 3.1, unit="odds ratio")
    ('+10.5 points', '−0.90 (×0.78)')
    >>> print_difference(181.0, 181.0, unit="patients"), print_difference(None, 3.0, unit="")
    ('0', '–')
    """
    if first is None or other is None:
        return MISSING
    if unit == "share":
        return f"{print_signed(100 * (other - first), digits=1)} points"
    text = print_signed(other - first)
    if unit not in RATIOS or first <= 0 or other <= 0 or first == other:
        return text
    return f"{text} (×{format_number(other / first, digits=count_decimals(other / first))})"


def print_signed(value: float, *, digits: int | None = None) -> str:
    """A number with its sign, nothing before zero.

    >>> print_signed(2.0), print_signed(-0.5), print_signed(0.0), print_signed(-0.01, digits=1)
    ('+2', '−0.50', '0', '0.0')
    """
    text = format_number(value, digits=digits)
    is_nothing = not any(sign in "123456789" for sign in text)
    return text.removeprefix(MINUS) if is_nothing else text if value < 0 else f"+{text}"
