"""How the columns of chapter 5's tables are headed; "" hides a column that only tells the rows apart."""

from __future__ import annotations

_RATES = {
    "term": "", "n": "In the share", "complete_share": "Complete", "complete_low_share": "from",
    "complete_high_share": "to", "partial_share": "Partial", "none_share": "None", "assessed_n": "Assessed",
    "assessed_complete_share": "Complete, of the assessed", "missing_n": "Missing",
    "not_followed_n": "Not followed so long",
}  # fmt: skip

RATES = {**_RATES, "label": "Group", "point": "Month", "ended_n": "Dead or kidney failure"}
COURSE_RATES = {
    **_RATES, "label": "Course", "point": "Month of the course", "ended_n": "Dead, kidney failure or next induction",
}  # fmt: skip

TIMES = {
    "term": "", "outcome": "Response", "group": "Group", "n": "Patients", "responded_n": "Responded",
    "competing_n": "Something else first", "estimate": "Median months (95 % CI)",
}  # fmt: skip

STATES = {"state": "State"} | {
    f"{name}_{month}": f"Month {month}: {words}"
    for month in (6, 12, 24, 60, 120) for name, words in (("n", "patients"), ("share", "share had all been followed"))
}  # fmt: skip

COURSES = {
    "course": "", "label": "Course", "courses_n": "Courses", "complete_n": "Complete", "partial_n": "Partial",
    "none_n": "None", "cannot_tell_n": "Cannot tell", "next_induction_n": "Next induction", "death_n": "Death",
    "kidney_failure_n": "Kidney failure", "followup_ended_n": "Follow-up ended",
}  # fmt: skip

REGIMENS = {**COURSES, "regimen": "", "label": "Regimen"}

SWITCHES = {
    "regimen": "", "next_regimen": "", "pair": "Switch", "n": "Times", "from_n": "Of so many switches from it",
    "share": "Share",
}  # fmt: skip

MARKS = {"kind": "", "label": "Event", "marks_n": "Number", "patients_n": "Patients"}

ADVERSE = {
    "term": "", "adverse_event_type": "", "group": "Group", "label": "Adverse event", "events_n": "Events",
    "patients_n": "Patients with any", "n": "Patients", "person_years": "Patient-years",
    "estimate": "Per 100 patient-years (95 % CI)",
}  # fmt: skip

RATIOS = {"term": "", "label": "Adverse event", "estimate": "Rate ratio (95 % CI)", "n": "Events"}

FINAL_KIDNEY = {"band": "", "label": "Kidney function", "n": "Patients", "share": "Share"}

FINAL = {
    "response": "Response at the last follow-up", "n": "Patients", "share": "Share", "low_share": "from",
    "high_share": "to", "alive_n": "Alive, own kidneys", "esrd_n": "Alive, kidney failure", "dead_n": "Dead",
}  # fmt: skip

COURSE_NOTE = "Kidney failure during a course is its ending, also where another induction followed."
