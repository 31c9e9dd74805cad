"""A hazard ratio that moves: one before and one after a cut, and one that changes with the logarithm of time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from helpers.survival.models import fit_cox
from helpers.survival.newton import find_peak

Floats = NDArray[np.float64]
Basis = Callable[[Floats], Floats]
"""Months in; one row per month out, with the columns whose weighted sum is the log hazard ratio."""

AT_MONTHS = (12.0, 60.0)
"""Months at which the ratio of the log-time model is printed."""


@dataclass(frozen=True)
class MovingFit:
    """Coefficients of a basis and their covariance, or why there are none."""

    coefficients: Floats
    covariance: Floats
    note: str = ""


def log_time(months: Floats) -> Floats:
    """The basis of a log hazard ratio a + b log(t + 1)."""
    return np.column_stack([np.ones(len(months)), np.log1p(months)])


def make_steps(cut: float) -> Basis:
    """The basis of one log hazard ratio up to and with the month `cut`, and another after it.

    >>> make_steps(12.0)(np.array([12.0, 12.1])).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    return lambda months: np.column_stack([months <= cut, months > cut]).astype(float)


def choose_cut(periods: pd.DataFrame) -> float:
    """The median event month, so that about half of the events fall before it; missing without an event.

    >>> choose_cut(pd.DataFrame({"stop": [1.0, 2.0, 9.0], "is_event": [True, True, False]}))
    1.5
    """
    return float(periods.loc[periods["is_event"], "stop"].median())


def fit_moving(periods: pd.DataFrame, *, basis: Basis) -> MovingFit:
    """The Cox model of `is_dtt` (0 or 1) with a log hazard ratio that is the basis at the month times coefficients.

    One row per period at risk, as for `helpers.survival.models.fit_cox`; ties by Efron's method. Equal to splitting
    every period at every event month and giving each piece the basis at its end (R: survSplit and coxph, or tt()),
    but counts of exposed and unexposed at each event are all that the likelihood needs. Missing, with a note, where
    the constant model has no answer, or where the likelihood has no peak (no event on one side of a cut, say).
    """
    note = fit_cox(periods, covariates=["is_dtt"]).note
    counts = _count_at_events(periods)
    x = basis(counts["month"].to_numpy(dtype=float))
    size = x.shape[1]
    if note:
        return MovingFit(np.full(size, np.nan), np.full((size, size), np.nan), note)
    return MovingFit(*find_peak(lambda at: _likelihood(counts, x, at), size=size))


def _count_at_events(periods: pd.DataFrame) -> pd.DataFrame:
    """One row per event month: month, and exposed and other: events, and at risk just before."""
    hit = periods.loc[periods["is_event"]]
    months = np.unique(hit["stop"].to_numpy(dtype=float))
    columns: dict[str, Floats] = {"month": months}
    for name, value in (("exposed", 1), ("other", 0)):
        part = periods.loc[periods["is_dtt"] == value]
        start, stop = (np.sort(part[end].to_numpy(dtype=float)) for end in ("start", "stop"))
        begun, ended = np.searchsorted(start, months, side="left"), np.searchsorted(stop, months, side="left")
        columns[f"{name}_at_risk"] = (begun - ended).astype(float)
        own = np.sort(hit.loc[hit["is_dtt"] == value, "stop"].to_numpy(dtype=float))
        columns[f"{name}_events"] = (
            np.searchsorted(own, months, side="right") - np.searchsorted(own, months, side="left")).astype(float)
    return pd.DataFrame(columns)


def _likelihood(counts: pd.DataFrame, x: Floats, at: Floats) -> tuple[float, Floats, Floats]:
    """Log partial likelihood, score and information; tied events leave one after the other in equal parts (Efron)."""
    exposed, other = counts["exposed_events"].to_numpy(), counts["other_events"].to_numpy()
    ties = (exposed + other).astype(int)
    row = np.repeat(np.arange(len(ties)), ties)
    gone = (np.arange(len(row)) - np.repeat(np.cumsum(ties) - ties, ties)) / ties[row]
    eta = x @ at
    ratio = np.exp(np.clip(eta, -300, 300))
    with_it = (counts["exposed_at_risk"].to_numpy()[row] - gone * exposed[row]) * ratio[row]
    whole = with_it + counts["other_at_risk"].to_numpy()[row] - gone * other[row]
    share = with_it / whole
    expected = np.bincount(row, weights=share, minlength=len(ties))
    spread = np.bincount(row, weights=share * (1 - share), minlength=len(ties))
    return float(exposed @ eta - np.log(whole).sum()), x.T @ (exposed - expected), (x.T * spread) @ x


def estimate_time_varying(periods: pd.DataFrame, *, cut: float | None = None, level: float = 0.95) -> pd.DataFrame:
    """How the hazard ratio moves, by two models: one row per term.

    term, label, estimate, low, high, p, n, events, cut_months, note. Terms: "early" and "late" (hazard ratio up to the
    cut and after it), "late_over_early" (the change, whose p tests it), "per_doubling" (what each doubling of t + 1
    months multiplies the ratio by, from beta(t) = a + b log(t + 1)), and "at_12", "at_60" (the ratio of that model at
    these months). `cut` is the median event month by default. `events` are those that the row rests on: before the
    cut, after it, or all. Wald intervals on the log scale. A cut chosen by the events, and two models looked at, make
    these numbers a description, not a confirmed finding. Source: Therneau and Grambsch, Modeling Survival Data,
    Springer 2000, section 6.5.

    >>> periods = pd.DataFrame({"patient_id": list("ABCD"), "start": 0.0, "stop": [1.0, 2.0, 3.0, 4.0],
    ...                         "is_event": False, "is_dtt": [1, 0, 1, 0]})
    >>> estimate_time_varying(periods)[["term", "note"]].values.tolist()[0]
    ['early', 'no event']
    """
    cut = choose_cut(periods) if cut is None else cut
    stop = periods.loc[periods["is_event"], "stop"]
    steps, logs = fit_moving(periods, basis=make_steps(cut)), fit_moving(periods, basis=log_time)
    early, late = int((stop <= cut).sum()), int((stop > cut).sum())
    contrasts: Mapping[str, tuple[str, MovingFit, list[float], int]] = {
        "early": ("Up to the cut", steps, [1, 0], early), "late": ("After the cut", steps, [0, 1], late),
        "late_over_early": ("Change: after over up to", steps, [-1, 1], early + late),
        "per_doubling": ("Change per doubling of time", logs, [0, float(np.log(2))], early + late),
        **{f"at_{month:g}": (f"At {month:g} months", logs, log_time(np.array([month]))[0].tolist(), early + late)
           for month in AT_MONTHS},
    }  # fmt: skip
    table = pd.DataFrame([
        {"term": term, "label": label, **_combine(fit, np.array(weights), level=level), "events": events,
         "note": fit.note} for term, (label, fit, weights, events) in contrasts.items()])  # fmt: skip
    return table.assign(n=periods["patient_id"].nunique(), cut_months=cut)[
        ["term", "label", "estimate", "low", "high", "p", "n", "events", "cut_months", "note"]]


def _combine(fit: MovingFit, weights: Floats, *, level: float = 0.95) -> dict[str, float]:
    """A weighted sum of coefficients as a ratio with its interval and p value."""
    value, error = float(weights @ fit.coefficients), float(np.sqrt(weights @ fit.covariance @ weights))
    width = norm.ppf((1 + level) / 2) * error
    return {"estimate": np.exp(value), "low": np.exp(value - width), "high": np.exp(value + width),
            "p": 2 * norm.sf(abs(value) / error)}  # fmt: skip


def derive_effects(periods: pd.DataFrame, *, end: float, points: int = 121) -> pd.DataFrame:
    """The log hazard ratio of each model over time, for a figure: model ("constant", "steps", "log_time"), month,
    estimate, low, high. From 0 to `end`; a model without an answer has no rows.
    """
    months = np.linspace(0.0, max(end, 0.0), points)
    models: Mapping[str, Basis] = {
        "constant": lambda at: np.ones((len(at), 1)), "steps": make_steps(choose_cut(periods)), "log_time": log_time}
    parts = []
    for name, basis in models.items():
        fit, x = fit_moving(periods, basis=basis), basis(months)
        width = norm.ppf(0.975) * np.sqrt(np.einsum("ti,ij,tj->t", x, fit.covariance, x))
        middle = x @ fit.coefficients
        parts.append(pd.DataFrame({"model": name, "month": months, "estimate": middle, "low": middle - width,
                                   "high": middle + width}))  # fmt: skip
    return pd.concat(parts, ignore_index=True).dropna(ignore_index=True)
