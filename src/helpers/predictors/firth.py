"""Odds ratios by Firth's penalised likelihood, which exist where maximum likelihood fails."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from firthmodels import FirthLogisticRegression
from scipy.special import expit

from helpers.predictors import NO_NAMES, tabulate
from helpers.predictors.sample import (
    ESTIMATED,
    INTERVAL_MISSING,
    NOT_CONVERGED,
    Bools,
    Floats,
    keep_labelled,
    take_complete_cases,
)

_TOLERANCE = 1e-6
_ITERATIONS = 100


@dataclass(frozen=True)
class FirthFit:
    """One penalised fit. Per feature, without the intercept: log odds ratio, profile interval, p; and the intercept
    and the penalised log likelihood."""

    intercept: float
    beta: Floats
    low: Floats
    high: Floats
    p: Floats
    log_likelihood: float


def estimate_firth(
    cohort: pd.DataFrame, labels: pd.DataFrame, *, covariates: Sequence[str], names: Mapping[str, str] = NO_NAMES
) -> pd.DataFrame:
    """The odds ratio of each feature with all others held equal, by Firth's penalised likelihood.

    One row per feature: `term`, `label`, `estimate` (odds ratio), `low`, `high` (95 %), `p`, `n`, `events`,
    `status`; the same complete cases as `helpers.predictors.estimate_multivariable`. Features that do not vary
    or that others determine are left out and say so. Separation is no obstacle: the estimate stays finite.

    With few events per feature, odds ratios by maximum likelihood lie too far from one; Firth's penalty (half
    the log determinant of the information, Jeffreys' prior) removes the first-order bias. Intervals are where
    the penalised profile likelihood has dropped by half the 95 % point of chi-square on one degree of freedom,
    and p is from the penalised likelihood ratio with the feature's coefficient held at zero while its column
    stays in the penalty, as in R's logistf: both are not symmetric on purpose, because Wald's are misleading
    here. Source: Firth, Biometrika 1993;80:27; Heinze and Schemper, Stat Med 2002;21:2409.

    An interval whose end was not found is missing, with the status "interval not found". `names` labels covariates
    that are no feature.

    >>> cohort = pd.DataFrame({"patient_id": range(6), "serositis": [0, 0, 0, 1, 1, 1]})
    >>> labels = pd.DataFrame({"patient_id": range(6), "is_dtt": [False] * 3 + [True] * 3})
    >>> estimate_firth(cohort, labels, covariates=["serositis"])[["estimate", "status"]].round(1).values.tolist()
    [[49.0, 'estimated']]
    """
    data = take_complete_cases(keep_labelled(cohort, labels), terms=covariates)
    status = dict.fromkeys(covariates, ESTIMATED) | data.left_out
    fit = fit_firth(data.x, data.y) if data.terms else None
    if fit is None:
        status |= dict.fromkeys(data.terms, NOT_CONVERGED)
        return tabulate({}, terms=covariates, status=status, n=data.n, events=data.events, names=names)
    found = np.isfinite(fit.low) & np.isfinite(fit.high) & np.isfinite(fit.p)
    status |= {term: INTERVAL_MISSING for term, fine in zip(data.terms, found, strict=True) if not fine}
    numbers = zip(np.exp(fit.beta), np.exp(fit.low), np.exp(fit.high), fit.p, strict=True)
    return tabulate(dict(zip(data.terms, numbers, strict=True)), terms=covariates, status=status, n=data.n,
                    events=data.events, names=names)  # fmt: skip


def fit_firth(x: Floats, y: Bools) -> FirthFit | None:
    """The penalised fit of true/false `y` on `x` (patients by features, no constant); None without convergence.

    By the package firthmodels, with the coefficients carried on to full precision afterwards.
    """
    model = FirthLogisticRegression(backend="numpy", max_iter=_ITERATIONS, gtol=_TOLERANCE, xtol=_TOLERANCE)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            model.fit(x, np.asarray(y, dtype=int))
            if not model.converged_:
                return None
            ends = model.lrt().conf_int(method="pl", max_iter=_ITERATIONS, tol=_TOLERANCE)
        except (np.linalg.LinAlgError, ValueError):
            return None
    beta = _refine(x, np.asarray(y, dtype=float), np.concatenate([[model.intercept_], model.coef_]))
    low, high = ends[:-1].T
    return FirthFit(float(beta[0]), beta[1:], low, high, model.lrt_pvalues_[:-1], float(model.loglik_))


def _refine(x: Floats, y: Floats, beta: Floats) -> Floats:
    """Plain steps of the modified score from an estimate that is nearly right, for as long as they shrink."""
    design = np.column_stack([np.ones(len(x)), x])
    last, step = np.inf, _find_step(design, y, beta)
    while (size := float(np.abs(step).max())) < last:
        beta, last = beta + step, size
        step = _find_step(design, y, beta)
    return beta


def _find_step(design: Floats, y: Floats, beta: Floats) -> Floats:
    """One step of scoring on Firth's modified score: U + leverage (1/2 - risk)."""
    risk = expit(design @ beta)
    weight = risk * (1 - risk)
    information = design.T @ (weight[:, None] * design)
    leverage = weight * np.einsum("ij,ji->i", design, np.linalg.solve(information, design.T))
    return np.asarray(np.linalg.solve(information, design.T @ (y - risk + leverage * (0.5 - risk))))
