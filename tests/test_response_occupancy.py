"""Shares and months in a state, with their intervals: against R, against counting, and at the edges."""


import numpy as np
import pandas as pd
import pytest
from golden_values import read_golden
from multistate import LOADERS, STATES_OF, as_spells, load_lymph_node, load_recur, load_stanford

from helpers.incidence import estimate_cumulative_incidence
from helpers.response.aalen_johansen import derive_markov_shares, derive_occupancy
from helpers.response.memory import estimate_landmark_shares, label_memory
from helpers.response.occupancy import estimate_state_shares, summarise_occupancy_facts, summarise_state_intervals
from helpers.response.state_checks import (
    compare_with_counts,
    compare_with_followed,
    label_agreement,
    summarise_check_facts,
)
from helpers.response.state_months import (
    compare_unseen,
    estimate_state_months,
    summarise_month_facts,
    summarise_state_months,
    summarise_unseen_facts,
)
from helpers.response.states import STATES, count_states, keep_spells_from, keep_until_unseen

GOLDEN = read_golden("transitions")
NEVER = float("nan")


def as_followup(spells: pd.DataFrame) -> pd.DataFrame:
    ends = spells.groupby("patient_id").until_month.max().rename("followup_months").reset_index()
    died = ends.patient_id.isin(spells.loc[spells.state.eq("dead"), "patient_id"])
    return ends.assign(death_month=ends.followup_months.where(died).astype(float), is_lost=False)


def make_spells(n: int = 30, *, group: str = "dtt", end: float = 60.0) -> pd.DataFrame:
    """Patients with odd numbers are active for 2, 4, 6 ... months and then complete; the others are always active."""
    rows = [
        (f"{group}{i:03d}", group, month, state, until)
        for i in range(n)
        for month, state, until in (
            [(0.0, "active", i + 1.0), (i + 1.0, "complete", end)] if i % 2 else [(0.0, "active", end)])
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["patient_id", "group", "month", "state", "until_month"])
    return table.astype({"month": float, "until_month": float})


@pytest.mark.parametrize("name", sorted(LOADERS))
def test_shares_their_errors_and_their_intervals_are_those_of_survfit(name):
    spells = as_spells(LOADERS[name]())
    for state in STATES_OF[name]:
        golden = pd.DataFrame(GOLDEN[f"shares.{name}.{state}"]["values"]).astype(float)
        shares = estimate_state_shares(spells, months=golden.month.tolist(), states=STATES_OF[name])
        found = shares.loc[shares.state.eq(state)]
        for column in ("estimate", "standard_error", "low", "high"):
            inside = golden.estimate.between(1e-9, 1 - 1e-9).to_numpy()
            if column in ("low", "high"):  # at time 0 survfit's summary gives no limits, but zeros
                inside &= golden.month.gt(0).to_numpy()
            np.testing.assert_allclose(found[column][inside], golden[column][inside], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", sorted(LOADERS))
def test_months_in_a_state_and_their_errors_are_those_of_survfit(name):
    golden = GOLDEN[f"months.{name}"]["values"]
    until = {"recur": 100, "stanford": 365, "lymph_node": 60, "recur_later": 60}[name]
    found = derive_occupancy(as_spells(LOADERS[name]()), months=[until], states=STATES_OF[name])
    np.testing.assert_allclose(found.area[0], golden["estimate"], rtol=1e-6)
    np.testing.assert_allclose(np.sqrt((found.area_influence[0] ** 2).sum(axis=1)), golden["standard_error"], rtol=1e-6)


@pytest.mark.parametrize(("name", "start", "at"), [("recur", 20, 80), ("stanford", 30, 400)])
def test_products_of_hazards_are_those_of_etm(name, start, at):
    states = STATES_OF[name]
    parts = derive_markov_shares(
        as_spells(LOADERS[name]()), sources=states, start_month=start, at_month=at, states=states)
    found = pd.DataFrame([parts[source].share for source in states], index=states, columns=states)
    golden = pd.DataFrame(GOLDEN[f"markov.{name}"]["values"], index=states)
    np.testing.assert_allclose(found, golden[found.columns], rtol=1e-6, atol=1e-9)


def test_from_a_state_that_all_start_in_the_product_and_its_influences_are_those_of_the_shares():
    spells, states = as_spells(load_stanford()), STATES_OF["stanford"]
    shares = derive_occupancy(spells, months=[100], states=states)
    found = derive_markov_shares(spells, sources=["waiting"], start_month=0, at_month=100, states=states)["waiting"]
    np.testing.assert_allclose(found.share, shares.share[0], rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.influence, shares.influence[0], rtol=0, atol=1e-12)


def test_with_one_way_out_the_shares_are_the_cumulative_incidence_of_the_other_estimator():
    data = load_lymph_node().drop_duplicates("patient_id")
    shares = estimate_state_shares(as_spells(data), months=[12, 36], states=STATES_OF["lymph_node"])
    curve = estimate_cumulative_incidence(data.stop, data.to, at=[12, 36])
    for state in ("relapsed", "dead"):
        ours, theirs = (table.loc[table.state.eq(state), ["estimate", "standard_error"]] for table in (shares, curve))
        np.testing.assert_allclose(ours, theirs, rtol=1e-9)


def test_without_censoring_the_shares_are_the_counts_and_the_variance_is_binomial():
    spells = make_spells()
    shares = estimate_state_shares(spells, months=[0, 7, 20, 60]).query("state == 'complete'")
    counts = count_states(spells, followup=as_followup(spells), months=[0, 7, 20, 60]).query("state == 'complete'")
    np.testing.assert_allclose(shares.estimate, counts.share)
    np.testing.assert_allclose(shares.standard_error, np.sqrt(counts.share * (1 - counts.share) / 30))


def test_the_infinitesimal_jackknife_agrees_with_leaving_out_patient_by_patient():
    spells = as_spells(load_stanford())
    found = derive_occupancy(spells, months=[100], states=STATES_OF["stanford"])
    left_out = [
        np.concatenate([each.share[0], each.area[0]])
        for name in spells.patient_id.unique()
        for each in [derive_occupancy(spells.query("patient_id != @name"), months=[100], states=STATES_OF["stanford"])]
    ]
    errors = np.sqrt((np.concatenate([found.influence[0], found.area_influence[0]]) ** 2).sum(axis=1))
    jackknife = np.std(left_out, axis=0, ddof=0) * np.sqrt(found.n - 1)
    np.testing.assert_allclose(jackknife, errors, rtol=0.02)


def test_bands_are_wider_than_intervals_and_the_same_for_the_same_seed():
    spells = as_spells(load_lymph_node())
    shares = estimate_state_shares(spells, months=range(0, 61), states=STATES_OF["lymph_node"], samples=300, seed=3)
    inside = shares.dropna(subset=["band_low"])
    assert len(inside) > 150
    assert inside.band_low.lt(inside.low).all() and inside.band_high.gt(inside.high).all()
    again = estimate_state_shares(spells, months=range(0, 61), states=STATES_OF["lymph_node"], samples=300, seed=3)
    pd.testing.assert_frame_equal(shares, again)


def test_one_month_alone_needs_no_wider_band():
    spells = as_spells(load_lymph_node())
    wide = estimate_state_shares(spells, months=[36], states=STATES_OF["lymph_node"], samples=20000)
    np.testing.assert_allclose(wide[["band_low", "band_high"]], wide[["low", "high"]], rtol=0.02)


def test_without_draws_there_are_no_bands_and_with_few_patients_neither():
    assert estimate_state_shares(make_spells(), months=[20]).band_low.isna().all()
    few = estimate_state_shares(make_spells(9), months=[5], samples=50)
    assert few.band_low.isna().all() and few.low.notna().any()


def test_months_in_the_states_add_up_and_stop_where_fewer_than_ten_are_left():
    table = estimate_state_months(make_spells(30, end=60), groups=["all"])
    assert table.until_month.eq(60).all()
    assert table.estimate.sum() == pytest.approx(60)
    early = make_spells(30, end=60).assign(until_month=lambda rows: rows.until_month.where(
        rows.patient_id.ge("dtt009") | rows.until_month.lt(60), 40.0))  # fmt: skip
    assert estimate_state_months(early, groups=["all"]).until_month.eq(60).all()


def test_groups_are_counted_up_to_the_same_month_and_differ_by_their_difference():
    spells = pd.concat([make_spells(30), make_spells(20, group="other", end=30.5)])
    table = estimate_state_months(spells).set_index("term")
    assert table.until_month.eq(30).all()
    difference = table.loc["difference.complete"]
    assert difference.estimate == pytest.approx(table.estimate["dtt.complete"] - table.estimate["other.complete"])
    both = table.standard_error["dtt.complete"] ** 2 + table.standard_error["other.complete"] ** 2
    assert difference.standard_error == pytest.approx(np.sqrt(both))
    assert difference.low < difference.estimate < difference.high and 0 < difference.p < 1
    assert np.isnan(table.low["difference.dead"]) and np.isnan(table.p["difference.dead"])


@pytest.mark.parametrize("n", [0, 9])
def test_a_group_of_fewer_than_ten_has_no_months_and_the_others_do_not_wait_for_it(n):
    spells = pd.concat([make_spells(30), make_spells(n, group="other")])
    table = estimate_state_months(spells, until=24).set_index("group")
    assert table.loc[["other", "difference"], "estimate"].isna().all()
    assert table.loc[["other", "difference"], "note"].eq("fewer than 10 patients").all()
    assert table.loc["dtt", "estimate"].notna().all() and table.loc["dtt", "until_month"].eq(24).all()


def test_without_patients_every_month_and_share_is_missing():
    nobody = make_spells(0)
    assert estimate_state_months(nobody).estimate.isna().all()
    assert estimate_state_shares(nobody, months=[0, 6], samples=10).estimate.isna().all()
    checks = compare_with_counts(nobody, estimate_state_shares(nobody), followup=as_followup(nobody)).iloc[0]
    assert np.isnan(checks.largest) and not checks.agrees


def test_the_table_sets_groups_side_by_side_and_the_ledger_takes_each_number():
    months = estimate_state_months(pd.concat([make_spells(), make_spells(group="other")]), until=24)
    table = summarise_state_months(months, landmark=months)
    assert table.state.tolist() == list(STATES)
    assert table.landmark_estimate.tolist() == table.difference_estimate.tolist()
    facts = summarise_month_facts(months, prefix="response.months", origin="x")
    assert facts["response.months.difference.not_seen"]["null"] == 0.0
    assert facts["response.months.all.complete"]["null"] is None
    assert facts["response.months.until"]["value"] == 24
    assert facts["response.months.all.complete"]["value"] == months.estimate[0]


def test_counting_and_estimating_agree_up_to_the_first_censoring_and_the_check_sees_it_if_not():
    spells = as_spells(load_recur()).replace({"well": "active", "ill": "complete"})
    followup = as_followup(spells)
    shares = estimate_state_shares(spells, months=range(0, 121))
    checks = compare_with_counts(spells, shares, followup=followup).iloc[0]
    first = followup.followup_months.min()
    assert checks.until_month == first and checks.months_n == first + 1
    assert checks.largest == 0 and checks.agrees and label_agreement(bool(checks.agrees)) == "they do"
    wrong = shares.assign(estimate=shares.estimate + 0.001)
    checks = compare_with_counts(spells, wrong, followup=followup).iloc[0]
    assert checks.largest == 0.001 and not checks.agrees and label_agreement(bool(checks.agrees)) == "they do not"


def test_the_intervals_at_a_few_months_go_into_a_table_in_percent_and_into_the_ledger():
    shares = estimate_state_shares(make_spells(), months=[0, 6, 12])
    table = summarise_state_intervals(shares, months=[6, 12]).set_index("state")
    row = shares.query("month == 12 and state == 'complete'").iloc[0]
    assert table.loc["complete", "percent_12_estimate"] == pytest.approx(100 * row.estimate)
    assert table.loc["complete", "percent_12_low"] == pytest.approx(100 * row.low)
    facts = summarise_occupancy_facts(shares, months=[12], n=30, origin="x")
    assert facts["response.states.complete.12.share"]["value"] == row.estimate
    assert "response.states.not_seen.12.share" in facts and len(facts) == len(STATES)


def test_the_check_goes_into_the_ledger_with_the_months_it_covers():
    spells = make_spells()
    checks = compare_with_counts(spells, estimate_state_shares(spells), followup=as_followup(spells))
    followed = compare_with_followed(spells, estimate_state_shares(spells), followup=as_followup(spells))
    facts = summarise_check_facts(checks, followed=followed, origin="x")
    assert facts["response.states.crosscheck.largest"]["value"] == 0
    assert facts["response.states.crosscheck.until"]["value"] == 60
    assert facts["response.states.crosscheck.left.largest"]["value"] == pytest.approx(0, abs=1e-9)
    assert facts["response.states.crosscheck.left.until"]["value"] == 60
    nobody = summarise_check_facts(checks, followed=followed.iloc[:0], origin="x")
    assert np.isnan(nobody["response.states.crosscheck.left.largest"]["value"])


def test_counting_those_still_followed_is_the_estimate_unless_those_who_left_were_in_other_states():
    """At month 30 either half of each state leaves, or all leavers are in complete response."""
    rows = [(f"{i:02d}", "dtt", 0.0, "complete" if i % 2 else "active", 60.0) for i in range(40)]
    spells = pd.DataFrame(rows, columns=["patient_id", "group", "month", "state", "until_month"])
    for leave, apart in ((spells.index < 20, 0.0), (spells.state.eq("complete") & (spells.index < 30), 1 / 2 - 5 / 25)):
        left = spells.assign(until_month=spells.until_month.mask(leave, 30.0))
        found = compare_with_followed(left, estimate_state_shares(left), followup=as_followup(left))
        assert found.loc[found.month.le(30), "difference"].abs().max() == pytest.approx(0, abs=1e-12)
        assert found.loc[found.month.gt(30), "difference"].abs().max() == pytest.approx(apart, abs=1e-12)


def test_the_dead_count_as_kaplan_meier_has_them():
    spells = as_spells(load_lymph_node()).replace({"free": "active", "relapsed": "flare"})
    followup = as_followup(spells)
    found = compare_with_followed(spells, estimate_state_shares(spells), followup=followup)
    sums = found.groupby("month").counted.sum()
    np.testing.assert_allclose(sums, 1.0)
    first = followup.loc[followup.death_month.isna(), "followup_months"].min()
    np.testing.assert_allclose(found.loc[found.month.le(first), "difference"], 0, atol=1e-12)


def test_when_all_have_died_every_month_can_be_compared():
    spells = pd.DataFrame({"patient_id": "A", "group": "dtt", "month": [0.0, 5.0], "state": ["active", "dead"],
                           "until_month": 5.0})  # fmt: skip
    checks = compare_with_counts(spells, estimate_state_shares(spells), followup=as_followup(spells)).iloc[0]
    assert checks.months_n == 121 and checks.agrees


def test_being_out_of_sight_can_end_follow_up():
    spells = pd.DataFrame({
        "patient_id": ["A", "A", "A", "B"], "group": "dtt", "month": [0.0, 12.0, 20.0, 0.0],
        "state": ["active", "not seen", "complete", "active"], "until_month": [12.0, 20.0, 30.0, 30.0],
    })  # fmt: skip
    kept = keep_until_unseen(spells)
    assert kept.patient_id.tolist() == ["A", "B"] and kept.until_month.tolist() == [12, 30]
    many = pd.concat([spells.assign(patient_id=spells.patient_id + str(i)) for i in range(10)])
    carried = many.loc[many.state.ne("not seen")].assign(until_month=lambda rows: rows.until_month.replace(12.0, 20.0))
    unseen = compare_unseen(many, carried=carried, until=20)
    table = unseen.set_index("state")
    facts = summarise_unseen_facts(unseen, origin="x")
    assert facts["response.months.unseen.largest"]["value"] == pytest.approx(4)
    assert table.state_estimate["not seen"] == pytest.approx(4) and table.censored_estimate["not seen"] == 0
    assert table.carried_estimate["not seen"] == 0
    sums = table[["state_estimate", "censored_estimate", "carried_estimate"]].sum()
    assert sums.tolist() == pytest.approx([20, 20, 20])


def test_a_landmark_keeps_those_still_followed_in_their_state_and_in_the_group_known_by_then():
    spells = pd.DataFrame({
        "patient_id": list("AABCDE"), "group": ["dtt", "dtt", "dtt", "other", "dtt", "cannot tell"],
        "month": [0.0, 24.0, 0.0, 0.0, 0.0, 0.0], "state": ["active", "esrd", "active", "partial", "flare", "active"],
        "until_month": [24.0, 40.0, 30.0, 24.0, 25.0, 36.0],
    })  # fmt: skip
    kept = keep_spells_from(spells, start_month=24, label_months=pd.Series({"A": 24.0, "B": 24.1, "D": 3.0}))
    assert kept.patient_id.tolist() == ["A", "B", "D", "E"]
    assert kept.state.tolist() == ["esrd", "active", "flare", "active"]
    assert kept.group.tolist() == ["dtt", "other", "dtt", "cannot tell"]
    assert kept.until_month.tolist() == [16, 6, 1, 12] and kept.month.eq(0).all()


def test_who_dies_right_after_the_landmark_is_dead_there_and_who_dies_at_it_is_out():
    spells = pd.DataFrame({"patient_id": list("AABB"), "group": "dtt", "month": [0.0, 26.0, 0.0, 24.0],
                           "state": ["active", "dead"] * 2, "until_month": [26.0, 26.0, 24.0, 24.0]})  # fmt: skip
    kept = keep_spells_from(spells, start_month=24)
    assert list(zip(kept.patient_id, kept.month, kept.state, strict=True)) == [("A", 0, "active"), ("A", 2, "dead")]


def test_a_process_with_a_memory_is_told_from_the_products_that_deny_it():
    """Who is complete at month 24 stays so; who becomes it later falls back; the hazards of all deny the difference."""
    parts = []
    for i in range(40):
        first = [(0.0, "complete", 60.0)] if i % 2 else [(0.0, "active", 12.0), (12.0, "complete", 60.0)]
        parts += [(f"{i:02d}", "dtt", *row) for row in first]
    for i in range(40, 60):
        later = [(0.0, "active", 30.0), (30.0, "complete", 40.0), (40.0, "active", 60.0)]
        parts += [(f"{i}", "dtt", *row) for row in later]
    spells = pd.DataFrame(parts, columns=["patient_id", "group", "month", "state", "until_month"])
    table = estimate_landmark_shares(spells, at_month=50).set_index("term")
    assert table.estimate["complete"] == 100 and table.n["complete"] == 40
    assert table.markov_percent["complete"] == pytest.approx(100 * 40 / 60)
    assert table.estimate["active"] == 0 and table.n["active"] == 20
    assert table.difference_low["complete"] > 0 and table.difference_high["active"] < 0
    assert label_memory(table) == "differs clearly from that for 2 of 2 states: the process has a memory"
    none = table.assign(difference_low=-1.0, difference_high=1.0)
    assert label_memory(none).startswith("differs clearly from that for no state")
    assert label_memory(table.assign(difference_low=NEVER)) == "cannot be held against that, for want of patients"
    assert np.isnan(table.estimate["flare"]) and table.note["flare"] == "fewer than 10 patients"
    assert estimate_landmark_shares(spells, at_month=90).set_index("term").note["complete"] == "nobody followed so long"


def test_the_error_of_the_difference_from_the_product_is_that_of_leaving_out_patient_by_patient():
    spells = as_spells(load_recur()).replace({"well": "active", "ill": "complete"})
    spells = spells.loc[spells.patient_id.isin(spells.patient_id.unique()[:90])]
    table = estimate_landmark_shares(spells, at_month=50).set_index("term")
    without = [estimate_landmark_shares(spells.query("patient_id != @name"), at_month=50).set_index("term")
               for name in spells.patient_id.unique()]  # fmt: skip
    for state in ("complete", "active"):
        row, left_out = table.loc[state], [each.difference_estimate[state] for each in without]
        jackknife = np.std(left_out, ddof=0) * np.sqrt(len(left_out) - 1)
        assert (row.difference_high - row.difference_low) / 2 / 1.959963985 == pytest.approx(jackknife, rel=0.05)
        assert row.difference_estimate == pytest.approx(row.estimate - row.markov_percent)


def test_when_the_state_is_all_that_matters_both_sides_are_the_same_and_have_no_difference_to_judge():
    spells = make_spells(40).assign(month=lambda rows: rows.month + 24 * rows.month.gt(0),
                                    until_month=lambda rows: rows.until_month + 24)  # fmt: skip
    table = estimate_landmark_shares(spells, at_month=50).set_index("term")
    assert table.difference_estimate["active"] == pytest.approx(0, abs=1e-9)
    assert np.isnan(table.loc["active", ["difference_low", "difference_p"]].astype(float)).all()


def test_the_ways_with_patients_not_seen_are_compared_over_the_same_months():
    spells = pd.concat([
        pd.DataFrame({"patient_id": f"{i}", "group": "dtt", "month": [0.0, 10.0], "state": ["active", "not seen"],
                      "until_month": [10.0, 40.0]}) for i in range(12)
    ])  # fmt: skip
    carried = spells.query("state == 'active'").assign(until_month=40.0)
    table = compare_unseen(spells, carried=carried).set_index("state")
    assert table.loc["active", ["state_estimate", "censored_estimate", "carried_estimate"]].tolist() == [10, 10, 10]
