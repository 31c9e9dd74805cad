"""Headings of the tables about noise in the label, by column; "" hides a column."""

NOISE = {
    "term": "", "asked": "A finding needs", "reading": "Proteinuria", "share": "Difficult to treat",
    "low_share": "", "high_share": "", "open_share": "Cannot tell", "changed_share": "Answer changed",
    "flip_share": "Label turned", "flip_low_share": "from", "flip_high_share": "to", "copies": "Copies",
    "is_in_force": "",
}  # fmt: skip
NOISY_ARMS = {
    "arm": "", "label": "Arm", "yes_n": "Yes as measured", "lost_n": "No longer yes", "gained_n": "Yes instead",
    "turned_share": "Turned, of all patients",
}  # fmt: skip
BIAS = {
    "term": "", "label": "Estimate", "noise": "Label", "sensitivity_share": "Sensitivity",
    "specificity_share": "Specificity", "estimate": "Odds ratio (95 % interval)", "n": "Patients",
    "kept_share": "Draws the data allow", "note": "Note",
}  # fmt: skip
