"""Courses of disease from a handful of planted numbers, so that the truth can be written down.

This is not the simulator of the shipped cohort, which works through visits and laboratory values and whose hazard
ratios nobody can state exactly. Here every hazard is constant by stretches, and a reader can check each truth
(`helpers.evidence.truth`) by hand.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.incidence import CENSORED

Floats = NDArray[np.float64]

PARTS = ("worsening_creatinine", "esrd", "death")


@dataclass(frozen=True)
class Course:
    """What is planted in the course of disease; months and events per month.

    A share of patients is severe. Unless something happened before, a severe patient is labelled in a month drawn
    evenly between `label_from` and `label_to`. From then on (or, with `acts_from_start`, from time zero on) all
    three hazards are `ratio` times those of the others, and `later_ratio` times from month `later_from` on.
    `missed` is the share of severe patients whose label is not given, `false` the share of others who are
    labelled without reason, in a month drawn the same way. Patients enter over years and follow-up ends on one
    day: the end of observation is even between `followup_from` and `followup_to`.
    """

    ratio: float = 1.0
    acts_from_start: bool = False
    later_ratio: float | None = None
    later_from: float = np.inf
    missed: float = 0.0
    false: float = 0.0
    severe_share: float = 0.315
    label_from: float = 3.0
    label_to: float = 24.0
    worsening: float = 0.0012
    esrd: float = 0.0009
    death: float = 0.0009
    followup_from: float = 12.0
    followup_to: float = 216.0

    @property
    def rates(self) -> tuple[float, float, float]:
        """The monthly hazards of the patients who are not severe, in the order of `PARTS`."""
        return self.worsening, self.esrd, self.death


def simulate_course(course: Course, *, size: int, random: np.random.Generator) -> pd.DataFrame:
    """One cohort: a table with the columns of `helpers.survival.derive_outcomes` and `label_groups`.

    One row per patient: patient_id, followup_months, worsening_month, esrd_month, death_month (missing for not
    seen), the pairs `<outcome>_months` and `<outcome>_status` of composite, esrd and death, group ("dtt" or
    "other") and label_month. A patient whose outcome or end of follow-up came before the label is "other", as in
    any real study: the label was never seen.

    >>> table = simulate_course(Course(ratio=4.0), size=181, random=np.random.default_rng(1))
    >>> bool((table.label_month.dropna() < 24).all()), len(table)
    (True, 181)
    """
    is_severe = random.random(size) < course.severe_share
    label = random.uniform(course.label_from, course.label_to, size)
    end = random.uniform(course.followup_from, course.followup_to, size)
    chances = random.exponential(size=(size, len(PARTS)))
    mistake = random.random(size)
    free = chances / np.asarray(course.rates)
    is_free = free.min(axis=1) > label
    starts = np.where(is_severe, 0.0 if course.acts_from_start else np.where(is_free, label, np.inf), np.inf)
    months = np.stack([_find_month(chances[:, part] / rate, starts, course)
                       for part, rate in enumerate(course.rates)], axis=1)  # fmt: skip
    is_given = np.where(is_severe, mistake >= course.missed, mistake < course.false)
    is_labelled = is_given & (label < np.minimum(months.min(axis=1), end))
    return make_outcomes(months, end, label_month=np.where(is_labelled, label, np.nan))


def _find_month(exposure: Floats, starts: Floats, course: Course) -> Floats:
    """The month by which hazard one, `ratio` from `starts` on and `later_ratio` after that, adds up to `exposure`."""
    changes = np.maximum(starts, course.later_from)
    later = course.ratio if course.later_ratio is None else course.later_ratio
    with np.errstate(invalid="ignore"):  # infinity less infinity, where a patient is never exposed
        until_change = starts + course.ratio * (changes - starts)
        early, late = starts + (exposure - starts) / course.ratio, changes + (exposure - until_change) / later
        return np.where(exposure <= starts, exposure, np.where(exposure <= until_change, early, late))


def make_outcomes(months: Floats, end: Floats, *, label_month: Floats) -> pd.DataFrame:
    """Outcomes and groups from the months of the three parts (patients by parts), the end of follow-up, the label."""
    is_seen = months <= np.minimum(end, months[:, 2])[:, None]
    seen = np.where(is_seen, months, np.inf)
    table = pd.DataFrame({"patient_id": np.arange(len(end)), "followup_months": np.minimum(end, seen[:, 2])})
    for part, name in enumerate(("worsening_month", "esrd_month", "death_month")):
        table[name] = np.where(is_seen[:, part], months[:, part], np.nan)
    for outcome, parts in {"composite": [0, 1, 2], "esrd": [1, 2], "death": [2]}.items():
        first = seen[:, parts].argmin(axis=1)
        earliest = seen[:, parts].min(axis=1)
        words = np.array([PARTS[part] for part in parts], dtype=object)[first]
        table[f"{outcome}_months"] = np.minimum(earliest, end)
        table[f"{outcome}_status"] = np.where(np.isinf(earliest), CENSORED, words)
    group = np.where(np.isnan(label_month), "other", "dtt")
    return table.assign(group=group, label_month=label_month)


@dataclass(frozen=True)
class Race:
    """Kidney failure and death with a known subdistribution hazard ratio: the design of Fine and Gray's simulations.

    The group is known from time zero on. Kidney failure by month t has probability
    1 - (1 - share (1 - exp(-pace t))) ** k, with k = `ratio` in the difficult-to-treat and one in the others, so
    that the subdistribution hazard ratio is `ratio` at all times. Who does not fail dies, at `death_pace` a month,
    `death_ratio` times that in the difficult-to-treat. Source: Fine and Gray, J Am Stat Assoc 1999;94:496,
    section 4.
    """

    ratio: float = 1.0
    death_ratio: float = 1.0
    share: float = 0.35
    pace: float = 0.02
    death_pace: float = 0.006
    dtt_share: float = 0.315
    followup_from: float = 12.0
    followup_to: float = 216.0

    def derive_incidence(self, months: Floats | float, *, is_dtt: bool) -> Floats:
        """The probability of kidney failure by each month."""
        power = self.ratio if is_dtt else 1.0
        risen = 1 - self.share * (1 - np.exp(-self.pace * np.asarray(months, dtype=float)))
        return np.asarray(1 - risen**power)


def simulate_race(race: Race, *, size: int, random: np.random.Generator) -> pd.DataFrame:
    """One cohort of a race, in the columns of `simulate_course`; nobody's creatinine worsens, the label is at zero.

    >>> table = simulate_race(Race(ratio=2.0), size=5, random=np.random.default_rng(1))
    >>> sorted(set(table.esrd_status) | {"censored", "death", "esrd"})
    ['censored', 'death', 'esrd']
    """
    is_dtt = random.random(size) < race.dtt_share
    end = random.uniform(race.followup_from, race.followup_to, size)
    lot, wait = random.random(size), random.exponential(size=size)
    power = np.where(is_dtt, race.ratio, 1.0)
    fails = lot < 1 - (1 - race.share) ** power
    inside = 1 - (1 - np.where(fails, (1 - lot) ** (1 / power), 1.0)) / race.share
    failure = np.where(fails, -np.log(np.where(fails, inside, 1.0)) / race.pace, np.inf)
    death = np.where(fails, np.inf, wait / (race.death_pace * np.where(is_dtt, race.death_ratio, 1.0)))
    months = np.column_stack([np.full(size, np.inf), failure, death])
    return make_outcomes(months, end, label_month=np.where(is_dtt, 0.0, np.nan))
