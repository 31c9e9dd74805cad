"""States over time: active, in response, in flare, kidney failure, dead; and how many are in each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

STATES = ("complete", "partial", "active", "flare", "not seen", "esrd", "dead")
"""What a patient under follow-up can be in, best first."""

ENDED = ("lost", "censored")
"""What a patient is after follow-up: lost from sight, or followed to the end of the study."""

CARRY_MONTHS = 12.0
"""A state is carried from visit to visit for this long; then the patient is not seen. A choice of this compendium:
stable patients are seen every three to six months, so that a year without a visit says that nothing is known."""

FOREVER = float("inf")
"""For `carry_months`: the last state lasts until the next visit, however late it comes."""

MONTHS = tuple(range(121))
PRINTED = (6, 12, 24, 60, 120)
_WORDS = {"complete": "complete", "partial": "partial", "none": "active"}


def derive_state_spells(
    visits: pd.DataFrame, *, followup: pd.DataFrame, courses: pd.DataFrame, carry_months: float = CARRY_MONTHS
) -> pd.DataFrame:
    """The states that each patient went through.

    One row per patient and change of state: patient_id, group, `month` (of entry), `state`, `until_month` (next
    change, or end of follow-up). Everybody is active at month 0. A visit moves the patient to complete, partial
    or active, or to flare where `is_flare` (see `flag_flares`); one that cannot tell moves nobody. The start of a
    later induction is active. After `carry_months` without a visit that tells, the state is "not seen". Kidney
    failure is left by death only. On one day the graver counts: death, kidney failure, then the visit, then the
    start of a course. Nothing is read after the end of follow-up.
    """
    state = visits["course_response"].map(_WORDS).where(~visits["is_flare"], "flare")
    seen = visits.loc[state.notna() & visits["month"].gt(0), ["patient_id", "month"]].assign(state=state, rank=1)
    later = courses.loc[courses["course_number"].gt(1), ["patient_id", "start_month"]]
    starts = later.rename(columns={"start_month": "month"}).assign(state="active", rank=0)
    zero = followup[["patient_id"]].assign(month=0.0, state="active", rank=0)
    known = pd.concat([zero, starts, seen], ignore_index=True).sort_values(["patient_id", "month"])
    gap = known.groupby("patient_id")["month"].shift(-1) - known["month"]
    expired = known.loc[~gap.le(carry_months)].assign(state="not seen", rank=0)
    expired["month"] += carry_months
    ends = [
        followup[["patient_id"]].assign(month=followup[column], state=word, rank=rank).dropna(subset="month")
        for column, word, rank in (("esrd_month", "esrd", 2), ("death_month", "dead", 3))
    ]
    rows = pd.concat([known, expired, *ends], ignore_index=True).merge(followup, on="patient_id")
    rows["month"] = rows["month"].clip(lower=0.0)
    after_failure = rows["month"].ge(rows["esrd_month"]) & rows["rank"].lt(2)
    after_end = rows["month"].gt(rows["followup_months"]) | (
        rows["month"].eq(rows["followup_months"]) & rows["state"].eq("not seen"))
    return _as_spells(rows.loc[~(after_failure | after_end)])


def _as_spells(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per change: the gravest of one day, and no change to the same state."""
    rows = rows.sort_values(["patient_id", "month", "rank"], kind="stable")
    rows = rows.drop_duplicates(["patient_id", "month"], keep="last")
    rows = rows.loc[rows["state"].ne(rows.groupby("patient_id")["state"].shift()).astype(bool)]
    until = rows.groupby("patient_id")["month"].shift(-1).fillna(rows["followup_months"])
    spells = rows[["patient_id", "group", "month", "state"]].assign(until_month=until.clip(lower=rows["month"]))
    return spells.reset_index(drop=True)


def keep_spells_from(
    spells: pd.DataFrame, *, start_month: float, label_months: pd.Series | None = None
) -> pd.DataFrame:
    """The spells from a landmark on, of the patients alive and followed beyond it; month 0 is the landmark.

    Same columns. Everybody starts in the state held at the landmark, kidney failure included; death or the end of
    follow-up at the landmark itself leaves nothing to observe. With `label_months` (by patient_id, missing for never)
    the group is the one known by the landmark: who was labelled later is still "other".

    Shares estimated from here do not need the process to be Markov: those in one state at the landmark are followed as
    they were (landmark Aalen-Johansen). Source: Putter and Spitoni, Stat Methods Med Res 2018;27:2081.

    >>> spells = pd.DataFrame({"patient_id": "A", "group": "dtt", "month": [0.0, 6.0], "state": ["active", "complete"],
    ...                        "until_month": [6.0, 30.0]})
    >>> keep_spells_from(spells, start_month=24.0)[["month", "state", "until_month"]].values.tolist()
    [[0.0, 'complete', 6.0]]
    """
    ends = spells.groupby("patient_id")["until_month"].transform("max")
    over = spells["until_month"].le(start_month) & spells["month"].le(start_month)
    kept = spells.loc[ends.gt(start_month) & ~over]
    group = kept["group"]
    if label_months is not None:
        group = group.mask(group.eq("dtt") & kept["patient_id"].map(label_months).gt(start_month), "other")
    return kept.assign(group=group, month=(kept["month"] - start_month).clip(lower=0.0),
                       until_month=kept["until_month"] - start_month).reset_index(drop=True)  # fmt: skip


def keep_until_unseen(spells: pd.DataFrame) -> pd.DataFrame:
    """The spells up to the first month at which the patient went out of sight, which now ends follow-up."""
    gone = spells["state"].eq("not seen").groupby(spells["patient_id"]).cummax()
    return spells.loc[~gone].reset_index(drop=True)


def count_states(
    spells: pd.DataFrame, *, followup: pd.DataFrame, months: Sequence[float] = MONTHS
) -> pd.DataFrame:
    """How many patients are in each state at each month, those no longer followed included.

    One row per month and state (all of them, also where nobody is in it): month, state, n, share (of all
    patients). The dead stay dead; other patients are "lost" or "censored" once follow-up has ended.
    """
    grid = followup.merge(pd.DataFrame({"month": np.asarray(months, dtype=float)}), how="cross").sort_values("month")
    entered = spells[["patient_id", "month", "state"]].sort_values("month")
    placed = pd.merge_asof(grid, entered, on="month", by="patient_id")
    over = placed["month"].gt(placed["followup_months"]) & placed["state"].ne("dead")
    ended = np.where(placed["is_lost"], *ENDED)
    placed["state"] = placed["state"].mask(over, pd.Series(ended, index=placed.index))
    rows = pd.MultiIndex.from_product([sorted(set(placed["month"])), [*STATES, *ENDED]], names=["month", "state"])
    n = placed.groupby(["month", "state"]).size().reindex(rows, fill_value=0)
    return n.rename("n").reset_index().assign(share=lambda table: table["n"] / max(len(followup), 1))


def summarise_states(counts: pd.DataFrame, shares: pd.DataFrame, *, months: Sequence[int] = PRINTED) -> pd.DataFrame:
    """The states at a few months side by side: one row per state, those after follow-up last.

    state, and for each month `n_<month>` (patients seen in it) and `share_<month>` (had all been followed; missing
    for "lost" and "censored", which are no states of the disease).
    """
    table = pd.DataFrame({"state": [*STATES, *ENDED]})
    for month in months:
        seen = counts.loc[counts["month"].eq(month)].set_index("state")["n"]
        estimated = shares.loc[shares["month"].eq(month)].set_index("state")["estimate"]
        table[f"n_{month}"] = table["state"].map(seen)
        table[f"share_{month}"] = table["state"].map(estimated)
    return table
