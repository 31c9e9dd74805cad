"""Small pieces of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MADE = "<!-- Made by `python -m helpers docs`. Change the source named below, not this page. -->"


def make_page(parts: Iterable[str]) -> str:
    """A page of its parts, an empty line between them and one newline at the end."""
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def make_bullets(items: Iterable[str]) -> str:
    """A list, one line per item."""
    return "\n".join(f"- {item}" for item in items)


def make_markdown_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; bars inside cells are escaped.

    >>> print(make_markdown_table(["a", "b"], [["1|2", ""]]))
    | a | b |
    | --- | --- |
    | 1\\|2 |  |
    """
    lines = [headings, ["---"] * len(headings), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def capital(text: str) -> str:
    """A text with a capital first letter, unless it begins with a name like eGFR.

    >>> capital("one row"), capital("eGFR falls")
    ('One row', 'eGFR falls')
    """
    return text if text[1:2].isupper() else text[:1].upper() + text[1:]
