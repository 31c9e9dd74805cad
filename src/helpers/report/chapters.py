"""An executed notebook as a chapter: headings, prose, computed sentences, numbered exhibits, code to unfold."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from markupsafe import Markup
from nbformat import NotebookNode

from helpers.report.text import Picture, Table, code, marked, picture, plain, prose, read_table, sentence

PLUMBING = {"parameters", "injected-parameters", "setup", "header"}
LIMITS = "What this cannot tell you"
_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*$")


class ReportError(ValueError):
    """A notebook's output that cannot go into a report; the message names it."""


@dataclass
class Block:
    """One thing in a chapter, in the order of reading; `code` made it and is folded beside it."""

    kind: str
    html: Markup = Markup("")
    code: Markup = Markup("")
    text: str = ""
    id: str = ""
    number: str = ""
    caption: str | Markup = ""
    note: str | Markup = ""
    alt: str = ""
    table: Table | None = None
    picture: Picture | None = None
    files: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Section:
    """A heading and what stands under it; the first section of a chapter has no heading of its own."""

    title: str
    anchor: str
    html: Markup = Markup("")
    blocks: list[Block] = field(default_factory=list)

    @property
    def is_limits(self) -> bool:
        """Whether this is where the chapter says what it cannot tell."""
        return self.title.startswith(LIMITS)


@dataclass
class Chapter:
    """One notebook, ready for the page."""

    number: int
    name: str
    title: str
    sections: list[Section]
    setup: list[Block]

    @property
    def anchor(self) -> str:
        """Where a link to this chapter leads."""
        return f"chapter-{self.number}"


def make_chapter(
    name: str, notebook: NotebookNode, *, folder: Path, against: Container[str] = frozenset()
) -> Chapter:
    """The chapter that an executed notebook makes; `folder` is that of the run, where the exhibits' files are.

    `against` holds the ids of the numbers on which two engines disagree: they are marked wherever they stand.

    Raises ReportError for a figure without alt text, an exhibit without a caption, and an output that is an error.
    """
    number = int(name[:2])
    chapter = Chapter(number, name, name, [Section("", f"chapter-{number}-start")], [])
    waiting: list[str] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            _flush(chapter, waiting)
            _add_markdown(chapter, cell.source)
        elif cell.cell_type == "code":
            blocks = [block for output in cell.outputs
                      for block in _blocks_of(output, name, folder=folder, against=against)]  # fmt: skip
            if PLUMBING & set(cell.metadata.get("tags", [])) or any(block.kind == "header" for block in blocks):
                chapter.setup += [Block("code", code=code(cell.source)), *blocks]
            elif not any(block.kind == "finish" for block in blocks):
                _add_code(chapter, cell.source, blocks, waiting)
    _flush(chapter, waiting)
    return chapter


def _add_markdown(chapter: Chapter, source: str) -> None:
    """Headings open sections; the notebook's title becomes the chapter's."""
    lines: list[str] = []
    for line in source.splitlines():
        heading = _HEADING.match(line)
        if heading is None:
            lines.append(line)
            continue
        _add_prose(chapter, lines)
        if len(heading[1]) == 1:
            chapter.title = plain(heading[2])
        else:
            anchor = f"{chapter.anchor}-{len(chapter.sections)}"
            chapter.sections.append(Section(plain(heading[2]), anchor))
    _add_prose(chapter, lines)


def _add_prose(chapter: Chapter, lines: list[str]) -> None:
    text = "\n".join(lines).strip()
    lines.clear()
    if text:
        chapter.sections[-1].blocks.append(Block("prose", html=prose(text)))


def _add_code(chapter: Chapter, source: str, blocks: list[Block], waiting: list[str]) -> None:
    """Code is folded beside what it made; code that shows nothing waits for the next thing shown."""
    waiting.append(source)
    if blocks:
        blocks[-1].code = code("\n\n".join(waiting))
        waiting.clear()
        chapter.sections[-1].blocks += blocks


def _flush(chapter: Chapter, waiting: list[str]) -> None:
    if waiting:
        chapter.sections[-1].blocks.append(Block("code", code=code("\n\n".join(waiting))))
        waiting.clear()


def _blocks_of(output: Any, notebook: str, *, folder: Path, against: Container[str]) -> Iterator[Block]:
    """What one output of a cell becomes; an output that is not one of the study's is shown as its text."""
    if output.output_type == "error":
        raise ReportError(f"{notebook}: a cell ended in {output.ename}: {output.evalue}")
    if output.output_type == "stream":
        yield Block("output", text=output.text)
        return
    facts = output.metadata.get("compendium", {})
    if facts.get("kind") in ("table", "header"):
        table = mark_cells(read_table(output.data["text/html"]), id=facts.get("id", ""), against=against)
        yield _exhibit(facts, notebook, table=table, files=_files(folder, facts), against=against)
    elif facts.get("kind") == "figure":
        if not facts.get("alt", "").strip():
            raise ReportError(f"{notebook}: the figure {facts.get('id')} has no alt text")
        yield _exhibit(facts, notebook, picture=picture(output.data["image/svg+xml"]), files=_files(folder, facts),
                       against=against)
    elif facts.get("kind") in ("say", "finish"):
        yield Block(facts["kind"], html=sentence(output.data["text/markdown"], marks=_marks(facts, "say", against)))
    else:
        yield Block("output", text=output.data.get("text/plain", ""))


def _marks(facts: dict[str, Any], text: str, against: Container[str]) -> list[list[Any]]:
    """Where in one text of an output a number stands on which two engines disagree."""
    return [mark for mark in facts.get("numbers", {}).get(text, []) if mark[2] in against]


def mark_cells(table: Table, *, id: str, against: Container[str]) -> Table:
    """The same table, its cells marked on whose numbers two engines disagree."""
    for row in table.rows:
        for cell in row:
            cell.disagrees = bool(cell.ledger) and f"table.{id}.{cell.ledger}" in against
    return table


def _exhibit(facts: dict[str, Any], notebook: str, *, against: Container[str], **parts: Any) -> Block:
    if not facts.get("caption", "").strip():
        raise ReportError(f"{notebook}: the {facts['kind']} {facts.get('id')} has no caption")
    words: dict[str, Any] = {name: str(facts.get(name, "")) for name in ("id", "number", "alt")}
    for name in ("caption", "note"):
        words[name] = marked(str(facts.get(name, "")), marks=_marks(facts, name, against))
    return Block(facts["kind"], **words, **parts)


def _files(folder: Path, facts: dict[str, Any]) -> list[tuple[str, str]]:
    """Name and address of each file that stands beside the page for an exhibit."""
    addresses = [(ending, f"{facts['kind']}s/{facts['id']}.{ending}") for ending in ("csv", "svg", "png")]
    return [(ending.upper(), address) for ending, address in addresses if (folder / address).is_file()]
