"""The treatments table: induction courses, the maintenance that follows, and why each ended."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.synthetic.baseline import make_counts, make_dates, make_words
from helpers.synthetic.course import Histories
from helpers.synthetic.disease import MONTH, NEVER
from helpers.synthetic.doctor import FLARE, INTOLERANCE, NO_RESPONSE
from helpers.synthetic.onset import Flags, Ints, People
from helpers.synthetic.planted import REGIMENS

REASONS = ("completed", "no_response", "flare", "intolerance", "death", "lost_to_followup")
COMPLETED, FAILED, FLARED, NOT_TOLERATED, DIED, LOST, GOES_ON = range(7)
MONTHS_OF_INDUCTION = np.array([6.0, 3.0, 6.0, 6.0, 6.0, 6.0, 3.0, 6.0])
"""Planned length by regimen, in the order of REGIMENS: low-dose cyclophosphamide and rituximab are short."""
FAILED_LATE_DAYS = 45
"""A course changed for lack of response this soon after its planned end is recorded as failed, not as completed."""


def derive_exit_day(histories: Histories) -> Ints:
    """Day on which observation ends: death, loss, or the end of 2022."""
    disease = histories.disease
    return np.minimum(np.minimum(disease.death_day, disease.loss_day), disease.last_day)


def derive_courses(histories: Histories) -> dict[str, np.ndarray]:
    """One entry per induction course: patient, number, regimen, start, day and reason of change, and of leaving.

    `changed` is the start of the next course (NEVER without one), `reason` why the doctor changed; `leaves` is
    the last day of observation and `leaving` the reason that it gives to what is then still running.
    """
    chart, disease, leaves = histories.chart, histories.disease, derive_exit_day(histories)
    patient, number = np.nonzero(chart.start <= leaves[:, None])
    following = np.append(chart.start, np.full((len(leaves), 1), NEVER), axis=1)[patient, number + 1]
    words = np.array([GOES_ON, GOES_ON, GOES_ON, GOES_ON])
    words[[NO_RESPONSE, FLARE, INTOLERANCE]] = [FAILED, FLARED, NOT_TOLERATED]
    died, lost = disease.death_day == leaves, disease.loss_day == leaves
    return {
        "patient": patient,
        "number": number,
        "regimen": chart.regimen[patient, number],
        "start": chart.start[patient, number],
        "changed": np.where(following <= leaves[patient], following, NEVER),
        "reason": words[chart.ended_by[patient, number]],
        "leaves": leaves[patient],
        "leaving": np.where(died, DIED, np.where(lost, LOST, GOES_ON))[patient],
    }


def make_treatments(
    histories: Histories, people: People, ids: np.ndarray, on_file: Flags, *, rng: np.random.Generator
) -> pd.DataFrame:
    """One row per course and phase, by patient: induction, then maintenance where induction was completed.

    `on_file` says whose treatments were recorded at all.
    """
    course = derive_courses(histories)
    induction = derive_induction_rows(course, rng=rng)
    maintenance = derive_maintenance_rows(course, induction, histories)
    rows = {name: np.concatenate([induction[name], maintenance[name]]) for name in induction}
    order = np.lexsort((rows["phase"], rows["number"], rows["patient"]))
    order = order[on_file[rows["patient"][order]]]
    return format_treatments({name: values[order] for name, values in rows.items()}, people, ids)


def derive_induction_rows(course: dict[str, np.ndarray], *, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """One entry per induction: it ends as planned, on the day before the next one, or when observation ends."""
    count, start = len(course["patient"]), course["start"]
    months = MONTHS_OF_INDUCTION[course["regimen"]] * MONTH + rng.integers(-5, 15, count)
    planned = start + np.rint(months).astype(np.int64)
    last = np.maximum(course["changed"] - 1, start)
    failed = (course["reason"] == FAILED) & (last <= planned + FAILED_LATE_DAYS)
    cut = (course["changed"] < NEVER) & ((last < planned) | failed)
    leaves = ~cut & (course["leaves"] < planned)
    reason = np.where(cut, course["reason"], np.where(leaves, course["leaving"], COMPLETED))
    stop = np.where(cut, np.minimum(last, planned), np.where(leaves, course["leaves"], planned))
    return {
        "patient": course["patient"],
        "number": course["number"],
        "phase": np.zeros(count, dtype=np.int64),
        "regimen": course["regimen"],
        "start": start,
        "stop": np.where(reason == GOES_ON, NEVER, stop),
        "reason": reason,
    }


def derive_maintenance_rows(
    course: dict[str, np.ndarray], induction: dict[str, np.ndarray], histories: Histories
) -> dict[str, np.ndarray]:
    """One entry per maintenance: from the day after a completed induction until the next one or the last day."""
    changed = course["changed"] < NEVER
    last = np.where(changed, course["changed"] - 1, course["leaves"])
    given = (induction["reason"] == COMPLETED) & (induction["stop"] < last)
    azathioprine = histories.chart.azathioprine_maintenance[course["patient"]]
    drug = np.where(azathioprine, REGIMENS.index("azathioprine"), REGIMENS.index("mycophenolate"))
    reason = np.where(changed, course["reason"], course["leaving"])
    rows = {
        "patient": course["patient"],
        "number": course["number"],
        "phase": np.ones(len(last), dtype=np.int64),
        "regimen": drug,
        "start": induction["stop"] + 1,
        "stop": np.where(reason == GOES_ON, NEVER, last),
        "reason": reason,
    }
    return {name: values[given] for name, values in rows.items()}


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
        "stop_reason": make_words(rows["reason"], REASONS),
    })  # fmt: skip
