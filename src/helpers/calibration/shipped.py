"""The shipped cohort: patients chosen out of a large simulated pool, so that the pipeline finds what was published.

Labels are never assigned. A pool is simulated, the study's own code labels it, and patients are chosen by integer
programming so that printed counts (and targets of our own where nothing was printed) come out exactly. The choice
cannot ask for the multivariable pattern, which is not a count: choices are made with one seed after the other until
it holds, and the record says how many that took.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from helpers import schema, stages
from helpers.calibration.choice import CalibrationError, choose_patients, count_targets
from helpers.calibration.targets import Target, make_targets
from helpers.definitions import FEATURES, SIGNIFICANT_BELOW
from helpers.parameters import Parameters
from helpers.predictors import estimate_multivariable, estimate_univariable
from helpers.predictors.firth import estimate_firth
from helpers.predictors.sample import ESTIMATED
from helpers.survival import derive_outcomes
from helpers.synthetic import GENERATOR_VERSION, simulate_cohort
from helpers.synthetic.truth import DEFAULT_TRUTH, Truth, derive_truth_record

POOL_SIZE = 10_000
POOL_SEED = 2022
MOST_SEEDS = 40
DESCRIPTION = (
    "Simulated patients, chosen so that the study's code finds the published counts. They are no evidence of anything."
)


@dataclass(frozen=True)
class Choice:
    """The chosen patients, the seed that gave them, and every seed tried with whether its choice had the pattern."""

    patient_ids: tuple[str, ...]
    seed: int
    tried: Mapping[int, bool]


@dataclass(frozen=True)
class ShippedCohort:
    """The six raw tables, the planted truth, and the record of how the patients were chosen."""

    tables: dict[str, pd.DataFrame]
    truth: dict[str, Any]
    record: dict[str, Any]


def derive_pool(raw: Mapping[str, pd.DataFrame], *, parameters: Parameters) -> pd.DataFrame:
    """One row per patient on file: the cohort, the labels where eligible, the composite and its month.

    Everything comes from the code that the notebooks use, under `parameters`.
    """
    rulebook = parameters.rulebook()
    tables = stages.make_tables(raw, parameters, rulebook=rulebook)
    outcomes = derive_outcomes(
        tables["assessments"], cohort=tables["cohort"], events=raw["events"],
        worsening=rulebook.worsening[parameters.worsening_rule],
    )  # fmt: skip
    outcomes = outcomes.set_index("patient_id")
    pool = tables["cohort"].merge(tables["dtt_labels"], on="patient_id", how="left", validate="one_to_one")
    found = pool["patient_id"].map(outcomes["composite_status"])
    return pool.assign(
        has_composite=(found.notna() & (found != "censored")).astype(bool),
        composite_months=pool["patient_id"].map(outcomes["composite_months"]),
    )


def has_published_pattern(patients: pd.DataFrame, *, covariates: Sequence[str]) -> bool:
    """Whether each named feature alone, and only aPL and active sediment together, have p below 0.05.

    Together means twice: by maximum likelihood and by Firth's penalised likelihood, which chapter 3 asks for too.

    `patients` is a part of a pool. Anti-dsDNA, which the abstract does not name, must not be significant. No
    model may fail for separation.
    """
    labels = patients.loc[patients["is_dtt"].notna(), ["patient_id", "is_dtt"]]
    people = patients.drop(columns="is_dtt")
    alone = estimate_univariable(people, labels, covariates=list(FEATURES)).set_index("term")
    together = [estimate(people, labels, covariates=covariates).set_index("term")
                for estimate in (estimate_multivariable, estimate_firth)]  # fmt: skip
    named = pd.Series({name: feature.named_in_abstract for name, feature in FEATURES.items()})
    independent = pd.Series({name: FEATURES[name].independent_in_abstract for name in covariates})
    patterns = [(alone, named), *((model, independent) for model in together)]
    return all(
        bool((model["status"] == ESTIMATED).all() and ((model["p"] < SIGNIFICANT_BELOW) == expected).all())
        for model, expected in patterns
    )


def choose_calibrated_cohort(
    pool: pd.DataFrame, *, targets: Sequence[Target], covariates: Sequence[str], first_seed: int = 0,
    most_seeds: int = MOST_SEEDS,
) -> Choice:  # fmt: skip
    """Patients of the pool that show every target and the published pattern of the models.

    Seeds are tried from `first_seed` on; the first whose choice has the pattern is taken. The share of seeds
    that have it says how lucky the published pattern is, given its counts and this mechanism.

    Raises CalibrationError when the counts cannot be met, or when none of `most_seeds` seeds has the pattern.
    """
    tried: dict[int, bool] = {}
    for seed in range(first_seed, first_seed + most_seeds):
        chosen = choose_patients(pool, targets=targets, seed=seed)
        tried[seed] = has_published_pattern(pool.loc[chosen], covariates=covariates)
        if tried[seed]:
            return Choice(tuple(pool.loc[chosen, "patient_id"]), seed, tried)
    raise CalibrationError(f"None of {most_seeds} choices, from seed {first_seed} on, has the published pattern")


def keep_patients(tables: Mapping[str, pd.DataFrame], *, patient_ids: Sequence[str]) -> dict[str, pd.DataFrame]:
    """The tables with these patients only, renumbered P001, P002, ... in the order given; biopsies and events too.

    Rows stay in the order of patient and, within a patient, in the order they had.
    """
    width = max(3, len(str(len(patient_ids))))
    names = {old: f"P{number:0{width}d}" for number, old in enumerate(patient_ids, start=1)}
    kept = {}
    for table, frame in tables.items():
        rows = frame.loc[frame["patient_id"].isin(list(names))]
        rows = rows.assign(patient_id=rows["patient_id"].map(names).astype("string"))
        rows = rows.sort_values("patient_id", kind="stable", ignore_index=True)
        for key, letter in (("biopsy_id", "B"), ("event_id", "E")):
            if key in rows:
                numbers = [f"{letter}{number:04d}" for number in range(1, len(rows) + 1)]
                rows = rows.assign(**{key: pd.array(numbers, dtype="string")})
        kept[table] = rows
    return kept


def make_shipped_cohort(
    *, pool_size: int = POOL_SIZE, pool_seed: int = POOL_SEED, first_seed: int = 0, truth: Truth = DEFAULT_TRUTH
) -> ShippedCohort:
    """The shipped cohort: simulated, labelled by the study's code under default parameters, and chosen.

    Raises CalibrationError when the pool has no such choice.
    """
    parameters, targets = Parameters(), make_targets()
    raw = simulate_cohort(n=pool_size, seed=pool_seed, truth=truth)
    pool = derive_pool(raw, parameters=parameters)
    choice = choose_calibrated_cohort(pool, targets=targets, covariates=parameters.covariates, first_seed=first_seed)
    chosen = pool.index[pool["patient_id"].isin(choice.patient_ids)]
    counts = count_targets(pool, chosen=chosen, targets=targets)
    record = {
        "pool_size": pool_size, "pool_seed": pool_seed, "choice_seed": choice.seed,
        "seeds_tried": len(choice.tried), "patients": len(choice.patient_ids),
        "pool_eligible_share": round(float(pool["is_eligible"].mean()), 4),
        "pool_dtt_share": round(float((pool.loc[pool["is_eligible"], "dtt"] == "yes").mean()), 4),
        "pool_patient_ids": list(choice.patient_ids), "targets": counts.to_dict(orient="records"),
    }  # fmt: skip
    return ShippedCohort(keep_patients(raw, patient_ids=choice.patient_ids), derive_truth_record(truth), record)


def write_shipped_cohort(folder: str | Path, *, cohort: ShippedCohort | None = None) -> ShippedCohort:
    """Write the shipped cohort to `folder` and return it: tables and manifest, truth.json, calibration.json."""
    made = make_shipped_cohort() if cohort is None else cohort
    numbers = {name: made.record[name] for name in ("pool_size", "choice_seed", "seeds_tried")}
    schema.write_raw(made.tables, folder, manifest={
        "synthetic": True, "description": DESCRIPTION, "generator_version": GENERATOR_VERSION,
        "seed": made.record["pool_seed"], **numbers,
    })  # fmt: skip
    for name, content in (("truth", made.truth), ("calibration", made.record)):
        text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
        Path(folder, f"{name}.json").write_text(text, encoding="utf-8")
    return made
