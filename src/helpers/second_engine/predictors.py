"""Chapter 3 a second time: who can be compared, odds ratios alone, together and by Firth, area and Brier score."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import expit

from helpers.definitions import FEATURES
from helpers.second_engine.check import Check, Engines, check_parts, tabulate_checks
from helpers.second_engine.imputed import Imputed, check_imputed
from helpers.second_engine.log_f import check_log_f
from helpers.second_engine.logistic import (
    AREA,
    BRIER,
    FIRTH,
    TWO_BY_TWO,
    WEIGHTED,
    Bools,
    Floats,
    cross_product,
    find_area,
    fit_firth,
    fit_weighted,
    keep_independent,
    list_wald,
)
from helpers.second_engine.treated import check_strata, check_treatment

COUNTED = Engines("data frames (pandas)", "sets of patients", 0.0, "whole numbers")
_ENDS = ("value", "low", "high")


def check_predictors(
    cohort: pd.DataFrame, labels: pd.DataFrame, *, covariates: Sequence[str], widest_error: float,
    prior: float | None = None, prespecified: Sequence[str] = (), imputed: Imputed | None = None,
) -> pd.DataFrame:  # fmt: skip
    """The checks of the chapter on predictors: one row per number, as `tabulate_checks` gives them.

    `widest_error`: a log odds ratio whose standard error is wider is not reported. `prior`, the
    degrees of the log-F prior on the model of all covariates and on that of the `prespecified` ones, and `imputed`, the
    completed data sets, add the checks of what is made with them.
    """
    answered = labels.dropna(subset="is_dtt").set_index("patient_id")["is_dtt"].astype(bool)
    patients = cohort.set_index("patient_id").loc[answered.index]
    y, x = answered.to_numpy(bool), patients[list(covariates)].astype("Float64").to_numpy(float, na_value=np.nan)
    whole = ~np.isnan(x).any(axis=1)
    checks = [
        Check("predictors.labelled.n", len(set(patients.index)), COUNTED),
        Check("predictors.complete.n", len(set(patients.index[whole])), COUNTED),
        Check("predictors.events.n", len(set(patients.index[whole & y])), COUNTED),
    ]
    for feature in FEATURES:
        values = patients[feature].astype("Float64").to_numpy(float, na_value=np.nan)
        known = ~np.isnan(values)
        found = cross_product(values[known] == 1, y[known], widest_error=widest_error)
        checks += _check_ratio(f"predictors.univariable.{feature}", found, engines=TWO_BY_TWO)
    checks += _check_models(x[whole], y[whole], covariates, widest_error=widest_error)
    checks += check_treatment(patients, y, covariates=covariates)
    checks += check_strata(patients, y, covariates=covariates)
    if prior is not None:
        checks += check_log_f(x[whole], y[whole], covariates=covariates, degrees=prior, stem="predictors.log_f")
        few = patients[list(prespecified)].astype("Float64").to_numpy(float, na_value=np.nan)
        known = ~np.isnan(few).any(axis=1)
        checks += check_log_f(few[known], y[known], covariates=prespecified, degrees=prior,
                              stem="predictors.prespecified")  # fmt: skip
    if imputed is not None:
        checks += check_imputed(imputed, covariates=covariates, widest_error=widest_error)
    return tabulate_checks(checks)


def _check_models(x: Floats, y: Bools, covariates: Sequence[str], *, widest_error: float) -> list[Check]:
    """The models of all covariates on the complete cases; a covariate that cannot be in them has no estimate."""
    can_fit = len(y) > 0 and y.any() and not y.all()
    kept = keep_independent(x) if can_fit else np.array([], dtype=np.int64)
    fit = fit_weighted(x[:, kept], y) if len(kept) else None
    ratios = dict(zip(kept, list_wald(fit, terms=len(kept), widest_error=widest_error), strict=True))
    penalised = dict(zip(kept, fit_firth(x[:, kept], y) if len(kept) else [], strict=True))
    checks = []
    for place, term in enumerate(covariates):
        checks += _check_ratio(f"predictors.multivariable.{term}", ratios.get(place, {}), engines=WEIGHTED)
        found = penalised.get(place, {})
        checks += [Check(f"predictors.firth.{term}.or", found.get("value"), FIRTH),
                   Check(f"predictors.firth.{term}.p", found.get("p"), FIRTH)]  # fmt: skip
    logits = None if fit is None else fit[0][0] + x[:, kept] @ fit[0][1:]
    area = dict.fromkeys(_ENDS) if logits is None else find_area(logits, y)
    brier = None if logits is None else float(np.square(y - expit(logits)).sum() / len(y))
    return [*checks, *check_parts("predictors.auc.apparent", area, engines=AREA),
            Check("predictors.brier.apparent", brier, BRIER)]  # fmt: skip


def _check_ratio(stem: str, found: dict[str, float | None], *, engines: Engines) -> list[Check]:
    """An odds ratio with its interval, and its p value."""
    parts = {part: found.get(part) for part in _ENDS}
    return [*check_parts(f"{stem}.or", parts, engines=engines), Check(f"{stem}.p", found.get("p"), engines)]
