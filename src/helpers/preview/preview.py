"""A preview: the study's tables made under the defaults and under the parameters given, and what differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from helpers import schema
from helpers.answers import is_true
from helpers.labelling.summaries import BORDERLINE_WITHIN, flag_borderline
from helpers.parameters import ALL, Parameters
from helpers.preview.moves import derive_moves
from helpers.preview.reach import Change, Reach, list_changes, trace_reach
from helpers.preview.tables import TableChange, compare_tables
from helpers.preview.thresholds import MEASURES, Near, Side, find_near
from helpers.project import from_project
from helpers.run.checks import check_rules
from helpers.stages import make_tables


@dataclass(frozen=True)
class Counts:
    """The numbers of one set of parameters: patients in the study, and the label's answers."""

    eligible: int
    yes: int
    cannot_tell: int
    borderline: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """What a change of parameters would touch.

    moves: one row per patient who changes label or cohort, as `derive_moves` gives them.
    """

    data_dir: str
    is_synthetic: bool
    changes: tuple[Change, ...]
    reach: tuple[Reach, ...]
    tables: tuple[TableChange, ...]
    before: Counts
    after: Counts
    moves: pd.DataFrame
    near: tuple[Near, ...]


def make_preview(parameters: Parameters) -> Preview:
    """What these parameters would touch, against the defaults on the same data.

    Reads the raw tables and makes the five tables of the study in memory, twice; once only where neither of the
    first two notebooks reads a changed parameter. Raises RuleError for a rule that nobody knows and DataError for
    data that cannot be used.
    """
    check_rules(parameters)
    folder = from_project(parameters.data_dir)
    raw = schema.read_raw(folder)
    changes = list_changes(parameters)
    reach = trace_reach([change.name for change in changes])
    default = Parameters(data_dir=parameters.data_dir, derived_dir=parameters.derived_dir)
    before = _make_side(raw, default)
    is_moved = any(one.is_touched for one in reach if one.notebook in ALL[:2])
    after = _make_side(raw, parameters) if is_moved else Side(raw, before.tables, parameters, before.rulebook)
    return Preview(
        parameters.data_dir, schema.is_synthetic(folder), changes, reach, compare_tables(before.tables, after.tables),
        count_patients(before.tables), count_patients(after.tables), derive_moves(before.tables, after.tables),
        tuple(find_near(change.name, before, after) for change in changes if change.name in MEASURES),
    )  # fmt: skip


def _make_side(raw: Mapping[str, pd.DataFrame], parameters: Parameters) -> Side:
    rulebook = parameters.rulebook()
    return Side(raw, make_tables(raw, parameters, rulebook=rulebook), parameters, rulebook)


def count_patients(tables: Mapping[str, pd.DataFrame]) -> Counts:
    """Patients in the study, the label's answers, and the patients whose label a small change of one value turns."""
    labels = tables["dtt_labels"]
    borderline = flag_borderline(labels, tables["dtt_trace"], within=BORDERLINE_WITHIN)
    turning = borderline.loc[is_true(borderline["is_borderline"].astype("boolean")), "patient_id"]
    return Counts(len(labels), int((labels["dtt"] == "yes").sum()), int((labels["dtt"] == "cannot tell").sum()),
                  tuple(turning.astype(str)))  # fmt: skip
