"""Who is in the study: one row per patient on file, one exclusion flag per criterion, and the flow."""

from helpers.cohort.selection import (
    EXCLUSIONS,
    count_flow,
    derive_cohort,
    derive_cohort_and_visits,
)

__all__ = [
    "EXCLUSIONS",
    "count_flow",
    "derive_cohort",
    "derive_cohort_and_visits",
]
