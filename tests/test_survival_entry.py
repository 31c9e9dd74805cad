"""Delayed entry: what is counted once everybody in the study could have died."""

import numpy as np
import pandas as pd
import pytest

from helpers.survival.curves import FEWEST_AT_RISK, estimate_survival, kaplan_meier
from helpers.survival.entry import estimate_entry_rates, estimate_entry_shares, keep_entered
from helpers.survival.shares import derive_share_table, estimate_shares, label_followup, summarise_rates
from helpers.survival.summaries import compare_followup, estimate_rates


def cohort(*rows):
    """Rows of (months, died?, group); death ends all three clocks."""
    months, died, group = zip(*rows, strict=True)
    columns = {"group": group}
    for outcome in ("composite", "esrd", "death"):
        columns[f"{outcome}_months"] = [float(month) for month in months]
        columns[f"{outcome}_status"] = ["death" if dead else "censored" for dead in died]
    return pd.DataFrame(columns)


SEVEN = cohort((24, 1, "dtt"), (24.1, 0, "dtt"), (36, 1, "dtt"), (48, 0, "dtt"), (40, 1, "other"), (60, 0, "other"),
               (23.9, 0, "other"))  # fmt: skip


def test_only_those_past_the_entry_take_part_and_at_zero_all_do():
    assert keep_entered(SEVEN, outcome="death", entry_months=24.0).death_months.tolist() == [24.1, 36, 48, 40, 60]
    assert len(keep_entered(SEVEN, outcome="death", entry_months=0.0)) == len(SEVEN)
    unknown = SEVEN.assign(death_months=np.nan)
    assert keep_entered(unknown, outcome="death", entry_months=0.0).empty


def test_the_curve_of_those_who_entered_is_kaplan_meier_with_delayed_entry():
    kept = keep_entered(SEVEN, outcome="death", entry_months=24.0)
    found = estimate_survival(kept, outcome="death", by=None, at=[36.0, 40.0])
    stop, died = kept.death_months.to_numpy(), kept.death_status.eq("death").to_numpy()
    steps, survival, _ = kaplan_meier(stop, died, start=np.full(len(kept), 24.0))
    assert found.estimate.tolist() == pytest.approx(survival[np.searchsorted(steps, [36.0, 40.0])].tolist())
    assert found.estimate.tolist() == pytest.approx([3 / 4, 3 / 4 * 2 / 3])


def test_rates_from_the_entry_on_count_the_time_after_it_beside_the_time_from_zero():
    found = estimate_entry_rates(SEVEN, entry_months=24.0).set_index("term").loc["death.dtt"]
    assert found[["events_n", "n", "later_events_n", "later_n"]].tolist() == [2, 4, 1, 3]
    assert found["person_years"] == pytest.approx((24 + 24.1 + 36 + 48) / 12)
    assert found["later_person_years"] == pytest.approx((0.1 + 12 + 24) / 12)
    assert found["years_before"] == pytest.approx(found["person_years"] - found["later_person_years"])
    assert found["later_estimate"] == pytest.approx(100 * 12 / 36.1)
    assert found["later_low"] < found["later_estimate"] < found["later_high"]


def test_without_a_least_follow_up_both_counts_are_one():
    table = estimate_entry_rates(SEVEN, entry_months=0.0)
    for name in ("events_n", "n", "person_years", "estimate", "low", "high"):
        pd.testing.assert_series_equal(table[name], table[f"later_{name}"], check_names=False)
    assert table.years_before.eq(0).all()
    pd.testing.assert_frame_equal(
        estimate_entry_shares(SEVEN, outcome="death", event="death", entry_months=0.0),
        estimate_shares(SEVEN, outcome="death", event="death"))


def test_a_guaranteed_survival_halves_a_constant_rate_and_delayed_entry_gives_it_back():
    rng = np.random.default_rng(7)
    life = 24 + rng.exponential(120, 4000)  # one death per ten years, after two years in which none is seen
    table = cohort(*[(min(month, 84), month <= 84, "dtt") for month in life])
    row = estimate_entry_rates(table, entry_months=24.0).set_index("term").loc["death.dtt"]
    assert row["later_low"] < 10 < row["later_high"]
    assert row["high"] < 10


@pytest.mark.parametrize(("entry", "is_given"), [(59.9, True), (60.0, False), (60.1, False)])
def test_a_share_at_a_month_up_to_the_entry_is_not_given(entry, is_given):
    table = cohort(*[(100, 0, "dtt")] * (FEWEST_AT_RISK + 1))
    found = estimate_entry_shares(table, outcome="death", event="death", entry_months=entry, at=[60.0]).iloc[0]
    assert found["note"] == ("" if is_given else "before counting begins")
    assert np.isfinite(found["estimate"]) == is_given


def test_nobody_past_the_entry_gives_no_rate_and_no_share_and_no_warning():
    rates = estimate_entry_rates(SEVEN, entry_months=90.0)
    assert rates.later_estimate.isna().all() and rates.later_n.eq(0).all()
    shares = estimate_entry_shares(SEVEN, outcome="esrd", event="esrd", entry_months=90.0, at=[120.0])
    assert shares.note.tolist() == ["too few at risk"] * 2


def test_the_share_table_has_the_number_at_risk_and_a_name_for_each_row():
    shares = estimate_shares(cohort(*[(100, 0, "dtt")] * (FEWEST_AT_RISK + 1)), outcome="death", event="death")
    table = derive_share_table({"Death": shares, "Kidney failure": shares})
    assert table.term.tolist()[:2] == ["death_dtt_60", "death_dtt_120"]
    assert table.term.tolist()[-1] == "kidney_failure_other_120"
    assert table.at_risk.tolist()[:2] == [FEWEST_AT_RISK + 1, 0]
    assert table.label.tolist()[:3] == ["Difficult to treat"] * 2 + ["Others"]


def test_labels_say_from_when_on_a_rate_was_counted():
    rates = estimate_rates(SEVEN, entry_months=24.0)
    facts = summarise_rates(rates, origin="x", since="from the least follow-up on")
    assert facts["death", "dtt", "rate"]["label"] == "Death, difficult to treat, from the least follow-up on: rate"
    assert summarise_rates(rates, origin="x")["death", "all", "rate"]["label"] == "Death, both groups: rate"


def test_unequal_follow_up_is_found_with_the_roles_turned():
    short, long = [(month, 0, "dtt") for month in range(20, 40)], [(month, 0, "other") for month in range(60, 80)]
    assert compare_followup(cohort(*short, *long))["p"].iloc[0] < 0.001
    assert np.isnan(compare_followup(cohort(*short))["p"].iloc[0])
    # without deaths every time is an end of follow-up, and equal times cannot differ
    assert compare_followup(cohort(*short, *[(m, d, "other") for m, d, _ in short]))["p"].iloc[0] == pytest.approx(1)


@pytest.mark.parametrize(
    ("dtt", "other", "p", "words"),
    [(60, 100, 0.049, "for a shorter time than"), (100, 60, 0.049, "for a longer time than"),
     (60, 100, 0.05, "not clearly longer or shorter than"), (60, 100, np.nan, "not comparably with"),
     (60, np.nan, 0.01, "not for the same time as"), (60, 60, 0.01, "not for the same time as")],
)  # fmt: skip
def test_words_about_follow_up_follow_the_test_and_the_medians(dtt, other, p, words):
    medians = pd.DataFrame({"term": ["all", "dtt", "other"], "estimate": [80.0, dtt, other]})
    assert label_followup(medians, test=pd.DataFrame({"p": [p]})) == words
