"""How the columns of chapter 4's tables on time zero, shared criteria and entry are headed; "" hides a column."""

from __future__ import annotations

TIME_ZERO = {
    "term": "", "label": "Way of counting", "role": "What the row is for", "question": "Which question it answers",
    "estimate": "Hazard ratio of the exposed (95 % CI)", "n": "Patients", "dtt_n": "Of these exposed",
    "events": "Events", "events_dtt": "Events, exposed",
    "person_months_dtt": "", "person_months_other": "", "person_months_moved": "Person-months moved",
    "events_moved": "Events moved", "left_out_n": "Left out", "note": "",
}  # fmt: skip

SECOND_INDUCTION = {
    "term": "", "label": "Whose second induction, against whom", "estimate": "Hazard ratio after it (95 % CI)",
    "starts_n": "Starts", "events_after": "Events after it", "n": "Patients", "events": "Events", "note": "Note",
}  # fmt: skip

BY_ARM = {
    "term": "", "label": "Arm that made the label", "estimate": "Hazard ratio from its day (95 % CI)",
    "labelled_n": "Labelled, free of the outcome", "events_after": "Outcomes after the label", "n": "Patients",
    "note": "Note",
}  # fmt: skip

SHARED_CRITERIA = {
    "arm": "", "label": "Arm that made the label", "dtt_n": "Patients",
    "needs_creatinine_n": "Labels settled by creatinine", "outcomes_n": "Outcomes",
    "by_label_n": "On or before the day of the label",
    "worsening_creatinine_n": "Of these worsening creatinine", "esrd_n": "Kidney failure", "death_n": "Death",
    "same_day_n": "On that very day", "same_event_n": "One event, counted as both",
    "after_creatinine_n": "Worsening after a label settled by creatinine",
}  # fmt: skip

CRITERIA = {
    "term": "", "label": "", "outcome": "Outcome", "approach": "Time zero", "estimate": "Hazard ratio (95 % CI)",
    "n": "Patients", "events": "Events", "note": "",
}  # fmt: skip

ENTRY_RULES = {
    "term": "", "label": "Follow-up asked for", "n": "Patients", "dtt_n": "DTT", "untold_n": "Label not told",
    "events_n": "Events", "esrd_n": "Kidney failures", "death_n": "Deaths", "hidden_n": "Left out",
    "hidden_events_n": "Events hidden", "hidden_death_n": "Deaths hidden",
    "estimate": "Hazard ratio, composite (95 % CI)", "late_estimate": "The same, entry delayed (95 % CI)",
    "death_estimate": "Hazard ratio, death (95 % CI)", "p": "", "note": "",
}  # fmt: skip

ENTRY_BOUNDS = {
    "term": "", "label": "Follow-up asked for", "n": "Patients", "short_n": "Left out",
    "short_failed_n": "Of these known to have failed", "short_lost_n": "Lost, fate unknown",
    "estimate": "Share failed, of those kept (95 % CI)", "at_risk": "At risk then",
    "best_estimate": "Everybody, if none of the lost failed", "worst_estimate": "Everybody, if all of them did",
    "note": "",
}  # fmt: skip
