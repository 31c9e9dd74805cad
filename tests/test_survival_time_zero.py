"""Time zero: naive, landmark and time-dependent, on patients whose months can be added up by hand."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from helpers.definitions import WORSENING_RULES
from helpers.figures.time_zero import draw_time_zero
from helpers.parameters import Parameters
from helpers.stages import make_tables
from helpers.survival import derive_outcomes, label_groups
from helpers.survival.criteria import estimate_parts
from helpers.survival.curves import FEWEST_AT_RISK
from helpers.survival.facts_time_zero import label_dilution, label_sides, summarise_time_zero
from helpers.survival.risk_sets import derive_risk_periods, keep_landmark
from helpers.survival.second_induction import derive_second_inductions
from helpers.survival.shares import (
    estimate_shares,
    label_agreement,
    label_difference,
    label_proportionality,
    label_shift,
    summarise_rates,
    summarise_shares,
)
from helpers.survival.summaries import estimate_rates
from helpers.survival.time_zero import (
    LANDMARKS,
    compare_time_zero_hazards,
    estimate_time_zero,
    summarise_immortal_time,
)
from helpers.survival.time_zero_curves import derive_time_zero_curves
from helpers.synthetic import simulate_cohort


def people(*rows):
    """Rows of (months, status, group, month of the label)."""
    table = pd.DataFrame(rows, columns=["composite_months", "composite_status", "group", "label_month"])
    return table.assign(patient_id=[f"P{i + 1}" for i in range(len(rows))],
                        label_month=table.label_month.astype(float),
                        composite_months=table.composite_months.astype(float))  # fmt: skip


FIVE = people(
    (60, "censored", "dtt", 6),
    (40, "esrd", "dtt", 30),
    (10, "death", "dtt", 10),  # outcome on the day of the label
    (50, "worsening_creatinine", "other", None),
    (24, "censored", "other", None),  # ends at the landmark
)


def as_rows(periods):
    return periods[["patient_id", "start", "stop", "is_event", "is_dtt"]].to_numpy().tolist()


def test_the_naive_periods_run_from_zero_in_the_final_group():
    assert as_rows(derive_risk_periods(FIVE, approach="naive", landmark_months=24)) == [
        ["P1", 0, 60, False, 1], ["P2", 0, 40, True, 1], ["P3", 0, 10, True, 1],
        ["P4", 0, 50, True, 0], ["P5", 0, 24, False, 0]]  # fmt: skip


def test_the_landmark_keeps_who_is_still_observed_in_the_group_known_by_then():
    assert as_rows(derive_risk_periods(FIVE, approach="landmark", landmark_months=24)) == [
        ["P1", 0, 36, False, 1], ["P2", 0, 16, True, 0], ["P4", 0, 26, True, 0]]  # fmt: skip
    second = FIVE.iloc[[1]]
    assert keep_landmark(second, landmark_months=30).group.tolist() == ["dtt"]  # labelled on the day of the landmark
    assert keep_landmark(second, landmark_months=29.99).label_month.isna().all()


def test_the_time_dependent_periods_change_over_on_the_day_of_the_label():
    assert as_rows(derive_risk_periods(FIVE, approach="timedependent", landmark_months=24)) == [
        ["P1", 0, 6, False, 0], ["P1", 6, 60, False, 1], ["P2", 0, 30, False, 0], ["P2", 30, 40, True, 1],
        ["P3", 0, 10, True, 0], ["P4", 0, 50, True, 0], ["P5", 0, 24, False, 0]]  # fmt: skip


@pytest.mark.parametrize(("label", "rows"), [
    (19.9, [["P1", 0, 19.9, False, 0], ["P1", 19.9, 20, True, 1]]),
    (20, [["P1", 0, 20, True, 0]]),  # the tie belongs to the time before the label
    (20.1, [["P1", 0, 20, True, 0]]),
    (0, [["P1", 0, 20, True, 1]]),
    (-1, [["P1", 0, 20, True, 1]]),
])  # fmt: skip
def test_an_outcome_on_or_before_the_day_of_the_label_is_unexposed(label, rows):
    found = derive_risk_periods(people((20, "esrd", "dtt", label)), approach="timedependent", landmark_months=24)
    assert as_rows(found) == rows


@pytest.mark.parametrize("approach", ["naive", "landmark", "timedependent"])
def test_patients_whose_label_cannot_be_told_or_without_an_outcome_have_no_period(approach):
    table = people((60, "esrd", "cannot tell", None), (np.nan, None, "dtt", 3))
    assert derive_risk_periods(table, approach=approach, landmark_months=24).empty


def test_the_immortal_time_and_the_events_in_it_are_counted():
    found = summarise_immortal_time(FIVE).iloc[0]
    assert found.immortal_person_months == 6 + 30 + 10
    assert found.person_months == 60 + 40 + 10
    assert found.share == pytest.approx(46 / 110)
    assert (found.n, found.events_before_label, found.events_on_label_day) == (3, 1, 1)
    assert (found.label_month_q1, found.label_month_median, found.label_month_q3) == (8, 10, 20)
    nobody = summarise_immortal_time(FIVE.loc[FIVE.group == "other"]).iloc[0]
    assert (nobody.n, nobody.immortal_person_months) == (0, 0)
    assert np.isnan(nobody.share) and np.isnan(nobody.label_month_median)


def test_one_table_holds_all_approaches_with_what_each_moved():
    found = estimate_time_zero(FIVE, landmark_months=24).set_index("term")
    assert found.index.tolist() == ["naive", "landmark", "timedependent"]
    assert found.person_months_dtt.tolist() == [110, 36, 64]
    assert found.person_months_other.tolist() == [74, 42, 120]
    assert found.person_months_moved.tolist() == [0, 74, 46]
    assert found.events_dtt.tolist() == [2, 0, 1]
    assert found.events_moved.tolist() == [0, 2, 1]
    assert found.left_out_n.tolist() == [0, 2, 0]
    assert found.note.tolist() == ["", "no event on one side", ""]
    assert found.estimate.isna().tolist() == [False, True, False]


def test_further_landmarks_stand_in_order_and_the_one_in_force_keeps_its_name():
    found = estimate_time_zero(guarantee_time(n=600), landmark_months=18, landmarks=LANDMARKS)
    assert found.term.tolist() == [
        "naive", "landmark_3m", "landmark_6m", "landmark_12m", "landmark", "landmark_24m", "timedependent"]
    assert found.label[4].startswith("Landmark at 18 months") and "month 18" in found.question[4]
    assert found.dtt_n.is_monotonic_decreasing is False and found.dtt_n[1] <= found.dtt_n[2] <= found.dtt_n[4]
    only = estimate_time_zero(guarantee_time(n=600), landmark_months=24, landmarks=LANDMARKS)
    assert only.term.tolist()[1:5] == ["landmark_3m", "landmark_6m", "landmark_12m", "landmark"]


def test_the_clock_from_the_second_induction_is_one_more_row_and_moves_nothing_as_its_exposed_are_others():
    starts = pd.Series({"P1": 8.0, "P2": 45.0, "P4": 20.0})
    found = estimate_time_zero(FIVE, landmark_months=24, second_inductions=starts).set_index("term")
    row = found.loc["second_induction"]
    assert (row.n, row.events, row.dtt_n, row.events_dtt) == (5, 3, 2, 1)  # P2's outcome came before its induction
    assert row.person_months_dtt == (60 - 8) + (50 - 20)
    assert np.isnan(row.person_months_moved) and np.isnan(row.events_moved)
    assert found.loc["timedependent", "person_months_moved"] == 6 + 30 + 10
    assert row.person_months_other == (40 - 8) + (10 - 8) + (20 - 8) + (24 - 8)


def test_the_ledger_gets_the_immortal_time_and_the_words_follow_the_ratios():
    table = estimate_time_zero(guarantee_time(n=600), landmark_months=24)
    immortal = summarise_immortal_time(guarantee_time(n=600))
    facts = summarise_time_zero(table, immortal=immortal, landmark_months=24)
    assert facts["survival.landmark.months"]["value"] == 24
    ratio = facts["survival.time_zero.naive_over_timedependent"]["value"]
    assert ratio == pytest.approx(table.estimate[0] / table.estimate[2]) and ratio < 1
    assert label_dilution(table) == "lowered, as immortal time lowers it"
    assert table.set_index("term")["role"].to_dict() == {
        "naive": "As published, not to be read", "landmark": "Sensitivity", "timedependent": "Primary"}
    assert label_sides(table) == "holds one in landmark at 24 months"  # and says nothing of the other two


@pytest.mark.parametrize(("naive", "words"), [
    (1.09, "much the same"), (0.92, "much the same"), (0.9, "lowered, as immortal time lowers it"),
    (1.11, "not lowered but raised: the outcomes from before the label outweigh the months"),
    (np.nan, "not comparable with it")])  # fmt: skip
def test_the_words_about_dilution_turn_at_a_tenth(naive, words):
    assert label_dilution(pd.DataFrame({"term": ["naive", "timedependent"], "estimate": [naive, 1.0]})) == words


@pytest.mark.parametrize("table", [FIVE, FIVE.head(1), FIVE.head(0)])
def test_the_curves_of_time_zero_can_be_made_of_anybody(table):
    found = derive_time_zero_curves(table, landmark_months=24, second_inductions=pd.Series({"P1": 8.0, "P4": 20.0}))
    assert set(found) == {"curves", "at_risk"}
    assert found["curves"].estimate.dropna().between(0, 1).all()
    plt.close(draw_time_zero(estimate_time_zero(table, landmark_months=24), **found))


def test_the_curve_of_those_compared_gives_each_start_the_same_weight():
    table = people((30, "censored", "dtt", 6), (30, "censored", "dtt", 6), (20, "esrd", "other", None),
                   (5, "death", "other", None))  # fmt: skip
    found = derive_time_zero_curves(table, landmark_months=3, second_inductions=pd.Series({"P1": 2.0, "P2": 10.0}))
    curves = found["curves"].query("panel == 'second_induction'").set_index(["group", "month"]).estimate
    # start P1 has three compared (P2 leaves at month 8 since), a third each; start P2 has P3 alone
    before = curves["no second induction yet"]
    assert before[3.0] == pytest.approx(1 - (1 / 3) / 2)
    assert before[10.0] == pytest.approx((1 - 1 / 6) * (1 - 1 / (1 + 1 / 3)))
    assert (curves["second induction"] == 1).all()


def test_the_time_dependent_ratio_by_hand():
    # event months 10, 40, 50; in the model at 10: five unexposed but P1; at 40: P1, P2 exposed, P4; at 50: P1, P4
    ratio = estimate_time_zero(FIVE, landmark_months=24).set_index("term").estimate["timedependent"]
    log = np.log(ratio)
    score = -1 / (4 + np.exp(log)) * np.exp(log) + 1 - 2 * ratio / (2 * ratio + 1) - ratio / (ratio + 1)
    assert score == pytest.approx(0, abs=1e-9)


def test_the_rebaselined_row_takes_its_patients_from_the_landmark_and_its_outcomes_from_there():
    again = FIVE.assign(composite_months=[36.0, 16, np.nan, 20, np.nan], group="wrong", label_month=-1.0,
                        composite_status=["esrd", "esrd", None, "death", None])  # fmt: skip
    found = estimate_time_zero(FIVE, landmark_months=24, rebaselined=again).set_index("term").loc["rebaselined"]
    assert (found.n, found.events, found.events_dtt, found.person_months_dtt, found.person_months_other) == (
        3, 3, 1, 36, 36)  # fmt: skip


def guarantee_time(n=4000, seed=7):
    """Labels that come at random, with no effect: whoever is free of the outcome by the label's month gets it."""
    rng = np.random.default_rng(seed)
    outcome, label = rng.exponential(40, n), rng.uniform(3, 24, n)
    is_labelled = (rng.random(n) < 0.5) & (outcome > label)
    months = np.minimum(outcome, 120)
    return people(*zip(months, np.where(outcome <= 120, "esrd", "censored"), np.where(is_labelled, "dtt", "other"),
                       np.where(is_labelled, label, np.nan), strict=True))  # fmt: skip


def test_immortal_time_makes_a_harmless_label_look_protective_and_the_fair_analyses_do_not():
    found = estimate_time_zero(guarantee_time(), landmark_months=24).set_index("term")
    assert found.high["naive"] < 0.9
    for fair in ("landmark", "timedependent"):
        assert found.low[fair] < 1 < found.high[fair]
    assert label_agreement(found.reset_index(), terms=["naive", "landmark", "timedependent"]) == "do not agree"


def with_parts(table, seed=1):
    """The same people, with kidney failure and death on their own clocks."""
    rng = np.random.default_rng(seed)
    status = rng.choice(["worsening_creatinine", "esrd", "death"], len(table))
    composite = table.composite_status.where(table.composite_status.eq("censored"), status)
    dead = composite.where(composite.eq("death"), "censored")
    return table.assign(
        composite_status=composite, esrd_status=composite.where(composite.isin(["esrd", "death"]), "censored"),
        esrd_months=table.composite_months, death_status=dead, death_months=table.composite_months)


def test_each_part_has_its_own_hazard_ratio_and_the_others_end_the_time_at_risk():
    table = with_parts(guarantee_time(n=600))
    found = estimate_parts(table).set_index("term")
    assert found.index.tolist() == [f"{part}.timedependent" for part in (
        "worsening_creatinine", "esrd", "death", "failure_or_death")]
    counted = table.composite_status.value_counts()
    assert found.events.tolist() == [counted["worsening_creatinine"], counted["esrd"], counted["death"],
                                     counted["esrd"] + counted["death"]]  # fmt: skip
    assert found.estimate.notna().all()


def test_the_hazards_of_all_three_approaches_are_tested():
    found = compare_time_zero_hazards(guarantee_time(n=600), landmark_months=24)
    assert found.term.tolist() == ["naive", "landmark", "timedependent"]
    assert found.p[0] < 0.001  # immortal time: no labelled patient can have an event early
    assert found.p.notna().all()


def shares_of(n, *, censor=200.0, outcome="composite"):
    months = [30.0] + [censor] * (n - 1)
    status = ["esrd"] + ["censored"] * (n - 1)
    return pd.DataFrame({f"{outcome}_months": months, f"{outcome}_status": status, "group": "dtt"})


@pytest.mark.parametrize(("left", "is_reported"), [(9, False), (10, True), (11, True)])
def test_a_share_is_reported_only_where_enough_are_still_at_risk(left, is_reported):
    assert FEWEST_AT_RISK == 10
    found = estimate_shares(shares_of(left + 1), outcome="composite", at=[60])
    assert found.group.tolist() == ["dtt", "other"]
    assert found.at_risk.tolist() == [left, 0]
    assert found.estimate.notna().tolist() == [is_reported, False]
    assert found.note.tolist() == ["" if is_reported else "too few at risk", "too few at risk"]
    assert found.n.tolist() == [left + 1, 0]


def test_shares_of_kidney_failure_compete_and_shares_of_death_are_one_minus_kaplan_meier():
    table = pd.DataFrame({
        "group": "dtt", "esrd_months": [10.0, 20.0, *[100.0] * 18],
        "esrd_status": ["death", "esrd", *["censored"] * 18],
        "death_months": [10.0, *[100.0] * 19], "death_status": ["death", *["censored"] * 19]})  # fmt: skip
    failure = estimate_shares(table, outcome="esrd", event="esrd", at=[60]).iloc[0]
    assert failure.estimate == pytest.approx(0.05)
    death = estimate_shares(table, outcome="death", event="death", at=[60]).iloc[0]
    assert death.estimate == pytest.approx(0.05)
    assert 0 < death.low < 0.05 < death.high < 1


def test_the_ledger_gets_each_share_and_rate_with_its_unit_and_group():
    shares = summarise_shares(estimate_shares(shares_of(20), outcome="composite"), label="Event-free", origin="x")
    assert set(shares) == {("dtt", 60), ("dtt", 120), ("other", 60), ("other", 120)}
    assert shares["dtt", 60]["value"] == pytest.approx(0.95) and shares["dtt", 60]["unit"] == "share"
    rates = pd.DataFrame({"outcome": ["esrd", "esrd"], "label": "Kidney failure", "group": ["all", "dtt"], "n": 9,
                          "events_n": 3, "person_years": 50.0, "estimate": 6.0, "low": 1.2, "high": 17.5})  # fmt: skip
    facts = summarise_rates(rates, origin="x")
    assert facts["esrd", "all", "events"]["label"] == "Kidney failure, both groups: events"
    assert facts["esrd", "dtt", "rate"]["value"] == 6.0 and facts["esrd", "dtt", "person_years"]["n"] == 9


def test_words_about_a_test_follow_its_p_value():
    assert [label_difference(pd.DataFrame({"p": [p]})) for p in (0.049, 0.05, np.nan)] == [
        "differ", "do not clearly differ", "cannot be compared"]  # fmt: skip
    words = [label_proportionality(pd.DataFrame({"term": ["a"], "p": [p]}), term="a") for p in (0.049, 0.05, np.nan)]
    assert words == ["speaks against", "gives no clear sign against", "could not be made, and so says nothing about"]


def test_verdicts_agree_when_all_intervals_lie_on_the_same_side():
    ratios = pd.DataFrame({"term": list("abcd"), "low": [1.1, 2, 0.2, np.nan], "high": [3, 4, 0.9, np.nan]})
    assert label_agreement(ratios, terms=["a", "b"]) == "agree"
    assert label_agreement(ratios, terms=["a", "c"]) == "do not agree"
    assert label_agreement(ratios, terms=["a", "d"]) == "cannot all be estimated"


def test_a_shift_is_called_one_from_a_tenth_on_whichever_side_of_one_the_ratios_lie():
    ratios = pd.DataFrame({"term": list("abcdn"), "estimate": [2.0, 2.19, 2.21, 0.25, np.nan]})
    assert label_shift(ratios, of="a", against="b") == "much the same as"
    assert label_shift(ratios, of="a", against="c") == "nearer to one than"
    assert label_shift(ratios, of="d", against="a") == "farther from one than"
    assert label_shift(ratios, of="n", against="a") == "not comparable with"


@pytest.mark.parametrize(("n", "seed"), [(4, 1), (25, 7), (150, 11)])
@pytest.mark.parametrize("rule", ["confirmed_doubling", "creatinine_above_1_5"])
def test_any_simulated_cohort_goes_through_whole_however_small(n, seed, rule):
    raw = simulate_cohort(n=n, seed=seed)
    tables = make_tables(raw, Parameters())
    common = {"cohort": tables["cohort"], "events": raw["events"], "worsening": WORSENING_RULES[rule]}
    outcomes = label_groups(derive_outcomes(tables["assessments"], **common), labels=tables["dtt_labels"])
    assert len(outcomes) == tables["cohort"].is_eligible.sum()
    later = derive_outcomes(tables["assessments"], **common, from_months=24.0)
    estimates = estimate_time_zero(outcomes, landmark_months=24.0, rebaselined=later)
    more = {"landmark_months": 24.0, "second_inductions": derive_second_inductions(tables["courses"])}
    rows = estimate_time_zero(outcomes, landmarks=LANDMARKS, **more)
    assert (rows.estimate.notna() == (rows.note == "")).all() and isinstance(label_sides(rows), str)
    plt.close(draw_time_zero(rows, **derive_time_zero_curves(outcomes, **more)))
    assert (estimates.estimate.notna() == (estimates.note == "")).all()
    assert (estimates.events_dtt <= estimates.events).all()
    assert estimates.person_months_dtt[2] + estimates.person_months_other[2] == pytest.approx(
        estimates.person_months_dtt[0] + estimates.person_months_other[0])  # time is moved, never lost
    assert summarise_immortal_time(outcomes).immortal_person_months[0] == pytest.approx(
        estimates.person_months_moved[2])
    assert estimate_rates(outcomes).set_index("term").events_n["composite.all"] == estimates.events[0]
