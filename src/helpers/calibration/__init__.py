"""The shipped cohort: patients chosen out of a large simulated pool, so that the pipeline finds what was published."""

from helpers.calibration.shipped import (
    DESCRIPTION,
    choose_calibrated_cohort,
    derive_pool,
    has_published_pattern,
    keep_patients,
    make_shipped_cohort,
    write_shipped_cohort,
)

__all__ = [
    "DESCRIPTION",
    "choose_calibrated_cohort",
    "derive_pool",
    "has_published_pattern",
    "keep_patients",
    "make_shipped_cohort",
    "write_shipped_cohort",
]
