"""The odds ratios once more, with what is missing filled in many times over instead of leaving the patients out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.definitions import FEATURES
from helpers.imputation import Completed, impute_chained, pool_rubin
from helpers.imputation.frame import choose_sets, derive_auxiliaries
from helpers.imputation.logistic import Bools, Floats, fit_logistic
from helpers.imputation.tipping import compare_verdicts, label_verdicts
from helpers.predictors.sample import COLLINEAR, CONSTANT, ESTIMATED, NO_CONTRAST, NO_PATIENTS, keep_labelled

UNPOOLED = "no estimate in some completed data sets"
"""A completed data set was separated, or hardly short of it: the mean over the others would hide that."""

_WIDEST = 2.35
"""As in `helpers.predictors.models`: a standard error above this says nothing."""

COLUMNS = ("term", "label", "estimate", "low", "high", "p", "n", "events", "missing_n", "fmi", "df", "sets", "status")


@dataclass(frozen=True)
class ImputedFeatures:
    """The labelled patients with their features completed many times, and who is difficult to treat."""

    completed: Completed
    is_dtt: Bools

    @property
    def sets(self) -> int:
        """Completed data sets."""
        return len(self.completed.draws)


def impute_features(
    cohort: pd.DataFrame, labels: pd.DataFrame, *, covariates: Sequence[str], imputations: int, seed: int
) -> ImputedFeatures:
    """The features of all labelled patients, completed by chained equations.

    The imputation model holds every feature and covariate, the label itself (left out, features would be drawn as if
    they had nothing to do with it, and odds ratios pulled towards one: Moons et al., J Clin Epidemiol 2006;59:1092),
    and auxiliaries: calendar year, eGFR, proteinuria, class and first regimen. `imputations` 0: as many data sets as
    the percentage of patients with a gap, at least twenty.
    """
    patients = keep_labelled(cohort, labels)
    terms = list(dict.fromkeys([*FEATURES, *covariates]))
    frame = patients[terms].astype(float).join(derive_auxiliaries(patients)).assign(is_dtt=patients["is_dtt"])
    sets = choose_sets(frame[terms], asked=imputations)
    return ImputedFeatures(impute_chained(frame.astype(float), sets=sets, seed=seed), patients["is_dtt"].to_numpy(bool))


def estimate_univariable_imputed(imputed: ImputedFeatures, *, covariates: Sequence[str]) -> pd.DataFrame:
    """The odds ratio of each feature alone, pooled over the completed data sets: all labelled patients in every row.

    Columns as `estimate_multivariable_imputed`.
    """
    return pd.concat([estimate_multivariable_imputed(imputed, covariates=[term]) for term in covariates],
                     ignore_index=True)  # fmt: skip


def estimate_multivariable_imputed(imputed: ImputedFeatures, *, covariates: Sequence[str]) -> pd.DataFrame:
    """The odds ratio of each feature with all others held equal, pooled over the completed data sets.

    One row per feature: `term`, `label`, `estimate` (odds ratio), `low`, `high`, `p`, `n`, `events`, `missing_n`
    (patients in whom it was drawn), `fmi` (fraction of missing information), `df`, `sets`, `status`. Maximum
    likelihood in each data set, pooled on the log odds scale by Rubin's rules (`pool_rubin`). The complete data are
    taken as large, as Wald's tests of a logistic regression take them, so that without anything missing the interval
    is the normal one of complete cases and `df` is infinite. Where one data set has no finite answer the pooled one is
    missing and says so.
    """
    draws, left_out = imputed.completed, dict[str, str]()
    for term in covariates:
        if term not in draws.names:
            left_out[term] = NO_PATIENTS
        elif np.ptp(draws.take([term])) == 0:
            left_out[term] = CONSTANT
    if imputed.is_dtt.all() or not imputed.is_dtt.any():
        left_out = dict.fromkeys(covariates, NO_CONTRAST)
    terms = [term for term in covariates if term not in left_out]
    usable = _drop_determined(draws, terms, left_out=left_out) if terms else []
    pooled = dict(zip(usable, _pool(draws.take(usable), imputed.is_dtt), strict=True)) if usable else {}
    rows = [_row(term, imputed=imputed, pooled=pooled.get(term), status=left_out.get(term, ESTIMATED))
            for term in covariates]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _drop_determined(draws: Completed, terms: list[str], *, left_out: dict[str, str]) -> list[str]:
    """The terms in order, without those that the ones before them determine in every data set (noted)."""
    stacked = draws.take(terms).reshape(-1, len(terms))
    whole = np.column_stack([np.ones(len(stacked)), stacked])
    products = whole.T @ whole
    kept = [0]
    for place, term in enumerate(terms, start=1):
        wider = [*kept, place]
        if np.linalg.matrix_rank(products[np.ix_(wider, wider)]) < len(wider):
            left_out[term] = COLLINEAR
        else:
            kept = wider
    return [terms[place - 1] for place in kept[1:]]


def _pool(x: Floats, y: Bools) -> Floats:
    """Per column of `x` (sets by patients by terms) the pooled odds ratio, its two ends, p, the fraction of missing
    information and the degrees of freedom; missing where a data set has no odds ratio."""
    design = np.concatenate([np.ones((*x.shape[:2], 1)), x], axis=2)
    fit = fit_logistic(design, y.astype(float))
    spread = fit.variance[:, 1:]
    spread = np.where(np.sqrt(spread) > _WIDEST, np.nan, spread)
    pooled = pool_rubin(fit.beta[:, 1:], spread)
    ends = np.exp(pooled[["estimate", "low", "high"]].to_numpy(float))
    return np.hstack([ends, pooled[["p", "fmi", "df"]].to_numpy(float)])


def _row(term: str, *, imputed: ImputedFeatures, pooled: Floats | None, status: str) -> tuple[object, ...]:
    """`pooled`: the term's numbers as `_pool` gives them, None where it is not in the model."""
    if pooled is None:
        pooled = np.full(6, np.nan)
    elif np.isnan(pooled[0]):
        status = UNPOOLED
    known = term in imputed.completed.names
    missing = imputed.completed.count_missing(term) if known else len(imputed.is_dtt)
    return (term, FEATURES[term].label, *pooled[:4], len(imputed.is_dtt), int(imputed.is_dtt.sum()), missing,
            *pooled[4:], imputed.sets, status)  # fmt: skip


def compare_with_imputed(complete: pd.DataFrame, imputed: pd.DataFrame) -> pd.DataFrame:
    """Complete cases and multiple imputation beside each other, and whether the verdict changes.

    One row per feature of `complete`: `term`, `label`; `complete_estimate`, `_low`, `_high`, `_p`, `_n`; the same for
    `imputed_`; `fmi`, `missing_n`; `verdict` ("the same", "another", "cannot tell": on which side of one the interval
    lies, if on one, in either). Both are normal intervals; the pooled widen by what the missing values add.
    """
    numbers = ["estimate", "low", "high", "p", "n"]
    parts = {"complete": complete, "imputed": imputed}
    table = complete[["term", "label"]]
    for name, part in parts.items():
        own = part[["term", *numbers]].rename(columns={number: f"{name}_{number}" for number in numbers})
        table = table.merge(own, on="term", how="left", validate="one_to_one")
    table = table.merge(imputed[["term", "fmi", "missing_n", "status"]], on="term", how="left")
    words = [label_verdicts(complete), label_verdicts(imputed.set_index("term").loc[complete["term"]].reset_index())]
    return table.assign(verdict=[compare_verdicts(one, other) for one, other in zip(*words, strict=True)])
