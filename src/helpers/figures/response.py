"""Figures of chapter 5: response rates, times to response, states, and adverse events."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from helpers.figures import GROUP_COLOURS, GROUP_LABELS, STATE_COLOURS, STATE_LABELS, house_style

_GRADES = ("complete", "partial", "none")
_DASHES = {"dtt": (0, (5, 1.6)), "other": "-", "all": "-"}
_DARK = {"complete", "esrd", "dead"}
"""States so dark that print on them must be light."""

_OUTCOME_LABELS = {"complete": "Complete response", "any": "Complete or partial response"}
_LEAST_PRINTED = 0.06
"""A smaller share is drawn without its figure, which would not fit."""


def draw_response_rates(
    rates: pd.DataFrame, *, by: str = "group", labels: dict[str, str] | None = None,
    xlabel: str = "Months since time zero",
) -> Figure:  # fmt: skip
    """Stacked bars of complete, partial and no response: one panel per group, one bar per month.

    `rates` has `by`, point, response, share and n; the number of patients stands under each bar. A bar
    without anybody in it is left out.
    """
    names = list(dict.fromkeys(rates[by])) or ["all"]
    words = {**GROUP_LABELS, **(labels or {})}
    figure: Figure
    with house_style():
        figure, axes = plt.subplots(1, len(names), figsize=(7.6, 3.9), sharey=True, squeeze=False)
        for axis, name in zip(axes[0], names, strict=True):
            own = rates.loc[rates[by].eq(name)]
            points = list(dict.fromkeys(own["point"]))
            _stack_bars(axis, own, points=points)
            sizes = own.drop_duplicates("point").set_index("point")["n"]
            axis.set_xticks(range(len(points)), [f"{point}\n({sizes[point]:.0f})" for point in points])
            axis.set_title(words.get(str(name), str(name)))
        axes[0][0].set_ylabel("Share of patients")
        axes[0][0].yaxis.set_major_formatter(PercentFormatter(1.0))
        figure.supxlabel(f"{xlabel} (patients in the share)", fontsize=9.5)
        _legend_above(figure, axes[0][0])
    return figure


def _stack_bars(axis: Axes, rates: pd.DataFrame, *, points: list[str]) -> None:
    floor = np.zeros(len(points))
    for grade in _GRADES:
        share = rates.loc[rates["response"].eq(grade)].set_index("point")["share"].reindex(points).to_numpy(float)
        height = np.nan_to_num(share)
        axis.bar(range(len(points)), height, bottom=floor, width=0.78, color=STATE_COLOURS[grade],
                 label=STATE_LABELS[grade], edgecolor="white")  # fmt: skip
        for place, value in enumerate(height):
            if value >= _LEAST_PRINTED:
                axis.annotate(f"{100 * value:.0f}", (place, floor[place] + value / 2), ha="center", va="center",
                              fontsize=8, color="white" if grade in _DARK else "#1f2933")  # fmt: skip
        floor += height
    axis.set_ylim(0, 1)
    axis.spines["bottom"].set_visible(False)
    axis.tick_params(axis="x", length=0)


def _legend_above(figure: Figure, axis: Axes, *, columns: int = 4) -> None:
    handles, labels = axis.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=columns)


def draw_response_times(curves: pd.DataFrame, *, at_risk: pd.DataFrame) -> Figure:
    """Cumulative incidence of complete and of any response, with bands and the numbers still waiting.

    `curves` has outcome, group, time, state, estimate, low, high; `at_risk` outcome, group, time, at_risk at
    the ticks of the axis. One panel per outcome; the dotted line is death or kidney failure first, all groups.
    """
    outcomes = list(dict.fromkeys(curves["outcome"]))
    groups = [group for group in ("dtt", "other", "all") if curves["group"].eq(group).any()]
    shown = [group for group in groups if group != "all"] or groups
    figure: Figure
    with house_style():
        figure, axes = plt.subplots(1, max(len(outcomes), 1), figsize=(7.6, 4.2), sharey=True, squeeze=False,
                                    gridspec_kw={"wspace": 0.1})  # fmt: skip
        for axis, outcome in zip(axes[0], outcomes, strict=False):
            own = curves.loc[curves["outcome"].eq(outcome)]
            for group in shown:
                _draw_step(axis, own.loc[own["group"].eq(group) & own["state"].eq("response")], group=group)
            _draw_competing(axis, own.loc[own["group"].eq("all") & own["state"].ne("response")])
            _write_at_risk(axis, at_risk.loc[at_risk["outcome"].eq(outcome)], groups=shown)
            axis.set_title(_OUTCOME_LABELS[outcome])
            axis.set_ylim(0, 1.01)
        axes[0][0].set_ylabel("Cumulative incidence")
        axes[0][0].yaxis.set_major_formatter(PercentFormatter(1.0))
        _legend_above(figure, axes[0][0])
    return figure


def _draw_step(axis: Axes, curve: pd.DataFrame, *, group: str) -> None:
    axis.step(curve["time"], curve["estimate"], where="post", color=GROUP_COLOURS[group], linestyle=_DASHES[group],
              label=f"{GROUP_LABELS[group]}: response")  # fmt: skip
    axis.fill_between(curve["time"], curve["low"].fillna(curve["estimate"]), curve["high"].fillna(curve["estimate"]),
                      step="post", color=GROUP_COLOURS[group], alpha=0.15, linewidth=0)  # fmt: skip


def _draw_competing(axis: Axes, curves: pd.DataFrame) -> None:
    total = curves.groupby("time")["estimate"].sum(min_count=1)
    axis.step(total.index, total, where="post", color=STATE_COLOURS["esrd"], linestyle=(0, (1, 1)), linewidth=1.4,
              label="All: death or kidney failure first")  # fmt: skip


def _write_at_risk(axis: Axes, at_risk: pd.DataFrame, *, groups: Sequence[str]) -> None:
    """The numbers without response, death or kidney failure, under the ticks."""
    ticks = sorted(at_risk["time"].unique())
    axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.set_xlabel("Months since time zero\nStill waiting:" + "\n" * len(groups), loc="left")
    for line, group in enumerate(groups):
        own = at_risk.loc[at_risk["group"].eq(group)].drop_duplicates("time")
        for tick, n in zip(own["time"], own["at_risk"], strict=True):
            axis.annotate(f"{n:.0f}", (tick, 0), xycoords=("data", "axes fraction"), ha="center", va="top",
                          xytext=(0, -46 - 11 * line), textcoords="offset points", fontsize=8,
                          color=GROUP_COLOURS[group])  # fmt: skip


def draw_states(counts: pd.DataFrame, shares: pd.DataFrame) -> Figure:
    """Two stacked areas: every patient's state month by month, and the shares had all been followed.

    `counts` has month, state, share (the ended included); `shares` month, state, estimate. States are stacked
    in the order in which they come.
    """
    figure: Figure
    with house_style():
        figure, (left, right) = plt.subplots(1, 2, figsize=(7.6, 4.2), sharey=True)
        _stack_areas(left, counts, value="share")
        _stack_areas(right, shares.loc[shares["estimate"].notna()], value="estimate")
        left.set_title("All patients as they were seen")
        right.set_title("Had all been followed")
        left.set_ylabel("Share of patients")
        left.yaxis.set_major_formatter(PercentFormatter(1.0))
        _legend_above(figure, left, columns=5)
    return figure


def _stack_areas(axis: Axes, table: pd.DataFrame, *, value: str) -> None:
    months = np.sort(table["month"].unique())
    states = list(dict.fromkeys(table["state"]))
    heights = [table.loc[table["state"].eq(state)].sort_values("month")[value].to_numpy(float) for state in states]
    hatches = {"lost": "////"}
    if len(months):
        areas = axis.stackplot(months, *heights, colors=[STATE_COLOURS[state] for state in states],
                               labels=[STATE_LABELS[state] for state in states])  # fmt: skip
        for state, area in zip(states, areas, strict=True):
            area.set(hatch=hatches.get(state), edgecolor="white", linewidth=0.3)
        axis.set_xlim(months[0], months[-1])
        axis.set_xticks([month for month in range(0, 241, 24) if month <= months[-1]])
    axis.set_ylim(0, 1)
    axis.set_xlabel("Months since time zero")


def draw_adverse_rates(rates: pd.DataFrame) -> Figure:
    """Adverse events per 100 patient-years, a dot and an interval per type and group.

    `rates` has group, label, events_n, estimate, low, high; types from top to bottom in the order given, their
    number of events behind them. A group without person-time has no dot.
    """
    types = list(dict.fromkeys(rates["label"]))
    groups = [group for group in ("all", "dtt", "other") if rates["group"].eq(group).any()]
    figure: Figure
    with house_style():
        figure, axis = plt.subplots(figsize=(7.2, 1.1 + 0.5 * len(types)))
        for offset, group in zip((-0.24, 0.0, 0.24), groups, strict=False):
            own = rates.loc[rates["group"].eq(group) & rates["estimate"].notna()]
            rows = own["label"].map({name: place for place, name in enumerate(types)}).to_numpy(float) + offset
            axis.hlines(rows, own["low"], own["high"], color=GROUP_COLOURS[group], linewidth=1.8)
            axis.plot(own["estimate"], rows, linestyle="none", color=GROUP_COLOURS[group], markersize=5, clip_on=False,
                      marker={"all": "o", "dtt": "D", "other": "s"}[group], label=GROUP_LABELS[group])  # fmt: skip
        events = rates.loc[rates["group"].eq("all")].set_index("label")["events_n"]
        axis.set_yticks(range(len(types)), [f"{name} ({events.get(name, 0):.0f})" for name in types])
        axis.set_ylim(len(types) - 0.5, -0.5)
        axis.set_xlim(left=0)
        axis.grid(axis="x")
        axis.set_xlabel("Events per 100 patient-years, with exact 95 % interval")
        _legend_above(figure, axis, columns=3)
    return figure
