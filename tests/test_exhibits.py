"""Tables: what is printed, what is recorded, and that text from the data stays text."""

import pandas as pd

from helpers.exhibits import make_html_table, make_text_table, plan_columns, print_cell, record_cells, unit_of
from helpers.ledger import Ledger

TABLE = pd.DataFrame({
    "feature": ["Any aPL", "<b>Low C3</b>"],
    "estimate": [4.2849, None], "low": [2.07, None], "high": [8.85, None],
    "p": [0.00004, 0.5], "share": [0.25, 0.75], "n": [42, 7], "is_known": [True, False],
    "seen_date": pd.to_datetime(["2020-01-31", None]), "secret": ["x", "y"],
})  # fmt: skip


def test_estimate_low_and_high_become_one_column_and_a_blank_heading_hides():
    columns = plan_columns(TABLE, headings={"secret": "", "feature": "Feature at baseline"})
    assert [c.heading for c in columns] == [
        "Feature at baseline", "Estimate (95\u202f% CI)", "p", "Share", "n", "Is known", "Seen date"]
    text = make_text_table(TABLE, columns=columns)
    assert "4.28 (2.07 to 8.85)" in text and "<0.001" in text and "25.0\u202f%" in text
    assert "2020-01-31" in text and "yes" in text and "–" in text


def test_text_from_the_data_is_escaped_and_cells_carry_their_value():
    html = make_html_table(TABLE, id="a.b", caption="A < B", note="n & n", columns=plan_columns(TABLE, headings={}))
    assert "<b>Low" not in html and "&lt;b&gt;Low C3&lt;/b&gt;" in html
    assert "A &lt; B" in html and "n &amp; n" in html
    assert 'scope="col"' in html and 'scope="row"' in html and 'data-value="4.2849"' in html


def test_a_table_without_a_note_has_no_foot():
    html = make_html_table(TABLE[["n"]], id="a", caption="c", note="", columns=plan_columns(TABLE[["n"]], headings={}))
    assert "<tfoot>" not in html


def test_an_estimate_without_an_interval_is_printed_alone():
    assert print_cell([2.0, None, None], "interval") == "2.00"
    assert print_cell([2.0, None, 3.0], "interval") == "2.00 (– to 3.00)"
    assert print_cell([None], "number") == "–"


def test_every_numeric_cell_is_recorded_and_rows_of_one_name_are_numbered():
    book = Ledger("03_predictors")
    frame = pd.DataFrame({"row": ["Sex", "Sex", "Age"], "n": [1, 2, 3], "word": ["a", "b", "c"]})
    record_cells(book, frame, id="baseline", index="row", caption="Baseline")
    assert {entry.id: entry.value for entry in book} == {
        "table.baseline.sex.n": 1, "table.baseline.sex_2.n": 2, "table.baseline.age.n": 3}
    assert next(iter(book)).unit == "count"


def test_units_come_from_names():
    assert [unit_of(c) for c in ["creatinine_mg_dl", "raw_p", "smd"]] == ["mg/dL", "p value", ""]


def test_an_estimate_is_recorded_with_its_interval_and_every_number_with_its_n():
    book = Ledger("03_predictors")
    frame = pd.DataFrame({"term": ["a"], "or_estimate": [2.0], "or_low": [1.5], "or_high": [3.0], "p": [0.1], "n": [9]})
    record_cells(book, frame, id="t", index="term", caption="T")
    entry = book["table.t.a.or_estimate"]
    assert (entry.low, entry.high, entry.n) == (1.5, 3.0, 9)
    assert (book["table.t.a.p"].n, book["table.t.a.p"].low, book["table.t.a.n"].n) == (9, None, None)
