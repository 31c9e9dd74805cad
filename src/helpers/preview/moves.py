"""Who would change label or cohort: each patient's place in the study before and after."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from helpers.cohort import EXCLUSIONS
from helpers.definitions import ARM_LABELS

OUTSIDE = "not in the study"
LABEL_WORDS = {"yes": "difficult to treat", "no": "not difficult to treat", "cannot tell": "cannot tell"}


def derive_places(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Where each patient on file stands: one row per patient, indexed by patient_id, with `place` and `reason`.

    place: the label in words, or "not in the study". reason: the arm that dates a label of yes, or the first
    criterion that left the patient out; empty otherwise.
    """
    cohort = tables["cohort"].set_index("patient_id")
    labels = tables["dtt_labels"].set_index("patient_id")
    place = labels["dtt"].astype(object).map(LABEL_WORDS).reindex(cohort.index).fillna(OUTSIDE)
    arm = labels["dtt_arm"].astype(object).map(dict(ARM_LABELS)).reindex(cohort.index)
    excluded = cohort["first_exclusion"].astype(object).map(dict(EXCLUSIONS))
    return pd.DataFrame({"place": place, "reason": arm.fillna(excluded).fillna("").astype(str)})


def derive_moves(before: Mapping[str, pd.DataFrame], after: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The patients whose place differs: one row per patient; patient_id, before, after, reason, sorted by these.

    reason is that of the place after, or of the place before where the place after needs none.
    """
    one, other = derive_places(before), derive_places(after)
    table = one.join(other, lsuffix="_before", rsuffix="_after").rename_axis("patient_id").reset_index()
    moved = table.loc[table["place_before"] != table["place_after"]]
    reason = moved["reason_after"].where(moved["reason_after"] != "", moved["reason_before"])
    moves = pd.DataFrame({"patient_id": moved["patient_id"].astype(str), "before": moved["place_before"],
                          "after": moved["place_after"], "reason": reason})  # fmt: skip
    return moves.sort_values(["before", "after", "reason", "patient_id"], ignore_index=True)
