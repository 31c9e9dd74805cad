"""Courses without noise and second measurements of them, drawn with the noise itself as unsure as the data leave it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from helpers.labelling.noise_truth import (
    Measured,
    TruthModel,
    draw_truth,
    find_deviance,
    find_gaps,
    find_noise,
    keep_early,
    with_mean,
    with_variances,
)

Floats = NDArray[np.float64]

DRAWS = 20
"""So many models are drawn; each makes one in so many of the copies."""

BASELINES = np.linspace(0.1, 1.3, 13) ** 2
"""The noises at baseline that are tried, as standard deviations of the logarithm: 0.01 to 1.69, finer where small."""

_STEP = 0.05
_Z95 = 1.959963984540054


@dataclass(frozen=True)
class NoiseSpread:
    """How sure the data are: the best logarithms and their covariance; the likelihood of each of `BASELINES`."""

    model: TruthModel
    best: Floats
    spread: Floats
    likelihood: Floats

    @property
    def visit_range(self) -> tuple[float, float]:
        """Between which standard deviations the noise at visits lies, with 95 % confidence."""
        ends = self.best[-1] + np.array([-_Z95, _Z95]) * np.sqrt(self.spread[-1, -1])
        return float(np.exp(ends[0])), float(np.exp(ends[1]))

    def baseline_at(self, quantiles: Floats) -> Floats:
        """The noise at baseline at quantiles of its likelihood, which runs straight between the places tried."""
        mass = np.append(0.0, np.cumsum((self.likelihood[1:] + self.likelihood[:-1]) / 2 * np.diff(BASELINES)))
        return np.asarray(np.interp(quantiles, mass / mass[-1], BASELINES))

    def draw_models(self, measured: Measured, *, rng: np.random.Generator, draws: int = DRAWS) -> list[TruthModel]:
        """Models that the data allow beside the best one, each with the mean course that its variances need."""
        others = rng.multivariate_normal(self.best[1:], self.spread, size=draws, method="eigh")
        even = rng.permutation((np.arange(draws) + rng.random(draws)) / draws)
        logs = np.column_stack([np.log(self.baseline_at(even)), others])
        return [with_mean(with_variances(self.model, one), measured) for one in logs]


def find_spread(model: TruthModel, measured: Measured) -> NoiseSpread:
    """How far the variances of a fitted model may lie from their best values.

    The logarithms of serial part, range, patients' spread and noise at visits are normal with the curvature of the
    likelihood (Laplace's approximation; a prior with a standard deviation of one keeps apart from infinity what the
    data say nothing about). The noise at baseline often is best at none at all, where there is no curvature: its
    likelihood is found at each of `BASELINES`, the rest at its best.
    """
    early = keep_early(measured)
    gap = find_gaps(early)
    best = np.log([model.baseline_sd, model.serial_sd, model.range_months, model.between_sd, model.noise_sd])

    def cost(logs: Floats) -> float:
        return find_deviance(with_variances(model, logs), early, gap)[0]

    heights = np.array([cost(np.append(np.log(sd), best[1:])) for sd in BASELINES])
    curvature = _find_curvature(lambda part: cost(np.append(best[0], part)), best[1:]) / 2
    spread = np.linalg.inv(_keep_positive(curvature) + np.eye(len(curvature)))
    return NoiseSpread(model, best, np.asarray(spread), np.exp(-(heights - heights.min()) / 2))


def _find_curvature(cost: Callable[[Floats], float], best: Floats) -> Floats:
    """The matrix of second differences of the deviance."""
    steps = _STEP * np.eye(len(best))
    middle, single = cost(best), [cost(best + step) for step in steps]
    found = np.diag([single[i] + cost(best - steps[i]) - 2 * middle for i in range(len(best))])
    for i in range(len(best)):
        for j in range(i):
            found[i, j] = found[j, i] = cost(best + steps[i] + steps[j]) - single[i] - single[j] + middle
    return np.asarray(found / _STEP**2)


def _keep_positive(matrix: Floats) -> Floats:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray(vectors @ np.diag(np.maximum(values, 0.0)) @ vectors.T)


def draw_shifts(
    models: Sequence[TruthModel], measured: Measured, *, copies: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """What to add to the logarithms measured: for the courses without noise, and for a second measurement of each.

    Both are copies by patients by columns; copy k is made by model k, and when all have had their turn by the first
    one again.
    """
    turns = -(-copies // len(models))
    truth = np.stack([draw_truth(model, measured, copies=turns, rng=rng) for model in models], axis=1)
    noise = np.tile([find_noise(model, measured) for model in models], (turns, 1))[:copies]
    shift = truth.reshape(turns * len(models), *measured.value.shape)[:copies] - measured.value
    return shift, shift + noise[:, None, :] * rng.standard_normal(shift.shape)
