"""The methods of the predictors chapter that answer how honest its model is."""

from __future__ import annotations

from helpers.methods.method import Limit, Method

_CHAPTER = "03_predictors"
_BASE = "R 4.2.2"
_NEAR = (0.9, 1 / 0.9)
"""Between these a calibration slope is near enough to one: the factor that Riley et al. ask for, either way."""

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
        result="When nothing is known it takes {predictors.riley.cautious.n} patients; there are "
        "{predictors.complete.n}, who can carry {predictors.riley.cautious.allowed_parameters} parameters.",
        verified=f"{_BASE} uniroot for the shrinkage to expect of two models, 1e-8; the papers' worked examples"),
    Method(
        id="predictors.log_f", chapter=_CHAPTER, name="All features under a log-F(1,1) prior",
        answers="What is left of each odds ratio when a weak prior holds back what is absurd?",
        reference="Greenland and Mansournia, Stat Med 2015;34:3133",
        assumes="Half of all odds ratios lie within a factor of six of one, nearly all within some hundreds.",
        check="Calibration slope, corrected by the bootstrap: {predictors.log_f.slope.corrected}.",
        result="{predictors.log_f.significant.n} of {predictors.log_f.significant.n:n} features are below the limit.",
        verified=f"{_BASE} glm with the prior as added rows, ends by uniroot, two data sets, 1e-6",
        limits=(Limit("predictors.log_f.slope.corrected", *_NEAR),)),
    Method(
        id="predictors.uniform", chapter=_CHAPTER, name="One shrinkage factor for all, fixed beforehand",
        answers="How far must the risks of a model of so many features be drawn in?",
        reference="van Houwelingen and le Cessie, Stat Med 1990;9:1303; Riley et al., BMJ 2020;368:m441",
        assumes="The model explains what is assumed where nothing is known (Nagelkerke R squared).",
        check="Calibration slope, corrected by the bootstrap: {predictors.uniform.slope.corrected}.",
        result="Every log odds ratio times {predictors.uniform.factor}; meant for risks, not for odds ratios.",
        verified="Formula solved again in R for two models, 1e-6",
        limits=(Limit("predictors.uniform.slope.corrected", *_NEAR),)),
    Method(
        id="predictors.prespecified", chapter=_CHAPTER, name="A small model of features named beforehand",
        answers="What remains in a model that these patients can carry?",
        reference="Riley et al., Stat Med 2019;38:1276; Greenland and Mansournia, Stat Med 2015;34:3133",
        assumes="The abstract named its independent features without these patients.",
        check="It spends {predictors.prespecified.parameters.n} parameters, and "
        "{predictors.prespecified.allowed_parameters} can be carried; calibration slope, corrected, "
        "{predictors.prespecified.slope.corrected}.",
        result="{predictors.prespecified.complete.n} patients with {predictors.prespecified.events.n} events, under "
        "the log-F prior.",
        verified="As the model of all features under the prior",
        limits=(Limit("predictors.prespecified.slope.corrected", *_NEAR),)),
    Method(
        id="predictors.validation", chapter=_CHAPTER, name="Bootstrap correction for optimism",
        answers="How well does the model tell patients apart, and can its risks be believed?",
        reference="Harrell, Lee and Mark, Stat Med 1996;15:361",
        assumes="New patients are like these; features stay (for the recipe they are chosen anew).",
        check="Samples without a fit are counted; calibration slope, corrected: "
        "{predictors.calibration_slope.corrected}.",
        result="Area {predictors.auc.apparent} as it appears, {predictors.auc.corrected} corrected; slope "
        "{predictors.calibration_slope.corrected}; recipe {predictors.recipe.auc.corrected}.",
        verified=f"{_BASE} glm and pROC 1.18.0 in given samples of two data sets, 1e-9"),
    Method(
        id="predictors.decision", chapter=_CHAPTER, name="Decision curve, corrected for optimism",
        answers="Would acting on the model do more good than treating all alike?",
        reference="Vickers and Elkin, Med Decis Making 2006;26:565; Noma et al., Stat Med 2021;40:5691",
        assumes="The risk from which one acts says how harm and good are weighed; the range of risks is a choice.",
        check="Against acting on all and on none at each limit, with an interval; the model drawn in stands beside.",
        result="From {predictors.decision.from} to {predictors.decision.to} the model as fitted does better at "
        "{predictors.decision.fitted.better.share} of limits, clearly at {predictors.decision.fitted.clear.share}; "
        "drawn in, at {predictors.decision.shrunken.better.share} and {predictors.decision.shrunken.clear.share}.",
        verified=f"{_BASE}, net benefit, drawn in and not, and its optimism written out, two data sets, 1e-6"),
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
        check="Alone and together, each over its own features; no part of what is called independent.",
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
