"""The label arm by arm, and the second induction by whose it is: small tables that can be followed by hand."""

import numpy as np
import pandas as pd
import pytest

from helpers.definitions import ARMS
from helpers.survival.by_arm import compare_arms, estimate_by_arm, label_arms, summarise_arms
from helpers.survival.models import estimate_cox
from helpers.survival.risk_sets import derive_risk_periods
from helpers.survival.second_induction import derive_sequential_periods, estimate_second_induction
from helpers.survival.second_induction_checks import compare_second_inductions

FIRST, SECOND = ARMS[:2]


def make_people(n=200, *, seed=1, ratios=(4.0, 4.0)):
    """Outcomes and labels: two arms label a fifth of the patients each, and multiply the hazard by their ratio."""
    rng = np.random.default_rng(seed)
    arm = rng.choice([FIRST, SECOND, ""], n, p=[0.2, 0.2, 0.6])
    pace = np.select([arm == FIRST, arm == SECOND], ratios, default=1.0)
    months = 7 + rng.exponential(100 / pace)
    stop = np.minimum(months, 120.0)
    ids = [f"P{place}" for place in range(n)]
    outcomes = pd.DataFrame({
        "patient_id": ids, "composite_months": stop, "composite_status": np.where(months < 120, "esrd", "censored"),
        "group": np.where(arm == "", "other", "dtt"), "label_month": np.where(arm == "", np.nan, 6.0)})  # fmt: skip
    labels = pd.DataFrame({"patient_id": ids, "dtt_arm": pd.array(np.where(arm == "", None, arm), dtype="string"),
                           f"arm_{FIRST}": "no", f"arm_{SECOND}": "no"})  # fmt: skip
    return outcomes, labels


def run_test(outcomes, labels):
    return compare_arms(estimate_by_arm(outcomes, labels=labels), outcomes=outcomes, labels=labels)


def test_each_arm_stands_against_time_without_a_label_and_other_arms_are_left_out():
    outcomes, labels = make_people()
    table = estimate_by_arm(outcomes, labels=labels).set_index("term")
    assert table.index.tolist() == [FIRST, SECOND]
    periods = derive_risk_periods(outcomes, approach="timedependent", landmark_months=0.0)
    own = periods["patient_id"].map(labels.set_index("patient_id")["dtt_arm"]).eq(FIRST).fillna(False).to_numpy(bool)
    kept = periods.loc[periods["is_dtt"].eq(0) | own]
    assert table.loc[FIRST, "estimate"] == estimate_cox(kept)["estimate"][0]
    assert table.loc[FIRST, "labelled_n"] == labels["dtt_arm"].eq(FIRST).sum()
    assert table["events_after"].sum() == periods.loc[periods["is_dtt"].eq(1), "is_event"].sum()


def test_arms_that_differ_are_told_apart_and_equal_arms_are_not():
    same, differ = make_people(600, seed=2), make_people(600, seed=2, ratios=(1.0, 6.0))
    assert run_test(*same)["p"][0] > 0.05
    test = run_test(*differ)
    assert test["p"][0] < 0.001 and test["df"][0] == 1
    assert label_arms(test) == "speaks for ratios that differ between the arms"
    assert summarise_arms(test)["survival.by_arm.one_ratio.p"]["value"] == test["p"][0]


def test_arms_without_an_outcome_or_without_a_label_are_missing_and_say_why():
    outcomes, labels = make_people(80)
    is_first = labels["dtt_arm"].eq(FIRST).fillna(False).to_numpy(bool)
    outcomes["composite_status"] = outcomes["composite_status"].mask(is_first, "censored")
    table = estimate_by_arm(outcomes, labels=labels).set_index("term")
    assert table.loc[FIRST, "note"] == "no event on one side" and np.isnan(table.loc[FIRST, "estimate"])
    test = run_test(outcomes, labels)
    assert test["note"][0] == "fewer than two arms to compare" and label_arms(test) == "could not be made"
    nobody = outcomes.assign(group="other", label_month=np.nan)
    assert set(estimate_by_arm(nobody, labels=labels.assign(dtt_arm=pd.NA))["note"]) == {"no such label"}
    quiet = estimate_by_arm(outcomes.assign(composite_status="censored"), labels=labels)
    assert set(quiet["note"]) == {"no event"}


def test_a_cohort_that_nobody_belongs_to_has_rows_and_notes():
    outcomes, labels = make_people(20)
    assert estimate_by_arm(outcomes.iloc[:0], labels=labels)["estimate"].isna().all()
    assert np.isnan(run_test(outcomes.iloc[:0], labels)["p"][0])


def make_starts(outcomes, *, seed=5):
    rng = np.random.default_rng(seed)
    who = rng.random(len(outcomes)) < 0.5
    return pd.Series(rng.uniform(1, 40, who.sum()), index=outcomes.loc[who, "patient_id"])


def test_starts_are_split_by_the_label_and_nobody_is_in_both_parts():
    outcomes, _ = make_people()
    starts = make_starts(outcomes)
    table = compare_second_inductions(outcomes, starts=starts).set_index("term")
    assert table.loc["all", "estimate"] == estimate_second_induction(outcomes, starts=starts)["estimate"][0]
    for column in ("starts_n", "events_after"):
        assert table.loc["labelled", column] + table.loc["unlabelled", column] == table.loc["all", column]
    opened = starts[starts < outcomes.set_index("patient_id")["composite_months"].reindex(starts.index)]
    label = outcomes.set_index("patient_id")["label_month"].reindex(opened.index)
    assert table.loc["labelled", "starts_n"] == (label <= opened).sum()


def test_the_compared_who_stay_keep_the_outcome_after_their_own_start():
    four = pd.DataFrame({"patient_id": list("ABCD"), "composite_months": [30.0, 20.0, 40.0, 10.0],
                         "composite_status": ["esrd", "death", "censored", "death"]}).assign(label_month=np.nan)
    starts = pd.Series({"A": 6.0, "B": 15.0})
    table = compare_second_inductions(four, starts=starts).set_index("term")
    assert table.loc["all", "events"] == 3 and table.loc["stay", "n"] == 4
    leave, stay = (
        derive_sequential_periods(four, starts=starts, leave=leave).query("start_of == 'A' and patient_id == 'B'")
        for leave in (True, False)
    )
    assert leave[["stop", "is_event"]].to_numpy().tolist() == [[9.0, False]]
    assert stay[["stop", "is_event"]].to_numpy().tolist() == [[14.0, True]]


@pytest.mark.parametrize("starts", [pd.Series(dtype=float), pd.Series({"P0": 500.0})])
def test_without_a_start_every_row_is_missing_and_says_why(starts):
    outcomes, _ = make_people(20)
    table = compare_second_inductions(outcomes, starts=starts)
    assert set(table["note"]) == {"no second induction"} and table["estimate"].isna().all()
    assert (table["starts_n"] == 0).all()
