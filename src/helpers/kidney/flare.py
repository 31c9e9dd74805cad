"""Renal flare: values of a visit against those of the last visit in complete response, by any flare rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from helpers.answers import Answers, all_of, answer_where, any_of, as_answers, as_floats, is_false
from helpers.definitions import FlareCriterion, FlareRule
from helpers.definitions.flare_rules import HAEMATURIA_GRADES
from helpers.kidney.criteria import Criterion, make_criterion
from helpers.kidney.measures import derive_ratio

_COLUMNS = {"upcr": "upcr_g_g", "creatinine": "creatinine_mg_dl", "egfr": "egfr"}
ANCHORED = (*_COLUMNS.values(), "urine_rbc_hpf")
"""The measurements whose value at the last visit in complete response comes in a column `anchor_<measurement>`."""


def flag_flare(assessments: pd.DataFrame, *, rule: FlareRule) -> pd.DataFrame:
    """Mark the visits whose values are a flare against their anchor: the last visit in complete response before them.

    The anchor is never a visit in partial response: with it the bar would climb along with proteinuria that rises
    step by step, and a slow flare would be none.

    Same rows; needs the anchor values in `anchor_upcr_g_g`, `anchor_creatinine_mg_dl`, `anchor_egfr` and
    `anchor_urine_rbc_hpf` (all missing where there was no complete response before) and adds `is_flare`: true when any
    criterion of the rule holds, false when none can, else missing. How many visits in a row must show it
    (`rule.visits`) is for the caller to ask: here each visit is judged by itself.

    >>> from helpers.definitions import FLARE_RULES
    >>> visits = pd.DataFrame({"upcr_g_g": [1.0, 0.99, None], "creatinine_mg_dl": 0.8, "egfr": 95.0,
    ...     "urine_rbc_hpf": 0, "active_sediment": False, "anchor_upcr_g_g": 0.3, "anchor_creatinine_mg_dl": 0.8,
    ...     "anchor_egfr": 95.0, "anchor_urine_rbc_hpf": 0})
    >>> flag_flare(visits, rule=FLARE_RULES["kdigo_2012_moderate"]).is_flare.tolist()
    [True, False, <NA>]
    """
    return assessments.assign(is_flare=any_of([c.passed for c in derive_flare_criteria(assessments, rule=rule)]))


def derive_flare_criteria(assessments: pd.DataFrame, *, rule: FlareRule) -> list[Criterion]:
    """The criteria of a flare rule on every visit; any one is enough."""
    return [_flare_criterion(assessments, asked=asked) for asked in rule.any_of]


def _flare_criterion(assessments: pd.DataFrame, *, asked: FlareCriterion) -> Criterion:
    column = _COLUMNS[asked.measure]
    now, anchor = as_floats(assessments[column]), as_floats(assessments[f"anchor_{column}"])
    compared = {
        "value": now, "rise": now - anchor, "ratio": derive_ratio(now, anchor), "fall": 1 - derive_ratio(now, anchor),
    }[asked.kind]  # fmt: skip
    boundary = {
        "value": np.full(len(now), asked.threshold), "rise": anchor + asked.threshold,
        "ratio": anchor * asked.threshold, "fall": anchor * (1 - asked.threshold),
    }[asked.kind]  # fmt: skip
    measure = column if asked.kind == "value" else f"{asked.kind} of {column}"
    name = f"{asked.measure} {asked.kind}" + _range_words(asked)
    applies = [answer_where(anchor, ">=", asked.anchor_from)]
    if np.isfinite(asked.anchor_below):
        applies.append(answer_where(anchor, "<", asked.anchor_below))
    criterion = make_criterion(name, measure, compared, ">=" if asked.included else ">", asked.threshold, part="flare",
                               measured=now, boundary=boundary)  # fmt: skip
    conditions = [criterion.passed, *applies]
    if asked.active_sediment:
        conditions.append(as_answers(assessments["active_sediment"]))
    if asked.haematuria_steps:
        conditions.append(_haematuria_climbed(assessments, steps=asked.haematuria_steps))
    outright = np.where(is_false(all_of(conditions[1:])), -np.inf, np.nan)
    return replace(criterion, passed=all_of(conditions), outright=outright, applies=~is_false(all_of(applies)))


def _range_words(asked: FlareCriterion) -> str:
    low, high = asked.anchor_from > 0, np.isfinite(asked.anchor_below)
    words = f" after {asked.anchor_from:g} or more" if low else ""
    return words + (f" {'and' if low else 'after'} less than {asked.anchor_below:g}" if high else "")


def _haematuria_climbed(assessments: pd.DataFrame, *, steps: int) -> Answers:
    now, before = (as_floats(assessments[name]) for name in ("urine_rbc_hpf", "anchor_urine_rbc_hpf"))
    climbed = np.searchsorted(HAEMATURIA_GRADES, now) - np.searchsorted(HAEMATURIA_GRADES, before)
    return as_answers(pd.Series(climbed >= steps, dtype="boolean").mask(np.isnan(now) | np.isnan(before)))


def derive_anchor_rows(patients: np.ndarray, may_anchor: np.ndarray) -> np.ndarray:
    """For each visit the row of the same patient's last earlier visit that may anchor a flare, -1 if none.

    Both the label's early-flare arm and the flares of chapter 5 take their anchors from here.

    `patients` are whole numbers; rows must be sorted by patient and date.

    >>> derive_anchor_rows(np.array([0, 0, 0, 1]), np.array([True, True, False, True])).tolist()
    [-1, 0, 1, -1]
    """
    rows = np.maximum.accumulate(np.where(may_anchor, np.arange(len(patients)), -1))
    before = np.concatenate([[-1], rows[:-1]]).astype(np.int64) if len(rows) else rows
    return np.where((before >= 0) & (patients[before] == patients), before, -1)
