"""Headings of the tables of chapter 1, by column; "" hides a column."""

QUALITY = {
    "table": "Table", "grain": "What a row is", "rows": "Rows", "patients": "Patients", "missing_share": "Missing",
}  # fmt: skip
CONTRADICTIONS = {
    "contradiction": "", "label": "Pair of findings", "contradicting_n": "Contradict", "n": "Both known",
    "share": "Share",
}  # fmt: skip
EXCLUDED = {
    "step": "", "label": "Criterion", "n": "Patients", "dead_n": "Died", "dead_share": "Share died",
    "followup_months": "Median months seen",
}  # fmt: skip
COVERAGE = {
    "month": "Month", "window_start": "From", "window_end": "To", "n": "Followed", "seen_n": "Seen",
    "seen_share": "Share seen", "judged_n": "Can be judged", "judged_share": "Share judged",
}  # fmt: skip
DIFFERENCES_NOTE = (
    "Median (quartiles) or number (percent of the known). SMD: standardised mean difference; of a measure it is left "
    "out minus in the study, with its sign; of a feature or a category it is a distance, without sign.")
INCLUSION = {
    "eligible": "In the study", "left_out": "Left out", "III": "Class III", "IV": "Class IV", "V": "Class V",
    "mixed": "Class III or IV with V",
}  # fmt: skip
