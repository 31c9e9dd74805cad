"""A figure is the same bytes each time it is drawn, and shows all that was drawn."""

import re

import matplotlib.pyplot as plt
import pytest

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


PAGE = (7.2, 4.2)


def size_of(figure):
    """Width and height in inches of the drawing that the figure becomes."""
    found = re.search(r'<svg [^>]*?height="([\d.]+)pt"[^>]*?width="([\d.]+)pt"|'
                      r'<svg [^>]*?width="([\d.]+)pt"[^>]*?height="([\d.]+)pt"', make_svg(figure))
    height, width = (found[1], found[2]) if found[1] else (found[4], found[3])
    plt.close("all")
    return float(width) / 72, float(height) / 72


@pytest.mark.parametrize(("words", "is_wider", "is_higher"), [
    (lambda *_: None, False, False),
    (lambda _, axes: axes.set_title("long " * 40), True, False),
    (lambda _, axes: axes.set_xlabel("long " * 40), True, False),
    (lambda _, axes: axes.set_ylabel("long " * 40), False, True),
    (lambda figure, axes: figure.legend(axes.lines, ["long " * 40], loc="outside upper left"), True, False),
    (lambda figure, _: figure.suptitle("long " * 40), True, False),
])
def test_words_that_run_over_the_edge_of_the_page_are_not_cut(words, is_wider, is_higher):
    figure = draw()
    words(figure, figure.axes[0])
    width, height = size_of(figure)
    assert (width > PAGE[0] + 0.2) == is_wider
    assert (height > PAGE[1] + 0.2) == is_higher


def test_a_figure_is_cut_to_what_is_drawn():
    with house_style():
        figure = plt.figure(layout="none")
        figure.add_axes((0.4, 0.4, 0.2, 0.2))
    width, height = size_of(figure)
    assert width < 3
    assert height < 2


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
