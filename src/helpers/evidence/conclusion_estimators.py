"""The study's own conclusion, the word "independent", put to the test as one rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from helpers.evidence.planted_features import FeatureTruth, list_features
from helpers.evidence.records import Record, record, record_ratio
from helpers.predictors import estimate_multivariable, estimate_univariable
from helpers.predictors.association import label_associations
from helpers.predictors.firth import estimate_firth
from helpers.predictors.selection import derive_selections, summarise_inclusion

Tables = Mapping[str, pd.DataFrame]

SAMPLES = 100
"""Bootstrap samples per cohort for the inclusion frequencies."""


def estimate_conclusion(tables: Tables, truth: FeatureTruth) -> list[Record]:
    """Firth's odds ratio of the acting feature where the study calls it independent, and whether it so calls any
    feature without effect (p 0 or 1, so that the share of p below 0.05 is the share of cohorts with a false call)."""
    names = list_features(tables["cohort"])
    found = find_independent(tables, names)
    called = found.index.tolist()
    acting = record_ratio("conclusion_acting", found.loc[names[0]]) if names[0] in called \
        else record("conclusion_acting")  # fmt: skip
    return [acting, record("conclusion_any_idle", p=0.0 if set(called) & set(truth.idle) else 1.0)]


def find_independent(tables: Tables, names: Sequence[str]) -> pd.DataFrame:
    """Firth's rows (by term) of the features that `label_associations` calls independent.

    Who is not chosen again often enough is not independent whatever the models say, so they are asked about the stable
    features only, which leaves the answer as it is and spares most of the time.
    """
    cohort, labels = tables["cohort"], tables["labels"]
    selections = derive_selections(cohort, labels, covariates=names, samples=SAMPLES, seed=1, candidates=names)
    inclusion = summarise_inclusion(selections)
    stable = [name for name in names if name in set(inclusion.loc[inclusion["is_stable"].eq("yes"), "term"])]
    if not stable:
        return pd.DataFrame()
    alone = estimate_univariable(cohort, labels, covariates=stable)
    together, penalised = (fit(cohort, labels, covariates=names) for fit in (estimate_multivariable, estimate_firth))
    associations = label_associations(alone, together, penalised, inclusion=inclusion)
    called = associations.loc[associations["is_independent"].eq("yes"), "term"]
    return penalised.set_index("term").loc[called]
