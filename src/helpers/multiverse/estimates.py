"""The estimates of one definition under every analysis, by the functions that the chapters call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import cast

import pandas as pd

from helpers.multiverse.grid import Option
from helpers.parameters import Parameters
from helpers.predictors import estimate_multivariable
from helpers.predictors.firth import estimate_firth
from helpers.survival.risk_sets import Approach, derive_risk_periods
from helpers.survival.time_zero import estimate_periods

_ESTIMATORS: Mapping[str, Callable[..., pd.DataFrame]] = {
    "multivariable": estimate_multivariable, "firth": estimate_firth,
}  # fmt: skip

ODDS = ("covariates", "estimator", "term", "estimate", "low", "high", "p", "n", "events", "status")
HAZARDS = ("worsening_rule", "time_zero", "estimate", "low", "high", "p", "n", "dtt_n", "events", "events_dtt", "note")


def estimate_odds(
    cohort: pd.DataFrame, labels: pd.DataFrame, *, covariates: Sequence[tuple[Option, Parameters]],
    estimators: Sequence[Option],
) -> pd.DataFrame:  # fmt: skip
    """The odds ratio of every feature: one row per option of covariates, estimator and feature of the model.

    An estimate that cannot be had is missing, and `status` says why.
    """
    parts = [
        _ESTIMATORS[estimator.reads](cohort, labels, covariates=parameters.covariates)
        .assign(covariates=option.name, estimator=estimator.name)
        for option, parameters in covariates for estimator in estimators
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)[list(ODDS)]


def derive_periods(
    outcomes: pd.DataFrame, *, time_zeros: Sequence[tuple[Option, Parameters]]
) -> dict[str, pd.DataFrame]:
    """Who was at risk from when to when, for each option of time zero, by its name."""
    return {
        option.name: derive_risk_periods(outcomes, approach=cast(Approach, option.reads),
                                         landmark_months=parameters.landmark_months)
        for option, parameters in time_zeros
    }  # fmt: skip


def estimate_hazards(periods: Mapping[str, pd.DataFrame], *, worsening_rule: str) -> pd.DataFrame:
    """The hazard ratio of the label: one row per option of time zero.

    `dtt_n` counts patients who ever carried the label, `events_dtt` outcomes after it; an estimate that cannot be had
    is missing, and `note` says why.
    """
    parts = [estimate_periods(rows).assign(worsening_rule=worsening_rule, time_zero=name)
             for name, rows in periods.items()]  # fmt: skip
    return pd.concat(parts, ignore_index=True)[list(HAZARDS)]
