"""Do the odds ratios stay when the first induction and the calendar year are held equal as well?"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from helpers.definitions.baseline_measures import BASELINE_CATEGORIES
from helpers.predictors import estimate_multivariable
from helpers.predictors.firth import estimate_firth
from helpers.predictors.sample import keep_labelled

FEWEST = 10
"""A regimen that fewer of the patients compared were given is pooled with the other rare ones. The limit is ours:
a term for a handful of patients separates the groups by chance."""

YEAR = "start_year"
POOLED = "regimen_rarer"

_REGIMENS = dict(BASELINE_CATEGORIES["induction_regimen"].levels)


def derive_treatment_terms(cohort: pd.DataFrame, labels: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    """The cohort with its treatment as terms of a model, and the label of each term in order.

    One row per patient of `cohort`. Adds, for every first induction but the commonest of the patients compared
    (ties: the first in the alphabet), a nullable true/false column `regimen_<name>`; regimens of fewer than ten of
    them share `regimen_rarer`; and `start_year`, calendar years since the median start. Unknown stays missing.

    >>> cohort = pd.DataFrame({"patient_id": range(30), "induction_regimen": ["mycophenolate"] * 20
    ...     + ["azathioprine"] * 10, "time_zero_date": pd.Timestamp("2010-05-01")})
    >>> labels = pd.DataFrame({"patient_id": range(30), "is_dtt": [True] * 15 + [False] * 15})
    >>> list(derive_treatment_terms(cohort, labels)[1].values())
    ['Azathioprine (against mycophenolate)', 'Calendar year of the first induction, per year']
    """
    compared = keep_labelled(cohort, labels)
    counts = compared["induction_regimen"].dropna().astype(str).value_counts().sort_index()
    counts = counts.sort_values(ascending=False, kind="stable")
    regimens = cohort["induction_regimen"].astype("string")
    common = [name for name in counts.index[1:] if counts[name] >= FEWEST]
    columns = {f"regimen_{name}": regimens.eq(name) for name in common}
    names = {f"regimen_{name}": _REGIMENS.get(name, name) for name in common}
    if len(counts) > len(common) + 1:
        columns[POOLED] = ~regimens.isin([*common, counts.index[0]]).astype("boolean").mask(regimens.isna())
        names[POOLED] = "A rarer regimen"
    reference = _REGIMENS.get(counts.index[0], counts.index[0]).lower() if len(counts) else ""
    names = {term: f"{name} (against {reference})" for term, name in names.items()}
    start = cohort["time_zero_date"].dt.year
    columns[YEAR] = start - compared["time_zero_date"].dt.year.median()
    return cohort.assign(**columns), names | {YEAR: "Calendar year of the first induction, per year"}


def estimate_with_treatment(
    cohort: pd.DataFrame, labels: pd.DataFrame, *, covariates: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The multivariable model with the first induction and the calendar year added: by maximum likelihood, by Firth.

    Two tables as `estimate_multivariable` and `estimate_firth` make them, with the features first and a row for each
    term of `derive_treatment_terms` after them. The doctor chose the induction, and partly by these features: what
    a feature loses here may go through the treatment that it led to, or be the treatment's own. A sensitivity
    analysis and not a better model (Greenland, Pearl and Robins, Epidemiology 1999;10:37).
    """
    treated, names = derive_treatment_terms(cohort, labels)
    terms = [*covariates, *names]
    together = estimate_multivariable(treated, labels, covariates=terms, names=names)
    return together, estimate_firth(treated, labels, covariates=terms, names=names)


def compare_with_treatment(
    penalised: pd.DataFrame, treated: pd.DataFrame, *, before: pd.DataFrame, after: pd.DataFrame
) -> pd.DataFrame:
    """Firth's odds ratios without and with the treatment in the model, and whether the feature is independent in each.

    One row per term of `treated`: `term`, `label`, `without_estimate`, `without_low`, `without_high`, `without_p`,
    the same for `with_`, `n`, `events`, `status` (of the model with the treatment); `was_independent`,
    `is_independent` ("yes", "no", "cannot tell", from the tables of `label_associations`; missing for the treatment).
    """
    numbers = ["estimate", "low", "high", "p"]
    without = penalised[["term", *numbers]].rename(columns={name: f"without_{name}" for name in numbers})
    table = treated.rename(columns={name: f"with_{name}" for name in numbers}).merge(without, on="term", how="left")
    was, now = (part.set_index("term")["is_independent"] for part in (before, after))
    table = table.assign(was_independent=table["term"].map(was), is_independent=table["term"].map(now))
    columns = [f"{model}_{name}" for model in ("without", "with") for name in numbers]
    return table[["term", "label", *columns, "n", "events", "status", "was_independent", "is_independent"]]


def keep_treatment(comparison: pd.DataFrame) -> pd.DataFrame:
    """The rows of the treatment whose interval, with everything held equal, leaves one out."""
    is_clear = comparison["with_low"].gt(1) | comparison["with_high"].lt(1)
    return comparison.loc[comparison["is_independent"].isna() & is_clear]
