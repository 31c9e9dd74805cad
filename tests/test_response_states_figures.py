"""Figures of the states: what is drawn is what is in the table, and an empty table is no accident."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from helpers.figures import STATE_LABELS, make_svg
from helpers.figures.states import draw_cumulative_intensities, draw_state_bands
from helpers.response.states import STATES

NEVER = float("nan")


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def make_shares(*, bands: bool = True, months: tuple[float, ...] = (0, 24, 48)) -> pd.DataFrame:
    rows = [
        {"month": month, "state": state, "estimate": 0.1 * (place + 1) / 2, "low": 0.04, "high": 0.4,
         "band_low": 0.02 if bands else NEVER, "band_high": 0.5 if bands else NEVER, "at_risk": 30 - month / 2}
        for month in months for place, state in enumerate(STATES)
    ]  # fmt: skip
    columns = ["month", "state", "estimate", "low", "high", "band_low", "band_high", "at_risk"]
    return pd.DataFrame(rows, columns=columns)


def make_curves(*groups: str) -> pd.DataFrame:
    return pd.DataFrame([
        {"from": "complete", "to": "flare", "group": group, "month": month, "estimate": month / 10, "low": NEVER,
         "high": 2.0}
        for group in groups for month in (0.0, 10.0, 200.0)
    ], columns=["from", "to", "group", "month", "estimate", "low", "high"])  # fmt: skip


def test_every_state_has_its_panel_with_its_shares_and_rows_share_their_scale():
    figure = draw_state_bands(make_shares())
    titles = [axis.get_title(loc="left") for axis in figure.axes]
    assert set(titles) - {""} == {STATE_LABELS[state] for state in STATES}
    panel = figure.axes[titles.index("Partial response")]
    np.testing.assert_allclose(panel.lines[0].get_ydata(), 0.1)
    assert [axis.get_ylim()[1] for axis in figure.axes[2:4]] == [0.5, 0.5]


def test_the_legend_names_both_intervals_and_the_numbers_followed():
    axis = draw_state_bands(make_shares()).axes[-1]
    assert [text.get_text() for text in axis.get_legend().get_texts()][1:] == [
        "95 % interval, each month by itself", "95 % band, all months at once"]
    assert axis.texts[0].get_text() == "Alive and followed\nmonth 0: 30\nmonth 24: 18\nmonth 48: 6"


@pytest.mark.parametrize("shares", [make_shares(bands=False), make_shares(months=(0,)), make_shares(months=()),
                                    make_shares().assign(estimate=NEVER, low=NEVER, high=NEVER, band_high=NEVER)])
def test_shares_without_bands_or_months_are_drawn_all_the_same(shares):
    assert make_svg(draw_state_bands(shares)).startswith("<?xml")


def test_a_curve_stops_at_the_end_of_the_axis_beside_the_line_of_its_rate():
    rates = pd.DataFrame({"from": "complete", "to": "flare", "group": ["dtt", "other"], "estimate": [20.0, NEVER]})
    figure = draw_cumulative_intensities(make_curves("dtt", "other"), rates=rates, end=60)
    axis = figure.axes[0]
    assert axis.get_title(loc="left") == "Complete response to flare"
    step, line = axis.lines[:2]
    assert (step.get_xdata()[-1], step.get_ydata()[-1]) == (60, 1.0)
    assert line.get_ydata()[-1] == pytest.approx(1.0)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "Difficult to treat", "Others", "Constant rate"]


def test_a_group_without_a_rate_and_an_odd_number_of_panels_are_drawn():
    rates = pd.DataFrame({"from": [], "to": [], "group": [], "estimate": []}).astype({"estimate": float})
    assert "</svg>" in make_svg(draw_cumulative_intensities(make_curves("dtt"), rates=rates))
