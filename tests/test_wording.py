"""Words are computed from numbers, and change when the numbers do."""

import pytest

from helpers.ledger import Ledger, LedgerError
from helpers.wording import fill_sentence, format_number, format_p, format_percent, join_words


def make_book(**entry):
    book = Ledger("04_survival")
    fields = {"unit": "hazard ratio", "label": "Hazard ratio", "origin": "x", "null": 1.0, "n": 181, **entry}
    book.add("survival.naive.hr", fields.pop("value", 4.0), **fields)
    return book


@pytest.mark.parametrize(("low", "high", "words"), [
    (1.01, 9.0, "higher than"), (1.0, 9.0, "not clearly different from"), (0.99, 9.0, "not clearly different from"),
    (0.2, 0.99, "lower than"), (0.2, 1.0, "not clearly different from"), (None, None, "not comparable with"),
])  # fmt: skip
def test_the_verdict_follows_the_interval_and_not_the_point(low, high, words):
    assert fill_sentence("{survival.naive.hr:verdict}", book=make_book(low=low, high=high)) == words


def test_a_verdict_needs_a_value_of_no_difference():
    with pytest.raises(ValueError, match="recorded without null"):
        fill_sentence("{survival.naive.hr:verdict}", book=make_book(null=None))


@pytest.mark.parametrize(("template", "entry", "text"), [
    ("{survival.naive.hr:ci}", {"value": 4.049, "low": 2.5, "high": 6.4}, "4.05 (95\u202f% CI 2.50 to 6.40)"),
    ("{survival.naive.hr:ci}", {"value": 0.315, "low": 0.252, "high": 0.386, "unit": "share"},
     "31.5\u202f% (95\u202f% CI 25.2 to 38.6)"),
    ("{survival.naive.hr:ci}", {"value": 0.0391, "low": 0.01, "high": None}, "0.039 (95\u202f% CI 0.010 to no limit)"),
    ("{survival.naive.hr:ci}", {"value": 4.0}, "4.00 (95\u202f% CI not estimable)"),
    ("{survival.naive.hr:ci}", {"value": None}, "not estimable"),
    ("{survival.naive.hr:ci}", {"value": 123.4, "low": 12.3, "high": 999.5}, "123 (95\u202f% CI 12 to 1\u202f000)"),
    ("{survival.naive.hr:iqr}", {"value": 48, "low": 24, "high": 84}, "48 (24 to 84)"),
    ("{survival.naive.hr:iqr}", {"value": None}, "not estimable"),
    ("{survival.naive.hr}", {"value": 0.315, "unit": "share"}, "31.5\u202f%"),
    ("{survival.naive.hr}", {"value": 57}, "57"),
    ("{survival.naive.hr:value}", {"value": 12.34}, "12.3"),
    ("{survival.naive.hr:percent}", {"value": 0.5}, "50.0\u202f%"),
    ("{survival.naive.hr:p}", {"value": 0.0001}, "p < 0.001"),
    ("{survival.naive.hr:low}-{survival.naive.hr:high}, n {survival.naive.hr:n}", {"low": 1, "high": 2}, "1-2, n 181"),
])  # fmt: skip
def test_a_number_is_printed_as_its_format_says(template, entry, text):
    assert fill_sentence(template, book=make_book(**entry)) == text


def test_words_that_are_no_numbers_come_by_name():
    assert fill_sentence("under {rule}", book=make_book(), words={"rule": "KDIGO"}) == "under KDIGO"


def test_an_unknown_id_or_format_is_refused():
    with pytest.raises(LedgerError, match=r"did you mean survival\.naive\.hr"):
        fill_sentence("{survival.naive.hrr}", book=make_book())
    with pytest.raises(ValueError, match="is not a way to print"):
        fill_sentence("{survival.naive.hr:euro}", book=make_book())


@pytest.mark.parametrize(("value", "text"), [
    (-0.5, "−0.50"), (0.0, "0"), (-0.0, "0"), (1234.5, "1\u202f234"), (99.95, "100.0"), (0.0999, "0.100"),
])  # fmt: skip
def test_numbers_keep_about_three_figures(value, text):
    assert format_number(value) == text


@pytest.mark.parametrize(("p", "text"), [(0.00099, "<0.001"), (0.001, "0.001"), (0.999, "0.999"), (0.9991, ">0.999"),
                                         (None, "not estimable")])  # fmt: skip
def test_a_p_value_is_never_zero_or_one(p, text):
    assert format_p(p, sign=False) == text


def test_missing_words():
    assert format_percent(None) == "not estimable"
    assert format_p(None) == "p not estimable"
    assert join_words(["a", "b"]) == "a and b"
