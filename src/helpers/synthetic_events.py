"""Raw tables of what was given and what happened: treatments and events (with harms by regimen and dose)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.synthetic_baseline import make_counts, make_dates, make_words
from helpers.synthetic_course import Histories
from helpers.synthetic_disease import MONTH, NEVER
from helpers.synthetic_doctor import FLARE, INTOLERANCE, NO_RESPONSE
from helpers.synthetic_onset import Flags, Ints, People
from helpers.synthetic_planted import REGIMENS

REASONS = ("completed", "no_response", "flare", "intolerance", "death", "lost_to_followup")
COMPLETED, DEATH, LOST = 0, 4, 5
# months of induction, in the order of REGIMENS
LENGTH = np.array([6.0, 3.0, 6.0, 6.0, 6.0, 6.0, 3.0, 6.0])
EVENT_TYPES = ("dialysis", "transplant", "death", "adverse_event", "lost_to_followup")
CAUSES = ("infection", "active_lupus", "cardiovascular", "kidney_failure", "other", "unknown")


def derive_exit_day(histories: Histories) -> Ints:
    """Day on which observation ends: death, loss, or the end of 2022."""
    disease = histories.disease
    return np.minimum(np.minimum(disease.death_day, disease.loss_day), disease.last_day)


def derive_courses(histories: Histories) -> dict[str, np.ndarray]:
    """One entry per induction course: patient, number, regimen, start, planned end, day of change, day of exit."""
    chart, leaves = histories.chart, derive_exit_day(histories)
    given = chart.start <= leaves[:, None]
    patient, number = np.nonzero(given)
    following = np.append(chart.start, np.full((len(leaves), 1), NEVER), axis=1)[patient, number + 1]
    return {
        "patient": patient,
        "number": number,
        "regimen": chart.regimen[patient, number],
        "start": chart.start[patient, number],
        "changed": np.where(following <= leaves[patient], following, NEVER),
        "reason": chart.ended_by[patient, number],
        "leaves": leaves[patient],
        "dies": histories.disease.death_day[patient] == leaves[patient],
        "lost": histories.disease.loss_day[patient] == leaves[patient],
    }


def make_treatments(
    histories: Histories, people: People, ids: np.ndarray, on_file: Flags, *, rng: np.random.Generator
) -> pd.DataFrame:
    """One row per course and phase, by patient: induction, then maintenance where induction was completed."""
    course = derive_courses(histories)
    patient, start = course["patient"], course["start"]
    planned = LENGTH[course["regimen"]] * MONTH + rng.integers(-5, 15, len(patient))
    planned = start + np.rint(planned).astype(np.int64)
    changes = np.minimum(course["changed"], NEVER) - 1
    # a course that failed within six weeks after its planned end ended because it failed
    reason = {NO_RESPONSE: 1, FLARE: 2, INTOLERANCE: 3}
    code = np.select([course["reason"] == key for key in reason], list(reason.values()), COMPLETED)
    changed = course["changed"] < NEVER
    failed = changed & (code == 1) & (changes <= planned + 45)
    cut = changed & (changes < planned)
    stop = np.minimum(np.where(failed | cut, np.minimum(changes, planned), planned), course["leaves"])
    leaves_early = ~(failed | cut) & (course["leaves"] < planned)
    end = np.where(failed | cut, code, COMPLETED)
    exit_code = np.where(course["dies"], DEATH, np.where(course["lost"], LOST, len(REASONS)))
    end = np.where(leaves_early, exit_code, end)
    going_on = leaves_early & ~course["dies"] & ~course["lost"]
    kept = ~(failed | cut | leaves_early) & (stop + 1 < np.minimum(course["changed"], course["leaves"]))
    induction = {"patient": patient, "number": course["number"], "phase": np.zeros(len(patient), dtype=np.int64),
                 "regimen": course["regimen"], "start": start, "stop": np.where(going_on, NEVER, stop),
                 "reason": end}  # fmt: skip
    azathioprine = histories.chart.azathioprine_maintenance[patient]
    maintained = np.where(azathioprine, REGIMENS.index("azathioprine"), REGIMENS.index("mycophenolate"))
    last = np.minimum(np.where(changed, changes, NEVER), course["leaves"])
    final = np.where(changed, code, exit_code)
    maintenance = {"patient": patient, "number": course["number"], "phase": np.ones(len(patient), dtype=np.int64),
                   "regimen": maintained, "start": stop + 1, "reason": final,
                   "stop": np.where(final == len(REASONS), NEVER, last)}  # fmt: skip
    rows = {name: np.concatenate([induction[name], maintenance[name][kept]]) for name in induction}
    order = np.lexsort((rows["phase"], rows["number"], rows["patient"]))
    order = order[on_file[rows["patient"][order]]]
    return format_treatments({name: values[order] for name, values in rows.items()}, people, ids)


def format_treatments(rows: dict[str, np.ndarray], people: People, ids: np.ndarray) -> pd.DataFrame:
    """The treatment rows as the raw table."""
    day = people.start_day[rows["patient"]]
    everyone = np.ones(len(day), dtype=bool)
    return pd.DataFrame({
        "patient_id": pd.Series(ids[rows["patient"]], dtype="string"),
        "course_number": make_counts(rows["number"] + 1, everyone),
        "phase": make_words(rows["phase"], ("induction", "maintenance")),
        "regimen": make_words(rows["regimen"], REGIMENS),
        "start_date": make_dates(day + rows["start"], everyone),
        "stop_date": make_dates(day + rows["stop"], rows["stop"] < NEVER),
        "stop_reason": make_words(rows["reason"], REASONS, rows["stop"] < NEVER),
    })  # fmt: skip
