"""Complete and partial response at one visit, by any response rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from helpers.answers import Answers, all_of, answer_where, any_of, as_floats, is_false, is_true
from helpers.definitions import KidneyTest, ResponseCriteria, ResponseRule
from helpers.definitions.response_rules import NEPHROTIC_UPCR, NORMAL_EGFR
from helpers.kidney.criteria import Criterion, make_criterion
from helpers.kidney.measures import derive_ratio

NEEDED = (
    "month", "creatinine_mg_dl", "upcr_g_g", "egfr", "active_sediment", "baseline_creatinine_mg_dl",
    "baseline_upcr_g_g", "baseline_egfr", "reference_egfr", "reference_creatinine_mg_dl",
)  # fmt: skip
"""The columns of `assessments` that a response rule may ask for."""


def label_response(assessments: pd.DataFrame, *, rule: ResponseRule) -> pd.Series:
    """The response at each visit in words, one per row of `assessments` (same index).

    "complete" where every part of the complete response holds; "partial" where complete does not hold and
    every part of the partial response does; "none" where neither does. A missing measurement that could
    change the word makes it "cannot tell"; one that could not, does not.

    >>> from helpers.definitions import RESPONSE_RULES
    >>> visit = {"month": 6.0, "creatinine_mg_dl": 0.8, "egfr": 95.0, "active_sediment": False,
    ...          "baseline_creatinine_mg_dl": 0.8, "baseline_upcr_g_g": 3.0, "baseline_egfr": 95.0,
    ...          "reference_egfr": 95.0, "reference_creatinine_mg_dl": 0.8}
    >>> visits = pd.DataFrame([visit] * 4).assign(upcr_g_g=[0.49, 0.5, 1.51, None])
    >>> label_response(visits, rule=RESPONSE_RULES["eular_era_edta_2012"]).tolist()
    ['complete', 'partial', 'none', 'cannot tell']
    """
    return label_grade(flag_response(assessments[list(NEEDED)], rule=rule))


def label_grade(flags: pd.DataFrame) -> pd.Series:
    """The response in words, from the flags of `flag_response`, one per row."""
    complete, partial = is_true(flags["is_complete"]), is_true(flags["is_partial"])
    conditions = [complete, is_false(flags["is_complete"]) & partial, is_false(flags["is_response"])]
    words = np.select(conditions, ["complete", "partial", "none"], "cannot tell")
    return pd.Series(words, index=flags.index, name="response", dtype="string")


def flag_response(assessments: pd.DataFrame, *, rule: ResponseRule) -> pd.DataFrame:
    """Mark complete response, partial response, and response of either kind, visit by visit.

    Same rows; adds `is_complete`, `is_partial` (its own criteria, whether or not complete holds too) and
    `is_response` (either), each true, false or missing. `is_response` can be known where the grade is not.
    """
    complete = all_of([_group_answer(group) for group in derive_response_criteria(assessments, asked=rule.complete)])
    partial = all_of([_group_answer(group) for group in derive_response_criteria(assessments, asked=rule.partial)])
    return assessments.assign(is_complete=complete, is_partial=partial, is_response=any_of([complete, partial]))


def _group_answer(group: list[Criterion]) -> Answers:
    return any_of([criterion.passed for criterion in group])


def derive_response_criteria(assessments: pd.DataFrame, *, asked: ResponseCriteria) -> list[list[Criterion]]:
    """The criteria of one grade of response on every visit: all groups must hold, any one of each group is enough.

    The fall of proteinuria is the share of the baseline that is gone (missing for a baseline of 0); the step
    in force is the last one whose month the visit has reached, before the first step the first one.
    """
    upcr = as_floats(assessments["upcr_g_g"])
    groups: list[list[Criterion]] = []
    if asked.upcr is not None:
        comparator = "<=" if asked.upcr.included else "<"
        groups.append([make_criterion("proteinuria low enough", "upcr_g_g", upcr, comparator, asked.upcr.value)])
    if asked.falls:
        groups.append([_fall_criterion(assessments, asked=asked)])
    if asked.nephrotic_upcr is not None:
        groups.append([_nephrotic_criterion(assessments, asked=asked)])
    if asked.kidney:
        groups.append([_kidney_criterion(assessments, test=test) for test in asked.kidney])
    if asked.inactive_sediment:
        active = as_floats(assessments["active_sediment"])
        groups.append([make_criterion("no active sediment", "active_sediment", active, "<=", 0)])
    return groups


def _fall_criterion(assessments: pd.DataFrame, *, asked: ResponseCriteria) -> Criterion:
    months, falls = np.array(asked.falls).T
    step = np.searchsorted(months, as_floats(assessments["month"]), side="right") - 1
    upcr, baseline = as_floats(assessments["upcr_g_g"]), as_floats(assessments["baseline_upcr_g_g"])
    asked_fall = falls[np.maximum(step, 0)]
    return make_criterion(
        "proteinuria fallen enough", "fall of upcr_g_g", 1 - derive_ratio(upcr, baseline),
        ">=" if asked.fall_included else ">", asked_fall, measured=upcr, boundary=baseline * (1 - asked_fall),
    )


def _nephrotic_criterion(assessments: pd.DataFrame, *, asked: ResponseCriteria) -> Criterion:
    assert asked.nephrotic_upcr is not None
    comparator = "<=" if asked.nephrotic_upcr.included else "<"
    criterion = make_criterion("no longer nephrotic", "upcr_g_g", assessments["upcr_g_g"], comparator,
                               asked.nephrotic_upcr.value)  # fmt: skip
    was_not = answer_where(assessments["baseline_upcr_g_g"], "<", NEPHROTIC_UPCR)
    outright = np.where(is_true(was_not), np.inf, np.nan)
    return replace(criterion, passed=any_of([criterion.passed, was_not]), outright=outright)


def _kidney_criterion(assessments: pd.DataFrame, *, test: KidneyTest) -> Criterion:
    column = "creatinine_mg_dl" if test.measure == "creatinine" else "egfr"
    comparator = "<=" if test.measure == "creatinine" else ">="
    if test.anchor == "fixed":
        name, threshold = f"{test.measure} at a fixed value", np.full(len(assessments), test.factor)
    else:
        name = f"{test.measure} against {test.anchor}"
        threshold = test.factor * as_floats(assessments[f"{test.anchor}_{column}"])
    criterion = make_criterion(name, column, assessments[column], comparator, threshold, part="kidney function")
    conditions = [criterion.passed]
    if test.only_if_baseline_abnormal:
        conditions.append(answer_where(assessments["baseline_egfr"], "<", NORMAL_EGFR))
    if test.only_if_baseline_normal:
        conditions.append(answer_where(assessments["baseline_egfr"], ">=", NORMAL_EGFR))
    if len(conditions) == 1:
        return criterion
    applies = ~is_false(all_of(conditions[1:]))
    outright = np.where(applies, np.nan, -np.inf)
    return replace(criterion, passed=all_of(conditions), outright=outright, applies=applies)
