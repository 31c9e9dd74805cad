"""Figures of the states of chapter 5: shares with bands, and intensities that add up."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from helpers.figures import GROUP_COLOURS, GROUP_LABELS, STATE_COLOURS, STATE_LABELS, house_style

_ROWS = (("complete", "active"), ("partial", "flare"), ("esrd", "dead"), ("not seen", ""))
"""Which states stand side by side: those of a row share their scale."""

_LOWEST = ("not seen", "dead")
"""The last state of each column, under which the axis is named."""

_SOFT = "#52606d"
_INK = {"not seen": _SOFT, "partial": "#3f9c78", "active": "#c08a1e"}
"""Lines darker than the state's area, where that would be too pale for a line."""

_DASHES = {"dtt": (0, (5, 1.6)), "other": "-", "all": "-"}
_EVERY = 24


def draw_state_bands(shares: pd.DataFrame) -> Figure:
    """The share in each state, one panel each: the estimate, the interval of each month, and the band over all.

    `shares` has month, state, estimate, low, high, band_low, band_high, at_risk. The states of one row share their
    scale, the rows do not. The last place holds the legend and the numbers alive and followed.
    """
    figure: Figure
    with house_style():
        figure, axes = plt.subplots(len(_ROWS), 2, figsize=(7.2, 9.0), sharex=True)
        for row, states in zip(axes, _ROWS, strict=True):
            top = _top_of(shares.loc[shares["state"].isin(states)])
            for axis, state in zip(row, states, strict=True):
                own = shares.loc[shares["state"].eq(state) & shares["estimate"].notna()]
                if state:
                    _draw_band(axis, own, state=state, top=top)
            row[0].set_ylabel("Share of patients")
        _write_legend(axes[-1][1], shares)
    return figure


def _top_of(rows: pd.DataFrame) -> float:
    """The top of a row's scale: what it has to hold, up to the next tenth."""
    highest = np.nanmax([0.05, *rows["estimate"], *rows["band_high"].fillna(rows["high"])])
    return float(min(np.ceil(10 * highest) / 10, 1.0))


def _draw_band(axis: Axes, rows: pd.DataFrame, *, state: str, top: float) -> None:
    colour = _INK.get(state, STATE_COLOURS[state])
    rows = rows.astype(dict.fromkeys(("month", "estimate", "low", "high", "band_low", "band_high"), float))
    axis.fill_between(rows["month"], rows["band_low"], rows["band_high"], color=colour, alpha=0.16, linewidth=0)
    axis.fill_between(rows["month"], rows["low"], rows["high"], color=colour, alpha=0.30, linewidth=0)
    axis.plot(rows["month"], rows["estimate"], color=colour)
    axis.set_title(STATE_LABELS[state])
    axis.set(ylim=(0, top), xlim=(0, max(rows["month"].max(), 1.0) if len(rows) else 1.0))
    axis.set_xticks(np.arange(0, axis.get_xlim()[1] + 1, _EVERY))
    axis.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    if state in _LOWEST:
        axis.tick_params(labelbottom=True)
        axis.set_xlabel("Months since time zero")
    axis.grid(axis="y")


def _write_legend(axis: Axes, shares: pd.DataFrame) -> None:
    axis.set_axis_off()
    axis.legend(handles=[
        Line2D([], [], color=_SOFT, label="Share, had all been followed"),
        Patch(facecolor=_SOFT, alpha=0.46, label="95 % interval, each month by itself"),
        Patch(facecolor=_SOFT, alpha=0.16, label="95 % band, all months at once"),
    ], loc="upper left", borderaxespad=0.0)  # fmt: skip
    counts = shares.drop_duplicates("month").set_index("month")["at_risk"]
    shown = counts.loc[[month for month in counts.index if month % _EVERY == 0]]
    lines = "\n".join(f"month {month:g}: {n:.0f}" for month, n in shown.items())
    axis.annotate(f"Alive and followed\n{lines}", (0.02, 0.55), xycoords="axes fraction", va="top", fontsize=8.5,
                  color=_SOFT, linespacing=1.35)  # fmt: skip


def draw_cumulative_intensities(curves: pd.DataFrame, *, rates: pd.DataFrame, end: float = 120.0) -> Figure:
    """Nelson-Aalen curves with bands, one panel per transition, and the straight line of a constant rate.

    `curves` has from, to, group, month, estimate, low, high; `rates` from, to, group and estimate (per hundred
    patient-years). The axis runs to `end` months; a group without a rate has no line.
    """
    pairs = list(curves[["from", "to"]].drop_duplicates().itertuples(index=False, name=None))
    lines = (len(pairs) + 1) // 2
    figure: Figure
    with house_style():
        figure, axes = plt.subplots(lines, 2, figsize=(7.2, 3.1 * lines), squeeze=False)
        for axis, (source, target) in zip(axes.flat, pairs, strict=False):
            own = curves.loc[curves["from"].eq(source) & curves["to"].eq(target)]
            line = rates.loc[rates["from"].eq(source) & rates["to"].eq(target)].set_index("group")["estimate"]
            for group, curve in own.groupby("group", sort=False):
                _draw_intensity(axis, curve, group=str(group), rate=float(line.get(group, np.nan)), end=end)
            axis.set_title(f"{STATE_LABELS[source]} to {STATE_LABELS[target].lower()}")
            axis.set(xlim=(0, end), xlabel="Months since time zero", ylabel="Changes, if always in the state")
            axis.set_ylim(bottom=0)
            axis.set_xticks(np.arange(0, end + 1, _EVERY))
        for axis in axes.flat[len(pairs):]:
            axis.set_axis_off()
        handles, labels = axes[0][0].get_legend_handles_labels()
        handles.append(Line2D([], [], color=_SOFT, linewidth=1.0, linestyle=(0, (1, 1.5))))
        figure.legend(handles, [*labels, "Constant rate"], loc="outside upper left", ncols=3)
    return figure


def _draw_intensity(axis: Axes, curve: pd.DataFrame, *, group: str, rate: float, end: float) -> None:
    shown = curve.loc[curve["month"].le(end)]
    shown = pd.concat([shown, shown.tail(1).assign(month=end)])
    colour = GROUP_COLOURS[group]
    axis.step(shown["month"], shown["estimate"], where="post", color=colour, linestyle=_DASHES[group],
              label=GROUP_LABELS[group])  # fmt: skip
    axis.fill_between(shown["month"], shown["low"], shown["high"], step="post", color=colour, alpha=0.15, linewidth=0)
    axis.plot([0, end], [0, rate * end / 1200], color=colour, linewidth=1.0, linestyle=(0, (1, 1.5)))
