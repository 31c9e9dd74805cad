"""The documentation pages that are made, not written: data dictionary, rules, parameters and the multiverse.

Each page comes from the objects that the code itself uses; a test fails when a committed page has fallen behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from types import MappingProxyType
from typing import Any

from helpers.definitions import ARMS, FEATURES, FLARE_RULES, RESPONSE_RULES, WORSENING_RULES
from helpers.documentation.grid import make_multiverse_page
from helpers.documentation.rules import make_rules_page
from helpers.documentation.text import MADE, capital, make_bullets, make_markdown_table, make_page
from helpers.parameters import describe_parameters
from helpers.scenarios import load_scenarios
from helpers.schema.dictionary import Column, DateOrder, Table, derived_dictionary, raw_dictionary

_REQUIRED = {"always": "yes, in every row", "column": "column yes, cell may be empty", "optional": "no"}
_TYPES = {
    "text": "text", "choice": "word", "yes_no": "yes / no", "flag": "yes / no, never empty",
    "integer": "whole number", "number": "number", "date": "date",
}  # fmt: skip

_HOW_TO_WRITE = """\
- One CSV file per table in one folder, named like the table; UTF-8; commas between columns, points in numbers.
- Row 1 holds the column names as printed here, in any order. A column that is not listed is left out with a remark;
  one that looks like a misspelt listed column is refused.
- Dates are `YYYY-MM-DD`; yes and no are `yes` and `no`; a word is one of those listed, spelt as here.
- What is not known is an empty cell, never a code such as 999 or NA.
- A value outside its range is refused, not clipped: it is nearly always a slip or another unit.
- Pseudonyms only: no name, no hospital number.
- `python -m helpers check` reads the folder and says everything that is wrong, with table, column and row."""


def make_dictionary_page() -> str:
    """docs/data_dictionary.md: every table and column, raw and derived."""
    raw, derived = raw_dictionary(), derived_dictionary()
    parts = [
        MADE, "# Data dictionary",
        "Source: `src/helpers/dictionary.yml` (what a clinic fills in) and `src/helpers/derived.yml` (what the "
        "notebooks make of it). The checks and the labels in tables and figures come from the same two files.",
        "## How to write the files", _HOW_TO_WRITE, "## Raw tables",
        *(_table_section(table) for table in raw.tables.values()),
        "## Order of dates", make_bullets(_order_in_words(order) for order in raw.date_order),
        "A patient has one death at most.", "## Derived tables",
        "Parquet files in `data/derived/<run>/`, checked when written and when read; the parameters and the hashes of "
        "the data that made a table are stored in its metadata. Columns beside the listed ones may be there.",
        *(_table_section(table) for table in derived.tables.values()),
    ]  # fmt: skip
    return make_page(parts)


def _table_section(table: Table) -> str:
    key = f" Key: {', '.join(f'`{name}`' for name in table.key)}." if table.key else ""
    maker = f" Made by `{table.made_by}`." if table.made_by else ""
    empty = " May be empty." if table.may_be_empty else ""
    head = f"### {table.name}\n\n{capital(table.grain)}.{key}{maker}{empty}\n\n"
    return head + make_markdown_table(
        ["column", "label", "type", "unit", "accepted", "required", "meaning", "needed for"],
        ([f"`{column.name}`", column.label, _TYPES[column.type], column.unit, _accepted(column),
          _REQUIRED[column.required], _meaning(column), ", ".join(column.needed_for)]
         for column in table.columns.values()))  # fmt: skip


def _accepted(column: Column) -> str:
    if column.choices:
        return "; ".join(f"`{word}`" + (f" ({label})" if label.lower() != word.lower() else "")
                         for word, label in column.choices.items())  # fmt: skip
    if column.range is not None:
        low, high = column.range
        return f"{low:g} to {high:g}"
    return f"a `{column.references}` row" if column.references else ""


def _meaning(column: Column) -> str:
    parts = [column.meaning]
    if column.points is not None:
        parts.append(f"{column.points} point{'s' if column.points > 1 else ''}")
    if column.nih:
        parts.append(f"weight {column.weight} in the {column.nih} index")
    parts += [f"only where {name} is {value}" for name, value in column.only_where.items()]
    if column.empty_means != "not known":
        parts.append(f"empty: {column.empty_means}")
    return "; ".join(parts)


def _order_in_words(order: DateOrder) -> str:
    death = ", nor after death" if order.not_after else ""
    return f"`{order.table}.{order.column}` not before `{order.not_before}`{death}"


def make_parameters_page() -> str:
    """docs/parameters.md: every parameter with its default, what it accepts, meaning, source and notebooks."""
    rows = ([f"`{one['name']}`", _value(one["default"]), _names_of(one["name"]) or one["range"],
             capital(one["meaning"]), one["source"], ", ".join(name[:2] for name in one["notebooks"])]
            for one in describe_parameters())  # fmt: skip
    return make_page([
        MADE, "# Parameters",
        "Source: `src/helpers/parameters.py`. Everything that a run can vary is here; nothing else is. The parameters "
        "cells of the notebooks, the command line's help and the table in the report hold to the same contract, "
        "tested. An unknown name and a value outside what is accepted are refused. The numbers in the last column "
        "are those of the notebooks that read the parameter.",
        make_markdown_table(["parameter", "default", "accepted", "meaning", "source", "notebooks"], rows),
        "## Scenarios",
        "Source: `src/helpers/scenarios.yml`. A scenario is a set of parameters under a name: `--scenario NAME`. "
        "`--parameters` and `-p` go before it. Two can be combined when they set no parameter in common.",
        make_markdown_table(["scenario", "meaning", "sets", "source"], _scenario_rows()),
    ])  # fmt: skip


def _scenario_rows() -> Iterable[list[str]]:
    for name, one in load_scenarios().items():
        sets = "; ".join(f"`{parameter}` {_value(value)}" for parameter, value in one.values.items())
        yield [f"`{name}`", one.meaning, sets, one.source]


def _names_of(parameter: str) -> str:
    """The names that a parameter accepts where they are those of rules, arms or features."""
    if parameter in _RULES:
        return f"one of {', '.join(_RULES[parameter])}, or a rule of your own"
    return f"any of {', '.join(_LISTS[parameter])}" if parameter in _LISTS else ""


_RULES: dict[str, Iterable[str]] = {
    "response_rule": RESPONSE_RULES, "flare_rule": FLARE_RULES, "worsening_rule": WORSENING_RULES,
}  # fmt: skip
_LISTS: dict[str, Iterable[str]] = {"dtt_arms": ARMS, "covariates": FEATURES}


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(f"{item:g}" if isinstance(item, float) else str(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value) or "(empty)"


PAGES: MappingProxyType[str, Callable[[], str]] = MappingProxyType({
    "data_dictionary.md": make_dictionary_page, "rules.md": make_rules_page, "parameters.md": make_parameters_page,
    "multiverse.md": make_multiverse_page,
})  # fmt: skip
"""The pages by file name, and what makes each."""


def write_docs(folder: str | Path) -> list[Path]:
    """Write all pages into a folder and return their paths."""
    paths = []
    for name, make in PAGES.items():
        path = Path(folder) / name
        path.write_text(make(), encoding="utf-8", newline="\n")
        paths.append(path)
    return paths


def check_docs(folder: str | Path) -> list[str]:
    """The names of the pages in a folder that are missing or are not what would be written now."""
    return [name for name, make in PAGES.items()
            if not (Path(folder) / name).is_file() or (Path(folder) / name).read_text(encoding="utf-8") != make()]
