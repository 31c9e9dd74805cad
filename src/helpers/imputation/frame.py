"""What goes into an imputation model beside the variables of the analysis, and how many data sets to complete."""

from __future__ import annotations

import numpy as np
import pandas as pd

FEWEST = 10
"""A regimen or class of fewer patients is pooled with the other rare ones: too few to foretell anything."""

FEWEST_SETS = 20

_SMALLEST_UPCR = 0.02


def derive_auxiliaries(patients: pd.DataFrame) -> pd.DataFrame:
    """What may foretell a missing value or its absence without being in the analysis, as numbers.

    One row per patient, same index: `aux_year` (of time zero), `aux_egfr`, `aux_log_upcr`, and a 0-or-1 column per
    regimen and class group but the commonest (`aux_regimen_...`, `aux_class_...`; rare ones pooled, unknown among
    them). Missing numbers stay missing and are drawn with the others.

    More variables than the analysis holds make "missing at random" easier to believe (Collins, Schafer and Kam,
    Psychol Methods 2001;6:330).
    """
    upcr = patients["baseline_upcr_g_g"].astype(float).clip(lower=_SMALLEST_UPCR)
    numbers = pd.DataFrame({
        "aux_year": patients["time_zero_date"].dt.year.astype(float),
        "aux_egfr": patients["baseline_egfr"].astype(float), "aux_log_upcr": np.log(upcr),
    }, index=patients.index)  # fmt: skip
    return numbers.join(_spread(patients["induction_regimen"], prefix="aux_regimen")).join(
        _spread(patients["class_group"], prefix="aux_class"))


def _spread(values: pd.Series, *, prefix: str) -> pd.DataFrame:
    """A 0-or-1 column per value but the commonest; values of fewer than ten patients, and none, share one."""
    words = values.astype("object").where(values.notna(), "rare").astype(str)
    counts = words.value_counts()
    words = words.where(words.map(counts) >= FEWEST, "rare")
    spread = pd.get_dummies(words, prefix=prefix, dtype=float)
    commonest = words.value_counts().sort_index().sort_values(ascending=False, kind="stable").index[:1]
    return spread.drop(columns=[f"{prefix}_{name}" for name in commonest])


def choose_sets(frame: pd.DataFrame, *, asked: int) -> int:
    """How many completed data sets: as many as asked for, or with 0 the percentage of incomplete rows, at least 20.

    With that many, the estimates of another seed differ little (White, Royston and Wood, Stat Med 2011;30:377: one
    data set per percent of incomplete cases). At least two, for one tells nothing of what lies between.

    >>> choose_sets(pd.DataFrame({"apl": [1.0, None, None, 0.0]}), asked=0)
    50
    >>> choose_sets(pd.DataFrame({"apl": [1.0, 0.0]}), asked=0), choose_sets(pd.DataFrame({"apl": [1.0]}), asked=1)
    (20, 2)
    """
    if asked:
        return max(asked, 2)
    incomplete = frame.isna().any(axis=1).mean() if len(frame) else 0.0
    return max(FEWEST_SETS, int(np.ceil(100 * incomplete - 1e-9)))
