"""The clock from the second induction and the stratified Cox model, on patients that can be followed by hand."""

import numpy as np
import pandas as pd
import pytest

from helpers.survival.models import estimate_cox
from helpers.survival.second_induction import (
    derive_second_inductions,
    derive_sequential_periods,
    estimate_second_induction,
    keep_second_inductions,
)
from helpers.survival.stratified import estimate_stratified_cox, fit_stratified_cox


def people(*rows):
    """Rows of (months, status)."""
    table = pd.DataFrame(rows, columns=["composite_months", "composite_status"])
    return table.assign(patient_id=[f"P{i + 1}" for i in range(len(rows))],
                        composite_months=table.composite_months.astype(float))  # fmt: skip


FOUR = people((30, "esrd"), (20, "death"), (40, "censored"), (10, "death"))


def strata(table, starts):
    found = derive_sequential_periods(table, starts=pd.Series(starts, dtype=float))
    columns = ["start_of", "patient_id", "stop", "is_event", "is_exposed"]
    return found.sort_values(["start_of", "patient_id"])[columns].to_numpy().tolist()


def test_each_start_opens_a_stratum_with_all_who_had_needed_none_by_then():
    assert strata(FOUR, {"P1": 6, "P3": 15}) == [
        ["P1", "P1", 24, True, 1], ["P1", "P2", 14, True, 0], ["P1", "P3", 9, False, 0], ["P1", "P4", 4, True, 0],
        ["P3", "P2", 5, True, 0], ["P3", "P3", 25, False, 1]]  # fmt: skip


@pytest.mark.parametrize(("start", "rows"), [
    (9.9, ["P1", "P2", "P3", "P4"]),  # the fourth is still free of the outcome
    (10, ["P1", "P2", "P3"]),  # on the day of its outcome it is not
    (30, []), (31, []), (29.9, ["P1", "P3"]),
])  # fmt: skip
def test_whose_outcome_came_by_the_start_is_neither_compared_nor_a_start(start, rows):
    assert [row[1] for row in strata(FOUR, {"P1": start})] == rows


def test_an_outcome_on_the_day_of_a_comparators_own_start_still_counts():
    own = [row for row in strata(FOUR, {"P1": 6, "P2": 20}) if row[1] == "P2"]
    assert own == [["P1", "P2", 14, True, 0]]  # and opens no stratum of its own
    earlier = [row for row in strata(FOUR, {"P1": 6, "P2": 19.9}) if row[:2] == ["P1", "P2"]]
    assert earlier == [["P1", "P2", pytest.approx(13.9), False, 0]]


def test_two_starts_on_one_day_are_not_compared_with_each_other():
    assert strata(FOUR, {"P1": 6, "P3": 6}) == [
        ["P1", "P1", 24, True, 1], ["P1", "P2", 14, True, 0], ["P1", "P4", 4, True, 0],
        ["P3", "P2", 14, True, 0], ["P3", "P3", 34, False, 1], ["P3", "P4", 4, True, 0]]  # fmt: skip


def test_patients_without_an_outcome_take_no_part():
    table = FOUR.assign(composite_status=["esrd", None, "censored", "death"])
    assert {row[1] for row in strata(table, {"P1": 6, "P2": 3})} == {"P1", "P3", "P4"}


def test_the_row_counts_each_patient_once_however_often_compared():
    found = estimate_second_induction(FOUR, starts=pd.Series({"P1": 6.0, "P3": 15.0})).iloc[0]
    assert (found.term, found.n, found.events, found.dtt_n, found.events_dtt) == ("second_induction", 4, 3, 2, 1)
    assert found.person_months_dtt == 24 + 25
    assert found.person_months_other == (20 - 6) + (15 - 6) + (10 - 6)


@pytest.mark.parametrize(("table", "starts", "note"), [
    (FOUR, {}, "no second induction"),
    (FOUR.head(0), {}, "no second induction"),
    (FOUR.assign(composite_status="censored"), {"P1": 6.0}, "no event"),
    (FOUR.head(1), {"P1": 6.0}, "nobody to compare with"),
    (FOUR, {"P3": 6.0}, "the hazard ratio has no finite estimate"),  # no event after a start
])  # fmt: skip
def test_without_an_answer_the_row_is_missing_and_says_why(table, starts, note):
    found = estimate_second_induction(table, starts=pd.Series(starts, dtype=float)).iloc[0]
    assert found[["estimate", "low", "high", "p"]].isna().all()
    assert found.note == note


def test_second_inductions_are_second_courses_and_not_before_time_zero():
    courses = pd.DataFrame({"patient_id": ["A", "A", "A", "B", "C", "C"], "course_number": [1, 2, 3, 1, 1, 2],
                            "start_month": [0, 5, 9, 0, -4, -1]})  # fmt: skip
    assert derive_second_inductions(courses).to_dict() == {"A": 5.0, "C": 0.0}


def test_the_clock_of_those_with_a_second_induction_starts_on_its_day():
    found = keep_second_inductions(FOUR, starts=pd.Series({"P1": 6.0, "P2": 20.0, "P3": 15.0}))
    assert found[["patient_id", "composite_months"]].to_numpy().tolist() == [["P1", 24], ["P3", 25]]


def random_periods(n=300, seed=3):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 2, n)
    return pd.DataFrame({
        "patient_id": np.arange(n), "start": 0.0, "stop": np.ceil(rng.exponential(20 / (1 + x))),
        "is_event": rng.random(n) < 0.8, "is_exposed": x, "one": 1, "clinic": rng.integers(0, 5, n)})  # fmt: skip


def test_one_stratum_gives_the_ratio_of_the_plain_model_with_its_ties():
    periods = random_periods()
    plain = estimate_cox(periods, covariates=["is_exposed"]).iloc[0]
    found = estimate_stratified_cox(periods, stratum="one").iloc[0]
    assert found.estimate == pytest.approx(plain.estimate, abs=1e-9)
    assert found.low == pytest.approx(plain.low, rel=0.1)  # another variance, the same size


def test_writing_every_patient_twice_changes_neither_ratio_nor_robust_interval():
    periods = random_periods().assign(stop=lambda table: table.stop + np.arange(len(table)) / 1000)  # no ties
    twice = pd.concat([periods.assign(copy="a"), periods.assign(copy="b")])
    once = estimate_stratified_cox(periods, stratum="one").iloc[0]
    both = estimate_stratified_cox(twice, stratum="copy").iloc[0]
    assert both[["estimate", "low", "high"]].tolist() == pytest.approx(once[["estimate", "low", "high"]].tolist())
    assert (both.n, both.events) == (once.n, once.events)


def test_the_order_of_rows_and_the_names_of_strata_do_not_matter():
    periods = random_periods()
    shuffled = periods.sample(frac=1, random_state=1).assign(clinic=lambda table: "clinic " + table.clinic.astype(str))
    one, two = (fit_stratified_cox(rows, covariates=["is_exposed"], stratum="clinic", cluster="patient_id")
                for rows in (periods, shuffled))  # fmt: skip
    assert one.log_ratios == pytest.approx(two.log_ratios, abs=1e-10)
    assert one.covariance == pytest.approx(two.covariance, abs=1e-10)


def test_a_steep_ratio_is_reached_by_halved_steps():
    n = 400
    periods = pd.DataFrame({"patient_id": np.arange(n), "start": 0.0, "stop": np.arange(n) + 1.0, "is_event": True,
                            "is_exposed": (np.arange(n) < 20).astype(int), "one": 1})  # fmt: skip
    periods.loc[n - 1, "is_exposed"] = 1
    fit = fit_stratified_cox(periods, covariates=["is_exposed"], stratum="one", cluster="patient_id")
    assert np.exp(fit.log_ratios[0]) == pytest.approx(
        estimate_cox(periods, covariates=["is_exposed"]).estimate[0], rel=1e-8)
