"""The figures of chapter 3: what is on the axes, and tables with nothing in them."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from helpers.figures import make_svg
from helpers.figures.predictors import FOREST_LIMITS, draw_calibration, draw_feature_prevalence, draw_forest

mpl.use("agg")


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def make_forest(*, prior: bool = False, **changes: float) -> pd.DataFrame:
    common = {"estimate": 2.0, "low": 1.0, "high": 4.0, "p": 0.04, "events": 40, "status": "estimated"}
    rows = [
        {"model": model, "term": term, "label": term.title(), "n": n, **common}
        for model, n in (("alone", 170), ("together", 140), ("penalised", 140), *[("log_f", 140)] * prior)
        for term in ("a", "b")
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    table.loc[0, list(changes)] = list(changes.values())
    return table


def find_markers(figure, marker: str) -> int:
    return sum(len(line.get_xdata()) for line in figure.axes[0].lines if line.get_marker() == marker)


def test_the_forest_has_a_row_per_feature_and_a_marker_per_estimate():
    figure = draw_forest(make_forest())
    [axes] = figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["A", "B"]
    assert axes.get_xscale() == "log"
    assert [find_markers(figure, marker) for marker in "osD"] == [2, 2, 2]
    assert find_markers(figure, "<") == find_markers(figure, ">") == find_markers(figure, "x") == 0
    assert figure.get_size_inches()[1] < draw_forest(make_forest(prior=True)).get_size_inches()[1]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "Alone (n = 170)", "Together (n = 140)", "Together, penalised (Firth) (n = 140)"]


@pytest.mark.parametrize(("changes", "arrows"), [
    ({"low": FOREST_LIMITS[0]}, (0, 0)), ({"low": FOREST_LIMITS[0] / 1.01}, (1, 0)),
    ({"high": FOREST_LIMITS[1]}, (0, 0)), ({"high": FOREST_LIMITS[1] * 1.01}, (0, 1)),
    ({"low": 0.001, "high": 9999.0}, (1, 1)),
])  # fmt: skip
def test_an_interval_that_leaves_the_axis_ends_in_an_arrow(changes, arrows):
    figure = draw_forest(make_forest(**changes))
    assert (find_markers(figure, "<"), find_markers(figure, ">")) == arrows
    assert figure.axes[0].get_xlim() == pytest.approx(FOREST_LIMITS)


def test_an_estimate_that_could_not_be_had_is_a_cross():
    figure = draw_forest(make_forest(estimate=np.nan, low=np.nan, high=np.nan))
    assert find_markers(figure, "x") == 1
    assert find_markers(figure, "o") == 1


def test_the_legend_gives_the_range_of_patients():
    assert "n = 150 to 170" in draw_forest(make_forest(n=150)).legends[0].get_texts()[0].get_text()


def test_the_calibration_plot_shows_groups_and_the_corrected_line():
    groups = pd.DataFrame({"predicted": [0.2, 0.6], "estimate": [0.1, 0.7], "low": [0.0, 0.4], "high": [0.3, 0.9]})
    curve = pd.DataFrame({"predicted": [0.1, 0.9], "ideal": [0.1, 0.9], "corrected": [0.2, 0.8]})
    figure = draw_calibration(groups, curve=curve)
    assert find_markers(figure, "o") == 2
    assert figure.axes[0].get_xlim() == figure.axes[0].get_ylim() == (0, 1)
    make_svg(draw_calibration(groups.head(0), curve=curve.head(0)))


def test_the_prevalence_plot_has_two_dots_per_feature():
    features = pd.DataFrame({"label": ["A", "B"], "dtt_share": [0.8, np.nan], "other_share": [0.4, 0.1]})
    figure = draw_feature_prevalence(features)
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["A", "B"]
    assert figure.axes[0].lines[0].get_xdata().tolist() == [40, 10]
    assert figure.axes[0].get_xlim() == (0, 100)


def test_the_same_figure_gives_the_same_bytes():
    assert make_svg(draw_forest(make_forest())) == make_svg(draw_forest(make_forest()))
