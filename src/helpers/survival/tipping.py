"""What if the lost did worse than those who stayed? Event times drawn after loss, under suppositions about them.

Censoring at loss supposes that those who left would have fared as those of their group who stayed. Nothing in the data
can show it. So the lost are followed on by drawing: to the event or the end of the study, their hazard multiplied by
delta (Jackson et al., Stat Med 2014;33:4681).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from helpers.definitions import DAYS_PER_MONTH
from helpers.imputation import pool_rubin
from helpers.imputation.hazards import Bools, Floats, accumulate_hazard, fit_cox_sets, list_risk_sets
from helpers.imputation.tipping import label_verdicts
from helpers.incidence import CENSORED
from helpers.survival.risk_sets import Approach, derive_risk_periods

DELTAS = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, np.inf)
"""By how much the hazard of the lost is multiplied. The ends cannot be left: at 0 none of them had the outcome before
the end of the study, at infinity all of them had it on the day they left."""

SCENARIOS: Mapping[str, tuple[str, int, int]] = MappingProxyType({
    "all": ("All lost patients", 1, 1), "dtt": ("The lost difficult-to-treat only", 0, 1),
    "other": ("The lost others only", 1, 0),
    "opposed": ("The lost others; the lost difficult-to-treat by its inverse", 1, -1),
})  # fmt: skip
"""Whose hazard is multiplied, in words, and the power of delta for the others and for the difficult-to-treat."""

_DELTA_LABELS = MappingProxyType({0.0: "None had the outcome", np.inf: "All had it on the day they left"})

COLUMNS = ("term", "scenario", "label", "delta", "lost_n", "drawn_events", "estimate", "low", "high", "p", "n", "fmi",
           "verdict", "note")  # fmt: skip


@dataclass(frozen=True)
class Loss:
    """The risk periods as arrays, and how far past its end each last period of a lost patient could have gone."""

    start: Floats
    stop: Floats
    is_event: Bools
    is_dtt: Floats
    is_lost: Bools
    horizon: Floats
    patient: np.ndarray[Any, Any]


def derive_loss(
    outcomes: pd.DataFrame, *, cohort: pd.DataFrame, events: pd.DataFrame, approach: Approach = "timedependent",
    landmark_months: float = 0.0,
) -> Loss:  # fmt: skip
    """The composite's risk periods, and which of them ended because the patient was lost.

    Lost: follow-up ended with a recorded loss, the patient is not known to have died, and had not met the composite
    outcome by then. Everybody else who is censored was followed to the end of the study, and stays as he is. The
    horizon of the lost is the last day on which any eligible patient was seen.
    """
    periods = derive_risk_periods(outcomes, approach=approach, landmark_months=landmark_months)
    people = cohort.loc[cohort["is_eligible"]].set_index("patient_id")
    end = (people["followup_end_date"].max() - people["time_zero_date"]).dt.days / DAYS_PER_MONTH
    gone = set(events.loc[events["event_type"].eq("lost_to_followup"), "patient_id"])
    gone -= set(people.index[people["is_dead"].fillna(False).astype(bool)])
    gone &= set(outcomes.loc[outcomes["composite_status"].eq(CENSORED), "patient_id"])
    is_last = ~periods["patient_id"].duplicated(keep="last")
    horizon = periods["patient_id"].map(end).astype(float) - (landmark_months if approach == "landmark" else 0.0)
    is_lost = is_last & periods["patient_id"].isin(gone) & horizon.gt(periods["stop"])
    return Loss(periods["start"].to_numpy(float), periods["stop"].to_numpy(float),
                periods["is_event"].to_numpy(bool), periods["is_dtt"].to_numpy(float),
                is_lost.to_numpy(bool), np.asarray(horizon, dtype=float), pd.factorize(periods["patient_id"])[0])


def estimate_loss_tipping(
    loss: Loss, *, seed: int, sets: int = 20, deltas: Sequence[float] = DELTAS
) -> pd.DataFrame:
    """The hazard ratio of the label, were the hazard of the lost multiplied by delta after they left.

    One row per scenario (`SCENARIOS`: all the lost, the difficult-to-treat only, the others only, the rest of the
    lost then being followed on at delta 1; or the one multiplied and the other divided) and delta: `term` ("all_2"),
    `scenario` (its key), `label`, `delta` (0 to infinity), `lost_n` (of those concerned), `drawn_events` (mean number
    among all the lost), `estimate`, `low`, `high`, `p`, `n`, `fmi`, `verdict`, `note`.

    In each of `sets` data sets: patients get Bayesian bootstrap weights (Rubin, Ann Stat 1981;9:130), so that the
    draws hold the uncertainty of the model they come from; the Cox model and its cumulative baseline hazard are
    fitted with them; a lost patient's event comes when the hazard since loss, times the label's ratio, times delta,
    has used up an exponential draw. Between two events the cumulative hazard rises in a line; past the last event it
    stays, so that who lives past it is censored at the end of the study: there a finite delta moves nobody. The ends of
    the grid hang on no draw: a lost patient stays free of the outcome to the end of the study, or has it at once. The
    model is fitted to each completed set and pooled by Rubin's rules. Every delta sees the same luck. At delta 1 the
    estimate is the censored one but for chance.

    Without events, or without a finite ratio to start from, estimates are missing, with a note.
    """
    rng = np.random.default_rng(seed)
    weights = rng.exponential(size=(sets, int(loss.patient.max(initial=-1)) + 1))[:, loss.patient]
    spent = rng.exponential(size=(sets, int(loss.is_lost.sum())))
    risk = list_risk_sets(loss.start, loss.stop, loss.is_event)
    x = np.broadcast_to(loss.is_dtt[:, None], (sets, len(loss.stop), 1))
    fit = fit_cox_sets(risk, x, weights=weights)
    note = "" if fit.converged.all() else "no finite hazard ratio to start from" if len(risk.rows) else "no event"
    hazard = accumulate_hazard(risk, x, beta=np.nan_to_num(fit.beta), weights=weights)
    ratio = np.exp(np.nan_to_num(fit.beta) * loss.is_dtt[loss.is_lost])
    plan = [(name, delta, _powers(loss, name)) for name in SCENARIOS for delta in deltas]
    found: list[dict[str, float]] = [dict.fromkeys(("drawn_events", "estimate", "low", "high", "p", "fmi"), np.nan)
                                     for _ in plan]  # fmt: skip
    if not note:
        found = _estimate(loss, [
            draw_times(loss, times=risk.times, hazard=hazard, pace=ratio * _multiply(delta, powers), spent=spent)
            for _, delta, powers in plan])  # fmt: skip
    table = pd.DataFrame([
        {"term": f"{name}_{delta:g}".replace(".", "_"), "scenario": name, "delta": delta,
         "label": _DELTA_LABELS.get(delta, f"Hazard × {delta:g}"), "lost_n": int((powers != 0).sum()), **numbers}
        for (name, delta, powers), numbers in zip(plan, found, strict=True)
    ]).assign(n=int(loss.patient.max(initial=-1)) + 1, note=note)  # fmt: skip
    return table.assign(verdict=label_verdicts(table))[list(COLUMNS)]


def _powers(loss: Loss, scenario: str) -> Floats:
    """The power of delta for each lost patient."""
    _, other, dtt = SCENARIOS[scenario]
    return np.where(loss.is_dtt[loss.is_lost] == 1, float(dtt), float(other))


def _multiply(delta: float, powers: Floats) -> Floats:
    """Delta to each patient's power; nothing to the power of minus one is infinite."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.float64(delta) ** powers)


def _estimate(loss: Loss, draws: Sequence[tuple[Floats, Bools]]) -> list[dict[str, float]]:
    """The pooled hazard ratio for each way in which the lost were followed on: when and how their time ended."""
    stop, happened = (np.concatenate(parts) for parts in zip(*draws, strict=True))
    _, first, same = np.unique(np.hstack([stop, happened]), axis=0, return_index=True, return_inverse=True)
    fits = []
    for place in first:  # few lost, the ends of the grid and delta 1 leave fewer sets that differ than were drawn
        ends, is_event = loss.stop.copy(), loss.is_event.copy()
        ends[loss.is_lost], is_event[loss.is_lost] = stop[place], happened[place]
        risk = list_risk_sets(loss.start, ends, is_event)
        fits.append(fit_cox_sets(risk, loss.is_dtt[None, :, None]))
    betas, spreads = (np.split(np.concatenate(parts)[same.ravel()], len(draws))
                      for parts in ([fit.beta for fit in fits], [fit.covariance[:, 0] for fit in fits]))  # fmt: skip
    complete_df = max(int(loss.is_event.sum()) - 1, 1)
    rows = []
    for (_, drawn), beta, spread in zip(draws, betas, spreads, strict=True):
        pooled = pool_rubin(beta, spread, complete_df=complete_df).iloc[0]
        ends = np.exp(pooled[["estimate", "low", "high"]].to_numpy(float))
        rows.append({"drawn_events": float(drawn.sum(axis=1).mean()), "estimate": ends[0], "low": ends[1],
                     "high": ends[2], "p": pooled["p"], "fmi": pooled["fmi"]})  # fmt: skip
    return rows


def draw_times(
    loss: Loss, *, times: Floats, hazard: Floats, pace: Floats, spent: Floats
) -> tuple[Floats, Bools]:
    """When each lost patient's time ends, and whether with an event: sets by lost.

    `times` and `hazard` (sets by events) are the cumulative baseline hazard, `pace` what it is multiplied by, `spent`
    the exponential draws. An infinite pace uses them up at once.
    """
    grid, place = np.unique(times, return_index=True)
    last = np.append(place[1:], len(times)) - 1
    grid = np.concatenate([[0.0], grid])
    curve = np.concatenate([np.zeros((len(hazard), 1)), hazard[:, last]], axis=1)
    left, horizon = loss.stop[loss.is_lost], loss.horizon[loss.is_lost]
    stop = np.empty(spent.shape)
    for row, own in enumerate(curve):
        with np.errstate(divide="ignore"):
            target = np.interp(left, grid, own) + spent[row] / pace[row]
        stop[row] = np.interp(target, own, grid, right=np.inf)
    happened = stop <= horizon
    return np.where(happened, np.maximum(stop, left + 1e-6), horizon), happened
