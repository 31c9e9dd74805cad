"""Chapter 4 against R on further data sets, for each method that had one only: by tests/golden/survival_second.R.

Run as a program with a folder, this file writes the data sets that the R script reads.
"""


import lifelines.datasets as shipped
import numpy as np
import pandas as pd
import pytest
from golden_values import export_datasets, read_golden
from scipy.stats import norm

from helpers.adverse import estimate_adverse_ratios
from helpers.incidence import poisson_interval
from helpers.survival.curves import kaplan_meier
from helpers.survival.hazards import compare_hazards, derive_schoenfeld
from helpers.survival.models import estimate_cox, fit_cox
from helpers.survival.restricted_mean import estimate_restricted_mean
from helpers.survival.summaries import estimate_median

GOLDEN = read_golden("survival_second")


def load_aids() -> pd.DataFrame:
    """Years since infection, of those whom the study met some time after it: late entry."""
    data = shipped.load_multicenter_aids_cohort_study()
    return data.set_axis(["year", "start", "stop", "event"], axis="columns").assign(id=range(len(data)))


def load_recur() -> pd.DataFrame:
    names = {"ID": "id", "AGE": "age", "TREAT": "treat", "TIME0": "start", "TIME1": "stop", "CENSOR": "event"}
    return shipped.load_recur().rename(columns=names)[list(names.values())]


LOADERS = {
    "aids": load_aids, "recur": load_recur, "larynx": shipped.load_larynx, "gbsg2": shipped.load_gbsg2,
    "lung": lambda: shipped.load_lung()[["time", "status"]], "rossi": shipped.load_rossi,
}  # fmt: skip
COVARIATES = {"aids": ["year"], "recur": ["treat", "age"], "recur_treat": ["treat"]}


if __name__ == "__main__":
    export_datasets(LOADERS)


def make_periods(name: str) -> tuple[pd.DataFrame, list[str]]:
    data, names = LOADERS[name.split("_")[0]](), COVARIATES[name]
    return data.assign(patient_id=data.id, is_event=data.event.eq(1)), names


def make_outcomes(times, events, group=None) -> pd.DataFrame:
    words = np.where(np.asarray(events) == 1, "death", "censored")
    table = pd.DataFrame({"death_months": np.asarray(times, dtype=float), "death_status": words})
    return table if group is None else table.assign(group=np.asarray(group))


def agrees(found, golden, *, atol=1e-6):
    np.testing.assert_allclose(np.asarray(found, dtype=float), np.asarray(golden, dtype=float), rtol=0, atol=atol)


@pytest.mark.parametrize("name", COVARIATES)
def test_cox_with_late_entry_equals_coxph(name):
    periods, names = make_periods(name)
    golden, fit = GOLDEN[f"cox.{name}"]["values"], fit_cox(periods, covariates=names)
    agrees(fit.log_ratios, golden["log_ratio"])
    agrees(np.sqrt(np.diag(fit.covariance)), golden["error"])
    table = estimate_cox(periods, covariates=names)
    agrees(table.p, golden["p"])
    width = norm.ppf(0.975) * np.asarray(golden["error"])
    agrees(np.log(table.low), golden["log_ratio"] - width)
    assert table.events.iloc[0] == golden["events"]


@pytest.mark.parametrize("name", COVARIATES)
def test_the_proportional_hazards_test_with_late_entry_equals_cox_zph(name):
    periods, names = make_periods(name)
    golden, found = pd.DataFrame(GOLDEN[f"zph.{name}"]["values"]), compare_hazards(periods, covariates=names)
    golden = golden if len(names) > 1 else golden.query("term != 'GLOBAL'")
    for column in ("chi2", "df", "p"):
        agrees(found[column], golden[column])


def test_scaled_schoenfeld_residuals_with_late_entry_equal_cox_zph():
    golden, found = pd.DataFrame(GOLDEN["schoenfeld.aids"]["values"]), derive_schoenfeld(*make_schoenfeld())
    order = ["month", "log_hazard_ratio"]
    agrees(found[order].sort_values(order), golden.sort_values(order))


def make_schoenfeld():
    periods, _ = make_periods("aids")
    return (periods.rename(columns={"year": "is_dtt"}),)


@pytest.mark.parametrize("name", ["aids", "recur"])
def test_kaplan_meier_with_late_entry_equals_survfit(name):
    data, golden = LOADERS[name](), GOLDEN[f"late.{name}"]["values"]
    steps, share, error = kaplan_meier(data.stop.to_numpy(float), data.event.eq(1).to_numpy(),
                                       start=data.start.to_numpy(float))  # fmt: skip
    place = np.searchsorted(steps, golden["month"], side="right") - 1
    agrees(share[place], golden["estimate"])
    agrees(error[place], golden["standard_error"])


@pytest.mark.parametrize(("name", "event"), [("larynx", "death"), ("lung", "status")])
def test_the_median_and_its_interval_equal_survfit(name, event):
    data, golden = LOADERS[name](), GOLDEN[f"median.{name}"]["values"]
    found = estimate_median(make_outcomes(data.time, data[event]), outcome="death", by=None).iloc[0]
    agrees(found[["estimate", "low", "high"]], [golden[key] for key in ("median", "0.95LCL", "0.95UCL")])


def test_the_restricted_mean_equals_survfit():
    data = shipped.load_gbsg2()
    group = data.horTh.map({"yes": "dtt", "no": "other"})
    found = estimate_restricted_mean(make_outcomes(data.time, data.cens, group), outcome="death", until=1500.0)
    rows = found.set_index("term")
    for term, name in (("dtt", "yes"), ("other", "no")):
        golden = GOLDEN[f"rmean.gbsg2.{name}"]["values"]
        agrees(rows.loc[term, ["estimate", "standard_error"]], [golden["rmean"], golden["se(rmean)"]])


@pytest.mark.parametrize("name", ["rossi", "larynx"])
def test_exact_rates_and_their_ratio_equal_poisson_test(name):
    golden = GOLDEN[f"rate.{name}"]["values"]
    events, time = np.array(golden["events"]), np.array(golden["time"])
    low, high = poisson_interval(events, time)
    agrees(low, golden["low"], atol=1e-10)
    agrees(high, golden["high"], atol=1e-10)
    arms = pd.DataFrame({"group": ["other", "dtt"], "adverse_event_type": "any", "label": "x", "events_n": events,
                         "person_years": time})  # fmt: skip
    ratio = estimate_adverse_ratios(arms)
    np.testing.assert_allclose(ratio[["estimate", "low", "high"]].to_numpy(float)[0], golden["ratio"], rtol=1e-8)
