"""Many small logistic regressions at once: the engine of the bootstrap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import rankdata

from helpers.predictors.sample import Bools, Floats, ModelData, find_separation

_STEPS = 40
_PAIRS_OF_STEPS = 20
_TOLERANCE = 1e-9
_LARGEST_LOGIT = 30.0
"""A fitted logit beyond this is a risk of zero or one to machine precision: the sample is separated."""

_RIDGE = 1e-10
"""Keeps the information of a sample invertible in which a feature does not vary; too small to be seen otherwise,
and it acts on the step only, so that the solution is that of plain maximum likelihood."""


@dataclass(frozen=True)
class BatchFit:
    """The fits of many samples: `beta` and its standard errors `error` (samples by coefficients, intercept first), and
    whether each has converged."""

    beta: Floats
    error: Floats
    converged: Bools


def fit_logits(x: Floats, y: Bools, weights: Floats, *, inside: Bools | None = None) -> BatchFit:
    """Logistic regressions by maximum likelihood, one per row of `weights`, all by the same matrix products.

    `x` is patients by features, `y` true/false, `weights` samples by patients: how often each patient is in the
    sample. Newton's method from zero on centred and scaled features (iteratively reweighted least squares). A
    sample that is separated, or holds one outcome only, does not converge and says so. A feature that does
    not vary in a sample gets the coefficient zero there, as if left out.

    `inside` (samples by features) says which features are in each sample's model; the others have the coefficient
    zero. Errors are from the inverse information; missing for a feature that is not in the model and for a sample that
    has not converged.
    """
    centre, scale = x.mean(axis=0), x.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    model = _Model(np.column_stack([np.ones(len(x)), (x - centre) / scale]), y)
    kept = np.ones((len(weights), len(scale)), dtype=bool) if inside is None else inside
    kept = np.column_stack([np.ones(len(weights), dtype=bool), kept])
    beta = np.zeros(kept.shape)
    converged = np.zeros(len(weights), dtype=bool)
    open_ = np.arange(len(weights))
    for _ in range(_STEPS):
        share, logit = weights[open_], beta[open_] @ model.design.T
        score, information = model.differentiate(share, logit, kept[open_])
        step = np.linalg.solve(information, score[:, :, None])[:, :, 0]
        beta[open_] += step
        small = np.abs(step).max(axis=1) < _TOLERANCE
        lost = np.where(share > 0, np.abs(logit), 0).max(axis=1, initial=0.0) > _LARGEST_LOGIT
        converged[open_[small & ~lost]] = True
        open_ = open_[~small & ~lost]
        if not len(open_):
            break
    # back to the scale of the features: the intercept takes up what centring took away
    back = np.diag(np.append(1.0, 1 / scale))
    back[0, 1:] = -centre / scale
    error = _measure_errors(model, weights, beta, kept, back=back)
    return BatchFit(beta @ back.T, np.where(kept & converged[:, None], error, np.nan), converged)


@dataclass(frozen=True)
class _Model:
    """What all samples share: the design with its constant, and the outcomes."""

    design: Floats
    y: Bools

    def differentiate(self, weights: Floats, logit: Floats, kept: Bools) -> tuple[Floats, Floats]:
        """Score and information of each sample, with the coefficients that are not in its model held still."""
        size, risk = self.design.shape[1], expit(logit)
        products = (self.design[:, :, None] * self.design[:, None, :]).reshape(-1, size * size)
        score = (weights * (self.y - risk)) @ self.design
        information = ((weights * risk * (1 - risk)) @ products).reshape(-1, size, size)
        information *= kept[:, :, None] & kept[:, None, :]
        held = np.where(kept, _RIDGE * np.maximum(weights.sum(axis=1), 1.0)[:, None], 1.0)
        return score * kept, information + held[:, :, None] * np.eye(size)


def _measure_errors(model: _Model, weights: Floats, beta: Floats, kept: Bools, *, back: Floats) -> Floats:
    _, information = model.differentiate(weights, beta @ model.design.T, kept)
    covariance = np.linalg.inv(information) * (kept[:, :, None] & kept[:, None, :])
    return np.asarray(np.sqrt(np.clip(np.einsum("ij,sjk,ik->si", back, covariance, back), 0, None)))


def weigh_samples(drawn: NDArray[np.int64], *, n: int) -> Floats:
    """How often each of `n` patients is in each sample: samples by patients, from the positions drawn.

    >>> weigh_samples(np.array([[0, 0, 2], [1, 1, 1]]), n=3).tolist()
    [[2.0, 0.0, 1.0], [0.0, 3.0, 0.0]]
    """
    offsets = np.arange(len(drawn))[:, None] * n
    return np.bincount((drawn + offsets).ravel(), minlength=len(drawn) * n).reshape(-1, n).astype(float)


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
        line, change = np.zeros((len(z), 2)), np.full((len(z), 2), np.inf)
        open_, outcomes = np.arange(len(z)), np.broadcast_to(y, z.shape)
        for _ in range(_PAIRS_OF_STEPS):
            before = line[open_]
            for _ in range(2):
                change[open_] = _step_line(line[open_], z[open_], outcomes[open_])
                line[open_] += change[open_]
            # where rounding lets the last digits go to and fro for ever, they are back after two steps
            open_ = open_[(line[open_] != before).any(axis=1)]
            if not len(open_):
                break
        (intercept, slope), settled = line.T, np.abs(change).max(axis=1) < 1e-8
        result = np.stack([intercept - slope * centre[:, 0] / scale[:, 0], slope / scale[:, 0]], axis=1)
    return np.asarray(np.where((settled & (np.abs(slope) < _LARGEST_LOGIT))[:, None], result, np.nan))


def _step_line(line: Floats, z: Floats, y: Bools) -> Floats:
    """Newton's step of the intercept and the slope of each row."""
    risk = expit(line[:, :1] + line[:, 1:] * z)
    weight, residual = risk * (1 - risk), y - risk
    a, b, c = weight.sum(axis=1), (weight * z).sum(axis=1), (weight * z * z).sum(axis=1)
    u, v = residual.sum(axis=1), (residual * z).sum(axis=1)
    return np.asarray(np.stack([c * u - b * v, a * v - b * u], axis=1) / (a * c - b * b)[:, None])


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


def measure_weighted_auc(scores: Floats, events: Bools, weights: Floats) -> Floats:
    """The area under the ROC curve of each row when its patients count `weights` times; ties count half.

    `scores` and `weights` are samples by patients; a patient without a score counts for nothing. Missing where a row
    has one outcome only.

    >>> scores, events = np.array([[0.1, 0.4, 0.4, 0.8]]), np.array([False, False, True, True])
    >>> measure_weighted_auc(scores, events, np.array([[1.0, 3.0, 1.0, 1.0]])).tolist()
    [0.8125]
    """
    order = np.argsort(np.nan_to_num(scores), axis=1, kind="stable")
    ordered = np.take_along_axis(np.nan_to_num(scores), order, axis=1)
    weight = np.take_along_axis(np.where(np.isnan(scores), 0.0, weights), order, axis=1)
    cases = np.where(events[order], weight, 0.0)
    through = np.cumsum(weight - cases, axis=1)
    place = np.broadcast_to(np.arange(scores.shape[1]), scores.shape)
    steps = np.diff(ordered, axis=1) != 0
    edge = np.ones((len(scores), 1), dtype=bool)
    first = np.maximum.accumulate(np.where(np.hstack([edge, steps]), place, 0), axis=1)
    ends = np.where(np.hstack([steps, edge]), place, scores.shape[1])
    last = np.minimum.accumulate(ends[:, ::-1], axis=1)[:, ::-1]
    padded = np.hstack([np.zeros((len(scores), 1)), through])
    wins = cases * (np.take_along_axis(padded, first, axis=1) + np.take_along_axis(through, last, axis=1)) / 2
    pairs = cases.sum(axis=1) * (weight - cases).sum(axis=1)
    return np.asarray(np.divide(wins.sum(axis=1), pairs, out=np.full(len(scores), np.nan), where=pairs > 0))
