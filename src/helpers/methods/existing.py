"""What the statistical appendix says of the plain methods: counting, agreement, curves, rates, tests, models."""

from __future__ import annotations

from helpers.methods.method import Method

_COHORT, _LABEL, _PREDICTORS = "01_cohort", "02_dtt_labelling", "03_predictors"
_SURVIVAL, _RESPONSE = "04_survival", "05_response_over_time"

METHODS: tuple[Method, ...] = (
    Method(
        id="flow", chapter=_COHORT, name="Flow of patients by exclusion flags",
        answers="Who is in the study, and at which criterion did the others leave?",
        reference="von Elm et al. (STROBE), Lancet 2007;370:1453",
        assumes="A patient who fails several criteria is counted at the first; the order is part of the definition.",
        check="The flow is counted again by a database that reads the raw tables by itself.",
        result="{cohort.eligible.n} of {cohort.screened.n} patients are in the study.",
        verified="SQL on the raw tables in every run; made-up patients at the limits of each criterion",
    ),
    Method(
        id="reverse_kaplan_meier", chapter=_COHORT, name="Follow-up by reverse Kaplan-Meier",
        answers="How long would patients have been followed, had nobody died?",
        reference="Schemper and Smith, Control Clin Trials 1996;17:343",
        assumes="Those who died would have been followed like the others.",
        check="The plain median beside it; in the chapter on survival, the test of equal follow-up.",
        result="{cohort.followup.reverse.all.median:ci} months; the plain median is {cohort.followup.median}.",
        verified="R survival 3.5-3 survfit with the status turned, median and limits on two data sets, 1e-6; "
                 "lifelines in every run",
    ),
    Method(
        id="standardised_difference", chapter=_COHORT, name="Standardised mean difference",
        answers="How large is a difference, whatever the number of patients?",
        reference="Austin, Stat Med 2009;28:3083",
        assumes="Spread is alike in both groups; a difference below the stated limit is called small by custom alone.",
        check="No test beside it in small groups: a test would mostly measure their number.",
        result="Called small up to {cohort.small_difference.size:value}.",
        verified="The formula in R 4.2.2 on two data sets, 1e-9; the package tableone, which makes this table",
    ),
    Method(
        id="wilson", chapter=_COHORT, name="Wilson's interval of a share",
        answers="How sure is a share of so many patients?",
        reference="Wilson, J Am Stat Assoc 1927;22:209",
        assumes="Patients are independent of one another.",
        check="Solved a second time as the quadratic equation behind it.",
        result="In the study: {cohort.eligible.share:ci} of those on file.",
        verified="R 4.2.2 prop.test(correct = FALSE), made-up counts, 1e-10, and three shares of two data sets, 1e-9; "
                 "solved again in every run",
    ),
    Method(
        id="label", chapter=_LABEL, name="The label in three-valued logic",
        answers="Is a patient difficult to treat by the rule: yes, no, or cannot tell?",
        reference="Kleene, Introduction to Metamathematics, 1952, section 64 (the logic); Hahn et al., Arthritis Care "
                  "Res 2012;64:797; Bertsias et al., Ann Rheum Dis 2012;71:1771 (the arms)",
        assumes="The visit nearest to a month speaks for it; a gap is settled only as the rule in force says.",
        check="The share if all who cannot be told were difficult to treat; the trace judged a second time.",
        result="{dtt.share:ci}; if the {dtt.cannot_tell.n} open ones were too: {dtt.share_if_open_is_yes:percent}.",
        verified="Made-up patients around each threshold; the trace judged again in every run",
    ),
    Method(
        id="kappa", chapter=_LABEL, name="Cohen's kappa between response rules",
        answers="Do two rules label the same patients, beyond what chance would bring about?",
        reference="Cohen, Educ Psychol Meas 1960;20:37; Fleiss, Cohen and Everitt, Psychol Bull 1969;72:323",
        assumes="Neither rule is the truth; kappa falls where one answer is rare.",
        check="Counts of both labels beside every kappa; pairs that a rule leaves open are left out and counted.",
        result="Against the rule in force from {dtt.agreement.lowest.kappa:ci} to {dtt.agreement.highest.kappa:ci}.",
        verified="The formulas in R 4.2.2 on three pairs of readings from two data sets, 1e-10; statsmodels "
                 "cohens_kappa in every run",
    ),
    Method(
        id="baseline_tests", chapter=_PREDICTORS, name="Tests of baseline differences",
        answers="Which baseline values differ between the groups by more than chance would have them?",
        reference="Mann and Whitney, Ann Math Stat 1947;18:50; Fisher, J R Stat Soc 1922;85:87",
        assumes="Patients are independent; chi-square where every expected count is five or more, else Fisher's test.",
        check="How many would differ by chance alone; Holm and false discovery rate beside the plain p.",
        result="{predictors.baseline.raw.n} of {predictors.baseline.tested.n} differ, "
               "{predictors.baseline.holm.n} by Holm.",
        verified="R 4.2.2 wilcox.test(exact = FALSE), chisq.test(correct = FALSE) and fisher.test on two data sets, "
                 "1e-9",
    ),
    Method(
        id="logistic", chapter=_PREDICTORS, name="Logistic regression by maximum likelihood, Wald intervals",
        answers="How do the odds of the label differ with a feature, alone and with the others held equal?",
        reference="Hosmer, Lemeshow and Sturdivant, Applied Logistic Regression, Wiley 2013",
        assumes="The log odds add up; patients are independent; that a feature is unknown has nothing to do with the "
                "label.",
        check="Separation is looked for by linear programming and named; Firth's likelihood stands beside.",
        result="{predictors.complete.n} patients known in full, {predictors.events.n} of them difficult to treat; "
               "{predictors.events_per_parameter} events per parameter.",
        verified="R 4.2.2 glm on four data sets of statsmodels and lifelines and a made-up one, coefficients 1e-8, "
                 "errors and p 1e-7; four cells, or statsmodels GLM, in every run",
    ),
    Method(
        id="kaplan_meier", chapter=_SURVIVAL, name="Kaplan-Meier with log-log intervals",
        answers="What share is still free of the outcome by a month?",
        reference="Kaplan and Meier, J Am Stat Assoc 1958;53:457; Kalbfleisch and Prentice, Wiley 2002, chapter 1",
        assumes="Those whose follow-up ended fare like those who stayed; for death and the composite nothing competes.",
        check="The axis stops, and no share is given, where too few are at risk.",
        result="Free of the composite outcome at five years: difficult to treat {survival.composite.dtt.60m:ci}, "
               "others {survival.composite.other.60m:ci}.",
        verified="R survival 3.5-3 survfit on two data sets, one with many ties, shares, errors and log-log limits, "
                 "1e-10; median and its limits on three, 1e-6; lifelines in every run",
    ),
    Method(
        id="log_rank", chapter=_SURVIVAL, name="Log-rank test",
        answers="Do the hazards of two groups differ anywhere?",
        reference="Mantel, Cancer Chemother Rep 1966;50:163",
        assumes="Groups known from time zero on, which the final label is not.",
        check="Read beside the landmark and the time-dependent analysis only.",
        result="By final label, {survival.composite.logrank.p:p}.",
        verified="R survival 3.5-3 survdiff on three data sets, 1e-6; statsmodels in every run",
    ),
    Method(
        id="cox", chapter=_SURVIVAL, name="Cox regression, ties by Efron",
        answers="How many times as high is the hazard of one group as that of the other?",
        reference="Cox, J R Stat Soc B 1972;34:187; Efron, J Am Stat Assoc 1977;72:557",
        assumes="One ratio for all time; censoring tells nothing of the outcome.",
        check="The exact score test of proportional hazards for every model; a likelihood without a peak is named.",
        result="Final label from time zero: {survival.composite.naive.hr:ci}.",
        verified="R survival 3.5-3 coxph, nine models of six data sets, five with late entry, 1e-6; event by event in "
                 "every run",
    ),
    Method(
        id="poisson", chapter=_SURVIVAL, name="Rates with exact Poisson limits",
        answers="How many events come to a hundred patient-years?",
        reference="Garwood, Biometrika 1936;28:437",
        assumes="The rate is the same over the time counted, and events are independent.",
        check="Counted from time zero and from the least follow-up on, side by side.",
        result="Deaths: {survival.death.all.rate:ci}.",
        verified="R 4.2.2 poisson.test, made-up counts, 1e-9, and two data sets, 1e-10; gamma quantiles in every run",
    ),
    Method(
        id="response_rates", chapter=_RESPONSE, name="Response at stated months",
        answers="What share was in response around a month?",
        reference="Wilson, J Am Stat Assoc 1927;22:209 (limits)",
        assumes="Those not seen respond like those seen; the dead and failed kidneys count as without response.",
        check="Numbers missing, ended and not followed so long stand beside every share.",
        result="In complete response at twelve months: {response.12.cr.share:ci}.",
        verified="R 4.2.2 prop.test(correct = FALSE), made-up counts, 1e-10; visits read again in every run",
    ),
    Method(
        id="response_times", chapter=_RESPONSE, name="Time to response by Aalen-Johansen",
        answers="By which month had half responded, when death and kidney failure can come first?",
        reference="Aalen, Borgan and Gjessing, Survival and Event History Analysis, Springer 2008, section 3.4; "
                  "Brookmeyer and Crowley, Biometrics 1982;38:29 (limits of the median)",
        assumes="Those whose follow-up ended would have gone on like the others; a response begins on the day of the "
                "visit that shows it.",
        check="Read again with a second induction as a competing event.",
        result="Complete response: month {response.cr.median_months:ci}.",
        verified="The curve: R survival 3.5-3 survfit on the lymph-node data of lifelines, shares, errors and limits, "
                 "1e-10; the median: statsmodels in every run",
    ),
    Method(
        id="adverse_rates", chapter=_RESPONSE, name="Adverse event rates and their ratio",
        answers="How often did treatment do harm, and to whom?",
        reference="Garwood, Biometrika 1936;28:437; Przyborowski and Wilenski, Biometrika 1940;31:313 (ratio)",
        assumes="Events are independent, which they are not where one patient has many: first events answer that.",
        check="All events and first events side by side.",
        result="Any event: {adverse.any.rate:ci} per hundred patient-years; of first events, ratio "
               "{adverse.any.ratio:ci}.",
        verified="R 4.2.2 poisson.test of one sample and of two, made-up counts, 1e-9; gamma quantiles and binomial "
                 "tails in every run",
    ),
)
