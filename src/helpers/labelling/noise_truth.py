"""What proteinuria would have been without noise: a mixed model with serial correlation and a stated noise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize

from helpers.labelling.course import FirstCourses

Floats = NDArray[np.float64]

FLOOR_G_G = 0.02
"""The smallest ratio that a laboratory tells from none; smaller ones are read as this."""

KNOT_MONTHS = 6.0
"""Proteinuria falls for half a year and then levels off: the mean course may bend here."""

FITTED_MONTHS = 24.0
"""The model is fitted to the measurements of so many months: those that labels are made of."""

_ENOUGH = 12
"""Fewer measurements than this cannot carry the seven numbers of the model."""


@dataclass(frozen=True)
class Measured:
    """Log proteinuria of n patients, padded to T columns: `value` and `month` (n by T), `known` where one was measured.

    Column 0 is the baseline, at month 0; column k the k-th visit of the patient. `place` gives each visit's column.
    """

    value: Floats
    month: Floats
    known: NDArray[np.bool_]
    place: NDArray[np.int64]


@dataclass(frozen=True)
class TruthModel:
    """Variances of the model on the log scale, and the mean course. `noise_sd` is given or, if not, estimated."""

    between_sd: float
    serial_sd: float
    range_months: float
    noise_sd: float
    mean: Floats
    is_fitted: bool


def derive_measured(first: FirstCourses) -> Measured:
    """The measurements of first courses, one row per patient, baseline in the first column."""
    patient = first.patient
    place = (pd.Series(patient).groupby(patient).cumcount() + 1).to_numpy()
    size = (len(first.patients), int(place.max(initial=0)) + 1)
    upcr, month = np.full(size, np.nan), np.zeros(size)
    upcr[patient, place] = first.visits["upcr_g_g"].to_numpy(dtype=float, na_value=np.nan)
    upcr[patient, 0] = first.visits["baseline_upcr_g_g"].to_numpy(dtype=float, na_value=np.nan)
    month[patient, place] = np.maximum(first.month, 0.0)
    known = ~np.isnan(upcr)
    value = np.log(np.maximum(np.where(known, upcr, 1.0), FLOOR_G_G))
    return Measured(np.where(known, value, 0.0), month, known, np.asarray(place, dtype=np.int64))


def fit_truth(measured: Measured, *, noise_sd: float | None = None, tolerance: float = 0.05) -> TruthModel:
    """The model of log proteinuria by maximum likelihood; the noise is fixed at `noise_sd`, or estimated too.

    value = mean course (a line that may bend at month six) + patient + a part that wanders and forgets (correlation
    exp(-gap / range)) + noise, independent from visit to visit: Diggle, Biometrics 1988;44:959. Noise is what a second
    sample of the same week would not repeat; flares and slow drifts belong to the part that wanders.

    With fewer than a dozen measurements nothing can be fitted: `is_fitted` is false and the truth is as measured.
    """
    blank = TruthModel(0.0, 0.0, 1.0, noise_sd or 0.0, np.zeros_like(measured.value), False)
    if measured.known.sum() < _ENOUGH or (noise_sd is not None and noise_sd <= 0):
        return blank
    early = _keep_early(measured)
    gap = _gaps(early)
    spread = max(float(early.value[early.known].std()), 0.05)
    start = np.log([spread, KNOT_MONTHS, spread / 4, spread / 2][: 3 if noise_sd is not None else 4])

    def cost(logs: Floats) -> float:
        return _deviance(_with_variances(blank, logs, noise_sd), early, gap)[0]

    found = minimize(cost, start, method="Nelder-Mead", bounds=[(-5.0, 5.0)] * len(start),
                     options={"xatol": tolerance, "fatol": tolerance, "maxiter": 1000})  # fmt: skip
    model = _with_variances(blank, found.x, noise_sd)
    return replace(model, mean=_design(measured) @ _deviance(model, early, gap)[1], is_fitted=True)


def _keep_early(measured: Measured) -> Measured:
    """The measurements of the months that the model is fitted to."""
    early = measured.known & (measured.month <= FITTED_MONTHS)
    size = int(np.flatnonzero(early.any(axis=0)).max(initial=0)) + 1
    return Measured(measured.value[:, :size], measured.month[:, :size], early[:, :size], measured.place)


def _gaps(measured: Measured) -> Floats:
    return np.abs(measured.month[:, :, None] - measured.month[:, None, :])


def _design(measured: Measured) -> Floats:
    """The mean course as columns: level, fall before the bend, fall after it."""
    month = measured.month
    return np.stack([np.ones_like(month), np.minimum(month, KNOT_MONTHS), np.maximum(month - KNOT_MONTHS, 0)], axis=2)


def _with_variances(model: TruthModel, logs: Floats, noise_sd: float | None) -> TruthModel:
    serial, reach, between, *noise = np.exp(logs)
    return replace(model, between_sd=float(between), serial_sd=float(serial), range_months=float(reach),
                   noise_sd=float(noise[0]) if noise_sd is None else noise_sd)  # fmt: skip


def _signal(model: TruthModel, gap: Floats) -> Floats:
    """The covariance of the noise-free values of each patient."""
    return np.asarray(model.between_sd**2 + model.serial_sd**2 * np.exp(-gap / model.range_months))


def _total(model: TruthModel, measured: Measured, gap: Floats) -> Floats:
    """The covariance of what was measured; places without a measurement stand by themselves, at variance one."""
    both = measured.known[:, :, None] & measured.known[:, None, :]
    eye = np.eye(gap.shape[1])
    own = np.where(measured.known, max(model.noise_sd, 1e-3) ** 2, 1.0)
    return np.where(both, _signal(model, gap), 0.0) + eye * own[:, :, None]


def _deviance(model: TruthModel, measured: Measured, gap: Floats) -> tuple[float, Floats]:
    """Minus twice the log likelihood (no constant), and the mean course's coefficients (generalised least squares)."""
    known = measured.known[:, :, None]
    both = np.concatenate([_design(measured), measured.value[:, :, None]], axis=2) * known
    root = np.linalg.cholesky(_total(model, measured, gap))
    white = np.linalg.solve(root, both)
    x, y = white[:, :, :3].reshape(-1, 3), white[:, :, 3].ravel()
    beta = np.linalg.lstsq(x, y, rcond=None)[0]
    size = 2 * float(np.log(np.diagonal(root, axis1=1, axis2=2)).sum())
    return size + float(((y - x @ beta) ** 2).sum()), np.asarray(beta)


def draw_truth(model: TruthModel, measured: Measured, *, copies: int, rng: np.random.Generator) -> Floats:
    """Noise-free log values given what was measured: copies by patients by columns.

    A draw from the normal distribution that the model gives the truth after seeing the measurements (conditioning by
    kriging a simulated course: Chilès and Delfiner, Geostatistics, Wiley 2012, section 7.3). Its mean is shrunken
    towards the patient's own course. A model that was not fitted gives back what was measured.
    """
    shape = (copies, *measured.value.shape)
    if not model.is_fitted:
        return np.broadcast_to(measured.value, shape)
    gap = _gaps(measured)
    both = measured.known[:, :, None] & measured.known[:, None, :]
    signal = np.where(both, _signal(model, gap), 0.0)
    gain = np.swapaxes(np.linalg.solve(_total(model, measured, gap), signal), 1, 2)
    root = np.linalg.cholesky(signal + np.eye(gap.shape[1]) * np.where(measured.known, 1e-9, 1.0)[:, :, None])
    course = _apply(root, rng.standard_normal(shape))
    course *= measured.known
    seen = course + model.noise_sd * rng.standard_normal(shape) * measured.known
    residual = (measured.value - model.mean) * measured.known
    return np.asarray(model.mean + course + _apply(gain, residual - seen))


def _apply(matrices: Any, vectors: Any) -> Floats:
    """Each patient's matrix times that patient's vector, in every copy."""
    return np.asarray(np.matmul(matrices, np.moveaxis(vectors, 0, 2)).transpose(2, 0, 1))
