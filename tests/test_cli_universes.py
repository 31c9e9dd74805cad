"""The commands of the multiverse: what cannot be used is refused before anything is written."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from small_study import write_small_study

from helpers import multiverse
from helpers.cli import main
from helpers.project import PROJECT
from helpers.spread import ClusterLost

GRID = """\
definition:
  deadline:
    label: Response by
    question: By which month must a response have been seen?
    options:
      month_12: {label: month 12, source: test}
      month_6: {label: month 6, source: test, values: {response_deadline_months: 6.0}}
"""


@pytest.fixture
def said(capsys):
    def say(*arguments) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return say


@pytest.fixture
def asked(monkeypatch) -> list[dict]:
    """What was asked of the multiverse; none is really made."""
    calls: list[dict] = []

    def pretend(grid, code="", **options):
        calls.append({"codes": grid.size, "code": code, **options})
        run = SimpleNamespace(page=Path("/reports/universe/index.html"), disagreements=())
        return SimpleNamespace(run=run, sentences=("Odds ratio: 2",), numbers=(SimpleNamespace(agrees=True),))

    monkeypatch.setattr(multiverse, "open_universe", pretend)
    monkeypatch.setattr("helpers.cli.universes.rebuild_register", lambda _: None)
    return calls


@pytest.fixture
def grid(tmp_path) -> Path:
    path = tmp_path / "our_grid.yml"
    path.write_text(GRID, encoding="utf-8")
    return path


@pytest.mark.parametrize(("arguments", "message"), [
    (["universe"], "the following arguments are required: CODE"),
    (["universe", "0"], "There is no universe '0'"),
    (["universe", "0" * 11, "--name", "a/b"], "'a/b' cannot be the name of a multiverse"),
    (["multiverse", "--grid", "nowhere.yml"], "nowhere.yml"),
    (["multiverse", "--data", "no/such/folder"], "there is no such folder"),
    (["multiverse", "--workers", "0"], "must be at least 1"),
    (["multiverse", "--permutations", "-1"], "'-1' is not a whole number from 0 on"),
    (["multiverse", "--permutations", "1"], "Give at least 40, or 0 for no test"),
    (["multiverse", "--permutations", "39"], "with fewer than 40 shuffles no p of the joint test can fall below 0.025"),
    (["multiverse", "--permutations", "²"], "'²' is not a whole number from 0 on"),
    (["multiverse", "--scheduler", ""], "argument --scheduler: is empty"),
    (["multivers"], "did you mean multiverse?"),
])
def test_what_cannot_be_used_is_refused_in_one_message(said, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    own = [] if arguments[0] == "multivers" or len(arguments) < 2 else ["--reports", "r", "--derived", "d"]
    code, out, errors = said(*arguments, *own)
    assert (code, out) == (2, "")
    assert message in errors and "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("reports", "derived", "message"), [
    ("both", "both", "--reports and --derived must be two folders"),
    ("r", PROJECT / "data/raw/x", "is in the folder of the raw tables"),
    ("taken", "d", "is no page of a multiverse: choose another --name or --reports"),
])
def test_places_that_cannot_be_used_are_refused_before_anything_is_computed(
    said, tmp_path, monkeypatch, reports, derived, message
):
    monkeypatch.setattr(multiverse, "run_multiverse", None)
    (tmp_path / "taken/ours").mkdir(parents=True)
    (tmp_path / "taken/ours/notes.txt").write_text("mine")
    code, _, errors = said("multiverse", "--name", "ours", "--reports", tmp_path / reports,
                           "--derived", tmp_path / derived)  # fmt: skip
    assert (code, message in errors) == (2, True)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["notes.txt", "ours", "taken"]
    assert not (PROJECT / "data/raw/x").exists()


@pytest.mark.parametrize(("given", "name"), [
    ([], "multiverse"),
    (["--name", "ours"], "ours"),
    (["--grid", "our_grid.yml"], "multiverse-grid-our-grid-"),
    (["--data", "raw"], "multiverse-raw-"),
])
def test_a_multiverse_is_known_by_grid_and_data(said, asked, grid, tmp_path, monkeypatch, given, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "raw").mkdir()
    code, _, _ = said("universe", "0" * 11, *given, "--derived", "d")
    assert (code, asked[0]["folder"].parent) == (0, tmp_path / "d")
    assert asked[0]["folder"].name.startswith(name) and asked[0]["reports"] == PROJECT / "reports"


@pytest.mark.parametrize("number", [0, 40])
def test_no_joint_test_and_one_that_can_find_something_are_computed(said, grid, tmp_path, monkeypatch, number):
    computed = []

    def stop(*arguments, permutations, **options):
        computed.append(permutations)
        raise KeyboardInterrupt

    monkeypatch.setattr(multiverse, "run_multiverse", stop)
    assert said("multiverse", "--grid", grid, "--derived", tmp_path, "--permutations", number)[0] == 130
    assert computed == [number]


@pytest.mark.parametrize(("given", "expected"), [([], "d/.cache"), (["--no-cache"], None)])
def test_a_universe_takes_what_earlier_runs_have_kept_unless_told_otherwise(said, asked, tmp_path, given, expected):
    assert said("universe", "0" * 11, "--derived", tmp_path / "d", *given)[0] == 0
    store = asked[0]["store"]
    assert (store and store.folder) == (expected and tmp_path / expected)


def test_a_universe_that_differs_from_its_report_is_said_by_the_exit_code(said, asked, monkeypatch):
    assert said("universe", "0" * 11) == (0, f"\n{Path('/reports/universe/index.html')}\n\nOdds ratio: 2\n", "")
    agreeing = multiverse.open_universe

    def differ(*arguments, **options):
        found = agreeing(*arguments, **options)
        found.numbers[0].agrees = False
        return found

    monkeypatch.setattr(multiverse, "open_universe", differ)
    assert said("universe", "0" * 11)[0] == 3


def test_a_small_multiverse_is_computed_paged_and_answered(said, grid, tmp_path):
    data = write_small_study(tmp_path / "raw")
    code, out, _ = said("multiverse", "--grid", grid, "--data", data, "--reports", tmp_path / "reports", "--derived",
                        tmp_path / "derived", "--workers", "1", "--permutations", "40", "--name", "ours")
    assert code == 0
    assert out.splitlines()[1] == str(tmp_path / "reports/ours/index.html")
    assert "2 ways to define who is difficult to treat" in out
    assert f"--grid {grid}" in (tmp_path / "reports/ours/index.html").read_text(encoding="utf-8")
    assert (tmp_path / "derived/ours/universes.parquet").is_file()


@pytest.mark.parametrize(("problem", "code", "begin"), [
    (KeyboardInterrupt(), 130, "stopped; what"), (ClusterLost("Gone away"), 1, "Gone away. What")])
def test_a_stopped_multiverse_says_where_it_goes_on(said, grid, tmp_path, monkeypatch, problem, code, begin):
    def stop(*arguments, **options):
        raise problem

    monkeypatch.setattr(multiverse, "run_multiverse", stop)
    found, _, errors = said("multiverse", "--grid", grid, "--derived", tmp_path, "--name", "ours")
    assert found == code
    assert errors.startswith(f"{begin} is done is kept in {tmp_path / 'ours'}")
