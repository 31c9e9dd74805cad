"""What the ledger keeps of the labels, and the rows that the figures of chapter 2 are drawn from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from helpers.answers import is_true
from helpers.definitions import ARM_LABELS, DttRule, ResponseRule
from helpers.kidney import label_response
from helpers.labelling.summaries import count_final_responses, count_inductions, count_settled_gaps
from helpers.labelling.trace import NOT_ASKED

Fact = dict[str, Any]

EXAMPLE_MONTHS = 36.0
"""How far the timelines of the example patients reach: the label falls well before it."""


def summarise_labels(labels: pd.DataFrame, *, rule: DttRule) -> dict[str, Fact]:
    """What the ledger keeps of the labels, by id: patients labelled yes, their share, arms, inductions, final response.

    The share is of all patients labelled, with a Wilson interval: those who cannot be told count as no there, and as
    yes in `dtt.share_if_open_is_yes`. An arm that is switched off is not estimable.
    """
    n, yes = len(labels), int(is_true(labels["is_dtt"]).sum())
    unknown = int((labels["dtt"] == "cannot tell").sum())
    low, high = proportion_confint(yes, n, method="wilson") if n else (np.nan, np.nan)
    facts: dict[str, Fact] = {
        "dtt.n": _count(yes, n=n, label="Difficult to treat", origin="dtt_labels.is_dtt"),
        "dtt.cannot_tell.n": _count(unknown, n=n, label="Label cannot be told", origin="dtt_labels.dtt"),
        "dtt.share": {"value": yes / n if n else np.nan, "low": float(low), "high": float(high), "unit": "share",
                      "n": n, "label": "Difficult to treat, share", "origin": "dtt_labels.is_dtt"},
        "dtt.share_if_open_is_yes": {"value": (yes + unknown) / n if n else np.nan, "unit": "share", "n": n,
                                     "label": "Difficult to treat, share if all who cannot be told were",
                                     "origin": "dtt_labels.dtt"},
    }  # fmt: skip
    for arm, label in ARM_LABELS.items():
        found = int((labels[f"arm_{arm}"] == "yes").sum()) if arm in rule.arms else None
        facts[f"dtt.arm.{arm}.n"] = _count(found, n=n, label=label, origin=f"dtt_labels.arm_{arm}")
    for row in count_inductions(labels).to_dict("records"):
        facts[f"dtt.inductions.{row['group']}.n"] = _count(
            row["n"], n=yes, label=row["label"], origin="dtt_labels.inductions_n")  # fmt: skip
    for row in count_final_responses(labels).to_dict("records"):
        facts[f"dtt.final.{row['group']}.n"] = _count(
            row["n"], n=yes, label=f"{row['label']} at last follow-up", origin="dtt_labels.final_response")  # fmt: skip
    return facts | {"dtt.month.median": _months(labels)}


def summarise_gaps(labels: pd.DataFrame, trace: pd.DataFrame) -> dict[str, Fact]:
    """What the ledger keeps of the gaps that a later response closed as "no", by id.

    dtt.settled.gaps.n counts them arm by arm; dtt.settled.no.n the patients labelled no who have one: with gaps
    left open, their label would be "cannot tell".
    """
    found, origin = count_settled_gaps(labels, trace), "dtt_trace.note"
    return {
        "dtt.settled.gaps.n": {"value": found["gaps"], "unit": "gaps", "n": found["patients"], "origin": origin,
                               "label": "Windows without a usable visit that a later response settled"},
        "dtt.settled.no.n": _count(found["no"], n=int((labels["dtt"] == "no").sum()), origin=origin,
                                   label="Labelled no with such a window"),
    }  # fmt: skip


def describe_arm_counts(rule: DttRule) -> str:
    """The patients of each arm that is switched on, as part of a sentence with the ledger's ids in it.

    >>> from helpers.parameters import check_parameters
    >>> describe_arm_counts(check_parameters({"dtt_arms": ["failure_6m", "early_flare"]}).dtt_rule())
    'failure by 6 months in {dtt.arm.failure_6m.n}; early flare after complete response in {dtt.arm.early_flare.n}'
    """
    return "; ".join(f"{ARM_LABELS[arm].lower()} in {{dtt.arm.{arm}.n}}" for arm in rule.arms)


def _count(value: int | None, *, n: int, label: str, origin: str) -> Fact:
    return {"value": value, "unit": "patients", "n": n, "label": label, "origin": origin}


def _months(labels: pd.DataFrame) -> Fact:
    known = labels["dtt_month"].dropna()
    low, middle, high = known.quantile([0.25, 0.5, 0.75]) if len(known) else (np.nan, np.nan, np.nan)
    return {"value": middle, "low": low, "high": high, "unit": "months", "n": len(known),
            "label": "Months from time zero to the label, median (quartiles)", "origin": "dtt_labels.dtt_month"}


def derive_turning_curve(borderline: pd.DataFrame) -> pd.DataFrame:
    """How many labels a change of one value would turn: one row per patient and label, in the order of the change.

    Columns: label ("yes", "no"), change_to_turn, share (of the patients with that label whose label such a change,
    or a smaller one, turns). Labels that no value turns are counted in the denominator only.
    """
    told = borderline.loc[borderline["dtt"].isin(["yes", "no"]), ["dtt", "change_to_turn"]]
    ordered = told.sort_values(["dtt", "change_to_turn"], ascending=[False, True], kind="stable")
    groups = ordered.groupby("dtt", sort=False)["dtt"]
    share = (groups.cumcount() + 1) / groups.transform("size")
    table: pd.DataFrame = ordered.assign(share=share).rename(columns={"dtt": "label"})
    finite: pd.DataFrame = table.loc[np.isfinite(table["change_to_turn"].to_numpy(dtype=float))]
    return finite.reset_index(drop=True)


def choose_examples(borderline: pd.DataFrame, *, rule: DttRule) -> pd.DataFrame:
    """Patients to look at: example (A, B, ...), patient_id, title, shown_arm, in the order of the arms.

    For each arm the patient whose label came nearest to that arm's median month; then the "no" that the smallest
    change would turn, and a "cannot tell". The choice is fixed by the data and by nobody's eye.
    """
    chosen = []
    for arm in rule.arms:
        found = borderline.loc[borderline["dtt_arm"] == arm]
        distance = (found["dtt_month"] - found["dtt_month"].median()).abs()
        nearest = found.assign(distance=distance, title=ARM_LABELS[arm], shown_arm=arm).nsmallest(1, "distance")
        chosen.append(nearest)
    no = borderline.loc[(borderline["dtt"] == "no") & np.isfinite(borderline["change_to_turn"])]
    no = no.nsmallest(1, "change_to_turn")
    chosen.append(no.assign(title="Not difficult to treat, by a little", shown_arm=no["turning_arm"]))
    unknown = borderline.loc[borderline["dtt"] == "cannot tell"].head(1)
    chosen.append(unknown.assign(title="Cannot tell", shown_arm=""))
    table = pd.concat([part[["patient_id", "title", "shown_arm"]] for part in chosen if len(part)], ignore_index=True)
    table.insert(0, "example", [chr(ord("A") + place) for place in range(len(table))])
    return table


def derive_timelines(
    examples: pd.DataFrame, *, assessments: pd.DataFrame, courses: pd.DataFrame, labels: pd.DataFrame,
    response_rule: ResponseRule, until: float = EXAMPLE_MONTHS,
) -> pd.DataFrame:  # fmt: skip
    """The course of the example patients up to month `until`: one row per visit, induction and label.

    Columns: example, title, kind ("visit", "induction", "label"), month, upcr_g_g, creatinine_mg_dl, response (of a
    visit), words (the regimen of an induction). No patient is named.
    """
    visits = assessments.merge(examples, on="patient_id")
    visits = visits.assign(kind="visit", response=label_response(visits, rule=response_rule))
    starts = courses.merge(examples, on="patient_id").assign(kind="induction")
    starts = starts.rename(columns={"start_month": "month", "regimen": "words"})
    found = labels.loc[labels["dtt_month"].notna()].merge(examples, on="patient_id").assign(kind="label")
    found = found.rename(columns={"dtt_month": "month"})
    columns = ["example", "title", "kind", "month", "upcr_g_g", "creatinine_mg_dl", "response", "words"]
    table = pd.concat([part[part.columns.intersection(columns, sort=False)] for part in (visits, starts, found)])
    table = table.loc[table["month"] <= until, columns]
    return table.sort_values(["example", "kind", "month"], kind="stable", ignore_index=True)


def keep_example_traces(trace: pd.DataFrame, examples: pd.DataFrame) -> pd.DataFrame:
    """The rows of the trace that explain the examples: of the arm shown, and the answers of all where none is.

    Columns: row (unique), example, arm, month, criterion, value, comparator, threshold, passed (in words), note.
    A criterion that asks nothing of the visit "does not apply".
    """
    rows = trace.merge(examples, on="patient_id")
    answers = rows["criterion"].str.startswith("answer: ") & rows["shown_arm"].eq("")
    rows = rows.loc[(rows["arm"] == rows["shown_arm"]) | answers]
    words = np.select(
        [rows["note"].eq(NOT_ASKED), is_true(rows["passed"]), rows["passed"].isna()],
        [NOT_ASKED, "yes", "cannot tell"], "no",
    )  # fmt: skip
    shown = rows.assign(passed=words, arm=rows["arm"].map(dict(ARM_LABELS)))
    columns = ["example", "arm", "month", "criterion", "value", "comparator", "threshold", "passed", "note"]
    shown = shown.sort_values("example", kind="stable", ignore_index=True)[columns]
    shown.insert(0, "row", shown["example"] + (shown.groupby("example").cumcount() + 1).astype(str))
    return shown
