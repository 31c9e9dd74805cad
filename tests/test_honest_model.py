"""Chapter 3: sample size, penalties, overlap, decision curve, strata, adjusted p values and the assumed graph."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from made_up_patients import COUNTS, COVARIATES, make_patients, take_first
from matplotlib.patches import FancyArrowPatch

from helpers.definitions.honest_model import ACT_FROM, ACT_TO
from helpers.figures import make_svg
from helpers.figures.assumed_graph import PLACES, draw_assumed_graph
from helpers.figures.decision_curve import draw_decision_curve
from helpers.figures.selection import draw_inclusion
from helpers.ledger import Entry
from helpers.methods.predictors import METHODS
from helpers.predictors import estimate_multivariable, estimate_univariable
from helpers.predictors import facts_selection as lists
from helpers.predictors import headings_selection as heads
from helpers.predictors.assumed_graph import (
    ARROWS,
    HIDDEN,
    NODES,
    Arrow,
    find_adjustment_sets,
    find_descendants,
    is_separated,
    list_arrows,
    list_questions,
)
from helpers.predictors.collinearity import describe_collinearity, summarise_collinearity
from helpers.predictors.decision_curve import draw_in, estimate_decision_curve, find_useful_limits
from helpers.predictors.firth import estimate_firth
from helpers.predictors.log_f import estimate_log_f, fit_log_f
from helpers.predictors.p_values import derive_p_values, list_p_value_facts
from helpers.predictors.sample import (
    COLLINEAR,
    ESTIMATED,
    NO_CONTRAST,
    NO_PATIENTS,
    SEPARATION,
    describe_separation,
    keep_labelled,
    take_complete_cases,
)
from helpers.predictors.shrinkage import (
    find_allowed_parameters,
    find_beforehand,
    find_expected_shrinkage,
    find_greatest_r2,
    find_needed_n,
    summarise_needed_patients,
)
from helpers.predictors.shrunken import (
    MODELS,
    NOT_JUDGED,
    PRESPECIFIED,
    derive_shrunken,
    describe_slope,
    estimate_slopes,
    fit_samples,
    measure_slope,
)
from helpers.predictors.strata import NO_INFORMATION, estimate_stratified, label_strata
from helpers.predictors.validation import estimate_validation
from helpers.report.summary import say_independent

mpl.use("agg")
SMALL = [(0, 0), (1, 0), (0, 3), (1, 1), (3, 5), (10, 20)]
FEW = ["any_apl", "active_sediment", "low_c3"]
SHARE = 57 / 181


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def patients() -> dict[str, pd.DataFrame]:
    return make_patients(missing=0.02)


def with_era(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    words = np.where(np.arange(len(tables["cohort"])) % 2 == 0, "before 2008", "2008 and after")
    return tables | {"cohort": tables["cohort"].assign(era=pd.array(words, dtype="string"))}


# Patients enough


@pytest.mark.parametrize(("r2", "needed", "shrinkage", "allowed"), [
    # Riley's first criterion by hand: 15 parameters, 57 of 181 with the outcome
    (0.15, 1187, 0.59, 2.3), (0.25, 681, 0.71, 4.0), (0.35, 463, 0.78, 5.9), (0.50, 298, 0.85, 9.1),
])  # fmt: skip
def test_rileys_first_criterion_for_the_published_size(r2, needed, shrinkage, allowed):
    explained = r2 * find_greatest_r2(SHARE)
    assert find_needed_n(explained, parameters=15) == needed
    assert find_expected_shrinkage(explained, n=181, parameters=15) == pytest.approx(shrinkage, abs=0.005)
    assert find_allowed_parameters(explained, n=181) == pytest.approx(allowed, abs=0.05)


def test_rileys_worked_example_of_the_bmj():
    # BMJ 2020;368:m441: 24 parameters, Cox-Snell 0.288 and a shrinkage of 0.9 need 623 patients
    assert find_needed_n(0.288, parameters=24) == 623


def test_the_overall_risk_alone_needs_332_patients_and_the_largest_number_counts():
    tables = make_patients()
    needed = summarise_needed_patients(**tables, covariates=COVARIATES).set_index("term")
    assert needed.risk_n.eq(332).all()
    assert (needed.needed_n == needed[["shrinkage_n", "optimism_n", "risk_n", "error_n"]].max(axis=1)).all()
    assert set(needed.reset_index().columns) == set(heads.NEEDED)
    assert needed.loc["r2_15", "shrinkage_n"] == 1187
    own = needed.loc["own"]
    assert own.expected_shrinkage == pytest.approx(0.9, abs=0.35)


def test_more_than_thirty_parameters_are_beyond_the_last_criterion():
    from helpers.predictors.shrinkage import _find_error_n

    assert np.isnan(_find_error_n(0.3, 31))
    # van Smeden et al. 2019: exp((-0.508 + 0.259 log 0.3 + 0.504 log 10 - log 0.05) / 0.544)
    log_n = (-0.508 + 0.259 * np.log(0.3) + 0.504 * np.log(10) - np.log(0.05)) / 0.544
    assert _find_error_n(0.3, 10) == np.ceil(np.exp(log_n))


def test_the_shrinkage_beforehand_is_that_of_the_cautious_assumption_whatever_the_outcome_says(patients):
    turned = patients | {"labels": patients["labels"].assign(
        is_dtt=np.random.default_rng(1).permutation(patients["labels"]["is_dtt"]))}  # fmt: skip
    terms = ["any_apl", "active_sediment"]
    complete = patients["cohort"].dropna(subset=terms)["patient_id"]
    own, other = (summarise_needed_patients(
        tables["cohort"].loc[tables["cohort"]["patient_id"].isin(complete)], tables["labels"], covariates=terms)
        for tables in (patients, turned))  # fmt: skip
    assert find_beforehand(own) == pytest.approx(own.set_index("term").expected_shrinkage["r2_15"])
    assert find_beforehand(own) == pytest.approx(find_beforehand(other), abs=0.01)
    assert own.expected_shrinkage[0] - other.expected_shrinkage[0] > 0.05 or np.isnan(other.expected_shrinkage[0])
    assert np.isnan(find_beforehand(own.assign(expected_shrinkage=np.nan)))


def test_what_cannot_be_had_of_the_first_criterion_is_missing():
    assert np.isnan(find_needed_n(0.95, parameters=3))
    assert np.isnan(find_allowed_parameters(0.95, n=100))
    assert np.isnan(find_expected_shrinkage(0.2, n=0, parameters=3))


# Every part


@pytest.mark.parametrize(("dtt", "others"), SMALL)
def test_small_cohorts_get_an_answer_from_every_part(dtt, others):
    tables = with_era(take_first(make_patients(seed=3, missing=0.1), dtt, others))
    needed = summarise_needed_patients(**tables, covariates=COVARIATES)
    lists.list_needed_facts(needed, origin="here")
    log_f, few = (estimate_log_f(**tables, covariates=terms) for terms in (COVARIATES, PRESPECIFIED))
    assert len(log_f) == 15
    assert log_f.p.notna().equals(log_f.status.eq(ESTIMATED))
    factor = find_beforehand(needed)
    lists.list_penalty_facts(log_f, factor=factor, origin="here")
    own = summarise_needed_patients(**tables, covariates=PRESPECIFIED)
    lists.list_prespecified_facts(few, needed=own, origin="here")
    validation = estimate_validation(**tables, covariates=COVARIATES, samples=10, seed=1)
    slopes = estimate_slopes(**tables, covariates=COVARIATES, validation=validation, factor=factor, samples=10, seed=1)
    assert slopes.corrected.isna().equals(slopes.verdict.eq(NOT_JUDGED))
    lists.list_slope_facts(slopes, origin="here")
    overlap = summarise_collinearity(**tables, covariates=COVARIATES)
    lists.list_collinearity_facts(overlap, origin="here")
    describe_collinearity(overlap)
    curve = estimate_decision_curve(**tables, covariates=COVARIATES, factor=factor, samples=10, seed=1)
    lists.list_decision_facts(curve, origin="here")
    make_svg(draw_decision_curve(curve))
    alone = estimate_univariable(**tables, covariates=list(COUNTS))
    stratified = estimate_stratified(**tables, alone=alone, covariates=COVARIATES)
    assert stratified.estimate.notna().equals(stratified.status.eq(ESTIMATED))
    lists.list_strata_facts(stratified, origin="here")
    together, penalised = (fit(**tables, covariates=COVARIATES) for fit in (estimate_multivariable, estimate_firth))
    assert len(derive_shrunken(together, penalised, log_f, few, factor=np.nan)) == 15
    list_p_value_facts(derive_p_values(alone, together, penalised), origin="here")
    assert describe_separation(alone, together)


def test_uniform_shrinkage_draws_in_by_one_factor_and_the_small_model_stands_beside(patients):
    parts = [fit(**patients, covariates=FEW) for fit in (estimate_multivariable, estimate_firth, estimate_log_f)]
    small = estimate_log_f(**patients, covariates=["any_apl", "serositis"])
    table = derive_shrunken(*parts, small, factor=0.5)
    assert table.term.tolist() == [*FEW, "serositis"]
    np.testing.assert_allclose(np.log(table.uniform_odds[:3]), 0.5 * np.log(table.ml_estimate[:3]))
    assert table.loc[3, ["ml_estimate", "uniform_odds", "n"]].isna().all()
    assert table.prespecified_estimate.notna().tolist() == [True, False, False, True]
    ends = {f"{name}_{end}" for name in ("ml", "firth", "log_f", "prespecified") for end in ("low", "high")}
    assert set(table.columns) - ends == set(heads.SHRUNKEN)


def test_the_features_named_beforehand_are_those_that_the_abstract_calls_independent():
    assert set(PRESPECIFIED) == {"any_apl", "active_sediment"}


def test_a_heavier_prior_has_a_steeper_calibration_slope_and_words_have_their_limits(patients):
    data = take_complete_cases(keep_labelled(**patients), terms=COVARIATES)
    light, heavy = (measure_slope(data.x, data.y, samples=30, seed=1, degrees=degrees) for degrees in (0.1, 100.0))
    assert light < 1 < heavy
    words = [describe_slope(slope) for slope in (0.8999, 0.9, 1 / 0.9, 1.1112, np.nan)]
    assert words == ["too extreme", "near enough", "near enough", "drawn in too far", NOT_JUDGED]
    assert np.isnan(measure_slope(data.x, data.y, samples=0, seed=1))


def test_the_slopes_of_all_remedies_stand_in_one_table(patients):
    validation = estimate_validation(**patients, covariates=COVARIATES, samples=20, seed=1)
    table = estimate_slopes(**patients, covariates=COVARIATES, validation=validation, factor=0.5, samples=20, seed=1)
    assert set(table.columns) == set(heads.SLOPES)
    assert table.term.tolist() == list(MODELS)
    slope = table.set_index("term").corrected
    assert slope["uniform"] == pytest.approx(slope["ml"] / 0.5)
    assert slope["ml"] < slope["log_f"] < slope["prespecified"]


def test_the_prior_pulls_towards_one_and_its_intervals_hold_the_estimate(patients):
    loose, tight = (estimate_log_f(**patients, covariates=COVARIATES, degrees=degrees) for degrees in (1e-8, 20.0))
    plain = estimate_multivariable(**patients, covariates=COVARIATES)
    np.testing.assert_allclose(loose.estimate, plain.estimate, rtol=1e-6)
    assert (np.log(tight.estimate) ** 2).sum() < (np.log(plain.estimate) ** 2).sum()
    assert ((tight.low < tight.estimate) & (tight.estimate < tight.high)).all()
    assert (tight.p.lt(0.05) == (tight.low.gt(1) | tight.high.lt(1))).all()


def test_separation_is_no_obstacle_to_the_prior():
    # two patients more, half of them with the event and all with the feature: by hand, the odds of its cell
    x, y = np.array([[0.0]] * 4 + [[1.0]] * 4), np.array([False, False, True, True] + [True] * 4)
    [[beta], [low], [high], _] = fit_log_f(x, y, degrees=1.0)
    assert 0 < beta < 20
    assert low < beta < high
    drawn = np.stack([np.ones(8), np.array([1.0] * 2 + [0.0] * 6), np.array([0.0] * 2 + [1.0] * 6)])
    fits = fit_samples(x, y, drawn, degrees=1.0)
    assert fits[0, 1] == pytest.approx(beta, abs=1e-8)
    # one outcome only
    assert np.isnan(fits[1:]).all()


# Overlap, decisions, p values


def test_features_that_go_together_inflate_each_other_and_determined_ones_are_named():
    tables = make_patients()
    tables["cohort"]["low_c3"] = ~tables["cohort"]["any_apl"]
    table = summarise_collinearity(**tables, covariates=["any_apl", "low_c3", "serositis"]).set_index("term")
    assert set(table.reset_index().columns) == set(heads.COLLINEARITY)
    assert table.status["low_c3"] == COLLINEAR
    assert np.isnan(table.vif["low_c3"])
    assert summarise_collinearity(**tables, covariates=["any_apl"]).vif.tolist() == [1.0]


@pytest.mark.parametrize(("vif", "index", "word"), [
    (4.999, 29.9, "low"), (5.0, 1.0, "high"), (1.0, 30.0, "high"), (np.nan, np.nan, "not to be told"),
])  # fmt: skip
def test_the_word_for_overlap_at_its_limits(vif, index, word):
    assert describe_collinearity(pd.DataFrame({"vif": [vif], "condition_index": [index]})) == word


def test_the_decision_curve_costs_what_it_appears_to_gain(patients):
    curve = estimate_decision_curve(**patients, covariates=COVARIATES, factor=0.6, samples=40, seed=1)
    assert (curve.threshold.min(), curve.threshold.max(), len(curve)) == (ACT_FROM, ACT_TO, 41)
    assert (curve.corrected < curve.apparent).mean() > 0.9
    # acting on all from the share that has the outcome gains nothing
    [at] = curve.loc[np.isclose(curve.threshold, 0.31), "treat_all"]
    assert at == pytest.approx(curve.events[0] / curve.n[0] - (1 - curve.events[0] / curve.n[0]) * 0.31 / 0.69)
    for prefix in ("", "shrunken_"):
        gain, low, high = (curve[f"{prefix}{column}"] for column in ("gain", "low", "high"))
        assert ((low < gain) & (gain < high)).all()
        np.testing.assert_allclose(gain, curve[f"{prefix}corrected"] - curve.treat_all.clip(lower=0))
        better, clear, *_ = find_useful_limits(curve, prefix=prefix)
        assert 0 <= clear <= better <= 1


def test_without_a_factor_or_samples_the_curve_has_no_correction(patients):
    given = {"covariates": FEW, "seed": 1, "thresholds": [0.2, 0.5]}
    none = estimate_decision_curve(**patients, factor=0.9, samples=0, **given)
    assert none.apparent.notna().all()
    assert none[["corrected", "low", "shrunken_gain"]].isna().all(axis=None)
    assert estimate_decision_curve(**patients, factor=np.nan, samples=5, **given).apparent.isna().all()


def test_predictions_drawn_in_keep_the_number_foretold():
    logits, y = np.array([[-3.0, -1.0, 2.0, 4.0]] * 2), np.array([False, True, False, True])
    weights = np.array([[1.0, 1, 1, 1], [3.0, 1, 1, 0]])
    moved = draw_in(logits, y, weights, factor=0.25)
    np.testing.assert_allclose(np.diff(moved), 0.25 * np.diff(logits))
    np.testing.assert_allclose((weights / (1 + np.exp(-moved))).sum(axis=1), weights @ y)
    assert draw_in(logits, y, weights, factor=1.0) is logits


@pytest.mark.parametrize(("low", "found"), [
    ([0.01, -0.1, 0.01], (1.0, 2 / 3, 0.2, 0.4)), ([-0.1] * 3, (1.0, 0.0, np.nan, np.nan)),
    ([0.0] * 3, (1.0, 0.0, np.nan, np.nan)),
])  # fmt: skip
def test_limits_at_which_the_interval_says_so(low, found):
    curve = pd.DataFrame({"threshold": [0.2, 0.3, 0.4], "gain": 0.1, "low": low})
    assert find_useful_limits(curve) == pytest.approx(found, nan_ok=True)
    assert np.isnan(find_useful_limits(curve.assign(gain=np.nan))).all()


def test_p_values_are_counted_by_table(patients):
    parts = (estimate_univariable(**patients, covariates=list(COUNTS)),
             *(fit(**patients, covariates=COVARIATES) for fit in (estimate_multivariable, estimate_firth)))  # fmt: skip
    table = derive_p_values(*parts)
    assert set(table.columns) == set(heads.P_VALUES)
    assert table.set_index("term").loc["anti_dsdna", ["together_p", "penalised_holm_p"]].isna().all()
    counts = list_p_value_facts(table, origin="here")
    assert counts["predictors.univariable.significant.n"]["value"] == int((parts[0].p < 0.05).sum())
    assert counts["predictors.univariable.significant.n"]["n"] == 16
    assert counts["predictors.multivariable.holm.n"]["value"] <= counts["predictors.multivariable.fdr.n"]["value"]


def test_separation_is_named_in_a_sentence():
    table = pd.DataFrame({"label": ["Male sex", "Low C3"], "status": [SEPARATION, ESTIMATED]})
    assert describe_separation(table, table).endswith("male sex (alone), male sex (together).")


# Strata


def test_strata_that_differ_in_risk_but_not_in_odds_ratio_leave_it(patients):
    tables = with_era(patients)
    alone = estimate_univariable(**tables, covariates=FEW)
    table = estimate_stratified(**tables, alone=alone, covariates=FEW)
    ends = {"low", "high", "alone_low", "alone_high"}
    assert set(table.columns) - ends == set(heads.STRATIFIED)
    assert (np.log(table.estimate) - np.log(table.alone_estimate)).abs().max() < 0.4
    assert table.strata_n.eq(6).all()


def test_a_confounder_in_the_strata_is_taken_away():
    # within each period the odds ratio is one; across them it is not
    rows = [("a", 1, 1)] * 16 + [("a", 1, 0)] * 4 + [("a", 0, 1)] * 8 + [("a", 0, 0)] * 2
    rows += [("b", 1, 1)] * 2 + [("b", 1, 0)] * 8 + [("b", 0, 1)] * 4 + [("b", 0, 0)] * 16
    table = pd.DataFrame(rows, columns=["era", "serositis", "y"]).assign(patient_id=range(len(rows)))
    cohort = table.assign(serositis=table["serositis"].astype("boolean"), induction_regimen="mycophenolate")
    labels = table[["patient_id"]].assign(is_dtt=table["y"].astype("boolean"))
    alone = estimate_univariable(cohort, labels, covariates=["serositis"])
    [row] = estimate_stratified(cohort, labels, alone=alone, covariates=["serositis"]).to_dict("records")
    assert row["alone_estimate"] > 1.5
    assert row["estimate"] == pytest.approx(1.0)
    assert row["p"] == pytest.approx(1.0)


def test_unknown_regimen_or_period_leaves_out_and_rare_regimens_are_one():
    table = pd.DataFrame({"induction_regimen": ["a"] * 10 + ["b"] * 9 + [None], "era": ["x"] * 19 + ["y"]})
    strata = label_strata(table)
    assert strata.dropna().unique().tolist() == ["a, x", "rarer, x"]
    assert strata.isna().sum() == 1


@pytest.mark.parametrize(("has", "event", "status"), [
    ([1, 1, 0, 0], [1, 0, 1, 0], ESTIMATED), ([1, 1, 0, 0], [1, 1, 0, 0], NO_INFORMATION),
    ([1, 1, 1, 1], [1, 0, 1, 0], NO_INFORMATION), ([1, 1, 0, 0], [1, 1, 1, 1], NO_CONTRAST), ([], [], NO_PATIENTS),
])  # fmt: skip
def test_the_status_says_why_strata_do_not_compare(has, event, status):
    cohort = pd.DataFrame({"patient_id": range(len(has)), "serositis": pd.array(has, dtype="boolean"),
                           "induction_regimen": "mycophenolate", "era": "x"})  # fmt: skip
    labels = cohort[["patient_id"]].assign(is_dtt=pd.array(event, dtype="boolean"))
    alone = pd.DataFrame(columns=["term", "estimate", "low", "high"])
    assert estimate_stratified(cohort, labels, alone=alone, covariates=["serositis"]).status.tolist() == [status]


# The graph


def make_arrows(*pairs: str) -> list[Arrow]:
    return [Arrow(*pair.split(">"), "") for pair in pairs]


@pytest.mark.parametrize(("pairs", "sets"), [
    # the textbook cases
    (["x>y"], [[]]),
    (["c>x", "c>y", "x>y"], [["c"]]),
    (["x>m", "m>y"], [[]]),
    (["x>c", "y>c"], [[]]),
    (["a>x", "a>m", "b>m", "b>y", "x>y"], [[]]),
    (["a>x", "a>m", "b>m", "b>y", "m>x", "m>y"], [["a", "m"], ["b", "m"]]),
    (["c>d", "d>x", "c>y"], [["c"], ["d"]]),
    (["u>x", "u>y", "x>y"], []),
])  # fmt: skip
def test_the_smallest_sets_to_hold_equal(pairs, sets):
    found = find_adjustment_sets(make_arrows(*pairs), exposure="x", outcome="y", hidden={"u"})
    assert [sorted(one) for one in found] == sets


def test_holding_a_common_effect_equal_opens_a_path():
    arrows = make_arrows("a>c", "b>c", "c>d")
    assert is_separated(arrows, "a", "b", held=[])
    assert not is_separated(arrows, "a", "b", held=["c"])
    assert not is_separated(arrows, "a", "b", held=["d"])


def test_the_assumed_graph_runs_forwards_and_its_nodes_are_all_named_and_placed():
    nodes = {node for arrow in ARROWS for node in (arrow.source, arrow.target)}
    assert nodes == set(NODES)
    assert set(NODES.values()) == set(PLACES)
    assert nodes >= HIDDEN
    assert not any(node in find_descendants(ARROWS, node) for node in nodes)
    assert all(arrow.reason.endswith((".", "?")) for arrow in ARROWS)
    assert set(list_arrows().columns) == set(heads.ARROWS)


def test_hidden_severity_leaves_no_set_and_treatment_is_in_none():
    table = list_questions().set_index("term")
    assert set(table.reset_index().columns) == set(heads.QUESTIONS)
    assert table.held.tolist()[0] == "no set of what was recorded"
    assert table.held.tolist()[1:] == ["calendar period and other features", "calendar period"]
    assert table.is_identified.tolist() == [False, True, True]
    assert not table.held.str.contains("induction").any()
    # severity and feature are tied to each other once the treatment that both led to is held equal
    arrows = [arrow for arrow in ARROWS if (arrow.source, arrow.target) != ("severity", "feature")]
    assert is_separated(arrows, "severity", "feature", held=["era"])
    assert not is_separated(arrows, "severity", "feature", held=["era", "regimen"])


# Figures and methods


def test_the_figures_have_what_they_say():
    graph = draw_assumed_graph(list_arrows())
    assert sum(isinstance(patch, FancyArrowPatch) for patch in graph.axes[0].patches) == len(ARROWS)
    assert {text.get_text().replace("\n", " ") for text in graph.axes[0].texts} == set(NODES.values())
    inclusion = pd.DataFrame({"label": ["A", "B"], "screened_share": [0.9, 0.4], "chosen_share": [0.8, 0.1]})
    bars = draw_inclusion(inclusion)
    assert [round(bar.get_width()) for bar in bars.axes[0].patches] == [90, 40, 80, 10]
    assert make_svg(bars) == make_svg(draw_inclusion(inclusion))
    make_svg(draw_inclusion(inclusion.head(0)))


def test_every_method_says_where_it_was_verified():
    assert len({method.id for method in METHODS}) == len(METHODS)
    assert all(method.chapter == "03_predictors" and method.verified and method.assumes for method in METHODS)


# The bottom line


@pytest.mark.parametrize(("unstable", "ending"), [
    (0, "per parameter."), (1, "Associated in this model, but not stably: 1 feature."),
    (2, "Associated in this model, but not stably: 2 features."),
])  # fmt: skip
def test_the_bottom_line_says_that_features_were_chosen_again_or_not(unstable, ending):
    values = {"independent.n": 0, "complete.n": 139, "events_per_parameter": 3.1, "stable.n": 0, "unstable.n": unstable}
    entries = {f"predictors.{id}": Entry(f"predictors.{id}", value, None, None, "", 16, "", None, "", "")
               for id, value in values.items()}  # fmt: skip
    line = say_independent(entries)
    assert line.startswith("None of the 16 features is independently associated")
    assert "and chosen again in 80\u202f% of bootstrap samples or more" in line
    assert line.endswith(ending)
    odds = Entry("predictors.independent.any_apl.or", 4.7, 1.8, 13.4, "", 139, "Any aPL", None, "", "")
    line = say_independent(entries | {odds.id: odds})
    assert line.startswith("Independently associated")
    assert line.endswith(ending)
