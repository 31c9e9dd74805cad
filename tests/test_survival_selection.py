"""Who could enter: the rule off and on, what it hides, and the bounds, on patients counted by hand."""

import numpy as np
import pandas as pd
import pytest

from helpers.definitions import WORSENING_RULES, load_rulebook
from helpers.flow import stands_on
from helpers.parameters import Parameters
from helpers.stages import make_open_tables, make_tables
from helpers.survival import derive_outcomes, label_groups
from helpers.survival.curves import FEWEST_AT_RISK
from helpers.survival.facts_time_zero import summarise_entry, summarise_selection
from helpers.survival.models import estimate_cox
from helpers.survival.risk_sets import derive_risk_periods
from helpers.survival.selection import (
    compare_entry_rules,
    delay_entry,
    derive_entry_rules,
    estimate_entry_bounds,
)
from helpers.survival.shares import summarise_rates
from helpers.survival.summaries import estimate_rates
from helpers.synthetic import simulate_cohort


def people(*rows):
    """Rows of (months followed, what ended them, group, month of the label); nothing happens on the way."""
    table = pd.DataFrame(rows, columns=["followup_months", "word", "group", "label_month"])
    months, word = table.followup_months.astype(float), table.pop("word")
    for outcome in ("composite", "esrd", "death"):
        counted = word.eq("death") | (word.eq("esrd") & (outcome != "death"))
        table[f"{outcome}_months"], table[f"{outcome}_status"] = months, word.where(counted, "censored")
    for part in ("esrd", "death"):
        table[f"{part}_month"] = months.where(word.eq(part))
    return table.assign(followup_months=months, label_month=table.label_month.astype(float),
                        patient_id=[f"P{i + 1}" for i in range(len(table))])  # fmt: skip


SIX = people((3, "death", "cannot tell", None), (5, "censored", "cannot tell", None), (6, "esrd", "other", None),
             (30, "death", "dtt", 4), (40, "censored", "dtt", 2), (50, "esrd", "other", None))  # fmt: skip


def test_each_rule_keeps_those_followed_for_at_least_so_long_and_counts_what_it_hides():
    found = compare_entry_rules(SIX, months=(0, 6, 12), in_force=6.0).set_index("term")
    assert found.index.tolist() == ["off", "from_6m", "from_12m"]
    assert found.n.tolist() == [6, 4, 3]  # exactly six months is enough
    assert found.untold_n.tolist() == [2, 0, 0] and found.dtt_n.tolist() == [2, 2, 2]
    assert found.hidden_n.tolist() == [0, 2, 3]
    assert found.hidden_events_n.tolist() == [0, 1, 2] and found.hidden_death_n.tolist() == [0, 1, 1]
    assert found.events_n.tolist() == [4, 3, 2] and found.esrd_n.tolist() == [2, 2, 1]


def test_the_rule_in_force_is_a_row_of_its_own_and_is_named():
    assert derive_entry_rules((0, 6), in_force=4.5).label.tolist() == [
        "Off: everybody", "At least 4.5 months (in force)", "At least 6 months"]  # fmt: skip
    assert derive_entry_rules((0, 6), in_force=0.0).label.tolist() == ["Off: everybody (in force)", "At least 6 months"]
    assert derive_entry_rules((0,), in_force=4.5).term.tolist() == ["off", "from_4_5m"]


def test_delayed_entry_leaves_out_what_ended_by_then_and_starts_the_rest_late():
    periods = pd.DataFrame({"patient_id": list("AABC"), "start": [0.0, 5, 0, 0], "stop": [5.0, 20, 6, 6.1]})
    found = delay_entry(periods, entry_months=6.0)
    assert found[["patient_id", "start", "stop"]].to_numpy().tolist() == [["A", 6, 20], ["C", 6, 6.1]]


def big(n=400, seed=4):
    rng = np.random.default_rng(seed)
    months = np.minimum(rng.exponential(40, n), rng.uniform(1, 120, n)).round(1) + 0.1
    group = rng.choice(["dtt", "other"], n)
    word = rng.choice(["death", "esrd", "censored"], n)
    label = np.where(group == "dtt", np.minimum(rng.uniform(1, 20, n), months / 2), np.nan)
    return people(*zip(months, word, group, label, strict=True))


def test_delayed_entry_of_everybody_is_that_of_the_kept_and_death_is_the_same_by_both():
    table = big()
    found = compare_entry_rules(table, in_force=12.0).set_index("term").loc["from_12m"]
    everybody = derive_risk_periods(table, approach="timedependent", landmark_months=0)
    assert estimate_cox(delay_entry(everybody, entry_months=12.0)).estimate[0] == pytest.approx(found.late_estimate)
    deaths = derive_risk_periods(table, approach="timedependent", landmark_months=0, outcome="death")
    assert estimate_cox(delay_entry(deaths, entry_months=12.0)).estimate[0] == pytest.approx(found.death_estimate)


def test_a_label_that_cannot_be_told_counts_as_unlabelled_time():
    table = big()
    untold = table.assign(group=table.group.replace("other", "cannot tell"))
    one, two = (compare_entry_rules(rows, in_force=0.0).estimate for rows in (table, untold))
    assert one.tolist() == two.tolist()


def test_bounds_let_none_or_all_of_the_lost_fail():
    lost = [(2, "censored", "other", None)] * 5
    kept = [(100, "censored", "other", None)] * 14 + [(30, "esrd", "other", None)]
    table = people((3, "death", "other", None), *lost, *kept)
    found = estimate_entry_bounds(table, months=(0, 6), in_force=6.0).set_index("term")
    row = found.loc["from_6m"]
    assert (row.n, row.short_n, row.short_failed_n, row.short_lost_n, row.at_risk) == (15, 6, 1, 5, 14)
    assert row.estimate == pytest.approx(1 / 15)
    assert row.best_estimate == pytest.approx(2 / 21) and row.worst_estimate == pytest.approx(7 / 21)
    off = found.loc["off"]
    assert off.estimate == pytest.approx(1 - 15 / 16 * 14 / 15)  # death at three, after the loss of five
    assert (off.best_estimate, off.worst_estimate) == (off.estimate, off.estimate)


def test_bounds_hold_the_share_of_everybody_and_widen_with_the_rule():
    found = estimate_entry_bounds(big(), in_force=24.0)
    everybody = found.estimate[0]
    assert (found.best_estimate <= everybody + 1e-12).all() and (everybody <= found.worst_estimate + 1e-12).all()
    assert found.best_estimate.is_monotonic_decreasing and found.worst_estimate.is_monotonic_increasing


def test_where_too_few_are_at_risk_no_share_is_given():
    found = estimate_entry_bounds(big().head(FEWEST_AT_RISK - 1), in_force=24.0)
    assert found[["estimate", "low", "high"]].isna().all(axis=None)
    assert set(found.note) == {"too few at risk"}


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_hardly_anybody_gives_missing_ratios_and_no_error(rows):
    table = SIX.head(rows)
    found = compare_entry_rules(table, in_force=24.0)
    bounds = estimate_entry_bounds(table, in_force=24.0)
    assert found.estimate.isna().all() and (found.note != "").all()
    facts = summarise_selection(found, bounds=bounds, in_force=24.0)
    assert facts["survival.selection.hidden.n"]["value"] == rows


def test_the_ledger_gets_the_rule_in_force_and_the_numbers_from_the_least_follow_up_on():
    table = big()
    rules, bounds = compare_entry_rules(table, in_force=12.0), estimate_entry_bounds(table, in_force=12.0)
    facts = summarise_selection(rules, bounds=bounds, in_force=12.0)
    row = rules.set_index("term").loc["from_12m"]
    assert facts["survival.selection.hr"]["value"] == row.estimate
    assert facts["survival.selection.hidden.deaths"]["value"] == row.hidden_death_n
    best, worst = (facts[f"survival.selection.{end}.60m"]["value"] for end in ("best", "worst"))
    assert best <= facts["survival.selection.everybody.60m"]["value"] <= worst
    rates = summarise_rates(estimate_rates(table), origin="x")
    entry = summarise_entry(table, entry_months=12.0, rates=rates)
    assert entry["survival.entry.death.all.rate"]["value"] > 0
    assert {"survival.entry.esrd.dtt.cif.60m", "survival.entry.death.other.cif.60m"} <= set(entry)


def test_the_open_tables_hold_the_rows_of_every_other_least_follow_up():
    raw = simulate_cohort(n=80, seed=3)
    rules = load_rulebook("")
    opened = make_open_tables(raw, Parameters(), rulebook=rules, made_under={})
    everybody = opened["dtt_labels"].set_index("patient_id")
    for months in (6.0, 24.0):
        closed = make_tables(raw, Parameters(minimum_followup_months=months))
        labels = closed["dtt_labels"].set_index("patient_id")
        pd.testing.assert_frame_equal(labels, everybody.loc[labels.index])
        eligible = opened["cohort"].loc[opened["cohort"].is_eligible & (opened["cohort"].followup_months >= months)]
        assert eligible.patient_id.tolist() == labels.index.tolist()


def test_the_open_tables_follow_the_parameters_under_which_the_run_made_its_tables():
    raw = simulate_cohort(n=60, seed=3)
    made = Parameters(dtt_arms=["failure_6m"], time_zero="biopsy", minimum_followup_months=12.0)
    made_under = {name: value for maker in stands_on("04_survival") for name, value in made.used_by(maker).items()}
    found = make_open_tables(raw, Parameters(), rulebook=load_rulebook(""), made_under=made_under)
    assert "arm_early_flare" not in found["dtt_labels"]
    again = make_tables(raw, made.model_copy(update={"minimum_followup_months": 0.0}))
    pd.testing.assert_frame_equal(found["cohort"], again["cohort"])


@pytest.mark.parametrize(("n", "seed"), [(4, 1), (30, 5)])
def test_any_simulated_cohort_goes_through_the_rules(n, seed):
    raw = simulate_cohort(n=n, seed=seed)
    tables = make_open_tables(raw, Parameters(), rulebook=load_rulebook(""), made_under={})
    outcomes = derive_outcomes(tables["assessments"], cohort=tables["cohort"], events=raw["events"],
                               worsening=WORSENING_RULES["confirmed_doubling"])  # fmt: skip
    labelled = label_groups(outcomes, labels=tables["dtt_labels"])
    found = compare_entry_rules(labelled, in_force=24.0)
    assert (found.estimate.notna() == (found.note == "")).all() and found.n.is_monotonic_decreasing
    assert len(estimate_entry_bounds(labelled, in_force=24.0)) == 4
