"""The estimators of chapter 3, each called as the notebook calls it, on one planted cohort."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import norm

from helpers.definitions import SIGNIFICANT_BELOW
from helpers.evidence.planted import Floats
from helpers.evidence.planted_features import FeatureTruth, list_features, simulate_features
from helpers.evidence.records import Record, record, record_ratio
from helpers.predictors import estimate_multivariable, estimate_univariable
from helpers.predictors.firth import FirthFit, fit_firth
from helpers.predictors.irls import fit_logits, measure_auc
from helpers.predictors.recipe import Candidates, screen_features
from helpers.predictors.sample import Bools, keep_labelled, take_complete_cases
from helpers.predictors.validation import estimate_validation

Tables = Mapping[str, pd.DataFrame]

SAMPLES = 100
"""Bootstrap samples per cohort for the optimism; its noise averages out over the cohorts."""

FUTURE_PATIENTS = 20_000
FUTURE_SEED = 20_040_101


def _pair(tables: Tables) -> tuple[list[str], str, str]:
    """All features of the model, the first acting one, and the first without effect."""
    names = list_features(tables["cohort"])
    return names, names[0], names[2]


def estimate_likelihood(tables: Tables) -> list[Record]:
    """Odds ratios by maximum likelihood, all features in one model: an acting one, and one without effect."""
    names, acting, idle = _pair(tables)
    table = estimate_multivariable(tables["cohort"], tables["labels"], covariates=names).set_index("term")
    return [record_ratio("likelihood_acting", table.loc[acting]), record_ratio("likelihood_idle", table.loc[idle])]


def estimate_alone(tables: Tables) -> list[Record]:
    """Odds ratios of one feature at a time."""
    _, acting, idle = _pair(tables)
    table = estimate_univariable(tables["cohort"], tables["labels"], covariates=[acting, idle]).set_index("term")
    return [record_ratio("alone_acting", table.loc[acting]), record_ratio("alone_idle", table.loc[idle])]


def estimate_penalised(tables: Tables) -> list[Record]:
    """Firth's odds ratios with the interval of the penalised profile, and with a Wald interval beside it."""
    names, acting, idle = _pair(tables)
    data = take_complete_cases(keep_labelled(tables["cohort"], tables["labels"]), terms=names)
    fit = fit_firth(data.x, data.y) if {acting, idle} <= set(data.terms) else None
    if fit is None:
        return [record(name) for name in ("firth_acting", "firth_idle", "firth_wald_acting")]
    places = {"firth_acting": data.terms.index(acting), "firth_idle": data.terms.index(idle)}
    found = [record(name, estimate=fit.beta[at], low=fit.low[at], high=fit.high[at], p=fit.p[at], events=data.events)
             for name, at in places.items()]  # fmt: skip
    return [*found, _wald(data.x, fit, at=places["firth_acting"])]


def _wald(x: Floats, fit: FirthFit, *, at: int) -> Record:
    """Firth's estimate with plus and minus 1.96 standard errors from the information."""
    design = np.column_stack([np.ones(len(x)), x])
    risk = expit(fit.intercept + x @ fit.beta)
    information = design.T @ ((risk * (1 - risk))[:, None] * design)
    error = float(np.sqrt(np.linalg.inv(information)[at + 1, at + 1]))
    width, beta = norm.ppf(0.975) * error, fit.beta[at]
    return record("firth_wald_acting", estimate=beta, low=beta - width, high=beta + width,
                  p=2 * norm.sf(abs(beta) / error))  # fmt: skip


def estimate_screened(tables: Tables, truth: FeatureTruth) -> list[Record]:
    """The published recipe: each feature alone, those with a small p together, those with a small p there called
    independent. The odds ratio of the acting feature where it was called so, and whether any idle one was."""
    names, acting, _ = _pair(tables)
    x, y = tables["cohort"][names].to_numpy(float), tables["labels"]["is_dtt"].to_numpy(bool)
    passes = screen_features(Candidates(x, np.full(x.shape, True), y), np.ones((1, len(y))))[0]
    kept = [name for name, passed in zip(names, passes, strict=True) if passed]
    called: list[str] = []
    if kept:
        table = estimate_multivariable(tables["cohort"], tables["labels"], covariates=kept).set_index("term")
        called = table.index[table["p"] < SIGNIFICANT_BELOW].tolist()
    found = record_ratio("screened_acting", table.loc[acting]) if acting in called else record("screened_acting")
    return [found, record("screened_any_idle", p=0.0 if set(called) & set(truth.idle) else 1.0)]


@cache
def _future(truth: FeatureTruth) -> tuple[Floats, Bools]:
    """Patients of the same kind whom no model has seen, to measure what a model will be worth to them."""
    drawn = simulate_features(truth, size=FUTURE_PATIENTS, random=np.random.default_rng(FUTURE_SEED))
    return drawn["cohort"][list(truth.names)].to_numpy(float), drawn["labels"]["is_dtt"].to_numpy(bool)


def estimate_discrimination(tables: Tables, truth: FeatureTruth) -> list[Record]:
    """The area under the ROC curve as it appears and corrected for optimism, each against that of future patients."""
    names = _pair(tables)[0]
    row = estimate_validation(tables["cohort"], tables["labels"], covariates=names, samples=SAMPLES, seed=1).iloc[0]
    data = take_complete_cases(keep_labelled(tables["cohort"], tables["labels"]), terms=names)
    fit = fit_logits(data.x, data.y, np.ones((1, data.n)))
    x, y = _future(truth)
    used = [names.index(term) for term in data.terms]
    worth = float(measure_auc((x[:, used] @ fit.beta[0, 1:])[None, :], y[None, :])[0]) if fit.converged[0] else np.nan
    return [
        record("auc_apparent", estimate=row["apparent"], low=row["low"], high=row["high"], truth=worth),
        record("auc_corrected", estimate=row["corrected"], truth=worth),
    ]
