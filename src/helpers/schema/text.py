"""From the bytes of a CSV file to a table of texts, row numbers kept as a spreadsheet shows them.

The cells are read as text first, so that a message can show what stands in the file. Arrow's reader is used
because it keeps count of the rows and hands over those with too many or too few cells; pandas' pads them.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from helpers.schema.dictionary import Column, Table
from helpers.schema.problems import SHOWN, Problem, problem, shown

_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_COMMA_REMEDY = "save the file as CSV with commas between the columns and points in the numbers"


@dataclass
class TextTable:
    """A table of texts (missing where the cell is empty), the problems found on the way, and remarks."""

    table: pd.DataFrame | None = None
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_text(path: Path, *, table: Table) -> TextTable:
    """The cells of one CSV file as texts, one row per row of the file, in the dictionary's column order.

    The index holds the row numbers as a spreadsheet shows them (the header is row 1). Blanks around a value
    are dropped, empty cells are missing, empty rows are left out with a note. Columns that the dictionary does
    not know are left out with a note, unless they look like a known column that is absent: then it is a problem.
    """
    text = _decoded(path)
    if isinstance(text, Problem):
        return TextTable(problems=[text])
    if not text.strip():
        return TextTable(problems=[problem(path.name, "the file is empty. " + _header_remedy(table))])
    header = _header(text)
    result = TextTable()
    chosen = _match_header(header, path.name, table=table, result=result)
    if result.problems:
        return result
    cells = _cells(text, path.name, width=len(header), result=result)
    result.table = _chosen(cells, chosen, path.name, result=result)
    if result.table.empty and not table.may_be_empty and not result.problems:
        result.problems.append(problem(path.name, f"there are no rows below the header. Add {table.grain}"))
    return result


def _decoded(path: Path) -> str | Problem:
    try:
        content = path.read_bytes()
    except OSError as wrong:
        return problem(path.name, f"the file cannot be read ({wrong.strerror}). Close it in other programs")
    if content.startswith(b"PK\x03\x04"):
        return problem(path.name, f"the file is a spreadsheet workbook, not CSV. Open it and {_COMMA_REMEDY}")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return problem(path.name, 'the file is in UTF-16, not UTF-8. Save it again as "CSV UTF-8"')
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        return _strange_character(path.name, content, wrong.start)


def _strange_character(file: str, content: bytes, position: int) -> Problem:
    """Where the first byte that is not UTF-8 stands; read as Latin-1, which gives every byte a letter."""
    start = content.rfind(b"\n", 0, position) + 1
    row = content.count(b"\n", 0, position) + 1
    header, before = _header(content.decode("latin-1")), _header(content[start:position].decode("latin-1"))
    column = f", column {header[len(before) - 1]}" if 0 < len(before) <= len(header) else ""
    near = content[max(start, position - 10) : position + 5].decode("latin-1")
    return problem(f"{file}{column}, row {row}",
                   f'there is a character that is not UTF-8, near {shown(near)}. Save the file again as "CSV UTF-8"')


def _header(text: str) -> list[str]:
    """The cells of the first row, whatever ends it; a quote that is never closed makes one cell of all the rest."""
    try:
        return [name.strip() for name in next(csv.reader(io.StringIO(text, newline=None)), [])]
    except csv.Error:
        return []


def _header_remedy(table: Table) -> str:
    required = [column.name for column in table.columns.values() if column.required != "optional"]
    return f"Row 1 must hold the column names: {', '.join(required[:5])}{', ...' if len(required) > 5 else ''}"


def _match_header(header: list[str], file: str, *, table: Table, result: TextTable) -> dict[str, int]:
    """Where in the file each known column stands; problems and notes about the header go into `result`."""
    known = [name for name in header if name in table.columns]
    separator = next((words for mark, words in _SEPARATORS.items() if mark in header[0]), "") if header else ""
    if separator and not known:
        result.problems.append(
            problem(file, f"the columns are separated by {separator}, not by commas: {_COMMA_REMEDY}"))
        return {}
    if not known:
        given = ", ".join(shown(name, quoted=False) for name in header[:6])
        result.problems.append(problem(
            f"{file}, row 1", f"there is no known column name in it ({given}). {_header_remedy(table)}"))
        return {}
    for name in sorted(name for name, times in Counter(known).items() if times > 1):
        result.problems.append(problem(f"{file}, column {name}", "the column is there twice. Delete one of them"))
    strange = [name for name in header if name and name not in table.columns]
    for column in (column for name, column in table.columns.items() if name not in known):
        near = _nearest(column.name, strange)
        if near or column.required != "optional":
            result.problems.append(problem(f"{file}, column {column.name}", _missing_column(column, near, header)))
        strange = [name for name in strange if name != near]
    result.notes += [f"{file}: column {shown(name, quoted=False)} is not in the data dictionary; it was left out"
                     for name in strange]
    return {name: header.index(name) for name in table.columns if name in header}


def _nearest(name: str, candidates: list[str]) -> str:
    plain = {"_".join(candidate.lower().split()): candidate for candidate in candidates}
    close = get_close_matches(name, plain, n=1, cutoff=0.8)
    return plain[close[0]] if close else ""


def _missing_column(column: Column, near: str, header: list[str]) -> str:
    unit = f" in the same unit ({column.unit})" if column.unit else ""
    if near:
        other = "; otherwise give it a name that cannot be mistaken" if column.required == "optional" else ""
        return (f"the column is missing from row 1. If {shown(near)} holds the same{unit}, rename it to "
                f"{column.name}{other}")
    empty = " (its cells may be empty)" if column.required == "column" else ""
    return (f"the column is missing from row 1. Add it{empty}: {column.meaning}. Row 1 has: "
            f"{', '.join(shown(name, quoted=False) for name in header[:6])}{', ...' if len(header) > 6 else ''}")


def _cells(text: str, file: str, *, width: int, result: TextTable) -> pa.Table:
    """All cells below the header as texts, with their row numbers; ragged rows become problems."""
    content = text.rstrip("\r\n").encode() + b"\n"
    ragged: list[arrow_csv.InvalidRow] = []

    def set_aside(row: arrow_csv.InvalidRow) -> str:
        ragged.append(row)
        return "skip"

    names = [str(position) for position in range(width)]
    cells = arrow_csv.read_csv(
        pa.BufferReader(content),
        read_options=arrow_csv.ReadOptions(
            use_threads=False, column_names=names, skip_rows_after_names=1, block_size=len(content) + 1),
        parse_options=arrow_csv.ParseOptions(
            newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=set_aside),
        convert_options=arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
    )  # fmt: skip
    if ragged:
        examples = tuple(
            f", row {row.number}: the row has {row.actual_columns} cells and the header has {width}. "
            "Put a text that holds a comma in double quotes, and write decimals with a point"
            for row in ragged[:SHOWN])
        result.problems.append(Problem(file, examples, len(ragged)))
    numbers = pd.RangeIndex(2, 2 + cells.num_rows + len(ragged)).difference([row.number for row in ragged])
    return cells.append_column("row", pa.array(numbers))


def _chosen(cells: pa.Table, chosen: dict[str, int], file: str, *, result: TextTable) -> pd.DataFrame:
    """The known columns, blanks trimmed, empty cells missing, empty rows left out."""
    texts = {name: pc.utf8_trim_whitespace(cells.column(str(position))) for name, position in chosen.items()}
    texts = {name: pc.if_else(pc.equal(text, ""), None, text) for name, text in texts.items()}
    table = pa.table(texts).to_pandas(types_mapper=pd.ArrowDtype).set_axis(pd.Index(cells.column("row").to_numpy()))
    empty = table.isna().all(axis=1)
    if empty.any():
        result.notes.append(f"{file}: {int(empty.sum())} empty rows were left out")
    known: pd.DataFrame = table.loc[~empty]
    return known
