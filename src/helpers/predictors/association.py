"""The sets of odds ratios brought together: side by side, stacked for a figure, and read as answers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.definitions import FEATURES, SIGNIFICANT_BELOW
from helpers.predictors.sample import ESTIMATED

MODELS = {"alone": "Alone", "together": "Together", "penalised": "Together, penalised (Firth)"}
"""Each feature by itself, all in one model by maximum likelihood, and all in one model by Firth's likelihood."""

DRAWN = MODELS | {"log_f": "Together, log-F prior"}
"""The models of the forest plot."""

UNSTABLE = "associated in this model, but not stably"
"""What is said of a feature that passes every test in these patients and is not chosen again often enough."""

_NUMBERS = ("estimate", "low", "high", "p", "n", "events", "status")


def derive_forest(
    alone: pd.DataFrame, together: pd.DataFrame, penalised: pd.DataFrame, log_f: pd.DataFrame
) -> pd.DataFrame:
    """All estimates in one long table: the columns of each, with `model` (a key of `DRAWN`) in front.

    One row per model and feature, models in the order of `DRAWN`.
    """
    parts = zip(DRAWN, (alone, together, penalised, log_f), strict=True)
    return pd.concat([part.assign(model=model) for model, part in parts], ignore_index=True)[
        ["model", "term", "label", *_NUMBERS]
    ]


def derive_side_by_side(alone: pd.DataFrame, together: pd.DataFrame, penalised: pd.DataFrame) -> pd.DataFrame:
    """One row per feature of `alone`: `term`, `label`, then for each model `<model>_estimate`, `_low`, `_high`, `_p`,
    `_n`, `_events` and `_status`; missing where a model does not have the feature ("not in the model"); and `remark`:
    what kept an estimate from being had, model by model, empty when all is well.

    >>> row = {"label": "Serositis", "estimate": 2.0, "low": 1.0, "high": 4.0, "p": 0.05, "n": 9, "events": 3}
    >>> one = pd.DataFrame([{"term": "serositis", **row, "status": "estimated"}])
    >>> derive_side_by_side(one, one, one.iloc[:0])[["alone_estimate", "penalised_status"]].values.tolist()
    [[2.0, 'not in the model']]
    """
    table = alone[["term", "label"]]
    for model, part in zip(MODELS, (alone, together, penalised), strict=True):
        numbers = part[["term", *_NUMBERS]].rename(columns={name: f"{model}_{name}" for name in _NUMBERS})
        table = table.merge(numbers, on="term", how="left", validate="one_to_one")
        table[f"{model}_status"] = table[f"{model}_status"].astype(object).fillna("not in the model")
    return table.assign(remark=_remark(table))


def _remark(table: pd.DataFrame) -> list[str]:
    """What kept an estimate from being had, once where both multivariable models say the same."""
    rows = zip(*(table[f"{model}_status"] for model in MODELS), strict=True)
    return [
        "; ".join(f"{model}: {status}" for model, status in zip(MODELS, row, strict=True)
                  if status != ESTIMATED and not (model == "penalised" and status == row[1]))
        for row in rows
    ]  # fmt: skip


def label_associations(
    alone: pd.DataFrame, together: pd.DataFrame, penalised: pd.DataFrame, *, inclusion: pd.DataFrame
) -> pd.DataFrame:
    """What each feature's odds ratios amount to, in words, beside what the abstract says of it.

    One row per feature of `alone`: `term`, `label`; `is_associated`, `is_adjusted`, `is_penalised` ("yes", "no" or
    "cannot tell": p below 0.05 alone, together, and together by Firth's likelihood); `chosen_share`, `is_stable` (from
    `inclusion`, the table of `helpers.predictors.selection.summarise_inclusion`); `is_independent` ("yes", "no",
    "cannot tell"); `verdict` (the same in words); `abstract` ("independent", "associated", "not named"); `agrees`
    (nullable).

    A feature is called independent only when its p is below 0.05 alone and in the multivariable model, Firth's
    penalised p says the same, all three odds ratios lie on one side of one, and the screening recipe ends with it in
    enough bootstrap samples (`helpers.definitions.stability`): with so few events per feature a single selection
    calls too much. No to any of these is "no"; otherwise an estimate that could not be
    had makes it "cannot tell", and so does a feature that is not in the model. p exactly 0.05 is "no".
    `agrees` (an association, on the side of risk, and independent exactly where the abstract has it so) is missing
    where we cannot tell, or where the abstract does not name the feature.
    """
    wide = derive_side_by_side(alone, together, penalised)
    stability = inclusion.set_index("term")
    tests = pd.DataFrame({model: _answer(wide[f"{model}_p"], wide[f"{model}_status"]) for model in MODELS})
    stable = wide["term"].map(stability["is_stable"]).fillna("cannot tell")
    side = np.sign(np.log(wide[[f"{model}_estimate" for model in MODELS]].astype(float)))
    opposed = side.max(axis=1).gt(0) & side.min(axis=1).lt(0)
    passed = (tests == "yes").all(axis=1) & ~opposed
    independent = pd.Series("cannot tell", index=wide.index).mask(passed & stable.eq("yes"), "yes")
    independent = independent.mask((tests == "no").any(axis=1) | opposed | stable.eq("no"), "no")
    table = pd.DataFrame({
        "term": wide["term"], "label": wide["label"], "is_associated": tests["alone"],
        "is_adjusted": tests["together"], "is_penalised": tests["penalised"],
        "chosen_share": wide["term"].map(stability["chosen_share"]), "is_stable": stable,
        "is_independent": independent, "verdict": _put_in_words(tests["alone"], independent, passed=passed),
        "abstract": [_place_in_abstract(term) for term in wide["term"]],
    })  # fmt: skip
    return table.assign(agrees=_agree(table, is_risk=wide["alone_estimate"].gt(1)))


def _put_in_words(alone: pd.Series, independent: pd.Series, *, passed: pd.Series) -> pd.Series:
    """The verdict on each feature: the last that fits."""
    words = pd.Series("cannot tell", index=alone.index)
    words = words.mask(independent.eq("no") & alone.eq("yes"), "associated alone, not independently")
    words = words.mask(alone.eq("no"), "not associated alone")
    return words.mask(independent.eq("no") & passed, UNSTABLE).mask(independent.eq("yes"), "independent")


def _answer(p: pd.Series, status: pd.Series) -> pd.Series:
    words = p.lt(SIGNIFICANT_BELOW).map({True: "yes", False: "no"})
    return words.where(status.eq(ESTIMATED) & p.notna(), "cannot tell")


def _place_in_abstract(term: str) -> str:
    feature = FEATURES[term]
    if feature.independent_in_abstract:
        return "independent"
    return "associated" if feature.named_in_abstract else "not named"


def _agree(table: pd.DataFrame, *, is_risk: pd.Series) -> pd.Series:
    """Whether the run says of a feature what the abstract says of it; all that it names go with the disease."""
    as_independent = table["is_independent"].map({"yes": True, "no": False})
    as_associated = table["is_associated"].map({"yes": True, "no": False})
    expected = table["abstract"].eq("independent")
    same = as_associated.eq(True) & is_risk & as_independent.eq(expected)
    unknown = as_independent.isna() | as_associated.isna() | table["abstract"].eq("not named")
    return same.astype("boolean").mask(unknown)


def list_features(rows: pd.DataFrame) -> list[str]:
    """The labels of the rows as words inside a sentence.

    >>> list_features(pd.DataFrame({"label": ["Male sex", "Anti-Ro60"]}))
    ['male sex', 'anti-Ro60']
    """
    return [label[:1].lower() + label[1:] for label in rows["label"]]


def cite_estimates(rows: pd.DataFrame, *, prefix: str, measure: str = "or", form: str = "ci") -> str:
    """The rows as a list in prose, with the ledger ids of their estimates to be filled in; "none" without rows.

    >>> rows = pd.DataFrame({"term": ["any_apl", "low_c3"], "label": ["Any aPL", "Low C3"]})
    >>> cite_estimates(rows, prefix="predictors.firth")
    'any aPL, {predictors.firth.any_apl.or:ci}; low C3, {predictors.firth.low_c3.or:ci}'
    """
    names = zip(list_features(rows), rows["term"], strict=True)
    return "; ".join(f"{name}, {{{prefix}.{term}.{measure}:{form}}}" for name, term in names) or "none"
