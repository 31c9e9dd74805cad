"""Each patient through all definitions: who is difficult to treat whatever is decided, and who by one decision."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.multiverse.results import Multiverse

Bools = NDArray[np.bool_]

MOSTLY, MOSTLY_NOT = 0.9, 0.1
"""Shares of the definitions from which, and up to which, a patient counts as mostly difficult to treat, or mostly not.
The limits are ours."""

ALWAYS, NEVER, NOT_LABELLED, NOT_IN_STUDY = "always", "never", "cannot tell", "not in the study"
WORDS = (ALWAYS, "mostly", "depends", "mostly not", NEVER, NOT_LABELLED, NOT_IN_STUDY)
"""What can be said of a patient over all definitions; each has one of these."""

IN_STUDY = {"y": "yes", "n": "no", "?": NOT_LABELLED, "-": NOT_IN_STUDY}
"""The letters of the answers, in words."""


def summarise_patients(results: Multiverse) -> pd.DataFrame:
    """Each patient on file through all definitions, in the order of the answers.

    One row per patient: patient_id; as_defined (the answer of the study as it stands: yes, no, cannot tell, not in the
    study); dtt_share (of the definitions that label the patient yes or no, those with yes; missing where none does),
    study_share (of all definitions, those that have the patient in the study), cannot_tell_share (of those, the ones
    that cannot tell); word: always (all of the definitions that say yes or no), mostly (at least 0.9), depends, mostly
    not (at most 0.1), never, cannot tell (none says), not in the study (none has the patient). decision, decision_label
    and changes_share: the one decision that moves the patient most, with all others held as they are: of the settings
    of the others in which at least two of its options say yes or no, the share in which they disagree. Held, not
    averaged, because constraints keep some options out of some company, and an average would blame the option for its
    company. Empty where no decision moves the patient; of decisions that tie the first in the grid.
    """
    letters = np.array([list(row) for row in results.answers["answers"]])
    yes, no, study = letters == "y", letters == "n", letters != "-"
    labelled, unknown = yes | no, letters == "?"
    table = pd.DataFrame({
        "patient_id": results.patients.sort_values("position")["patient_id"].to_numpy(),
        "as_defined": [IN_STUDY[letter] for letter in letters[0]],
        "dtt_share": _divide(yes.sum(axis=0), labelled.sum(axis=0)), "study_share": study.mean(axis=0),
        "cannot_tell_share": _divide(unknown.sum(axis=0), study.sum(axis=0)),
    })  # fmt: skip
    return table.assign(word=_find_words(table), **_find_movers(results, yes, no))


def _divide(part: NDArray, whole: NDArray) -> NDArray[np.float64]:
    return np.asarray(np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0))


def _find_words(table: pd.DataFrame) -> NDArray:
    share = table["dtt_share"]
    return np.select(
        [table["study_share"].eq(0), share.isna(), share.eq(1), share.ge(MOSTLY), share.eq(0), share.le(MOSTLY_NOT)],
        [NOT_IN_STUDY, NOT_LABELLED, ALWAYS, "mostly", NEVER, "mostly not"], default="depends")  # fmt: skip


def _find_movers(results: Multiverse, yes: Bools, no: Bools) -> dict[str, NDArray]:
    decisions = [one for one in results.grid.decisions if one.block == "definition" and len(one.options) > 1]
    names = [one.name for one in decisions]
    changes = np.array([
        _count_changes(results.definitions[[name for name in names if name != own]], yes, no) for own in names
    ]).reshape(len(names), yes.shape[1])  # fmt: skip
    most = np.vstack([np.zeros(yes.shape[1]), changes])
    place = most.argmax(axis=0)
    return {"decision": np.array(["", *names])[place],
            "decision_label": np.array(["", *(one.label for one in decisions)])[place],
            "changes_share": most.max(axis=0)}  # fmt: skip


def _count_changes(others: pd.DataFrame, yes: Bools, no: Bools) -> NDArray[np.float64]:
    """Per patient, the share of the settings of the other decisions in which the options of this one disagree."""
    setting = others.groupby(list(others), sort=False).ngroup().to_numpy() if others.shape[1] else np.zeros(len(yes))
    order = np.argsort(setting, kind="stable")
    starts = np.flatnonzero(np.diff(setting[order], prepend=-1))
    yes_n, no_n = (np.add.reduceat(answer[order].astype(int), starts, axis=0) for answer in (yes, no))
    compared, changed = yes_n + no_n > 1, (yes_n > 0) & (no_n > 0)
    return np.nan_to_num(_divide(changed.sum(axis=0), compared.sum(axis=0)))


def count_words(patients: pd.DataFrame) -> pd.DataFrame:
    """How many patients each word fits: word, n, in the order of the words; words that fit nobody count zero.

    >>> count_words(pd.DataFrame({"word": ["never", "always", "never"]})).set_index("word")["n"].head(5).to_dict()
    {'always': 1, 'mostly': 0, 'depends': 0, 'mostly not': 0, 'never': 2}
    """
    counted = patients["word"].value_counts()
    return pd.DataFrame({"word": list(WORDS), "n": [int(counted.get(word, 0)) for word in WORDS]})
