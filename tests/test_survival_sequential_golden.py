"""The stratified Cox model and the sequential comparison against R: values made by tests/golden/time_zero.R.

Run as a program with a folder, this file writes the data sets that the R script reads.
"""


import lifelines.datasets as shipped
import numpy as np
import pandas as pd
import pytest
from golden_values import export_datasets, load_lymph_node_patients, load_stanford_patients, read_golden

from helpers.survival.second_induction import derive_sequential_periods
from helpers.survival.stratified import estimate_stratified_cox, fit_stratified_cox


def load_dd() -> pd.DataFrame:
    """Governments by continent, several of each country: many ties, and clusters that repeat within a stratum."""
    data = shipped.load_dd()
    columns = ["ctryname", "un_continent_name", "duration", "observed", "start_year", "democracy"]
    data = data[columns].dropna()
    return data.assign(is_democracy=data.democracy.eq("Democracy").astype(int),
                       start_decade=(data.start_year - 1946) / 10)  # fmt: skip


LOADERS = {
    "stanford": shipped.load_stanford_heart_transplants,
    "dd": load_dd,
    "stanford_patients": load_stanford_patients,
    "lymph_node_patients": load_lymph_node_patients,
}


if __name__ == "__main__":
    export_datasets(LOADERS)

GOLDEN = read_golden("time_zero")
"""Values by name; missing only while the file is being made anew."""


def agrees(fit, golden):
    np.testing.assert_allclose(fit.log_ratios, np.atleast_1d(golden["log_ratio"]), rtol=0, atol=1e-6)
    errors = np.sqrt(np.diag(fit.covariance))
    np.testing.assert_allclose(errors, np.atleast_1d(golden["robust_error"]), rtol=0, atol=1e-6)


@pytest.mark.parametrize(("name", "covariates", "stratum", "cluster"), [
    ("stanford", ["transplant", "age"], "surgery", "id"),
    ("dd", ["is_democracy", "start_decade"], "un_continent_name", "ctryname"),
])  # fmt: skip
def test_stratified_cox_models_and_their_robust_variance_equal_those_of_r(name, covariates, stratum, cluster):
    data = LOADERS[name]()
    names = {"duration": "stop", "observed": "is_event", "event": "is_event"}
    periods = data.rename(columns=names)
    periods = periods.assign(start=periods.get("start", 0.0), is_event=periods.is_event.astype(bool))
    fit = fit_stratified_cox(periods, covariates=covariates, stratum=stratum, cluster=cluster)
    agrees(fit, GOLDEN[f"stratified.{name}"]["values"])


@pytest.mark.parametrize("name", ["stanford_patients", "lymph_node_patients"])
def test_the_sequential_comparison_equals_the_strata_that_r_built_start_by_start(name):
    data, golden = LOADERS[name](), GOLDEN[f"sequential.{name}"]["values"]
    outcomes = pd.DataFrame({"patient_id": data.id, "death_months": data.time.astype(float),
                             "death_status": np.where(data.dead.eq(1), "death", "censored")})  # fmt: skip
    periods = derive_sequential_periods(outcomes, starts=data.set_index("id").wait.dropna(), outcome="death")
    assert (len(periods), periods.is_event.sum()) == (golden["rows"], golden["events"])
    fit = fit_stratified_cox(periods, covariates=["is_exposed"], stratum="start_of", cluster="patient_id")
    agrees(fit, golden)
    found = estimate_stratified_cox(periods, stratum="start_of").iloc[0]
    assert np.log(found.estimate) == pytest.approx(golden["log_ratio"], abs=1e-6)
    assert (np.log(found.high) - np.log(found.low)) / 2 / 1.959964 == pytest.approx(golden["robust_error"], abs=1e-6)
