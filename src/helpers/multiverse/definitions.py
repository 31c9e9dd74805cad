"""What one definition says of the patients: how many are left out and labelled, the share, and each one's answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.cohort import count_flow
from helpers.definitions import ARMS, DttRule
from helpers.labelling.facts import summarise_labels

ANSWER_LETTERS = {"yes": "y", "no": "n", "cannot tell": "?"}
LEFT_OUT = "-"
"""The letter of a patient on file who is not in the study."""


def summarise_definition(cohort: pd.DataFrame, labels: pd.DataFrame, *, rule: DttRule) -> dict[str, Any]:
    """The counts and the share of one definition, by column, as the report has them.

    on_file_n; one <criterion>_n per exclusion (patients whose first it is), eligible_n; yes_n, no_n, cannot_tell_n;
    share, low, high (Wilson); <arm>_n (arm answered yes; missing for an arm that is switched off). Without anybody
    eligible the share is missing.
    """
    flow = count_flow(cohort).set_index("step")["excluded_n"]
    facts = summarise_labels(labels, rule=rule)
    share, (yes, unknown) = facts["dtt.share"], (facts[id]["value"] for id in ("dtt.n", "dtt.cannot_tell.n"))
    arms = {f"{arm}_n": facts[f"dtt.arm.{arm}.n"]["value"] for arm in ARMS}
    return {
        "on_file_n": len(cohort), **{f"{step}_n": int(n) for step, n in flow.drop("screened").items()},
        "eligible_n": len(labels), "yes_n": yes, "no_n": len(labels) - yes - unknown, "cannot_tell_n": unknown,
        "share": share["value"], "low": share["low"], "high": share["high"],
        **{name: np.nan if n is None else float(n) for name, n in arms.items()},
    }  # fmt: skip


def write_answers(cohort: pd.DataFrame, labels: pd.DataFrame) -> str:
    """One letter per patient on file, sorted by patient: y, n, ? (cannot tell), - (not in the study).

    >>> cohort = pd.DataFrame({"patient_id": ["P2", "P1", "P3"]})
    >>> write_answers(cohort, pd.DataFrame({"patient_id": ["P3", "P1"], "dtt": ["cannot tell", "yes"]}))
    'y-?'
    """
    letters = labels.set_index("patient_id")["dtt"].map(ANSWER_LETTERS)
    return "".join(letters.reindex(sorted(cohort["patient_id"])).fillna(LEFT_OUT))
