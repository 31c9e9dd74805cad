"""What the statistical appendix says of visit rates and of times that lie between visits."""

from __future__ import annotations

from helpers.methods.method import Method

METHODS: tuple[Method, ...] = (
    Method(
        id="visit_rate_ratio", chapter="05_response_over_time",
        name="Ratio of visit rates (Andersen-Gill, robust variance)",
        answers="Are patients seen more often once they are labelled than those without a label at the same time?",
        reference="Andersen and Gill, Ann Stat 1982;10:1100; variance: Lin and Wei, J Am Stat Assoc 1989;84:1074",
        assumes="One course of visit rates over time for all, times a constant; patients are independent.",
        check="Two ratios that choose patients by a label still to come are shown beside it and say so.",
        result="After the label over those without one by then {visits.label.ratio:ci}; looking ahead, before the "
        "label over the never labelled {visits.before.ratio:ci}, after it {visits.after.ratio:ci}.",
        verified="R survival 3.5-3 coxph(ties = breslow, cluster) and glm(poisson) with the sandwich, two data sets, "
        "1e-6",
    ),
    Method(
        id="turnbull", chapter="05_response_over_time", name="Turnbull's estimate for interval-censored times",
        answers="When did response and flare come, if all that is known is between which visits?",
        reference="Turnbull, J R Stat Soc B 1976;38:290; computed as in Wang, J R Stat Soc B 2007;69:185",
        assumes="When the clinic looks does not depend on when the event comes; a response that has begun is still "
        "there at the next visit; death and kidney failure censor at the last visit before them.",
        check="The range when patients are drawn again is shown; it is no interval of confidence, for the bootstrap "
        "is not valid for this estimate in general. Visit dates are compared in the mean, which does not jump.",
        result="Median months to complete response between {visits.complete.turnbull_months:low} and "
        "{visits.complete.turnbull_months:high}, with patients drawn again from {visits.complete.resampled_months:low} "
        "to {visits.complete.resampled_months:high}; on visit dates {visits.complete.km_months:value}, in the mean "
        "later by {visits.complete.later_months:value}.",
        verified="R survival 3.5-3 survfit(interval2) iterated to the end on two data sets, 1e-6; the conditions of a "
        "maximum on a third, where survfit stops short; restricted means: lifelines",
    ),
)
