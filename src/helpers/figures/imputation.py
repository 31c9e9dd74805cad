"""Figures of what is missing: patterns of gaps, complete cases beside imputation, and tipping points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.figures import GROUP_COLOURS, house_style

_MISSING, _KNOWN, _LINE = "#b5452c", "#e4e7eb", "#7b8794"


def draw_patterns(patterns: pd.DataFrame, *, names: Mapping[str, str]) -> Figure:
    """Which values are missing together: a row per pattern, a column per variable, dark where it is missing.

    `patterns` has label, n, missing (columns joined by a semicolon); rows that pool several patterns have no dots, and
    only variables that somebody lacks get a column. Bars on the right count patients.
    """
    lacks = [[part for part in row.split(";") if part] for row in patterns["missing"]]
    shown = [name for name in names if any(name in row for row in lacks)]
    with house_style():
        figure: Figure = plt.figure(figsize=(7.2, 1.6 + 0.27 * len(patterns)))
        grid, bars = figure.subplots(1, 2, sharey=True, gridspec_kw={"width_ratios": [max(len(shown), 2), 5]})
        rows = np.arange(len(patterns))[::-1]
        for place, row, term in zip(rows, lacks, patterns["term"], strict=True):
            if term == "other":
                continue
            colours = [_MISSING if name in row else _KNOWN for name in shown]
            grid.scatter(range(len(shown)), np.full(len(shown), place), c=colours, s=62, marker="s", linewidth=0)
        grid.set_xticks(range(len(shown)), [names[name] for name in shown], rotation=45, ha="left", fontsize=8)
        grid.tick_params(axis="x", top=True, bottom=False, labeltop=True, labelbottom=False, length=0)
        grid.set_yticks(rows, [_name_row(row, n) for row, n in zip(patterns["term"], patterns["n"], strict=True)])
        grid.tick_params(axis="y", length=0)
        grid.spines[["left", "bottom"]].set_visible(False)
        bars.barh(rows, patterns["n"], color=GROUP_COLOURS["all"], height=0.62)
        bars.set(xlabel="Patients", ylim=(-0.7, len(patterns) - 0.3))
        bars.tick_params(axis="y", length=0, labelleft=False)
    return figure


def _name_row(term: str, n: int) -> str:
    words = {"complete": "Nothing missing", "other": "Other patterns"}
    return f"{words.get(term, '')} {n}".strip()


def draw_tipping(table: pd.DataFrame, *, titles: Mapping[str, str], xlabel: str, ylabel: str) -> Figure:
    """How a ratio moves along a grid of suppositions: a panel per scenario, points with intervals, no difference at
    one.

    `table` has scenario (a key of `titles`), delta, estimate, low, high, in the order of the grid; deltas are drawn at
    equal steps. Estimates that are missing leave a gap.
    """
    with house_style():
        figure: Figure = plt.figure(figsize=(7.2, 3.1))
        axes = figure.subplots(1, len(titles), sharey=True, squeeze=False)
        for axis, (name, title) in zip(axes[0], titles.items(), strict=True):
            own = table.loc[table["scenario"].eq(name)]
            _draw_grid(axis, own)
            axis.set_title(title, fontsize=8.5)
        axes[0][0].set_ylabel(ylabel)
        figure.supxlabel(xlabel, fontsize=9)
    return figure


def _draw_grid(axis: Axes, own: pd.DataFrame) -> None:
    places = np.arange(len(own))
    known = own["estimate"].notna().to_numpy()
    points, lows, highs = (own[name].to_numpy(float)[known] for name in ("estimate", "low", "high"))
    axis.axhline(1.0, color=_LINE, linewidth=0.9)
    axis.errorbar(places[known], points, yerr=np.vstack([points - lows, highs - points]), fmt="s", markersize=4.5,
                  color=GROUP_COLOURS["dtt"], elinewidth=1.4)  # fmt: skip
    axis.set_yscale("log")
    ticks = _choose_ticks(np.append(lows, 1.0), np.append(highs, 1.0))
    axis.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.minorticks_off()
    axis.set_xticks(places, [_name_delta(delta) for delta in own["delta"]], fontsize=7.5, rotation=60)


def _choose_ticks(lows: Sequence[float] | np.ndarray, highs: Sequence[float] | np.ndarray) -> list[float]:
    steps = [0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0]
    inside = [step for step in steps if np.min(lows) / 2 < step < np.max(highs) * 2]
    return inside or [1.0]


def _name_delta(delta: float) -> str:
    return f"{delta:g}".replace("inf", "∞").replace("-", "−")
