"""What is planted in the course of the disease: response, flares, scars, the doctor, death, kidney failure, harms."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.synthetic.planted import planted


@dataclass(frozen=True)
class CourseTruth:
    """How proteinuria and creatinine move under treatment, flare, and scar."""

    slope_first: float = planted(
        -0.71, "log UPCR per month for six months, first course, no risk feature",
        "set so that the mean over all patients is -0.33 (ACCESS subset: -0.277)",
    )  # fmt: skip
    slope_later: float = planted(-0.52, "the same, later courses: slower than the first")
    slope_patient_sd: float = planted(0.045, "SD between patients, kept through all courses")
    slope_course_sd: float = planted(0.060, "SD between courses of a patient")
    later_share: float = planted(0.50, "share of the slope effects that is left in later courses, under other drugs")
    worsening_share: float = planted(0.25, "share of a positive slope that shows: proteinuria does not rise for ever")
    tail_share: float = planted(0.30, "share of the slope that goes on from month 6 to 18")
    floor: tuple[float, float] = planted((-1.90, 0.35), "log UPCR in remission: mean, SD")
    scar_proteinuria: float = planted(0.9, "log UPCR per unit of scar")
    flare_hazard: float = planted(0.032, "per year in remission without a risk feature", "0.108 overall: Hong Kong")
    flare_incomplete: float = planted(0.70, "log hazard while UPCR is above 0.5")
    flare_upcr: tuple[float, float] = planted((0.90, 0.45), "log UPCR in a flare: mean, SD")
    slope_flare: float = planted(-0.10, "log UPCR per month after a flare, by stepped-up maintenance alone")
    flare_creatinine: float = planted(0.26, "mean reversible log rise of creatinine in a flare")
    acute_exponent: float = planted(0.60, "reversible rise follows UPCR to this power")
    scar_rate: float = planted(0.108, "log mg/dL per year and log unit of UPCR above 0.5")
    scar_rate_sd: float = planted(0.95, "SD of the log scar rate between patients")
    scar_progress: float = planted(0.038, "scar per year and log unit lost: fewer nephrons wear out")
    scar_acute: float = planted(0.2, "scar per unit of reversible rise, relative to one log unit of UPCR")


@dataclass(frozen=True)
class DoctorTruth:
    """When the doctor, who sees only measured values, starts another induction."""

    worsening_ratio: float = planted(1.5, "UPCR or creatinine against the start of the course, months 2 to 5")
    worsening_action: float = planted(0.75, "probability of acting at a visit")
    assess_month: float = planted(5.5, "months; from here a course is judged")
    failure_action: float = planted(0.95, "probability of acting at a visit, first course")
    failure_action_later: float = planted(0.08, "the same, later courses")
    reluctance: float = planted(0.42, "factor on every action for each course after the first")
    flare_action: float = planted(0.85, "probability of acting on a flare seen at two visits")
    intolerance_share: float = planted(0.02, "share of first courses changed for intolerance")
    max_courses: int = planted(5, "induction courses")
    # NIH, Euro-Lupus, mycophenolate, azathioprine, tacrolimus, MMF + tacrolimus, rituximab, glucocorticoid
    first_regimen: dict[str, tuple[float, ...]] = planted(
        {
            "before_2008": (0.76, 0.18, 0.05, 0.01, 0.0, 0.0, 0.0, 0.0),
            "2008_2012": (0.50, 0.29, 0.19, 0.01, 0.01, 0.0, 0.0, 0.0),
            "2013_2016": (0.35, 0.34, 0.28, 0.01, 0.02, 0.0, 0.0, 0.0),
            "after_2016": (0.26, 0.32, 0.39, 0.01, 0.02, 0.0, 0.0, 0.0),
            "class_v": (0.12, 0.13, 0.45, 0.15, 0.15, 0.0, 0.0, 0.0),
            "other_class": (0.05, 0.05, 0.25, 0.40, 0.0, 0.0, 0.0, 0.25),
        },
        "share",
    )
    switch: tuple[tuple[float, ...], ...] = planted(
        (
            (0.02, 0.03, 0.70, 0.0, 0.08, 0.05, 0.12, 0.0),
            (0.10, 0.02, 0.64, 0.0, 0.08, 0.05, 0.11, 0.0),
            (0.34, 0.26, 0.0, 0.0, 0.02, 0.18, 0.20, 0.0),
            (0.25, 0.20, 0.45, 0.0, 0.05, 0.0, 0.05, 0.0),
            (0.20, 0.20, 0.25, 0.0, 0.0, 0.20, 0.15, 0.0),
            (0.25, 0.25, 0.0, 0.0, 0.0, 0.0, 0.50, 0.0),
            (0.25, 0.20, 0.20, 0.0, 0.05, 0.30, 0.0, 0.0),
            (0.30, 0.30, 0.40, 0.0, 0.0, 0.0, 0.0, 0.0),
        ),
        "probability of the next regimen (column) given the last one (row)",
    )
    maintenance_azathioprine: float = planted(0.70, "share; the rest has mycophenolate")


@dataclass(frozen=True)
class EventTruth:
    """Death, kidney failure and loss."""

    early_death: float = planted(0.0145, "per month, months 0 to 6", "47 % of deaths in months 0 to 6: INSPIRE")
    late_death: float = planted(0.0008, "per month")
    active_death: float = planted(0.0013, "per month and log unit of UPCR above 0.5")
    dialysis_death: float = planted(0.010, "per month on dialysis")
    dialysis_egfr: float = planted(9.0, "mL/min/1.73 m2 around which dialysis starts")
    dialysis_hazard: float = planted(1.0, "per month, well below that filtration")
    dialysis_creatinine: tuple[float, float] = planted((2.05, 0.22), "log mg/dL before a session: mean, SD of patients")
    dialysis_creatinine_sd: float = planted(0.16, "log mg/dL on dialysis, visit to visit")
    transplant_hazard: float = planted(0.006, "per month on dialysis")
    loss_hazard: float = planted(0.0019, "per month, tied to visits")
    loss_remission: float = planted(1.3, "factor in remission; the active come back more often")
    loss_active: float = planted(0.6, "factor while active")


@dataclass(frozen=True)
class HarmTruth:
    """Adverse events by regimen, dose and age; regimens in the order of REGIMENS."""

    per_course: dict[str, tuple[float, ...]] = planted(
        {
            "major_infection": (0.17, 0.12, 0.13, 0.07, 0.12, 0.18, 0.15, 0.10),
            "tuberculosis": (0.035, 0.025, 0.025, 0.015, 0.025, 0.035, 0.025, 0.02),
            "herpes_zoster": (0.06, 0.05, 0.07, 0.03, 0.05, 0.07, 0.05, 0.03),
            "leucopenia": (0.13, 0.06, 0.03, 0.06, 0.01, 0.03, 0.03, 0.0),
            "avascular_necrosis": (0.030, 0.025, 0.025, 0.025, 0.02, 0.03, 0.02, 0.04),
            "amenorrhoea": (0.13, 0.02, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
            "haemorrhagic_cystitis": (0.02, 0.004, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
            "other": (0.08, 0.06, 0.10, 0.06, 0.12, 0.12, 0.08, 0.05),
        },
        "probability per induction course",
        "levels of Indian, Hong Kong and Milan cohorts, rounded",
    )
    per_year: dict[str, float] = planted(
        {"major_infection": 0.022, "tuberculosis": 0.006, "herpes_zoster": 0.012, "avascular_necrosis": 0.003},
        "hazard per year of maintenance",
    )
    delay: dict[str, float] = planted(
        {
            "major_infection": 3.5, "tuberculosis": 8.0, "herpes_zoster": 6.0, "leucopenia": 2.0,
            "avascular_necrosis": 18.0, "amenorrhoea": 7.0, "haemorrhagic_cystitis": 2.5, "other": 3.0,
        },
        "mean months from the start of the course",
    )  # fmt: skip
    grades: dict[str, tuple[int, int]] = planted(
        {
            "major_infection": (3, 4), "tuberculosis": (3, 3), "herpes_zoster": (2, 3), "leucopenia": (2, 4),
            "avascular_necrosis": (2, 3), "amenorrhoea": (2, 3), "haemorrhagic_cystitis": (2, 3), "other": (1, 3),
        },
        "lowest and highest CTCAE grade",
    )  # fmt: skip
    # infection, active lupus, cardiovascular, kidney failure, other, unknown
    causes: dict[str, tuple[float, ...]] = planted(
        {
            "first_year": (0.50, 0.32, 0.05, 0.02, 0.05, 0.06),
            "later": (0.34, 0.12, 0.20, 0.03, 0.16, 0.15),
            "on_dialysis": (0.30, 0.04, 0.22, 0.34, 0.05, 0.05),
        },
        "share of deaths by cause",
        "infection about half: SGPGI Lucknow",
    )
    amenorrhoea_before: float = planted(45.0, "years; later the periods may end by themselves")
    young_factor: float = planted(
        0.15, "amenorrhoea in women under 30, relative", "about 2 % under 30 on high-dose cyclophosphamide"
    )
