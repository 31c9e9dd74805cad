"""Chapter 3: who enters a model, what it says, and how it refuses to say what it cannot."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_patients import COUNTS, COVARIATES, load_poverty, make_patients, take_first
from scipy import stats

from helpers.predictors import COLUMNS, estimate_multivariable, estimate_univariable, fit_logit
from helpers.predictors import facts as facts
from helpers.predictors import headings as headings
from helpers.predictors.association import (
    UNSTABLE,
    cite_estimates,
    derive_forest,
    derive_side_by_side,
    label_associations,
    list_features,
)
from helpers.predictors.baseline import compare_baseline, derive_tested_table, standardise_difference
from helpers.predictors.firth import estimate_firth, fit_firth
from helpers.predictors.penalised_likelihood import Penalised
from helpers.predictors.sample import (
    COLLINEAR,
    CONSTANT,
    ESTIMATED,
    INTERVAL_MISSING,
    NEAR_SEPARATION,
    NO_CONTRAST,
    NO_PATIENTS,
    NOT_CONVERGED,
    SATURATED,
    SEPARATION,
    SEPARATION_ELSEWHERE,
    STATUSES,
    count_unknown,
    keep_labelled,
    take_complete_cases,
)
from helpers.second_engine.logistic import fit_firth as second_fit_firth
from helpers.table_one import derive_table_one


@pytest.fixture(scope="module")
def patients() -> dict[str, pd.DataFrame]:
    return make_patients()


def give(answer: object) -> Callable[..., object]:
    """A function that gives this answer to anything."""
    return lambda *_: answer


def make_two_by_two(with_dtt: int, with_others: int, *, dtt: int, others: int) -> dict[str, pd.DataFrame]:
    """Patients with one feature, serositis, in so many of each group."""
    is_dtt = [True] * dtt + [False] * others
    feature = [place < with_dtt for place in range(dtt)] + [place < with_others for place in range(others)]
    cohort = pd.DataFrame({"patient_id": range(len(is_dtt)), "serositis": pd.array(feature, dtype="boolean")})
    return {"cohort": cohort, "labels": cohort[["patient_id"]].assign(is_dtt=pd.array(is_dtt, dtype="boolean"))}


def make_inclusion(stable: str = "yes") -> pd.DataFrame:
    """Every feature chosen again as often as this."""
    return pd.DataFrame({"term": list(COUNTS), "chosen_share": 0.9, "is_stable": stable})


def estimate_all(tables: dict[str, pd.DataFrame], covariates: list[str]) -> tuple[pd.DataFrame, ...]:
    together = (estimate(**tables, covariates=covariates) for estimate in (estimate_multivariable, estimate_firth))
    return estimate_univariable(**tables, covariates=list(COUNTS)), *together


# Who enters


def test_patients_who_cannot_be_labelled_or_were_not_eligible_are_left_out():
    cohort = pd.DataFrame({"patient_id": list("abcd")})
    labels = pd.DataFrame({"patient_id": list("abc"), "is_dtt": pd.array([True, False, pd.NA], dtype="boolean")})
    kept = keep_labelled(cohort, labels)
    assert kept.patient_id.tolist() == ["a", "b"]
    assert kept.is_dtt.dtype == bool


def test_a_patient_with_two_labels_is_refused():
    cohort = pd.DataFrame({"patient_id": ["a"]})
    labels = pd.DataFrame({"patient_id": ["a", "a"], "is_dtt": [True, False]})
    with pytest.raises(pd.errors.MergeError):
        keep_labelled(cohort, labels)


def test_a_patient_with_one_feature_unknown_enters_the_other_models_only():
    tables = make_patients()
    tables["cohort"].loc[0, "any_apl"] = pd.NA
    alone = estimate_univariable(**tables, covariates=["any_apl", "low_c3"]).set_index("term")
    assert alone["n"].tolist() == [180, 181]
    assert alone["events"].tolist() == [56, 57]
    assert estimate_multivariable(**tables, covariates=["any_apl", "low_c3"])["n"].tolist() == [180, 180]


def test_unknown_features_are_counted_among_the_labelled_most_often_unknown_first():
    tables = make_patients()
    tables["cohort"].loc[:2, "low_c3"] = pd.NA
    tables["labels"].loc[0, "is_dtt"] = pd.NA
    table = count_unknown(**tables, covariates=["any_apl", "low_c3"])
    assert table.term.tolist() == ["low_c3", "any_apl"]
    assert table.unknown_n.tolist() == [2, 0]
    assert table.share.tolist() == [2 / 180, 0]
    assert count_unknown(tables["cohort"], tables["labels"].head(0), covariates=["low_c3"]).share.tolist() == [0]


# What a model says


@pytest.mark.parametrize(("name", "printed"), [
    # R 4.2.2: glm(family = binomial), confint.default, to two decimals
    ("is_male", (3.69, 1.24, 10.93)), ("any_apl", (4.28, 2.07, 8.85)),
    ("active_sediment", (4.76, 2.26, 10.04)), ("anti_dsdna", (1.33, 0.66, 2.68)),
])  # fmt: skip
def test_the_odds_ratio_of_a_two_by_two_table_is_woolfs(patients, name, printed):
    [row] = estimate_univariable(**patients, covariates=[name]).to_dict("records")
    (a, b), (c, d) = ((k, n - k) for k, n in zip(COUNTS[name], (57, 124), strict=True))
    log_odds, error = np.log(a * d / (b * c)), np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    ends = np.exp(log_odds + np.array([0, -1, 1]) * stats.norm.ppf(0.975) * error)
    np.testing.assert_allclose([row["estimate"], row["low"], row["high"]], ends, rtol=1e-9)
    assert row["p"] == pytest.approx(2 * stats.norm.sf(log_odds / error), rel=1e-9)
    assert tuple(np.round(ends, 2)) == printed
    assert row["status"] == ESTIMATED


def test_every_table_of_estimates_has_the_same_columns_and_a_row_per_feature(patients):
    for table in estimate_all(patients, COVARIATES):
        assert tuple(table.columns) == COLUMNS
        assert set(table.status) <= set(STATUSES)
    assert table.term.tolist() == COVARIATES


def test_firth_lies_nearer_to_one_than_maximum_likelihood(patients):
    _, together, penalised = estimate_all(patients, COVARIATES)
    strong = together.p < 0.05
    assert strong.any()
    assert (np.log(penalised.estimate[strong]).abs() < np.log(together.estimate[strong]).abs()).all()


# What it refuses to say


@pytest.mark.parametrize(("tables", "status"), [
    (make_two_by_two(3, 1, dtt=5, others=5), ESTIMATED),
    (make_two_by_two(3, 0, dtt=5, others=5), SEPARATION),
    (make_two_by_two(5, 1, dtt=5, others=5), SEPARATION),
    (make_two_by_two(5, 0, dtt=5, others=5), SEPARATION),
    (make_two_by_two(5, 5, dtt=5, others=5), CONSTANT),
    (make_two_by_two(0, 0, dtt=5, others=5), CONSTANT),
    (make_two_by_two(2, 0, dtt=5, others=0), NO_CONTRAST),
    (make_two_by_two(0, 2, dtt=0, others=5), NO_CONTRAST),
    (make_two_by_two(0, 0, dtt=0, others=0), NO_PATIENTS),
])  # fmt: skip
def test_the_status_says_why_there_is_no_odds_ratio(tables, status):
    table = estimate_univariable(**tables, covariates=["serositis"])
    assert table.status.tolist() == [status]
    assert table[["estimate", "low", "high", "p"]].notna().all(axis=None) == (status == ESTIMATED)


def test_estimates_that_exist_and_say_nothing_are_near_separation():
    # 17 states, nearly separated: standard errors of 4.2 and 4.7, intervals over millions
    data = load_poverty()
    cohort = pd.DataFrame({"patient_id": range(17), "serositis": data["income"], "low_c3": data["black"]})
    labels = pd.DataFrame({"patient_id": range(17), "is_dtt": data["y"].astype("boolean")})
    table = estimate_multivariable(cohort, labels, covariates=["serositis", "low_c3"])
    assert table.status.tolist() == [NEAR_SEPARATION, NEAR_SEPARATION]
    assert table.estimate.isna().all()
    assert estimate_firth(cohort, labels, covariates=["serositis", "low_c3"]).status.tolist() == [ESTIMATED, ESTIMATED]


@pytest.mark.parametrize(("step", "status"), [(-1e-9, NEAR_SEPARATION), (0, ESTIMATED), (1e-9, ESTIMATED)])
def test_a_standard_error_at_the_limit_still_counts(monkeypatch, patients, step, status):
    data = take_complete_cases(keep_labelled(**patients), terms=["any_apl"])
    _, error = fit_logit(data.x, data.y)
    monkeypatch.setattr("helpers.predictors.models.NEAR_SEPARATION_ERROR", error[1] + step)
    assert estimate_univariable(**patients, covariates=["any_apl"]).status.tolist() == [status]


def test_a_nearly_separated_model_keeps_its_other_features(monkeypatch, patients):
    monkeypatch.setattr("helpers.predictors.models.NEAR_SEPARATION_ERROR", 0.5)
    table = estimate_multivariable(**patients, covariates=["is_male", "any_apl", "low_c3", "anti_dsdna"])
    assert table.status.tolist() == [NEAR_SEPARATION, ESTIMATED, ESTIMATED, ESTIMATED]
    assert table.estimate.isna().tolist() == [True, False, False, False]


def test_separation_by_one_feature_takes_the_others_with_it_and_firth_still_answers():
    tables = make_patients()
    tables["cohort"]["is_male"] = tables["labels"]["is_dtt"] & tables["cohort"]["is_male"]
    table = estimate_multivariable(**tables, covariates=["is_male", "any_apl"])
    assert table.status.tolist() == [SEPARATION, SEPARATION_ELSEWHERE]
    assert table.estimate.isna().all()
    penalised = estimate_firth(**tables, covariates=["is_male", "any_apl"])
    assert penalised.status.tolist() == [ESTIMATED, ESTIMATED]
    assert np.isfinite(penalised[["estimate", "low", "high", "p"]].to_numpy(float)).all()


def test_a_feature_that_others_determine_stays_out_and_the_first_named_stays_in():
    tables = make_patients()
    tables["cohort"]["low_c3"] = ~tables["cohort"]["any_apl"]
    for estimate in (estimate_multivariable, estimate_firth):
        table = estimate(**tables, covariates=["any_apl", "low_c3", "serositis"])
        assert table.status.tolist() == [ESTIMATED, COLLINEAR, ESTIMATED]


def test_a_constant_feature_stays_out_of_the_model_and_the_rest_is_as_without_it():
    tables = make_patients()
    without = estimate_multivariable(**tables, covariates=["any_apl", "serositis"])
    tables["cohort"]["low_c3"] = True
    table = estimate_multivariable(**tables, covariates=["any_apl", "low_c3", "serositis"])
    assert table.status.tolist() == [ESTIMATED, CONSTANT, ESTIMATED]
    np.testing.assert_allclose(table.estimate[[0, 2]], without.estimate, rtol=1e-12)


def test_a_fit_that_does_not_converge_is_a_status_and_not_a_warning(monkeypatch):
    for name in ("predictors.models.fit_logit", "predictors.firth.fit_firth"):
        monkeypatch.setattr(f"helpers.{name}", give(None))
    for estimate in (estimate_univariable, estimate_multivariable, estimate_firth):
        table = estimate(**make_patients(), covariates=["any_apl"])
        assert table.status.tolist() == [NOT_CONVERGED]
        assert table.estimate.isna().all()


def test_fits_of_separated_or_singular_data_return_nothing():
    x, y = np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([False, False, True, True])
    assert fit_logit(x, y) is None
    assert fit_logit(np.ones((4, 1)), np.array([False, True, True, False])) is None
    assert fit_firth(np.ones((4, 1)), np.array([False, True, True, False])) is None
    assert fit_firth(x, np.array([True] * 4)) is None


@pytest.mark.parametrize(("n", "status"), [(4, SATURATED), (3, SATURATED), (5, ESTIMATED)])
def test_firth_needs_more_patients_than_parameters(n, status):
    terms = ["serositis", "low_c3", "any_apl"]
    x = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]])[:n]
    cohort = pd.DataFrame(x, columns=terms).assign(patient_id=range(n))
    labels = pd.DataFrame({"patient_id": range(n), "is_dtt": ([False, True, True, False, True])[:n]})
    table = estimate_firth(cohort, labels, covariates=terms if n > 3 else terms[:2])
    assert set(table.status) == {status}
    assert table.estimate.notna().eq(status == ESTIMATED).all()
    second = second_fit_firth(cohort[table.term].to_numpy(float), labels.is_dtt.to_numpy(bool))
    assert all((one["value"] is not None) == (status == ESTIMATED) for one in second)


def test_a_firth_fit_that_has_not_converged_returns_nothing(monkeypatch):
    monkeypatch.setattr("helpers.predictors.firth._ITERATIONS", 1)
    data = take_complete_cases(keep_labelled(**make_patients()), terms=COVARIATES)
    assert fit_firth(data.x, data.y) is None


def make_separated(n):
    i = np.arange(n)
    x = np.column_stack([(i * i * (k + 2) + i * (k * k + 1) + k) % 13 < 6 for k in range(1, 11)]).astype(float)
    return x, (i * 2 + i * i) % 5 < 2


@pytest.mark.parametrize(
    ("n", "golden"),
    [  # coef(glm(y ~ x, binomial, method = "brglm_fit", type = "AS_mean", epsilon = 1e-12)), R 4.2.2, brglm2 0.9
        (22, [2.519950911, -1.372086218, 2.011552209, -1.134921099, 0.877160566, -2.067760650, -2.361960226,
              -0.282131015, -3.069289289, 1.006579358, -1.890107356]),
        (30, [2.431883360, -1.111160186, 2.344325097, -1.181148455, 0.409947724, -2.955797535, -2.544405215,
              0.302070380, -3.347320206, 1.498136800, -2.362449635]),
    ],
)  # fmt: skip
def test_firth_equals_brglm2_in_small_separated_samples_of_many_features(n, golden):
    fit = fit_firth(*make_separated(n))
    np.testing.assert_allclose([fit.intercept, *fit.beta], golden, atol=1e-8)


@pytest.mark.parametrize("n", [22, 26, 30, 36])
def test_a_small_separated_sample_of_many_features_has_all_numbers_and_its_ends_lie_where_the_profile_has_dropped(n):
    x, y = make_separated(n)
    fit = fit_firth(x, y)
    assert np.isfinite([fit.beta, fit.low, fit.high, fit.p]).all()
    model = Penalised(np.column_stack([np.ones(n), x]), y.astype(float))
    free = ~np.eye(11, dtype=bool)[1:]
    for ends in (fit.low, fit.high):
        start = np.where(free, [fit.intercept, *fit.beta], np.append(0.0, ends))
        held = model.climb(start, free=free, steps=200)
        assert (held.value <= fit.log_likelihood - stats.chi2.isf(0.05, 1) / 2 + 1e-6).all()


def test_an_end_of_an_interval_that_is_not_found_is_said(monkeypatch):
    tables = make_patients()
    data = take_complete_cases(keep_labelled(**tables), terms=["any_apl", "low_c3"])
    found = fit_firth(data.x, data.y)
    lost = replace(found, low=np.array([np.nan, found.low[1]]))
    monkeypatch.setattr("helpers.predictors.firth.fit_firth", give(lost))
    table = estimate_firth(**tables, covariates=["any_apl", "low_c3"])
    assert table.status.tolist() == [INTERVAL_MISSING, ESTIMATED]
    assert table.estimate.notna().all()


@pytest.mark.parametrize(("dtt", "others"), [(0, 0), (1, 0), (0, 3), (1, 1), (3, 5), (6, 20), (20, 20)])
def test_small_cohorts_get_an_answer_everywhere(dtt, others):
    tables = take_first(make_patients(seed=3, missing=0.1), dtt, others)
    alone, together, penalised = estimate_all(tables, COVARIATES)
    for table in (alone, together, penalised):
        shown = table.estimate.notna()
        assert shown.equals(table.status.isin([ESTIMATED, INTERVAL_MISSING]))
        assert (table.estimate[shown] > 0).all()
    assert len(derive_forest(alone, together, penalised, penalised)) == 61
    assert len(label_associations(alone, together, penalised, inclusion=make_inclusion())) == 16
    facts.list_comparison_facts(compare_baseline(**tables), origin="test")


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(30)), st.integers(0, 5))
def test_the_order_of_patients_changes_nothing(order, seed):
    tables = take_first(make_patients(seed=seed), 12, 18)
    mixed = {name: table.iloc[list(order)].reset_index(drop=True) for name, table in tables.items()}
    for estimate in (estimate_univariable, estimate_firth):
        one, other = (estimate(**some, covariates=["any_apl", "serositis"]) for some in (tables, mixed))
        assert one.status.tolist() == other.status.tolist()
        np.testing.assert_allclose(one.estimate, other.estimate, rtol=1e-6)


# The baseline table


@pytest.mark.parametrize(("name", "test", "p"), [
    # R 4.2.2: chisq.test(correct = FALSE), fisher.test
    ("is_male", "Fisher", 0.01937689804), ("any_apl", "chi-square", 4.425296302e-05),
    ("active_sediment", "chi-square", 1.801018076e-05), ("anti_dsdna", "chi-square", 0.4194521869),
])  # fmt: skip
def test_the_test_of_a_feature(patients, name, test, p):
    [row] = compare_baseline(**patients, variables=[name]).to_dict("records")
    assert (row["test"], row["dtt_n"], row["other_n"]) == (test, *COUNTS[name])
    assert row["p"] == pytest.approx(p, rel=1e-6)
    assert row["p"] == row["fdr_p"] == row["holm_p"]


@pytest.mark.parametrize(("with_it", "test"), [(9, "Fisher"), (10, "chi-square"), (11, "chi-square")])
def test_fisher_is_for_expected_counts_below_five(with_it, test):
    # ten of twenty in each group: an expected count of with_it / 2
    tables = make_two_by_two(with_it, 0, dtt=20, others=20)
    assert compare_baseline(**tables, variables=["serositis"]).test.tolist() == [test]


def test_a_category_with_small_counts_is_marked(patients):
    table = compare_baseline(**patients, variables=["class_group", "induction_regimen"])
    assert table.test.tolist() == ["chi-square (small counts)", "chi-square"]
    assert table.kind.tolist() == ["category", "category"]


def test_adjusted_p_values_count_the_tests_made_and_no_others():
    tables = make_patients()
    tables["cohort"]["low_c3"] = True
    table = compare_baseline(**tables, variables=["any_apl", "low_c3", "anti_dsdna"])
    assert table.test.tolist() == ["chi-square", "not tested", "chi-square"]
    assert table.holm_p.tolist()[0] == pytest.approx(2 * table.p[0])
    assert table.loc[1, ["smd", "p", "fdr_p", "holm_p"]].isna().all()


def test_differences_that_nothing_measures_are_missing():
    tables = make_patients()
    tables["cohort"] = tables["cohort"].assign(class_group=pd.NA, age_years=pd.array([30] * 181, dtype="Int64"))
    table = compare_baseline(**tables, variables=["class_group", "age_years"])
    assert table.test.tolist() == ["not tested", "not tested"]
    assert table.smd.isna().all()
    assert table.dtt_median.tolist()[1] == 30
    assert np.isnan(standardise_difference(np.array([1.0, 0.0]), np.zeros(2)))


def test_a_category_that_parts_the_groups_has_no_distance():
    tables = make_patients()
    words = np.where(tables["labels"]["is_dtt"], "III", "IV")
    tables["cohort"]["class_group"] = pd.array(words, dtype="string")
    [row] = compare_baseline(**tables, variables=["class_group"]).to_dict("records")
    assert row["test"] == "chi-square"
    assert np.isnan(row["smd"])


def test_differences_equal_those_of_the_package_tableone():
    tables = make_patients(missing=0.05)
    ours = compare_baseline(**tables).set_index("variable").smd
    patients = tables["cohort"].merge(tables["labels"], on="patient_id")
    theirs = derive_table_one(patients, by="dtt", groups=["no", "yes"]).dropna(subset="smd").set_index("variable").smd
    assert set(ours.index) == set(theirs.index)
    np.testing.assert_allclose(ours.abs(), theirs[ours.index].abs(), atol=1e-12)
    measures = [name for name in ours.index if name.startswith(("age", "baseline", "activity"))]
    np.testing.assert_allclose(ours[measures], theirs[measures], atol=1e-12)


def test_the_tests_stand_on_the_first_row_of_each_variable(patients):
    everyone = patients["cohort"].merge(patients["labels"], on="patient_id")
    variables = ["class_group", "any_apl"]
    one = derive_table_one(everyone, by="dtt", groups=["yes", "no"], variables=variables)
    table = derive_tested_table(one, compare_baseline(**patients, variables=variables))
    assert table.test.notna().tolist() == [False, True, False, False, False, True]
    assert table.smd.iloc[-1] > 0


# The three read together


def make_estimates(estimate: float, p: float, *, status: str = ESTIMATED, term: str = "any_apl") -> pd.DataFrame:
    row = {"term": term, "label": "A", "estimate": estimate, "low": 1.0, "high": 9.0, "p": p, "n": 90, "events": 30}
    return pd.DataFrame([{**row, "status": status}])


@pytest.mark.parametrize(("alone", "together", "penalised", "answer"), [
    ((3, 0.01), (3, 0.01), (3, 0.01), "yes"),
    ((3, 0.049999), (3, 0.01), (3, 0.01), "yes"),
    ((3, 0.05), (3, 0.01), (3, 0.01), "no"),
    ((3, 0.01), (3, 0.05), (3, 0.01), "no"),
    ((3, 0.01), (3, 0.01), (3, 0.06), "no"),
    ((3, 0.01), (0.3, 0.01), (0.3, 0.01), "no"),
    ((3, 0.01), (np.nan, np.nan), (3, 0.01), "cannot tell"),
    ((3, 0.01), (np.nan, np.nan), (3, 0.2), "no"),
])  # fmt: skip
def test_independent_means_alone_together_and_by_firth_on_one_side(alone, together, penalised, answer):
    parts = [make_estimates(*part, status=ESTIMATED if np.isfinite(part[0]) else SEPARATION)
             for part in (alone, together, penalised)]  # fmt: skip
    table = label_associations(*parts, inclusion=make_inclusion())
    assert table.is_independent.tolist() == [answer]
    assert table.verdict.eq("independent").tolist() == [answer == "yes"]


@pytest.mark.parametrize(("share", "stable", "answer", "verdict"), [
    (0.9, "yes", "yes", "independent"), (0.79, "no", "no", UNSTABLE),
    (np.nan, "cannot tell", "cannot tell", "cannot tell"),
])  # fmt: skip
def test_a_feature_that_is_not_chosen_again_is_not_called_independent(share, stable, answer, verdict):
    inclusion = pd.DataFrame({"term": ["any_apl"], "chosen_share": [share], "is_stable": [stable]})
    [row] = label_associations(*[make_estimates(3, 0.01)] * 3, inclusion=inclusion).to_dict("records")
    assert (row["is_independent"], row["verdict"]) == (answer, verdict)


@pytest.mark.parametrize(("alone", "together", "verdict"), [
    ((3, 0.01), (3, 0.2), "associated alone, not independently"), ((3, 0.2), (3, 0.01), "not associated alone"),
    ((3, 0.01), (np.nan, np.nan), "cannot tell"),
])  # fmt: skip
def test_the_verdict_says_what_is_missing(alone, together, verdict):
    parts = [make_estimates(*part, status=ESTIMATED if np.isfinite(part[0]) else SEPARATION)
             for part in (alone, together, together)]  # fmt: skip
    assert label_associations(*parts, inclusion=make_inclusion()).verdict.tolist() == [verdict]


def test_an_unstable_feature_that_also_fails_a_test_is_not_said_to_be_associated_in_the_model():
    unstable = make_inclusion(stable="no")
    parts = [make_estimates(3, 0.01), make_estimates(3, 0.2), make_estimates(3, 0.2)]
    assert label_associations(*parts, inclusion=unstable).verdict.tolist() == ["associated alone, not independently"]
    counts = facts.list_association_facts(label_associations(*parts[:1] * 3, inclusion=unstable), origin="here")
    assert (counts["unstable"]["value"], counts["independent"]["value"], counts["stable"]["value"]) == (1, 0, 0)


@pytest.mark.parametrize(("term", "odds", "agrees"), [
    ("any_apl", 3.0, True), ("low_c3", 3.0, False), ("any_apl", 0.3, False), ("anti_dsdna", 3.0, None),
])  # fmt: skip
def test_agreement_with_the_abstract_needs_the_same_word_and_the_side_of_risk(term, odds, agrees):
    parts = [make_estimates(odds, 0.01, term=term)] * 3
    [found] = label_associations(*parts, inclusion=make_inclusion()).agrees.tolist()
    assert found is agrees or (agrees is None and found is pd.NA)


def test_the_usual_picture_is_read_as_the_abstract_reads_it(patients):
    table = label_associations(*estimate_all(patients, COVARIATES), inclusion=make_inclusion()).set_index("term")
    assert table.is_independent[lambda x: x.eq("yes")].index.tolist() == ["active_sediment", "any_apl"]
    assert table.agrees.sum() == 15
    assert table.abstract["anti_dsdna"] == "not named"


def test_a_remark_says_once_what_both_multivariable_models_say():
    alone, together = make_estimates(3, 0.01), make_estimates(np.nan, np.nan, status=SEPARATION)
    assert derive_side_by_side(alone, together, alone).remark.tolist() == ["together: separation"]
    assert derive_side_by_side(alone, together, together).remark.tolist() == ["together: separation"]
    assert derive_side_by_side(together, alone, alone).remark.tolist() == ["alone: separation"]
    assert derive_side_by_side(alone, alone, alone).remark.tolist() == [""]
    assert derive_side_by_side(alone, alone, alone.head(0)).penalised_status.tolist() == ["not in the model"]


def test_names_and_citations_for_sentences():
    rows = pd.DataFrame({"term": ["low_c3", "anti_ro60"], "label": ["Low C3", "Anti-Ro60"]})
    assert list_features(rows) == ["low C3", "anti-Ro60"]
    assert cite_estimates(rows.head(0), prefix="x") == "none"
    assert cite_estimates(rows, prefix="x", form="p").startswith("low C3, {x.low_c3.or:p}; anti-Ro60")


def test_every_column_of_the_chapters_tables_has_a_heading(patients):
    side = derive_side_by_side(*estimate_all(patients, COVARIATES))
    merged = {f"{model}_{end}" for model in ("alone", "together", "penalised") for end in ("low", "high")}
    assert set(side.columns) - merged == set(headings.SIDE_BY_SIDE)
    table = label_associations(*estimate_all(patients, COVARIATES), inclusion=make_inclusion())
    assert set(table.columns) == set(headings.ASSOCIATIONS)
    assert set(count_unknown(**patients, covariates=COVARIATES).columns) == set(headings.UNKNOWN)


def test_facts_for_the_ledger_carry_value_n_unit_and_label(patients):
    comparison = facts.list_comparison_facts(compare_baseline(**patients), origin="here")
    assert comparison["tested"]["value"] == 26
    assert comparison["chance"]["value"] == pytest.approx(1.3)
    assert comparison["holm"]["value"] <= comparison["fdr"]["value"] <= comparison["raw"]["value"]
    assert 0 < comparison["induction"]["value"] < 1
    table = label_associations(*estimate_all(patients, COVARIATES), inclusion=make_inclusion())
    counts = facts.list_association_facts(table, origin="here")
    assert (counts["associated"]["value"], counts["associated"]["n"]) == (15, 16)
    assert (counts["independent"]["value"], counts["agree"]["value"], counts["agree"]["n"]) == (2, 15, 15)
