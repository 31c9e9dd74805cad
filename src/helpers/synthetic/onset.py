"""Simulated people at the onset of nephritis: severity, features, class, histology, and the true start values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from helpers.definitions import DAYS_PER_YEAR, EGFR_EQUATIONS
from helpers.kidney import derive_egfr
from helpers.synthetic.planted import CLASSES
from helpers.synthetic.truth import Truth

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

NO_CLASS = len(CLASSES)
PURE_V = CLASSES.index("V")
HAS_V = [CLASSES.index(name) for name in ("V", "III+V", "IV+V")]
HAS_IV = [CLASSES.index(name) for name in ("IV", "IV+V")]
PROLIFERATIVE = [CLASSES.index(name) for name in ("III", "IV", "III+V", "IV+V")]
SHARED = ("male", "constitutional", "serositis", "hypertension", "leucopenia", "anti_ro60", "anti_u1rnp", "low_c3")
"""Predictors outside the biopsy that share severity; the five lesions share it too."""
APART = ("sediment", "apl", "anti_dsdna", "low_c4")
YOUNGEST_ONSET_YEARS, HIGHEST_UPCR, HIGHEST_RISE = 8.0, 16.0, 2.6
RAISED_MG_DL = 10.0
"""Any creatinine above the knot of the CKD-EPI equation: from there on filtration is a power of it."""
EPOCH = np.datetime64("2004-01-01", "D")
LAST_DAY = int((np.datetime64("2022-12-31", "D") - EPOCH).astype(int))


@dataclass(frozen=True)
class People:
    """True state of every patient at onset; each array has one entry per patient.

    Days count from 1 January 2004; `biopsy_day` <= `start_day` (first induction). `liability` holds the
    standard normal behind each feature, so that measured values can agree with the feature.
    """

    severity: Floats
    feature: dict[str, Flags]
    liability: dict[str, Floats]
    isn_class: Ints
    grade: dict[str, Ints]
    thrombosis: Flags
    age_years: Floats
    duration_months: Floats
    biopsy_day: Ints
    start_day: Ints
    log_upcr: Floats
    normal_creatinine: Floats
    acute_rise: Floats
    scar: Floats
    calendar: Floats = field(repr=False)

    @property
    def n(self) -> int:
        """How many patients."""
        return len(self.severity)

    def creatinine_at(self, egfr: float) -> Floats:
        """Creatinine in mg/dL at which filtration is `egfr`, by age at onset and sex (CKD-EPI 2021)."""
        equation, women = EGFR_EQUATIONS["ckd_epi_2021"], ~self.feature["male"]
        filtration = derive_egfr(np.full(self.n, RAISED_MG_DL), self.age_years, women, equation=equation)
        found: Floats = RAISED_MG_DL * (filtration / egfr) ** (-1 / equation.beta)
        return found


def simulate_liabilities(
    rng: np.random.Generator, severity: Floats, *, names: Sequence[str], loading: float
) -> dict[str, Floats]:
    """Standard normals behind the features, each correlated `loading` with severity."""
    rest = np.sqrt(1 - loading**2)
    return {name: loading * severity + rest * rng.standard_normal(len(severity)) for name in names}


def simulate_people(*, n: int, rng: np.random.Generator, truth: Truth) -> People:
    """People at the onset of nephritis, one entry per patient.

    The thirteen predictors other than aPL and active sediment share one factor, severity: the sickest have
    fever, serositis, hypertension and active lesions together. aPL and sediment are drawn apart from it.
    """
    onset = truth.onset
    severity = rng.standard_normal(n)
    liability = simulate_liabilities(rng, severity, names=[*SHARED, *onset.histology_share], loading=onset.loading)
    liability |= {name: rng.standard_normal(n) for name in APART}
    isn_class = simulate_class(rng, severity, truth=truth)
    liability |= derive_class_shifts(liability, isn_class, truth=truth)
    feature = {name: liability[name] > norm.isf(share) for name, share in onset.share.items()}
    grade = derive_grades(liability, isn_class, truth=truth)
    biopsy_day, start_day, calendar = simulate_calendar(rng, n=n, truth=truth)
    age = np.interp(rng.random(n), *np.array(onset.age_quantiles).T)
    duration = np.exp(onset.duration[0] + onset.duration[1] * rng.standard_normal(n))
    normal = onset.normal_creatinine[0] + onset.normal_creatinine[1] * rng.standard_normal(n)
    acute_rise, rapid_scar = simulate_rise(rng, severity, isn_class, truth=truth)
    return People(
        severity=severity,
        feature=feature,
        liability=liability,
        isn_class=isn_class,
        grade=grade,
        thrombosis=rng.random(n) < np.where(feature["apl"], *onset.thrombosis),
        age_years=age,
        duration_months=np.minimum(duration, (age - YOUNGEST_ONSET_YEARS) * 12),
        biopsy_day=biopsy_day,
        start_day=start_day,
        log_upcr=simulate_log_upcr(rng, severity, isn_class, truth=truth),
        normal_creatinine=normal + onset.male_creatinine * feature["male"],
        acute_rise=acute_rise,
        scar=truth.effects.onset_scar_sclerosis * grade["glomerulosclerosis"] + rapid_scar,
        calendar=calendar,
    )


def simulate_class(rng: np.random.Generator, severity: Floats, *, truth: Truth) -> Ints:
    """ISN/RPS class as an index into CLASSES (NO_CLASS where none is on file).

    The share of each class is fixed; among III and IV the more extensive disease is IV, alone or with V.
    """
    share, loading = truth.onset.class_share, truth.onset.class_loading
    extent = loading * severity + np.sqrt(1 - loading**2) * rng.standard_normal(len(severity))
    drawn = rng.choice(NO_CLASS + 1, size=len(extent), p=[*share, 1 - sum(share)])
    for focal, diffuse in (("III", "IV"), ("III+V", "IV+V")):
        low, high = CLASSES.index(focal), CLASSES.index(diffuse)
        pair = np.isin(drawn, [low, high])
        cut = norm.ppf(share[low] / (share[low] + share[high]))
        drawn = np.where(pair, np.where(extent > cut, high, low), drawn)
    return drawn.astype(np.int64)


def derive_class_shifts(liability: dict[str, Floats], isn_class: Ints, *, truth: Truth) -> dict[str, Floats]:
    """Liabilities that are lower in pure class V and higher in the rest, with the mean and the SD they had.

    Membranous nephritis alone is less inflamed: the sediment is mostly bland, C3 and anti-dsDNA less disturbed.
    """
    share = truth.onset.class_share[PURE_V]
    apart = (isn_class == PURE_V) - share
    shifts = truth.onset.class_v_shift
    return {
        name: (liability[name] + shift * apart) / np.sqrt(1 + shift**2 * share * (1 - share))
        for name, shift in shifts.items()
    }


def derive_grades(liability: dict[str, Floats], isn_class: Ints, *, truth: Truth) -> dict[str, Ints]:
    """NIH item grades 0 to 3 from the liability behind each lesion and the class of the biopsy."""
    grades = {}
    for name, shares in truth.onset.histology_share.items():
        share = np.append(np.array(shares), 0.3)[isn_class]
        above = liability[name] - norm.isf(np.clip(share, 1e-12, 1 - 1e-12))
        present = (share > 0) & (above > 0)
        grades[name] = np.where(present, 1 + (above > 0.55) + (above > 1.15), 0).astype(np.int64)
    return grades


def simulate_calendar(rng: np.random.Generator, *, n: int, truth: Truth) -> tuple[Ints, Ints, Floats]:
    """Day of the biopsy, day of the first induction (0 to 30 later), and calendar time as a standardised score.

    Accrual runs evenly from 2004 to the end of 2020; some are too recent to be followed up for two years, a
    few older than the study window.
    """
    recent = rng.random(n) < truth.gaps.recent
    years = np.where(recent, 16.7 + 2.2 * rng.random(n), 16.7 * rng.random(n))
    biopsy = np.floor(years * DAYS_PER_YEAR).astype(np.int64)
    early = rng.random(n) < truth.gaps.before_window
    biopsy = np.where(early, -rng.integers(30, 900, n), biopsy)
    start = biopsy + np.minimum(rng.geometric(0.12, n) - 1, 30)
    return biopsy, np.minimum(start, LAST_DAY), (years - 9.45) / 5.45


def simulate_log_upcr(rng: np.random.Generator, severity: Floats, isn_class: Ints, *, truth: Truth) -> Floats:
    """True log UPCR at onset, kept above the floor below which nobody has a biopsy."""
    effects, (mean, sd) = truth.effects, truth.onset.upcr
    shift = effects.onset_upcr_severity * severity + effects.onset_upcr_class_v * np.isin(isn_class, HAS_V)
    centre = mean + shift + effects.onset_upcr_class_iv * np.isin(isn_class, HAS_IV)
    low = norm.cdf((np.log(truth.onset.upcr_floor) - centre) / sd)
    drawn: Floats = centre + sd * norm.ppf(low + (1 - low) * rng.random(len(severity)))
    return np.minimum(drawn, np.log(HIGHEST_UPCR))


def simulate_rise(
    rng: np.random.Generator, severity: Floats, isn_class: Ints, *, truth: Truth
) -> tuple[Floats, Floats]:
    """Log rise of creatinine at onset, the reversible part and the part of rapid progression that is scar."""
    onset, effects, n = truth.onset, truth.effects, len(severity)
    rapid: Floats = np.where(rng.random(n) < onset.rapid_share, onset.rapid_rise, 0.0)
    acute = rng.gamma(*onset.acute_creatinine, n) + (1 - onset.rapid_scar) * rapid
    shift = effects.onset_creatinine_severity * severity
    shift = shift + effects.onset_creatinine_class_iv * np.isin(isn_class, HAS_IV)
    scar: Floats = onset.rapid_scar * rapid
    return np.clip(acute + shift, 0.0, HIGHEST_RISE), scar
