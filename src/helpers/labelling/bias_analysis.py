"""Odds ratios and the share, corrected for a label that noise misreads: probabilistic bias analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from helpers.definitions import FEATURES
from helpers.labelling.misreading import NOISES, Accuracy, reclassify

Floats = NDArray[np.float64]

EXPOSURES = ("any_apl", "active_sediment")
"""The two features that the abstract calls independent predictors."""

FEWEST_KEPT = 0.5
"""Where the data refuse more of the draws than this leaves, what is left says nothing about so much misreading."""

_RUNAWAY = 12.0
_Z95 = 1.959963984540054
AS_LABELLED = "As labelled"
MODELS = {"univariable": "alone", "adjusted": "with the other one in the model"}


def estimate_corrected_share(labels: pd.DataFrame, accuracy: Accuracy | None, *, seed: int) -> dict[str, float]:
    """The share difficult to treat among those told, corrected: estimate, low, high, n, kept_share.

    Median and 2.5th to 97.5th percentile over draws of sensitivity and specificity; each draw relabels every patient at
    random by the predictive values that follow, and adds random error (a draw from Beta(cases + 1/2, others + 1/2)).
    """
    told = labels.loc[labels["is_dtt"].notna(), "is_dtt"].astype(bool).to_numpy()
    nothing = {"estimate": np.nan, "low": np.nan, "high": np.nan, "n": float(len(told)), "kept_share": np.nan}
    if accuracy is None or not len(told):
        return nothing
    rng = np.random.default_rng(seed)
    cases, kept = reclassify(np.array([told.sum()]), np.array([len(told)]), accuracy, rng=rng)
    if kept < FEWEST_KEPT:
        return nothing | {"kept_share": kept}
    shares = rng.beta(cases[:, 0] + 0.5, len(told) - cases[:, 0] + 0.5)
    low, middle, high = np.percentile(shares, [2.5, 50, 97.5])
    return nothing | {"estimate": float(middle), "low": float(low), "high": float(high), "kept_share": kept}


def estimate_corrected_odds_ratios(
    cohort: pd.DataFrame, labels: pd.DataFrame, *, accuracies: Mapping[str, Accuracy | None], seed: int,
    exposures: Sequence[str] = EXPOSURES,
) -> pd.DataFrame:  # fmt: skip
    """The odds ratios, as labelled and corrected for misreading: one row per model, term, noise.

    `accuracies` are the priors by name (`derive_accuracies`). Columns: `term` ("univariable.any_apl.labelled" and
    ".own"), `label`, `noise` (words), `sensitivity_share` and `specificity_share` (means of the
    priors), `estimate`, `low`, `high`, `n`, `kept_share` (draws that the data allow), `note`.

    Record-level probabilistic bias analysis: Fox, Lash and Greenland, Int J Epidemiol 2005;34:1370. Each draw of
    sensitivity and specificity (the same for all patients: misreading does not depend on the exposure) gives the
    predictive values in every group of the exposed; each patient is relabelled at random by them, the model is fitted
    again, and its random error is added. Median and 2.5th to 97.5th percentile. Draws that would need a negative number
    of patients are refused; where more than half are, nothing is estimated and the note says so. Half a patient is
    added to every cell of a relabelled table whose odds ratio would be zero or infinite.
    """
    told = cohort.merge(labels.loc[labels["is_dtt"].notna(), ["patient_id", "is_dtt"]], on="patient_id")
    rows = []
    for model in MODELS:
        for terms in [[term] for term in exposures] if model == "univariable" else [list(exposures)]:
            counts = _count_strata(told, terms)
            rows += _rows_of_model(counts, terms, model=model, accuracies=accuracies, seed=seed)
    return pd.DataFrame(rows)


def describe_refused(ratios: pd.DataFrame) -> str:
    """How many corrected odds ratios are not printed, the data refusing most draws: a sentence with ids."""
    if not (ratios["kept_share"] < FEWEST_KEPT).any():
        return "No corrected odds ratio is left out for draws that the data refuse."
    return ("{dtt.bias.refused.n} of {dtt.bias.refused.n:n} corrected odds ratios are not printed, since the data "
            "refuse more than half of their draws.")


def _count_strata(told: pd.DataFrame, terms: list[str]) -> pd.DataFrame:
    """Cases and patients in each combination of the exposures, complete cases only."""
    known = told.dropna(subset=terms)
    table = known[terms].astype(float).assign(case=known["is_dtt"].astype(float))
    return table.groupby(terms, as_index=False).agg(cases=("case", "sum"), n=("case", "size"))


def _rows_of_model(
    counts: pd.DataFrame, terms: list[str], *, model: str, accuracies: Mapping[str, Accuracy | None], seed: int
) -> list[dict[str, Any]]:
    design = np.column_stack([np.ones(len(counts)), counts[terms].to_numpy(dtype=float)])
    cases, sizes = counts["cases"].to_numpy(dtype=np.int64), counts["n"].to_numpy(dtype=np.int64)
    usable = np.linalg.matrix_rank(design) == design.shape[1] and 0 < cases.sum() < sizes.sum()
    rows = []
    for key in ("labelled", *accuracies):
        rng, accuracy, as_labelled = np.random.default_rng(seed), accuracies.get(key), key == "labelled"
        drawn, kept, note = _draw_cases(cases, sizes, accuracy, as_labelled=as_labelled, usable=bool(usable), rng=rng)
        ratios = _summarise(drawn, sizes, design, rng=None if as_labelled else rng)
        for place, term in enumerate(terms):
            rates = (np.nan, np.nan) if accuracy is None else accuracy.means
            rows.append({"term": f"{model}.{term}.{key}", "label": f"{FEATURES[term].label}, {MODELS[model]}",
                         "noise": NOISES.get(key, AS_LABELLED), "sensitivity_share": rates[0],
                         "specificity_share": rates[1], **ratios[place],
                         "n": int(sizes.sum()), "kept_share": kept, "note": note})  # fmt: skip
    return rows


def _draw_cases(
    cases: NDArray[np.int64], sizes: NDArray[np.int64], accuracy: Accuracy | None, *, as_labelled: bool, usable: bool,
    rng: np.random.Generator,
) -> tuple[Floats, float, str]:  # fmt: skip
    nothing = np.empty((0, len(cases)))
    if not usable:
        return nothing, np.nan, "the label or the feature does not vary"
    if as_labelled:
        return cases[None, :].astype(float), np.nan, ""
    if accuracy is None:
        return nothing, np.nan, "no noise-free label of both kinds to learn from"
    drawn, kept = reclassify(cases, sizes, accuracy, rng=rng)
    if kept < FEWEST_KEPT:
        return nothing, kept, "not estimated: the data refuse more than half of the draws"
    return drawn, kept, ""


def _summarise(
    drawn: Floats, sizes: NDArray[np.int64], design: Floats, *, rng: np.random.Generator | None
) -> list[dict[str, float]]:
    """Odds ratio and interval of each term: Wald's for the one labelled table, percentiles over many."""
    if not len(drawn):
        return [{"estimate": np.nan, "low": np.nan, "high": np.nan}] * (design.shape[1] - 1)
    beta, error = fit_counts(drawn, sizes, design)
    if rng is None:
        ends = [beta[0] - _Z95 * error[0], beta[0], beta[0] + _Z95 * error[0]]
    else:
        ends = list(np.percentile(beta + error * rng.standard_normal(beta.shape), [2.5, 50, 97.5], axis=0))
    low, middle, high = np.exp(ends)
    return [{"estimate": float(middle[k]), "low": float(low[k]), "high": float(high[k])} for k in range(1, len(middle))]


def fit_counts(cases: Floats, sizes: Any, design: Floats) -> tuple[Floats, Floats]:
    """Logistic regressions of many tables at once: coefficients and standard errors, tables by columns of the design.

    `cases` is tables by strata, `sizes` patients per stratum, `design` strata by columns. Newton's method. A table
    whose estimate runs away to infinity is fitted with half a patient added to every cell (Haldane and Anscombe).
    """
    n = np.broadcast_to(np.asarray(sizes, dtype=float), cases.shape)
    beta, error = _newton(cases, n, design)
    lost = ~(np.abs(beta).max(axis=1) < _RUNAWAY)
    if lost.any():
        beta[lost], error[lost] = _newton(cases[lost] + 0.5, n[lost] + 1.0, design)
    return beta, error


def _newton(cases: Floats, n: Floats, design: Floats) -> tuple[Floats, Floats]:
    products = (design[:, :, None] * design[:, None, :]).reshape(len(design), -1)
    size = design.shape[1]
    beta = np.zeros((len(cases), size))
    ridge = 1e-9 * np.eye(size)
    for _ in range(25):
        risk = expit(np.clip(beta @ design.T, -30, 30))
        information = ((n * risk * (1 - risk)) @ products).reshape(-1, size, size) + ridge
        step = np.linalg.solve(information, ((cases - n * risk) @ design)[:, :, None])[:, :, 0]
        beta += np.clip(step, -3, 3)
        if np.abs(step).max() < 1e-10:
            break
    error = np.sqrt(np.diagonal(np.linalg.inv(information), axis1=1, axis2=2))
    return beta, error


def summarise_bias_facts(
    labels: pd.DataFrame, ratios: pd.DataFrame, *, accuracies: Mapping[str, Accuracy | None], seed: int
) -> dict[str, dict[str, Any]]:
    """What the ledger keeps of the misreading, by id: the odds ratios (`estimate_corrected_odds_ratios`), and under
    each noise sensitivity, specificity and the corrected share."""
    origin = "helpers.labelling.bias_analysis"
    facts: dict[str, dict[str, Any]] = {
        f"dtt.bias.{row['term']}.or": {
            "value": row["estimate"], "low": row["low"], "high": row["high"], "n": row["n"], "null": 1.0,
            "unit": "odds ratio", "origin": origin, "label": f"{row['label']}: {row['noise'].lower()}"}
        for row in ratios.to_dict("records")
    }  # fmt: skip
    facts["dtt.bias.refused.n"] = {
        "value": int((ratios["kept_share"] < FEWEST_KEPT).sum()), "n": int((ratios["noise"] != AS_LABELLED).sum()),
        "unit": "odds ratios", "origin": origin, "label": "Corrected odds ratios most of whose draws the data refuse"}
    for name, accuracy in accuracies.items():
        words = NOISES[name].partition(", ")[2]
        for place, rate in enumerate(("sensitivity", "specificity")):
            low, high = accuracy.range_of(place) if accuracy else (None, None)
            facts[f"dtt.bias.{name}.{rate}"] = {
                "value": accuracy.means[place] if accuracy else None, "low": low, "high": high, "unit": "share",
                "origin": origin, "n": len(labels),
                "label": f"{rate.capitalize()} of the label against the noise-free one, {words}"}  # fmt: skip
        share = estimate_corrected_share(labels, accuracy, seed=seed)
        facts[f"dtt.bias.{name}.share"] = {
            "value": share["estimate"], "low": share["low"], "high": share["high"], "n": int(share["n"]),
            "unit": "share", "origin": origin,
            "label": f"Difficult to treat, corrected for misreading, {words}"}  # fmt: skip
    return facts
