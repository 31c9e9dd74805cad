"""Selection, log-F prior, collinearity, decision curve, strata and adjusted p values of chapter 3 against R.

Every number here was made by tests/golden/selection.R, with the call beside it. Run as a program with a folder, this
file writes the data sets that the R script reads.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

sys.path.insert(0, str(Path(__file__).parent))  # for the use as a program

from golden_values import export_datasets
from test_predictors_golden import load_fair, load_rossi, load_spector

from helpers.predictors.collinearity import measure_condition_index, measure_vif, summarise_collinearity
from helpers.predictors.decision_curve import estimate_decision_curve, measure_benefits
from helpers.predictors.irls import measure_weighted_auc, weigh_samples
from helpers.predictors.log_f import estimate_log_f, fit_log_f
from helpers.predictors.p_values import adjust_p_values
from helpers.predictors.recipe import Candidates, choose_features
from helpers.predictors.sample import ModelData
from helpers.predictors.shrinkage import find_expected_shrinkage
from helpers.predictors.shrunken import fit_samples, measure_slopes
from helpers.predictors.strata import estimate_stratified

GOLDEN = Path(__file__).parent / "golden"
NAMES = ["serositis", "hypertension", "leucopenia", "crescents", "low_c3"]
"""Feature names that the true/false columns of the data sets borrow here."""
LIMITS = [0.1, 0.2, 0.25, 0.3, 0.5]


def load_rossi_features() -> pd.DataFrame:
    """Five true/false columns of the released prisoners, and whether they were arrested again."""
    return load_rossi()[[*NAMES, "y"]]


def load_anes_features() -> pd.DataFrame:
    """Voters of the year 1996 (statsmodels): five questions cut in two, and whether they voted for Dole."""
    data = sm.datasets.anes96.load_pandas().data
    columns = {"serositis": data["selfLR"].gt(4), "hypertension": data["age"].gt(45), "leucopenia": data["educ"].gt(4),
               "crescents": data["TVnews"].gt(3), "low_c3": data["income"].gt(16)}  # fmt: skip
    return pd.DataFrame(columns).astype(int).assign(y=data["vote"].astype(int)).reset_index(drop=True)


def load_rossi_strata() -> pd.DataFrame:
    table = load_rossi()
    return pd.DataFrame({"x": table["serositis"], "y": table["y"], "stratum": table["class"]})


def load_anes_strata() -> pd.DataFrame:
    table = load_anes_features()
    words = table["hypertension"].astype(str) + table["low_c3"].astype(str)
    return pd.DataFrame({"x": table["leucopenia"], "y": table["y"], "stratum": words})


LOADERS = {"spector": load_spector, "fair": load_fair, "rossi_features": load_rossi_features,
           "anes_features": load_anes_features, "rossi_strata": load_rossi_strata,
           "anes_strata": load_anes_strata}  # fmt: skip


def split(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    return table.drop(columns="y").to_numpy(float), table["y"].to_numpy(bool)


def draw(n: int, samples: int) -> np.ndarray:
    place = np.arange(n)
    return np.array([(place * (2 * b + 3) + 7 * b * b + place * place // (b + 2)) % n for b in range(samples)])


def make_cohort(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    identity = pd.DataFrame({"patient_id": range(len(table))})
    return {"cohort": identity.join(table.drop(columns="y").astype("boolean")),
            "labels": identity.assign(is_dtt=table["y"].astype("boolean"))}  # fmt: skip


@pytest.fixture(scope="module")
def golden() -> dict:
    return json.loads((GOLDEN / "selection.json").read_text())


@pytest.mark.parametrize("name", ["spector", "fair"])
def test_variance_inflation_equals_rms_and_the_condition_index_svd(golden, name):
    x, _ = split(LOADERS[name]())
    expected = golden["overlap"][name]
    np.testing.assert_allclose(measure_vif(x), expected["vif"], rtol=1e-6)
    assert measure_condition_index(x) == pytest.approx(expected["index"], rel=1e-6)


def test_the_table_of_overlap_holds_the_same_numbers():
    table = load_rossi_features()
    x, _ = split(table)
    shown = summarise_collinearity(**make_cohort(table), covariates=NAMES)
    np.testing.assert_allclose(shown["vif"], measure_vif(x), rtol=1e-12)
    phi = np.corrcoef(x, rowvar=False)
    np.testing.assert_allclose(shown["phi"].abs(), (np.abs(phi) - np.eye(5)).max(axis=0), rtol=1e-12)


@pytest.mark.parametrize("name", ["rossi", "anes"])
def test_net_benefit_and_its_optimism_equal_the_formula_in_r(golden, name):
    table = LOADERS[f"{name}_features"]()
    x, y = split(table)
    expected = golden["decision"][name]
    curve = estimate_decision_curve(**make_cohort(table), covariates=NAMES, factor=0.6, samples=3, seed=1,
                                    thresholds=LIMITS)  # fmt: skip
    np.testing.assert_allclose(curve["apparent"], expected["apparent"], atol=1e-9)
    np.testing.assert_allclose(curve["shrunken_apparent"], expected["shrunken_apparent"], atol=1e-9)
    gaps, gains = measure_benefits(ModelData(x, y, tuple(NAMES), {}), draw(len(y), 6), np.array(LIMITS),
                                   factors=(1.0, 0.6))  # fmt: skip
    np.testing.assert_allclose(gaps.mean(axis=1), [expected["optimism"], expected["shrunken_optimism"]], atol=1e-9)
    np.testing.assert_allclose(gains[0].mean(axis=0), expected["gain"], atol=1e-9)


@pytest.mark.parametrize("name", ["rossi", "anes"])
def test_the_log_f_prior_equals_glm_on_patients_with_its_rows_added(golden, name):
    table = LOADERS[f"{name}_features"]()
    x, y = split(table)
    expected = golden["log_f"][name]
    degrees = expected["degrees"]
    found = fit_log_f(x, y, degrees=degrees)
    np.testing.assert_allclose(found[:3], [expected["beta"][1:], expected["low"], expected["high"]], atol=1e-6)
    np.testing.assert_allclose(found[3], expected["p"], rtol=1e-6)
    shown = estimate_log_f(**make_cohort(table), covariates=NAMES, degrees=degrees)
    np.testing.assert_allclose(np.log(shown[["estimate", "low", "high"]].to_numpy(float)).T, found[:3], atol=1e-9)
    np.testing.assert_allclose(fit_samples(x, y, np.ones((1, len(y))), degrees=degrees)[0], expected["beta"], atol=1e-8)
    [[own, _]] = measure_slopes(x, y, np.arange(len(y))[None, :], degrees=degrees)
    assert own == pytest.approx(expected["slope"], abs=1e-8)
    gaps = measure_slopes(x, y, draw(len(y), 6), degrees=degrees) @ [1.0, -1.0]
    assert gaps.mean() == pytest.approx(expected["optimism"], abs=1e-8)


@pytest.mark.parametrize("name", ["rossi", "anes"])
def test_the_recipe_chooses_what_glm_chooses_in_every_sample(golden, name):
    table = LOADERS[f"{name}_features"]()
    x, y = split(table)
    expected = golden["selection"][name]
    data = Candidates(x, np.ones(x.shape, dtype=bool), y)
    everyone = np.ones((1, len(y)))
    own = choose_features(data, everyone)
    assert own.chosen[0].astype(int).tolist() == expected["kept"]
    assert measure_weighted_auc(own.logits, y, everyone)[0] == pytest.approx(expected["auc"], abs=1e-9)
    weights = weigh_samples(draw(len(y), 12), n=len(y))
    again = choose_features(data, weights)
    assert again.answered.all()
    assert again.chosen.astype(int).tolist() == expected["samples"]
    gaps = measure_weighted_auc(again.logits, y, weights) - measure_weighted_auc(again.logits, y, np.ones_like(weights))
    np.testing.assert_allclose(gaps, expected["optimism"], atol=1e-9)


@pytest.mark.parametrize("name", ["rossi", "anes"])
def test_the_odds_ratio_within_strata_equals_mantelhaen_test(golden, name):
    table = LOADERS[f"{name}_strata"]()
    identity = pd.DataFrame({"patient_id": range(len(table))})
    cohort = identity.assign(serositis=table["x"].astype("boolean"), induction_regimen="mycophenolate",
                             era=table["stratum"].astype("string"))  # fmt: skip
    labels = identity.assign(is_dtt=table["y"].astype("boolean"))
    alone = pd.DataFrame(columns=["term", "estimate", "low", "high"])
    [row] = estimate_stratified(cohort, labels, alone=alone, covariates=["serositis"]).to_dict("records")
    expected = golden["strata"][name]
    np.testing.assert_allclose([row[key] for key in expected], list(expected.values()), rtol=1e-9)


@pytest.mark.parametrize("name", ["rossi", "anes"])
def test_adjusted_p_values_equal_p_adjust(golden, name):
    expected = golden["adjusted"][name]
    p = pd.Series(expected["p"])
    np.testing.assert_allclose(adjust_p_values(p, method="fdr_bh"), expected["fdr"], rtol=1e-12)
    np.testing.assert_allclose(adjust_p_values(p, method="holm"), expected["holm"], rtol=1e-12)


def test_the_shrinkage_to_expect_solves_rileys_criterion_as_in_r(golden):
    assert find_expected_shrinkage(0.2, n=181, parameters=15) == pytest.approx(golden["expected"][0], abs=1e-8)
    assert find_expected_shrinkage(0.35, n=400, parameters=9) == pytest.approx(golden["expected"][1], abs=1e-8)


if __name__ == "__main__":
    export_datasets(LOADERS)
