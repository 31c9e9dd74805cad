"""The register of runs: it says what is in the folder, all of it, nothing else, whoever writes at the same time."""

import html
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import time
from dataclasses import asdict
from pathlib import Path

import pytest
from in_browser import find_violations

from helpers.cli import main
from helpers.ledger import CrossCheck, Entry
from helpers.parameters import Parameters, check_parameters
from helpers.register import Run, Unreadable, read_runs, write_register
from helpers.register.numbers import COLUMNS, read_headlines
from helpers.register.reading import read_folder

slow = pytest.mark.slow


def entry(id: str, value: float | None, low: float | None = None, high: float | None = None) -> dict:
    return asdict(Entry(id, value, low, high, "", 181, id, None, "02_dtt_labelling", "here"))


def check(id: str, *, agrees: bool = True) -> dict:
    return asdict(CrossCheck(id, "value", id, "one", "other", 1.0, 1.0, 0.0, 0.0, "", agrees))


def results(*, dtt: int = 57, hazard: float | None = 4.599, against: str = "") -> dict:
    return {"synthetic": True, "entries": [
        entry("cohort.eligible.n", 181.0), entry("dtt.n", float(dtt)), entry("dtt.share", dtt / 181, 0.25, 0.39),
        entry("predictors.multivariable.any_apl.or", 6.2062, 2.0904, 18.4255),
        entry("survival.composite.timedependent.hr", hazard, None if hazard is None else 2.3724, 8.9158),
        entry("claims.comparison.match.n", 44.0), entry("claims.comparison.comparable.n", 46.0),
    ], "cross_checks": [check(id, agrees=id != against) for id in ("dtt.n", "survival.composite.timedependent.hr")]}


def make_run(reports: Path, name: str, *, finished: str = "2026-11-22T12:00:00+00:00", is_synthetic: bool = True,
             numbers: dict | None = None, **changed: object) -> Path:
    """A folder as a run leaves it, as far as the register reads it."""
    folder = reports / name
    folder.mkdir(parents=True)
    parameters = check_parameters(changed)
    record = {
        "run": name, "finished": finished, "parameters": parameters.model_dump(), "changed": parameters.changed(),
        "data": {"folder": "data/raw", "synthetic": is_synthetic, "files": {"patients.csv": "abc"}},
        "code": {"version": "0.1.0", "commit": "0123456789abcdef", "changed_files": 0}}
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    (folder / "results.json").write_text(json.dumps(numbers or results()), encoding="utf-8")
    (folder / "index.html").write_text("a report", encoding="utf-8")
    return folder


def page_of(reports: Path) -> str:
    return write_register(reports).page.read_text(encoding="utf-8")


@pytest.fixture
def reports(tmp_path) -> Path:
    """A folder with three runs, one of them on patients who are not known to be simulated."""
    make_run(tmp_path, "default", finished="2026-11-20T12:00:00+00:00")
    make_run(tmp_path, "landmark_months-12-2d5489", finished="2026-11-21T12:00:00+00:00", landmark_months=12.0,
             numbers=results(dtt=9, hazard=None))
    make_run(tmp_path, "ours", finished="2026-11-22T12:00:00+05:00", is_synthetic=False, confirmation_visits=2,
             numbers=results(dtt=100, against="survival.composite.timedependent.hr"))
    return tmp_path


# Numbers


def test_headlines_are_taken_from_the_results_with_their_intervals():
    cells = read_headlines(results())
    assert list(cells) == list(COLUMNS)
    assert [(cell.text, cell.interval) for cell in cells.values()] == [
        ("181", ""), ("57", "31.5\u202f%"), ("6.21", "2.09 to 18.43"), ("–", ""), ("4.60", "2.37 to 8.92"),
        ("44 of 46", ""), ("2 of 2", "")]
    assert cells["dtt"].value == 57 / 181
    assert cells["claims"].value == 44 / 46


def test_a_number_that_a_run_does_not_report_is_a_dash():
    cells = read_headlines({"entries": [entry("dtt.n", 5.0), entry("cohort.eligible.n", None)]})
    assert {name: cell.text for name, cell in cells.items() if cell.text != "–"} == {"dtt": "5"}
    open_end = read_headlines({"entries": [entry("survival.composite.timedependent.hr", 2.0, 1.5, None)]})["hazard"]
    assert (open_end.text, open_end.interval) == ("2", "2 to ?")


def test_numbers_on_which_two_engines_disagree_are_marked():
    cells = read_headlines(results(against="dtt.n"))
    assert [name for name, cell in cells.items() if cell.disagrees] == ["dtt", "engines"]
    assert cells["engines"].text == "1 of 2"


@slow
def test_the_ids_of_the_headlines_are_those_that_a_run_records(real_run):
    cells = read_headlines(json.loads((real_run.folder / "results.json").read_text(encoding="utf-8")))
    assert all(cell.value is not None for cell in cells.values())
    assert cells["dtt"].text == "57"
    assert isinstance(read_folder(real_run.folder), Run)


# What is listed


def test_runs_are_listed_latest_first_with_what_differs(reports):
    runs = read_runs(reports).runs
    assert [run.folder for run in runs] == ["ours", "landmark_months-12-2d5489", "default"]
    assert [(one.name, one.value, one.default) for one in runs[1].changed] == [("landmark_months", "12", "24")]
    assert [run.scenario for run in runs] == ["confirmed", "early_landmark", ""]
    assert [run.is_synthetic for run in runs] == [False, True, True]
    assert runs[0].code == "0.1.0 0123456"
    assert len({run.data_hash for run in runs}) == 1


def test_files_logs_and_runs_that_are_being_built_are_not_looked_at(reports):
    (reports / "default.failed.log").write_text("a log")
    (reports / "README.md").write_text("what is here")
    shutil.copytree(reports / "default", reports / ".building-default-machine-12")
    shutil.copytree(reports / "default", reports / ".aside-default-machine-12")
    listing = read_runs(reports)
    assert len(listing.runs) == 3
    assert listing.unreadable == ()


@pytest.mark.parametrize(("file", "content", "reason"), [
    ("run.json", None, "there is no run.json in it"),
    ("results.json", None, "there is no results.json in it"),
    ("index.html", None, "there is no index.html in it"),
    ("run.json", b'{"run": "def', "run.json is not whole"),
    ("results.json", b'{"entries": [{"id": "dtt.n", "val', "results.json is not whole"),
    ("results.json", b"", "results.json is not whole"),
    ("results.json", b"\xff\xfe", "results.json is not whole"),
    ("results.json", b"[]", "its files are not those of a run"),
    ("results.json", b'{"entries": [{"value": 3}]}', "its files are not those of a run (KeyError: 'id')"),
    ("run.json", b"{}", "its files are not those of a run (KeyError: 'data')"),
    ("run.json", b"3", "its files are not those of a run"),
    ("results.json", b'{"entries": [{"id": "dtt.n", "value": "many"}]}', "its files are not those of a run"),
])
def test_a_folder_that_is_no_whole_run_is_listed_with_the_reason(reports, file, content, reason):
    path = reports / "default" / file
    path.unlink() if content is None else path.write_bytes(content)
    listing = read_runs(reports)
    assert [run.folder for run in listing.runs] == ["ours", "landmark_months-12-2d5489"]
    [one] = listing.unreadable
    assert one.folder == "default"
    assert one.reason.startswith(reason)
    page = page_of(reports)
    assert "Folders that cannot be read as runs" in page
    assert "1 folder cannot be read." in page


def test_a_file_that_may_not_be_read_is_said(reports, monkeypatch):
    def refuse(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert read_folder(reports / "default") == Unreadable("default", "run.json cannot be read: Permission denied")


def test_a_date_without_a_time_zone_and_a_parameter_of_another_version_are_read(reports):
    record = json.loads((reports / "default/run.json").read_text())
    record |= {"finished": "2026-11-20T12:00:00", "changed": {"an_old_one": [1.0, 2.0]}, "run": "once"}
    record["code"]["commit"] = None
    (reports / "default/run.json").write_text(json.dumps(record))
    run = read_folder(reports / "default")
    assert [(one.name, one.value, one.default) for one in run.changed] == [("an_old_one", "1, 2", "")]
    assert run.finished.tzinfo is not None
    assert (run.made_as, run.code) == ("once", "0.1.0")
    assert "made as once" in page_of(reports)


def test_a_run_that_goes_away_while_it_is_read_is_left_out(reports):
    assert read_folder(reports / "gone") is None


def test_a_run_that_is_replaced_while_it_is_read_is_read_again(reports, monkeypatch):
    read = Path.read_bytes
    replaced = []

    def read_slowly(path):
        content = read(path)
        if path.name == "run.json" and not replaced:
            replaced.append(path)
            shutil.rmtree(reports / "default")
            make_run(reports, "default", numbers=results(dtt=1), seed=5)
        return content

    monkeypatch.setattr(Path, "read_bytes", read_slowly)
    run = read_folder(reports / "default")
    assert ([one.name for one in run.changed], run.cells["dtt"].text) == (["seed"], "1")


# The page


def test_the_page_shows_what_is_in_the_folder_and_what_was_deleted_is_gone(reports):
    page = page_of(reports)
    assert "3 runs, 2 of them on simulated patients." in page
    assert 'href="./landmark_months-12-2d5489/index.html"' in page
    assert "scenario early_landmark" in page
    shutil.rmtree(reports / "landmark_months-12-2d5489")
    assert "landmark_months-12" not in page_of(reports)
    assert not [path for path in reports.iterdir() if path.name.startswith(".")]


def test_the_same_folder_gives_the_same_page(reports):
    assert page_of(reports) == page_of(reports)


def test_simulated_patients_are_announced_for_all_runs_or_for_some(reports):
    assert "2 of 3 runs are on simulated patients: nothing in them is evidence." in page_of(reports)
    shutil.rmtree(reports / "ours")
    page = page_of(reports)
    assert '@top-center { content: "Simulated patients: nothing on this page is evidence."; }' in page
    shutil.rmtree(reports / "default")
    shutil.rmtree(reports / "landmark_months-12-2d5489")
    make_run(reports, "ours", is_synthetic=False)
    assert "nothing on this page is evidence" not in page_of(reports)


def test_an_empty_folder_has_a_register_too(tmp_path):
    assert write_register(tmp_path).sentence == "There is no run here."
    assert "No run is in this folder." in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_names_of_folders_stay_text_and_addresses_stay_addresses(reports):
    shutil.copytree(reports / "default", reports / 'a <b>"x"&%23')
    (reports / "ours").rename(os.fsdecode(os.fsencode(reports) + b"/\xff\xfe"))
    page = page_of(reports)
    assert "a &lt;b&gt;&#34;x&#34;&amp;%23" in page
    assert 'href="./a%20%3Cb%3E%22x%22%26%2523/index.html"' in page
    assert 'href="./%FF%FE/index.html"' in page


def test_the_page_names_no_address_but_those_of_the_runs(reports):
    page = page_of(reports)
    addresses = re.findall(r'(?:href|src|action|srcset)="([^"]*)"', page)
    assert sorted(addresses) == ["#content", *sorted(f"./{run.folder}/index.html" for run in read_runs(reports).runs)]
    assert "url(" not in page
    assert "default-src 'none'" in html.unescape(page)


# Writers at the same time


def test_a_run_that_finishes_while_the_register_is_written_is_in_it(reports):
    late = iter([True])

    def finish():
        if next(late, False):
            make_run(reports, "late")
            shutil.rmtree(reports / "default")

    written = write_register(reports, before_placing=finish)
    page = written.page.read_text(encoding="utf-8")
    assert "./late/index.html" in page
    assert "./default/index.html" not in page
    assert written.sentence.startswith("3 runs")


def test_a_folder_that_never_rests_is_given_up_on_with_a_whole_page(reports, monkeypatch):
    monkeypatch.setattr("helpers.register.page.read_state", lambda _: ())
    assert "3 runs" in page_of(reports)


def test_a_writer_that_fails_leaves_the_earlier_page_and_nothing_aside(reports):
    before = page_of(reports)

    def fail():
        raise OSError(28, "No space left on device")

    make_run(reports, "late")
    with pytest.raises(OSError, match="No space"):
        write_register(reports, before_placing=fail)
    assert (reports / "index.html").read_text(encoding="utf-8") == before
    assert not list(reports.glob(".*"))


def test_what_a_killed_writer_left_is_cleared_away_after_a_day(reports, monkeypatch):
    old, new = reports / ".register-old", reports / ".register-new"
    for path in (old, new):
        path.write_text("half")
    os.utime(old, (time.time() - 90_000,) * 2)
    write_register(reports)
    assert (old.exists(), new.exists()) == (False, True)
    monkeypatch.setattr(Path, "glob", lambda *_: [reports / ".register-taken"])
    write_register(reports)


def test_processes_that_make_and_remove_runs_at_the_same_time_leave_a_register_that_is_true(tmp_path):
    """Each makes runs in turn, rebuilds the register after each, and reads it: it is whole at any moment."""
    reports = tmp_path / "reports"
    make_run(tmp_path, "pattern")
    script = textwrap.dedent("""
        import shutil, sys
        from pathlib import Path
        from helpers.register import write_register
        reports, pattern, me = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
        for number in range(12):
            aside = reports / f".building-{me}-{number}"
            shutil.copytree(pattern, aside)
            aside.rename(reports / f"{me}-{number}")
            if number % 3 == 2:
                shutil.rmtree(reports / f"{me}-{number - 1}")
            page = write_register(reports).page.read_text(encoding="utf-8")
            assert page.rstrip().endswith("</html>")
            assert f"./{me}-{number}/index.html" in page
    """)
    reports.mkdir()
    processes = [subprocess.Popen([sys.executable, "-c", script, str(reports), str(tmp_path / "pattern"), name],
                                  stderr=subprocess.PIPE, text=True) for name in ("one", "two")]  # fmt: skip
    for process in processes:
        assert process.communicate()[1] == ""
    page = (reports / "index.html").read_text(encoding="utf-8")
    listed = set(re.findall(r'href="\./([^/]+)/index.html"', page))
    assert listed == {path.name for path in reports.iterdir() if path.is_dir()}
    assert len(listed) == 16
    assert not list(reports.glob(".*"))


# The command line


def test_the_command_rebuilds_the_register_of_a_folder(reports, capsys):
    assert main(["register", "--reports", str(reports)]) == 0
    assert capsys.readouterr().out == (
        f"{reports / 'index.html'}\n3 runs, 2 of them on simulated patients.\n")
    assert main(["register", "--reports", str(reports / "nowhere")]) == 2
    assert "is no folder" in capsys.readouterr().err
    (reports / "index.html").unlink()
    (reports / "index.html").mkdir()
    assert main(["register", "--reports", str(reports)]) == 1


def test_a_run_brings_the_register_of_its_own_folder_up_to_date(reports, monkeypatch, capsys):
    from helpers import run
    from helpers.run import FinishedRun

    def pretend(parameters: Parameters, **_):
        return FinishedRun("new", make_run(reports, "new") / "index.html", ())

    monkeypatch.setattr(run, "run_study", pretend)
    assert main(["run", "--reports", str(reports)]) == 0
    assert "./new/index.html" in (reports / "index.html").read_text(encoding="utf-8")
    shutil.rmtree(reports / "new")
    (reports / "index.html").unlink()
    (reports / "index.html").mkdir()
    assert main(["run", "--reports", str(reports)]) == 0
    assert "The register of runs could not be rebuilt" in capsys.readouterr().err


# In a browser


@pytest.fixture
def page(reports):
    return write_register(reports).page


class TestInABrowser:
    """What a reader meets."""

    pytestmark = pytest.mark.browser

    def names(self, page) -> list[str]:
        return page.locator("table.runs tbody tr:visible th a").all_inner_texts()

    def test_no_request_leaves_the_page_and_nothing_complains(self, open_page, page):
        opened = open_page(page)
        assert opened.requests == [page.as_uri()]
        assert opened.complaints == []

    @pytest.mark.parametrize("width", [1400, 390])
    def test_axe_finds_nothing_serious(self, open_page, page, reports, width):
        (reports / "half").mkdir()
        write_register(reports)
        assert find_violations(open_page(page, width=width).page) == []

    @pytest.mark.parametrize("width", [1400, 1000, 768, 390, 320])
    def test_nothing_sticks_out_of_the_page(self, open_page, page, width):
        assert open_page(page, width=width).page.evaluate("document.documentElement.scrollWidth") <= width

    def test_runs_are_ordered_by_keyboard_with_the_missing_last(self, open_page, page):
        opened = open_page(page).page
        assert self.names(opened) == ["ours", "landmark_months-12-2d5489", "default"]
        button = opened.get_by_role("button", name="Composite, hazard ratio")
        button.focus()
        opened.keyboard.press("Enter")
        assert self.names(opened)[-1] == "landmark_months-12-2d5489"
        opened.get_by_role("button", name="Difficult to treat").focus()
        opened.keyboard.press("Space")
        assert self.names(opened) == ["landmark_months-12-2d5489", "default", "ours"]
        opened.keyboard.press("Space")
        assert self.names(opened) == ["ours", "default", "landmark_months-12-2d5489"]
        assert opened.locator("[data-announce]").inner_text() == "Ordered by Difficult to treat, descending"
        heading = opened.locator("thead th", has_text="Difficult to treat")
        assert heading.get_attribute("aria-sort") == "descending"

    def test_runs_are_found_by_words_patients_and_parameter(self, open_page, page):
        opened = open_page(page).page
        opened.get_by_label("Find a run").fill("scenario confirmed")
        assert self.names(opened) == ["ours"]
        opened.get_by_label("Find a run").fill("")
        opened.get_by_label("Patients").select_option("simulated")
        assert self.names(opened) == ["landmark_months-12-2d5489", "default"]
        opened.get_by_label("Parameter changed").select_option("landmark_months")
        assert self.names(opened) == ["landmark_months-12-2d5489"]
        assert opened.locator("output").inner_text() == "1 of 3 runs"

    def test_on_a_small_screen_each_number_has_its_name_and_the_order_can_be_chosen(self, open_page, page):
        opened = open_page(page, width=390).page
        assert opened.locator("thead").is_hidden()
        cell = opened.locator("tbody td.number").first
        assert cell.evaluate("cell => getComputedStyle(cell, '::before').content") == '"In the study"'
        opened.get_by_label("Order by").select_option(label="Difficult to treat")
        assert self.names(opened) == ["landmark_months-12-2d5489", "default", "ours"]
        opened.get_by_role("button", name="Reverse order").click()
        assert self.names(opened) == ["ours", "default", "landmark_months-12-2d5489"]

    def test_a_link_opens_the_report_of_the_run(self, open_page, page):
        opened = open_page(page).page
        opened.get_by_role("link", name="default").click()
        assert opened.locator("body").inner_text() == "a report"

    def test_it_can_be_read_without_scripts_and_printed(self, open_page, page):
        opened = open_page(page, java_script_enabled=False).page
        assert len(self.names(opened)) == 3
        assert opened.locator("form.choose").is_hidden()
        assert opened.pdf(prefer_css_page_size=True).startswith(b"%PDF")

    def test_engines_that_disagree_are_said_in_words(self, open_page, page):
        marked = open_page(page).page.locator("td.disagrees")
        assert [" ".join(text.split()) for text in marked.all_inner_texts()] == [
            "4.60 2.37 to 8.92 engines disagree", "1 of 2"]


def test_a_page_that_is_no_register_is_left_alone(tmp_path):
    (tmp_path / "index.html").write_text("<title>My page</title>", encoding="utf-8")
    with pytest.raises(OSError, match="is no register of runs"):
        write_register(tmp_path)
    assert (tmp_path / "index.html").read_text(encoding="utf-8") == "<title>My page</title>"
    (tmp_path / "index.html").unlink()
    write_register(tmp_path)
    write_register(tmp_path)


@pytest.mark.parametrize("name", ["comparison", "multiverse"])
def test_a_comparison_or_a_multiverse_is_no_run(tmp_path, name):
    (tmp_path / "other").mkdir()
    (tmp_path / f"other/{name}.json").write_text("{}", encoding="utf-8")
    assert write_register(tmp_path).sentence == "There is no run here."
