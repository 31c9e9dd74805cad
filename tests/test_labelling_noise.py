"""Noise in the label: the copies, the model of the truth, the tables, misreading and the bias analysis."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.datasets import fertility, grunfeld
from statsmodels.discrete.discrete_model import Logit

from helpers.definitions import load_rulebook
from helpers.figures.noise import draw_label_noise
from helpers.labelling import label_dtt
from helpers.labelling.bias_analysis import (
    describe_refused,
    estimate_corrected_odds_ratios,
    estimate_corrected_share,
    fit_counts,
    summarise_bias_facts,
)
from helpers.labelling.course import derive_first_courses
from helpers.labelling.misreading import Accuracy, correct_share, derive_accuracies, match_beta, reclassify
from helpers.labelling.noise import keep_deciding_visits, simulate_label_noise
from helpers.labelling.noise_draws import BASELINES, draw_shifts, find_spread
from helpers.labelling.noise_facts import (
    derive_flip_probabilities,
    derive_noise_curve,
    extrapolate_share,
    summarise_noise,
    summarise_noisy_arms,
)
from helpers.labelling.noise_ledger import describe_check, label_stated_noise, summarise_noise_facts
from helpers.labelling.noise_line import estimate_line_residual
from helpers.labelling.noise_rules import estimate_answer_kappa
from helpers.labelling.noise_truth import Measured, derive_measured, draw_truth, fit_truth
from helpers.labelling.summaries import flag_borderline
from helpers.parameters import Parameters
from helpers.stages import derive_label_noise, make_tables
from helpers.synthetic import simulate_cohort
from helpers.synthetic.course import simulate_histories
from helpers.synthetic.onset import simulate_people
from helpers.synthetic.truth import DEFAULT_TRUTH

BOOK, RULE = load_rulebook(), Parameters().dtt_rule()
CODES = {"yes": 1, "no": 0, "cannot tell": -1}


@pytest.fixture(scope="module")
def raw():
    return simulate_cohort(n=100, seed=5)


@pytest.fixture(scope="module")
def tables(raw):
    return make_tables(raw, Parameters(), rulebook=BOOK)


@pytest.fixture(scope="module")
def noise(raw, tables):
    return derive_label_noise(raw, tables, parameters=Parameters(noise_samples=40), rulebook=BOOK)


def simulate(raw, tables, *, rule=RULE, sd=0.5, samples=20, seed=1):
    return simulate_label_noise(tables["assessments"], tables["courses"], tables["cohort"], rule=rule, rulebook=BOOK,
                                events=raw["events"], noise_sd=sd, samples=samples, seed=seed)  # fmt: skip


RULES = [
    RULE, replace(RULE, confirmation_visits=2), replace(RULE, flare_clock="complete_response"),
    replace(RULE, missing_window="cannot_tell"), replace(RULE, missing_window="counts_as_failure", deadline_months=6.0),
    replace(RULE, response_rule="kdigo_2012", flare_window_months=60.0), replace(RULE, arms=("failure_6m",)),
]  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
def test_without_noise_the_copies_carry_the_label_itself_by_one_visit_and_by_two(raw, tables, rule):
    found = simulate(raw, tables, rule=rule, sd=0.0)
    for visits in (1, 2):
        labels, _ = label_dtt(tables["assessments"], tables["courses"], tables["cohort"], rulebook=BOOK,
                              events=raw["events"], rule=replace(rule, confirmation_visits=visits))  # fmt: skip
        expected = labels["dtt"].map(CODES).to_numpy()
        assert (labels["patient_id"].to_numpy() == found.patients.to_numpy()).all()
        readings = ["measured", "again stated"] if visits == rule.confirmation_visits else ["measured"]
        for reading in readings:
            assert (found.readings[visits, reading].label == expected).all()
        for arm, codes in found.readings[visits, readings[-1]].arms.items():
            assert (codes == labels[f"arm_{arm}"].map(CODES).to_numpy()).all()


def test_the_same_seed_gives_the_same_copies_and_another_one_others(raw, tables, noise):
    again = simulate(raw, tables, sd=0.67, samples=40, seed=Parameters().seed)
    assert (again.readings[1, "again"].label == noise.readings[1, "again"].label).all()
    other = simulate(raw, tables, sd=0.67, samples=40, seed=2)
    assert (other.readings[1, "again"].label != noise.readings[1, "again"].label).any()


def test_more_noise_turns_more_labels(noise):
    shares = [np.mean(noise.readings[1, f"added {times}"].label != noise.readings[1, "measured"].label)
              for times in (0.5, 2.0)]  # fmt: skip
    assert 0 < shares[0] < shares[1]


def as_measured(value: np.ndarray, month: np.ndarray) -> Measured:
    known = ~np.isnan(value)
    return Measured(np.where(known, value, 0.0), month, known, np.zeros(0, dtype=np.int64))


@pytest.fixture(scope="module")
def planted() -> tuple[np.ndarray, Measured]:
    """400 invented courses with noise of 0.5 on a truth that wanders, and a tenth of the visits without a value."""
    rng, months = np.random.default_rng(3), np.arange(0.0, 22.0, 2.0)
    signal = 0.3**2 + 0.8**2 * np.exp(-np.abs(months[:, None] - months) / 6.0)
    truth = 1.0 - 0.25 * np.minimum(months, 6) + rng.multivariate_normal(np.zeros(len(months)), signal, 400)
    value = truth + 0.5 * rng.standard_normal(truth.shape)
    value[rng.random(value.shape) < 0.1] = np.nan
    return truth, as_measured(value, np.broadcast_to(months, value.shape))


def test_the_model_finds_the_noise_that_was_planted(planted):
    found = fit_truth(planted[1])
    assert found.noise_sd == pytest.approx(0.5, abs=0.04)
    assert found.between_sd**2 + found.serial_sd**2 == pytest.approx(0.3**2 + 0.8**2, rel=0.15)


def test_the_noise_planted_lies_in_its_range_and_at_baseline_it_has_its_own(planted):
    truth, measured = planted
    quiet = measured.value.copy()
    quiet[:, 0] = truth[:, 0] + 0.4 * (measured.value - truth)[:, 0]
    both = [find_spread(fit_truth(one), one) for one in (measured, replace(measured, value=quiet * measured.known))]
    for spread, baseline in zip(both, (0.5, 0.2), strict=True):
        assert spread.visit_range[0] < 0.5 < spread.visit_range[1]
        low, high = spread.baseline_at(np.array([0.025, 0.975]))
        assert low < baseline < high < 0.7


def test_models_are_drawn_as_far_apart_as_the_range_says(planted):
    spread = find_spread(fit_truth(planted[1]), planted[1])
    drawn = spread.draw_models(planted[1], rng=np.random.default_rng(1), draws=60)
    sizes = np.array([model.noise_sd for model in drawn])
    assert np.mean((sizes > spread.visit_range[0]) & (sizes < spread.visit_range[1])) == pytest.approx(0.95, abs=0.06)
    baseline = np.array([model.baseline_sd for model in drawn])
    assert np.median(baseline) == pytest.approx(spread.baseline_at(np.array([0.5]))[0], rel=0.1)
    assert BASELINES[0] <= baseline.min() and baseline.max() <= BASELINES[-1]


def test_a_second_measurement_is_the_course_and_fresh_noise_of_the_model_whose_turn_it_is(planted):
    measured = planted[1]
    model = fit_truth(measured, noise_sd=0.5)
    models = [model, replace(model, noise_sd=1.5, baseline_sd=0.01)]
    truth, again = draw_shifts(models, measured, copies=5, rng=np.random.default_rng(2))
    fresh = (again - truth).std(axis=1)
    assert truth.shape == (5, *measured.value.shape)
    np.testing.assert_allclose(fresh[:, 1:].mean(axis=1), [0.5, 1.5, 0.5, 1.5, 0.5], rtol=0.05)
    np.testing.assert_allclose(fresh[:, 0], np.where([1, 0, 1, 0, 1], model.baseline_sd, 0.01), rtol=0.15)


def load_lines() -> dict[str, pd.DataFrame]:
    """Two data sets of statsmodels in the shape of courses: id, month, value; the month bends at six."""
    firms = grunfeld.load_pandas().data
    births = fertility.load_pandas().data.drop(columns=["Country Code", "Indicator Name", "Indicator Code"])
    births = births.iloc[:, :25].melt(id_vars="Country Name", var_name="year", value_name="value").dropna()
    return {
        "grunfeld": pd.DataFrame({"id": firms["firm"], "month": firms["year"] - 1935.0,
                                  "value": np.log(firms["invest"])}),
        "fertility": pd.DataFrame({"id": births["Country Name"], "month": births["year"].astype(int) - 1960.0,
                                   "value": np.log(births["value"])}),
    }  # fmt: skip


def as_course(data: pd.DataFrame) -> Measured:
    wide = data.pivot_table(index="id", columns="month", values="value").sort_index(axis=1)
    return as_measured(wide.to_numpy(dtype=float), np.broadcast_to(wide.columns.to_numpy(dtype=float), wide.shape))


GOLDEN = json.loads((Path(__file__).parent / "golden" / "line_residual.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("fit", [name for name in GOLDEN if name != "made_with"])
def test_the_residual_about_a_line_is_that_of_nlme(fit):
    name, months = fit.split(".")
    found = estimate_line_residual(as_course(load_lines()[name]), months=float(months))
    assert found == pytest.approx(GOLDEN[fit]["values"], rel=1e-5)


def test_too_few_visits_give_no_residual_about_a_line():
    assert np.isnan(estimate_line_residual(as_measured(np.array([[0.5, 0.2]]), np.array([[0.0, 3.0]]))))


def test_cannot_tell_is_an_answer_when_rules_are_compared():
    first, second = np.repeat([1, 1, 0, 0, -1], [30, 20, 40, 5, 5]), np.repeat([1, -1, 0, 1, -1], [30, 20, 40, 5, 5])
    agreement, chance = 0.75, (50 * 35 + 45 * 40 + 5 * 25) / 100**2
    kappa, low, high = estimate_answer_kappa(first, second)
    assert kappa == pytest.approx((agreement - chance) / (1 - chance)) and low < kappa < high
    assert np.isnan(estimate_answer_kappa(np.ones(5), np.ones(5))).all()
    assert estimate_answer_kappa(first, first)[0] == 1


def test_the_draws_of_both_rates_keep_their_priors_and_go_together():
    accuracy = Accuracy((90.0, 10.0), (190.0, 10.0), correlation=0.8)
    drawn = accuracy.draw(20_000, np.random.default_rng(3))
    assert np.corrcoef(drawn)[0, 1] == pytest.approx(0.78, abs=0.03)
    for place, rates in enumerate(drawn):
        np.testing.assert_allclose(np.percentile(rates, [2.5, 97.5]), accuracy.range_of(place), atol=0.004)


def test_the_words_follow_the_numbers(raw, tables, noise):
    assert "bounds it from above" in label_stated_noise(noise)
    assert "less than" in label_stated_noise(replace(noise, noise_sd=0.05))
    assert "not clearly" in label_stated_noise(replace(noise, noise_sd=noise.own.model.noise_sd))
    assert "early flares" in describe_check(noise)
    other = simulate(raw, tables, rule=replace(RULE, arms=("failure_6m",), confirmation_visits=2))
    assert "early flares" not in describe_check(other) and "the data back" in describe_check(other)
    again = noise.readings[1, "again"]
    far = replace(again, label=np.zeros_like(again.label))
    assert "does not give" in describe_check(replace(noise, readings={**noise.readings, (1, "again"): far}))
    patients = derive_flip_probabilities(other, flag_borderline(tables["dtt_labels"], tables["dtt_trace"], within=0.1))
    assert np.isnan(summarise_noise_facts(other, patients)["dtt.noise.flare.lost.n"]["value"])


def simulate_known(n: int, *, seed: int) -> tuple[dict, np.ndarray, np.ndarray]:
    """Raw tables; the true log proteinuria of each of their visits; and which are a patient's first."""
    onset, course, *_ = [np.random.default_rng(part) for part in np.random.SeedSequence(seed).spawn(8)]
    people = simulate_people(n=n, rng=onset, truth=DEFAULT_TRUTH)
    visits = simulate_histories(people, rng=course, truth=DEFAULT_TRUTH).visits
    order = np.lexsort((visits["day"], visits["patient"]))
    patient = visits["patient"][order]
    return simulate_cohort(n=n, seed=seed), visits["log_upcr"][order], np.append(True, patient[1:] != patient[:-1])


def relabel(raw: dict, log_upcr: np.ndarray) -> pd.Series:
    """The labels had proteinuria been this wherever it was measured, as codes by patient."""
    visits = raw["visits"]
    known = visits[["upcr_g_g", "protein_24h_g"]].notna().any(axis=1)
    read = visits.assign(upcr_g_g=np.where(known, np.exp(log_upcr).clip(0.02, 45), np.nan), protein_24h_g=np.nan)
    labels = make_tables({**raw, "visits": read}, Parameters(), rulebook=BOOK)["dtt_labels"]
    return labels.set_index("patient_id")["dtt"].map(CODES)


def draw_noise(first: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Noise as the simulator plants it: quiet at baseline, with memory from visit to visit after it."""
    planted, before, found = DEFAULT_TRUTH.noise, 0.0, []
    for is_first, fresh in zip(first, rng.standard_normal(len(first)), strict=True):
        if is_first:
            before = planted.upcr_sd * rng.standard_normal()
            found.append(planted.upcr_baseline_sd * fresh)
        else:
            before = planted.upcr_memory * before + np.sqrt(1 - planted.upcr_memory**2) * planted.upcr_sd * fresh
            found.append(before)
    return np.array(found)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 12])
def test_the_model_says_of_the_labels_what_the_simulators_own_course_says(seed):
    """Truth by relabelling the simulator's own course and fresh noise on it; the model sees the measurements only."""
    raw, course, first = simulate_known(500, seed=seed)
    tables = make_tables(raw, Parameters(), rulebook=BOOK)
    read = tables["dtt_labels"].set_index("patient_id")["dtt"].map(CODES).rename("read")
    rng = np.random.default_rng(1)
    retests = [relabel(raw, course + draw_noise(first, rng)) for _ in range(3)]
    known = pd.concat([read, relabel(raw, course).rename("true"), *retests], axis=1, join="inner")
    told = known.loc[(known["read"] >= 0) & (known["true"] >= 0)]
    both = [known.loc[(known["read"] >= 0) & (known.iloc[:, place] >= 0)].iloc[:, [0, place]] for place in (2, 3, 4)]
    flips = np.mean([np.mean(pair.iloc[:, 0] != pair.iloc[:, 1]) for pair in both])

    noise = derive_label_noise(raw, tables, parameters=Parameters(noise_samples=60), rulebook=BOOK)
    table = summarise_noise(noise).set_index("term")
    assert 0.39 < noise.own.model.noise_sd < 0.48 < noise.own.line_sd
    assert 0.1 < noise.own.model.baseline_sd < 0.3
    assert table.loc["one_true", "share"] == pytest.approx((known["true"] == 1).mean(), abs=0.03)
    assert table.loc["one_again", "flip_share"] == pytest.approx(flips, abs=0.04)
    assert table.loc["one_again", "flip_share"] < flips < table.loc["one_again_stated", "flip_share"]
    accuracy = derive_accuracies(noise)["own"].means
    for place, word in enumerate((1, 0)):
        right = told.loc[told["true"] == word, "read"].eq(word).mean()
        assert accuracy[place] == pytest.approx(right, abs=0.03)


def test_the_truth_drawn_is_as_far_from_the_truth_as_it_says(planted):
    truth, measured = planted
    drawn = draw_truth(fit_truth(measured, noise_sd=0.5), measured, copies=200, rng=np.random.default_rng(1))
    centre, spread = drawn.mean(axis=0)[measured.known], drawn.std(axis=0)[measured.known]
    miss = truth[measured.known] - centre
    assert np.mean(np.abs(miss) < 1.96 * spread) == pytest.approx(0.95, abs=0.015)
    assert np.sqrt(np.mean(miss**2)) < 0.4 < np.sqrt(np.mean((truth - measured.value)[measured.known] ** 2))


def test_too_few_measurements_or_no_noise_leave_the_truth_as_measured():
    few = as_measured(np.array([[0.5, 0.2]]), np.array([[0.0, 3.0]]))
    model = fit_truth(few, noise_sd=0.5)
    assert not model.is_fitted and not fit_truth(few, noise_sd=0.0).is_fitted
    assert (draw_truth(model, few, copies=2, rng=np.random.default_rng(0)) == few.value).all()


def test_visits_without_proteinuria_stay_without(raw, tables):
    first = keep_deciding_visits(
        derive_first_courses(tables["assessments"], tables["courses"], tables["cohort"], rule=RULE,
                             response_rule=BOOK.response_rule(RULE.response_rule), events=raw["events"]), rule=RULE)
    measured = derive_measured(first)
    missing = first.visits["upcr_g_g"].isna().to_numpy()
    assert (~measured.known[first.patient, measured.place] == missing).all()
    assert (measured.month[:, 0] == 0).all()


def test_the_table_of_readings_has_a_row_for_each_and_the_extrapolation(noise):
    table = summarise_noise(noise).set_index("term")
    assert len(table) == 8
    assert table.loc["one_measured", "flip_share"] == 0
    assert table.loc["one_again", "flip_low_share"] <= table.loc["one_again", "flip_share"]
    assert table.loc["one_extrapolated", "share"] == extrapolate_share(noise)
    share = np.mean(noise.readings[1, "measured"].label == 1)
    assert table.loc["one_measured", "share"] == pytest.approx(share)


def test_the_extrapolation_is_the_parabola_through_the_shares(noise):
    curve = derive_noise_curve(noise)
    simulated = curve.loc[curve.kind.eq("simulated")]
    at_minus_one = np.polyval(np.polyfit(simulated.added, simulated.share, 2), -1.0)
    assert extrapolate_share(noise) == pytest.approx(min(max(at_minus_one, 0), 1))


def test_arms_lose_what_they_had_and_gain_what_they_had_not(noise):
    table = summarise_noisy_arms(noise)
    assert table["arm"].tolist() == list(RULE.arms)
    assert (table["lost_n"] <= table["yes_n"]).all() and (table["gained_n"] >= 0).all()


def test_each_patient_has_a_probability_and_the_ledger_its_facts(noise, tables):
    borderline = flag_borderline(tables["dtt_labels"], tables["dtt_trace"], within=0.1)
    patients = derive_flip_probabilities(noise, borderline)
    assert len(patients) == len(noise.patients)
    assert patients["flip_probability"].dropna().between(0, 1).all()
    open_ = patients["label"].eq("cannot tell")
    assert patients.loc[open_, "flip_probability"].isna().all()
    facts = summarise_noise_facts(noise, patients)
    table = summarise_noise(noise).set_index("term")
    assert facts["dtt.noise.flip.share"]["value"] == table.loc["one_again", "flip_share"]
    assert facts["dtt.noise.unsure.n"]["value"] == patients["is_unsure"].sum()
    assert facts["dtt.noise.sd"]["low"] < facts["dtt.noise.sd"]["value"] < facts["dtt.noise.sd"]["high"] < 1
    assert facts["dtt.noise.sd"]["value"] < facts["dtt.noise.line.sd"]["value"]
    assert facts["dtt.noise.flare.lost.n"]["value"] > facts["dtt.noise.flare.gained.n"]["value"]
    plt.close(draw_label_noise(patients, curve=derive_noise_curve(noise), unsure_from=0.25))


def test_nobody_to_label_gives_tables_without_numbers(raw, tables):
    nobody = tables["cohort"].assign(is_eligible=False)
    found = simulate(raw, {**tables, "cohort": nobody})
    assert summarise_noise(found)["share"].isna().all()
    patients = derive_flip_probabilities(found, flag_borderline(tables["dtt_labels"], tables["dtt_trace"], within=0.1))
    assert patients.empty and np.isnan(extrapolate_share(found))
    assert np.isnan(summarise_noise_facts(found, patients)["dtt.noise.sd"]["value"])
    assert derive_accuracies(found) == {"own": None}
    assert "could not be checked" in describe_check(found) and "cannot be compared" in label_stated_noise(found)
    plt.close(draw_label_noise(patients, curve=derive_noise_curve(found), unsure_from=0.25))


def test_the_matrix_method_gives_the_numbers_worked_by_hand():
    # of 139 cases 45 exposed, of 1202 others 257; sensitivity 0.9, specificity 0.8 in both:
    # (45 - 0.2 * 139) / 0.7 = 24.571 and (257 - 0.2 * 1202) / 0.7 = 23.714 are truly exposed
    corrected = correct_share([45 / 139, 257 / 1202], sensitivity=0.9, specificity=0.8) * [139, 1202]
    np.testing.assert_allclose(corrected, [17.2 / 0.7, 16.6 / 0.7])
    a, b = corrected
    assert a * (1202 - b) / (b * (139 - a)) == pytest.approx(17.2 * 824.8 / (16.6 * 80.1))
    assert np.isnan(correct_share(0.3, sensitivity=0.5, specificity=0.5))


def test_misreading_a_true_share_and_correcting_it_gives_it_back():
    true, sensitivity, specificity = np.array([0.1, 0.3, 0.8]), 0.85, 0.95
    read = true * sensitivity + (1 - true) * (1 - specificity)
    np.testing.assert_allclose(correct_share(read, sensitivity=sensitivity, specificity=specificity), true)


@pytest.mark.parametrize(("mean", "variance"), [(0.9, 0.002), (0.5, 0.01), (0.2, 0.001)])
def test_the_prior_has_the_mean_and_variance_asked_for(mean, variance):
    prior = stats.beta(*match_beta(mean, variance))
    assert prior.mean() == pytest.approx(mean) and prior.var() == pytest.approx(variance)


@pytest.mark.parametrize("mean", [0.0, 1.0])
def test_a_prior_at_the_edge_can_still_be_drawn_from(mean):
    assert np.isfinite(match_beta(mean, 0.0)).all() and min(match_beta(mean, 0.0)) > 0


def test_many_tables_at_once_are_fitted_like_one_by_statsmodels():
    design = np.array([[1, 0, 0], [1, 0, 1], [1, 1, 0], [1, 1, 1]], dtype=float)
    cases, sizes = np.array([[5.0, 20, 9, 30], [8.0, 10, 3, 12]]), np.array([50, 60, 20, 40])
    beta, error = fit_counts(cases, sizes, design)
    for row in range(2):
        y = np.concatenate([np.repeat([1, 0], [int(k), n - int(k)]) for k, n in zip(cases[row], sizes, strict=True)])
        fit = Logit(y, np.repeat(design, sizes, axis=0)).fit(disp=0, tol=1e-12)
        np.testing.assert_allclose(beta[row], fit.params, atol=1e-6)
        np.testing.assert_allclose(error[row], fit.bse, atol=1e-6)


def test_an_empty_cell_is_fitted_with_half_a_patient_in_every_cell():
    beta, _ = fit_counts(np.array([[0.0, 5.0]]), np.array([10, 10]), np.array([[1.0, 0.0], [1.0, 1.0]]))
    assert np.exp(beta[0, 1]) == pytest.approx((5.5 / 5.5) / (0.5 / 10.5))


SURE = Accuracy((8e5, 2e5), (9e5, 1e5))


def make_misread(n: int, *, seed: int, accuracy: Accuracy) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two exposures, a truth with odds ratios of 3 and 2, and a label that misreads it."""
    rng = np.random.default_rng(seed)
    x = rng.random((n, 2)) < [0.3, 0.5]
    logit = -1.2 + np.log(3) * x[:, 0] + np.log(2) * x[:, 1]
    truth = rng.random(n) < 1 / (1 + np.exp(-logit))
    sensitivity, specificity = accuracy.means
    label = np.where(truth, rng.random(n) < sensitivity, rng.random(n) > specificity)
    ids = pd.Series(np.arange(n)).astype(str)
    cohort = pd.DataFrame({"patient_id": ids, "any_apl": pd.array(x[:, 0], dtype="boolean"),
                           "active_sediment": pd.array(x[:, 1], dtype="boolean")})  # fmt: skip
    return cohort, pd.DataFrame({"patient_id": ids, "is_dtt": pd.array(label, dtype="boolean")})


def test_the_corrected_odds_ratios_find_the_truth_that_misreading_hid():
    cohort, labels = make_misread(40_000, seed=8, accuracy=SURE)
    table = estimate_corrected_odds_ratios(cohort, labels, accuracies={"own": SURE}, seed=1).set_index("term")
    for term, truth in (("any_apl", 3.0), ("active_sediment", 2.0)):
        labelled, corrected = (table.loc[f"adjusted.{term}.{key}"] for key in ("labelled", "own"))
        assert labelled["high"] < truth
        assert corrected["low"] < truth < corrected["high"]
        assert corrected["estimate"] == pytest.approx(truth, rel=0.08)
    share = estimate_corrected_share(labels, SURE, seed=1)
    truth = correct_share(labels["is_dtt"].mean(), sensitivity=0.8, specificity=0.9)
    assert share["estimate"] == pytest.approx(float(truth), abs=0.005)


def test_a_label_without_error_is_left_as_it_is():
    cohort, labels = make_misread(400, seed=2, accuracy=SURE)
    perfect = Accuracy(match_beta(1.0, 0.0), match_beta(1.0, 0.0))
    table = estimate_corrected_odds_ratios(cohort, labels, accuracies={"own": perfect}, seed=1).set_index("term")
    before, after = (table.loc[f"univariable.any_apl.{key}"] for key in ("labelled", "own"))
    assert after["estimate"] == pytest.approx(before["estimate"], rel=0.05)
    assert after["high"] / after["low"] == pytest.approx(before["high"] / before["low"], rel=0.15)


def test_draws_that_need_a_negative_number_of_patients_are_refused():
    poor = Accuracy((800.0, 200.0), (700.0, 300.0))
    cases, kept = reclassify(np.array([5, 50]), np.array([100, 100]), poor, rng=np.random.default_rng(0))
    assert len(cases) == 0 and kept == 0
    cohort, labels = make_misread(60, seed=4, accuracy=SURE)
    rare = labels.assign(is_dtt=pd.array(np.arange(60) < 4, dtype="boolean"))
    table = estimate_corrected_odds_ratios(cohort, rare, accuracies={"own": poor}, seed=1).set_index("term")
    row = table.loc["univariable.any_apl.own"]
    assert np.isnan(row["estimate"]) and "refuse" in row["note"] and row["kept_share"] < 0.5
    assert "not printed" in describe_refused(table)
    facts = summarise_bias_facts(rare, table.reset_index(), accuracies={"own": poor}, seed=1)
    assert facts["dtt.bias.refused.n"]["value"] == facts["dtt.bias.refused.n"]["n"] == 4
    assert np.isnan(estimate_corrected_share(rare, poor, seed=1)["estimate"])


def test_what_does_not_vary_and_what_has_no_prior_say_so():
    cohort, labels = make_misread(60, seed=4, accuracy=SURE)
    flat = cohort.assign(any_apl=pd.array([True] * 60, dtype="boolean"))
    table = estimate_corrected_odds_ratios(flat, labels, accuracies={"own": None}, seed=1).set_index("term")
    assert "vary" in table.loc["univariable.any_apl.labelled", "note"]
    assert "no noise-free" in table.loc["univariable.active_sediment.own", "note"]
    assert table.loc["univariable.active_sediment.labelled", "estimate"] > 0
    assert np.isnan(estimate_corrected_share(labels, None, seed=1)["estimate"])


def test_the_priors_come_from_the_copies_and_the_ledger_keeps_the_corrections(noise, tables):
    accuracies = derive_accuracies(noise)
    assert all(0.5 < mean < 1 for accuracy in accuracies.values() for mean in accuracy.means)
    labels = tables["dtt_labels"]
    ratios = estimate_corrected_odds_ratios(tables["cohort"], labels, accuracies=accuracies, seed=1)
    assert len(ratios) == 8 and "No corrected" in describe_refused(ratios)
    facts = summarise_bias_facts(labels, ratios, accuracies=accuracies, seed=1)
    kept = facts["dtt.bias.own.sensitivity"]
    assert kept["low"] < kept["value"] == accuracies["own"].means[0] < kept["high"]
    assert facts["dtt.bias.refused.n"]["value"] == 0
    assert facts["dtt.bias.univariable.any_apl.labelled.or"]["null"] == 1.0


if __name__ == "__main__":  # writes the data sets that tests/golden/line_residual.R reads
    for name, data in load_lines().items():
        data.to_csv(Path(sys.argv[1]) / f"{name}.csv", index=False)
