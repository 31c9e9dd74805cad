"""Numbered tables and figures: what a reader sees, and the files that stand beside it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from typing import Any

import pandas as pd

from helpers.ledger import Ledger, number_or_none
from helpers.wording import THIN, count_decimals, format_number, format_p, format_percent

MISSING = "–"
_TRIPLE = re.compile(r"(?P<prefix>.*?)estimate$")
_IN_ONE_LINE = str.maketrans({"\t": r"\t", "\r": r"\r", "\n": r"\n"})


@dataclass(frozen=True)
class Column:
    """One printed column: its heading, the frame's columns it is made of, and how a cell is printed."""

    heading: str
    sources: tuple[str, ...]
    kind: str


def plan_columns(frame: pd.DataFrame, *, headings: Mapping[str, str]) -> list[Column]:
    """The printed columns of a frame: estimate, low and high become one; a heading of "" hides a column.

    Kinds come from the names: `p` and `..._p` are p values, `share` shares, true/false is yes/no.
    """
    merged = {
        name: (name, f"{prefix}low", f"{prefix}high")
        for name in map(str, frame.columns)
        if (match := _TRIPLE.fullmatch(name)) is not None
        for prefix in [match["prefix"]]
        if {f"{prefix}low", f"{prefix}high"} <= set(frame.columns)
    }
    hidden = {part for parts in merged.values() for part in parts[1:]}
    hidden |= {name for name, heading in headings.items() if heading == ""}
    return [
        Column(
            heading=headings.get(name, _default_heading(name, interval=name in merged)),
            sources=merged.get(name, (name,)),
            kind="interval" if name in merged else _kind_of(frame[name], name),
        )
        for name in map(str, frame.columns)
        if name not in hidden
    ]


def _default_heading(name: str, *, interval: bool) -> str:
    words = name.replace("_", " ").strip().capitalize()
    words = {"P": "p", "N": "n"}.get(words, words)
    return f"{words} (95{THIN}% CI)" if interval else words


def _kind_of(values: pd.Series, name: str) -> str:
    if name == "p" or name.endswith("_p") or name.startswith("p_"):
        return "p"
    if name == "share" or name.endswith("_share") or name.startswith("share_"):
        return "share"
    if pd.api.types.is_bool_dtype(values):
        return "yes_no"
    return "number" if pd.api.types.is_numeric_dtype(values) else "text"


def print_cell(values: list[Any], kind: str) -> str:
    """One cell as text; the missing is a dash.

    >>> print_cell([4.2849, 2.07, 8.851], "interval"), print_cell([None, None, None], "interval")
    ('4.28 (2.07 to 8.85)', '–')
    """
    value = values[0]
    if kind == "interval":
        return _print_interval([number_or_none(part) for part in values])
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return MISSING
    if kind == "p":
        return format_p(number_or_none(value), sign=False)
    if kind == "share":
        return format_percent(number_or_none(value))
    if kind == "yes_no":
        return "yes" if value else "no"
    if kind == "number":
        return format_number(number_or_none(value))
    return f"{value:%Y-%m-%d}" if isinstance(value, (date, datetime)) else str(value)


def _print_interval(parts: list[float | None]) -> str:
    point, low, high = parts
    if point is None:
        return MISSING
    digits = count_decimals(point)
    if low is None and high is None:
        return format_number(point, digits=digits)
    ends = [MISSING if end is None else format_number(end, digits=digits) for end in (low, high)]
    return f"{format_number(point, digits=digits)} ({ends[0]} to {ends[1]})"


def make_html_table(frame: pd.DataFrame, *, id: str, caption: str, note: str, columns: list[Column],
                    index: str = "") -> str:
    """The frame as an HTML table: caption, column heads with scope, first column as row heads, all text escaped.

    Each cell carries its raw value in `data-value`, by which a page can sort. Where `index` names the column that tells
    the rows apart, rows and columns carry their parts of the cells' ledger ids in `data-row` and `data-column`.
    """
    of_column = [f' data-column="{slug(column.sources[0])}"' if index else "" for column in columns]
    of_row = [f' data-row="{name}"' for name in name_rows(frame[index])] if index else [""] * len(frame)
    head = "".join(f'<th scope="col" class="{column.kind}"{fact}>{escape(column.heading)}</th>'
                   for column, fact in zip(columns, of_column, strict=True))
    rows = "".join(f"<tr{fact}>{''.join(_cells(record, columns))}</tr>"
                   for record, fact in zip(frame.to_dict("records"), of_row, strict=True))
    foot = f'<tfoot><tr><td colspan="{len(columns)}">{escape(note)}</td></tr></tfoot>' if note else ""
    return (
        f'<table class="exhibit" data-exhibit="{escape(id)}"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>{foot}</table>"
    )


def _cells(record: dict[Any, Any], columns: list[Column]) -> Iterator[str]:
    for position, column in enumerate(columns):
        values = [record[source] for source in column.sources]
        raw = values[0] if column.kind == "text" else number_or_none(values[0])
        value = "" if raw is None or (not isinstance(raw, str) and pd.isna(raw)) else raw
        value = f"{value:.10g}" if isinstance(value, float) else value  # what lies beyond differs between machines
        tag, scope = ("th", ' scope="row"') if position == 0 else ("td", "")
        text = escape(print_cell(values, column.kind))
        yield f'<{tag}{scope} class="{column.kind}" data-value="{escape(str(value))}">{text}</{tag}>'


def make_text_table(frame: pd.DataFrame, *, columns: list[Column]) -> str:
    """The same cells as plain text, for readers without HTML: one line per row, columns flush right.

    >>> frame = pd.DataFrame({"sex": ["women", "men"], "n": [152, 29]})
    >>> print(make_text_table(frame, columns=plan_columns(frame, headings={})))
      Sex   n
    women 152
      men  29
    """
    printed = {
        column.heading: [print_cell(list(row), column.kind).translate(_IN_ONE_LINE) for row in zip(
            *(frame[source].tolist() for source in column.sources), strict=True)]
        for column in columns
    }  # fmt: skip
    widths = {heading: max(map(len, [heading, *cells])) for heading, cells in printed.items()}
    flush = [[text.rjust(widths[heading]) for text in [heading, *cells]] for heading, cells in printed.items()]
    return "\n".join(" ".join(row) for row in zip(*flush, strict=True))


def record_cells(ledger: Ledger, frame: pd.DataFrame, *, id: str, index: str, caption: str) -> None:
    """Record every numeric cell of a table as `table.<id>.<row>.<column>`.

    `index` names the column that tells the rows apart; where two rows share a value they are numbered.
    """
    names = name_rows(frame[index])
    for column in map(str, frame.columns):
        if column == index or not pd.api.types.is_numeric_dtype(frame[column]):
            continue
        beside = {fact: frame[name].tolist() for fact, name in _companions(column) if name in frame and name != column}
        part, unit = slug(column), unit_of(column)
        for place, (row, value) in enumerate(zip(names, frame[column].tolist(), strict=True)):
            ledger.add(f"table.{id}.{row}.{part}", value, unit=unit, origin=f"tables/{id}.csv",
                       label=f"{caption}: {row}, {column}", **{fact: values[place] for fact, values in beside.items()})


def name_rows(values: Iterable[object]) -> list[str]:
    """The rows' names as parts of ids; where two rows share a name they are numbered.

    >>> name_rows(["III + V", "other", "Other"])
    ['iii_v', 'other', 'other_2']
    """
    names, seen = [], Counter[str]()
    for value in values:
        name = slug(value)
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return names


def _companions(column: str) -> list[tuple[str, str]]:
    """The columns of the same row that belong to a number: its n, and for an estimate the ends of its interval."""
    estimate = _TRIPLE.fullmatch(column)
    ends = [(end, f"{estimate['prefix']}{end}") for end in ("low", "high")] if estimate else []
    return [("n", "n"), *ends]


def unit_of(column: str) -> str:
    """The unit that a column's name gives away, or "" where it gives none.

    >>> unit_of("followup_months"), unit_of("or_p"), unit_of("share"), unit_of("n")
    ('months', 'p value', 'share', 'count')
    """
    if column == "p" or column.endswith("_p") or column.startswith("p_"):
        return "p value"
    if "share" in column.split("_"):
        return "share"
    if column == "n" or column.endswith("_n") or column.startswith("n_") or column == "events":
        return "count"
    endings = {"_months": "months", "_years": "years", "_mg_dl": "mg/dL", "_g_g": "g/g", "_days": "days"}
    return next((unit for ending, unit in endings.items() if column.endswith(ending)), "")


def slug(value: object) -> str:
    """A row's name as part of an id: lower case, words joined by underscores.

    >>> slug("III + V"), slug("Serum creatinine (mg/dL)")
    ('iii_v', 'serum_creatinine_mg_dl')
    """
    return re.sub(r"[^a-z0-9]+", "_", str(value).lower()).strip("_") or "blank"
