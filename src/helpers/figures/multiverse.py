"""Specification curves for print: every specification in order of its estimate, and under it what each decided."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator
from numpy.typing import NDArray

from helpers.figures import GROUP_COLOURS, house_style

COLUMNS = 300
"""As many columns as the strip has at most; beyond that each holds several specifications."""

_ROW = 0.145
_CLEAR, _UNCLEAR, _STUDY, _NULL = GROUP_COLOURS["other"], GROUP_COLOURS["cannot tell"], GROUP_COLOURS["dtt"], "#e9dcc3"
_EDGE = (1.0, 99.0)
"""Between these percentiles of the intervals' ends the picture lies; what reaches beyond is cut at its edge."""

_BAND_EDGE = (5.0, 95.0)
"""The same for the curves of shuffled patients, which run off at both ends."""


def draw_specification_curve(
    curve: pd.DataFrame, *, decisions: Mapping[str, tuple[str, Mapping[str, str]]], title: str, reference: float,
    is_ratio: bool, band: pd.DataFrame | None = None,
) -> Figure:  # fmt: skip
    """A specification curve with the strip of decisions under it.

    `curve` has rank, estimate, low, high, is_clear, is_default and a column of option names for each of `decisions`:
    column to its label and its options' labels, in the order of the strip. Rows without an estimate are counted in the
    label of the axis. `reference` is no difference, or the printed value; ratios stand on a logarithmic axis. `band`
    (rank, low, middle, high) is where 95 % of the curves of shuffled patients lie. Points and intervals are pixels in
    every format, so that thousands stay small. With more than 300 specifications a column of the strip holds several,
    and is the darker the more of them took the option: the axis says how many.
    """
    known = curve.loc[curve["estimate"].notna()].sort_values("rank")
    rows = sum(len(options) for _, options in decisions.values())
    with house_style():
        figure: Figure
        figure, (top, under) = plt.subplots(
            2, 1, figsize=(10.2, 3.4 + _ROW * rows), sharex=True, gridspec_kw={"height_ratios": [3.4, _ROW * rows]})
        if band is not None and len(band):
            _draw_band(top, band, n=len(known))
        _draw_points(top, known)
        _frame(top, known, reference=reference, is_ratio=is_ratio, band=band)
        top.set_title(title)
        _draw_strip(under, known, decisions=decisions)
        under.set_xlabel(_describe(len(known), missing=len(curve) - len(known)))
    return figure


def _draw_band(axis: Axes, band: pd.DataFrame, *, n: int) -> None:
    """The null's curves, stretched over the same width where fewer specifications have a test."""
    at = (band["rank"] - 0.5) * n / len(band) + 0.5
    axis.fill_between(at, band["low"], band["high"], color=_NULL, linewidth=0, zorder=0,
                      label=f"Patients shuffled: 95{chr(0x202F)}% of the curves at each place")  # fmt: skip
    axis.plot(at, band["middle"], color="#b39b6a", linewidth=1.0, zorder=1)


def _draw_points(axis: Axes, known: pd.DataFrame) -> None:
    looks = {False: (_UNCLEAR, "Interval not clear of the line"), True: (_CLEAR, "Interval clear of the line")}
    for is_clear, (colour, words) in looks.items():
        own = known.loc[known["is_clear"].eq(is_clear)]
        if own.empty:
            continue
        axis.vlines(own["rank"], own["low"], own["high"], color=colour, linewidth=np.clip(450 / len(known), 0.15, 1.2),
                    alpha=0.35, rasterized=True)  # fmt: skip
        axis.scatter(own["rank"], own["estimate"], s=5, color=colour, linewidths=0, rasterized=True, zorder=3,
                     label=f"{words} (n = {len(own)})")  # fmt: skip
    study = known.loc[known["is_default"]]
    if len(study):
        axis.plot(study["rank"], study["estimate"], "o", markersize=8, markerfacecolor="none", markeredgewidth=1.6,
                  color=_STUDY, zorder=4, linestyle="none", label="The study as it stands")  # fmt: skip
        axis.vlines(study["rank"], study["low"], study["high"], color=_STUDY, linewidth=1.4, zorder=4)


def _frame(
    axis: Axes, known: pd.DataFrame, *, reference: float, is_ratio: bool, band: pd.DataFrame | None
) -> None:  # fmt: skip
    axis.axhline(reference, color="#52606d", linewidth=0.9, zorder=2)
    seen = [reference, *known["estimate"]]
    for table, edge in ((known, _EDGE), (band, _BAND_EDGE)):
        ends = np.empty(0) if table is None else table[["low", "high"]].to_numpy(float)
        ends = ends[np.isfinite(ends)]
        seen += list(np.percentile(ends, edge)) if len(ends) else []
    if is_ratio:
        axis.set_yscale("log")
        axis.set_ylim(min(seen) / 1.15, max(seen) * 1.15)
        axis.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.yaxis.set_minor_formatter(NullFormatter())
        axis.yaxis.set_minor_locator(NullLocator())
    else:
        axis.set_ylim(max(min(seen) - 0.03, 0.0), min(max(seen) + 0.03, 1.0))
        axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.0f}{chr(0x202F)}%"))
    axis.set(xlim=(0.5, max(len(known), 1) + 0.5))
    axis.tick_params(labelbottom=False)
    if axis.get_legend_handles_labels()[0]:
        axis.legend(loc="upper left", ncols=2, fontsize=8)


def _draw_strip(
    axis: Axes, known: pd.DataFrame, *, decisions: Mapping[str, tuple[str, Mapping[str, str]]]
) -> None:  # fmt: skip
    """One row per option; the decision's label to the right of its rows, and a line between decisions."""
    names = [(column, name) for column, (_, options) in decisions.items() for name in options]
    if len(known):
        taken = np.array([known[column].eq(name).to_numpy(float) for column, name in names])
        axis.imshow(_pool(taken), aspect="auto", cmap="Greys", vmin=0, vmax=1.15, interpolation="nearest",
                    extent=(0.5, len(known) + 0.5, len(names) - 0.5, -0.5))  # fmt: skip
    for place in np.flatnonzero(known["is_default"].to_numpy(bool)):
        axis.axvline(known["rank"].iloc[place], color=_STUDY, linewidth=1.0)
    axis.set_yticks(range(len(names)), [decisions[column][1][name] for column, name in names], fontsize=6.8)
    axis.tick_params(left=False)
    axis.set_ylim(len(names) - 0.5, -0.5)
    first = 0
    for label, options in decisions.values():
        axis.axhline(first - 0.5, color="#cbd2d9", linewidth=0.7)
        axis.annotate(label, (1.008, first + (len(options) - 1) / 2), xycoords=axis.get_yaxis_transform(), va="center",
                      fontsize=7, fontweight="bold", annotation_clip=False)  # fmt: skip
        first += len(options)


def _pool(taken: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of each column's specifications that took each option: options by columns."""
    starts = np.linspace(0, taken.shape[1], min(taken.shape[1], COLUMNS), endpoint=False).astype(int)
    size = np.diff(starts, append=taken.shape[1])
    return np.asarray(np.add.reduceat(taken, starts, axis=1) / size)


def _describe(n: int, *, missing: int) -> str:
    words = f"Specifications in order of their estimate (n = {n}"
    words += f"; {missing} more without one)" if missing else ")"
    if n <= COLUMNS:
        return words
    least, most = n // COLUMNS, -(-n // COLUMNS)
    held = str(least) if least == most else f"{least} or {most}"
    return f"{words}\nEach column of the strip holds {held} of them: the darker, the more of them took the option"
