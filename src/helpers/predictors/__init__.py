"""What sets difficult-to-treat patients apart at the start: odds ratios by maximum likelihood."""

from helpers.predictors.models import (
    COLUMNS,
    NO_NAMES,
    Z95,
    estimate_multivariable,
    estimate_univariable,
    fit_logit,
    tabulate,
)

__all__ = [
    "COLUMNS",
    "NO_NAMES",
    "Z95",
    "estimate_multivariable",
    "estimate_univariable",
    "fit_logit",
    "tabulate",
]
