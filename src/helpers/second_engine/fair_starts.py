"""The fair starts of chapter 4 a second time: landmarks, re-baselined outcomes, entry rules, milestones, the races."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.second_engine.check import Check, Engines, check_parts, make_ratio
from helpers.second_engine.cox import COX, lay_out_periods, solve_cox
from helpers.second_engine.curves import KAPLAN_MEIER, fit_curve, fit_survival, integrate_survival
from helpers.second_engine.races import FINE_GRAY, GRAY, find_gray, solve_fine_gray

MILESTONE = Engines("statsmodels SurvfuncRight, Greenwood", "lifelines' curve, Greenwood's sum afresh", 1e-8,
                    "exact products and sums on both sides")  # fmt: skip
RATIO = Engines("areas with Greenwood's variance (numpy)", "areas under the lifelines curves, a double sum", 1e-8,
                "exact sums on both sides")  # fmt: skip

LANDMARKS, MILESTONES, ENTRY_RULES = (3.0, 6.0, 12.0, 24.0), (12.0, 36.0, 60.0, 120.0), (0.0, 6.0, 12.0, 24.0)
RACES = {"kidney_failure": ("esrd", "esrd"), "death_before": ("esrd", "death"), "first_death": ("composite", "death"),
         "first_worsening": ("composite", "worsening_creatinine"), "first_failure": ("composite", "esrd")}  # fmt: skip
_UNTIL = 60.0
_ENDS = ("value", "low", "high")


def check_hazard(id: str, found: dict[str, float | None], *, engines: Engines) -> list[Check]:
    """A hazard ratio with its interval (`<id>.hr`) and its p value (`<id>.p`)."""
    return [*check_parts(f"{id}.hr", {end: found[end] for end in _ENDS}, engines=engines),
            Check(f"{id}.p", found["p"], engines)]  # fmt: skip


def check_landmarks(outcomes: pd.DataFrame, *, landmark_months: float) -> list[Check]:
    """The hazard ratio at each landmark month beside the one in force, and outcomes without creatinine."""
    checks = []
    for month in sorted(set(LANDMARKS) - {landmark_months}):
        found = solve_cox(lay_out_periods(outcomes, approach="landmark", landmark_months=month))
        checks += check_hazard(f"survival.composite.landmark_{month:g}m", found, engines=COX)
    for name, outcome in (("failure_or_death", "esrd"), ("death", "death")):
        for way in ("naive", "landmark"):
            periods = lay_out_periods(outcomes, approach=way, landmark_months=landmark_months, outcome=outcome)
            checks += check_hazard(f"survival.{name}.{way}", solve_cox(periods), engines=COX)
    return checks


def check_rebaselined(outcomes: pd.DataFrame, *, rebaselined: pd.DataFrame, landmark_months: float) -> list[Check]:
    """The landmark's patients and groups with the outcomes of `rebaselined`, which are counted from the landmark."""
    periods = lay_out_periods(outcomes, approach="landmark", landmark_months=landmark_months)
    there = outcomes.iloc[periods["row"].to_numpy(int)].assign(is_dtt=periods["is_dtt"].to_numpy(int))
    again = there[["patient_id", "is_dtt"]].merge(
        rebaselined[["patient_id", "composite_months", "composite_status"]], on="patient_id")
    again = again.loc[again["composite_status"].notna()]
    table = pd.DataFrame({"start": 0.0, "stop": again["composite_months"].astype(float), "is_dtt": again["is_dtt"],
                          "is_event": again["composite_status"].ne("censored")})  # fmt: skip
    return check_hazard("survival.composite.rebaselined", solve_cox(table), engines=COX)


def check_relabelled(relabelled: pd.DataFrame, *, landmark_months: float) -> list[Check]:
    """The composite by the label without creatinine."""
    checks = []
    for way in ("naive", "landmark", "timedependent"):
        periods = lay_out_periods(relabelled, approach=way, landmark_months=landmark_months)
        checks += check_hazard(f"survival.without_creatinine.{way}", solve_cox(periods), engines=COX)
    return checks


def check_races(outcomes: pd.DataFrame, *, landmark_months: float) -> list[Check]:
    """Each event that others compete with: Cox, Fine and Gray, Gray's test, from the landmark on."""
    checks = []
    for name, (outcome, event) in RACES.items():
        id = f"survival.competing.{name}"
        periods = lay_out_periods(
            outcomes, approach="landmark", landmark_months=landmark_months, outcome=outcome, part=event)
        words = outcomes[f"{outcome}_status"].to_numpy(object)[periods["row"].to_numpy(int)]
        race = (periods["stop"].to_numpy(float), words, periods["is_dtt"].to_numpy(float))
        checks += check_hazard(f"{id}.cause_specific", solve_cox(periods), engines=COX)
        checks += check_hazard(f"{id}.subdistribution", solve_fine_gray(*race, event=event), engines=FINE_GRAY)
        checks.append(Check(f"{id}.gray.p", find_gray(*race, event=event), GRAY))
    return checks


def check_milestones(outcomes: pd.DataFrame, *, landmark_months: float, fewest: int) -> list[Check]:
    """The differences in percentage points at stated months after the landmark, and the ratio of restricted means."""
    periods = lay_out_periods(outcomes, approach="landmark", landmark_months=landmark_months)
    parts = [(rows["stop"].to_numpy(float), rows["is_event"].to_numpy(bool))
             for rows in (periods.loc[periods["is_dtt"].eq(side)] for side in (1, 0))]  # fmt: skip
    curves = [fit_curve(*part).iloc[:, 0] if len(part[0]) else pd.Series(dtype=float) for part in parts]
    checks = []
    for month in MILESTONES:
        found: dict[str, float | None] = dict.fromkeys(_ENDS)
        if min((months >= month).sum() for months, _ in parts) >= fewest:
            found = _subtract(*(_share_and_variance(curve, *part, month=month)
                                for curve, part in zip(curves, parts, strict=True)))  # fmt: skip
        checks += check_parts(f"survival.landmark.milestone.m{month:g}.difference", found, engines=MILESTONE)
    ratio = _divide(*(integrate_survival(*part, until=_UNTIL) for part in parts))
    id = "survival.landmark.restricted_mean.ratio"
    return [*checks, *check_parts(f"{id}.of_means", {end: ratio[end] for end in _ENDS}, engines=RATIO),
            Check(f"{id}.p", ratio["p"], RATIO)]  # fmt: skip


def _share_and_variance(curve: pd.Series, months: Any, is_event: Any, *, month: float) -> tuple[float, float]:
    """The share still free at a month, and its variance by Greenwood."""
    total = 0.0
    for moment in np.unique(months[is_event & (months <= month)]):
        n, d = float((months >= moment).sum()), float((is_event & (months == moment)).sum())
        total += d / (n * (n - d)) if n > d else 0.0
    share = float(curve.loc[curve.index <= month].iloc[-1])
    return share, share**2 * total


def _subtract(ours: tuple[float, float], theirs: tuple[float, float]) -> dict[str, float | None]:
    value = 100 * (ours[0] - theirs[0])
    if min(ours[1], theirs[1]) <= 0:
        return {"value": value, "low": None, "high": None}
    width = 100 * float(norm.isf(0.025)) * float(np.sqrt(ours[1] + theirs[1]))
    return {"value": value, "low": value - width, "high": value + width}


def _divide(ours: tuple[float, float] | None, theirs: tuple[float, float] | None) -> dict[str, float | None]:
    """The ratio of two areas, its interval and p on the logarithm; without an event in one of them no interval."""
    nothing: dict[str, float | None] = dict.fromkeys((*_ENDS, "p"))
    if ours is None or theirs is None or min(ours[0], theirs[0]) <= 0:
        return nothing
    log_ratio = float(np.log(ours[0]) - np.log(theirs[0]))
    if min(ours[1], theirs[1]) <= 0:
        return nothing | {"value": float(np.exp(log_ratio))}
    error = float(np.sqrt(ours[1] / ours[0] ** 2 + theirs[1] / theirs[0] ** 2))
    return make_ratio(log_ratio, error)


def check_entry_rules(everybody: pd.DataFrame, *, in_force: float, fewest: int) -> list[Check]:
    """The hazard ratio under each least follow-up, and the bounds on failure; `everybody` with the rule off."""
    checks = []
    for month in sorted({*ENTRY_RULES, in_force}):
        kept = everybody.loc[everybody["followup_months"].ge(month)]
        known = kept.assign(group=np.where(kept["group"].eq("dtt"), "dtt", "other"))
        found = solve_cox(lay_out_periods(known, approach="timedependent", landmark_months=month))
        name = f"from_{month:g}m".replace(".", "_") if month else "off"
        checks += check_hazard(f"survival.entry_rule.{name}", found, engines=COX)
        if month == in_force:
            parts = {end: found[end] for end in _ENDS}
            checks += check_parts("survival.selection.hr", parts, engines=COX)
    people = everybody.loc[everybody["esrd_status"].notna()]
    months, fails = people["esrd_months"].to_numpy(float), people["esrd_status"].ne("censored").to_numpy(bool)
    short = people["followup_months"].lt(in_force).to_numpy(bool)
    lost = short & ~fails
    supposed = {"kept": (months[~short], fails[~short]), "everybody": (months, fails),
                "best": (np.where(lost, np.fmax(months, _UNTIL), months), fails),
                "worst": (months, fails | lost)}  # fmt: skip
    for name, (times, ends) in supposed.items():
        share = _fail(times, ends, fewest=fewest)
        wanted = _ENDS if name in ("kept", "everybody") else ("value",)
        checks += check_parts(
            f"survival.selection.{name}.60m", {end: share[end] for end in wanted}, engines=KAPLAN_MEIER)
    return checks


def _fail(months: Any, fails: Any, *, fewest: int) -> dict[str, float | None]:
    if (months >= _UNTIL).sum() < fewest:
        return dict.fromkeys(_ENDS)
    found = fit_survival(months, fails, at=[_UNTIL])[0]
    return {end: None if found[other] is None else 1 - found[other]
            for end, other in (("value", "value"), ("low", "high"), ("high", "low"))}  # fmt: skip
