"""Chapter 3's sentences: true and readable with a model, and without one."""

import numpy as np
import pandas as pd
import pytest

from helpers.predictors import sentences as words
from helpers.predictors import sentences_risk as verdicts
from helpers.predictors.calibration import SIZE_LABELS
from helpers.predictors.shrunken import describe_slope
from helpers.predictors.validation import MEASURES
from helpers.wording import NOT_ESTIMABLE


def make_estimates(*p: float) -> pd.DataFrame:
    terms = ["any_apl", "low_c3"][: len(p)]
    return pd.DataFrame({"term": terms, "label": ["Any aPL", "Low C3"][: len(p)], "p": list(p)})


FITTED, BLANK = make_estimates(0.01, 0.2), make_estimates(np.nan, np.nan)


def test_without_a_model_no_number_of_it_is_said():
    assert words.say_adjusted(FITTED, BLANK).endswith("; taken together, maximum likelihood has no estimate.")
    assert words.say_adjusted(BLANK, BLANK).startswith("Taken alone, no feature has")
    assert ": any aPL. When" in words.say_adjusted(FITTED, FITTED)
    assert "{predictors.multivariable" not in words.say_together(BLANK, FITTED)
    assert words.say_together(BLANK, FITTED).endswith("{predictors.firth.significant.n:n} remain associated.")
    assert words.say_together(FITTED, FITTED).endswith("{predictors.firth.significant.n:n}.")
    assert "{" not in words.say_together(BLANK, BLANK)
    assert "{" not in words.say_log_f(BLANK)
    assert "{predictors.uniform.factor}" in words.say_log_f(FITTED)


@pytest.mark.parametrize(("allowed", "found"), [
    (2.0, "no more than"), (1.999, "more than"), (2.001, "no more than"),
])  # fmt: skip
def test_whether_the_patients_can_carry_the_small_model(allowed, found):
    needed = pd.DataFrame({"allowed_parameters": [9.0, allowed], "parameters": 2})
    said = words.say_prespecified(FITTED, needed=needed)
    assert f"patients, {found} the" in said
    assert "any aPL, {predictors.prespecified.any_apl.or:ci}" in said
    assert "{" not in words.say_prespecified(BLANK, needed=needed)


def test_treatment_held_equal_with_and_without_independent_features():
    full = words.say_treatment(FITTED.head(1), FITTED, FITTED)
    assert "{predictors.treatment.any_apl.or:ci}" in full and "{predictors.stratified.any_apl.or:ci}" in full
    none = words.say_treatment(FITTED.head(0), FITTED, FITTED)
    assert none.startswith("No feature is independent without") and "stay.n" not in none
    assert "no odds ratio can be estimated" in words.say_treatment(FITTED.head(1), FITTED, BLANK)
    assert words.say_treatment(FITTED.head(1), BLANK, FITTED).startswith("The model with the treatment has no estimate")
    assert "{" not in words.say_regimens(BLANK, BLANK.head(0))
    assert "clear of one: none. This" in words.say_regimens(FITTED, FITTED.head(0))


def make_beside(*verdict: str) -> pd.DataFrame:
    fmi = [np.nan if word == "cannot tell" else 0.1 for word in verdict]
    return make_estimates(*fmi).assign(verdict=list(verdict), fmi=fmi)


def test_imputation_counts_only_verdicts_that_can_be_compared():
    same, blank = make_beside("the same", "another"), make_beside("cannot tell", "cannot tell")
    assert "taken together (low C3). The largest" in words.say_imputed(same, same)
    assert "multivariable.changed" not in words.say_imputed(same, blank)
    assert "Taken together, complete cases or completed ones have no estimate." in words.say_imputed(same, blank)
    assert "changed" not in words.say_imputed(blank, blank) and "fmi" not in words.say_imputed(blank, blank)


def test_agreement_with_the_abstract():
    table = FITTED.assign(agrees=pd.array([True, False], dtype="boolean"))
    assert words.say_agreement(table).endswith("The two disagree on: low C3.")
    assert words.say_agreement(table.head(1)).endswith("none on which the two disagree.")
    assert "{" not in words.say_agreement(table.assign(agrees=pd.array([pd.NA, pd.NA], dtype="boolean")))


def make_size(**values: float) -> pd.DataFrame:
    full = dict.fromkeys(SIZE_LABELS, 1.0) | values
    return pd.DataFrame({"term": list(full), "value": list(full.values())})


def test_the_size_of_a_model_that_has_no_fit_or_explains_nothing():
    assert "{predictors.needed.n}" in verdicts.say_size(make_size())
    assert "no more than as many features would by chance" in verdicts.say_size(make_size(needed_n=np.nan))
    assert "no fit by maximum likelihood" in verdicts.say_size(make_size(needed_n=np.nan, shrinkage=np.nan))
    assert "{" not in verdicts.say_size(make_size(events_per_parameter=np.nan))
    needed = pd.DataFrame({"needed_n": [5.0, 9.0]})
    assert "at the strength found here, which asks for" in verdicts.say_needed(needed)
    assert "no answer" in verdicts.say_needed(needed.assign(needed_n=[np.nan, 9.0]))
    assert "{" not in verdicts.say_needed(needed.assign(needed_n=np.nan))


def test_discrimination_and_calibration_without_a_fit():
    table = pd.DataFrame({"term": list(MEASURES), "apparent": 0.7, "corrected": 0.6})
    assert "{predictors.auc.corrected}" in verdicts.say_validation(table)
    assert "{predictors.auc.corrected}" not in verdicts.say_validation(table.assign(corrected=np.nan))
    assert "{" not in verdicts.say_validation(table.assign(apparent=np.nan, corrected=np.nan))
    assert "{predictors.calibration_slope.corrected}" in words.describe_calibration(table)
    assert "{" not in words.describe_calibration(table.assign(corrected=np.nan))


def test_only_slopes_that_are_known_are_printed():
    slope = [0.5, 0.6, np.nan, 1.0]
    table = pd.DataFrame({"term": ["ml", "log_f", "uniform", "prespecified"], "label": ["A", "B", "C", "D"],
                          "verdict": [describe_slope(one) for one in slope]})  # fmt: skip
    said = verdicts.say_slopes(table)
    assert "a, {predictors.calibration_slope.corrected} (too extreme)" in said
    assert "d, {predictors.prespecified.slope.corrected} (near enough). Not to be judged: c." in said
    assert "{" not in verdicts.say_slopes(table.assign(verdict="not to be judged"))


def test_a_curve_that_is_nowhere_clear_says_so():
    curve = pd.DataFrame({"gain": [0.1, 0.2], "low": [-0.1, 0.1], "shrunken_low": [-0.1, -0.1]})
    said = verdicts.say_decision(curve)
    assert "clearly at {predictors.decision.fitted.clear.share}, all" in said
    assert "{predictors.decision.shrunken.better.share}, clearly at none." in said
    assert "{" not in verdicts.say_decision(curve.assign(gain=np.nan))


def test_no_sentence_prints_what_is_not_estimable():
    said = [words.say_adjusted(BLANK, BLANK), words.say_together(BLANK, BLANK), words.say_log_f(BLANK)]
    assert not any(NOT_ESTIMABLE in one for one in said)
