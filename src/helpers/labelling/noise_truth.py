"""What proteinuria would have been without noise: a mixed model with serial correlation, fitted to these data."""

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
"""Fewer measurements than this cannot carry the eight numbers of the model."""

_LOWEST, _HIGHEST = -4.0, 4.0
"""Logarithms of standard deviations and of the range are looked for between these."""


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
    """Variances of the model on the log scale, and the mean course.

    `noise_sd` is the noise at visits, given or estimated; `baseline_sd` that at baseline, always estimated.
    """

    between_sd: float
    serial_sd: float
    range_months: float
    noise_sd: float
    baseline_sd: float
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


def fit_truth(measured: Measured, *, noise_sd: float | None = None) -> TruthModel:
    """The model of log proteinuria by maximum likelihood; the noise at visits is fixed at `noise_sd`, or estimated too.

    value = mean course (a line that may bend at month six) + patient + a part that wanders and forgets (correlation
    exp(-gap / range)) + noise, independent from visit to visit: Diggle, Biometrics 1988;44:959. Noise is what does not
    carry over to the next visit. Flares and slow drifts belong to the part that wanders, and so does that part of a
    laboratory's error that the next visit shares. Baseline has a noise of its own: an admission for biopsy yields
    several samples.

    With fewer than a dozen measurements nothing can be fitted: `is_fitted` is false and the truth is as measured.
    """
    blank = TruthModel(0.0, 0.0, 1.0, noise_sd or 0.0, 0.0, np.zeros_like(measured.value), False)
    if measured.known.sum() < _ENOUGH or (noise_sd is not None and noise_sd <= 0):
        return blank
    early = keep_early(measured)
    gap = find_gaps(early)
    spread = max(float(early.value[early.known].std()), 0.05)
    start = np.log([spread / 4, spread, KNOT_MONTHS, spread / 4, spread / 2][: 4 if noise_sd is not None else 5])

    def cost(logs: Floats) -> float:
        return find_deviance(with_variances(blank, logs), early, gap)[0]

    found = minimize(cost, start, method="L-BFGS-B", bounds=[(_LOWEST, _HIGHEST)] * len(start),
                     options={"eps": 1e-4, "ftol": 1e-5})  # fmt: skip
    return with_mean(replace(with_variances(blank, found.x), is_fitted=True), measured)


def keep_early(measured: Measured, *, months: float = FITTED_MONTHS) -> Measured:
    """The measurements of so many months: unless told otherwise those that the model is fitted to."""
    early = measured.known & (measured.month <= months)
    size = int(np.flatnonzero(early.any(axis=0)).max(initial=0)) + 1
    return Measured(measured.value[:, :size], measured.month[:, :size], early[:, :size], measured.place)


def find_gaps(measured: Measured) -> Floats:
    """Months between each two columns of each patient."""
    return np.abs(measured.month[:, :, None] - measured.month[:, None, :])


def find_design(measured: Measured) -> Floats:
    """The mean course as columns: level, fall before the bend, fall after it."""
    month = measured.month
    return np.stack([np.ones_like(month), np.minimum(month, KNOT_MONTHS), np.maximum(month - KNOT_MONTHS, 0)], axis=2)


def with_variances(model: TruthModel, logs: Floats) -> TruthModel:
    """The model with other variances, given as logarithms of baseline, serial, range, between and, if there, noise."""
    baseline, serial, reach, between, *noise = np.exp(logs)
    return replace(model, baseline_sd=float(baseline), serial_sd=float(serial), range_months=float(reach),
                   between_sd=float(between), noise_sd=float(noise[0]) if noise else model.noise_sd)  # fmt: skip


def with_mean(model: TruthModel, measured: Measured) -> TruthModel:
    """The model with the mean course that goes best with its variances."""
    early = keep_early(measured)
    return replace(model, mean=find_design(measured) @ find_deviance(model, early, find_gaps(early))[1])


def _signal(model: TruthModel, gap: Floats) -> Floats:
    """The covariance of the noise-free values of each patient."""
    return np.asarray(model.between_sd**2 + model.serial_sd**2 * np.exp(-gap / model.range_months))


def find_noise(model: TruthModel, measured: Measured) -> Floats:
    """The standard deviation of the noise in each column: the baseline's own in the first one."""
    return np.where(np.arange(measured.value.shape[1]) == 0, model.baseline_sd, model.noise_sd)


def _total(model: TruthModel, measured: Measured, gap: Floats) -> Floats:
    """The covariance of what was measured; places without a measurement stand by themselves, at variance one."""
    both = measured.known[:, :, None] & measured.known[:, None, :]
    eye = np.eye(gap.shape[1])
    own = np.where(measured.known, np.maximum(find_noise(model, measured), 1e-3) ** 2, 1.0)
    return np.where(both, _signal(model, gap), 0.0) + eye * own[:, :, None]


def _border(patients: int) -> Floats:
    """A corner so large that the bordered matrix stays positive; nothing is read from it."""
    return np.broadcast_to(1e9 * np.eye(4), (patients, 4, 4))


def find_deviance(model: TruthModel, measured: Measured, gap: Floats) -> tuple[float, Floats]:
    """Minus twice the log likelihood (no constant), and the mean course's coefficients (generalised least squares)."""
    known = measured.known[:, :, None]
    both = np.concatenate([find_design(measured), measured.value[:, :, None]], axis=2) * known
    size = gap.shape[1]
    bordered = np.block([[_total(model, measured, gap), both], [np.swapaxes(both, 1, 2), _border(len(both))]])
    root = np.linalg.cholesky(bordered)  # one factorisation: under the covariance's root stand the columns, whitened
    white = np.swapaxes(root[:, size:, :size], 1, 2)
    x, y = white[:, :, :3].reshape(-1, 3), white[:, :, 3].ravel()
    beta = np.linalg.solve(x.T @ x + 1e-9 * np.eye(3), x.T @ y)
    spread = 2 * float(np.log(np.diagonal(root, axis1=1, axis2=2)[:, :size]).sum())
    return spread + float(((y - x @ beta) ** 2).sum()), np.asarray(beta)


def draw_truth(model: TruthModel, measured: Measured, *, copies: int, rng: np.random.Generator) -> Floats:
    """Noise-free log values given what was measured: copies by patients by columns.

    A draw from the normal distribution that the model gives the truth after seeing the measurements (conditioning by
    kriging a simulated course: Chilès and Delfiner, Geostatistics, Wiley 2012, section 7.3). Its mean is shrunken
    towards the patient's own course. A model that was not fitted gives back what was measured.
    """
    shape = (copies, *measured.value.shape)
    if not model.is_fitted:
        return np.broadcast_to(measured.value, shape)
    gap = find_gaps(measured)
    both = measured.known[:, :, None] & measured.known[:, None, :]
    signal = np.where(both, _signal(model, gap), 0.0)
    gain = np.swapaxes(np.linalg.solve(_total(model, measured, gap), signal), 1, 2)
    root = np.linalg.cholesky(signal + np.eye(gap.shape[1]) * np.where(measured.known, 1e-9, 1.0)[:, :, None])
    course = _apply(root, rng.standard_normal(shape))
    course *= measured.known
    seen = course + find_noise(model, measured) * rng.standard_normal(shape) * measured.known
    residual = (measured.value - model.mean) * measured.known
    return np.asarray(model.mean + course + _apply(gain, residual - seen))


def _apply(matrices: Any, vectors: Any) -> Floats:
    """Each patient's matrix times that patient's vector, in every copy."""
    return np.asarray(np.matmul(matrices, np.moveaxis(vectors, 0, 2)).transpose(2, 0, 1))
