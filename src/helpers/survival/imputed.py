"""The adjusted hazard ratio once more, with what is unknown of the baseline filled in many times over."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.imputation import Completed, impute_chained, pool_rubin
from helpers.imputation.frame import choose_sets, derive_auxiliaries
from helpers.imputation.hazards import Floats, fit_cox_sets, list_risk_sets
from helpers.imputation.patterns import estimate_incompleteness
from helpers.incidence import CENSORED
from helpers.survival.adjusted import BASELINE, keep_usable
from helpers.survival.curves import GROUPS

UNPOOLED = "no estimate in some completed data sets"

COLUMNS = ("term", "label", "estimate", "low", "high", "p", "n", "events", "parameters", "fmi", "df", "sets", "note")

TRAITS = {"is_event": "The composite outcome", "is_dtt": "Difficult to treat", "aux_year": "Calendar year, per year",
          "aux_egfr": "eGFR, per mL/min/1.73 m²"}  # fmt: skip
"""What being incomplete is held against."""


def derive_imputation_frame(outcomes: pd.DataFrame, *, cohort: pd.DataFrame, adjusters: pd.DataFrame) -> pd.DataFrame:
    """What the imputation model of the survival analysis holds, as numbers, with the patient as index.

    One row per patient with an outcome and a label: the adjusters of `BASELINE`, `is_dtt`, the outcome as `is_event`
    and as the Nelson-Aalen `hazard` up to the end of the patient's time, and the auxiliaries of `derive_auxiliaries`
    that the adjusters do not hold already. The hazard and not the time itself: with it and the event indicator in the
    model, imputed covariates are right for a Cox model to close approximation (White and Royston, Stat Med
    2009;28:1982).
    """
    rows = outcomes.loc[outcomes["composite_status"].notna() & outcomes["group"].isin(GROUPS)]
    rows = rows[["patient_id", "composite_months", "composite_status", "group"]].reset_index(drop=True)
    is_event = rows["composite_status"].ne(CENSORED)
    frame = rows[["patient_id"]].assign(
        is_event=is_event.astype(float), is_dtt=rows["group"].eq("dtt").astype(float),
        hazard=measure_hazard(rows["composite_months"].to_numpy(float), is_event.to_numpy(bool)))
    people = rows[["patient_id"]].merge(cohort, on="patient_id", how="left", validate="one_to_one")
    frame = frame.merge(adjusters[["patient_id", *BASELINE]], on="patient_id", how="left", validate="one_to_one")
    return frame.join(derive_auxiliaries(people)).set_index("patient_id").astype(float)


def measure_hazard(months: Floats, is_event: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
    """The Nelson-Aalen cumulative hazard of everybody, at each one's own time; tied events are counted at once.

    >>> measure_hazard(np.array([1.0, 2.0, 3.0]), np.array([True, False, True])).round(4).tolist()
    [0.3333, 0.3333, 1.3333]
    """
    times, place = np.unique(months, return_inverse=True)
    leaving = np.bincount(place, minlength=len(times))
    at_risk = len(months) - np.cumsum(leaving) + leaving
    steps = np.bincount(place, weights=is_event.astype(float), minlength=len(times)) / np.maximum(at_risk, 1)
    return np.asarray(np.cumsum(steps)[place])


def impute_baseline(frame: pd.DataFrame, *, imputations: int, seed: int) -> Completed:
    """The frame of `derive_imputation_frame`, completed; `imputations` 0: the percentage of patients with a gap in the
    baseline of the model, at least twenty."""
    inside = frame.drop(columns=["aux_year", "aux_egfr"])
    sets = choose_sets(frame[list(BASELINE)], asked=imputations)
    return impute_chained(inside, sets=sets, seed=seed)


def estimate_adjusted_imputed(
    periods: pd.DataFrame, *, frame: pd.DataFrame, imputations: int, seed: int, held: Sequence[str] = BASELINE
) -> pd.DataFrame:
    """The hazard ratio of the label with the baseline held equal, pooled over completed data sets, in one row.

    `term` ("baseline_imputed"), `label`, `estimate`, `low`, `high`, `p`, `n`, `events`, `parameters`, `fmi`, `df`,
    `sets`, `note`. The same model as "baseline" of `estimate_adjusted`, in all patients of `periods` instead of the
    complete ones; Cox models of all data sets at once (`fit_cox_sets`, ties by Efron), pooled on the log scale by
    Rubin's rules with events minus coefficients as degrees of freedom of the complete data, as R's mice does.
    Missing, with a note, where a data set has no finite answer.
    """
    completed = impute_baseline(frame, imputations=imputations, seed=seed)
    place = frame.index.get_indexer(pd.Index(periods["patient_id"]))
    known = [name for name in held if name in completed.names]
    first = periods[["is_event", "is_dtt"]].join(pd.DataFrame(completed.take(known)[0, place], columns=known,
                                                              index=periods.index))  # fmt: skip
    kept, dropped = keep_usable(first, ["is_dtt", *known])
    draws = completed.take(kept[1:])[:, place]
    label = np.broadcast_to(periods["is_dtt"].to_numpy(float), draws.shape[:2])
    risk = list_risk_sets(periods["start"].to_numpy(float), periods["stop"].to_numpy(float),
                          periods["is_event"].to_numpy(bool))  # fmt: skip
    fit = fit_cox_sets(risk, np.concatenate([label[:, :, None], draws], axis=2))
    events = int(periods["is_event"].sum())
    pooled = pool_rubin(fit.beta[:, :1], fit.covariance[:, :1, 0], complete_df=max(events - len(kept), 1)).iloc[0]
    numbers = ["estimate", "low", "high"]
    ends = dict(zip(numbers, np.exp(pooled[numbers].astype(float)), strict=True))
    out = [*dropped, *(name for name in held if name not in known)]
    note = "left out: " + ", ".join(name.replace("_", " ") for name in out) if out else ""
    if not fit.converged.all():
        note = UNPOOLED if events else "no event"
    return pd.DataFrame([{
        "term": "baseline_imputed", "label": "The same, unknown baseline filled in", **ends, "p": pooled["p"],
        "n": periods["patient_id"].nunique(), "events": events, "parameters": len(kept), "fmi": pooled["fmi"],
        "df": pooled["df"], "sets": len(draws), "note": note,
    }], columns=list(COLUMNS))  # fmt: skip


def join_imputed(adjusted: pd.DataFrame, imputed: pd.DataFrame) -> pd.DataFrame:
    """The rows of `estimate_adjusted` that miss somebody, with the imputed one under them: complete cases beside MI."""
    rows = adjusted.loc[adjusted["term"].isin(["crude", "crude_complete", "baseline"])]
    imputed = imputed.assign(events_per_parameter=imputed["events"] / imputed["parameters"])
    more = ["fmi", "df"]
    return pd.concat([rows.assign(**dict.fromkeys(more, np.nan)), imputed[[*rows.columns, *more]]], ignore_index=True)


def compare_incomplete(frame: pd.DataFrame) -> pd.DataFrame:
    """Whether lacking any of the baseline goes with the outcome, the label, the year or kidney function: `TRAITS`."""
    return estimate_incompleteness(frame, incomplete=frame[list(BASELINE)].isna().any(axis=1), names=TRAITS)
