"""What an earlier run left is taken where nothing that it follows from has changed, and never else."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path

import pandas as pd
import pytest
from small_study import write_small_study
from study_runs import Workshop, hash_folder, make_workshop, write_tiny_notebooks

from helpers import cli, project, run
from helpers.flow import list_left_tables, stands_on
from helpers.parameters import ALL, Parameters, check_parameters, names_used_by
from helpers.project import ONE_THREAD, PROJECT, read_code
from helpers.run import Store, run_study
from helpers.run import keys as run_keys
from helpers.run.assembly import Finding, _add_report, _place_report, write_results
from helpers.run.cache import PLACE, Cache, Outcome, gather_files
from helpers.run.checks import check_data
from helpers.run.keys import hash_data, make_key, make_notebook_keys
from helpers.run.notebooks import NotebookFailure
from helpers.run.progress import Progress
from helpers.run.record import _canonical, list_packages
from helpers.schema import DataError, hash_inputs, write_derived

slow = pytest.mark.slow
KEY = make_key({"any": 1})


# The store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def entry_of(store: Store, key: str = KEY) -> Path:
    return store.folder / key[:2] / f"{key}.zip"


def test_an_entry_comes_back_as_it_was_written_and_an_unknown_key_gives_nothing(store):
    files = {"a/b.txt": b"one", "empty": b"", "é.bin": bytes(range(256))}
    assert store.read(KEY) is None
    store.keep(KEY, files)
    assert store.read(KEY) == files
    assert store.read(make_key({"any": 2})) is None
    assert [path.name for path in store.folder.rglob("*") if path.is_file()] == [f"{KEY}.zip"]


def flip(content: bytes) -> bytes:
    place = content.index(b"a long text")
    return content[:place] + b"A" + content[place + 1:]


@pytest.mark.parametrize("damage", [
    flip, lambda content: content[:-1], lambda content: content[: len(content) // 2], lambda _: b"",
    lambda _: b"no archive", lambda content: content.replace(b"hashes.json", b"hushes.json"),
])
def test_a_damaged_entry_is_none_and_is_made_anew(store, damage):
    files = {"a": b"a long text" * 20, "b": b"b"}
    store.keep(KEY, files)
    path = entry_of(store)
    path.write_bytes(damage(path.read_bytes()))
    assert store.read(KEY) is None
    store.keep(KEY, files)
    assert store.read(KEY) == files


def test_an_entry_whose_files_are_not_those_of_its_hashes_is_none(store):
    store.keep(KEY, {"a": b"one"})
    other = make_key({"any": 2})
    store.keep(other, {"a": b"two"})
    with zipfile.ZipFile(entry_of(store)) as one, zipfile.ZipFile(entry_of(store, other)) as two:
        mixed = {"hashes.json": one.read("hashes.json"), "a": two.read("a")}
    with zipfile.ZipFile(entry_of(store), "w") as archive:
        for name, content in mixed.items():
            archive.writestr(name, content)
    assert store.read(KEY) is None
    assert store.read(other) == {"a": b"two"}


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/x", "\\x", "C:x"])
def test_an_entry_with_a_file_that_would_lie_elsewhere_is_none(store, name):
    store.keep(KEY, {"a": b"one", name: b"two"})
    assert entry_of(store).exists()
    assert store.read(KEY) is None


def test_two_writers_of_one_key_do_no_harm_to_each_other_or_to_a_reader(store):
    files = {str(number): os.urandom(20_000) for number in range(5)}

    def write(_):
        store.keep(KEY, files)
        return store.read(KEY)

    with ThreadPoolExecutor(8) as pool:
        assert all(found == files for found in pool.map(write, range(200)))
    assert [path.name for path in entry_of(store).parent.iterdir()] == [f"{KEY}.zip"]


def fill(store: Store, count: int, *, size: int = 10) -> list[str]:
    """Entries of different age, oldest first."""
    keys = [make_key({"number": number}) for number in range(count)]
    for age, key in enumerate(keys):
        store.keep(key, {"file": bytes(size)})
        if entry_of(store, key).exists():
            os.utime(entry_of(store, key), (1_000_000 + age, 1_000_000 + age))
    return keys


def test_beyond_the_number_of_entries_the_one_longest_not_used_goes(tmp_path):
    store = Store(tmp_path, most_entries=3)
    keys = fill(store, 3)
    assert all(entry_of(store, key).exists() for key in keys)
    assert store.read(keys[0]) is not None
    store.keep(KEY, {})
    assert [entry_of(store, key).exists() for key in [*keys, KEY]] == [True, False, True, True]


def test_beyond_the_size_the_oldest_entries_go(tmp_path):
    one = Store(tmp_path / "one")
    fill(one, 1, size=5000)
    size = next(one.folder.glob("*/*")).stat().st_size
    for most, left in ((3 * size, 3), (3 * size - 1, 2), (size - 1, 0)):
        store = Store(tmp_path / str(most), most_bytes=most)
        fill(store, 3, size=5000)
        assert len(list(store.folder.glob("*/*"))) == left


def test_what_a_killed_writer_left_goes_with_the_oldest(tmp_path):
    store = Store(tmp_path, most_entries=1)
    left = store.folder / KEY[:2] / f".{KEY}-77-77"
    left.parent.mkdir()
    left.write_bytes(b"half")
    os.utime(left, (1_000_000, 1_000_000))
    store.keep(KEY, {})
    assert not left.exists() and store.read(KEY) == {}


def test_a_store_that_cannot_be_written_keeps_nothing_and_says_nothing(tmp_path):
    (tmp_path / "file").write_text("ours")
    store = Store(tmp_path / "file")
    store.keep(KEY, {"a": b"b"})
    assert store.read(KEY) is None
    assert (tmp_path / "file").read_text() == "ours"


# The keys


@pytest.fixture
def study(tmp_path: Path) -> Workshop:
    """Tiny notebooks, the small study and a file of rules."""
    workshop = make_workshop(tmp_path)
    (tmp_path / "rules.yml").write_text("response: {}\n", encoding="utf-8")
    return workshop


def keys_of(workshop: Workshop, **values: object) -> dict[str, str]:
    given = {"data_dir": str(workshop.data), "rules_file": str(workshop.top / "rules.yml"), **values}
    parameters = check_parameters(given)
    return make_notebook_keys(parameters, sources=workshop.top / "notebooks", data=hash_data(parameters.data_dir))


def changed_keys(workshop: Workshop, before: dict[str, str], **values: object) -> list[str]:
    return [name for name, key in keys_of(workshop, **values).items() if key != before[name]]


def behind(*notebooks: str) -> list[str]:
    return [name for name in ALL if name in notebooks or set(stands_on(name)) & set(notebooks)]


@pytest.mark.parametrize(("name", "value"), [
    ("landmark_months", 12.0), ("covariates", ["any_apl"]), ("bootstrap_samples", 20), ("label_noise_sd", 0.5),
    ("egfr_equation", "ckd_epi_2009"), ("minimum_followup_months", 12.0), ("seed", 1), ("flare_rule", "x"),
])
def test_a_parameter_changes_the_keys_of_its_readers_and_of_those_that_read_their_tables(study, name, value):
    readers = [notebook for notebook in ALL if name in names_used_by(notebook)]
    assert changed_keys(study, keys_of(study), **{name: value}) == behind(*readers)


def test_every_parameter_is_in_the_keys_of_its_readers_but_for_the_place_of_the_tables(study):
    before = keys_of(study)
    assert changed_keys(study, before, derived_dir="somewhere/else") == []
    assert changed_keys(study, before, data_dir=str(shutil.copytree(study.data, study.top / "again"))) == list(ALL)


@pytest.mark.parametrize("number", range(5))
def test_a_source_changes_its_own_key_and_those_behind_it(study, number):
    before = keys_of(study)
    source = study.top / "notebooks" / f"{ALL[number]}.py"
    source.write_text(source.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert changed_keys(study, before) == behind(ALL[number])


@pytest.mark.parametrize("file", ["patients.csv", "events.csv", "manifest.json", "another.csv"])
def test_any_byte_of_the_data_changes_every_key(study, file):
    (study.data / "manifest.json").write_text("{}", encoding="utf-8")
    before = keys_of(study)
    with (study.data / file).open("ab") as stream:
        stream.write(b"\n")
    assert changed_keys(study, before) == list(ALL)


def test_other_files_beside_the_data_change_no_key(study):
    before = keys_of(study)
    (study.data / "notes.txt").write_text("ours")
    assert changed_keys(study, before) == []


def test_all_raw_tables_are_among_the_files_that_the_keys_hold(study):
    assert hash_inputs(study.data).items() <= hash_data(study.data).items()


def test_the_rules_change_the_keys_of_the_notebooks_that_read_them(study):
    before = keys_of(study)
    (study.top / "rules.yml").write_text("response: {} # mine\n", encoding="utf-8")
    assert changed_keys(study, before) == list(ALL[1:])


@pytest.mark.parametrize("fact", ["code", "packages", "threads", "python"])
def test_code_packages_python_and_threads_change_every_key(study, monkeypatch, fact):
    before = keys_of(study)
    known = run_keys.describe_surroundings()
    monkeypatch.setattr(run_keys, "describe_surroundings", lambda: {**known, fact: "another"})
    assert fact in known
    assert changed_keys(study, before) == list(ALL)


def test_the_key_of_another_place_of_the_notebooks_is_another(study):
    before = keys_of(study)
    shutil.copytree(study.top / "notebooks", study.top / "moved")
    parameters = check_parameters({"data_dir": str(study.data), "rules_file": str(study.top / "rules.yml")})
    moved = make_notebook_keys(parameters, sources=study.top / "moved", data=hash_data(study.data))
    assert not set(moved.values()) & set(before.values())


def test_a_missing_source_or_file_of_rules_gives_a_key_that_is_not_that_of_any_file(study):
    before = keys_of(study)
    assert changed_keys(study, before, rules_file=str(study.top / "none.yml")) == list(ALL[1:])


@pytest.mark.parametrize("name", ["project.py", "derived.yml", "claims.csv", "house.mplstyle", "templates/page.css"])
def test_the_code_is_every_file_of_the_helpers_that_makes_a_difference(monkeypatch, name, tmp_path):
    copied = shutil.copytree(PROJECT / "src/helpers", tmp_path / "helpers", ignore=shutil.ignore_patterns("*.pyc"))
    monkeypatch.setattr(project, "__file__", str(copied / "project.py"))
    before = read_code()
    (copied / "notes.txt").write_text("ours")
    assert read_code() == before
    with (copied / name).open("ab") as stream:
        stream.write(b"\n")
    assert read_code() != before


def test_the_packages_are_read_from_their_names_and_versions_alone():
    assert list_packages() == dict(sorted((_canonical(one.name), one.version) for one in metadata.distributions()))


# What a notebook leaves


def test_files_belong_to_the_notebook_that_left_them(tmp_path):
    write_derived(pd.DataFrame({"a": [1]}), "any", tmp_path, made_with={"notebook": ALL[3]})
    for place in (f"exhibits/{ALL[0]}/tables/t.csv", f"exhibits/{ALL[4]}/figures/f.svg", f"ledger/{ALL[1]}.json"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(place)
    found = gather_files(tmp_path)
    assert {name: list(files) for name, files in found.items()} == {
        ALL[0]: [f"exhibits/{ALL[0]}/tables/t.csv"], ALL[1]: [f"ledger/{ALL[1]}.json"], ALL[2]: [],
        ALL[3]: ["any.parquet"], ALL[4]: [f"exhibits/{ALL[4]}/figures/f.svg"]}


@pytest.mark.parametrize("place", ["notes.txt", "exhibits/06_more/tables/t.csv", ".any.parquet", "any.parquet"])
def test_a_file_that_belongs_to_no_notebook_leaves_nothing_to_keep(tmp_path, place):
    (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / place).write_text("ours")
    assert gather_files(tmp_path) == {}


def test_an_outcome_that_names_the_folder_it_was_made_in_is_not_kept(tmp_path, store):
    work = tmp_path / ".building-x"
    for name, text in zip(ALL[:2], ("nothing", "made in .building-x"), strict=True):
        (work / "exhibits" / name).mkdir(parents=True)
        (work / "exhibits" / name / "t.csv").write_text(text)
    cache, keys = Cache(store), {name: make_key({"name": name}) for name in ALL[:2]}
    cache.add_outcomes(keys, {name: Outcome("text", "now", 1.0) for name in keys}, work=work)
    assert cache.find_outcomes(keys) == {}
    cache.keep()
    found = cache.find_outcomes(keys)
    assert found == {ALL[0]: Outcome("text", "now", 1.0, files={f"exhibits/{ALL[0]}/t.csv": b"nothing"})}


def test_without_a_store_nothing_is_found_and_nothing_kept():
    cache = Cache()
    cache.add(KEY, {})
    cache.keep()
    assert cache.find(KEY) is None


def test_the_check_of_the_data_is_taken_from_the_cache_with_what_does_not_follow_from_them_made_anew(tmp_path, store):
    data = write_small_study(tmp_path / "raw")
    (data / "manifest.json").write_text(json.dumps({
        "synthetic": True, "description": "made", "pool_size": 9,
        "files": {name: {"rows": 1, "sha256": sha} for name, sha in hash_inputs(data).items()}}))
    cache, said = Cache(store), io.StringIO()

    def check(**values: object) -> dict:
        parameters = check_parameters({"data_dir": str(data), **values})
        return check_data(parameters, progress=Progress(said), cache=cache)

    first = check()
    assert "taken" not in said.getvalue()
    cache.keep()
    assert check() == first == check_data(check_parameters({"data_dir": str(data)}), progress=Progress(io.StringIO()))
    assert said.getvalue().count("data checked            taken from the cache") == 1
    assert (first["calibrated"], check(landmark_months=12)["calibrated"]) == (True, False)
    (data / "patients.csv").write_bytes((data / "patients.csv").read_bytes() + b"\n")
    assert check()["manifest_differs"]
    assert said.getvalue().count("taken from the cache") == 2


@pytest.mark.parametrize(("page", "is_kept"), [
    ("<p>made <time>now</time></p>", True), ("<p>made now</p>", False), ("<time>now</time> <time>now</time>", False)])
def test_a_page_is_kept_only_where_the_time_stands_in_it_once(tmp_path, store, page, is_kept):
    (tmp_path / "index.html").write_text(page, encoding="utf-8")
    cache, finding = Cache(store), Finding(("a", "b"), ("x",))
    _add_report(cache, KEY, [tmp_path / "index.html"], finding=finding, page=tmp_path, moment="<time>now</time>")
    cache.keep()
    kept = cache.find(KEY)
    assert (kept is not None) == is_kept
    if kept is not None:
        assert _place_report(kept, tmp_path, moment="<time>later</time>") == finding
        assert (tmp_path / "index.html").read_text(encoding="utf-8") == "<p>made <time>later</time></p>"


# Runs


@pytest.fixture(scope="module")
def filled(tmp_path_factory) -> Workshop:
    """A workshop after one run whose outcomes are kept; to be copied, not changed."""
    workshop = make_workshop(tmp_path_factory.mktemp("filled"))
    say_run(workshop)
    return workshop


def say_run(workshop: Workshop, *, keep: bool = True, **values: object) -> str:
    """Run the tiny notebooks with a store, and return what was said."""
    said = io.StringIO()
    parameters = check_parameters({"data_dir": str(workshop.data), **values})
    run_study(parameters, progress=Progress(said), name="tiny", reports=workshop.reports, derived=workshop.derived,
              notebooks=workshop.top / "notebooks", store=Store(workshop.derived / ".cache") if keep else None)
    return said.getvalue()


def list_taken(said: str) -> list[str]:
    return re.findall(r"^  (\w+) +taken from the cache$", said, flags=re.MULTILINE)


def read_record(workshop: Workshop) -> dict:
    return json.loads((workshop.reports / "tiny" / "run.json").read_text(encoding="utf-8"))


def hash_run(workshop: Workshop) -> dict[str, str]:
    """Every file of the run by its place, but for the record's and the page's times."""
    page = (workshop.reports / "tiny" / "index.html").read_text(encoding="utf-8")
    made_when = re.compile(r"<time .*?</time>|commit <code>\w+</code>|, with \d+ files? changed since")
    hashes = {**hash_folder(workshop.derived / "tiny"), **hash_folder(workshop.reports / "tiny")}
    return {name: sha for name, sha in hashes.items() if name not in ("run.json", "index.html")} | {
        "page": made_when.sub("", page)}


def start_run(workshop: Workshop, *, name: str) -> subprocess.Popen:
    """A run in a process of its own, from the command line; it says at the end what it imported that takes long."""
    script = f"""
        import sys
        from pathlib import Path
        from helpers import cli, run
        run.run_study.__kwdefaults__["notebooks"] = Path({str(workshop.top / "notebooks")!r})
        code = cli.main(["run", "--name", {name!r}, "--data", {str(workshop.data)!r}, "--reports",
                         {str(workshop.reports)!r}, "--derived", {str(workshop.derived)!r}])
        slow = {{"papermill", "jupytext", "ipykernel", "matplotlib", "scipy", "statsmodels", "pandera",
                 "multiprocessing.forkserver"}}
        print("slow to import:", *sorted(slow & set(sys.modules)), "", file=sys.stderr)
        sys.exit(code)
    """
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, text=True)


@slow
class TestRuns:
    """Runs of tiny notebooks with a store."""

    def test_a_rerun_takes_everything_and_leaves_the_same_files_as_a_run_without_a_store(self, filled):
        first, executed = hash_run(filled), read_record(filled)
        time.sleep(1)
        assert list_taken(say_run(filled)) == [*ALL, "report"]
        again = read_record(filled)
        assert hash_run(filled) == first
        assert again["finished"] > executed["finished"]
        assert f'<time datetime="{again["finished"]}">' in (filled.reports / "tiny" / "index.html").read_text()
        assert {name: facts.pop("from_cache") for name, facts in again["notebooks"].items()} == dict.fromkeys(ALL, True)
        assert {facts.pop("from_cache") for facts in executed["notebooks"].values()} == {False}
        assert again["notebooks"] == executed["notebooks"]
        assert not set(ALL) & set(again["seconds"])
        assert list_taken(say_run(filled, keep=False)) == []
        assert hash_run(filled) == first

    def test_a_late_parameter_executes_its_reader_alone(self, filled, tmp_path):
        said = io.StringIO()
        run_study(check_parameters({"data_dir": str(filled.data), "landmark_months": 12}), progress=Progress(said),
                  name="late", reports=tmp_path / "reports", derived=tmp_path / "derived",
                  notebooks=filled.top / "notebooks", store=Store(filled.derived / ".cache"))
        assert list_taken(said.getvalue()) == [name for name in ALL if name != ALL[3]]
        record = json.loads((tmp_path / "reports" / "late" / "run.json").read_text())
        assert [name for name, facts in record["notebooks"].items() if not facts["from_cache"]] == [ALL[3]]
        notebook = (tmp_path / "reports" / "late" / "notebooks" / f"{ALL[0]}.ipynb").read_text()
        assert f"{tmp_path}/derived/late" in notebook
        assert PLACE not in notebook

    def test_a_damaged_entry_is_executed_again_and_no_other(self, filled):
        before = hash_run(filled)
        path = entry_of(Store(filled.derived / ".cache"), read_record(filled)["notebooks"][ALL[0]]["key"])
        path.write_bytes(path.read_bytes()[:-7])
        assert list_taken(say_run(filled)) == [*ALL[1:], "report"]
        assert hash_run(filled) == before
        assert list_taken(say_run(filled)) == [*ALL, "report"]

    def test_a_run_that_fails_keeps_nothing(self, tmp_path):
        workshop = make_workshop(tmp_path)
        write_tiny_notebooks(workshop.top / "notebooks", nb05='raise KeyError("no such column")')
        with pytest.raises(NotebookFailure):
            say_run(workshop)
        assert not (workshop.derived / ".cache").exists()

    def test_a_run_whose_code_changes_meanwhile_keeps_nothing(self, tmp_path, monkeypatch):
        workshop = make_workshop(tmp_path)
        monkeypatch.setattr("helpers.run.checks.read_code", lambda: "another")
        with pytest.raises(DataError, match="changed while the study ran"):
            say_run(workshop)
        assert not (workshop.derived / ".cache").exists()
        assert list(workshop.reports.iterdir()) == []

    def test_two_runs_at_once_leave_a_store_that_serves_both(self, tmp_path):
        workshop = make_workshop(tmp_path)
        with start_run(workshop, name="one") as one, start_run(workshop, name="two") as two:
            said = [run.communicate(timeout=120)[1] for run in (one, two)]
        assert (one.returncode, two.returncode) == (0, 0), said
        for name in ("one", "two"):
            with start_run(workshop, name=name) as run:
                _, errors = run.communicate(timeout=120)
            assert list_taken(errors) == [*ALL, "report"]
        files = [path for path in (workshop.derived / ".cache").rglob("*") if path.is_file()]
        assert {path.suffix for path in files} == {".zip"}
        assert len(files) == 1 + len(ALL) + 2

    @pytest.mark.parametrize("file", ["raw/patients.csv", f"notebooks/{ALL[0]}.py", "rules.yml"])
    def test_what_changes_while_a_run_goes_on_is_not_what_its_keys_say(self, tmp_path, file):
        workshop = make_workshop(tmp_path)
        (tmp_path / "rules.yml").write_text("response_rules: []\n", encoding="utf-8")
        assert (tmp_path / file).is_file()
        write_tiny_notebooks(workshop.top / "notebooks", nb05=f'open({str(tmp_path / file)!r}, "a").write(chr(10))')
        say_run(workshop, rules_file=str(tmp_path / "rules.yml"))
        assert not (workshop.derived / ".cache").exists()

    def test_helpers_that_change_while_the_report_is_written_are_not_those_of_its_key(self, tmp_path, monkeypatch):
        workshop = make_workshop(tmp_path)
        monkeypatch.setattr("helpers.run.runner.read_code", lambda: "another")
        say_run(workshop)
        assert (workshop.reports / "tiny" / "index.html").is_file()
        assert not (workshop.derived / ".cache").exists()

    def test_engines_that_disagree_are_told_of_by_a_rerun_too(self, tmp_path, monkeypatch, capsys):
        workshop = make_workshop(tmp_path)
        check = {"id": "tiny2.n", "part": "value", "what": "Tiny", "value": 42.0, "second_value": 41.0,
                 "difference": 1.0, "tolerance": 0.1, "first_engine": "one", "second_engine": "two",
                 "reason": "", "agrees": False}
        extra = f"""
            def leave(path, text, leave=leave):
                leave(path, json.dumps({{**json.loads(text), "cross_checks": [{check!r}]}}))
        """
        write_tiny_notebooks(workshop.top / "notebooks", nb02=extra)
        monkeypatch.setitem(run.run_study.__kwdefaults__, "notebooks", workshop.top / "notebooks")
        command = ["run", "--name", "tiny", "--data", str(workshop.data), "--reports", str(workshop.reports),
                   "--derived", str(workshop.derived)]
        assert cli.main(command) == 3
        first = capsys.readouterr()
        assert cli.main(command) == 3
        again = capsys.readouterr()
        assert again.out == first.out
        assert "Two engines disagree on: tiny2.n. The report marks them." in again.err
        assert list_taken(again.err) == [*ALL, "report"]
        assert cli.main([*command, "--no-cache"]) == 3
        assert list_taken(capsys.readouterr().err) == []


@slow
def test_a_rerun_imports_neither_what_executes_notebooks_nor_what_draws(filled):
    with start_run(filled, name="tiny") as process:
        _, errors = process.communicate(timeout=60)
    assert list_taken(errors) == [*ALL, "report"]
    assert (process.returncode, errors.splitlines()[-1]) == (0, "slow to import: ")


@slow
def test_a_run_a_rerun_and_plain_papermill_give_the_same_results(tmp_path, monkeypatch):
    """Plain: papermill with ordinary kernels, one notebook after the other; results made from its ledger."""
    def run_it(store: Store | None) -> bytes:
        run_study(Parameters(), progress=Progress(io.StringIO()), name="study", reports=tmp_path / "reports",
                  derived=tmp_path / "derived", store=store)
        return (tmp_path / "reports" / "study" / "results.json").read_bytes()

    first = run_it(Store(tmp_path / "cache"))
    derived = hash_folder(tmp_path / "derived" / "study")
    assert run_it(Store(tmp_path / "cache")) == first
    assert hash_folder(tmp_path / "derived" / "study") == derived
    for name, value in ONE_THREAD.items():
        monkeypatch.setenv(name, value)
    for name in ALL:
        subprocess.run([sys.executable, "-m", "papermill", "--no-progress-bar", "--cwd", PROJECT / "notebooks",
                        PROJECT / "notebooks" / f"{name}.ipynb", tmp_path / f"{name}.ipynb",
                        "-p", "derived_dir", tmp_path / "plain"], check=True, capture_output=True)
    record = json.loads((tmp_path / "reports" / "study" / "run.json").read_text(encoding="utf-8"))
    (tmp_path / "page" / "tables").mkdir(parents=True)
    write_results(tmp_path / "plain", tmp_path / "page", data=record["data"])
    assert (tmp_path / "page" / "results.json").read_bytes() == first
    assert set(list_left_tables(ALL[0])) <= {path.stem for path in (tmp_path / "plain").glob("*.parquet")}
