"""Chapter 3's treatment a second time: Firth with regimen and year, and odds ratios within strata."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.second_engine.check import Check, Engines, check_parts
from helpers.second_engine.logistic import FIRTH, Bools, fit_firth, keep_independent

STRATA = Engines("Mantel-Haenszel, sums over strata (numpy)", "statsmodels StratifiedTable", 1e-8,
                 "closed formulas on both sides")  # fmt: skip
FEWEST = 10
"""A regimen of fewer patients is pooled: stated again, so that a slip there is found here."""


def check_treatment(patients: pd.DataFrame, y: Bools, *, covariates: Sequence[str]) -> list[Check]:
    """The odds ratios by Firth's likelihood with the first induction and the calendar year in the model."""
    terms = add_treatment(patients)
    wide = pd.concat([patients[list(covariates)], terms], axis=1)
    x = wide.astype("Float64").to_numpy(float, na_value=np.nan)
    whole = ~np.isnan(x).any(axis=1)
    x, y = x[whole], y[whole]
    can_fit = len(y) > 0 and y.any() and not y.all()
    kept = keep_independent(x) if can_fit else np.array([], dtype=np.int64)
    found = dict(zip(kept, fit_firth(x[:, kept], y) if len(kept) else [], strict=True))
    checks = []
    for place, term in enumerate(wide):
        own = found.get(place, {})
        checks += [Check(f"predictors.treatment.{term}.or", own.get("value"), FIRTH),
                   Check(f"predictors.treatment.{term}.p", own.get("p"), FIRTH)]  # fmt: skip
    return checks


def add_treatment(patients: pd.DataFrame) -> pd.DataFrame:
    """A column per regimen but the commonest, the rare ones as one, and the years since the median start."""
    regimen = patients["induction_regimen"].astype(object).where(patients["induction_regimen"].notna())
    sizes = sorted(regimen.dropna().value_counts().items(), key=lambda pair: (-pair[1], str(pair[0])))
    common = [str(name) for name, size in sizes[1:] if size >= FEWEST]
    rare = [str(name) for name, size in sizes[1:] if size < FEWEST]
    groups = {f"regimen_{name}": [name] for name in common} | ({"regimen_rarer": rare} if rare else {})
    columns = {name: regimen.isin(members).astype(float).mask(regimen.isna()) for name, members in groups.items()}
    years = patients["time_zero_date"].dt.year
    return pd.DataFrame({**columns, "start_year": (years - years.median()).astype(float)}, index=patients.index)


def check_strata(patients: pd.DataFrame, y: Bools, *, covariates: Sequence[str]) -> list[Check]:
    """The odds ratios within regimen and calendar period, by statsmodels."""
    regimen = patients["induction_regimen"].astype(object)
    sizes = regimen.map(regimen.value_counts())
    pooled = regimen.where(sizes.isna() | (sizes >= FEWEST), "rarer")
    checks = []
    for term in covariates:
        table = pd.DataFrame({"has": patients[term].astype("Float64").to_numpy(float, na_value=np.nan), "y": y,
                              "regimen": pooled.to_numpy(object), "era": patients["era"].to_numpy(object)})  # fmt: skip
        found = pool_strata(table.dropna())
        id = f"predictors.stratified.{term}"
        ends = {part: found[part] for part in ("value", "low", "high")}
        checks += [*check_parts(f"{id}.or", ends, engines=STRATA), Check(f"{id}.p", found["p"], STRATA)]
    return checks


def pool_strata(table: pd.DataFrame) -> dict[str, float | None]:
    """Mantel and Haenszel's odds ratio over regimen and era: value, low, high and p; missing where none can be had.

    Strata with one side or one outcome only say nothing and are left out.
    """
    from statsmodels.stats.contingency_tables import StratifiedTable

    nothing: dict[str, float | None] = dict.fromkeys(("value", "low", "high", "p"))
    squares = []
    for _, rows in table.groupby(["regimen", "era"]):
        has, y = rows["has"].eq(1).to_numpy(), rows["y"].to_numpy(bool)
        if len(set(has)) == 2 and len(set(y)) == 2:
            squares.append(np.array([[(one & other).sum() for other in (y, ~y)] for one in (has, ~has)], dtype=float))
    up, down = (sum(one[0, a] * one[1, 1 - a] / one.sum() for one in squares) for a in (0, 1))
    if not squares or up == 0 or down == 0:
        return nothing
    found = StratifiedTable(squares)
    low, high = found.oddsratio_pooled_confint()
    p = found.test_null_odds(correction=False).pvalue
    return {"value": float(found.oddsratio_pooled), "low": float(low), "high": float(high), "p": float(p)}
