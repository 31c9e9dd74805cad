"""Figures about noise in the label: whose label would turn, and the share as noise is added or taken away."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.figures import GROUP_COLOURS, house_style

_GREY = "#7b8794"
_LABELS = {"yes": ("dtt", "Labelled difficult to treat", "-"), "no": ("other", "Labelled not", (0, (5, 1.6)))}


def draw_label_noise(patients: pd.DataFrame, *, curve: pd.DataFrame, unsure_from: float) -> Figure:
    """Left: patients ordered by how likely their label is to turn. Right: the share labelled, by noise added.

    `patients` has label and flip_probability; `curve` has added, share, kind ("simulated", "extrapolated").
    """
    with house_style():
        figure: Figure = plt.figure(figsize=(7.2, 3.9))
        left, right = figure.subplots(1, 2)
        _draw_patients(left, patients, unsure_from=unsure_from)
        _draw_curve(right, curve)
    return figure


def _draw_patients(axis: Axes, patients: pd.DataFrame, *, unsure_from: float) -> None:
    axis.axhline(unsure_from, color=_GREY, linewidth=0.9, linestyle=(0, (4, 3)))
    for word, (group, label, dashes) in _LABELS.items():
        found = patients.loc[patients["label"].eq(word), "flip_probability"].dropna().sort_values(ascending=False)
        if len(found):
            axis.step(np.arange(len(found) + 1), [*found, found.iloc[-1]], where="post", color=GROUP_COLOURS[group],
                      linestyle=dashes, label=f"{label} (n = {len(found)})")  # fmt: skip
    axis.set(xlabel="Patients, least certain first", ylabel="Second measurements that turn the label", ylim=(0, 1))
    axis.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    axis.set_xlim(left=0)
    if axis.get_legend_handles_labels()[0]:
        axis.legend(loc="upper right")


def _draw_curve(axis: Axes, curve: pd.DataFrame) -> None:
    simulated, line = (curve.loc[curve["kind"].eq(kind)] for kind in ("simulated", "extrapolated"))
    axis.axvline(0.0, color=_GREY, linewidth=0.9)
    axis.plot(line["added"], line["share"], color=GROUP_COLOURS["all"], linestyle=(0, (5, 1.6)), linewidth=1.4,
              label="Extrapolated (quadratic)")  # fmt: skip
    axis.scatter(simulated["added"], simulated["share"], s=34, color=GROUP_COLOURS["dtt"], zorder=3, label="Labelled")
    top = max([0.1, *curve["share"].dropna()]) * 1.35
    ticks = [0.1 * step for step in range(int(top * 10) + 1)]
    axis.set_yticks(ticks, [f"{100 * tick:.0f} %" for tick in ticks])
    axis.set(xlim=(-1.1, 2.1), ylim=(0, top), xlabel="Noise added, in variances", ylabel="Difficult to treat")
    axis.set_xticks([-1, 0, 1, 2], ["−1\nnone left", "0\nas measured", "1", "2"])
    axis.legend(loc="lower right")
