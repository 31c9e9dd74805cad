"""Time to response: what ends the wait, which visit counts, and what is said when half never respond."""

import numpy as np
import pandas as pd
import pytest

from helpers.response.times import (
    CURVE_MONTHS,
    derive_response_times,
    estimate_response_incidence,
    summarise_response_times,
)

NEVER = float("nan")


def visits(*rows: tuple[str, float, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["patient_id", "month", "response"]).astype({"month": float})


def people(**ends: tuple[float, float, float]) -> pd.DataFrame:
    """Per patient: months of follow-up, month of death, month of kidney failure."""
    frame = pd.DataFrame(list(ends.values()), columns=["followup_months", "death_month", "esrd_month"], dtype=float)
    return frame.assign(patient_id=pd.Series(list(ends), dtype="object"), group="dtt")


def courses(*rows: tuple[str, int, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["patient_id", "course_number", "start_month"])


def first_of(seen, who, treated=None, outcome="complete", **options):
    """Months and status of the first patient."""
    table = derive_response_times(seen, followup=who, courses=courses() if treated is None else treated, **options)
    row = table.loc[table["outcome"].eq(outcome)].iloc[0]
    return row.months, row.status


def test_the_first_visit_in_response_ends_the_wait():
    seen = visits(("A", 6, "complete"), ("A", 3, "partial"), ("A", 2, "none"), ("A", 1, "cannot tell"))
    assert first_of(seen, people(A=(24, NEVER, NEVER))) == (6, "response")
    assert first_of(seen, people(A=(24, NEVER, NEVER)), outcome="any") == (3, "response")


def test_without_response_the_wait_ends_with_follow_up():
    assert first_of(visits(("A", 6, "none")), people(A=(24, NEVER, NEVER))) == (24, "censored")


@pytest.mark.parametrize(("month", "status"), [(5.9, "esrd"), (6.0, "esrd"), (6.1, "response")])
def test_kidney_failure_on_the_day_of_a_response_or_before_it_ends_the_wait(month, status):
    assert first_of(visits(("A", 6, "complete")), people(A=(24, NEVER, month)))[1] == status


def test_death_ends_the_wait_and_goes_before_kidney_failure_of_the_same_day():
    assert first_of(visits(), people(A=(9, 9, NEVER))) == (9, "death")
    assert first_of(visits(), people(A=(9, 9, 9))) == (9, "death")


def test_kidney_failure_before_time_zero_counts_at_zero():
    assert first_of(visits(), people(A=(9, NEVER, -1))) == (0, "esrd")


def test_a_second_induction_is_ignored_unless_asked_for():
    seen, who = visits(("A", 12, "complete")), people(A=(24, NEVER, NEVER))
    treated = courses(("A", 1, 0), ("A", 2, 7), ("A", 3, 9))
    assert first_of(seen, who, treated) == (12, "response")
    assert first_of(seen, who, treated, second_induction="competing") == (7, "second induction")


@pytest.mark.parametrize(("month", "status"), [(6.9, "response"), (7.0, "second induction"), (7.1, "second induction")])
def test_a_response_counts_for_the_first_course_until_the_day_before_the_second(month, status):
    seen, who = visits(("A", month, "complete")), people(A=(24, NEVER, NEVER))
    assert first_of(seen, who, courses(("A", 2, 7)), second_induction="competing")[1] == status


def test_curves_keep_death_and_kidney_failure_apart_from_response():
    seen = visits(("A", 2, "complete"), ("B", 4, "complete"))
    who = people(A=(9, NEVER, NEVER), B=(9, NEVER, NEVER), C=(3, 3, NEVER), D=(9, NEVER, 5))
    curves = estimate_response_incidence(derive_response_times(seen, followup=who, courses=courses()), at=[2, 9])
    end = curves.query("outcome == 'complete' and group == 'all' and time == 9").set_index("state")
    assert end.estimate.to_dict() == {"response": 0.5, "death": 0.25, "esrd": 0.25}
    start = curves.query("outcome == 'complete' and group == 'dtt' and time == 2").set_index("state")
    assert start.loc["response", ["estimate", "at_risk"]].tolist() == [0.25, 4]


def test_a_second_induction_has_a_curve_only_where_it_competes():
    who, treated = people(A=(24, NEVER, NEVER)), courses(("A", 2, 7))
    ignored = estimate_response_incidence(derive_response_times(visits(), followup=who, courses=treated))
    competing = estimate_response_incidence(
        derive_response_times(visits(), followup=who, courses=treated, second_induction="competing"))
    assert "second induction" not in set(ignored.state)
    assert competing.query("state == 'second induction'").estimate.max() == 1


def test_the_median_is_missing_when_half_never_respond_and_the_counts_say_why():
    seen = visits(("A", 2, "complete"), ("B", 5, "partial"))
    who = people(A=(9, NEVER, NEVER), B=(9, NEVER, NEVER), C=(3, 3, NEVER))
    times = derive_response_times(seen, followup=who, courses=courses())
    table = summarise_response_times(times, curves=estimate_response_incidence(times))
    assert table.term.tolist() == [f"{outcome}_{group}" for outcome in ("complete", "any") for group in (
        "all", "dtt", "other")]  # fmt: skip
    both = table.query("group == 'all'").set_index("outcome")
    assert np.isnan(both.loc["complete", "estimate"])
    assert both.loc["any", "estimate"] == 5
    assert both[["n", "responded_n", "competing_n"]].to_numpy().tolist() == [[3, 1, 1], [3, 2, 1]]


def test_patients_of_unknown_group_are_in_the_curve_of_all_only():
    who = people(A=(9, NEVER, NEVER)).assign(group="cannot tell")
    times = derive_response_times(visits(), followup=who, courses=courses())
    assert set(estimate_response_incidence(times).group) == {"all"}


def test_nobody_gives_empty_tables():
    times = derive_response_times(visits(), followup=people(), courses=courses())
    curves = estimate_response_incidence(times, at=CURVE_MONTHS)
    assert times.empty
    assert curves.empty
    assert summarise_response_times(times, curves=curves).n.tolist() == [0] * 6
