"""What the statistical appendix says of the adjusted and the stratified hazard ratio of the label."""

from __future__ import annotations

from helpers.methods.method import Limit, Method

METHODS: tuple[Method, ...] = (
    Method(
        id="adjusted_cox", chapter="04_survival",
        name="Cox model of the label with regimen, year and baseline held equal",
        answers="Does the label tell more than the treatment, the years and the baseline did?",
        reference="Therneau and Grambsch, Modeling Survival Data, Springer 2000; on reading it: Westreich "
        "and Greenland, Am J Epidemiol 2013;177:292",
        assumes="Hazards are proportional, the label counts from its day, and what is held equal was "
        "chosen beforehand.",
        check="Ten events per parameter are asked for: {table.survival.adjusted.baseline.events_per_parameter}. Score "
        "test of proportional hazards, the label in the model with the baseline: "
        "{table.survival.hazard_checks.adjusted_baseline.p:p}. Regimens are pooled by size, blind to label and "
        "outcome; what cannot be in the model is left out by name.",
        result="Regimen and year held equal {survival.composite.adjusted.regimen_year.hr:ci}; the baseline "
        "too {survival.composite.adjusted.baseline.hr:ci}, with "
        "{table.survival.adjusted.baseline.events_per_parameter} events per parameter.",
        verified="R survival 3.5-3 coxph, nine models of six data sets, five of them with several covariates, 1e-6; "
        "statsmodels PHReg in every run",
        limits=(Limit("table.survival.adjusted.baseline.events_per_parameter", low=10),
                Limit("table.survival.hazard_checks.adjusted_baseline.p", low=0.05)),
    ),
    Method(
        id="stratified_cox", chapter="04_survival",
        name="Cox model in strata of regimen and of calendar period",
        answers="Is the label's ratio the same when only patients of one regimen, or one period, are "
        "compared?",
        reference="Therneau and Grambsch, Modeling Survival Data, Springer 2000, section 3.2",
        assumes="One ratio in all strata; each stratum has a baseline hazard of its own.",
        check="Score test of proportional hazards within regimens: "
        "{table.survival.hazard_checks.adjusted_by_regimen.p:p}; within periods: "
        "{table.survival.hazard_checks.adjusted_by_era.p:p}.",
        result="Within regimens {survival.composite.adjusted.by_regimen.hr:ci}, within periods "
        "{survival.composite.adjusted.by_era.hr:ci}.",
        verified="R survival 3.5-3 coxph with strata on two data sets, one of them with late entry, 1e-6; "
        "statsmodels PHReg in every run",
        limits=tuple(Limit(f"table.survival.hazard_checks.adjusted_{name}.p", low=0.05)
                     for name in ("by_regimen", "by_era")),
    ),
)
