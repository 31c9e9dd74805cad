"""Chapter 4 a second time: counts, rates, curves, tests, hazard ratios, incidences and areas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.second_engine.adjusted import check_adjusted
from helpers.second_engine.check import Check, Engines, check_parts, tabulate_checks
from helpers.second_engine.cox import COX, lay_out_periods, solve_cox
from helpers.second_engine.curves import (
    AREA,
    INCIDENCE,
    KAPLAN_MEIER,
    LOG_RANK,
    add_incidence,
    find_log_rank,
    fit_median,
    fit_survival,
    integrate_survival,
)
from helpers.second_engine.fair_starts import (
    check_entry_rules,
    check_hazard,
    check_landmarks,
    check_milestones,
    check_races,
    check_rebaselined,
    check_relabelled,
)
from helpers.second_engine.shares import POISSON, RATE, find_rate
from helpers.second_engine.starts import SEQUENTIAL, solve_second_induction

COUNTED = Engines("data frames (pandas)", "counts on arrays (numpy)", 0.0, "whole numbers")
GROUPS = ("dtt", "other")
MONTHS = (60, 120)
UNTIL = 60.0


def check_survival(
    outcomes: pd.DataFrame, *, landmark_months: float, fewest_at_risk: int, starts: pd.Series | None = None,
    rebaselined: pd.DataFrame | None = None, relabelled: pd.DataFrame | None = None,
    adjusters: pd.DataFrame | None = None, everybody: pd.DataFrame | None = None, entry_months: float = 0.0,
) -> pd.DataFrame:  # fmt: skip
    """The checks of the chapter on survival: one row per number, as `tabulate_checks` gives them.

    `outcomes` has one row per patient with its group and the month of its label. A share is missing where fewer than
    `fewest_at_risk` are at risk just before the month. Each of the others adds its own checks: `starts` the month of
    the second induction by patient, `rebaselined` outcomes from the landmark on, `relabelled` those by the label
    without creatinine, `adjusters` what is held equal, `everybody` the outcomes with no least follow-up
    (`entry_months`: the one in force).
    """
    checks = [
        *_check_rates(outcomes), *_check_curves(outcomes, fewest=fewest_at_risk),
        *_check_incidence(outcomes, fewest=fewest_at_risk), *_check_hazards(outcomes, landmark_months=landmark_months),
        *_check_area(outcomes, landmark_months=landmark_months),
        *check_landmarks(outcomes, landmark_months=landmark_months),
        *check_races(outcomes, landmark_months=landmark_months),
        *check_milestones(outcomes, landmark_months=landmark_months, fewest=fewest_at_risk),
    ]  # fmt: skip
    if starts is not None:
        found = solve_second_induction(outcomes, starts=starts)
        checks += check_hazard("survival.composite.second_induction", found, engines=SEQUENTIAL)
    if rebaselined is not None:
        checks += check_rebaselined(outcomes, rebaselined=rebaselined, landmark_months=landmark_months)
    if relabelled is not None:
        checks += check_relabelled(relabelled, landmark_months=landmark_months)
    if adjusters is not None:
        checks += check_adjusted(outcomes, adjusters=adjusters)
    if everybody is not None:
        checks += check_entry_rules(everybody, in_force=entry_months, fewest=fewest_at_risk)
    return tabulate_checks(checks)


def _take(outcomes: pd.DataFrame, outcome: str, group: str) -> tuple[Any, Any]:
    """Months and status words of one group ("all": both) as arrays."""
    named = outcomes["group"].isin(GROUPS if group == "all" else [group]).to_numpy(bool)
    rows = named & outcomes[f"{outcome}_status"].notna().to_numpy(bool)
    months = outcomes[f"{outcome}_months"].to_numpy(float)[rows]
    return months, outcomes[f"{outcome}_status"].to_numpy(object)[rows]


def _check_rates(outcomes: pd.DataFrame) -> list[Check]:
    checks = []
    wanted = {"composite": ("all", *GROUPS), "esrd": ("all", *GROUPS), "death": ("all", *GROUPS)}
    rated = {("composite", "dtt"), ("composite", "other"), ("esrd", "all"), ("death", "all")}
    for outcome, groups in wanted.items():
        for group in groups:
            months, status = _take(outcomes, outcome, group)
            events = int((status != "censored").sum() if outcome == "composite" else (status == outcome).sum())
            stem = f"survival.{outcome}." + ("" if group == "all" else f"{group}.")
            if outcome == "composite":
                checks.append(Check(f"{stem}n", len(months), COUNTED))
            if outcome == "composite" or group != "all":
                checks.append(Check(f"{stem}events", events, COUNTED))
            if (outcome, group) in rated:
                found = find_rate(events, float(months.sum()) / 12)
                name = f"survival.{outcome}.{group}.rate"
                checks.append(Check(name, found["value"], RATE))
                checks += check_parts(name, {part: found[part] for part in ("low", "high")}, engines=POISSON)
    checks.append(Check("survival.composite.person_years", _take(outcomes, "composite", "all")[0].sum() / 12, RATE))
    return checks


def _check_curves(outcomes: pd.DataFrame, *, fewest: int) -> list[Check]:
    checks, both = [], _take(outcomes, "composite", "all")
    for group in GROUPS:
        months, status = _take(outcomes, "composite", group)
        shares = fit_survival(months, status != "censored", at=MONTHS)
        for month, found in zip(MONTHS, shares, strict=True):
            id = f"survival.composite.{group}.{month}m"
            checks += check_parts(id, _if_enough(found, months, month, fewest), engines=KAPLAN_MEIER)
        months, status = _take(outcomes, "death", group)
        for month, found in zip(MONTHS, fit_survival(months, status != "censored", at=MONTHS), strict=True):
            turned = {part: _less_than_one(found[other])
                      for part, other in (("value", "value"), ("low", "high"), ("high", "low"))}  # fmt: skip
            id = f"survival.death.{group}.cif.{month}m"
            checks += check_parts(id, _if_enough(turned, months, month, fewest), engines=KAPLAN_MEIER)
    observed = outcomes["composite_status"].notna() & outcomes["group"].isin(GROUPS)
    groups = outcomes.loc[observed, "group"].to_numpy(object).astype(str)
    p = find_log_rank(both[0], both[1] != "censored", groups)
    checks.append(Check("survival.composite.logrank.p", p, LOG_RANK))
    alive = outcomes.loc[outcomes["death_status"].notna()]
    reverse = fit_median(alive["death_months"].to_numpy(float), alive["death_status"].eq("censored").to_numpy(bool))
    return [*checks, *check_parts("survival.followup.median", reverse, engines=KAPLAN_MEIER)]


def _check_incidence(outcomes: pd.DataFrame, *, fewest: int) -> list[Check]:
    checks = []
    for group in GROUPS:
        months, status = _take(outcomes, "esrd", group)
        for month, found in zip(MONTHS, add_incidence(months, status, state="esrd", at=MONTHS), strict=True):
            id = f"survival.esrd.{group}.cif.{month}m"
            checks += check_parts(id, _if_enough(found, months, month, fewest), engines=INCIDENCE)
    return checks


def _check_hazards(outcomes: pd.DataFrame, *, landmark_months: float) -> list[Check]:
    models: dict[str, tuple[str, str, str | None]] = {
        f"composite.{approach}": (approach, "composite", None) for approach in ("naive", "landmark", "timedependent")
    }
    models |= {
        "worsening_creatinine.timedependent": ("timedependent", "composite", "worsening_creatinine"),
        "esrd.timedependent": ("timedependent", "esrd", "esrd"),
        "death.timedependent": ("timedependent", "death", "death"),
        "failure_or_death.timedependent": ("timedependent", "esrd", None),
    }
    checks = []
    for name, (approach, outcome, part) in models.items():
        found = solve_cox(lay_out_periods(
            outcomes, approach=approach, landmark_months=landmark_months, outcome=outcome, part=part))
        checks += check_parts(f"survival.{name}.hr", {end: found[end] for end in ("value", "low", "high")}, engines=COX)
        checks.append(Check(f"survival.{name}.p", found["p"], COX))
    return checks


def _check_area(outcomes: pd.DataFrame, *, landmark_months: float) -> list[Check]:
    periods = lay_out_periods(outcomes, approach="landmark", landmark_months=landmark_months)
    areas = []
    for is_dtt in (1, 0):
        part = periods.loc[periods["is_dtt"].eq(is_dtt)]
        months, is_event = part["stop"].to_numpy(float), part["is_event"].to_numpy(bool)
        areas.append(integrate_survival(months, is_event, until=UNTIL))
    found = dict.fromkeys(("value", "low", "high", "p"))
    if areas[0] is not None and areas[1] is not None:
        found = _subtract(areas[0], areas[1])
    name = "survival.landmark.restricted_mean.difference"
    parts = {part: found[part] for part in ("value", "low", "high")}
    return [*check_parts(f"{name}.months", parts, engines=AREA), Check(f"{name}.p", found["p"], AREA)]


def _subtract(ours: Sequence[float], theirs: Sequence[float]) -> dict[str, Any]:
    """The difference of two areas with its interval and p; these are missing where a group had no event."""
    value, error = ours[0] - theirs[0], float(np.sqrt(ours[1] + theirs[1]))
    if min(ours[1], theirs[1]) <= 0:
        return {"value": value, "low": None, "high": None, "p": None}
    width = float(norm.isf(0.025)) * error
    return {"value": value, "low": value - width, "high": value + width, "p": float(2 * norm.sf(abs(value) / error))}


def _if_enough(found: dict[str, Any], months: Any, month: float, fewest: int) -> dict[str, Any]:
    """The parts of a share, missing where too few are at risk just before the month."""
    return found if (months >= month).sum() >= fewest else dict.fromkeys(found)


def _less_than_one(value: float | None) -> float | None:
    return None if value is None else 1 - value
