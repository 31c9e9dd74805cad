"""The two steps from raw tables to labels, each one call: what the notebooks and the calibration stand on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from helpers.cohort import derive_cohort_and_visits
from helpers.definitions import DttRule, Rulebook
from helpers.labelling import label_dtt
from helpers.labelling.noise import LabelNoise, simulate_label_noise
from helpers.parameters import Parameters, check_parameters


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


def derive_label_noise(
    raw: Mapping[str, pd.DataFrame], tables: Mapping[str, pd.DataFrame], *, parameters: Parameters, rulebook: Rulebook
) -> LabelNoise:
    """The labels of the same patients under noise, from the raw tables and the cohort tables."""
    return simulate_label_noise(
        tables["assessments"], tables["courses"], tables["cohort"], rule=parameters.dtt_rule(), rulebook=rulebook,
        events=raw["events"], noise_sd=parameters.label_noise_sd, samples=parameters.noise_samples,
        seed=parameters.seed)  # fmt: skip


def make_tables(
    raw: Mapping[str, pd.DataFrame], parameters: Parameters, *, rulebook: Rulebook | None = None
) -> dict[str, pd.DataFrame]:
    """All five tables that the study stands on, by name: cohort, assessments, courses, dtt_labels, dtt_trace.

    The rulebook is that of the parameters unless one is given.
    """
    rules = parameters.rulebook() if rulebook is None else rulebook
    tables = derive_cohort_tables(raw, parameters)
    return {**tables, **derive_label_tables(
        tables, rule=parameters.dtt_rule(), rulebook=rules, events=raw["events"])}  # fmt: skip


def make_open_tables(
    raw: Mapping[str, pd.DataFrame], parameters: Parameters, *, rulebook: Rulebook, made_under: Mapping[str, Any]
) -> dict[str, pd.DataFrame]:
    """The five tables as they would be were no follow-up asked for, everything else as in this run.

    By the parameters under which the run's cohort and labels were made (`made_under`), as far as they are known; the
    notebook's own for the rest. A patient's tables do not depend on who else is in the study, so that those of any
    other least follow-up are rows of these.
    """
    values = {**parameters.model_dump(), **made_under, "minimum_followup_months": 0.0}
    return make_tables(raw, check_parameters(values), rulebook=rulebook)
