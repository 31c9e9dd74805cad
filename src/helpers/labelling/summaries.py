"""Tallies of the labels: arms, their overlap, when they became true, inductions, final response, borderline cases."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.answers import is_true
from helpers.definitions import ARM_LABELS, DttRule
from helpers.labelling.arms import SETTLED
from helpers.labelling.trace import IN_TIME, RESPONSES_COUNTED

BORDERLINE_WITHIN = 0.10
"""A tenth: about the noise of a repeated creatinine, and much less than that of a spot ratio (ours)."""

INDUCTION_GROUPS = {
    "one": "One induction", "2": "Two inductions", "3": "Three inductions", "more": "More than three inductions",
}  # fmt: skip
FINAL_GROUPS = {
    "cr": ("complete", "Complete response"), "pr": ("partial", "Partial response"), "nr": ("none", "No response"),
    "cannot_tell": ("cannot tell", "Cannot tell"),
}  # fmt: skip


def count_arms(labels: pd.DataFrame, *, rule: DttRule) -> pd.DataFrame:
    """The answers of each arm: one row per arm that is switched on; arm, label, yes_n, no_n, cannot_tell_n, first_n.

    A patient may be in several arms; `first_n` counts those whose label it decided (the arm that came first).
    """
    rows = [
        {"arm": arm, "label": ARM_LABELS[arm], "yes_n": int((labels[f"arm_{arm}"] == "yes").sum()),
         "no_n": int((labels[f"arm_{arm}"] == "no").sum()),
         "cannot_tell_n": int((labels[f"arm_{arm}"] == "cannot tell").sum()),
         "first_n": int((labels["dtt_arm"] == arm).sum())}
        for arm in rule.arms
    ]  # fmt: skip
    return pd.DataFrame(rows)


def count_answers(labels: pd.DataFrame) -> pd.DataFrame:
    """The label's three answers: one row per answer; answer, n, share of the patients labelled."""
    counts = labels["dtt"].value_counts().reindex(["yes", "no", "cannot tell"], fill_value=0).astype(int)
    share = counts / max(len(labels), 1)
    return pd.DataFrame({"answer": counts.index, "n": counts.to_numpy(), "share": share.to_numpy(dtype=float)})


def derive_arm_overlap(labels: pd.DataFrame, *, rule: DttRule) -> pd.DataFrame:
    """The combinations of arms among patients labelled yes: one row per combination that occurs, by frequency.

    Columns: `combination` (words), n, arms_n (arms in it), and one true/false column per arm that is switched on.
    """
    found = labels.loc[is_true(labels["is_dtt"])]
    arms = pd.DataFrame({arm: (found[f"arm_{arm}"] == "yes").to_numpy(dtype=bool) for arm in rule.arms})
    sizes = arms.groupby(list(rule.arms), as_index=False).size().rename(columns={"size": "n"})
    members = sizes[list(rule.arms)].to_numpy(dtype=bool)
    words = np.array([ARM_LABELS[arm] for arm in rule.arms], dtype=object)
    names = [" and ".join(words[row]) for row in members]
    table = sizes.assign(combination=names, arms_n=members.sum(axis=1))[["combination", "n", "arms_n", *rule.arms]]
    return table.sort_values(["n", "combination"], ascending=[False, True], ignore_index=True)


def derive_onset_curve(labels: pd.DataFrame, *, rule: DttRule) -> pd.DataFrame:
    """When patients became difficult to treat: one row per patient labelled yes; month, arm, number, by month.

    `number` counts the patients labelled up to that month, `number_of_arm` those of the same deciding arm.
    """
    found = labels.loc[is_true(labels["is_dtt"]), ["patient_id", "dtt_month", "dtt_arm"]]
    found = found.sort_values(["dtt_month", "patient_id"], ignore_index=True)
    arm = found["dtt_arm"].map({name: ARM_LABELS[name] for name in rule.arms})
    return pd.DataFrame({
        "patient_id": found["patient_id"], "month": found["dtt_month"], "arm": arm,
        "number": np.arange(1, len(found) + 1), "number_of_arm": found.groupby("dtt_arm").cumcount() + 1,
    })  # fmt: skip


def count_settled_gaps(labels: pd.DataFrame, trace: pd.DataFrame) -> dict[str, int]:
    """Gaps that a later response closed as "no": gaps (arms of patients), patients with one, and those labelled no."""
    answers = trace["criterion"].str.startswith("answer: ") & trace["note"].eq(SETTLED)
    patients = labels["patient_id"].isin(trace.loc[answers, "patient_id"])
    return {"gaps": int(answers.sum()), "patients": int(patients.sum()),
            "no": int((patients & labels["dtt"].eq("no")).sum())}  # fmt: skip


def count_inductions(labels: pd.DataFrame) -> pd.DataFrame:
    """How many inductions patients labelled yes received: one row per group; group (one, 2, 3, more), label, n, share.

    The groups add up to all patients labelled yes: the rule may label those who had one induction only.
    """
    number = labels.loc[is_true(labels["is_dtt"]), "inductions_n"]
    counts = [int((number < 2).sum()), int((number == 2).sum()), int((number == 3).sum()), int((number > 3).sum())]
    return _tally(list(INDUCTION_GROUPS), list(INDUCTION_GROUPS.values()), counts, total=len(number))


def count_final_responses(labels: pd.DataFrame) -> pd.DataFrame:
    """The final response of patients labelled yes: one row per response; group (cr, pr, nr, cannot_tell), n, share."""
    final = labels.loc[is_true(labels["is_dtt"]), "final_response"]
    counts = [int((final == word).sum()) for word, _ in FINAL_GROUPS.values()]
    return _tally(list(FINAL_GROUPS), [label for _, label in FINAL_GROUPS.values()], counts, total=len(final))


def _tally(groups: list[str], labels: list[str], counts: list[int], *, total: int) -> pd.DataFrame:
    share = np.array(counts) / total if total else np.full(len(counts), np.nan)
    return pd.DataFrame({"group": groups, "label": labels, "n": counts, "share": share})


def derive_margins(trace: pd.DataFrame) -> pd.DataFrame:
    """How far each arm's deciding visit lies from turning the arm: one row per patient and arm.

    `margin` is the log ratio by which a measured value would have to change, above 0 for an arm that is yes and
    below 0 for one that is no: the largest among alternatives, the smallest among criteria that must all hold,
    with the sign turned for the arms that ask for the absence of a response. Arms that no visit decided are
    left out, and so is a no by the deadline that stands on several responses: no single value turns it.
    """
    several = trace.loc[(trace["criterion"] == RESPONSES_COUNTED) & (trace["value"] > 1), "patient_id"]
    stands = (trace["arm"] == "no_response") & trace["patient_id"].isin(several)
    judged = (trace["note"] == "judged") & trace["margin"].notna() & (trace["part"] != IN_TIME)
    criteria = trace.loc[judged & ~stands]
    grade = criteria["part"].str.extract(r"^(complete|partial): ", expand=False).fillna("")
    keys = ["patient_id", "arm", "grade"]
    parts = criteria.assign(grade=grade).groupby([*keys, "part"], as_index=False)["margin"].max()
    grades = parts.groupby(keys, as_index=False)["margin"].min()
    arms: pd.DataFrame = grades.groupby(["patient_id", "arm"], as_index=False)["margin"].max()
    absence = arms["arm"].isin(["failure_6m", "no_response"])
    arms["margin"] = arms["margin"].where(~absence, -arms["margin"])
    return arms


def flag_borderline(labels: pd.DataFrame, trace: pd.DataFrame, *, within: float) -> pd.DataFrame:
    """Mark the patients whose label a small change of one measured value would turn.

    Same rows as `labels`; adds `change_to_turn`, the relative change (0.1 is a tenth up, or as much down) of the
    deciding value that would turn the label, `turning_arm`, the arm it belongs to, and `is_borderline`: the
    change is at most `within`. For a yes, every arm that is yes must turn; for a no, one arm is enough. Arms that
    no measurement decided (kidney failure, no second induction) cannot turn. Missing for "cannot tell".
    """
    margins = derive_margins(trace).merge(labels[["patient_id", "dtt"]], on="patient_id")
    answers = trace.loc[trace["criterion"].str.startswith("answer: "), ["patient_id", "arm", "passed"]]
    table = answers.merge(margins, on=["patient_id", "arm"], how="left")
    table = table.merge(labels[["patient_id", "dtt"]].rename(columns={"dtt": "label"}), on="patient_id")
    passed = is_true(table["passed"])
    distance = table["margin"].abs().where((table["margin"] > 0) == passed, np.inf).fillna(np.inf)
    table = table.assign(distance=distance, passed=passed)
    yes = table.loc[(table["label"] == "yes") & table["passed"]].sort_values(["patient_id", "distance"], kind="stable")
    no = table.loc[table["label"] == "no"].sort_values(["patient_id", "distance"], kind="stable")[::-1]
    turning = pd.concat([yes, no]).drop_duplicates("patient_id", keep="last").set_index("patient_id")
    change = np.exp(labels["patient_id"].map(turning["distance"]).astype(float)) - 1
    arm = labels["patient_id"].map(turning["arm"]).astype("string").where(np.isfinite(change))
    return labels.assign(change_to_turn=change, turning_arm=arm, is_borderline=change <= within)
