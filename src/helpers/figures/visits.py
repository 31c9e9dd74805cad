"""Figures about visits: times read from visit dates beside what lies between the visits."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from helpers.figures import GROUP_COLOURS, house_style


def draw_interval_curves(curves: pd.DataFrame) -> Figure:
    """One panel per event: the step curve on visit dates, and the region that Turnbull's estimate allows.

    `curves` has label, clock, method ("visit dates", "between visits"), month, low, high.
    """
    labels = list(dict.fromkeys(curves["label"]))
    with house_style():
        figure: Figure
        figure, axes = plt.subplots(1, max(len(labels), 1), figsize=(7.2, 3.4), sharey=True, squeeze=False)
        for place, label in enumerate(labels):
            axis = axes[0, place]
            own = curves.loc[curves["label"].eq(label)]
            naive, between = (own.loc[own["method"].eq(name)] for name in ("visit dates", "between visits"))
            axis.fill_between(between["month"], between["low"], between["high"], color=GROUP_COLOURS["other"],
                              alpha=0.30, linewidth=0)  # fmt: skip
            axis.plot(between["month"], (between["low"] + between["high"]) / 2, color=GROUP_COLOURS["other"],
                      linestyle=(0, (5, 1.6)), linewidth=1.5, label="Between visits (Turnbull)")  # fmt: skip
            axis.step(naive["month"], naive["low"], where="post", color=GROUP_COLOURS["dtt"], linewidth=1.5,
                      label="On visit dates (Kaplan-Meier)")  # fmt: skip
            axis.axhline(0.5, color="#7b8794", linewidth=0.8, linestyle=(0, (4, 3)))
            axis.set(ylim=(0, 1.005), xlim=(0, max([1.0, *own["month"]])), xlabel=own["clock"].iloc[0])
            axis.set_title(label, fontsize=9)
        axes[0, 0].set_ylabel("Share of patients")
        axes[0, 0].set_yticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
        handles, names = axes[0, 0].get_legend_handles_labels()
        if handles:
            figure.legend(handles, names, loc="outside lower center", ncols=2)
    return figure
