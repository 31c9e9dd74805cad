"""Text into HTML: prose with formulas, computed sentences, code, tables. Nothing passes unescaped."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any

from latex2mathml.converter import convert as latex_to_mathml
from markdown_it import MarkdownIt
from markupsafe import Markup, escape
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer


def _formula(latex: str, options: dict[str, Any]) -> str:
    return str(latex_to_mathml(latex, display="block" if options.get("display_mode") else "inline"))


_PROSE = MarkdownIt("commonmark", {"html": False}).enable("table").use(
    dollarmath_plugin, renderer=_formula, allow_digits=False)
_SENTENCE = MarkdownIt("zero").enable("emphasis")
for _parser in (_PROSE, _SENTENCE):
    _parser.render("Its rules are put together with the first text: now, before several threads can come at once.")
_LEXER, _FORMATTER = PythonLexer(), HtmlFormatter(nowrap=True)
_KEPT = 1000
"""So many pieces of code and tables are remembered: a page is the sooner there when its notebooks were read ahead."""

_OPEN, _SHUT = "\ue000", "\ue001"
DISAGREES = Markup('<a class="mark" href="#cross-checks">[engines disagree]</a>')
"""What stands beside a number that a second engine does not find again: words, as colour alone would not do."""

_FIGURES = re.compile(r"[\d\s.,:%()<>=−–-]*\d( to )?[\d\s.,:%()<>=−–-]*")
_SIZE = re.compile(r'<svg[^>]*?\swidth="([\d.]+)pt"[^>]*?\sheight="([\d.]+)pt"|'
                   r'<svg[^>]*?\sheight="([\d.]+)pt"[^>]*?\swidth="([\d.]+)pt"')


def prose(text: str) -> Markup:
    """Markdown of a notebook's author as HTML; formulas between dollar signs become MathML, HTML is shown as text.

    >>> str(prose("Half <b>of</b> *them*."))
    '<p>Half &lt;b&gt;of&lt;/b&gt; <em>them</em>.</p>'
    """
    return Markup(_PROSE.render(text).strip())


def sentence(text: str, *, marks: Iterable[Sequence[Any]] = ()) -> Markup:
    """A computed sentence as HTML: emphasis is kept, everything else (links, images, HTML) is shown as text.

    `marks` say where numbers stand on which two engines disagree (start, end, ledger id).

    >>> str(sentence("**57** of [181](javascript:x) & <i>"))
    '<p><strong>57</strong> of [181](javascript:x) &amp; &lt;i&gt;</p>'
    """
    found = list(marks)
    return _put_marks(Markup(_SENTENCE.render(_set_apart(text, found)).strip()), found)


def marked(text: str, *, marks: Iterable[Sequence[Any]] = ()) -> Markup:
    """Plain text as HTML, with the same marks.

    >>> str(marked("4 < 5", marks=[(0, 1, "a.n")]))[:46]
    '<span class="disagrees" data-ledger="a.n">4 <a'
    """
    found = list(marks)
    return _put_marks(escape(_set_apart(text, found)), found)


def _set_apart(text: str, marks: list[Sequence[Any]]) -> str:
    """The text with signs of no script around the marked places, so that they pass through whatever renders it."""
    text = text.replace(_OPEN, "?").replace(_SHUT, "?")
    for start, end, _ in sorted(marks, key=lambda mark: mark[0], reverse=True):
        text = f"{text[:start]}{_OPEN}{text[start:end]}{_SHUT}{text[end:]}"
    return text


def _put_marks(html: Markup, marks: list[Sequence[Any]]) -> Markup:
    """The signs turned into spans, which name the number and say in words what is wrong with it."""
    text = str(html)
    for _, _, id in sorted(marks, key=lambda mark: mark[0]):
        text = text.replace(_OPEN, f'<span class="disagrees" data-ledger="{escape(id)}">', 1)
        text = text.replace(_SHUT, f" {DISAGREES}</span>", 1)
    return Markup(text)


@lru_cache(_KEPT)
def code(source: str) -> Markup:
    """Python source as HTML with its parts marked by classes, for the style sheet to colour."""
    return Markup(highlight(source.strip(), _LEXER, _FORMATTER).rstrip())


def plain(text: str) -> str:
    """A heading without its Markdown marks, for lists of contents.

    >>> plain("Who is `left` **out**?")
    'Who is left out?'
    """
    return re.sub(r"[*_`$]", "", text).strip()


@dataclass(frozen=True)
class Picture:
    """A figure's drawing as the page holds it, with its size in CSS pixels."""

    address: str
    width: int
    height: int


def picture(svg: str) -> Picture:
    """The drawing as the address of an image that needs no network and can run no script.

    Raises ValueError for a drawing without a size in points.
    """
    found = _SIZE.search(svg)
    if found is None:
        raise ValueError("the SVG has no width and height in points")
    width, height = (found[1], found[2]) if found[1] else (found[4], found[3])
    encoded = base64.b64encode(svg.encode()).decode()
    pixels = [round(float(points) * 96 / 72) for points in (width, height)]
    return Picture(f"data:image/svg+xml;base64,{encoded}", *pixels)


@dataclass
class Cell:
    """One cell of a table: its text, the value it is sorted by, its kind, and whether it heads its row."""

    text: str = ""
    value: str = ""
    kind: str = "text"
    heads_row: bool = False
    ledger: str = ""
    disagrees: bool = False


@dataclass
class Table:
    """A table in parts, to be written again by the page's own template."""

    head: list[Cell] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)


class _TableReader(HTMLParser):
    """Takes an exhibit's table apart; of any other markup only the text stays."""

    def __init__(self) -> None:
        super().__init__()
        self.table = Table()
        self._part = ""
        self._row = ""
        self._columns: list[str] = []
        self._cell: Cell | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if tag in ("thead", "tbody", "tfoot", "caption"):
            self._part = tag
        elif tag == "tr" and self._part == "tbody":
            self._row = facts.get("data-row", "")
            self.table.rows.append([])
        elif tag in ("th", "td") and self._part in ("thead", "tbody"):
            self._cell = Cell(value=facts.get("data-value", ""), kind=facts.get("class", "text"),
                              heads_row=facts.get("scope") == "row", ledger=self._name(facts))
            (self.table.rows[-1] if self._part == "tbody" else self.table.head).append(self._cell)

    def _name(self, facts: dict[str, str]) -> str:
        """The end of the cell's ledger id, which its row and its column make; empty where they have no names."""
        if self._part == "thead":
            self._columns.append(facts.get("data-column", ""))
            return ""
        place = len(self.table.rows[-1])
        column = self._columns[place] if place < len(self._columns) else ""
        return f"{self._row}.{column}" if self._row and column else ""

    def handle_endtag(self, tag: str) -> None:
        if tag in ("th", "td") and self._cell is not None:
            if self._cell.kind == "text" and _FIGURES.fullmatch(self._cell.text):
                self._cell.kind = "figures"
            self._cell.text = self._cell.text.replace("n = ", "n\u00a0=\u00a0")
            self._cell = None

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.text += data


def read_table(html: str) -> Table:
    """The table that an exhibit holds as HTML, as text: whatever markup its cells contain is dropped.

    >>> read_table('<table><tbody><tr><th scope="row">a<script>b</script></th></tr></tbody></table>').rows[0][0].text
    'ab'
    """
    table = _take_apart(html)
    return Table([copy(cell) for cell in table.head], [[copy(cell) for cell in row] for row in table.rows])


@lru_cache(_KEPT)
def _take_apart(html: str) -> Table:
    reader = _TableReader()
    reader.feed(html)
    reader.close()
    return reader.table
