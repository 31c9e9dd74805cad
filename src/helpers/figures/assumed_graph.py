"""The assumptions on what causes what, as boxes and arrows."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from helpers.figures import GROUP_COLOURS, house_style

PLACES: Mapping[str, tuple[float, float]] = {
    "Severity (not measured)": (0.36, 0.92), "Calendar period": (0.08, 0.12), "Other features": (0.36, 0.66),
    "The feature": (0.08, 0.50), "First induction": (0.36, 0.28), "True response": (0.62, 0.50), "Visits": (0.84, 0.10),
    "Difficult to treat": (0.94, 0.50),
}  # fmt: skip
"""Where each box stands: causes to the left of what they lead to."""

_HIDDEN = ("Severity (not measured)", "True response")
_QUESTION = ("The feature", "True response")
_BENT = {("Calendar period", "True response"): 0.34, ("Severity (not measured)", "First induction"): -0.62,
         ("Severity (not measured)", "Visits"): -0.40, ("Calendar period", "Other features"): 0.12,
         ("Severity (not measured)", "The feature"): 0.12}  # fmt: skip


def draw_assumed_graph(arrows: pd.DataFrame, *, places: Mapping[str, tuple[float, float]] = PLACES) -> Figure:
    """One box per node and one arrow per row of `arrows` (source, target); what is not measured has a dashed box, and
    the arrow that is asked about stands out."""
    with house_style():
        figure: Figure = plt.figure(figsize=(7.2, 4.4))
        axes = figure.add_subplot()
        axes.set(xlim=(-0.04, 1.06), ylim=(0, 1.02))
        axes.set_axis_off()
        boxes = {name: _draw_box(axes, name, place) for name, place in places.items()}
        for source, target in zip(arrows["source"], arrows["target"], strict=True):
            asked = (source, target) == _QUESTION
            axes.add_patch(FancyArrowPatch(
                places[source], places[target], patchA=boxes[source], patchB=boxes[target], arrowstyle="-|>",
                mutation_scale=11, shrinkA=1, shrinkB=2, linewidth=2.2 if asked else 1.0, zorder=3 if asked else 1,
                connectionstyle=f"arc3,rad={_BENT.get((source, target), 0.0)}",
                color=GROUP_COLOURS["dtt"] if asked else "#7b8794"))  # fmt: skip
    return figure


def _draw_box(axes: Axes, name: str, place: tuple[float, float]) -> FancyBboxPatch:
    """A box of stated size: one that follows its text is unknown before it is drawn; arrows would end under it."""
    hidden = name in _HIDDEN
    lines = textwrap.wrap(name, 14)
    width, height = 0.0115 * max(map(len, lines)), 0.046 * len(lines)
    box = FancyBboxPatch(
        (place[0] - width / 2, place[1] - height / 2), width, height, boxstyle="round,pad=0.012",
        facecolor="white" if hidden else "#eef1f4", edgecolor="#52606d", linestyle="--" if hidden else "-",
        linewidth=1.0, zorder=2)  # fmt: skip
    axes.add_patch(box)
    axes.text(*place, "\n".join(lines), ha="center", va="center", fontsize=9, zorder=4)
    return box
