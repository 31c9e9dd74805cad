"""Flares after complete response: anchor, course, and visits in a row."""

from dataclasses import replace

import pandas as pd
import pytest

from helpers.definitions import FLARE_RULES
from helpers.response.flares import flag_flares

RULE = FLARE_RULES["kdigo_2012_moderate"]


def flares(*rows: tuple[int, str, float | None], rule=RULE, **columns) -> list[bool]:
    """Visits of one patient: course, response to it, proteinuria. Creatinine does not move."""
    frame = pd.DataFrame(rows, columns=["course_number", "course_response", "upcr_g_g"])
    visits = frame.assign(patient_id="A", creatinine_mg_dl=0.7, egfr=110.0, active_sediment=False, **columns)
    return flag_flares(visits.astype({"upcr_g_g": float, "course_response": "string"}), rule=rule).is_flare.tolist()


@pytest.mark.parametrize(("upcr", "flare"), [(0.99, False), (1.0, True), (1.01, True), (None, False)])
def test_a_visit_is_held_against_the_last_complete_response(upcr, flare):
    assert flares((1, "complete", 0.3), (1, "none", upcr)) == [False, flare]


def test_there_is_no_flare_without_a_complete_response_before():
    assert flares((1, "partial", 0.8), (1, "none", 5.0)) == [False, False]


def test_complete_response_must_belong_to_the_same_course():
    assert flares((1, "complete", 0.3), (2, "none", 5.0)) == [False, False]


def test_a_partial_response_never_becomes_the_anchor():
    # 0.8 g/g would ask for 2.0 or more, 0.3 g/g asks for 1.0
    assert flares((1, "complete", 0.3), (1, "partial", 0.8), (1, "none", 0.99), (1, "none", 1.0))[2:] == [False, True]


def test_a_slow_rise_through_partial_response_is_a_flare_as_a_sudden_one_is():
    slow = flares((1, "complete", 0.3), (1, "partial", 0.9), (1, "partial", 1.7), (1, "partial", 2.9))
    assert slow == [False, False, True, True]
    assert flares((1, "complete", 0.3), (1, "partial", 2.9)) == [False, True]


def test_the_last_complete_response_is_the_anchor():
    # by a rule that calls 0.6 g/g complete, 2.0 is asked for after it
    assert flares((1, "complete", 0.3), (1, "complete", 0.6), (1, "none", 1.9)) == [False, False, False]
    assert flares((1, "complete", 0.6), (1, "complete", 0.3), (1, "none", 1.0)) == [False, False, True]


def test_a_visit_in_complete_response_is_no_flare():
    visits = pd.DataFrame({
        "patient_id": "A", "course_number": 1, "course_response": ["complete", "complete"], "upcr_g_g": 0.3,
        "creatinine_mg_dl": [0.6, 0.9], "egfr": 100.0, "active_sediment": False,
    })  # fmt: skip
    assert flag_flares(visits, rule=RULE).is_flare.tolist() == [False, False]
    changed = visits.assign(course_response=["complete", "partial"])
    assert flag_flares(changed, rule=RULE).is_flare.tolist() == [False, True]


def test_a_flare_goes_on_until_proteinuria_is_down_again():
    rows = [(1, "complete", 0.3), (1, "none", 2.0), (1, "none", 2.5), (1, "partial", 0.9), (1, "partial", 1.0)]
    assert flares(*rows) == [False, True, True, False, True]


def test_where_two_visits_in_a_row_are_asked_for_the_next_must_show_it_too():
    twice = replace(RULE, visits=2)
    assert flares((1, "complete", 0.3), (1, "none", 2.0), (1, "none", 2.5), rule=twice) == [False, True, False]
    assert flares((1, "complete", 0.3), (1, "none", 2.0), (2, "none", 2.5), rule=twice) == [False, False, False]


def test_a_rule_that_asks_for_red_cells_cannot_be_met_without_them():
    trial = FLARE_RULES["trial"]
    assert flares((1, "complete", 0.3), (1, "none", 0.4), rule=trial) == [False, False]


def test_no_visits_give_no_flares():
    assert flares() == []
