"""Logistic models a second time: two-by-two tables, iteratively reweighted least squares, Firth by augmented data."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.special import expit
from scipy.stats import chi2, mannwhitneyu, norm

from helpers.second_engine.check import Engines, make_ratio

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

TWO_BY_TWO = Engines("statsmodels Logit, Newton", "the four cells: cross product and Woolf's standard error", 1e-7,
                     "one side iterates, the other is a closed formula")  # fmt: skip
WEIGHTED = Engines("statsmodels Logit, Newton", "statsmodels GLM, reweighted least squares", 1e-6,
                   "both iterate until the likelihood stands still")  # fmt: skip
FIRTH = Engines("Newton on the penalised likelihood", "weighted logistic fits to augmented data", 1e-6,
                "both iterate until the steps vanish")  # fmt: skip
AREA = Engines("rank formula", "Mann-Whitney's U (scipy); DeLong by counting pairs", 1e-6,
               "of risks that both iterate to")  # fmt: skip
BRIER = Engines("own reweighted least squares", "statsmodels GLM", 1e-6, "of risks that both iterate to")
_NOTHING: dict[str, float | None] = dict.fromkeys(("value", "low", "high", "p"))


def cross_product(has: Bools, y: Bools, *, widest_error: float) -> dict[str, float | None]:
    """The odds ratio of a two-by-two table with Wald's interval and p; missing with an empty cell or a wide error.

    >>> has = np.repeat([True, True, False, False], [3, 1, 1, 3])
    >>> y = np.repeat([True, False, True, False], [3, 1, 1, 3])
    >>> round(cross_product(has, y, widest_error=2.35)["value"], 6)
    9.0
    """
    cells = np.array([(has & y).sum(), (has & ~y).sum(), (~has & y).sum(), (~has & ~y).sum()], dtype=float)
    if (cells == 0).any():
        return _NOTHING
    beta, error = float(np.log(cells) @ [1, -1, -1, 1]), float(np.sqrt((1 / cells).sum()))
    return make_ratio(beta, error) if error <= widest_error else _NOTHING


def keep_independent(x: Floats) -> NDArray[np.int64]:
    """The columns that are no constant and no combination of earlier ones (what is left of each after projection).

    >>> keep_independent(np.array([[1.0, 0, 1, 2], [0, 0, 1, 1], [1, 0, 0, 1]])).tolist()
    [0, 2]
    """
    basis, kept = [np.full(len(x), len(x) ** -0.5)], []
    for place, column in enumerate(x.T):
        left = column.astype(float)
        for _ in range(2):
            left = left - np.sum([(vector @ left) * vector for vector in basis], axis=0)
        if np.linalg.norm(left) > 1e-9 * max(float(np.linalg.norm(column)), 1.0):
            kept.append(place)
            basis.append(left / np.linalg.norm(left))
    return np.array(kept, dtype=np.int64)


def is_separated(x: Floats, y: Bools) -> bool:
    """Whether a combination of the columns parts the outcomes, fully or but for ties, so that no estimate is finite.

    Found by linear programming: is there a direction that no patient contradicts and some patient supports?

    >>> x = np.array([[0.0], [1.0], [2.0], [3.0]])
    >>> is_separated(x, np.array([False, False, True, True])), is_separated(x, np.array([False, True, False, True]))
    (True, False)
    """
    signed = np.where(y, 1.0, -1.0)[:, None] * np.column_stack([np.ones(len(x)), x])
    found = linprog(-signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(x)), bounds=(-1, 1), method="highs")
    return bool(found.status == 0 and -found.fun > 1e-7)


def fit_weighted(x: Floats, y: Bools) -> tuple[Floats, Floats] | None:
    """Coefficients (intercept first) and standard errors by statsmodels' GLM; None where no finite fit exists."""
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    if is_separated(x, y):
        return None
    fit = GLM(y.astype(float), np.column_stack([np.ones(len(x)), x]), family=Binomial()).fit(tol=1e-13, maxiter=200)
    return np.asarray(fit.params), np.asarray(fit.bse)


def list_wald(fit: tuple[Floats, Floats] | None, *, terms: int, widest_error: float) -> list[dict[str, float | None]]:
    """Odds ratio, interval and p of each term of a fit; missing without a fit and where the error is too wide."""
    if fit is None:
        return [_NOTHING] * terms
    return [make_ratio(float(beta), float(error)) if error <= widest_error else _NOTHING
            for beta, error in zip(fit[0][1:], fit[1][1:], strict=True)]  # fmt: skip


def fit_firth(x: Floats, y: Bools) -> list[dict[str, float | None]]:
    """Odds ratio and p of each term by Firth's likelihood, the p from the penalised likelihood ratio.

    Each patient counts as 1 + h/2 with the observed outcome and h/2 with the other, h being the patient's leverage;
    fit, take the new leverages, and again (Heinze and Schemper, Stat Med 2002;21:2409). Of several peaks, as small
    samples may have, the highest of those that lead up from zero and from where each term is held at zero. Missing
    where there are no more patients than parameters.
    """
    design = np.column_stack([np.ones(len(x)), (x - x.mean(axis=0))])
    size = design.shape[1]
    if len(x) <= size:
        return [dict(_NOTHING) for _ in range(1, size)]
    whole, nowhere = np.ones(size, dtype=bool), np.zeros(size)
    helds = [_augment(design, y, nowhere, free=np.arange(size) != place) for place in range(1, size)]
    starts = [nowhere, *(held for held in helds if held is not None)]
    peaks = [peak for start in starts if (peak := _augment(design, y, start, free=whole)) is not None]
    best = max(peaks, key=lambda peak: _penalised(design, y, peak), default=None)
    rows = []
    for place, held in enumerate(helds, start=1):
        if best is None or held is None:
            rows.append(dict(_NOTHING))
            continue
        free = np.arange(size) != place
        more = [_augment(design, y, np.where(free, peak, 0.0), free=free) for peak in (peaks[0], best)]
        highest = max(_penalised(design, y, found) for found in (held, *more) if found is not None)
        ratio = max(2 * (_penalised(design, y, best) - highest), 0.0)
        rows.append({"value": float(np.exp(best[place])), "p": float(chi2.sf(ratio, 1))})
    return rows


def _augment(design: Floats, y: Bools, start: Floats, *, free: Bools) -> Floats | None:
    """The coefficients at which the augmented data no longer move; those that are not free stay where they start."""
    beta = start.copy()
    for _ in range(5000):
        risk = expit(design @ beta)
        root = np.sqrt(risk * (1 - risk))[:, None] * design
        try:
            leverage = np.einsum("ij,ji->i", root, np.linalg.solve(root.T @ root, root.T))
            weight = 1 + leverage
            target = (y + leverage / 2) / weight
            used = design[:, free]
            information = used.T @ ((weight * risk * (1 - risk))[:, None] * used)
            step = np.linalg.solve(information, used.T @ (weight * (target - risk)))
        except np.linalg.LinAlgError:
            return None
        step *= min(1.0, 3.0 / max(float(np.abs(step).max()), 1e-300))
        beta[free] += step
        if np.abs(step).max() < 1e-11:
            return beta
    return None


def _penalised(design: Floats, y: Bools, beta: Floats) -> float:
    """The log likelihood plus half the log determinant of the information."""
    logit = design @ beta
    risk = expit(logit)
    information = design.T @ ((risk * (1 - risk))[:, None] * design)
    return float(y @ logit - np.logaddexp(0, logit).sum() + np.linalg.slogdet(information)[1] / 2)


def find_area(scores: Floats, y: Bools) -> dict[str, Any]:
    """The area under the ROC curve by Mann-Whitney's U, with DeLong's interval from pairs counted one way each.

    >>> found = find_area(np.array([0.1, 0.4, 0.4, 0.8]), np.array([False, False, True, True]))
    >>> found["value"]
    0.875
    """
    cases, controls = scores[y], scores[~y]
    if not len(cases) or not len(controls):
        return dict.fromkeys(("value", "low", "high"))
    area = float(mannwhitneyu(cases, controls).statistic) / (len(cases) * len(controls))
    if min(len(cases), len(controls)) < 2:
        return {"value": area, "low": None, "high": None}
    wins = (_share_below(cases, controls), 1 - _share_below(controls, cases))
    width = float(norm.isf(0.025)) * float(np.sqrt(sum(np.var(part, ddof=1) / len(part) for part in wins)))
    return {"value": area, "low": max(0.0, area - width), "high": min(1.0, area + width)}


def _share_below(scores: Floats, others: Floats) -> Floats:
    """For each score the share of the others below it, ties counting half."""
    ordered = np.sort(others)
    sides = np.searchsorted(ordered, scores, side="left") + np.searchsorted(ordered, scores, side="right")
    return np.asarray(sides / (2 * len(others)), dtype=float)
