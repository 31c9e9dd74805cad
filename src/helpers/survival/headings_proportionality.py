"""How the columns of the tables on proportional hazards are headed; "" hides a column."""

from __future__ import annotations

TIME_VARYING = {
    "term": "", "approach": "Model", "label": "Part of the time", "estimate": "Hazard ratio, or change of it (95 % CI)",
    "n": "", "events": "Events", "cut_months": "", "note": "Note",
}  # fmt: skip

RESTRICTED_MEANS = {
    "term": "", "label": "Group", "estimate": "Mean months, their ratio and difference (95 % CI)", "standard_error": "",
    "n": "Patients", "note": "Note",
}  # fmt: skip

MILESTONES = {
    "term": "", "label": "After the landmark", "month": "", "dtt_share": "Event-free, DTT",
    "other_share": "Event-free, others", "estimate": "Difference, percentage points (95 % CI)", "n": "",
    "dtt_at_risk_n": "At risk, DTT", "other_at_risk_n": "At risk, others", "note": "Note",
}  # fmt: skip

MODEL_TESTS = {
    "term": "", "model": "Model", "label": "What it holds equal, or which event", "test": "Test", "chi2": "Chi-squared",
    "df": "", "n": "Patients", "events": "Events", "note": "Note",
}  # fmt: skip
