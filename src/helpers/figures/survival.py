"""Figures of chapter 4: curves with the numbers behind them, hazard ratios side by side, and residuals."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.figures import GROUP_COLOURS, GROUP_LABELS, STATE_COLOURS, STATE_LABELS, house_style

_LINES = ("-", (0, (5, 1.6)), (0, (1.2, 1.2)))
"""Groups differ in their dashes too, so that a grey print still tells them apart."""

def draw_survival_curves(
    curves: pd.DataFrame, *, at_risk: pd.DataFrame, end: float, ylabel: str, start: float = 0.0,
    xlabel: str = "Months since time zero",
) -> Figure:  # fmt: skip
    """Kaplan-Meier curves with light bands, and the numbers at risk under the axis.

    `curves` has group, month, estimate, low, high, n; `at_risk` has group, month, at_risk, and its months become
    the ticks; the axis runs from `start` to `end` (months).
    """
    with house_style():
        figure, (top, under) = _axes_with_table(rows=at_risk["group"].nunique())
        for name, curve in curves.groupby("group", sort=True):
            _step(top, curve, end=end, colour=_colour(name), dashes=_dashes(name),
                  label=f"{_label(name)} (n = {int(curve['n'].iloc[0])})")  # fmt: skip
        _finish(top, under, at_risk=at_risk, end=end, start=start, ylabel=ylabel, xlabel=xlabel, place="lower left")
    return figure


def draw_cumulative_incidence(
    curves: pd.DataFrame, *, at_risk: pd.DataFrame, end: float, ylabel: str, top_share: float = 1.0,
    start: float = 0.0, xlabel: str = "Months since time zero",
) -> Figure:  # fmt: skip
    """Cumulative incidence curves, one panel per state, with the numbers at risk under the axis.

    `curves` has group, state, month, estimate, low, high, n; `at_risk` as in `draw_survival_curves`;
    `top_share` is the top of the share axis.
    """
    states = list(dict.fromkeys(curves["state"])) or [""]
    with house_style():
        figure, axes = _axes_with_table(rows=at_risk["group"].nunique(), panels=len(states))
        for panel, state in enumerate(states):
            shown, under = axes[2 * panel], axes[2 * panel + 1]
            for name, curve in curves.loc[curves["state"] == state].groupby("group", sort=True):
                _step(shown, curve, end=end, colour=_colour(name), dashes=_dashes(name),
                      label=f"{_label(name)} (n = {int(curve['n'].iloc[0])})")  # fmt: skip
            _finish(shown, under, at_risk=at_risk, end=end, start=start, ylabel=ylabel if panel == 0 else "",
                    xlabel=xlabel, place="upper left" if panel == 0 else "", top_share=top_share)  # fmt: skip
            shown.set_title(STATE_LABELS.get(state, state))
    return figure


def draw_first_events(
    curves: pd.DataFrame, *, at_risk: pd.DataFrame, end: float, xlabel: str = "Months since time zero"
) -> Figure:
    """What the composite outcome is made of: first events stacked, one panel per group.

    `curves` has group, state, month, estimate on one grid of months per group; the states are stacked in the
    order in which they come.
    """
    groups = sorted(curves["group"].unique()) or ["all"]
    with house_style():
        figure, axes = _axes_with_table(rows=1, panels=len(groups))
        for panel, name in enumerate(groups):
            shown, own = axes[2 * panel], curves.loc[(curves["group"] == name) & (curves["month"] <= end)]
            floor = np.zeros(own["month"].nunique())
            for state, curve in own.groupby("state", sort=False):
                roof = floor + curve["estimate"].to_numpy()
                shown.fill_between(curve["month"], floor, roof, step="post", color=STATE_COLOURS[str(state)],
                                   linewidth=0, label=STATE_LABELS[str(state)])  # fmt: skip
                floor = roof
            _finish(shown, axes[2 * panel + 1], at_risk=at_risk.loc[at_risk["group"] == name], end=end, xlabel=xlabel,
                    ylabel="Share of patients" if panel == 0 else "", place="upper left" if panel == 0 else "")
            shown.set_title(_label(name))
    return figure


def _axes_with_table(*, rows: int, panels: int = 1) -> tuple[Figure, list[Axes]]:
    """A figure of `panels` panels side by side, each with a narrow axis for the numbers at risk under it."""
    table = 0.16 + 0.17 * max(rows, 1)
    figure, grid = plt.subplots(
        2, panels, figsize=(7.2, 3.9 + table), sharex="col", sharey="row", squeeze=False,
        gridspec_kw={"height_ratios": [3.9, table]})  # fmt: skip
    return figure, [axis for column in grid.T for axis in column]


def _step(axis: Axes, curve: pd.DataFrame, *, end: float, colour: str, dashes: object, label: str) -> None:
    shown = _cut(curve, end=end)
    axis.step(shown["month"], shown["estimate"], where="post", color=colour, linestyle=dashes, label=label)
    axis.fill_between(shown["month"], shown["low"], shown["high"], step="post", color=colour, alpha=0.14, linewidth=0)


def _cut(curve: pd.DataFrame, *, end: float) -> pd.DataFrame:
    """The curve up to the end of the axis, its last step carried there."""
    shown = curve.loc[curve["month"] <= end]
    reaches = curve["month"].max() >= end
    return pd.concat([shown, shown.tail(1).assign(month=end)]) if reaches and len(shown) else shown


def _finish(
    axis: Axes, under: Axes, *, at_risk: pd.DataFrame, end: float, ylabel: str, xlabel: str, place: str,
    start: float = 0.0, top_share: float = 1.0,
) -> None:  # fmt: skip
    ticks = at_risk["month"].unique()
    axis.set(xlim=(start, max(end, start + 1.0)), ylim=(0, top_share * 1.005), ylabel=ylabel)
    axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.tick_params(labelbottom=True)
    axis.set_xlabel(xlabel)
    if place and axis.get_legend_handles_labels()[0]:
        axis.legend(loc=place)
    names = sorted(at_risk["group"].unique())
    for row, name in enumerate(names):
        for month, count in at_risk.loc[at_risk["group"] == name, ["month", "at_risk"]].itertuples(index=False):
            under.annotate(f"{int(count)}", (month, -row), ha="center", va="center", fontsize=8, color=_colour(name),
                           annotation_clip=False)  # fmt: skip
    under.set_ylim(-len(names) + 0.4, 0.6)
    written = [_label(name) for name in names] if len(names) > 1 else [""] * len(names)
    under.set_yticks([-row for row in range(len(names))], written, fontsize=8)
    under.tick_params(left=False, bottom=False, labelbottom=False, pad=16)
    under.spines[["left", "bottom"]].set_visible(False)
    under.set_title("At risk", fontsize=8, fontweight="normal", pad=2)


def _look(table: Mapping[str, str], name: object, default: str) -> str:
    return table.get(str(name), default)


def _label(name: object) -> str:
    return _look(GROUP_LABELS, name, str(name))


def _colour(name: object) -> str:
    return _look(GROUP_COLOURS, name, "#52606d")


def _dashes(name: object) -> object:
    return _LINES[{"dtt": 0, "other": 1}.get(str(name), 2)]
