"""Chapter 3: selection repeated in bootstrap samples, and what an honest model may say."""

import numpy as np
import pandas as pd
import pytest
from made_up_patients import COUNTS, COVARIATES, make_patients, take_first

from helpers.definitions.stability import STABLE_FROM
from helpers.predictors import estimate_multivariable, estimate_univariable, fit_logit
from helpers.predictors import facts_selection as lists
from helpers.predictors import headings_selection as heads
from helpers.predictors.irls import fit_logits, measure_auc, measure_weighted_auc
from helpers.predictors.recipe import Candidates, choose_features, screen_features
from helpers.predictors.sample import keep_labelled, take_complete_cases
from helpers.predictors.selection import Selections, count_models, derive_selections, summarise_inclusion

SMALL = [(0, 0), (1, 0), (0, 3), (1, 1), (3, 5), (10, 20), (20, 20)]


@pytest.fixture(scope="module")
def patients() -> dict[str, pd.DataFrame]:
    return make_patients(missing=0.03)


@pytest.fixture(scope="module")
def selections(patients) -> Selections:
    return derive_selections(**patients, covariates=COVARIATES, samples=60, seed=1)


# The engine with some features left out


def test_a_masked_fit_is_the_fit_without_the_column(patients):
    data = take_complete_cases(keep_labelled(**patients), terms=COVARIATES)
    inside = np.ones((2, 15), dtype=bool)
    inside[1, [0, 3, 7]] = False
    fit = fit_logits(data.x, data.y, np.ones((2, data.n)), inside=inside)
    for row in range(2):
        beta, error = fit_logit(data.x[:, inside[row]], data.y)
        np.testing.assert_allclose(fit.beta[row][np.append(True, inside[row])], beta, atol=1e-8)
        np.testing.assert_allclose(fit.error[row][np.append(True, inside[row])], error, rtol=1e-6)
    assert (fit.beta[1, 1:][~inside[1]] == 0).all()
    assert np.isnan(fit.error[1, 1:][~inside[1]]).all()


def test_a_sample_without_patients_has_no_fit_and_raises_nothing():
    fit = fit_logits(np.eye(3), np.array([True, False, True]), np.zeros((1, 3)))
    assert fit.beta.shape == (1, 4)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_weighted_area_is_that_of_patients_written_out(seed):
    rng = np.random.default_rng(seed)
    scores, events = rng.integers(0, 6, 40).astype(float), rng.random(40) < 0.4
    weights = rng.integers(0, 4, 40)
    again = np.repeat(np.arange(40), weights)
    [area] = measure_weighted_auc(scores[None, :], events, weights[None, :].astype(float))
    assert area == pytest.approx(measure_auc(scores[None, again], events[None, again])[0], abs=1e-12)
    unknown = np.where(weights == 0, np.nan, scores)
    assert measure_weighted_auc(unknown[None, :], events, np.maximum(weights, 1)[None, :].astype(float))[0] == area


def test_the_weighted_area_is_missing_with_one_outcome():
    assert np.isnan(measure_weighted_auc(np.zeros((1, 2)), np.array([True, True]), np.ones((1, 2)))).all()


# The recipe


def take_candidates(tables: dict[str, pd.DataFrame], terms: list[str]) -> Candidates:
    table = keep_labelled(**tables)
    known = table[terms].notna().to_numpy(bool)
    return Candidates(table[terms].astype("Float64").fillna(0).to_numpy(float), known, table["is_dtt"].to_numpy(bool))


def test_the_recipe_in_the_patients_as_they_are_is_that_of_the_chapters_tables(patients):
    terms = list(COUNTS)
    alone = estimate_univariable(**patients, covariates=terms)
    passed = alone.loc[alone.p < 0.05, "term"].tolist()
    together = estimate_multivariable(**patients, covariates=passed)
    data = take_candidates(patients, terms)
    choices = choose_features(data, np.ones((1, len(data.y))))
    assert [term for term, has in zip(terms, choices.screened[0], strict=True) if has] == passed
    assert {term for term, has in zip(terms, choices.chosen[0], strict=True) if has} == set(
        together.loc[together.p < 0.05, "term"])  # fmt: skip


@pytest.mark.parametrize(("with_it", "passes"), [(8, True), (10, False)])
def test_a_feature_with_an_empty_cell_does_not_pass_the_screen(with_it, passes):
    y = np.arange(40) < 10
    x = ((np.arange(40) < with_it) | (np.arange(40) > 35)).astype(float)[:, None]
    data = Candidates(x, np.ones((40, 1), dtype=bool), y)
    assert screen_features(data, np.ones((1, 40))).tolist() == [[passes]]


def test_a_patient_who_lacks_a_chosen_feature_has_no_logit(patients):
    data = take_candidates(patients, ["any_apl", "active_sediment"])
    choices = choose_features(data, np.ones((1, len(data.y))))
    assert choices.chosen.all()
    np.testing.assert_array_equal(np.isnan(choices.logits[0]), ~data.known.all(axis=1))


def test_a_recipe_without_a_multivariable_fit_has_chosen_nothing():
    # each of two features passes alone; together they part the groups
    rows = [(1, 1, True)] * 12 + [(1, 0, False)] * 4 + [(0, 1, False)] * 4 + [(0, 0, False)] * 12
    x = np.array([row[:2] for row in rows], dtype=float)
    data = Candidates(x, np.ones(x.shape, dtype=bool), np.array([row[2] for row in rows]))
    some = data.y | (np.arange(32) % 2 == 0)
    assert not screen_features(data, some[None, :].astype(float)).any()  # empty cells: no estimate alone either
    mixed = Candidates(np.vstack([x, [[1, 0], [0, 1]]]), np.ones((34, 2), dtype=bool), np.append(data.y, [True, True]))
    choices = choose_features(mixed, np.ones((1, 34)))
    assert choices.screened.all()
    assert choices.answered.tolist() == [bool(choices.chosen.any())] or choices.answered.all()


# Repeated


def test_what_is_planted_is_chosen_again_and_what_is_not_is_not():
    found = derive_selections(**make_patients(), covariates=COVARIATES, samples=60, seed=1)
    table = summarise_inclusion(found).set_index("term")
    assert set(table.columns) | {"term"} == set(heads.INCLUSION)
    assert set(table.index[:2]) == {"active_sediment", "any_apl"}
    assert table.chosen_share.iloc[:2].min() > 0.6
    assert table.chosen_share.iloc[2:].max() < 0.6
    assert (table.chosen_share <= table.screened_share).all()
    assert (table.exaggeration.iloc[2:].dropna() > 1).all()
    assert table.loc["anti_dsdna", ["always_odds", "chosen_odds"]].isna().all()


@pytest.mark.parametrize(("step", "stable"), [(-1e-9, "yes"), (0.0, "yes"), (1e-9, "no")])
def test_a_share_at_the_limit_is_stable(selections, step, stable):
    share = summarise_inclusion(selections)["chosen_share"].iloc[0]
    assert summarise_inclusion(selections, limit=share + step)["is_stable"].iloc[0] == stable
    assert 0.5 < STABLE_FROM < 1


def test_the_sets_add_up_to_the_samples(selections):
    table = count_models(selections)
    assert set(table.columns) == set(heads.SETS)
    assert table.samples_n.sum() == 60
    assert table.share.sum() == pytest.approx(1)
    assert table.term.tolist()[-1] == "others"
    assert table.samples_n.iloc[:-1].is_monotonic_decreasing
    assert table.is_run.sum() <= 1
    recipe = lists.list_recipe_facts(selections, table, origin="here")
    assert recipe["predictors.recipe.sets.n"]["value"] == 8 + int(table.label.iloc[-1].split()[0])
    assert recipe["predictors.recipe.auc.corrected"]["value"] < recipe["predictors.recipe.auc.apparent"]["value"]


def test_the_same_seed_gives_the_same_choices_and_the_order_of_patients_is_all_that_matters(patients, selections):
    again = derive_selections(**patients, covariates=COVARIATES, samples=60, seed=1)
    np.testing.assert_array_equal(again.repeated.chosen, selections.repeated.chosen)
    other = derive_selections(**patients, covariates=COVARIATES, samples=60, seed=2)
    assert (other.repeated.chosen != selections.repeated.chosen).any()


def test_drawing_in_parts_changes_nothing(monkeypatch, patients, selections):
    monkeypatch.setattr("helpers.spread.pieces.CELLS", 2000)
    parts = derive_selections(**patients, covariates=COVARIATES, samples=60, seed=1)
    np.testing.assert_array_equal(parts.repeated.chosen, selections.repeated.chosen)
    np.testing.assert_allclose(parts.optimism_auc, selections.optimism_auc, atol=1e-12)


def test_features_that_tell_nothing_are_never_stable():
    tables = make_patients()
    mixed = np.random.default_rng(4).permutation(181)
    tables["labels"]["is_dtt"] = tables["labels"]["is_dtt"].to_numpy()[mixed]
    found = derive_selections(**tables, covariates=COVARIATES, samples=100, seed=1)
    table = summarise_inclusion(found)
    assert table.is_stable.eq("no").all()
    # the choice of the strongest of noise looks like knowledge until the choice is repeated
    corrected = found.apparent_auc - np.nanmean(found.optimism_auc)
    assert corrected < found.apparent_auc or found.apparent_auc == 0.5


@pytest.mark.parametrize(("dtt", "others"), SMALL)
def test_small_cohorts_get_a_table_and_no_warning(dtt, others):
    tables = take_first(make_patients(seed=3, missing=0.1), dtt, others)
    found = derive_selections(**tables, covariates=COVARIATES, samples=20, seed=1)
    table, sets = summarise_inclusion(found), count_models(found)
    assert len(table) == 16
    assert sets.samples_n.sum() == 20
    if min(dtt, others) == 0:
        assert table.is_stable.eq("cannot tell").all()
        assert "No answer (separation or one outcome)" in sets.label.tolist()
    lists.list_recipe_facts(found, sets, origin="here")
    assert lists.list_inclusion_facts(table, origin="here")["predictors.stability.limit"]["value"] == STABLE_FROM


def test_five_hundred_repetitions_of_the_recipe_are_quick(patients):
    import time

    started = time.process_time()
    derive_selections(**patients, covariates=COVARIATES, samples=500, seed=1)
    assert time.process_time() - started < 8  # 0.3 s when alone; generous for a busy machine
