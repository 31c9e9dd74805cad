"""Firth's penalised likelihood: its value, its slope, and its peak, with any coefficients held where one likes.

The penalty is half the log determinant of the information of all columns, those of held coefficients among them.
Source: Firth, Biometrika 1993;80:27; Heinze and Schemper, Stat Med 2002;21:2409.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import expit

from helpers.predictors.sample import Bools, Floats

_LONGEST_STEP = 2.0
"""Along one axis of the curvature, of scaled features; a longer step leads where all risks are zero or one."""

_LEAST_BEND = 1e-8
"""Of the strongest bend; a weaker one is taken for this."""

_TOLERANCE = 1e-10

_SINGULAR = 1e12
"""A condition number from here on leaves few digits of an inverse."""


@dataclass(frozen=True)
class Peaks:
    """Where each search ended: coefficients (searches by columns), penalised log likelihood, its slope, and whether
    it is a peak."""

    beta: Floats
    value: Floats
    score: Floats
    converged: Bools


@dataclass(frozen=True)
class Penalised:
    """The penalised likelihood of true/false `y` (as numbers) on the columns of `design`."""

    design: Floats
    y: Floats

    @cached_property
    def _products(self) -> Floats:
        """The products of all pairs of columns: patients by pairs."""
        x = self.design
        return np.asarray((x[:, :, None] * x[:, None, :]).reshape(len(x), -1))

    def inform(self, beta: Floats) -> Floats:
        """The information at one row of coefficients."""
        risk = expit(self.design @ beta)
        return np.asarray(self.design.T @ ((risk * (1 - risk))[:, None] * self.design))

    def differentiate(self, beta: Floats) -> tuple[Floats, Floats, Floats]:
        """Value, score and curvature (minus the second derivative) of each row of coefficients (rows by columns)."""
        x, size = self.design, self.design.shape[1]
        logit = beta @ x.T
        risk = expit(logit)
        weight, tilt = risk * (1 - risk), 0.5 - risk
        products = self._products
        information = (weight @ products).reshape(-1, size, size)
        inverse = _invert(information)
        leverage = weight * (inverse.reshape(-1, size * size) @ products.T)
        value = (self.y * logit - np.logaddexp(0, logit)).sum(axis=1) + np.linalg.slogdet(information)[1] / 2
        third = (np.swapaxes((weight * tilt)[:, :, None] * x, 1, 2) @ products).reshape(-1, size, size, size)
        bent = inverse[:, None] @ third @ inverse[:, None]
        bent = bent.reshape(-1, size, size * size) @ np.swapaxes(third.reshape(-1, size, size * size), 1, 2)
        bend = weight * (1 + leverage) - 2 * leverage * tilt**2
        return value, (self.y - risk + leverage * tilt) @ x, (bend @ products).reshape(-1, size, size) + 2 * bent

    def climb(self, start: Floats, *, free: Bools, steps: int) -> Peaks:
        """The peak over the `free` coefficients of each row (rows by columns), the others staying where they start.

        Each step is shortened until it does not lead down; a search that has not come to rest after `steps` says so.
        """
        beta, step = start.copy(), np.zeros_like(start)
        value, score = np.full(len(start), -np.inf), np.zeros_like(start)
        still = np.zeros(len(start), dtype=bool)
        for _ in range(steps):
            open_ = np.flatnonzero(~still)
            trial = beta[open_] + step[open_]
            found, slope, curvature = self.differentiate(trial)
            up = found >= value[open_] - 1e-10 * (1 + np.abs(found))
            kept, held = open_[up], open_[~up]
            beta[kept], value[kept], score[kept] = trial[up], found[up], slope[up]
            step[held] /= 2
            step[kept] = _find_step(slope[up], curvature[up], free[kept])
            still[kept] = np.abs(step[kept]).max(axis=1, initial=0.0) < _TOLERANCE
            if still.all():
                break
        return Peaks(beta, value, score, still)


def take_higher(peaks: Peaks, others: Peaks, *, where: Bools) -> Peaks:
    """Row by row the higher of two peaks; the first where neither is clearly higher, or off `where`."""
    is_other = where & others.converged & (others.value > peaks.value + 1e-9)
    beta, score = (np.where(is_other[:, None], new, old)
                   for new, old in ((others.beta, peaks.beta), (others.score, peaks.score)))  # fmt: skip
    return Peaks(beta, np.where(is_other, others.value, peaks.value), score, peaks.converged | is_other)


def _invert(information: Floats) -> Floats:
    """The inverse of each matrix; the pseudo-inverse, which takes longer, of those that are nearly singular."""
    try:
        inverse = np.asarray(np.linalg.inv(information), dtype=float)
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.pinv(information, hermitian=True))
    sizes = (np.abs(matrix).sum(axis=1).max(axis=1) for matrix in (information, inverse))
    weak = ~(next(sizes) * next(sizes) < _SINGULAR)
    if weak.any():
        inverse[weak] = np.linalg.pinv(information[weak], hermitian=True)
    return inverse


def _find_step(score: Floats, curvature: Floats, free: Bools) -> Floats:
    """Newton's step of the free coefficients, cut along each axis of the curvature; up also where that bends up.

    There the slope is divided by the size of the bend without its sign: Newton's own step would lead down to a trough.
    """
    both = free[:, :, None] & free[:, None, :]
    sizes, axes = np.linalg.eigh(np.where(both, curvature, np.eye(free.shape[1])))
    sizes = np.maximum(np.abs(sizes), _LEAST_BEND * np.abs(sizes).max(axis=1, keepdims=True))
    along = np.swapaxes(axes, 1, 2) @ (score * free)[:, :, None] / sizes[:, :, None]
    return np.asarray((axes @ np.clip(along, -_LONGEST_STEP, _LONGEST_STEP))[:, :, 0] * free)
