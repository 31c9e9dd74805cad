"""The rules that a typed table must keep: types, gaps, ranges, choices, keys, references, the order of dates.

Cell by cell rules are a pandera schema made from the dictionary, for raw and derived tables alike; pandera
finds every offending cell in one pass. Rules between rows and tables are plain pandas, since their messages
name the other row or date.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from numbers import Real
from types import MappingProxyType

import pandas as pd
import pandera.pandas as pa

from helpers.schema.dictionary import Column, DateOrder, Table, raw_dictionary
from helpers.schema.problems import SHOWN, Problem, problem, problems_in_rows, shown
from helpers.schema.types import explain_choice

Tables = Mapping[str, pd.DataFrame]


def pandera_schema(table: Table, *, coerce: bool = True) -> pa.DataFrameSchema:
    """The pandera schema of one table: dtype (coerced, unless told otherwise), gaps, range, choices of every column.

    >>> from helpers.schema.dictionary import table_of
    >>> pandera_schema(table_of("patients")).columns["sex"].nullable
    False
    """
    return pa.DataFrameSchema({
        column.name: pa.Column(
            column.dtype, _checks(column), nullable=column.required != "always", coerce=coerce,
            required=column.required != "optional")
        for column in table.columns.values()
    })  # fmt: skip


def _checks(column: Column) -> list[pa.Check]:
    checks = []
    if column.range is not None:
        checks.append(pa.Check.in_range(*column.range))
    if column.choices:
        checks.append(pa.Check.isin(list(column.choices)))
    return checks


def check_cells(
    frame: pd.DataFrame, *, table: Table, file: str, unread: Mapping[str, pd.Index] = MappingProxyType({})
) -> tuple[pd.DataFrame, list[Problem]]:
    """The table with the dictionary's dtypes, and the cells that break a rule of their column.

    The index of `frame` holds the row numbers of the file. Where there are problems, `frame` comes back as it is.
    Cells in `unread` are empty because their text could not be read, which has been reported already.
    """
    try:
        return pandera_schema(table, coerce=not _is_coerced(frame, table=table)).validate(frame, lazy=True), []
    except pa.errors.SchemaErrors as found:
        cases: pd.DataFrame = found.failure_cases
    problems = []
    for name, column in table.columns.items():
        if name not in frame:
            if column.required != "optional":
                problems.append(problem(f"{file}, column {name}", "the column is missing"))
            continue
        rows = set(cases.loc[(cases["column"] == name) & cases["index"].notna(), "index"])
        bad = pd.Series(frame.index.isin(rows - set(unread.get(name, ()))), index=frame.index)
        problems += problems_in_rows(frame, bad, where=file, column=name,
                                     say=partial(_explain_cell, column=column))
        if not rows and (cases["column"] == name).any():
            problems.append(problem(f"{file}, column {name}", f"the values are not of type {column.type}"))
    return frame, problems


def _is_coerced(frame: pd.DataFrame, *, table: Table) -> bool:
    """Whether every column has its dtype already, down to how texts are stored: most tables come from our own files."""
    found = frame.dtypes.to_dict()
    return all(found.get(name) == pd.api.types.pandas_dtype(column.dtype) for name, column in table.columns.items())


def is_typed(frame: pd.DataFrame, *, table: Table) -> bool:
    """Whether every column is there with its dtype, so that rows and tables can be compared."""
    return all(name in frame and str(frame[name].dtype) == column.dtype for name, column in table.columns.items())


def _explain_cell(value: object, column: Column) -> str:
    if pd.isna(value):  # type: ignore[call-overload]
        return f"the cell is empty, and every row needs {column.label.lower()}. Fill it in"
    if column.choices:
        return explain_choice(value, column=column)
    if column.range is not None and isinstance(value, Real):
        unit = f" {column.unit}" if column.unit else ""
        low, high = column.range
        return f"{float(value):g} is outside {low:g} to {high:g}{unit}. Check the value and its unit"
    return f"{shown(value)} is not of type {column.type}"


def check_key(frame: pd.DataFrame, *, table: Table, file: str) -> list[Problem]:
    """Rows whose key is there already; each message names the earlier row."""
    key = list(table.key)
    if not key or not set(key) <= set(frame):
        return []
    complete = frame[key].notna().all(axis=1)
    again = frame.duplicated(key) & complete
    if not again.any():
        return []
    rows = frame.loc[complete, key].assign(row=frame.index[complete])
    first = rows.groupby(key, sort=False)["row"].transform("first")
    examples = tuple(
        f", row {row}: {', '.join(f'{name} {shown(frame.loc[row, name], quoted=False)}' for name in key)} is already "
        f"in row {first.loc[row]}. Keep one row ({table.grain})"
        for row in frame.index[again][:SHOWN]
    )
    return [Problem(f"{file}, column {' and '.join(key)}", examples, int(again.sum()))]


def check_references(tables: Tables) -> list[Problem]:
    """Rows that point to a patient who is not in `patients`."""
    problems = []
    for table in raw_dictionary().tables.values():
        for column in table.columns.values():
            target = tables.get(column.references)
            if not column.references or target is None or table.name not in tables:
                continue
            frame = tables[table.name]
            orphan = frame[column.name].notna() & ~frame[column.name].isin(target[column.name])
            problems += problems_in_rows(frame, orphan, where=f"{table.name}.csv", column=column.name,
                                         say=partial(_explain_orphan, target=column.references))
    return problems


def _explain_orphan(value: object, target: str) -> str:
    return f"{shown(value)} is not in {target}.csv. Add the patient there, or correct the id"


def check_deaths(tables: Tables) -> list[Problem]:
    """Patients with more than one death."""
    if "events" not in tables:
        return []
    events = tables["events"]
    deaths = events[events["event_type"].eq("death").fillna(False)]
    return problems_in_rows(
        deaths, deaths.duplicated("patient_id"), where="events.csv", column="event_type",
        say=lambda value: f"{value} is in an earlier row of this patient already. Keep one death")


def check_dates(tables: Tables) -> list[Problem]:
    """Dates that break the dictionary's `date_order`: before birth, after death, stop before start, ..."""
    return [found for order in raw_dictionary().date_order if order.table in tables
            for found in _before(order, tables) + _after_death(order, tables)]


def _before(order: DateOrder, tables: Tables) -> list[Problem]:
    other_table, other_column = order.not_before.split(".")
    frame = tables[order.table]
    if other_table not in tables:
        return []
    if other_table == order.table:
        limit = frame[other_column]
    else:
        limit = frame["patient_id"].map(_one_date(tables[other_table], other_column, how="first"))
    return _out_of_order(frame, frame[order.column] < limit, limit, order=order,
                         words=f"lies before {other_column}")


def _after_death(order: DateOrder, tables: Tables) -> list[Problem]:
    if order.not_after is None or "events" not in tables:
        return []
    frame, events = tables[order.table], tables["events"]
    deaths = events[events["event_type"].eq("death").fillna(False)]
    limit = frame["patient_id"].map(_one_date(deaths, "event_date", how="min"))
    return _out_of_order(frame, frame[order.column] > limit, limit, order=order, words="lies after death on")


def _one_date(frame: pd.DataFrame, column: str, *, how: str) -> pd.Series:
    return frame.dropna(subset=["patient_id"]).groupby("patient_id")[column].agg(how)


def _out_of_order(
    frame: pd.DataFrame, bad: pd.Series, limit: pd.Series, *, order: DateOrder, words: str
) -> list[Problem]:
    bad = bad.fillna(False).astype(bool)
    told = frame.loc[bad]
    days, limits = told[order.column].dt.strftime("%Y-%m-%d"), pd.to_datetime(limit[bad]).dt.strftime("%Y-%m-%d")
    told = told.assign(**{order.column: days + f" {words} " + limits + ". Correct one of the two dates"})
    return problems_in_rows(told, bad[bad], where=f"{order.table}.csv", column=order.column, say=str)
