"""Curves, counts behind them, and the numbers that stand for a curve."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.survival.curves import (
    FEWEST_AT_RISK,
    choose_ticks,
    count_at_risk,
    derive_axis_end,
    estimate_incidence,
    estimate_survival,
    kaplan_meier,
    log_log_interval,
)
from helpers.survival.restricted_mean import estimate_restricted_mean
from helpers.survival.summaries import (
    count_first_events,
    estimate_followup,
    estimate_median,
    estimate_rates,
)


def deaths(*rows, group="dtt"):
    """Rows of (months, died?)."""
    months, died = zip(*rows, strict=True)
    return pd.DataFrame({"death_months": [float(m) for m in months], "group": group,
                         "death_status": ["death" if d else "censored" for d in died]})  # fmt: skip


FOUR = deaths((1, 1), (2, 1), (2, 0), (3, 0))


def test_an_event_and_a_censoring_on_one_day_count_the_event_first():
    found = estimate_survival(FOUR, outcome="death", at=[0, 1, 2, 3])
    assert found.estimate.tolist() == pytest.approx([1, 3 / 4, 3 / 4 * 2 / 3, 1 / 2])
    assert found.at_risk.tolist() == [4, 4, 3, 1]
    assert found.events.tolist() == [0, 1, 1, 0]
    # Greenwood by hand: S**2 * (1/(4*3) + 1/(3*2))
    assert found.standard_error.tolist()[2] == pytest.approx(0.5 * np.sqrt(1 / 12 + 1 / 6))


def test_by_default_there_is_a_row_for_zero_and_for_every_observed_month():
    assert estimate_survival(FOUR, outcome="death").month.tolist() == [0, 1, 2, 3]


def test_past_the_last_month_the_share_is_missing_unless_nobody_was_left():
    assert np.isnan(estimate_survival(FOUR, outcome="death", at=[3.01]).estimate[0])
    all_dead = estimate_survival(deaths((1, 1), (2, 1)), outcome="death", at=[2, 5])
    assert all_dead.estimate.tolist() == [0, 0]
    assert all_dead[["low", "high"]].isna().all(axis=None)


def test_without_an_event_the_curve_stays_at_one_and_has_no_interval():
    found = estimate_survival(deaths((5, 0), (6, 0)), outcome="death", at=[5])
    assert found[["estimate", "standard_error"]].iloc[0].tolist() == [1, 0]
    assert found[["low", "high"]].isna().all(axis=None)


def test_patients_without_an_outcome_or_a_group_take_no_part():
    extra = pd.DataFrame({"death_months": [np.nan, 1.0, 1.0], "death_status": [None, "death", "death"],
                          "group": ["dtt", "cannot tell", None]})  # fmt: skip
    found = estimate_survival(pd.concat([FOUR, extra]), outcome="death")
    pd.testing.assert_frame_equal(found, estimate_survival(FOUR, outcome="death"))
    assert estimate_survival(pd.concat([FOUR, extra]), outcome="death", by=None).n[0] == 6


def test_nobody_gives_an_empty_table_with_its_columns():
    found = estimate_survival(FOUR.iloc[:0], outcome="death")
    assert found.empty and "at_risk" in found
    assert count_at_risk(FOUR.iloc[:0], outcome="death", end=24.0).empty
    assert estimate_incidence(FOUR.iloc[:0], outcome="death").empty
    assert derive_axis_end(FOUR.iloc[:0], outcome="death") == 0


def test_delayed_entry_counts_a_row_only_after_its_start():
    months, survival, _ = kaplan_meier(np.array([2.0, 4.0, 5.0]), np.array([True, True, False]),
                                       start=np.array([0.0, 2.0, 1.0]))  # fmt: skip
    assert months.tolist() == [0, 2, 4]
    assert survival.tolist() == pytest.approx([1, 1 / 2, 1 / 4])  # a row that starts at 2 is not at risk at 2


def test_the_interval_stays_between_zero_and_one_and_holds_the_estimate():
    low, high = log_log_interval([0.02, 0.5, 0.98], [0.019, 0.2, 0.019])
    assert ((low > 0) & (low < [0.02, 0.5, 0.98]) & (high > [0.02, 0.5, 0.98]) & (high < 1)).all()


times = st.lists(st.tuples(st.integers(0, 40).map(lambda m: m / 4), st.booleans()), min_size=1, max_size=30)


@given(times)
@settings(max_examples=40, deadline=None)
def test_curves_start_at_one_never_rise_and_forget_the_order_of_rows(rows):
    table = deaths(*[(m + 0.1, d) for m, d in rows])
    found = estimate_survival(table, outcome="death")
    assert found.estimate[0] == 1
    assert (found.estimate.diff().dropna() <= 1e-12).all()
    assert found.estimate.between(0, 1).all() and (found.at_risk.diff().dropna() <= 0).all()
    pd.testing.assert_frame_equal(found, estimate_survival(table.iloc[::-1], outcome="death"))
    incidence = estimate_incidence(table, outcome="death", states=["death"])
    np.testing.assert_allclose(incidence.estimate, 1 - found.estimate, atol=1e-12)


def test_the_axis_stops_where_the_smaller_group_has_fewer_than_ten_left():
    assert FEWEST_AT_RISK == 10
    thirty = deaths(*[(m, 0) for m in range(1, 31)])
    others = deaths(*[(m, 0) for m in range(1, 101)], group="other")
    assert derive_axis_end(pd.concat([thirty, others]), outcome="death") == 21
    few = deaths(*[(m, 0) for m in range(1, 8)])
    assert derive_axis_end(few, outcome="death") == 4  # the fourth of seven: half of them are gone after it


@pytest.mark.parametrize(("end", "ticks"), [(96.0, 9), (97.0, 5), (500.0, 5), (2000.0, 17), (11.9, 2), (0.0, 1)])
def test_ticks_are_whole_years_and_not_too_many(end, ticks):
    found = choose_ticks(end)
    assert (len(found), found[0]) == (ticks, 0)
    assert max(found) <= end


def test_ticks_of_an_axis_that_starts_late_count_from_its_start():
    assert choose_ticks(47.0, start=24.0) == [24, 36]
    assert choose_ticks(30.0, start=24.0) == [24, 30]
    assert choose_ticks(0.0, start=24.0) == [24]
    found = count_at_risk(deaths((25, 0), (36, 0), (50, 0)), outcome="death", start=24.0, end=48.0)
    assert found[["month", "at_risk"]].to_numpy().tolist() == [[24, 3], [36, 2], [48, 1]]


def test_the_median_is_missing_when_half_is_never_reached_and_its_start_when_never_passed():
    never = estimate_median(deaths((1, 1), (2, 0), (3, 0)), outcome="death").iloc[0]
    assert np.isnan(never.estimate)
    flat_to_the_end = estimate_median(deaths((1, 1), (2, 1), (3, 0), (4, 0)), outcome="death").iloc[0]
    assert flat_to_the_end.estimate == 2
    below = estimate_median(deaths((1, 1), (2, 1), (3, 1)), outcome="death").iloc[0]
    assert below.estimate == 2


def test_follow_up_has_a_row_for_everybody_and_one_per_group_even_an_empty_one():
    table = pd.concat([deaths((10, 0), (20, 0), (30, 0)), deaths((99, 0), group="cannot tell")])
    found = estimate_followup(table)
    assert found.term.tolist() == ["all", "dtt", "other"]
    assert found.n.tolist() == [4, 3, 0]
    assert found.estimate.tolist()[:2] == [25, 20]  # of 10, 20, 30, 99 the curve is flat at one half from 20 to 30
    assert np.isnan(found.estimate[2])


def test_the_restricted_mean_of_two_certain_groups_has_no_interval():
    table = pd.concat([deaths((10, 0)), deaths((10, 0), group="other")])
    found = estimate_restricted_mean(table, outcome="death", until=5)
    assert found.estimate.tolist() == [5, 5, 1, 0]
    assert set(found.note) == {"no event"}
    assert found[["low", "high", "p"]].isna().all(axis=None)


def test_the_restricted_mean_is_missing_where_a_group_was_not_followed_that_long():
    table = pd.concat([deaths((10, 0)), deaths((3, 0), (2, 1), group="other")])
    found = estimate_restricted_mean(table, outcome="death", until=5).set_index("term")
    assert found.estimate.isna().tolist() == [False, True, True, True]
    assert found.note.tolist() == ["no event", "not observed so long", "no event", "no event"]
    everybody_died = estimate_restricted_mean(
        pd.concat([deaths((10, 0)), deaths((3, 1), (2, 1), group="other")]), outcome="death", until=5)
    assert everybody_died.estimate.tolist() == [5, 2.5, 2, 2.5]
    alone = estimate_restricted_mean(deaths((10, 0)), outcome="death", until=5).set_index("term")
    assert alone.loc["other", "n"] == 0 and np.isnan(alone.loc["difference", "estimate"])


def test_a_clear_loss_of_event_free_time_has_an_interval_below_zero():
    rng = np.random.default_rng(1)
    table = pd.concat([deaths(*[(m, 1) for m in rng.exponential(10, 100)]),
                       deaths(*[(m, 1) for m in rng.exponential(40, 100)], group="other")])  # fmt: skip
    ratio, difference = estimate_restricted_mean(table, outcome="death", until=30).tail(2).itertuples()
    assert ratio.low < ratio.estimate < ratio.high < 1 and ratio.p < 0.001
    assert difference.low < difference.estimate < difference.high < 0
    assert difference.p < 0.001
    assert difference.n == 200


PARTS = pd.DataFrame({
    "group": ["dtt", "dtt", "other", "other", "cannot tell", "dtt"],
    "composite_status": ["worsening_creatinine", "death", "esrd", "censored", "death", None],
    "composite_months": [12.0, 24.0, 12.0, 24.0, 6.0, np.nan],
    "esrd_status": ["esrd", "death", "esrd", "censored", "death", None],
    "esrd_months": [24.0, 24.0, 12.0, 24.0, 6.0, np.nan],
    "death_status": ["censored", "death", "censored", "censored", "death", "censored"],
    "death_months": [36.0, 24.0, 36.0, 24.0, 6.0, 60.0],
    "worsening_month": [12.0, np.nan, np.nan, np.nan, np.nan, np.nan],
    "esrd_month": [24.0, np.nan, 12.0, np.nan, np.nan, np.nan],
    "death_month": [np.nan, 24.0, np.nan, np.nan, 6.0, np.nan],
})  # fmt: skip


def test_first_events_add_up_and_a_later_part_counts_as_ever():
    found = count_first_events(PARTS).set_index("part")
    assert found.all_n.to_dict() == {"worsening_creatinine": 1, "esrd": 1, "death": 1, "any": 3}
    assert found.dtt_n.tolist() == [1, 0, 1, 2]
    assert found.dtt_ever_n.to_dict() == {"worsening_creatinine": 1, "esrd": 1, "death": 1, "any": 2}
    assert found.other_share.to_dict()["any"] == 0.5
    assert count_first_events(PARTS.iloc[:2]).other_share.isna().all()


def test_rates_count_each_outcome_over_its_own_time():
    found = estimate_rates(PARTS).set_index("term")
    assert found.loc["composite.dtt", ["events_n", "n", "person_years"]].tolist() == [2, 2, 3]
    assert found.loc["esrd.dtt", ["events_n", "person_years"]].tolist() == [1, 4]
    assert found.loc["death.dtt", ["events_n", "n", "person_years"]].tolist() == [1, 3, 10]
    assert found.loc["esrd.all", "estimate"] == pytest.approx(100 * 2 / 7)
    assert found.loc["death.other", ["estimate", "low"]].tolist() == [0, 0]
    assert found.loc["death.other", "high"] == pytest.approx(100 * 3.688879 / 5, rel=1e-6)  # -log(0.025), no events


def test_a_group_without_person_time_has_no_rate():
    found = estimate_rates(PARTS.loc[PARTS.group == "dtt"]).set_index("term")
    assert found.loc["esrd.other", ["estimate", "low", "high"]].isna().all()
    assert found.loc["esrd.other", "n"] == 0


def test_medians_of_nobody_are_missing_rows_and_no_warning():
    nobody = FOUR.iloc[:0]
    found = estimate_followup(nobody)
    assert found.term.tolist() == ["all", "dtt", "other"]
    assert found.n.tolist() == [0, 0, 0]
    assert found[["estimate", "low", "high"]].isna().all(axis=None)
    assert estimate_median(FOUR, outcome="death").n.tolist() == [4, 0]


def test_the_interval_of_a_restricted_mean_does_not_leave_its_range():
    table = pd.concat([deaths((1, 1), *[(20, 0)] * 4), deaths((1, 1), (2, 1), (20, 0), group="other")])
    found = estimate_restricted_mean(table, outcome="death", until=10).set_index("term")
    assert found.high["dtt"] == 10 and 0 <= found.low["other"] < found.high["other"] <= 10
    assert found.low["difference"] < 0 < found.high["difference"]
