"""What is left of the difference when the outcome, or the label, holds no creatinine.

Creatinine makes part of the label and part of the composite outcome; an outcome that shares a criterion with the
exposure is foretold by definition (incorporation bias: Whiting et al., Ann Intern Med 2011;155:529, QUADAS-2).
"""

from __future__ import annotations

import pandas as pd

from helpers.definitions import COMPOSITE_PARTS
from helpers.survival.models import estimate_cox
from helpers.survival.risk_sets import APPROACHES, Approach, derive_risk_periods, rebase_periods

FAILURE_OR_DEATH = "failure_or_death"
WITHOUT_CREATININE = "without_creatinine"

_PARTS = (*COMPOSITE_PARTS, FAILURE_OR_DEATH)
_OUTCOMES: dict[str, tuple[str, str | None]] = {
    "composite": ("composite", None), WITHOUT_CREATININE: ("composite", None), FAILURE_OR_DEATH: ("esrd", None),
    **{part: (part if part in ("esrd", "death") else "composite", part) for part in COMPOSITE_PARTS},
}  # fmt: skip
"""Each outcome by the clock it runs on, and the one part that counts (None: any)."""

_LABELS = {
    **COMPOSITE_PARTS, FAILURE_OR_DEATH: "Kidney failure or death", "composite": "Composite outcome",
    WITHOUT_CREATININE: "Composite outcome, label without creatinine",
}  # fmt: skip
_WAYS = {
    "naive": "Naive", "landmark": "Landmark", "timedependent": "Time-dependent",
    "rebaselined": "Landmark, creatinine held against its value there",
}  # fmt: skip
_ESTIMATE = ["estimate", "low", "high", "p", "n", "events", "note"]


def estimate_parts(outcomes: pd.DataFrame) -> pd.DataFrame:
    """The cause-specific hazard ratio of each part of the composite, the label counted from when it was known.

    One row per part, and "failure_or_death" for an outcome without creatinine in it: term, label, estimate, low,
    high, p, n, events, note. `term` ends in ".timedependent". Worsening ends at kidney failure and death,
    kidney failure at death; each part is otherwise followed whether or not another came before it.

    The hazard of one part among those still exposed to it is what the label can act on. Subdistribution hazards
    (Fine and Gray) are left out: they keep the dead at risk, and the label of a dead patient cannot change.
    Source: Latouche et al., J Clin Epidemiol 2013;66:648.
    """
    tables = [_estimate(outcomes, name=name, approach="timedependent", landmark_months=0.0) for name in _PARTS]
    table = pd.concat(tables, ignore_index=True).assign(label=[_LABELS[name] for name in _PARTS])
    return table[["term", "label", *_ESTIMATE]]


def estimate_criteria(
    outcomes: pd.DataFrame, *, landmark_months: float, rebaselined: pd.DataFrame, relabelled: pd.DataFrame
) -> pd.DataFrame:  # fmt: skip
    """Hazard ratios of difficult-to-treat, with less and less creatinine in the outcome, and none in the label.

    One row per outcome and way of dealing with time zero: term ("<outcome>.<way>"), label, outcome and approach
    (words), estimate, low, high, p, n, events, note. Outcomes: "composite" (also
    "rebaselined": from the landmark on, creatinine held against its value there), "failure_or_death", "death", each
    part by itself (time-dependent only), and "without_creatinine": the composite by a label that no creatinine made.

    `rebaselined` are the outcomes counted from the landmark on; `relabelled` the outcomes with groups by the label
    without creatinine (`helpers.survival.incorporation`).
    """
    common = {"landmark_months": landmark_months}
    again = rebase_periods(rebaselined, outcomes, landmark_months=landmark_months)
    rows = [
        *(_estimate(outcomes, name="composite", approach=way, **common) for way in APPROACHES),
        estimate_cox(again).assign(term="composite.rebaselined"),
        *(_estimate(outcomes, name=name, approach=way, **common)
          for name in (FAILURE_OR_DEATH, "death") for way in APPROACHES),
        *(_estimate(outcomes, name=name, approach="timedependent", **common)
          for name in ("esrd", "worsening_creatinine")),
        *(_estimate(relabelled, name=WITHOUT_CREATININE, approach=way, **common) for way in APPROACHES),
    ]  # fmt: skip
    table = pd.concat(rows, ignore_index=True)
    names = table["term"].str.split(".", expand=True)
    words = names.assign(outcome=names[0].map(_LABELS), approach=names[1].map(_WAYS))[["outcome", "approach"]]
    label = words["outcome"] + ": " + words["approach"].str.lower()
    return table.assign(**words, label=label)[["term", "label", "outcome", "approach", *_ESTIMATE]]


def _estimate(outcomes: pd.DataFrame, *, name: str, approach: Approach, landmark_months: float) -> pd.DataFrame:
    """One row: the hazard ratio of one outcome by one way."""
    outcome, part = _OUTCOMES[name]
    periods = derive_risk_periods(
        outcomes, approach=approach, landmark_months=landmark_months, outcome=outcome, part=part)
    return estimate_cox(periods).assign(term=f"{name}.{approach}")


def keep_new_criteria(criteria: pd.DataFrame) -> pd.DataFrame:
    """The rows of `estimate_criteria` that the table of time zero does not hold already.

    >>> table = pd.DataFrame({"term": ["composite.naive", "composite.rebaselined", "death.naive"]})
    >>> keep_new_criteria(table).term.tolist()
    ['composite.rebaselined', 'death.naive']
    """
    return criteria.loc[~criteria["term"].isin([f"composite.{way}" for way in APPROACHES])]
