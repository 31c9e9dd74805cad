"""Do hazards stay proportional in the other models too: adjusted, in strata, of single events, of Fine and Gray?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2

from helpers.definitions import SIGNIFICANT_BELOW
from helpers.survival.adjusted import MODELS, keep_usable, plan_adjusted
from helpers.survival.competing import RACES, Race
from helpers.survival.curves import keep_observed
from helpers.survival.fine_gray import fit_subdistribution
from helpers.survival.hazards import compare_hazards
from helpers.survival.risk_sets import derive_risk_periods, keep_landmark
from helpers.survival.time_varying import log_time

ADJUSTED = ("regimen_year", "by_regimen", "by_era", "baseline")
COLUMNS = ["term", "model", "label", "test", "chi2", "df", "p", "n", "events", "note"]

_SCORE, _WALD = "Score test", "Wald test of a change with log time"


def compare_model_hazards(
    outcomes: pd.DataFrame, *, landmark_months: float, adjusters: pd.DataFrame
) -> pd.DataFrame:  # fmt: skip
    """The test of one ratio for all time, of the label, in every model beside those of `compare_time_zero_hazards`.

    term, model (words), label, test (words), chi2, df, p, n, events, note. Rows: the adjusted and stratified models,
    label counted from its day (`helpers.survival.adjusted`); then each event that others compete with, from the
    landmark on, cause-specific and subdistribution (`helpers.survival.competing`). Missing, with a note, where a model
    has no answer.

    Cox models by the exact score test (`compare_hazards`). The residuals of a subdistribution hazard have no such test
    with a known variance; there log time is put into the model, and its coefficient tested
    (`measure_subdistribution_drift`).
    """
    periods = derive_risk_periods(outcomes, approach="timedependent", landmark_months=landmark_months)
    plans = plan_adjusted(periods, adjusters=adjusters)
    rows = []
    for name in ADJUSTED:
        counted, held, strata = plans[name]
        kept, _ = keep_usable(counted, ["is_dtt", *held])
        found = compare_hazards(counted, covariates=kept, strata=strata).iloc[0]
        rows.append(_describe(found, term=f"adjusted_{name}", model="Label from its day", label=MODELS[name]))
    for name, race in RACES.items():
        patients = keep_landmark(outcomes, landmark_months=landmark_months, outcome=race.outcome)
        single = derive_risk_periods(patients, approach="naive", landmark_months=0.0, outcome=race.outcome,
                                     part=race.event)  # fmt: skip
        rows.append(_describe(compare_hazards(single).iloc[0], term=f"cause_specific_{name}",
                              model="Cause-specific, from the landmark on", label=race.label))  # fmt: skip
        rows.append(_describe(_test_race(patients, race), term=f"subdistribution_{name}", test=_WALD,
                              model="Subdistribution, from the landmark on", label=race.label))  # fmt: skip
    table = pd.DataFrame(rows, columns=COLUMNS)
    order = table["term"].str.startswith("subdistribution").astype(int)
    return table.iloc[np.argsort(order, kind="stable")].reset_index(drop=True)


def _describe(found: pd.Series, *, term: str, model: str, label: str, test: str = _SCORE) -> dict[str, Any]:
    return dict(zip(found.index.astype(str), found, strict=True)) | {
        "term": term, "model": model, "label": label, "test": test}  # fmt: skip


def _test_race(patients: pd.DataFrame, race: Race) -> pd.Series:
    rows = keep_observed(patients, outcome=race.outcome)
    return measure_subdistribution_drift(rows.assign(is_dtt=rows["group"].eq("dtt").astype(int)), event=race.event)


def measure_subdistribution_drift(patients: pd.DataFrame, *, event: str, covariate: str = "is_dtt") -> pd.Series:
    """Whether the subdistribution hazard ratio changes with the logarithm of time: chi2, df, p, n, events, note.

    `patients` as for `estimate_subdistribution`. The model gets a second term, covariate times log(month + 1), and its
    coefficient is held against its robust error, as cmprsk::crr with cov2 and tf would. Missing, with a note, where the
    model has no answer.

    >>> patients = pd.DataFrame({"months": [1.0, 2.0], "is_dtt": [1, 0], "status": "censored"})
    >>> measure_subdistribution_drift(patients, event="esrd")["note"]
    'no event'
    """
    fit = fit_subdistribution(patients, event=event, covariates=[covariate], basis=log_time)
    spread = float(fit.covariance[-1, -1])
    found = float(fit.log_ratios[-1]) ** 2 / spread if spread > 0 else np.nan
    return pd.Series({
        "chi2": found, "df": 1.0 if np.isfinite(found) else np.nan, "p": float(chi2.sf(found, 1)),
        "n": len(patients), "events": int(patients["status"].eq(event).sum()), "note": fit.note,
    })  # fmt: skip


def summarise_model_hazards(table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """What the ledger keeps of the tests, by id: how many could be made, how many are small, and the smallest p."""
    known = table["p"].dropna().astype(float)
    about = {"origin": "helpers.survival.hazard_checks.compare_model_hazards"}
    return {
        "survival.hazard_checks.n": {"value": len(known), "unit": "tests", **about,
                                     "label": "Tests of proportional hazards in the other models"},
        "survival.hazard_checks.small.n": {"value": int(known.lt(SIGNIFICANT_BELOW).sum()), "unit": "tests", **about,
                                           "label": "Of these with a p value below the limit"},
        "survival.hazard_checks.smallest.p": {"value": known.min(), "unit": "p value", **about,
                                              "label": "Smallest p value of these tests"},
    }  # fmt: skip
