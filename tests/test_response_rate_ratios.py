"""Ratios of rates from state to state: against R, by hand where patients are few, and at the edges."""


import numpy as np
import pandas as pd
import pytest
from golden_values import read_golden
from test_response_visits_intensity import LOADERS

from helpers.response.rate_ratios import RATIOS, estimate_transition_ratios, summarise_ratio_facts

GOLDEN = read_golden("rate_ratios")
Z = 1.959963984540054
PAIR = [("complete", "flare")]


def as_periods(data: pd.DataFrame) -> pd.DataFrame:
    """The data set as time in complete response: the exposed are labelled, an event is a flare."""
    return pd.DataFrame({
        "patient_id": data.id, "group": np.where(data.z.eq(1), "dtt", "other"), "start": data.start.astype(float),
        "stop": data.stop.astype(float), "state": "complete", "to": np.where(data.event.eq(1), "flare", None),
    }).query("stop > start")  # fmt: skip


def make_periods(*rows: tuple[str, str, float, float, str | None]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["patient_id", "group", "start", "stop", "to"]).assign(state="complete")
    return table.astype({"start": float, "stop": float, "group": object, "to": object})


@pytest.mark.parametrize("name", LOADERS)
def test_the_ratio_and_the_error_with_patients_as_units_are_those_of_r(name):
    golden = GOLDEN[name]["values"]
    found = estimate_transition_ratios(as_periods(LOADERS[name]()), transitions=PAIR).iloc[0]
    assert [found.dtt_events, found.other_events] == golden["events"]
    assert np.log(found.estimate) == pytest.approx(golden["log_ratio"], abs=1e-6)
    assert np.log(found.high / found.low) / 2 / Z == pytest.approx(golden["robust_error"], abs=1e-6)
    assert found.limits == "patients as units"


@pytest.mark.parametrize("name", LOADERS)
def test_with_few_patients_the_limits_are_those_of_the_exact_test(name, monkeypatch):
    monkeypatch.setattr("helpers.response.rate_ratios.FEWEST_PATIENTS", 10_000)
    golden, periods = GOLDEN[name]["values"], as_periods(LOADERS[name]())
    periods["patient_id"] = np.arange(len(periods))
    found = estimate_transition_ratios(periods, transitions=PAIR).iloc[0]
    expected = [golden["exact"], golden["exact_low"], golden["exact_high"]]
    np.testing.assert_allclose(found[["estimate", "low", "high"]].astype(float), expected, rtol=1e-6)
    assert found.limits == "exact" and np.isnan(found.matched_low) and np.isfinite(found.matched_estimate)


def test_few_patients_with_the_same_change_twice_have_a_ratio_and_no_limits():
    periods = make_periods(("A", "dtt", 0, 6, "flare"), ("A", "dtt", 6, 12, "flare"), ("B", "other", 0, 12, "flare"))
    found = estimate_transition_ratios(periods, transitions=PAIR).iloc[0]
    assert found.estimate == pytest.approx(2.0) and np.isnan(found.low) and "more than once" in found.limits


def test_without_an_event_in_one_group_one_exact_limit_is_left_and_without_any_nothing():
    one = make_periods(("A", "dtt", 0, 6, "flare"), ("B", "other", 0, 12, None))
    found = estimate_transition_ratios(one, transitions=PAIR).iloc[0]
    assert np.isnan(found.estimate) and found.low > 0 and np.isnan(found.high)
    other = estimate_transition_ratios(one.assign(group=["other", "dtt"]), transitions=PAIR).iloc[0]
    assert other.estimate == 0 and other.low == 0 and other.high > 0
    none = estimate_transition_ratios(one.assign(to=None), transitions=PAIR).iloc[0]
    assert none[["estimate", "low", "high"]].isna().all() and none.dtt_events == 0


def test_a_group_that_was_never_in_the_state_has_no_ratio_and_the_untold_count_in_none():
    periods = make_periods(("A", "dtt", 0, 6, "flare"), ("B", "cannot tell", 0, 12, "flare"))
    found = estimate_transition_ratios(periods, transitions=PAIR).iloc[0]
    assert found.n == 1 and np.isnan(found.estimate) and found.limits == "nobody at risk in one of the groups"
    assert len(estimate_transition_ratios(periods.iloc[:0])) == len(RATIOS)


def test_at_the_same_time_a_rate_that_falls_for_all_is_no_difference_between_groups():
    """Everybody flares often early and seldom late; the labelled are only looked at late."""
    early = [(f"E{i}", "other", 0, 1 + i / 10, "flare") for i in range(10)]
    late = [(f"{group}{i}", group, 10, 20 + i, "flare") for group in ("dtt", "other") for i in range(10)]
    found = estimate_transition_ratios(make_periods(*early, *late), transitions=PAIR).iloc[0]
    assert found.high < 1 and found.matched_estimate == pytest.approx(1.0)
    assert found.matched_low < 1 < found.matched_high


def test_the_ledger_keeps_both_ratios_against_one():
    periods = make_periods(("A", "dtt", 0, 6, "flare"), ("B", "other", 0, 12, "flare"))
    facts = summarise_ratio_facts(estimate_transition_ratios(periods, transitions=PAIR), origin="x")
    assert set(facts) == {f"response.transitions.complete_to_flare.{name}" for name in ("ratio", "matched_ratio")}
    assert facts["response.transitions.complete_to_flare.ratio"]["null"] == 1.0
