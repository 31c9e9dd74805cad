"""Table 1: who the patients are, overall and side by side."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from tableone import TableOne

from helpers.definitions import FEATURES
from helpers.definitions.baseline_measures import BASELINE_CATEGORIES, BASELINE_MEASURES, BASELINE_VARIABLES

NUMBERS = ("n", "share", "median", "low", "high")
"""What stands behind each cell of text."""


def derive_table_one(
    patients: pd.DataFrame,
    *,
    by: str | None = None,
    groups: Sequence[str] | None = None,
    variables: Sequence[str] = BASELINE_VARIABLES,
) -> pd.DataFrame:
    """Table 1 as it is printed, with the numbers behind each cell beside it.

    One row per measure, per feature, and per value of a category, after a first row with the patients counted.
    Columns: `row` (unique), `variable`, `label`, `unknown_n`, then `overall` and one column of text named after
    each group, then the numbers behind them (`<group>_n`: known for a measure, with the feature otherwise;
    `_share`, `_median`, `_low` and `_high`, the quartiles), and `smd` last, only with exactly two groups. Text
    is "median (quartile to quartile)" for a measure and "n (percent of the known)" for anything else.

    `groups` are the values of the column `by` that are shown, in that order; patients with another value, or
    none, are left out of the whole table. Without it every value found is shown, in the order of the
    category's definition or of the alphabet. A group nobody is in shows zero patients and blanks; a value of
    a category that nobody has gets no row.
    The missing are left out of medians and percentages and are counted in `unknown_n`; a variable that the
    table lacks, or that nobody has, is blank.

    Medians, counts and standardised mean differences are those of the package tableone (Pollard et al., JAMIA
    Open 2018;1:26): quartiles by linear interpolation; for a measure the difference of means, second group
    minus first, over the root of the mean variance; for a feature or a category the distance of Yang and
    Dalton (SAS Global Forum 2012, paper 335), which has no sign. Without any spread it is missing.

    >>> patients = pd.DataFrame({"age_years": [20, 30, 40], "is_male": [True, False, None]})
    >>> table = derive_table_one(patients, variables=["age_years", "is_male"])
    >>> table[["label", "unknown_n", "overall"]].values.tolist()
    [['Patients', 0, '3'], ['Age (years)', 0, '30 (25 to 35)'], ['Male sex', 1, '1 (50.0)']]
    """
    order = _choose_groups(patients, by=by, groups=groups)
    group = pd.Series("overall", index=patients.index) if by is None else patients[by].astype("string")
    inside = group.isin([*order, "overall"])
    known, group = _prepare(patients.loc[inside], variables), group.loc[inside].astype(object)
    rows = pd.DataFrame(_list_rows(variables))
    rows["unknown_n"] = [int(known[name].isna().sum()) if name else 0 for name in rows["variable"]]
    members = {"overall": known} | {name: known.loc[group == name] for name in order}
    numbers = {name: _summarise_group(rows, part) for name, part in members.items()}
    made = _make_tableone(known, group=group, order=order)
    for name, part in numbers.items():
        rows[name] = _take_texts(made, rows, numbers=part, heading="Overall" if name == "overall" else name)
    table = pd.concat([rows, *(part.add_prefix(f"{name}_") for name, part in numbers.items())], axis=1)
    if len(order) == 2:
        table["smd"] = _take_smd(made, rows)
    unused = table["variable"].isin(list(BASELINE_CATEGORIES)) & table["overall_share"].eq(0)
    return table.loc[~unused].drop(columns="level").reset_index(drop=True)


def name_table_one_columns(table: pd.DataFrame, *, headings: Mapping[str, str] | None = None) -> dict[str, str]:
    """The headings of Table 1, each with its number of patients; the numbers behind the text are hidden ("").

    `headings` renames groups, `{"yes": "Difficult to treat"}`.

    >>> patients = pd.DataFrame({"age_years": [20, 30, 40]})
    >>> name_table_one_columns(derive_table_one(patients, variables=["age_years"]))["overall"]
    'Overall (n = 3)'
    """
    names = {"overall": "Overall", **(headings or {})}
    groups = [column for column in table.columns if f"{column}_median" in table.columns]
    heads = {name: f"{names.get(name, name)} (n = {int(table[f'{name}_n'].iloc[0])})" for name in groups}
    hidden = {f"{name}_{number}": "" for name in groups for number in NUMBERS}
    fixed = {"row": "", "variable": "", "label": "Characteristic", "unknown_n": "Not known", "smd": "SMD"}
    return fixed | heads | hidden


def _choose_groups(patients: pd.DataFrame, *, by: str | None, groups: Sequence[str] | None) -> list[str]:
    if by is None:
        return []
    if groups is not None:
        return list(groups)
    found = patients[by].dropna().astype(str).unique().tolist()
    usual = [value for value, _ in BASELINE_CATEGORIES[by].levels] if by in BASELINE_CATEGORIES else []
    return [value for value in usual if value in found] + sorted(set(found) - set(usual))


def _list_rows(variables: Sequence[str]) -> list[dict[str, str]]:
    """The rows of the table, before any number: the first counts the patients."""
    rows = [{"row": "patients", "variable": "", "label": "Patients", "level": ""}]
    for name in variables:
        if name in BASELINE_CATEGORIES:
            category = BASELINE_CATEGORIES[name]
            rows += [{"row": f"{name}_{value}", "variable": name, "label": f"{category.label}: {label}", "level": value}
                     for value, label in category.levels]  # fmt: skip
        elif name in BASELINE_MEASURES:
            measure = BASELINE_MEASURES[name]
            rows.append({"row": name, "variable": name, "label": f"{measure.label} ({measure.unit})", "level": ""})
        else:
            rows.append({"row": name, "variable": name, "label": FEATURES[name].label, "level": "yes"})
    return rows


def _prepare(patients: pd.DataFrame, variables: Sequence[str]) -> pd.DataFrame:
    """The variables as plain numbers and words, which is what tableone reads; a missing column is all missing."""
    columns: dict[str, Any] = {}
    for name in variables:
        values = patients[name] if name in patients else pd.Series(pd.NA, index=patients.index, dtype="boolean")
        if name in BASELINE_MEASURES:
            columns[name] = values.astype("Float64").astype(float)
        elif name in BASELINE_CATEGORIES:
            columns[name] = values.astype(object).where(values.notna(), np.nan)
        else:
            columns[name] = values.astype("boolean").map({True: "yes", False: "no"}).astype(object)
    return pd.DataFrame(columns, index=patients.index)


def _summarise_group(rows: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """The numbers behind one column of text, one row per row of the table."""
    cells = [_summarise_cell(known, variable, level)
             for variable, level in zip(rows["variable"], rows["level"], strict=True)]  # fmt: skip
    return pd.DataFrame(cells, columns=list(NUMBERS))


def _summarise_cell(known: pd.DataFrame, variable: str, level: str) -> tuple[int, float, float, float, float]:
    if not variable:
        return len(known), np.nan, np.nan, np.nan, np.nan
    values = known[variable].dropna()
    if level:
        n = int(values.eq(level).sum())
        return n, n / len(values) if len(values) else np.nan, np.nan, np.nan, np.nan
    low, median, high = values.quantile([0.25, 0.5, 0.75])
    return len(values), np.nan, median, low, high


def _make_tableone(known: pd.DataFrame, *, group: pd.Series, order: list[str]) -> TableOne | None:
    """The package's table of what is known; None where nothing is."""
    usable = [str(name) for name in known if known[name].notna().any()]
    present = [name for name in order if group.eq(name).any()]
    if not usable:
        return None
    measures = [name for name in usable if name in BASELINE_MEASURES]
    with warnings.catch_warnings():
        # a group in which a variable has no spread or no value: its cell is blank, and that is the answer
        warnings.simplefilter("ignore")
        return TableOne(
            known[usable].assign(_group=group), columns=usable, continuous=measures, nonnormal=measures,
            categorical=[name for name in usable if name not in measures],
            groupby="_group" if present else None, order={"_group": present} if present else None,
            smd=len(present) == 2, include_null=False, label_suffix=False,
            decimals={name: BASELINE_MEASURES[name].decimals if name in measures else 1 for name in usable},
        )  # fmt: skip


def _take_texts(made: TableOne | None, rows: pd.DataFrame, *, numbers: pd.DataFrame, heading: str) -> pd.Series:
    """One column of tableone's text in the order of our rows; where it has no cell, zero or blank."""
    texts = pd.Series(pd.NA, index=rows.index, dtype="string")
    if made is not None:
        frame = made.tableone
        frame.columns = [column[-1] if isinstance(column, tuple) else column for column in frame.columns]
        if heading in frame:
            found = frame[heading].reindex(pd.MultiIndex.from_frame(rows[["variable", "level"]]))
            texts = pd.Series(found.to_numpy(), index=rows.index, dtype="string")
    texts = texts.str.replace(r"\[(.*),(.*)\]", r"(\1 to \2)", regex=True)
    texts = texts.mask(numbers["n"].eq(0) & numbers["share"].eq(0), "0 (0.0)")
    texts = texts.mask(numbers["n"].eq(0) & numbers["share"].isna())
    return texts.where(rows["variable"].ne(""), numbers["n"].astype(str))


def _take_smd(made: TableOne | None, rows: pd.DataFrame) -> pd.Series:
    """The standardised mean difference of each variable, on its first row."""
    if made is None or made.smd_table is None:
        return pd.Series(np.nan, index=rows.index)
    values = pd.to_numeric(made.smd_table.iloc[:, 0])
    first = rows["variable"].ne(rows["variable"].shift())
    return rows["variable"].map(values).where(first).astype(float).replace([np.inf, -np.inf], np.nan)
