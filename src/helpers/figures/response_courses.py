"""Figures of chapter 5, continued: each patient's path, and which regimen followed which."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MultipleLocator

from helpers.figures import STATE_COLOURS, STATE_LABELS, house_style
from helpers.schema.dictionary import choices_of

_MARKS: dict[str, dict[str, Any]] = {
    "course": {"marker": "|", "markeredgecolor": "#1f2933", "markersize": 9, "markeredgewidth": 1.8},
    "flare": {"marker": "v", "markeredgecolor": "#1f2933", "markerfacecolor": "white", "markersize": 5},
    "esrd": {"marker": "s", "markeredgecolor": "white", "markerfacecolor": STATE_COLOURS["esrd"], "markersize": 7},
    "death": {"marker": "X", "markeredgecolor": "white", "markerfacecolor": STATE_COLOURS["death"], "markersize": 7.5},
    "lost": {"marker": ">", "markeredgecolor": "#52606d", "markerfacecolor": "white", "markersize": 5.5},
}  # fmt: skip
_MARK_LABELS = {
    "course": "Start of an induction", "flare": "Flare", "esrd": "Kidney failure begins", "death": "Death",
    "lost": "Lost to follow-up",
}  # fmt: skip
_HEIGHT = 0.72
_STATES = ("complete", "partial", "active", "flare", "not seen", "esrd")


def draw_swimmer(paths: pd.DataFrame) -> Figure:
    """One bar per patient, coloured by state, with marks for inductions, flares, kidney failure, death and loss.

    `paths` has patient_id, place, kind, word, start_month, end_month (see `derive_paths`). The longest followed
    stand on top; the legend stands beside the bars.
    """
    patients = paths.drop_duplicates("place").sort_values("place")
    figure: Figure
    with house_style():
        figure, axis = plt.subplots(figsize=(8.2, 1.6 + 0.155 * max(len(patients), 4)))
        states = paths.loc[paths["kind"].eq("state")]
        axis.add_collection(_make_bars(states))  # hundreds of bars as one thing to draw
        for kind, look in _MARKS.items():
            marks = paths.loc[paths["kind"].eq(kind)]
            axis.plot(marks["start_month"], marks["place"], linestyle="none", clip_on=False, **look)
        axis.set_yticks(patients["place"], patients["patient_id"], fontsize=6)
        axis.set_ylim(max(len(patients), 1) - 0.4, -0.6)
        axis.set_xlim(0, 1.05 * max([1.0, *states["end_month"]]))
        axis.xaxis.set_major_locator(MultipleLocator(24))
        axis.tick_params(axis="y", length=0)
        axis.spines["left"].set_visible(False)
        axis.grid(axis="x")
        axis.set_xlabel("Months since time zero")
        _path_legend(figure, paths)
    return figure


def _make_bars(states: pd.DataFrame) -> PolyCollection:
    left, right, place = (states[name].to_numpy(float) for name in ("start_month", "end_month", "place"))
    low, high = place - _HEIGHT / 2, place + _HEIGHT / 2
    corners = np.stack([[left, low], [right, low], [right, high], [left, high]]).transpose(2, 0, 1)
    return PolyCollection(list(corners), facecolors=[STATE_COLOURS[word] for word in states["word"]], linewidths=0)


def _path_legend(figure: Figure, paths: pd.DataFrame) -> None:
    here = set(paths.loc[paths["kind"].eq("state"), "word"])
    areas = [Patch(color=STATE_COLOURS[state], label=STATE_LABELS[state]) for state in _STATES if state in here]
    kinds = set(paths["kind"])
    marks = [
        Line2D([], [], linestyle="none", label=_MARK_LABELS[kind], **look)
        for kind, look in _MARKS.items() if kind in kinds
    ]  # fmt: skip
    figure.legend(handles=[*areas, *marks], loc="outside right upper")


def draw_switches(switches: pd.DataFrame) -> Figure:
    """Which regimen followed which: a heat map with the number of switches in every cell.

    `switches` has regimen, next_regimen and n. Rows and columns are the regimens that occur, in the order of
    the data dictionary; an empty cell never occurred.
    """
    names = choices_of("treatments", "regimen")
    rows = [name for name in names if switches["regimen"].eq(name).any()]
    columns = [name for name in names if switches["next_regimen"].eq(name).any()]
    figure: Figure
    with house_style():
        figure, axis = plt.subplots(figsize=(7.2, 1.9 + 0.45 * max(len(rows), 2)))
        if rows:
            counts = switches.set_index(["regimen", "next_regimen"])["n"]
            table = counts.reindex(pd.MultiIndex.from_product([rows, columns]), fill_value=0)
            _draw_cells(axis, table.to_numpy(float).reshape(len(rows), len(columns)))
            axis.set_xticks(range(len(columns)), [names[name] for name in columns], rotation=25, ha="left",
                            rotation_mode="anchor")  # fmt: skip
            axis.set_yticks(range(len(rows)), [names[name] for name in rows])
            axis.set_xlabel("Next induction")
            axis.set_ylabel("Induction")
            axis.xaxis.set_label_position("top")
            axis.tick_params(axis="both", length=0, labeltop=True, labelbottom=False)
        else:
            axis.annotate("No second induction", (0.5, 0.5), xycoords="axes fraction", ha="center", va="center")
            axis.set_axis_off()
    return figure


def _draw_cells(axis: Axes, counts: np.ndarray) -> None:
    axis.imshow(np.sqrt(counts), cmap="Blues", vmin=0, vmax=max(np.sqrt(counts.max()) * 1.15, 1.0), aspect="auto")
    for (row, column), n in np.ndenumerate(counts):
        if n:
            light = np.sqrt(n) > 0.65 * np.sqrt(counts.max())
            axis.annotate(f"{n:.0f}", (column, row), ha="center", va="center", color="white" if light else "#1f2933")
    axis.set_xticks(np.arange(counts.shape[1] + 1) - 0.5, minor=True)
    axis.set_yticks(np.arange(counts.shape[0] + 1) - 0.5, minor=True)
    axis.grid(which="minor", color="white", linewidth=2)
    axis.tick_params(which="minor", length=0)
    for spine in axis.spines.values():
        spine.set_visible(False)
