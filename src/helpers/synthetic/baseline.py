"""Raw tables at onset: patients, baseline and biopsies, with measured values that agree with the features."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.definitions import DAYS_PER_MONTH, DAYS_PER_YEAR
from helpers.synthetic.onset import EPOCH, HAS_IV, NO_CLASS, PROLIFERATIVE, Flags, Floats, Ints, People
from helpers.synthetic.planted import CLASSES


def make_dates(days: Ints | Floats, known: Flags) -> pd.Series:
    """Calendar dates from days since 1 January 2004; missing where not known."""
    dates = EPOCH + np.where(known, days, 0).astype("timedelta64[D]")
    return pd.Series(np.where(known, dates, np.datetime64("NaT"))).astype("datetime64[ns]")


def make_words(code: Ints, words: tuple[str, ...], known: Flags | None = None) -> pd.Series:
    """A text column from codes; missing where not known or where the code lies beyond the words."""
    lookup = np.array([*words, None], dtype=object)
    within = code < len(words) if known is None else (code < len(words)) & known
    return pd.Series(lookup[np.where(within, code, len(words))], dtype="string")


def make_answers(flag: Flags, known: Flags) -> pd.Series:
    """A yes/no column, missing where not known."""
    return pd.Series(pd.arrays.BooleanArray(flag.astype(bool), ~known))


def make_counts(values: Ints, known: Flags) -> pd.Series:
    """A column of whole numbers, missing where not known."""
    return pd.Series(pd.arrays.IntegerArray(values.astype(np.int64), ~known))


def make_patient_ids(n: int) -> np.ndarray:
    """Pseudonyms P0001, P0002, ...: as many digits as needed, at least three."""
    width = max(3, len(str(n)))
    return np.array([f"P{number:0{width}d}" for number in range(1, n + 1)], dtype=object)


def make_patients(people: People, ids: np.ndarray) -> pd.DataFrame:
    """One row per patient: sex, birth date (15th of the month) and onset of SLE.

    >>> from helpers.synthetic.onset import simulate_people
    >>> from helpers.synthetic.truth import DEFAULT_TRUTH
    >>> people = simulate_people(n=3, rng=np.random.default_rng(1), truth=DEFAULT_TRUTH)
    >>> make_patients(people, make_patient_ids(3)).columns.tolist()
    ['patient_id', 'sex', 'birth_date', 'sle_onset_date']
    """
    born = EPOCH + (people.biopsy_day - people.age_years * DAYS_PER_YEAR).astype("timedelta64[D]")
    month = born.astype("datetime64[M]").astype("datetime64[D]") + np.timedelta64(14, "D")
    onset = people.biopsy_day - people.duration_months * DAYS_PER_MONTH
    return pd.DataFrame({
        "patient_id": pd.Series(ids, dtype="string"),
        "sex": make_words(people.feature["male"].astype(np.int64), ("female", "male")),
        "birth_date": pd.Series(month).astype("datetime64[ns]"),
        "sle_onset_date": make_dates(np.floor(onset), np.ones(people.n, dtype=bool)),
    })  # fmt: skip


def make_biopsies(people: People, ids: np.ndarray, no_details: Flags, rng: np.random.Generator) -> pd.DataFrame:
    """One row per patient: the index biopsy, with NIH items unless the report gives no details.

    Items that the study does not name follow those that it does: hypercellularity with the class, atrophy and
    fibrosis with sclerosis. Class V alone has none of the proliferative items.
    """
    n, known = people.n, ~no_details
    proliferative, diffuse = np.isin(people.isn_class, PROLIFERATIVE), np.isin(people.isn_class, HAS_IV)
    cells = np.clip(np.rint(1.2 + 0.8 * diffuse + 0.4 * people.severity + 0.7 * rng.standard_normal(n)), 0, 3)
    debris = np.clip(np.rint(0.2 + 0.5 * diffuse + 0.4 * people.severity + 0.7 * rng.standard_normal(n)), 0, 3)
    scar = people.grade["glomerulosclerosis"]
    atrophy = np.clip(np.rint(0.7 * scar + 0.25 + 0.5 * rng.standard_normal(n)), 0, 3)
    fibrosis = np.clip(np.rint(0.9 * atrophy + 0.3 * rng.standard_normal(n)), 0, 3)
    fibrous = np.clip(np.rint(0.4 * people.grade["cellular_crescents"] + 0.5 * rng.standard_normal(n) - 0.4), 0, 2)
    items = {
        "endocapillary_hypercellularity": cells * proliferative,
        "neutrophils_karyorrhexis": debris * proliferative,
        **{name: people.grade[name] for name in ("fibrinoid_necrosis", "wire_loops", "cellular_crescents")},
        "interstitial_inflammation": people.grade["interstitial_inflammation"],
        "glomerulosclerosis": scar,
        "fibrous_crescents": fibrous * (people.grade["cellular_crescents"] > 0) * proliferative,
        "tubular_atrophy": atrophy,
        "interstitial_fibrosis": fibrosis,
    }
    return pd.DataFrame({
        "biopsy_id": pd.Series([f"B{label[1:]}" for label in ids], dtype="string"),
        "patient_id": pd.Series(ids, dtype="string"),
        "biopsy_date": make_dates(people.biopsy_day, np.ones(n, dtype=bool)),
        "isn_rps_class": make_words(people.isn_class, CLASSES, people.isn_class != NO_CLASS),
        "glomeruli": make_counts(np.clip(np.rint(rng.gamma(6, 3, n)), 5, 60), known),
        **{name: make_counts(grade, known) for name, grade in items.items()},
    })  # fmt: skip
