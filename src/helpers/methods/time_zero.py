"""What the statistical appendix says of time zero, of shared criteria and of who could enter."""

from __future__ import annotations

from helpers.methods.method import Limit, Method

_CHAPTER = "04_survival"
_COX = "R survival 3.5-3 coxph, nine models of six data sets, 1e-6; event by event in every run"

METHODS: tuple[Method, ...] = (
    Method(
        id="landmark", chapter=_CHAPTER, name="Landmark analysis",
        answers="Of those still free of the outcome at a stated month: does the label known by then foretell "
                "what follows?",
        reference="Anderson, Cain and Gelber, J Clin Oncol 1983;1:710; Dafni, Circ Cardiovasc Qual Outcomes "
                  "2011;4:363",
        assumes="The month was chosen beforehand; what happened before it is given up. Hazards are "
                "proportional from there on.",
        check="A sensitivity analysis of the time-dependent row, at several months side by side. Score test of "
              "proportional hazards: {table.survival.proportional_hazards.landmark.p:p}.",
        result="From month {survival.landmark.months} on: {survival.composite.landmark.hr:ci}.",
        verified=_COX,
        limits=(Limit("table.survival.proportional_hazards.landmark.p", low=0.05),),
    ),
    Method(
        id="label_in_time", chapter=_CHAPTER, name="Cox model with the label as a time-dependent exposure",
        answers="On any day: is the hazard higher for those who carry the label by then?",
        reference="Giobbie-Hurder, Gelber and Regan, J Clin Oncol 2013;31:2963; Suissa, Am J Epidemiol 2008;167:492",
        assumes="The day of the label is known; an outcome on that day belongs to the time before. Censoring "
                "says nothing.",
        check="The primary row: named beforehand, the others are sensitivity analyses. Score test of proportional "
              "hazards: {table.survival.proportional_hazards.timedependent.p:p}. Person-months are moved between "
              "the groups and none is lost.",
        result="{survival.composite.timedependent.hr:ci}; the naive ratio is "
               "{survival.time_zero.naive_over_timedependent:value} times as large.",
        verified="R survival 3.5-3 coxph with start and stop, five models of three data sets, 1e-6; event by "
                 "event in every run",
        limits=(Limit("table.survival.proportional_hazards.timedependent.p", low=0.05),),
    ),
    Method(
        id="label_by_arm", chapter=_CHAPTER, name="The label arm by arm",
        answers="Do all ways of being difficult to treat foretell the same?",
        reference="Therneau and Grambsch, Modeling Survival Data, Springer 2000, chapter 3 (the Cox model and its "
                  "Wald test)",
        assumes="As for the time-dependent label; time after another arm's label tells nothing of this arm.",
        check="A test of one hazard ratio for all arms: {survival.by_arm.one_ratio.p:p}. A handful of outcomes per "
              "arm: only large differences would be seen.",
        result="Failure by six months {survival.by_arm.failure_6m.hr:ci}, early flare "
               "{survival.by_arm.early_flare.hr:ci}.",
        verified="the Cox model as above; arms split by hand on made-up patients",
    ),
    Method(
        id="sequential_stratification", chapter=_CHAPTER, name="Sequential stratification from the second induction",
        answers="On the day a second induction starts: is the outlook worse than for those who needed none so far?",
        reference="Schaubel, Wolfe and Port, Biometrics 2006;62:910; Gran et al., Stat Med 2010;29:2757; "
                  "variance: Lin and Wei, J Am Stat Assoc 1989;84:1074",
        assumes="Comparators who leave for their own second induction are no sicker than those who stay. They "
                "usually are, so that the ratio is likely to err upwards, and it is no effect of the "
                "treatment.",
        check="With the compared left in past their own second induction, which errs downwards, it is "
              "{survival.second_induction.stay.hr:ci}. Proportional hazards are not tested: patients come back.",
        result="{survival.composite.second_induction.hr:ci}, from "
               "{table.survival.time_zero.second_induction.dtt_n} starts, of which "
               "{table.survival.second_induction.unlabelled.starts_n} were of patients not difficult to treat by then "
               "({survival.second_induction.unlabelled.hr:ci}).",
        verified="R survival 3.5-3 coxph with strata and cluster on two data sets, and on strata built start by "
                 "start from two, coefficient and robust error 1e-6; risk set by risk set in every run",
    ),
    Method(
        id="shared_criteria", chapter=_CHAPTER, name="Outcomes and labels without creatinine",
        answers="How much of the difference is there because creatinine is part of both label and outcome?",
        reference="Whiting et al., Ann Intern Med 2011;155:529 (incorporation); Latouche et al., J Clin "
                  "Epidemiol 2013;66:648",
        assumes="The criteria in the trace are what settled each arm.",
        check="Outcomes up to the day of the label, which belong to the time before it: "
              "{table.survival.shared_criteria.all.by_label_n}. The rows overlap and are not corrected for "
              "their number.",
        result="Kidney failure or death: {survival.failure_or_death.timedependent.hr:ci}; label without "
               "creatinine: {survival.without_creatinine.timedependent.hr:ci}; re-baselined: "
               "{survival.composite.rebaselined.hr:ci}.",
        verified=_COX,
    ),
    Method(
        id="entry_rules", chapter=_CHAPTER, name="Least follow-up: exclusion, delayed entry, bounds",
        answers="What does asking for a least follow-up hide, and how far could those left out move the result?",
        reference="Hernan, Hernandez-Diaz and Robins, Epidemiology 2004;15:615; Klein and Moeschberger, "
                  "Survival Analysis, Springer 2003, section 4.6; Manski, Am Econ Rev 1990;80:319",
        assumes="Bounds: only that those still followed are censored without regard to their outlook. Who had "
                "no records at all to judge by stays out under every rule.",
        check="The rule switched off and on again from the raw tables. That exclusion and delayed entry give one "
              "hazard ratio of death follows from the rule and tests only the arithmetic. Whose label cannot be told "
              "counts as unlabelled here, and takes no part in the other comparisons.",
        result="Hidden: {survival.selection.hidden.deaths} deaths; with everybody in "
               "{survival.entry_rule.off.hr:ci}. Failed by five years: between "
               "{survival.selection.best.60m:percent} and {survival.selection.worst.60m:percent}.",
        verified="by hand on patients whose months can be added up; the models as above",
    ),
)  # fmt: skip
