"""What if the untested differ from the tested? The odds ratio under suppositions about those in whom nobody looked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from helpers.imputation import continue_chains
from helpers.imputation.tipping import find_tipping, label_verdicts
from helpers.predictors.imputed import ImputedFeatures, estimate_multivariable_imputed

SHIFTS = (-np.inf, -4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 4.0, np.inf)
"""By how much the log odds of a positive test are moved among the untested; the ends are all negative, all positive.
One unit is an odds ratio of 2.7 between being tested and not, four one of 55."""

_ENDS = {-np.inf: "All untested negative", 0.0: "As foretold by what is known of them", np.inf: "All untested positive"}

COLUMNS = ("term", "label", "delta", "imputed_share", "estimate", "low", "high", "p", "n", "fmi", "verdict", "status")


def estimate_untested_tipping(
    imputed: ImputedFeatures, *, term: str, covariates: Sequence[str], seed: int, shifts: Sequence[float] = SHIFTS
) -> pd.DataFrame:
    """The multivariable odds ratio of a feature, were those not tested for it more (or less) often positive.

    One row per shift of the log odds of being positive among the untested (delta adjustment, `continue_chains`), in
    order: `term` ("delta_m2", ..., "all_negative", "all_positive"), `label`, `delta`, `imputed_share` (of the
    untested, positive in the mean), `estimate`, `low`, `high`, `p`, `n`, `fmi`, `verdict`, `status`. At zero the
    untested are as what else is known of them foretells: missing at random, drawn anew with the luck of the rows
    beside it. No test of that exists in the data, so the answer is how far from it the truth must be for the verdict
    to change (Cro et al., Stat Med 2020;39:2815). Without anybody untested, or with a feature that is not in the
    model, there are no rows.
    """
    if term not in covariates or term not in imputed.completed.names or not imputed.completed.count_missing(term):
        return pd.DataFrame(columns=list(COLUMNS))
    sets = dict(zip(shifts, continue_chains(imputed.completed, shifts={term: shifts}, seed=seed), strict=True))
    untested = imputed.completed.missing[:, imputed.completed.names.index(term)]
    rows: list[dict[str, Any]] = []
    for shift in sorted(sets):
        table = estimate_multivariable_imputed(ImputedFeatures(sets[shift], imputed.is_dtt), covariates=covariates)
        own = table.loc[table["term"].eq(term)].iloc[0]
        share = float(sets[shift].take([term])[:, untested].mean())
        rows.append({**own, "term": _name(shift), "label": _label(shift), "delta": shift, "imputed_share": share})
    found = pd.DataFrame(rows)
    return found.assign(verdict=label_verdicts(found))[list(COLUMNS)]


def _name(shift: float) -> str:
    if np.isinf(shift):
        return "all_positive" if shift > 0 else "all_negative"
    return f"delta_{'m' if shift < 0 else ''}{abs(shift):g}".replace(".", "_")


def _label(shift: float) -> str:
    side = "higher" if shift > 0 else "lower"
    return _ENDS.get(shift) or f"Log odds {abs(shift):g} {side}"


def describe_untested_tipping(table: pd.DataFrame) -> str:
    """Where the verdict changes, as the end of a sentence: "the verdict ...".

    >>> describe_untested_tipping(pd.DataFrame(columns=list(COLUMNS)))
    'has nothing to tip it: nobody in the model is untested'
    """
    if table.empty:
        return "has nothing to tip it: nobody in the model is untested"
    if table["estimate"].isna().all():
        return "cannot be told"
    found = find_tipping(table, reference=0.0)
    tips = found.loc[found["delta"].notna()]
    if tips.empty:
        return "holds along the whole grid, from all untested negative to all untested positive"
    shares = table.set_index("delta")["imputed_share"].reindex(tips["delta"])
    rows = zip(tips["label"].astype(str).str.lower(), shares, tips["verdict"], strict=True)
    return "changes at " + " and at ".join(
        f"“{label}” ({share:.0%} of the untested positive; the odds are then {verdict} those of the negative)"
        for label, share, verdict in rows)
