"""The baseline measures and categories that a table of patients shows, beside the true/false features."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from helpers.definitions.feature_rules import FEATURES


@dataclass(frozen=True)
class Measure:
    """A number known at baseline (a column of the cohort), with its unit and the decimals it is printed with."""

    name: str
    label: str
    unit: str
    decimals: int


@dataclass(frozen=True)
class Category:
    """A baseline column with more than two values, and the values in the order in which they are shown."""

    name: str
    label: str
    levels: tuple[tuple[str, str], ...]


_MEASURES = (
    Measure("age_years", "Age", "years", 0),
    Measure("disease_duration_months", "Duration of SLE", "months", 0),
    Measure("sledai_2k", "SLEDAI-2K", "points", 0),
    Measure("baseline_creatinine_mg_dl", "Serum creatinine", "mg/dL", 2),
    Measure("baseline_egfr", "eGFR", "mL/min/1.73 m²", 0),
    Measure("baseline_upcr_g_g", "UPCR", "g/g", 2),
    Measure("activity_index", "NIH activity index", "points", 0),
    Measure("chronicity_index", "NIH chronicity index", "points", 0),
)

_CATEGORIES = (
    Category("class_group", "ISN/RPS class", (("III", "III"), ("IV", "IV"), ("V", "V"), ("mixed", "III or IV + V"))),
    Category("induction_regimen", "First induction", (
        ("nih_cyclophosphamide", "Cyclophosphamide, high dose"),
        ("eurolupus_cyclophosphamide", "Cyclophosphamide, low dose"),
        ("mycophenolate", "Mycophenolate"),
        ("azathioprine", "Azathioprine"),
        ("tacrolimus", "Tacrolimus"),
        ("mycophenolate_tacrolimus", "Mycophenolate and tacrolimus"),
        ("rituximab", "Rituximab"),
        ("glucocorticoid_alone", "Glucocorticoid alone"),
        ("other", "Other"),
    )),
)  # fmt: skip

SMALL_DIFFERENCE = 0.1
"""A standardised mean difference up to this is usually called small (Austin, Stat Med 2009;28:3083)."""

BASELINE_DAYS_BEFORE = 90
BASELINE_DAYS_AFTER = 7
"""The baseline value: the latest within so many days before time zero, else the first after it, within so many days or
up to the first day of induction: before treatment can act."""

BASELINE_MEASURES = MappingProxyType({measure.name: measure for measure in _MEASURES})
BASELINE_CATEGORIES = MappingProxyType({category.name: category for category in _CATEGORIES})

BASELINE_VARIABLES = (*BASELINE_MEASURES, *BASELINE_CATEGORIES, *FEATURES)
"""What a table of patients shows, in this order: measures, categories, features."""
