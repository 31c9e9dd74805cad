"""Simulated follow-up, visit by visit: the one loop of the simulator, over visits and never over patients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.synthetic.disease import MONTH, NEVER, Disease, advance_disease, make_disease
from helpers.synthetic.doctor import GOING_ON, Chart, change_treatment, judge_course, make_chart, start_course
from helpers.synthetic.onset import Flags, Floats, Ints, People
from helpers.synthetic.truth import Truth


@dataclass(frozen=True)
class Histories:
    """Everything that happened: one entry per visit in `visits`, one per patient in `disease` and `chart`."""

    visits: dict[str, np.ndarray]
    disease: Disease
    chart: Chart


@dataclass
class Laboratory:
    """Measurement noise that a patient carries from visit to visit, and who misses the early assessments."""

    noise: Floats
    dialysis_level: Floats
    skips_month_3: Flags
    skips_month_6: Flags
    no_first_year: Flags


def simulate_gap_flags(rng: np.random.Generator, people: People, probability: float, *, truth: Truth) -> Flags:
    """Whose value is missing: more often in early years and (by the truth) in milder disease; the mean is kept."""
    gaps = truth.gaps
    push = -gaps.early_year * people.calendar + gaps.severity * people.severity
    odds = probability / (1 - probability) * np.exp(push - np.var(push) / 2)
    return rng.random(people.n) < odds / (1 + odds)


def simulate_histories(people: People, *, rng: np.random.Generator, truth: Truth) -> Histories:
    """Follow everybody from baseline to death, loss or the end of 2022.

    Each turn of the loop is the next visit of all who still come: the true state moves on, the laboratory
    adds noise, the doctor decides on what the laboratory says.
    """
    gaps = truth.gaps
    disease, chart = make_disease(rng, people, truth=truth), make_chart(rng, people, truth=truth)
    laboratory = Laboratory(
        noise=truth.noise.upcr_sd * rng.standard_normal(people.n),
        dialysis_level=simulate_dialysis_level(rng, people, truth=truth),
        skips_month_3=simulate_gap_flags(rng, people, gaps.month_3, truth=truth),
        skips_month_6=simulate_gap_flags(rng, people, gaps.month_6, truth=truth),
        no_first_year=simulate_gap_flags(rng, people, gaps.no_first_year, truth=truth),
    )
    log = [simulate_baseline_visit(rng, people, disease, chart, truth=truth)]
    start_course(rng, chart, disease, people, np.arange(people.n), truth=truth)
    at = np.flatnonzero(disease.last_day > 0)
    upcr_seen = chart.course_upcr[at]
    while len(at):
        gap = simulate_gap(rng, disease, chart, laboratory, at, upcr_seen, truth=truth)
        coming = np.minimum(gap, disease.last_day[at] - disease.day[at])
        alive = advance_disease(rng, disease, at, coming, truth=truth) & (coming == gap)
        at = at[alive]
        visit = simulate_visit(rng, people, disease, laboratory, at, truth=truth)
        log.append(visit)
        upcr, creatinine = visit["upcr"], visit["creatinine"]
        reason = judge_course(rng, chart, disease, at, upcr, creatinine, truth=truth)
        new = reason != GOING_ON
        change_treatment(
            rng, chart, disease, people, at[new], reason[new], upcr[new], creatinine[new], truth=truth
        )
        stays = simulate_staying(rng, disease, at, gap[alive], truth=truth) & (disease.last_day[at] > disease.day[at])
        at, upcr_seen = at[stays], np.where(np.isnan(upcr), 0.0, upcr)[stays]
    # each column leaves the log as it is joined: the visits are never in memory twice
    visits = {name: np.concatenate([part.pop(name) for part in log]) for name in list(log[0])}
    return Histories(visits, disease, chart)


def simulate_baseline_visit(
    rng: np.random.Generator, people: People, disease: Disease, chart: Chart, *, truth: Truth
) -> dict[str, np.ndarray]:
    """The visit on which treatment was decided: on the day of the first induction or up to two weeks before."""
    n, noise = people.n, truth.noise
    upcr = np.exp(people.log_upcr + noise.upcr_baseline_sd * rng.standard_normal(n))
    creatinine = np.exp(people.normal_creatinine + disease.log_loss + noise.creatinine_sd * rng.standard_normal(n))
    chart.course_upcr[:], chart.course_creatinine[:] = upcr, creatinine
    lost = simulate_gap_flags(rng, people, truth.gaps.no_baseline, truth=truth)
    which = rng.random(n) < 0.5
    lead = np.minimum(rng.geometric(0.25, n) - 1, 14)
    return {
        "patient": np.arange(n),
        "day": -np.minimum(lead, people.start_day - people.biopsy_day + 3),
        "upcr": np.where(lost & which, np.nan, upcr),
        "creatinine": np.where(lost & ~which, np.nan, creatinine),
        "log_upcr": people.log_upcr,
        "log_loss": disease.log_loss,
    }


def simulate_dialysis_level(rng: np.random.Generator, people: People, *, truth: Truth) -> Floats:
    """Log creatinine around which each patient would stay on dialysis; higher in men, who have more muscle."""
    mean, sd = truth.events.dialysis_creatinine
    level: Floats = mean + truth.onset.male_creatinine * people.feature["male"] + sd * rng.standard_normal(people.n)
    return level


def simulate_gap(
    rng: np.random.Generator, disease: Disease, chart: Chart, laboratory: Laboratory, at: Ints, upcr_seen: Floats,
    *, truth: Truth,
) -> Ints:  # fmt: skip
    """Days to the next visit: monthly to month 6 of a course, then 2-3 monthly, 3-6 monthly after month 24.

    Who looks active comes sooner. Who skips the 3- or 6-month assessment comes after its window has closed. Later a
    visit is skipped now and then, and a few stay away for half a year to a year and a half more.
    """
    month = (disease.day[at] - chart.course_day[at]) / MONTH
    usual = np.where(month < 5.5, 1.0, np.where(month < 23, 2.5, 4.5))
    usual = np.where((upcr_seen > 1.0) & (month >= 5.5), np.minimum(usual, 2.0), usual)
    usual = np.where(chart.suspected[at], 1.0, usual)
    spread = np.where(usual < 2, 0.15, 0.33)
    days = usual * (1 + spread * (2 * rng.random(len(at)) - 1)) * MONTH
    days = days + (month >= 8) * simulate_absence(rng, usual, truth=truth)
    coming = disease.day[at] + np.maximum(np.rint(days), 7).astype(np.int64)
    windows = ((laboratory.skips_month_3, 1.95, 4.05), (laboratory.skips_month_6, 4.95, 8.05))
    for skips, first, last in windows:
        missed = skips[at] & (coming > first * MONTH) & (coming < last * MONTH)
        late = np.ceil(last * MONTH + 18 * rng.random(len(at))).astype(np.int64)
        coming = np.where(missed, late, coming)
    return coming - disease.day[at]


def simulate_absence(rng: np.random.Generator, usual: Floats, *, truth: Truth) -> Floats:
    """Days by which the next visit is late, for nearly all none: visits skipped in a row, or a long absence."""
    count, gaps = len(usual), truth.gaps
    skipped = rng.geometric(1 - gaps.skipped, count) - 1
    away = (rng.random(count) < gaps.away) * (6 + 12 * rng.random(count))
    late: Floats = (skipped * usual + away) * MONTH
    return late


def simulate_visit(
    rng: np.random.Generator, people: People, disease: Disease, laboratory: Laboratory, at: Ints, *, truth: Truth
) -> dict[str, np.ndarray]:
    """Measured creatinine and UPCR of one visit; log-normal noise, that of UPCR remembered in part.

    On dialysis creatinine scatters about a level of the patient's own, whatever is left of the kidney.
    """
    noise, gaps, m = truth.noise, truth.gaps, len(at)
    fresh = np.sqrt(1 - noise.upcr_memory**2) * noise.upcr_sd * rng.standard_normal(m)
    laboratory.noise[at] = noise.upcr_memory * laboratory.noise[at] + fresh
    # the value that decided on dialysis is still the kidney's own
    begun_before = disease.last_dialysis_day[at] < disease.day[at]
    dialysed, normal = disease.on_dialysis[at] & begun_before, people.normal_creatinine[at]
    log_loss = np.where(disease.transplant_day[at] < NEVER, 0.6, disease.log_loss[at])
    log_loss = np.where(dialysed, laboratory.dialysis_level[at] - normal, log_loss)
    scatter = np.where(dialysed, truth.events.dialysis_creatinine_sd, noise.creatinine_sd)
    creatinine = np.exp(normal + log_loss + scatter * rng.standard_normal(m))
    upcr = np.exp(disease.log_upcr[at] + laboratory.noise[at])
    unseen = laboratory.no_first_year[at] & (disease.day[at] < 13 * MONTH)
    no_upcr = np.where(dialysed, 0.5, gaps.proteinuria)
    return {
        "patient": at,
        "day": disease.day[at],
        "upcr": np.where(unseen | (rng.random(m) < no_upcr), np.nan, np.clip(upcr, 0.02, 45.0)),
        "creatinine": np.where(rng.random(m) < gaps.creatinine, np.nan, np.clip(creatinine, 0.2, 25.0)),
        "log_upcr": disease.log_upcr[at],
        "log_loss": log_loss,
    }


def simulate_staying(rng: np.random.Generator, disease: Disease, at: Ints, gap: Ints, *, truth: Truth) -> Flags:
    """Who comes back after this visit; loss is tied to visits, and rarer while the disease is active."""
    events = truth.events
    active = disease.log_upcr[at] > np.log(0.7)
    chance = events.loss_hazard * gap / MONTH * np.where(active, events.loss_active, events.loss_remission)
    lost = rng.random(len(at)) < chance
    disease.loss_day[at[lost]] = disease.day[at[lost]]
    return ~lost
