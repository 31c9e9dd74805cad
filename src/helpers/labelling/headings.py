"""Headings of the tables of chapter 2, by column; "" hides a column."""

RULE = {"part": "Part", "words": "In words", "source": "Source"}
ANSWERS = {"answer": "Difficult to treat", "n": "Patients", "share": "Share"}
ARMS = {
    "arm": "", "label": "Arm", "yes_n": "Yes", "no_n": "No", "cannot_tell_n": "Cannot tell", "first_n": "Came first",
}  # fmt: skip
AGREEMENT = {
    "pair": "", "rule_a": "", "rule_b": "", "label_a": "Rule", "label_b": "Other rule", "n": "Both know",
    "dtt_a": "Yes by the rule", "dtt_b": "Yes by the other", "agreement": "Agree",
    "estimate": "Cohen's kappa (95 % CI)",
}  # fmt: skip
TRACE = {
    "row": "", "example": "Patient", "arm": "Arm", "month": "Month", "criterion": "Criterion", "value": "Value",
    "comparator": "Asked", "threshold": "Threshold", "passed": "Holds", "note": "Why",
}  # fmt: skip
GROUPS = {"group": "", "label": "Group", "n": "Patients", "share": "Share"}
SENSITIVITY = {
    "setting": "Setting", "windows": "", "deadline_months": "", "confirmation_visits": "", "yes_n": "Yes", "no_n": "No",
    "cannot_tell_n": "Cannot tell", "share": "Share", "share_high": "Share, if cannot tell were yes",
    "is_in_force": "In force",
}  # fmt: skip
