"""Chapter 3 against R: every number here was made by tests/golden/predictors.R, with the call beside it.

Run as a program with a folder, this file writes the data sets that the R script reads.
"""

import json
import sys
from pathlib import Path

import lifelines.datasets
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

sys.path.insert(0, str(Path(__file__).parent))  # for the use as a program

from golden_values import export_datasets
from made_up_patients import load_poverty

from helpers.predictors import estimate_multivariable, estimate_univariable, fit_logit
from helpers.predictors.baseline import compare_baseline
from helpers.predictors.calibration import summarise_model_size
from helpers.predictors.firth import estimate_firth, fit_firth
from helpers.predictors.irls import fit_logits
from helpers.predictors.sample import ModelData
from helpers.predictors.validation import estimate_validation, measure_delong_interval, measure_optimism

GOLDEN = Path(__file__).parent / "golden"
FEATURES = ["serositis", "hypertension", "leucopenia", "crescents", "low_c3"]
"""Names that the released prisoners' five true/false columns borrow here: fin, race, wexp, mar, paro."""


def load_rossi() -> pd.DataFrame:
    data = lifelines.datasets.load_rossi()
    table = data[["fin", "race", "wexp", "mar", "paro"]].set_axis(FEATURES, axis="columns")
    classes = pd.cut(data["prio"], [-1, 0, 2, 5, 99], labels=["III", "IV", "V", "mixed"]).astype(str)
    return table.assign(y=data["arrest"], age=data["age"], priors=data["prio"], **{"class": classes})


def load_fair() -> pd.DataFrame:
    data = sm.datasets.fair.load_pandas()
    return data.exog.assign(y=(data.endog > 0).astype(int))


def load_spector() -> pd.DataFrame:
    data = sm.datasets.spector.load_pandas()
    return data.exog.assign(y=data.endog.astype(int))


LOADERS = {"rossi": load_rossi, "fair": load_fair, "spector": load_spector, "poverty": load_poverty}


def make_cohort(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The prisoners as a cohort and its labels."""
    identity = pd.DataFrame({"patient_id": range(len(table))})
    features = table[FEATURES].astype("boolean")
    measures = {"age_years": table["age"].astype("Int64"), "sledai_2k": table["priors"].astype("Int64"),
                "class_group": table["class"].astype("string")}  # fmt: skip
    return {"cohort": identity.join(features).assign(**measures),
            "labels": identity.assign(is_dtt=table["y"].astype("boolean"))}  # fmt: skip


def split(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    return table.drop(columns="y").to_numpy(float), table["y"].to_numpy(bool)


@pytest.fixture(scope="module")
def golden() -> dict:
    return json.loads((GOLDEN / "predictors.json").read_text())


@pytest.fixture(scope="module")
def rossi() -> dict[str, pd.DataFrame]:
    return make_cohort(load_rossi())


@pytest.mark.parametrize("name", ["spector", "fair", "poverty"])
def test_maximum_likelihood_equals_glm(golden, name):
    beta, error = fit_logit(*split(LOADERS[name]()))
    np.testing.assert_allclose(beta, golden["ml"][name]["beta"], rtol=1e-8)
    np.testing.assert_allclose(error, golden["ml"][name]["se"], rtol=1e-7)


@pytest.mark.parametrize("name", ["spector", "fair", "poverty"])
def test_the_bootstrap_engine_equals_glm(golden, name):
    x, y = split(LOADERS[name]())
    fit = fit_logits(x, y, np.ones((1, len(y))))
    assert fit.converged.all()
    np.testing.assert_allclose(fit.beta[0], golden["ml"][name]["beta"], rtol=1e-7)


def test_the_univariable_table_equals_glm(golden, rossi):
    table = estimate_univariable(**rossi, covariates=FEATURES)
    for column, key in (("estimate", "beta"), ("low", "low"), ("high", "high")):
        np.testing.assert_allclose(np.log(table[column]), golden["alone"][key], atol=1e-9)
    np.testing.assert_allclose(table["p"], golden["alone"]["p"], rtol=1e-7)
    assert table["n"].eq(432).all()
    assert table["events"].eq(114).all()


def test_the_multivariable_table_equals_glm(golden, rossi):
    table = estimate_multivariable(**rossi, covariates=FEATURES)
    for column, key in (("estimate", "beta"), ("low", "low"), ("high", "high")):
        np.testing.assert_allclose(np.log(table[column]), golden["ml"]["rossi"][key][1:], atol=1e-9)
    np.testing.assert_allclose(table["p"], golden["ml"]["rossi"]["p"][1:], rtol=1e-7)


@pytest.mark.parametrize("name", ["spector", "poverty"])
def test_firth_equals_brglm2_and_its_intervals_the_profile(golden, name):
    fit = fit_firth(*split(LOADERS[name]()))
    expected = golden["firth"][name]
    np.testing.assert_allclose([fit.intercept, *fit.beta], expected["beta"], rtol=1e-8)
    assert fit.log_likelihood == pytest.approx(expected["log_likelihood"], abs=1e-8)
    np.testing.assert_allclose(fit.low, expected["low"], atol=1e-6)
    np.testing.assert_allclose(fit.high, expected["high"], atol=1e-6)
    np.testing.assert_allclose(stats.chi2.isf(fit.p, 1), expected["chi_square"], rtol=1e-6)


def test_firth_is_finite_where_maximum_likelihood_says_nothing(golden):
    # near separation: standard errors of 4.2 and 4.7 by glm, intervals far from symmetric by the penalised profile
    assert min(golden["ml"]["poverty"]["se"][1:]) > 4
    fit = fit_firth(*split(load_poverty()))
    widths = np.array([fit.beta - fit.low, fit.high - fit.beta])
    assert (np.abs(fit.beta) < np.abs(golden["ml"]["poverty"]["beta"][1:])).all()
    assert (widths.max(axis=0) > 2 * widths.min(axis=0)).all()


def test_the_firth_table_equals_brglm2(golden, rossi):
    table = estimate_firth(**rossi, covariates=FEATURES)
    expected = golden["firth"]["rossi"]
    np.testing.assert_allclose(np.log(table["estimate"]), expected["beta"][1:], atol=1e-9)
    np.testing.assert_allclose(np.log(table["low"]), expected["low"], atol=1e-6)
    np.testing.assert_allclose(np.log(table["high"]), expected["high"], atol=1e-6)
    np.testing.assert_allclose(stats.chi2.isf(table["p"], 1), expected["chi_square"], atol=1e-6)


def test_the_baseline_tests_equal_r(golden, rossi):
    expected = golden["baseline"]
    table = compare_baseline(**rossi, variables=["age_years", "sledai_2k", "class_group", *FEATURES])
    np.testing.assert_allclose(table["p"], expected["p"], rtol=1e-9)
    np.testing.assert_allclose(table["fdr_p"], expected["fdr"], rtol=1e-9)
    np.testing.assert_allclose(table["holm_p"], expected["holm"], rtol=1e-9)
    rows = table.set_index("variable")
    assert rows.loc["age_years", "smd"] == pytest.approx(expected["smd_age"], rel=1e-12)
    assert rows.loc["serositis", "smd"] == pytest.approx(expected["smd_serositis"], rel=1e-12)
    assert rows.loc["sledai_2k", ["dtt_q1", "dtt_median", "dtt_q3"]].tolist() == expected["quartiles_priors"]


def test_fisher_is_taken_for_small_counts_and_equals_r(golden):
    few = make_cohort(load_rossi().head(60))
    [row] = compare_baseline(**few, variables=["crescents"]).to_dict("records")
    assert row["test"] == "Fisher"
    assert row["p"] == pytest.approx(golden["baseline"]["fisher"], rel=1e-9)


def test_the_optimism_of_given_samples_equals_glm(golden):
    x, y = split(load_rossi()[[*FEATURES, "y"]])
    place = np.arange(len(y))
    drawn = np.array([(place * (2 * b + 3) + 7 * b * b + place * place // (b + 2)) % len(y) for b in range(10)])
    gaps = measure_optimism(ModelData(x, y, tuple(FEATURES), {}), drawn)
    np.testing.assert_allclose(gaps.mean(axis=0), golden["validation"]["optimism"], atol=1e-9)


def test_the_apparent_measures_equal_glm_and_proc(golden, rossi):
    table = estimate_validation(**rossi, covariates=FEATURES, samples=20, seed=1)
    np.testing.assert_allclose(table["apparent"], golden["validation"]["apparent"], atol=1e-9)
    np.testing.assert_allclose(table.loc[0, ["low", "high"]].astype(float), golden["validation"]["delong"], atol=1e-9)


def test_delong_with_ties_equals_proc(golden):
    x, y = split(load_spector())
    beta, _ = fit_logit(x, y)
    ends = measure_delong_interval(np.round(beta[0] + x @ beta[1:], 0), y)
    np.testing.assert_allclose(ends, golden["delong_ties"], atol=1e-9)


def test_the_likelihood_ratio_equals_glm(golden, rossi):
    size = summarise_model_size(**rossi, covariates=FEATURES).set_index("term")["value"]
    assert size["likelihood_ratio"] == pytest.approx(golden["validation"]["likelihood_ratio"], abs=1e-9)
    assert size["shrinkage"] == pytest.approx(1 - 5 / golden["validation"]["likelihood_ratio"], abs=1e-9)


if __name__ == "__main__":
    export_datasets(LOADERS)
