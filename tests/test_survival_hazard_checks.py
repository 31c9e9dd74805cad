"""Proportional hazards of the other models: rows, notes and edges (against R: the golden tests)."""

import numpy as np
import pandas as pd
import pytest

from helpers.survival.competing import RACES
from helpers.survival.hazard_checks import (
    compare_model_hazards,
    measure_subdistribution_drift,
    summarise_model_hazards,
)
from helpers.survival.hazards import TOO_FEW, compare_hazards


def make_people(n=160, *, seed=1, event=True):
    rng = np.random.default_rng(seed)
    is_dtt = rng.random(n) < 0.4
    stop = rng.uniform(30, 120, n)
    words = rng.choice(["worsening_creatinine", "esrd", "death", "censored"], n) if event else np.full(n, "censored")
    esrd = np.where(words == "worsening_creatinine", "censored", words)
    outcomes = pd.DataFrame({
        "patient_id": [f"P{place}" for place in range(n)], "group": np.where(is_dtt, "dtt", "other"),
        "label_month": np.where(is_dtt, 6.0, np.nan), "composite_months": stop, "composite_status": words,
        "esrd_months": stop, "esrd_status": esrd})  # fmt: skip
    adjusters = pd.DataFrame({
        "patient_id": outcomes["patient_id"], "age_decades": rng.normal(3, 1, n), "egfr_tens": rng.normal(9, 2, n),
        "any_apl": rng.integers(0, 2, n).astype(float), "active_sediment": rng.integers(0, 2, n).astype(float),
        "cyclophosphamide": rng.integers(0, 2, n).astype(float), "year_fives": rng.normal(1, 1, n),
        "regimen": rng.choice(["a", "b"], n), "era": rng.choice(["early", "late"], n)})  # fmt: skip
    return outcomes, adjusters


def patients(*rows):
    return pd.DataFrame(rows, columns=["months", "status", "is_dtt"]).astype({"months": float})


def test_every_model_is_tested_and_the_ledger_gets_the_count_and_the_smallest():
    outcomes, adjusters = make_people()
    table = compare_model_hazards(outcomes, landmark_months=24.0, adjusters=adjusters)
    assert len(table) == 4 + 2 * len(RACES) and table["term"].is_unique
    assert table["p"].between(0, 1).all() and table["df"].eq(1).all()
    facts = summarise_model_hazards(table)
    assert facts["survival.hazard_checks.n"]["value"] == len(table)
    assert facts["survival.hazard_checks.smallest.p"]["value"] == table["p"].min()


def test_without_an_event_every_row_is_missing_and_says_why():
    outcomes, adjusters = make_people(30, event=False)
    table = compare_model_hazards(outcomes, landmark_months=24.0, adjusters=adjusters)
    assert table["p"].isna().all() and set(table["note"]) == {"no event"}
    assert summarise_model_hazards(table)["survival.hazard_checks.n"]["value"] == 0
    nobody = compare_model_hazards(outcomes.iloc[:0], landmark_months=24.0, adjusters=adjusters)
    assert nobody["p"].isna().all() and (nobody["n"] == 0).all()


def test_two_event_months_of_which_one_compares_nobody_are_too_few():
    rows = pd.DataFrame([(1.0, True, 1), (1.0, True, 0), (2.0, False, 1), (2.0, False, 0), (3.0, True, 0),
                         (4.0, False, 0)], columns=["stop", "is_event", "is_dtt"])  # fmt: skip
    rows = rows.assign(start=0.0, patient_id=range(len(rows)))
    found = compare_hazards(rows).iloc[0]
    assert np.isnan(found["p"]) and found["note"] == TOO_FEW


def test_one_stratum_gives_the_test_of_the_plain_model():
    outcomes, _ = make_people()
    rows = pd.DataFrame({"patient_id": outcomes["patient_id"], "start": 0.0, "stop": outcomes["composite_months"],
                         "is_event": outcomes["composite_status"].ne("censored"), "same": "one",
                         "is_dtt": outcomes["group"].eq("dtt").astype(int)})  # fmt: skip
    plain, stratified = compare_hazards(rows), compare_hazards(rows, strata="same")
    assert stratified["chi2"][0] == pytest.approx(plain["chi2"][0], rel=1e-10)


@pytest.mark.parametrize(("rows", "note"), [
    ([(1, "death", 1), (2, "death", 0)], "no event"),
    ([(1, "esrd", 1), (2, "esrd", 1)], "nobody to compare with"),
    ([(1, "esrd", 1), (2, "esrd", 1), (3, "censored", 0)], "no event on one side"),
    ([(1, "esrd", 1), (1, "esrd", 0), (2, "censored", 0)], "the hazard ratio has no finite estimate"),
])  # fmt: skip
def test_a_subdistribution_without_an_answer_has_no_drift_and_says_why(rows, note):
    found = measure_subdistribution_drift(patients(*rows), event="esrd")
    assert found["note"] == note and np.isnan(found["p"]) and np.isnan(found["chi2"]) and np.isnan(found["df"])


def test_a_ratio_that_turns_is_seen_and_one_that_stays_is_not():
    rng = np.random.default_rng(3)
    early = [(month, "esrd", 1) for month in rng.uniform(0, 10, 60)] + [(m, "esrd", 0) for m in rng.uniform(30, 60, 60)]
    late = [(month, "esrd", int(rng.random() < 0.5)) for month in rng.uniform(0, 60, 120)]
    rest = [(80, "death", 1), (81, "death", 0), (90, "censored", 0), (91, "censored", 1)] * 20
    turned = [(10 + month, "esrd", 1) for month in rng.uniform(40, 60, 30)]
    assert measure_subdistribution_drift(patients(*early, *turned, *rest), event="esrd")["p"] < 1e-4
    assert measure_subdistribution_drift(patients(*late, *rest), event="esrd")["p"] > 0.05
