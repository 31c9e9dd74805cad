"""Time to complete and to any response, with death and kidney failure as competing events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from helpers.incidence import estimate_cumulative_incidence, estimate_time_to_share
from helpers.response import GROUPS, keep_each_group

OUTCOMES = ("complete", "any")
COMPETING = ("death", "esrd", "second induction")
"""What can end the wait for a response, gravest first; the last only where it is asked for."""

CURVE_MONTHS = tuple(np.arange(0, 36.01, 0.25))
"""Where the curves are read for the figure; hardly anybody responds for the first time after three years."""

TICK_MONTHS = (0, 6, 12, 18, 24, 30, 36)


def derive_response_times(
    visits: pd.DataFrame, *, followup: pd.DataFrame, courses: pd.DataFrame,
    second_induction: Literal["ignored", "competing"] = "ignored",
) -> pd.DataFrame:  # fmt: skip
    """When each patient first showed a response, or what came first instead.

    One row per patient and outcome ("complete" response, "any" response): patient_id, group, outcome, `months`
    (from time zero), `status` ("response", "death", "esrd", "second induction", "censored").

    The time is that of the first visit that shows the response, one visit being enough; the response began at
    some day since the visit before. A visit that cannot tell shows nothing. What falls on one day: death,
    kidney failure, second induction, then response.

    second_induction "ignored": a response counts under whatever course it came, so the question is how long the
    patient waited. "competing": a second induction ends the wait, so the question is what the first course
    achieved; the visit on the day it starts is not read. Response is against the baseline before the first course.
    """
    wanted = {"complete": ["complete"], "any": ["complete", "partial"]}
    ends = pd.DataFrame({
        "patient_id": followup["patient_id"], "death": followup["death_month"], "esrd": followup["esrd_month"],
        "second induction": followup["patient_id"].map(_second_starts(courses)).astype(float),
    })  # fmt: skip
    competing = [name for name in COMPETING if name != "second induction" or second_induction == "competing"]
    parts = []
    for outcome in OUTCOMES:
        shown = visits.loc[visits["response"].isin(wanted[outcome])].groupby("patient_id")["month"].min()
        columns = [*(ends[name] for name in competing), followup["patient_id"].map(shown).astype(float)]
        months = np.column_stack([*columns, followup["followup_months"]])
        first = np.where(np.isnan(months), np.inf, months).argmin(axis=1)
        words = np.array([*competing, "response", "censored"], dtype=object)
        parts.append(followup[["patient_id", "group"]].assign(
            outcome=outcome, months=months[np.arange(len(months)), first].clip(min=0.0), status=words[first]))
    return pd.concat(parts, ignore_index=True)


def estimate_response_incidence(times: pd.DataFrame, *, at: Sequence[float] | None = None) -> pd.DataFrame:
    """The share that has responded, died or lost the kidneys by each month (Aalen-Johansen, exact under ties).

    One row per outcome, group ("all", "dtt", "other"), state and time (every observed one, or those of `at`):
    the columns of `helpers.incidence.estimate_cumulative_incidence`. The state "second induction" is there only
    where it competes. Groups by label are a description only: the label is made of missing responses, so that
    the difficult-to-treat must respond later.
    """
    states = ["response", *(COMPETING if times["status"].eq(COMPETING[-1]).any() else COMPETING[:-1])]
    stacked = keep_each_group(times)
    curves = [
        estimate_cumulative_incidence(part["months"], part["status"], group=part["group"], at=at, states=states)
        .assign(outcome=outcome)
        for outcome in OUTCOMES
        for part in [stacked.loc[stacked["outcome"].eq(outcome)]]
    ]  # fmt: skip
    return pd.concat(curves, ignore_index=True)


def summarise_response_times(times: pd.DataFrame, *, curves: pd.DataFrame) -> pd.DataFrame:
    """How many responded and the median time, for each outcome and group; `curves` are those on the full grid.

    One row per outcome and group, also where nobody is in it: term ("complete_dtt"), outcome, group, `n`,
    `responded_n`, `competing_n` (something else came first), `estimate`, `low`, `high`: the month by which half
    had responded, missing where half never did.
    """
    responses = curves.loc[curves["state"].eq("response")]
    medians = estimate_time_to_share(responses).drop(columns="state")
    counted = keep_each_group(times).assign(
        responded=lambda rows: rows["status"].eq("response"), competed=lambda rows: rows["status"].isin(COMPETING)
    )  # fmt: skip
    rows = pd.MultiIndex.from_product([OUTCOMES, GROUPS], names=["outcome", "group"])
    counts = counted.groupby(["outcome", "group"]).agg(
        n=("patient_id", "size"), responded_n=("responded", "sum"), competing_n=("competed", "sum"))
    table = counts.reindex(rows, fill_value=0).reset_index().merge(medians, on=["outcome", "group"], how="left")
    table.insert(0, "term", table["outcome"] + "_" + table["group"])
    return table


def _second_starts(courses: pd.DataFrame) -> pd.Series:
    second = courses.loc[courses["course_number"].eq(2)]
    return second.set_index("patient_id")["start_month"]
