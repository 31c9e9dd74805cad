"""Simulated disease under treatment, visit by visit: response, flare, the doctor's decision, failure, death, loss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.definitions import DAYS_PER_MONTH
from helpers.synthetic_onset import LAST_DAY, PURE_V, Flags, Floats, Ints, People
from helpers.synthetic_truth import REGIMENS, Truth

MONTH = DAYS_PER_MONTH
NEVER = np.iinfo(np.int64).max // 4
GOING_ON, NO_RESPONSE, FLARE, INTOLERANCE = 0, 1, 2, 3


@dataclass
class State:
    """True and observed state of every patient at the last visit; days count from the first induction."""

    day: Ints
    log_upcr: Floats
    from_log_upcr: Floats
    slope: Floats
    from_day: Ints
    acute: Floats
    from_acute: Floats
    scar: Floats
    scar_rate: Floats
    floor: Floats
    frailty: Floats
    noise: Floats
    course: Ints
    course_day: Ints
    course_upcr: Floats
    course_creatinine: Floats
    best_upcr: Floats
    best_creatinine: Floats
    responded: Flags
    suspected: Flags
    dialysis_day: Ints
    dialysis_end: Ints
    transplant_day: Ints
    death_day: Ints
    loss_day: Ints
    skips_month_3: Flags
    skips_month_6: Flags


@dataclass(frozen=True)
class Histories:
    """Visits (one entry per visit), courses (patient by course) and the days on which things ended."""

    visit: dict[str, np.ndarray]
    course_start: Ints
    course_regimen: Ints
    course_end: Ints
    state: State


def simulate_gap(rng: np.random.Generator, state: State, at: Ints, *, upcr_seen: Floats) -> Ints:
    """Days to the next visit: monthly to month 6 of a course, then 2-3 monthly, later 3-6 monthly; sooner if active."""
    month = (state.day[at] - state.course_day[at]) / MONTH
    usual = np.where(month < 5.6, 1.0, np.where(month < 23, 2.5, 4.5))
    active = (upcr_seen > 1.0) | state.suspected[at]
    usual = np.where(active & (month >= 5.6), np.minimum(usual, np.where(state.suspected[at], 1.0, 2.0)), usual)
    spread = np.where(usual < 2, 0.2, 0.33)
    gap = usual * (1 + spread * (2 * rng.random(len(at)) - 1)) * MONTH
    coming = state.day[at] + np.maximum(np.rint(gap), 7).astype(np.int64)
    for skips, first, last in ((state.skips_month_3, 1.95, 4.05), (state.skips_month_6, 4.95, 8.05)):
        missed = skips[at] & (coming > first * MONTH) & (coming < last * MONTH)
        late = np.ceil(last * MONTH + 15 * rng.random(len(at))).astype(np.int64)
        coming = np.where(missed, late, coming)
    return coming - state.day[at]
