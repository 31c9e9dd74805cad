"""Every clinical rule of the study, once: named, frozen, with its unit and its source.

A rule is an object, not a branch: a new definition is a new object, in this package or in a YAML file of
the user's (`rulebook.load_rulebook`), and needs no new code. Nothing in here touches data.
"""

from helpers.definitions.baseline_measures import (
    BASELINE_DAYS_AFTER,
    BASELINE_DAYS_BEFORE,
    SMALL_DIFFERENCE,
)
from helpers.definitions.dtt_rules import (
    ARM_LABELS,
    ARMS,
    VISIT_WINDOWS,
    DttRule,
    Window,
)
from helpers.definitions.feature_rules import (
    ACTIVE_SEDIMENT,
    APL_CUTS,
    FEATURES,
    HYPERTENSION,
    AplCuts,
    Feature,
    HypertensionCut,
    SedimentCut,
)
from helpers.definitions.flare_rules import FLARE_RULES, FlareCriterion, FlareRule
from helpers.definitions.groups import GROUP_LABELS
from helpers.definitions.kidney_rules import EGFR_EQUATIONS, UNITS, EgfrEquation
from helpers.definitions.outcome_rules import (
    COMPOSITE_PARTS,
    ESRD,
    WORSENING_RULES,
    EsrdRule,
    WorseningRule,
)
from helpers.definitions.response_rules import (
    RESPONSE_RULES,
    KidneyTest,
    ResponseCriteria,
    ResponseRule,
    UpcrLimit,
)
from helpers.definitions.rulebook import Rulebook, RuleError, load_rulebook, nearest_name

DAYS_PER_YEAR = 365.25
"""Mean length of a year, for every age and interval in years."""

DAYS_PER_MONTH = DAYS_PER_YEAR / 12
"""Mean length of a month (30.4375 days), for every interval in months."""

SIGNIFICANT_BELOW = 0.05
"""A p value below this is called significant; the abstract prints no limit."""

CLASS_GROUPS = {"III": "III", "IV": "IV", "V": "V", "III+V": "mixed", "IV+V": "mixed"}
"""Eligible ISN/RPS classes and the group each counts in (the abstract's four groups)."""

ANSWERS = ("yes", "no", "cannot tell")
"""A label is total: these are the only answers."""

__all__ = [
    "ACTIVE_SEDIMENT", "ANSWERS", "APL_CUTS", "ARMS", "ARM_LABELS", "BASELINE_DAYS_AFTER", "BASELINE_DAYS_BEFORE",
    "CLASS_GROUPS", "COMPOSITE_PARTS", "DAYS_PER_MONTH", "DAYS_PER_YEAR", "EGFR_EQUATIONS", "ESRD", "FEATURES",
    "FLARE_RULES", "GROUP_LABELS", "HYPERTENSION", "RESPONSE_RULES", "SIGNIFICANT_BELOW", "SMALL_DIFFERENCE", "UNITS",
    "VISIT_WINDOWS", "WORSENING_RULES", "AplCuts", "DttRule", "EgfrEquation", "EsrdRule", "Feature", "FlareCriterion",
    "FlareRule", "HypertensionCut", "KidneyTest", "ResponseCriteria", "ResponseRule", "RuleError", "Rulebook",
    "SedimentCut", "UpcrLimit", "Window", "WorseningRule", "load_rulebook", "nearest_name",
]  # fmt: skip
