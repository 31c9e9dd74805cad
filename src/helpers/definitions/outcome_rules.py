"""Worsening creatinine, kidney failure and the parts of the composite outcome."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field

from helpers.definitions.strict import STRICT, Name, Positive, Words


@dataclass(frozen=True)
class WorseningRule:
    """When kidney function has worsened, against the baseline value at time zero.

    kind `creatinine_ratio`: creatinine at least `threshold` times baseline; `egfr_decline`: eGFR lost at
    least `threshold` as a share of baseline; `creatinine_value`: creatinine above `threshold` mg/dL (for
    patients not above it at baseline). `confirm_days`: 0 for a single visit; otherwise the next visit at
    least that many days later must show it too, and the date is that of the first of the two.
    """

    __pydantic_config__ = STRICT

    name: Name
    label: Words
    kind: Literal["creatinine_ratio", "egfr_decline", "creatinine_value"]
    threshold: Positive
    confirm_days: Annotated[int, Field(ge=0)]
    source: Words


@dataclass(frozen=True)
class EsrdRule:
    """Kidney failure: transplant; dialysis for `dialysis_days` or longer (or until the end of follow-up, or
    death, without stopping); or eGFR below `egfr_below` on every visit over at least `egfr_days`. The date is
    that of the first of these days."""

    dialysis_days: int
    egfr_below: float
    egfr_days: int
    source: str


_FDA = "FDA viewpoint on eGFR-based endpoints, Am J Kidney Dis"
_NKF = "NKF-FDA workshop, Am J Kidney Dis 2014;64:821"
_CONFIRM_DAYS = 28

_RULES = (
    WorseningRule("confirmed_doubling", "Confirmed doubling of creatinine", "creatinine_ratio", 2.0,
                  _CONFIRM_DAYS, _FDA),
    WorseningRule("egfr_decline_30", "Confirmed 30 % decline of eGFR", "egfr_decline", 0.30, _CONFIRM_DAYS, _NKF),
    WorseningRule("egfr_decline_40", "Confirmed 40 % decline of eGFR", "egfr_decline", 0.40, _CONFIRM_DAYS, _NKF),
    WorseningRule("egfr_decline_57", "Confirmed 57 % decline of eGFR", "egfr_decline", 0.57, _CONFIRM_DAYS, _FDA),
    WorseningRule("creatinine_above_1_5", "Creatinine above 1.5 mg/dL", "creatinine_value", 1.5,
                  0, "Dhir et al., Arthritis Care Res 2012 (chronic renal failure)"),
)  # fmt: skip

WORSENING_RULES = MappingProxyType({rule.name: rule for rule in _RULES})

ESRD = EsrdRule(
    dialysis_days=90, egfr_below=15.0, egfr_days=90,
    source="KDIGO category G5 or kidney replacement for three months (general usage)",
)  # fmt: skip

COMPOSITE_PARTS = MappingProxyType({
    "worsening_creatinine": "Worsening creatinine",
    "esrd": "Kidney failure",
    "death": "Death",
})  # fmt: skip
"""The abstract's composite outcome; a part is counted at its first date, the composite at the first part."""
