"""Response at every visit: which course it speaks for, against which baseline, and how follow-up ended."""

import pandas as pd
import pytest

from helpers.definitions import DAYS_PER_MONTH, RESPONSE_RULES
from helpers.response import derive_course_baselines, derive_followup, derive_visit_responses

RULE = RESPONSE_RULES["eular_era_edta_2012"]
ZERO = pd.Timestamp("2010-01-01")


def on_day(days) -> pd.Series:
    return ZERO + pd.to_timedelta(pd.Series(days, dtype="float64"), unit="D").dt.round("D")


def assessments(*rows: tuple[str, float, float | None], baseline_upcr: float = 4.0) -> pd.DataFrame:
    """Visits: patient, day after time zero, proteinuria (g/g). Creatinine and eGFR are normal throughout."""
    frame = pd.DataFrame(rows, columns=["patient_id", "day", "upcr_g_g"])
    return pd.DataFrame({
        "patient_id": frame.patient_id.astype("string"), "visit_date": on_day(frame.day),
        "month": frame.day / DAYS_PER_MONTH, "creatinine_mg_dl": 0.7, "upcr_g_g": frame.upcr_g_g.astype(float),
        "egfr": 110.0, "active_sediment": pd.array([False] * len(frame), dtype="boolean"),
        "course_number": pd.array([1] * len(frame), dtype="Int64"), "baseline_creatinine_mg_dl": 0.7,
        "baseline_upcr_g_g": baseline_upcr, "baseline_egfr": 110.0, "reference_egfr": 110.0,
        "reference_creatinine_mg_dl": 0.7,
    })  # fmt: skip


def courses(*rows: tuple[str, int, float]) -> pd.DataFrame:
    """Courses: patient, number, day of start after time zero."""
    frame = pd.DataFrame(rows, columns=["patient_id", "course_number", "day"])
    return pd.DataFrame({
        "patient_id": frame.patient_id.astype("string"), "course_number": frame.course_number.astype("Int64"),
        "regimen": pd.array(["mycophenolate"] * len(frame), dtype="string"), "start_date": on_day(frame.day),
        "start_month": frame.day / DAYS_PER_MONTH,
    })  # fmt: skip


def baseline_of(visits: pd.DataFrame, treated: pd.DataFrame, number: int) -> pd.Series:
    table = derive_course_baselines(visits, courses=treated)
    return table.set_index("course_number").loc[number]


def test_the_first_course_is_judged_against_the_baseline_of_the_patient():
    visits = assessments(("A", 0, 9.0), ("A", 90, 1.0), baseline_upcr=4.0)
    assert baseline_of(visits, courses(("A", 1, 0)), 1).baseline_upcr_g_g == 4.0


@pytest.mark.parametrize(("day", "expected"), [(299, 2.5), (300, 2.5), (301, 4.0)])
def test_a_later_course_takes_the_last_value_on_or_before_its_first_day(day, expected):
    visits = assessments(("A", 0, 4.0), ("A", 200, 4.0), ("A", day, 2.5))
    assert baseline_of(visits, courses(("A", 1, 0), ("A", 2, 300)), 2).baseline_upcr_g_g == expected


@pytest.mark.parametrize(("day", "known"), [(116, False), (117, True), (118, True)])
def test_a_value_older_than_183_days_does_not_describe_the_start_of_a_later_course(day, known):
    visits = assessments(("A", day, 2.5))
    value = baseline_of(visits, courses(("A", 1, 0), ("A", 2, 300)), 2).baseline_upcr_g_g
    assert pd.notna(value) == known


def test_a_visit_without_the_value_is_passed_over_for_the_one_before():
    visits = assessments(("A", 200, 2.5), ("A", 290, None))
    found = baseline_of(visits, courses(("A", 1, 0), ("A", 2, 300)), 2)
    assert (found.baseline_upcr_g_g, found.baseline_egfr) == (2.5, 110.0)


def test_each_patient_has_only_own_baselines():
    visits = assessments(("A", 290, 2.5), ("B", 295, 6.0))
    found = derive_course_baselines(visits, courses=courses(("A", 1, 0), ("A", 2, 300), ("B", 1, 0), ("B", 2, 300)))
    assert found.loc[found.course_number.eq(2), "baseline_upcr_g_g"].tolist() == [2.5, 6.0]


def test_a_visit_on_the_day_a_course_starts_speaks_for_the_course_before():
    visits = assessments(("A", 0, 4.0), ("A", 299, 1.0), ("A", 300, 1.0), ("A", 301, 1.0))
    found = derive_visit_responses(visits, courses=courses(("A", 1, 0), ("A", 2, 300)), rule=RULE)
    assert found.course_number.tolist() == [1, 1, 2]
    assert (found.course_month * DAYS_PER_MONTH).round().tolist() == [299, 300, 1]


def test_response_to_a_later_course_is_judged_from_where_that_course_started():
    visits = assessments(("A", 0, 4.0), ("A", 300, 2.0), ("A", 400, 1.1), ("A", 500, 1.0), ("A", 600, 0.4))
    found = derive_visit_responses(visits, courses=courses(("A", 1, 0), ("A", 2, 300)), rule=RULE)
    assert found.response.tolist() == ["partial", "partial", "partial", "complete"]
    assert found.course_response.tolist() == ["partial", "none", "partial", "complete"]


def test_without_a_baseline_of_its_course_partial_response_cannot_be_told_but_complete_can():
    visits = assessments(("A", 0, 4.0), ("A", 600, 1.0), ("A", 700, 0.4))
    found = derive_visit_responses(visits, courses=courses(("A", 1, 0), ("A", 2, 500)), rule=RULE)
    assert found.response.tolist() == ["partial", "complete"]
    assert found.course_response.tolist() == ["cannot tell", "complete"]


def test_a_staged_rule_counts_months_from_the_start_of_the_course():
    staged = RESPONSE_RULES["eular_era_edta_2019"]
    visits = assessments(("A", 0, 4.0), ("A", 300, 4.0), ("A", 390, 2.9), ("A", 490, 2.9))
    found = derive_visit_responses(visits, courses=courses(("A", 1, 0), ("A", 2, 300)), rule=staged)
    assert found.response.tolist() == ["none", "none", "none"]
    assert found.course_response.tolist() == ["none", "partial", "none"]


def test_visits_before_treatment_and_patients_without_a_course_have_no_row():
    visits = assessments(("A", -10, 4.0), ("A", 0, 4.0), ("A", 1, 4.0), ("B", 50, 0.1))
    found = derive_visit_responses(visits, courses=courses(("A", 1, 0)), rule=RULE)
    assert found[["patient_id", "course_number"]].to_numpy().tolist() == [["A", 1]]


def test_row_order_changes_nothing():
    visits = assessments(("A", 0, 4.0), ("A", 300, 2.0), ("B", 100, 1.0), ("A", 400, 1.1))
    treated = courses(("A", 1, 0), ("A", 2, 300), ("B", 1, 0))
    found = derive_visit_responses(visits, courses=treated, rule=RULE)
    again = derive_visit_responses(visits[::-1], courses=treated[::-1], rule=RULE)
    pd.testing.assert_frame_equal(found, again)


def cohort(**months: float) -> pd.DataFrame:
    """Eligible patients by months of follow-up; "X" is not eligible."""
    ids = pd.array([*months, "X"], dtype="string")
    return pd.DataFrame({
        "patient_id": ids, "time_zero_date": ZERO, "followup_months": [*months.values(), 99.0],
        "followup_end_date": on_day([month * DAYS_PER_MONTH for month in [*months.values(), 99.0]]),
        "is_dead": pd.array([name == "D" for name in ids], dtype="boolean"),
        "sex": pd.array(["male" if name == "B" else "female" for name in ids], dtype="string"),
        "is_eligible": [name != "X" for name in ids],
    })  # fmt: skip


def events(*rows: tuple[str, str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["patient_id", "event_type", "month"])
    return pd.DataFrame({
        "patient_id": frame.patient_id.astype("string"), "event_type": frame.event_type.astype("string"),
        "event_date": on_day(frame.month.astype(float) * DAYS_PER_MONTH),
        "event_end_date": pd.Series(pd.NaT, index=frame.index, dtype="datetime64[ns]"),
    })  # fmt: skip


def labels(**words: str) -> pd.DataFrame:
    return pd.DataFrame({"patient_id": list(words), "dtt": list(words.values())}, dtype="string")


def followup(people: pd.DataFrame, happened: pd.DataFrame, words: pd.DataFrame) -> pd.DataFrame:
    table = derive_followup(people, labels=words, events=happened, assessments=assessments())
    return table.set_index("patient_id")


def test_groups_are_words_and_a_patient_without_a_label_cannot_be_told():
    found = followup(cohort(A=24, B=24, C=24, E=24), events(), labels(A="yes", B="no", C="cannot tell"))
    assert found.group.tolist() == ["dtt", "other", "cannot tell", "cannot tell"]


def test_women_are_told_from_men():
    assert followup(cohort(A=24, B=24), events(), labels()).is_female.tolist() == [True, False]


def test_only_eligible_patients_are_followed():
    assert followup(cohort(A=24), events(), labels(A="yes")).index.tolist() == ["A"]


def test_death_ends_follow_up_and_kidney_failure_is_dated():
    found = followup(cohort(A=60, D=48), events(("A", "transplant", 30), ("D", "transplant", 12)), labels())
    assert found.death_month.isna().tolist() == [True, False]
    assert found.loc["D", "death_month"] == 48
    assert found.esrd_month.round(1).tolist() == [30.0, 12.0]


def test_loss_is_told_from_the_end_of_the_study_and_the_dead_are_not_lost():
    happened = events(("A", "lost_to_followup", 30), ("D", "lost_to_followup", 20))
    assert followup(cohort(A=30, B=30, D=48), happened, labels()).is_lost.tolist() == [True, False, False]
