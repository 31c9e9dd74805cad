"""A figure is the same bytes each time it is drawn."""

import matplotlib.pyplot as plt

from helpers.figures import GROUP_COLOURS, GROUP_LABELS, STATE_COLOURS, STATE_LABELS, house_style, make_png, make_svg


def draw():
    with house_style():
        figure, axes = plt.subplots()
        axes.plot([0, 1], [1, 0], color=GROUP_COLOURS["dtt"])
        axes.set_title("Title")
    return figure


def test_the_same_figure_gives_the_same_svg_and_png():
    one, two = draw(), draw()
    assert make_svg(one) == make_svg(two)
    assert make_png(one) == make_png(two)
    assert "<dc:date>" not in make_svg(one)
    plt.close("all")


def test_a_users_own_settings_of_matplotlib_stay_out_of_the_figures():
    plain = make_svg(draw())
    with plt.rc_context({"axes.facecolor": "red", "lines.linewidth": 9.0, "font.size": 30.0}):
        assert make_svg(draw()) == plain
        assert plt.rcParams["font.size"] == 30.0
    plt.close("all")


def test_the_style_is_left_behind():
    before = plt.rcParams["axes.spines.top"]
    with house_style():
        assert plt.rcParams["axes.spines.top"] is False
    assert plt.rcParams["axes.spines.top"] == before


def test_every_coloured_group_and_state_has_a_name():
    assert set(STATE_COLOURS) == set(STATE_LABELS)
    assert set(GROUP_LABELS) <= set(GROUP_COLOURS)
