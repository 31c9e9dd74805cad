"""Do hazards stay proportional? The exact score test, and the residuals that show where they do not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chi2
from statsmodels.nonparametric.smoothers_lowess import lowess

from helpers.survival.curves import kaplan_meier
from helpers.survival.models import CoxFit, fit_cox

Floats = NDArray[np.float64]

FEWEST_TO_SMOOTH = 10
"""A smooth line through fewer event months than this would draw noise."""


def compare_hazards(periods: pd.DataFrame, *, covariates: Sequence[str] = ("is_dtt",)) -> pd.DataFrame:
    """The score test of proportional hazards: one row per covariate, and "global" where there are several.

    term, chi2, df, p, n, events, note; missing, with the note of the Cox fit, where that has no answer, and
    "too few events" below two distinct event months. A small p says that the hazard ratio changed over time;
    a large one does not say that it stayed.

    The test asks whether adding covariate times g(t) to the model would help, with g(t) one minus the
    Kaplan-Meier curve just before t. This is the exact score test with the information matrix at each event
    (R: cox.zph of survival 3), not the older approximation that treats that matrix as constant and that
    lifelines still computes. Source: Grambsch and Therneau, Biometrika 1994;81:515.
    """
    fit = fit_cox(periods, covariates=covariates)
    moments = np.unique(periods.loc[periods["is_event"], "stop"])
    note = fit.note or ("" if len(moments) > 1 else "too few events")
    terms = [*fit.names, *(["global"] if len(fit.names) > 1 else [])]
    tests = [_score_test(periods, fit, term=term) if not note else (np.nan, np.nan) for term in terms]
    table = pd.DataFrame({"term": terms, "chi2": [test[0] for test in tests], "df": [test[1] for test in tests]})
    return table.assign(p=chi2.sf(table["chi2"], table["df"]), n=periods["patient_id"].nunique(),
                        events=int(periods["is_event"].sum()), note=note)  # fmt: skip


def _score_test(periods: pd.DataFrame, fit: CoxFit, *, term: str) -> tuple[float, float]:
    event_months, residuals, covariances = _event_moments(periods, fit)
    clock = _survival_clock(periods, event_months)
    p = len(fit.names)
    chosen = np.arange(p) if term == "global" else np.array([fit.names.index(term)])
    score = np.concatenate([np.zeros(p), (clock[:, None] * residuals).sum(0)[chosen]])
    blocks = [np.einsum("k,kij->ij", clock**power, covariances) for power in (0, 1, 2)]
    information = np.block([
        [blocks[0], blocks[1][:, chosen]],
        [blocks[1][chosen], blocks[2][np.ix_(chosen, chosen)]],
    ])  # fmt: skip
    return float(score @ np.linalg.solve(information, score)), float(len(chosen))


def _event_moments(periods: pd.DataFrame, fit: CoxFit) -> tuple[Floats, Floats, Floats]:
    """Per event, in order of time: its month, its Schoenfeld residual, the covariance of those at risk.

    Tied events are taken out one after the other in equal parts (Efron); their residuals share one mean.
    """
    x = periods[list(fit.names)].to_numpy(dtype=float)
    x = x - x.mean(axis=0)
    start, stop = periods["start"].to_numpy(dtype=float), periods["stop"].to_numpy(dtype=float)
    hit = np.flatnonzero(periods["is_event"].to_numpy(dtype=bool))
    hit = hit[np.argsort(stop[hit], kind="stable")]
    weight = np.exp(x @ fit.log_ratios)
    cross = (x[:, :, None] * x[:, None, :]).reshape(len(x), -1)
    sums = weight[:, None] * np.column_stack([np.ones(len(x)), x, cross])
    at_risk = _sum_from(stop, sums, stop[hit]) - _sum_from(start, sums, stop[hit])
    _, place, ties = np.unique(stop[hit], return_inverse=True, return_counts=True)
    tied = np.zeros((len(ties), sums.shape[1]))
    np.add.at(tied, place, sums[hit])
    rank = np.arange(len(hit)) - np.concatenate([[0], np.cumsum(ties)[:-1]])[place]
    left = at_risk - (rank / ties[place])[:, None] * tied[place]
    p = x.shape[1]
    means = left[:, 1 : p + 1] / left[:, :1]
    covariances = (left[:, p + 1 :] / left[:, :1]).reshape(-1, p, p) - means[:, :, None] * means[:, None, :]
    shared = np.zeros((len(ties), p))
    np.add.at(shared, place, means)
    return stop[hit], x[hit] - (shared / ties[:, None])[place], covariances


def _sum_from(moments: Floats, values: Floats, asked: Floats) -> Floats:
    """Sums of the rows whose moment is at or after each asked one."""
    order = np.argsort(moments, kind="stable")
    totals = np.vstack([np.cumsum(values[order][::-1], axis=0)[::-1], np.zeros(values.shape[1])])
    found: Floats = totals[np.searchsorted(moments[order], asked, side="left")]
    return found


def _survival_clock(periods: pd.DataFrame, event_months: Floats) -> Floats:
    """One minus the Kaplan-Meier curve just before each event, about its mean: g(t) of the test."""
    steps, survival, _ = kaplan_meier(
        periods["stop"].to_numpy(dtype=float), periods["is_event"].to_numpy(dtype=bool),
        start=periods["start"].to_numpy(dtype=float))  # fmt: skip
    clock: Floats = 1 - survival[np.searchsorted(steps, event_months, side="left") - 1]
    centred: Floats = clock - clock.mean()
    return centred


def derive_schoenfeld(periods: pd.DataFrame, *, covariate: str = "is_dtt") -> pd.DataFrame:
    """The scaled Schoenfeld residuals of a one-covariate Cox model: how the log hazard ratio moved over time.

    One row per event, in order of time: month, log_hazard_ratio (the residual over the mean variance, plus
    the model's estimate; R: cox.zph(...)$y), smooth (lowess over two thirds of the points against g(t);
    missing below `FEWEST_TO_SMOOTH` event months), average (the model's estimate). Empty where the model has no answer.
    """
    columns = ["month", "log_hazard_ratio", "smooth", "average"]
    fit = fit_cox(periods, covariates=[covariate])
    if fit.note:
        return pd.DataFrame(columns=columns, dtype=float)
    months, residuals, covariances = _event_moments(periods, fit)
    average = float(fit.log_ratios[0])
    scaled = residuals[:, 0] / covariances.mean(axis=0)[0, 0] + average
    clock = _survival_clock(periods, months)
    smooth = np.full(len(scaled), np.nan)
    if len(np.unique(clock)) >= FEWEST_TO_SMOOTH:
        smooth = lowess(scaled, clock, frac=2 / 3, it=0, return_sorted=False)
    return pd.DataFrame({"month": months, "log_hazard_ratio": scaled, "smooth": smooth, "average": average})[columns]
