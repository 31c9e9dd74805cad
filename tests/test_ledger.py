"""The ledger keeps every number once, and says so when it cannot."""

import json

import pandas as pd
import pytest

from helpers.ledger import Ledger, LedgerError, derive_ledger_table, read_ledger


def make_ledger(notebook="02_dtt_labelling"):
    book = Ledger(notebook)
    book.add("dtt.n", 57, unit="patients", n=181, label="Difficult to treat", origin="dtt_labels.is_dtt")
    return book


def test_an_entry_comes_back_with_its_facts():
    entry = make_ledger()["dtt.n"]
    assert (entry.value, entry.n, entry.unit, entry.notebook) == (57.0, 181, "patients", "02_dtt_labelling")
    assert entry.low is None and entry.high is None


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None, pd.NA])
def test_what_cannot_be_estimated_is_kept_as_none(value):
    assert Ledger("x").add("a.b", value, unit="", label="", origin="").value is None


def test_the_same_entry_twice_is_one_and_another_value_is_refused():
    book = make_ledger()
    book.add("dtt.n", 57, unit="patients", n=181, label="Difficult to treat", origin="dtt_labels.is_dtt")
    assert len(list(book)) == 1
    with pytest.raises(LedgerError, match=r"dtt\.n is recorded twice, as 57\.0 and as 58\.0"):
        book.add("dtt.n", 58, unit="patients", n=181, label="Difficult to treat", origin="dtt_labels.is_dtt")


@pytest.mark.parametrize("id", ["dtt", "dtt.", "dtt n.x", "DTT.n"])
def test_a_name_that_is_no_dotted_id_is_refused(id):
    with pytest.raises(LedgerError, match="is not a ledger id"):
        make_ledger().add(id, 1, unit="", label="", origin="")


def test_an_id_that_is_not_there_is_answered_with_the_nearest():
    with pytest.raises(LedgerError, match=r"did you mean dtt\.n\?"):
        make_ledger()["dtt.m"]


def test_a_table_of_estimates_becomes_one_id_per_term_and_one_per_p():
    book = Ledger("03_predictors")
    table = pd.DataFrame({"term": ["any_apl"], "estimate": [4.28], "low": [2.07], "high": [8.85], "p": [0.0001],
                          "n": [160], "label": ["Any aPL"]})  # fmt: skip
    book.add_estimates(table, prefix="predictors.univariable", measure="or", unit="odds ratio", origin="x", null=1.0)
    assert book["predictors.univariable.any_apl.or"].high == 8.85
    assert book["predictors.univariable.any_apl.or"].null == 1.0
    assert book["predictors.univariable.any_apl.p"].label == "Any aPL, p value"


def test_ledgers_of_several_notebooks_are_read_back_sorted_by_id(tmp_path):
    make_ledger().write(tmp_path)
    first = Ledger("01_cohort")
    first.add("cohort.eligible.n", 181, unit="patients", label="Eligible", origin="cohort")
    first.write(tmp_path)
    entries = read_ledger(tmp_path)
    assert [entry.id for entry in entries] == ["cohort.eligible.n", "dtt.n"]
    table = derive_ledger_table(entries)
    assert table["value"].tolist() == [181.0, 57.0]
    assert json.loads((tmp_path / "01_cohort.json").read_text(encoding="utf-8"))["notebook"] == "01_cohort"


def test_an_id_that_two_notebooks_recorded_is_refused(tmp_path):
    make_ledger("01_cohort").write(tmp_path)
    make_ledger("02_dtt_labelling").write(tmp_path)
    with pytest.raises(LedgerError, match=r"Recorded by two notebooks: dtt\.n"):
        read_ledger(tmp_path)
