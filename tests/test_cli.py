"""The command line: one clear message for what cannot be used, the right exit code, and nothing written."""

import gc
import os
import re
import runpy
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from small_study import with_cell, write_small_study

from helpers import documentation, run
from helpers.cli import main
from helpers.cli.runs import no_collection
from helpers.parameters import describe_parameters
from helpers.project import PROJECT
from helpers.run import FinishedRun


@pytest.fixture
def said(capsys):
    """Run the command line and return its exit code and what it said, output first."""

    def say(*arguments: str) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return say


@pytest.fixture
def runs(monkeypatch) -> list[dict]:
    """The runs that were asked for; none is really made."""
    asked: list[dict] = []

    def pretend(parameters, **options):
        asked.append({"parameters": parameters, "collects": gc.isenabled(), **options})
        return FinishedRun("x", Path("/reports/x/index.html"), ("57 of 181 are difficult to treat.",))

    monkeypatch.setattr(run, "run_study", pretend)
    return asked


# What cannot be used


@pytest.mark.parametrize(("arguments", "message"), [
    (["run", "-p", "landmark_month=12"], "There is no parameter landmark_month: did you mean landmark_months?"),
    (["run", "-p", "landmark_months=soon"], "Parameter landmark_months: Input should be a valid number"),
    (["run", "-p", "landmark_months=900"], "a number from 3 to 60 months"),
    (["run", "-p", "seed=true"], "Parameter seed: Input should be a valid integer"),
    (["run", "-p", "dtt_arms=[no_respons]"], "did you mean no_response?"),
    (["run", "-p", "study_start=12.1.2004"], "is not a date: write it as YYYY-MM-DD"),
    (["run", "-p", "seed"], "-p seed: write -p name=value"),
    (["run", "-p", "=3"], "-p =3: write -p name=value"),
    (["run", "-p", "seed=1", "-p", "seed=2"], "Parameter seed is given twice"),
    (["run", "-p", "covariates=[a"], "the value is not readable"),
    (["run", "-p", "response_rule=eular"], "There is no response rule called eular"),
    (["run", "-p", "rules_file=nowhere.yml"], "nowhere.yml does not exist: check rules_file"),
    (["run", "-p", "derived_dir=x"], "use --derived"),
    (["run", "-p", "data_dir=x", "--data", "y"], "give one of them"),
    (["run", "--data", "no/such/folder"], "there is no such folder"),
    (["run", "--name", "a/b"], "cannot be the name of a run"),
    (["run", "--name", "x.log"], "'x.log' cannot be the name of a run"),
    (["run", "--name", "README.md"], "README.md is there and is no folder: choose another --name"),
    (["run", "--derived", PROJECT / "data/raw"], "is in the folder of the raw tables"),
    (["run", "--reports", PROJECT / "data/raw/x"], "is in the folder of the raw tables"),
    (["run", "--data", ""], "argument --data: is empty: name one, or leave the option out"),
    (["run", "-p", "data_dir="], "data_dir is empty"),
    (["run", "--derived", " "], "argument --derived: is empty"),
    (["run", "--parameters", ""], "argument --parameters: is empty"),
    (["check", "--data", ""], "argument --data: is empty"),
    (["simulate", "--out", ""], "argument --out: is empty"),
    (["run", "--parameters", "nowhere.yml"], "The parameter file nowhere.yml does not exist"),
    (["run", "--parameter_s", "x"], "unrecognized arguments: --parameter_s x"),
    (["check", "--data", "no/such/folder"], "there is no such folder"),
    (["simulate", "--out", "x", "-n", "0"], "must be at least 1"),
    (["simulate", "--out", "x", "--seed", "-1"], "'-1' is not a whole number from 0 on"),
    (["simulate"], "the following arguments are required: --out"),
    (["rum"], "There is no command rum: did you mean run?"),
    ([], "the following arguments are required: COMMAND"),
])
def test_what_cannot_be_used_is_refused_in_one_message(said, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    code, out, errors = said(*arguments)
    assert code == 2
    assert message in errors
    assert out == ""
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("content", "message"), [
    (b"landmark_months: [", "is not readable YAML"),
    (b"\xff\xfe\x00", "is not readable YAML"),
    (b"- 1\n- 2\n", "must hold lines like: landmark_months: 12"),
    (b"landmark_month: 12\n", "did you mean landmark_months?"),
])
def test_a_parameter_file_that_cannot_be_used_is_refused(said, tmp_path, content, message):
    path = tmp_path / "parameters.yml"
    path.write_bytes(content)
    code, _, errors = said("run", "--parameters", path)
    assert (code, message in errors) == (2, True)


def test_bad_data_are_refused_with_table_column_and_row_and_nothing_is_written(said, tmp_path):
    with_cell(write_small_study(tmp_path / "raw"), table="visits", row=3, column="creatinine_mg_dl", value="1,2")
    code, _, errors = said("run", "--data", tmp_path / "raw", "--reports", tmp_path / "reports",
                           "--derived", tmp_path / "derived")
    assert code == 2
    assert "visits.csv, column creatinine_mg_dl, row 3, patient P1" in errors
    assert [path.name for path in tmp_path.iterdir()] == ["raw"]


# What a run is asked to do


def test_values_are_read_as_yaml_and_reach_the_run(said, runs):
    code, out, _ = said("run", "-p", "landmark_months=12", "-p", "dtt_arms=[no_response, early_flare]",
                        "-p", "study_start=2010-01-01", "-p", "require_complete_records=no", "-p", "rules_file=",
                        "--name", "mine")
    parameters = runs[0]["parameters"]
    assert code == 0
    assert parameters.changed() == {
        "landmark_months": 12.0, "dtt_arms": ["no_response", "early_flare"], "study_start": "2010-01-01",
        "require_complete_records": False}
    assert runs[0]["name"] == "mine"
    assert runs[0]["reports"] == PROJECT / "reports"
    assert out == f"\n{Path('/reports/x/index.html')}\n\n57 of 181 are difficult to treat.\n"


def test_the_command_line_goes_before_the_parameter_file(said, runs, tmp_path):
    path = tmp_path / "parameters.yml"
    path.write_text("landmark_months: 12\nseed: 7\nstudy_start: 2010-01-01\n")
    said("run", "--parameters", path, "-p", "landmark_months=36")
    assert runs[0]["parameters"].changed() == {"landmark_months": 36.0, "seed": 7, "study_start": "2010-01-01"}


def test_an_empty_parameter_file_changes_nothing(said, runs, tmp_path):
    (tmp_path / "parameters.yml").write_text("")
    said("run", "--parameters", tmp_path / "parameters.yml")
    assert runs[0]["parameters"].changed() == {}


def test_folders_are_meant_from_where_the_command_is_given(said, runs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "raw").mkdir()
    said("run", "--data", "raw", "--reports", "out", "--derived", "tables")
    assert runs[0]["parameters"].data_dir == (tmp_path / "raw").as_posix()
    assert (runs[0]["reports"], runs[0]["derived"]) == (tmp_path / "out", tmp_path / "tables")


def test_folders_of_the_project_are_found_from_anywhere(said, runs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said("run", "--data", "data/raw")
    assert runs[0]["parameters"].data_dir == "data/raw"


# What can happen


@pytest.mark.parametrize(("problem", "code", "message"), [
    (KeyboardInterrupt(), 130, "stopped; nothing was changed"),
    (OSError(28, "No space left on device"), 1, "No space left on device"),
])
def test_what_stops_a_run_is_said_without_a_traceback(said, monkeypatch, problem, code, message):
    def fail(_):
        raise problem

    monkeypatch.setattr("helpers.cli.entry.COMMANDS", {"run": fail})
    got, _, errors = said("run")
    assert (got, message in errors, "Traceback" in errors) == (code, True, False)


def test_a_failing_notebook_is_named_with_its_log_and_exit_code_1(said, monkeypatch):
    class NotebookFailure(RuntimeError):
        log = Path("reports/default.failed.log")

    def fail(_):
        raise NotebookFailure("03_predictors stopped in cell 7: KeyError: 'x'")

    monkeypatch.setattr("helpers.cli.entry.COMMANDS", {"run": fail})
    code, _, errors = said("run")
    assert code == 1
    assert errors.splitlines() == [
        "03_predictors stopped in cell 7: KeyError: 'x'", f"The log: {Path('reports/default.failed.log')}",
        "No report was made or changed."]


def test_a_mistake_of_ours_keeps_its_traceback(monkeypatch):
    def fail(_):
        raise ZeroDivisionError

    monkeypatch.setattr("helpers.cli.entry.COMMANDS", {"run": fail})
    with pytest.raises(ZeroDivisionError):
        main(["run"])


def test_a_reader_who_has_seen_enough_is_no_failure(said, monkeypatch):
    def fail(_):
        raise BrokenPipeError

    closed = []
    monkeypatch.setattr("helpers.cli.entry.COMMANDS", {"run": fail})
    monkeypatch.setattr(os, "dup2", lambda *handles: closed.append(handles[1]))
    assert said("run") == (0, "", "")
    assert closed == [1]


def test_a_list_can_be_cut_short_by_its_reader():
    command = f"{sys.executable} -m helpers parameters | head -n 1"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "data_dir\n", "")


# The other commands


def test_check_counts_rows_and_patients(said, tmp_path):
    code, out, _ = said("check", "--data", write_small_study(tmp_path / "raw"))
    assert code == 0
    assert "visits             17 rows\n" in out
    assert "5 patients on file. The tables can be used." in out
    assert "Note: There is no manifest beside the data" in out


def test_simulate_writes_tables_that_can_be_used_the_truth_beside_them(said, tmp_path):
    out = tmp_path / "made"
    assert said("simulate", "-n", "12", "--seed", "5", "--out", out)[0] == 0
    assert (out / "truth.json").is_file()
    code, words, _ = said("check", "--data", out)
    assert (code, "12 patients on file" in words, "Note" in words) == (0, True, False)
    first = (out / "visits.csv").read_bytes()
    assert said("simulate", "-n", "12", "--seed", "5", "--out", out)[0] == 0
    assert (out / "visits.csv").read_bytes() == first


def test_simulate_never_writes_over_data_that_were_not_simulated(said, tmp_path):
    raw = write_small_study(tmp_path / "raw")
    before = (raw / "visits.csv").read_bytes()
    assert said("simulate", "--out", raw)[0] == 2
    assert said("simulate", "--out", PROJECT / "data/raw")[0] == 2
    assert said("simulate", "--out", raw / "visits.csv")[0] == 2
    assert (raw / "visits.csv").read_bytes() == before


@pytest.mark.parametrize("said_to_be", [True, False])
def test_simulate_never_writes_over_simulated_tables_that_were_changed(said, tmp_path, said_to_be):
    out = tmp_path / "made"
    assert said("simulate", "-n", "12", "--out", out)[0] == 0
    if said_to_be:
        (out / "visits.csv").write_bytes((out / "visits.csv").read_bytes() + b"\n")
    else:
        (out / "manifest.json").unlink()
    before = (out / "visits.csv").read_bytes()
    code, _, errors = said("simulate", "-n", "13", "--out", out)
    assert (code, "were not simulated here, or have been changed since" in errors) == (2, True)
    assert (out / "visits.csv").read_bytes() == before


@pytest.fixture
def project(monkeypatch, tmp_path) -> Path:
    """Another top folder, whose data/raw is absent, and where making the shipped cohort leaves a mark."""
    monkeypatch.setattr("helpers.project.PROJECT", tmp_path)
    monkeypatch.setattr("helpers.calibration.write_shipped_cohort",
                        lambda folder: (folder.parent / "made").write_text("yes"))
    (tmp_path / "data").mkdir()
    return tmp_path


def test_data_never_writes_over_tables_that_are_not_simulated_ones(said, project):
    raw = write_small_study(project / "data/raw")
    code, _, errors = said("data")
    assert (code, "move your tables away first" in errors) == (2, True)
    (raw / "manifest.json").write_text('{"synthetic": true, "description": "theirs, by an old manifest"}')
    assert said("data")[0] == 2
    assert not (project / "data/made").exists()


def test_data_makes_the_shipped_cohort_where_there_is_none(said, project):
    assert said("data")[0] == 0
    assert (project / "data/made").exists()


def test_data_makes_the_shipped_cohort_beside_a_readme_and_over_simulated_tables_only(said, project):
    raw = project / "data/raw"
    raw.mkdir()
    (raw / "README.md").write_text("what is here")
    assert said("data")[0] == 0
    (project / "data/made").unlink()
    (raw / "README.md").unlink()
    code = main(["simulate", "-n", "12", "--out", str(project / "made_elsewhere")])
    assert code == 0
    raw.rmdir()
    (project / "made_elsewhere").rename(raw)
    assert said("data")[0] == 0
    assert (project / "data/made").exists()


def test_parameters_lists_each_with_its_source_and_help_lists_each_with_its_meaning(said):
    _, listed, _ = said("parameters")
    _, helped, _ = said("run", "--help")
    joined = " ".join(listed.split()), " ".join(helped.split())
    for facts in describe_parameters():
        assert facts["name"] in joined[0]
        assert " ".join(facts["source"].split()) in joined[0]
        if not facts["name"].endswith("_dir"):
            assert f"{facts['name']} {facts['meaning']}; {facts['range']}. Default: " in joined[1]


def test_rules_lists_each_in_words_with_those_of_a_file(said, tmp_path):
    path = tmp_path / "rules.yml"
    path.write_text("worsening_rules:\n  - {name: mine, label: My rule, kind: creatinine_value, threshold: 2.0, "
                    "confirm_days: 0, source: us}\n")
    code, out, _ = said("rules", "--rules-file", path)
    assert code == 0
    for words in ("kdigo_2024", "Complete: Proteinuria below 0.5 g/g", "Any one of:", "mine\n      My rule."):
        assert words in out


def test_docs_data_and_notebooks_call_what_makes_them(said, monkeypatch):
    made = []
    monkeypatch.setattr(documentation, "write_docs", lambda folder: [folder / "rules.md"])
    monkeypatch.setattr(run, "store_notebooks", lambda **_: made.append("notebooks"))
    monkeypatch.setattr("helpers.calibration.write_shipped_cohort", lambda folder: made.append(folder.name))
    assert said("docs")[:2] == (0, f"{Path('docs/rules.md')}\n")
    assert said("notebooks")[0] == 0
    assert said("data")[0] == 0
    assert made == ["notebooks", "raw"]


def test_help_comes_without_loading_what_only_a_run_needs():
    script = "import sys; from helpers.cli import main; main(['run', '--help']); print('pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.endswith("False\n")


def test_the_package_can_be_run(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["helpers", "rum"])
    done = []
    for name in ("disable", "freeze"):
        monkeypatch.setattr(gc, name, partial(done.append, name))
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("helpers", run_name="__main__")
    assert ended.value.code == 2
    assert capsys.readouterr().err == "There is no command rum: did you mean run?\n"
    assert done == ["disable", "freeze"]


def test_only_while_a_run_goes_on_no_garbage_is_looked_for(said, runs):
    assert said("run")[0] == 0
    assert not runs[0]["collects"]
    assert gc.isenabled()
    with pytest.raises(ValueError, match="broken"), no_collection():
        raise ValueError("broken")
    assert gc.isenabled()


def test_the_top_floor_knows_no_subject_module():
    subjects = re.compile(r"(from|import) helpers\.?(import )?(cohort|kidney|labelling|predictors|survival|response|"
                          r"adverse|stages|study)(_|\b)")
    for folder in ("cli", "run", "report"):
        paths = list((PROJECT / "src/helpers" / folder).glob("*.py"))
        assert len(paths) > 3
        for path in paths:
            assert not subjects.search(path.read_text(encoding="utf-8")), path.name
