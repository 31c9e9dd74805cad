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


def estimate_state_shares(
    spells: pd.DataFrame, *, followup: pd.DataFrame, months: Sequence[float] = MONTHS
) -> pd.DataFrame:
    """The probability of being in each state at each month, had everybody been followed (Aalen-Johansen).

    One row per month and state: month, state, estimate, and `at_risk`, the patients under follow-up just before
    that month (the dead included, who stay where they are). Patients whose follow-up ended leave the risk set
    with the state they had, instead of filling a state "censored". Months after the last change or end that
    anybody was followed to are missing.

    Right where the end of follow-up says nothing about the future; consistent for the shares even when the
    process is not Markov (Datta and Satten, Stat Probab Lett 2001;55:403).
    """
    codes = {state: place for place, state in enumerate(STATES)}
    state = spells["state"].map(codes).to_numpy(dtype=int)
    entry, leave = spells["month"].to_numpy(dtype=float), spells["until_month"].to_numpy(dtype=float)
    person = pd.factorize(spells["patient_id"])[0]
    follows = np.append(person[1:] == person[:-1], [False]).astype(bool)[: len(person)]
    target = np.append(state[1:], [0]).astype(int)[: len(person)]
    times, place = np.unique(leave[follows], return_inverse=True)
    moves = np.zeros((len(times), len(STATES), len(STATES)))
    np.add.at(moves, (place, state[follows], target[follows]), 1.0)
    leave = np.where(state == codes["dead"], np.inf, leave)
    in_state = np.stack([
        np.searchsorted(np.sort(entry[state == code]), times, side="left")
        - np.searchsorted(np.sort(leave[state == code]), times, side="left") for code in codes.values()
    ], axis=1)  # fmt: skip
    shares = _chain(moves, in_state, start=np.bincount(state[entry == 0], minlength=len(STATES)))
    asked = np.asarray(months, dtype=float)
    found = shares[np.searchsorted(times, asked, side="right")]
    ends = followup["followup_months"].astype(float)
    seen_until = np.inf if len(ends) and followup["death_month"].notna().all() else ends.max()
    found = np.where((asked <= seen_until)[:, None], found, np.nan)
    leaving = np.sort(ends.where(followup["death_month"].isna(), np.inf))
    at_risk = len(leaving) - np.searchsorted(leaving, asked, side="left")
    return pd.DataFrame({
        "month": np.repeat(asked, len(STATES)), "state": np.tile(STATES, len(asked)), "estimate": found.ravel(),
        "at_risk": np.repeat(at_risk, len(STATES)),
    })  # fmt: skip


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


def _chain(moves: np.ndarray, in_state: np.ndarray, *, start: np.ndarray) -> np.ndarray:
    """The shares before the first time and after each one: the product of the transition matrices."""
    shares = [start / max(start.sum(), 1)]
    for moved, n in zip(moves, in_state, strict=True):
        hazard = moved / np.maximum(n, 1)[:, None]
        now = shares[-1]
        shares.append(now + now @ hazard - now * hazard.sum(axis=1))
    return np.array(shares)
