"""The Cox model with one baseline hazard per stratum, and a variance that allows for patients who come back.

One patient may be in many strata, once for each start with which they are compared; the model's own variance would
count them as many patients. Source of the variance: Lin and Wei, J Am Stat Assoc 1989;84:1074.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from helpers.survival.models import CoxFit
from helpers.survival.newton import find_peak

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class _RiskSets:
    """Rows and events, each with its place in one order of stratum and time."""

    x: Floats
    start: Places
    stop: Places
    hit: Places
    moments: Places
    place: Places
    tied_share: Floats


def fit_stratified_cox(
    periods: pd.DataFrame, *, covariates: Sequence[str], stratum: str, cluster: str
) -> CoxFit:  # fmt: skip
    """The Cox model with a baseline hazard per `stratum`, ties by Efron's method, robust variance by `cluster`.

    One row per period at risk: start, stop (start before stop; at risk after the first, up to and with the
    second), is_event, the covariates as numbers, and the columns that name the stratum and the cluster. The
    covariance is the sandwich of the score residuals summed by cluster, without a correction for few clusters
    (R: coxph(Surv(start, stop, event) ~ x + strata(s), cluster = id)). Missing, with a note, where there is no event,
    nobody to compare with in a stratum with an event, or no finite estimate.
    """
    names = tuple(covariates)
    if not periods["is_event"].any():
        return _no_fit(names, "no event")
    sets = _derive_risk_sets(periods, covariates=names, stratum=stratum)
    if np.linalg.matrix_rank(_moments(sets, np.zeros(len(names)))[2]) < len(names):
        return _no_fit(names, "nobody to compare with")
    ratios, inverse, note = find_peak(lambda at: _moments(sets, at), size=len(names))
    if note:
        return _no_fit(names, note)
    codes, _ = pd.factorize(periods[cluster])
    scores = np.zeros((codes.max() + 1, len(names)))
    np.add.at(scores, codes, _score_residuals(sets, ratios))
    return CoxFit(names, ratios, inverse @ (scores.T @ scores) @ inverse)


def _no_fit(names: tuple[str, ...], note: str) -> CoxFit:
    return CoxFit(names, np.full(len(names), np.nan), np.full((len(names), len(names)), np.nan), note)


def _derive_risk_sets(periods: pd.DataFrame, *, covariates: tuple[str, ...], stratum: str) -> _RiskSets:
    x = periods[list(covariates)].to_numpy(dtype=float)
    times = np.unique(periods[["start", "stop"]].to_numpy(dtype=float))
    offset = pd.factorize(periods[stratum])[0] * len(times)
    start, stop = (offset + np.searchsorted(times, periods[name]) for name in ("start", "stop"))
    hit = np.flatnonzero(periods["is_event"].to_numpy(dtype=bool))
    hit = hit[np.argsort(stop[hit], kind="stable")]
    moments, place, ties = np.unique(stop[hit], return_inverse=True, return_counts=True)
    rank = np.arange(len(hit)) - (np.cumsum(ties) - ties)[place]
    return _RiskSets(x - x.mean(axis=0), start, stop, hit, moments, place, rank / ties[place])


def _sums(sets: _RiskSets, ratios: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """The weight of each row, and per event the sums over those at risk of weight, weight x, weight x x'.

    Tied events are taken out one after the other in equal parts (Efron). Rows of later strata are in both sums
    of the difference, and so in neither.
    """
    p = sets.x.shape[1]
    weight = np.exp(sets.x @ ratios)
    cross = (sets.x[:, :, None] * sets.x[:, None, :]).reshape(len(weight), -1)
    values = weight[:, None] * np.column_stack([np.ones(len(weight)), sets.x, cross])
    at_risk = _sum_from(sets.stop, values, sets.moments) - _sum_from(sets.start, values, sets.moments)
    tied = np.zeros((len(sets.moments), values.shape[1]))
    np.add.at(tied, sets.place, values[sets.hit])
    left = at_risk[sets.place] - sets.tied_share[:, None] * tied[sets.place]
    return weight, left[:, 0], left[:, 1 : p + 1], left[:, p + 1 :].reshape(-1, p, p)


def _sum_from(keys: Places, values: Floats, asked: Places) -> Floats:
    """Sums of the rows whose key is at or after each asked one."""
    order = np.argsort(keys, kind="stable")
    totals = np.vstack([np.cumsum(values[order][::-1], axis=0)[::-1], np.zeros(values.shape[1])])
    found: Floats = totals[np.searchsorted(keys[order], asked, side="left")]
    return found


def _moments(sets: _RiskSets, ratios: Floats) -> tuple[float, Floats, Floats]:
    """Log partial likelihood, score and information."""
    _, s0, s1, s2 = _sums(sets, ratios)
    means = s1 / s0[:, None]
    information = (s2 / s0[:, None, None] - means[:, :, None] * means[:, None, :]).sum(axis=0)
    x = sets.x[sets.hit]
    return float((x @ ratios).sum() - np.log(s0).sum()), (x - means).sum(axis=0), information


def _score_residuals(sets: _RiskSets, ratios: Floats) -> Floats:
    """What each row adds to the score: its own event, less what the hazard it was exposed to made expected."""
    weight, s0, s1, _ = _sums(sets, ratios)
    means = s1 / s0[:, None]
    hazard = np.column_stack([np.ones(len(s0)), means]) / s0[:, None]
    steps, spared = np.zeros((2, len(sets.moments), hazard.shape[1]))
    np.add.at(steps, sets.place, hazard)
    np.add.at(spared, sets.place, sets.tied_share[:, None] * hazard)
    total = np.vstack([np.zeros(hazard.shape[1]), np.cumsum(steps, axis=0)])
    until, since = (np.searchsorted(sets.moments, keys, side="right") for keys in (sets.stop, sets.start))
    exposed = total[until] - total[since]
    exposed[sets.hit] -= spared[sets.place]
    residuals = -weight[:, None] * (sets.x * exposed[:, :1] - exposed[:, 1:])
    shared = np.zeros((len(sets.moments), means.shape[1]))
    np.add.at(shared, sets.place, means)
    ties = np.bincount(sets.place)
    residuals[sets.hit] += sets.x[sets.hit] - (shared / ties[:, None])[sets.place]
    return np.asarray(residuals, dtype=float)


def estimate_stratified_cox(
    periods: pd.DataFrame, *, covariates: Sequence[str] = ("is_exposed",), stratum: str, cluster: str = "patient_id",
    level: float = 0.95,
) -> pd.DataFrame:  # fmt: skip
    """Hazard ratios of `fit_stratified_cox`: one row per covariate: term, estimate, low, high, p, n, events, note.

    `n` counts clusters, `events` clusters with an event: a patient compared many times is one patient. Wald interval
    and p value on the log scale, from the robust variance.

    One stratum gives the ratio of `estimate_cox`:

    >>> periods = pd.DataFrame({"patient_id": list("ABCD"), "start": 0.0, "stop": [1.0, 2.0, 3.0, 4.0], "s": "one",
    ...                         "is_event": [True, True, True, False], "is_exposed": [1, 0, 1, 0]})
    >>> estimate_stratified_cox(periods, stratum="s").estimate.round(4).tolist()
    [2.5616]
    """
    fit = fit_stratified_cox(periods, covariates=covariates, stratum=stratum, cluster=cluster)
    errors = np.sqrt(np.diag(fit.covariance))
    errors = np.where(errors > 0, errors, np.nan)
    width = norm.ppf((1 + level) / 2) * errors
    return pd.DataFrame({
        "term": list(fit.names), "estimate": np.exp(fit.log_ratios), "low": np.exp(fit.log_ratios - width),
        "high": np.exp(fit.log_ratios + width), "p": 2 * norm.sf(np.abs(fit.log_ratios) / errors),
        "n": periods[cluster].nunique(), "events": periods.loc[periods["is_event"], cluster].nunique(),
        "note": fit.note,
    })  # fmt: skip
