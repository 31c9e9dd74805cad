"""Hazards that may move, against R: every number was made by tests/golden/proportionality.R, with the call beside it.

Run as a program with a folder, this file writes the data sets that the R script reads.
"""

import sys
from pathlib import Path

import lifelines.datasets as shipped
import numpy as np
import pandas as pd
import pytest
from golden_values import read_golden

from helpers.survival.hazards import compare_hazards
from helpers.survival.milestones import estimate_milestones
from helpers.survival.restricted_mean import estimate_restricted_mean
from helpers.survival.time_varying import choose_cut, estimate_time_varying, fit_moving, log_time, make_steps


def as_periods(stop, is_event, is_dtt, *, start=0.0, patient_id=None) -> pd.DataFrame:
    return pd.DataFrame({
        "patient_id": range(len(stop)) if patient_id is None else patient_id, "start": start,
        "stop": np.asarray(stop, dtype=float), "is_event": np.asarray(is_event, dtype=bool),
        "is_dtt": np.asarray(is_dtt, dtype=int)})  # fmt: skip


def load_waltons() -> pd.DataFrame:
    data = shipped.load_waltons()
    return as_periods(data["T"], data.E, data.group.eq("miR-137"))


def load_rossi() -> pd.DataFrame:
    data = shipped.load_rossi()
    return as_periods(data.week, data.arrest, data.fin)


def load_lung() -> pd.DataFrame:
    data = shipped.load_lung()
    return as_periods(data.time, data.status, data.sex.eq(2))


def load_stanford() -> pd.DataFrame:
    data = shipped.load_stanford_heart_transplants()
    return as_periods(data.stop, data.event, data.transplant, start=data.start, patient_id=data.id)


def load_strata(name: str) -> pd.DataFrame:
    """The same periods with a second covariate, and a column of strata; patients with gaps are left out."""
    if name == "rossi":
        data, periods = shipped.load_rossi(), load_rossi()
        more = {"age": data.age, "stratum": data.race.astype(str) + data.prio.gt(2).astype(str)}
    elif name == "lung":
        data, periods = shipped.load_lung(), load_lung()
        more = {"age": data.age, "stratum": data["ph.ecog"]}
    else:
        data, periods = shipped.load_stanford_heart_transplants(), load_stanford()
        more = {"age": data.age, "stratum": data.surgery}
    return periods.assign(**{key: np.asarray(value) for key, value in more.items()}).dropna()


STRATA = {f"{name}_strata": name for name in ("rossi", "lung", "stanford")}

LOADERS = {"waltons": load_waltons, "rossi": load_rossi, "lung": load_lung, "stanford": load_stanford}


def export_datasets(folder: Path) -> None:
    for name, load in LOADERS.items():
        load().astype({"is_event": int}).to_csv(folder / f"{name}.csv", index=False)
    for file, name in STRATA.items():
        load_strata(name).astype({"is_event": int}).to_csv(folder / f"{file}.csv", index=False)


if __name__ == "__main__":
    export_datasets(Path(sys.argv[1]))

GOLDEN = read_golden("proportionality")
"""Values by name; missing only while the file is being made anew."""

CURVES = ["waltons", "rossi", "lung"]


def agrees(found, golden, *, atol=1e-6):
    expected = np.atleast_1d(np.asarray(golden, dtype=float))
    np.testing.assert_allclose(np.atleast_1d(np.asarray(found, dtype=float)), expected, rtol=0, atol=atol)


def as_outcomes(periods: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"death_months": periods.stop, "group": np.where(periods.is_dtt == 1, "dtt", "other"),
                         "death_status": np.where(periods.is_event, "death", "censored")})  # fmt: skip


@pytest.mark.parametrize("name", CURVES)
def test_restricted_means_their_difference_and_their_ratio_equal_survfit_and_the_delta_method(name):
    golden = GOLDEN[f"rmean.{name}"]["values"]
    found = estimate_restricted_mean(as_outcomes(LOADERS[name]()), outcome="death", until=golden["limit"])
    found = found.set_index("term")
    agrees(found.loc[["dtt", "other"], "estimate"], golden["mean"])
    agrees(found.loc[["dtt", "other"], "standard_error"], golden["error"])
    agrees(found.loc["difference", ["estimate", "standard_error", "p"]],
           [golden["difference"], golden["difference_error"], golden["difference_p"]])
    agrees(found.loc["ratio", ["estimate", "low", "high", "p"]],
           [golden[key] for key in ("ratio", "ratio_low", "ratio_high", "ratio_p")])


@pytest.mark.parametrize("name", CURVES)
def test_milestone_differences_equal_those_of_survfit_with_greenwoods_variance(name):
    golden = pd.DataFrame(GOLDEN[f"milestones.{name}"]["values"])
    found = estimate_milestones(as_outcomes(LOADERS[name]()), outcome="death", at=golden.month.tolist())
    reported = golden.at_risk.to_numpy() >= 10
    assert reported.any() and found.estimate.notna().tolist() == reported.tolist()
    assert found[["dtt_at_risk_n", "other_at_risk_n"]].min(axis=1).tolist() == golden.at_risk.tolist()
    for column, theirs in (("estimate", "difference"), ("low", "low"), ("high", "high")):
        agrees(found[column][reported] / 100, golden[theirs][reported])
    agrees(found.p[reported], golden.p[reported])


@pytest.mark.parametrize("name", LOADERS)
def test_a_ratio_before_and_one_after_a_cut_equal_coxph_on_split_periods(name):
    golden, periods = GOLDEN[f"steps.{name}"]["values"], LOADERS[name]()
    fit = fit_moving(periods, basis=make_steps(golden["cut"]))
    assert choose_cut(periods) == golden["cut"]
    agrees(fit.coefficients, golden["log_ratio"])
    agrees(np.sqrt(np.diag(fit.covariance)), golden["error"])
    change = estimate_time_varying(periods).set_index("term").loc["late_over_early"]
    agrees(np.log(change[["estimate", "high"]].astype(float)),
           [golden["change"], golden["change"] + 1.959963984540054 * golden["change_error"]])


@pytest.mark.parametrize("name", LOADERS)
def test_a_ratio_that_changes_with_log_time_equals_coxph_on_pieces_that_end_at_events(name):
    golden, periods = GOLDEN[f"logs.{name}"]["values"], LOADERS[name]()
    fit = fit_moving(periods, basis=log_time)
    agrees(fit.coefficients, golden["log_ratio"])
    agrees(np.sqrt(np.diag(fit.covariance)), golden["error"])
    at_12 = estimate_time_varying(periods).set_index("term").loc["at_12"]
    agrees(np.log(at_12[["estimate", "high"]].astype(float)),
           [golden["at_12"], golden["at_12"] + 1.959963984540054 * golden["at_12_error"]])


@pytest.mark.parametrize("file", STRATA)
def test_the_proportional_hazards_test_of_a_stratified_model_equals_cox_zph(file):
    golden = pd.DataFrame(GOLDEN[f"zph.{file}"]["values"])
    found = compare_hazards(load_strata(STRATA[file]), covariates=["is_dtt", "age"], strata="stratum")
    assert [term.lower() for term in golden.term] == found.term.tolist()
    agrees(found[["chi2", "df", "p"]], golden[["chi2", "df", "p"]])
