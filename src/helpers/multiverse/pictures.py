"""The specification curves as pictures for print, one file each."""

from __future__ import annotations

import matplotlib.pyplot as plt

from helpers.figures import make_svg
from helpers.figures.multiverse import draw_specification_curve
from helpers.multiverse.gathered import Summaries
from helpers.multiverse.results import Multiverse
from helpers.multiverse.summaries import (
    NO_DIFFERENCE,
    QUANTITIES,
    derive_null_band,
    find_printed_share,
    list_reaching,
)


def draw_curves(results: Multiverse, summaries: Summaries) -> dict[str, str]:
    """One SVG per quantity, by the name of its file."""
    return {f"specifications_{name}.svg": _draw(results, summaries, name) for name in QUANTITIES}


def _draw(results: Multiverse, summaries: Summaries, name: str) -> str:
    facts = QUANTITIES[name]
    decisions = {one.name: (one.label, {option.name: option.label for option in one.options})
                 for one in list_reaching(results.grid, name)}  # fmt: skip
    figure = draw_specification_curve(
        summaries.specifications[name], decisions=decisions, title=facts.label, is_ratio=facts.is_ratio,
        reference=NO_DIFFERENCE if facts.is_ratio else find_printed_share(), band=derive_null_band(results, name))
    svg = make_svg(figure)
    plt.close(figure)
    return svg
