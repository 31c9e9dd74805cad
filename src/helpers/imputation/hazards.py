"""Many Cox models at once: the same risk periods with other covariates, or other periods, in each data set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Integers = NDArray[np.int64]

_STEPS = 60
_RUNAWAY = 15.0
"""A log hazard ratio beyond this, or a standard error beyond it, is a likelihood without a peak."""

_LONGEST_STEP = 5.0
"""A longer step leaves the ratios that data could show; it is shortened, for the peak may lie before its end."""


@dataclass(frozen=True)
class RiskSets:
    """Who counted when an event happened: `at_risk` (events by rows, Efron's share of rows that fail together),
    `rows` (whose event it was) and `times`, in order of time."""

    at_risk: Floats
    rows: Integers
    times: Floats


@dataclass(frozen=True)
class CoxFits:
    """Log hazard ratios (sets by covariates), their covariance, and whether each set has a finite answer."""

    beta: Floats
    covariance: Floats
    converged: Bools


def list_risk_sets(
    start: Floats, stop: Floats, is_event: Bools, *, strata: Integers | None = None
) -> RiskSets:
    """The risk set of every event: at risk means after `start` up to and with `stop`, in the same stratum.

    Of d events at one time in one stratum the k-th sees each of the d at weight 1 - (k - 1)/d: Efron's method.

    >>> list_risk_sets(np.zeros(3), np.array([1.0, 1.0, 2.0]), np.array([True, True, False])).at_risk.tolist()
    [[1.0, 1.0, 1.0], [0.5, 0.5, 1.0]]
    """
    kind = np.zeros(len(stop), dtype=int) if strata is None else strata
    rows = np.flatnonzero(is_event)
    rows = rows[np.lexsort((rows, kind[rows], stop[rows]))]
    times, own = stop[rows], kind[rows]
    present = (start < times[:, None]) & (stop >= times[:, None]) & (kind == own[:, None])
    together = present & is_event & (stop == times[:, None])
    same = (times == times[:, None]) & (own == own[:, None])
    before = np.tril(same, -1).sum(axis=1)
    return RiskSets(present - together * (before / np.maximum(same.sum(axis=1), 1))[:, None], rows, times)


def fit_cox_sets(risk: RiskSets, x: Floats, *, weights: Floats | None = None) -> CoxFits:
    """A Cox model per data set on the same risk sets: `x` is sets by rows by covariates, `weights` sets by rows.

    Newton's method on the partial likelihood, ties by Efron's method, all sets by the same matrix products; a step that
    leads down is halved. Equal to R's coxph; a set without a finite maximum does not converge, and neither does any
    when there is no event.
    """
    sets, _, size = x.shape
    beta, step = np.zeros((2, sets, size))
    best, converged = np.full(sets, -np.inf), np.zeros(sets, dtype=bool)
    share = np.ones(x.shape[:2]) if weights is None else weights
    information = np.tile(np.eye(size), (sets, 1, 1))
    for _ in range(_STEPS if len(risk.rows) else 0):
        trial = np.clip(beta + step, -2 * _RUNAWAY, 2 * _RUNAWAY)
        value, score, found = _differentiate(risk, x, trial, share)
        up = value >= best - 1e-9
        beta, best = np.where(up[:, None], trial, beta), np.where(up, value, best)
        information = np.where(up[:, None, None], found, information)
        found = np.where(up[:, None, None], found, np.eye(size)) + 1e-12 * np.eye(size)
        newton = np.linalg.solve(found, score[:, :, None])
        step = np.where(up[:, None], np.clip(newton[:, :, 0], -_LONGEST_STEP, _LONGEST_STEP), step / 2)
        converged = up & (np.abs(step) < 1e-10).all(axis=1)
        if converged.all():
            break
    flat = np.linalg.cond(information) > 1e10
    covariance = np.linalg.inv(np.where((converged & ~flat)[:, None, None], information, np.eye(size)))
    errors = np.sqrt(np.abs(np.diagonal(covariance, axis1=1, axis2=2)))
    converged &= ~flat & (np.maximum(np.abs(beta), errors) < _RUNAWAY).all(axis=1)
    nowhere = ~converged[:, None]
    return CoxFits(np.where(nowhere, np.nan, beta), np.where(nowhere[:, :, None], np.nan, covariance), converged)


def _differentiate(risk: RiskSets, x: Floats, beta: Floats, share: Floats) -> tuple[Floats, Floats, Floats]:
    """Log partial likelihood, score and information, set by set."""
    sets, rows, size = x.shape
    logit = (x @ beta[:, :, None])[:, :, 0]
    logit -= logit.max(axis=1, keepdims=True)
    relative = share * np.exp(logit)
    products = (x[:, :, :, None] * x[:, :, None, :]).reshape(sets, rows, size * size)
    weight = share[:, risk.rows]
    total = np.maximum(relative @ risk.at_risk.T, np.finfo(float).tiny)
    mean = (risk.at_risk @ (relative[:, :, None] * x)) / total[:, :, None]
    square = (risk.at_risk @ (relative[:, :, None] * products)) / total[:, :, None]
    score = (weight[:, :, None] * (x[:, risk.rows] - mean)).sum(axis=1)
    spread = square.reshape(*mean.shape, size) - mean[:, :, :, None] * mean[:, :, None, :]
    value = (weight * (logit[:, risk.rows] - np.log(total))).sum(axis=1)
    return value, score, (weight[:, :, None, None] * spread).sum(axis=1)


def accumulate_hazard(risk: RiskSets, x: Floats, *, beta: Floats, weights: Floats) -> Floats:
    """The cumulative baseline hazard after each event (sets by events), where all covariates are zero."""
    relative = weights * np.exp((x @ beta[:, :, None])[:, :, 0])
    return np.asarray(np.cumsum(weights[:, risk.rows] / (relative @ risk.at_risk.T), axis=1))
