"""Net benefit against the risk from which one would act."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from helpers.figures import GROUP_COLOURS, house_style


def draw_decision_curve(curve: pd.DataFrame) -> Figure:
    """Net benefit of the model corrected for optimism, as fitted and drawn in, and of acting on all and on none.

    `curve`: threshold, corrected, gain, low, high, shrunken_corrected, treat_all. The band is the interval of the gain
    of the model as fitted. Losses far below zero are left out of sight.
    """
    limit, own = 100 * curve["threshold"], curve["corrected"]
    low, high = (own + curve[end] - curve["gain"] for end in ("low", "high"))
    top = max(0.05, float(pd.concat([high, curve["treat_all"]]).fillna(0.0).max()))
    with house_style():
        figure: Figure = plt.figure(figsize=(6.4, 3.9))
        axes = figure.add_subplot()
        axes.fill_between(limit, low, high, color=GROUP_COLOURS["dtt"], alpha=0.15, linewidth=0)
        axes.plot(limit, curve["treat_all"], color=GROUP_COLOURS["all"], linestyle=(0, (5, 2)), label="Act on all")
        axes.axhline(0.0, color="#7b8794", linewidth=0.9, linestyle=(0, (1, 2)), label="Act on none")
        axes.plot(limit, own, color=GROUP_COLOURS["dtt"], linewidth=1.9, label="Model as fitted, corrected")
        axes.plot(limit, curve["shrunken_corrected"], color=GROUP_COLOURS["other"], linewidth=1.4,
                  label="Model drawn in, corrected")  # fmt: skip
        axes.set_xlim(limit.min(), limit.max())
        axes.set_ylim(-0.35 * top, 1.08 * top)
        axes.set_xlabel("Risk from which one would act, %")
        axes.set_ylabel("Net benefit, patients rightly acted on")
        figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure
