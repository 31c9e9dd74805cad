"""Figures of chapter 2: when labels came true, overlap of arms, agreement of rules, borderline labels, timelines."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from helpers.definitions import ARM_LABELS
from helpers.figures import GROUP_COLOURS, STATE_COLOURS, STATE_LABELS, house_style

_RULE, _PALE = "#7b8794", "#e4e7eb"
_DASHES = ("-", (0, (5, 1.6)), (0, (1.2, 1.2)), (0, (5, 1.4, 1.2, 1.4)))
_ARM_COLOURS = dict(zip(ARM_LABELS.values(), ("#d9772b", "#b5452c", "#7a3e9d", "#2f6690"), strict=True))


def draw_onset_curve(curve: pd.DataFrame) -> Figure:
    """How many patients had become difficult to treat by each month: all of them, and by deciding arm.

    `curve` has month, arm, number, number_of_arm, one row per patient, by month.
    """
    with house_style():
        figure: Figure = plt.figure()
        axis = figure.subplots()
        end = max([6.0, *curve["month"]]) * 1.03
        _steps(axis, curve["month"], curve["number"], end=end, colour="#1f2933", dashes="-", label="Any arm", width=2.2)
        for place, (arm, part) in enumerate(curve.groupby("arm", sort=True)):
            _steps(axis, part["month"], part["number_of_arm"], end=end, colour=_ARM_COLOURS.get(str(arm), _RULE),
                   dashes=_DASHES[place % len(_DASHES)], label=str(arm), width=1.5)  # fmt: skip
        axis.set(xlim=(0, end), ylim=(0, max([1, *curve["number"]]) * 1.05), xlabel="Months since time zero",
                 ylabel="Patients, cumulative")  # fmt: skip
        axis.legend(loc="upper left")
    return figure


def _steps(axis: Axes, months: Sequence[float] | pd.Series, counts: Sequence[int] | pd.Series, *, end: float,
           colour: str, dashes: object, label: str, width: float) -> None:  # fmt: skip
    x, y = [0.0, *months, end], [0, *counts]
    axis.step(x, [*y, y[-1]], where="post", color=colour, linestyle=dashes, linewidth=width, label=label)


def draw_arm_overlap(overlap: pd.DataFrame) -> Figure:
    """The combinations of arms: a bar per combination, the dots under it say which arms are in it.

    `overlap` has n and one true/false column per arm, one row per combination, in the order drawn.
    """
    arms = [arm for arm in ARM_LABELS if arm in overlap]
    with house_style():
        figure: Figure = plt.figure(figsize=(7.2, 4.0))
        bars, dots = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [2.2, 1]})
        places = np.arange(len(overlap))
        bars.bar(places, overlap["n"], color=GROUP_COLOURS["dtt"], width=0.6)
        for place, count in zip(places, overlap["n"], strict=True):
            bars.annotate(f"{count}", (place, count), ha="center", va="bottom", fontsize=8.5)
        bars.set_ylabel("Patients")
        bars.tick_params(bottom=False, labelbottom=False)
        rows = np.arange(len(arms))[::-1]
        for row, arm in zip(rows, arms, strict=True):
            member = overlap[arm].to_numpy(dtype=bool)
            dots.scatter(places, np.full(len(places), row), s=42, color=_PALE, linewidth=0)
            dots.scatter(places[member], np.full(member.sum(), row), s=42, color="#1f2933", linewidth=0)
        inside = overlap[arms].to_numpy(dtype=bool)
        for place, member in zip(places, inside, strict=True):
            dots.vlines(place, rows[member].min(), rows[member].max(), color="#1f2933", linewidth=1.4)
        dots.set_yticks(rows, [f"{ARM_LABELS[arm]} ({overlap.loc[overlap[arm], 'n'].sum()})" for arm in arms])
        dots.set_ylim(-0.6, len(arms) - 0.4)
        dots.spines[["left", "bottom"]].set_visible(False)
        dots.tick_params(left=False, bottom=False, labelbottom=False)
    return figure


def draw_rule_agreement(pairs: pd.DataFrame) -> Figure:
    """Cohen's kappa between the labels of every two response rules, as a shaded matrix.

    `pairs` has label_a, label_b, estimate and dtt_a, each pair once.
    """
    with house_style():
        names = list(dict.fromkeys(pairs["label_a"]))
        place = {name: row for row, name in enumerate(names)}
        figure: Figure = plt.figure(figsize=(7.2, 1.6 + 0.42 * len(names)))
        axis = figure.subplots()
        grid = np.full((len(names), len(names)), np.nan)
        for pair in pairs.itertuples():
            grid[place[pair.label_b], place[pair.label_a]] = pair.estimate
        image = axis.imshow(grid, cmap="Blues", vmin=0, vmax=1.15, aspect="auto")
        image.set_rasterized(True)
        for row, column in np.argwhere(~np.isnan(grid)):
            dark = grid[row, column] > 0.75
            axis.annotate(f"{grid[row, column]:.2f}", (column, row), ha="center", va="center", fontsize=8.5,
                          color="white" if dark else "#1f2933")  # fmt: skip
        itself = pairs.loc[pairs["label_a"] == pairs["label_b"]].set_index("label_a")["dtt_a"]
        axis.set_yticks(range(len(names)), [f"{name} (yes: {itself[name]})" for name in names])
        axis.set_xticks(range(len(names)), names, rotation=35, ha="right")
        axis.spines[["left", "bottom"]].set_visible(False)
        axis.tick_params(left=False, bottom=False)
    return figure


def draw_turning_curve(curve: pd.DataFrame, *, within: float) -> Figure:
    """The share of labels that a change of one measured value would turn, by the size of that change.

    `curve` has label ("yes", "no"), change_to_turn, share; `within` is the change up to which a label counts as
    borderline.
    """
    words = {"yes": ("dtt", "Difficult to treat"), "no": ("other", "Not difficult to treat")}
    with house_style():
        figure: Figure = plt.figure(figsize=(7.2, 3.8))
        axis = figure.subplots()
        axis.axvline(100 * within, color=_RULE, linewidth=0.9, linestyle=(0, (4, 3)))
        for place, (label, part) in enumerate(curve.groupby("label", sort=False)):
            group, word = words[str(label)]
            axis.step([0.1, *(100 * part["change_to_turn"].clip(lower=0.001))], [0, *part["share"]], where="post",
                      color=GROUP_COLOURS[group], linestyle=_DASHES[place], label=word)  # fmt: skip
        axis.set_xscale("log")
        axis.set_xticks([0.1, 1, 10, 100, 1000], ["0.1 %", "1 %", "10 %", "100 %", "1000 %"])
        axis.minorticks_off()
        axis.set(xlim=(0.1, 1000), ylim=(0, 1.02), ylabel="Share of labels that turn",
                 xlabel="Change of the deciding value (log scale)")  # fmt: skip
        if len(curve):
            axis.legend(loc="upper left")
    return figure


def draw_sensitivity(variations: pd.DataFrame) -> Figure:
    """The share difficult to treat under each variation of the rule; bars reach as far as "cannot tell" would take it.

    `variations` has setting, share, share_high, is_in_force.
    """
    with house_style():
        figure: Figure = plt.figure(figsize=(7.2, 1.0 + 0.27 * len(variations)))
        axis = figure.subplots()
        rows = np.arange(len(variations))[::-1]
        low, high = 100 * variations["share"], 100 * variations["share_high"]
        axis.hlines(rows, low, high, color=_RULE, linewidth=2.5, alpha=0.6)
        in_force = variations["is_in_force"].to_numpy(dtype=bool)
        kinds = ((~in_force, GROUP_COLOURS["other"], "Variation"), (in_force, GROUP_COLOURS["dtt"], "In force"))
        for chosen, colour, label in kinds:
            axis.scatter(100 * variations.loc[chosen, "share"], rows[chosen], s=36, color=colour, zorder=3, label=label)
        axis.set_yticks(rows, variations["setting"])
        axis.set(xlim=(0, None), xlabel="Share of patients (%); grey: as far as “cannot tell” would take it")
        axis.legend(loc="lower left")
    return figure


def draw_timelines(timelines: pd.DataFrame) -> Figure:
    """Example patients: proteinuria at each visit, coloured by response, with inductions and the day of the label.

    `timelines` has example, title, kind ("visit", "induction", "label"), month, upcr_g_g, response.
    """
    with house_style():
        names = list(dict.fromkeys(timelines["example"]))
        figure: Figure = plt.figure(figsize=(7.2, 0.6 + 2.0 * ceil(max(len(names), 1) / 2)))
        axes = figure.subplots(ceil(max(len(names), 1) / 2), 2, sharex=True, squeeze=False).ravel()
        for axis, name in zip(axes, names, strict=False):
            _timeline(axis, timelines.loc[timelines["example"] == name])
        for axis in axes[len(names):]:
            axis.axis("off")
        seen = [word for word in STATE_COLOURS if word in set(timelines["response"].dropna())]
        handles = [plt.Line2D([], [], marker="o", linestyle="none", color=STATE_COLOURS[word], label=STATE_LABELS[word])
                   for word in seen]  # fmt: skip
        handles += [plt.Line2D([], [], color="#1f2933", marker="v", linestyle="none", label="Induction begins"),
                    plt.Line2D([], [], color=GROUP_COLOURS["dtt"], label="Label comes true")]  # fmt: skip
        figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return figure


def _timeline(axis: Axes, patient: pd.DataFrame) -> None:
    visits = patient.loc[(patient["kind"] == "visit") & patient["upcr_g_g"].notna()]
    for month in patient.loc[patient["kind"] == "induction", "month"]:
        axis.axvline(month, color=_RULE, linewidth=0.9, linestyle=(0, (2, 2)))
        axis.plot(month, 20, marker="v", color="#1f2933", markersize=5, zorder=4)  # the label's line may hide the other
    for month in patient.loc[patient["kind"] == "label", "month"]:
        axis.axvline(month, color=GROUP_COLOURS["dtt"], linewidth=1.4)
    shown = visits["upcr_g_g"].clip(lower=0.03)
    axis.plot(visits["month"], shown, color=_PALE, linewidth=1.2, zorder=1)
    axis.scatter(visits["month"], shown, s=20, c=visits["response"].map(dict(STATE_COLOURS)).tolist(), zorder=2)
    axis.set_yscale("log")
    axis.set_yticks([0.1, 0.5, 1, 3, 10], ["0.1", "0.5", "1", "3", "10"])
    axis.minorticks_off()
    axis.tick_params(labelbottom=True)
    axis.xaxis.set_major_locator(MultipleLocator(6))
    axis.set(ylim=(0.025, 25), ylabel="UPCR, g/g", xlabel="Months")
    axis.set_title(f"{patient['example'].iloc[0]}  {patient['title'].iloc[0]}", fontsize=9)
