"""Figures of chapter 5: what is drawn is what is in the table, and an empty table is no accident."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from helpers.figures import STATE_COLOURS, make_svg
from helpers.figures.response import draw_adverse_rates, draw_response_rates, draw_response_times, draw_states
from helpers.figures.response_courses import draw_swimmer, draw_switches
from helpers.response.states import ENDED, STATES


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def texts(figure) -> list[str]:
    figure.draw_without_rendering()
    found = [
        text for axis in figure.axes for text in [*axis.texts, *axis.get_xticklabels(), *axis.get_yticklabels()]
    ]  # fmt: skip
    return [text.get_text() for text in found]


def legend(figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def rates(*shares: float, by: str = "group", name: str = "dtt") -> pd.DataFrame:
    return pd.DataFrame({by: name, "point": "6", "response": ["complete", "partial", "none"], "share": shares, "n": 50})


def test_bars_are_as_high_as_the_shares_and_print_them_with_the_number_of_patients():
    figure = draw_response_rates(rates(0.5, 0.3, 0.2))
    bars = [patch.get_height() for patch in figure.axes[0].patches]
    assert bars == pytest.approx([0.5, 0.3, 0.2])
    assert {"50", "30", "20", "6\n(50)"} <= set(texts(figure))
    assert figure.axes[0].get_title(loc="left") == "Difficult to treat"


def test_a_small_share_is_drawn_without_its_figure_and_a_missing_one_not_at_all():
    nan = float("nan")
    assert "5" not in texts(draw_response_rates(rates(0.95, 0.05, 0.0)))
    figure = draw_response_rates(pd.concat([rates(0.95, 0.05, 0.0), rates(nan, nan, nan, name="other").assign(n=0)]))
    assert [patch.get_height() for patch in figure.axes[1].patches] == [0, 0, 0]


def test_courses_take_their_own_titles():
    figure = draw_response_rates(rates(1, 0, 0, by="course", name="1"), by="course", labels={"1": "First induction"})
    assert figure.axes[0].get_title(loc="left") == "First induction"


def curves(group: str, state: str, *estimates: float) -> pd.DataFrame:
    return pd.DataFrame({
        "outcome": "complete", "group": group, "state": state, "time": range(len(estimates)), "estimate": estimates,
        "low": float("nan"), "high": float("nan"),
    })  # fmt: skip


def test_response_curves_add_up_what_competes_and_print_who_still_waits():
    table = pd.concat([
        curves("dtt", "response", 0, 0.2), curves("all", "response", 0, 0.3), curves("all", "death", 0, 0.1),
        curves("all", "esrd", 0, 0.05),
    ])  # fmt: skip
    at_risk = pd.DataFrame({"outcome": "complete", "group": "dtt", "time": [0, 1], "at_risk": [57, 41]})
    figure = draw_response_times(table, at_risk=at_risk)
    lines = [list(line.get_ydata()) for line in figure.axes[0].lines]
    assert lines == [[0, 0.2], pytest.approx([0, 0.15])]
    assert {"57", "41"} <= set(texts(figure))
    assert legend(figure) == ["Difficult to treat: response", "All: death or kidney failure first"]


def test_when_no_group_can_be_told_the_curve_of_all_is_drawn():
    at_risk = pd.DataFrame({"outcome": "complete", "group": "all", "time": [0], "at_risk": [3]})
    figure = draw_response_times(curves("all", "response", 0, 0.3), at_risk=at_risk)
    assert legend(figure)[0] == "All patients: response"


def states(value: str, names: tuple[str, ...]) -> pd.DataFrame:
    rows = pd.MultiIndex.from_product([[0, 1, 2], names], names=["month", "state"]).to_frame(index=False)
    return rows.assign(**{value: 1 / len(names)})


def test_states_are_stacked_to_one_in_the_colours_of_the_house():
    figure = draw_states(states("share", (*STATES, *ENDED)), states("estimate", STATES))
    assert legend(figure)[0] == "Complete response"
    assert legend(figure)[-1] == "Follow-up ended"
    top = [area.get_paths()[0].vertices[:, 1].max() for area in figure.axes[1].collections]
    assert top[-1] == pytest.approx(1)
    colours = [area.get_facecolor()[0] for area in figure.axes[1].collections]
    assert tuple(colours[0]) == pytest.approx(plt.matplotlib.colors.to_rgba(STATE_COLOURS["complete"]))


def test_months_that_could_not_be_estimated_are_left_out():
    shares = states("estimate", STATES)
    shares.loc[shares.month.eq(2), "estimate"] = float("nan")
    assert draw_states(states("share", STATES), shares).axes[1].get_xlim() == (0, 1)


def paths(*rows: tuple[int, str, str, float, float]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["place", "kind", "word", "start_month", "end_month"])
    table.insert(0, "patient_id", [f"P{place}" for place in table.place])
    return table


def test_a_swimmer_has_a_bar_per_segment_a_row_per_patient_and_only_the_legend_it_needs():
    figure = draw_swimmer(paths(
        (0, "state", "active", 0, 6), (0, "state", "complete", 6, 60), (0, "course", "rituximab", 0, 0),
        (1, "state", "active", 0, 3), (1, "death", "death", 3, 3)))  # fmt: skip
    axis = figure.axes[0]
    bars = [bar.get_extents() for bar in axis.collections[0].get_paths()]
    assert [(bar.x0, bar.x1, round(bar.y0, 2), round(bar.y1, 2)) for bar in bars] == [
        (0, 6, -0.36, 0.36), (6, 60, -0.36, 0.36), (0, 3, 0.64, 1.36)]
    assert axis.get_xlim()[1] > 60
    assert [label.get_text() for label in axis.get_yticklabels()] == ["P0", "P1"]
    assert legend(figure) == ["Complete response", "Active", "Start of an induction", "Death"]


def test_fifty_seven_patients_have_room_for_their_rows():
    figure = draw_swimmer(paths(*[(place, "state", "active", 0, 6) for place in range(57)]))
    assert figure.get_size_inches()[1] / 57 > 0.15


def test_switches_print_the_count_of_every_pair_that_occurred():
    switches = pd.DataFrame({
        "regimen": ["mycophenolate", "nih_cyclophosphamide"], "next_regimen": ["rituximab", "mycophenolate"],
        "n": [12, 1],
    })  # fmt: skip
    figure = draw_switches(switches)
    cells = {text.xy: text.get_text() for text in figure.axes[0].texts}
    # rows and columns in the order of the data dictionary: high-dose cyclophosphamide first
    assert cells == {(0, 0): "1", (1, 1): "12"}
    assert "Cyclophosphamide (high dose)" in texts(figure)


def test_without_switches_the_figure_says_so():
    figure = draw_switches(pd.DataFrame({"regimen": [], "next_regimen": [], "n": []}))
    assert [text.get_text() for text in figure.axes[0].texts] == ["No second induction"]


def test_adverse_rates_are_dots_with_intervals_and_the_number_of_events():
    table = pd.DataFrame({
        "group": ["all", "dtt", "other"], "label": "Herpes zoster", "events_n": [5, 3, 2],
        "estimate": [2.0, 4.0, float("nan")], "low": [1.0, 2.0, float("nan")], "high": [3.0, 8.0, float("nan")],
    })  # fmt: skip
    figure = draw_adverse_rates(table)
    assert [list(line.get_xdata()) for line in figure.axes[0].lines] == [[2.0], [4.0], []]
    assert "Herpes zoster (5)" in texts(figure)


@pytest.mark.parametrize("draw", [
    lambda: draw_response_rates(rates(1, 0, 0).head(0)),
    lambda: draw_response_times(
        curves("all", "response"), at_risk=pd.DataFrame(columns=["outcome", "group", "time", "at_risk"])),
    lambda: draw_states(states("share", STATES).head(0), states("estimate", STATES).head(0)),
    lambda: draw_swimmer(paths()),
])  # fmt: skip
def test_an_empty_table_gives_an_empty_figure_and_no_error(draw):
    assert make_svg(draw()).startswith("<?xml")
