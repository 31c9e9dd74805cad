"""Many small logistic regressions at once: the engine of the bootstrap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit
from scipy.stats import rankdata

from helpers.predictors.sample import Bools, Floats, ModelData, find_separation

_STEPS = 40
_TOLERANCE = 1e-9
_LARGEST_LOGIT = 30.0
"""A fitted logit beyond this is a risk of zero or one to machine precision: the sample is separated."""

_RIDGE = 1e-10
"""Keeps the information of a sample invertible in which a feature does not vary; too small to be seen otherwise,
and it acts on the step only, so that the solution is that of plain maximum likelihood."""


@dataclass(frozen=True)
class BatchFit:
    """The fits of many samples: `beta` (samples by coefficients, intercept first) and whether each has converged."""

    beta: Floats
    converged: Bools


def fit_logits(x: Floats, y: Bools, weights: Floats) -> BatchFit:
    """Logistic regressions by maximum likelihood, one per row of `weights`, all by the same matrix products.

    `x` is patients by features, `y` true/false, `weights` samples by patients: how often each patient is in the
    sample. Newton's method from zero on centred and scaled features (iteratively reweighted least squares). A
    sample that is separated, or holds one outcome only, does not converge and says so. A feature that does
    not vary in a sample gets the coefficient zero there, as if left out.
    """
    centre, scale = x.mean(axis=0), x.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    design = np.column_stack([np.ones(len(x)), (x - centre) / scale])
    size = design.shape[1]
    products = (design[:, :, None] * design[:, None, :]).reshape(len(x), size * size)
    beta = np.zeros((len(weights), size))
    converged = np.zeros(len(weights), dtype=bool)
    open_ = np.arange(len(weights))
    for _ in range(_STEPS):
        share, logit = weights[open_], beta[open_] @ design.T
        risk = expit(logit)
        score = (share * (y - risk)) @ design
        information = ((share * risk * (1 - risk)) @ products).reshape(-1, size, size)
        information += _RIDGE * share.sum(axis=1)[:, None, None] * np.eye(size)
        step = np.linalg.solve(information, score[:, :, None])[:, :, 0]
        beta[open_] += step
        small = np.abs(step).max(axis=1) < _TOLERANCE
        lost = np.where(share > 0, np.abs(logit), 0).max(axis=1) > _LARGEST_LOGIT
        converged[open_[small & ~lost]] = True
        open_ = open_[~small & ~lost]
        if not len(open_):
            break
    slopes = beta[:, 1:] / scale
    return BatchFit(np.column_stack([beta[:, 0] - slopes @ centre, slopes]), converged)


def predict_logits(data: ModelData) -> Floats:
    """The logit of each patient of a model, fitted to these same patients; missing when no fit exists."""
    if not data.terms or find_separation(data):
        return np.full(data.n, np.nan)
    fit = fit_logits(data.x, data.y, np.ones((1, data.n)))
    logits = fit.beta[0, 0] + data.x @ fit.beta[0, 1:]
    return np.asarray(np.where(fit.converged[0], logits, np.nan))


def recalibrate(logits: Floats, y: Bools) -> Floats:
    """Intercept and slope of a logistic regression of `y` on each row of `logits`: samples by two.

    Slope below one: the predictions are too extreme. Missing where the logits of a row do not vary or part the
    outcomes. Closed-form Newton steps on two parameters.
    """
    centre = logits.mean(axis=1, keepdims=True)
    scale = logits.std(axis=1, keepdims=True)
    with np.errstate(all="ignore"):
        z = (logits - centre) / scale
        intercept, slope = np.zeros(len(z)), np.zeros(len(z))
        for _ in range(_STEPS):
            risk = expit(intercept[:, None] + slope[:, None] * z)
            weight, residual = risk * (1 - risk), y - risk
            a, b, c = weight.sum(axis=1), (weight * z).sum(axis=1), (weight * z * z).sum(axis=1)
            u, v = residual.sum(axis=1), (residual * z).sum(axis=1)
            determinant = a * c - b * b
            change = np.stack([c * u - b * v, a * v - b * u]) / determinant
            intercept, slope = intercept + change[0], slope + change[1]
        settled = np.abs(change).max(axis=0) < 1e-8
        result = np.stack([intercept - slope * centre[:, 0] / scale[:, 0], slope / scale[:, 0]], axis=1)
    return np.asarray(np.where((settled & (np.abs(slope) < _LARGEST_LOGIT))[:, None], result, np.nan))


def measure_auc(scores: Floats, events: Bools) -> Floats:
    """The area under the ROC curve of each row: the chance that a patient with the event scores higher than one
    without, ties counting half. Missing where a row has one outcome only.

    >>> measure_auc(np.array([[0.1, 0.4, 0.4, 0.8]]), np.array([[False, False, True, True]])).tolist()
    [0.875]
    """
    ranks = rankdata(scores, axis=1)
    cases = events.sum(axis=1).astype(float)
    pairs = cases * (events.shape[1] - cases)
    wins = (ranks * events).sum(axis=1) - cases * (cases + 1) / 2
    return np.asarray(np.divide(wins, pairs, out=np.full(len(scores), np.nan), where=pairs > 0))
