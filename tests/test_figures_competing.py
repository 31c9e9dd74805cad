"""The figures of competing events and of moving hazards: what they show, and what they do without anything to show."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from helpers.figures.competing import draw_competing, draw_overestimate
from helpers.figures.proportionality import draw_moving_hazards


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def texts_of(axis):
    return [text.get_text() for text in axis.texts]


RACES = pd.DataFrame({
    "term": ["a.cause_specific", "a.subdistribution", "a.gray", "b.cause_specific", "b.subdistribution", "b.gray"],
    "event": list("aaabbb"), "label": ["Kidney failure, before death"] * 3 + ["Death"] * 3,
    "estimate": [3.0, 2.0, np.nan, np.nan, 0.05, np.nan], "low": [1.2, 0.9, np.nan, np.nan, 0.001, np.nan],
    "high": [8.0, 5.0, np.nan, np.nan, 0.8, np.nan], "dtt_events_n": [9, 9, 9, 0, 0, 0], "other_events_n": 4,
})  # fmt: skip


def test_a_pair_of_ratios_stands_for_each_event_and_a_missing_one_says_so():
    axis = draw_competing(RACES).axes[0]
    assert texts_of(axis) == ["not estimable", "0.05 (0.00 to 0.80)", "3.00 (1.20 to 8.00)", "2.00 (0.90 to 5.00)"]
    assert [tick.get_text() for tick in axis.get_yticklabels()] == [
        "Death\n0 and 4 events", "Kidney failure,\nbefore death\n9 and 4 events"]
    assert axis.get_xlim()[0] <= 0.01 and axis.get_xlim()[1] >= 8
    assert [text.get_text() for text in axis.get_legend().get_texts()] == [
        "Cause-specific hazard", "Subdistribution hazard"]


def test_a_forest_of_nothing_and_one_of_no_estimates_can_be_drawn():
    draw_competing(RACES.iloc[:0])
    axis = draw_competing(RACES.assign(estimate=np.nan, low=np.nan, high=np.nan)).axes[0]
    assert texts_of(axis) == ["not estimable"] * 4 and axis.get_xlim() == (0.5, 2.0)


CURVES = pd.DataFrame({
    "group": ["dtt", "dtt", "dtt", "dtt"], "state": ["esrd", "esrd", "death", "death"], "month": [0.0, 20.0, 0.0, 20.0],
    "estimate": [0.0, 0.2, 0.0, 0.1], "low": [np.nan, 0.1, np.nan, 0.05], "high": [np.nan, 0.35, np.nan, 0.2], "n": 30,
})  # fmt: skip
RISK = pd.DataFrame({"group": "dtt", "month": [0.0, 12.0, 24.0], "at_risk": [30, 20, 10]})
NAIVE = pd.DataFrame({"group": "dtt", "month": [0.0, 20.0, 40.0], "estimate": [0.0, 0.25, 0.9]})


def test_the_overestimate_is_a_dashed_line_of_the_first_panel_only_and_stops_with_the_axis():
    figure = draw_overestimate(CURVES, naive=NAIVE, at_risk=RISK, end=24.0, ylabel="Share")
    first, death = figure.axes[:2]
    assert [line.get_label() for line in first.lines][-1] == "DTT: one minus Kaplan-Meier"
    assert first.lines[-1].get_xdata().max() == 24.0 and first.lines[-1].get_ydata().max() == 0.25
    assert len(death.lines) == 1
    assert first.get_ylim()[1] == pytest.approx(0.5 * 1.005)  # the highest limit, and room for the legend


def test_an_overestimate_of_nobody_can_be_drawn():
    figure = draw_overestimate(CURVES.iloc[:0], naive=NAIVE.iloc[:0], at_risk=RISK.iloc[:0], end=0.0, ylabel="Share")
    assert figure.axes[0].get_legend() is None


RESIDUALS = pd.DataFrame({"month": [5.0, 10.0, 90.0], "log_hazard_ratio": [2.0, -1.0, 9.0], "smooth": [1.0, 0.5, 0.4],
                          "average": 0.8})  # fmt: skip
EFFECTS = pd.DataFrame({
    "model": ["constant"] * 2 + ["steps"] * 2 + ["log_time"] * 2, "month": [0.0, 60.0] * 3, "estimate": 1.0, "low": 0.5,
    "high": 1.5})  # fmt: skip


def test_events_past_the_end_of_the_axis_are_not_drawn():
    left, right = draw_moving_hazards(RESIDUALS, effects=EFFECTS, end=60.0).axes
    assert len(left.collections[0].get_offsets()) == 2
    assert left.get_xlim() == right.get_xlim() == (0, 60)
    assert len(right.get_legend().get_texts()) == 3


def test_a_model_without_an_answer_is_left_out_and_panels_without_any_say_so():
    left, right = draw_moving_hazards(RESIDUALS.assign(smooth=np.nan), effects=EFFECTS.iloc[:2], end=120.0).axes
    assert len(right.get_legend().get_texts()) == 1 and len(left.get_legend().get_texts()) == 1
    empty = draw_moving_hazards(RESIDUALS.iloc[:0], effects=EFFECTS.iloc[:0], end=0.0).axes
    assert [texts_of(axis) for axis in empty] == [["not estimable"]] * 2
