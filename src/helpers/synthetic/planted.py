"""What is planted at onset: how features hang together, and what each does to the disease; with unit and source."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

ASSUMED = "assumed"
PUBLISHED = "printed in the abstract"

# The fixed order in which regimens are numbered inside the simulator (the words are those of the data dictionary).
REGIMENS = (
    "nih_cyclophosphamide",
    "eurolupus_cyclophosphamide",
    "mycophenolate",
    "azathioprine",
    "tacrolimus",
    "mycophenolate_tacrolimus",
    "rituximab",
    "glucocorticoid_alone",
)
CLASSES = ("I", "II", "III", "IV", "V", "III+V", "IV+V", "VI")


def planted(value: Any, unit: str, source: str = ASSUMED) -> Any:
    """A planted value that carries its unit and its source ("assumed" where no figure is published)."""
    metadata = {"unit": unit, "source": source}
    if isinstance(value, dict):
        return field(default_factory=lambda: dict(value), metadata=metadata)
    return field(default=value, metadata=metadata)


@dataclass(frozen=True)
class FeatureEffects:
    """What a feature does to the disease; all zero under the null truth.

    `slope_*` act on the monthly change of log UPCR under treatment (a positive value slows the fall),
    `flare_*`, `damage_*` and `death_*` on log hazards and log rates, `onset_*` on the start values.
    The thirteen predictors other than aPL and sediment act only through the severity they share.
    """

    slope_severity: float = planted(0.11, "log UPCR per month and SD")
    slope_apl: float = planted(0.26, "log UPCR per month")
    slope_sediment: float = planted(0.31, "log UPCR per month")
    slope_eurolupus: float = planted(
        0.23, "log UPCR per month", "JIPMER trial NCT02645565: non-response 19/38 against 10/37"
    )
    slope_weak_regimen: float = planted(0.080, "log UPCR per month; azathioprine, glucocorticoid alone")
    flare_severity: float = planted(0.40, "log hazard per SD")
    flare_apl: float = planted(1.0, "log hazard")
    flare_sediment: float = planted(1.1, "log hazard")
    flare_azathioprine: float = planted(0.40, "log hazard, azathioprine against mycophenolate maintenance")
    damage_severity: float = planted(0.25, "log rate per SD")
    damage_apl: float = planted(0.50, "log rate", "direction: faster eGFR loss with aPL in a Hong Kong cohort")
    damage_hypertension: float = planted(0.30, "log rate", "direction: Milan and Mumbai cohorts")
    death_severity: float = planted(0.35, "log hazard per SD")
    onset_upcr_severity: float = planted(0.10, "log UPCR per SD")
    onset_upcr_class_v: float = planted(0.20, "log UPCR, any class V")
    onset_upcr_class_iv: float = planted(0.15, "log UPCR")
    onset_creatinine_severity: float = planted(0.08, "log mg/dL per SD")
    onset_creatinine_class_iv: float = planted(0.20, "log mg/dL")
    onset_scar_sclerosis: float = planted(0.06, "log mg/dL of scar per grade of glomerulosclerosis")


@dataclass(frozen=True)
class OnsetTruth:
    """Who falls ill, and how the features hang together at the onset of nephritis."""

    loading: float = planted(0.68, "correlation of each of the thirteen with severity; squared: pairwise correlation")
    class_loading: float = planted(0.25, "correlation of proliferative extent with severity")
    share: dict[str, float] = planted(
        {
            "male": 0.09,
            "constitutional": 0.575,
            "serositis": 0.245,
            "hypertension": 0.40,
            "sediment": 0.575,
            "anti_ro60": 0.41,
            "anti_u1rnp": 0.315,
            "apl": 0.235,
            "anti_dsdna": 0.69,
        },
        "share of patients",
    )
    leucocytes: tuple[float, float] = planted((1.675, 0.44), "log 10^9/L: mean, SD; 25 % below 4.0, 8 % below 3.0")
    c3: tuple[float, float] = planted((4.215, 0.42), "log mg/dL at onset: mean, SD; 75 % below 90")
    c4: tuple[float, float] = planted((2.639, 0.40), "log mg/dL at onset: mean, SD at a given C3")
    class_v_shift: dict[str, float] = planted(
        {"sediment": -0.75, "low_c3": -0.70, "anti_dsdna": -0.65},
        "SD of the liability, pure class V against the rest; the share of all patients is kept",
        "direction: class V is the least inflamed; levels assumed",
    )
    # Rows: I, II, III, IV, V, III+V, IV+V, VI. Class V alone has no wire loops, necrosis or crescents.
    histology_share: dict[str, tuple[float, ...]] = planted(
        {
            "wire_loops": (0.0, 0.0, 0.31, 0.53, 0.0, 0.35, 0.50, 0.0),
            "fibrinoid_necrosis": (0.0, 0.0, 0.12, 0.29, 0.0, 0.12, 0.28, 0.0),
            "cellular_crescents": (0.0, 0.0, 0.22, 0.47, 0.0, 0.22, 0.42, 0.0),
            "interstitial_inflammation": (0.03, 0.12, 0.38, 0.52, 0.31, 0.38, 0.50, 0.60),
            "glomerulosclerosis": (0.02, 0.06, 0.25, 0.32, 0.21, 0.28, 0.32, 1.0),
        },
        "share present, by class",
        "direction: Dhaka biopsies; levels assumed",
    )
    class_share: tuple[float, ...] = planted(
        (0.005, 0.036, 0.365, 0.378, 0.120, 0.034, 0.034, 0.007), "share; the rest has no class on file"
    )
    age_quantiles: tuple[tuple[float, float], ...] = planted(
        ((0.0, 18.1), (0.06, 20.0), (0.25, 24.5), (0.50, 29.5), (0.75, 32.9), (0.93, 42.0), (1.0, 60.0)),
        "(probability, years)",
        PUBLISHED + ": 29 (24-32); tails assumed",
    )
    duration: tuple[float, float] = planted((3.87, 0.93), "log months: mean, SD", PUBLISHED + ": 48 (24-84)")
    upcr: tuple[float, float] = planted((0.98, 0.70), "log g/g: mean, SD", "Indian and Bangladeshi cohorts, rounded")
    upcr_floor: float = planted(0.6, "g/g; nobody was biopsied below it")
    normal_creatinine: tuple[float, float] = planted((-0.42, 0.14), "log mg/dL before nephritis, women: mean, SD")
    male_creatinine: float = planted(0.25, "log mg/dL, men above women", "CKD-EPI 2021: kappa 0.9 against 0.7")
    acute_creatinine: tuple[float, float] = planted((1.3, 0.22), "gamma shape, scale of the reversible log rise")
    rapid_share: float = planted(0.09, "share with rapidly progressive failure")
    rapid_rise: float = planted(1.20, "log mg/dL added in rapidly progressive failure")
    rapid_scar: float = planted(0.35, "share of that rise which is scar from the start")
    apl_tests: tuple[float, float, float] = planted(
        (0.62, 0.50, 0.40), "share of the aPL-positive with lupus anticoagulant, anticardiolipin, anti-beta-2-GPI"
    )
    apl_persistence: float = planted(0.75, "share of positive tests that are positive again after 12 weeks")
    thrombosis: tuple[float, float] = planted((0.30, 0.04), "share with an earlier thrombosis, with and without aPL")
    urine_signs: tuple[float, float, float] = planted(
        (0.74, 0.38, 0.25), "share of active sediments with red cells, white cells, cellular casts"
    )
    sledai_items: dict[str, float] = planted(
        {
            "seizure": 0.02, "psychosis": 0.012, "organic_brain_syndrome": 0.008, "visual_disturbance": 0.006,
            "cranial_nerve": 0.005, "lupus_headache": 0.012, "cerebrovascular_accident": 0.006,
            "vasculitis": 0.025, "arthritis": 0.10, "myositis": 0.012, "rash": 0.12, "alopecia": 0.10,
            "mucosal_ulcers": 0.07, "thrombocytopenia": 0.09,
        },
        "share with each SLEDAI-2K item that no other measurement implies",
    )  # fmt: skip
