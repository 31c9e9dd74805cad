"""How the columns of the tables on competing events are headed; "" hides a column that only tells the rows apart."""

from __future__ import annotations

from helpers.survival.headings import SHARES

NAIVE_SHARES = {
    **SHARES, "estimate": "Cumulative incidence (95 % CI)", "one_minus_km_share": "One minus Kaplan-Meier (too high)",
    "overestimate_share": "Too high by",
}  # fmt: skip

COMPETING = {
    "term": "", "event": "", "label": "Event, from the landmark on", "method": "Method", "purpose": "What it speaks of",
    "estimate": "Ratio, DTT against others (95 % CI)", "chi2": "Chi-squared", "n": "Patients",
    "dtt_events_n": "Events, DTT", "other_events_n": "Events, others", "note": "Note",
}  # fmt: skip
