"""Table 1: who the patients are, overall and side by side."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from tableone import TableOne

from helpers.definitions import FEATURES
from helpers.definitions.baseline_measures import BASELINE_CATEGORIES, BASELINE_MEASURES

VARIABLES = (*BASELINE_MEASURES, *BASELINE_CATEGORIES, *FEATURES)
"""What Table 1 shows, in this order: measures, categories, features."""

_OVERALL = "overall"


def derive_table_one(
    patients: pd.DataFrame,
    *,
    by: str | None = None,
    groups: Mapping[str, str] | None = None,
    variables: Sequence[str] = VARIABLES,
) -> pd.DataFrame:
    """Table 1 as it is printed, with the numbers behind each cell beside it.

    One row per measure, per feature, and per value of a category, after a first row with the patients counted.
    Columns: `row` (unique), `variable`, `label`, `unknown_n`, then `overall` and one column of text for each
    group, and `smd` (last, and only with exactly two groups). Text is "median (quartile to quartile)" for a
    measure and "n (percent of the known)" for anything else. Hidden beside each text column: `<group>_n`
    (known for a measure, with the feature otherwise), `<group>_share`, `<group>_median`, `<group>_low`,
    `<group>_high` (quartiles).

    `groups` maps the values of the column `by` to headings, in the order wanted; patients with another value,
    or none, are left out of the whole table. Without it every value found is shown, in the order of the
    category's definition or of the alphabet. A group nobody is in shows zero patients and dashes.
    The missing are left out of medians and percentages and are counted in `unknown_n`; a variable that the
    table lacks, or that nobody has, shows dashes.

    Medians, counts and standardised mean differences are those of the package tableone (Pollard et al., JAMIA
    Open 2018;1:26): quartiles by linear interpolation; the difference of means, or of shares, over the square
    root of the mean of both variances, second group minus first; for a category of several values the
    Mahalanobis distance of Yang and Dalton (SAS Global Forum 2012, 335), which has no sign. A difference that
    has no spread to be measured by is missing.

    >>> patients = pd.DataFrame({"age_years": [20, 30, 40], "is_male": [True, False, None]})
    >>> derive_table_one(patients, variables=["age_years", "is_male"])[["label", "unknown_n", "overall"]].values.tolist()
    [['Patients', 0, '3'], ['Age (years)', 0, '30 (25 to 35)'], ['Male sex', 1, '1 (50.0)']]
    """
    headings = _choose_groups(patients, by=by, groups=groups)
    kept = patients if by is None else patients.loc[patients[by].isin(list(headings))]
    members = {_OVERALL: kept} | {name: kept.loc[kept[by] == value] for value, name in headings.items()}
    table = pd.DataFrame(_list_rows(variables))
    table["unknown_n"] = [_count_unknown(kept, variable) for variable in table["variable"]]
    for name, part in members.items():
        table = _add_group(table, part, name=name)
    if len(headings) == 2:
        smd = _summarise_smd(kept, by=str(by), order=list(headings), variables=variables)
        first = table["variable"].ne(table["variable"].shift())
        table["smd"] = table["variable"].map(smd).where(first).astype(float)
    return table


def name_table_one_columns(table: pd.DataFrame) -> dict[str, str]:
    """The headings of Table 1 for `study.table(..., columns=...)`: the numbers behind the text are hidden.

    >>> patients = pd.DataFrame({"age_years": [20, 30, 40]})
    >>> name_table_one_columns(derive_table_one(patients, variables=["age_years"]))["overall"]
    'Overall (n = 3)'
    """
    texts = [name for name in table if f"{name}_median" in table]
    hidden = {f"{name}_{part}": "" for name in texts for part in ("n", "share", "median", "low", "high")}
    heads = {name: f"{_heading(name)} (n = {int(table[f'{name}_n'].iloc[0])})" for name in texts}
    return {"row": "", "variable": "", "label": "Characteristic", "unknown_n": "Not known", "smd": "SMD"} | hidden | heads


def _heading(name: str) -> str:
    return "Overall" if name == _OVERALL else name


def _choose_groups(patients: pd.DataFrame, *, by: str | None, groups: Mapping[str, str] | None) -> dict[str, str]:
    if by is None:
        return {}
    if groups is not None:
        return dict(groups)
    found = patients[by].dropna().unique().tolist()
    if by in BASELINE_CATEGORIES:
        return {value: label for value, label in BASELINE_CATEGORIES[by].levels if value in found}
    return {value: str(value) for value in sorted(found)}


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
