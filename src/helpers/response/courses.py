"""Induction courses: what each achieved, how it ended, what followed it, and where the patients stood at the end."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from helpers.response.rates import COURSES
from helpers.schema.dictionary import choices_of

BEST_FIRST = ("complete", "partial", "none")
ENDINGS = ("next induction", "death", "kidney failure", "follow-up ended")


def label_course_outcomes(
    visits: pd.DataFrame, *, courses: pd.DataFrame, followup: pd.DataFrame
) -> pd.DataFrame:
    """What every induction course achieved, and how it ended.

    One row per course: patient_id, group, course_number, `course` ("1", "2", "3 or more"), regimen, start_month,
    end_month, `best_response` (the best of its visits, against the course's own baseline), `last_response` (that of
    the last visit that tells; both "cannot tell" where none does), `ending` ("next induction", "death",
    "kidney failure", "follow-up ended") and `next_regimen` (missing where no induction followed).

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
        course=np.array(list(COURSES), dtype=object)[table["course_number"].astype(int).clip(1, 3) - 1],
        best_response=table["best"].map(words).fillna("cannot tell"), ending=ending,
        last_response=table["last"].map(words).fillna("cannot tell"), next_regimen=following,
    )  # fmt: skip
    return table[[
        "patient_id", "group", "course_number", "course", "regimen", "start_month", "end_month", "best_response",
        "last_response", "ending", "next_regimen"]]  # fmt: skip


def summarise_courses(
    outcomes: pd.DataFrame, *, labels: Mapping[str, str] = COURSES, by: str = "course"
) -> pd.DataFrame:
    """How many courses there were, their best responses and how they ended, by course or by regimen.

    One row per key of `labels`, in its order: `by`, label, `courses_n`, `complete_n`, `partial_n`, `none_n`,
    `cannot_tell_n` (best response) and `next_induction_n`, `death_n`, `kidney_failure_n`, `followup_ended_n`.
    """
    counts = outcomes.groupby(by).size().rename("courses_n").to_frame()
    for column, words in (("best_response", (*BEST_FIRST, "cannot tell")), ("ending", ENDINGS)):
        tally = pd.crosstab(outcomes[by], outcomes[column]).reindex(columns=list(words), fill_value=0)
        tally.columns = pd.Index([f"{word.replace('-', '').replace(' ', '_')}_n" for word in words])
        counts = counts.join(tally)
    table = counts.reindex(pd.Index(list(labels), name=by), fill_value=0).reset_index()
    table.insert(1, "label", list(labels.values()))
    return table


def count_switches(outcomes: pd.DataFrame) -> pd.DataFrame:
    """How often one regimen was followed by another: one row per pair that occurred.

    regimen, next_regimen, `pair` (both in words), `n`, `from_n` (courses of that regimen that were followed by
    another induction) and `share` of these; the same regimen again is a pair too. Sorted by frequency of the
    regimen, then of the pair.
    """
    words = choices_of("treatments", "regimen")
    followed = outcomes.loc[outcomes["next_regimen"].notna()]
    pairs = followed.groupby(["regimen", "next_regimen"]).size().rename("n").reset_index()
    pairs["from_n"] = pairs.groupby("regimen")["n"].transform("sum")
    pairs["share"] = pairs["n"] / pairs["from_n"]
    pairs.insert(2, "pair", pairs["regimen"].map(words) + " to " + pairs["next_regimen"].map(words).str.lower())
    order = ["from_n", "regimen", "n", "next_regimen"]
    return pairs.sort_values(order, ascending=[False, True, False, True], ignore_index=True)


def summarise_final_status(answers: pd.DataFrame, *, group: str = "dtt") -> pd.DataFrame:
    """Where the patients of one group stood at the last follow-up: one row per response, and "cannot tell".

    `answers` are those of `derive_responses_at`. response, `n`, `share` of the group with Wilson limits `low_share`
    and `high_share`, and of these `alive_n`, `esrd_n` (alive in kidney failure) and `dead_n`: the response of a
    patient who died is the last that was seen, and kidney failure is no response, as in the label.
    """
    last = answers.loc[answers["point"].eq("last") & answers["group"].eq(group)]
    status = last["status"].replace({"assessed": "alive", "missing": "alive"})
    table = pd.crosstab(last["response"], status)
    table = table.reindex(index=[*BEST_FIRST, "cannot tell"], columns=["alive", "esrd", "dead"], fill_value=0)
    table = table.add_suffix("_n").rename_axis(index="response", columns=None).reset_index()
    n = table[["alive_n", "esrd_n", "dead_n"]].sum(axis=1)
    low, high = proportion_confint(n.to_numpy(float), float(n.sum()) or np.nan, method="wilson")
    table.insert(1, "n", n)
    table.insert(2, "share", n / (float(n.sum()) or np.nan))
    table.insert(3, "low_share", low)
    table.insert(4, "high_share", high)
    return table
