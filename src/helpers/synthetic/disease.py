"""The true disease of simulated patients between two visits: response, flare, scar, kidney failure, death."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.definitions import DAYS_PER_MONTH
from helpers.synthetic.onset import LAST_DAY, Flags, Floats, Ints, People
from helpers.synthetic.truth import Truth

MONTH = DAYS_PER_MONTH
NEVER = 10**7
ACTIVE = float(np.log(0.5))
"""Log UPCR above which nephritis is active: scars form, hazards rise."""


@dataclass
class Disease:
    """True state of every patient at `day` (days from the first induction); the simulator moves it in place."""

    day: Ints
    last_day: Ints
    log_upcr: Floats
    from_log_upcr: Floats
    from_day: Ints
    slope: Floats
    acute: Floats
    from_acute: Floats
    scar: Floats
    scar_rate: Floats
    floor: Floats
    frailty: Floats
    severity: Floats
    flare_effect: Floats
    maintenance_flare: Floats
    death_effect: Floats
    uraemic_loss: Floats
    dialysis_day: Ints
    dialysis_end: Ints
    dialysis_again: Ints
    transplant_day: Ints
    death_day: Ints
    loss_day: Ints

    @property
    def log_loss(self) -> Floats:
        """Log rise of creatinine above the healthy value: reversible part plus scar."""
        return self.acute + self.scar

    @property
    def last_dialysis_day(self) -> Ints:
        """Day on which dialysis began, or began again after the kidney had recovered for a while."""
        return np.where(self.dialysis_again < NEVER, self.dialysis_again, self.dialysis_day)

    @property
    def on_dialysis(self) -> Flags:
        """Whose dialysis has begun and has not ended, by recovery or a graft."""
        resumed = (self.dialysis_end == NEVER) | (self.dialysis_again < NEVER)
        held: Flags = (self.dialysis_day < NEVER) & resumed & (self.transplant_day == NEVER)
        return held


def make_disease(rng: np.random.Generator, people: People, *, truth: Truth) -> Disease:
    """The disease of everybody on the first day of treatment, with the traits that stay through all courses."""
    n, course, effects = people.n, truth.course, truth.effects
    apl, sediment = people.feature["apl"], people.feature["sediment"]
    pressure = people.feature["hypertension"]
    log_rate = effects.damage_severity * people.severity + effects.damage_apl * apl
    log_rate = log_rate + effects.damage_hypertension * pressure + course.scar_rate_sd * rng.standard_normal(n)
    never = np.full(n, NEVER, dtype=np.int64)
    return Disease(
        day=np.zeros(n, dtype=np.int64),
        last_day=LAST_DAY - people.start_day,
        log_upcr=people.log_upcr.copy(),
        from_log_upcr=people.log_upcr.copy(),
        from_day=np.zeros(n, dtype=np.int64),
        slope=np.zeros(n),
        acute=people.acute_rise.copy(),
        from_acute=people.acute_rise.copy(),
        scar=people.scar.copy(),
        scar_rate=course.scar_rate * np.exp(log_rate),
        floor=course.floor[0] + course.floor[1] * rng.standard_normal(n),
        frailty=course.slope_patient_sd * rng.standard_normal(n),
        severity=people.severity,
        flare_effect=effects.flare_severity * people.severity
        + effects.flare_apl * apl
        + effects.flare_sediment * sediment,
        maintenance_flare=np.zeros(n),
        death_effect=effects.death_severity * people.severity,
        uraemic_loss=np.log(people.creatinine_at(truth.events.dialysis_egfr)) - people.normal_creatinine,
        dialysis_day=never.copy(),
        dialysis_end=never.copy(),
        dialysis_again=never.copy(),
        transplant_day=never.copy(),
        death_day=never.copy(),
        loss_day=never.copy(),
    )


def advance_disease(
    rng: np.random.Generator, disease: Disease, at: Ints, gap: Ints, *, truth: Truth
) -> Flags:
    """Move the patients `at` on by `gap` days; true where the patient is alive at the end.

    Hazards are constant between two visits; the earliest of the drawn times counts.
    """
    events, months = truth.events, gap / MONTH
    start = disease.day[at]
    activity = np.maximum(disease.log_upcr[at] - ACTIVE, 0.0)
    early = np.where(start < 6 * MONTH, events.early_death, events.late_death)
    hazard = (early + events.active_death * activity) * np.exp(disease.death_effect[at])
    hazard = hazard + events.dialysis_death * disease.on_dialysis[at]
    wait = np.ceil(rng.standard_exponential(len(at)) / hazard * MONTH)
    dies = wait <= gap
    disease.death_day[at[dies]] = start[dies] + wait[dies].astype(np.int64)
    disease.day[at] = start + gap
    at, activity, months = at[~dies], activity[~dies], months[~dies]
    flares = draw_flares(rng, disease, at, months, truth=truth)
    move_proteinuria(disease, at, activity, months, truth=truth)
    start_flares(rng, disease, at[flares], truth=truth)
    move_dialysis(rng, disease, at, months, truth=truth)
    alive: Flags = ~dies
    return alive


def draw_flares(
    rng: np.random.Generator, disease: Disease, at: Ints, months: Floats, *, truth: Truth
) -> Flags:
    """Whose nephritis comes back before the next visit; only after it had quietened, and not on dialysis."""
    course = truth.course
    log_upcr = disease.log_upcr[at]
    quiet = (log_upcr < np.log(0.8)) & (disease.day[at] - disease.from_day[at] > 3 * MONTH)
    quiet &= disease.dialysis_day[at] == NEVER
    log_hazard = disease.flare_effect[at] + disease.maintenance_flare[at]
    log_hazard = log_hazard + course.flare_incomplete * (log_upcr > ACTIVE)
    hazard = course.flare_hazard / 12 * np.exp(log_hazard)
    flares: Flags = quiet & (rng.standard_exponential(len(at)) < hazard * months)
    return flares


def start_flares(rng: np.random.Generator, disease: Disease, at: Ints, *, truth: Truth) -> None:
    """A flare lifts UPCR and the reversible part of creatinine; without another induction both fall but slowly."""
    course = truth.course
    level = course.flare_upcr[0] + course.flare_upcr[1] * rng.standard_normal(len(at))
    rise = course.flare_creatinine * rng.standard_exponential(len(at))
    disease.log_upcr[at] = disease.from_log_upcr[at] = np.maximum(level, disease.log_upcr[at] + 0.7)
    disease.acute[at] = disease.from_acute[at] = disease.acute[at] + rise
    disease.from_day[at] = disease.day[at]
    disease.slope[at] = course.slope_flare


def move_proteinuria(disease: Disease, at: Ints, activity: Floats, months: Floats, *, truth: Truth) -> None:
    """UPCR falls (or rises) for six months, a part of it goes on to month 18; scar grows while there is activity.

    Log-linear over six months and nearly flat after it is the shape found in the ACCESS trial subset.
    """
    course = truth.course
    slope, since = disease.slope[at], (disease.day[at] - disease.from_day[at]) / MONTH
    tail = np.where(slope < 0, course.tail_share * np.clip(since - 6, 0, 12), 0.0)
    aim = disease.from_log_upcr[at] + slope * (np.minimum(since, 6) + tail)
    floor = disease.floor[at] + course.scar_proteinuria * disease.scar[at]
    log_upcr = np.clip(np.maximum(aim, np.minimum(floor, disease.from_log_upcr[at])), -3.5, np.log(18.0))
    mean_activity = (activity + np.maximum(log_upcr - ACTIVE, 0.0)) / 2
    injury = mean_activity + course.scar_acute * disease.acute[at]
    per_year = disease.scar_rate[at] * injury + course.scar_progress * disease.log_loss[at]
    disease.scar[at] = np.minimum(disease.scar[at] + per_year * months / 12, 3.2)
    disease.log_upcr[at] = log_upcr
    fall = np.minimum(course.acute_exponent * (log_upcr - disease.from_log_upcr[at]), 0.7)
    disease.acute[at] = np.minimum(disease.from_acute[at] * np.exp(fall), 3.0)


def move_dialysis(
    rng: np.random.Generator, disease: Disease, at: Ints, months: Floats, *, truth: Truth
) -> None:
    """Dialysis starts at a filtration of about 6 to 12, stops if the kidney recovers within three months."""
    events, day = truth.events, disease.day[at]
    excess = disease.log_loss[at] - disease.uraemic_loss[at]
    begun, ended = disease.dialysis_day[at] < NEVER, disease.dialysis_end[at] < NEVER
    hazard = events.dialysis_hazard / (1 + np.exp(-np.clip(excess / 0.05, -500, 500)))
    due = rng.standard_exponential(len(at)) < hazard * months
    again = due & ended & (disease.dialysis_again[at] == NEVER)
    disease.dialysis_day[at[due & ~begun]] = day[due & ~begun]
    disease.dialysis_again[at[again]] = day[again]
    recent = day - disease.dialysis_day[at] < 80
    stops = begun & ~ended & recent & (excess < -0.25)
    disease.dialysis_end[at[stops]] = day[stops]
    waiting = disease.on_dialysis[at] & (day - disease.last_dialysis_day[at] > 180)
    grafted = waiting & (rng.standard_exponential(len(at)) < events.transplant_hazard * months)
    disease.transplant_day[at[grafted]] = day[grafted]
