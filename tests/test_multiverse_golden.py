"""The multiverse's scores and shares of variance against R: every number was made by tests/golden/multiverse.R.

Run as a program with a folder, this file writes the data sets that the R script reads.
"""


import lifelines.datasets as shipped
import numpy as np
import pandas as pd
import pytest
import statsmodels.datasets.spector as spector
from golden_values import export_datasets, load_lymph_node_patients, load_stanford_patients, read_golden

from helpers.multiverse.null import score_exposure, score_hazard
from helpers.multiverse.variance import share_out_variance


def load_waltons() -> pd.DataFrame:
    data = shipped.load_waltons()
    return pd.DataFrame({"time": data["T"], "event": data.E, "group": data.group.eq("miR-137").astype(int)})


def load_gbsg2() -> pd.DataFrame:
    data = shipped.load_gbsg2()
    return pd.DataFrame({"time": data.time, "event": data.cens, "group": data.horTh.eq("yes").astype(int),
                         "menostat": data.menostat, "tgrade": data.tgrade})  # fmt: skip


LOADERS = {
    "rossi": shipped.load_rossi, "spector": lambda: spector.load_pandas().data, "waltons": load_waltons,
    "gbsg2": load_gbsg2, "stanford_patients": load_stanford_patients, "lymph_node_patients": load_lymph_node_patients,
}  # fmt: skip


if __name__ == "__main__":
    export_datasets(LOADERS)

GOLDEN = read_golden("multiverse")
"""Values by name; missing only while the file is being made anew."""


def agrees(found, golden):
    np.testing.assert_allclose(np.asarray(found, dtype=float), np.asarray(golden, dtype=float), rtol=0, atol=1e-6)


def signed_square(z: float) -> float:
    return float(np.sign(z) * z**2)


def no_shuffles(n: int) -> np.ndarray:
    return np.empty((0, n), dtype=np.intp)


RAO = {
    "rossi.fin": ("arrest", ["age", "race", "wexp", "mar", "paro", "prio"]),
    "rossi.mar": ("arrest", ["age", "race", "wexp", "fin", "paro", "prio"]),
    "spector.PSI": ("GRADE", ["GPA", "TUCE"]),
}


@pytest.mark.parametrize("name", RAO)
def test_the_score_of_an_exposure_equals_rao_test_of_anova_glm(name):
    golden, (label, others) = GOLDEN[f"rao.{name}"]["values"], RAO[name]
    source, exposure = name.split(".")
    data = LOADERS[source]().astype(float)
    assert len(data) == golden["n"]
    found = score_exposure(data[exposure].to_numpy(), data[others].to_numpy(), data[label].to_numpy(),
                           no_shuffles(len(data)))  # fmt: skip
    agrees(signed_square(found.observed), golden["sign"] * golden["chi2"])


@pytest.mark.parametrize(("name", "landmark"), [("waltons", None), ("gbsg2", None), ("waltons", 30.0),
                                                ("gbsg2", 365.0)])  # fmt: skip
def test_the_score_of_groups_that_do_not_change_equals_survdiff(name, landmark):
    golden = GOLDEN[f"log_rank.{name}.landmark" if landmark else f"log_rank.{name}"]["values"]
    data = LOADERS[name]()
    found = score_hazard(data.time.to_numpy(float), data.event.eq(1).to_numpy(), data.group.to_numpy(float),
                         np.zeros(len(data)), no_shuffles(len(data)), landmark_months=landmark)  # fmt: skip
    assert (data.time > (landmark or 0)).sum() == golden["n"]
    agrees(signed_square(found.observed), golden["sign"] * golden["chi2"])


@pytest.mark.parametrize("name", ["stanford_patients", "lymph_node_patients"])
def test_the_score_of_a_label_that_comes_later_equals_that_of_coxph_with_exact_ties(name):
    golden, data = GOLDEN[f"exact.{name}"]["values"], LOADERS[name]()
    assert data.dead.sum() == golden["events"]
    found = score_hazard(data.time.to_numpy(float), data.dead.eq(1).to_numpy(), data.wait.notna().to_numpy(float),
                         data.wait.to_numpy(float), no_shuffles(len(data)))  # fmt: skip
    agrees(signed_square(found.observed), golden["sign"] * golden["chi2"])


@pytest.mark.parametrize(("name", "measure"), [("rossi", "week"), ("gbsg2", "time")])
def test_variance_shared_out_equals_r_squared_averaged_over_all_orders(name, measure):
    golden, data = GOLDEN[f"lmg.{name}"]["values"], LOADERS[name]()
    found = share_out_variance(np.log(data[measure].to_numpy(float)), data[golden["term"]])
    for column in ("share", "alone", "last"):
        agrees(found[column], golden[column])
    agrees(found["share"].sum(), golden["whole"])
