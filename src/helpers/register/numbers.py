"""The headline numbers of a run, from its results: what the register shows of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpers.headlines import HEADLINES
from helpers.wording import count_decimals, format_number, format_percent

MISSING = "–"


@dataclass(frozen=True)
class Cell:
    """One number of a run: as it is printed, its interval, and the value it is sorted by (None: the run has none).

    `disagrees`: two engines disagree; `is_marked`: the page says so in words, which the count of engines itself does.
    """

    text: str = MISSING
    interval: str = ""
    value: float | None = None
    disagrees: bool = False
    is_marked: bool = True


COLUMNS: Mapping[str, str] = {
    "eligible": "In the study", "dtt": "Difficult to treat", "apl": "Any aPL, odds ratio",
    "sediment": "Active sediment, odds ratio", "hazard": "Composite, hazard ratio", "claims": "Claims held",
    "engines": "Engines agree",
}  # fmt: skip
"""The columns of numbers, in order: name and heading."""

IDS: Mapping[str, str] = {
    "eligible": HEADLINES["eligible"], "dtt": HEADLINES["share"], "apl": HEADLINES["any_apl"],
    "sediment": HEADLINES["active_sediment"], "hazard": HEADLINES["timedependent"],
}  # fmt: skip
DTT_N, HELD, COMPARABLE = HEADLINES["dtt"], "claims.comparison.match.n", "claims.comparison.comparable.n"


def read_headlines(results: Mapping[str, Any]) -> dict[str, Cell]:
    """The cells of one run by column; a number that the run did not report is a dash.

    Odds ratios are those of the multivariable model; the hazard ratio is the one whose label counts from the day on
    which it became true. Claims held: printed figures that the run matches, of those that it can be held against.
    Raises KeyError, TypeError or AttributeError for results of another form.
    """
    entries = {entry["id"]: entry for entry in results["entries"]}
    checks = results.get("cross_checks", [])
    against = {check["id"] for check in checks if not check["agrees"]}
    cells = {name: _estimate(entries.get(id), disagrees=id in against) for name, id in IDS.items()}
    cells["dtt"] = _dtt(entries, disagrees=bool(against & {DTT_N, IDS["dtt"]}))
    cells["claims"] = _part(_value(entries, HELD), _value(entries, COMPARABLE))
    agreeing = sum(bool(check["agrees"]) for check in checks)
    cells["engines"] = _part(agreeing, len(checks), disagrees=agreeing < len(checks)) if checks else Cell()
    return cells


def _value(entries: Mapping[str, Mapping[str, Any]], id: str) -> float | None:
    value = entries.get(id, {}).get("value")
    return None if value is None else float(value)


def _estimate(entry: Mapping[str, Any] | None, *, disagrees: bool) -> Cell:
    if entry is None or entry["value"] is None:
        return Cell(disagrees=disagrees)
    value = float(entry["value"])
    digits = 0 if value.is_integer() else count_decimals(value)
    low, high = entry["low"], entry["high"]
    interval = "" if low is None and high is None else " to ".join(_end(end, digits) for end in (low, high))
    return Cell(format_number(value, digits=digits), interval, value, disagrees)


def _end(end: float | None, digits: int) -> str:
    return "?" if end is None else format_number(float(end), digits=digits)


def _dtt(entries: Mapping[str, Mapping[str, Any]], *, disagrees: bool) -> Cell:
    """The count with its share; sorted by the share."""
    count, share = _value(entries, DTT_N), _value(entries, IDS["dtt"])
    if count is None:
        return Cell(disagrees=disagrees)
    return Cell(format_number(count), "" if share is None else format_percent(share), share, disagrees)


def _part(part: float | None, whole: float | None, *, disagrees: bool = False) -> Cell:
    """So many of so many; sorted by the share."""
    if part is None or not whole:
        return Cell()
    return Cell(f"{format_number(part)} of {format_number(whole)}", "", part / whole, disagrees, is_marked=False)
