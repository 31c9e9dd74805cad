"""How the columns of the tables about missing values are headed; "" hides a column, recorded all the same."""

from __future__ import annotations

PATTERNS = {"term": "", "label": "Missing together", "missing_n": "Features", "n": "Patients", "share": "Share",
            "missing": ""}  # fmt: skip

INCOMPLETENESS = {"term": "", "label": "Trait", "estimate": "Odds ratio of being incomplete (95 % CI)", "p": "p",
                  "n": "Patients", "incomplete_n": "Incomplete", "note": "Note"}  # fmt: skip

BESIDE = {
    "term": "", "label": "Feature", "complete_estimate": "Complete cases, OR (95 % CI)", "complete_p": "Complete, p",
    "complete_n": "Complete, n", "imputed_estimate": "Imputed, OR (95 % CI)", "imputed_p": "Imputed, p",
    "imputed_n": "Imputed, n", "fmi": "FMI", "missing_n": "Filled in", "status": "", "verdict": "Verdict",
}  # fmt: skip

TIPPING = {
    "term": "", "label": "Supposed of the untested", "delta": "", "imputed_share": "Of them positive",
    "estimate": "OR (95 % CI)", "p": "p", "n": "", "fmi": "FMI", "verdict": "Odds of the positive", "status": "",
}  # fmt: skip

BESIDE_NOTE = (
    "Imputed: chained equations with the label, all features, calendar year, eGFR, proteinuria, class and regimen in "
    "the model; pooled by Rubin's rules. FMI: fraction of missing information. Verdict: whether the interval lies on "
    "the same side of one. Both by Wald on the log scale; imputed with Rubin's degrees of freedom, which have no limit "
    "where nothing is missing, so that the two differ by the patients and the filling in alone.")
