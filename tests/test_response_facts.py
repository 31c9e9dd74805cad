"""What the ledger keeps of chapter 5, the words of its sentences, and the headings of its tables."""

import pandas as pd
import pytest

from helpers.adverse import estimate_adverse_rates, estimate_adverse_ratios
from helpers.response import headings as response_headings
from helpers.response.facts import (
    label_median_reached,
    label_most_frequent,
    summarise_adverse_facts,
    summarise_median_facts,
    summarise_share_facts,
)

NAN = float("nan")


def test_shares_are_kept_by_group_month_and_the_words_of_the_ledger():
    rates = pd.DataFrame({
        "group": ["all", "dtt"], "point": ["3", "last"], "response": ["partial", "none"], "share": [0.2, 0.4],
        "share_low": [0.1, 0.3], "share_high": [0.3, 0.5], "n": [181, 57],
    })  # fmt: skip
    facts = summarise_share_facts(rates, origin="here")
    assert facts["all", "3", "pr"] == {
        "value": 0.2, "low": 0.1, "high": 0.3, "n": 181, "unit": "share", "origin": "here",
        "label": "Partial response at month 3, all patients"}  # fmt: skip
    assert facts["dtt", "last", "nr"]["label"] == "No response at the last follow-up, difficult to treat"


def test_medians_and_rates_keep_their_intervals_and_units():
    medians = pd.DataFrame({
        "outcome": ["complete"], "group": ["other"], "estimate": [5.0], "low": [4.0], "high": [NAN], "n": [124],
    })  # fmt: skip
    fact = summarise_median_facts(medians, origin="here")["complete", "other"]
    assert (fact["value"], fact["low"], fact["unit"], fact["n"]) == (5.0, 4.0, "months", 124)
    assert fact["label"] == "Median time to complete response, others"
    rates = pd.DataFrame({
        "group": ["all"], "adverse_event_type": ["other"], "label": ["Other"], "events_n": [7], "n": [181],
        "estimate": [1.0], "low": [0.5], "high": [2.0]})  # fmt: skip
    rate = summarise_adverse_facts(rates, origin="here")["all", "other"]
    assert (rate["value"], rate["n"], rate["unit"], rate["label"]) == (
        1.0, 181, "per 100 patient-years", "Other, all patients")  # fmt: skip


@pytest.mark.parametrize(
    ("n", "estimate", "words"),
    [(5, 6.0, "reached by half of them"), (5, NAN, "never reached by half of them"),
     (0, NAN, "not estimable, as there are none of them")],
)  # fmt: skip
def test_a_median_that_was_never_reached_is_said_to_be_so(n, estimate, words):
    summary = pd.DataFrame({"outcome": ["complete"], "group": ["all"], "n": [n], "estimate": [estimate]})
    assert label_median_reached(summary, outcome="complete") == words


def test_the_most_frequent_is_named_and_nothing_is_named_when_nothing_happened():
    table = pd.DataFrame({"pair": ["a to b", "b to a"], "n": [1, 2]})
    assert label_most_frequent(table, names="pair", numbers="n", none="none") == "b to a"
    assert label_most_frequent(table.head(0), names="pair", numbers="n", none="none") == "none"
    assert label_most_frequent(table.assign(n=0), names="pair", numbers="n", none="none") == "none"


def test_the_headings_of_adverse_events_name_columns_that_exist():
    people = pd.DataFrame({"patient_id": ["A"], "group": ["dtt"], "followup_months": [60.0], "is_female": [True]})
    harms = pd.DataFrame({"patient_id": ["A"], "month": [1.0], "adverse_event_type": ["other"]})
    rates = estimate_adverse_rates(harms, followup=people)
    assert set(response_headings.ADVERSE) == set(rates) - {"low", "high"}
    assert set(response_headings.RATIOS) == set(estimate_adverse_ratios(rates)) - {"low", "high"}
