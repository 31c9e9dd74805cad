"""The odds ratio of each feature within regimen and calendar period."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from helpers.definitions import FEATURES
from helpers.predictors.models import Z95
from helpers.predictors.sample import ESTIMATED, NO_CONTRAST, NO_PATIENTS, Floats, keep_labelled
from helpers.predictors.treatment import FEWEST

NO_INFORMATION = "no stratum compares"
COLUMNS = ("term", "label", "alone_estimate", "alone_low", "alone_high", "estimate", "low", "high", "p", "n", "events",
           "strata_n", "informative_n", "status")  # fmt: skip


def estimate_stratified(
    cohort: pd.DataFrame, labels: pd.DataFrame, *, alone: pd.DataFrame, covariates: Sequence[str]
) -> pd.DataFrame:
    """The odds ratio of each feature alone, pooled over strata of first induction and calendar period.

    One row per feature: `term`, `label`, `alone_estimate`, `alone_low`, `alone_high` (from the table `alone`, without
    strata), `estimate` (Mantel and Haenszel, J Natl Cancer Inst 1959;22:719), `low`, `high` (95 %, by the variance of
    Robins, Breslow and Greenland, Biometrics 1986;42:311), `p` (Cochran-Mantel-Haenszel, without continuity
    correction), `n`, `events`, `strata_n`, `informative_n` (strata that hold both outcomes, with and without the
    feature), `status`. As R's mantelhaen.test(correct = FALSE).

    Strata are the regimens of `helpers.predictors.treatment` (rare ones pooled) by the cohort's `era`; patients with
    either unknown are left out. Nothing is assumed of how period and regimen act, but the feature is taken to have one
    odds ratio in all strata, and other features are not held equal. Missing, with the reason, where no stratum compares
    or where one sum of the estimate is empty.
    """
    patients = keep_labelled(cohort, labels).assign(stratum=lambda table: label_strata(table))
    rows = [_estimate(patients, term) for term in covariates]
    table = pd.DataFrame(rows).assign(label=[FEATURES[term].label for term in covariates])
    ends = ["estimate", "low", "high"]
    before = alone[["term", *ends]].rename(columns={name: f"alone_{name}" for name in ends})
    return table.merge(before, on="term", how="left")[list(COLUMNS)]


def label_strata(patients: pd.DataFrame) -> pd.Series:
    """Regimen and period of each patient as one word; regimens of fewer than ten patients are one; missing if unknown.

    >>> patients = pd.DataFrame({"induction_regimen": ["mycophenolate"] * 10 + ["azathioprine"], "era": "before 2008"})
    >>> label_strata(patients).unique().tolist()
    ['mycophenolate, before 2008', 'rarer, before 2008']
    """
    regimens = patients["induction_regimen"].astype("string")
    counts = regimens.map(regimens.value_counts()).astype("Float64")
    pooled = regimens.mask(counts.lt(FEWEST).fillna(False), "rarer")
    return pooled + ", " + patients["era"].astype("string")


def _estimate(patients: pd.DataFrame, term: str) -> dict[str, object]:
    known = patients.dropna(subset=[term, "stratum"])
    row: dict[str, object] = {"term": term, "n": len(known), "events": int(known["is_dtt"].sum()),
                              "strata_n": int(known["stratum"].nunique()), "informative_n": 0}  # fmt: skip
    blank = dict.fromkeys(("estimate", "low", "high", "p"), np.nan)
    if known.empty or known["is_dtt"].nunique() < 2:
        return row | blank | {"status": NO_PATIENTS if known.empty else NO_CONTRAST}
    cells = _count_cells(known[term].to_numpy(bool), known["is_dtt"].to_numpy(bool), known["stratum"])
    row["informative_n"] = len(cells)
    numbers = pool_odds_ratios(cells)
    fine = bool(np.isfinite(numbers["estimate"]))
    return row | numbers | {"status": ESTIMATED if fine else NO_INFORMATION}


def _count_cells(has: np.ndarray, event: np.ndarray, stratum: pd.Series) -> Floats:
    """Strata that compare by four: with the feature and event, with and without, without and with, neither."""
    place, names = pd.factorize(stratum)
    cell = 2 * ~has + ~event
    counts = np.bincount(4 * place + cell, minlength=4 * len(names)).reshape(-1, 4).astype(float)
    sides = np.stack([counts[:, [0, 1]], counts[:, [2, 3]], counts[:, [0, 2]], counts[:, [1, 3]]]).sum(axis=2)
    return np.asarray(counts[(sides > 0).all(axis=0)])


def pool_odds_ratios(cells: Floats) -> dict[str, float]:
    """Mantel and Haenszel's odds ratio of strata of four counts, its interval and the test; missing where it is empty.

    >>> round(pool_odds_ratios(np.array([[8.0, 2, 2, 8], [6, 4, 3, 7]]))["estimate"], 3)
    6.625
    """
    a, b, c, d = cells.T
    total = cells.sum(axis=1)
    up, down = a * d / total, b * c / total
    if not (up.sum() > 0 and down.sum() > 0):
        return dict.fromkeys(("estimate", "low", "high", "p"), np.nan)
    like, unlike = (a + d) / total, (b + c) / total
    variance = (
        (like * up).sum() / (2 * up.sum() ** 2)
        + (like * down + unlike * up).sum() / (2 * up.sum() * down.sum())
        + (unlike * down).sum() / (2 * down.sum() ** 2)
    )
    log_odds, reach = np.log(up.sum() / down.sum()), Z95 * np.sqrt(variance)
    spread = (a + b) * (c + d) * (a + c) * (b + d) / (total**2 * (total - 1))
    square = (a - (a + b) * (a + c) / total).sum() ** 2 / spread.sum()
    return {"estimate": float(np.exp(log_odds)), "low": float(np.exp(log_odds - reach)),
            "high": float(np.exp(log_odds + reach)), "p": float(stats.chi2.sf(square, 1))}  # fmt: skip
