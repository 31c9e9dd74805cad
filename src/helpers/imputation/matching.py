"""Predictive mean matching, for many data sets at once: a missing number is lent by a patient who resembles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

DONORS = 5
"""Patients among whom the lender is drawn (Morris, White and Royston, BMC Med Res Methodol 2014;14:75)."""

_RIDGE = 1e-5
_TIE = 1e-6


def draw_matched(
    design: Floats, outcome: Floats, *, known: Bools, noise: Floats, scale: Floats, ties: Floats,
    pick: NDArray[np.int64],
) -> Floats:  # fmt: skip
    """Draws of a number for the rows that lack it: sets by rows, each a value observed in some other row.

    Linear regression per data set; the known are predicted with the coefficients as fitted, the others with
    coefficients drawn from their posterior (type 1 matching: Little, J Bus Econ Stat 1988;6:287; van Buuren, Flexible
    Imputation of Missing Data, 2nd ed. 2018, section 3.4), and one of the five nearest lends its value. `design` is
    standardised, with ones in front; `noise` (sets by coefficients), `scale` (chi-square draws on `degrees_left`),
    `ties` (sets by known rows, 0 to 1: which of equally near rows goes first; the order on file must not decide) and
    `pick` (sets by rows that lack it, which of the nearest) are the luck. Fewer than five known: all are donors.
    """
    size = design.shape[2]
    x, y = design[:, known], outcome[known]
    turned = x.transpose(0, 2, 1)
    cross = turned @ x + _RIDGE * len(y) * np.eye(size)
    beta = np.linalg.solve(cross, (turned @ y)[:, :, None])
    fitted = (x @ beta)[:, :, 0]
    sigma = np.sqrt(((y - fitted) ** 2).sum(axis=1) / scale)
    root = np.linalg.cholesky(cross)
    spread = np.linalg.solve(root.transpose(0, 2, 1), noise[:, :, None])
    aimed = (design[:, ~known] @ (beta + sigma[:, None, None] * spread))[:, :, 0]
    distance = np.abs(aimed[:, :, None] - fitted[:, None, :])
    distance += _TIE * fitted.std(axis=1)[:, None, None] * ties[:, None, :]
    most = min(DONORS, len(y))
    nearest = np.argpartition(distance, most - 1, axis=2)[:, :, :most]
    chosen = np.take_along_axis(nearest, (pick % most)[:, :, None], axis=2)[:, :, 0]
    return np.asarray(y[chosen])


def degrees_left(rows: int, coefficients: int) -> int:
    """Degrees of freedom of a regression, one where there are none left.

    >>> degrees_left(30, 4), degrees_left(3, 4)
    (26, 1)
    """
    return max(rows - coefficients, 1)
