"""Who lies near a changed threshold: the values that it is compared with, patient by patient."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from helpers.answers import is_true
from helpers.cohort import EXCLUSIONS
from helpers.definitions import Rulebook
from helpers.labelling.course import derive_first_courses
from helpers.labelling.summaries import BORDERLINE_WITHIN
from helpers.labelling.trace import IN_TIME
from helpers.parameters import Parameters

DAYS_NEAR = 90
"""A date is near another within so many days; every other value within a tenth, as for borderline labels."""


@dataclass(frozen=True)
class Side:
    """The study under one set of parameters: what is needed to look a patient's values up."""

    raw: Mapping[str, pd.DataFrame]
    tables: Mapping[str, pd.DataFrame]
    parameters: Parameters
    rulebook: Rulebook


@dataclass(frozen=True)
class Near:
    """One changed threshold: what is held against it, who lies between its two values, and who near the new one."""

    parameter: str
    measure: str
    between: tuple[str, ...]
    near: tuple[str, ...]


def _followup(side: Side) -> pd.Series:
    """Follow-up of everybody whom no other criterion leaves out."""
    others = [name for name in EXCLUSIONS if name != "excluded_short_followup"]
    cohort = side.tables["cohort"]
    return cohort.loc[~cohort[others].any(axis=1)].set_index("patient_id")["followup_months"]


def _biopsy(side: Side) -> pd.Series:
    return side.tables["cohort"].set_index("patient_id")["index_biopsy_date"]


def _at_baseline(column: str) -> Callable[[Side], pd.Series]:
    def of_eligible(side: Side) -> pd.Series:
        cohort = side.tables["cohort"]
        values = side.raw["baseline"].set_index("patient_id")[column]
        return values.reindex(cohort.loc[cohort["is_eligible"], "patient_id"].astype(object))

    return of_eligible


def _first_response(side: Side) -> pd.Series:
    """The month of the first response of the first course; nothing for those without one."""
    rule, tables = side.parameters.dtt_rule(), side.tables
    first = derive_first_courses(
        tables["assessments"], tables["courses"], tables["cohort"], rule=rule, events=side.raw["events"],
        response_rule=side.rulebook.response_rule(rule.response_rule))  # fmt: skip
    rows = first.first_rows(first.speaks & is_true(first.finding("is_response")))
    months = np.append(first.month, np.nan)[rows]
    return pd.Series(months, index=first.patients["patient_id"].astype(object))


def _flare(side: Side) -> pd.Series:
    """The month of the flare that was judged."""
    trace = side.tables["dtt_trace"]
    flares = trace.loc[(trace["arm"] == "early_flare") & (trace["part"] == IN_TIME) & (trace["measure"] == "month")]
    return flares.groupby("patient_id")["value"].min()


def _label(side: Side) -> pd.Series:
    return side.tables["dtt_labels"].set_index("patient_id")["dtt_month"].dropna()


MEASURES: Mapping[str, tuple[str, Callable[[Side], pd.Series]]] = MappingProxyType({
    "study_start": ("day of the index biopsy", _biopsy),
    "study_end": ("day of the index biopsy", _biopsy),
    "minimum_followup_months": ("months of follow-up", _followup),
    "leucopenia_below": ("leucocytes at baseline", _at_baseline("leucocytes_10e9_l")),
    "low_c3_below_mg_dl": ("C3 at baseline", _at_baseline("c3_mg_dl")),
    "response_deadline_months": ("month of the first response", _first_response),
    "flare_window_months": ("month of a flare", _flare),
    "landmark_months": ("month in which a label came true", _label),
})  # fmt: skip
"""The thresholds among the parameters, with what is held against them; rules and windows are judged by the labels."""


def find_near(parameter: str, before: Side, after: Side) -> Near:
    """Who lies between the old and the new value of a threshold, and who near the new one.

    A value at either end lies between. Values are those under the new parameters, and under the old ones for
    patients who have none under the new.
    """
    measure, look_up = MEASURES[parameter]
    old, new = (getattr(side.parameters, parameter) for side in (before, after))
    found, earlier = look_up(after).dropna(), look_up(before).dropna()
    values = pd.concat([found, earlier.loc[~earlier.index.isin(found.index)]]).sort_index()
    numbers, (low, high) = _as_numbers(values), sorted((_as_number(old), _as_number(new)))
    reach = DAYS_NEAR if isinstance(new, str) else BORDERLINE_WITHIN * new
    between = (numbers >= low) & (numbers <= high)
    near = np.abs(numbers - _as_number(new)) <= reach
    ids = values.index.to_numpy(dtype=str)
    return Near(parameter, measure, tuple(ids[between].tolist()), tuple(ids[near].tolist()))


def _as_numbers(values: pd.Series) -> np.ndarray:
    """Values as numbers, dates as days."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.to_numpy(dtype="datetime64[D]").astype(float)
    return values.to_numpy(dtype=float)


def _as_number(value: Any) -> float:
    return float(np.datetime64(date.fromisoformat(value), "D").astype(int)) if isinstance(value, str) else float(value)
