"""The kidney at one visit: filtration, proteinuria, sediment."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.answers import Answers, Floats, all_of, answer_where, any_of, as_answers, as_floats
from helpers.definitions import ACTIVE_SEDIMENT, DAYS_PER_YEAR, EgfrEquation, SedimentCut

CELLULAR_CASTS = ("rbc", "wbc")
"""Casts that make a sediment active (ACR 2012); granular, hyaline and waxy ones do not."""


def derive_egfr(creatinine_mg_dl: Any, age_years: Any, is_female: Any, *, equation: EgfrEquation) -> Floats:
    """The estimated glomerular filtration rate in mL/min/1.73 m², one value per patient or visit.

    Arrays of equal length: creatinine in mg/dL, age in years (completed or not), sex. Missing where any of
    the three is, where creatinine is not above 0, and below the age from which the equation holds.

    The equations are printed at kidney.org and in the papers that the equation object names.

    >>> from helpers.definitions import EGFR_EQUATIONS
    >>> new = EGFR_EQUATIONS["ckd_epi_2021"]
    >>> derive_egfr([1.0, 1.0, None], [29, 17, 29], [True, True, True], equation=new).round(4)
    array([78.2091,     nan,     nan])
    """
    creatinine, age, female = as_floats(creatinine_mg_dl), as_floats(age_years), as_floats(is_female)
    usable = (creatinine > 0) & (age >= equation.minimum_age_years) & ~np.isnan(female)
    kappa = np.where(female == 1, equation.kappa_female, equation.kappa_male)
    alpha = np.where(female == 1, equation.alpha_female, equation.alpha_male)
    ratio = np.where(usable, creatinine, 1.0) / kappa
    per_sex = np.where(female == 1, equation.female_factor, 1.0)
    egfr = equation.scale * np.minimum(ratio, 1) ** alpha * np.maximum(ratio, 1) ** equation.beta * per_sex
    return np.where(usable, egfr * equation.age_base ** np.where(usable, age, 0.0), np.nan)


def derive_age(birth_date: Any, day: Any) -> Floats:
    """Age in years of 365.25 days, not rounded; moving both dates by a week changes nothing.

    >>> derive_age(pd.Series(pd.to_datetime(["1990-06-15"])), pd.Series(pd.to_datetime(["2020-06-15"]))).round(2)
    array([30.])
    """
    return as_floats((pd.Series(day) - pd.Series(birth_date)).dt.days / DAYS_PER_YEAR)


def derive_proteinuria(visits: pd.DataFrame) -> Floats:
    """Proteinuria in g/g, one value per visit: the spot ratio where known, else the 24-hour protein in g/day.

    The two are read as equal, as the guidelines do; missing where both are.

    >>> derive_proteinuria(pd.DataFrame({"upcr_g_g": [1.2, None, None], "protein_24h_g": [9.0, 3.0, None]}))
    array([1.2, 3. , nan])
    """
    return as_floats(visits["upcr_g_g"].fillna(visits["protein_24h_g"]))


def flag_active_sediment(urine: pd.DataFrame, *, cut: SedimentCut = ACTIVE_SEDIMENT) -> pd.DataFrame:
    """Mark the urines with an active sediment (ACR 2012): red cells, white cells without infection, or casts.

    Same rows; adds `active_sediment`. True when any part is positive for certain; false only when all parts
    are known and negative. White cells above the cut count only where an infection is ruled out: true is
    then missing without the column `urine_infection` (visits do not record it) or where it is empty.

    >>> urine = pd.DataFrame({"urine_rbc_hpf": [5, 6, 0], "urine_wbc_hpf": [5, None, 6], "urine_casts": "none"})
    >>> flag_active_sediment(urine).active_sediment.tolist()
    [False, True, <NA>]
    """
    casts = urine["urine_casts"].astype("string")
    has_casts = as_answers(casts.isin(CELLULAR_CASTS).astype("boolean").mask(casts.isna()))
    no_infection = ~as_answers(urine["urine_infection"]) if "urine_infection" in urine else _unknown(len(urine))
    white_cells = all_of([answer_where(urine["urine_wbc_hpf"], ">", cut.wbc_above), no_infection])
    red_cells = answer_where(urine["urine_rbc_hpf"], ">", cut.rbc_above)
    return urine.assign(active_sediment=any_of([red_cells, white_cells, has_casts]))


def _unknown(n: int) -> Answers:
    return as_answers([None] * n)


def derive_next_rows(groups: Any, days: Any, *, at_least_days: int) -> np.ndarray:
    """For each visit the row of the same patient's next visit at least so many days later, -1 where there is none.

    `groups` are whole numbers that tell the patients apart and `days` whole days; rows must be sorted by both.
    With 0 days the next row of the patient is meant, whatever its date.

    >>> derive_next_rows([0, 0, 0, 1], [0, 27, 28, 28], at_least_days=28).tolist()
    [2, -1, -1, -1]
    """
    group, day = np.asarray(groups, dtype=np.int64), np.asarray(days, dtype=np.int64)
    span = int(day.max(initial=0) - day.min(initial=0)) + at_least_days + 1
    key = group * 2 * span + (day - day.min(initial=0))
    later = np.searchsorted(key, key + at_least_days) if at_least_days else np.arange(1, len(key) + 1)
    inside = np.minimum(later, len(key) - 1)
    return np.where((later < len(key)) & (group[inside] == group), later, -1).astype(np.int64)


def derive_ratio(value: Any, anchor: Any) -> Floats:
    """Value over anchor; missing where either is, and where the anchor is 0.

    >>> derive_ratio([3.0, 3.0], [2.0, 0.0])
    array([1.5, nan])
    """
    top, bottom = as_floats(value), as_floats(anchor)
    return top / np.where(bottom > 0, bottom, np.nan)
