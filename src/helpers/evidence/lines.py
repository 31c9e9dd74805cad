"""What each estimator is called, whether the study recommends it, and what it should have found in each scenario."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from helpers.evidence import truth
from helpers.evidence.course_estimators import LANDMARK, UNTIL
from helpers.evidence.planted import Course, Race
from helpers.evidence.planted_features import FeatureTruth, derive_crude_log_ratio
from helpers.evidence.planted_states import STATES, Chain, derive_months
from helpers.evidence.scenarios import SCENARIOS, Scenario
from helpers.evidence.state_estimators import UNTIL as STATES_UNTIL

LOG_HAZARD_RATIO, LOG_ODDS_RATIO = "log hazard ratio", "log odds ratio"
SHARE, MONTHS, AREA, TEST = "share", "months", "area under the curve", "test"

_Truth = Callable[[Scenario], float]


@dataclass(frozen=True)
class Line:
    """One estimator: label, measure, whether the study recommends it, its truth in a scenario (missing: stated cohort
    by cohort, or a test), in which scenarios a test has nothing to find, and whether it promises at most its level
    there (`is_cautious`: to reject more rarely is then no fault)."""

    label: str
    measure: str
    recommended: bool
    truth: _Truth = lambda _: np.nan
    nothing_to_find: tuple[str, ...] = ()
    is_cautious: bool = False


def _ratio(scenario: Scenario) -> float:
    return float(np.log(scenario.planted.ratio))  # type: ignore[union-attr]


def _course(scenario: Scenario) -> Course:
    assert isinstance(scenario.planted, Course)
    return scenario.planted


def _free(is_dtt: bool) -> _Truth:
    return lambda one: truth.derive_free_share(_course(one), UNTIL, is_dtt=is_dtt, landmark=LANDMARK)


def _failed(is_dtt: bool) -> _Truth:
    def derive(one: Scenario) -> float:
        if isinstance(one.planted, Race):
            return float(one.planted.derive_incidence(UNTIL, is_dtt=is_dtt))
        return truth.derive_failure_share(_course(one), UNTIL, is_dtt=is_dtt, landmark=LANDMARK)

    return derive


def _early(month: float) -> _Truth:
    return lambda one: truth.derive_landmark_log_ratio(_course(one), month)


def _crude(acting: bool) -> _Truth:
    def derive(one: Scenario) -> float:
        assert isinstance(one.planted, FeatureTruth)
        return derive_crude_log_ratio(one.planted, acting=acting)

    return derive


def _months_complete(one: Scenario) -> tuple[float, float]:
    """Expected months in response, of the difficult-to-treat and of the others."""
    assert isinstance(one.planted, Chain)
    place = STATES.index("complete")
    labelled, others = (derive_months(one.planted, is_dtt=group, until=STATES_UNTIL)[place] for group in (True, False))
    return float(labelled), float(others)


def _none(_: Scenario) -> float:
    return 0.0


_ALL = tuple(SCENARIOS)

LINES = {
    "naive_cox": Line("Cox model from time zero, by eventual label", LOG_HAZARD_RATIO, False, _ratio),
    "landmark_6_cox": Line("Cox model from a landmark at 6 months", LOG_HAZARD_RATIO, True, _early(6.0)),
    "landmark_12_cox": Line("Cox model from a landmark at 12 months", LOG_HAZARD_RATIO, True, _early(12.0)),
    "landmark_24_cox": Line("Cox model from a landmark at 24 months", LOG_HAZARD_RATIO, True, _ratio),
    "time_dependent_cox": Line("Cox model, label as time-dependent exposure", LOG_HAZARD_RATIO, True, _ratio),
    "cause_specific_cox": Line("Cause-specific Cox model of kidney failure, label time-dependent", LOG_HAZARD_RATIO,
                               True, _ratio),
    "naive_logrank": Line("Log-rank test from time zero, by eventual label", TEST, False, nothing_to_find=("no_harm",)),
    "landmark_24_logrank": Line("Log-rank test from a landmark at 24 months", TEST, True, nothing_to_find=("no_harm",)),
    "score_test": Line("Score test of proportional hazards from the landmark", TEST, True,
                       nothing_to_find=("no_harm", "harm_after_label")),
    "kaplan_meier_dtt": Line("Kaplan-Meier, labelled, 60 months after the landmark", SHARE, True, _free(True)),
    "kaplan_meier_other": Line("Kaplan-Meier, others, 60 months after the landmark", SHARE, True, _free(False)),
    "naive_kaplan_meier_dtt": Line(
        "Kaplan-Meier from time zero by eventual label, 60 months, as that of all severe patients", SHARE, False,
        lambda one: truth.derive_severe_share(_course(one), UNTIL)),
    "restricted_mean_difference": Line(
        "Difference in restricted mean months, 60 months from the landmark", MONTHS, True,
        lambda one: truth.derive_mean_difference(_course(one), UNTIL, landmark=LANDMARK)),
    "aalen_johansen_dtt": Line("Aalen-Johansen, kidney failure by 60 months, labelled", SHARE, True, _failed(True)),
    "aalen_johansen_other": Line("Aalen-Johansen, kidney failure by 60 months, others", SHARE, True, _failed(False)),
    "one_minus_kaplan_meier_dtt": Line("One minus Kaplan-Meier, deaths as censored, labelled", SHARE, False,
                                       _failed(True)),
    "one_minus_kaplan_meier_other": Line("One minus Kaplan-Meier, deaths as censored, others", SHARE, False,
                                         _failed(False)),
    "cause_specific_logrank": Line("Log-rank test of the cause, read as a test of shares", TEST, False,
                                   nothing_to_find=("race_even",)),
    "fine_gray": Line("Fine-Gray model of kidney failure", "log subdistribution hazard ratio", True, _ratio),
    "gray": Line("Gray's test of equal cumulative incidence", TEST, True, nothing_to_find=("race_even",)),
    "months_complete_dtt": Line("Expected months in response of the first 60, difficult-to-treat", MONTHS, True,
                                lambda one: _months_complete(one)[0]),
    "months_complete_difference": Line("Difference in expected months in response", MONTHS, True,
                                       lambda one: _months_complete(one)[0] - _months_complete(one)[1]),
    "likelihood_acting": Line("Maximum likelihood on complete cases, acting feature", LOG_ODDS_RATIO, False, _ratio),
    "likelihood_idle": Line("Maximum likelihood on complete cases, feature without effect", LOG_ODDS_RATIO, False,
                            _none),
    "alone_acting": Line("One feature alone, acting, against its crude odds ratio", LOG_ODDS_RATIO, True, _crude(True)),
    "alone_idle": Line("One feature alone, without effect, as if it had one of its own", LOG_ODDS_RATIO, False, _none),
    "firth_acting": Line("Firth, penalised profile interval, acting feature", LOG_ODDS_RATIO, True, _ratio),
    "firth_idle": Line("Firth, penalised profile interval, feature without effect", LOG_ODDS_RATIO, True, _none),
    "firth_wald_acting": Line("Firth, Wald interval, acting feature", LOG_ODDS_RATIO, False, _ratio),
    "screened_acting": Line("Screening recipe: acting feature, where it was found", LOG_ODDS_RATIO, False, _ratio),
    "screened_any_idle": Line("Screening recipe: any feature without effect called independent", TEST, False,
                              nothing_to_find=_ALL),
    "conclusion_acting": Line("The study's conclusion: acting feature, Firth, where it was called independent",
                              LOG_ODDS_RATIO, False, _ratio),
    "conclusion_any_idle": Line("The study's conclusion: any feature without effect called independent", TEST, True,
                                nothing_to_find=_ALL, is_cautious=True),
    "log_f_acting": Line("Log-F(1,1) prior, biased towards one by design, profile interval, acting feature",
                         LOG_ODDS_RATIO, False, _ratio),
    "log_f_idle": Line("Log-F(1,1) prior, biased towards one by design, profile interval, feature without effect",
                       LOG_ODDS_RATIO, False, _none),
    "auc_apparent": Line("Area as it appears, DeLong interval, against future patients", AREA, False),
    "auc_corrected": Line("Area corrected for optimism, against future patients", AREA, True),
    "imputed_acting": Line("Multiple imputation, acting feature with gaps", LOG_ODDS_RATIO, True, _ratio),
    "imputed_idle": Line("Multiple imputation, feature without effect", LOG_ODDS_RATIO, True, _none),
}  # fmt: skip
"""Every estimator by name, in the order of the report."""

BROKEN = {
    ("harm_from_start", "time_dependent_cox"): "the assumption is broken on purpose: severe patients carry the hazard "
    "before their label, among the unexposed",
    ("harm_wanes", "landmark_24_cox"): "the assumption is broken on purpose: the ratio ends at a month on the clock, "
    "and one number cannot be both",
    ("harm_wanes", "time_dependent_cox"): "the assumption is broken on purpose: the ratio ends at a month on the "
    "clock, and one number cannot be both",
    ("wrong_labels", "landmark_24_cox"): "the assumption is broken on purpose: labels are wrong, which draws the ratio "
    "towards one",
    ("wrong_labels", "time_dependent_cox"): "the assumption is broken on purpose: labels are wrong, which draws the "
    "ratio towards one",
}
"""Why a recommended estimator cannot be right where its assumption was broken to see what happens."""

KNOWN = {
    "aalen_johansen_dtt": "where few fail the log-log interval is wide, and there is none in cohorts without a failure",
    "auc_corrected": "the bootstrap takes off too little where events per feature are few (Steyerberg et al., J Clin "
    "Epidemiol 2001;54:774), and here there are about four",
    "imputed_acting": "maximum likelihood lies too far from one in small samples, in the imputation model and again in "
    "the analysis",
}
"""What is known of an estimator that falls short, beside what the numbers show."""
