"""The figures of chapter 4: what is drawn, where the axis ends, what stands under it."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from helpers.figures import GROUP_COLOURS, STATE_LABELS, make_svg
from helpers.figures.survival import (
    draw_cumulative_incidence,
    draw_first_events,
    draw_survival_curves,
)


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


CURVES = pd.DataFrame({
    "group": ["dtt"] * 3 + ["other"] * 3, "month": [0.0, 20, 60, 0, 30, 50], "n": [57] * 3 + [124] * 3,
    "estimate": [1, 0.8, 0.5, 1, 0.9, 0.9], "low": [np.nan, 0.6, 0.3, np.nan, 0.8, 0.8],
    "high": [np.nan, 0.9, 0.7, np.nan, 0.95, 0.95],
})  # fmt: skip
AT_RISK = pd.DataFrame({
    "group": ["dtt", "dtt", "other", "other"], "month": [0.0, 24, 0, 24], "at_risk": [57, 40, 124, 99]})  # fmt: skip


def texts(axis):
    return [text.get_text() for text in axis.texts]


def test_curves_are_steps_from_one_to_the_end_of_the_axis_in_the_groups_colours():
    figure = draw_survival_curves(CURVES, at_risk=AT_RISK, end=40.0, ylabel="Event-free")
    top = figure.axes[0]
    dtt, other = top.lines
    assert (dtt.get_drawstyle(), dtt.get_color()) == ("steps-post", GROUP_COLOURS["dtt"])
    assert dtt.get_xydata().tolist() == [[0, 1], [20, 0.8], [40, 0.8]]  # the last step is carried to the end
    assert other.get_xydata()[-1].tolist() == [40, 0.9]
    assert dtt.get_linestyle() != other.get_linestyle()
    assert top.get_xlim() == (0, 40) and top.get_ylim()[0] == 0 and top.get_ylim()[1] >= 1
    assert top.get_ylabel() == "Event-free"


def test_the_legend_says_how_many_and_the_table_how_many_are_left():
    figure = draw_survival_curves(CURVES, at_risk=AT_RISK, end=40.0, ylabel="Event-free")
    top, under = figure.axes
    assert [text.get_text() for text in top.get_legend().get_texts()] == [
        "Difficult to treat (n = 57)", "Others (n = 124)"]  # fmt: skip
    assert texts(under) == ["57", "40", "124", "99"]
    assert [text.get_position()[0] for text in under.texts] == [0, 24, 0, 24]
    assert [label.get_text() for label in under.get_yticklabels()] == ["Difficult to treat", "Others"]
    assert top.get_xticks().tolist() == [0, 24]


def test_an_axis_may_start_late():
    later = AT_RISK.loc[AT_RISK["month"] > 0]
    survival = draw_survival_curves(CURVES, at_risk=later, start=24.0, end=40.0, ylabel="Event-free")
    assert survival.axes[0].get_xlim() == (24, 40)
    assert draw_survival_curves(CURVES, at_risk=later, start=24.0, end=0.0, ylabel="x").axes[0].get_xlim() == (24, 25)
    incidence = draw_cumulative_incidence(CURVES.assign(state="esrd"), at_risk=later, start=24.0, end=40.0, ylabel="x")
    assert incidence.axes[0].get_xlim() == (24, 40)


def test_a_curve_that_ends_before_the_axis_is_not_drawn_on():
    figure = draw_survival_curves(CURVES, at_risk=AT_RISK, end=55.0, ylabel="Event-free")
    assert figure.axes[0].lines[1].get_xydata()[-1].tolist() == [50, 0.9]


def test_each_state_has_a_panel_with_its_name():
    curves = pd.concat([CURVES.assign(state="esrd"), CURVES.assign(state="death")])
    figure = draw_cumulative_incidence(curves, at_risk=AT_RISK, end=40.0, ylabel="Cumulative incidence", top_share=0.5)
    first, second, *_ = figure.axes
    assert [first.get_title(loc="left"), second.get_title(loc="left")] == ["Kidney failure", "Death"]
    assert (first.get_ylabel(), second.get_ylabel()) == ("Cumulative incidence", "")
    assert second.get_legend() is None and 0.5 <= first.get_ylim()[1] < 0.51


def test_first_events_are_stacked_in_their_order():
    grid = pd.DataFrame({
        "group": "dtt", "month": [0.0, 10, 20] * 2, "state": ["worsening_creatinine"] * 3 + ["death"] * 3,
        "estimate": [0, 0.1, 0.2, 0, 0.1, 0.3]})  # fmt: skip
    figure = draw_first_events(grid, at_risk=AT_RISK, end=20.0)
    top, under = figure.axes
    assert [text.get_text() for text in top.get_legend().get_texts()] == [
        STATE_LABELS["worsening_creatinine"], STATE_LABELS["death"]]  # fmt: skip
    lowest, upper = (area.get_paths()[0].vertices for area in top.collections)
    assert lowest[:, 1].max() == pytest.approx(0.2)
    assert upper[:, 1].max() == pytest.approx(0.5)
    assert texts(under) == ["57", "40"]
    assert top.get_title(loc="left") == "Difficult to treat"


def test_figures_without_data_say_so_or_stay_empty_but_do_not_fail():
    nothing, nobody = CURVES.iloc[:0].assign(state=""), AT_RISK.iloc[:0]
    for figure in (
        draw_survival_curves(nothing, at_risk=nobody, end=0.0, ylabel="Event-free"),
        draw_cumulative_incidence(nothing, at_risk=nobody, end=0.0, ylabel="Share"),
        draw_first_events(nothing, at_risk=nobody, end=0.0),
    ):
        assert figure.axes[0].get_legend() is None
        assert make_svg(figure).startswith("<?xml")


def test_the_same_table_gives_the_same_bytes():
    first, second = (make_svg(draw_survival_curves(CURVES, at_risk=AT_RISK, end=40.0, ylabel="x")) for _ in range(2))
    assert first == second
