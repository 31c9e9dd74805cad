"""Outcome times: how long each patient was followed, and what ended it, in words."""

from helpers.survival.outcomes import (
    OUTCOME_PARTS,
    derive_outcomes,
    label_groups,
)

__all__ = [
    "OUTCOME_PARTS",
    "derive_outcomes",
    "label_groups",
]
