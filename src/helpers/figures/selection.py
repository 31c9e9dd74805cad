"""How often the screening recipe chooses each feature again."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers.definitions.stability import STABLE_FROM
from helpers.figures import GROUP_COLOURS, house_style


def draw_inclusion(inclusion: pd.DataFrame, *, limit: float = STABLE_FROM) -> Figure:
    """Two bars per feature: the share of samples in which it passes the screen, and in which it is chosen in the end.

    `inclusion`: label, screened_share, chosen_share, in the order drawn from the top. The line is the share from which
    a feature may be called independent.
    """
    height = np.arange(len(inclusion))
    with house_style():
        figure: Figure = plt.figure(figsize=(7.2, 1.1 + 0.3 * max(len(inclusion), 1)))
        axes = figure.add_subplot()
        axes.barh(height, 100 * inclusion["screened_share"], height=0.78, color="#d5dae0",
                  label="Passes the screen alone")  # fmt: skip
        axes.barh(height, 100 * inclusion["chosen_share"], height=0.4, color=GROUP_COLOURS["dtt"],
                  label="Chosen in the end")  # fmt: skip
        axes.axvline(100 * limit, color="#2b2f36", linewidth=1.1, linestyle=(0, (4, 2)), label="Limit of “stable”")
        axes.set_yticks(height, inclusion["label"].tolist())
        axes.set_ylim(len(inclusion) - 0.4, -0.6)
        axes.set_xlim(0, 100)
        axes.set_xlabel("Bootstrap samples, %")
        axes.grid(axis="x")
        figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure
