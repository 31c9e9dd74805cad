"""Chapter 2 a second time: the label from the values and thresholds of its trace, and the counts that stand on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.stats.inter_rater import cohens_kappa

from helpers.definitions import DttRule, ResponseRule
from helpers.kidney import derive_kidney_failure
from helpers.kidney.response import label_response
from helpers.second_engine.check import Check, Engines, check_parts, tabulate_checks
from helpers.second_engine.cohort import QUARTILES, find_quartiles
from helpers.second_engine.shares import WILSON, solve_wilson

JUDGED = Engines("three-valued answers, patient by patient", "the trace's values held against its thresholds again",
                 0.0, "whole numbers")  # fmt: skip
RECOUNTED = Engines("the label's last visit", "all visits read again from the last backwards", 0.0, "whole numbers")
COURSES = Engines("the label's table", "courses counted", 0.0, "whole numbers")
KAPPA = Engines("own formula (Fleiss, Cohen and Everitt)", "statsmodels cohens_kappa", 1e-8, "closed formulas")

YES, NO, OPEN = 1.0, 0.0, 0.5
"""Answers as numbers: any of several is then their largest, all of several their smallest (Kleene)."""

_BELOW = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}
_PIECES = ("judged", "asked to confirm", "a later response", "kidney failure", "counted", "the flare must warrant one")
_ARM_IDS = ("worsening_3m", "failure_6m", "no_response", "early_flare")


def check_labels(
    trace: pd.DataFrame, *, assessments: pd.DataFrame, courses: pd.DataFrame, cohort: pd.DataFrame,
    events: pd.DataFrame, rule: DttRule, response_rule: ResponseRule, pairs: pd.DataFrame,
) -> pd.DataFrame:  # fmt: skip
    """The checks of the chapter on the label: one row per number, as `tabulate_checks` gives them.

    Labels and arms, the month of the label, inductions and final responses of those labelled, the lowest and the
    highest kappa against the rule in force (from the counts of `pairs`).
    """
    arms = judge_trace(trace, rule=rule)
    answers = arms.pivot_table(index="patient_id", columns="arm", values="answer")
    label = answers.max(axis=1)
    n, yes = len(label), int((label == YES).sum())
    checks = [Check("dtt.n", yes, JUDGED), Check("dtt.cannot_tell.n", (label == OPEN).sum(), JUDGED)]
    checks += [Check(f"dtt.arm.{arm}.n", (answers[arm] == YES).sum() if arm in answers else None, JUDGED)
               for arm in _ARM_IDS]  # fmt: skip
    checks += check_parts("dtt.share", solve_wilson(yes, n), engines=WILSON)
    months = arms.loc[arms["answer"].eq(YES)].groupby("patient_id")["month"].min()
    checks += check_parts("dtt.month.median", find_quartiles(months), engines=QUARTILES)
    labelled = label.index[label == YES]
    number = courses["patient_id"].value_counts().reindex(labelled, fill_value=0)
    for name, chosen in (("one", number < 2), ("2", number == 2), ("3", number == 3), ("more", number > 3)):
        checks.append(Check(f"dtt.inductions.{name}.n", chosen.sum(), COURSES))
    final = find_final_responses(assessments, cohort=cohort, events=events, rule=response_rule).reindex(labelled)
    for name, word in (("cr", "complete"), ("pr", "partial"), ("nr", "none")):
        checks.append(Check(f"dtt.final.{name}.n", final.eq(word).sum(), RECOUNTED))
    return tabulate_checks([*checks, *_check_kappas(pairs, rule=rule)])


def judge_trace(trace: pd.DataFrame, *, rule: DttRule) -> pd.DataFrame:
    """What each arm says of each patient, judged again from the trace: patient_id, arm, answer, month.

    answer: 1 yes, 0 no, 0.5 cannot tell. Each value is held against its threshold afresh; what the values settle, they
    settle. Where an arm stays open for a reason outside the values (a gap, a death, a change for intolerance), the
    trace's own answer stands; but a yes that its values contradict becomes a no, so that the counts part.
    """
    is_answer = trace["criterion"].str.startswith("answer: ").to_numpy(bool)
    given = trace.loc[is_answer].set_index(["patient_id", "arm"])
    pieces = _judge_pieces(trace.loc[~is_answer]).reindex(given.index)
    told = given["passed"].map({True: YES, False: NO}).astype(float).fillna(OPEN)
    answer = pd.Series(np.select(
        [given.index.get_level_values("arm") == arm for arm in _ARM_IDS],
        [_judge_window(pieces, told, flip=False, rule=rule), _judge_window(pieces, told, flip=True, rule=rule),
         _judge_deadline(pieces, told), _judge_flare(pieces, told)]), index=given.index)  # fmt: skip
    return pd.DataFrame({"answer": answer, "month": given["month"].astype(float)}).reset_index()


def _judge_pieces(rows: pd.DataFrame) -> pd.DataFrame:
    """Each piece of evidence of each patient and arm as a number: columns by the note that names the piece."""
    rows = rows.loc[rows["note"].ne("does not apply")]
    value, limit = (rows[name].to_numpy(float).round(9) for name in ("value", "threshold"))
    verdict = np.full(len(rows), OPEN)
    for sign, holds in _BELOW.items():
        here = rows["comparator"].eq(sign).to_numpy(bool) & ~np.isnan(value) & ~np.isnan(limit)
        verdict[here] = np.where(holds(value, limit), YES, NO)[here]
    part = rows["part"].where(rows["part"].ne("in time"), rows["criterion"])
    grade = part.str.extract(r"^(complete|partial): ", expand=False).fillna("finding")
    keys = ["patient_id", "arm", "note"]
    table = rows[keys].assign(part=part, grade=grade, verdict=verdict)
    parts = table.groupby([*keys, "grade", "part"])["verdict"].max()
    grades = parts.groupby([*keys, "grade"]).min()
    pieces = grades.groupby(keys).max().reset_index()
    wide: pd.DataFrame = pieces.pivot_table(index=["patient_id", "arm"], columns="note", values="verdict")
    return wide.reindex(columns=list(_PIECES))


def _judge_window(pieces: pd.DataFrame, told: pd.Series, *, flip: bool, rule: DttRule) -> np.ndarray:
    """An arm that asks one window: the visit that speaks, the one that confirms, a later response, kidney failure."""
    found = 1 - pieces["judged"] if flip else pieces["judged"]
    again = 1 - pieces["asked to confirm"] if flip else pieces["asked to confirm"]
    unconfirmed = found.eq(YES) & again.isna() & (rule.confirmation_visits > 1)
    answer = found.where(again.isna() | (found < again), again).mask(unconfirmed, OPEN)
    settled = pieces["judged"].isna() & pieces["a later response"].eq(YES)
    answer = answer.mask(settled, NO).fillna(told).mask(pieces["kidney failure"].eq(YES), YES)
    return np.asarray(answer, dtype=float)


def _judge_deadline(pieces: pd.DataFrame, told: pd.Series) -> np.ndarray:
    """No response by the deadline: a counted response says no, kidney failure without one yes."""
    contradicted = told.eq(YES) & pieces["judged"].eq(YES)
    answer = told.mask(contradicted, NO).mask(pieces["kidney failure"].eq(YES), YES)
    return np.asarray(answer.mask(pieces["counted"].eq(YES), NO), dtype=float)


def _judge_flare(pieces: pd.DataFrame, told: pd.Series) -> np.ndarray:
    """An early flare: never without a second induction, and only where the visit's values are one, in time."""
    shown = pieces["judged"].eq(YES) & (pieces["asked to confirm"].eq(YES) | pieces["asked to confirm"].isna())
    answer = told.mask(told.eq(YES) & ~shown, NO)
    return np.asarray(answer.mask(pieces["the flare must warrant one"].eq(NO), NO), dtype=float)


def find_final_responses(
    assessments: pd.DataFrame, *, cohort: pd.DataFrame, events: pd.DataFrame, rule: ResponseRule
) -> pd.Series:
    """The response at the last visit that tells it, by patient; "none" after kidney failure, else "cannot tell"."""
    people = cohort.loc[cohort["is_eligible"]]
    after = assessments.loc[assessments["month"] > 0].sort_values("visit_date", ascending=False, kind="stable")
    words = after[["patient_id"]].assign(word=label_response(after, rule=rule))
    last = words.loc[words["word"].ne("cannot tell")].drop_duplicates("patient_id").set_index("patient_id")["word"]
    failed = derive_kidney_failure(events, assessments, people)["patient_id"]
    final = last.reindex(people["patient_id"]).fillna("cannot tell")
    return final.mask(final.index.isin(failed), "none")


def _check_kappas(pairs: pd.DataFrame, *, rule: DttRule) -> list[Check]:
    """The lowest and the highest kappa of another rule against the one in force, from the counts of each pair."""
    ours = pairs.loc[(pairs[["rule_a", "rule_b"]] == rule.response_rule).sum(axis=1) == 1]
    found = [_find_kappa(row) for row in ours.to_dict("records")]
    known = sorted((kappa for kappa in found if kappa["value"] is not None), key=lambda kappa: kappa["value"] or 0.0)
    ends = (known[0], known[-1]) if known else (dict.fromkeys(("value", "low", "high")),) * 2
    return [check for name, end in zip(("lowest", "highest"), ends, strict=True)
            for check in check_parts(f"dtt.agreement.{name}.kappa", end, engines=KAPPA)]  # fmt: skip


def _find_kappa(row: Mapping[Any, Any]) -> dict[str, float | None]:
    """Kappa with its interval from the number of both yes, one yes and neither; missing where chance says it all."""
    alike = round(row["agreement"] * row["n"]) if row["n"] else 0
    both = (row["dtt_a"] + row["dtt_b"] - (row["n"] - alike)) / 2
    table = np.array([[both, row["dtt_a"] - both], [row["dtt_b"] - both, alike - both]])
    one_sided = np.isin(row["n"], (0, table[0, 0], table[1, 1]))
    if one_sided:
        return dict.fromkeys(("value", "low", "high"))
    if table[0, 1] == table[1, 0] == 0:  # full agreement has no variance, and rounding may make it negative
        return dict.fromkeys(("value", "low", "high"), 1.0)
    kappa = cohens_kappa(table)
    return {"value": float(kappa.kappa), "low": float(kappa.kappa_low), "high": min(float(kappa.kappa_upp), 1.0)}
