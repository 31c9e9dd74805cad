"""The baseline table: measured values that agree with the true features, SLEDAI-2K items that agree with them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.synthetic.baseline import make_answers, make_dates, make_words
from helpers.synthetic.onset import Flags, Floats, People
from helpers.synthetic.truth import Truth

CASTS = ("none", "rbc", "wbc", "other")
SIGNS = ("negative", "positive")


def simulate_urine(rng: np.random.Generator, active: Flags, *, truth: Truth) -> dict[str, np.ndarray]:
    """Red cells, white cells, casts and infection of a urine sample whose sediment is active or not.

    An active sediment has red cells, white cells without infection, or cellular casts; mostly red cells.
    An inactive one may have white cells, but only with an infection.
    """
    n = len(active)
    red, white, cast = (rng.random(n) < share for share in truth.onset.urine_signs)
    red |= ~(white | cast)
    infection = rng.random(n) < 0.06
    white &= ~infection
    red |= ~(white | cast)
    many_red = np.minimum(6 + np.floor(rng.exponential(18, n)), 200)
    many_white = np.minimum(6 + np.floor(rng.exponential(10, n)), 120)
    few_red, few_white = rng.integers(0, 6, n), rng.integers(0, 6, n)
    cellular = np.where(red, 1 + (rng.random(n) < 0.15), 2)
    other = np.where(rng.random(n) < 0.12, 3, 0)
    return {
        "rbc": np.where(active & red, many_red, few_red).astype(float),
        "wbc": np.where((active & white) | infection, many_white, few_white).astype(float),
        "casts": np.where(active & cast, cellular, other).astype(np.int64),
        "infection": infection,
    }


def simulate_pressure(rng: np.random.Generator, hypertensive: Flags) -> tuple[Floats, Floats, Flags]:
    """Systolic, diastolic pressure and treatment; the hypertensive are treated or measured at or above 140/90."""
    n = len(hypertensive)
    treated = hypertensive & (rng.random(n) < 0.6)
    systolic = np.where(hypertensive, 146 + 15 * rng.standard_normal(n), 119 + 10 * rng.standard_normal(n))
    diastolic = 0.52 * systolic + 14 + 6 * rng.standard_normal(n)
    untreated = hypertensive & ~treated & (systolic < 139.5) & (diastolic < 89.5)
    systolic = np.where(untreated, 140 + rng.exponential(8, n), systolic)
    systolic = np.where(~hypertensive, np.minimum(systolic, 138), systolic)
    diastolic = np.where(~hypertensive, np.minimum(diastolic, 88), diastolic)
    systolic = 2 * np.rint(np.clip(systolic, 84, 230) / 2)
    return systolic, np.clip(2 * np.rint(diastolic / 2), 44, systolic - 20), treated


def simulate_antiphospholipids(rng: np.random.Generator, people: People, *, truth: Truth) -> dict[str, pd.Series]:
    """First and repeat aPL tests: lupus anticoagulant, anticardiolipin, anti-beta-2-glycoprotein I.

    A patient with aPL has at least one positive test; three in four are positive again after 12 weeks. Whole
    panels are missing more often in early years and hardly ever after a thrombosis (missing not at random);
    lupus anticoagulant, which cannot be done under anticoagulants, is missing more often than the others.
    """
    n, gaps, positive = people.n, truth.gaps, people.feature["apl"]
    push = gaps.early_year * -people.calendar + gaps.severity * people.severity - 1.1 * people.thrombosis
    odds = gaps.apl_panel / (1 - gaps.apl_panel) * np.exp(push)
    tested = rng.random(n) > odds / (1 + odds)
    la, acl, b2 = (positive & (rng.random(n) < share) for share in truth.onset.apl_tests)
    la |= positive & ~acl & ~b2
    la_known = tested & (rng.random(n) > gaps.lupus_anticoagulant)
    repeated = tested & (rng.random(n) < np.where(positive, 0.72, 0.25))
    stays = rng.random(n) < truth.onset.apl_persistence
    first_day = people.biopsy_day + rng.integers(-60, 21, n)

    def level(high: Flags, cut: float) -> Floats:
        return np.where(high, cut + 3 + rng.exponential(cut, n), np.minimum(rng.gamma(2.0, 3.0, n), 0.9 * cut))

    def number(values: Floats, known: Flags) -> pd.Series:
        return pd.Series(np.where(known, np.round(values, 1), np.nan))

    columns = {"apl_first_date": make_dates(first_day, tested)}
    columns["la_first"] = make_words(la.astype(np.int64), SIGNS, la_known)
    columns["acl_first_u_ml"] = number(level(acl, 40.0), tested & (rng.random(n) > 0.006))
    columns["anti_b2gpi_first_u_ml"] = number(level(b2, 20.0), tested & (rng.random(n) > 0.012))
    columns["apl_repeat_date"] = make_dates(first_day + rng.integers(84, 220, n), repeated)
    columns["la_repeat"] = make_words((la & stays).astype(np.int64), SIGNS, repeated & la_known)
    columns["acl_repeat_u_ml"] = number(level(acl & stays, 40.0), repeated)
    columns["anti_b2gpi_repeat_u_ml"] = number(level(b2 & stays, 20.0), repeated)
    return columns


def make_baseline(
    people: People, ids: np.ndarray, *, upcr_seen: Floats, rng: np.random.Generator, truth: Truth,
    draw_gap: Callable[[float], Flags],
) -> pd.DataFrame:  # fmt: skip
    """One row per patient: the features recorded between biopsy and first induction, with gaps.

    `draw_gap` says, for a probability, whose value is missing. The ENA panel (Ro60 and U1RNP) is missing
    together, and so are C3 and C4.
    """
    n, gaps = people.n, truth.gaps
    urine = simulate_urine(rng, people.feature["sediment"], truth=truth)
    systolic, diastolic, treated = simulate_pressure(rng, people.feature["hypertension"])
    labs = simulate_onset_labs(rng, people, truth=truth)
    day = people.biopsy_day + np.rint((people.start_day - people.biopsy_day) * rng.random(n)).astype(np.int64)
    everybody = np.ones(n, dtype=bool)
    panel, complement = ~draw_gap(gaps.antigen_panel), ~draw_gap(gaps.complement)

    def item(values: np.ndarray) -> pd.Series:
        return pd.Series(np.where(draw_gap(gaps.item), np.nan, values))

    table = {
        "patient_id": pd.Series(ids, dtype="string"),
        "assessment_date": make_dates(day, everybody),
        "constitutional_symptoms": make_answers(people.feature["constitutional"], ~draw_gap(gaps.item)),
        "serositis": make_answers(people.feature["serositis"], ~draw_gap(gaps.item)),
        "systolic_mmhg": item(systolic),
        "diastolic_mmhg": item(diastolic),
        "antihypertensive_treatment": make_answers(treated, everybody),
        "leucocytes_10e9_l": item(labs["leucocytes"]),
        "urine_rbc_hpf": pd.Series(urine["rbc"]),
        "urine_wbc_hpf": pd.Series(urine["wbc"]),
        "urine_casts": make_words(urine["casts"], CASTS),
        "urine_infection": make_answers(urine["infection"], everybody),
        "anti_dsdna": make_words(people.feature["anti_dsdna"].astype(np.int64), SIGNS, ~draw_gap(0.02)),
        "anti_ro60": make_words(people.feature["anti_ro60"].astype(np.int64), SIGNS, panel),
        "anti_u1rnp": make_words(people.feature["anti_u1rnp"].astype(np.int64), SIGNS, panel),
        **simulate_antiphospholipids(rng, people, truth=truth),
        "c3_mg_dl": pd.Series(np.where(complement, labs["c3"], np.nan)),
        "c4_mg_dl": pd.Series(np.where(complement, labs["c4"], np.nan)),
        "preflare_creatinine_mg_dl": pd.Series(np.where(draw_gap(1 - gaps.preflare_known), np.nan, labs["preflare"])),
        **simulate_sledai(rng, people, urine, labs, upcr_seen=upcr_seen, truth=truth),
    }
    return pd.DataFrame(table)


def derive_onset_complement(people: People, *, truth: Truth) -> tuple[Floats, Floats]:
    """Log C3 and C4 at onset, one entry per patient: the state behind the baseline table and the first visit."""
    (c3_mean, c3_sd), (c4_mean, c4_sd) = truth.onset.c3, truth.onset.c4
    below = c3_sd * people.liability["low_c3"]
    return c3_mean - below, c4_mean - 0.9 * below - c4_sd * people.liability["low_c4"]


def simulate_onset_labs(rng: np.random.Generator, people: People, *, truth: Truth) -> dict[str, Floats]:
    """Leucocytes, C3, C4 and the creatinine before nephritis; counts and C3 fall with their own liability."""
    n, (mean, sd) = people.n, truth.onset.leucocytes
    log_c3, log_c4 = derive_onset_complement(people, truth=truth)
    preflare = np.exp(people.normal_creatinine + truth.noise.creatinine_sd * rng.standard_normal(n))
    return {
        "leucocytes": np.round(np.clip(np.exp(mean - sd * people.liability["leucopenia"]), 0.6, 24), 1),
        "c3": np.round(np.clip(np.exp(log_c3), 8, 220)),
        "c4": np.round(np.clip(np.exp(log_c4), 1.5, 60), 1),
        "preflare": np.round(preflare, 2),
    }


def simulate_sledai(
    rng: np.random.Generator, people: People, urine: dict[str, np.ndarray], labs: dict[str, Floats],
    *, upcr_seen: Floats, truth: Truth,
) -> dict[str, pd.Series]:  # fmt: skip
    """The 24 SLEDAI-2K items; those that mirror a measurement agree with it, serositis and fever with theirs."""
    n = people.n
    drawn = {name: rng.random(n) < norm.cdf(norm.ppf(p) * 1.05 + 0.3 * people.severity)
             for name, p in truth.onset.sledai_items.items()}  # fmt: skip
    serositis = people.feature["serositis"]
    pleurisy = serositis & (rng.random(n) < 0.75)
    granular = (urine["casts"] == 3) & (rng.random(n) < 0.6)
    flags = {
        **drawn,
        "urinary_casts": (urine["casts"] == 1) | granular,
        "haematuria": urine["rbc"] > 5,
        "proteinuria": np.nan_to_num(upcr_seen, nan=1.0) > 0.5,
        "pyuria": (urine["wbc"] > 5) & ~urine["infection"],
        "pleurisy": pleurisy,
        "pericarditis": serositis & (~pleurisy | (rng.random(n) < 0.3)),
        "low_complement": (labs["c3"] < 90) | (labs["c4"] < 10),
        "dna_binding": people.feature["anti_dsdna"],
        "fever": people.feature["constitutional"] & (rng.random(n) < 0.55),
        "leucopenia": labs["leucocytes"] < 3.0,
    }
    order = [
        "seizure", "psychosis", "organic_brain_syndrome", "visual_disturbance", "cranial_nerve", "lupus_headache",
        "cerebrovascular_accident", "vasculitis", "arthritis", "myositis", "urinary_casts", "haematuria",
        "proteinuria", "pyuria", "rash", "alopecia", "mucosal_ulcers", "pleurisy", "pericarditis",
        "low_complement", "dna_binding", "fever", "thrombocytopenia", "leucopenia",
    ]  # fmt: skip
    everybody = np.ones(n, dtype=bool)
    return {f"sledai_{name}": make_answers(flags[name], everybody) for name in order}
