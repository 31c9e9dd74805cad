"""Response at every visit: against the start of treatment, and against the start of the course in force."""

from helpers.response.visits import (
    GROUPS,
    derive_course_baselines,
    derive_followup,
    derive_visit_responses,
    keep_each_group,
)

__all__ = [
    "GROUPS",
    "derive_course_baselines",
    "derive_followup",
    "derive_visit_responses",
    "keep_each_group",
]
