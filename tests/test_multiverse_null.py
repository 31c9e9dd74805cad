"""The null of the multiverse: shuffles that stay in their block, scores against slow ways, and its calibration."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from helpers.incidence import CENSORED
from helpers.multiverse.joint import summarise_scores
from helpers.multiverse.null import draw_shuffles, score_exposure, score_hazard
from helpers.survival.models import compare_survival
from helpers.survival.risk_sets import derive_risk_periods, keep_landmark

N, SHUFFLES = 120, 60


def make_patients(seed: int = 1, *, n: int = N) -> dict[str, np.ndarray]:
    """An exposure, covariates, a label with its month, and an outcome; some of each unknown, times in whole months."""
    rng = np.random.default_rng(seed)
    others = (rng.random((n, 4)) < 0.4).astype(float)
    label = (rng.random(n) < 0.2 + 0.3 * others[:, 0]).astype(float)
    exposure = (rng.random(n) < 0.4).astype(float)
    exposure[:5], others[8, 2], label[[10, 11]] = np.nan, np.nan, np.nan
    months = np.ceil(rng.exponential(40, n))
    months[-6:] = np.nan
    label_month = np.where(label == 1, rng.integers(-1, 30, n), np.nan)
    return {"exposure": exposure, "others": others, "label": label, "months": months,
            "is_event": rng.random(n) < 0.6, "label_month": label_month}  # fmt: skip


def as_outcomes(patients, months=None) -> pd.DataFrame:
    times = patients["months"] if months is None else months
    status = np.where(patients["is_event"], "death", CENSORED).astype(object)
    group = np.select([patients["label"] == 1, patients["label"] == 0], ["dtt", "other"], "cannot tell")
    return pd.DataFrame({"patient_id": range(len(times)), "composite_months": times, "group": group,
                         "composite_status": np.where(np.isnan(times), None, status),
                         "label_month": patients["label_month"]})  # fmt: skip


def score(patients, shuffles, **how):
    return score_hazard(patients["months"], patients["is_event"], patients["label"], patients["label_month"], shuffles,
                        **how)  # fmt: skip


def shuffle_label(patients, shuffle):
    return {**patients, "label": patients["label"][shuffle], "label_month": patients["label_month"][shuffle]}


def score_slowly(periods: pd.DataFrame) -> float:
    """Observed less expected events of the exposed over the root of the hypergeometric variance, time by time."""
    u = v = 0.0
    for time in sorted(periods.loc[periods["is_event"], "stop"].unique()):
        at_risk = periods.loc[(periods["start"] < time) & (periods["stop"] >= time)]
        dying = at_risk.loc[at_risk["is_event"] & (at_risk["stop"] == time)]
        n, n1, d = len(at_risk), at_risk["is_dtt"].sum(), len(dying)
        u += dying["is_dtt"].sum() - d * n1 / n
        v += d * n1 * (n - n1) * (n - d) / (n * n * (n - 1)) if n > 1 else 0.0
    return u / np.sqrt(v)


def test_shuffles_are_permutations_that_never_leave_their_block():
    blocks = np.array(["in", "out", "in", "in", "out", "alone"])
    drawn = draw_shuffles(6, blocks=blocks, permutations=200, seed=3)
    assert drawn.shape == (200, 6)
    assert (np.sort(drawn, axis=1) == np.arange(6)).all()
    assert (blocks[drawn] == blocks).all()
    assert (drawn[:, 5] == 5).all()
    assert len(np.unique(drawn[:, [0, 2, 3]], axis=0)) == 6  # all orders of the three come up


def test_the_same_seed_gives_the_same_shuffles_and_another_seed_others():
    one, same, other = (draw_shuffles(30, blocks=np.zeros(30), permutations=5, seed=seed) for seed in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).any()


def test_blocks_of_another_length_are_refused():
    with pytest.raises(ValueError, match="3 blocks for 4 patients"):
        draw_shuffles(4, blocks=np.zeros(3), permutations=1, seed=1)


def test_each_shuffle_scores_as_if_its_exposure_had_been_observed():
    patients = make_patients()
    shuffles = draw_shuffles(N, blocks=np.isnan(patients["exposure"]), permutations=SHUFFLES, seed=1)
    found = score_exposure(patients["exposure"], patients["others"], patients["label"], shuffles)
    again = [score_exposure(patients["exposure"][shuffle], patients["others"], patients["label"], shuffles[:0]).observed
             for shuffle in shuffles]  # fmt: skip
    np.testing.assert_allclose(found.permuted, again, atol=1e-9)
    assert found.permuted.std() > 0.5


def test_only_complete_cases_with_a_label_enter_the_score_of_an_exposure():
    patients = make_patients()
    known = ~np.isnan(patients["exposure"] + patients["label"] + patients["others"].sum(axis=1))
    assert (~known).sum() == 8
    parts = [patients[name] for name in ("exposure", "others", "label")]
    kept = score_exposure(*(part[known] for part in parts), np.empty((0, known.sum()), dtype=np.intp))
    assert score_exposure(*parts, np.empty((0, N), dtype=np.intp)).observed == pytest.approx(kept.observed, abs=1e-12)


def test_turning_an_exposure_round_turns_its_score_round():
    patients, none = make_patients(), np.empty((0, N), dtype=np.intp)
    one = score_exposure(patients["exposure"], patients["others"], patients["label"], none)
    other = score_exposure(1 - patients["exposure"], patients["others"], patients["label"], none)
    assert one.observed == pytest.approx(-other.observed)


def test_a_covariate_that_others_determine_changes_no_score():
    patients, none = make_patients(), np.empty((0, N), dtype=np.intp)
    wider = np.column_stack([patients["others"], 1 - patients["others"][:, 0], np.ones(N)])
    one = score_exposure(patients["exposure"], patients["others"], patients["label"], none)
    other = score_exposure(patients["exposure"], wider, patients["label"], none)
    assert one.observed == pytest.approx(other.observed, abs=1e-6)


def test_without_covariates_the_score_is_that_of_the_two_by_two_table():
    exposure, label = np.repeat([1.0, 1, 0, 0], [30, 20, 15, 35]), np.repeat([1.0, 0, 1, 0], [30, 20, 15, 35])
    found = score_exposure(exposure, np.empty((100, 0)), label, np.empty((0, 100), dtype=np.intp))
    assert found.observed**2 == pytest.approx(100 * (30 * 35 - 20 * 15) ** 2 / (50 * 50 * 45 * 55))  # Pearson's


def test_under_separation_the_score_is_that_of_the_patients_left_undecided():
    patients, none = make_patients(), np.empty((0, N), dtype=np.intp)
    decides = (np.arange(N) >= 100).astype(float)
    label = np.where(decides == 1, 1.0, patients["label"])
    found = score_exposure(patients["exposure"], np.column_stack([patients["others"], decides]), label, none)
    left = [part[:100] for part in (patients["exposure"], patients["others"], label)]
    alone = score_exposure(*left, none[:, :100])
    assert found.observed == pytest.approx(alone.observed, abs=1e-4)


@pytest.mark.parametrize("case", ["no label varies", "determined", "all decided", "decided by two", "not settled",
                                  "nobody"])  # fmt: skip
def test_an_exposure_without_a_test_has_no_score_observed_or_shuffled(case):
    patients = make_patients()
    exposure, others, label = (patients[name] for name in ("exposure", "others", "label"))
    if case == "no label varies":
        label = np.ones(N)
    elif case == "determined":
        exposure = 1 - others[:, 0]
    elif case == "all decided":
        others = np.column_stack([others, label])
    elif case == "decided by two":
        slope = np.random.default_rng(2).normal(size=(N, 2))
        others, label = slope, (slope[:, 0] + slope[:, 1] > 0.4).astype(float)
    elif case == "not settled":  # ten features for five labelled patients: some are parted, and more on the way there
        rng = np.random.default_rng(2)
        others, label = (rng.random((60, 10)) < 0.4).astype(float), (np.arange(60) < 5).astype(float)
        others, label = (np.concatenate([part, np.full((N - 60, *part.shape[1:]), np.nan)]) for part in (others, label))
    else:
        label = np.full(N, np.nan)
    found = score_exposure(exposure, others, label, np.tile(np.arange(N), (3, 1)))
    assert np.isnan(found.observed)
    assert np.isnan(found.permuted).tolist() == [True] * 3


def test_a_shuffle_that_leaves_the_exposed_nothing_to_differ_in_counts_as_zero():
    exposure, label = np.array([1.0, 0, 0, 0, 0, 0]), np.array([1.0, 1, 0, 0, 0, np.nan])
    found = score_exposure(exposure, np.empty((6, 0)), label, np.array([[5, 1, 2, 3, 4, 0]]))
    assert found.observed > 0
    assert found.permuted.tolist() == [0.0]


@pytest.mark.parametrize("landmark", [None, 12.0, 24.0])
def test_the_score_of_the_label_is_that_of_the_risk_periods_counted_one_by_one(landmark):
    patients = make_patients()
    shuffles = draw_shuffles(N, blocks=np.isnan(patients["months"]), permutations=15, seed=1)
    found = score(patients, shuffles, landmark_months=landmark)
    approach = "timedependent" if landmark is None else "landmark"
    slow = [score_slowly(derive_risk_periods(as_outcomes(one), approach=approach, landmark_months=landmark or 0.0))
            for one in [patients, *(shuffle_label(patients, shuffle) for shuffle in shuffles)]]  # fmt: skip
    np.testing.assert_allclose([found.observed, *found.permuted], slow, atol=1e-9)


def test_at_a_landmark_the_square_of_the_score_is_the_log_rank_chi_square():
    patients = make_patients()
    rows = keep_landmark(as_outcomes(patients), landmark_months=12.0)
    test = compare_survival(rows.loc[rows["group"].ne("cannot tell")], outcome="composite")
    found = score(patients, np.empty((0, N), dtype=np.intp), landmark_months=12.0)
    assert found.observed**2 == pytest.approx(test["chi2"].iloc[0], abs=1e-9)


@pytest.mark.parametrize(("label_month", "expected"), [(9.9, 1), (10.0, 0), (10.1, 0), (np.nan, 0)])
def test_an_outcome_on_the_day_of_the_label_belongs_to_the_unexposed(label_month, expected):
    """Two at risk exposed from the start; the third dies at month 10, one of 1 or 3 exposed among four."""
    months, is_event = np.array([10.0, 20, 30, 40]), np.array([True, False, False, False])
    found = score_hazard(months, is_event, np.array([1.0, 1, 0, 0]), np.array([label_month, -1.0, np.nan, np.nan]),
                         np.empty((0, 4), dtype=np.intp))  # fmt: skip
    share = (1 + expected) / 4
    assert found.observed == pytest.approx((expected - share) / np.sqrt(share * (1 - share)))


@pytest.mark.parametrize(("landmark", "n"), [(9.9, 3), (10.0, 2), (10.1, 2)])
def test_who_leaves_at_the_landmark_takes_no_part(landmark, n):
    months, is_event = np.array([10.0, 20, 30]), np.array([False, True, False])
    found = score_hazard(months, is_event, np.array([1.0, 1, 0]), np.zeros(3), np.empty((0, 3), dtype=np.intp),
                         landmark_months=landmark)  # fmt: skip
    assert found.observed == pytest.approx(1.0)  # one of the two at risk at month 20 is exposed, whoever left before
    first = score_hazard(months, np.array([True, True, False]), np.array([1.0, 1, 0]), np.zeros(3),
                         np.empty((0, 3), dtype=np.intp), landmark_months=landmark)  # fmt: skip
    assert (first.observed == pytest.approx(1.0)) is (n == 2)


@pytest.mark.parametrize("case", ["no event", "nobody followed", "one group"])
def test_a_hazard_without_a_test_has_no_score(case):
    patients = make_patients()
    if case == "no event":
        patients["is_event"] = np.zeros(N, dtype=bool)
    elif case == "nobody followed":
        patients["months"] = np.full(N, np.nan)
    else:
        patients["label"] = np.zeros(N)
    found = score(patients, np.tile(np.arange(N), (2, 1)))
    assert np.isnan([found.observed, *found.permuted]).all()
    assert len(found.permuted) == 2


def judge_cohort(seed: int, *, effect: float) -> float:
    """The joint p of the median z over nine specifications that share their patients: three labels, three models."""
    rng = np.random.default_rng(seed)
    n, others = 100, np.column_stack([np.random.default_rng(seed + 1).normal(size=(100, 3))])
    exposure = (rng.random(n) < 0.4).astype(float)
    risk = others[:, 0] + effect * exposure + rng.logistic(size=n)
    labels = [(risk + 0.3 * rng.normal(size=n) > cut).astype(float) for cut in (0.0, 0.5, 1.0)]
    shuffles = draw_shuffles(n, blocks=np.zeros(n), permutations=99, seed=seed)
    scores = [score_exposure(exposure, others[:, :size], label, shuffles) for label in labels for size in (1, 2, 3)]
    observed = summarise_scores(np.array([[one.observed] for one in scores]))["median_z"][0]
    drawn = summarise_scores(np.stack([one.permuted for one in scores]))["median_z"]
    return (1 + int((drawn >= observed).sum())) / 100


def test_the_joint_p_of_cohorts_without_an_effect_is_below_a_twentieth_as_often_as_it_should_be():
    found = np.array([judge_cohort(seed, effect=0.0) for seed in range(200)])
    low, high = binom.ppf([0.005, 0.995], len(found), 0.05)
    assert low <= (found <= 0.05).sum() <= high
    assert 0.4 < found.mean() < 0.6


def test_the_joint_p_of_cohorts_with_an_effect_is_small():
    found = np.array([judge_cohort(seed, effect=2.0) for seed in range(20)])
    assert np.median(found) <= 0.02


def judge_labels_cut_short(seed: int) -> float:
    """The joint p of the median z where a label needs a patient who lives and stays to show it: followed for two years
    or not, three time zeros. One in three would come to carry it; it has no part in the outcome."""
    rng = np.random.default_rng(seed)
    n, carries = 150, rng.random(150) < 0.3
    label_month = np.where(carries, rng.choice([3.0, 6.0, 12.0, 18.0], n), np.inf)
    outcome = np.where(rng.random(n) < 0.08, rng.uniform(0, 12, n), rng.exponential(110, n))
    leaves = rng.uniform(3, 170, n)
    followed = np.where(rng.random(n) < 0.5, np.minimum(outcome, leaves), leaves)  # half of the outcomes are deaths
    is_long, shown = followed >= 24, label_month < followed
    label = np.where(shown | (~carries & is_long), shown.astype(float), np.nan)
    shuffles = draw_shuffles(n, blocks=is_long, permutations=99, seed=seed)
    scores = [score_hazard(np.where(is_in, np.minimum(outcome, leaves), np.nan), (outcome <= leaves) & is_in,
                           np.where(is_in, label, np.nan), np.where(shown, label_month, np.nan), shuffles,
                           landmark_months=landmark)
              for is_in in (is_long, np.ones(n, dtype=bool)) for landmark in (None, 24.0, 12.0)]  # fmt: skip
    observed = summarise_scores(np.array([[one.observed] for one in scores]))["median_z"][0]
    drawn = summarise_scores(np.stack([one.permuted for one in scores]))["median_z"]
    return (1 + int((drawn >= observed).sum())) / 100


def test_labels_cut_short_by_death_and_end_of_follow_up_are_as_rarely_found_to_foretell_the_outcome():
    found = np.array([judge_labels_cut_short(seed) for seed in range(200)])
    low, high = binom.ppf([0.005, 0.995], len(found), 0.05)
    assert low <= (found <= 0.05).sum() <= high
    assert 0.4 < found.mean() < 0.6


def test_labels_that_foretell_nothing_are_as_rarely_found_to_foretell_the_outcome():
    found = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        months, is_event = np.ceil(rng.exponential(30, 80)), rng.random(80) < 0.7
        label = (rng.random(80) < 0.3).astype(float)
        shuffles = draw_shuffles(80, blocks=np.zeros(80), permutations=99, seed=seed)
        own = score_hazard(months, is_event, label, rng.uniform(0, 24, 80), shuffles)
        found.append((1 + int((own.permuted >= own.observed).sum())) / 100)
    low, high = binom.ppf([0.005, 0.995], 200, 0.05)
    assert low <= (np.array(found) <= 0.05).sum() <= high
