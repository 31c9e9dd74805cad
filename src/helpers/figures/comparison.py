"""Curves of several runs over one another: a panel per group, a colour and a dash per run, the numbers under them."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.figures import GROUP_LABELS, house_style

RUN_COLOURS = ("#1f2933", "#c4591a", "#1b6e53", "#7a3e9d", "#2f6690", "#8a6d00")
_DASHES = ("-", (0, (5, 1.6)), (0, (1.2, 1.2)), (0, (6, 1.4, 1.2, 1.4)), (0, (3, 1)), (0, (8, 2)))
"""Runs differ in their dashes too, so that a grey print still tells them apart."""


def draw_run_curves(
    curves: pd.DataFrame, *, at_risk: pd.DataFrame, runs: Mapping[str, str], end: float, ylabel: str,
    top_share: float = 1.0,
) -> Figure:  # fmt: skip
    """One panel per group with the curve of each run over those of the others, and the numbers at risk under it.

    `curves` has run, group, month, estimate, low, high, n; `at_risk` has run, group, month, at_risk; `runs` gives the
    words for each run in the order of drawing; the months run up to `end`.
    """
    groups = [group for group in GROUP_LABELS if group in set(curves["group"])] or ["all"]
    table = 0.2 + 0.17 * len(runs)
    with house_style():
        figure: Figure
        figure, grid = plt.subplots(2, len(groups), figsize=(8.6, 3.7 + table), sharex="col", sharey="row",
                                    squeeze=False, gridspec_kw={"height_ratios": [3.7, table]})  # fmt: skip
        for (top, under), group in zip(grid.T, groups, strict=True):
            own = curves.loc[curves["group"] == group]
            for place, (run, words) in enumerate(runs.items()):
                _step(top, own.loc[own["run"] == run], end=end, place=place, words=words)
            _finish(top, end=end, title=GROUP_LABELS.get(group, group), top_share=top_share,
                    ylabel=ylabel if group == groups[0] else "")  # fmt: skip
            _count(under, at_risk.loc[at_risk["group"] == group], runs=list(runs))
    return figure


def _step(axis: Axes, curve: pd.DataFrame, *, end: float, place: int, words: str) -> None:
    if curve.empty:
        return
    shown = curve.loc[curve["month"] <= end]
    if curve["month"].max() >= end:
        shown = pd.concat([shown, shown.tail(1).assign(month=end)])
    colour = RUN_COLOURS[place % len(RUN_COLOURS)]
    axis.step(shown["month"], shown["estimate"], where="post", color=colour, linestyle=_DASHES[place % len(_DASHES)],
              label=f"{words} (n = {int(curve['n'].iloc[0])})")  # fmt: skip
    axis.fill_between(shown["month"], shown["low"], shown["high"], step="post", color=colour, alpha=0.09, linewidth=0)


def _finish(axis: Axes, *, end: float, title: str, ylabel: str, top_share: float) -> None:
    axis.set(xlim=(0, max(end, 1.0)), ylim=(0, top_share * 1.005), ylabel=ylabel, title=title)
    axis.tick_params(labelbottom=True)
    axis.set_xlabel("Months since time zero")
    if axis.get_legend_handles_labels()[0]:
        axis.legend(loc="lower left" if top_share == 1.0 else "upper left", fontsize=8)


def _count(axis: Axes, at_risk: pd.DataFrame, *, runs: list[str]) -> None:
    """The numbers at risk of each run, in its colour, under the ticks of the panel above."""
    ticks = sorted(at_risk["month"].unique())
    axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    for row, run in enumerate(runs):
        own = at_risk.loc[at_risk["run"] == run, ["month", "at_risk"]]
        for month, count in own.itertuples(index=False):
            axis.annotate(f"{int(count)}", (month, -row), ha="center", va="center", fontsize=8,
                          color=RUN_COLOURS[row % len(RUN_COLOURS)], annotation_clip=False)  # fmt: skip
    axis.set_ylim(-len(runs) + 0.4, 0.6)
    axis.set_yticks([-row for row in range(len(runs))], runs, fontsize=8)
    axis.tick_params(left=False, bottom=False, labelbottom=False, pad=16)
    axis.spines[["left", "bottom"]].set_visible(False)
    axis.set_title("At risk", fontsize=8, fontweight="normal", pad=2)
