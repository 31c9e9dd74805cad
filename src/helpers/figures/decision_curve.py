"""Net benefit against the risk from which one would act."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.figures import GROUP_COLOURS, house_style


def draw_decision_curve(curve: pd.DataFrame) -> Figure:
    """Net benefit of the model, as it appears and corrected, and of acting on all patients and on none.

    `curve`: threshold, apparent, corrected, treat_all. Losses far below zero are left out of sight.
    """
    limit = 100 * curve["threshold"]
    top = float(np.nanmax(curve[["apparent", "treat_all"]].to_numpy(float), initial=0.05))
    with house_style():
        figure: Figure = plt.figure(figsize=(6.4, 3.9))
        axes = figure.add_subplot()
        axes.plot(limit, curve["treat_all"], color=GROUP_COLOURS["all"], linestyle=(0, (5, 2)), label="Act on all")
        axes.axhline(0.0, color="#7b8794", linewidth=0.9, linestyle=(0, (1, 2)), label="Act on none")
        axes.plot(limit, curve["apparent"], color=GROUP_COLOURS["other"], linewidth=1.0, label="Model, as it appears")
        axes.plot(limit, curve["corrected"], color=GROUP_COLOURS["dtt"], linewidth=1.9,
                  label="Model, corrected for optimism")  # fmt: skip
        axes.set_ylim(-0.25 * top, 1.08 * top)
        axes.set_xlabel("Risk from which one would act, %")
        axes.set_ylabel("Net benefit, patients rightly acted on")
        figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure
