"""How the columns of chapter 4's tables are headed; "" hides a column that only tells the rows apart."""

from __future__ import annotations

PARTS = {
    "part": "", "label": "Part", "all_n": "All: first", "all_ever_n": "All: ever", "all_share": "All: share",
    "dtt_n": "DTT: first", "dtt_ever_n": "DTT: ever", "dtt_share": "DTT: share",
    "other_n": "Others: first", "other_ever_n": "Others: ever", "other_share": "Others: share",
}  # fmt: skip

MEDIANS = {"term": "", "p": "", "label": "Group", "n": "Patients", "estimate": "Median months (95 % CI)"}

TIME_ZERO = {
    "term": "", "label": "Approach", "estimate": "Hazard ratio (95 % CI)", "n": "Patients", "events_dtt": "Events, DTT",
    "person_months_dtt": "Person-months, DTT", "person_months_other": "Person-months, others",
    "person_months_moved": "Person-months moved", "events_moved": "Events moved", "left_out_n": "Left out",
}  # fmt: skip

RATES = {
    "term": "", "outcome": "", "label": "Outcome", "events_n": "Events", "n": "Patients",
    "person_years": "Patient-years",
    "estimate": "Per 100 patient-years (95 % CI)",
}  # fmt: skip

SHARES = {
    "term": "", "outcome": "Outcome", "label": "Group", "month": "Month", "estimate": "Share (95 % CI)",
    "at_risk": "At risk", "note": "Note",
}  # fmt: skip

ENTRY_RATES = {
    **RATES, "events_n": "Events from time zero", "n": "", "person_years": "Patient-years from time zero",
    "later_events_n": "Events from the least follow-up on", "later_n": "",
    "later_person_years": "Patient-years from the least follow-up on",
    "later_estimate": "Per 100 patient-years, from the least follow-up on (95 % CI)", "years_before": "",
}  # fmt: skip

HAZARD_TESTS = {"term": "", "label": "Model", "chi2": "Chi-squared", "df": ""}
