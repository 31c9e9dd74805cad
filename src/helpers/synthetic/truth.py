"""The whole planted truth as one frozen object: what the simulator is given, and what an analysis should find."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from helpers.synthetic.planted import FeatureEffects, OnsetTruth, planted
from helpers.synthetic.planted_course import CourseTruth, DoctorTruth, EventTruth, HarmTruth


@dataclass(frozen=True)
class NoiseTruth:
    """What the laboratory adds.

    In the ACCESS trial subset a mixed model (log-linear to month 6, a second slope after it; random intercept and
    slope) leaves a residual SD of 0.67 on log UPCR. Fitted to simulated patients the same model leaves 0.67
    where 0.62 is planted: the rest is curvature, switches and 24-hour collections. So 0.67 is what an analyst
    finds here too. Baseline is quieter, because an admission for biopsy yields several samples.
    """

    upcr_sd: float = planted(0.62, "log UPCR, visit to visit", "ACCESS trial subset, own calculation")
    upcr_baseline_sd: float = planted(0.25, "log UPCR at baseline, where admission gives repeated samples")
    upcr_memory: float = planted(0.30, "correlation of successive visits")
    creatinine_sd: float = planted(0.065, "log mg/dL: analytical and biological")
    collection_sd: float = planted(0.25, "log ratio of 24-hour protein to UPCR")


@dataclass(frozen=True)
class GapTruth:
    """Visits missed, values missing, and patients on file who cannot be studied."""

    month_3: float = planted(0.20, "probability of no visit in months 2 to 4")
    month_6: float = planted(0.10, "probability of no visit in months 5 to 8")
    skipped: float = planted(0.045, "probability that a visit after month 8 of a course is skipped")
    away: float = planted(0.004, "probability of staying away for half a year to one and a half instead")
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
    no_induction: float = planted(0.022, "probability that no induction is on file")
    no_baseline: float = planted(0.012, "probability of no creatinine or no proteinuria at baseline")
    no_first_year: float = planted(0.012, "probability that no visit of the first year has both")
    recent: float = planted(0.022, "probability of a biopsy in 2021 or 2022, too late for two years of follow-up")
    before_window: float = planted(0.012, "probability of a biopsy before 2004")


@dataclass(frozen=True)
class Truth:
    """The whole planted truth; the same (n, seed, truth) gives the same patients.

    A variant is made with `dataclasses.replace`. Under `NULL_TRUTH` no feature, class or regimen does anything.

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
    harms: HarmTruth = field(default_factory=HarmTruth)
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
        group = getattr(truth, part.name)
        values = asdict(group)
        record[part.name] = {item.name: {"value": values[item.name], **item.metadata} for item in fields(group)}
    return record


DEFAULT_TRUTH = Truth()
NULL_TRUTH = Truth(effects=make_null_effects())
