"""Sentences of conclusion whose words are not the same in two runs, numbers apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from markupsafe import Markup, escape
from nbformat import NotebookNode

from helpers.comparison.runs import ComparedRun
from helpers.parameters import ALL
from helpers.report.summary import make_bottom_line
from helpers.report.text import plain

BOTTOM_LINE = "The bottom line"
_NUMBER = re.compile(r"(?:\bp )?[<>=]?\s?[−-]?\d[\d.,]*(?:\u202f\d{3})*(?:\u202f?%)?")
_WORD = re.compile(r"\S+|\s+")
_SAME = {"are": "is", "were": "was", "have": "has"}
_LIKE = 0.5


@dataclass(frozen=True)
class Change:
    """A sentence in both runs, as HTML with the words that are not the same marked; empty where one has none."""

    where: str
    first: Markup
    second: Markup


@dataclass(frozen=True)
class Said:
    """A sentence that a cell of a notebook showed: the chapter, the heading above it, the cell's code, the text."""

    chapter: str
    heading: str
    source: str
    text: str


def list_changes(first: ComparedRun, second: ComparedRun) -> list[Change]:
    """The sentences of the bottom line, then of the chapters, whose words changed from one run to the other.

    Numbers are blanked before the words are compared, and so is what only follows from them (is or are, one patient
    or two patients). Cells are matched by their code, in order where several have the same.
    """
    lines = [[line.text for line in make_bottom_line(run.entries, run.checks)] for run in (first, second)]
    changes = [_mark(BOTTOM_LINE, one, other) for one, other in pair_alike(*lines) if not is_same(one, other)]
    for name in ALL:
        said = [list_said(name, run.notebooks[name]) for run in (first, second) if name in run.notebooks]
        if len(said) == 2:
            changes += [_mark(where, one, other) for where, one, other in pair_cells(*said) if not is_same(one, other)]
    return changes


def list_said(name: str, notebook: NotebookNode) -> list[Said]:
    """The computed sentences of one executed notebook, in order."""
    found, heading = [], ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            titles = re.findall(r"^#{2,}\s+(.*?)\s*$", cell.source, flags=re.MULTILINE)
            heading = plain(titles[-1]) if titles else heading
        found += [Said(f"Chapter {int(name[:2])}", heading, cell.source, output.data.get("text/plain", ""))
                  for output in cell.get("outputs", [])
                  if output.get("metadata", {}).get("compendium", {}).get("kind") == "say"]  # fmt: skip
    return found


def pair_cells(first: Sequence[Said], second: Sequence[Said]) -> Iterator[tuple[str, str, str]]:
    """Where it stands, and the sentence in each run, cell by cell; a cell that only one has is left out."""
    waiting: dict[str, list[Said]] = {}
    for said in second:
        waiting.setdefault(said.source, []).append(said)
    for one in first:
        same = waiting.get(one.source)
        if same:
            yield ": ".join(filter(None, (one.chapter, one.heading))), one.text, same.pop(0).text


def pair_alike(first: Sequence[str], second: Sequence[str]) -> list[tuple[str, str]]:
    """Each sentence with the one that it is most like, those without one beside nothing.

    >>> pair_alike(["2 are ill.", "All fell."], ["3 are ill."])
    [('2 are ill.', '3 are ill.'), ('All fell.', '')]
    """
    left = list(second)
    pairs = []
    for one in first:
        likeness = [SequenceMatcher(None, blank(one), blank(other)).ratio() for other in left]
        best = max(range(len(left)), key=likeness.__getitem__, default=None)
        is_like = best is not None and likeness[best] >= _LIKE
        pairs.append((one, left.pop(best) if is_like and best is not None else ""))
    return pairs + [("", other) for other in left]


def blank(text: str) -> list[str]:
    """The words of a sentence with every number, and what grammar makes of it, taken out.

    >>> blank("2 patients are ill (p = 0.04).") == blank("1 patient is ill (p < 0.001).")
    True
    """
    words = _NUMBER.sub(" # ", text).split()
    return [_SAME.get(word, word.rstrip("s") if len(word) > 3 else word) for word in words]


def is_same(one: str, other: str) -> bool:
    """Whether two sentences say the same in the same words, whatever their numbers."""
    return blank(one) == blank(other)


def _mark(where: str, one: str, other: str) -> Change:
    """Both sentences with the words that the other lacks set apart; a number that changed is no such word."""
    parts = [_WORD.findall(text) for text in (one, other)]
    keys = [[" ".join(blank(word)) for word in words] for words in parts]
    matcher = SequenceMatcher(None, keys[0], keys[1], autojunk=False)
    marked: list[list[str]] = [[], []]
    for kind, *ends in matcher.get_opcodes():
        for side, (start, stop) in enumerate(zip(ends[::2], ends[1::2], strict=True)):
            text = "".join(parts[side][start:stop])
            tag = "" if kind == "equal" else ("del", "ins")[side]
            marked[side].append(_set_apart(text, tag))
    return Change(where, *(Markup("".join(pieces)) for pieces in marked))


def _set_apart(text: str, tag: str) -> str:
    inner = text.strip()
    if not inner or not tag:
        return str(escape(text))
    head, tail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{head}<{tag}>{escape(inner)}</{tag}>{tail}"
