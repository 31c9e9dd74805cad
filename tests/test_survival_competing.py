"""Competing events where nothing, little or everything happens, and by hand (against R: the golden tests)."""

import numpy as np
import pandas as pd
import pytest

from helpers.survival.competing import (
    RACES,
    compare_competing,
    derive_naive_incidence,
    derive_overestimate,
    label_incidence,
    label_roads,
    summarise_competing,
)
from helpers.survival.curves import estimate_incidence
from helpers.survival.fine_gray import estimate_subdistribution, fit_subdistribution
from helpers.survival.gray import compare_incidence
from helpers.survival.models import fit_cox
from helpers.survival.newton import NO_PEAK, find_peak
from helpers.survival.shares import estimate_shares


def failures(*rows):
    """Rows of (months, word, group) on the clock of kidney failure."""
    months, status, group = zip(*rows, strict=True)
    return pd.DataFrame({"esrd_months": [float(m) for m in months], "esrd_status": status, "group": group})


def patients(*rows):
    """Rows of (months, word, dtt 0 or 1), as Fine and Gray's model takes them."""
    return pd.DataFrame(rows, columns=["months", "status", "is_dtt"]).astype({"months": float})


def random_patients(n, *, seed, months=30, words=("esrd", "death", "censored")):
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"months": rng.integers(1, months, n).astype(float), "status": rng.choice(words, n),
                         "is_dtt": rng.integers(0, 2, n)})  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        ([(1, "esrd", "dtt"), (2, "death", "dtt")], "only one group"),
        ([(1, "esrd", "cannot tell"), (2, "esrd", "other")], "only one group"),
        ([(1, "death", "dtt"), (2, "death", "other")], "no event"),
        ([(1, "censored", "dtt"), (2, "censored", "other")], "no event"),
        ([(1, "censored", "dtt"), (2, "esrd", "other")], "no event while two groups were at risk"),
    ],
)
def test_grays_test_without_an_answer_says_why(rows, note):
    found = compare_incidence(failures(*rows), outcome="esrd", event="esrd").iloc[0]
    assert found.note == note and np.isnan(found.p) and np.isnan(found.chi2)
    assert found.n == sum(row[2] != "cannot tell" for row in rows)


def test_grays_test_of_nobody_is_missing():
    nobody = failures((1, "esrd", "dtt")).iloc[:0]
    assert compare_incidence(nobody, outcome="esrd", event="esrd").note.tolist() == ["only one group"]


def test_grays_test_is_the_same_whatever_the_order_of_groups_and_rows():
    table = random_patients(80, seed=1).rename(columns={"months": "esrd_months", "status": "esrd_status"})
    table = table.assign(group=table.is_dtt.map({1: "dtt", 0: "other"}), turned=table.is_dtt.map({1: "b", 0: "a"}))
    found = compare_incidence(table, outcome="esrd", event="esrd").chi2[0]
    assert compare_incidence(table.iloc[::-1], outcome="esrd", event="esrd").chi2[0] == pytest.approx(found, rel=1e-9)
    turned = compare_incidence(table, outcome="esrd", event="esrd", by="turned").chi2[0]
    assert turned == pytest.approx(found, rel=1e-9)


def test_everybody_who_has_their_event_on_one_day_is_compared_without_a_warning():
    rows = [(5, "esrd", "dtt")] * 6 + [(5, "death", "dtt")] * 2
    rows += [(5, "esrd", "other")] * 2 + [(5, "death", "other")] * 6
    found = compare_incidence(failures(*rows), outcome="esrd", event="esrd").iloc[0]
    assert found.note == "" and 0 < found.p < 0.1


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        ([(1, "death", 1), (2, "censored", 0)], "no event"),
        ([(1, "esrd", 1), (2, "censored", 1)], "nobody to compare with"),
        ([(1, "esrd", 1), (2, "death", 0), (3, "censored", 0)], "no event on one side"),
        ([(1, "esrd", 0), (1, "censored", 0), (3, "esrd", 1), (4, "esrd", 1)], NO_PEAK),
    ],
)
def test_a_subdistribution_model_without_an_answer_is_missing_and_says_why(rows, note):
    found = estimate_subdistribution(patients(*rows), event="esrd").iloc[0]
    assert found.note == note
    assert found[["estimate", "low", "high", "p"]].isna().all()
    assert found.n == len(rows)


def test_where_nothing_competes_and_nothing_is_tied_fine_and_gray_is_the_cox_model():
    rng = np.random.default_rng(3)
    table = pd.DataFrame({"months": rng.exponential(10, 60), "status": rng.choice(["esrd", "censored"], 60),
                          "is_dtt": rng.integers(0, 2, 60)})  # fmt: skip
    periods = table.assign(patient_id=range(60), start=0.0, stop=table.months, is_event=table.status.eq("esrd"))
    cox = fit_cox(periods, covariates=["is_dtt"])
    fit = fit_subdistribution(table, event="esrd", covariates=["is_dtt"])
    np.testing.assert_allclose(fit.log_ratios, cox.log_ratios, atol=1e-8)
    assert 0.8 < np.sqrt(fit.covariance[0, 0] / cox.covariance[0, 0]) < 1.25  # robust, so near and not equal


def test_where_nobody_is_censored_the_dead_stay_at_risk_to_the_end():
    table = random_patients(80, seed=4, words=("esrd", "death"))
    kept = table.assign(months=table.months.where(table.status.eq("esrd"), 99.0))
    whole = fit_subdistribution(table, event="esrd", covariates=["is_dtt"])
    simple = fit_subdistribution(kept.assign(status=kept.status.replace("death", "censored")), event="esrd",
                                 covariates=["is_dtt"])  # fmt: skip
    np.testing.assert_allclose(whole.log_ratios, simple.log_ratios, atol=1e-9)


def test_a_group_that_only_dies_sooner_has_the_same_hazard_and_fewer_failures():
    rng = np.random.default_rng(5)
    n, is_dtt = 4000, np.repeat([1, 0], 2000)
    failure, death = rng.exponential(50, n), rng.exponential(np.where(is_dtt == 1, 15, 200))
    first = np.minimum(failure, death)
    status = np.select([first > 60, failure < death], ["censored", "esrd"], "death")
    table = pd.DataFrame({"months": np.minimum(first, 60), "status": status, "is_dtt": is_dtt})
    periods = table.assign(patient_id=range(n), start=0.0, stop=table.months, is_event=table.status.eq("esrd"))
    assert abs(fit_cox(periods, covariates=["is_dtt"]).log_ratios[0]) < 0.15
    assert estimate_subdistribution(table, event="esrd").high[0] < 0.6


def test_the_peak_is_found_from_afar_and_a_flat_likelihood_has_none():
    def steep(at):
        rise = np.exp(4 * (at[0] - 3))
        return float(4 * at[0] - rise), np.array([4 - 4 * rise]), np.array([[16 * rise]])

    assert find_peak(lambda at: (-float(np.log(np.cosh(at[0] - 2))), -np.tanh(at - 2), 1 / np.cosh(at[None] - 2) ** 2),
                     size=1)[0][0] == pytest.approx(2)  # fmt: skip
    assert find_peak(steep, size=1)[0][0] == pytest.approx(3)  # a whole first step would leave every ratio there is
    assert find_peak(lambda at: (float(at[0]), np.ones(1), np.zeros((1, 1))), size=1)[2] == NO_PEAK
    assert find_peak(lambda at: (float(at[0]), np.ones(1), np.eye(1) / 8), size=1)[2] == NO_PEAK
    assert find_peak(lambda at: (np.nan, np.ones(1), np.full((1, 1), np.nan if at[0] else 1.0)), size=1)[2] == NO_PEAK


def whole_outcomes(n=60, *, seed=6):
    """Made-up outcomes on both clocks, with a label for some."""
    rng = np.random.default_rng(seed)
    is_dtt = rng.random(n) < 0.4
    composite = rng.choice(["worsening_creatinine", "esrd", "death", "censored"], n)
    return pd.DataFrame({
        "patient_id": [f"P{i}" for i in range(n)], "group": np.where(is_dtt, "dtt", "other"),
        "label_month": np.where(is_dtt, rng.integers(3, 36, n), np.nan),
        "composite_months": rng.integers(1, 90, n).astype(float), "composite_status": composite,
        "esrd_months": rng.integers(1, 90, n).astype(float),
        "esrd_status": np.where(composite == "worsening_creatinine", "esrd", composite),
    })  # fmt: skip


def test_each_race_is_run_by_three_methods_on_the_same_patients():
    found = compare_competing(whole_outcomes(), landmark_months=24.0)
    assert found.term.tolist()[:3] == ["kidney_failure.cause_specific", "kidney_failure.subdistribution",
                                       "kidney_failure.gray"]  # fmt: skip
    assert len(found) == 3 * len(RACES)
    assert found.n.iloc[::3].tolist() == found.n.iloc[1::3].tolist() == found.n.iloc[2::3].tolist()
    counted = found[["dtt_events_n", "other_events_n"]].sum(axis=1)
    assert counted.iloc[::3].tolist() == counted.iloc[1::3].tolist() == counted.iloc[2::3].tolist()
    assert found.loc[found.term.str.endswith(".gray"), "chi2"].notna().all()
    assert found.loc[~found.term.str.endswith(".gray"), "estimate"].notna().all()
    assert (found.note == "").all()


def test_a_label_after_the_landmark_does_not_count():
    table = whole_outcomes()
    early = compare_competing(table, landmark_months=24.0)
    later = table.assign(label_month=table.label_month + 100)
    found = compare_competing(later, landmark_months=24.0)
    assert early.dtt_events_n.sum() > 0 and found.dtt_events_n.sum() == 0
    assert set(found.note) <= {"nobody to compare with", "only one group", "no event"}


@pytest.mark.parametrize("word", ["censored", "death", "esrd"])
def test_a_cohort_with_one_word_or_nobody_gives_rows_and_notes_and_no_warning(word):
    table = whole_outcomes().assign(esrd_status=word, composite_status=word)
    found = compare_competing(table, landmark_months=24.0)
    quiet = found.loc[found.dtt_events_n + found.other_events_n == 0]
    assert len(quiet) and (quiet.note != "").all() and quiet[["estimate", "p"]].isna().all(axis=None)
    assert len(compare_competing(table, landmark_months=500.0)) == 3 * len(RACES)


def test_the_ledger_gets_two_ratios_and_three_p_values_of_each_race():
    facts = summarise_competing(compare_competing(whole_outcomes(), landmark_months=24.0))
    assert len(facts) == 5 * len(RACES)
    assert facts["survival.competing.death_before.subdistribution.hr"]["null"] == 1.0
    assert facts["survival.competing.first_worsening.gray.p"]["unit"] == "p value"
    assert "survival.competing.first_worsening.gray.hr" not in facts


def test_one_minus_kaplan_meier_lies_on_or_above_the_cumulative_incidence_everywhere():
    table = random_patients(200, seed=7).rename(columns={"months": "esrd_months", "status": "esrd_status"})
    table = table.assign(group=table.is_dtt.map({1: "dtt", 0: "other"}))
    naive = derive_naive_incidence(table, outcome="esrd", event="esrd")
    right = estimate_incidence(table, outcome="esrd", states=["esrd"])
    both = right.merge(naive, on=["group", "month"], suffixes=("", "_naive")).dropna(subset="estimate_naive")
    assert (both.estimate_naive >= both.estimate - 1e-12).all() and (both.estimate_naive > both.estimate + 0.01).any()


def test_the_overestimate_is_missing_where_the_share_is():
    table = failures(*[(50, "death", "dtt")] * 5, *[(55, "esrd", "dtt")] * 5, *[(80, "censored", "dtt")] * 12)
    shares = estimate_shares(table, outcome="esrd", event="esrd", at=[60, 120])
    found = derive_overestimate(shares, label="Kidney failure", outcomes=table, outcome="esrd", event="esrd")
    assert found.one_minus_km_share.notna().tolist() == [True, False, False, False]
    assert found.overestimate_share[0] == pytest.approx(5 / 17 - 5 / 22)


@pytest.mark.parametrize(
    ("specific", "share", "words"),
    [
        ((3, 1.5, 6), (2, 1.1, 4), "agree: both are clear"),
        ((3, 1.5, 6), (0.5, 0.3, 0.9), "contradict each other"),
        ((3, 0.9, 9), (2, 0.8, 4), "agree: neither is clear"),
        ((0.5, 0.3, 0.9), (0.6, 0.3, 1.2), "part ways: one of them is clear, the other is not"),
        ((3, 1.5, 6), (np.nan, np.nan, np.nan), "cannot be compared"),
    ],
)
def test_words_about_two_ratios_follow_their_intervals(specific, share, words):
    rows = pd.DataFrame([specific, share], columns=["estimate", "low", "high"])
    assert label_roads(rows.assign(term=["x.cause_specific", "x.subdistribution"]), event="x") == words


def test_words_about_grays_test_follow_its_p_value():
    words = [label_incidence(pd.DataFrame({"term": ["x.gray"], "p": [p]}), event="x") for p in (0.049, 0.05, np.nan)]
    assert words == ["differ", "do not clearly differ", "cannot be compared"]
