"""What is planted in the synthetic patients: every effect, hazard, arm, noise and gap, with unit and source."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, is_dataclass
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
            "apl": 0.25,
            "anti_dsdna": 0.69,
        },
        "share of patients",
    )
    leucocytes: tuple[float, float] = planted((1.675, 0.44), "log 10^9/L: mean, SD; 25 % below 4.0, 8 % below 3.0")
    c3: tuple[float, float] = planted((4.175, 0.42), "log mg/dL: mean, SD; 73 % below 90")
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
    rapid_rise: float = planted(0.95, "log mg/dL added in rapidly progressive failure")
    rapid_scar: float = planted(0.35, "share of that rise which is scar from the start")
    chronic_creatinine: float = planted(0.06, "log mg/dL of scar per grade of glomerulosclerosis")


@dataclass(frozen=True)
class CourseTruth:
    """How proteinuria and creatinine move under treatment, flare, and scar."""

    slope_first: float = planted(
        -0.74, "log UPCR per month for six months, first course, no risk feature", "cohort mean near ACCESS: -0.277"
    )
    slope_later: float = planted(-0.60, "the same, later courses")
    slope_patient_sd: float = planted(0.045, "SD between patients, kept through all courses")
    slope_course_sd: float = planted(0.060, "SD between courses of a patient")
    later_share: float = planted(0.4, "share of the slope effects that is left in later courses, under other drugs")
    worsening_share: float = planted(0.25, "share of a positive slope that shows: proteinuria does not rise for ever")
    tail_share: float = planted(0.30, "share of the slope that goes on from month 6 to 18")
    floor: tuple[float, float] = planted((-1.90, 0.35), "log UPCR in remission: mean, SD")
    scar_proteinuria: float = planted(0.9, "log UPCR per unit of scar")
    flare_hazard: float = planted(0.014, "per year in remission without a risk feature", "0.108 overall: Hong Kong")
    flare_incomplete: float = planted(0.70, "log hazard while UPCR is above 0.5")
    flare_upcr: tuple[float, float] = planted((0.90, 0.45), "log UPCR in a flare: mean, SD")
    flare_creatinine: float = planted(0.18, "mean reversible log rise of creatinine in a flare")
    acute_exponent: float = planted(0.60, "reversible rise follows UPCR to this power")
    scar_rate: float = planted(0.145, "log mg/dL per year and log unit of UPCR above 0.5")
    scar_rate_sd: float = planted(0.9, "SD of the log scar rate between patients")
    scar_progress: float = planted(0.035, "scar per year and unit of log creatinine lost: lost nephrons wear out the rest")
    scar_acute: float = planted(0.3, "scar per unit of reversible rise, relative to one log unit of UPCR")


@dataclass(frozen=True)
class DoctorTruth:
    """When the doctor, who sees only measured values, starts another induction."""

    worsening_ratio: float = planted(1.5, "UPCR or creatinine against the start of the course, months 2 to 5")
    worsening_action: float = planted(0.75, "probability of acting at a visit")
    assess_month: float = planted(5.5, "months; from here a course is judged")
    failure_action: float = planted(0.92, "probability of acting at a visit, first course")
    failure_action_later: float = planted(0.08, "the same, later courses")
    reluctance: float = planted(0.5, "factor on every action for each course after the first")
    flare_action: float = planted(0.85, "probability of acting on a flare seen at two visits")
    intolerance_share: float = planted(0.02, "share of courses changed for intolerance in the first months")
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

    early_death: float = planted(0.0115, "per month, months 0 to 6", "47 % of deaths in months 0 to 6: INSPIRE")
    late_death: float = planted(0.0006, "per month")
    active_death: float = planted(0.0018, "per month and log unit of UPCR above 0.5")
    dialysis_death: float = planted(0.010, "per month on dialysis")
    dialysis_loss: float = planted(1.85, "log rise of creatinine above normal at which dialysis starts")
    dialysis_hazard: float = planted(0.5, "per month, well above that level")
    transplant_hazard: float = planted(0.006, "per month on dialysis")
    loss_hazard: float = planted(0.0023, "per month, tied to visits")
    loss_remission: float = planted(1.3, "factor in remission; the active come back more often")
    loss_active: float = planted(0.6, "factor while active")


@dataclass(frozen=True)
class NoiseTruth:
    """What the laboratory adds."""

    upcr_sd: float = planted(0.65, "log UPCR, visit to visit")
    upcr_baseline_sd: float = planted(0.30, "log UPCR at baseline, where admission gives repeated samples")
    upcr_memory: float = planted(0.30, "correlation of successive visits")
    creatinine_sd: float = planted(0.085, "log mg/dL: analytical and biological")
    collection_sd: float = planted(0.25, "log ratio of 24-hour protein to UPCR")


@dataclass(frozen=True)
class GapTruth:
    """Visits missed, values missing, and patients on file who cannot be studied."""

    month_3: float = planted(0.20, "probability of no visit in months 2 to 4")
    month_6: float = planted(0.10, "probability of no visit in months 5 to 8")
    creatinine: float = planted(0.02, "probability at a visit")
    proteinuria: float = planted(0.03, "probability at a visit")
    apl_panel: float = planted(0.065, "probability of no aPL test at all; three times less after thrombosis")
    lupus_anticoagulant: float = planted(0.035, "probability on top")
    antigen_panel: float = planted(0.075, "probability that the antibody panel was not done")
    complement: float = planted(0.045, "probability")
    histology: float = planted(0.05, "probability that the report gives no details")
    item: float = planted(0.004, "probability for any other baseline item")
    early_year: float = planted(0.45, "log odds of a gap per SD of calendar earliness")
    severity: float = planted(-0.20, "log odds of a gap per SD of severity")
    preflare_known: float = planted(0.08, "probability that an earlier creatinine is known")
    no_induction: float = planted(0.025, "probability that no induction is on file")
    no_baseline: float = planted(0.012, "probability of no creatinine or no proteinuria at baseline")
    no_first_year: float = planted(0.012, "probability that no visit of the first year has both")
    recent: float = planted(0.028, "probability of a biopsy in 2021 or 2022, too late for two years of follow-up")
    before_window: float = planted(0.012, "probability of a biopsy before 2004")


@dataclass(frozen=True)
class Truth:
    """The whole planted truth; the same (n, seed, truth) gives the same patients.

    >>> DEFAULT_TRUTH.noise.upcr_sd > 0
    True
    >>> NULL_TRUTH.effects.slope_apl
    0.0
    """

    effects: FeatureEffects = FeatureEffects()
    onset: OnsetTruth = field(default_factory=OnsetTruth)
    course: CourseTruth = CourseTruth()
    doctor: DoctorTruth = field(default_factory=DoctorTruth)
    events: EventTruth = EventTruth()
    noise: NoiseTruth = NoiseTruth()
    gaps: GapTruth = GapTruth()


def make_null_effects() -> FeatureEffects:
    """Feature effects that are all zero: nothing at the start then tells anything about the outcome."""
    return FeatureEffects(**{item.name: 0.0 for item in fields(FeatureEffects)})


def derive_truth_record(truth: Truth) -> dict[str, Any]:
    """The truth as a plain nested dict: for each part and name the value, the unit and the source.

    >>> derive_truth_record(DEFAULT_TRUTH)["noise"]["upcr_memory"]["unit"]
    'correlation of successive visits'
    """
    record: dict[str, Any] = {}
    for part in fields(truth):
        planted_part = getattr(truth, part.name)
        assert is_dataclass(planted_part)
        values = asdict(planted_part)  # type: ignore[arg-type]
        record[part.name] = {item.name: {"value": values[item.name], **item.metadata} for item in fields(planted_part)}
    return record


DEFAULT_TRUTH = Truth()
NULL_TRUTH = Truth(effects=make_null_effects())
