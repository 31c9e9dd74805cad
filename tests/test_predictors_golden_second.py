"""Chapters 2 and 3 against R on further data sets, for each method that had one only: by predictors_second.R.

Run as a program with a folder, this file writes the data sets that the R script reads.
"""

import json
from pathlib import Path

import lifelines.datasets
import numpy as np
import pandas as pd
import pytest
from golden_values import export_datasets

from helpers.labelling.comparison import estimate_kappa
from helpers.predictors import estimate_multivariable, estimate_univariable
from helpers.predictors.baseline import compare_baseline
from helpers.predictors.calibration import summarise_model_size
from helpers.predictors.sample import ModelData
from helpers.predictors.validation import estimate_validation, measure_optimism
from helpers.published.numbers import find_wilson_interval

GOLDEN = json.loads((Path(__file__).parent / "golden" / "predictors_second.json").read_text(encoding="utf-8"))
FEATURES = ["serositis", "hypertension", "leucopenia", "crescents", "low_c3"]
"""Names that five true/false facts of the breast-cancer patients borrow here; see `load_lymph`."""


def load_lymph() -> pd.DataFrame:
    """The German breast-cancer study: hormone treatment, after menopause, grade 3, over three nodes, few receptors."""
    data = lifelines.datasets.load_lymph_node().reset_index(drop=True)
    facts = [data.hormone.eq(2), data.menopause.eq(2), data.grade.eq(3), data.nodes.gt(3), data.estrg_recp.lt(10)]
    table = pd.concat(facts, axis=1).astype(int).set_axis(FEATURES, axis="columns")
    classes = pd.cut(data["size"], [-1, 15, 25, 40, 999], labels=["III", "IV", "V", "mixed"]).astype(str)
    return table.assign(y=data.censdead.astype(int), age=data.age, nodes=data.nodes, **{"class": classes})


def load_rossi() -> pd.DataFrame:
    return lifelines.datasets.load_rossi()[["arrest", "fin", "wexp", "mar", "race"]]


LOADERS = {"lymph": load_lymph, "rossi": load_rossi}


if __name__ == "__main__":
    export_datasets(LOADERS)


@pytest.fixture(scope="module")
def lymph() -> dict[str, pd.DataFrame]:
    return make_cohort(load_lymph())


def make_cohort(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    identity = pd.DataFrame({"patient_id": range(len(table))})
    measures = {"age_years": table["age"].astype("Int64"), "sledai_2k": table["nodes"].astype("Int64"),
                "class_group": table["class"].astype("string")}  # fmt: skip
    return {"cohort": identity.join(table[FEATURES].astype("boolean")).assign(**measures),
            "labels": identity.assign(is_dtt=table["y"].astype("boolean"))}  # fmt: skip


def test_the_univariable_table_equals_glm(lymph):
    table, golden = estimate_univariable(**lymph, covariates=FEATURES), GOLDEN["alone"]
    for column, key in (("estimate", "beta"), ("low", "low"), ("high", "high")):
        np.testing.assert_allclose(np.log(table[column]), golden[key], atol=1e-9)
    np.testing.assert_allclose(table["p"], golden["p"], rtol=1e-7)


def test_the_multivariable_table_equals_glm(lymph):
    table, golden = estimate_multivariable(**lymph, covariates=FEATURES), GOLDEN["together"]
    for column, key in (("estimate", "beta"), ("low", "low"), ("high", "high")):
        np.testing.assert_allclose(np.log(table[column]), golden[key][1:], atol=1e-9)
    np.testing.assert_allclose(table["p"], golden["p"][1:], rtol=1e-7)


def test_the_baseline_tests_the_differences_and_the_adjustments_equal_r(lymph):
    golden = GOLDEN["baseline"]
    table = compare_baseline(**lymph, variables=["age_years", "sledai_2k", "class_group", *FEATURES])
    for column, key in (("p", "p"), ("fdr_p", "fdr"), ("holm_p", "holm")):
        np.testing.assert_allclose(table[column], golden[key], rtol=1e-9)
    rows = table.set_index("variable")
    assert rows.loc["age_years", "smd"] == pytest.approx(golden["smd_age"], rel=1e-12)
    assert rows.loc["serositis", "smd"] == pytest.approx(golden["smd_serositis"], rel=1e-12)
    assert rows.loc["class_group", "smd"] == pytest.approx(golden["smd_class"], rel=1e-9)
    assert rows.loc["sledai_2k", ["dtt_q1", "dtt_median", "dtt_q3"]].tolist() == golden["quartiles_nodes"]


def test_fisher_equals_r():
    few = make_cohort(load_lymph().head(25))
    [row] = compare_baseline(**few, variables=["serositis"]).to_dict("records")
    assert row["test"] == "Fisher"
    assert row["p"] == pytest.approx(GOLDEN["baseline"]["fisher"], rel=1e-9)


def test_the_optimism_of_given_samples_equals_glm():
    table = load_lymph()
    x, y = table[FEATURES].to_numpy(float), table["y"].to_numpy(bool)
    place = np.arange(len(y))
    drawn = np.array([(place * (2 * b + 3) + 7 * b * b + place * place // (b + 2)) % len(y) for b in range(10)])
    gaps = measure_optimism(ModelData(x, y, tuple(FEATURES), {}), drawn)
    np.testing.assert_allclose(gaps.mean(axis=0), GOLDEN["validation"]["optimism"], atol=1e-9)


def test_area_brier_calibration_delong_and_likelihood_ratio_equal_glm_and_proc(lymph):
    golden = GOLDEN["validation"]
    table = estimate_validation(**lymph, covariates=FEATURES, samples=20, seed=1)
    np.testing.assert_allclose(table["apparent"], golden["apparent"], atol=1e-9)
    np.testing.assert_allclose(table.loc[0, ["low", "high"]].astype(float), golden["delong"], atol=1e-9)
    size = summarise_model_size(**lymph, covariates=FEATURES).set_index("term")["value"]
    assert size["likelihood_ratio"] == pytest.approx(golden["likelihood_ratio"], abs=1e-9)


@pytest.mark.parametrize(("name", "one", "other"), [
    ("lymph", "crescents", "low_c3"), ("lymph", "hypertension", "serositis"), ("rossi", "wexp", "mar"),
])  # fmt: skip
def test_kappa_and_its_interval_equal_the_formula_of_fleiss_in_r(name, one, other):
    data = LOADERS[name]()
    found = estimate_kappa(data[one].to_numpy(bool), data[other].to_numpy(bool))
    golden = GOLDEN["kappa"][f"{name}.{one}.{other}"]
    assert [found["estimate"], found["low"], found["high"]] == pytest.approx(golden, abs=1e-10)


@pytest.mark.parametrize(("name", "column"), [("rossi", "arrest"), ("lymph", "y"), ("lymph", "crescents")])
def test_wilson_limits_equal_prop_test(name, column):
    values = LOADERS[name]()[column]
    low, high = find_wilson_interval(int(values.sum()), len(values))
    assert [low, high] == pytest.approx(100 * np.array(GOLDEN["wilson"][f"{name}.{column}"]), abs=1e-9)
