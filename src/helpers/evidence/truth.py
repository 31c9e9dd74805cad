"""The truth behind each number, written down: what a study without end would find of a planted course.

Hazards are constant by stretches, so that every curve is a product of exponentials. From the landmark (a month by
which every label has been given) on, the labelled carry the ratio throughout and the others never do.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.integrate import quad

from helpers.evidence.planted import Course, Floats, simulate_course

MANY = 1_000_000
MANY_SEED = 20_041_231


def derive_free_share(course: Course, month: float, *, is_dtt: bool, landmark: float) -> float:
    """The share free of the composite outcome `month` months after the landmark: exp(-rate x ratio x months).

    Where the ratio changes to `later_ratio` at a month on the clock, the hazard is added up in two stretches.

    >>> round(derive_free_share(Course(ratio=4.0), 60.0, is_dtt=True, landmark=24.0), 4)  # exp(-0.003 * 4 * 60)
    0.4868
    """
    return float(np.exp(-sum(course.rates) * _exposure(course, month, is_dtt=is_dtt, landmark=landmark)))


def _exposure(course: Course, month: float, *, is_dtt: bool, landmark: float) -> float:
    if not is_dtt:
        return month
    early = float(np.clip(course.later_from - landmark, 0.0, month))
    later = course.ratio if course.later_ratio is None else course.later_ratio
    return course.ratio * early + later * (month - early)


def derive_failure_share(course: Course, month: float, *, is_dtt: bool, landmark: float) -> float:
    """The share with kidney failure by then, death competing, where the ratio does not change.

    With constant hazards e and d: e / (e + d) x (1 - exp(-(e + d) t)). Worsening does not end the time at risk.

    >>> round(derive_failure_share(Course(), 60.0, is_dtt=False, landmark=24.0), 4)
    0.0512
    """
    both = course.esrd + course.death
    gone = 1 - np.exp(-both * _exposure(course, month, is_dtt=is_dtt, landmark=landmark))
    return float(course.esrd / both * gone)


def derive_mean_difference(course: Course, until: float, *, landmark: float) -> float:
    """The difference in restricted mean months, labelled less others: the area between both curves, integrated."""

    def free(month: float, *, is_dtt: bool) -> float:
        return derive_free_share(course, month, is_dtt=is_dtt, landmark=landmark)

    def gap(month: float) -> float:
        return free(month, is_dtt=True) - free(month, is_dtt=False)

    bend = float(np.clip(course.later_from - landmark, 0.0, until))
    return float(quad(gap, 0.0, until, points=[bend] if 0 < bend < until else None)[0])


def derive_severe_share(course: Course, month: float) -> float:
    """The share of all severe patients free of the outcome at a month from time zero, whenever they are labelled.

    The mean of exp(-rate x exposure) over labels L even between `label_from` and `label_to`: exposure one a month up to
    L, `ratio` from then on (and `later_ratio` from its month on). A curve drawn for those who were labelled in the end
    leaves out the severe who failed before, and lies above it.
    """
    rate = sum(course.rates)

    def free(label: float) -> float:
        return float(np.exp(-rate * (label + _exposure(course, month - label, is_dtt=True, landmark=label))))

    return float(quad(free, course.label_from, course.label_to)[0] / (course.label_to - course.label_from))


@cache
def derive_landmark_log_ratio(course: Course, landmark: float) -> float:
    """What a Cox model from an early landmark settles on when patients are without number: by simulation.

    At an early landmark the others hold severe patients whose label is still to come, so that the model answers
    another question than the planted ratio, and its answer depends on how long patients are followed. One million
    patients, fixed seed; the Monte Carlo error of the log ratio is about 0.005.
    """
    table = simulate_course(course, size=MANY, random=np.random.default_rng(MANY_SEED))
    table = table.loc[table["composite_months"] > landmark]
    exposed = table["label_month"].le(landmark).to_numpy(bool)
    return fit_one_ratio(
        table["composite_months"].to_numpy(float), table["composite_status"].ne("censored").to_numpy(bool), exposed)


def fit_one_ratio(months: Floats, is_event: np.ndarray, exposed: np.ndarray) -> float:
    """The log hazard ratio of one yes-or-no covariate without ties, by Newton steps on sorted times."""
    order = np.argsort(-months, kind="stable")
    hit, x = is_event[order], exposed[order]
    with_it, without = np.cumsum(x)[hit].astype(float), np.cumsum(~x)[hit].astype(float)
    beta, events = 0.0, float(x[hit].sum())
    for _ in range(50):
        share = with_it * np.exp(beta) / (with_it * np.exp(beta) + without)
        step = (events - share.sum()) / (share * (1 - share)).sum()
        beta += step
        if abs(step) < 1e-10:
            break
    return float(beta)
