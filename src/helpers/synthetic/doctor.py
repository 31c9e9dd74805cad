"""The simulated doctor: sees noisy values at visits, judges the course, and starts another induction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.synthetic.disease import MONTH, NEVER, Disease
from helpers.synthetic.onset import EPOCH, PROLIFERATIVE, PURE_V, Flags, Floats, Ints, People
from helpers.synthetic.planted import REGIMENS
from helpers.synthetic.truth import Truth

GOING_ON, NO_RESPONSE, FLARE, INTOLERANCE = range(4)
EUROLUPUS = REGIMENS.index("eurolupus_cyclophosphamide")
NORMAL_EGFR = 90.0
WEAK = (REGIMENS.index("azathioprine"), REGIMENS.index("glucocorticoid_alone"))


@dataclass
class Chart:
    """What the doctor has written down, one entry per patient (arrays over courses have one column per course)."""

    course: Ints
    course_day: Ints
    course_upcr: Floats
    course_creatinine: Floats
    normal_creatinine: Floats
    best_upcr: Floats
    best_creatinine: Floats
    responded: Flags
    suspected: Flags
    changes_early: Flags
    start: Ints
    regimen: Ints
    ended_by: Ints
    azathioprine_maintenance: Flags


def make_chart(rng: np.random.Generator, people: People, *, truth: Truth) -> Chart:
    """Empty charts with the regimen of the first course."""
    n, most = people.n, truth.doctor.max_courses
    chart = Chart(
        course=np.zeros(n, dtype=np.int64),
        course_day=np.zeros(n, dtype=np.int64),
        course_upcr=np.ones(n),
        course_creatinine=np.ones(n),
        normal_creatinine=people.creatinine_at(NORMAL_EGFR),
        best_upcr=np.full(n, np.inf),
        best_creatinine=np.full(n, np.inf),
        responded=np.zeros(n, dtype=bool),
        suspected=np.zeros(n, dtype=bool),
        changes_early=rng.random(n) < truth.doctor.intolerance_share,
        start=np.full((n, most), NEVER, dtype=np.int64),
        regimen=np.full((n, most), -1, dtype=np.int64),
        ended_by=np.full((n, most), GOING_ON, dtype=np.int64),
        azathioprine_maintenance=rng.random(n) < truth.doctor.maintenance_azathioprine,
    )
    chart.regimen[:, 0] = simulate_first_regimen(rng, people, truth=truth)
    chart.start[:, 0] = 0
    return chart


def draw_from_rows(rng: np.random.Generator, probability: Floats, row: Ints) -> Ints:
    """One draw per entry of `row`, each from its row of a matrix of probabilities."""
    steps = np.cumsum(probability, axis=1)
    steps /= steps[:, -1:]
    drawn: Ints = (rng.random(len(row))[:, None] >= steps[row]).sum(axis=1)
    return drawn


def simulate_first_regimen(rng: np.random.Generator, people: People, *, truth: Truth) -> Ints:
    """First regimen by class and calendar period: cyclophosphamide gives way to mycophenolate."""
    table = truth.doctor.first_regimen
    names = ["before_2008", "2008_2012", "2013_2016", "after_2016", "class_v", "other_class"]
    year = (EPOCH + people.start_day).astype("datetime64[Y]").astype(int) + 1970
    row = np.searchsorted([2008, 2013, 2017], year, side="right")
    row = np.where(people.isn_class == PURE_V, 4, np.where(np.isin(people.isn_class, PROLIFERATIVE), row, 5))
    return draw_from_rows(rng, np.array([table[name] for name in names]), row)


def start_course(
    rng: np.random.Generator, chart: Chart, disease: Disease, people: People, at: Ints, *, truth: Truth
) -> None:
    """Set the true course of the patients `at` going: how fast UPCR will fall under the regimen just begun.

    Severity, aPL, active sediment, a weak regimen and the patient's own frailty slow the fall. Low-dose
    cyclophosphamide is slower than high-dose by the log odds ratio of the centre's own trial.
    """
    effects, course = truth.effects, truth.course
    number = chart.course[at]
    regimen = chart.regimen[at, number]
    risk = effects.slope_severity * disease.severity[at]
    risk = risk + effects.slope_apl * people.feature["apl"][at]
    risk = risk + effects.slope_sediment * people.feature["sediment"][at]
    slope = np.where(number == 0, course.slope_first + risk, course.slope_later + course.later_share * risk)
    slope = slope + disease.frailty[at] + effects.slope_eurolupus * (regimen == EUROLUPUS)
    slope = slope + effects.slope_weak_regimen * np.isin(regimen, WEAK)
    slope = slope + course.slope_course_sd * rng.standard_normal(len(at))
    disease.slope[at] = np.where(slope > 0, course.worsening_share * slope, slope)
    disease.from_log_upcr[at] = disease.log_upcr[at]
    disease.from_acute[at] = disease.acute[at]
    disease.from_day[at] = chart.start[at, number]
    disease.maintenance_flare[at] = effects.flare_azathioprine * chart.azathioprine_maintenance[at]


def judge_course(
    rng: np.random.Generator, chart: Chart, disease: Disease, at: Ints, upcr: Floats, creatinine: Floats,
    *, truth: Truth,
) -> Ints:  # fmt: skip
    """Why the doctor changes the treatment at this visit, or GOING_ON; one code per patient in `at`.

    Missing values decide nothing, and a creatinine that is still normal is no failure. Failure is acted on at one
    visit, as the label's own rule would; a flare must be seen twice, because a single ratio is too noisy to start
    another induction on.
    """
    doctor = truth.doctor
    month = (disease.day[at] - chart.course_day[at]) / MONTH
    first = chart.course[at] == 0
    ratio, rise = upcr / chart.course_upcr[at], creatinine / chart.course_creatinine[at]
    kidney_holds = (rise < 1.2) | (creatinine <= chart.normal_creatinine[at])
    responding = ((upcr < 0.5) | ((ratio <= 0.5) & (upcr < 3.0))) & kidney_holds
    known = ~np.isnan(upcr) & ~np.isnan(creatinine)
    worse = (month > 2) & (month < 5) & ((ratio >= doctor.worsening_ratio) | (rise >= doctor.worsening_ratio))
    late = (month >= doctor.assess_month) & (month < 24) & known & ~responding
    failed = late & (~chart.responded[at] | (first & (month < 7.5)))
    action = np.where(first, doctor.failure_action, doctor.failure_action_later)
    act = rng.random(len(at)) / doctor.reluctance ** chart.course[at]
    high = np.where(chart.best_upcr[at] < 0.5, 1.0, np.maximum(2.0 * chart.best_upcr[at], 2.0))
    flaring = chart.responded[at] & ((upcr >= high) | ((creatinine >= 1.3 * chart.best_creatinine[at]) & (upcr > 0.7)))
    flared = flaring & chart.suspected[at] & (act < doctor.flare_action)
    intolerant = chart.changes_early[at] & first & (month > 0.5) & (month < 5)
    reason = np.where(intolerant, INTOLERANCE, GOING_ON)
    reason = np.where(flared, FLARE, reason)
    reason = np.where((failed & (act < action)) | (worse & (act < doctor.worsening_action)), NO_RESPONSE, reason)
    chart.suspected[at] = flaring & (month > 3)
    chart.responded[at] |= responding & known & (month > 1.5)
    chart.best_upcr[at] = np.fmin(chart.best_upcr[at], upcr)
    chart.best_creatinine[at] = np.fmin(chart.best_creatinine[at], creatinine)
    possible = (chart.course[at] + 1 < doctor.max_courses) & (disease.dialysis_day[at] == NEVER)
    return np.where(possible, reason, GOING_ON)


def change_treatment(
    rng: np.random.Generator, chart: Chart, disease: Disease, people: People, at: Ints, reason: Ints,
    upcr: Floats, creatinine: Floats, *, truth: Truth,
) -> None:  # fmt: skip
    """End the course of the patients `at` for `reason` and begin the next, one to five days after the visit."""
    number = chart.course[at]
    chart.ended_by[at, number] = reason
    chart.regimen[at, number + 1] = draw_from_rows(rng, np.array(truth.doctor.switch), chart.regimen[at, number])
    chart.start[at, number + 1] = disease.day[at] + rng.integers(1, 6, len(at))
    chart.course[at] = number + 1
    chart.course_day[at] = chart.start[at, number + 1]
    chart.course_upcr[at] = np.where(np.isnan(upcr), np.exp(disease.log_upcr[at]), upcr)
    chart.course_creatinine[at] = np.where(np.isnan(creatinine), chart.course_creatinine[at], creatinine)
    chart.best_upcr[at] = chart.best_creatinine[at] = np.inf
    chart.responded[at] = chart.suspected[at] = False
    start_course(rng, chart, disease, people, at, truth=truth)
