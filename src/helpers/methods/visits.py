"""What the statistical appendix says of visit rates and of times that lie between visits."""

from __future__ import annotations

from helpers.methods.method import Method

METHODS: tuple[Method, ...] = (
    Method(
        id="visit_rate_ratio", chapter="05_response_over_time",
        name="Ratio of visit rates (Andersen-Gill, robust variance)",
        answers="Were the difficult to treat seen more often than the others at the same time since time zero?",
        reference="Andersen and Gill, Ann Stat 1982;10:1100; variance: Lin and Wei, J Am Stat Assoc 1989;84:1074",
        assumes="One course of visit rates over time for all, times a constant; patients are independent.",
        check="Rates, gaps and windows seen are shown beside the ratio.",
        result="Before the label {visits.before.ratio:ci}, after it {visits.after.ratio:ci}.",
        verified="R survival 3.5-3 coxph(ties = breslow, cluster) and glm(poisson) with the sandwich, two data sets, "
        "1e-6",
    ),
    Method(
        id="turnbull", chapter="05_response_over_time", name="Turnbull's estimate for interval-censored times",
        answers="When did response and flare come, if all that is known is between which visits?",
        reference="Turnbull, J R Stat Soc B 1976;38:290; computed as in Wang, J R Stat Soc B 2007;69:185",
        assumes="When the clinic looks does not depend on when the event comes; a response that has begun is still "
        "there at the next visit; death and kidney failure censor at the last visit before them.",
        check="The curve on visit dates is drawn beside it; no interval of confidence is given, for none is valid "
        "in general.",
        result="Median months to complete response between {visits.complete.turnbull_months:low} and "
        "{visits.complete.turnbull_months:high}, on visit dates {visits.complete.km_months:value}.",
        verified="R survival 3.5-3 survfit(interval2) iterated to the end on two data sets, 1e-6; the conditions of a "
        "maximum on a third, where survfit stops short",
    ),
)
