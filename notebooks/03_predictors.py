# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # What set them apart at the start?

# %% [markdown]
# The abstract names features that go with being difficult to treat, and says that few of them do so independently.
# This chapter compares the two groups at baseline, gives the odds ratio of each feature alone and with all others
# held equal, asks whether there were patients enough for such a model, and how far its predictions can be believed.
# The label comes from the chapter before; this one writes the estimates.

# %% tags=["parameters"]
data_dir: str = "data/raw"  # folder of the raw tables
derived_dir: str = "data/derived/interactive"  # folder that the notebooks write to
rules_file: str = ""  # YAML file with rules of your own; empty for the shipped rules only
covariates: list[str] = ["is_male", "constitutional_symptoms", "serositis", "hypertension", "leucopenia", "active_sediment", "anti_ro60", "anti_u1rnp", "any_apl", "low_c3", "wire_loops", "interstitial_inflammation", "fibrinoid_necrosis", "crescents", "glomerulosclerosis"]  # features of the multivariable model
bootstrap_samples: int = 500  # bootstrap samples, wherever patients are drawn again [samples]
imputations: int = 0  # completed data sets of multiple imputation (0: the percentage of incomplete patients, at least 20) [data sets]
seed: int = 20220101  # seed of every random draw of the analysis

# %% tags=["setup"]
from helpers.definitions import FEATURES
from helpers.definitions.honest_model import PRIOR_DEGREES
from helpers.figures.assumed_graph import draw_assumed_graph
from helpers.figures.decision_curve import draw_decision_curve
from helpers.figures.imputation import draw_patterns, draw_tipping
from helpers.figures.predictors import draw_calibration, draw_feature_prevalence, draw_forest
from helpers.figures.selection import draw_inclusion
from helpers.imputation.patterns import list_related
from helpers.predictors import estimate_multivariable, estimate_univariable, headings_imputation
from helpers.predictors import facts as facts
from helpers.predictors import facts_selection as lists
from helpers.predictors import headings as headings
from helpers.predictors import headings_selection as heads
from helpers.predictors import sentences as words
from helpers.predictors import sentences_risk as verdicts
from helpers.predictors.association import (
    UNSTABLE,
    cite_estimates,
    derive_forest,
    derive_side_by_side,
    label_associations,
    list_features,
)
from helpers.predictors.assumed_graph import list_arrows, list_questions
from helpers.predictors.baseline import compare_baseline, derive_tested_table
from helpers.predictors.calibration import (
    derive_calibration_curve,
    derive_predictions,
    summarise_calibration,
    summarise_model_size,
)
from helpers.predictors.collinearity import describe_collinearity, summarise_collinearity
from helpers.predictors.decision_curve import estimate_decision_curve
from helpers.predictors.firth import estimate_firth
from helpers.predictors.imputed import (
    compare_with_imputed,
    estimate_multivariable_imputed,
    estimate_univariable_imputed,
    impute_features,
)
from helpers.predictors.log_f import estimate_log_f
from helpers.predictors.missing import list_imputation_facts, name_features, summarise_missing
from helpers.predictors.models import NEAR_SEPARATION_ERROR
from helpers.predictors.p_values import derive_p_values, list_p_value_facts
from helpers.predictors.sample import count_unknown, describe_separation
from helpers.predictors.selection import count_models, derive_selections, summarise_inclusion
from helpers.predictors.shrinkage import find_beforehand, summarise_needed_patients
from helpers.predictors.shrunken import PRESPECIFIED, derive_shrunken, estimate_slopes
from helpers.predictors.strata import estimate_stratified
from helpers.predictors.tipping import describe_untested_tipping, estimate_untested_tipping
from helpers.predictors.treatment import compare_with_treatment, estimate_with_treatment, keep_treatment
from helpers.predictors.validation import estimate_validation
from helpers.second_engine.predictors import check_predictors
from helpers.study import open_study
from helpers.table_one import derive_table_one, name_table_one_columns
from helpers.wording import join_words

study = open_study("03_predictors", globals())

# %%
study.header()

# %% [markdown]
# ## Who can be compared?
#
# Patients whose label cannot be told are neither cases nor controls and are left out. A model of several features
# sees only the patients in whom all of them are known; those tend to be the ones who were looked at most closely.

# %%
common = {"cohort": study.cohort, "labels": study.labels}
size = summarise_model_size(**common, covariates=study.parameters.covariates)
study.table(size, id="predictors.size", index="term", caption="Patients and features of the multivariable model",
            columns=headings.SIZE)

# %%
sizes = facts.list_size_facts(size, origin="cohort, dtt_labels: helpers.predictors.calibration.summarise_model_size")
study.record("predictors.labelled.n", **sizes["labelled_n"])
study.record("predictors.cannot_tell.n", **sizes["cannot_tell_n"])
study.record("predictors.complete.n", **sizes["complete_n"])
study.record("predictors.events.n", **sizes["events"])
study.record("predictors.parameters.n", **sizes["parameters"])

# %%
unknown = count_unknown(**common, covariates=study.parameters.covariates)
study.table(unknown, id="predictors.unknown", index="term", columns=headings.UNKNOWN,
            caption="Features of the model that are not known")

# %% tags=["say"]
study.say(
    "Patients compared: {predictors.labelled.n}; left out because their label cannot be told: {predictors.cannot_tell.n}. "
    "All features of the model are known in {predictors.complete.n} of them, {predictors.events.n} of these difficult "
    "to treat. Most often unknown is: {most}.", most=join_words(list_features(unknown.query("unknown_n > 0").head(1))))

# %% [markdown]
# ## How did the two groups differ at the start?
#
# Each variable is tested by itself. A standardised difference does not grow with the number of patients, as a p value
# falls; the adjusted p values say what is left when it is remembered how many tests were made. The first induction is
# shown because the doctor chose it; it was not allotted, and is no feature of the disease.

# %%
comparison = compare_baseline(**common)
patients = study.eligible.merge(study.labels[["patient_id", "dtt"]], on="patient_id")
table_one = derive_tested_table(derive_table_one(patients, by="dtt", groups=["yes", "no"]), comparison)
study.table(table_one, id="predictors.baseline", caption="Baseline, difficult to treat against the others",
            columns=name_table_one_columns(table_one, headings=headings.GROUPS) | headings.TESTS, note=headings.BASELINE_NOTE)

# %%
differences = facts.list_comparison_facts(comparison, origin="cohort, dtt_labels: helpers.predictors.baseline")
study.record("predictors.baseline.tested.n", **differences["tested"])
study.record("predictors.baseline.chance.n", **differences["chance"])
study.record("predictors.baseline.raw.n", **differences["raw"])
study.record("predictors.baseline.fdr.n", **differences["fdr"])
study.record("predictors.baseline.holm.n", **differences["holm"])
study.record("predictors.baseline.induction.p", **differences["induction"])

# %% tags=["say"]
study.say(
    "Of {predictors.baseline.tested.n} variables tested, {predictors.baseline.raw.n} differ at the usual limit, where "
    "{predictors.baseline.chance.n} would by chance alone; {predictors.baseline.fdr.n} still do when the false discovery "
    "rate is held, {predictors.baseline.holm.n} when the chance of even one false finding is held (Holm). For the first induction "
    "treatment, {predictors.baseline.induction.p:p}.")

# %%
features = comparison.query("kind == 'feature'").sort_values("smd", ascending=False, kind="stable")
study.figure(
    draw_feature_prevalence(features), id="predictors.prevalence", data=features,
    caption="How common each feature was, widest difference on top",
    alt="Two dots per feature: its share in the difficult-to-treat and in the others. The widest difference, for "
    "{widest}, is on top.", widest=join_words(list_features(features.head(1))))

# %% [markdown]
# ## Which features go with being difficult to treat, one at a time?
#
# An odds ratio above one means that patients with the feature were more often difficult to treat. Each model holds
# one feature only, and uses everyone in whom that feature is known. The same features are then taken together, by
# maximum likelihood and by Firth's penalised likelihood, and each p value is put beside what is left of it when it is
# remembered how many tests were made.

# %%
alone = estimate_univariable(**common, covariates=list(FEATURES))
study.record_estimates(alone, prefix="predictors.univariable", measure="or", unit="odds ratio", null=1.0,
                       origin="cohort, dtt_labels: helpers.predictors.estimate_univariable")
together = estimate_multivariable(**common, covariates=study.parameters.covariates)
study.record_estimates(together, prefix="predictors.multivariable", measure="or", unit="odds ratio", null=1.0,
                       origin="cohort, dtt_labels: helpers.predictors.estimate_multivariable")

# %%
penalised = estimate_firth(**common, covariates=study.parameters.covariates)
study.record_estimates(penalised, prefix="predictors.firth", measure="or", unit="odds ratio", null=1.0,
                       origin="cohort, dtt_labels: helpers.predictors.firth.estimate_firth")
p_values = derive_p_values(alone, together, penalised)
study.table(p_values, id="predictors.p_values", index="term", columns=heads.P_VALUES, note=heads.P_VALUES_NOTE,
            caption="p values as they are, and adjusted for the number of features tested")
study.record_facts(list_p_value_facts(p_values, origin="helpers.predictors.p_values.derive_p_values"))

# %% tags=["say"]
study.say(words.say_adjusted(alone, together))

# %% [markdown]
# ## Would the same features be chosen again?
#
# Screening by single p values and keeping what stays significant together is how the abstract came to its independent
# features. The whole recipe, choice included, is repeated here in bootstrap samples of the patients. A feature that
# depends on who happened to be in the sample comes and goes; one that does not is chosen nearly every time. Whatever
# is chosen for being large is also, on average, too large.

# %%
selections = derive_selections(**common, covariates=study.parameters.covariates,
                               samples=study.parameters.bootstrap_samples, seed=study.parameters.seed)
inclusion, sets = summarise_inclusion(selections), count_models(selections)
study.record_facts(lists.list_inclusion_facts(inclusion, origin="helpers.predictors.selection.summarise_inclusion"))
study.record_facts(lists.list_recipe_facts(selections, sets, origin="helpers.predictors.selection.derive_selections"))
study.table(inclusion, id="predictors.inclusion", index="term", columns=heads.INCLUSION, note=heads.INCLUSION_NOTE,
            caption="How often the screening recipe chose each feature in {predictors.recipe.bootstrap.n} bootstrap samples")

# %%
study.figure(
    draw_inclusion(inclusion), id="predictors.inclusion", data=inclusion,
    caption="How often each feature passes the screen, and how often it is chosen in the end",
    alt="Two bars per feature, in percent of bootstrap samples, and a line at {predictors.stability.limit:percent}. Chosen in "
    "the end at least that often: {names}.", names=join_words(list_features(inclusion.query("is_stable == 'yes'"))))

# %%
study.table(sets, id="predictors.sets", index="term", columns=heads.SETS,
            caption="The sets of features that the recipe ended with, most frequent first")

# %% tags=["say"]
study.say(
    "The recipe ended with {predictors.recipe.sets.n} different sets of features in {predictors.recipe.bootstrap.n} "
    "samples; the set that it finds in the patients as they are came in {predictors.recipe.run_set.share} of them, the "
    "abstract's own set in {predictors.recipe.abstract_set.share}. Chosen in at least "
    "{predictors.stability.limit:percent} of samples, the limit that we chose: {names}. Samples in which it had no "
    "answer: {predictors.recipe.failed.n}; they count as samples in which nothing was chosen.",
    names=join_words(list_features(inclusion.query("is_stable == 'yes'"))))

# %% tags=["say"]
study.say(
    "Area under the ROC curve of what the recipe ends with: {predictors.recipe.auc.apparent} as it appears, "
    "{predictors.recipe.auc.corrected} when corrected for optimism with the choice inside the loop.")

# %% [markdown]
# ## Which of them remain when all are taken together?
#
# In the multivariable model each odds ratio holds all other features equal. With few patients per feature maximum
# likelihood puts odds ratios too far from one, and where a feature parts the groups completely it has no answer at
# all; Firth's penalised likelihood, beside it, lessens the first and answers the second. A feature is called
# independent only when it is associated alone, together, and by Firth's likelihood, each time on the same side, and
# when the recipe chose it again often enough. Imputation and the p values adjusted for many tests have no part in that
# verdict; they stand beside it.

# %%
associations = label_associations(alone, together, penalised, inclusion=inclusion)
counts = facts.list_association_facts(associations, origin="helpers.predictors.association.label_associations")
study.record("predictors.stable.n", **counts["stable"])
study.record("predictors.unstable.n", **counts["unstable"])
study.record("predictors.independent.n", **counts["independent"])
independent = associations.query("is_independent == 'yes'")
study.record_estimates(penalised.merge(independent[["term"]], on="term"), prefix="predictors.independent", measure="or",
                       unit="odds ratio", null=1.0, origin="estimate_firth, the features that label_associations calls independent")

# %%
study.table(derive_side_by_side(alone, together, penalised), id="predictors.odds_ratios", index="term",
            caption="Odds ratios for being difficult to treat", columns=headings.SIDE_BY_SIDE, note=headings.ODDS_NOTE)

# %% tags=["say"]
study.say(
    words.say_together(together, penalised) + " {separation} Independent by our rule, with Firth's odds ratios: "
    + cite_estimates(independent, prefix="predictors.independent") + ". Associated in this model, but not stably: {unstable}.",
    separation=describe_separation(alone, together), unstable=join_words(list_features(associations.loc[associations["verdict"].eq(UNSTABLE)])))

# %%
overlap = summarise_collinearity(**common, covariates=study.parameters.covariates)
study.record_facts(lists.list_collinearity_facts(overlap, origin="helpers.predictors.collinearity.summarise_collinearity"))
study.table(overlap, id="predictors.collinearity", index="term", columns=heads.COLLINEARITY, note=heads.COLLINEARITY_NOTE,
            caption="How much of each feature the others already say")

# %% tags=["say"]
study.say(
    "The features' overlap is {overlap}: the highest variance inflation factor is {predictors.collinearity.vif}, the "
    "strongest correlation {predictors.collinearity.phi}, the condition index {predictors.collinearity.index}.",
    overlap=describe_collinearity(overlap))

# %% [markdown]
# ## How far must these odds ratios be drawn in?
#
# The more features a model has for the patients it is fitted to, the further its odds ratios lie from one. Three
# remedies stand here, none of them tuned: a weak prior on every odds ratio; one factor for all of them, which follows
# from how many patients and features there are; and a model of those features alone that the abstract calls
# independent. Which of them mends the risks is asked further down; to draw all odds ratios in alike mends risks and
# says nothing of which feature counts.

# %%
log_f = estimate_log_f(**common, covariates=study.parameters.covariates)
prespecified = estimate_log_f(**common, covariates=PRESPECIFIED)
study.record_estimates(log_f, prefix="predictors.log_f", measure="or", unit="odds ratio", null=1.0,
                       origin="cohort, dtt_labels: helpers.predictors.log_f.estimate_log_f")
study.record_estimates(prespecified, prefix="predictors.prespecified", measure="or", unit="odds ratio", null=1.0,
                       origin="cohort, dtt_labels: helpers.predictors.log_f.estimate_log_f, features named beforehand")

# %%
needed = summarise_needed_patients(**common, covariates=study.parameters.covariates)
needed_few = summarise_needed_patients(**common, covariates=PRESPECIFIED)
factor = find_beforehand(needed)
study.record_facts(lists.list_penalty_facts(log_f, factor=factor, origin="helpers.predictors.log_f.estimate_log_f"))
study.record_facts(lists.list_prespecified_facts(prespecified, needed=needed_few, origin="helpers.predictors.log_f"))
shrunken = derive_shrunken(together, penalised, log_f, prespecified, factor=factor)
study.table(shrunken, id="predictors.shrunken", index="term", columns=heads.SHRUNKEN, note=heads.SHRUNKEN_NOTE,
            caption="The odds ratios under growing caution")

# %%
forest = derive_forest(alone, together, penalised, log_f)
study.figure(
    draw_forest(forest), id="predictors.forest", data=forest,
    caption="Odds ratios alone, together, by Firth's likelihood and under the log-F prior, with 95 % intervals",
    alt="Up to four odds ratios with intervals per feature on a log scale. Independent: {names}.",
    names=join_words(list_features(independent)))

# %% tags=["say"]
study.say(words.say_log_f(log_f) + " " + words.say_prespecified(prespecified, needed=needed_few))

# %% [markdown]
# ## Do they remain when the first treatment is held equal, too?
#
# The doctor chose the first induction, and habits changed over the years. The same model is fitted again with the
# regimen and the calendar year among its terms, and each feature is looked at within regimen and calendar period. What
# a feature loses then may be the treatment's doing, or may be what the feature does by way of the treatment that it led
# to: this asks how much hangs on it, and answers neither.

# %%
treated_ml, treated = estimate_with_treatment(**common, covariates=study.parameters.covariates)
study.record_estimates(treated, prefix="predictors.treatment", measure="or", unit="odds ratio", null=1.0,
                       origin="cohort, dtt_labels: helpers.predictors.treatment.estimate_with_treatment")
beside = compare_with_treatment(penalised, treated, before=associations,
                                after=label_associations(alone, treated_ml, treated, inclusion=inclusion))
study.table(beside, id="predictors.treatment", index="term", columns=headings.TREATMENT, note=headings.TREATMENT_NOTE,
            caption="Odds ratios without and with the first induction and the calendar year in the model")

# %%
held = facts.list_treatment_facts(beside, origin="helpers.predictors.treatment.compare_with_treatment")
study.record("predictors.treatment.stay.n", **held["stay"])
study.record("predictors.treatment.parameters.n", **held["parameters"])
study.record("predictors.treatment.events.n", **held["events"])

# %%
stratified = estimate_stratified(**common, alone=alone, covariates=study.parameters.covariates)
study.record_estimates(stratified, prefix="predictors.stratified", measure="or", unit="odds ratio", null=1.0,
                       origin="cohort, dtt_labels: helpers.predictors.strata.estimate_stratified")
study.record_facts(lists.list_strata_facts(stratified, origin="helpers.predictors.strata.estimate_stratified"))
study.table(stratified, id="predictors.stratified", index="term", columns=heads.STRATIFIED, note=heads.STRATIFIED_NOTE,
            caption="Odds ratios of each feature alone, and within first induction and calendar period")

# %% tags=["say"]
study.say(words.say_treatment(independent, treated, stratified))

# %% tags=["say"]
study.say(words.say_regimens(treated, keep_treatment(beside)))

# %% [markdown]
# ## What is not known, and in whom?
#
# Values are missing together where one look would have given them all. A model of complete cases leaves out everybody who
# lacks one; that is harmless when being incomplete does not go with the outcome given the features, and can be looked at
# only as far as the data see.

# %%
patterns, related = summarise_missing(**common, covariates=study.parameters.covariates)
study.table(patterns, id="predictors.patterns", index="term", columns=headings_imputation.PATTERNS,
            caption="Which features of the model are missing together")

# %%
study.figure(
    draw_patterns(patterns, names=name_features(study.parameters.covariates)), id="predictors.patterns", data=patterns,
    caption="Missing together: a row per pattern, dark where the feature is not known",
    alt="A grid of patterns of missing features with the number of patients in each; nothing is missing in "
    "{table.predictors.patterns.complete.n}.")

# %%
study.table(related, id="predictors.incompleteness", index="term", columns=headings_imputation.INCOMPLETENESS,
            caption="Does being incomplete go with what is known of a patient?")

# %% tags=["say"]
study.say(
    "Nothing is missing in {table.predictors.patterns.complete.share:percent} of the patients compared. Being incomplete goes "
    "with: {names}. That nothing else shows does not prove that values are missing by chance.",
    names=join_words(list_related(related), none="none of the traits looked at"))

# %% [markdown]
# ## Does filling in what is missing change the odds ratios?
#
# Multiple imputation draws each missing value many times from what else is known of the patient, the label included, fits
# the models to every completed copy and pools them, so that the uncertainty of the guess stays in the interval. It mends
# what complete cases lose where values are missing for reasons that the data hold, and only there.

# %%
imputed = impute_features(**common, covariates=study.parameters.covariates, imputations=study.parameters.imputations,
                          seed=study.parameters.seed)
alone_imputed = estimate_univariable_imputed(imputed, covariates=list(FEATURES))
together_imputed = estimate_multivariable_imputed(imputed, covariates=study.parameters.covariates)
study.record_estimates(alone_imputed, prefix="predictors.univariable_imputed", measure="or", unit="odds ratio", null=1.0,
                       origin="helpers.predictors.imputed.estimate_univariable_imputed")
study.record_estimates(together_imputed, prefix="predictors.multivariable_imputed", measure="or", unit="odds ratio", null=1.0,
                       origin="helpers.predictors.imputed.estimate_multivariable_imputed")

# %%
alone_beside = compare_with_imputed(alone, alone_imputed)
study.table(alone_beside, id="predictors.univariable_imputed", index="term", columns=headings_imputation.BESIDE,
            caption="Odds ratios one at a time: complete cases and multiple imputation", note=headings_imputation.BESIDE_NOTE)

# %%
together_beside = compare_with_imputed(together, together_imputed)
study.table(together_beside, id="predictors.multivariable_imputed", index="term", columns=headings_imputation.BESIDE,
            caption="Odds ratios taken together: complete cases and multiple imputation", note=headings_imputation.BESIDE_NOTE)

# %%
study.record_facts(list_imputation_facts(imputed, alone=alone_beside, together=together_beside,
                                         origin="helpers.predictors.imputed"))

# %% tags=["say"]
study.say(words.say_imputed(alone_beside, together_beside))

# %% [markdown]
# ## What if the untested for antiphospholipid antibodies differ from the tested?
#
# Whoever was not tested may have been thought unlikely, or too ill to wait. No data can tell. So the log odds of a positive
# test among the untested are moved, step by step, away from what else is known of them, to all negative and all positive;
# the question is how far they must go for the verdict to change.

# %%
tipping = estimate_untested_tipping(imputed, term="any_apl", covariates=study.parameters.covariates,
                                    seed=study.parameters.seed)
study.table(tipping, id="predictors.tipping", index="term", columns=headings_imputation.TIPPING,
            caption="Odds ratio of any antiphospholipid antibody, by what is supposed of the untested",
            note="Multivariable, pooled. Drawn anew for this table, every row with the same luck.")

# %%
study.figure(
    draw_tipping(tipping.assign(scenario="aPL"), titles={"aPL": "Any antiphospholipid antibody, all features held equal"},
                 xlabel="Shift of the log odds of a positive test among the untested", ylabel="Odds ratio (log scale)"),
    id="predictors.tipping", data=tipping, caption="The odds ratio along the suppositions, with 95 % intervals",
    alt="Odds ratios with intervals along a grid of suppositions about the untested; the verdict {words}.",
    words=describe_untested_tipping(tipping))

# %% tags=["say"]
study.say("As to the untested: the verdict on antiphospholipid antibodies {words}.", words=describe_untested_tipping(tipping))

# %% [markdown]
# ## What would have to be true for an odds ratio to be an effect?
#
# An odds ratio from a model becomes an effect only under assumptions on what causes what. Ours are drawn here as arrows,
# so that a reader can disagree with one. From the arrows follows which features would have to be held equal, and which
# must not be. Each feature has its own list: one model answers for one feature at most, and the other odds ratios in
# its table are not effects, however well adjusted they look.

# %%
arrows = list_arrows()
study.figure(
    draw_assumed_graph(arrows), id="predictors.graph", data=arrows,
    caption="What is assumed to lead to what; what nobody measured has a dashed edge",
    alt="Boxes and arrows. Hidden severity and calendar period lead to the features, the first induction, the response and the "
    "visits; the features lead to the first induction and to the response; response and visits make the label.")

# %%
study.table(arrows, id="predictors.arrows", index="term", columns=heads.ARROWS, caption="Every arrow, and why it is assumed")

# %%
questions = list_questions()
study.table(questions, id="predictors.questions", index="term", columns=heads.QUESTIONS, note=heads.QUESTIONS_NOTE,
            caption="What would have to be held equal to read one feature's odds ratio as its effect")

# %% tags=["say"]
study.say(
    "To be held equal, with the arrows as drawn: {drawn}. To be held equal, if severity acted only by way of the other "
    "features: {enough}. The first induction never is: it lies on the way from the feature to the response. The odds "
    "ratios of this chapter say who is difficult to treat, and not why.",
    drawn=questions["held"].iloc[0], enough=questions["held"].iloc[1])

# %% [markdown]
# ## Does this agree with the abstract?
#
# The abstract names features and prints no odds ratio for any of them, so only the words can be compared: associated,
# and independent or not.

# %%
study.record("predictors.agreement.n", **counts["agree"])
study.table(associations, id="predictors.associations", index="term", columns=headings.ASSOCIATIONS,
            caption="What each feature's odds ratios amount to, and what the abstract says")

# %% tags=["say"]
study.say(words.say_agreement(associations))

# %% [markdown]
# ## Were there patients enough for such a model?
#
# The more features a model has for the patients it is fitted to, the more of what it finds is noise. Events per
# parameter is the old measure; the expected shrinkage and the number of patients that several criteria ask for say it
# better. They depend on how much a model explains, so the number is given for what this model found and for what might
# have been assumed beforehand.

# %%
study.record("predictors.events_per_parameter", **sizes["events_per_parameter"])
study.record("predictors.shrinkage", **sizes["shrinkage"])
study.record("predictors.needed.n", **sizes["needed_n"])
study.record_facts(lists.list_needed_facts(needed, origin="helpers.predictors.shrinkage.summarise_needed_patients"))
study.table(needed, id="predictors.needed", index="term", columns=heads.NEEDED, note=heads.NEEDED_NOTE,
            caption="Patients needed for a model of {predictors.parameters.n} parameters, by four criteria")

# %% tags=["say"]
study.say(verdicts.say_size(size))

# %% tags=["say"]
study.say(verdicts.say_needed(needed))

# %% [markdown]
# ## How well does the model tell patients apart, and can its risks be believed?
#
# A model looks better in the patients that it was fitted to than in others. Fitting it again in bootstrap samples
# shows by how much, and that optimism is taken off. A calibration slope below one means risks that are too extreme,
# above one risks drawn in too far; each remedy from further up is held to it.

# %%
validation = estimate_validation(**common, covariates=study.parameters.covariates,
                                 samples=study.parameters.bootstrap_samples, seed=study.parameters.seed)
study.table(validation, id="predictors.validation", index="term", columns=headings.VALIDATION,
            caption="Discrimination and calibration of the multivariable model")

# %%
values = facts.list_validation_facts(validation, origin="helpers.predictors.validation.estimate_validation")
study.record("predictors.auc.apparent", **values["auc", "apparent"])
study.record("predictors.auc.corrected", **values["auc", "corrected"])
study.record("predictors.brier.apparent", **values["brier", "apparent"])
study.record("predictors.brier.corrected", **values["brier", "corrected"])

# %%
study.record("predictors.calibration_slope.apparent", **values["calibration_slope", "apparent"])
study.record("predictors.calibration_slope.corrected", **values["calibration_slope", "corrected"])
study.record("predictors.calibration_intercept.apparent", **values["calibration_intercept", "apparent"])
study.record("predictors.calibration_intercept.corrected", **values["calibration_intercept", "corrected"])
study.record("predictors.bootstrap.n", **values["bootstrap", "samples"])
study.record("predictors.bootstrap.failed.n", **values["bootstrap", "failed_samples"])

# %%
risks = summarise_calibration(derive_predictions(**common, covariates=study.parameters.covariates))
study.figure(
    draw_calibration(risks, curve=derive_calibration_curve(validation)), id="predictors.calibration", data=risks,
    caption="Predicted and observed risk of being difficult to treat",
    alt="Observed against predicted risk in groups of patients. " + words.describe_calibration(validation))

# %% tags=["say"]
study.say(verdicts.say_validation(validation))

# %%
slopes = estimate_slopes(**common, covariates=study.parameters.covariates, validation=validation, factor=factor,
                         samples=study.parameters.bootstrap_samples, seed=study.parameters.seed)
study.record_facts(lists.list_slope_facts(slopes, origin="helpers.predictors.shrunken.estimate_slopes"))
study.table(slopes, id="predictors.slopes", index="term", columns=heads.SLOPES, note=heads.SLOPES_NOTE,
            caption="Which model's risks can be believed")

# %% tags=["say"]
study.say(verdicts.say_slopes(slopes))

# %% [markdown]
# ## Would acting on the model do more good than treating all alike?
#
# A model is of use when acting on its risks does better than acting on everybody and than acting on nobody. How much
# better depends on the risk from which one would act, that is, on how many patients treated in vain are worth one who
# is not missed. Net benefit counts both, with the optimism taken off, at the limits at which a clinician might act; which
# these are is a choice. The model stands there as fitted, and drawn in by the factor that was fixed beforehand.

# %%
benefit = estimate_decision_curve(**common, covariates=study.parameters.covariates, factor=factor,
                                  samples=study.parameters.bootstrap_samples, seed=study.parameters.seed)
study.record_facts(lists.list_decision_facts(benefit, origin="helpers.predictors.decision_curve.estimate_decision_curve"))
study.figure(
    draw_decision_curve(benefit), id="predictors.decision", data=benefit, note=heads.DECISION_NOTE,
    caption="Net benefit of acting on the model's risk, against acting on all and on none",
    alt="Net benefit against the risk from which one would act. " + verdicts.say_decision(benefit))

# %% tags=["say"]
study.say(verdicts.say_decision(benefit) + " Nobody acted on the model, and it was not tried elsewhere.")

# %% [markdown]
# ## Does a second engine find the same numbers?
#
# Each odds ratio alone is found again from its four cells, the model of all features by another algorithm, Firth's
# likelihood and the log-F prior as rows added to the data, imputed odds ratios set by set, and the area under the curve
# by counting pairs. What rests on drawing samples is not repeated here.

# %%
checks = check_predictors(
    study.cohort, study.labels, covariates=study.parameters.covariates, widest_error=NEAR_SEPARATION_ERROR,
    prior=PRIOR_DEGREES, prespecified=PRESPECIFIED, imputed=imputed)
study.cross_check(checks, prefix="predictors")

# %% [markdown]
# ## What this cannot tell you
#
# - *Causes.* These are associations. An odds ratio that holds other features equal is not what would change if the
#   feature were taken away, and each feature would need its own set of features to be held equal.
# - *Whether the feature or the treatment counts.* The first induction was chosen by the doctor, partly because of
#   these features; held equal beside them, it shows how much hangs on it, and not which of the two does it.
# - *Whether sediment predicts, or is part of what is predicted.* Persistent activity helps to make the label, and its
#   start is among the features.
# - *Whether the features would be found again elsewhere.* The bootstrap samples are of these same patients, and what the
#   abstract screened and dropped is not known. A synthetic cohort that was calibrated to show two features shows them
#   stably, too.
# - *Which limit of stability is right.* The one used is a choice; the frequencies are in the table.
# - *Why a feature is not known.* Imputation cannot see reasons for absence that the data do not hold; the grid of
#   suppositions ends where we ended it.
# - *Whether the features named beforehand were named well.* They come from the abstract, whose words the synthetic cohort
#   was made to meet; there the small model meets nothing new. In other patients it is a fair test.
# - *From which risk one should act.* The limits of the decision curve are a choice, and its intervals hold one at a time.
# - *Whether an arrow is missing from the graph.* No data can show that.
# - *Who, in the next clinic, will be difficult to treat.* The model was never tried on other patients.
# - Whether both engines share a wrong definition. They guard against slips, and not against bad ideas.

# %%
study.finish()
