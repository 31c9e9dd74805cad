"""The label "difficult to treat": four arms, joined, dated and explained, one row per eligible patient."""

from helpers.labelling.label import (
    derive_labels,
    judge_arms,
    judge_label,
    label_dtt,
)

__all__ = [
    "derive_labels",
    "judge_arms",
    "judge_label",
    "label_dtt",
]
