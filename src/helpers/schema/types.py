"""From texts to dates, numbers and yes/no; a text that does not fit is shown with what to write instead.

Nothing is guessed: 03/04/2015 has two readings and 1,2 may be a decimal or two columns, so they are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa

from helpers.definitions import nearest_name
from helpers.schema.dictionary import Column, Table
from helpers.schema.problems import Problem, problems_in_rows, shown

FIRST_DAY, LAST_DAY = pd.Timestamp("1900-01-01"), pd.Timestamp("2099-12-31")
"""Dates outside are taken for slips of the keyboard. Today is not looked up: what is accepted may not depend on it."""

_EMPTY_WORDS = {
    "na", "n/a", "#n/a", "nan", "null", "none", "nil", "missing", "unknown", "not done", "nd", ".", "-", "?",
}  # fmt: skip
_LEAVE_EMPTY = "Leave the cell empty where the value is not known"


@dataclass(frozen=True)
class TypedTable:
    """A table with its dtypes, where its texts could not be read (missing in the table), and the problems."""

    table: pd.DataFrame
    unread: Mapping[str, pd.Index]
    problems: list[Problem]


def to_typed(texts: pd.DataFrame, *, table: Table, file: str) -> TypedTable:
    """The same rows with the dictionary's types; what could not be read is a problem and missing in the table.

    Columns that may be left out and are left out come back all missing. The index keeps the row numbers.
    """
    typed: dict[str, pd.Series] = {}
    unread: dict[str, pd.Index] = {}
    problems: list[Problem] = []
    for name, column in table.columns.items():
        if name not in texts:
            typed[name] = pd.Series(None, index=texts.index, dtype="object").astype(column.dtype)  # type: ignore[call-overload]
            continue
        typed[name], wrong = _converted(texts[name], column)
        unread[name] = texts.index[wrong]
        problems += problems_in_rows(texts, wrong, where=file, column=name,
                                     say=partial(explain, column=column))
    return TypedTable(pd.DataFrame(typed, index=texts.index), unread, problems)


def _converted(text: pd.Series, column: Column) -> tuple[pd.Series, pd.Series]:
    """The typed values, and where a text is there that is not of this type."""
    if column.type == "date":
        value = _days(text)
        value = value.where(value.between(FIRST_DAY, LAST_DAY))
    elif column.type in ("number", "integer"):
        value = _numbers(text)
        value = value.where(np.isfinite(value))
        if column.type == "integer":
            value = value.where(value == value.round())
    elif column.type == "yes_no":
        value = (text == "yes").where(text.isin(["yes", "no"]))
    else:
        value = text
    value = value.astype(column.dtype)  # type: ignore[call-overload]
    return value, text.notna() & value.isna()


def _days(text: pd.Series) -> pd.Series:
    """Texts of the form YYYY-MM-DD as days; Arrow reads a whole column at once, pandas tells the odd ones apart."""
    try:
        return pd.Series(pa.array(text).cast(pa.date32()).cast(pa.timestamp("ns")).to_numpy(zero_copy_only=False),
                         index=text.index)
    except pa.ArrowInvalid:
        plain = text.where(text.str.fullmatch(r"\d{4}-\d\d-\d\d").fillna(False)).astype(object)
        return pd.to_datetime(plain, format="%Y-%m-%d", errors="coerce")


def _numbers(text: pd.Series) -> pd.Series:
    try:
        return pd.Series(pa.array(text).cast(pa.float64()).to_numpy(zero_copy_only=False), index=text.index)
    except pa.ArrowInvalid:
        return pd.to_numeric(text.astype(object), errors="coerce").astype("float64")


def explain(value: object, *, column: Column) -> str:
    """Why a text is not a value of this column, and what to write.

    >>> from helpers.schema.dictionary import column_of
    >>> explain("1,2", column=column_of("visits", "creatinine_mg_dl"))
    '"1,2" is not a number. Write a decimal point: 1.2'
    >>> explain("TRUE", column=column_of("baseline", "serositis"))
    '"TRUE" is neither yes nor no. Write yes'
    """
    text, start = str(value), shown(value)
    if text.lower() in _EMPTY_WORDS and not column.choices:
        return f"{start} is not {_KIND[column.type]}. {_LEAVE_EMPTY}"
    if column.type == "date":
        return f"{start} is {_about_date(text)}"
    return f"{start} is {_about_yes_no(text) if column.type == 'yes_no' else _about_number(text, column)}"


def _about_date(text: str) -> str:
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        given = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce")
        if pd.isna(given):
            return "not a day of the calendar. Check the month and the day (YYYY-MM-DD)"
        return f"outside {FIRST_DAY.year} to {LAST_DAY.year}. Check the year"
    if match := re.fullmatch(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})", text):
        first, second, year = (int(part) for part in match.groups())
        if max(first, second) > 12 >= min(first, second) > 0:
            day, month = max(first, second), min(first, second)
            return f"not written as YYYY-MM-DD. Write {year}-{month:02d}-{day:02d}"
        return (f"not written as YYYY-MM-DD and can be read in two ways. Write {year}-{second:02d}-{first:02d} "
                f"or {year}-{first:02d}-{second:02d}, whichever is meant")
    if re.fullmatch(r"\d{5}(\.0)?", text):
        return "not a date but a spreadsheet's day number. Format the column as YYYY-MM-DD and save again"
    if re.match(r"\d{4}-\d\d-\d\d[T ]", text):
        return f"a date with a time. Write the day only: {text[:10]}"
    return "not a date. Write it as YYYY-MM-DD"


def _about_number(text: str, column: Column) -> str:
    kind = _KIND[column.type]
    if re.fullmatch(r"[-+]?\d+,\d+", text):
        return f"not {kind}. Write a decimal point: {text.replace(',', '.')}"
    if re.match(r"[<>≤≥]", text):
        return f"not {kind}. Write the limit of detection as a number, or leave the cell empty"
    if match := re.match(r"([-+]?\d+\.?\d*)\s*[^\d\s.,]", text):
        unit = f", in {column.unit}" if column.unit else ""
        return f"not {kind}. Write the number only{unit}: {match.group(1)}"
    if column.type == "integer" and re.fullmatch(r"[-+]?\d*\.\d+", text):
        return "not a whole number. Write a whole number"
    return f"not {kind}. Write digits with a decimal point, or leave the cell empty"


def _about_yes_no(text: str) -> str:
    meant = "yes" if text.lower() in _MEANS_YES else "no" if text.lower() in _MEANS_NO else ""
    return f"neither yes nor no. Write {meant or 'yes or no, or leave the cell empty'}"


_KIND = {"date": "a date", "number": "a number", "integer": "a whole number", "yes_no": "yes or no"}
_MEANS_YES = {"yes", "y", "true", "t", "1", "1.0", "positive"}
_MEANS_NO = {"no", "n", "false", "f", "0", "0.0", "negative"}


def explain_choice(value: object, *, column: Column) -> str:
    """That a word is not among a column's choices, and the nearest one.

    >>> from helpers.schema.dictionary import column_of
    >>> explain_choice("iv", column=column_of("biopsies", "isn_rps_class"))
    '"iv" is not a known value of ISN/RPS class: did you mean IV?'
    """
    text = str(value)
    plain = {choice.lower(): choice for choice in column.choices}
    plain |= {label.lower(): choice for choice, label in column.choices.items() if label.lower() not in plain}
    same = plain.get(text.lower().removeprefix("class ").strip())
    hint = f"did you mean {same}?" if same else nearest_name(text, column.choices)
    empty = "" if same or column.required == "always" or text.lower() not in _EMPTY_WORDS else f". {_LEAVE_EMPTY}"
    return f"{shown(text)} is not a known value of {column.label}: {hint}{empty}"
