"""Choosing patients out of a large simulated pool so that given counts come out, by integer programming."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from helpers.calibration.targets import Target
from helpers.definitions import ARMS, FEATURES

EARLY_MONTHS = 60.0
HIGH_SLEDAI = 10
"""Above it activity is called high; the printed median of all classes is 12."""


class CalibrationError(RuntimeError):
    """No choice of patients in the pool shows the counts that were asked for."""


def derive_indicators(pool: pd.DataFrame) -> pd.DataFrame:
    """One true/false column per thing that can be counted, one row per patient of the pool.

    `pool` is the cohort table joined with the labels, one row per patient on file; `has_composite` (true/false) and
    `composite_months` may be there too. Everything but the excluded and the deaths is counted among the eligible
    only. The name of
    a column is the name of the target that bounds it.
    """
    eligible = pool["is_eligible"].to_numpy(bool)
    dtt = {answer: (pool["dtt"] == answer).to_numpy(bool, na_value=False) & eligible
           for answer in ("yes", "no", "cannot tell")}  # fmt: skip
    columns = {"eligible": eligible, **{f"dtt.{answer}": held for answer, held in dtt.items()}}
    for sex in ("female", "male"):
        columns[sex] = eligible & _equals(pool["sex"], sex)
    for group in ("III", "IV", "V", "mixed"):
        columns[f"class.{group}"] = eligible & _equals(pool["class_group"], group)
    inductions = pool["inductions_n"].fillna(0).to_numpy(int)
    numbers = {"1": inductions <= 1, "2": inductions == 2, "3": inductions == 3, "more": inductions > 3}
    for name, held in numbers.items():
        columns[f"inductions.{name}"] = dtt["yes"] & held
    for response in ("complete", "partial", "none"):
        found = _equals(pool["final_response"], response)
        columns |= {f"final.{response}": dtt["yes"] & found, f"final_other.{response}": dtt["no"] & found}
    for arm in ARMS:
        columns[f"arm.{arm}"] = dtt["yes"] & _equals(pool["dtt_arm"], arm)
    columns |= _class_v_columns(pool, columns["class.V"]) | _feature_columns(pool, dtt)
    columns |= _excluded_columns(pool, eligible)
    if "has_composite" in pool:
        event = pool["has_composite"].fillna(False).to_numpy(bool)
        early = event & (pool["composite_months"].to_numpy(float, na_value=np.inf) <= EARLY_MONTHS)
        for answer in ("yes", "no"):
            columns[f"composite.{answer}"] = dtt[answer] & event
            columns[f"composite.early.{answer}"] = dtt[answer] & early
    return pd.DataFrame(columns, index=pool.index)


def _equals(column: pd.Series, value: str) -> np.ndarray:
    return (column == value).to_numpy(bool, na_value=False)


def _class_v_columns(pool: pd.DataFrame, pure: np.ndarray) -> dict[str, np.ndarray]:
    columns = {f"class.V.{name}": pure & pool[name].fillna(False).to_numpy(bool)
               for name in ("active_sediment", "low_c3", "anti_dsdna")}  # fmt: skip
    high = pool["sledai_2k"].to_numpy(float, na_value=np.nan) > HIGH_SLEDAI
    return columns | {"class.V.male": pure & _equals(pool["sex"], "male"), "class.V.high_sledai": pure & high}


def _feature_columns(pool: pd.DataFrame, dtt: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    columns = {}
    for name in FEATURES:
        present = pool[name].fillna(False).to_numpy(bool)
        for group in ("yes", "no"):
            columns[f"{name}.{group}"] = dtt[group] & present
            columns[f"{name}.known.{group}"] = dtt[group] & pool[name].notna().to_numpy()
    return columns


def _excluded_columns(pool: pd.DataFrame, eligible: np.ndarray) -> dict[str, np.ndarray]:
    columns = {f"excluded.{reason}": _equals(pool["first_exclusion"], reason)
               for reason in sorted(pool["first_exclusion"].dropna().unique())}  # fmt: skip
    dead = pool["is_dead"].fillna(False).to_numpy(bool)
    early = dead & (pool["followup_months"].to_numpy(float, na_value=np.inf) <= 6)
    return columns | {"excluded.all": ~eligible, "deaths.all": dead, "deaths.early": early}


def _count_of(pool: pd.DataFrame, indicators: pd.DataFrame, name: str) -> np.ndarray:
    """The indicator of a target; those of quartiles ("age_years.below.29") are read off the pool."""
    if name in indicators:
        return indicators[name].to_numpy(float)
    column, side, value = name.split(".")
    values = pool[column].to_numpy(float, na_value=np.nan)
    held = values < float(value) if side == "below" else values <= float(value)
    counted: np.ndarray = (held & indicators["eligible"].to_numpy(bool)).astype(float)
    return counted


def choose_patients(
    pool: pd.DataFrame, *, targets: Sequence[Target], seed: int, gap: float = 0.02, seconds: float = 300.0
) -> pd.Index:
    """The index of the chosen patients, in the order of the pool, so that every target's count is met.

    Each patient gets a weight, drawn from the exponential distribution by `seed`, and the choice with the
    largest total weight (within `gap`) is taken. With such weights the linear programme behind it tilts the
    pool exponentially, the smallest change of a distribution that meets given counts (Csiszar, Ann Probab
    1975;3:146): what the targets do not name stays as the mechanism made it.

    Raises CalibrationError when the pool cannot meet the counts, or not within `seconds`: a result that
    depended on the speed of the machine would not be reproducible.
    """
    indicators = derive_indicators(pool)
    usable = _is_usable(pool, indicators)
    rows = np.array([_count_of(pool, indicators, target.name)[usable] for target in targets])
    limits = LinearConstraint(
        sparse.csr_array(rows), [target.low for target in targets], [target.high for target in targets]
    )
    weights = np.random.default_rng(seed).standard_exponential(len(pool))[usable]
    result = milp(-weights, constraints=limits, integrality=np.ones(len(weights)), bounds=Bounds(0, 1),
                  options={"mip_rel_gap": gap, "time_limit": seconds})  # fmt: skip
    if result.status != 0 or result.x is None:
        raise CalibrationError(f"No choice out of {len(weights)} patients meets the targets: {result.message}")
    chosen: pd.Index = pool.index[usable][np.rint(result.x).astype(bool)]
    return chosen


def _is_usable(pool: pd.DataFrame, indicators: pd.DataFrame) -> np.ndarray:
    """Patients who may be chosen: the excluded, and the eligible with all the numbers that the targets read."""
    needed = ["age_years", "disease_duration_months", "sledai_2k"]
    complete = pool[needed].notna().all(axis=1).to_numpy()
    told = indicators["dtt.yes"].to_numpy() | indicators["dtt.no"].to_numpy()
    usable: np.ndarray = ~indicators["eligible"].to_numpy() | (complete & told)
    return usable


def count_targets(pool: pd.DataFrame, *, chosen: pd.Index, targets: Sequence[Target]) -> pd.DataFrame:
    """What the chosen patients show, one row per target: name, low, high, found, evidence, is_met."""
    indicators = derive_indicators(pool)
    member = pool.index.isin(chosen)
    found = [int(_count_of(pool, indicators, target.name)[member].sum()) for target in targets]
    table = pd.DataFrame([vars(target) for target in targets]).assign(found=found)
    return table.assign(is_met=table["found"].between(table["low"], table["high"]))
