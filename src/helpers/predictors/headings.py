"""How the columns of this chapter's tables are headed; "" hides a column, whose numbers are still recorded."""

from __future__ import annotations

UNKNOWN = {"term": "", "label": "Feature", "unknown_n": "Not known", "share": "Share", "n": "Of patients compared"}

SIZE = {"term": "", "label": "What was counted", "value": "Number"}

TESTS = {
    "test": "Test", "smd": "SMD", "p": "p", "fdr_p": "p, false discovery rate", "holm_p": "p, Holm",
    "overall": "", "unknown_n": "Not known",
}  # fmt: skip

GROUPS = {"yes": "Difficult to treat", "no": "Others"}

SIDE_BY_SIDE = {
    "term": "", "label": "Feature",
    "alone_estimate": "Alone, OR (95 % CI)", "alone_p": "Alone, p", "alone_n": "Alone, n",
    "together_estimate": "Together, OR (95 % CI)", "together_p": "Together, p", "together_n": "Together, n",
    "penalised_estimate": "Firth, OR (95 % CI)", "penalised_p": "Firth, p", "penalised_n": "",
    "alone_events": "", "together_events": "", "penalised_events": "",
    "alone_status": "", "together_status": "", "penalised_status": "", "remark": "Remark",
}  # fmt: skip

ASSOCIATIONS = {
    "term": "", "label": "Feature", "is_associated": "Alone", "is_adjusted": "Together",
    "is_penalised": "Firth", "is_independent": "Independent", "abstract": "In the abstract",
    "agrees": "Agrees",
}  # fmt: skip

VALIDATION = {
    "term": "", "label": "Measure", "apparent": "As it appears", "low": "95 % CI, low", "high": "95 % CI, high",
    "optimism": "Optimism", "corrected": "Corrected", "n": "n", "events": "Difficult to treat",
    "samples": "Bootstrap samples", "failed_samples": "Without a fit",
}  # fmt: skip

BASELINE_NOTE = (
    "Median (quartiles), or count (percent of those in whom it is known). SMD: standardised mean difference, of which "
    "0.1 is usually called small. The test of a category stands on its first row. Chi-square without continuity "
    "correction, Fisher where an expected count is below five, Mann-Whitney with continuity correction.")

ODDS_NOTE = (
    "Alone and together by maximum likelihood with Wald intervals; Firth: all together by penalised likelihood, with "
    "profile-likelihood intervals. Together and Firth use the same complete cases.")
