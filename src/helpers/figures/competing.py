"""Figures of competing events: incidence with its overestimate beside it, and hazard ratios in pairs."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.figures import GROUP_COLOURS, GROUP_LABELS, house_style
from helpers.figures.survival import draw_cumulative_incidence

_MARKS = {"cause_specific": "s", "subdistribution": "o"}
_LOOKS = {"cause_specific": ("Cause-specific hazard", "#33414e", 0.16),
          "subdistribution": ("Subdistribution hazard", "#1f7a8c", -0.16)}  # fmt: skip
"""Each ratio by its words, a colour that is no group's, and its place within the pair."""

_TICKS = (0.01, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 100.0, 1000.0)


def draw_overestimate(
    curves: pd.DataFrame, *, naive: pd.DataFrame, at_risk: pd.DataFrame, end: float, ylabel: str,
    xlabel: str = "Months since time zero",
) -> Figure:  # fmt: skip
    """Cumulative incidence, one panel per event, and in the first panel one minus Kaplan-Meier as a thin dashed line.

    `curves` and `at_risk` as for `draw_cumulative_incidence`; `naive` has group, month, estimate, and belongs to the
    first state of `curves`.
    """
    top_share = _round_up(curves.loc[curves["month"] <= end, "high"].max())
    figure = draw_cumulative_incidence(
        curves, at_risk=at_risk, end=end, ylabel=ylabel, top_share=top_share, xlabel=xlabel)
    axis = figure.axes[0]
    with house_style():
        for name, curve in naive.groupby("group", sort=True):
            shown = curve.loc[curve["month"] <= end]
            shown = pd.concat([shown, shown.tail(1).assign(month=end)])
            axis.step(shown["month"], shown["estimate"], where="post", color=GROUP_COLOURS[str(name)], linewidth=1.0,
                      linestyle=(0, (2.5, 1.8)), label=f"{_short(str(name))}: one minus Kaplan-Meier")  # fmt: skip
        if axis.get_legend_handles_labels()[0]:
            axis.legend(loc="upper left", fontsize=7.5)
    return figure


def _short(group: str) -> str:
    return {"dtt": "DTT"}.get(group, GROUP_LABELS[group])


def _round_up(share: float) -> float:
    """The top of a share axis: the next tenth above the highest limit, with room for the legend."""
    return 1.0 if np.isnan(share) else float(min(1.0, np.ceil(10 * share + 1.5) / 10))


def draw_competing(
    competing: pd.DataFrame, *, xlabel: str = "Ratio, difficult to treat against others (log scale)"
) -> Figure:  # fmt: skip
    """A forest of the two hazard ratios of each event: cause-specific above, subdistribution below.

    `competing` has term ("<event>.<method>"), event, label, estimate, low, high, dtt_events_n, other_events_n; other
    methods are passed over. A ratio without an estimate says so.
    """
    rows = competing.loc[competing["term"].str.rsplit(".", n=1).str[-1].isin(list(_MARKS))]
    events = list(dict.fromkeys(rows["event"]))
    with house_style():
        figure: Figure = plt.figure(figsize=(7.2, 1.1 + 0.72 * max(len(events), 1)))
        axis = figure.subplots()
        axis.axvline(1.0, color="#7b8794", linewidth=0.9)
        for place, event in enumerate(reversed(events)):
            _draw_pair(axis, rows.loc[rows["event"] == event], place=float(place))
        names = [_name(rows.loc[rows["event"] == event].iloc[0]) for event in reversed(events)]
        axis.set_yticks(range(len(events)), names)
        axis.set_ylim(-0.6, max(len(events), 1) - 0.4)
        _finish(axis, rows, xlabel=xlabel)
    return figure


def _draw_pair(axis: Axes, pair: pd.DataFrame, *, place: float) -> None:
    for row in pair.to_dict("records"):
        method = row["term"].rsplit(".", 1)[-1]
        label, colour, shift = _LOOKS[method]
        value, low, high = (float(row[name]) for name in ("estimate", "low", "high"))
        text = "not estimable" if np.isnan(value) else f"{value:.2f} ({low:.2f} to {high:.2f})"
        axis.annotate(text, (1.02, place + shift), xycoords=("axes fraction", "data"), va="center", fontsize=8,
                      color=colour)  # fmt: skip
        axis.errorbar([value], [place + shift], xerr=[[value - low], [high - value]], fmt=_MARKS[method],
                      markersize=5.5, color=colour, ecolor=colour, elinewidth=1.5, label=label)  # fmt: skip


def _name(row: pd.Series) -> str:
    """The event over two lines, and how often it came: difficult to treat, others."""
    words = str(row["label"]).replace(", ", ",\n", 1)
    return f"{words}\n{int(row['dtt_events_n'])} and {int(row['other_events_n'])} events"


def _finish(axis: Axes, rows: pd.DataFrame, *, xlabel: str) -> None:
    """A log axis that holds every interval, and a legend with one entry per method."""
    axis.set_xscale("log")
    low, high = np.nanmin([*rows["low"], 0.5]), np.nanmax([*rows["high"], 2.0])
    first = max((tick for tick in _TICKS if tick <= low), default=_TICKS[0])
    last = min((tick for tick in _TICKS if tick >= high), default=_TICKS[-1])
    ticks = [tick for tick in _TICKS if first <= tick <= last]
    axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.minorticks_off()
    axis.set_xlim(first, last)
    axis.set_xlabel(xlabel)
    axis.spines["left"].set_visible(False)
    axis.tick_params(axis="y", length=0, labelsize=8)
    handles = dict(zip(*reversed(axis.get_legend_handles_labels()), strict=True))
    if handles:
        axis.legend(list(handles.values()), list(handles), loc="upper center", bbox_to_anchor=(0.5, 1.14), ncols=2)
