"""Headings of the tables about visits, by column; "" hides a column."""

INTENSITY = {
    "term": "", "label": "Patients and time", "n": "Patients", "visits_n": "Visits", "patient_years": "Patient-years",
    "estimate": "Per patient-year (95 % CI)", "gap_months": "Median gap, months", "gap_high_months": "Ninth decile",
    "windows_share": "Expected windows seen",
}  # fmt: skip
RATIO = {
    "term": "", "label": "Visit rate", "estimate": "Ratio (95 % CI)", "p": "p", "n": "Patients", "events": "Visits",
}  # fmt: skip
INTERVAL = {
    "term": "", "outcome": "Event", "group": "Group", "n": "Patients", "events_n": "Seen",
    "gap_months": "Months between the visits around it", "estimate": "Median on visit dates (95 % CI)",
    "turnbull_low": "Turnbull median: after", "turnbull_high": "by",
    "resampled_estimate": "Turnbull median, patients drawn again (range)",
    "later_estimate": "Visit dates later by, in the mean (range)",
}  # fmt: skip
