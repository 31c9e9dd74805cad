"""The figures of the predictors chapter."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.figures import GROUP_COLOURS, GROUP_LABELS, STATE_COLOURS, house_style

FOREST_LIMITS = (0.1, 40.0)
"""Odds ratios beyond these are drawn as arrows at the edge."""

_MODEL_LOOKS = {
    "alone": {"colour": GROUP_COLOURS["all"], "marker": "o"},
    "together": {"colour": GROUP_COLOURS["other"], "marker": "s"},
    "penalised": {"colour": GROUP_COLOURS["dtt"], "marker": "D"},
    "log_f": {"colour": STATE_COLOURS["complete"], "marker": "^"},
}
_MODEL_LABELS = {"alone": "Alone", "together": "Together", "penalised": "Together, penalised (Firth)",
                 "log_f": "Together, log-F prior"}  # fmt: skip
_TICKS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 40]


def _make_axes(*, figsize: tuple[float, float]) -> tuple[Figure, Axes]:
    figure = plt.figure(figsize=figsize)
    return figure, figure.add_subplot()


def draw_forest(estimates: pd.DataFrame, *, limits: tuple[float, float] = FOREST_LIMITS) -> Figure:
    """Odds ratios with their intervals on a log axis, the models side by side within each feature.

    `estimates`: one row per model and feature with model ("alone", "together", "penalised", "log_f"), term, label,
    estimate, low, high, n, status. An interval that leaves `limits` ends in an arrow; an estimate that could not
    be had is a small cross at the left edge.
    """
    terms = estimates["term"].drop_duplicates().tolist()
    labels = estimates.drop_duplicates("term")["label"].tolist()
    models = [model for model in _MODEL_LOOKS if model in set(estimates["model"])]
    with house_style():
        figure, axes = _make_axes(figsize=(7.2, 0.9 + 0.14 * max(len(models), 3) * len(terms)))
        for place, model in enumerate(models):
            rows = estimates.loc[estimates["model"].eq(model)]
            height = rows["term"].map({term: row for row, term in enumerate(terms)}).to_numpy(float)
            shift = (place - (len(models) - 1) / 2) * 0.72 / max(len(models), 3)
            _draw_model(axes, rows, height + shift, model=model, limits=limits)
        axes.axvline(1, color="#52606d", linewidth=0.8, zorder=0)
        axes.set_xscale("log")
        axes.set_xlim(*limits)
        axes.set_xticks(_TICKS, [f"{tick:g}" for tick in _TICKS])
        axes.minorticks_off()
        axes.set_yticks(range(len(terms)), labels)
        axes.set_ylim(len(terms) - 0.4, -0.6)
        axes.set_xlabel("Odds ratio for difficult-to-treat disease (95 % CI, log scale)")
        for row in range(0, len(terms), 2):
            axes.axhspan(row - 0.5, row + 0.5, color="#f3f5f7", zorder=-1, linewidth=0)
        columns = max(len(models), 1) if len(models) < 4 else 2
        figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=columns)
    return figure


def _draw_model(
    axes: Axes, rows: pd.DataFrame, height: np.ndarray, *, model: str, limits: tuple[float, float]
) -> None:
    look = _MODEL_LOOKS[model]
    colour = look["colour"]
    estimate, low, high = (rows[name].to_numpy(float) for name in ("estimate", "low", "high"))
    inside = (estimate >= limits[0]) & (estimate <= limits[1])
    drawn = np.isfinite(low) & np.isfinite(high)
    axes.hlines(height[drawn], low.clip(*limits)[drawn], high.clip(*limits)[drawn], color=colour, linewidth=1.3)
    axes.plot(estimate[inside], height[inside], look["marker"], color=colour, markersize=4,
              label=f"{_MODEL_LABELS[model]} ({_describe_n(rows['n'])})")  # fmt: skip
    for beyond, edge, arrow in ((low < limits[0], limits[0], "<"), (high > limits[1], limits[1], ">")):
        # an empty line that is not clipped would still claim room in the layout
        axes.plot(np.full(int(beyond.sum()), edge), height[beyond], arrow, color=colour, markersize=5,
                  clip_on=not beyond.any())  # fmt: skip
    blank = ~np.isfinite(estimate)
    axes.plot(np.full(int(blank.sum()), limits[0] * 1.08), height[blank], "x", color=colour, markersize=4)


def _describe_n(n: pd.Series) -> str:
    fewest, most = int(n.min()), int(n.max())
    return f"n = {most}" if fewest == most else f"n = {fewest} to {most}"


def draw_calibration(groups: pd.DataFrame, *, curve: pd.DataFrame) -> Figure:
    """Observed against predicted risk: groups of patients with intervals, and the optimism-corrected line.

    `groups`: predicted, estimate, low, high. `curve`: predicted, ideal, corrected (may be empty).
    """
    with house_style():
        figure, axes = _make_axes(figsize=(4.8, 4.6))
        axes.plot([0, 1], [0, 1], color="#9aa5b1", linewidth=1, linestyle=(0, (1, 2)), label="Ideal")
        axes.plot(curve["predicted"], curve["corrected"], color=GROUP_COLOURS["dtt"], label="Corrected for optimism")
        axes.vlines(groups["predicted"], groups["low"], groups["high"], color=GROUP_COLOURS["other"], linewidth=1.2)
        axes.plot(groups["predicted"], groups["estimate"], "o", color=GROUP_COLOURS["other"], markersize=5,
                  label="Observed, as it appears (95 % CI)")  # fmt: skip
        axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="Predicted risk of difficult-to-treat disease",
                 ylabel="Observed share", aspect="equal")  # fmt: skip
        figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=1)
    return figure


def draw_feature_prevalence(features: pd.DataFrame, *, labels: Mapping[str, str] = GROUP_LABELS) -> Figure:
    """How common each feature is in both groups: two dots and the gap between them.

    `features`: label, dtt_share, other_share (of those in whom it is known), in the order drawn from the top.
    """
    with house_style():
        figure, axes = _make_axes(figsize=(7.2, 0.9 + 0.3 * len(features)))
        height = np.arange(len(features))
        axes.hlines(height, 100 * features["other_share"], 100 * features["dtt_share"], color="#cbd2d9", linewidth=2.5)
        for group, marker in (("other", "o"), ("dtt", "D")):
            axes.plot(100 * features[f"{group}_share"], height, marker, color=GROUP_COLOURS[group], markersize=6,
                      label=labels[group])  # fmt: skip
        axes.set_yticks(height, features["label"].tolist())
        axes.set_ylim(len(features) - 0.4, -0.6)
        axes.set_xlim(0, 100)
        axes.set_xlabel("Patients with the feature, % of those in whom it is known")
        axes.grid(axis="x")
        figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure
