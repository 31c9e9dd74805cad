"""The three arms that look at the first course by itself: worsening, failure, no response by the deadline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helpers.answers import Answers, answer_take, as_answers, is_false, is_true, is_unknown
from helpers.definitions import DttRule, Window
from helpers.kidney import derive_next_rows
from helpers.labelling.course import NOT_DATED, Days, FirstCourses, Rows

SPEAKS = "the visit nearest to the target speaks for the window"
UNCONFIRMED = "no later visit confirms or refutes the finding"
NO_VISIT = "no usable visit in the window"
SETTLED = "not to be judged in time; the next visit that can be read shows a response, which settles it"
COUNTED = "not to be judged in time; counted as failure"
DIED = "died before it could be judged"
FAILED = "kidney failure by the end of the window"


@dataclass(frozen=True)
class Judgement:
    """What one arm says of each patient: the answer, the day it became true, the visits that decided, and why.

    Rows are rows of `FirstCourses.visits`, -1 where no visit was needed: `row` is the visit that speaks,
    `confirming_row` the one that confirms it, `later_row` the later response that settles a gap.
    """

    answer: Answers
    date: Days
    row: Rows
    confirming_row: Rows
    later_row: Rows
    why: NDArray[np.object_]


def judge_window(first: FirstCourses, finding: Answers, *, window: Window, rule: DttRule) -> Judgement:
    """Whether a finding holds at a window: one judgement per patient.

    The usable visit (finding known) nearest to the target speaks. With confirmation the next usable visit at
    least `confirm_days` later must show it too, and its date is the date; no such visit: cannot tell. Kidney
    failure by the end of the window is the finding, whatever the visits say. Without a usable visit: cannot
    tell for those who died before the window closed; for others what `rule.missing_window` says.
    """
    usable = first.speaks & ~is_unknown(finding)
    inside = (np.round(first.month, 9) >= window.start) & (np.round(first.month, 9) <= window.end)
    row = first.nearest_rows(usable & inside, target=window.target)
    answer, date, confirming = confirm_finding(first, finding, row, usable=usable, rule=rule)
    why = np.where(row < 0, NO_VISIT, np.where(is_unknown(answer), UNCONFIRMED, SPEAKS)).astype(object)
    visits = Judgement(answer, date, row, confirming, np.full(len(row), -1), why)
    settling = derive_settling_rows(first, end=window.end, rule=rule)
    filled = fill_gaps(first, visits, gap=row < 0, settling=settling, end=window.end, rule=rule)
    return with_kidney_failure(first, filled, end=window.end, counts=np.ones(len(row), dtype=bool))


def confirm_finding(
    first: FirstCourses, finding: Answers, row: Rows, *, usable: NDArray[np.bool_], rule: DttRule
) -> tuple[Answers, Days, Rows]:
    """The finding at the visits that speak, its date, and the confirming visits (-1 where none was asked for)."""
    answer = answer_take(finding, row)
    if rule.confirmation_visits == 1:
        return answer, dates_where(answer, first.dates_at(row)), np.full(len(row), -1)
    following = derive_next_usable_rows(first, usable, at_least_days=rule.confirm_days)
    confirming = np.where((row >= 0) & is_true(answer), following[row], -1)
    asked = answer_take(finding, confirming)
    confirmed = as_answers(np.where(is_true(answer), asked.to_numpy(dtype=object), answer.to_numpy(dtype=object)))
    return confirmed, dates_where(confirmed, first.dates_at(confirming)), confirming


def derive_next_usable_rows(first: FirstCourses, usable: NDArray[np.bool_], *, at_least_days: int) -> Rows:
    """For each visit the patient's next usable visit at least so many days later; -1 where there is none."""
    after = derive_next_rows(first.patient, first.day, at_least_days=at_least_days)
    rows = np.where(usable, np.arange(len(usable)), len(usable))
    coming = np.append(np.minimum.accumulate(rows[::-1])[::-1], len(usable))
    found = coming[after]
    same = np.append(first.patient, -1)[found] == first.patient
    return np.where((after >= 0) & same, found, -1)


def dates_where(answer: Answers, dates: Days) -> Days:
    """The dates where the answer is yes, missing elsewhere."""
    return np.where(is_true(answer), dates, NOT_DATED)


def derive_settling_rows(first: FirstCourses, *, end: float, rule: DttRule) -> Rows:
    """For each patient the response that settles a window without a usable visit; -1 where there is none.

    It is the first visit of the first course after the window whose response can be told: that one alone, only if
    it shows a response, and only up to `rule.settle_within_months` after the window. A response after a visit
    without one, or long after, says nothing about the window. Nothing settles under another `missing_window`.
    """
    response = first.finding("is_response")
    month = np.append(np.round(first.month, 9), np.nan)
    after = first.first_rows(first.speaks & ~is_unknown(response) & (month[:-1] > end))
    shown = is_true(answer_take(response, after)) & (month[after] <= end + rule.settle_within_months)
    return np.where(shown & (rule.missing_window == "later_response_settles"), after, -1)


def fill_gaps(
    first: FirstCourses, judged: Judgement, *, gap: NDArray[np.bool_], settling: Rows, end: float, rule: DttRule
) -> Judgement:
    """What the rule says for patients whose visits leave a gap: a response (`settling`) settles it, or it is a failure.

    A gap that death explains stays open. A gap counted as failure is dated at the end of the window, or at
    the second induction or the end of follow-up where these come first.
    """
    died = gap & (first.moment("death") <= end)
    settled = gap & ~died & (settling >= 0)
    counted = gap & ~died & (rule.missing_window == "counts_as_failure")
    answer = judged.answer.copy()
    answer[settled], answer[counted] = False, True
    ends = np.fmin(first.date_of_month(end), first.patients["followup_end_date"].to_numpy())
    ends = np.fmin(ends, first.patients["second_start_date"].to_numpy())
    why = np.select([died, settled, counted], [DIED, SETTLED, COUNTED], judged.why)
    return Judgement(answer, np.where(counted, ends, judged.date), judged.row, judged.confirming_row,
                     np.where(settled, settling, -1), why)  # fmt: skip


def with_kidney_failure(
    first: FirstCourses, judged: Judgement, *, end: float, counts: NDArray[np.bool_]
) -> Judgement:
    """Kidney failure up to month `end` makes the answer yes (where it counts), on its day or an earlier finding's.

    A kidney that had failed by time zero dates the label at time zero.
    """
    failed = counts & (first.moment("esrd") <= end)
    day = np.fmax(first.patients["esrd_date"].to_numpy(), first.patients["time_zero_date"].to_numpy())
    answer = judged.answer.copy()
    answer[failed] = True
    return Judgement(answer, np.where(failed, np.fmin(day, judged.date), judged.date), judged.row,
                     judged.confirming_row, judged.later_row, np.where(failed, FAILED, judged.why))  # fmt: skip


RESPONDED = "a response was seen by the deadline"
NONE_SEEN = "judged up to the deadline and no response seen"
SWITCHED = "the second induction began before the deadline, and no response had been seen"
SWITCHED_EARLY = "the second induction began before a visit could judge the first course"
INTOLERANT = "changed for intolerance before the deadline: the first course had no time to fail"
UNREADABLE = "a visit whose response cannot be told may have been a response"
UNFOLLOWED = "follow-up ended before the deadline"
TOO_FEW = "no two visits far enough apart show it"
NOT_JUDGED = "no usable visit late enough to judge the first course"


def judge_no_response(first: FirstCourses, *, rule: DttRule) -> Judgement:
    """Whether neither complete nor partial response was seen up to the deadline (plus its grace).

    No: any visit of the first course up to then shows a response. Yes, otherwise: on the day of kidney failure
    up to then; on the day of a second induction that began before then, if a visit at or after the start of the
    3-month window shows no response; at the deadline plus grace, if a visit at or after the start of the
    6-month window does and follow-up reached the deadline. Cannot tell: a visit up to then whose response
    cannot be told; a course changed for intolerance; death; anything else (unless `rule.missing_window` counts gaps
    as failure). No later response settles it: one after the deadline says nothing about one by the deadline.
    """
    end = rule.deadline_months + rule.deadline_grace_months
    response = first.finding("is_response")
    judged = first.speaks & (np.round(first.month, 9) <= end)
    responding = first.first_rows(responding_by(first, end=end))
    unreadable = first.first_rows(judged & is_unknown(response))
    none = judged & is_false(response)
    last_none = first.last_rows(none)
    last_month = np.where(last_none >= 0, np.append(first.month, np.nan)[last_none], -np.inf)
    switched = first.moment("second_start") <= end
    judged_from = np.where(switched, rule.worsening_window.start, _judged_from(rule))
    stopped = switched & is_true(as_answers(first.patients["first_stop_reason"] == "intolerance"))
    followed = switched | (first.moment("followup_end") >= rule.deadline_months)
    late_enough = np.round(last_month, 9) >= judged_from
    twice = _seen_twice(first, none, rule=rule)
    reasons: list[tuple[NDArray[np.bool_], str, bool | None]] = [
        (responding >= 0, RESPONDED, False), (unreadable >= 0, UNREADABLE, None), (stopped, INTOLERANT, None),
        (~followed, UNFOLLOWED, None), (~late_enough & switched, SWITCHED_EARLY, None),
        (~late_enough, NOT_JUDGED, None), (~twice, TOO_FEW, None), (switched, SWITCHED, True),
    ]  # fmt: skip
    conditions = [condition for condition, _, _ in reasons]
    why = np.select(conditions, [word for _, word, _ in reasons], NONE_SEEN).astype(object)
    values = np.select(conditions, [_number(value) for _, _, value in reasons], 1.0)
    answer = as_answers(np.where(np.isnan(values), None, values == 1))
    ends = np.fmin(first.date_of_month(end), first.patients["followup_end_date"].to_numpy())
    ends = np.where(switched, first.patients["second_start_date"].to_numpy(), ends)
    row = np.where(responding >= 0, responding, np.where(unreadable >= 0, unreadable, last_none))
    visits = Judgement(answer, dates_where(answer, ends), row, np.full(len(row), -1), np.full(len(row), -1), why)
    fillable = is_unknown(answer) & ~np.isin(why, (INTOLERANT, TOO_FEW))
    filled = fill_gaps(first, visits, gap=fillable, settling=np.full(len(row), -1), end=end, rule=rule)
    return with_kidney_failure(first, filled, end=end, counts=responding < 0)


def responding_by(first: FirstCourses, *, end: float) -> NDArray[np.bool_]:
    """Which visits of the first course, up to month `end`, show a response for certain."""
    return first.speaks & (np.round(first.month, 9) <= end) & is_true(first.finding("is_response"))


def _judged_from(rule: DttRule) -> float:
    """The month from which a visit can judge a course: the 6-month window, or earlier."""
    return min(rule.failure_window.start, rule.deadline_months - rule.deadline_grace_months)


def _seen_twice(first: FirstCourses, none: NDArray[np.bool_], *, rule: DttRule) -> NDArray[np.bool_]:
    """Whether two visits without response lie far enough apart; always so where no confirmation is asked for."""
    if rule.confirmation_visits == 1:
        return np.ones(len(first.patients), dtype=bool)
    earliest, latest = first.first_rows(none), first.last_rows(none)
    apart = np.append(first.day, 0)[latest] - np.append(first.day, 0)[earliest]
    return np.asarray((latest >= 0) & (apart >= rule.confirm_days))


def _number(value: bool | None) -> float:
    return np.nan if value is None else float(value)
