"""What the appendix says of missing values: multiple imputation, and suppositions about what it cannot see."""

from __future__ import annotations

from helpers.methods.method import Method

METHODS: tuple[Method, ...] = (
    Method(
        id="multiple_imputation", chapter="03_predictors",
        name="Multiple imputation by chained equations",
        answers="Do the odds ratios change when nobody is left out for a missing feature?",
        reference="van Buuren, Stat Methods Med Res 2007;16:219; White, Royston and Wood, Stat Med "
        "2011;30:377; perfect prediction: White, Daniel and Royston, Comput Stat Data Anal 2010;54:2267",
        assumes="Values are missing for reasons that the data hold: the label, the other features, year, "
        "eGFR, proteinuria, class and regimen.",
        check="The patterns of gaps, what being incomplete goes with, and a grid of suppositions in which "
        "values are missing for other reasons.",
        result="{predictors.imputed.sets.n} completed data sets; verdicts that change: "
        "{predictors.imputed.univariable.changed.n} one at a time, "
        "{predictors.imputed.multivariable.changed.n} taken together; largest fraction of missing "
        "information {predictors.imputed.fmi}.",
        verified="R mice 3.15.0 on two data sets: pooled estimates within the error of finitely many "
        "draws; made-up samples with a known truth, where complete cases are biased",
    ),
    Method(
        id="rubin_pooling", chapter="03_predictors",
        name="Rubin's rules with Barnard and Rubin's degrees of freedom",
        answers="What is one estimate from many completed data sets, and how much of its error is for what "
        "was missing?",
        reference="Rubin, Multiple Imputation for Nonresponse in Surveys, Wiley 1987; Barnard and Rubin, "
        "Biometrika 1999;86:948",
        assumes="Estimates are near normal on the scale they are pooled on: log odds, log hazards.",
        check="A data set without a finite answer leaves the pooled one missing, not averaged over.",
        result="The largest fraction of missing information is {predictors.imputed.fmi}.",
        verified="R mice 3.15.0 pool and pool.scalar, on fixed completed copies of two data sets each for "
        "glm and coxph, 1e-6; set by set in every run",
    ),
    Method(
        id="tipping_untested", chapter="03_predictors",
        name="Delta-adjusted imputation of the untested",
        answers="How far must those not tested for antiphospholipid antibodies differ from the tested for "
        "the verdict to change?",
        reference="Cro et al., Stat Med 2020;39:2815; van Buuren, Flexible Imputation of Missing Data, 2nd "
        "ed. 2018, section 3.8",
        assumes="The untested differ by one shift of the log odds, the same for all.",
        check="The grid ends at all negative and all positive: it cannot be left.",
        result="Odds ratio with all untested negative {table.predictors.tipping.all_negative.estimate}, "
        "with all positive {table.predictors.tipping.all_positive.estimate}.",
        verified="The ends of the grid equal the plain model with the gaps filled in, 1e-6",
    ),
    Method(
        id="cox_imputation", chapter="04_survival",
        name="Multiple imputation for a Cox model",
        answers="Does the adjusted hazard ratio change when nobody is left out for a missing baseline?",
        reference="White and Royston, Stat Med 2009;28:1982",
        assumes="As for the odds ratios; the outcome enters the imputation as the event and the "
        "Nelson-Aalen hazard.",
        check="Complete cases and imputation stand beside each other. Their limits follow two conventions: normal for "
        "the observed, for the pooled t on Barnard and Rubin's degrees of freedom "
        "({table.survival.imputed.baseline_imputed.df} here), a little wider even where nothing is missing.",
        result="Imputed {survival.composite.adjusted.baseline_imputed.hr:ci}, complete cases "
        "{survival.composite.adjusted.baseline.hr:ci}.",
        verified="Cox models of many data sets at once: R survival 3.5-3 coxph with start, stop and "
        "strata, on two data sets, 1e-6",
    ),
    Method(
        id="tipping_lost", chapter="04_survival",
        name="Delta-adjusted event times of the lost",
        answers="How much worse must the lost have fared than those who stayed for the verdict to change?",
        reference="Jackson et al., Stat Med 2014;33:4681",
        assumes="After loss the hazard is that of the group times one factor; after the last event seen it "
        "is none. The ends of the grid, all at once and none, assume nothing; who was lost before the least follow-up "
        "is in neither.",
        check="At a factor of one the censored estimate comes back, but for chance and for limits of t instead of "
        "normal ones. The ends of the grid cannot be left.",
        result="{survival.loss.n} lost; at a factor of one the hazard ratio is "
        "{survival.loss.unchanged.hr:ci}; at both extremes of what may have become "
        "of the lost {survival.loss.lowest.hr:ci} and {survival.loss.highest.hr:ci}.",
        verified="Baseline hazard: R survival 3.5-3 basehaz, 1e-6; factor one against the censored fit in "
        "made-up data",
    ),
)
