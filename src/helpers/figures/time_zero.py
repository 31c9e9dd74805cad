"""The figure of time zero: every way of counting in one forest, and under it the curves that may be looked at."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.figures import GROUP_COLOURS, GROUP_LABELS, house_style

_PANELS = {
    "landmark": ("From the landmark on", "Months since the landmark"),
    "second_induction": ("From the second induction on", "Months since the second induction"),
}  # fmt: skip
_LOOKS = {
    "dtt": (GROUP_COLOURS["dtt"], "-"), "second induction": (GROUP_COLOURS["dtt"], "-"),
    "other": (GROUP_COLOURS["other"], (0, (5, 1.6))),
    "no second induction yet": (GROUP_COLOURS["other"], (0, (5, 1.6))),
}  # fmt: skip
_WORDS = {**GROUP_LABELS, "second induction": "Second induction", "no second induction yet": "None yet"}
_GREY = "#7b8794"
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 1024.0)


def draw_time_zero(estimates: pd.DataFrame, *, curves: pd.DataFrame, at_risk: pd.DataFrame) -> Figure:
    """A forest of all ways of counting, with the curves from the landmark and from the second induction under it.

    `estimates` has label, estimate, low, high, n, events, and may have role; `curves` panel, group, month, estimate,
    low, high, n; `at_risk` panel, group, month, at_risk, its months the ticks. A row without an estimate, and a panel
    without a curve, say so.
    """
    forest = 0.7 + 0.36 * len(estimates)
    with house_style():
        figure: Figure = plt.figure(figsize=(7.2, forest + 4.0), layout="none")
        height = forest + 4.0
        top = figure.add_axes((0.30, 1 - (forest - 0.35) / height, 0.40, (forest - 0.6) / height))
        _draw_forest(top, estimates)
        for place, panel in enumerate(_PANELS):
            left = 0.115 + 0.50 * place
            axis = figure.add_axes((left, 1.35 / height, 0.37, 1.95 / height))
            under = figure.add_axes((left, 0.18 / height, 0.37, 0.46 / height))
            own, counts = curves.loc[curves["panel"] == panel], at_risk.loc[at_risk["panel"] == panel]
            _draw_panel(axis, own, counts, panel=panel, is_first=place == 0)
            _draw_counts(under, counts, axis=axis)
    return figure


def _draw_forest(axis: Axes, estimates: pd.DataFrame) -> None:
    rows = np.arange(len(estimates))[::-1]
    ratios = estimates[["estimate", "low", "high"]].to_numpy(dtype=float)
    known = ~np.isnan(ratios).any(axis=1)
    points, lows, highs = ratios[known].T
    axis.axvline(1.0, color=_GREY, linewidth=0.9)
    axis.errorbar(points, rows[known], xerr=np.vstack([points - lows, highs - points]), fmt="s", markersize=5,
                  color=GROUP_COLOURS["dtt"], ecolor=GROUP_COLOURS["dtt"], elinewidth=1.5)  # fmt: skip
    axis.set_xscale("log")
    ticks = _ratio_ticks(np.append(lows, 0.5).min(), np.append(highs, 2.0).max())
    axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.minorticks_off()
    axis.set(xlim=(ticks[0], ticks[-1]), ylim=(-0.6, len(estimates) - 0.4), xlabel="Hazard ratio (log scale)")
    axis.set_yticks(rows, [_name(row) for row in estimates.to_dict("records")])
    axis.axhspan(len(estimates) - 1.5, len(estimates) - 0.4, color=_GREY, alpha=0.12, linewidth=0)
    for place, (value, low, high), events, n in zip(rows, ratios, estimates["events"], estimates["n"], strict=True):
        text = "not estimable" if np.isnan(value) else f"{value:.2f} ({low:.2f} to {high:.2f})"
        axis.annotate(text, (1.03, place), xycoords=("axes fraction", "data"), va="center", fontsize=8)
        axis.annotate(f"{int(events)} / {int(n)}", (1.62, place), xycoords=("axes fraction", "data"), va="center",
                      ha="center", fontsize=8)  # fmt: skip
    axis.annotate("Events / patients", (1.62, len(estimates) - 0.35), xycoords=("axes fraction", "data"), va="bottom",
                  ha="center", fontsize=8)  # fmt: skip
    axis.spines["left"].set_visible(False)
    axis.tick_params(axis="y", length=0, labelsize=8.5)


def _name(row: Mapping[Hashable, Any]) -> str:
    """The way of counting, short; the primary row says so."""
    return str(row["label"]).split(":")[0] + (" (primary)" if row.get("role") == "Primary" else "")


def _ratio_ticks(low: float, high: float) -> list[float]:
    """Ticks of a ratio axis that hold all of low to high."""
    first = max((i for i, step in enumerate(_STEPS) if step <= low), default=0)
    last = min((i for i, step in enumerate(_STEPS) if step >= high), default=len(_STEPS) - 1)
    return list(_STEPS[first : last + 1])


def _draw_panel(axis: Axes, curves: pd.DataFrame, at_risk: pd.DataFrame, *, panel: str, is_first: bool) -> None:
    title, xlabel = _PANELS[panel]
    ticks = at_risk["month"].unique() if len(at_risk) else np.zeros(1)
    for name, curve in curves.groupby("group", sort=False):
        colour, dashes = _LOOKS[str(name)]
        axis.step(curve["month"], curve["estimate"], where="post", color=colour, linestyle=dashes,
                  label=f"{_WORDS[str(name)]} (n = {int(curve['n'].iloc[0])})")  # fmt: skip
        axis.fill_between(curve["month"], curve["low"].astype(float), curve["high"].astype(float), step="post",
                          color=colour, alpha=0.14, linewidth=0)  # fmt: skip
    if curves.empty:
        axis.annotate("nobody to follow", (0.5, 0.5), xycoords="axes fraction", ha="center")
    else:
        axis.legend(loc="lower left", fontsize=7.5)
    end = curves["month"].max() if len(curves) else 0.0
    axis.set(xlim=(0, max(end, 1.0)), ylim=(0, 1.005), ylabel="Free of the outcome" if is_first else "")
    axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.set_xlabel(xlabel)
    axis.set_title(title, fontsize=9)


def _draw_counts(under: Axes, at_risk: pd.DataFrame, *, axis: Axes) -> None:
    """The numbers at risk under a panel, in its own months."""
    names = list(dict.fromkeys(at_risk["group"]))
    under.set(xlim=axis.get_xlim(), ylim=(-max(len(names), 2) + 0.4, 0.6))
    for row, name in enumerate(names):
        own = at_risk.loc[at_risk["group"] == name, ["month", "at_risk"]]
        for month, count in own.itertuples(index=False):
            under.annotate(f"{int(count)}", (month, -row), ha="center", va="center", fontsize=7.5,
                           color=_LOOKS[str(name)][0], annotation_clip=False)  # fmt: skip
    under.axis("off")
    words = "; ".join(_WORDS[str(name)].lower() for name in names) or "nobody"
    under.annotate(f"At risk: {words}", (0.5, 1.0), xycoords="axes fraction", ha="center", va="bottom", fontsize=7.5)
