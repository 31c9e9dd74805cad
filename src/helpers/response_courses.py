"""Induction courses: what each achieved, how it ended, what followed it, and each patient's path as segments."""

from __future__ import annotations

import numpy as np
import pandas as pd

BEST_FIRST = ("complete", "partial", "none")
ENDINGS = ("next induction", "death", "kidney failure", "follow-up ended")


def label_course_outcomes(
    visits: pd.DataFrame, *, courses: pd.DataFrame, followup: pd.DataFrame
) -> pd.DataFrame:
    """What every induction course achieved, and how it ended.

    One row per course: patient_id, group, course_number, regimen, start_month, end_month, `best_response` (the
    best of its visits, against the course's own baseline), `last_response` (that of the last visit that tells;
    both "cannot tell" where none does), `ending` ("next induction", "death", "kidney failure", "follow-up ended")
    and `next_regimen` (missing where no induction followed).

    A course lasts, maintenance included, until the next induction or the end of follow-up; kidney failure that
    came during a course is its ending even when another induction followed.
    """
    told = visits.loc[visits["course_response"].isin(BEST_FIRST)]
    place = told["course_response"].map({word: rank for rank, word in enumerate(BEST_FIRST)})
    keys = ["patient_id", "course_number"]
    found = told.assign(place=place).groupby(keys).agg(best=("place", "min"), last=("place", "last"))
    table = courses.sort_values(["patient_id", "start_month"]).merge(followup, on="patient_id").merge(
        found.reset_index(), on=keys, how="left")
    following = table.groupby("patient_id")["regimen"].shift(-1)
    fails = table["esrd_month"].gt(table["start_month"]) & table["esrd_month"].le(table["end_month"])
    dies = table["death_month"].le(table["end_month"])
    ending = np.select([fails, following.notna(), dies], [ENDINGS[2], ENDINGS[0], ENDINGS[1]], ENDINGS[3])
    words = dict(enumerate(BEST_FIRST))
    table = table.assign(
        best_response=table["best"].map(words).fillna("cannot tell"), ending=ending,
        last_response=table["last"].map(words).fillna("cannot tell"), next_regimen=following,
    )  # fmt: skip
    return table[["patient_id", "group", "course_number", "regimen", "start_month", "end_month", "best_response",
                  "last_response", "ending", "next_regimen"]]  # fmt: skip


def summarise_courses(outcomes: pd.DataFrame, *, by: str = "course_number") -> pd.DataFrame:
    """How many courses there were, their best responses and how they ended, by course number or regimen.

    One row per `by`: `courses_n`, `complete_n`, `partial_n`, `none_n`, `cannot_tell_n` (best response) and
    `next_induction_n`, `death_n`, `kidney_failure_n`, `followup_ended_n`. Sorted by `by`.
    """
    counts = outcomes.groupby(by).size().rename("courses_n").to_frame()
    for column, words in (("best_response", (*BEST_FIRST, "cannot tell")), ("ending", ENDINGS)):
        tally = pd.crosstab(outcomes[by], outcomes[column]).reindex(columns=list(words), fill_value=0)
        tally.columns = pd.Index([f"{word.replace('-', '').replace(' ', '_')}_n" for word in words])
        counts = counts.join(tally)
    return counts.reset_index()


def count_switches(outcomes: pd.DataFrame) -> pd.DataFrame:
    """How often one regimen was followed by another: one row per pair that occurred.

    regimen, next_regimen, `n`, `from_n` (courses of that regimen that were followed by another induction) and
    `share` of these; the same regimen again is a pair too. Sorted by frequency of the regimen, then of the pair.
    """
    followed = outcomes.loc[outcomes["next_regimen"].notna()]
    pairs = followed.groupby(["regimen", "next_regimen"]).size().rename("n").reset_index()
    pairs["from_n"] = pairs.groupby("regimen")["n"].transform("sum")
    pairs["share"] = pairs["n"] / pairs["from_n"]
    order = ["from_n", "regimen", "n", "next_regimen"]
    return pairs.sort_values(order, ascending=[False, True, False, True], ignore_index=True)


def derive_paths(
    spells: pd.DataFrame, *, courses: pd.DataFrame, visits: pd.DataFrame, followup: pd.DataFrame, group: str = "dtt"
) -> pd.DataFrame:
    """Each patient's path as drawn in a swimmer plot: states as segments, courses and events as marks.

    One row per segment or mark of the patients of one group: patient_id, `place` (0 for the longest followed,
    ties by patient), `kind` ("state", "course", "flare", "esrd", "death", "lost"), `word` (the state, or the
    regimen), `start_month`, `end_month` (equal for marks).

    A flare is marked at the first of consecutive visits that show it.
    """
    people = followup.loc[followup["group"].eq(group)]
    order = people.sort_values(["followup_months", "patient_id"], ascending=[False, True])["patient_id"]
    begins = visits["is_flare"] & ~visits.groupby("patient_id")["is_flare"].shift(fill_value=False)
    shown = visits.loc[begins, ["patient_id", "month"]]
    states = spells.rename(columns={"state": "word", "month": "start_month", "until_month": "end_month"})
    lost = people.loc[people["is_lost"], ["patient_id", "followup_months"]]
    parts = [
        states.loc[states["word"].ne("dead")].assign(kind="state"),
        _marks(courses.rename(columns={"start_month": "month", "regimen": "word"}), kind="course"),
        _marks(shown, kind="flare"),
        _marks(people.rename(columns={"esrd_month": "month"}), kind="esrd"),
        _marks(people.rename(columns={"death_month": "month"}), kind="death"),
        _marks(lost.rename(columns={"followup_months": "month"}), kind="lost"),
    ]
    columns = ["patient_id", "kind", "word", "start_month", "end_month"]
    rows = pd.concat([part[columns] for part in parts if len(part)], ignore_index=True)
    places = pd.Series(range(len(order)), index=order)
    rows = rows.loc[rows["patient_id"].isin(order)]
    rows.insert(1, "place", rows["patient_id"].map(places).astype(int))
    return rows.sort_values(["place", "start_month", "kind"], ignore_index=True)


def _marks(rows: pd.DataFrame, *, kind: str) -> pd.DataFrame:
    rows = rows.loc[rows["month"].notna()]
    return rows.assign(kind=kind, word=rows.get("word", kind), start_month=rows["month"], end_month=rows["month"])
