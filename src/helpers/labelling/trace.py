"""The trace: for each patient and arm, the criteria that were examined, with value, threshold and outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.answers import as_answers
from helpers.definitions import ARM_LABELS, ARMS, DAYS_PER_MONTH, DttRule, FlareRule, ResponseRule
from helpers.kidney import Criterion, derive_flare_criteria
from helpers.kidney.criteria import make_criterion
from helpers.labelling.arms import Judgement, responding_by
from helpers.labelling.course import FirstCourses, Rows, derive_grade_criteria, derive_worsening_criteria
from helpers.labelling.flare import FlareVisits, derive_months_to_induction, with_anchor_values

COLUMNS = (
    "patient_id", "arm", "rule", "criterion", "visit_date", "month", "measure", "value", "comparator", "threshold",
    "passed", "note", "part", "margin",
)  # fmt: skip
TEXTS = ("patient_id", "arm", "rule", "criterion", "measure", "comparator", "note", "part")
RESPONSES_COUNTED = "responses by the deadline"
IN_TIME = "in time"
NOT_ASKED = "does not apply"
_LABEL_RULE = "difficult to treat"


@dataclass(frozen=True)
class Tracer:
    """Writes the rows of the trace for the first courses, under the rules in force."""

    first: FirstCourses
    rule: DttRule
    response_rule: ResponseRule
    flare_rule: FlareRule

    def trace_arm(self, arm: str, judged: Judgement, flares: FlareVisits) -> pd.DataFrame:
        """All rows of one arm: what was examined, then the answer, patient by patient in this order."""
        pieces = self._flare(judged, flares) if arm == "early_flare" else self._course(arm, judged)
        answer = self._answer(arm, judged)
        pieces = [*(piece for piece in pieces if len(piece)), answer]
        return pd.concat([piece.assign(step=step) for step, piece in enumerate(pieces)], ignore_index=True)

    def _course(self, arm: str, judged: Judgement) -> list[pd.DataFrame]:
        later = [self._judged_visits(arm, judged.row, "judged"),
                 self._judged_visits(arm, judged.confirming_row, "asked to confirm"),
                 self._judged_visits("no_response", judged.later_row, "a later response")]  # fmt: skip
        end = {
            "worsening_3m": self.rule.worsening_window.end, "failure_6m": self.rule.failure_window.end,
            "no_response": self.rule.deadline_months + self.rule.deadline_grace_months,
        }[arm]  # fmt: skip
        counted = [self._responses(end)] if arm == "no_response" else []
        return [*later, *counted, self._no_visit(judged), self._kidney_failure(end)]

    def _responses(self, end: float) -> pd.DataFrame:
        everyone = np.arange(len(self.first.patients))
        counts = np.bincount(self.first.patient[responding_by(self.first, end=end)], minlength=len(everyone))
        criterion = make_criterion(RESPONSES_COUNTED, "visits", counts, ">=", 1)
        return self._rows(everyone, [criterion], rule=self.response_rule.name, note="counted")

    def _judged_visits(self, arm: str, rows: Rows, note: str) -> pd.DataFrame:
        patients = np.flatnonzero(rows >= 0)
        visits = self.first.visits.iloc[rows[patients]]
        if arm == "worsening_3m":
            criteria, name = derive_worsening_criteria(visits, ratio=self.rule.worsening_ratio), _LABEL_RULE
        else:
            criteria, name = derive_grade_criteria(visits, rule=self.response_rule), self.response_rule.name
        return self._rows(patients, criteria, rows=rows[patients], rule=name, note=note)

    def _no_visit(self, judged: Judgement) -> pd.DataFrame:
        patients = np.flatnonzero(judged.row < 0)
        criterion = make_criterion("a visit that can be judged", "visits", np.zeros(len(patients)), ">=", 1)
        return self._rows(patients, [criterion], note="none in time")

    def _kidney_failure(self, end: float) -> pd.DataFrame:
        patients = np.flatnonzero(self.first.moment("esrd") <= end)
        criterion = make_criterion("kidney failure in time", "month", self.first.moment("esrd")[patients], "<=", end)
        return self._rows(patients, [criterion], note="kidney failure")

    def _flare(self, judged: Judgement, flares: FlareVisits) -> list[pd.DataFrame]:
        everyone = np.arange(len(self.first.patients))
        number = make_criterion("a second induction", "inductions", self.first.patients["inductions_n"], ">=", 2)
        reached = (flares.complete_row >= 0).astype(float)
        complete = make_criterion("a complete response in the first course", "visits", reached, ">=", 1)
        pieces = [self._rows(everyone, [number], note="the flare must warrant one"),
                  self._rows(everyone, [complete], rows=flares.complete_row, rule=self.response_rule.name,
                             note="the first one")]  # fmt: skip
        for rows, note in ((judged.row, "judged"), (judged.confirming_row, "asked to confirm")):
            pieces.append(self._flare_visits(judged, flares, rows=rows, note=note))
        return pieces

    def _flare_visits(self, judged: Judgement, flares: FlareVisits, *, rows: Rows, note: str) -> pd.DataFrame:
        patients = np.flatnonzero(rows >= 0)
        anchor = flares.anchor_row[np.searchsorted(flares.row, judged.row[patients])]
        visits = with_anchor_values(self.first.visits.iloc[rows[patients]], self.first.visits, anchor)
        limit = flares.window_end[patients]
        timed = [make_criterion(IN_TIME, "month", self.first.month[rows[patients]], "<=", limit, part=IN_TIME),
                 make_criterion("soon enough before the second induction", "months",
                                derive_months_to_induction(self.first, rows[patients]), "<=",
                                self.rule.flare_to_induction_months, part=IN_TIME)]  # fmt: skip
        criteria = derive_flare_criteria(visits, rule=self.flare_rule)
        asked = [*timed, *criteria] if note == "judged" else criteria  # the confirming visit may come after the window
        return self._rows(patients, asked, rows=rows[patients], rule=self.flare_rule.name, note=note)

    def _answer(self, arm: str, judged: Judgement) -> pd.DataFrame:
        size = len(self.first.patients)
        nothing = np.full(size, np.nan)
        name = f"answer: {ARM_LABELS[arm].lower()}"
        criterion = replace(make_criterion(name, "answer", nothing, ">=", nothing, part="answer"),
                            comparator="", passed=judged.answer)  # fmt: skip
        table = self._rows(np.arange(size), [criterion], note="")
        since = (judged.date - self.first.patients["time_zero_date"].to_numpy()) / np.timedelta64(1, "D")
        return table.assign(note=judged.why, visit_date=judged.date, month=since / DAYS_PER_MONTH)

    def _rows(self, patients: Rows, criteria: Sequence[Criterion], *, note: str, rows: Rows | None = None,
              rule: str = _LABEL_RULE) -> pd.DataFrame:  # fmt: skip
        """Each criterion for each of these patients; `rows` are the visits that were judged (-1 or None: none)."""
        size = len(patients)

        def repeat(words: str) -> NDArray[np.str_]:
            return np.repeat([getattr(criterion, words) for criterion in criteria], size)

        def join(numbers: str) -> NDArray[np.float64]:
            return np.concatenate([getattr(criterion, numbers) for criterion in criteria])

        applies = np.concatenate([np.ones(size, dtype=bool) if criterion.applies is None else criterion.applies
                                  for criterion in criteria])  # fmt: skip
        visit = np.tile(np.full(size, -1) if rows is None else rows, len(criteria))
        return pd.DataFrame({
            "patient": np.tile(patients, len(criteria)), "rule": rule, "criterion": repeat("name"),
            "part": repeat("part"), "measure": repeat("measure"), "value": join("value"),
            "comparator": repeat("comparator"), "threshold": join("threshold"),
            "passed": pd.concat([pd.Series(criterion.passed) for criterion in criteria], ignore_index=True),
            "margin": join("margin"), "note": np.where(applies, note, NOT_ASKED),
            "visit_date": self.first.dates_at(visit), "month": np.append(self.first.month, np.nan)[visit],
        })  # fmt: skip


def derive_trace(
    first: FirstCourses, judgements: Mapping[str, Judgement], flares: FlareVisits, *,
    rule: DttRule, response_rule: ResponseRule, flare_rule: FlareRule,
) -> pd.DataFrame:  # fmt: skip
    """The trace: one row per patient, arm, visit and criterion examined, sorted by patient and arm.

    Each arm of each patient ends with a row "answer: ...", whose `passed` is the arm's answer, whose date is the
    day on which it became true and whose note says why. The criteria are those that made the label: the visit
    that was judged, the one that confirmed it, the later response that settled a gap, kidney failure. Criteria of
    the same `part` are alternatives; one whose note is "does not apply" asks nothing of this visit, because the
    value it is held against lies outside its range. `margin` is the log ratio of the measured value to where the
    answer turns.
    """
    tracer = Tracer(first, rule, response_rule, flare_rule)
    pieces = [
        tracer.trace_arm(arm, judged, flares).assign(arm=arm, order=ARMS.index(arm))
        for arm, judged in judgements.items()
    ]  # fmt: skip
    table = pd.concat(pieces, ignore_index=True)
    table = table.sort_values(["patient", "order", "step"], kind="stable", ignore_index=True)
    table["patient_id"] = first.patients["patient_id"].to_numpy()[table["patient"]]
    texts = {name: table[name].astype("string") for name in TEXTS}
    return table.assign(**texts, passed=as_answers(table["passed"]))[list(COLUMNS)]
