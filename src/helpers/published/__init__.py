"""The printed claims of the abstract, held against themselves and against a run."""

from helpers.published.checks import check_abstract_consistency
from helpers.published.claims import read_claims
from helpers.published.comparison import ASSUMED_LIMIT, compare_with_run, describe_comparison

__all__ = ["ASSUMED_LIMIT", "check_abstract_consistency", "compare_with_run", "describe_comparison", "read_claims"]
