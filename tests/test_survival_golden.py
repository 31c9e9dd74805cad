"""Chapter 4 against R: every number here was made by tests/golden/survival.R, with the call beside it.

Run as a program with a folder, this file writes the data sets that the R script reads.
"""

from pathlib import Path

import lifelines.datasets as shipped
import numpy as np
import pandas as pd
import pytest
import statsmodels.duration
from golden_values import export_datasets, read_golden

from helpers.incidence import poisson_interval
from helpers.survival.curves import estimate_incidence, estimate_survival
from helpers.survival.hazards import compare_hazards, derive_schoenfeld
from helpers.survival.models import compare_survival, estimate_cox, fit_cox
from helpers.survival.restricted_mean import estimate_restricted_mean
from helpers.survival.summaries import estimate_followup, estimate_median


def load_bmt() -> pd.DataFrame:
    return pd.read_csv(Path(statsmodels.duration.__file__).parent / "tests" / "results" / "bmt.csv")


def load_bmt_months() -> pd.DataFrame:
    """Two events that compete, in whole months for the ties: failures before day 200 are called deaths."""
    bmt = load_bmt()
    status = np.select([bmt.Status.eq(0), bmt["T"] < 200], ["censored", "death"], "relapse")
    return pd.DataFrame({"month": np.ceil(bmt["T"] / 30), "status": status})


def load_lymph_node() -> pd.DataFrame:
    data = shipped.load_lymph_node()
    dies = data.censrec.eq(1) & data.rectime.eq(data.survtime) & data.censdead.eq(1)
    status = np.select([dies, data.censrec.eq(1)], ["death", "relapse"], "censored")
    return pd.DataFrame({"month": np.ceil(data.rectime / 30), "status": status})


LOADERS = {
    "waltons": shipped.load_waltons,
    "rossi": shipped.load_rossi,
    "larynx": shipped.load_larynx,
    "lung": lambda: shipped.load_lung()[["time", "status", "sex", "ph.karno"]].dropna(),
    "stanford": shipped.load_stanford_heart_transplants,
    "bmt": load_bmt,
    "bmt_months": load_bmt_months,
    "lymph_node": load_lymph_node,
}


if __name__ == "__main__":
    export_datasets(LOADERS)

GOLDEN = read_golden("survival")
"""Values by name; missing only while the file is being made anew."""


def values_of(name: str) -> pd.DataFrame:
    values = GOLDEN[name]["values"]
    if isinstance(values, list):
        return pd.DataFrame(values)
    return pd.DataFrame({key: np.atleast_1d(row) for key, row in values.items()})


def as_outcomes(times, is_event, group=None) -> pd.DataFrame:
    words = np.where(np.asarray(is_event, dtype=bool), "death", "censored")
    table = pd.DataFrame({"death_months": np.asarray(times, dtype=float), "death_status": words})
    return table if group is None else table.assign(arm=np.asarray(group))


def as_periods(stop, is_event, covariates: pd.DataFrame, *, start=0.0, patient_id=None) -> pd.DataFrame:
    ids = range(len(stop)) if patient_id is None else patient_id
    head = pd.DataFrame({"patient_id": ids, "start": start, "stop": np.asarray(stop, dtype=float),
                         "is_event": np.asarray(is_event, dtype=bool)})  # fmt: skip
    return pd.concat([head, covariates.astype(float).reset_index(drop=True)], axis=1)


def model_periods(name: str) -> tuple[pd.DataFrame, list[str]]:
    data = LOADERS[name.split("_")[0]]()
    if name.startswith("rossi"):
        names = ["fin"] if name == "rossi_fin" else ["fin", "age", "prio"]
        return as_periods(data.week, data.arrest, data[names]), names
    if name == "larynx":
        names = ["age", "Stage_II", "Stage_III", "Stage_IV"]
        return as_periods(data.time, data.death, data[names]), names
    if name == "lung":
        return as_periods(data.time, data.status, data[["sex", "ph.karno"]]), ["sex", "ph.karno"]
    names = ["transplant"] if name == "stanford_transplant" else ["age", "year", "surgery", "transplant"]
    return as_periods(data.stop, data.event, data[names], start=data.start, patient_id=data.id), names


MODELS = ["rossi", "rossi_fin", "larynx", "lung", "stanford", "stanford_transplant"]


def agrees(found, golden, *, atol=1e-6):
    np.testing.assert_allclose(np.asarray(found, dtype=float), np.asarray(golden, dtype=float), rtol=0, atol=atol)


@pytest.mark.parametrize("group", ["miR-137", "control"])
def test_kaplan_meier_with_log_log_bands_and_numbers_at_risk_equal_survfit(group):
    golden = values_of(f"km.waltons.{group}")
    data = shipped.load_waltons().query("group == @group")
    found = estimate_survival(as_outcomes(data["T"], data.E), outcome="death", by=None, at=golden.month.tolist())
    for column in ("estimate", "standard_error", "at_risk"):
        agrees(found[column], golden[column], atol=1e-10)
    certain = golden.estimate.eq(1)  # survfit prints 1 to 1 where nothing has happened yet; here there is no interval
    for column in ("low", "high"):
        agrees(found[column], golden[column].mask(certain), atol=1e-10)
        assert golden.loc[certain, column].eq(1).all()


def test_kaplan_meier_equals_survfit_with_many_ties_and_heavy_censoring_at_the_end():
    golden = values_of("km.rossi")
    data = shipped.load_rossi()
    found = estimate_survival(as_outcomes(data.week, data.arrest), outcome="death", by=None, at=golden.month.tolist())
    for column in ("estimate", "standard_error", "low", "high", "at_risk"):
        agrees(found[column], golden[column], atol=1e-10)


@pytest.mark.parametrize("group", ["miR-137", "control"])
def test_the_median_and_its_interval_equal_those_that_survfit_prints(group):
    golden = GOLDEN[f"median.waltons.{group}"]["values"]
    data = shipped.load_waltons().query("group == @group")
    found = estimate_median(as_outcomes(data["T"], data.E), outcome="death", by=None).iloc[0]
    agrees(found[["estimate", "low", "high"]], [golden["median"], golden["0.95LCL"], golden["0.95UCL"]])


def test_a_curve_flat_at_one_half_gives_the_middle_as_survfit_prints_it():
    golden = GOLDEN["median.flat"]["values"]
    found = estimate_median(as_outcomes([1, 2, 3, 4], [1, 1, 0, 1]), outcome="death", by=None).iloc[0]
    assert (found.estimate, found.low) == (golden["median"], golden["0.95LCL"]) == (3, 1)
    assert np.isnan(found.high) and golden["0.95UCL"] is None


@pytest.mark.parametrize(("name", "event"), [("larynx", "death"), ("lung", "status")])
def test_reverse_kaplan_meier_follow_up_equals_survfit_with_the_status_turned(name, event):
    golden = GOLDEN[f"followup.{name}"]["values"]
    data = LOADERS[name]()
    found = estimate_followup(as_outcomes(data.time, data[event])).iloc[0]
    expected = [golden[name] for name in ("median", "0.95LCL", "0.95UCL")]
    agrees(found[["estimate", "low", "high"]], expected)


def test_the_restricted_mean_and_its_greenwood_error_equal_survfit():
    data = shipped.load_waltons()
    renamed = data.group.map({"miR-137": "dtt", "control": "other"})
    found = estimate_restricted_mean(as_outcomes(data["T"], data.E).assign(group=renamed), outcome="death", until=50)
    for row, name in ((0, "miR-137"), (1, "control")):
        golden = GOLDEN[f"rmean.waltons.{name}"]["values"]
        agrees(found.loc[row, ["estimate", "standard_error"]], [golden["rmean"], golden["se(rmean)"]])


@pytest.mark.parametrize("name", ["waltons", "rossi", "bmt"])
def test_the_log_rank_test_equals_survdiff(name):
    data = LOADERS[name]()
    columns = {"waltons": ("T", "E", "group"), "rossi": ("week", "arrest", "fin"), "bmt": ("T", "Status", "Group")}
    times, events, group = (data[column] for column in columns[name])
    found = compare_survival(as_outcomes(times, events, group), outcome="death", by="arm").iloc[0]
    golden = GOLDEN[f"logrank.{name}"]["values"]
    agrees(found[["chi2", "df", "p"]], [golden["chi2"], golden["df"], golden["p"]])


@pytest.mark.parametrize("name", MODELS)
def test_cox_coefficients_errors_and_p_values_equal_coxph_with_efron_ties(name):
    periods, names = model_periods(name)
    golden, fit = values_of(f"cox.{name}"), fit_cox(periods, covariates=names)
    assert golden.term.tolist() == names
    agrees(fit.log_ratios, golden.log_ratio)
    agrees(np.sqrt(np.diag(fit.covariance)), golden.error)
    agrees(estimate_cox(periods, covariates=names).p, golden.p)
    assert periods.is_event.sum() == golden.events.iloc[0]


@pytest.mark.parametrize("name", MODELS)
def test_the_proportional_hazards_test_equals_cox_zph_of_survival_3(name):
    periods, names = model_periods(name)
    golden, found = values_of(f"zph.{name}"), compare_hazards(periods, covariates=names)
    if len(names) == 1:
        golden = golden.query("term != 'GLOBAL'")
    for column in ("chi2", "df", "p"):
        agrees(found[column], golden[column])


@pytest.mark.parametrize("name", ["rossi_fin", "stanford_transplant"])
def test_scaled_schoenfeld_residuals_equal_those_of_cox_zph(name):
    periods, names = model_periods(name)
    golden, found = values_of(f"schoenfeld.{name}"), derive_schoenfeld(periods, covariate=names[0])
    order = ["month", "log_hazard_ratio"]  # R keeps its own order within a tie
    agrees(found[order].sort_values(order), golden.sort_values(order))


@pytest.mark.parametrize("name", ["lymph_node", "bmt_months"])
@pytest.mark.parametrize("state", ["relapse", "death"])
def test_cumulative_incidence_its_error_and_interval_equal_survfit_under_ties(name, state):
    golden = values_of(f"cif.{name}.{state}")
    data = LOADERS[name]().rename(columns={"month": "outcome_months", "status": "outcome_status"})
    table = estimate_incidence(data, outcome="outcome", by=None, at=golden.month.tolist(), states=[state])
    for column in ("estimate", "standard_error", "low", "high", "at_risk"):
        agrees(table[column], golden[column])
    agrees(table.estimate, golden.cuminc_estimate)
    # cuminc has another variance (Aalen 1978), which differs by less than three per cent here
    np.testing.assert_allclose(table.standard_error, np.sqrt(golden.cuminc_variance), rtol=0.03)


def test_exact_rate_limits_equal_poisson_test():
    golden = values_of("rates")
    low, high = poisson_interval(golden.events, golden.years)
    agrees(low, golden.low)
    agrees(high, golden.high)


def test_statsmodels_and_lifelines_are_not_used_where_they_are_off():
    """Why the likelihood is our own: PHReg counts a row at risk at its very start, and the coefficient moves."""
    from statsmodels.duration.hazard_regression import PHReg

    periods, names = model_periods("stanford_transplant")
    plain = PHReg(periods.stop, periods[names], status=periods.is_event.astype(int), entry=periods.start, ties="efron")
    assert abs(plain.fit().params[0] - values_of("cox.stanford_transplant").log_ratio[0]) > 0.01
