"""The baseline features and scores of a patient, by the definitions in force."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.answers import (
    Answers,
    all_of,
    answer_where,
    any_of,
    as_answers,
    as_floats,
    is_false,
    is_true,
    is_unknown,
)
from helpers.definitions import APL_CUTS, HYPERTENSION, AplCuts, HypertensionCut
from helpers.kidney import flag_active_sediment
from helpers.parameters import Parameters

SLEDAI_ITEMS_NEEDED = 20
"""Of the 24 items; an item nobody wrote down counts as absent when at least so many are known."""

LESIONS = {
    "wire_loops": "wire_loops", "interstitial_inflammation": "interstitial_inflammation",
    "fibrinoid_necrosis": "fibrinoid_necrosis", "crescents": "cellular_crescents",
    "glomerulosclerosis": "glomerulosclerosis",
}  # fmt: skip
"""The histological features of the abstract, and the NIH item that each is read from."""

_APL_TESTS = ("la", "acl", "anti_b2gpi")


def derive_features(onset: pd.DataFrame, *, parameters: Parameters) -> pd.DataFrame:
    """The true/false features at baseline, one row per row of `onset`; each missing where it cannot be told.

    `onset` has, patient by patient, the columns of `patients`, `baseline` and the index biopsy. A lesion is
    present from grade 1 on. Hypertension: either pressure at or above the cut, or treatment.
    """
    sediment = flag_active_sediment(onset)["active_sediment"]
    lesions = {name: answer_where(onset[item], ">=", 1) for name, item in LESIONS.items()}
    return pd.DataFrame({
        "is_male": as_answers(onset["sex"] == "male"),
        "constitutional_symptoms": as_answers(onset["constitutional_symptoms"]),
        "serositis": as_answers(onset["serositis"]),
        "hypertension": answer_hypertension(onset),
        "leucopenia": answer_where(onset["leucocytes_10e9_l"], "<", parameters.leucopenia_below),
        "active_sediment": sediment,
        "anti_ro60": _positive(onset["anti_ro60"]),
        "anti_u1rnp": _positive(onset["anti_u1rnp"]),
        "any_apl": answer_apl(onset, rule=parameters.apl_rule),
        "low_c3": answer_where(onset["c3_mg_dl"], "<", parameters.low_c3_below_mg_dl),
        **lesions,
        "anti_dsdna": _positive(onset["anti_dsdna"]),
        "baseline_active_sediment": sediment,
    }, index=onset.index)  # fmt: skip


def answer_hypertension(onset: pd.DataFrame, *, cut: HypertensionCut = HYPERTENSION) -> Answers:
    """Whether either pressure lies at or above the cut, or is treated; false only when all three are known."""
    return any_of([
        answer_where(onset["systolic_mmhg"], ">=", cut.systolic_from),
        answer_where(onset["diastolic_mmhg"], ">=", cut.diastolic_from),
        as_answers(onset["antihypertensive_treatment"]),
    ])  # fmt: skip


def answer_apl(onset: pd.DataFrame, *, rule: str, cuts: AplCuts = APL_CUTS) -> Answers:
    """Whether any antiphospholipid test is positive (`any_single`), or the same one twice (`persistent`).

    any_single: yes when any first or repeat test is positive; no when each of the three tests is known on
    one day at least and none is positive; otherwise missing. persistent: yes when the same test is positive
    on both days, at least `persistence_days` apart (Miyakis 2006); a first or repeat test that is negative
    makes that test no; two positives on days too near, or of unknown distance, leave it open.
    """
    days = (onset["apl_repeat_date"] - onset["apl_first_date"]).dt.days
    apart = _true_or_unknown(answer_where(days, ">=", cuts.persistence_days))
    answers = []
    for test in _APL_TESTS:
        first, repeat = (_apl_positive(onset, test=test, when=when, cuts=cuts) for when in ("first", "repeat"))
        if rule == "persistent":
            answers.append(all_of([first, repeat, apart]))
        else:
            answers.append(_either_known(first, repeat))
    return any_of(answers)


def _apl_positive(onset: pd.DataFrame, *, test: str, when: str, cuts: AplCuts) -> Answers:
    if test == "la":
        return _positive(onset[f"la_{when}"])
    above = {"acl": cuts.acl_above, "anti_b2gpi": cuts.b2gpi_above}[test]
    return answer_where(onset[f"{test}_{when}_u_ml"], ">", above)


def _true_or_unknown(answers: Answers) -> Answers:
    """False becomes missing: tests too near to each other neither confirm nor refute."""
    return as_answers(pd.Series(answers).mask(is_false(answers)))


def _either_known(first: Answers, repeat: Answers) -> Answers:
    """True when either is; false when one is known and neither is true; missing when neither is known."""
    unknown = is_unknown(first) & is_unknown(repeat)
    return as_answers(pd.Series(is_true(first) | is_true(repeat), dtype="boolean").mask(unknown))


def _positive(results: pd.Series) -> Answers:
    return as_answers((results == "positive").astype("boolean"))


def derive_sledai(baseline: pd.DataFrame, *, points: Mapping[str, int]) -> pd.Series:
    """SLEDAI-2K: the points of the items that are present, 0 to 105, one value per row.

    An item that is not known counts as absent when at least 20 of the 24 are known; with fewer the score is
    missing. The score is always summed here and never stored (Gladman et al., J Rheumatol 2002;29:288).

    >>> derive_sledai(pd.DataFrame({"sledai_seizure": [True], "sledai_fever": [True]}),
    ...               points={"sledai_seizure": 8, "sledai_fever": 1}).tolist()
    [<NA>]
    """
    items = np.column_stack([as_floats(baseline[item]) for item in points])
    enough = (~np.isnan(items)).sum(axis=1) >= SLEDAI_ITEMS_NEEDED
    score = np.nan_to_num(items) @ np.array(list(points.values()), dtype=float)
    return pd.Series(score, index=baseline.index).where(enough).astype("Int64")


def derive_nih_index(biopsies: pd.DataFrame, *, weights: Mapping[str, int]) -> pd.Series:
    """An NIH index: the weighted sum of its items, one value per row; missing where an item is.

    >>> biopsies = pd.DataFrame({"wire_loops": [1, 1], "fibrinoid_necrosis": [2, None]})
    >>> derive_nih_index(biopsies, weights={"wire_loops": 1, "fibrinoid_necrosis": 2}).tolist()
    [5, <NA>]
    """
    items = np.column_stack([as_floats(biopsies[item]) for item in weights])
    return pd.Series(items @ np.array(list(weights.values()), dtype=float), index=biopsies.index).astype("Int64")
