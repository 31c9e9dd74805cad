"""How the columns of this chapter's tables are headed; "" hides a column, whose numbers are still recorded."""

from __future__ import annotations

from helpers.definitions import SMALL_DIFFERENCE

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
    "is_penalised": "Firth", "chosen_share": "", "is_stable": "Chosen again", "is_independent": "",
    "verdict": "Verdict", "abstract": "In the abstract", "agrees": "Agrees",
}  # fmt: skip

TREATMENT = {
    "term": "", "label": "Term", "without_estimate": "Without treatment, OR (95 % CI)", "without_p": "Without, p",
    "with_estimate": "With treatment, OR (95 % CI)", "with_p": "With, p", "n": "n", "events": "", "status": "",
    "was_independent": "Independent without", "is_independent": "Independent with",
}  # fmt: skip

VALIDATION = {
    "term": "", "label": "Measure", "apparent": "As it appears", "low": "95 % CI, low", "high": "95 % CI, high",
    "optimism": "Optimism", "corrected": "Corrected", "n": "n", "events": "Difficult to treat",
    "samples": "Bootstrap samples", "failed_samples": "Without a fit",
}  # fmt: skip

BASELINE_NOTE = (
    "Median (quartiles), or count (percent of those in whom it is known). SMD: standardised mean difference, positive "
    "where the difficult-to-treat have more (for a category a distance without sign); up to "
    f"{SMALL_DIFFERENCE:g} either way is usually called small. The test of a category stands on its first row. "
    "Chi-square without continuity correction, Fisher for a yes or no where an expected count "
    "is below five (a category of several values keeps chi-square, marked small counts), Mann-Whitney with "
    "continuity correction.")

ODDS_NOTE = (
    "Alone and together by maximum likelihood with Wald intervals; Firth: all together by penalised likelihood, with "
    "profile-likelihood intervals. Together and Firth use the same complete cases.")

TREATMENT_NOTE = (
    "Firth's penalised likelihood, with profile-likelihood intervals. Independent, without and with the treatment: "
    "associated alone, together by maximum likelihood, and by Firth's, each time on the same side, and chosen again "
    "often enough in bootstrap samples (of the recipe without the treatment).")
