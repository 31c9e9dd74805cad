"""Many logistic regressions at once, each on a data set of its own, and draws of what they leave unsaid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_STEPS = 40
_LARGEST_LOGIT = 30.0
"""A fitted logit beyond this is a risk of zero or one to machine precision: the data set is separated."""

_FLAT = 1e12
"""An information matrix of a larger condition number than this has a direction in which nothing is known."""

LATENT_VARIANCE = np.pi**2 / 3
"""The variance of the standard logistic distribution: what a yes-or-no leaves unexplained on the scale of log odds."""

_RIDGE = 1e-10
"""Lets the matrices be solved where a column does not vary; acts on the step only, so the solution is untouched."""


@dataclass(frozen=True)
class LogisticFits:
    """A fit per data set: `beta` (sets by coefficients), `information` (its curvature there), and whether it exists."""

    beta: Floats
    information: Floats
    converged: Bools

    @property
    def variance(self) -> Floats:
        """The squared standard errors (sets by coefficients); missing for a data set without a fit, or whose columns
        determine one another."""
        safe = np.where(self.converged[:, None, None], self.information, np.eye(self.beta.shape[1]))
        is_fit = self.converged & (np.linalg.cond(safe) < _FLAT)
        safe[~is_fit] = np.eye(self.beta.shape[1])
        spread = np.diagonal(np.linalg.inv(safe), axis1=1, axis2=2)
        return np.asarray(np.where(is_fit[:, None], spread, np.nan))


def fit_logistic(
    design: Floats, outcome: Floats, *, weights: Floats | None = None, start: Floats | None = None,
    tolerance: float = 1e-9, penalty: float = 0.0,
) -> LogisticFits:  # fmt: skip
    """Logistic regressions by maximum likelihood, one per data set, by the same batched matrix products.

    `design` is sets by rows by coefficients (with its column of ones), `outcome` rows or sets by rows, between 0 and
    1; `weights` by row; `penalty` is the precision of a normal prior around zero on every coefficient but the first
    (the fit is then the posterior mode). Newton's method; a data set that is separated, or whose columns do not vary,
    does not converge and says so.

    >>> x = np.array([1, 1, 1, 0, 1, 0, 0, 0.0])
    >>> fit = fit_logistic(np.stack([np.ones(8), x], axis=1)[None], np.array([1, 1, 1, 1, 0, 0, 0, 0.0]))
    >>> np.exp(fit.beta[0, 1]).round(6).item()
    9.0
    """
    sets, _, size = design.shape
    target = np.broadcast_to(outcome, design.shape[:2])
    share = np.ones(design.shape[1]) if weights is None else weights
    beta = np.zeros((sets, size)) if start is None else start.copy()
    prior = np.append(0.0, np.full(size - 1, penalty))
    converged, information = np.zeros(sets, dtype=bool), np.zeros((sets, size, size))
    open_ = np.arange(sets)
    for _ in range(_STEPS):
        part = design if len(open_) == sets else design[open_]
        logit = (part @ beta[open_, :, None])[:, :, 0]
        risk = expit(logit)
        turned = part.transpose(0, 2, 1)
        score = (turned @ (share * (target[open_] - risk))[:, :, None])[:, :, 0] - prior * beta[open_]
        curve = (turned * (share * risk * (1 - risk))[:, None, :]) @ part + np.diag(prior)
        step = np.linalg.solve(curve + _RIDGE * np.eye(size), score[:, :, None])[:, :, 0]
        information[open_] = curve
        lost = np.abs(logit).max(axis=1) > _LARGEST_LOGIT
        small = (np.abs(step).max(axis=1) < tolerance) & ~lost
        beta[open_] += np.where(lost[:, None], 0.0, step)
        converged[open_[small]] = True
        open_ = open_[~small & ~lost]
        if not len(open_):
            break
    return LogisticFits(beta, information, converged)


def standardise(values: Floats, *, rows: Bools) -> Floats:
    """Each column of each data set less its mean and over its SD among `rows`, behind a column of ones."""
    seen = values[:, rows]
    spread = seen.std(axis=1, keepdims=True)
    scaled = (values - seen.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1.0)
    return np.concatenate([np.ones((*values.shape[:2], 1)), scaled], axis=2)


def draw_binary(
    design: Floats, outcome: Floats, *, known: Bools, noise: Floats, uniform: Floats, shift: float,
    start: Floats | None,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Draws of a yes-or-no value for the rows that lack it (sets by rows, 0 or 1), and the modes that they came from.

    Bayesian logistic regression in its normal approximation (Rubin, Multiple Imputation for Nonresponse in Surveys,
    Wiley 1987, p. 169): a coefficient vector per data set from around the mode, then a coin per row. `design` is
    standardised; `noise` (sets by coefficients) and `uniform` (sets by rows that lack it) are the luck; `shift`
    moves the log odds of a yes, and may be infinite.

    Many predictors. Coefficients fitted and drawn without restraint make the log odds of the rows too wide, and a rare
    feature comes out too often. A normal prior around zero holds them: its variance is such that all predictors
    together are expected to explain half of the latent variance, whatever their number (`LATENT_VARIANCE`): weak where
    patients are many for the predictors, strong where they are few.

    Perfect prediction. A fit that parts the two answers has no finite mode, and its normal approximation would
    draw nonsense. Each fit is therefore augmented, as White, Daniel and Royston (Comput Stat Data Anal 2010;54:2267)
    propose: for every predictor two rows half a standard deviation either side of its mean, the others at theirs, of
    total weight the number of predictors plus one. Their answer is the share observed (Clogg et al., J Am Stat Assoc
    1991;86:68), so that these rows do not draw a rare feature towards one half.
    """
    size = design.shape[2]
    rows = np.concatenate([np.ones((2 * (size - 1), 1)), 0.5 * np.repeat(np.eye(size - 1), 2, axis=0)], axis=1)
    rows[1::2, 1:] *= -1
    answers = outcome[known]
    stacked = np.concatenate([design[:, known], np.broadcast_to(rows, (len(design), *rows.shape))], axis=1)
    weights = np.concatenate([np.ones(len(answers)), np.full(len(rows), size / max(len(rows), 1))])
    target = np.concatenate([answers, np.full(len(rows), answers.mean())])
    fit = fit_logistic(stacked, target, weights=weights, start=start, tolerance=1e-5,
                       penalty=(size - 1) / LATENT_VARIANCE)
    root = np.linalg.cholesky(fit.information + _RIDGE * np.eye(size))
    drawn = fit.beta + np.linalg.solve(root.transpose(0, 2, 1), noise[:, :, None])[:, :, 0]
    logit = (design[:, ~known] @ drawn[:, :, None])[:, :, 0]
    return (uniform < expit(logit + shift)).astype(float), fit.beta
