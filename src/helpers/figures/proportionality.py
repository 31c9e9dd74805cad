"""Figures of hazard ratios that may move: the residuals that show it beside the models that describe it."""

from __future__ import annotations

from types import MappingProxyType

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.figures import GROUP_COLOURS, house_style

_LOOKS = MappingProxyType({
    "steps": ("One up to, one after the median event month", "#1f7a8c", "-"),
    "constant": ("One ratio for all time", "#33414e", (0, (5, 1.6))),
    "log_time": ("Changing with the logarithm of time", GROUP_COLOURS["dtt"], "-"),
})  # fmt: skip
"""Each model: its words, its colour, its dashes."""


def draw_moving_hazards(
    residuals: pd.DataFrame, *, effects: pd.DataFrame, end: float, xlabel: str = "Months since time zero"
) -> Figure:
    """How the log hazard ratio moved: on the left events and their smooth line, on the right the models of it.

    `residuals` has month, log_hazard_ratio, smooth, average; `effects` has model, month, estimate, low, high. The axis
    stops at `end`; events past it are not drawn. The light band is that of the log-time model. Without a row a panel
    says so.
    """
    with house_style():
        figure: Figure = plt.figure(figsize=(7.2, 3.9))
        left, right = figure.subplots(1, 2, sharey=True)
        _draw_residuals(left, residuals.loc[residuals["month"] <= end])
        _draw_effects(right, effects.loc[effects["month"] <= end])
        for axis, title in ((left, "What the events show"), (right, "What the models say")):
            axis.axhline(0.0, color="#7b8794", linewidth=0.9, zorder=0)
            axis.set(xlim=(0, max(end, 1.0)), xlabel=xlabel)
            axis.set_title(title)
            axis.set_xticks(np.arange(0, max(end, 1.0), 12 if end < 84 else 24))
        left.set_ylabel("Log hazard ratio")
    return figure


def _draw_residuals(axis: Axes, residuals: pd.DataFrame) -> None:
    if residuals.empty:
        axis.annotate("not estimable", (0.5, 0.5), xycoords="axes fraction", ha="center")
        return
    axis.scatter(residuals["month"], residuals["log_hazard_ratio"], s=14, color="#9aa5b1", linewidth=0,
                 label="One event")  # fmt: skip
    if residuals["smooth"].notna().any():
        axis.plot(residuals["month"], residuals["smooth"], color=GROUP_COLOURS["dtt"], label="Smoothed")
    _add_legend(axis)


def _draw_effects(axis: Axes, effects: pd.DataFrame) -> None:
    if effects.empty:
        axis.annotate("not estimable", (0.5, 0.5), xycoords="axes fraction", ha="center")
        return
    for model, (label, colour, dashes) in _LOOKS.items():
        line = effects.loc[effects["model"] == model]
        if len(line):
            axis.plot(line["month"], line["estimate"], color=colour, linestyle=dashes, linewidth=1.4, label=label,
                      drawstyle="steps-post" if model == "steps" else "default")  # fmt: skip
    moving = effects.loc[effects["model"] == "log_time"]
    axis.fill_between(moving["month"], moving["low"], moving["high"], color=GROUP_COLOURS["dtt"], alpha=0.13,
                      linewidth=0)  # fmt: skip
    _add_legend(axis)


def _add_legend(axis: Axes) -> None:
    axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=1, fontsize=7.5)
