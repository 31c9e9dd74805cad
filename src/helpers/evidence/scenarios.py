"""What is planted, scenario by scenario, and which estimators are let loose on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np

from helpers.evidence import competing_estimators as competing
from helpers.evidence import course_estimators as courses
from helpers.evidence import feature_estimators as features
from helpers.evidence.conclusion_estimators import estimate_conclusion
from helpers.evidence.imputed_estimators import estimate_imputed
from helpers.evidence.planted import Course, Race, simulate_course, simulate_race
from helpers.evidence.planted_features import FeatureTruth, simulate_features
from helpers.evidence.planted_states import Chain, simulate_chain
from helpers.evidence.records import Record
from helpers.evidence.shrunken_estimators import estimate_shrunken
from helpers.evidence.state_estimators import estimate_months

_COX = ("helpers.survival.risk_sets", "helpers.survival.models")
_CURVES = ("helpers.survival.risk_sets", "helpers.survival.curves", "helpers.survival.restricted_mean")
_ODDS = ("helpers.predictors.models", "helpers.evidence.planted_features")


@dataclass(frozen=True)
class Family:
    """Estimators that are computed together: `measure` on the tables of a cohort (and on the truth, where it asks).

    `uses` are the modules in which the code stands: a change in any of them, or in what they import, makes stored
    results stale.
    """

    name: str
    measure: Callable[..., list[Record]]
    uses: tuple[str, ...]
    knows_truth: bool = False


FAMILIES = {family.name: family for family in (
    Family("cox", courses.estimate_three_ways, _COX),
    Family("early_landmarks", courses.estimate_early_landmarks, _COX),
    Family("cause_specific", courses.estimate_parts, _COX),
    Family("logrank", courses.compare_groups, _COX),
    Family("proportionality", courses.compare_proportionality, (*_COX, "helpers.survival.hazards")),
    Family("curves", courses.estimate_curves, _CURVES),
    Family("failure", courses.estimate_failure, _CURVES),
    Family("failure_from_zero", courses.estimate_failure_from_zero, _CURVES),
    Family("hazards_of_failure", courses.compare_cause, _COX),
    Family("fine_gray", competing.estimate_incidence_ratio, ("helpers.survival.fine_gray",)),
    Family("gray", competing.compare_shares, ("helpers.survival.gray",)),
    Family("likelihood", features.estimate_likelihood, _ODDS),
    Family("alone", features.estimate_alone, _ODDS),
    Family("firth", features.estimate_penalised, (*_ODDS, "helpers.predictors.firth")),
    Family("screening", features.estimate_screened, (*_ODDS, "helpers.predictors.recipe"),
           knows_truth=True),
    Family("conclusion", estimate_conclusion, (*_ODDS, "helpers.predictors.firth", "helpers.predictors.selection",
           "helpers.predictors.association", "helpers.definitions.stability"), knows_truth=True),
    Family("log_f", estimate_shrunken, (*_ODDS, "helpers.predictors.log_f", "helpers.definitions.honest_model")),
    Family("imputed", estimate_imputed, (*_ODDS, "helpers.predictors.imputed")),
    Family("states", estimate_months, ("helpers.evidence.planted_states", "helpers.response.state_months")),
    Family("discrimination", features.estimate_discrimination, (*_ODDS, "helpers.predictors.validation"),
           knows_truth=True),
)}  # fmt: skip


@dataclass(frozen=True)
class Scenario:
    """One planted world: its name, what it is in words, the planted numbers, the families that are tried in it."""

    name: str
    words: str
    planted: Course | Race | FeatureTruth | Chain
    families: tuple[str, ...]

    def simulate(self, *, cohort: int, size: int, seed: int) -> Any:
        """Cohort number `cohort`: always the same tables, whoever makes them and in whatever order.

        Each cohort has a seed of its own, spawned from (scenario, cohort) under the seed of the bench.
        """
        child = np.random.SeedSequence(seed, spawn_key=(crc32(self.name.encode()), cohort))
        random = np.random.default_rng(child)
        if isinstance(self.planted, Course):
            return simulate_course(self.planted, size=size, random=random)
        if isinstance(self.planted, Race):
            return simulate_race(self.planted, size=size, random=random)
        if isinstance(self.planted, Chain):
            return simulate_chain(self.planted, size=size, random=random)
        return simulate_features(self.planted, size=size, random=random)

    def measure(self, family: str, tables: Any) -> list[Record]:
        """The records of one family on the tables of one cohort."""
        chosen = FAMILIES[family]
        return chosen.measure(tables, self.planted) if chosen.knows_truth else chosen.measure(tables)


_COURSE = ("cox", "cause_specific", "logrank", "proportionality", "curves", "failure")
_RACE = ("failure_from_zero", "hazards_of_failure", "fine_gray", "gray")
_FEATURES = ("likelihood", "alone", "firth", "screening", "conclusion", "discrimination", "log_f")

SCENARIOS = {scenario.name: scenario for scenario in (
    Scenario("no_harm", "The label does nothing: all patients have the same hazards.", Course(), _COURSE),
    Scenario("harm_after_label", "From the label on all hazards are four times as high.", Course(ratio=4.0),
             (*_COURSE, "early_landmarks")),
    Scenario("harm_from_start", "Severe patients have four times the hazards from time zero on; the label comes later.",
             Course(ratio=4.0, acts_from_start=True), ("cox",)),
    Scenario("harm_wanes", "From the label on hazards are six times as high, from month 48 on the same again.",
             Course(ratio=6.0, later_ratio=1.0, later_from=48.0), ("cox", "proportionality", "curves")),
    Scenario("wrong_labels", "As harm_after_label, but one label in five is missed and one patient in twenty is "
             "labelled without reason.", Course(ratio=4.0, missed=0.2, false=0.05), ("cox",)),
    Scenario("race_even", "Kidney failure is as frequent in both groups, death three times as fast in one.",
             Race(death_ratio=3.0), _RACE),
    Scenario("race_uneven", "The subdistribution hazard of kidney failure is twice as high in one group, and those of "
             "it who do not fail die half as fast again.", Race(ratio=2.0, death_ratio=1.5), _RACE),
    Scenario("features_null", "No feature has anything to do with the label.", FeatureTruth(), _FEATURES),
    Scenario("features_acting", "Two of fifteen correlated features have odds ratios of three.",
             FeatureTruth(ratio=3.0), _FEATURES),
    Scenario("features_missing", "Two of five features have odds ratios of three; whether the first is on file depends "
             "on the label and the era.", FeatureTruth(ratio=3.0, features=5, misses=True), ("likelihood", "imputed")),
    Scenario("features_complete", "As features_missing, before anything is missing.",
             FeatureTruth(ratio=3.0, features=5, misses=True, known=(1.0, 1.0, 1.0)), ("likelihood",)),
    Scenario("states", "Patients go between response and active disease until they die; the difficult-to-treat respond "
             "at two fifths of the rate of the others and relapse at twice theirs.", Chain(), ("states",)),
)}  # fmt: skip
"""Every scenario by name. A new one, or a new family in one, leaves the results of the others as they are."""
