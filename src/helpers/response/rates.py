"""Response rates at stated months: which visit speaks for a month, who is counted, and out of how many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from helpers.definitions import VISIT_WINDOWS
from helpers.response import GROUPS

LAST = "last"
POINTS = (*VISIT_WINDOWS, LAST)
GRADES = ("complete", "partial", "none")

COURSES = MappingProxyType({"1": "First induction", "2": "Second", "3 or more": "Third and later"})
"""How courses are grouped, and the words for each group."""

STATUSES = ("assessed", "dead", "esrd", "next induction", "missing", "not followed")
"""Why a patient has the answer that he has; the last two have none, and are counted apart."""


def derive_responses_at(visits: pd.DataFrame, *, followup: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """The response of every patient at months 3, 6, 12 and 24 after time zero and at the last follow-up.

    One row per patient and point ("3", "6", "12", "24", "last"): patient_id, group, point, status, response.

    The visit nearest to the month within its window speaks for it (of two equally near, the earlier); a visit
    that cannot tell the response is passed over. Status, the first that applies: "dead" or "esrd" by that month
    (response "none"); "assessed"; "not followed" so long; "missing" although followed (both "cannot tell").
    Response is against the baseline before the first course, whatever course is in force.

    The last follow-up takes `final_response` of the labels, so that it cannot differ from theirs.
    """
    ends = {"death_month": "dead", "esrd_month": "esrd", "followup_months": "end"}
    people = followup[["patient_id", "group", *ends]].rename(columns=ends)
    seen = visits[["patient_id", "response"]].assign(clock=visits["month"])
    table = _answers_at(seen, people, keys=["patient_id"], ends=["dead", "esrd"])
    final = people["patient_id"].map(labels.set_index("patient_id")["final_response"]).fillna("cannot tell")
    known = [people["dead"].notna(), people["esrd"].notna(), final.eq("cannot tell")]
    status = np.select(known, ["dead", "esrd", "missing"], "assessed")
    last = people.assign(point=LAST, status=status, response=final)
    return pd.concat([table, last], ignore_index=True)[["patient_id", "group", "point", "status", "response"]]


def derive_course_responses_at(
    visits: pd.DataFrame, *, courses: pd.DataFrame, followup: pd.DataFrame
) -> pd.DataFrame:
    """The response to every induction course, 3, 6, 12 and 24 months after it started.

    One row per course and point: patient_id, course_number, `course` ("1", "2", "3 or more"), group, point, status,
    response. As `derive_responses_at`, with the course's own clock and baseline; a course that had to be followed
    by the next induction by that month has failed: status "next induction", response "none".
    """
    keys = ["patient_id", "course_number"]
    people = courses[[*keys, "start_month"]].merge(followup, on="patient_id")
    people = people.sort_values(["patient_id", "start_month"], ignore_index=True)
    start = people["start_month"]
    number = people["course_number"].astype(int)
    people = people.assign(
        dead=people["death_month"] - start, esrd=people["esrd_month"] - start, end=people["followup_months"] - start,
        following=people.groupby("patient_id")["start_month"].shift(-1) - start,
        course=np.array(list(COURSES), dtype=object)[number.clip(1, 3) - 1],
    )  # fmt: skip
    seen = visits[keys].assign(clock=visits["course_month"], response=visits["course_response"])
    table = _answers_at(seen, people, keys=keys, ends=["following", "dead", "esrd"])
    return table[[*keys, "course", "group", "point", "status", "response"]]


def _answers_at(visits: pd.DataFrame, people: pd.DataFrame, *, keys: list[str], ends: list[str]) -> pd.DataFrame:
    """The rows of `people` once per window, with the answer of the nearest visit that can tell."""
    told = visits.loc[visits["response"].ne("cannot tell"), [*keys, "clock", "response"]]
    near = pd.concat([
        told.assign(point=point, distance=(told["clock"] - window.target).abs().round(9))
        .loc[told["clock"].between(window.start, window.end)]
        for point, window in VISIT_WINDOWS.items()
    ])  # fmt: skip
    nearest = near.sort_values(["distance", "clock"]).drop_duplicates([*keys, "point"])
    months = pd.DataFrame({"point": list(VISIT_WINDOWS), "target": [each.target for each in VISIT_WINDOWS.values()]})
    rows = months.merge(people, how="cross").merge(
        nearest[[*keys, "point", "response"]], on=[*keys, "point"], how="left")
    ended = [rows[end].le(rows["target"]) for end in ends]
    known = [*ended, rows["response"].notna(), rows["end"].lt(rows["target"])]
    words = {"following": "next induction"}
    names = [*(words.get(end, end) for end in ends), "assessed", "not followed"]
    status = pd.Series(np.select([part.to_numpy(bool) for part in known], names, "missing"), index=rows.index)
    response = rows["response"].mask(status.isin(["missing", "not followed"]), "cannot tell")
    return rows.assign(status=status, response=response.mask(np.logical_or.reduce(ended), "none"))


def summarise_response_rates(
    answers: pd.DataFrame, *, by: str = "group", names: Sequence[str] = GROUPS
) -> pd.DataFrame:
    """The share with complete, partial and no response, by group (or course) and point.

    One row per `by` (those of `names`, in their order), point and response: `count` of `n` is `share` with Wilson
    limits `share_low`, `share_high`; `assessed_count` of `assessed_n` is `assessed_share`, with its limits.

    `share` is of all whose answer is known, and the dead and those in kidney failure by then are known: no
    response (at the last follow-up, what the label says of them). `assessed_share` is of those alive, without
    kidney failure, and seen: it flatters a treatment that loses its failures to death. Missing assessments are in
    neither; `count_response_statuses` counts them. Without anybody in the denominator there is no share.

    Source: Wilson, J Am Stat Assoc 1927;22:209, as R's prop.test(correct = FALSE).
    """
    points = [point for point in POINTS if point in set(answers["point"])]
    rows = pd.MultiIndex.from_product([list(names), points, GRADES], names=[by, "point", "response"])
    table = rows.to_frame(index=False)
    for prefix, used in (("", answers["response"].isin(GRADES)), ("assessed_", answers["status"].eq("assessed"))):
        counts = answers.loc[used].groupby([by, "point", "response"]).size().reindex(rows, fill_value=0)
        n = counts.groupby([by, "point"]).transform("sum")
        table[f"{prefix}count"], table[f"{prefix}n"] = counts.to_numpy(), n.to_numpy()
        table[f"{prefix}share"] = (counts / n.where(n > 0)).to_numpy()
        low, high = proportion_confint(counts.to_numpy(float), n.where(n > 0).to_numpy(float), method="wilson")
        table[f"{prefix}share_low"], table[f"{prefix}share_high"] = low, high
    return table


def count_response_statuses(
    answers: pd.DataFrame, *, by: str = "group", names: Sequence[str] = GROUPS
) -> pd.DataFrame:
    """How many were assessed, had ended before, were missing or not followed so long: one row per `by` and point.

    Columns `<status>_n` for every status, and `n`, their sum; rows as in `summarise_response_rates`.
    """
    points = [point for point in POINTS if point in set(answers["point"])]
    rows = pd.MultiIndex.from_product([list(names), points], names=[by, "point"])
    counts = pd.crosstab([answers[by], answers["point"]], answers["status"])
    counts = counts.reindex(index=rows, columns=list(STATUSES), fill_value=0)
    counts.columns = pd.Index([f"{status.replace(' ', '_')}_n" for status in counts.columns])
    return counts.assign(n=counts.sum(axis=1)).reset_index()


def derive_rate_table(
    rates: pd.DataFrame, *, counts: pd.DataFrame, labels: Mapping[str, str], by: str = "group"
) -> pd.DataFrame:
    """The rates as they are printed: one row per `by` and point.

    term ("dtt_6"), label (of `by`, from `labels`), point, `n` in the share, `complete_share` with its limits
    `complete_low_share`, `complete_high_share`, `partial_share`, `none_share`, `assessed_n`,
    `assessed_complete_share`, `ended_n` (dead, in kidney failure or in the next induction by then), `missing_n`,
    `not_followed_n`.
    """
    keys = [by, "point"]
    table = counts.rename(columns={"n": "patients_n"})
    table["ended_n"] = table[["dead_n", "esrd_n", "next_induction_n"]].sum(axis=1)
    parts = {
        "complete": {"n": "n", "share": "complete_share", "share_low": "complete_low_share",
                     "share_high": "complete_high_share", "assessed_share": "assessed_complete_share"},
        "partial": {"share": "partial_share"}, "none": {"share": "none_share"},
    }  # fmt: skip
    for grade, columns in parts.items():
        own = rates.loc[rates["response"].eq(grade), [*keys, *columns]].rename(columns=columns)
        table = table.merge(own, on=keys, how="left", validate="one_to_one")
    table.insert(0, "term", table[by].str.replace(" ", "_") + "_" + table["point"])
    table.insert(1, "label", table[by].map(dict(labels)))
    return table[[
        "term", "label", "point", "n", "complete_share", "complete_low_share", "complete_high_share", "partial_share",
        "none_share", "assessed_n", "assessed_complete_share", "ended_n", "missing_n", "not_followed_n"]]  # fmt: skip
