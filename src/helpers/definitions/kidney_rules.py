"""Equations for estimated glomerular filtration, and the factors between units."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class EgfrEquation:
    """A CKD-EPI creatinine equation: scale * min(Scr/kappa, 1)**alpha * max(Scr/kappa, 1)**beta * age_base**age.

    Creatinine in mg/dL, age in years, result in mL/min/1.73 m². Valid from `minimum_age_years` on; a younger
    patient gets no value ("cannot tell"). No coefficient for ancestry is applied.
    """

    name: str
    label: str
    scale: float
    kappa_female: float
    kappa_male: float
    alpha_female: float
    alpha_male: float
    beta: float
    age_base: float
    female_factor: float
    source: str
    minimum_age_years: int = 18


EGFR_EQUATIONS = MappingProxyType({
    "ckd_epi_2021": EgfrEquation(
        name="ckd_epi_2021", label="CKD-EPI 2021", scale=142, kappa_female=0.7, kappa_male=0.9,
        alpha_female=-0.241, alpha_male=-0.302, beta=-1.200, age_base=0.9938, female_factor=1.012,
        source="Inker et al., N Engl J Med 2021;385:1737",
    ),
    "ckd_epi_2009": EgfrEquation(
        name="ckd_epi_2009", label="CKD-EPI 2009", scale=141, kappa_female=0.7, kappa_male=0.9,
        alpha_female=-0.329, alpha_male=-0.411, beta=-1.209, age_base=0.993, female_factor=1.018,
        source="Levey et al., Ann Intern Med 2009;150:604",
    ),
})  # fmt: skip

UNITS = MappingProxyType({"creatinine_umol_l_per_mg_dl": 88.4, "upcr_mg_mmol_per_g_g": 113.0})
"""1 mg/dL of creatinine is 88.4 µmol/L; a ratio of 1 g/g is 113 mg/mmol (guidelines round it to 100)."""
