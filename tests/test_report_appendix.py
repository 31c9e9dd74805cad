"""The appendix says what was done and found; a number on which two engines disagree is marked wherever it stands."""

import json
import shutil
import textwrap
from pathlib import Path

import pandas as pd
import pytest
from study_runs import make_workshop, write_tiny_notebooks

from helpers.cli import main
from helpers.ledger import CrossCheck, Entry
from helpers.methods import METHODS, Limit, Method
from helpers.parameters import ALL
from helpers.report.appendix import group_engines, make_appendix, make_card
from helpers.report.chapters import mark_cells
from helpers.report.claims import make_claims
from helpers.report.evidence import print_fact, read_evidence
from helpers.report.summary import make_bottom_line, say_disagreements
from helpers.report.text import marked, read_table, sentence

METHOD = Method(id="km", chapter="04_survival", name="Kaplan-Meier", answers="What share?", reference="KM 1958",
                assumes="Censoring says nothing", check="None", result="{a.share:percent} of {a.n}", verified="R")


def entry(id, value, **facts):
    given = {"low": None, "high": None, "unit": "", "n": None, "label": id, "null": None, "notebook": "04_survival"}
    return Entry(id, value, **{**given, **facts}, origin="x")


def check(id, *, agrees=True, first="x", tolerance=1e-8, part="value", value=1.0, second=1.0):
    return CrossCheck(id, part, f"What {id} is", first, "y", value, second, 0.0, tolerance, "rounding", agrees)


# Marks


def test_a_number_is_marked_in_words_and_markup_around_it_stays_text():
    html = str(sentence("**Of** <5 patients: 57 & more", marks=[(20, 22, "dtt.n")]))
    assert html == ('<p><strong>Of</strong> &lt;5 patients: <span class="disagrees" data-ledger="dtt.n">57 '
                    '<a class="mark" href="#cross-checks">[engines disagree]</a></span> &amp; more</p>')


def test_several_numbers_are_marked_each_with_its_id():
    html = str(marked("1 < 2", marks=[(4, 5, "b.n"), (0, 1, "a.n")]))
    assert html.index('data-ledger="a.n">1') < html.index("&lt;") < html.index('data-ledger="b.n">2')


def test_stray_signs_in_a_text_do_not_become_marks():
    assert str(marked("\ue0001\ue001")) == "?1?"


def test_cells_know_their_ledger_id_and_are_marked_by_it():
    html = ('<table><thead><tr><th data-column="term">T</th><th data-column="estimate">E</th></tr></thead><tbody>'
            '<tr data-row="naive"><th scope="row">Naive</th><td>4.6</td></tr></tbody></table>')
    table = mark_cells(read_table(html), id="survival.x", against={"table.survival.x.naive.estimate"})
    assert [cell.disagrees for cell in table.rows[0]] == [False, True]
    assert table.rows[0][1].ledger == "naive.estimate"


def test_the_figure_of_a_claim_is_marked():
    landmark = entry("survival.composite.landmark.hr", 5.4, low=2.6, high=11.2, n=175, null=1.0)
    tables = make_claims([landmark], is_synthetic=True, is_calibrated=True, against={landmark.id}).tables
    found = [cell for row in tables[1].table.rows for cell in row if cell.disagrees]
    assert [cell.text for cell in found] == ["5.40 (2.60 to 11.20)"]


def test_the_bottom_line_says_first_that_engines_disagree_and_marks_the_numbers():
    entries = {e.id: e for e in (entry("dtt.n", 57.0), entry("dtt.share", 0.3, low=0.2, high=0.4, unit="share"),
                                 entry("cohort.eligible.n", 181.0))}
    checks = [check("dtt.n", agrees=False), check("b.n")]
    lines = make_bottom_line(entries, checks)
    assert lines[0].text.startswith("Two engines disagree on 1 of the 2 numbers")
    assert '<span class="disagrees" data-ledger="dtt.n">57' in str(lines[1].show({"dtt.n"}))
    assert str(lines[1].show(())) == lines[1].text
    assert say_disagreements([check("a.n")]) == ""
    assert "; and others" in say_disagreements([check(f"a.{n}", agrees=False) for n in range(5)])


def test_odds_ratios_in_the_sentence_on_independent_features_are_marked():
    odds = entry("predictors.independent.any_apl.or", 4.7381, low=1.8, high=13.4, n=139, label="Any aPL")
    entries = {e.id: e for e in (entry("predictors.independent.n", 1.0, n=16), entry("predictors.complete.n", 136.0),
                                 entry("predictors.events_per_parameter", 2.7), odds)}
    line = next(line for line in make_bottom_line(entries) if "Independently" in line.text)
    assert 'data-ledger="predictors.independent.any_apl.or">4.74 (95' in str(line.show({odds.id}))


# The appendix


def test_a_method_tells_its_result_in_this_run_or_that_it_has_none():
    entries = {"a.share": entry("a.share", 0.5), "a.n": entry("a.n", 8.0)}
    card = make_card(METHOD, entries, against={"a.n"})
    assert str(card.result).startswith("50.0\u202f% of <span") and not card.is_absent
    assert make_card(METHOD, {}, against=()).is_absent
    assert str(make_card(METHOD, {}, against=()).result) == "Not part of this run."


def test_methods_stand_under_their_chapters_in_the_order_of_the_report():
    titles = {"03_predictors": "What set them apart?", "04_survival": "What happened?"}
    appendix = make_appendix({}, [], against=(), titles=titles, evidence=None, methods=[METHOD])
    assert [title for title, _ in appendix.groups] == ["What happened?"]
    assert appendix.evidence is None and appendix.engines == ()


def test_every_method_is_complete_and_has_a_name_of_its_own():
    assert len({method.id for method in METHODS}) == len(METHODS)
    for method in METHODS:
        assert method.chapter in ALL
        assert all(getattr(method, part).strip() for part in ("name", "answers", "reference", "assumes", "check"))
        assert method.result.strip() and method.verified.strip()
    assert {method.chapter for method in METHODS} == set(ALL)


def test_engines_with_a_disagreement_come_first():
    checks = [check("a.n"), check("b.n", first="z", agrees=False, second=None), check("c.n"), check("a.n", part="low")]
    engines = group_engines(checks)
    assert [(engine.first, engine.agree_n, len(engine.pairs)) for engine in engines] == [("z", 0, 1), ("x", 3, 3)]
    assert engines[0].pairs[0].second == "–" and engines[1].pairs[2].id == "a.n, low"
    assert engines[1].tolerance == "1e-08"


# Evidence


def test_the_evidence_is_shown_with_the_columns_that_it_has(tmp_path):
    path = tmp_path / "evidence.csv"
    table = {"scenario": ["null", "null", "late_label"], "estimator": ["a", "b", "a"], "coverage": [0.951, None, 0.8],
             "label": ["Cox", "Landmark", "Cox"], "recommended": [True, False, True], "new_thing": [1.5, 2.0, 3.0]}
    pd.DataFrame(table).to_csv(path, index=False)
    found = read_evidence(path)
    assert found.headings == ("Estimator", "Coverage of 95\u202f% intervals", "Recommended here", "New thing")
    assert [name for name, _ in found.scenarios] == ["Null", "Late label"]
    assert found.scenarios[0][1] == (("Cox", "95.1\u202f%", "yes", "1.50"), ("Landmark", "–", "no", "2"))
    path.write_text("estimator,bias\na,0.1\n", encoding="utf-8")
    assert read_evidence(path).scenarios == (("All", (("a", "0.10"),)),)
    assert print_fact("within", column="verdict") == "within"


# A whole run


WRONG = textwrap.dedent('''\
    wrong = {"id": "tiny4.n", "part": "value", "what": "Tiny <4>", "first_engine": "x", "second_engine": "y",
             "value": 42.0, "second_value": 43.0, "difference": 0.02, "tolerance": 0.0, "reason": "whole numbers",
             "agrees": False}
    leave("ledger/zz.json", json.dumps({"notebook": "zz", "entries": [], "cross_checks": [wrong]}))''')


@pytest.mark.slow
def test_a_run_with_a_wrong_second_value_is_kept_marked_and_ends_with_exit_code_3(tmp_path, monkeypatch, capsys):
    workshop = make_workshop(tmp_path)
    write_tiny_notebooks(tmp_path / "notebooks", nb04=WRONG)
    done = workshop.run()
    assert done.disagreements == ("tiny4.n",)
    assert done.bottom_line[0].startswith("Two engines disagree on 1 of the 1 numbers")
    page = done.page.read_text(encoding="utf-8")
    assert 'id="number-tiny4.n" class="disagrees"' in page and "They disagree on 1." in page
    assert "Tiny &lt;4&gt;" in page and "no: disagree" in page
    results = json.loads((done.page.parent / "results.json").read_text(encoding="utf-8"))
    assert results["cross_checks"][0]["second_value"] == 43.0
    monkeypatch.setattr("helpers.run.run_study", lambda *_, **__: done)
    assert main(["run"]) == 3
    said = capsys.readouterr()
    assert said.err == "Two engines disagree on: tiny4.n. The report marks them.\n"
    assert "Two engines disagree" in said.out


@pytest.mark.slow
def test_a_run_without_cross_checks_or_evidence_says_so(tiny, tmp_path):
    page = tiny[1].page.read_text(encoding="utf-8")
    assert 'id="appendix"' in page and "No number of this run was computed twice." in page
    assert tiny[1].disagreements == ()
    from helpers.report import write_page

    folder = Path(shutil.copytree(tiny[0].reports / "tiny", tmp_path / "tiny"))
    (folder / "tables" / "evidence.csv").unlink(missing_ok=True)
    write_page(folder)
    assert "No table of simulated cohorts lay beside the code" in (folder / "index.html").read_text(encoding="utf-8")


def test_help_names_the_exit_codes(capsys):
    assert main(["run", "--help"]) == 0
    assert "3    the report was made, but two engines disagree" in capsys.readouterr().out


def make_method(**parts):
    return Method(**{"id": "km", "chapter": "04_survival", "name": "Kaplan-Meier", "answers": "", "reference": "",
                     "assumes": "", "check": "", "result": "{a.n}", "verified": "", **parts})  # fmt: skip


@pytest.mark.parametrize(("value", "verdict"), [(0.049, "failed"), (0.05, "passed"), (None, "failed")])
def test_a_check_with_limits_passes_or_fails_by_the_runs_own_number(value, verdict):
    entry = Entry("a.n", value, None, None, "p value", None, "", None, "", "")
    card = make_card(make_method(limits=(Limit("a.n", low=0.05),)), {"a.n": entry}, against=())
    assert card.verdict == verdict
    assert make_card(make_method(), {"a.n": entry}, against=()).verdict == ""


def test_the_check_of_a_method_is_completed_by_the_run_like_its_result():
    entry = Entry("a.n", 3.0, None, None, "patients", None, "", None, "", "")
    assert make_card(make_method(check="of {a.n} seen"), {"a.n": entry}, against=()).check == "of 3 seen"
    absent = make_card(make_method(check="of {b.n} & {b.m}"), {"a.n": entry}, against=())
    assert (absent.check, absent.is_absent) == ("of … &amp; …", True)
