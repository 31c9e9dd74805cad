"""The permutation null of each definition: which patients are shuffled among which, and the score of each shuffle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.incidence import CENSORED
from helpers.multiverse.grid import EXPOSURES, Option
from helpers.multiverse.null import Scores, draw_shuffles, score_exposure, score_hazard
from helpers.parameters import Parameters

NULL = ("quantity", "covariates", "worsening_rule", "time_zero", "observed", "permuted")


@dataclass(frozen=True)
class Shuffles:
    """The shuffles of each exposure's values, and of the labels against the outcomes: permutations by patients."""

    exposures: Mapping[str, NDArray[np.intp]]
    labels: NDArray[np.intp]


def derive_blocks(cohorts: Sequence[pd.DataFrame]) -> dict[str, NDArray[np.intp]]:
    """Who is shuffled among whom, by quantity: a number of its block for each patient on file, sorted by patient.

    `cohorts` are those of all definitions. An exposure's values move among patients in whom it is known in the same
    cohorts; labels among patients eligible in the same ones, for eligibility looks at the follow-up that the outcome
    is counted in, and has to stay with it.
    """
    sides = [cohort.sort_values("patient_id") for cohort in cohorts]
    known = {name: [side[name].notna().to_numpy(bool) for side in sides] for name in EXPOSURES}
    known["hazard"] = [side["is_eligible"].to_numpy(bool) for side in sides]
    return {name: np.unique(np.column_stack(flags), axis=0, return_inverse=True)[1].ravel()
            for name, flags in known.items()}  # fmt: skip


def draw_all(blocks: Mapping[str, NDArray[np.intp]], *, permutations: int, seed: int) -> Shuffles:
    """The shuffles that all definitions share; those of each quantity have a seed of their own."""
    drawn = {name: draw_shuffles(len(own), blocks=own, permutations=permutations, seed=seed + place)
             for place, (name, own) in enumerate(blocks.items())}  # fmt: skip
    return Shuffles({name: drawn[name] for name in EXPOSURES}, drawn["hazard"])


def score_exposures(
    cohort: pd.DataFrame, labels: pd.DataFrame, *, covariates: Sequence[tuple[Option, Parameters]], shuffles: Shuffles
) -> Iterator[dict[str, Any]]:
    """One row per option of covariates and exposure in it: score z as observed and as shuffled."""
    people = cohort.sort_values("patient_id", ignore_index=True)
    answers = labels.set_index("patient_id")["is_dtt"].astype("Float64")
    label = np.asarray(people["patient_id"].map(answers), dtype=float)
    terms = dict.fromkeys(name for _, parameters in covariates for name in parameters.covariates)
    values = people[list(terms)].astype(float)
    for option, parameters in covariates:
        for exposure in (name for name in EXPOSURES if name in parameters.covariates):
            others = values[[name for name in parameters.covariates if name != exposure]].to_numpy(float)
            scores = score_exposure(values[exposure].to_numpy(float), others, label, shuffles.exposures[exposure])
            yield _make_row(exposure, scores, covariates=option.name)


def score_hazards(
    cohort: pd.DataFrame, outcomes: pd.DataFrame, *, worsening_rule: str,
    time_zeros: Sequence[tuple[Option, Parameters]], shuffles: Shuffles,
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """One row per option of time zero: score z of the label's hazard ratio as observed and as shuffled.

    `outcomes` of eligible patients, with their groups.
    """
    ids = cohort["patient_id"].sort_values()
    rows = outcomes.set_index("patient_id").reindex(ids)
    is_dtt = np.asarray(rows["group"].map({"dtt": 1.0, "other": 0.0}), dtype=float)
    is_event = rows["composite_status"].fillna(CENSORED).ne(CENSORED).to_numpy(bool)
    months, label_month = (np.asarray(rows[name], dtype=float) for name in ("composite_months", "label_month"))
    for option, parameters in time_zeros:
        landmark = parameters.landmark_months if option.reads == "landmark" else None
        scores = score_hazard(months, is_event, is_dtt, label_month, shuffles.labels, landmark_months=landmark)
        yield _make_row("hazard", scores, worsening_rule=worsening_rule, time_zero=option.name)


def _make_row(quantity: str, scores: Scores, **options: str) -> dict[str, Any]:
    """A row of the results; what does not reach a quantity is empty."""
    return {"quantity": quantity, **dict.fromkeys(NULL[1:4], ""), **options,
            "observed": scores.observed, "permuted": scores.permuted.astype(np.float32)}  # fmt: skip
