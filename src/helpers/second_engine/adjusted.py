"""Adjusted and stratified hazard ratios a second time: by statsmodels, on regimens pooled and terms chosen afresh."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from statsmodels.duration.hazard_regression import PHReg

from helpers.second_engine.check import Check, Engines, check_parts, make_ratio
from helpers.second_engine.cox import COX, lay_out_periods, solve_cox
from helpers.second_engine.logistic import keep_independent

Floats = NDArray[np.float64]

PHREG = Engines("halved Newton steps, running sums", "statsmodels PHReg", 1e-6, "both iterate until the steps vanish")

BASELINE = ("age_decades", "egfr_tens", "any_apl", "active_sediment", "cyclophosphamide", "year_fives")
FEWEST_PATIENTS = 10
"""What the chapter holds equal, and when it pools regimens: stated again, so that a slip there is found here."""

_LARGEST = 15.0


def check_adjusted(outcomes: pd.DataFrame, *, adjusters: pd.DataFrame) -> list[Check]:
    """The checks of the hazard ratio of the label with regimen, year and baseline held equal, and in strata.

    `adjusters` has one row per patient: patient_id, the columns of `BASELINE`, regimen and era.
    """
    periods = lay_out_periods(outcomes, approach="timedependent", landmark_months=0.0)
    ids = outcomes["patient_id"].to_numpy(object)[periods["row"].to_numpy(int)]
    table = periods.join(adjusters.set_index("patient_id").loc[ids].reset_index())
    table = table.assign(pooled=table["regimen"].map(pool_regimens(table)))
    treated, timed = table.loc[table["regimen"].notna()], table.loc[table["era"].notna()]
    whole = table.loc[table[list(BASELINE)].notna().all(axis=1)]
    sizes = treated.groupby("pooled")["patient_id"].nunique().sort_values(ascending=False, kind="stable")
    dummies = pd.get_dummies(treated["pooled"], dtype=float)[list(sizes.index)]  # the largest is the reference
    regimens = treated.join(dummies.set_axis([f"regimen {place}" for place in range(dummies.shape[1])], axis=1))
    names = tuple(str(name) for name in regimens if str(name).startswith("regimen "))
    plans: dict[str, tuple[pd.DataFrame, tuple[str, ...], str | None]] = {
        "crude": (table, (), None), "regimen_year": (regimens, (*names[1:], "year_fives"), None),
        "by_regimen": (treated, (), "regimen"), "by_era": (timed, (), "era"), "crude_complete": (whole, (), None),
        "baseline": (whole, BASELINE, None)}  # fmt: skip
    checks = []
    for name, (rows, held, strata) in plans.items():
        alone = not held and strata is None
        found = solve_cox(rows) if alone else fit_phreg(rows, held=held, strata=strata)
        engines, id = COX if alone else PHREG, f"survival.composite.adjusted.{name}"
        checks += check_parts(f"{id}.hr", {part: found[part] for part in ("value", "low", "high")}, engines=engines)
        checks.append(Check(f"{id}.p", found["p"], engines))
    return checks


def pool_regimens(periods: pd.DataFrame) -> dict[str, str]:
    """The name under which each regimen enters the model: those of few patients share one.

    >>> periods = pd.DataFrame({"patient_id": range(22), "regimen": ["a"] * 11 + ["b"] * 10 + ["c"]})
    >>> pool_regimens(periods)
    {'a': 'a', 'b': 'b', 'c': 'rarer'}
    """
    pairs = {(name, patient) for name, patient in zip(periods["regimen"], periods["patient_id"], strict=True)
             if isinstance(name, str)}  # fmt: skip
    sizes = Counter(name for name, _ in pairs)
    return {name: name if size >= FEWEST_PATIENTS else "rarer" for name, size in sorted(sizes.items())}


def fit_phreg(periods: pd.DataFrame, *, held: Sequence[str] = (), strata: str | None = None) -> dict[str, float | None]:
    """The hazard ratio of `is_dtt` by statsmodels: value, low, high and p by Wald; missing where there is none.

    What is held equal stays out where it does not vary, where all events lie on one side of a yes-or-no, and where the
    terms before it determine it.
    """
    nothing: dict[str, float | None] = dict.fromkeys(("value", "low", "high", "p"))
    is_event = periods["is_event"].to_numpy(bool)
    label = periods["is_dtt"].to_numpy(float)
    if len(np.unique(label)) < 2 or len(np.unique(label[is_event])) < 2:
        return nothing
    columns = [periods[name].to_numpy(float) for name in held]
    fit_for = [column for column in columns
               if not (np.isin(column, (0.0, 1.0)).all() and len(np.unique(column[is_event])) < 2)]  # fmt: skip
    x = np.column_stack([label, *fit_for])
    found = _maximise(periods, x[:, keep_independent(x)], is_event, strata=strata)
    if found is None:
        return nothing
    beta, error = found
    return make_ratio(beta, error)


def _maximise(periods: pd.DataFrame, x: Floats, is_event: Any, *, strata: str | None) -> tuple[float, float] | None:
    """The first coefficient and its error. Times by their rank, starts half a rank later: statsmodels keeps a row at
    risk at its very start. Where whole Newton steps lead astray, its likelihood is climbed by a trust region."""
    ranks = np.unique(periods[["start", "stop"]].to_numpy(float))
    start, stop = (np.searchsorted(ranks, periods[name].to_numpy(float)) for name in ("start", "stop"))
    centred = (x - x.mean(axis=0)) / x.std(axis=0)
    model = PHReg(stop.astype(float), centred, entry=start + 0.5, status=is_event.astype(int), ties="efron",
                  strata=None if strata is None else pd.factorize(periods[strata])[0])  # fmt: skip
    with np.errstate(all="ignore"):
        beta = np.zeros(x.shape[1])
        for _ in range(30):
            slope, curve = model.score(beta), model.hessian(beta)
            if not np.isfinite(curve).all() or np.linalg.matrix_rank(curve) < len(curve):
                return None
            step = np.linalg.solve(-curve, slope)
            if np.abs(step).max() > 3 * _LARGEST or np.abs(step).max() < 1e-9:
                break
            beta = beta + step
        if np.abs(step).max() >= 1e-9:
            beta = minimize(lambda at: -model.loglike(at), np.zeros(x.shape[1]), jac=lambda at: -model.score(at),
                            hess=lambda at: -model.hessian(at), method="trust-exact", options={"gtol": 1e-9}).x
        errors = np.sqrt(np.diag(np.linalg.pinv(-model.hessian(beta)))) / x.std(axis=0)
        ratios = beta / x.std(axis=0)
    is_peak = np.isfinite(errors).all() and np.abs(ratios).max() < _LARGEST and errors.max() < _LARGEST
    return (float(ratios[0]), float(errors[0])) if is_peak else None
