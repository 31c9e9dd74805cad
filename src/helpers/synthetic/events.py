"""The events table: dialysis, transplant, death, loss, and adverse events by regimen, dose and age."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.definitions import DAYS_PER_YEAR
from helpers.synthetic.baseline import make_counts, make_dates, make_words
from helpers.synthetic.course import Histories
from helpers.synthetic.disease import MONTH, NEVER
from helpers.synthetic.doctor import draw_from_rows
from helpers.synthetic.onset import Flags, Ints, People
from helpers.synthetic.treatments import derive_courses
from helpers.synthetic.truth import Truth

EVENT_TYPES = ("dialysis", "transplant", "death", "adverse_event", "lost_to_followup")
CAUSES = ("infection", "active_lupus", "cardiovascular", "kidney_failure", "other", "unknown")
HARMS = ("major_infection", "tuberculosis", "herpes_zoster", "leucopenia", "avascular_necrosis",
         "amenorrhoea", "haemorrhagic_cystitis", "other")  # fmt: skip
OLDER = 30
"""Age in years from which cyclophosphamide often ends ovarian function."""


def simulate_harms(
    rng: np.random.Generator, histories: Histories, people: People, *, truth: Truth
) -> dict[str, np.ndarray]:
    """One entry per adverse event: patient, day, type, grade; none after the end of observation.

    Ovarian failure strikes women of 30 and over far more often; low-dose cyclophosphamide hardly causes it. It is
    sustained, so it is recorded once per woman, and never after the age at which periods end by themselves.
    """
    harms, course = truth.harms, derive_courses(histories)
    patient, start = course["patient"], course["start"]
    until = np.minimum(course["changed"], course["leaves"])
    woman = ~people.feature["male"][patient]
    age = people.age_years[patient] + start / DAYS_PER_YEAR
    parts = []
    for code, name in enumerate(HARMS):
        chance = np.array(harms.per_course[name])[course["regimen"]]
        if name == "amenorrhoea":
            chance = chance * woman * np.where(age >= OLDER, 1.0, harms.young_factor)
        early = rng.random(len(patient)) < chance
        early_day = start + 7 + rng.exponential(harms.delay[name] * MONTH, len(patient)).astype(np.int64)
        late_wait = rng.standard_exponential(len(patient)) / max(harms.per_year.get(name, 0.0), 1e-9) * DAYS_PER_YEAR
        late_day = start + 180 + np.minimum(late_wait, NEVER // 2).astype(np.int64)
        for happens, day in ((early & (early_day <= course["leaves"]), early_day), (late_day <= until, late_day)):
            hit = np.flatnonzero(happens)
            low, high = harms.grades[name]
            parts.append((patient[hit], day[hit], np.full(len(hit), code), rng.integers(low, high + 1, len(hit))))
    stacked = [np.concatenate(column) for column in zip(*parts, strict=True)]
    found = dict(zip(("patient", "day", "harm", "grade"), stacked, strict=True))
    kept = keep_sustained_once(found, people, until_years=harms.amenorrhoea_before)
    return {name: values[kept] for name, values in found.items()}


def keep_sustained_once(found: dict[str, np.ndarray], people: People, *, until_years: float) -> Flags:
    """Which adverse events stay: of sustained amenorrhoea only a woman's first, and only before `until_years`."""
    patient, day = found["patient"], found["day"]
    sustained = found["harm"] == HARMS.index("amenorrhoea")
    order = np.lexsort((day, patient, ~sustained))
    first = np.zeros(len(day), dtype=bool)
    first[order[np.flatnonzero(np.diff(patient[order], prepend=-1))]] = True
    young = people.age_years[patient] + day / DAYS_PER_YEAR < until_years
    kept: Flags = ~sustained | (first & young)
    return kept


def draw_causes(rng: np.random.Generator, histories: Histories, patient: Ints, *, truth: Truth) -> Ints:
    """Cause of each death: mostly infection and active lupus early, kidney failure on dialysis."""
    disease = histories.disease
    early = disease.death_day[patient] < 12 * MONTH
    on_dialysis = disease.dialysis_day[patient] < NEVER
    row = np.where(on_dialysis, 2, early.astype(np.int64))
    table = np.array([truth.harms.causes[when] for when in ("later", "first_year", "on_dialysis")])
    return draw_from_rows(rng, table, row)


def make_events(
    histories: Histories, people: People, ids: np.ndarray, *, rng: np.random.Generator, truth: Truth
) -> pd.DataFrame:
    """One row per event, by patient and date; nothing is recorded after death or loss."""
    disease = histories.disease
    rows = {name: [] for name in ("patient", "day", "kind", "end", "harm", "grade", "cause")}  # type: dict[str, list]

    def add(kind: str, patient: np.ndarray, day: np.ndarray, **more: np.ndarray) -> None:
        blank = {"end": NEVER, "harm": len(HARMS), "grade": -1, "cause": len(CAUSES)}
        given = {"patient": patient, "day": day, "kind": np.full(len(patient), EVENT_TYPES.index(kind)), **more}
        for name, column in rows.items():
            column.append(given.get(name, np.full(len(patient), blank.get(name, 0))))

    begun = np.flatnonzero(disease.dialysis_day < NEVER)
    end = np.minimum(disease.dialysis_end, disease.transplant_day)[begun]
    add("dialysis", begun, disease.dialysis_day[begun], end=end)
    again = np.flatnonzero(disease.dialysis_again < NEVER)
    add("dialysis", again, disease.dialysis_again[again], end=disease.transplant_day[again])
    grafted = np.flatnonzero(disease.transplant_day < NEVER)
    add("transplant", grafted, disease.transplant_day[grafted])
    dead = np.flatnonzero(disease.death_day < NEVER)
    add("death", dead, disease.death_day[dead], cause=draw_causes(rng, histories, dead, truth=truth))
    lost = np.flatnonzero(disease.loss_day < NEVER)
    add("lost_to_followup", lost, disease.loss_day[lost])
    harms = simulate_harms(rng, histories, people, truth=truth)
    add("adverse_event", harms["patient"], harms["day"], harm=harms["harm"], grade=harms["grade"])
    stacked = {name: np.concatenate(column) for name, column in rows.items()}
    order = np.lexsort((stacked["kind"], stacked["day"], stacked["patient"]))
    return format_events({name: values[order] for name, values in stacked.items()}, people, ids)


def format_events(rows: dict[str, np.ndarray], people: People, ids: np.ndarray) -> pd.DataFrame:
    """The event rows as the raw table, numbered E0001, E0002, ..."""
    count = len(rows["patient"])
    width = max(4, len(str(count)))
    day = people.start_day[rows["patient"]]
    return pd.DataFrame({
        "event_id": pd.Series([f"E{number:0{width}d}" for number in range(1, count + 1)], dtype="string"),
        "patient_id": pd.Series(ids[rows["patient"]], dtype="string"),
        "event_date": make_dates(day + rows["day"], np.ones(count, dtype=bool)),
        "event_type": make_words(rows["kind"], EVENT_TYPES),
        "event_end_date": make_dates(day + rows["end"], rows["end"] < NEVER),
        "adverse_event_type": make_words(rows["harm"], HARMS),
        "grade": make_counts(rows["grade"], rows["grade"] > 0),
        "cause_of_death": make_words(rows["cause"], CAUSES),
    })  # fmt: skip
