"""How it is asked whether a hazard ratio stands still, and what is said where it may not."""

from __future__ import annotations

from helpers.methods.method import Method

METHODS: tuple[Method, ...] = (
    Method(
        id="schoenfeld", chapter="04_survival", name="Score test of proportional hazards",
        answers="Did the hazard ratio change over the months observed?",
        reference="Grambsch and Therneau, Biometrika 1994;81:515; the exact form of R's survival 3",
        assumes="The rest of the Cox model holds. With few events the test finds only large changes.",
        check="Made for the Cox models of the composite, adjusted and in strata, and of each competing event; not for "
              "the second induction, whose patients come back, nor for single outcomes by the label from its day. "
              "Schoenfeld residuals of the time-dependent model are drawn. Of {survival.hazard_checks.n} tests of "
              "other models {survival.hazard_checks.small.n} are below 0.05.",
        result="Time-dependent model: {table.survival.proportional_hazards.timedependent.p:p}; landmark "
               "model: {table.survival.proportional_hazards.landmark.p:p}.",
        verified="R survival 3.5-3 cox.zph, nine models of six data sets, and with strata three of three, 1e-6"),
    Method(
        id="time_varying", chapter="04_survival", name="Hazard ratio that changes with time",
        answers="If the ratio moved, how was it early, and how late?",
        reference="Therneau and Grambsch, Modeling Survival Data, Springer 2000, section 6.5",
        assumes="One ratio up to the median event month and one after it; or a log ratio that is linear in "
                "the logarithm of time. The cut comes from the data, so the p values describe and do not "
                "confirm.",
        check="Leant on only where the score test speaks against one ratio; both models stand beside each "
              "other.",
        result="Up to month {survival.moving.timedependent.cut:value}: "
               "{survival.moving.timedependent.early.hr:ci}; after it: "
               "{survival.moving.timedependent.late.hr:ci}; change with each doubling of time: "
               "{survival.moving.timedependent.per_doubling.hr:ci}.",
        verified="R survival 3.5-3 survSplit and coxph on four data sets, 1e-6"),
    Method(
        id="restricted_mean", chapter="04_survival", name="Restricted mean, difference and ratio",
        answers="How many of the first five years after the landmark were lived free of the outcome?",
        reference="Royston and Parmar, BMC Med Res Methodol 2013;13:152; Uno et al., J Clin Oncol "
                  "2014;32:2380",
        assumes="End of follow-up without regard to prognosis; both groups followed for that long. No "
                "proportional hazards.",
        check="Greenwood's variance (not that of lifelines, which is another); the interval of the "
              "ratio by the delta method on its logarithm; none where a group had no event.",
        result="Difference {survival.landmark.restricted_mean.difference.months:ci} months, ratio "
               "{survival.landmark.restricted_mean.ratio.of_means:ci}.",
        verified="R survival 3.5-3 summary(survfit, rmean) and the delta method on three data sets, 1e-6"),
    Method(
        id="milestones", chapter="04_survival", name="Differences at milestones",
        answers="How far apart are the event-free shares at stated months after the landmark?",
        reference="Klein et al., Stat Med 2007;26:4505",
        assumes="End of follow-up without regard to prognosis; enough patients for a normal interval.",
        check="Given only where enough are at risk in both groups. Several looks at the same curves: p "
              "values uncorrected.",
        result="After five years: {survival.landmark.milestone.m60.difference:ci} percentage points.",
        verified="R survival 3.5-3 summary(survfit, times) on three data sets, 1e-6"),
)  # fmt: skip
