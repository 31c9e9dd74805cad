"""Evidence that the machinery works: estimators held against cohorts whose truth was planted."""

from helpers.evidence.scenarios import SCENARIOS, Scenario

__all__ = ["SCENARIOS", "Scenario"]
