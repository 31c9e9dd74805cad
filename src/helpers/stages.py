"""The two steps from raw tables to labels, each one call: what the notebooks and the calibration stand on."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from helpers.cohort import derive_cohort_and_visits
from helpers.definitions import DttRule, Rulebook, load_rulebook
from helpers.labelling import label_dtt
from helpers.parameters import Parameters


def derive_cohort_tables(raw: Mapping[str, pd.DataFrame], parameters: Parameters) -> dict[str, pd.DataFrame]:
    """The tables `cohort`, `assessments` and `courses`, by name, from the six raw tables."""
    return derive_cohort_and_visits(raw, parameters=parameters)


def derive_label_tables(
    tables: Mapping[str, pd.DataFrame], *, rule: DttRule, rulebook: Rulebook, events: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The tables `dtt_labels` and `dtt_trace`, by name, from the cohort tables and the raw events."""
    labels, trace = label_dtt(tables["assessments"], tables["courses"], tables["cohort"],
                              rule=rule, rulebook=rulebook, events=events)  # fmt: skip
    return {"dtt_labels": labels, "dtt_trace": trace}


def make_tables(
    raw: Mapping[str, pd.DataFrame], parameters: Parameters, *, rulebook: Rulebook | None = None
) -> dict[str, pd.DataFrame]:
    """All five tables that the study stands on, by name: cohort, assessments, courses, dtt_labels, dtt_trace.

    The rulebook is that of `parameters.rules_file` unless one is given.
    """
    rules = load_rulebook(parameters.rules_file) if rulebook is None else rulebook
    tables = derive_cohort_tables(raw, parameters)
    return {**tables, **derive_label_tables(
        tables, rule=parameters.dtt_rule(), rulebook=rules, events=raw["events"])}  # fmt: skip
