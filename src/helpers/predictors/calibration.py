"""Predicted against observed risk, and whether there were patients enough for the model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from statsmodels.stats.proportion import proportion_confint

from helpers.predictors.irls import predict_logits
from helpers.predictors.sample import ModelData, keep_labelled, take_complete_cases

WANTED_SHRINKAGE = 0.9
"""Predictions that need drawing in by no more than this are usually called good enough (Riley et al. 2019)."""

OLD_RULE = 10
"""Events per parameter; Peduzzi et al., J Clin Epidemiol 1996;49:1373."""

SIZE_LABELS = {
    "eligible_n": "Patients in the study",
    "cannot_tell_n": "Label cannot be told",
    "labelled_n": "Patients compared",
    "incomplete_n": "A feature of the model unknown",
    "complete_n": "Patients in the model",
    "events": "Difficult to treat among them",
    "parameters": "Features in the model",
    "events_per_parameter": "Events per parameter (rarer outcome)",
    "likelihood_ratio": "Likelihood ratio chi-square of the model",
    "shrinkage": "Expected shrinkage of its predictions",
    "needed_n": f"Patients needed for a shrinkage of {WANTED_SHRINKAGE}",
}
"""The rows of `summarise_model_size`."""


def derive_predictions(cohort: pd.DataFrame, labels: pd.DataFrame, *, covariates: Sequence[str]) -> pd.DataFrame:
    """The predicted risk of each complete case, from the model fitted to these same patients.

    One row per patient of the model: `patient_id`, `is_dtt`, `risk` (missing when the model cannot be fitted).
    """
    patients = keep_labelled(cohort, labels).dropna(subset=list(covariates)).reset_index(drop=True)
    logits = predict_logits(take_complete_cases(patients, terms=covariates))
    return patients[["patient_id", "is_dtt"]].assign(risk=expit(logits))


def summarise_calibration(predictions: pd.DataFrame, *, groups: int = 10) -> pd.DataFrame:
    """Predicted and observed risk in groups of patients of similar predicted risk.

    One row per group, from the lowest risk up: `group`, `predicted` (mean risk), `estimate` (share that is
    difficult to treat), `low`, `high` (Wilson 95 %), `n`, `events`. At most `groups` groups of about equal size,
    and none planned for fewer than ten patients; patients of the same risk stay together, so groups may be
    fewer and uneven. Empty when there are no predictions.

    >>> predictions = pd.DataFrame({"risk": [0.2] * 10 + [0.8] * 10, "is_dtt": [False] * 8 + [True] * 12})
    >>> summarise_calibration(predictions, groups=2)[["predicted", "estimate", "n"]].round(2).values.tolist()
    [[0.2, 0.2, 10.0], [0.8, 1.0, 10.0]]
    """
    known = predictions.dropna(subset=["risk"])
    count = max(1, min(groups, len(known) // 10))
    place = (known["risk"].rank(method="average") - 0.5) / max(len(known), 1)
    grouped = known.assign(group=np.floor(place * count).astype(int)).groupby("group")
    table = grouped.agg(predicted=("risk", "mean"), events=("is_dtt", "sum"), n=("is_dtt", "size")).reset_index()
    low, high = proportion_confint(table["events"].to_numpy(float), table["n"].to_numpy(float), method="wilson")
    # the closed form leaves rounding noise where nobody has the event
    low = np.where(table["events"].eq(0), 0.0, low)
    table = table.assign(group=range(1, len(table) + 1), estimate=table["events"] / table["n"], low=low, high=high)
    return table[["group", "predicted", "estimate", "low", "high", "n", "events"]]


def derive_calibration_curve(validation: pd.DataFrame, *, points: int = 97) -> pd.DataFrame:
    """What the optimism-corrected slope and intercept say of each predicted risk.

    One row per predicted risk from 2 % to 98 %: `predicted`, `ideal` (the same), `corrected` (the risk that
    patients like the original ones would be found to have). Empty when the correction is missing.
    """
    corrected = validation.set_index("term")["corrected"]
    slope, intercept = corrected["calibration_slope"], corrected["calibration_intercept"]
    predicted = np.linspace(0.02, 0.98, points)
    curve = pd.DataFrame({"predicted": predicted, "ideal": predicted})
    return curve.assign(corrected=expit(intercept + slope * logit(predicted))).dropna(ignore_index=True)


def summarise_model_size(
    cohort: pd.DataFrame, labels: pd.DataFrame, *, covariates: Sequence[str]
) -> pd.DataFrame:
    """Whether there were patients enough for the multivariable model: counts, and three rules of thumb.

    One row per number: `term`, `label`, `value`. The terms are eligible_n, cannot_tell_n (label), labelled_n,
    incomplete_n (a feature unknown), complete_n, events (difficult to treat among them), parameters (features in
    the model, the intercept not counted), events_per_parameter (the rarer outcome over the parameters; ten is the
    old rule, and a poor one: van Smeden et al., Stat Methods Med Res 2019;28:2455), likelihood_ratio (chi-square
    of the model), shrinkage (the factor by which its future predictions should be drawn in: van Houwelingen and
    le Cessie, Stat Med 1990;9:1303), needed_n (patients for a factor of 0.9, given the variation explained: Riley
    et al., Stat Med 2019;38:1276, first criterion). The last four are missing when the model has no fit.
    """
    patients = keep_labelled(cohort, labels)
    data = take_complete_cases(patients, terms=covariates)
    ratio, parameters = measure_likelihood_ratio(data), len(data.terms)
    values = {
        "eligible_n": len(labels), "cannot_tell_n": len(labels) - len(patients), "labelled_n": len(patients),
        "incomplete_n": len(patients) - data.n, "complete_n": data.n, "events": data.events,
        "parameters": parameters,
        "events_per_parameter": min(data.events, data.n - data.events) / parameters if parameters else np.nan,
        "likelihood_ratio": ratio, "shrinkage": 1 - parameters / ratio if ratio > 0 else np.nan,
        "needed_n": measure_needed_patients(ratio, n=data.n, parameters=parameters),
    }  # fmt: skip
    rows = [(term, label, float(values[term])) for term, label in SIZE_LABELS.items()]
    return pd.DataFrame(rows, columns=["term", "label", "value"])


def describe_size(size: pd.DataFrame) -> str:
    """Whether the events per parameter reach the old rule, in words for a sentence.

    >>> describe_size(pd.DataFrame({"term": ["events_per_parameter"], "value": [3.0]}))
    'fewer than the 10'
    """
    value = float(size.loc[size["term"].eq("events_per_parameter"), "value"].sum(min_count=1))
    if np.isnan(value):
        return f"not to be held against the {OLD_RULE}"
    return f"at least the {OLD_RULE}" if value >= OLD_RULE else f"fewer than the {OLD_RULE}"


def measure_likelihood_ratio(data: ModelData) -> float:
    """Twice the gain in log likelihood of the model over no features; missing when it has no fit."""
    logits = predict_logits(data)
    if not len(logits) or np.isnan(logits).any():
        return np.nan
    share = data.y.mean()
    model = np.sum(data.y * logits - np.logaddexp(0, logits))
    return float(2 * (model - data.n * (share * np.log(share) + (1 - share) * np.log(1 - share))))


def measure_needed_patients(
    likelihood_ratio: float, *, n: int, parameters: int, shrinkage: float = WANTED_SHRINKAGE
) -> float:
    """Patients needed so that predictions are too extreme by no more than the factor `shrinkage`.

    Riley's first criterion, p / ((S - 1) log(1 - R² / S)), with the Cox-Snell R² of the model reduced by its own
    heuristic shrinkage. Missing when nothing is explained after that.

    >>> round(measure_needed_patients(30.0, n=181, parameters=15))
    1692
    """
    if not likelihood_ratio > parameters > 0:
        return np.nan
    explained = (1 - parameters / likelihood_ratio) * (1 - np.exp(-likelihood_ratio / n))
    return float(np.ceil(parameters / ((shrinkage - 1) * np.log(1 - explained / shrinkage))))
