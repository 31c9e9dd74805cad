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
from helpers.figures.predictors import draw_calibration, draw_feature_prevalence, draw_forest
from helpers.predictors import estimate_multivariable, estimate_univariable
from helpers.predictors import facts as facts
from helpers.predictors import headings as headings
from helpers.predictors.association import (
    cite_estimates,
    derive_forest,
    derive_side_by_side,
    label_associations,
    list_features,
)
from helpers.predictors.baseline import compare_baseline, derive_tested_table
from helpers.predictors.calibration import (
    WANTED_SHRINKAGE,
    derive_calibration_curve,
    derive_predictions,
    describe_size,
    summarise_calibration,
    summarise_model_size,
)
from helpers.predictors.firth import estimate_firth
from helpers.predictors.sample import count_unknown
from helpers.predictors.treatment import compare_with_treatment, estimate_with_treatment, keep_treatment
from helpers.predictors.validation import estimate_validation
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
    "to treat. Most often unknown is: {most}.", most=join_words(list_features(unknown.head(1))))

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

# %%
study.table(table_one, id="predictors.baseline", caption="Baseline, difficult to treat against the others",
            columns=name_table_one_columns(table_one, headings=headings.GROUPS) | headings.TESTS, note=headings.BASELINE_NOTE)

# %%
differences = facts.list_comparison_facts(comparison, origin="cohort, dtt_labels: helpers.predictors.baseline")
study.record("predictors.baseline.tested.n", **differences["tested"])
study.record("predictors.baseline.chance.n", **differences["chance"])
study.record("predictors.baseline.raw.n", **differences["raw"])
study.record("predictors.baseline.fdr.n", **differences["fdr"])
study.record("predictors.baseline.holm.n", **differences["holm"])

# %%
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
# one feature only, and uses everyone in whom that feature is known.

# %%
alone = estimate_univariable(**common, covariates=list(FEATURES))
study.record_estimates(alone, prefix="predictors.univariable", measure="or", unit="odds ratio", null=1.0,
                       origin="cohort, dtt_labels: helpers.predictors.estimate_univariable")

# %%
together = estimate_multivariable(**common, covariates=study.parameters.covariates)
study.record_estimates(together, prefix="predictors.multivariable", measure="or", unit="odds ratio", null=1.0,
                       origin="cohort, dtt_labels: helpers.predictors.estimate_multivariable")

# %%
penalised = estimate_firth(**common, covariates=study.parameters.covariates)
study.record_estimates(penalised, prefix="predictors.firth", measure="or", unit="odds ratio", null=1.0,
                       origin="cohort, dtt_labels: helpers.predictors.firth.estimate_firth")

# %%
associations = label_associations(alone, together, penalised)
counts = facts.list_association_facts(associations, origin="helpers.predictors.association.label_associations")
study.record("predictors.univariable.significant.n", **counts["associated"])
study.record("predictors.multivariable.significant.n", **counts["adjusted"])
study.record("predictors.firth.significant.n", **counts["penalised"])
study.record("predictors.independent.n", **counts["independent"])

# %%
independent = associations.query("is_independent == 'yes'")
study.record_estimates(penalised.merge(independent[["term"]], on="term"), prefix="predictors.independent", measure="or",
                       unit="odds ratio", null=1.0, origin="estimate_firth, the features that label_associations calls independent")

# %% tags=["say"]
study.say(
    "Taken alone, {predictors.univariable.significant.n} of {predictors.univariable.significant.n:n} features are "
    "associated with being difficult to treat (p below {limit}): {names}.", limit=facts.SIGNIFICANT_BELOW,
    names=join_words(list_features(associations.query("is_associated == 'yes'"))))

# %% [markdown]
# ## Which of them remain when all are taken together?
#
# In the multivariable model each odds ratio holds all other features equal. With few patients per feature maximum
# likelihood puts odds ratios too far from one, and where a feature parts the groups completely it has no answer at
# all; Firth's penalised likelihood, beside it, lessens the first and answers the second. A feature is called independent only when it is
# associated alone, together, and by Firth's likelihood, each time on the same side.

# %%
study.table(derive_side_by_side(alone, together, penalised), id="predictors.odds_ratios", index="term",
            caption="Odds ratios for being difficult to treat", columns=headings.SIDE_BY_SIDE, note=headings.ODDS_NOTE)

# %%
forest = derive_forest(alone, together, penalised)
study.figure(
    draw_forest(forest), id="predictors.forest", data=forest,
    caption="Odds ratios alone, together, and together by Firth's likelihood, with 95 % intervals",
    alt="Three odds ratios with intervals per feature on a log scale. Clear of one in all three: {names}.",
    names=join_words(list_features(independent)))

# %% tags=["say"]
study.say(
    "By maximum likelihood {predictors.multivariable.significant.n} of {predictors.multivariable.significant.n:n} features "
    "with an estimate remain associated when taken together, by Firth's likelihood {predictors.firth.significant.n} of "
    "{predictors.firth.significant.n:n}. Independent by our rule, with Firth's odds ratios: "
    + cite_estimates(independent, prefix="predictors.independent") + ".")

# %% [markdown]
# ## Do they remain when the first treatment is held equal, too?
#
# The doctor chose the first induction, and habits changed over the years. The same model is fitted again with the
# regimen and the calendar year among its terms. What a feature loses then may be the treatment's doing, or may be what
# the feature does by way of the treatment that it led to: this asks how much hangs on it, and answers neither.

# %%
treated_ml, treated = estimate_with_treatment(**common, covariates=study.parameters.covariates)
study.record_estimates(treated, prefix="predictors.treatment", measure="or", unit="odds ratio", null=1.0,
                       origin="cohort, dtt_labels: helpers.predictors.treatment.estimate_with_treatment")

# %%
beside = compare_with_treatment(penalised, treated, before=associations, after=label_associations(alone, treated_ml, treated))
study.table(beside, id="predictors.treatment", index="term", columns=headings.TREATMENT, note=headings.TREATMENT_NOTE,
            caption="Odds ratios without and with the first induction and the calendar year in the model")

# %%
held = facts.list_treatment_facts(beside, origin="helpers.predictors.treatment.compare_with_treatment")
study.record("predictors.treatment.stay.n", **held["stay"])
study.record("predictors.treatment.parameters.n", **held["parameters"])
study.record("predictors.treatment.events.n", **held["events"])

# %% tags=["say"]
study.say(
    "With regimen and calendar year held equal, {predictors.treatment.stay.n} of the {predictors.treatment.stay.n:n} "
    "independent features stay independent. Their odds ratios are then: "
    + cite_estimates(beside.query("was_independent == 'yes'"), prefix="predictors.treatment") + ".")

# %% tags=["say"]
study.say(
    "Of the treatment itself, clear of one: " + cite_estimates(keep_treatment(beside), prefix="predictors.treatment")
    + ". This model spends {predictors.treatment.parameters.n} parameters on {predictors.treatment.events.n} events, so its "
    "odds ratios are still less certain than the ones before.")

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
study.say(
    "Of the features that the abstract names, this run can tell of {predictors.agreement.n:n} what they amount to, and "
    "says what the abstract says of {predictors.agreement.n}. The two disagree on: {names}.",
    names=join_words(list_features(associations.query("agrees == False"))))

# %% [markdown]
# ## Were there patients enough for such a model?
#
# The more features a model has for the patients it is fitted to, the more of what it finds is noise. Events per
# parameter is the old measure; the expected shrinkage and the number of patients that it asks for say it better.

# %%
study.record("predictors.events_per_parameter", **sizes["events_per_parameter"])
study.record("predictors.shrinkage", **sizes["shrinkage"])
study.record("predictors.needed.n", **sizes["needed_n"])

# %% tags=["say"]
study.say(
    "The model spends {predictors.parameters.n} parameters on {predictors.events.n} events: "
    "{predictors.events_per_parameter} per parameter, {verdict} of the old rule of thumb. The factor by which its "
    "predictions are expected to need drawing in is {predictors.shrinkage}; the number of complete patients that {wanted} "
    "would take is {predictors.needed.n}, against {predictors.complete.n}.", verdict=describe_size(size), wanted=WANTED_SHRINKAGE)

# %% [markdown]
# ## How well does the model tell patients apart, and can its risks be believed?
#
# A model looks better in the patients that it was fitted to than in others. Fitting it again in bootstrap samples
# shows by how much, and that optimism is taken off.

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
    alt="Observed against predicted risk in groups of patients, with the line corrected for optimism, whose slope is "
    "{predictors.calibration_slope.corrected}; one would be ideal.")

# %% tags=["say"]
study.say(
    "Area under the ROC curve: {predictors.auc.apparent:ci} as it appears, {predictors.auc.corrected} when corrected for "
    "optimism. Calibration slope when corrected: {predictors.calibration_slope.corrected}. Bootstrap samples left out "
    "because they had no fit: {predictors.bootstrap.failed.n} of {predictors.bootstrap.n}.")

# %% tags=["say"]
study.say(
    "Even the corrected values may be too good: {predictors.univariable.significant.n} of "
    "{predictors.univariable.significant.n:n} features are associated alone in these same patients, and where features "
    "were chosen for that, the choice is not repeated in the samples.")

# %% [markdown]
# ## What this cannot tell you
#
# - *Causes.* These are associations. An odds ratio that holds other features equal is not what would change if the
#   feature were taken away, and each feature would need its own set of features to be held equal.
# - *Whether the feature or the treatment counts.* The first induction was chosen by the doctor, partly because of
#   these features; held equal beside them, it shows how much hangs on it, and not which of the two does it.
# - *Whether sediment predicts, or is part of what is predicted.* Persistent activity helps to make the label, and its
#   start is among the features.
# - *Whether the features would be found again.* They were named because they were significant in such a group of
#   patients, and with so many features for so few events another sample would give another list.
# - *Anything about patients in whom a feature was not looked for.* They are left out of the model, not guessed.
# - *Who, in the next clinic, will be difficult to treat.* The model was never tried on other patients.

# %%
study.finish()
