"""Figures of chapter 1: the flow of patients, what is missing, and when patients were under observation."""

from __future__ import annotations

from itertools import cycle

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from helpers.figures import GROUP_COLOURS, STATE_COLOURS, house_style

_INK, _RULE, _PALE = "#1f2933", "#7b8794", "#f2f4f7"
_REGIMEN_COLOURS = (
    "#2f6690", "#86a9c6", "#1b6e53", "#e3b04b", "#c98b6b", "#7fc8a9", "#7a3e9d", "#b9c2cc", "#52606d",
)  # fmt: skip


def draw_flow(flow: pd.DataFrame) -> Figure:
    """The flow of patients: boxes going down for those who remain, boxes to the right for those left out.

    `flow` has label, excluded_n, remaining_n, the first row being everybody. Raises ValueError when what
    remains is not what was there less those left out: a flow diagram that does not add up is worse than none.
    """
    expected = flow["remaining_n"].iloc[0] - flow["excluded_n"].cumsum()
    if not expected.eq(flow["remaining_n"]).all():
        raise ValueError(f"The flow does not add up at: {flow.loc[expected.ne(flow['remaining_n']), 'label'].iloc[0]}")
    steps = flow.iloc[1:].reset_index(drop=True)
    height = len(steps)
    with house_style():
        figure: Figure = plt.figure(figsize=(7.2, 1.1 + 0.55 * height))
        axis = figure.subplots()
        axis.set(xlim=(0, 10), ylim=(-1.1, height + 0.6))
        axis.axis("off")
        axis.annotate("", (2.4, -0.45), (2.4, height - 0.25), arrowprops={"arrowstyle": "-|>", "color": _RULE})
        _box(axis, 2.4, height + 0.1, f"{flow['label'].iloc[0]}: {flow['remaining_n'].iloc[0]}", strong=True)
        for place, step in enumerate(steps.itertuples()):
            at = height - place - 0.75
            axis.annotate("", (5.0, at), (2.4, at), arrowprops={"arrowstyle": "-|>", "color": _RULE})
            _box(axis, 7.4, at, f"{step.label}: {step.excluded_n}", strong=False)
            axis.annotate(f"{step.remaining_n}", (2.2, at - 0.5), ha="right", va="center", fontsize=8.5, color=_RULE)
        _box(axis, 2.4, -0.8, f"In the study: {flow['remaining_n'].iloc[-1]}", strong=True)
    return figure


def _box(axis: Axes, x: float, y: float, text: str, *, strong: bool) -> None:
    blue = GROUP_COLOURS["other"]
    face, edge, width, weight = ("white", blue, 1.1, "bold") if strong else (_PALE, _RULE, 0.7, "normal")
    box = {"boxstyle": "round,pad=0.45", "facecolor": face, "edgecolor": edge, "linewidth": width}
    axis.annotate(text, (x, y), ha="center", va="center", color=_INK, fontsize=9.5, fontweight=weight, bbox=box)


def draw_missing_map(cells: pd.DataFrame) -> Figure:
    """Which values are missing: a column per patient in the order of time zero, a row per variable.

    `cells` has order, era, label, is_missing, missing_share; without a row the figure says that nothing is missing.
    """
    with house_style():
        labels = list(dict.fromkeys(cells["label"]))
        figure: Figure = plt.figure(figsize=(7.2, 1.2 + 0.24 * max(len(labels), 2)))
        axis = figure.subplots()
        if cells.empty:
            axis.annotate("nothing is missing", (0.5, 0.5), xycoords="axes fraction", ha="center")
            axis.axis("off")
            return figure
        grid = cells.pivot_table(index="label", columns="order", values="is_missing", aggfunc="max").loc[labels]
        across, down = np.arange(grid.shape[1] + 1) + 0.5, np.arange(len(labels) + 1) - 0.5
        colours = ListedColormap([_PALE, GROUP_COLOURS["dtt"]])
        axis.pcolormesh(across, down, grid.to_numpy(dtype=float), cmap=colours, vmin=0, vmax=1, rasterized=True)
        shares = cells.drop_duplicates("label").set_index("label")["missing_share"]
        axis.set_yticks(range(len(labels)), [f"{label}  {100 * shares[label]:.0f} %" for label in labels])
        axis.set_ylim(len(labels) - 0.5, -0.5)
        axis.set_xlabel("Patients in the order of time zero")
        firsts = cells.drop_duplicates("era")
        for start, era in zip(firsts["order"], firsts["era"], strict=True):
            axis.axvline(start - 0.5, color="white", linewidth=1.2)
            axis.annotate(str(era), (start, -0.6), ha="left", va="bottom", fontsize=8, annotation_clip=False)
        axis.tick_params(left=False)
        axis.spines[["left", "bottom"]].set_visible(False)
    return figure


def draw_followup_lines(lines: pd.DataFrame) -> Figure:
    """Calendar time: a line per patient from time zero to the end of follow-up, in the order of time zero.

    `lines` has order, start_date, end_date, ended_by ("death" or "censored").
    """
    with house_style():
        figure: Figure = plt.figure(figsize=(7.2, 4.6))
        axis = figure.subplots()
        axis.hlines(lines["order"], lines["start_date"], lines["end_date"], color=GROUP_COLOURS["other"],
                    linewidth=max(0.25, min(1.4, 160 / max(len(lines), 1))), alpha=0.75)  # fmt: skip
        dead = lines.loc[lines["ended_by"] == "death"]
        axis.plot(dead["end_date"], dead["order"], linestyle="none", marker="o", markersize=3.5,
                  color=STATE_COLOURS["death"], label="Death")  # fmt: skip
        axis.xaxis.set_major_locator(mdates.AutoDateLocator(maxticks=10))
        axis.xaxis.set_major_formatter(mdates.DateFormatter("%Y"))
        axis.set(xlabel="Calendar year", ylabel="Patients in the order of time zero", ylim=(0, len(lines) + 1))
        if len(dead):
            axis.legend(loc="lower right")
    return figure


def draw_era_regimens(shares: pd.DataFrame) -> Figure:
    """First inductions by calendar period: one bar per period, stacked to 100 %.

    `shares` has era, regimen, n, share; periods are drawn in the order in which they come.
    """
    eras, regimens = list(dict.fromkeys(shares["era"])), list(dict.fromkeys(shares["regimen"]))
    with house_style():
        figure: Figure = plt.figure(figsize=(7.2, 1.4 + 0.45 * max(len(eras), 1)))
        axis = figure.subplots()
        grid = shares.pivot_table(index="era", columns="regimen", values="share", fill_value=0.0, sort=False)
        left = np.zeros(len(eras))
        for regimen, colour in zip(regimens, cycle(_REGIMEN_COLOURS), strict=False):
            width = grid.loc[eras, regimen].to_numpy(dtype=float)
            axis.barh(range(len(eras)), width, left=left, color=colour, label=regimen, edgecolor="white")
            left = left + width
        totals = shares.groupby("era")["n"].sum()
        axis.set_yticks(range(len(eras)), [f"{era} (n = {totals[era]})" for era in eras])
        axis.set(xlim=(0, 1), xlabel="Share of patients")
        axis.invert_yaxis()
        axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.22), ncols=3)
    return figure
