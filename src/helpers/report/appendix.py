"""The statistical appendix: every method with its check, the second engine's numbers, the evidence from simulation."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from markupsafe import Markup, escape

from helpers.ledger import CrossCheck, Entry, LedgerError
from helpers.methods import METHODS, Limit, Method
from helpers.report.evidence import Evidence, read_evidence
from helpers.report.text import marked
from helpers.second_engine.exhibit import print_difference, print_fully
from helpers.wording import fill_marked

NUMBER = 7
TITLE = "Statistical appendix: every method, its check, and what the check found"
EVIDENCE = "evidence.csv"
ABSENT = "Not part of this run."
_PLACEHOLDER = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True)
class Card:
    """One method as the page shows it; `check` and `result` are those of this run.

    `verdict` is "passed" or "failed" where the method names limits, else "".
    """

    method: Method
    check: Markup
    result: Markup
    is_absent: bool
    verdict: str = ""


@dataclass(frozen=True)
class Pair:
    """One number by two engines, in print."""

    what: str
    id: str
    first: str
    second: str
    difference: str
    agrees: bool


@dataclass(frozen=True)
class Engine:
    """Two engines, how far they may differ and why, and all numbers that both computed."""

    first: str
    second: str
    tolerance: str
    reason: str
    pairs: tuple[Pair, ...]

    @property
    def agree_n(self) -> int:
        """How many of the numbers both engines find."""
        return sum(pair.agrees for pair in self.pairs)


@dataclass(frozen=True)
class Appendix:
    """The chapter: methods by chapter, engines, and the evidence where it has been gathered."""

    groups: tuple[tuple[str, tuple[Card, ...]], ...]
    engines: tuple[Engine, ...]
    checks: tuple[CrossCheck, ...]
    evidence: Evidence | None
    number: int = NUMBER
    title: str = TITLE

    @property
    def agree_n(self) -> int:
        """On how many numbers two engines agree."""
        return sum(check.agrees for check in self.checks)


def make_appendix(
    entries: Mapping[str, Entry], checks: Sequence[CrossCheck], *, against: Container[str], titles: Mapping[str, str],
    evidence: Path | None, methods: Iterable[Method] = METHODS,
) -> Appendix:  # fmt: skip
    """The appendix of one run: `entries` by id, what the second engine said, chapter titles by notebook.

    `against` holds the ids on which two engines disagree; `evidence` is the table of the simulation bench, if any.
    """
    found = list(methods)
    groups = tuple(
        (title, tuple(make_card(method, entries, against=against) for method in found if method.chapter == name))
        for name, title in titles.items()
    )
    return Appendix(groups=tuple((title, cards) for title, cards in groups if cards), engines=group_engines(checks),
                    checks=tuple(checks), evidence=None if evidence is None else read_evidence(evidence))  # fmt: skip


def make_card(method: Method, entries: Mapping[str, Entry], *, against: Container[str]) -> Card:
    """One method with its result in this run; a result whose numbers the run did not record says so.

    >>> method = Method(id="km", chapter="04_survival", name="Kaplan-Meier", answers="", reference="", assumes="",
    ...                 check="", result="{a.n} patients.", verified="")
    >>> make_card(method, {}, against=()).result
    Markup('Not part of this run.')
    """
    try:
        check, result = (_fill(text, entries, against=against) for text in (method.check, method.result))
    except (KeyError, LedgerError, ValueError):
        general = Markup(escape(_PLACEHOLDER.sub("…", method.check)))
        return Card(method, general, Markup(ABSENT), is_absent=True)
    passed = all(is_within(entries.get(limit.id), limit) for limit in method.limits)
    verdict = "" if not method.limits else "passed" if passed else "failed"
    return Card(method, check, result, is_absent=False, verdict=verdict)


def _fill(template: str, entries: Mapping[str, Entry], *, against: Container[str]) -> Markup:
    text, marks = fill_marked(template, book=entries)
    return marked(text, marks=[(mark.start, mark.end, mark.id) for mark in marks if mark.id in against])


def is_within(entry: Entry | None, limit: Limit) -> bool:
    """Whether a number is there and lies within its limits, ends included.

    >>> entry = Entry("a.n", 0.05, None, None, "", None, "", None, "", "")
    >>> [is_within(entry, Limit("a.n", low=low)) for low in (0.04, 0.05, 0.06)], is_within(None, Limit("a.n"))
    ([True, True, False], False)
    """
    return entry is not None and entry.value is not None and limit.low <= entry.value <= limit.high


def group_engines(checks: Sequence[CrossCheck]) -> tuple[Engine, ...]:
    """The checks by pair of engines, those with a disagreement first, else in the order of the chapters."""
    order = {key: place for place, key in reversed(list(enumerate(_engines_of(check) for check in checks)))}
    rows = sorted(checks, key=lambda check: order[_engines_of(check)])
    engines = [
        Engine(first=key[0], second=key[1], tolerance=print_fully(key[2], figures=1), reason=key[3],
               pairs=tuple(_print_pair(check) for check in members))
        for key, members in groupby(rows, key=_engines_of)
    ]  # fmt: skip
    return tuple(sorted(engines, key=lambda engine: engine.agree_n == len(engine.pairs)))


def _engines_of(check: CrossCheck) -> tuple[str, str, float, str]:
    return check.first_engine, check.second_engine, check.tolerance, check.reason


def _print_pair(check: CrossCheck) -> Pair:
    return Pair(
        what=check.what, id=check.id if check.part == "value" else f"{check.id}, {check.part}",
        first=print_fully(check.value), second=print_fully(check.second_value),
        difference=print_difference(check.difference, check.tolerance), agrees=check.agrees,
    )  # fmt: skip
