"""Who moved: patients whose label or place in the study is not the same in two runs, by what moved them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from helpers.cohort.selection import EXCLUSIONS
from helpers.comparison.attribution import Attribution
from helpers.comparison.causes import Cause, Moved, choose_arm, find_cause
from helpers.comparison.headlines import LEFT_OUT, NOT_ON_FILE, derive_statuses
from helpers.comparison.runs import ComparedRun
from helpers.comparison.trace import TraceRow, list_exclusion_rows, list_trace_rows
from helpers.wording import join_words

_STEPS = {words: EXCLUSIONS[name] for name, words in LEFT_OUT.items()}


@dataclass(frozen=True)
class Patient:
    """One patient who moved: what was said before and after, what did it, which changes alone would have, the trace."""

    id: str
    before: str
    after: str
    cause: Cause
    alone: str
    rows: tuple[TraceRow, ...]


@dataclass(frozen=True)
class Group:
    """Patients who moved from the same to the same for the same reason."""

    before: str
    after: str
    where: str
    what: str
    asked: tuple[tuple[str, str], ...]
    patients: tuple[Patient, ...]


@dataclass(frozen=True)
class Moves:
    """All who moved between two runs, in groups, the largest first; and how many stayed, by what they stayed."""

    groups: tuple[Group, ...]
    stayed: tuple[tuple[str, int], ...]
    movements: tuple[tuple[str, str, int], ...]

    @property
    def n(self) -> int:
        """How many moved."""
        return sum(len(group.patients) for group in self.groups)


def find_moves(first: ComparedRun, second: ComparedRun, *, attribution: Attribution) -> Moves | None:
    """Who moved from the first run to the second; None where the derived tables of either are not there."""
    if not first.tables or not second.tables:
        return None
    before, after = (derive_statuses(run.tables["cohort"], run.tables["dtt_labels"]) for run in (first, second))
    everyone = before.index.union(after.index)
    table = pd.DataFrame({"before": before.reindex(everyone).fillna(NOT_ON_FILE),
                          "after": after.reindex(everyone).fillna(NOT_ON_FILE)})  # fmt: skip
    moved = table.loc[table["before"] != table["after"]]
    patients = list(_list_patients(moved, first, second, attribution))
    stayed = table.loc[table["before"] == table["after"], "after"].value_counts()
    movements = moved.groupby(["before", "after"]).size().reset_index(name="n").sort_values("n", ascending=False)
    return Moves(group_patients(patients), tuple((str(word), int(count)) for word, count in stayed.items()),
                 tuple((str(one), str(other), int(count)) for one, other, count in movements.to_numpy()))


def _list_patients(moved: pd.DataFrame, first: ComparedRun, second: ComparedRun,
                   attribution: Attribution) -> Iterator[Patient]:  # fmt: skip
    runs = (first, second)
    cohorts = [run.tables["cohort"].set_index("patient_id") for run in runs]
    labels = [run.tables["dtt_labels"].set_index("patient_id") for run in runs]
    traces = [dict(list(rows.groupby("patient_id"))) for run in runs
              for rows in [run.tables["dtt_trace"].loc[run.tables["dtt_trace"]["patient_id"].isin(moved.index)]]]
    for id, before, after in moved.itertuples():
        found = None
        if all(id in table.index for table in labels):
            arm = choose_arm(*(table.loc[id] for table in labels))
            first_rows, second_rows = (trace[id].loc[trace[id]["arm"] == arm] for trace in traces)
            found = Moved(arm, first_rows, second_rows)
        cause = find_exclusion(before, after, id, cohorts) if found is None else find_cause(found)
        rows = list_exclusion_rows(id, *cohorts) if found is None else list_trace_rows(found.first, found.second)
        yield Patient(str(id), before, after, cause, _name_movers(attribution, str(id), after), tuple(rows))


def find_exclusion(before: str, after: str, id: Hashable, cohorts: Sequence[pd.DataFrame]) -> Cause:
    """The criterion of inclusion that moved a patient into the study, out of it, or to another criterion.

    `cohorts` are those of the two runs, by patient.
    """
    steps = [_STEPS[word] for word in (before, after) if word in _STEPS]
    where = "On file" if NOT_ON_FILE in (before, after) else "Inclusion"
    followed = [table["followup_months"].get(id) for table in cohorts]
    months = list(dict.fromkeys(f"{month:.1f}" for month in followed if not pd.isna(month)))
    places = ["left out" if word in _STEPS else word if word == NOT_ON_FILE else "in the study"
              for word in (before, after)]  # fmt: skip
    return Cause(where, join_words(steps, none="in one of the two data sets only"), places[0], places[1],
                 f"followed for {' or '.join(months)} months" if months else "")  # fmt: skip


def _name_movers(attribution: Attribution, patient: str, status: str) -> str:
    """Which of the changes are enough to move this patient, in words; empty where only one was made."""
    sets = [sorted(who) for who in attribution.find_movers(patient, status)]
    if not sets:
        return ""
    if len(sets[0]) == 1:
        return join_words([who[0] for who in sets]).replace(" and ", " or ") + " alone"
    return "only together: " + "; or ".join(join_words(who) for who in sets)


def group_patients(patients: Sequence[Patient]) -> tuple[Group, ...]:
    """The patients by where they came from, where they went and what moved them; the largest group first."""
    groups: dict[tuple[str, str, str, str], list[Patient]] = {}
    for patient in patients:
        key = (patient.before, patient.after, patient.cause.where, patient.cause.what)
        groups.setdefault(key, []).append(patient)
    made = [Group(*key, tuple(dict.fromkeys((one.cause.first, one.cause.second) for one in members)), tuple(members))
            for key, members in groups.items()]  # fmt: skip
    return tuple(sorted(made, key=lambda group: (-len(group.patients), group.before, group.after, group.where)))
