"""The difficult-to-treat against the others at baseline: one test and one effect size per variable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from helpers.definitions import FEATURES
from helpers.definitions.baseline_measures import BASELINE_CATEGORIES, BASELINE_MEASURES, BASELINE_VARIABLES
from helpers.predictors.p_values import adjust_p_values
from helpers.predictors.sample import keep_labelled

SMALLEST_EXPECTED = 5.0
"""Below this expected count in any cell of a two-by-two table, Fisher's exact test (Cochran, Biometrics 1954)."""

CHI_SQUARE = "chi-square"
CHI_SQUARE_SMALL = "chi-square (small counts)"
FISHER = "Fisher"
MANN_WHITNEY = "Mann-Whitney"
NOT_TESTED = "not tested"

_NUMBERS = ("known_n", "n", "share", "median", "q1", "q3")
COLUMNS = ("variable", "label", "kind", *(f"dtt_{number}" for number in _NUMBERS),
           *(f"other_{number}" for number in _NUMBERS), "test", "smd", "p")  # fmt: skip


def compare_baseline(
    cohort: pd.DataFrame, labels: pd.DataFrame, *, variables: Sequence[str] = BASELINE_VARIABLES
) -> pd.DataFrame:
    """Each baseline variable in the difficult-to-treat (`dtt_...`) and in the others (`other_...`), compared.

    One row per variable, in the order given: `variable`, `label`, `kind` ("measure", "category", "feature");
    per group the number with a known value (`_known_n`), and for a feature the number with it (`_n`) and its
    share of the known (`_share`), for a measure the `_median` and quartiles (`_q1`, `_q3`, by linear
    interpolation); then `test`, `smd`, `p`, `fdr_p`, `holm_p`. The missing are left out, variable by variable.

    Tests. A feature: Pearson's chi-square without continuity correction, or Fisher's exact test where an
    expected count is below five (R: chisq.test(correct = FALSE), fisher.test). A category of several values:
    chi-square, marked where an expected count is below five. A measure: Mann-Whitney in its normal
    approximation with correction for ties and continuity (R: wilcox.test(exact = FALSE)). A variable that does
    not vary, or that one group lacks altogether, is not tested.

    `smd` is the standardised mean difference, difficult-to-treat minus others over the root of the mean of both
    variances (Austin, Stat Med 2009;28:3083); for a category the distance of Yang and Dalton (2012), without a
    sign. It does not grow with the number of patients, as p falls. Missing where nothing varies.

    `fdr_p` controls the expected share of false among the variables called different (Benjamini and Hochberg
    1995), `holm_p` the chance of any false one (Holm 1979), both over all variables tested in this table.

    >>> cohort = pd.DataFrame({"patient_id": range(40), "any_apl": [True] * 15 + [False] * 25})
    >>> labels = pd.DataFrame({"patient_id": range(40), "is_dtt": [True] * 20 + [False] * 20})
    >>> table = compare_baseline(cohort, labels, variables=["any_apl"])
    >>> table[["dtt_n", "other_n", "test"]].values.tolist()
    [[15, 0, 'chi-square']]
    """
    patients = keep_labelled(cohort, labels)
    is_dtt = patients["is_dtt"].to_numpy(bool)
    rows = [_compare(patients[name], is_dtt, name=name) for name in variables]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    fdr_p, holm_p = (adjust_p_values(table["p"], method=method) for method in ("fdr_bh", "holm"))
    return table.assign(fdr_p=fdr_p, holm_p=holm_p)


def derive_tested_table(table_one: pd.DataFrame, comparison: pd.DataFrame) -> pd.DataFrame:
    """A printed baseline table (one row per variable or value, column `variable`) with the tests beside it.

    The rows of `table_one`, its `smd` replaced; adds `test`, `smd`, `p`, `fdr_p` and `holm_p` on the first row of
    each variable, and leaves the others blank.
    """
    tests = comparison.set_index("variable")[["test", "smd", "p", "fdr_p", "holm_p"]]
    first = table_one["variable"].ne(table_one["variable"].shift())
    beside = tests.reindex(table_one["variable"].where(first)).set_index(table_one.index)
    return table_one.drop(columns="smd", errors="ignore").join(beside)


def _compare(values: pd.Series, is_dtt: Any, *, name: str) -> dict[str, Any]:
    """The row of one variable."""
    known = values.notna().to_numpy(bool)
    seen, group = values[known], is_dtt[known]
    head = {"variable": name, "dtt_known_n": int(group.sum()), "other_known_n": int((~group).sum())}
    if name in BASELINE_MEASURES:
        measure = BASELINE_MEASURES[name]
        row = _compare_measure(seen.to_numpy(float), group)
        return head | {"label": f"{measure.label} ({measure.unit})", "kind": "measure"} | row
    if name in BASELINE_CATEGORIES:
        return head | {"label": BASELINE_CATEGORIES[name].label, "kind": "category"} | _compare_category(seen, group)
    return head | {"label": FEATURES[name].label, "kind": "feature"} | _compare_feature(seen.to_numpy(bool), group)


def _compare_feature(seen: Any, group: Any) -> dict[str, Any]:
    counts = np.array([[np.sum(seen & group), np.sum(~seen & group)], [np.sum(seen & ~group), np.sum(~seen & ~group)]])
    with_it, known = counts[:, 0], counts.sum(axis=1)
    share = np.divide(with_it, known, out=np.full(2, np.nan), where=known > 0)
    test, p = _test_counts(counts)
    return {
        "dtt_n": int(with_it[0]), "other_n": int(with_it[1]), "dtt_share": share[0], "other_share": share[1],
        "test": test, "p": p, "smd": standardise_difference(share, share * (1 - share)),
    }  # fmt: skip


def _compare_category(seen: pd.Series, group: Any) -> dict[str, Any]:
    counts = pd.crosstab(pd.Series(group), pd.Series(seen.to_numpy(object))).reindex([True, False], fill_value=0)
    test, p = _test_counts(counts.to_numpy(int))
    return {"test": test, "p": p, "smd": _measure_distance(counts.to_numpy(float))}


def _compare_measure(seen: Any, group: Any) -> dict[str, Any]:
    parts = {"dtt": seen[group], "other": seen[~group]}
    row: dict[str, Any] = {}
    for name, part in parts.items():
        quartiles = np.quantile(part, [0.5, 0.25, 0.75]) if len(part) else [np.nan] * 3
        row |= dict(zip((f"{name}_median", f"{name}_q1", f"{name}_q3"), quartiles, strict=True))
    if min(map(len, parts.values())) < 2 or np.ptp(seen) == 0:
        return row | {"test": NOT_TESTED}
    p = stats.mannwhitneyu(parts["dtt"], parts["other"], method="asymptotic", use_continuity=True).pvalue
    means, spreads = ([function(part) for part in parts.values()] for function in (np.mean, _variance))
    return row | {"test": MANN_WHITNEY, "p": p, "smd": standardise_difference(np.array(means), np.array(spreads))}


def _variance(values: Any) -> float:
    return float(np.var(values, ddof=1))


def _test_counts(counts: Any) -> tuple[str, float]:
    """The test of two rows of counts, and its p; not tested where a row or all but one column is empty."""
    counts = counts[:, counts.sum(axis=0) > 0]
    if counts.shape[1] < 2 or not counts.sum(axis=1).all():
        return NOT_TESTED, np.nan
    result = stats.chi2_contingency(counts, correction=False)
    if result.expected_freq.min() >= SMALLEST_EXPECTED:
        return CHI_SQUARE, float(result.pvalue)
    if counts.shape == (2, 2):
        return FISHER, float(stats.fisher_exact(counts).pvalue)
    return CHI_SQUARE_SMALL, float(result.pvalue)


def standardise_difference(level: Any, variance: Any) -> float:
    """First minus second level over the root of the mean variance; missing where nothing varies.

    >>> round(standardise_difference(np.array([0.5, 0.5]), np.array([0.25, 0.25])), 2)
    0.0
    """
    spread = float(np.mean(variance))
    return float((level[0] - level[1]) / np.sqrt(spread)) if spread > 0 else np.nan


def _measure_distance(counts: Any) -> float:
    """Yang and Dalton's distance of two rows of counts: the root of d' S⁻¹ d over all levels but the first."""
    counts = counts[:, counts.sum(axis=0) > 0]
    if counts.shape[1] < 2 or not counts.sum(axis=1).all():
        return np.nan
    shares = (counts / counts.sum(axis=1, keepdims=True))[:, 1:]
    spread = np.mean([np.diag(row) - np.outer(row, row) for row in shares], axis=0)
    if np.linalg.matrix_rank(spread) < len(spread):
        return np.nan
    gap = shares[0] - shares[1]
    return float(np.sqrt(gap @ np.linalg.solve(spread, gap)))
