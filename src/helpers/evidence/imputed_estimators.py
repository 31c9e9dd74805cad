"""Odds ratios after multiple imputation of what is missing."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from helpers.evidence.planted_features import ERA, list_features
from helpers.evidence.records import Record, record_ratio
from helpers.imputation import impute_chained
from helpers.imputation.frame import choose_sets
from helpers.predictors.imputed import ImputedFeatures, estimate_multivariable_imputed


def estimate_imputed(tables: Mapping[str, pd.DataFrame]) -> list[Record]:
    """Odds ratios pooled by Rubin's rules: an acting feature with gaps, and one without effect and without gaps.

    The label and the era are in the imputation model, the era is not in the analysis. As many completed data sets as
    the percentage of patients with a gap, at least twenty.
    """
    cohort, is_dtt = tables["cohort"], tables["labels"]["is_dtt"]
    names = list_features(cohort)
    frame = cohort[[*names, ERA]].astype(float).assign(is_dtt=is_dtt.astype(float))
    completed = impute_chained(frame, sets=choose_sets(frame, asked=0), seed=1)
    table = estimate_multivariable_imputed(ImputedFeatures(completed, is_dtt.to_numpy(bool)), covariates=names)
    rows = table.set_index("term")
    return [record_ratio("imputed_acting", rows.loc[names[0]]), record_ratio("imputed_idle", rows.loc[names[2]])]
