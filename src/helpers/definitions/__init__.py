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

DAYS_PER_MONTH = 30.4375
"""Mean length of a month (365.25 / 12), for every interval in months."""

CLASS_GROUPS = {"III": "III", "IV": "IV", "V": "V", "III+V": "mixed", "IV+V": "mixed"}
"""Eligible ISN/RPS classes and the group each counts in (the abstract's four groups)."""

ANSWERS = ("yes", "no", "cannot tell")
"""A label is total: these are the only answers."""

RESPONSES = ("complete", "partial", "none", "cannot tell")
"""The response of one visit, best first."""

__all__ = [
    "ACTIVE_SEDIMENT", "ANSWERS", "APL_CUTS", "ARMS", "ARM_LABELS", "BASELINE_DAYS_AFTER", "BASELINE_DAYS_BEFORE",
    "CLASS_GROUPS", "COMPOSITE_PARTS", "DAYS_PER_MONTH", "EGFR_EQUATIONS", "ESRD", "FEATURES", "FLARE_RULES",
    "GROUP_LABELS", "HYPERTENSION", "RESPONSES", "RESPONSE_RULES", "SMALL_DIFFERENCE", "UNITS", "VISIT_WINDOWS",
    "WORSENING_RULES", "AplCuts", "DttRule", "EgfrEquation", "EsrdRule", "Feature", "FlareCriterion", "FlareRule",
    "HypertensionCut", "KidneyTest", "ResponseCriteria", "ResponseRule", "RuleError", "Rulebook", "SedimentCut",
    "UpcrLimit", "Window", "WorseningRule", "load_rulebook", "nearest_name",
]  # fmt: skip
