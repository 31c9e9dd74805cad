"""A preview in words, for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from helpers.labelling.summaries import BORDERLINE_WITHIN
from helpers.preview.moves import LABEL_WORDS, OUTSIDE
from helpers.preview.preview import Counts, Preview
from helpers.preview.reach import Change, Reach
from helpers.preview.tables import TableChange
from helpers.preview.thresholds import DAYS_NEAR, Near
from helpers.report.summary import uncapitalise
from helpers.wording import format_percent, plural

WIDTH = 100
SAME = "as it is"


def describe_preview(preview: Preview, *, show_ids: bool = False) -> str:
    """Everything that a preview found, as text.

    Patients are named where the data are known to be simulated, or where `show_ids` asks for it; elsewhere they are
    counted only.
    """
    named = show_ids or preview.is_synthetic
    kind = "simulated patients" if preview.is_synthetic else "patients not known to be simulated"
    sections = [
        [f"Preview on {preview.data_dir} ({kind}). Nothing is run, nothing is written."],
        ["Changed parameters", *(_change(one) for one in preview.changes)] if preview.changes
        else ["No parameter differs from its default: a run would be the default run."],
        ["Notebooks", *(_reach(one, preview.tables) for one in preview.reach)],
        ["Tables between the notebooks", *(line for one in preview.tables for line in _table(one))],
        ["Patients", *_counts(preview.before, preview.after)],
        ["Who moves", *_moves(preview, named=named)],
        ["Who lies near a threshold", *_nearness(preview, named=named)],
    ]  # fmt: skip
    if not named:
        sections.append(["Patients are counted, not named, since the data are not known to be simulated: --ids "
                         "names them."])  # fmt: skip
    return "\n\n".join("\n".join(lines) for lines in sections)


def _change(change: Change) -> str:
    unit = f" {change.unit}" if change.unit not in ("", "date") else ""
    return _wrap(f"{change.name}: {show(change.before)} -> {show(change.after)}{unit} ({change.meaning})")


def show(value: Any) -> str:
    """A value in a sentence.

    >>> show(True), show([2.0, 4.0]), show(""), show(24.0)
    ('true', '2, 4', 'none', '24')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(show(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value) or "none"


def _reach(reach: Reach, tables: Sequence[TableChange]) -> str:
    reasons = []
    if reach.reads:
        reasons.append(f"reads {', '.join(reach.reads)}")
    if reach.stands_on:
        is_same = all(table.is_same for table in tables if table.made_by in reach.stands_on)
        reasons.append(f"stands on {' and '.join(reach.stands_on)}"
                       + (", whose tables stay as they are" if is_same else ""))  # fmt: skip
    return _wrap(f"{reach.notebook:<24}" + (f"runs again: {'; '.join(reasons)}" if reasons else SAME), hang=26)


def _table(change: TableChange) -> Iterator[str]:
    rows = f"{change.rows_after} rows"
    if change.rows_after != change.rows_before:
        rows = f"{change.rows_before} -> {rows}"
    if change.is_same:
        yield _wrap(f"{change.table:<16}{SAME} ({rows})")
        return
    yield _wrap(f"{change.table:<16}changes: {rows}, those of {_patients(change.patients_n)} differ")
    parts = [f"{column} in {n}" for column, n in change.columns.items()]
    parts += [f"{column} is gone" for column in change.gone] + [f"{column} is new" for column in change.new]
    if parts:
        yield _wrap("; ".join(parts), indent=18, hang=18)


def _counts(before: Counts, after: Counts) -> Iterator[str]:
    yield f"  in the study       {before.eligible} -> {after.eligible}"
    yield f"  difficult to treat {_share(before)} -> {_share(after)}"
    yield f"  cannot tell        {before.cannot_tell} -> {after.cannot_tell}"


def _share(counts: Counts) -> str:
    share = f" ({format_percent(counts.yes / counts.eligible)})" if counts.eligible else ""
    return f"{counts.yes}{share}"


def _moves(preview: Preview, *, named: bool) -> Iterator[str]:
    moves, yes, open_ = preview.moves, LABEL_WORDS["yes"], LABEL_WORDS["cannot tell"]
    if moves.empty:
        yield "  Nobody changes label or cohort."
        return
    before, after = moves["before"], moves["after"]
    found = {
        "become difficult to treat": after == yes, "cease to be difficult to treat": before == yes,
        "can no longer be told": (after == open_) & (before != OUTSIDE),
        "can now be told": (before == open_) & (after != OUTSIDE),
        "enter the study": before == OUTSIDE, "leave the study": after == OUTSIDE,
    }  # fmt: skip
    counts = [f"{int(chosen.sum())} {words}" for words, chosen in found.items() if chosen.any()]
    yield _wrap(f"{_patients(len(moves))} in all: {', '.join(counts)}. One may be counted under two of these.")
    for key, group in moves.groupby(["before", "after", "reason"], sort=True):
        place, new, reason = (str(part) for part in key)
        yield _listed(f"{place} -> {new}{_why(place, new, reason)}", group["patient_id"].tolist(), named=named)


def _why(before: str, after: str, reason: str) -> str:
    """The arm or the criterion behind a move, in brackets."""
    if not reason:
        return ""
    if after == LABEL_WORDS["yes"]:
        return f" (by {uncapitalise(reason)})"
    if after == OUTSIDE:
        return f" (left out: {uncapitalise(reason)})"
    return f" ({'was left out' if before == OUTSIDE else 'had been so by'}: {uncapitalise(reason)})"


def _nearness(preview: Preview, *, named: bool) -> Iterator[str]:
    for near in preview.near:
        yield from _near(near, named=named)
    before, after = preview.before.borderline, preview.after.borderline
    words = f"labels that one measured value, {format_percent(BORDERLINE_WITHIN, digits=0)} higher or lower, would turn"
    earlier = f" ({len(before)} under the defaults)" if before != after else ""
    yield _listed(f"{words}{earlier}", after, named=named)


def _near(near: Near, *, named: bool) -> Iterator[str]:
    margin = f"{DAYS_NEAR} days" if near.parameter.startswith("study_") else format_percent(BORDERLINE_WITHIN, digits=0)
    yield _listed(f"{near.measure}, between the old and the new {near.parameter}", near.between, named=named)
    yield _listed(f"{near.measure}, within {margin} of the new {near.parameter}", near.near, named=named)


def _listed(words: str, ids: Sequence[str], *, named: bool) -> str:
    names = f": {', '.join(_sorted(ids))}" if named and ids else ""
    return _wrap(f"{len(ids):>4}  {words}{names}", hang=8)


def _sorted(ids: Iterable[str]) -> list[str]:
    return sorted(dict.fromkeys(ids))


def _patients(n: int) -> str:
    return f"{n} {plural(n, 'patient')}"


def _wrap(text: str, *, indent: int = 2, hang: int = 6) -> str:
    return textwrap.fill(text, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * hang,
                         break_long_words=False, break_on_hyphens=False)  # fmt: skip
