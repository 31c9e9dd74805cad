"""The odds ratios with gaps filled in: who is in them, what they do at the edges, and where their verdict tips."""

import numpy as np
import pandas as pd
import pytest

from helpers.definitions import FEATURES
from helpers.figures.imputation import draw_patterns, draw_tipping
from helpers.predictors import estimate_multivariable, estimate_univariable
from helpers.predictors.imputed import (
    UNPOOLED,
    compare_with_imputed,
    estimate_multivariable_imputed,
    estimate_univariable_imputed,
    impute_features,
)
from helpers.predictors.missing import list_imputation_facts, name_features, summarise_missing
from helpers.predictors.sample import COLLINEAR, CONSTANT, NO_CONTRAST, NO_PATIENTS
from helpers.predictors.tipping import SHIFTS, describe_untested_tipping, estimate_untested_tipping

TERMS = ["is_male", "active_sediment", "any_apl"]


def make_patients(n: int = 240, *, seed: int = 1, untested: float = 0.15) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A cohort and its labels: sediment and aPL make the label likelier; some were not tested for aPL."""
    rng = np.random.default_rng(seed)
    features = {name: rng.random(n) < 0.35 for name in FEATURES}
    chance = 1 / (1 + np.exp(2.0 - 1.3 * features["active_sediment"] - 1.3 * features["any_apl"]))
    zero = pd.Timestamp("2010-05-01") + pd.to_timedelta(rng.integers(0, 3000, n), "D")
    cohort = pd.DataFrame({
        "patient_id": range(n), "time_zero_date": zero,
        "baseline_egfr": rng.normal(85, 20, n), "baseline_upcr_g_g": rng.lognormal(0.9, 0.7, n),
        "class_group": rng.choice(["III", "IV"], n),
        "induction_regimen": rng.choice(["mycophenolate", "azathioprine"], n),
        **{name: pd.array(values, dtype="boolean") for name, values in features.items()}})  # fmt: skip
    cohort.loc[rng.random(n) < untested, "any_apl"] = pd.NA
    labels = pd.DataFrame({"patient_id": range(n), "is_dtt": pd.array(rng.random(n) < chance, dtype="boolean")})
    return cohort, labels


def impute(cohort: pd.DataFrame, labels: pd.DataFrame, *, terms=TERMS, imputations: int = 5):
    return impute_features(cohort, labels, covariates=terms, imputations=imputations, seed=1)


def test_with_nothing_missing_the_odds_ratios_are_those_of_everybody():
    cohort, labels = make_patients(untested=0.0)
    found = estimate_multivariable_imputed(impute(cohort, labels), covariates=TERMS)
    plain = estimate_multivariable(cohort, labels, covariates=TERMS)
    np.testing.assert_allclose(found["estimate"], plain["estimate"], rtol=1e-7)
    assert (found["fmi"] == 0).all()
    # one convention: what is known in everybody has the interval of everybody
    np.testing.assert_allclose(found[["low", "high", "p"]], plain[["low", "high", "p"]], rtol=1e-6)


def test_imputation_keeps_everybody_and_what_is_unknown_costs_information_where_it_is_missing():
    cohort, labels = make_patients()
    imputed = impute(cohort, labels, imputations=0)
    table = estimate_multivariable_imputed(imputed, covariates=TERMS).set_index("term")
    assert set(table["n"]) == {240}
    assert table.loc["any_apl", "missing_n"] == cohort["any_apl"].isna().sum()
    assert table.loc["any_apl", "fmi"] > table.loc["is_male", "fmi"]
    assert imputed.sets == max(20, int(np.ceil(100 * cohort["any_apl"].isna().mean())))


def test_each_feature_alone_is_pooled_by_itself_and_stands_beside_its_complete_cases():
    cohort, labels = make_patients()
    imputed = impute(cohort, labels)
    alone = estimate_univariable_imputed(imputed, covariates=TERMS)
    beside = compare_with_imputed(estimate_univariable(cohort, labels, covariates=TERMS), alone)
    assert beside["term"].tolist() == TERMS
    assert beside["complete_n"].tolist() == [240, 240, cohort["any_apl"].notna().sum()]
    assert set(beside["imputed_n"]) == {240}
    assert set(beside["verdict"]) <= {"the same", "another"}
    np.testing.assert_allclose(beside["imputed_estimate"][:2], beside["complete_estimate"][:2], rtol=1e-7)


def test_what_cannot_be_in_a_model_says_why():
    cohort, labels = make_patients()
    cohort = cohort.assign(is_male=pd.array([True] * 240, dtype="boolean"), serositis=cohort["active_sediment"],
                           hypertension=pd.array([pd.NA] * 240, dtype="boolean"))  # fmt: skip
    terms = ["is_male", "active_sediment", "serositis", "hypertension", "any_apl"]
    table = estimate_multivariable_imputed(impute(cohort, labels, terms=terms), covariates=terms)
    assert table["status"].tolist() == [CONSTANT, "estimated", COLLINEAR, NO_PATIENTS, "estimated"]
    everybody = labels.assign(is_dtt=pd.array([True] * 240, dtype="boolean"))
    found = estimate_multivariable_imputed(impute(cohort, everybody, terms=terms), covariates=terms)
    assert set(found["status"]) == {NO_CONTRAST}
    assert found["estimate"].isna().all()


def test_a_feature_that_parts_the_groups_has_no_pooled_odds_ratio_and_the_verdict_cannot_be_told():
    cohort, labels = make_patients(60)
    cohort["active_sediment"] = labels["is_dtt"].to_numpy()
    imputed = impute(cohort, labels)
    table = estimate_multivariable_imputed(imputed, covariates=TERMS)
    assert set(table["status"]) == {UNPOOLED}
    beside = compare_with_imputed(estimate_multivariable(cohort, labels, covariates=TERMS), table)
    assert set(beside["verdict"]) == {"cannot tell"}


def test_a_clinic_of_thirty_patients_is_answered_or_told_why_not():
    cohort, labels = make_patients(30)
    table = estimate_multivariable_imputed(impute(cohort, labels), covariates=TERMS)
    assert (table["estimate"].notna() | table["status"].eq(UNPOOLED)).all()


# The untested


def test_the_grid_runs_from_all_negative_to_all_positive_and_the_share_rises():
    cohort, labels = make_patients()
    table = estimate_untested_tipping(impute(cohort, labels), term="any_apl", covariates=TERMS, seed=3)
    assert table["delta"].tolist() == list(SHIFTS)
    assert table["term"].tolist()[0] == "all_negative"
    assert table["term"].tolist()[-1] == "all_positive"
    assert table["imputed_share"].is_monotonic_increasing
    assert table["imputed_share"].iloc[[0, -1]].tolist() == [0, 1]
    filled = cohort.assign(any_apl=cohort["any_apl"].fillna(True))
    plain = estimate_multivariable(filled, labels, covariates=TERMS).set_index("term")
    assert table["estimate"].iloc[-1] == pytest.approx(plain.loc["any_apl", "estimate"], rel=1e-6)
    words = describe_untested_tipping(table)
    assert words.startswith(("holds along the whole grid", "changes at"))


def test_with_many_untested_the_verdict_tips_and_the_words_say_where():
    cohort, labels = make_patients(untested=0.5)
    table = estimate_untested_tipping(impute(cohort, labels), term="any_apl", covariates=TERMS, seed=3)
    tipped = table.assign(verdict=np.where(table["delta"] > 1, "not clearly different from", "higher than"))
    words = describe_untested_tipping(tipped)
    assert words.startswith("changes at “log odds 2 higher”")
    assert describe_untested_tipping(table.assign(estimate=np.nan)) == "cannot be told"
    assert "not clearly different from those of the negative" in words


def test_nobody_untested_or_a_feature_outside_the_model_leaves_nothing_to_tip():
    cohort, labels = make_patients(untested=0.0)
    imputed = impute(cohort, labels)
    for covariates in (TERMS, TERMS[:2]):
        table = estimate_untested_tipping(imputed, term="any_apl", covariates=covariates, seed=3)
        assert table.empty
        assert describe_untested_tipping(table).startswith("has nothing to tip it")


# Tables, facts and figures


def test_patterns_and_traits_are_counted_in_the_labelled_patients():
    cohort, labels = make_patients()
    labels.loc[:39, "is_dtt"] = pd.NA
    patterns, related = summarise_missing(cohort, labels, covariates=TERMS)
    assert patterns["n"].sum() == 200
    assert patterns["label"].tolist() == ["Nothing missing", "Any antiphospholipid antibody"]
    assert set(related["n"]) == {200}
    figure = draw_patterns(patterns, names=name_features(TERMS))
    assert len(figure.axes) == 2
    assert [tick.get_text() for tick in figure.axes[0].get_xticklabels()] == ["Any antiphospholipid antibody"]


def test_the_ledger_gets_the_sets_the_patients_and_the_changed_verdicts():
    cohort, labels = make_patients()
    imputed = impute(cohort, labels)
    together = compare_with_imputed(estimate_multivariable(cohort, labels, covariates=TERMS),
                                    estimate_multivariable_imputed(imputed, covariates=TERMS))  # fmt: skip
    facts = list_imputation_facts(imputed, alone=together, together=together, origin="x")
    assert facts["predictors.imputed.sets.n"]["value"] == 5
    assert facts["predictors.imputed.multivariable.changed.n"]["n"] == 3
    assert facts["predictors.imputed.fmi"]["value"] == together["fmi"].max()


def test_a_tipping_figure_has_a_panel_per_scenario_and_leaves_gaps_for_what_is_missing():
    table = pd.DataFrame({"scenario": ["a", "a", "b"], "delta": [0.0, 1.0, 1.0], "estimate": [2.0, np.nan, np.nan],
                          "low": [1.0, np.nan, np.nan], "high": [4.0, np.nan, np.nan]})  # fmt: skip
    figure = draw_tipping(table, titles={"a": "A", "b": "B"}, xlabel="Delta", ylabel="Ratio")
    assert [axis.get_title(loc="left") for axis in figure.axes] == ["A", "B"]
    assert len(draw_tipping(table.iloc[:0], titles={"a": "A"}, xlabel="", ylabel="").axes) == 1
    whole = pd.DataFrame({"term": ["complete", "other"], "label": "", "n": [9, 2], "missing": ""})
    assert len(draw_patterns(whole, names={}).axes[0].collections) == 1
