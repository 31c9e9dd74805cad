"""How the columns of the states' tables are headed; "" hides a column that only tells the rows apart."""

from __future__ import annotations

from helpers.response.states import PRINTED

INTERVALS = {"state": "State"} | {f"percent_{month}_estimate": f"Month {month}: % (95 % CI)" for month in PRINTED}

MATRIX = {
    "state": "From", "patients_n": "Patients ever in it", "person_months": "Person-months",
    "complete_estimate": "to complete", "partial_estimate": "to partial", "active_estimate": "to active",
    "flare_estimate": "to flare", "not_seen_estimate": "to not seen", "esrd_estimate": "to kidney failure",
    "dead_estimate": "to death",
}  # fmt: skip

TRANSITIONS = {
    "term": "", "from": "From", "to": "To", "all_events": "Changes", "all_person_months": "Person-months",
    "all_estimate": "Rate, all (exact Poisson)", "all_robust_estimate": "Rate, all (patients as units)",
    "dtt_events": "Changes after the label", "dtt_estimate": "Rate after the label",
    "other_events": "Changes without it", "other_estimate": "Rate without it",
}  # fmt: skip

MONTHS = {
    "state": "State", "all_estimate": "All patients", "dtt_estimate": "Difficult to treat", "other_estimate": "Others",
    "difference_estimate": "Difference", "landmark_estimate": "Difference from the landmark on",
}  # fmt: skip

UNSEEN = {
    "state": "State", "state_estimate": "Not seen is a state", "censored_estimate": "Follow-up ends when not seen",
    "carried_estimate": "Last state carried on",
}  # fmt: skip

RATIOS = {
    "term": "", "from": "From", "to": "To", "n": "Patients at risk", "dtt_events": "Changes after the label",
    "other_events": "Changes without it", "estimate": "Rate ratio (95 % CI)",
    "matched_estimate": "At the same time since time zero (95 % CI)", "limits": "Limits",
}  # fmt: skip

MEMORY = {
    "term": "", "label": "State at the landmark", "n": "Patients", "estimate": "% complete later (95 % CI)",
    "markov_percent": "% complete later, if only the state mattered", "difference_estimate": "Difference (95 % CI)",
    "difference_p": "p", "note": "",
}  # fmt: skip
"""`note` says why a row has no estimate; it is in the CSV."""
