"""Which template is true of a run: rules switched off, groups too small, nobody lost."""

import numpy as np
import pandas as pd
import pytest

from helpers.survival.sentences import (
    phrase_bounds,
    phrase_entry,
    phrase_loss,
    phrase_milestones,
    phrase_moving,
    phrase_overestimate,
    phrase_selection,
)
from helpers.survival.tipping import SCENARIOS

NAN = float("nan")


@pytest.mark.parametrize(("dtt", "other", "said", "unsaid"), [
    (0.004, 0.0, ["too high by", "the same here"], []),
    (NAN, 0.0, ["the same here"], ["the difficult-to-treat", "too high"]),
    (0.00049, NAN, ["the same here"], ["the others", "too high"]),
    (NAN, NAN, ["cannot be held against it"], ["{"]),
])  # fmt: skip
def test_an_overestimate_is_spoken_of_only_where_there_is_a_share_and_a_printed_difference(dtt, other, said, unsaid):
    table = pd.DataFrame({"term": ["kidney_failure_dtt_60", "kidney_failure_other_60"],
                          "overestimate_share": [dtt, other]})  # fmt: skip
    text = phrase_overestimate(table)
    assert all(words in text for words in said) and not any(words in text for words in unsaid)


@pytest.mark.parametrize(("rule", "untold", "said", "unsaid"), [
    ("off", 3, "No least follow-up is in force", "leaves out {survival"),
    ("from_24m", 0, "The rule in force leaves out", "timedependent"),
    ("from_24m", 2, "take no part", "No least"),
])  # fmt: skip
def test_a_rule_that_is_off_leaves_nobody_out_and_two_ways_of_counting_are_named_where_they_differ(
    rule, untold, said, unsaid
):
    text = phrase_selection(pd.DataFrame({"term": [rule], "untold_n": [untold]}), rule=rule)
    assert said in text and unsaid not in text


@pytest.mark.parametrize(("short", "best", "said"), [
    (0, 0.1, "nothing to bound"), (3, NAN, "too few"), (3, 0.1, "Had none of the lost failed"),
])  # fmt: skip
def test_bounds_are_given_where_somebody_was_left_out_and_enough_are_at_risk(short, best, said):
    table = pd.DataFrame({"term": ["x"], "short_n": [short], "best_estimate": [best], "worst_estimate": [0.2]})
    assert said in phrase_bounds(table, rule="x")


def test_without_a_least_follow_up_both_counts_are_the_same_and_nobody_is_spoken_of_as_alive_by_then():
    rates, shares = phrase_entry(0.0)
    assert "both counts are the same" in rates and "alive" not in shares and "{free}" not in shares
    rates, shares = phrase_entry(24.0)
    assert "from the least follow-up on" in rates and "of those alive at the least follow-up" in shares


@pytest.mark.parametrize(("late", "said", "unsaid"), [(2.0, "after it", "cannot"), (NAN, "cannot both", "reading")])
def test_two_parts_of_the_time_are_read_only_where_both_have_a_ratio(late, said, unsaid):
    moving = pd.DataFrame({"term": ["timedependent.early", "timedependent.late"], "estimate": [1.5, late]})
    tests = pd.DataFrame({"term": ["timedependent", "landmark"], "p": [0.3, 0.01]})
    text = phrase_moving(moving, tests=tests)
    assert said in text and unsaid not in text
    assert "gives no clear sign against one hazard" in text and "speaks against one ratio" in text


@pytest.mark.parametrize(("one", "five", "said"), [
    (-2.0, -9.0, "five years after"), (-2.0, NAN, "at the other milestone too few"), (NAN, NAN, "cannot be compared"),
])  # fmt: skip
def test_milestones_without_enough_at_risk_are_not_read(one, five, said):
    text = phrase_milestones(pd.DataFrame({"term": ["m12", "m60"], "estimate": [one, five]}))
    assert said in text and text.count("percentage points") == np.isfinite([one, five]).sum()


def suppose(lost, estimate, *, turned=()):
    """A grid of three suppositions per scenario; in those of `turned` the last one turns the verdict."""
    rows = [{"scenario": name, "delta": delta, "label": "", "lost_n": lost, "estimate": estimate,
             "verdict": "lower than" if name in turned and delta > 1 else "higher than"}
            for name in SCENARIOS for delta in (0.0, 1.0, np.inf)]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.mark.parametrize(("lost", "estimate", "turned", "said", "unsaid"), [
    (0, 1.0, (), "nothing to suppose", "extreme"), (3, NAN, (), "no finite hazard ratio", "extreme"),
    (3, 2.0, (), "either group alone", "{dtt}"), (3, 2.0, ("all",), "{opposed}", "either group"),
])  # fmt: skip
def test_the_lost_are_supposed_about_only_where_there_are_any_and_one_verdict_is_said_once(
    lost, estimate, turned, said, unsaid
):
    text = phrase_loss(suppose(lost, estimate, turned=turned))
    assert said in text and unsaid not in text
