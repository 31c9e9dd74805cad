"""A run is all or nothing, says what it did, and does the same again when asked again."""

import asyncio
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import Empty
from threading import Thread

import nbformat
import pytest
from papermill.exceptions import PapermillExecutionError
from small_study import write_small_study
from study_runs import Workshop, hash_folder, write_tiny_notebooks

from helpers import flow
from helpers.definitions import RuleError
from helpers.flow import list_left_tables, wait_for_tables
from helpers.parameters import ALL, ParameterError, Parameters, check_parameters, names_used_by
from helpers.project import ONE_THREAD, PROJECT
from helpers.run import folders as run_folders
from helpers.run import mother, run_study, store_notebooks
from helpers.run.checks import check_data
from helpers.run.environment import prepare_environment
from helpers.run.folders import (
    clear_leftovers,
    exchange_folders,
    is_run_name,
    make_building_folder,
    name_run,
    put_in_place,
)
from helpers.run.kernels import StudyKernelClient, StudyKernelManager, allow_kernels, end_kernels
from helpers.run.notebooks import NotebookFailure, _ready, execute_notebook, explain_failure
from helpers.run.progress import Progress
from helpers.run.record import describe_code
from helpers.schema import DataError, is_synthetic
from helpers.study import open_study

slow = pytest.mark.slow


@pytest.fixture
def workshop(tiny, tmp_path: Path) -> Workshop:
    """A workshop of one's own, with an earlier report called `tiny` in it."""
    shutil.copytree(tiny[0].top, tmp_path, dirs_exist_ok=True)
    return Workshop(tmp_path)


# What a run leaves


@slow
def test_a_run_leaves_a_page_results_a_record_exhibits_and_notebooks(tiny):
    workshop, finished = tiny
    folder = workshop.reports / "tiny"
    assert finished.page == folder / "index.html"
    assert sorted(hash_folder(folder)) == sorted(
        ["index.html", "results.json", "run.json"]
        + [f"notebooks/{name}.ipynb" for name in ALL]
        + [f"tables/t{n}.csv" for n in range(1, 6)]
        + ["tables/claims.comparison.csv", "tables/claims.consistency.csv", "tables/evidence.csv"]
        + [f"figures/f{n}.{ending}" for n in range(1, 6) for ending in ("svg", "png", "csv")])


@slow
def test_a_run_leaves_nothing_of_the_building_behind(tiny):
    workshop, _ = tiny
    assert [path.name for path in workshop.reports.iterdir()] == ["tiny"]
    assert [path.name for path in workshop.derived.iterdir()] == ["tiny"]


@slow
def test_each_notebook_is_given_exactly_its_parameters_and_the_final_folder(tiny):
    workshop, _ = tiny
    for name in ALL:
        notebook = nbformat.read(workshop.reports / "tiny" / "notebooks" / f"{name}.ipynb", as_version=4)
        [cell] = [cell for cell in notebook.cells if "injected-parameters" in cell.metadata.get("tags", [])]
        assert re.findall(r"^(\w+) = ", cell.source, flags=re.MULTILINE) == names_used_by(name)
        assert f'derived_dir = "{workshop.derived}/tiny"' in cell.source


@slow
def test_executed_notebooks_hold_no_times_and_no_building_folder(tiny):
    workshop, _ = tiny
    for path in (workshop.reports / "tiny" / "notebooks").iterdir():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"start_time|end_time|duration|iopub|\.building-", text)


@slow
def test_results_are_sorted_by_id_and_say_whether_the_data_are_synthetic(tiny):
    workshop, _ = tiny
    results = json.loads((workshop.reports / "tiny" / "results.json").read_text(encoding="utf-8"))
    assert results["synthetic"] is False
    ids = [entry["id"] for entry in results["entries"]]
    assert [id for id in ids if "claims." not in id] == [f"tiny{n}.n" for n in range(1, 6)]
    assert ids == sorted(ids)


@slow
def test_the_record_tells_parameters_data_code_packages_and_times(tiny):
    workshop, _ = tiny
    record = json.loads((workshop.reports / "tiny" / "run.json").read_text(encoding="utf-8"))
    assert record["run"] == "tiny"
    assert record["parameters"]["landmark_months"] == 24.0
    assert record["changed"] == {}
    assert record["data"]["files"]["patients.csv"] == hash_folder(workshop.data)["patients.csv"]
    assert record["data"]["manifest_differs"][0].startswith("There is no manifest beside the data")
    assert {"pandas", "lifelines"} <= set(record["asked_for"]) <= set(record["packages"])
    assert "pytest" not in record["asked_for"]
    assert set(ALL) <= set(record["seconds"])
    assert record["started"] < record["finished"]


@slow
def test_the_same_run_again_gives_the_same_bytes_but_for_the_times_and_takes_away_an_old_log(tiny):
    workshop, _ = tiny
    log = workshop.reports / "tiny.failed.log"
    log.write_text("an earlier failure")
    first = hash_folder(workshop.reports / "tiny")
    page = (workshop.reports / "tiny" / "index.html").read_text(encoding="utf-8")
    workshop.run()
    second = hash_folder(workshop.reports / "tiny")
    differing = {name for name in first if first[name] != second[name]}
    assert differing <= {"run.json", "index.html"}
    without_time = re.compile(r"<time .*?</time>|commit <code>\w+</code>|, with \d+ files? changed since")
    assert not log.exists()
    again = (workshop.reports / "tiny" / "index.html").read_text(encoding="utf-8")
    assert without_time.sub("", page) == without_time.sub("", again)


@slow
def test_the_study_itself_does_not_write_to_the_raw_data(real_run):
    assert real_run.before
    assert hash_folder(PROJECT / "data/raw") == real_run.before


@slow
def test_the_study_itself_reports_numbers_and_a_bottom_line(real_run):
    results = json.loads((real_run.folder / "results.json").read_text(encoding="utf-8"))
    assert {entry["notebook"] for entry in results["entries"]} == {*ALL, "claims"}
    assert len(real_run.finished.bottom_line) == 5
    assert (real_run.derived / "dtt_labels.parquet").is_file()


# All or nothing



def start_run(workshop: Workshop, notebooks: Path) -> subprocess.Popen:
    """A run in a process of its own."""
    script = f"""
        import signal
        import sys
        from pathlib import Path
        from helpers import cli, run
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell in the background leaves it ignored
        run.run_study.__kwdefaults__["notebooks"] = Path({str(notebooks)!r})
        sys.exit(cli.main(["run", "--name", "tiny", "--data", {str(workshop.data)!r}, "--reports",
                           {str(workshop.reports)!r}, "--derived", {str(workshop.derived)!r}]))
    """
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stderr=subprocess.PIPE, text=True)


def wait_for(condition, *, seconds: float = 60, process: subprocess.Popen | None = None) -> None:
    """Wait until it is so; fail at once, with what it said, when the process that should make it so has ended."""
    end = time.monotonic() + seconds
    while not condition():
        if process is not None and process.poll() is not None:
            pytest.fail(f"the run ended with exit code {process.returncode}:\n{process.stderr.read()}")
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture
def interrupted(workshop):
    """An earlier report, a run over it that hangs in its second notebook, and that notebook's process."""
    flag = workshop.top / "flag"
    hanging = f"""
        Path({str(flag)!r}).write_text(str(__import__("os").getpid()))
        __import__("time").sleep(600)
    """
    notebooks = write_tiny_notebooks(workshop.top / "hanging", nb02=hanging)
    before = hash_folder(workshop.reports / "tiny"), hash_folder(workshop.derived / "tiny")
    process = start_run(workshop, notebooks)
    wait_for(lambda: flag.exists() and flag.read_text(), process=process)
    yield workshop, process, int(flag.read_text()), before
    process.kill()
    process.communicate()


def test_a_run_that_ends_before_its_time_is_told_with_what_it_said():
    script = "import sys; sys.exit('ImportError: cannot import name')"
    process = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE, text=True)
    with process, pytest.raises(pytest.fail.Exception, match="exit code 1:\nImportError: cannot import name"):
        wait_for(lambda: False, process=process)


@slow
@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_a_killed_run_leaves_the_earlier_report_and_no_half_one(interrupted):
    workshop, process, kernel, before = interrupted
    process.kill()
    process.wait(20)
    assert (hash_folder(workshop.reports / "tiny"), hash_folder(workshop.derived / "tiny")) == before
    assert [path.name for path in workshop.reports.iterdir() if not path.name.startswith(".building-")] == ["tiny"]
    wait_for(lambda: not is_running(kernel), seconds=20)
    make_building_folder(workshop.reports, name="next").rmdir()
    make_building_folder(workshop.derived, name="next").rmdir()
    assert [path.name for path in workshop.reports.iterdir()] == ["tiny"]
    assert [path.name for path in workshop.derived.iterdir()] == ["tiny"]


@slow
@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_control_c_ends_the_run_and_its_notebooks_with_exit_code_130(interrupted):
    workshop, process, kernel, before = interrupted
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert errors.splitlines()[-1] == "stopped; nothing was changed"
    assert "Traceback" not in errors
    assert not is_running(kernel)
    assert (hash_folder(workshop.reports / "tiny"), hash_folder(workshop.derived / "tiny")) == before
    assert [path.name for path in workshop.reports.iterdir()] == ["tiny"]


@slow
def test_a_failing_notebook_ends_the_others_changes_nothing_and_keeps_a_log(workshop):
    before = hash_folder(workshop.reports / "tiny"), hash_folder(workshop.derived / "tiny")
    notebooks = write_tiny_notebooks(workshop.top / "failing", nb03='raise KeyError("no such column")',
                                     nb04='__import__("time").sleep(600)')
    message = r"03_predictors stopped in cell \d+: KeyError: 'no such column'"
    with pytest.raises(NotebookFailure, match=message) as caught:
        workshop.run(notebooks=notebooks)
    assert (hash_folder(workshop.reports / "tiny"), hash_folder(workshop.derived / "tiny")) == before
    log = workshop.reports / "tiny.failed.log"
    assert caught.value.log == log
    text = log.read_text(encoding="utf-8")
    assert 'raise KeyError("no such column")' in text
    assert "Traceback" in text
    assert "\x1b" not in text


@slow
def test_an_input_error_in_a_notebook_reaches_the_user_as_it_is_and_leaves_no_log(workshop):
    before = hash_folder(workshop.reports), hash_folder(workshop.derived)
    raising = """
        from helpers.schema import DataError
        raise DataError("no patient is eligible: widen study_start and study_end")
    """
    with pytest.raises(DataError, match=r"^no patient is eligible: widen study_start and study_end$"):
        workshop.run(notebooks=write_tiny_notebooks(workshop.top / "raising", nb01=raising))
    assert (hash_folder(workshop.reports), hash_folder(workshop.derived)) == before
    assert [path.name for path in workshop.reports.iterdir()] == ["tiny"]
    assert [path.name for path in workshop.derived.iterdir()] == ["tiny"]


@pytest.mark.parametrize(("name", "file", "kind"), [
    ("DataError", "src/helpers/study.py", DataError),
    ("DataError", None, DataError),
    ("ParameterError", "src/helpers/parameters.py", ParameterError),
    ("RuleError", "src/helpers/definitions/rulebook.py", RuleError),
    ("DataError", "site-packages/pandas/core/groupby/groupby.py", NotebookFailure),
    ("KeyError", "src/helpers/study.py", NotebookFailure),
])
def test_only_the_input_errors_of_the_study_are_taken_out_of_a_notebook(name, file, kind):
    trace = ["Traceback", "\x1b[36mFile \x1b[39m\x1b[32msite-packages/pandas/x.py:1\x1b[39m"]
    trace = [*trace, f"File {file}:12, in f()"] if file else ["Traceback", "Cell In[3], line 1"]
    problem = PapermillExecutionError(2, 3, "call()", name, "line one\nline two", trace)
    raised = explain_failure("01_cohort", problem)
    assert type(raised) is kind
    assert "line one\nline two" in str(raised)
    assert (str(raised) == "line one\nline two") == (kind is not NotebookFailure)


@slow
def test_what_a_process_of_a_notebook_writes_to_the_terminal_is_not_seen(tmp_path, capfd):
    noise = "import os, sys; print('said'); print('noise', file=sys.__stderr__); os.write(1, b'noise')"
    allow_kernels()
    with ThreadPoolExecutor(1) as pool:  # an open browser has a loop running in the main thread
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(noise)])
        executed = pool.submit(execute_notebook, notebook, {}, folder=tmp_path).result()
    assert executed.cells[0].outputs[0].text == "said\n"
    assert capfd.readouterr() == ("", "")


@slow
@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_a_notebook_whose_process_dies_is_named(workshop):
    dying = '__import__("os").kill(__import__("os").getpid(), 9)'
    with pytest.raises(NotebookFailure, match="02_dtt_labelling stopped: its process ended"):
        workshop.run(notebooks=write_tiny_notebooks(workshop.top / "dying", nb02=dying))


def test_no_notebook_starts_once_the_run_is_stopped():
    end_kernels()
    try:
        with ThreadPoolExecutor(1) as pool:  # an open browser has a loop running in the main thread
            launched = pool.submit(lambda: asyncio.run(StudyKernelManager()._async_launch_kernel([])))
        with pytest.raises(RuntimeError, match="the run has been stopped"):
            launched.result()
    finally:
        allow_kernels()


@slow
def test_two_exhibits_of_one_name_are_an_error(workshop):
    again = 'leave("exhibits/02_dtt_labelling/tables/t1.csv", "")'
    notebooks = write_tiny_notebooks(workshop.top / "double", nb02=again)
    with pytest.raises(ValueError, match=r"two notebooks have an exhibit called t1\.csv"):
        workshop.run(notebooks=notebooks)
    assert [path.name for path in workshop.reports.iterdir()] == ["tiny"]


@pytest.mark.parametrize(("values", "error", "words"), [
    ({"response_rule": "eular_2012"}, RuleError, "There is no response rule called eular_2012"),
    ({"flare_rule": "kdigo"}, RuleError, "There is no flare rule called kdigo"),
    ({"worsening_rule": "doubling"}, RuleError, "There is no worsening rule called doubling"),
    ({"rules_file": "nowhere.yml"}, RuleError, "does not exist"),
    ({"data_dir": "no/such/folder"}, DataError, "there is no such folder"),
])
def test_input_that_cannot_be_used_is_refused_before_anything_is_written(tmp_path, values, error, words):
    parameters = check_parameters({"data_dir": str(write_small_study(tmp_path / "raw")), **values})
    with pytest.raises(error, match=re.escape(words)):
        run_study(parameters, progress=Progress(io.StringIO()), reports=tmp_path / "reports",
                  derived=tmp_path / "derived")
    assert [path.name for path in tmp_path.iterdir()] == ["raw"]


def test_a_run_cannot_be_named_out_of_its_folder(tmp_path):
    with pytest.raises(ParameterError, match=r"'\.\./x' cannot be the name of a run"):
        run_study(check_parameters({}), progress=Progress(io.StringIO()), name="../x", reports=tmp_path)


def refusal(tmp_path: Path, *, name: str = "x", reports: Path | None = None, derived: Path | None = None,
            data: Path | None = None) -> str:
    """What a run says that cannot use its places; nothing may have changed."""
    before = sorted(tmp_path.rglob("*"))
    parameters = check_parameters({"data_dir": str(data or tmp_path / "raw")})
    with pytest.raises(ParameterError) as caught:
        run_study(parameters, progress=Progress(io.StringIO()), name=name, reports=reports or tmp_path / "reports",
                  derived=derived or tmp_path / "derived")
    assert sorted(tmp_path.rglob("*")) == before
    return str(caught.value)


@pytest.mark.parametrize("inside", ["", "deeper", "deeper/still"])
def test_no_run_goes_into_a_folder_of_raw_tables(tmp_path, inside):
    for raw in (tmp_path / "raw", PROJECT / "data/raw"):
        assert refusal(tmp_path, derived=raw / inside) == (
            f"--derived {raw / inside} is in the folder of the raw tables: choose another folder")
        assert refusal(tmp_path, reports=raw / inside).startswith("--reports ")


def test_no_run_replaces_the_folder_that_its_data_are_in(tmp_path):
    assert "the raw tables are in it" in refusal(tmp_path, data=tmp_path / "reports" / "x" / "raw")
    assert "the raw tables are in it" in refusal(tmp_path, name="raw", derived=tmp_path)


def test_a_run_needs_two_folders(tmp_path):
    for derived in (tmp_path / "reports", tmp_path / "reports" / "x"):
        assert "must be two folders" in refusal(tmp_path, derived=derived)
    assert "must be two folders" in refusal(tmp_path, reports=tmp_path / "derived" / "x")


def test_a_run_takes_the_place_of_nothing_but_an_earlier_run(tmp_path):
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "README.md").write_text("ours")
    assert "README.md is there and is no folder" in refusal(tmp_path, name="README.md")
    assert "README.md is there and is no folder" in refusal(tmp_path, reports=tmp_path / "reports" / "README.md")
    (tmp_path / "reports" / "src").mkdir()
    (tmp_path / "derived" / "x").mkdir(parents=True)
    (tmp_path / "derived" / "x" / "thesis.tex").write_text("ours")
    (tmp_path / "reports" / "src" / "code.py").write_text("ours")
    assert refusal(tmp_path, name="src").endswith("is there and is no earlier run: choose another --name or --reports")
    assert refusal(tmp_path).endswith("is there and is no earlier run: choose another --name or --derived")


@pytest.mark.parametrize(("name", "is_one"), [
    ("x", True), ("x.y-z_1", True), ("x.", False), ("x.log", False), ("x.failed.LOG", False), ("logs", True),
    ("con", False), ("Nul.txt", False), ("COM1", False), ("lpt9.a.b", False), ("com", True), ("console", True),
    ("", False), (".x", False), ("a" * 80, True), ("a" * 81, False),
])
def test_names_that_no_folder_can_have_everywhere_are_refused(name, is_one):
    assert is_run_name(name) == is_one


# What the record says of the data


def test_patients_are_calibrated_only_as_they_were_chosen(tmp_path):
    data = write_small_study(tmp_path / "raw")
    files = {name: {"rows": 1, "sha256": sha256} for name, sha256 in hash_folder(data).items()}

    def is_calibrated(*, manifest: dict | None = None, **values: object) -> bool:
        if manifest is not None:
            (data / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        parameters = check_parameters({"data_dir": str(data), **values})
        return check_data(parameters, progress=Progress(io.StringIO()))["calibrated"]

    simulated = {"synthetic": True, "description": "made", "files": files}
    assert not is_calibrated()
    assert not is_calibrated(manifest=simulated)
    assert is_calibrated(manifest={**simulated, "pool_size": 10})
    assert not is_calibrated(landmark_months=12)
    (data / "visits.csv").write_bytes((data / "visits.csv").read_bytes() + b"\n")
    assert not is_calibrated()


def test_a_manifest_may_start_with_a_byte_order_mark(tmp_path):
    (tmp_path / "manifest.json").write_text('{"synthetic": true, "description": "made"}', encoding="utf-8-sig")
    assert is_synthetic(tmp_path)


@slow
def test_stored_notebooks_have_outputs_and_no_injected_cell(workshop, tmp_path):
    notebooks = tmp_path / "stored"
    shutil.copytree(workshop.top / "notebooks", notebooks)
    for path in notebooks.glob("*.py"):  # a default folder of their own: the project's is left alone
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("data/derived/interactive", (tmp_path / "derived").as_posix()), encoding="utf-8")
    store_notebooks(progress=Progress(io.StringIO()), notebooks=notebooks)
    notebook = nbformat.read(notebooks / "01_cohort.ipynb", as_version=4)
    assert not any("injected-parameters" in cell.metadata.get("tags", []) for cell in notebook.cells)
    assert any(cell.get("outputs") for cell in notebook.cells)
    assert (tmp_path / "derived").is_dir()


# Names and places


def test_the_name_of_a_run_follows_from_what_differs():
    assert name_run({}) == "default"
    assert name_run({"landmark_months": 12.0}) == name_run({"landmark_months": 12.0})
    assert name_run({"landmark_months": 12.0}) != name_run({"landmark_months": 36.0})
    assert name_run({}, data="/clinic/Our Data").startswith("our-data-")
    assert name_run({}, data="a/raw") != name_run({}, data="b/raw")
    assert name_run({"rules_file": "/"}).startswith("rules_file-none-")
    assert len(name_run({"covariates": ["a_long_name"] * 40})) <= 67


def cannot(*_) -> bool:
    return False


@pytest.mark.parametrize("exchange", [None, cannot])
def test_a_finished_run_takes_the_place_of_the_earlier_one(tmp_path, exchange):
    for text in ("old", "new"):
        building = make_building_folder(tmp_path, name="x")
        (building / "page").write_text(text)
        put_in_place((building, tmp_path / "x"), exchange=exchange)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert (tmp_path / "x" / "page").read_text() == "new"


def make_moves(top: Path, *, earlier: bool) -> list[tuple[Path, Path]]:
    """Two finished building folders and their places, with or without earlier runs in these."""
    moves = []
    for parent in (top / "derived", top / "reports"):
        building = make_building_folder(parent, name="x")
        (building / "page").write_text("new")
        if earlier:
            (parent / "x").mkdir()
            (parent / "x" / "page").write_text("old")
        moves.append((building, parent / "x"))
    return moves


@pytest.fixture
def failing_rename(monkeypatch):
    """Let renaming to a path fail from now on."""
    rename = Path.rename

    def fail_for(name: str, *, times: int = 1) -> None:
        left = [times]

        def renamed(path: Path, target: Path) -> Path:
            if Path(target).as_posix().endswith(name) and left[0]:
                left[0] -= 1
                raise PermissionError(13, "in use", str(target))
            return rename(path, target)

        monkeypatch.setattr(Path, "rename", renamed)

    return fail_for


@pytest.mark.parametrize("earlier", [True, False])
@pytest.mark.parametrize("place", ["derived/x", "reports/x"])
def test_tables_and_report_come_to_their_places_together_or_not_at_all(tmp_path, failing_rename, earlier, place):
    moves = make_moves(tmp_path, earlier=earlier)
    failing_rename(place)
    with pytest.raises(PermissionError):
        put_in_place(*moves, exchange=cannot)
    for building, home in moves:
        assert (building / "page").read_text() == "new"
        assert (home / "page").read_text() == "old" if earlier else not home.exists()
        assert len(list(home.parent.iterdir())) == 1 + earlier
    put_in_place(*moves, exchange=cannot)
    for building, home in moves:
        assert ((home / "page").read_text(), building.exists()) == ("new", False)


def test_tables_are_exchanged_back_when_the_report_cannot_be_placed(tmp_path):
    moves = make_moves(tmp_path, earlier=True)

    def exchange(one: Path, other: Path) -> bool:
        if other.parent.name == "reports":
            raise KeyboardInterrupt
        return exchange_folders(one, other)

    with pytest.raises(KeyboardInterrupt):
        put_in_place(*moves, exchange=exchange)
    assert [((b / "page").read_text(), (h / "page").read_text()) for b, h in moves] == [("new", "old")] * 2


def test_a_folder_that_cannot_come_back_from_aside_leaves_all_as_it_was(tmp_path, failing_rename):
    moves = make_moves(tmp_path, earlier=True)
    failing_rename(moves[1][0].name, times=1)
    with pytest.raises(PermissionError):
        put_in_place(*moves[1:], exchange=cannot)
    assert ((moves[1][0] / "page").read_text(), (moves[1][1] / "page").read_text()) == ("new", "old")
    assert len(list((tmp_path / "reports").iterdir())) == 2


def test_leftovers_that_another_run_clears_away_at_the_same_time_are_no_failure(tmp_path, dead, monkeypatch):
    for name in (f".building-x-{machine()}-{dead}", f".aside-x-{machine()}-{dead}", ".building-y-elsewhere-77"):
        (tmp_path / name).mkdir()
    is_left_over = run_folders._is_left_over

    def cleared_meanwhile(folder: Path) -> bool:
        shutil.rmtree(folder)
        return is_left_over(folder)

    monkeypatch.setattr(run_folders, "_is_left_over", cleared_meanwhile)
    clear_leftovers(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_where_the_system_cannot_exchange_folders_it_says_so(tmp_path, monkeypatch):
    assert not exchange_folders(tmp_path / "no", tmp_path / "none")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not exchange_folders(tmp_path, tmp_path)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(run_folders.ctypes, "CDLL", lambda *_, **__: object())
    assert not exchange_folders(tmp_path, tmp_path)


@pytest.fixture
def dead() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def machine() -> str:
    return run_folders._owner().rsplit("-", maxsplit=1)[0]


def test_only_the_leftovers_of_dead_processes_are_cleared_away(tmp_path, dead):
    mine = tmp_path / f".building-x-{machine()}-{os.getpid()}"
    foreign, old = tmp_path / ".building-x-elsewhere-77", tmp_path / ".building-y-elsewhere-77"
    gone = tmp_path / f".building-x-{machine()}-{dead}"
    for path in (mine, foreign, old, gone, tmp_path / "x"):
        path.mkdir()
    two_days_ago = time.time() - 2 * 24 * 60 * 60
    os.utime(old, (two_days_ago, two_days_ago))
    clear_leftovers(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {mine.name, foreign.name, "x"}


def test_a_report_that_a_kill_left_aside_is_put_back(tmp_path, dead):
    aside = tmp_path / f".aside-my-run-{machine()}-{dead}"
    aside.mkdir()
    (aside / "page").write_text("old")
    clear_leftovers(tmp_path)
    assert (tmp_path / "my-run" / "page").read_text() == "old"


def test_a_report_left_aside_is_dropped_where_the_new_one_is_in_place(tmp_path, dead):
    aside = tmp_path / f".aside-x-{machine()}-{dead}"
    for path in (aside, tmp_path / "x"):
        path.mkdir()
    clear_leftovers(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_a_process_that_belongs_to_somebody_else_is_alive(monkeypatch):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    assert run_folders._is_alive(1)


# What the notebooks' processes inherit


def test_compiled_files_are_kept_and_linear_algebra_has_one_thread_unless_told_otherwise(monkeypatch):
    for name in (*ONE_THREAD, "PYTHONPYCACHEPREFIX", "PYDEVD_DISABLE_FILE_VALIDATION"):
        monkeypatch.setenv(name, "")  # so that each is as it was afterwards
        monkeypatch.delenv(name)
    monkeypatch.setenv("IPYTHONDIR", "")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    prepare_environment()
    assert [os.environ.get(name) for name in ONE_THREAD] == ["3", "1", "1"]
    assert "PYTHONDONTWRITEBYTECODE" not in os.environ
    assert os.environ["PYTHONPYCACHEPREFIX"] == str(Path(sys.prefix) / "compiled")
    prepare_environment()
    assert os.environ["PYTHONPYCACHEPREFIX"] == str(Path(sys.prefix) / "compiled")


def test_the_start_up_files_of_a_users_own_sessions_are_left_out(monkeypatch):
    monkeypatch.setenv("PYTHONSTARTUP", "/home/mine/start.py")
    monkeypatch.setenv("IPYTHONDIR", "/home/mine/.ipython")
    prepare_environment()
    assert "PYTHONSTARTUP" not in os.environ
    assert os.environ["IPYTHONDIR"] == str(Path(sys.prefix) / "ipython")


# Record and progress


def test_code_outside_version_control_has_no_commit(tmp_path):
    assert describe_code(tmp_path) == {"version": "0.3.0", "commit": None, "changed_files": None}


def test_code_under_version_control_has_a_commit_and_a_count_of_changed_files(tmp_path):
    def git(*arguments: str) -> None:
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.org", "-C", str(tmp_path), *arguments],
                       check=True, capture_output=True)

    git("init")
    (tmp_path / "a").write_text("1")
    git("add", "a")
    git("commit", "-m", "a")
    assert describe_code(tmp_path)["changed_files"] == 0
    (tmp_path / "a").write_text("2")
    found = describe_code(tmp_path)
    assert re.fullmatch("[0-9a-f]{40}", found["commit"])
    assert found["changed_files"] == 1
    assert describe_code(tmp_path / "..")["commit"] is None


def test_without_git_there_is_no_commit(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert describe_code(PROJECT)["commit"] is None


def test_progress_in_a_log_is_one_line_per_notebook():
    stream = io.StringIO()
    progress = Progress(stream)
    progress.begin("01_cohort", cells=9)
    progress.reach("01_cohort", 4)
    progress.end("01_cohort", seconds=1.26)
    progress.close()
    assert stream.getvalue() == "  01_cohort                  1.3 s\n"
    assert progress.seconds == {"01_cohort": 1.26}


def test_progress_on_a_terminal_rewrites_one_line():
    stream = io.StringIO()
    progress = Progress(stream, live=True)
    progress.begin("01_cohort", cells=9)
    progress.reach("01_cohort", 4)
    assert stream.getvalue().endswith("01_cohort 4/9")
    progress.end("01_cohort", seconds=1.0)
    progress.close()
    assert stream.getvalue().endswith("01_cohort                  1.0 s\n\r\x1b[K")


# Which notebook starts when


def ended(done):
    task = Future()
    if done:
        task.set_result(None)
    return task


def leave_tables(names, folder):
    for name in names:
        (folder / f"{name}.parquet").touch()


def test_all_notebooks_of_a_run_start_at_once_the_first_before_those_that_wait_for_it():
    assert _ready({}, waits=True) == list(ALL)
    assert _ready({ALL[0]: ended(False)}, waits=True) == list(ALL[1:])
    assert _ready({}, names=[ALL[1], ALL[3]], waits=True) == [ALL[1], ALL[3]]


def test_notebooks_that_do_not_wait_start_when_their_makers_have_ended():
    under_way = {ALL[0]: ended(True), ALL[1]: ended(False)}
    assert _ready(under_way, waits=False) == []
    assert _ready({**under_way, ALL[1]: ended(True)}, waits=False) == [ALL[2], ALL[3], ALL[4]]
    assert _ready({}, names=ALL[3:], waits=False) == [ALL[3], ALL[4]]


@pytest.mark.parametrize("arrives", ["tables", "the end of the notebook"])
def test_a_notebook_of_a_run_waits_for_the_tables_that_it_reads(tmp_path, arrives):
    (tmp_path / "ledger").mkdir()
    leave_tables(list_left_tables(ALL[0]), tmp_path)
    waiting = Thread(target=wait_for_tables, args=(ALL[3], tmp_path), daemon=True)
    waiting.start()
    waiting.join(5 * flow.POLL_SECONDS)
    assert waiting.is_alive()
    if arrives == "tables":
        leave_tables(list_left_tables(ALL[1]), tmp_path)
    else:
        (tmp_path / "ledger" / f"{ALL[1]}.json").touch()
    waiting.join(10)
    assert not waiting.is_alive()


@pytest.mark.parametrize("ends", ["its folder", "its process"])
def test_a_notebook_whose_run_has_ended_waits_no_longer(tmp_path, monkeypatch, ends):
    folder = tmp_path / "run"
    if ends == "its process":
        folder.mkdir()
        parents = iter([1, 1, 2])
        monkeypatch.setattr(os, "getppid", lambda: next(parents))
    with pytest.raises(RuntimeError, match=f"waited for the tables of {ALL[0]}, and the run that it belongs to ended"):
        wait_for_tables(ALL[1], folder)


def test_the_process_that_notebooks_are_forked_from_goes_without_what_they_do_not_use():
    code = ("import gc, sys, helpers.run.mother as mother; "
            "print([name for name in mother.UNUSED if sys.modules.get(name, 0) is None], gc.isenabled())")
    for environment, expected in (({}, "[] True"), ({mother.IS_MOTHER: "yes"}, "['debugpy', 'hypothesis'] False")):
        ended = subprocess.run([sys.executable, "-c", code + "; raise ValueError"], env={**os.environ, **environment},
                               capture_output=True, text=True, check=False)
        assert (ended.stdout.strip(), ended.returncode) == (expected, 0 if environment else 1)


def test_outside_of_a_run_no_notebook_waits(tmp_path):
    namespace = {**Parameters().model_dump(), "derived_dir": str(tmp_path)}
    assert open_study(ALL[3], namespace).derived_dir == tmp_path


def test_a_notebook_never_starts_before_its_maker():
    assert _ready({ALL[0]: ended(False)}, waits=False) == []
    assert _ready({ALL[0]: ended(True)}, waits=False) == [ALL[1]]


@slow
def test_where_nothing_can_be_forked_a_notebook_gets_a_process_of_its_own_making(tmp_path, monkeypatch):
    monkeypatch.setattr("helpers.run.kernels.CAN_FORK", False)
    check_alone(tmp_path)


class SilentClient(StudyKernelClient):
    """A client of a process that answers nothing, and of which `alive` says whether it is there."""

    alive = True

    def kernel_info(self, **_):
        self.asked = getattr(self, "asked", 0) + 1

    async def get_shell_msg(self, **_):
        raise Empty

    async def is_alive(self):
        return self.alive


def test_a_process_that_has_died_is_not_waited_for():
    client = SilentClient()
    client.alive = False
    with pytest.raises(RuntimeError, match="died before replying"):
        asyncio.run(client.wait_for_ready(timeout=60))
    assert client.asked == 1


def test_a_process_that_does_not_answer_is_asked_again_and_given_up_when_its_time_is_over():
    with pytest.raises(RuntimeError, match=r"didn't respond in 0\.05 seconds"):
        asyncio.run(SilentClient().wait_for_ready(timeout=0.05))


@slow
def test_a_forge_that_has_died_is_done_without(tmp_path, monkeypatch):
    def die(*_, **__):
        raise EOFError("unexpected EOF")

    monkeypatch.setattr("helpers.run.kernels.fork_kernel", die)
    check_alone(tmp_path)


def check_alone(folder):
    allow_kernels()
    with ThreadPoolExecutor(1) as pool:  # an open browser has a loop running in the main thread
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print(6 * 7)")])
        executed = pool.submit(execute_notebook, notebook, {}, folder=folder).result()
    assert executed.cells[0].outputs[0].text == "42\n"
