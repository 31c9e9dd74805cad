"""Rates from state to state and the intensities added up: against R, by hand, and at the edges."""


import numpy as np
import pandas as pd
import pytest
from golden_values import read_golden
from multistate import LOADERS, STATES_OF, as_spells

from helpers.response.intensities import estimate_cumulative_intensities
from helpers.response.state_facts import (
    derive_rate_matrix,
    keep_seen_transitions,
    label_dispersion,
    summarise_rate_facts,
)
from helpers.response.states import STATES
from helpers.response.transitions import (
    derive_periods,
    estimate_transition_rates,
    list_transitions,
)

GOLDEN = read_golden("transitions")
NEVER = float("nan")
PAIRS = [name.removeprefix("rate.") for name in GOLDEN if name.startswith("rate.")]


def split(pair: str) -> tuple[str, str, str]:
    name = next(name for name in sorted(LOADERS, key=len, reverse=True) if pair.startswith(name))
    source, target = pair.removeprefix(f"{name}_").split("_to_")
    return name, source, target


def make_periods(*rows: tuple[str, str, float, float, str, str | None]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["patient_id", "group", "start", "stop", "state", "to"])
    return table.astype({"start": float, "stop": float})


@pytest.mark.parametrize("pair", PAIRS)
def test_rates_and_both_their_intervals_are_those_of_r(pair):
    name, *ends = split(pair)
    golden = GOLDEN[f"rate.{pair}"]["values"]
    rates = estimate_transition_rates(derive_periods(as_spells(LOADERS[name]())), states=STATES_OF[name])
    found = rates.loc[rates.group.eq("all") & rates.term.eq("_to_".join(ends))].iloc[0]
    assert (found.events, found.person_months) == (golden["events"], golden["time"])
    measured = [golden["estimate"] * 1200, golden["low"] * 1200, golden["high"] * 1200]
    np.testing.assert_allclose(found[["estimate", "low", "high"]].astype(float), measured, rtol=1e-6)
    robust = golden["estimate"] * 1200 * np.exp(np.array([-1, 1]) * 1.959963985 * golden["robust_log_error"])
    np.testing.assert_allclose(found[["robust_low", "robust_high"]].astype(float), robust, rtol=1e-6)


@pytest.mark.parametrize("pair", PAIRS)
def test_cumulative_intensities_and_their_robust_errors_are_those_of_survfit(pair):
    name, source, target = split(pair)
    golden = GOLDEN[f"intensity.{pair}"]["values"]
    periods = derive_periods(as_spells(LOADERS[name]()))
    found = estimate_cumulative_intensities(periods, transitions=[(source, target)])
    rows = np.searchsorted(found.month, golden["month"], side="right") - 1
    np.testing.assert_allclose(found.estimate.iloc[rows], golden["estimate"], rtol=1e-6)
    np.testing.assert_allclose(found.standard_error.iloc[rows], golden["standard_error"], rtol=1e-6, atol=1e-12)


def test_a_rate_is_events_over_the_time_in_the_state_left():
    periods = make_periods(
        ("A", "dtt", 0, 6, "complete", "flare"), ("A", "dtt", 6, 8, "flare", "complete"),
        ("A", "dtt", 8, 12, "complete", "flare"), ("B", "other", 0, 14, "complete", None))  # fmt: skip
    rates = estimate_transition_rates(periods).set_index(["group", "term"])
    row = rates.loc[("all", "complete_to_flare")]
    assert (row.events, row.patients_n, row.n, row.person_months) == (2, 1, 2, 24)
    assert row.estimate == pytest.approx(100) and row.low < 100 < row.high
    assert row.dispersion == pytest.approx(((2 - 10 / 12) ** 2 + (14 / 12) ** 2) / 2)
    assert np.isnan(row.robust_low), "one patient with an event says nothing on how patients differ"
    nothing = rates.loc[("other", "complete_to_flare")]
    assert nothing.estimate == 0 and nothing.high > 0 and np.isnan(nothing.dispersion)
    assert np.isnan(rates.loc[("dtt", "esrd_to_dead"), "estimate"])


def test_every_allowed_transition_has_a_row_in_every_group_also_without_patients():
    assert len(list_transitions()) == 31
    assert ("esrd", "complete") not in list_transitions() and ("esrd", "dead") in list_transitions()
    nobody = make_periods()
    rates = estimate_transition_rates(nobody)
    assert len(rates) == 93 and rates.estimate.isna().all() and rates.events.eq(0).all()
    assert estimate_cumulative_intensities(nobody).estimate.eq(0).all()
    assert keep_seen_transitions(rates).empty
    assert label_dispersion(rates) == "no change of state was seen"


def test_the_label_cuts_the_time_in_two_and_its_own_day_belongs_to_the_time_before():
    spells = pd.DataFrame({
        "patient_id": list("AABCD"), "group": ["dtt", "dtt", "other", "cannot tell", "dtt"],
        "month": [0.0, 6.0, 0.0, 0.0, 0.0], "state": ["active", "esrd", "active", "active", "active"],
        "until_month": [6.0, 9.0, 4.0, 5.0, 3.0],
    })  # fmt: skip
    cut = derive_periods(spells, label_months=pd.Series({"A": 6.0, "D": -1.0, "C": 1.0}))
    assert list(zip(cut.patient_id, cut.group, cut.start, cut.stop, strict=True)) == [
        ("A", "other", 0, 6), ("A", "dtt", 6, 9), ("B", "other", 0, 4), ("C", "cannot tell", 0, 5), ("D", "dtt", 0, 3)]
    assert cut.to.iloc[0] == "esrd" and cut.to.iloc[1:].isna().all()
    whole = derive_periods(spells)
    spent = [(table.stop - table.start).sum() for table in (cut, whole)]
    assert spent[0] == spent[1] and whole.to.notna().sum() == cut.to.notna().sum()


def test_who_comes_under_observation_later_is_not_at_risk_before():
    periods = make_periods(("A", "dtt", 0, 2, "complete", "flare"), ("B", "dtt", 3, 6, "complete", "flare"),
                           ("C", "dtt", 0, 6, "complete", None))  # fmt: skip
    found = estimate_cumulative_intensities(periods, transitions=[("complete", "flare")])
    assert found.month.tolist() == [0, 2, 6]
    assert found.estimate.tolist() == [0, 0.5, 1.0]
    assert found.at_risk.tolist() == [2, 2, 2]


def test_the_matrix_has_a_row_for_every_state_that_can_be_left():
    periods = make_periods(("A", "dtt", 0, 6, "complete", "flare"), ("B", "other", 0, 14, "complete", None))
    matrix = derive_rate_matrix(estimate_transition_rates(periods)).set_index("state")
    assert matrix.index.tolist() == [state for state in STATES if state != "dead"]
    assert matrix.loc["complete", "flare_estimate"] == pytest.approx(60)
    assert matrix.loc["complete", ["patients_n", "person_months"]].tolist() == [2, 20]
    assert np.isnan(matrix.loc["complete", "complete_estimate"]) and np.isnan(matrix.loc["esrd", "flare_estimate"])


def test_only_transitions_that_somebody_made_are_listed_side_by_side():
    periods = make_periods(("A", "dtt", 0, 6, "complete", "flare"), ("B", "other", 0, 14, "complete", None))
    table = keep_seen_transitions(estimate_transition_rates(periods))
    assert table.term.tolist() == ["complete_to_flare"]
    assert table[["all_events", "dtt_events", "other_events"]].iloc[0].tolist() == [1, 1, 0]
    assert table.dtt_estimate.iloc[0] == pytest.approx(200)


@pytest.mark.parametrize(("dispersion", "words"), [(1.0, "hardly"), (1.26, "more than the Poisson interval allows")])
def test_the_words_on_repeated_changes_follow_the_spread_between_patients(dispersion, words):
    rates = pd.DataFrame({"group": "all", "dispersion": [dispersion], "events": [20], "patients_n": [12]})
    assert words in label_dispersion(rates)
    assert "enough patients" in label_dispersion(rates.assign(patients_n=4))


def test_the_ledger_takes_the_headline_rates_by_group():
    periods = make_periods(("A", "dtt", 0, 6, "complete", "flare"), ("B", "other", 0, 14, "complete", None))
    facts = summarise_rate_facts(estimate_transition_rates(periods), terms=["complete_to_flare"], origin="x")
    assert set(facts) == {f"response.transitions.{group}.complete_to_flare.rate" for group in ("all", "dtt", "other")}
    fact = facts["response.transitions.dtt.complete_to_flare.rate"]
    assert fact["value"] == pytest.approx(200) and fact["n"] == 1 and fact["unit"] == "per 100 patient-years"
