"""The scatter about a line of each patient's own: what the mixed model of the trial data calls residual."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from helpers.labelling.noise_truth import Measured, find_design, keep_early

Floats = NDArray[np.float64]

TRIAL_MONTHS = 12.5
"""The trial whose residual is the one stated followed for a year: 52 weeks, and days about the last visit."""

_SPARE = 3
"""Patients with two visits lie on their line; the model wants so many measurements more than patients."""

_BOUNDS = [(-6.0, 6.0), (-10.0, 10.0), (-8.0, 4.0)]


def estimate_line_residual(measured: Measured, *, months: float = TRIAL_MONTHS) -> float:
    """Residual standard deviation of log proteinuria about a random line, by restricted maximum likelihood.

    Fixed: level, slope to month six, slope after it. Random: each patient's level and slope to month six, correlated
    (Laird and Ware, Biometrics 1982;38:963). The residual holds the noise and all else that is no line: drift,
    curvature, flares, a change of treatment. It is what a trial's mixed model prints and not what a second measurement
    would differ by. Missing with too few measurements.
    """
    early = keep_early(measured, months=months)
    counts = early.known.sum(axis=1)
    if counts.sum() < (counts > 0).sum() + _SPARE or (counts > 2).sum() < _SPARE:
        return np.nan
    design = find_design(early)
    fixed = design[:, :, [True, True, bool((early.known & (design[:, :, 2] > 0)).any())]]
    columns = np.concatenate([design[:, :, :2], fixed, early.value[:, :, None]], axis=2) * early.known[:, :, None]
    products = np.swapaxes(columns, 1, 2) @ columns
    start = np.array([0.0, 0.0, np.log(0.2)])
    found = minimize(lambda logs: _profile(logs, products)[0], start, method="L-BFGS-B",
                     jac="3-point", bounds=_BOUNDS, options={"ftol": 1e-14, "gtol": 1e-7})  # fmt: skip
    return float(np.sqrt(_profile(found.x, products)[1]))


def _profile(logs: Floats, products: Floats) -> tuple[float, float]:
    """Minus twice the restricted log likelihood (no constant) at the best residual variance, and that variance.

    `products` are each patient's cross products of the columns random (two), fixed and value; `logs` the
    Cholesky factor of the random effects' covariance, in residual variances: both diagonals as logarithms.
    """
    root = np.array([[np.exp(logs[0]), 0.0], [logs[1], np.exp(logs[2])]])
    weights = np.eye(2) + root.T @ products[:, :2, :2] @ root
    across = root.T @ products[:, :2, 2:]
    left = products[:, 2:, 2:] - np.swapaxes(across, 1, 2) @ np.linalg.solve(weights, across)
    total = left.sum(axis=0)
    fixed, cross = total[:-1, :-1], total[:-1, -1]
    rest = float(total[-1, -1] - cross @ np.linalg.solve(fixed, cross))
    spare = float(products[:, 2, 2].sum()) - len(fixed)
    size = np.log(np.linalg.det(weights)).sum() + np.linalg.slogdet(fixed)[1]
    return float(size + spare * np.log(rest)), rest / spare
