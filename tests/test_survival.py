"""Outcome times: patients made by hand, one edge each."""

import numpy as np
import pandas as pd
import pytest

from helpers.definitions import DAYS_PER_MONTH, ESRD, WORSENING_RULES, WorseningRule
from helpers.survival import derive_outcomes, label_groups
from helpers.survival.events import derive_worsening_dates

ZERO = pd.Timestamp("2010-01-01")
DOUBLING = WORSENING_RULES["confirmed_doubling"]


def day(number):
    return ZERO + pd.Timedelta(days=number) if number is not None else pd.NaT


def cohort(*followups, eligible=True):
    """One patient per follow-up, in days: P1, P2, ..."""
    return pd.DataFrame({
        "patient_id": pd.array([f"P{i + 1}" for i in range(len(followups))], dtype="string"),
        "time_zero_date": ZERO, "followup_end_date": [day(d) for d in followups], "is_eligible": eligible,
    })  # fmt: skip


def assessments(*rows, baseline=0.8, baseline_egfr=100.0):
    """Rows of (patient, day, creatinine, egfr)."""
    table = pd.DataFrame(rows, columns=["patient_id", "day", "creatinine_mg_dl", "egfr"])
    return table.assign(
        patient_id=table.patient_id.astype("string"), visit_date=[day(d) for d in table.day],
        creatinine_mg_dl=table.creatinine_mg_dl.astype(float), egfr=table.egfr.astype(float),
        baseline_creatinine_mg_dl=baseline, baseline_egfr=baseline_egfr,
    ).drop(columns="day")  # fmt: skip


def events(*rows):
    """Rows of (patient, event, day, end day)."""
    table = pd.DataFrame(rows, columns=["patient_id", "event_type", "day", "end"]).astype(
        {"patient_id": "string", "event_type": "string"})
    return table.assign(
        event_date=pd.to_datetime([day(d) for d in table.day]),
        event_end_date=pd.to_datetime([day(None if pd.isna(d) else d) for d in table.end])).drop(columns=["day", "end"])


def outcomes(people, visits=None, happened=None, *, rule=DOUBLING, from_months=0.0):
    visits = assessments(("P1", 0, 0.8, 100)) if visits is None else visits
    happened = events() if happened is None else happened
    return derive_outcomes(visits, cohort=people, events=happened, worsening=rule, from_months=from_months)


def summary(table, outcome="composite"):
    """(word, day) of the first patient."""
    row = table.iloc[0]
    word = row[f"{outcome}_status"]
    return (word, round(row[f"{outcome}_months"] * DAYS_PER_MONTH, 6)) if pd.notna(word) else (None, None)


def test_without_any_event_everything_is_censored_at_the_end_of_follow_up():
    found = outcomes(cohort(1000))
    assert [summary(found, o) for o in ("composite", "esrd", "death")] == [("censored", 1000)] * 3
    assert found.not_at_risk.tolist() == [""]


@pytest.mark.parametrize(
    ("first", "second", "gap", "expected"),
    [
        (1.59, 2.0, 28, ("censored", 1000)),  # just below twice 0.8
        (1.6, 1.6, 28, ("worsening_creatinine", 100)),  # at the threshold
        (1.61, 1.7, 28, ("worsening_creatinine", 100)),
        (1.6, 1.59, 28, ("censored", 1000)),  # not confirmed
        (1.6, 1.6, 27, ("censored", 1000)),  # too soon to confirm, and nothing later
        (1.6, 1.6, 29, ("worsening_creatinine", 100)),
        (1.6, None, 28, ("censored", 1000)),  # a visit without creatinine confirms nothing
    ],
)
def test_a_doubling_needs_another_one_at_the_next_visit_four_weeks_later(first, second, gap, expected):
    visits = assessments(("P1", 0, 0.8, 100), ("P1", 100, first, 50), ("P1", 100 + gap, second, 50))
    assert summary(outcomes(cohort(1000), visits)) == expected


def test_the_confirming_visit_is_the_next_measured_one_and_a_visit_before_the_gap_has_no_say():
    recovered_between = assessments(
        ("P1", 0, 0.8, 100), ("P1", 100, 1.6, 50), ("P1", 110, 0.8, 90), ("P1", 130, None, None), ("P1", 200, 1.7, 50))
    assert summary(outcomes(cohort(1000), recovered_between)) == ("worsening_creatinine", 100)
    recovered_after = assessments(
        ("P1", 0, 0.8, 100), ("P1", 100, 1.6, 50), ("P1", 130, 0.8, 90), ("P1", 200, 1.7, 50), ("P1", 240, 1.7, 50))
    assert summary(outcomes(cohort(1000), recovered_after)) == ("worsening_creatinine", 200)


def test_a_doubling_at_the_last_visit_alone_does_not_count():
    visits = assessments(("P1", 0, 0.8, 100), ("P1", 100, 3.0, 20))
    assert summary(outcomes(cohort(1000), visits)) == ("censored", 1000)


def test_decimals_that_are_not_exact_in_binary_still_reach_the_threshold():
    visits = assessments(("P1", 10, 2.1, 50), ("P1", 50, 2.1, 50), baseline=1.05)
    assert summary(outcomes(cohort(1000), visits)) == ("worsening_creatinine", 10)
    tenth = WorseningRule("x", "x", "egfr_decline", 0.1, 0, "x")
    visits = assessments(("P1", 10, 0.8, 63.0), baseline_egfr=70.0)
    assert summary(outcomes(cohort(1000), visits, rule=tenth)) == ("worsening_creatinine", 10)


WORSE = "worsening_creatinine"


@pytest.mark.parametrize(("egfr", "word"), [(60.1, "censored"), (60.0, WORSE), (59.9, WORSE)])
def test_a_decline_of_egfr_counts_from_its_threshold_on(egfr, word):
    visits = assessments(("P1", 100, 0.8, egfr), ("P1", 130, 0.8, 50))
    assert summary(outcomes(cohort(1000), visits, rule=WORSENING_RULES["egfr_decline_40"]))[0] == word


@pytest.mark.parametrize(("creatinine", "word"), [(1.49, "censored"), (1.5, "censored"), (1.51, WORSE)])
def test_creatinine_above_a_value_counts_at_a_single_visit_and_above_means_above(creatinine, word):
    visits = assessments(("P1", 100, creatinine, 60))
    assert summary(outcomes(cohort(1000), visits, rule=WORSENING_RULES["creatinine_above_1_5"]))[0] == word


def test_who_is_above_the_value_at_baseline_is_followed_for_kidney_failure_and_death_only():
    visits = assessments(("P1", 100, 2.5, 30), baseline=1.6)
    found = outcomes(cohort(1000), visits, events(("P1", "death", 900, None)),
                     rule=WORSENING_RULES["creatinine_above_1_5"])  # fmt: skip
    assert summary(found) == ("death", 900)
    assert found.is_worsening_assessable.tolist() == [False]
    at_the_limit = outcomes(cohort(1000), assessments(("P1", 100, 2.5, 30), baseline=1.5),
                            rule=WORSENING_RULES["creatinine_above_1_5"])  # fmt: skip
    assert at_the_limit.is_worsening_assessable.tolist() == [True]


def test_visits_up_to_time_zero_and_after_the_end_of_follow_up_are_not_read():
    visits = assessments(("P1", -60, 3.0, 20), ("P1", 0, 3.0, 20), ("P1", 900, 0.8, 100), ("P1", 1001, 3.0, 20),
                         ("P1", 1100, 3.0, 20))  # fmt: skip
    assert summary(outcomes(cohort(1000), visits)) == ("censored", 1000)


def test_a_missing_baseline_creatinine_leaves_the_composite_missing_but_not_the_rest():
    visits = assessments(("P1", 100, 3.0, 20), ("P1", 200, 3.0, 20), baseline=np.nan)
    found = outcomes(cohort(1000), visits, events(("P1", "death", 1000, None)))
    assert summary(found) == (None, None)
    assert summary(found, "esrd") == summary(found, "death") == ("death", 1000)
    assert found.not_at_risk.tolist() == ["no creatinine to compare with"]


def test_a_patient_without_any_later_visit_is_followed_for_the_other_parts():
    found = outcomes(cohort(1000), happened=events(("P1", "transplant", 500, None)))
    assert summary(found) == ("esrd", 500)


@pytest.mark.parametrize(
    ("end", "word"), [(100 + 89, "censored"), (100 + 90, "esrd"), (None, "esrd"), (1000, "esrd")]
)
def test_dialysis_is_kidney_failure_from_ninety_days_on_or_when_it_never_stopped(end, word):
    found = outcomes(cohort(1000), happened=events(("P1", "dialysis", 100, end)))
    assert summary(found, "esrd") == (word, 100 if word == "esrd" else 1000)


@pytest.mark.parametrize(("last", "word"), [(189, "censored"), (190, "esrd"), (191, "esrd")])
def test_filtration_below_fifteen_is_kidney_failure_when_it_lasts_ninety_days(last, word):
    visits = assessments(("P1", 0, 0.8, 100), ("P1", 100, 1.0, 14.9), ("P1", last, 1.0, 14.9))
    assert summary(outcomes(cohort(1000), visits), "esrd")[0] == word


def test_worsening_is_not_read_from_the_day_of_kidney_failure_on():
    visits = assessments(("P1", 0, 0.8, 100), ("P1", 100, 1.7, 40), ("P1", 200, 5.0, 16), ("P1", 240, 5.0, 16))
    with_failure = outcomes(cohort(1000), visits, events(("P1", "dialysis", 150, None)))
    assert summary(with_failure) == ("esrd", 150)  # day 100 stands alone, its confirmation came on dialysis
    assert with_failure.worsening_month.isna().all()
    before = outcomes(cohort(1000), visits, events(("P1", "dialysis", 201, None)))
    assert summary(before) == ("worsening_creatinine", 100)
    assert summary(before, "esrd") == ("esrd", 201)
    on_the_day = outcomes(cohort(1000), visits, events(("P1", "dialysis", 200, None)))
    assert summary(on_the_day) == ("esrd", 200)


def test_of_two_parts_on_one_day_the_gravest_gives_the_name():
    visits = assessments(("P1", 100, 1.7, 14), ("P1", 200, 1.7, 14))
    assert summary(outcomes(cohort(1000), visits)) == ("esrd", 100)
    both = events(("P1", "dialysis", 1000, None), ("P1", "death", 1000, None))
    found = outcomes(cohort(1000), happened=both)
    assert summary(found) == summary(found, "esrd") == ("death", 1000)
    assert found.esrd_month.notna().all()


def test_an_event_on_the_last_day_counts_and_a_later_one_does_not():
    found = outcomes(cohort(1000, 999), happened=events(("P1", "death", 1000, None), ("P2", "death", 1000, None)),
                     visits=assessments(("P1", 0, 0.8, 100), ("P2", 0, 0.8, 100)))  # fmt: skip
    assert found.composite_status.tolist() == ["death", "censored"]


def test_a_time_of_zero_counts_as_half_a_day():
    found = outcomes(cohort(0), happened=events(("P1", "death", 0, None)))
    assert summary(found, "death") == ("death", 0.5)


def test_kidney_failure_by_time_zero_leaves_only_death_to_be_followed():
    for start, is_out in ((-1, True), (0, True), (1, False)):
        found = outcomes(cohort(1000), happened=events(("P1", "dialysis", start, None)))
        assert (summary(found)[0] is None) == is_out
        assert summary(found, "death") == ("censored", 1000)
        assert found.not_at_risk.tolist() == (["kidney failure before the start"] if is_out else [""])


def test_follow_up_that_ended_before_time_zero_gives_no_outcome_at_all():
    found = outcomes(cohort(-1))
    assert [summary(found, o)[0] for o in ("composite", "esrd", "death")] == [None] * 3
    assert found.not_at_risk.tolist() == ["follow-up ended before the start"]


def test_only_eligible_patients_have_a_row():
    people = pd.concat([cohort(1000), cohort(1000, eligible=False).assign(patient_id="P2")], ignore_index=True)
    assert outcomes(people).patient_id.tolist() == ["P1"]


def test_from_a_landmark_creatinine_is_held_against_its_last_value_up_to_it():
    visits = assessments(("P1", 0, 0.8, 100), ("P1", 300, 1.5, 60), ("P1", 365, None, None), ("P1", 500, 1.7, 50),
                         ("P1", 600, 3.0, 30), ("P1", 700, 3.0, 30))  # fmt: skip
    year = 365 / DAYS_PER_MONTH
    assert summary(outcomes(cohort(1000), visits)) == ("worsening_creatinine", 500)
    assert summary(outcomes(cohort(1000), visits, from_months=year)) == ("worsening_creatinine", 235)  # day 600
    no_later_value = assessments(("P1", 0, 0.8, 100), ("P1", 500, 1.6, 50), ("P1", 600, 1.6, 50))
    assert summary(outcomes(cohort(1000), no_later_value, from_months=year)) == ("worsening_creatinine", 135)


def test_who_is_not_followed_past_the_landmark_is_not_at_risk_there():
    year = 365.25 / DAYS_PER_MONTH
    found = outcomes(cohort(365, 366), visits=assessments(("P1", 0, 0.8, 100), ("P2", 0, 0.8, 100)), from_months=year)
    assert found.composite_status.isna().tolist() == [True, False]
    failed = outcomes(cohort(1000), happened=events(("P1", "transplant", 300, None)), from_months=year)
    assert failed.not_at_risk.tolist() == ["kidney failure before the start"]


def test_each_patient_is_judged_by_their_own_visits():
    visits = assessments(("P1", 100, 1.6, 50), ("P2", 140, 1.6, 50), ("P3", 100, 1.6, 50), ("P3", 140, 1.6, 50))
    found = outcomes(cohort(1000, 1000, 1000), visits)
    assert found.composite_status.tolist() == ["censored", "censored", "worsening_creatinine"]


def test_moving_all_dates_by_a_week_and_shuffling_rows_change_no_outcome():
    people = cohort(1000, 700, 400)
    visits = assessments(*((p, d, c, 50) for p in ("P1", "P2", "P3") for d, c in ((0, 0.8), (100, 1.6), (140, 1.7))))
    happened = events(("P2", "dialysis", 90, None), ("P3", "death", 400, None))
    before = outcomes(people, visits, happened)
    week = pd.Timedelta(days=7)
    moved = outcomes(
        people.assign(time_zero_date=people.time_zero_date + week, followup_end_date=people.followup_end_date + week),
        visits.assign(visit_date=visits.visit_date + week).sample(frac=1, random_state=1),
        happened.assign(event_date=happened.event_date + week, event_end_date=happened.event_end_date + week))
    pd.testing.assert_frame_equal(before.drop(columns="time_zero_date"), moved.drop(columns="time_zero_date"))
    assert before.composite_status.tolist() == ["worsening_creatinine", "esrd", "worsening_creatinine"]


def test_a_looser_rule_never_finds_fewer_patients_who_worsened():
    rng = np.random.default_rng(5)
    visits = assessments(*((f"P{p}", d, c, e) for p in range(1, 31) for d, c, e in zip(
        range(30, 600, 40), rng.uniform(0.6, 2.5, 15), rng.uniform(20, 120, 15), strict=True)))
    counts = [
        len(derive_worsening_dates(
            visits.assign(anchor_creatinine_mg_dl=0.8, anchor_egfr=100.0), rule=WORSENING_RULES[name]))
        for name in ("egfr_decline_57", "egfr_decline_40", "egfr_decline_30")
    ]
    assert counts == sorted(counts) and counts[0] < counts[-1]


def test_groups_come_from_the_label_and_only_the_labelled_have_a_month():
    table = outcomes(cohort(1000, 1000, 1000, 1000), visits=assessments(
        *((f"P{i}", 0, 0.8, 100) for i in range(1, 5))))
    labels = pd.DataFrame({"patient_id": ["P1", "P2", "P3"], "dtt": ["yes", "no", "cannot tell"],
                           "dtt_date": [day(180), pd.NaT, pd.NaT]})  # fmt: skip
    found = label_groups(table, labels=labels)
    assert found.group.tolist() == ["dtt", "other", "cannot tell", "cannot tell"]
    assert found.label_month.round(3).tolist()[0] == round(180 / DAYS_PER_MONTH, 3)
    assert found.label_month.isna().tolist() == [False, True, True, True]


def test_the_rule_for_kidney_failure_is_the_one_of_the_definitions():
    assert (ESRD.dialysis_days, ESRD.egfr_below, ESRD.egfr_days) == (90, 15.0, 90)
