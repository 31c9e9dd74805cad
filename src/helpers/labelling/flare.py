"""The arm that looks at what follows a complete response: an early flare that led to a second induction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.answers import Answers, all_of, answer_known, answer_take, as_answers, is_false, is_true, is_unknown
from helpers.definitions import DttRule, FlareRule
from helpers.kidney import derive_next_rows, flag_flare
from helpers.kidney.flare import ANCHORED, derive_anchor_rows
from helpers.labelling.arms import Judgement, dates_where
from helpers.labelling.course import FirstCourses, Rows

FLARED = "a flare after complete response, in time, led to a second induction"
NOT_TREATED = "no second induction"
NEVER_COMPLETE = "no complete response in the first course"
NO_FLARE = "no flare in time led to the second induction"
PERHAPS_FLARE = "a visit that cannot be judged may have been the flare"
PERHAPS_COMPLETE = "a visit that cannot be judged may have been a complete response"
UNSEEN = "a second induction in time, and no visit shows what led to it"


@dataclass(frozen=True)
class FlareVisits:
    """Visits after the first complete response and up to the second induction.

    row: their rows in `FirstCourses.visits`; anchor_row and confirming_row: those of their anchor and of the last
    visit that had to show the flare too (-1 where none is there or none was asked for); is_flare: the answer.
    complete_row and window_end have one entry per patient: first complete response, and the last month in time.
    """

    row: Rows
    anchor_row: Rows
    confirming_row: Rows
    is_flare: Answers
    complete_row: Rows
    window_end: NDArray[np.float64]


def judge_early_flare(
    first: FirstCourses, *, rule: DttRule, flare_rule: FlareRule
) -> tuple[Judgement, FlareVisits]:
    """Whether complete response in the first course was lost to an early flare that led to a second induction.

    Yes, on the first day of the second induction (before it nobody knows that the flare warrants one), when a
    visit after the first complete response, within the flare window and at most `rule.flare_to_induction_months`
    before that day, is a flare, and no visit between it and the second induction is in complete response again:
    a flare that settled did not lead to it. No without second induction, without complete response, or without
    such a flare. Cannot tell when a visit that cannot be judged may have been the response, the flare or the
    settling, or when nothing was seen in between. Visits that could not change the answer (a response too late
    for a flare in the window, or for one soon enough before the second induction) leave nothing open.
    """
    treated = first.patients["second_start_date"].notna().to_numpy()
    complete = first.speaks & is_true(first.finding("is_complete"))
    complete_row = first.first_rows(complete)
    flares = derive_flare_visits(first, complete_row, treated=treated, rule=rule, flare_rule=flare_rule)
    flare_row = first.first_rows(_chosen(first, flares.row[is_true(flares.is_flare)]))
    perhaps_row = first.first_rows(_chosen(first, flares.row[is_unknown(flares.is_flare)]))
    responded = complete_row >= 0
    perhaps_complete = first.first_rows(_may_be_response_before_flare(first, rule=rule)) >= 0
    seen_after = np.isin(np.arange(len(treated)), first.patient[flares.row])
    in_time = first.moment("second_start") <= flares.window_end
    reasons: list[tuple[NDArray[np.bool_], str]] = [
        (~treated, NOT_TREATED), (~responded & perhaps_complete, PERHAPS_COMPLETE), (~responded, NEVER_COMPLETE),
        (flare_row >= 0, FLARED), (perhaps_row >= 0, PERHAPS_FLARE), (in_time & ~seen_after, UNSEEN),
    ]  # fmt: skip
    why = np.select([condition for condition, _ in reasons], [word for _, word in reasons], NO_FLARE).astype(object)
    unknown = np.isin(why, (PERHAPS_COMPLETE, PERHAPS_FLARE, UNSEEN))
    answer = as_answers(np.where(unknown, None, why == FLARED))
    date = dates_where(answer, first.patients["second_start_date"].to_numpy())
    last_row = first.last_rows(_chosen(first, flares.row))
    row = np.select([flare_row >= 0, perhaps_row >= 0], [flare_row, perhaps_row], last_row)
    found = np.searchsorted(flares.row, row)
    confirming = np.where(row >= 0, np.append(flares.confirming_row, -1)[found], -1)
    return Judgement(answer, date, row, confirming, np.full(len(row), -1), why), flares


def derive_flare_visits(
    first: FirstCourses, complete_row: Rows, *, treated: NDArray[np.bool_], rule: DttRule, flare_rule: FlareRule
) -> FlareVisits:
    """The visits that may be the flare, of patients with a complete response and a second induction.

    A visit is anchored at the last earlier visit in complete response. It may be the flare within the window only,
    soon enough before the second induction, not in complete response, and not where a later visit of the first
    course is.
    """
    start = np.where(treated & (complete_row >= 0), complete_row, len(first.visits))
    rows = np.flatnonzero(first.speaks & (np.arange(len(first.visits)) >= start[first.patient]))
    patient = first.patient[rows]
    complete = answer_take(first.finding("is_complete"), rows)
    anchor = derive_anchor_rows(patient, is_true(complete))
    following = _derive_following(patient, first.day[rows], rule=rule, flare_rule=flare_rule)
    window_end = _window_end(first, complete_row, rule=rule)
    in_time = np.round(first.month[rows], 9) <= window_end[patient]
    soon_enough = derive_months_to_induction(first, rows) <= rule.flare_to_induction_months
    may_be = all_of([~complete, ~_seen_later(patient, complete), answer_known(in_time & soon_enough)])
    outer = np.append(rows, -1)
    asked = ~is_false(may_be)  # the values of the others need not be looked at
    shown = [_flare_shown(first.visits, outer[row[asked]], outer[anchor[asked]], flare_rule=flare_rule)
             for row in following]  # fmt: skip
    may_be[asked] = all_of([may_be[asked], *shown])
    after = rows > start[patient]
    confirming = outer[following[-1]] if len(following) > 1 else np.full(len(rows), -1)
    return FlareVisits(rows[after], outer[anchor][after], confirming[after], may_be[after], complete_row, window_end)


def derive_months_to_induction(first: FirstCourses, rows: Rows) -> NDArray[np.float64]:
    """Months from these visits to the second induction of their patient; missing without one."""
    months = first.moment("second_start")[first.patient[rows]] - first.month[rows]
    return np.asarray(np.round(months, 9), dtype=float)


def _seen_later(patient: Rows, complete: Answers) -> Answers:
    """For each visit whether a later one of the patient is in complete response; missing where one may be."""
    certain, perhaps = (
        derive_anchor_rows(-patient[::-1], chosen[::-1])[::-1] >= 0
        for chosen in (is_true(complete), ~is_false(complete))
    )  # fmt: skip
    return Answers(certain, perhaps & ~certain)


def _may_be_response_before_flare(first: FirstCourses, *, rule: DttRule) -> NDArray[np.bool_]:
    """Which visits may be a complete response that leaves time for a flare, in the window and soon enough before
    the second induction."""
    window_end = _window_end(first, np.arange(len(first.visits)), rule=rule)
    soonest = np.round(first.moment("second_start")[first.patient] - rule.flare_to_induction_months, 9)
    open_to = np.round(first.month, 9) < window_end
    return first.speaks & is_unknown(first.finding("is_complete")) & open_to & ~(soonest > window_end)


def _derive_following(
    patient: Rows, day: Rows, *, rule: DttRule, flare_rule: FlareRule
) -> list[Rows]:
    """For each visit the visits that must show the flare: itself, those in a row, the one that confirms; -1: none."""
    following = [np.arange(len(patient))]
    in_a_row = np.append(derive_next_rows(patient, day, at_least_days=0), -1)
    for _ in range(flare_rule.visits - 1):
        following.append(in_a_row[following[-1]])
    if rule.confirmation_visits > 1:
        following.append(derive_next_rows(patient, day, at_least_days=rule.confirm_days))
    return following


def _flare_shown(table: pd.DataFrame, row: Rows, anchor: Rows, *, flare_rule: FlareRule) -> Answers:
    """Whether the visits in these rows are a flare against these anchors; missing where the row is -1."""
    values = with_anchor_values(table.take(np.maximum(row, 0)), table, anchor)
    shown = as_answers(flag_flare(values, rule=flare_rule)["is_flare"])
    shown[row < 0] = pd.NA
    return shown


def with_anchor_values(visits: pd.DataFrame, table: pd.DataFrame, anchor: Rows) -> pd.DataFrame:
    """The visits with the values of their anchors (rows of `table`, -1: none) in columns `anchor_<measurement>`."""
    values = {f"anchor_{name}": np.append(table[name].to_numpy(dtype=float), np.nan)[anchor] for name in ANCHORED}
    return visits.assign(**values)


def _window_end(first: FirstCourses, complete_row: Rows, *, rule: DttRule) -> NDArray[np.float64]:
    """The month up to which a flare counts as early, for each of these complete responses; -1: none, so missing."""
    if rule.flare_clock == "induction_start":
        start = np.append(first.moment("first_start"), np.nan)[np.append(first.patient, -1)[complete_row]]
    else:
        start = np.append(first.month, np.nan)[complete_row]
    return np.asarray(np.round(start + rule.flare_window_months, 9), dtype=float)


def _chosen(first: FirstCourses, rows: Rows) -> NDArray[np.bool_]:
    return np.isin(np.arange(len(first.visits)), rows)
