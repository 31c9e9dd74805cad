"""The methods of the predictors chapter that answer how honest its model is."""

from __future__ import annotations

from helpers.methods.method import Method

_CHAPTER = "03_predictors"
_BASE = "R 4.2.2"

METHODS: tuple[Method, ...] = (
    Method(
        id="predictors.firth", chapter=_CHAPTER, name="Firth's penalised likelihood, profile intervals",
        answers="Which odds ratios remain when all features are held equal and events are few?",
        reference="Firth, Biometrika 1993;80:27; Heinze and Schemper, Stat Med 2002;21:2409",
        assumes="The logit is a sum of the features; patients are independent; complete cases stand for all.",
        check="Separation is looked for by linear programming and named.",
        result="{predictors.firth.significant.n} of {predictors.firth.significant.n:n} features are below the limit.",
        verified=f"{_BASE} brglm2 0.9 (AS_mean) and a written-out profile on two data sets and a made-up one, 1e-6; "
        "augmented data in every run (odds ratio and p)"),
    Method(
        id="predictors.selection", chapter=_CHAPTER, name="Bootstrap inclusion frequencies of the screening recipe",
        answers="Would the same features be chosen again?",
        reference="Sauerbrei and Schumacher, Stat Med 1992;11:2093; Heinze, Wallisch and Dunkler, Biom J 2018;60:431",
        assumes="Patients can be exchanged for one another; the limit of stability is a choice.",
        check="The whole recipe runs inside every sample; samples without an answer are counted against it.",
        result="The set found in the patients as they are came in {predictors.recipe.run_set.share} of "
        "{predictors.recipe.bootstrap.n} samples; {predictors.recipe.sets.n} different sets came.",
        verified=f"{_BASE} glm, the recipe written out, given samples of two data sets: same choices, areas 1e-9"),
    Method(
        id="predictors.riley", chapter=_CHAPTER, name="Smallest sample size, and the shrinkage to expect",
        answers="Were there patients enough for a model of so many parameters?",
        reference="Riley et al., Stat Med 2019;38:1276 and BMJ 2020;368:m441; van Smeden et al., Stat Methods Med Res "
        "2019;28:2455",
        assumes="The variation explained, from these patients after shrinkage or as assumed beforehand.",
        check="Given for several strengths of the model.",
        result="At the strength found it takes {predictors.riley.own.n} patients; there are {predictors.complete.n}.",
        verified=f"{_BASE} uniroot for the shrinkage to expect of two models, 1e-8; the papers' worked examples"),
    Method(
        id="predictors.ridge", chapter=_CHAPTER, name="Ridge regression at fixed effective parameters",
        answers="What is left when the model may spend only what the data can carry?",
        reference="Gray, J Am Stat Assoc 1992;87:942; Riley et al., J Clin Epidemiol 2021;132:88",
        assumes="All log odds ratios, per standard deviation, are drawn towards none alike.",
        check="Calibration slope corrected by the bootstrap; ranges are percentiles, no coverage claimed.",
        result="{predictors.ridge.degrees} effective parameters; corrected calibration slope "
        "{predictors.ridge.slope.corrected}.",
        verified=f"{_BASE} rms 6.5-0 lrm(penalty =): coefficients and effective parameters on two data sets, 1e-6; "
        "scipy in every run"),
    Method(
        id="predictors.validation", chapter=_CHAPTER, name="Bootstrap correction for optimism",
        answers="How well does the model tell patients apart, and can its risks be believed?",
        reference="Harrell, Lee and Mark, Stat Med 1996;15:361",
        assumes="New patients are like these; features stay (for the recipe they are chosen anew).",
        check="Samples without a fit are counted.",
        result="Area {predictors.auc.apparent} as it appears, {predictors.auc.corrected} corrected; slope "
        "{predictors.calibration_slope.corrected}; recipe {predictors.recipe.auc.corrected}.",
        verified=f"{_BASE} glm and pROC 1.18.0 in given samples of two data sets, 1e-9"),
    Method(
        id="predictors.decision", chapter=_CHAPTER, name="Decision curve, corrected for optimism",
        answers="Would acting on the model do more good than treating all alike?",
        reference="Vickers and Elkin, Med Decis Making 2006;26:565",
        assumes="The risk from which one acts says how harm and good are weighed.",
        check="Against acting on all and on none at each limit.",
        result="The lowest limit at which the model does better is {predictors.decision.low}, the highest "
        "{predictors.decision.high}.",
        verified=f"{_BASE}, net benefit and its optimism written out, two data sets, 1e-9"),
    Method(
        id="predictors.collinearity", chapter=_CHAPTER, name="Variance inflation, condition index, phi",
        answers="Do features say the same thing twice?",
        reference="Belsley, Kuh and Welsch, Regression Diagnostics 1980",
        assumes="Nothing of the outcome.",
        check="Features that others determine are left out by name.",
        result="Highest factor {predictors.collinearity.vif}, condition index {predictors.collinearity.index}.",
        verified=f"{_BASE} rms 6.5-0 vif(ols) and svd on two data sets, 1e-6"),
    Method(
        id="predictors.multiplicity", chapter=_CHAPTER, name="Holm and false discovery rate",
        answers="What is left when it is remembered how many features were tested?",
        reference="Holm, Scand J Stat 1979;6:65; Benjamini and Hochberg, J R Stat Soc B 1995;57:289",
        assumes="False discovery rate: tests that go together do so in one direction. Holm: nothing.",
        check="Alone and together, each over its own features.",
        result="Alone {predictors.univariable.significant.n}, {predictors.univariable.fdr.n} and "
        "{predictors.univariable.holm.n} features; together {predictors.multivariable.significant.n}, "
        "{predictors.multivariable.fdr.n} and {predictors.multivariable.holm.n} (raw, false discovery rate, Holm).",
        verified=f"{_BASE} p.adjust on two data sets, 1e-9"),
    Method(
        id="predictors.strata", chapter=_CHAPTER, name="Mantel-Haenszel odds ratio within regimen and period",
        answers="Do the associations hold among patients treated alike in the same years?",
        reference="Mantel and Haenszel, J Natl Cancer Inst 1959;22:719; Robins, Breslow and Greenland, Biometrics "
        "1986;42:311",
        assumes="One odds ratio in all strata.",
        check="Strata that compare are counted; the model with regimen and year stands beside it.",
        result="{predictors.strata.significant.n} of {predictors.strata.significant.n:n} features are associated "
        "within {predictors.strata.n} strata.",
        verified=f"{_BASE} mantelhaen.test(correct = FALSE) on two data sets, 1e-9; statsmodels in every run"),
    Method(
        id="predictors.graph", chapter=_CHAPTER, name="Directed graph and back-door criterion",
        answers="What would have to be held equal to read an odds ratio as an effect?",
        reference="Pearl, Biometrika 1995;82:669; Westreich and Greenland, Am J Epidemiol 2013;177:292",
        assumes="Every arrow that is not drawn.",
        check="None is possible from the data; the arrows and their reasons are listed.",
        result="Adjusted covariates are not read as causes.",
        verified="Textbook graphs (confounder, mediator, collider, M)"),
)  # fmt: skip
"""One entry per method of the chapter, in the order of its sections."""
