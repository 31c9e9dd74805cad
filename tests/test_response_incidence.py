"""Cumulative incidence with competing events, against R and by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines.datasets import load_lymph_node

from helpers.incidence import estimate_cumulative_incidence, estimate_time_to_share

GOLDEN = Path(__file__).parent / "golden" / "cumulative_incidence.csv"
TIED = ([2, 2, 2, 3, 3, 5, 5, 6], ["cr", "death", "censored", "cr", "censored", "cr", "esrd", "censored"])


def lymph_node() -> pd.DataFrame:
    data = load_lymph_node()
    dies = data.censrec.eq(1) & data.rectime.eq(data.survtime) & data.censdead.eq(1)
    status = np.select([dies, data.censrec.eq(1)], ["death", "recurrence"], "censored")
    return pd.DataFrame({"month": np.ceil(data.rectime / 30), "status": status, "hormone": data.hormone})


@pytest.mark.parametrize("column", ["estimate", "standard_error", "low", "high"])
def test_incidence_error_and_interval_equal_those_of_survfit_under_many_ties(column):
    golden = pd.read_csv(GOLDEN, comment="#")
    data = lymph_node()
    found = estimate_cumulative_incidence(
        data.month, data.status, group=data.hormone, at=sorted(golden.time.unique())
    ).rename(columns={"group": "hormone"})
    both = golden.merge(found, on=["hormone", "time", "state"], suffixes=("_r", ""), validate="one_to_one")
    assert len(both) == len(golden) == 28
    np.testing.assert_allclose(both[column], both[f"{column}_r"], rtol=0, atol=1e-10)


def test_the_order_of_events_on_one_day_is_censoring_last():
    found = estimate_cumulative_incidence(*TIED, at=[2, 3, 5, 6]).set_index(["state", "time"])
    # by hand, at risk 8, 5 and 3: cr 1/8 (death 1/8), then 6/8 * 1/5, then 6/8 * 4/5 * 1/3
    assert found.loc["cr", "estimate"].tolist() == pytest.approx([1 / 8, 1 / 8 + 3 / 20, 0.275 + 0.2, 0.475])
    assert found.loc["esrd", "estimate"].tolist() == pytest.approx([0, 0, 0.2, 0.2])
    assert found.loc["cr", "at_risk"].tolist() == [8, 5, 3, 1]


def test_without_competing_events_it_is_one_minus_kaplan_meier_and_greenwood():
    found = estimate_cumulative_incidence([1, 2, 3, 4], ["cr", "censored", "cr", "censored"], at=[3]).iloc[0]
    assert found.estimate == pytest.approx(1 - 3 / 4 * 1 / 2)
    # infinitesimal jackknife: survival squared times the sum of d (n - d) / (n**3 (1 - d / n)**2)
    assert found.standard_error == pytest.approx(3 / 8 * np.sqrt(1 / 4 / 3 + 1 / 2 / 1), rel=1e-12)


def test_shares_of_all_states_add_up_to_one_when_nobody_is_censored():
    found = estimate_cumulative_incidence([1, 1, 2, 3], ["cr", "death", "cr", "esrd"], at=[3, 99])
    assert found.groupby("time").estimate.sum().tolist() == pytest.approx([1, 1])
    assert found.query("state == 'cr'").standard_error.tolist() == pytest.approx([0.25, 0.25])


def test_after_the_last_observed_time_the_estimate_is_missing_unless_nobody_was_left():
    found = estimate_cumulative_incidence([1, 2], ["cr", "censored"], at=[2, 2.01])
    assert found.estimate.isna().tolist() == [False, True]
    assert found.at_risk.tolist() == [1, 0]


def test_before_the_first_event_and_at_certainty_there_is_no_interval():
    found = estimate_cumulative_incidence([1, 2], ["cr", "cr"], at=[0, 1, 2])
    assert found.estimate.tolist() == [0, 0.5, 1]
    assert found[["low", "high"]].isna().all(axis=1).tolist() == [True, False, True]


def test_an_event_on_day_zero_counts_at_time_zero():
    assert estimate_cumulative_incidence([0, 1], ["cr", "censored"], at=[0]).estimate.tolist() == [0.5]


def test_states_that_were_asked_for_get_rows_even_when_they_never_occur():
    found = estimate_cumulative_incidence([1, 2], ["cr", "censored"], states=["cr", "death"])
    assert found.query("state == 'death'").estimate.tolist() == [0, 0, 0]
    assert found.state.unique().tolist() == ["cr", "death"]


def test_a_patient_without_a_group_is_left_out_and_a_group_sees_only_its_own():
    alone = estimate_cumulative_incidence(*TIED)
    times, status = TIED[0] + [1, 1], TIED[1] + ["cr", "cr"]
    found = estimate_cumulative_incidence(times, status, group=["dtt"] * 8 + [None, pd.NA])
    pd.testing.assert_frame_equal(found.drop(columns="group"), alone)


def test_no_patients_give_an_empty_table_with_its_columns():
    found = estimate_cumulative_incidence([], [])
    assert found.empty
    assert list(found) == ["state", "time", "estimate", "standard_error", "low", "high", "at_risk"]
    assert estimate_time_to_share(found).empty


@pytest.mark.parametrize(
    ("times", "status", "message"),
    [
        ([-1, 2], ["cr", "cr"], "not negative"),
        ([np.nan, 2], ["cr", "cr"], "must be known"),
        ([1, 2], ["cr", None], "status must be known"),
        ([1, 2], ["cr"], "differ in length"),
    ],
)
def test_unusable_times_or_status_are_refused(times, status, message):
    with pytest.raises(ValueError, match=message):
        estimate_cumulative_incidence(times, status)


def test_the_median_is_the_first_time_at_exactly_one_half_and_missing_when_never_reached():
    curves = estimate_cumulative_incidence([1, 2, 3, 4], ["cr", "cr", "death", "censored"])
    found = estimate_time_to_share(curves).set_index("state")
    assert found.estimate.tolist()[0] == 2
    assert found.estimate.isna().tolist() == [False, True]


def test_the_median_interval_is_where_the_curve_interval_holds_one_half():
    curves = pd.DataFrame({
        "state": "cr", "time": [1.0, 2, 3, 4, 5], "estimate": [0.2, 0.45, 0.5, 0.6, 0.7],
        "low": [0.1, 0.2, 0.3, 0.4999, 0.5], "high": [0.4999, 0.5, 0.6, 0.7, 0.8],
    })  # fmt: skip
    assert estimate_time_to_share(curves)[["estimate", "low", "high"]].iloc[0].tolist() == [3, 2, 5]


def test_the_median_has_no_upper_end_when_the_lower_limit_stays_below_one_half():
    curves = pd.DataFrame({
        "group": "dtt", "state": "cr", "time": [1.0, 2], "estimate": [0.4, 0.5], "low": [0.1, 0.2],
        "high": [0.6, 0.7],
    })  # fmt: skip
    found = estimate_time_to_share(curves).iloc[0]
    assert (found.group, found.low) == ("dtt", 1)
    assert np.isnan(found.high)


@given(st.lists(st.tuples(st.integers(0, 12), st.sampled_from(["response", "death", "esrd", "censored"])), min_size=1))
def test_incidences_never_fall_and_never_add_up_to_more_than_one(patients):
    times, status = zip(*patients, strict=True)
    found = estimate_cumulative_incidence(times, status, states=["response", "death", "esrd"])
    assert found.groupby("state").estimate.diff().dropna().ge(-1e-12).all()
    assert found.groupby("time").estimate.sum().le(1 + 1e-12).all()
    inside = found.dropna(subset=["low"])
    assert (inside.low <= inside.estimate).all() and (inside.estimate <= inside.high).all()


@given(st.lists(st.tuples(st.integers(0, 12), st.sampled_from(["response", "death", "censored"])), min_size=1))
def test_the_order_of_patients_changes_nothing(patients):
    times, status = zip(*patients, strict=True)
    found = estimate_cumulative_incidence(times, status, states=["response", "death"])
    again = estimate_cumulative_incidence(times[::-1], status[::-1], states=["response", "death"])
    pd.testing.assert_frame_equal(found, again)
