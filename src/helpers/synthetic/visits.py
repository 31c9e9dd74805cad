"""The visits table: what the laboratory and the clinic wrote down at each visit, rounded as they would."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.definitions import DAYS_PER_YEAR
from helpers.synthetic.baseline import make_dates, make_words
from helpers.synthetic.features import CASTS, derive_onset_complement
from helpers.synthetic.onset import Flags, Floats, Ints, People
from helpers.synthetic.truth import Truth

FIRST_RATIO_YEAR, LAST_COLLECTION_YEAR = 2009, 2016


def make_visits(
    visits: dict[str, np.ndarray], people: People, ids: np.ndarray, *, rng: np.random.Generator, truth: Truth
) -> pd.DataFrame:
    """One row per visit, patients in order and their visits by date.

    Proteinuria comes as a ratio, a 24-hour collection, or both: collections rule the early years.
    """
    order = np.lexsort((visits["day"], visits["patient"]))
    patient, upcr = visits["patient"][order], visits["upcr"][order]
    log_upcr, log_loss = visits["log_upcr"][order], visits["log_loss"][order]
    date = people.start_day[patient] + visits["day"][order]
    collection = upcr * np.exp(truth.noise.collection_sd * rng.standard_normal(len(order)))
    has_ratio, has_collection = choose_protein_method(rng, 2004 + date / DAYS_PER_YEAR)
    before = visits["day"][order] <= 0
    complement = simulate_complement(rng, people, patient, log_upcr, before, truth=truth)
    columns = simulate_clinic(rng, people, patient, log_upcr, log_loss, complement)
    everyone = np.ones(len(order), dtype=bool)
    return pd.DataFrame({
        "patient_id": pd.Series(ids[patient], dtype="string"),
        "visit_date": make_dates(date, everyone),
        "creatinine_mg_dl": np.round(visits["creatinine"][order], 2),
        "upcr_g_g": np.where(has_ratio, np.round(upcr, 2), np.nan),
        "protein_24h_g": np.where(has_collection, np.round(np.clip(collection, 0.02, 45.0), 2), np.nan),
        **columns,
    }, copy=False)  # fmt: skip


def choose_protein_method(rng: np.random.Generator, year: Floats) -> tuple[Flags, Flags]:
    """Whether a visit has a spot ratio and a 24-hour collection; at least one of the two.

    About half of the proteinuria up to 2009 is by collection, next to nothing after 2016; one in ten visits
    has both while both are in use.
    """
    fading = np.clip((year - FIRST_RATIO_YEAR) / (LAST_COLLECTION_YEAR - FIRST_RATIO_YEAR), 0.0, 1.0)
    chance = 0.52 * (1 - fading) + 0.03
    has_collection = rng.random(len(year)) < chance
    has_ratio = ~has_collection | (rng.random(len(year)) < 0.2)
    return has_ratio, has_collection


def derive_activity(log_upcr: Floats) -> Floats:
    """Activity of the nephritis from the true proteinuria: 0 at 0.25 g/g and below, 1 at 3 g/g, at most 1.6.

    >>> derive_activity(np.log([0.1, 3.0])).tolist()
    [0.0, 1.0]
    """
    activity: Floats = np.clip((log_upcr - np.log(0.25)) / (np.log(3.0) - np.log(0.25)), 0.0, 1.6)
    return activity


def simulate_complement(
    rng: np.random.Generator, people: People, patient: Ints, log_upcr: Floats, before: Flags, *, truth: Truth
) -> dict[str, np.ndarray]:
    """C3 and C4 at each visit: at onset those of the baseline table, in remission back to the patient's own normal.

    In between they follow activity as a share of what it was at onset. The laboratory's scatter is small `before`
    treatment, when baseline and visit come from one admission.
    """
    at_onset = np.maximum(derive_activity(people.log_upcr), 0.3)[patient]
    share = np.where(before, 1.0, np.clip(derive_activity(log_upcr) / at_onset, 0.0, 1.1))
    scatter, columns = np.where(before, 0.05, 0.15), {}
    normal = ((np.log(112), 0.10 * people.liability["low_c3"]), (np.log(23), 0.15 * people.liability["low_c4"]))
    limits = (("c3_mg_dl", 0.25, 15, 220, 0), ("c4_mg_dl", 0.27, 2, 60, 1))
    for onset, (usual, below), (name, missing, low, high, digits) in zip(
        derive_onset_complement(people, truth=truth), normal, limits, strict=True
    ):
        healthy = np.maximum(usual - below, onset)[patient]
        level = healthy + (onset[patient] - healthy) * share + scatter * rng.standard_normal(len(patient))
        seen = np.round(np.clip(np.exp(level), low, high), digits)
        columns[name] = np.where(rng.random(len(patient)) < missing, np.nan, seen)
    return columns


def simulate_clinic(
    rng: np.random.Generator, people: People, patient: Ints, log_upcr: Floats, log_loss: Floats,
    complement: dict[str, np.ndarray],
) -> dict[str, pd.Series | np.ndarray]:  # fmt: skip
    """Urine microscopy, albumin, anti-dsDNA and blood pressure that go with the activity of the day; `complement`."""
    m = len(patient)
    activity = derive_activity(log_upcr)

    def missing(share: float, values: Floats) -> Floats:
        return np.where(rng.random(m) < share, np.nan, values)

    chance = np.clip(activity, 0, 1) * np.where(people.feature["sediment"][patient], 0.85, 0.22) + 0.03
    active = rng.random(m) < chance
    red = np.where(active, 6 + np.floor(rng.exponential(12, m)), rng.integers(0, 6, m))
    white = np.where(active & (rng.random(m) < 0.45), 6 + np.floor(rng.exponential(7, m)), rng.integers(0, 6, m))
    cast = np.where(active & (rng.random(m) < 0.25), 1 + (rng.random(m) < 0.15), 3 * (rng.random(m) < 0.06))
    no_microscopy = rng.random(m) < 0.04
    drawn: Floats = 4.25 - 0.85 * activity + 0.25 * rng.standard_normal(m)
    albumin = drawn.clip(1.0, 5.4).round(1)
    dsdna = np.exp(2.6 + (0.7 + 1.1 * activity) * people.feature["anti_dsdna"][patient] + 0.6 * rng.standard_normal(m))
    pressure = 116 + 7 * people.feature["hypertension"][patient] + 6 * np.clip(log_loss, 0, 2) + 4 * activity
    systolic = 2 * np.rint(np.clip(pressure + 10 * rng.standard_normal(m), 84, 220) / 2)
    diastolic = 2 * np.rint(np.clip(0.5 * systolic + 16 + 6 * rng.standard_normal(m), 44, systolic - 20) / 2)
    unmeasured = rng.random(m) < 0.02
    return {
        "urine_rbc_hpf": np.where(no_microscopy, np.nan, np.minimum(red, 200).astype(float)),
        "urine_wbc_hpf": np.where(no_microscopy, np.nan, np.minimum(white, 120).astype(float)),
        "urine_casts": make_words(cast.astype(np.int64), CASTS, ~no_microscopy),
        "albumin_g_dl": missing(0.08, albumin),
        **complement,
        "anti_dsdna_iu_ml": missing(0.35, np.round(np.clip(dsdna, 2, 3000))),
        "systolic_mmhg": np.where(unmeasured, np.nan, systolic),
        "diastolic_mmhg": np.where(unmeasured, np.nan, diastolic),
    }
