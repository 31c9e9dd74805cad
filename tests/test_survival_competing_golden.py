"""Competing events against R: every number here was made by tests/golden/competing.R, with the call beside it.

Run as a program with a folder, this file writes the data sets that the R script reads.
"""

from pathlib import Path

import lifelines.datasets as shipped
import numpy as np
import pandas as pd
import pytest
import statsmodels.duration
from golden_values import export_datasets, read_golden
from scipy.stats import norm

from helpers.survival.fine_gray import fit_subdistribution
from helpers.survival.gray import compare_incidence
from helpers.survival.hazard_checks import measure_subdistribution_drift
from helpers.survival.time_varying import log_time


def load_bmt(*, days: int = 1) -> pd.DataFrame:
    """Three groups of transplants; failures before day 200 are called deaths, so that two events compete."""
    bmt = pd.read_csv(Path(statsmodels.duration.__file__).parent / "tests" / "results" / "bmt.csv")
    status = np.select([bmt.Status.eq(0), bmt["T"] < 200], ["censored", "death"], "relapse")
    return pd.DataFrame({"months": np.ceil(bmt["T"] / days), "status": status, "arm": bmt.Group,
                         "is_dtt": bmt.Group.eq("ALL").astype(int)})  # fmt: skip


def load_lymph_node(*, days: int = 1) -> pd.DataFrame:
    """Relapse against death without it, in three grades of tumour."""
    data = shipped.load_lymph_node()
    dies = data.censrec.eq(1) & data.rectime.eq(data.survtime) & data.censdead.eq(1)
    status = np.select([dies, data.censrec.eq(1)], ["death", "relapse"], "censored")
    return pd.DataFrame({"months": np.ceil(data.rectime / days), "status": status, "arm": data.grade,
                         "is_dtt": data.hormone.eq(1).astype(int), "age": data.age})  # fmt: skip


LOADERS = {
    "bmt": load_bmt,
    "bmt_months": lambda: load_bmt(days=30),
    "lymph_node": load_lymph_node,
    "lymph_node_months": lambda: load_lymph_node(days=30),
}


if __name__ == "__main__":
    export_datasets(LOADERS)

GOLDEN = read_golden("competing")
"""Values by name; missing only while the file is being made anew."""

CASES = [(name, event) for name in LOADERS for event in ("relapse", "death")]


def agrees(found, golden, *, atol=1e-6):
    expected = np.atleast_1d(np.asarray(golden, dtype=float))
    np.testing.assert_allclose(np.atleast_1d(np.asarray(found, dtype=float)), expected, rtol=0, atol=atol)


def covariates_of(data: pd.DataFrame) -> list[str]:
    return [name for name in ("is_dtt", "age") if name in data]


@pytest.mark.parametrize(("name", "event"), CASES)
def test_grays_test_of_three_groups_equals_cuminc(name, event):
    golden = GOLDEN[f"gray.{name}.{event}"]["values"]
    data = LOADERS[name]().rename(columns={"months": "any_months", "status": "any_status"})
    found = compare_incidence(data, outcome="any", event=event, by="arm").iloc[0]
    agrees(found[["chi2", "p", "df"]], [golden[column] for column in ("chi2", "p", "df")])


@pytest.mark.parametrize(("name", "event"), CASES)
def test_subdistribution_log_ratios_and_their_errors_equal_crr(name, event):
    golden = GOLDEN[f"crr.{name}.{event}"]["values"]
    data = LOADERS[name]()
    fit = fit_subdistribution(data, event=event, covariates=covariates_of(data))
    agrees(fit.log_ratios, golden["log_ratio"])
    agrees(np.sqrt(np.diag(fit.covariance)), golden["error"])


@pytest.mark.parametrize(("name", "event"), CASES)
def test_a_subdistribution_ratio_that_moves_with_log_time_equals_crr_and_so_does_its_test(name, event):
    golden = GOLDEN[f"crr_moving.{name}.{event}"]["values"]
    data = LOADERS[name]()
    fit = fit_subdistribution(data, event=event, covariates=["is_dtt"], basis=log_time)
    agrees(fit.log_ratios, golden["log_ratio"])
    agrees(np.sqrt(np.diag(fit.covariance)), golden["error"])
    drift = measure_subdistribution_drift(data, event=event)
    agrees(drift["p"], 2 * norm.sf(abs(golden["log_ratio"][1] / golden["error"][1])))


@pytest.mark.parametrize(("name", "event"), CASES)
def test_the_expanded_cox_model_of_r_gives_the_same_ratio_and_nearly_the_same_error(name, event):
    """Nobody of the transplants in days is censored on the day of an event: there the ratios are equal."""
    golden = GOLDEN[f"finegray.{name}.{event}"]["values"]
    data = LOADERS[name]()
    fit = fit_subdistribution(data, event=event, covariates=covariates_of(data))
    agrees(fit.log_ratios, golden["log_ratio"], atol=1e-6 if name == "bmt" else 1e-3)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance)), np.atleast_1d(golden["error"]), rtol=2e-3)
