"""The label "difficult to treat": four arms, joined, dated and explained, one row per eligible patient."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.answers import Answers, any_of, is_true, label_answers
from helpers.definitions import DAYS_PER_MONTH, DttRule, Rulebook
from helpers.kidney.response import label_grade
from helpers.labelling.arms import Judgement, judge_no_response, judge_window
from helpers.labelling.course import Days, FirstCourses, derive_first_courses
from helpers.labelling.flare import FlareVisits, judge_early_flare
from helpers.labelling.trace import derive_trace


def label_dtt(
    assessments: pd.DataFrame, courses: pd.DataFrame, cohort: pd.DataFrame, *,
    rule: DttRule, rulebook: Rulebook, events: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """The labels and their trace: `dtt_labels` with one row per eligible patient, `dtt_trace` with what explains them.

    `dtt` is yes, no or cannot tell: yes when any arm that is switched on is yes, no when all are no. `dtt_arm` is
    the arm that became true first (ties in the order of ARMS), `dtt_date` and `dtt_month` its day. Each arm has
    its answer in `arm_<name>` and its month in `arm_<name>_month`. `inductions_n` counts the induction courses.
    `final_response` is the response at the last visit after time zero that can be judged, in whatever course,
    against the baseline of the first; "none" after kidney failure.

    `events` are the raw events (dialysis, transplant). How each arm treats gaps, ties, death and kidney failure
    is said where it is judged: `judge_window`, `judge_no_response`, `judge_early_flare`.
    """
    response_rule, flare_rule = rulebook.response_rule(rule.response_rule), rulebook.flare_rule(rule.flare_rule)
    first = derive_first_courses(
        assessments, courses, cohort, rule=rule, response_rule=response_rule, events=events)  # fmt: skip
    judgements, flares = judge_arms(first, rule=rule, rulebook=rulebook)
    labels = derive_labels(first, judgements)
    trace = derive_trace(
        first, judgements, flares, rule=rule, response_rule=response_rule, flare_rule=flare_rule)  # fmt: skip
    return labels, trace


def judge_arms(
    first: FirstCourses, *, rule: DttRule, rulebook: Rulebook
) -> tuple[dict[str, Judgement], FlareVisits]:
    """The judgement of each arm that is switched on, by name, in the order of the rule."""
    early_flare, flares = judge_early_flare(first, rule=rule, flare_rule=rulebook.flare_rule(rule.flare_rule))
    judged = {
        "worsening_3m": judge_window(first, first.finding("is_worse"), window=rule.worsening_window, rule=rule),
        "failure_6m": judge_window(first, ~first.finding("is_response"), window=rule.failure_window, rule=rule),
        "no_response": judge_no_response(first, rule=rule),
        "early_flare": early_flare,
    }
    return {arm: judged[arm] for arm in judged if arm in rule.arms}, flares


def judge_label(first: FirstCourses, *, rule: DttRule, rulebook: Rulebook) -> Answers:
    """The label alone, one answer per patient, without its date and its trace."""
    return join_arms(judge_arms(first, rule=rule, rulebook=rulebook)[0])


def join_arms(judgements: Mapping[str, Judgement]) -> Answers:
    """The label that the arms make together: yes when any of them is yes, no when all are no."""
    return any_of([judged.answer for judged in judgements.values()])


def derive_labels(first: FirstCourses, judgements: Mapping[str, Judgement]) -> pd.DataFrame:
    """One row per patient: the arms joined into one label, its date, the number of inductions, the final response."""
    answer = join_arms(judgements)
    dates = np.column_stack([judged.date for judged in judgements.values()])
    arm, date = _first_arm(list(judgements), dates, answer)
    arms: dict[str, Any] = {}
    for name, judged in judgements.items():
        arms[f"arm_{name}"] = pd.array(label_answers(judged.answer), dtype="string")
        arms[f"arm_{name}_month"] = _months_of(first, judged.date)
    return pd.DataFrame({
        "patient_id": first.patients["patient_id"], "dtt": pd.array(label_answers(answer), dtype="string"),
        "is_dtt": answer, "dtt_arm": arm, "dtt_date": date, "dtt_month": _months_of(first, date),
        **arms,
        "inductions_n": first.patients["inductions_n"],
        "final_response": label_final_response(first),
    })  # fmt: skip


def _first_arm(names: list[str], dates: NDArray[np.datetime64], answer: Answers) -> tuple[pd.Series, Days]:
    """The arm with the earliest date and that date; missing where no arm is true."""
    missing = np.isnat(dates)
    earliest = np.where(missing, np.iinfo(np.int64).max, dates.astype("datetime64[ns]").astype(np.int64))
    column = earliest.argmin(axis=1)
    arm = pd.Series(np.array(names, dtype=object)[column], dtype="string").where(is_true(answer))
    return arm, dates[np.arange(len(dates)), column]


def _months_of(first: FirstCourses, dates: Days) -> NDArray[np.float64]:
    days = pd.Series(dates) - first.patients["time_zero_date"]
    return np.asarray(days.dt.days / DAYS_PER_MONTH, dtype=float)


def label_final_response(first: FirstCourses) -> pd.Series:
    """The response at the last follow-up, one word per patient.

    That of the last visit after time zero whose response can be told; for the dead, of the last such visit
    before death; "none" for kidney failure, whatever the visits say; "cannot tell" without such a visit.
    """
    words = label_grade(first.visits)
    last = first.last_rows((first.month > 0) & (words != "cannot tell").to_numpy(dtype=bool))
    final = np.append(words.to_numpy(dtype=object), "cannot tell")[last]
    failed = first.patients["esrd_date"].notna()
    return pd.Series(np.where(failed, "none", final), dtype="string")
