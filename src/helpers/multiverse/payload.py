"""The numbers of a multiverse as the page carries them: looked up there by place, never computed again.

One JSON object. Arrays are packed in base64 (`packing.pack`); a universe is its code, a definition or an analysis is
the part of the code that belongs to its block, and a specification of a quantity is a whole number: the place of its
definition, then the options of the analysis decisions that reach the quantity, the last varying fastest.

- decisions: name, label, block, and options (name, label). analyses: the allowed codes of the second block.
- constraints: `when` and `allow` as pairs of a decision's place and the places of its options, and `why`.
- commands: how they begin; the words of all once, in the order of the contract of parameters; which of them each
  definition and each analysis needs.
- exclusions, arms, terms: names and labels. patients: the ids, in the order of the answers.
- definitions: codes; counts (whole numbers by definition; `not_counted` where there is none); share (estimate, low,
  high); answers: one letter per patient, the definitions one after another.
- odds: one block per option of the covariates: its terms; estimate, low, high, p by definition, estimator and term; n
  and events by definition and estimator; status: a letter per cell, of `statuses` (empty where
  nothing stood in the way).
- hazards: estimate, low, high, p by specification.
- curves: `curve` says for each specification and group (difficult to treat, others) which of the distinct curves is
  its own; a curve is its months and then its shares, whole numbers over `months_scale` and `survival_scale`, from
  offsets[i] to offsets[i + 1] of `steps`. `risks` holds the numbers at risk at the ticks in the same way. Curves that
  many universes share, as all definitions that label the same patients do, are kept once.
- quantities: label, no difference, the printed value, the axis, the order of the specifications (by estimate, as
  `list_specifications` has them), whether each is clear of no difference (y or n), and the band of the null.

Estimates keep all their digits, so that the page can print them by the rule of `wording` and get the same text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from helpers.cohort.selection import EXCLUSIONS
from helpers.definitions import ARM_LABELS, FEATURES
from helpers.multiverse.axes import choose_ratio_axis, choose_share_axis
from helpers.multiverse.commands import list_commands
from helpers.multiverse.grid import QUANTITIES, Decision, Grid
from helpers.multiverse.packing import arrange, keep_finite, number_words, pack
from helpers.multiverse.pooled_curves import pack_curves
from helpers.multiverse.results import Multiverse
from helpers.multiverse.summaries import QUANTITIES as FACTS
from helpers.multiverse.summaries import derive_null_band, find_printed_count, list_specifications
from helpers.predictors.sample import ESTIMATED
from helpers.wording import format_number

NUMBERS = ("estimate", "low", "high", "p")
MODEL_AXES = ("covariates", "estimator")
NOT_COUNTED = 2**16 - 1
"""In place of a count that there is none of: that of an arm which is switched off."""
BAND_POINTS = 240
"""A band is drawn through as many points: more cannot be told apart on a screen."""


def make_payload(results: Multiverse) -> dict[str, Any]:
    """Everything that the page looks up, as the module says; the same results give the same object."""
    grid = results.grid
    return {
        "decisions": [_describe(decision) for decision in grid.decisions],
        "constraints": list_constraints(grid), "analyses": list(grid.list_analyses()),
        "commands": list_commands(results),
        "exclusions": [{"name": f"{name}_n", "label": label} for name, label in EXCLUSIONS.items()],
        "arms": [{"name": f"{name}_n", "label": label} for name, label in ARM_LABELS.items()],
        "not_counted": NOT_COUNTED,
        "patients": results.patients.sort_values("position")["patient_id"].astype(str).tolist(),
        "definitions": pack_definitions(results), "model_axes": [_place(grid, name) for name in MODEL_AXES],
        **pack_odds(results), "hazards": pack_hazards(results), "curves": pack_curves(results),
        "quantities": {name: describe_quantity(results, name) for name in QUANTITIES},
    }  # fmt: skip


def _describe(decision: Decision) -> dict[str, Any]:
    options = [{"name": option.name, "label": option.label, "reads": option.reads} for option in decision.options]
    return {"name": decision.name, "label": decision.label, "block": decision.block, "options": options}


def _place(grid: Grid, name: str) -> int:
    return [decision.name for decision in grid.decisions].index(name)


def _named(grid: Grid, name: str) -> Decision:
    return grid.decisions[_place(grid, name)]


def list_constraints(grid: Grid) -> list[dict[str, Any]]:
    """The constraints with places for names."""
    def by_place(choices: Mapping[str, tuple[str, ...]]) -> list[list[Any]]:
        return [[_place(grid, name), [_named(grid, name).names.index(option) for option in options]]
                for name, options in choices.items()]  # fmt: skip

    return [{"when": by_place(one.when), "allow": by_place(one.allow), "why": one.why} for one in grid.constraints]


def pack_definitions(results: Multiverse) -> dict[str, Any]:
    """Counts, shares and answers, by definition."""
    table = results.definitions.sort_values("definition")
    answers = results.answers.set_index("definition")["answers"].reindex(table["definition"])
    columns = [f"{name}_n" for name in ("on_file", *EXCLUSIONS, "eligible", "yes", "no", "cannot_tell", *ARM_LABELS)]
    return {
        "codes": list(results.grid.list_definitions()),
        "counts": {name: pack(table[name].fillna(NOT_COUNTED), "u2") for name in columns},
        "share": {name: pack(keep_finite(table[column]), "f8") for name, column in
                  (("estimate", "share"), ("low", "low"), ("high", "high"))},
        "answers": "".join(answers),
    }  # fmt: skip


def pack_odds(results: Multiverse) -> dict[str, Any]:
    """The models, one block per option of the covariates; the words for how each term fared; the labels of terms."""
    covariates, estimator = (_named(results.grid, name) for name in MODEL_AXES)
    status = results.odds["status"].astype(object)
    known = results.odds.assign(status=status.where(status.notna() & status.ne(ESTIMATED), ""))
    statuses, places = number_words(known["status"].tolist())
    known = known.assign(letter=[chr(ord("a") + place) for place in places])
    blocks = [_pack_block(part, grid=results.grid, estimators=estimator.names)
              for part in (known.loc[known["covariates"].eq(name)] for name in covariates.names)]  # fmt: skip
    labels = {name: FEATURES[name].label if name in FEATURES else name for name in known["term"].unique()}
    return {"odds": blocks, "statuses": statuses, "terms": labels}


def _pack_block(part: pd.DataFrame, *, grid: Grid, estimators: tuple[str, ...]) -> dict[str, Any]:
    terms = part["term"].drop_duplicates().tolist()
    definitions = range(len(grid.list_definitions()))
    cells = arrange(part, by={"definition": definitions, "estimator": estimators, "term": terms})
    models = cells.groupby(["definition", "estimator"], sort=False)[["n", "events"]].max().fillna(0)
    values = {name: pack(keep_finite(cells[name]), "f8") for name in NUMBERS}
    return {"terms": terms, "status": "".join(cells["letter"].fillna("a")),
            "values": values | {name: pack(models[name], "u2") for name in ("n", "events")}}  # fmt: skip


def pack_hazards(results: Multiverse) -> dict[str, Any]:
    """The hazard ratios, by specification."""
    cells = arrange(results.hazards, by=list_axes(results.grid, "hazard"))
    return {name: pack(keep_finite(cells[name]), "f8") for name in NUMBERS}


def list_axes(grid: Grid, quantity: str) -> dict[str, Any]:
    """What the number of a specification runs through: definitions, then the analysis decisions that reach it."""
    own = [decision for decision in grid.in_block("analysis") if decision.name in FACTS[quantity].analysis]
    return {"definition": range(len(grid.list_definitions())), **{decision.name: decision.names for decision in own}}


def describe_quantity(results: Multiverse, name: str) -> dict[str, Any]:
    """What the curve of one quantity needs besides the numbers themselves."""
    facts, table, band = FACTS[name], list_specifications(results, name), derive_null_band(results, name)
    own = [_named(results.grid, decision) for decision in list(list_axes(results.grid, name))[1:]]
    number = table["definition"].to_numpy(dtype=np.int64)
    for decision in own:
        number = number * len(decision.names) + table[decision.name].map(decision.names.index).to_numpy(dtype=np.int64)
    count, total = find_printed_count()
    printed = None if facts.is_ratio else {
        "value": count / total, "words": f"printed: {format_number(count)} of {format_number(total)}"}
    return {
        "label": facts.label, "is_share": not facts.is_ratio, "none": 1.0 if facts.is_ratio else None,
        "published": printed, "analysis": [_place(results.grid, decision.name) for decision in own],
        "axis": choose_ratio_axis(table, band=band) if facts.is_ratio else choose_share_axis(table),
        "order": pack(number, "u4"), "clear": "".join(np.where(table["is_clear"], "y", "n")),
        "band": thin_band(band, n=int(table["estimate"].notna().sum())),
    }  # fmt: skip


def thin_band(band: pd.DataFrame, *, n: int) -> dict[str, list[float]]:
    """At most `BAND_POINTS` rows of the band of the null, stretched over the `n` estimates of the curve.

    >>> thin_band(pd.DataFrame({"rank": [1, 2], "low": [0.5, 0.6], "high": [1.5, 1.7]}), n=4)
    {'low': [0.5, 0.6], 'high': [1.5, 1.7], 'rank': [1.5, 3.5]}
    """
    if not len(band):
        return {"low": [], "high": [], "rank": []}
    rows = np.unique(np.linspace(0, len(band) - 1, min(BAND_POINTS, len(band))).round().astype(int))
    thin = band.iloc[rows].assign(rank=lambda table: (table["rank"] - 0.5) * n / len(band) + 0.5)
    return {name: [float(f"{value:.5g}") for value in thin[name]] for name in ("low", "high", "rank")}
