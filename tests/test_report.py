"""The report is one page that is complete in itself: read by its parts, then opened in a real browser."""

import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from in_browser import find_browser, find_violations
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from small_study import write_small_study
from study_runs import Workshop

from helpers.ledger import Entry
from helpers.parameters import ALL
from helpers.report import list_settings, make_policy, print_banner, read_ahead, write_page
from helpers.report.chapters import ReportError, make_chapter
from helpers.report.claims import make_claims
from helpers.report.summary import make_bottom_line, say_independent
from helpers.report.text import picture, prose, read_table, sentence

slow = pytest.mark.slow


# Text


def test_prose_shows_html_as_text_and_formulas_as_mathml():
    html = str(prose("a <script>alert(1)</script> $x < 2$\n\n$$y$$"))
    assert "<script>" not in html
    assert html.count("<math") == 2
    assert 'display="block"' in html
    assert "$" not in html


@pytest.mark.parametrize("text", [
    "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", "![x](http://example.org/a.png)", "<b>b</b>",
    "http://example.org", "# heading", "`code`", "&lt;b&gt;",
])
def test_a_sentence_shows_everything_but_emphasis_as_text(text):
    html = str(sentence(text))
    assert not re.search(r"<(?!/?p>)", html)


def test_a_table_is_read_as_text_with_its_values_and_row_heads():
    table = read_table(
        '<table><caption>c</caption><thead><tr><th class="text">A &amp; B</th><th class="p">p</th></tr></thead><tbody>'
        '<tr><th scope="row" class="text" data-value="x">x<b>y</b></th><td class="p" data-value="0.2">0.200</td></tr>'
        '<tr><th scope="row">2020-01-31</th><td></td></tr></tbody><tfoot><tr><td>note</td></tr></tfoot></table>')
    assert [cell.text for cell in table.head] == ["A & B", "p"]
    assert [[cell.text for cell in row] for row in table.rows] == [["xy", "0.200"], ["2020-01-31", ""]]
    assert [cell.value for cell in table.rows[0]] == ["x", "0.2"]
    assert [cell.kind for cell in table.rows[0]] == ["text", "p"]
    assert table.rows[1][0].kind == "figures"
    assert table.rows[0][0].heads_row
    assert not table.rows[0][1].heads_row


def test_what_one_reader_marks_in_a_table_no_other_sees():
    html = '<table><thead><tr><th>A</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>'
    one, two = read_table(html), read_table(html)
    one.rows[0][0].disagrees = True
    one.head[0].kind = "against"
    one.rows.append([])
    assert not two.rows[0][0].disagrees
    assert read_table(html) == two


@pytest.mark.parametrize(("text", "kind"), [
    ("29 (24 to 32)", "figures"), ("2020-01-31", "figures"), ("<0.001", "figures"), ("71 (39.2)", "figures"),
    ("III", "text"), ("", "text"), ("–", "text"), ("12 months", "text"), ("to", "text"),
])
def test_text_that_is_a_figure_is_kept_on_one_line(text, kind):
    escaped = text.replace("<", "&lt;")
    table = read_table(f'<table><tbody><tr><td class="text">{escaped}</td></tr></tbody></table>')
    assert table.rows[0][0].kind == kind


@pytest.mark.parametrize("head", ['<svg width="72pt" height="36pt">', '<svg viewBox="0" height="36pt" width="72pt">'])
def test_a_picture_has_its_size_in_pixels_whatever_the_order_of_attributes(head):
    assert (picture(head).width, picture(head).height) == (96, 48)
    assert picture(head).address.startswith("data:image/svg+xml;base64,")


def test_a_picture_without_a_size_is_refused():
    with pytest.raises(ValueError, match="no width and height"):
        picture("<svg>")


# Chapters


def notebook(*cells):
    return new_notebook(cells=list(cells))


def shown(kind: str, data: dict, **facts) -> dict:
    """A cell with one output of the study."""
    return new_code_cell("call()", outputs=[
        new_output("display_data", data=data, metadata={"compendium": {"kind": kind, **facts}})])


def figure(**facts):
    svg = '<svg width="72pt" height="36pt"></svg>'
    return shown("figure", {"image/svg+xml": svg}, **{"id": "f", "number": "1.1", "caption": "A figure", **facts})


@pytest.mark.parametrize(("cell", "message"), [
    (figure(alt=""), "01_cohort: the figure f has no alt text"),
    (figure(alt="   "), "01_cohort: the figure f has no alt text"),
    (figure(), "01_cohort: the figure f has no alt text"),
    (figure(alt="A box", caption=""), "01_cohort: the figure f has no caption"),
    (shown("table", {"text/html": "<table></table>"}, id="t"), "01_cohort: the table t has no caption"),
    (new_code_cell("1/0", outputs=[new_output("error", ename="ZeroDivisionError", evalue="no", traceback=[])]),
     "01_cohort: a cell ended in ZeroDivisionError: no"),
])
def test_a_report_refuses_a_figure_without_alt_text_an_exhibit_without_caption_and_an_error(tmp_path, cell, message):
    with pytest.raises(ReportError, match=re.escape(message)):
        make_chapter("01_cohort", notebook(cell), folder=tmp_path)


def test_headings_become_sections_and_code_is_folded_with_what_it_made(tmp_path):
    chapter = make_chapter("02_dtt_labelling", notebook(
        new_markdown_cell("# Who is *it*?\n\nBefore.\n\n## First?\n\nText.\n\n## Second?"),
        new_code_cell("first = 1"), figure(alt="A box"),
        new_code_cell("nothing_shown = 2"), new_markdown_cell("## What this cannot tell you\n\nAll."),
        shown("finish", {"text/markdown": "9 numbers."}),
        new_code_cell("last = 3"),
    ), folder=tmp_path)  # fmt: skip
    assert (chapter.number, chapter.title, chapter.anchor) == (2, "Who is it?", "chapter-2")
    assert [section.title for section in chapter.sections] == ["", "First?", "Second?", "What this cannot tell you"]
    assert [section.is_limits for section in chapter.sections] == [False, False, False, True]
    drawn, code_alone = chapter.sections[2].blocks
    assert re.sub("<[^>]+>", "", drawn.code) == "first = 1\n\ncall()"
    assert (code_alone.kind, re.sub("<[^>]+>", "", code_alone.code)) == ("code", "nothing_shown = 2")
    assert [block.kind for block in chapter.sections[3].blocks] == ["prose", "code"]


def test_parameters_setup_and_header_are_put_together(tmp_path):
    parameters = new_code_cell("seed: int = 1", metadata={"tags": ["parameters"]})
    header = shown("header", {"text/html": "<table></table>"}, id="h", caption="Parameters in force")
    chapter = make_chapter("01_cohort", notebook(parameters, header), folder=tmp_path)
    assert [block.kind for block in chapter.setup] == ["code", "code", "header"]
    assert [section.blocks for section in chapter.sections] == [[]]


def test_other_outputs_are_shown_as_their_text(tmp_path):
    cell = new_code_cell("x", outputs=[
        new_output("stream", name="stdout", text="said\n"),
        new_output("execute_result", data={"text/html": "<script>1</script>", "text/plain": "plain"}),
        new_output("display_data", data={})])
    chapter = make_chapter("01_cohort", notebook(cell), folder=tmp_path)
    assert [(block.kind, block.text) for block in chapter.sections[0].blocks] == [
        ("output", "said\n"), ("output", "plain"), ("output", "")]


def test_only_files_that_are_there_are_linked(tmp_path):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "f.svg").write_text("x")
    chapter = make_chapter("01_cohort", notebook(figure(alt="A box")), folder=tmp_path)
    assert chapter.sections[0].blocks[0].files == [("SVG", "figures/f.svg")]


# The bottom line


def entry(id: str, value: float | None, low: float | None = None, high: float | None = None, *, label: str = "",
          unit: str = "", null: float | None = None) -> Entry:
    return Entry(id, value, low, high, unit, None, label, null, "", "")


def test_a_sentence_whose_numbers_are_missing_is_left_out():
    entries = [entry("dtt.n", 57), entry("dtt.final.cr.n", 24), entry("dtt.final.pr.n", 11), entry("dtt.final.nr.n", 1)]
    assert tuple(line.text for line in make_bottom_line({e.id: e for e in entries})) == (
        "At last follow-up 24 of the 57 are in complete response, 11 in partial and 1 in no response (kidney failure "
        "counts as none).",)
    assert make_bottom_line({}) == ()


def make_model_entries(*odds: Entry) -> dict[str, Entry]:
    count = Entry("predictors.independent.n", len(odds), None, None, "features", 16, "", None, "", "")
    model = [count, entry("predictors.complete.n", 136), entry("predictors.events_per_parameter", 41 / 15), *odds]
    return {e.id: e for e in model}


def test_the_bottom_line_names_what_chapter_three_calls_independent_and_judges_nothing_again():
    clear = entry("predictors.independent.any_apl.or", 5.363, 2.023, 15.351, label="Any aPL", null=1)
    clear_by_ml_alone = entry("predictors.multivariable.low_c3.or", 3, 1.5, 6, label="Low C3", null=1)
    p = entry("predictors.independent.any_apl.p", 0.001, label="Any aPL, p value")
    assert say_independent(make_model_entries(clear) | {e.id: e for e in (clear_by_ml_alone, p)}) == (
        "Independently associated with being difficult to treat (alone, together and by penalised likelihood, whose "
        "odds ratios these are): any aPL, odds ratio 5.36 (95\u202f% CI 2.02 to 15.35); in 136 patients known in full, "
        "2.73 events per parameter.")


def test_without_an_independent_feature_or_without_a_model_the_bottom_line_says_so_or_nothing():
    assert say_independent(make_model_entries()).startswith("None of the 16 features is independently")
    entries = make_model_entries()
    del entries["predictors.complete.n"]
    assert say_independent(entries) == ""


# The claims


def test_only_calibrated_patients_are_said_to_be_calibrated():
    women = Entry("cohort.female.n", 166.0, None, None, "patients", 181, "", None, ALL[0], "")
    for is_synthetic, is_calibrated, word in ((True, True, "calibrated"), (True, False, "emerged"),
                                              (False, False, "observed")):
        claims = make_claims([women], is_synthetic=is_synthetic, is_calibrated=is_calibrated)
        row = claims.frames["claims.comparison"].set_index("id").loc["cohort.female"]
        assert row["obtained"] == word
        assert "calibrated" not in claims.frames["claims.comparison"]["obtained"].tolist() or is_calibrated


def test_claims_that_do_not_hold_are_marked():
    claims = make_claims([], is_synthetic=True, is_calibrated=True)
    marked = {row[0].text for row in claims.tables[0].table.rows for cell in row if "against" in cell.kind}
    assert "after follow-up of 250 months" in marked
    assert "class III: 71 (39.2 %)" not in marked
    assert claims.tables[1].caption == "The simulated cohort against the abstract"


def test_the_numbers_of_the_claims_chapter_are_in_the_ledger():
    claims = make_claims([], is_synthetic=True, is_calibrated=True)
    numbers = {entry.id: entry.value for entry in claims.entries}
    agree, against = numbers["claims.consistency.agree.n"], numbers["claims.consistency.against.n"]
    assert numbers["claims.consistency.checkable.n"] == agree + against
    assert f"{agree:g} agree and {against:g} do not" in claims.sentences[0]


def make_claim_rows(*entries: Entry) -> dict[str, dict[str, str]]:
    """The printed cells of the comparison by claim and heading."""
    table = make_claims(entries, is_synthetic=True, is_calibrated=True).tables[1].table
    heads = [cell.text for cell in table.head]
    return {row[0].text: dict(zip(heads, (cell.text for cell in row), strict=True)) for row in table.rows}


def test_claims_are_printed_as_their_unit_asks():
    share = Entry("survival.esrd.dtt.cif.60m", 0.184, 0.09, 0.305, "share", 57, "", None, ALL[3], "")
    rate = Entry("adverse.major_infection.rate", 6.085, 4.9, 7.5, "per 100 patient-years", 90, "", None, ALL[4], "")
    rows = make_claim_rows(
        Entry("cohort.class.III.n", 71.0, None, None, "patients", 181, "", None, ALL[0], ""),
        Entry("cohort.eligible.n", 181.0, None, None, "patients", 240, "", None, ALL[0], ""),
        Entry("predictors.univariable.serositis.p", 0.00004, None, None, "p value", 180, "", None, ALL[2], ""),
        share, rate)
    [women] = [row for name, row in rows.items() if name.startswith("class III:")]
    assert (women["Printed figure"], women["This run (95\u202f% CI)"], women["Difference"]) == ("71", "71", "0")
    serositis = rows["serositis: significantly associated"]
    assert serositis["Printed figure"] == "significant (limit assumed 0.05)"
    assert (serositis["This run (95\u202f% CI)"], serositis["Difference"]) == ("<0.001", "–")
    failure = rows["progression to end-stage disease by 60 months (difficult to treat)"]
    assert failure["This run (95\u202f% CI)"] == "18.4\u202f% (9.0 to 30.5)"
    infections = rows["adverse events (major infections, all patients)"]
    assert (infections["This run (95\u202f% CI)"], infections["n"]) == ("6.08 (4.90 to 7.50)", "181")
    assert infections["This run's figure was"] == "emerged"


def test_a_share_without_an_upper_end_shows_a_dash():
    share = Entry("survival.death.dtt.cif.60m", 0.02, 0.01, None, "share", 57, "", None, ALL[3], "")
    assert make_claim_rows(share)["mortality by 60 months (difficult to treat)"]["This run (95\u202f% CI)"] == (
        "2.0\u202f% (1.0 to –)")


def test_the_hazard_ratio_says_that_its_counts_were_calibrated():
    hazard = Entry("survival.composite.landmark.hr", 5.4, 2.6, 11.2, "hazard ratio", 175, "", 1.0, ALL[3], "")
    row = make_claim_rows(hazard)["hazard ratio of the composite (from the landmark on)"]
    assert row["This run's figure was"] == "emerged; its counts were calibrated within ranges"
    claims = make_claims([hazard], is_synthetic=True, is_calibrated=False).frames["claims.comparison"]
    assert set(claims["obtained"]) <= {"emerged", "not_reported"}


def test_statements_of_significance_are_counted_apart():
    p = Entry("predictors.univariable.serositis.p", 0.04, None, None, "p value", 180, "", None, ALL[2], "")
    claims = make_claims([p], is_synthetic=True, is_calibrated=True)
    numbers = {entry.id: entry.value for entry in claims.entries}
    assert numbers["claims.comparison.significance.n"] == numbers["claims.comparison.comparable.n"] == 1
    assert "1 of them state significance" in claims.sentences[1]
    assert claims.sentences[1].endswith("the abstract prints no limit: 0.05 is assumed.")


# The page


@pytest.fixture
def copy(tiny, tmp_path) -> Path:
    """A run's folder to change and to make the page of again."""
    return Path(shutil.copytree(tiny[0].reports / "tiny", tmp_path / "tiny"))


def change(folder: Path, **facts) -> str:
    """The page after changes to what the record says of the data."""
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    record["data"].update(facts.pop("data", {}))
    record.update(facts)
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    write_page(folder)
    return (folder / "index.html").read_text(encoding="utf-8")


@slow
def test_synthetic_data_put_a_line_on_every_page_and_real_data_do_not(copy):
    line = "Simulated patients: nothing on this page is evidence."
    assert line not in change(copy, data={"synthetic": False})
    page = change(copy, data={"synthetic": True})
    assert f'@top-center {{ content: "{line}"; }}' in page
    assert page.count(line) >= 2 + len(ALL)
    assert "(simulated patients)</title>" in page


@slow
def test_data_that_are_not_those_of_the_manifest_are_announced(copy):
    page = change(copy, data={"manifest_differs": ["The data are not those of the manifest: <visits>.csv."]})
    assert "Mind the data." in page
    assert "&lt;visits&gt;.csv" in page
    assert "Mind the data." not in change(copy, data={"manifest_differs": []})


@slow
def test_changed_parameters_are_marked_with_their_default(copy):
    record = json.loads((copy / "run.json").read_text(encoding="utf-8"))
    parameters = {**record["parameters"], "landmark_months": 12.0}
    page = change(copy, parameters=parameters, changed={"landmark_months": 12.0})
    assert re.search(r"1 changed:\s+<span class=\"changed\"><code>landmark_months</code> = 12 "
                     r"<span class=\"was\">\(default 24\)", page)
    assert [s.name for s in list_settings({"parameters": parameters, "changed": ["seed"]}) if s.is_changed] == ["seed"]


@slow
def test_a_run_outside_version_control_says_so(copy):
    assert "not under version control" in change(copy, code={"version": "9", "commit": None, "changed_files": None})
    assert "with 2 files changed since" in change(copy, code={"version": "9", "commit": "a" * 40, "changed_files": 2})


def test_the_banner_cannot_break_out_of_the_style():
    assert "</style" not in print_banner("</style><script>")


def test_the_policy_lets_nothing_be_loaded():
    policy = make_policy(style="a", script="b")
    assert policy.startswith("default-src 'none'")
    assert "http" not in policy


@slow
def test_the_page_names_no_address_but_those_of_files_beside_it(tiny):
    page = tiny[1].page.read_text(encoding="utf-8")
    addresses = re.findall(r'(?:href|src|action|srcset)="([^"]*)"', page)
    assert addresses
    for address in addresses:
        if address.startswith(("#", "data:image/svg+xml;base64,")):
            continue
        assert (tiny[1].page.parent / address).is_file(), address
    assert "url(" not in page
    assert "@import" not in page


@slow
def test_a_notebook_that_was_read_ahead_makes_the_same_page_and_one_that_cannot_be_shown_is_passed_over(copy):
    path = copy / "notebooks" / f"{ALL[0]}.ipynb"
    before = (copy / "index.html").read_bytes()
    read_ahead(ALL[0], nbformat.read(path, as_version=4))
    write_page(copy)
    assert (copy / "index.html").read_bytes() == before
    failed = new_output("error", ename="ValueError", evalue="x", traceback=[])
    read_ahead(ALL[0], new_notebook(cells=[new_code_cell("x", outputs=[failed])]))


def test_a_stored_notebook_without_alt_text_stops_the_page(copy):
    path = copy / "notebooks" / "01_cohort.ipynb"
    content = nbformat.read(path, as_version=4)
    for cell in content.cells:
        for output in cell.get("outputs", []):
            output.get("metadata", {}).get("compendium", {}).pop("alt", None)
    nbformat.write(content, path)
    with pytest.raises(ReportError, match="has no alt text"):
        write_page(copy)


# In a browser


@pytest.mark.parametrize(("needed", "outcome"), [
    ("1", pytest.fail.Exception), ("0", pytest.skip.Exception), (None, pytest.skip.Exception)])
def test_without_a_browser_its_tests_are_skipped_but_fail_where_one_is_needed(monkeypatch, needed, outcome):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("COMPENDIUM_NEEDS_BROWSER", raising=False)
    if needed is not None:
        monkeypatch.setenv("COMPENDIUM_NEEDS_BROWSER", needed)
    with pytest.raises(outcome, match="this machine has no browser"):
        find_browser()


@pytest.fixture
def report(real_run) -> Path:
    """The page of the study itself."""
    return real_run.finished.page


browse = [pytest.mark.browser, pytest.mark.slow]


class TestInABrowser:
    """What a reader meets."""

    pytestmark = browse

    def test_no_request_leaves_the_page_and_nothing_complains(self, open_page, report):
        opened = open_page(report)
        opened.page.mouse.wheel(0, 100_000)
        opened.page.wait_for_timeout(300)
        assert [url for url in opened.requests if not url.startswith("data:")] == [report.as_uri()]
        assert opened.complaints == []

    def test_every_chapter_table_and_figure_of_the_notebooks_is_there(self, open_page, report):
        page = open_page(report).page
        for name in ALL:
            stored = nbformat.read(report.parent / "notebooks" / f"{name}.ipynb", as_version=4)
            facts = [output.metadata["compendium"] for cell in stored.cells for output in cell.get("outputs", [])
                     if "compendium" in output.get("metadata", {})]
            assert page.locator(f"h2#chapter-{int(name[:2])}").count() == 1
            for fact in facts:
                if fact["kind"] in ("figure", "table"):
                    assert page.locator(f'[id="{fact["kind"]}-{fact["number"]}"]').count() == 1
            assert any(fact["kind"] == "figure" for fact in facts)

    def test_every_figure_is_drawn_and_has_an_alt_text_without_gaps(self, open_page, report):
        images = open_page(report).page.eval_on_selector_all(
            "img", "all => all.map(i => [i.alt, i.complete && i.naturalWidth > 0])")
        assert len(images) >= 5
        for alt, is_drawn in images:
            assert is_drawn
            assert len(alt) > 20
            assert not re.search(r"[{}]|\bnan\b|None", alt)

    @pytest.mark.parametrize("width", [1400, 390])
    def test_axe_finds_nothing_serious(self, open_page, report, width):
        page = open_page(report, width=width).page
        page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
        assert find_violations(page) == []

    @pytest.mark.parametrize("width", [1400, 768, 390, 320])
    def test_nothing_sticks_out_of_the_page(self, open_page, report, width):
        page = open_page(report, width=width).page
        page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    def test_a_table_is_sorted_by_keyboard_with_the_missing_last(self, open_page, tiny):
        page = open_page(tiny[1].page).page
        button = page.locator('[id="table-1.1"] thead th').nth(1).locator("button")
        cells = page.locator('[id="table-1.1"] tbody tr td')
        button.focus()
        page.keyboard.press("Enter")
        assert cells.all_inner_texts() == ["9", "10", "–"]
        assert page.locator('[id="table-1.1"] thead th').nth(1).get_attribute("aria-sort") == "ascending"
        page.keyboard.press("Space")
        assert cells.all_inner_texts() == ["10", "9", "–"]
        assert page.locator('[id="table-1.1"] thead th').nth(1).get_attribute("aria-sort") == "descending"
        assert page.locator("[data-announce]").inner_text() == "Sorted by n, descending"

    def test_a_table_is_copied_as_a_spreadsheet_takes_it(self, open_page, tiny):
        opened = open_page(tiny[1].page, permissions=["clipboard-read", "clipboard-write"])
        opened.page.get_by_role("button", name="Copy Table 1.1").click()
        opened.page.get_by_text("Table 1.1 copied").wait_for(state="attached")
        copied = opened.page.evaluate("navigator.clipboard.readText()")
        assert copied.splitlines()[:2] == ["Name\tn", "b <script>alert(1)</script>\t10"]

    def test_code_is_folded_and_unfolds_all_at_once(self, open_page, tiny):
        page = open_page(tiny[1].page).page
        folds = page.locator("details.code")
        assert folds.count() > 5
        assert page.locator("details.code[open]").count() == 0
        page.get_by_role("button", name="Show all code").click()
        assert page.locator("details.code[open]").count() == folds.count()

    def test_a_number_is_found_in_the_ledger(self, open_page, tiny):
        page = open_page(tiny[1].page).page
        page.get_by_label("Find a number").fill("tiny3")
        assert page.locator("table[data-searchable] tbody tr:visible").count() == 1
        assert page.locator("output[for=search]").inner_text().startswith("1 of ")

    def test_the_keyboard_reaches_the_report_by_the_skip_link(self, open_page, tiny):
        page = open_page(tiny[1].page).page
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"

    def test_it_prints_with_the_line_on_every_page(self, open_page, tiny, tmp_path):
        folder = Path(shutil.copytree(tiny[0].reports / "tiny", tmp_path / "tiny"))
        change(folder, data={"synthetic": True})
        page = open_page(folder / "index.html").page
        printed = page.pdf(prefer_css_page_size=True)
        assert printed.startswith(b"%PDF")
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) >= 1 + len(ALL)

    def test_it_can_be_read_without_scripts(self, open_page, tiny):
        page = open_page(tiny[1].page, java_script_enabled=False).page
        assert page.get_by_role("heading", name="Is there a figure?").first.is_visible()
        assert page.locator("table.data").first.is_visible()
        assert page.locator("p.search").is_hidden()

    def test_text_from_the_data_stays_text(self, open_page, tiny):
        opened = open_page(tiny[1].page)
        assert opened.page.locator("tbody th", has_text="b <script>alert(1)</script>").count() == len(ALL)
        assert opened.page.locator(".say a, .say i").count() == 0
        assert opened.complaints == []


@slow
def test_a_run_on_data_without_a_manifest_says_that_their_origin_is_unknown(tiny):
    assert "There is no manifest beside the data" in tiny[1].page.read_text(encoding="utf-8")


@slow
def test_a_run_on_data_that_do_not_fit_the_manifest_keeps_the_line(tiny, tmp_path):
    data = write_small_study(tmp_path / "raw")
    manifest = {"synthetic": True, "description": "Made & <up>", "files": {"visits.csv": {"rows": 1, "sha256": "0"}}}
    (data / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    shutil.copytree(tiny[0].top / "notebooks", tmp_path / "notebooks")
    page = Workshop(tmp_path).run().page.read_text(encoding="utf-8")
    assert "Simulated patients: nothing on this page is evidence." in page
    assert "The data are not those of the manifest: patients.csv" in page
    assert "Made &amp; &lt;up&gt;" in page
