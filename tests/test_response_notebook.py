"""Chapter 5 on cohorts that lack something: it must come to its end and say so, without a warning."""

from pathlib import Path

import jupytext
import pytest

from helpers import study as study_module
from helpers.ledger import read_ledger
from helpers.schema import write_raw
from helpers.synthetic import simulate_cohort

SOURCE = Path(__file__).parents[1] / "notebooks" / "05_response_over_time.py"
RAW = simulate_cohort(n=60, seed=11)


@pytest.fixture
def chapter(tmp_path, monkeypatch):
    """Runs the chapter's cells on raw tables; returns its sentences and its ledger by id."""
    sentences = []

    def keep(bundle, raw, metadata):
        if metadata["compendium"]["kind"] == "say":
            sentences.append(bundle["text/plain"])

    monkeypatch.setattr(study_module, "display", keep)

    def run(tables):
        write_raw(tables, tmp_path / "raw", manifest={"synthetic": True, "description": "for a test"})
        names = {}
        for cell in jupytext.read(SOURCE).cells:
            if cell.cell_type == "code":
                exec(compile(cell.source, str(SOURCE), "exec"), names)
            if "parameters" in cell.metadata.get("tags", []):
                names |= {"data_dir": str(tmp_path / "raw"), "derived_dir": str(tmp_path / "derived")}
        return sentences, {entry.id: entry for entry in read_ledger(tmp_path / "derived" / "ledger")}

    return run


def test_the_ledger_holds_every_number_that_is_promised(chapter, monkeypatch):
    monkeypatch.setattr(study_module, "make_svg", lambda _: "<svg/>")
    monkeypatch.setattr(study_module, "make_png", lambda _: b"")
    _, ledger = chapter(RAW)
    for point in ("3", "6", "12", "24", "last"):
        shares = [ledger[f"response.{point}.{word}.share"].value for word in ("cr", "pr", "nr")]
        assert sum(shares) == pytest.approx(1)
    assert ledger["response.cr.median_months"].unit == "months"
    kinds = ("major_infection", "tuberculosis", "herpes_zoster", "leucopenia", "avascular_necrosis", "amenorrhoea",
             "haemorrhagic_cystitis", "other")  # fmt: skip
    rates = [ledger[f"adverse.{kind}.rate"].value for kind in kinds]
    assert sum(rates) == pytest.approx(ledger["adverse.any.rate"].value)


def test_without_second_inductions_and_without_events_it_comes_to_its_end(chapter):
    treatments, events = RAW["treatments"], RAW["events"]
    sentences, ledger = chapter({
        **RAW, "treatments": treatments.loc[treatments["course_number"].eq(1)], "events": events.head(0)})  # fmt: skip
    assert any("the most frequent step: none" in sentence for sentence in sentences)
    assert any("into the second, not estimable of 0" in sentence for sentence in sentences)
    assert any("There were 0 adverse events" in sentence for sentence in sentences)
    assert (ledger["adverse.any.rate"].value, ledger["adverse.any.rate"].low) == (0, 0)
    assert ledger["adverse.any.ratio"].value is None
