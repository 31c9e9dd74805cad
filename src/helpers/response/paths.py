"""Each patient's path, as the segments and marks of a swimmer plot."""

from __future__ import annotations

from types import MappingProxyType

import pandas as pd

MARKS = MappingProxyType({
    "course": "Inductions", "flare": "Flares", "esrd": "Kidney failure", "death": "Deaths",
    "lost": "Lost to follow-up",
})  # fmt: skip
"""What is marked on a path, and the words for it."""


def derive_paths(
    spells: pd.DataFrame, *, courses: pd.DataFrame, followup: pd.DataFrame, group: str = "dtt"
) -> pd.DataFrame:
    """Each patient's path as drawn in a swimmer plot: states as segments, courses and events as marks.

    One row per segment or mark of the patients of one group: patient_id, `place` (0 for the longest followed,
    ties by patient), `kind` ("state", "course", "flare", "esrd", "death", "lost"), `word` (the state, or the
    regimen), `start_month`, `end_month` (equal for marks).

    A flare is marked where its state begins; one that goes on is one flare, and after kidney failure there is none.
    """
    people = followup.loc[followup["group"].eq(group)]
    order = people.sort_values(["followup_months", "patient_id"], ascending=[False, True])["patient_id"]
    states = spells.rename(columns={"state": "word", "month": "start_month", "until_month": "end_month"})
    lost = people.loc[people["is_lost"], ["patient_id", "followup_months"]]
    parts = [
        states.loc[states["word"].ne("dead")].assign(kind="state"),
        _marks(courses.rename(columns={"start_month": "month", "regimen": "word"}), kind="course"),
        _marks(spells.loc[spells["state"].eq("flare")], kind="flare"),
        _marks(people.rename(columns={"esrd_month": "month"}), kind="esrd"),
        _marks(people.rename(columns={"death_month": "month"}), kind="death"),
        _marks(lost.rename(columns={"followup_months": "month"}), kind="lost"),
    ]
    columns = ["patient_id", "kind", "word", "start_month", "end_month"]
    rows = pd.concat([part[columns] for part in parts if len(part)], ignore_index=True)
    places = pd.Series(range(len(order)), index=order)
    rows = rows.loc[rows["patient_id"].isin(order)]
    rows.insert(1, "place", rows["patient_id"].map(places).astype(int))
    return rows.sort_values(["place", "start_month", "kind"], ignore_index=True)


def count_marks(paths: pd.DataFrame) -> pd.DataFrame:
    """How many inductions, flares, kidney failures, deaths and losses the paths show, and in how many patients.

    One row per kind of mark, also where there is none: kind, label, `marks_n`, `patients_n`.
    """
    kinds = pd.Index(list(MARKS), name="kind")
    counts = paths.groupby("kind").agg(marks_n=("patient_id", "size"), patients_n=("patient_id", "nunique"))
    table = counts.reindex(kinds, fill_value=0).reset_index()
    table.insert(1, "label", list(MARKS.values()))
    return table


def _marks(rows: pd.DataFrame, *, kind: str) -> pd.DataFrame:
    rows = rows.loc[rows["month"].notna()]
    return rows.assign(kind=kind, word=rows.get("word", kind), start_month=rows["month"], end_month=rows["month"])
