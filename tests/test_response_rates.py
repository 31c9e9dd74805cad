"""Response rates: which visit speaks for a month, and who is in the denominator."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.definitions import VISIT_WINDOWS
from helpers.response import keep_each_group
from helpers.response.rates import (
    COURSES,
    POINTS,
    count_response_statuses,
    derive_course_responses_at,
    derive_rate_table,
    derive_responses_at,
    summarise_response_rates,
)

GOLDEN = pd.read_csv(Path(__file__).parent / "golden" / "wilson.csv", comment="#")
NEVER = float("nan")


def visits(*rows: tuple[str, float, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["patient_id", "month", "response"]).astype({"month": float})


def people(*ids: str, end: float = 60, death: float = NEVER, esrd: float = NEVER, group: str = "dtt") -> pd.DataFrame:
    return pd.DataFrame({
        "patient_id": pd.Series(ids, dtype="object"), "group": group, "followup_months": float(end),
        "death_month": death, "esrd_month": esrd,
    }).astype({"followup_months": float, "death_month": float, "esrd_month": float})  # fmt: skip


def labels(**words: str) -> pd.DataFrame:
    return pd.DataFrame({"patient_id": list(words), "final_response": list(words.values())})


def answer_at(point: str, rows: pd.DataFrame, who: pd.DataFrame | None = None) -> tuple[str, str]:
    """Status and response of patient A at one point."""
    table = derive_responses_at(rows, followup=people("A") if who is None else who, labels=labels(A="partial"))
    row = table.set_index("point").loc[point]
    return row.status, row.response


def test_no_visit_can_serve_two_windows_and_each_holds_its_month():
    windows = list(VISIT_WINDOWS.values())
    assert all(earlier.end < later.start for earlier, later in pairwise(windows))
    assert all(window.start <= window.target <= window.end for window in windows)
    assert [str(window.target) for window in windows] == list(VISIT_WINDOWS)


@pytest.mark.parametrize(
    ("month", "status"), [(4.99, "missing"), (5.0, "assessed"), (8.0, "assessed"), (8.01, "missing")]
)
def test_a_window_holds_both_its_ends(month, status):
    assert answer_at("6", visits(("A", month, "complete")))[0] == status


def test_the_visit_nearest_to_the_month_speaks():
    rows = visits(("A", 5.1, "none"), ("A", 6.3, "complete"), ("A", 7.0, "partial"))
    assert answer_at("6", rows) == ("assessed", "complete")


def test_of_two_visits_equally_near_the_earlier_speaks():
    rows = visits(("A", 6.5, "none"), ("A", 5.5, "complete"))
    assert answer_at("6", rows) == ("assessed", "complete")


def test_a_visit_that_cannot_tell_is_passed_over():
    rows = visits(("A", 6.0, "cannot tell"), ("A", 7.5, "partial"))
    assert answer_at("6", rows) == ("assessed", "partial")
    assert answer_at("6", rows.head(1)) == ("missing", "cannot tell")


@pytest.mark.parametrize(("month", "expected"), [(5.99, "dead"), (6.0, "dead"), (6.01, "assessed")])
def test_who_has_died_by_the_month_is_without_response_whatever_was_seen(month, expected):
    rows = visits(("A", 5.5, "complete"))
    status, response = answer_at("6", rows, people("A", end=month, death=month))
    assert status == expected
    assert response == ("none" if expected == "dead" else "complete")


@pytest.mark.parametrize(("month", "expected"), [(6.0, "esrd"), (6.01, "assessed")])
def test_who_is_in_kidney_failure_by_the_month_is_without_response(month, expected):
    assert answer_at("6", visits(("A", 6.0, "partial")), people("A", esrd=month))[0] == expected


def test_death_goes_before_kidney_failure():
    assert answer_at("12", visits(), people("A", end=11, death=11, esrd=5)) == ("dead", "none")


@pytest.mark.parametrize(("end", "status"), [(5.99, "not followed"), (6.0, "missing")])
def test_not_followed_so_long_is_told_from_a_missed_assessment(end, status):
    assert answer_at("6", visits(), people("A", end=end)) == (status, "cannot tell")


def test_follow_up_that_ends_within_the_window_after_a_visit_still_answers():
    assert answer_at("24", visits(("A", 21.0, "complete")), people("A", end=22)) == ("assessed", "complete")


def test_the_last_follow_up_is_what_the_label_says():
    table = derive_responses_at(
        visits(("A", 50, "none")), labels=labels(A="complete", D="partial", E="none", M="cannot tell"),
        followup=pd.concat([people("A", "M", "X"), people("D", death=40.0), people("E", esrd=9.0)]))  # fmt: skip
    last = table.loc[table.point.eq("last")].set_index("patient_id")
    assert last.response.to_dict() == {
        "A": "complete", "M": "cannot tell", "X": "cannot tell", "D": "partial", "E": "none"}  # fmt: skip
    assert last.status.to_dict() == {"A": "assessed", "M": "missing", "X": "missing", "D": "dead", "E": "esrd"}


def test_every_patient_has_one_row_per_point():
    table = derive_responses_at(visits(), followup=people("A", "B"), labels=labels())
    assert table.groupby("patient_id").point.apply(list).tolist() == [list(POINTS)] * 2


def courses(*starts: float) -> pd.DataFrame:
    return pd.DataFrame({
        "patient_id": "A", "course_number": pd.array(range(1, len(starts) + 1), dtype="Int64"), "start_month": starts,
    })  # fmt: skip


def course_answers(treated: pd.DataFrame, who: pd.DataFrame, *rows: tuple[int, float, str]) -> pd.DataFrame:
    seen = pd.DataFrame(rows, columns=["course_number", "course_month", "course_response"]).assign(patient_id="A")
    seen = seen.astype({"course_number": "Int64", "course_month": float})
    table = derive_course_responses_at(seen, courses=treated, followup=who)
    return table.set_index(["course_number", "point"])[["course", "status", "response"]]


def test_each_course_has_its_own_clock_and_its_own_visits():
    found = course_answers(courses(0, 20), people("A"), (1, 6.0, "none"), (2, 6.0, "complete"))
    assert found.loc[(1, "6")].tolist() == ["1", "assessed", "none"]
    assert found.loc[(2, "6")].tolist() == ["2", "assessed", "complete"]


@pytest.mark.parametrize(("second", "status"), [(5.9, "next induction"), (6.0, "next induction"), (6.1, "assessed")])
def test_a_course_followed_by_another_induction_by_the_month_has_failed(second, status):
    found = course_answers(courses(0, second), people("A"), (1, 5.5, "partial"))
    assert found.loc[(1, "6"), "status"] == status
    assert found.loc[(1, "6"), "response"] == ("partial" if status == "assessed" else "none")


def test_death_kidney_failure_and_the_end_of_follow_up_are_counted_from_the_start_of_the_course():
    dead = course_answers(courses(0, 20), people("A", end=25, death=25.0))
    assert dead.status.loc[[(1, "12"), (2, "3"), (2, "6")]].tolist() == ["missing", "missing", "dead"]
    failed = course_answers(courses(0, 20), people("A", esrd=24.0))
    assert failed.status.loc[[(2, "3"), (2, "6")]].tolist() == ["missing", "esrd"]
    short = course_answers(courses(0, 20), people("A", end=25))
    assert short.status.loc[[(2, "3"), (2, "6")]].tolist() == ["missing", "not followed"]


def test_third_and_later_courses_stand_together():
    found = course_answers(courses(0, 10, 20, 30), people("A"))
    assert found.xs("3", level="point").course.tolist() == ["1", "2", "3 or more", "3 or more"]


def test_shares_count_the_dead_as_failures_and_the_assessed_apart():
    answers = pd.DataFrame({
        "group": "all", "point": "6",
        "status": ["assessed", "assessed", "dead", "esrd", "missing", "not followed"],
        "response": ["complete", "none", "none", "none", "cannot tell", "cannot tell"],
    })  # fmt: skip
    rates = summarise_response_rates(answers, names=["all"]).set_index("response")
    assert rates["count"].to_dict() == {"complete": 1, "partial": 0, "none": 3}
    assert rates["n"].tolist() == [4, 4, 4]
    assert rates["share"].tolist() == [0.25, 0, 0.75]
    assert rates["assessed_share"].tolist() == [0.5, 0, 0.5]
    assert rates["assessed_n"].tolist() == [2, 2, 2]
    counts = count_response_statuses(answers).iloc[0]
    names = ["assessed_n", "dead_n", "esrd_n", "next_induction_n", "missing_n", "not_followed_n", "n"]
    assert counts[names].tolist() == [2, 1, 1, 0, 1, 1, 6]


def test_wilson_limits_equal_those_of_prop_test():
    answers = pd.concat([
        pd.DataFrame({"group": f"{row:02d}", "point": "6", "status": "assessed",
                      "response": ["complete"] * count + ["none"] * (n - count)})
        for row, (count, n) in enumerate(GOLDEN[["count", "n"]].astype(int).to_numpy().tolist())
    ])  # fmt: skip
    names = sorted(answers.group.unique())
    found = summarise_response_rates(answers, names=names).query("response == 'complete'")
    columns = ["share", "share_low", "share_high"]
    np.testing.assert_allclose(found[columns], GOLDEN[columns], rtol=0, atol=1e-10)
    np.testing.assert_allclose(found[[f"assessed_{name}" for name in columns]], GOLDEN[columns], rtol=0, atol=1e-10)


def test_without_anybody_in_the_denominator_there_is_no_share():
    answers = pd.DataFrame({"group": ["all"], "point": ["6"], "status": ["missing"], "response": ["cannot tell"]})
    rates = summarise_response_rates(answers)
    assert rates["n"].tolist() == [0] * 9
    assert rates[["share", "share_low", "share_high", "assessed_share"]].isna().all(axis=None)


def test_no_patients_give_empty_tables():
    answers = derive_responses_at(visits(), followup=people(), labels=labels())
    assert summarise_response_rates(keep_each_group(answers)).empty
    assert count_response_statuses(keep_each_group(answers)).empty


def test_points_stand_in_the_order_of_time():
    answers = derive_responses_at(visits(("A", 3, "none")), followup=people("A"), labels=labels(A="none"))
    assert count_response_statuses(answers).point.tolist() == list(POINTS) * 3
    assert summarise_response_rates(answers).point.drop_duplicates().tolist() == list(POINTS)


def test_a_group_without_patients_keeps_its_rows():
    answers = derive_responses_at(visits(("A", 3, "none")), followup=people("A"), labels=labels(A="none"))
    assert set(summarise_response_rates(answers).group) == {"all", "dtt", "other"}
    assert count_response_statuses(answers).set_index(["group", "point"]).loc[("other", "6"), "n"] == 0


def test_the_printed_table_has_a_row_per_group_and_month_and_adds_up():
    answers = keep_each_group(derive_responses_at(
        visits(("A", 6, "complete"), ("B", 6, "partial")), labels=labels(),
        followup=pd.concat([people("A", "B", "C"), people("D", death=4.0), people("E", esrd=4.0), people("F", end=5)])))
    table = derive_rate_table(
        summarise_response_rates(answers), counts=count_response_statuses(answers), labels={"all": "All", "dtt": "DTT"})
    assert len(table) == 15
    row = table.set_index("term").loc["dtt_6"]
    assert row[["label", "point", "n", "assessed_n", "ended_n", "missing_n", "not_followed_n"]].tolist() == [
        "DTT", "6", 4, 2, 2, 1, 1]  # fmt: skip
    assert row[["complete_share", "partial_share", "none_share", "assessed_complete_share"]].tolist() == [
        0.25, 0.25, 0.5, 0.5]  # fmt: skip
    assert row.complete_low_share < 0.25 < row.complete_high_share


def test_the_printed_table_of_courses_counts_the_next_induction_among_the_ended():
    answers = derive_course_responses_at(
        pd.DataFrame({"patient_id": ["A"], "course_number": pd.array([1], dtype="Int64"), "course_month": [3.0],
                      "course_response": ["complete"]}), courses=courses(0, 5), followup=people("A"))  # fmt: skip
    names = list(COURSES)
    table = derive_rate_table(
        summarise_response_rates(answers, by="course", names=names), labels=COURSES, by="course",
        counts=count_response_statuses(answers, by="course", names=names)).set_index("term")  # fmt: skip
    assert table.loc[["1_3", "1_6", "3_or_more_6"], "ended_n"].tolist() == [0, 1, 0]
    assert table.loc["1_3", "label"] == "First induction"
    assert table.loc["2_12", "missing_n"] == 1


