"""Odds ratios by ridge regression: a model of all features, allowed only as many parameters as the data can carry."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import expit

from helpers.predictors.irls import fit_logits, weigh_samples
from helpers.predictors.models import tabulate
from helpers.predictors.sample import (
    ESTIMATED,
    NOT_CONVERGED,
    Bools,
    Floats,
    find_separation,
    keep_labelled,
    take_complete_cases,
)

_LIGHTEST, _HEAVIEST = 1e-6, 1e8


def estimate_ridge(
    cohort: pd.DataFrame, labels: pd.DataFrame, *, covariates: Sequence[str], degrees: float, samples: int, seed: int
) -> pd.DataFrame:
    """The odds ratio of each feature with all others held equal, drawn in by a ridge penalty of given size.

    One row per feature, columns as `estimate_multivariable` (`p` always missing) and `degrees` (effective parameters
    of the fit) and `penalty`. The same complete cases. The penalty takes half of penalty times the squared coefficient
    per standard deviation of each feature off the log likelihood, as R's rms::lrm; it is chosen so that the effective
    parameters (trace of information over penalised information, Gray, J Am Stat Assoc 1992;87:942) are `degrees`, and
    not by looking at the outcome again. With as many degrees as features, or more, this is maximum likelihood.

    `low`, `high`: percentiles of the same fit with the same penalty in bootstrap samples. The penalty pulls towards
    one by an unknown amount, so no interval around such an estimate is known to cover the truth as often as it says
    (Goeman, Biom J 2010;52:70): read them as spread, and make no test of them.

    >>> cohort = pd.DataFrame({"patient_id": range(8), "serositis": [1, 1, 1, 0, 1, 0, 0, 0]})
    >>> labels = pd.DataFrame({"patient_id": range(8), "is_dtt": [True] * 4 + [False] * 4})
    >>> table = estimate_ridge(cohort, labels, covariates=["serositis"], degrees=0.5, samples=0, seed=1)
    >>> table["estimate"].round(1).tolist()
    [2.8]
    """
    data = take_complete_cases(keep_labelled(cohort, labels), terms=covariates)
    status = dict.fromkeys(covariates, ESTIMATED) | data.left_out
    penalty = find_penalty(data.x, data.y, degrees=degrees) if data.terms and degrees > 0 else np.nan
    if penalty == 0:
        status |= find_separation(data)
    if np.isnan(penalty) or (penalty == 0 and find_separation(data)):
        status |= {term: NOT_CONVERGED for term in data.terms if status[term] == ESTIMATED}
        table = tabulate({}, terms=covariates, status=status, n=data.n, events=data.events)
        return table.assign(degrees=np.nan, penalty=np.nan)
    beta, effective = fit_ridge(data.x, data.y, penalty=penalty)
    low, high = _draw_ends(data.x, data.y, penalty=penalty, samples=samples, seed=seed)
    numbers = zip(np.exp(beta[1:]), np.exp(low), np.exp(high), np.full(len(low), np.nan), strict=True)
    table = tabulate(dict(zip(data.terms, numbers, strict=True)), terms=covariates, status=status, n=data.n,
                     events=data.events)  # fmt: skip
    return table.assign(degrees=effective, penalty=penalty)


def fit_ridge(x: Floats, y: Bools, *, penalty: float) -> tuple[Floats, float]:
    """Coefficients (intercept first, which is not penalised) and effective parameters of the penalised fit."""
    amounts = penalty * np.var(x, axis=0, ddof=1)
    beta = fit_logits(x, y, np.ones((1, len(y))), penalty=amounts).beta[0]
    return beta, measure_degrees(x, beta, amounts)


def measure_degrees(x: Floats, beta: Floats, amounts: Floats) -> float:
    """The trace of information times inverse penalised information, the intercept's part left out."""
    design = np.column_stack([np.ones(len(x)), x])
    risk = expit(design @ beta)
    information = design.T @ ((risk * (1 - risk))[:, None] * design)
    share = np.linalg.solve(information + np.diag(np.append(0.0, amounts)), information)
    return float(np.trace(share) - share[0, 0])


def find_penalty(x: Floats, y: Bools, *, degrees: float) -> float:
    """The penalty that leaves so many effective parameters; zero when all are allowed."""
    if degrees >= x.shape[1]:
        return 0.0

    def miss(log_penalty: float) -> float:
        return fit_ridge(x, y, penalty=float(np.exp(log_penalty)))[1] - degrees

    ends = np.log([_LIGHTEST, _HEAVIEST])
    if miss(ends[0]) <= 0:
        return _LIGHTEST
    return float(np.exp(brentq(miss, *ends, xtol=1e-10)))


def _draw_ends(x: Floats, y: Bools, *, penalty: float, samples: int, seed: int) -> tuple[Floats, Floats]:
    """The percentiles of 2.5 and 97.5 of each coefficient over bootstrap samples; missing without samples."""
    drawn = np.random.default_rng(seed).integers(0, len(y), size=(samples, len(y)))
    fit = fit_logits(x, y, weigh_samples(drawn, n=len(y)), penalty=penalty * np.var(x, axis=0, ddof=1))
    slopes = fit.beta[fit.converged, 1:]
    if not len(slopes):
        return np.full(x.shape[1], np.nan), np.full(x.shape[1], np.nan)
    low, high = np.quantile(slopes, [0.025, 0.975], axis=0)
    return low, high
