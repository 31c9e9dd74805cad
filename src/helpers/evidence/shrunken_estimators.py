"""Odds ratios drawn in by a penalty that is fixed beforehand."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from helpers.evidence.planted_features import list_features
from helpers.evidence.records import Record, record_ratio
from helpers.predictors.penalised import estimate_ridge

DEGREES = 5.0
"""Effective parameters allowed: about one per eleven labelled patients of a cohort of the published size."""

SAMPLES = 100


def estimate_shrunken(tables: Mapping[str, pd.DataFrame]) -> list[Record]:
    """Ridge odds ratios of an acting feature and of one without effect, with the bootstrap spread as if an interval."""
    names = list_features(tables["cohort"])
    table = estimate_ridge(tables["cohort"], tables["labels"], covariates=names, degrees=DEGREES,
                           samples=SAMPLES, seed=1)  # fmt: skip
    rows = table.set_index("term")
    return [record_ratio("ridge_acting", rows.loc[names[0]]), record_ratio("ridge_idle", rows.loc[names[2]])]
