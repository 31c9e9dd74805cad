"""Odds ratios drawn in by a prior that is fixed beforehand."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from helpers.evidence.planted_features import list_features
from helpers.evidence.records import Record, record_ratio
from helpers.predictors.log_f import estimate_log_f


def estimate_shrunken(tables: Mapping[str, pd.DataFrame]) -> list[Record]:
    """Odds ratios under the log-F(1,1) prior, with profile intervals: an acting feature, and one without effect."""
    names = list_features(tables["cohort"])
    rows = estimate_log_f(tables["cohort"], tables["labels"], covariates=names).set_index("term")
    return [record_ratio("log_f_acting", rows.loc[names[0]]), record_ratio("log_f_idle", rows.loc[names[2]])]
