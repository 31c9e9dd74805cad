"""The odds ratios under a log-F prior a second time: the prior as rows added to the data, and scipy's minimiser."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import chi2

from helpers.second_engine.check import Check, Engines
from helpers.second_engine.logistic import Bools, Floats, keep_independent

LOG_F = Engines("Newton's method with the prior in the likelihood", "scipy minimize, the prior as rows of data", 1e-6,
                "both iterate until the likelihood stands still")  # fmt: skip


def check_log_f(x: Floats, y: Bools, *, covariates: Sequence[str], degrees: float, stem: str) -> list[Check]:
    """The odds ratio and the p value of each covariate under the prior, with ids that begin with `stem`.

    `x` and `y` are complete cases. A covariate that cannot be in the model has no estimate.
    """
    can_fit = len(y) > 0 and bool(y.any()) and not y.all()
    kept = keep_independent(x) if can_fit else np.array([], dtype=np.int64)
    found = dict(zip(kept, fit_rows(x[:, kept], y, degrees=degrees), strict=True)) if len(kept) else {}
    checks = []
    for place, term in enumerate(covariates):
        ratio, p = found.get(place, (None, None))
        checks += [Check(f"{stem}.{term}.or", ratio, LOG_F), Check(f"{stem}.{term}.p", p, LOG_F)]
    return checks


def fit_rows(x: Floats, y: Bools, *, degrees: float) -> list[tuple[float, float]]:
    """Odds ratio and p of each column: a row per column is added, no constant in it, the column one, the others zero,
    which counts `degrees` times and half of it with the event (Greenland and Mansournia, Stat Med 2015;34:3133)."""
    size = x.shape[1]
    rows = np.vstack([np.column_stack([np.ones(len(x)), x]), np.column_stack([np.zeros(size), np.eye(size)])])
    events = np.concatenate([y.astype(float), np.full(size, 0.5)])
    weights = np.concatenate([np.ones(len(y)), np.full(size, degrees)])
    best, least = _minimise(rows, events, weights)
    held = [_minimise(np.delete(rows, column, axis=1), events, weights)[1] for column in range(1, size + 1)]
    drops = 2 * np.maximum(np.array(held) - least, 0.0)
    return list(zip(np.exp(best[1:]).tolist(), chi2.sf(drops, 1).tolist(), strict=True))


def _minimise(rows: Floats, events: Floats, weights: Floats) -> tuple[Floats, float]:
    """Where minus the log likelihood is least, and how much it is there."""

    def lose(beta: Floats) -> float:
        logit = rows @ beta
        return float(weights @ (np.logaddexp(0, logit) - events * logit))

    def bend(beta: Floats) -> Floats:
        risk = expit(rows @ beta)
        return np.asarray(rows.T @ ((weights * risk * (1 - risk))[:, None] * rows))

    found = minimize(lose, np.zeros(rows.shape[1]), method="trust-exact", hess=bend, options={"gtol": 1e-9},
                     jac=lambda beta: rows.T @ (weights * (expit(rows @ beta) - events)))  # fmt: skip
    return np.asarray(found.x), float(found.fun)
