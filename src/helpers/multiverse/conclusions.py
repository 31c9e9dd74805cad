"""Which conclusions of the study hold in how many of its universes, and where each is weakest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.multiverse.results import Multiverse
from helpers.multiverse.summaries import QUANTITIES, find_printed_count, keep_specifications
from helpers.published.numbers import find_wilson_interval

ABOUT, ABOVE, CLEAR = "about", "above", "clear"
"""Ways for a number to bear a conclusion out: within the interval of the printed share; above one; its interval above
one."""


@dataclass(frozen=True)
class Conclusion:
    """A sentence of the study, the numbers it stands on, and how each has to bear it out."""

    name: str
    label: str
    needs: tuple[tuple[str, str], ...]


CONCLUSIONS = (
    Conclusion("about_a_third", "About a third are difficult to treat", (("share", ABOUT),)),
    Conclusion("any_apl_above", "Any antiphospholipid antibody: odds ratio above 1", (("any_apl", ABOVE),)),
    Conclusion("any_apl_clear", "Any antiphospholipid antibody: interval above 1", (("any_apl", CLEAR),)),
    Conclusion("active_sediment_above", "Active sediment: odds ratio above 1", (("active_sediment", ABOVE),)),
    Conclusion("active_sediment_clear", "Active sediment: interval above 1", (("active_sediment", CLEAR),)),
    Conclusion("both_clear", "Both predictors: intervals above 1 in the same model",
               (("any_apl", CLEAR), ("active_sediment", CLEAR))),
    Conclusion("hazard_above", "Difficult to treat: hazard ratio above 1", (("hazard", ABOVE),)),
    Conclusion("hazard_clear", "Difficult to treat: interval of the hazard ratio above 1", (("hazard", CLEAR),)),
    Conclusion("all", "All of it: about a third, both predictors and the hazard ratio clear",
               (("share", ABOUT), ("any_apl", CLEAR), ("active_sediment", CLEAR), ("hazard", CLEAR))),
)  # fmt: skip
"""The abstract's conclusions that a universe can bear out, in the order of the page."""


def count_conclusions(results: Multiverse) -> pd.DataFrame:
    """In which share of the specifications each conclusion of the study holds.

    One row per conclusion: conclusion, label, holds_n, specifications_n, not_estimated_n, share (of all
    specifications: one that cannot be estimated bears nothing out), in_study (whether it holds in the study as it
    stands), and the specification that speaks most against it, or is nearest to: weakest_code, weakest_quantity,
    weakest_estimate, weakest_low, weakest_high. "About a third" holds where the share lies within the 95 % interval of
    the printed count (Wilson), ends included; an interval is clear where its lower end lies above 1. The weakest is the
    one whose number lies furthest on the wrong side, or nearest to it; where a conclusion mixes a share with ratios
    there is no such order, and it is missing.

    The shares have no interval on purpose: universes are no sample of anything. They were listed, not drawn, they all
    hold the same patients, and more of them would not make the share more certain, only longer in coming.
    """
    return pd.DataFrame([_count(results, conclusion) for conclusion in CONCLUSIONS])


def _count(results: Multiverse, conclusion: Conclusion) -> dict[str, object]:
    rows = keep_specifications(results, [quantity for quantity, _ in conclusion.needs])
    margins = np.column_stack([_measure(rows, quantity, way) for quantity, way in conclusion.needs])
    known, holds = ~np.isnan(margins).any(axis=1), np.asarray((margins >= 0).all(axis=1))
    is_default = rows["code"].eq(results.universes["code"].iloc[0]).to_numpy(bool)
    return {
        "conclusion": conclusion.name, "label": conclusion.label, "holds_n": int(holds.sum()),
        "specifications_n": len(rows), "not_estimated_n": int((~known).sum()), "share": float(holds.mean()),
        "in_study": bool(holds[is_default].any()), **_find_weakest(rows, margins, conclusion),
    }  # fmt: skip


def _measure(rows: pd.DataFrame, quantity: str, way: str) -> np.ndarray:
    """By how much each specification bears the conclusion out: not below zero where it does, missing if unknown."""
    if way == ABOUT:
        share = rows[quantity].to_numpy(float)
        low, high = (end / 100 for end in find_wilson_interval(*find_printed_count()))
        return np.asarray(np.minimum(share - low, high - share))
    ratio = rows[quantity if way == ABOVE else f"{quantity}_low"].to_numpy(float)
    margin = np.log(np.where(ratio > 0, ratio, np.nan))
    return np.asarray(np.where(margin == 0, -np.finfo(float).tiny, margin))  # at one is not above one


def _find_weakest(rows: pd.DataFrame, margins: np.ndarray, conclusion: Conclusion) -> dict[str, object]:
    quantities = [quantity for quantity, _ in conclusion.needs]
    is_mixed = len({QUANTITIES[quantity].is_ratio for quantity in quantities}) > 1
    smallest = np.where(np.isnan(margins).any(axis=1), np.inf, margins.min(axis=1))
    if is_mixed or not np.isfinite(smallest).any():
        return {"weakest_code": "", "weakest_quantity": "",
                **dict.fromkeys(("weakest_estimate", "weakest_low", "weakest_high"), np.nan)}  # fmt: skip
    place = int(smallest.argmin())
    row, quantity = rows.iloc[place], quantities[int(margins[place].argmin())]
    return {"weakest_code": row["code"], "weakest_quantity": quantity, "weakest_estimate": row[quantity],
            "weakest_low": row[f"{quantity}_low"], "weakest_high": row[f"{quantity}_high"]}  # fmt: skip
