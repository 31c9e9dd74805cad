"""How events that compete are counted and compared."""

from __future__ import annotations

from helpers.methods.method import Limit, Method

METHODS: tuple[Method, ...] = (
    Method(
        id="aalen_johansen", chapter="04_survival", name="Cumulative incidence (Aalen-Johansen)",
        answers="How many have had an event by a month, when other events take patients out of the race?",
        reference="Aalen, Borgan, Gjessing, Survival and Event History Analysis, Springer 2008, section 3.4; "
                  "on one minus Kaplan-Meier, Gooley et al., Stat Med 1999;18:695",
        assumes="Who leaves observation has the same prospects as who stays. Nothing is assumed about how "
                "the events depend on each other.",
        check="One minus Kaplan-Meier can only lie above it: that follows from the formulas and tests only the "
              "arithmetic. No share is given where too few are at risk.",
        result="Kidney failure by five years, difficult-to-treat: {survival.esrd.dtt.cif.60m:ci}; one minus "
               "Kaplan-Meier would say "
               "{table.survival.esrd.shares.kidney_failure_dtt_60.one_minus_km_share:percent}.",
        verified="R survival 3.5-3 survfit (estimate, error, log-log limits) on two data sets with ties, "
                 "1e-6; increments added one by one in every run"),
    Method(
        id="cause_specific", chapter="04_survival", name="Cause-specific hazard ratio (Cox)",
        answers="How fast does an event come among those still at risk of it? A question about causes.",
        reference="Latouche et al., J Clin Epidemiol 2013;66:648",
        assumes="Proportional cause-specific hazards; end of follow-up without regard to prognosis. It does "
                "not translate into how many get there.",
        check="Score test of proportional hazards, kidney failure: "
              "{table.survival.hazard_checks.cause_specific_kidney_failure.p:p}; death without it: "
              "{table.survival.hazard_checks.cause_specific_death_before.p:p}. Many looks at the same patients: kidney "
              "failure is the one to read, and p values are uncorrected.",
        result="Kidney failure from the landmark on: "
               "{survival.competing.kidney_failure.cause_specific.hr:ci}; death without it: "
               "{survival.competing.death_before.cause_specific.hr:ci}.",
        verified="R survival 3.5-3 coxph (Efron ties), nine models of six data sets, 1e-6; event by event in "
                 "every run",
        limits=tuple(Limit(f"table.survival.hazard_checks.cause_specific_{name}.p", low=0.05)
                     for name in ("kidney_failure", "death_before"))),
    Method(
        id="fine_gray", chapter="04_survival", name="Subdistribution hazard ratio (Fine and Gray)",
        answers="Do more of one group get there, with others lost on the way? A question about numbers.",
        reference="Fine and Gray, J Am Stat Assoc 1999;94:496; Austin, Lee and Fine, Circulation "
                  "2016;133:601; on labels that come later, Beyersmann and Schumacher, Biostatistics "
                  "2008;9:765",
        assumes="Proportional subdistribution hazards; a group known at the start, hence the landmark; end "
                "of follow-up that depends neither on prognosis nor on the group.",
        check="A term that changes with the logarithm of time, put into the model: "
              "{table.survival.hazard_checks.subdistribution_kidney_failure.p:p}. Were the groups followed for the "
              "same time (log-rank test, the roles turned)? {survival.followup.p:p}.",
        result="Kidney failure from the landmark on: "
               "{survival.competing.kidney_failure.subdistribution.hr:ci}. Equal follow-up: "
               "{survival.followup.p:p}.",
        verified="R cmprsk 2.2-11 crr (log ratio and sandwich error) on two data sets, two events each, in days "
                 "and with ties in months, 1e-6; survival::finegray with coxph, log ratio 1e-3, error 2e-3; the "
                 "root of the score in every run; the term with time: crr with cov2 and tf on the same, 1e-6",
        limits=(Limit("table.survival.hazard_checks.subdistribution_kidney_failure.p", low=0.05),
                Limit("survival.followup.p", low=0.05))),
    Method(
        id="gray", chapter="04_survival", name="Gray's test",
        answers="Do the cumulative incidence curves of two groups differ, whatever their shape?",
        reference="Gray, Ann Stat 1988;16:1141",
        assumes="End of follow-up without regard to prognosis. It has most power where subdistribution "
                "hazards are proportional.",
        check="Made on the same patients and from the same start as the two ratios.",
        result="Kidney failure from the landmark on: {survival.competing.kidney_failure.gray.p:p}.",
        verified="R cmprsk 2.2-11 cuminc on two data sets, two events each, in days and with ties in months, "
                 "1e-6; Gray's recursion in every run"),
)  # fmt: skip
