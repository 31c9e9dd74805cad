"""One world, described three times: pyproject.toml, requirements.lock and environment.yml; and it sets itself up."""

import importlib.util
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from helpers.project import PROJECT

PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
ASKED = [Requirement(text) for part in (
    PYPROJECT["project"]["dependencies"], *PYPROJECT["project"]["optional-dependencies"].values()) for text in part]
MANDATED = ("jupyter", "jupytext", "papermill", "pandas", "statsmodels", "lifelines", "seaborn", "nbval", "tableone")


def load(path: str) -> ModuleType:
    """A script of the project as a module."""
    spec = importlib.util.spec_from_file_location(Path(path).stem + "_script", PROJECT / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


lock_script, bootstrap = load(".ci/lock.py"), load("bootstrap.py")
PINNED = [Requirement(pin) for pin in lock_script.read_pins(LOCK)]


def conda() -> dict:
    return yaml.safe_load((PROJECT / "environment.yml").read_text(encoding="utf-8"))


def conda_pins() -> list[Requirement]:
    [by_pip] = [item["pip"] for item in conda()["dependencies"] if isinstance(item, dict)]
    return [Requirement(text) for text in by_pip if not text.startswith("-")]


# Three descriptions


def test_what_pyproject_asks_for_is_in_the_lock_at_a_version_that_fits():
    for asked in ASKED:
        pins = [pin for pin in PINNED if canonicalize_name(pin.name) == canonicalize_name(asked.name)]
        assert pins, f"{asked.name} is not in requirements.lock: make lock"
        for pin in pins:
            [exact] = pin.specifier
            assert asked.specifier.contains(exact.version, prereleases=True), f"{pin} does not fit {asked}: make lock"


def test_conda_users_get_every_pin_of_the_lock_and_nothing_else():
    assert sorted(map(str, conda_pins())) == sorted(map(str, PINNED)), "make lock"


def test_environment_yml_is_what_the_lock_makes():
    made = lock_script.make_environment(LOCK, PYPROJECT)
    assert (PROJECT / "environment.yml").read_text(encoding="utf-8") == made, "make lock"


def test_the_python_of_conda_fits_the_project():
    [python] = [item for item in conda()["dependencies"] if isinstance(item, str) and item.startswith("python")]
    assert SpecifierSet(PYPROJECT["project"]["requires-python"]).contains(python.split("=")[1] + ".0")


def test_a_changed_pin_is_noticed():
    changed = LOCK.replace("pandas==2.3", "pandas==2.2")
    assert changed != LOCK
    assert lock_script.make_environment(changed, PYPROJECT) != lock_script.make_environment(LOCK, PYPROJECT)


@pytest.mark.parametrize("name", MANDATED)
def test_the_packages_that_the_study_is_built_on_are_asked_for(name):
    assert name in [asked.name for asked in ASKED]


def test_the_environment_in_use_is_that_of_the_lock():
    from importlib.metadata import version

    wrong = {}
    for pin in PINNED:
        [exact] = pin.specifier
        if (pin.marker is None or pin.marker.evaluate()) and version(pin.name) != exact.version:
            wrong[pin.name] = version(pin.name)
    assert wrong == {}


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-uv.lock"])
def test_every_pin_has_hashes_and_no_address_is_named(name):
    text = (PROJECT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^(-i|--index|--extra-index|--find-links)", text, flags=re.MULTILINE)
    for block in re.split(r"\n(?=\S)", text.strip()):
        assert re.fullmatch(r"[\w.-]+==[^\\]+\\(\s+--hash=sha256:[0-9a-f]{64}\s*\\?)+", block), block[:80]


# Setting up


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    """A project folder that the bootstrap takes for its own, and the commands that it would run."""
    for name in bootstrap.INPUTS:
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(bootstrap, "PROJECT", tmp_path)
    return tmp_path


@pytest.fixture
def commands(place, monkeypatch) -> list[list[str]]:
    """Commands are noted instead of run; `venv` leaves a Python behind."""
    noted: list[list[str]] = []

    def pretend(command, **_):
        noted.append(command)
        if "venv" in command:
            python = Path(command[-1]) / "bin" / "python"
            python.parent.mkdir(parents=True)
            python.write_text("")
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(bootstrap.subprocess, "run", pretend)
    return noted


def test_the_bootstrap_supports_the_same_pythons_as_the_project():
    supported = SpecifierSet(PYPROJECT["project"]["requires-python"])
    for minor in range(9, 20):
        fits = bootstrap.OLDEST <= (3, minor) <= bootstrap.NEWEST
        assert supported.contains(f"3.{minor}.0") == fits


def test_the_first_time_installs_and_the_second_time_does_nothing(place, commands):
    assert bootstrap.main([]) == 0
    made, uv, sync, itself = commands
    assert made[1:3] == ["-m", "venv"]
    assert "--require-hashes" in uv
    assert uv[-1].endswith("requirements-uv.lock")
    assert sync[1:3] == ["pip", "sync"]
    assert "--require-hashes" in sync
    assert {"--no-deps", "--editable"} <= set(itself)
    commands.clear()
    assert bootstrap.main([]) == 0
    assert commands == []


def test_a_changed_lock_installs_again_into_the_same_environment(place, commands):
    bootstrap.main([])
    kept = place / ".venv" / "kept"
    kept.write_text("")
    (place / "requirements.lock").write_text("changed")
    commands.clear()
    bootstrap.main([])
    assert not any("venv" in command for command in commands)
    assert any("sync" in command for command in commands)
    assert kept.exists()


def test_another_python_or_a_moved_folder_makes_the_environment_anew(place, commands, monkeypatch):
    bootstrap.main([])
    kept = place / ".venv" / "kept"
    kept.write_text("")
    monkeypatch.setattr(bootstrap.sys, "version", "3.12 of another make")
    bootstrap.main([])
    assert not kept.exists()


def test_without_uv_pip_installs_the_same_lock(place, commands, monkeypatch, capsys):
    monkeypatch.setattr(bootstrap, "succeeds", lambda _: False)
    assert bootstrap.main([]) == 0
    by_pip = commands[1]
    assert by_pip[1:3] == ["-m", "pip"]
    assert {"--no-deps", "--require-hashes"} <= set(by_pip)
    assert by_pip[-1].endswith("requirements.lock")
    assert "pip installs the same packages" in capsys.readouterr().err


def test_an_environment_of_somebody_else_is_left_alone(place, commands, capsys):
    (place / ".venv").mkdir()
    (place / ".venv" / "pyvenv.cfg").write_text("mine")
    assert bootstrap.main([]) == 2
    assert "was not made by this script, so it is left alone" in capsys.readouterr().err
    assert commands == []
    assert (place / ".venv" / "pyvenv.cfg").read_text() == "mine"


def test_another_folder_can_be_chosen(place, commands, monkeypatch):
    monkeypatch.setenv("COMPENDIUM_VENV", ".venv-study")
    assert bootstrap.main([]) == 0
    assert (place / ".venv-study" / bootstrap.MARKER).is_file()


def test_a_failed_installation_says_what_to_do_and_is_tried_again(place, commands, monkeypatch, capsys):
    def fail(command, **_):
        return subprocess.CompletedProcess(command, 1, "", "no module named ensurepip")

    pretend = bootstrap.subprocess.run
    monkeypatch.setattr(bootstrap.subprocess, "run", fail)
    assert bootstrap.main([]) == 2
    said = capsys.readouterr().err
    assert "apt install python3-venv" in said
    assert "no module named ensurepip" in said
    monkeypatch.setattr(bootstrap.subprocess, "run", pretend)
    assert bootstrap.main([]) == 0


def test_an_unsupported_python_hands_over_to_a_supported_one(place, monkeypatch):
    called = []
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 10, 1))
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: "/x/python3.12" if name == "python3.12" else None)
    monkeypatch.setattr(bootstrap.subprocess, "call", lambda command: called.append(command) or 0)
    assert bootstrap.main(["-m", "helpers"]) == 0
    assert called == [["/x/python3.12", str(place / "bootstrap.py"), "-m", "helpers"]]


def test_an_unsupported_python_alone_is_refused_in_one_line(place, monkeypatch, capsys):
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 10, 1))
    monkeypatch.setattr(bootstrap.shutil, "which", lambda _: None)
    assert bootstrap.main([]) == 2
    assert "this is Python 3.10, and the study needs Python 3.11 to 3.13" in capsys.readouterr().err


def test_what_is_asked_for_is_run_with_the_environments_python_or_tool(place, commands, monkeypatch, capsys):
    bootstrap.main([])
    ran = []
    monkeypatch.setattr(bootstrap.os, "execve", lambda *given: ran.append(given[1]))
    folder = place / ".venv" / "bin"
    bootstrap.main(["-m", "helpers"])
    (folder / "ruff").write_text("")
    bootstrap.main(["ruff", "check"])
    assert ran == [[str(folder / "python"), "-m", "helpers"], [str(folder / "ruff"), "check"]]
    assert bootstrap.main(["nothing"]) == 2
    assert "the environment has no nothing" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="locks differ")
def test_two_at_once_wait_for_each_other(tmp_path):
    with bootstrap.only_one(tmp_path), (tmp_path / bootstrap.LOCK).open("a") as handle:
        assert not bootstrap.try_lock(handle)
    with (tmp_path / bootstrap.LOCK).open("a") as handle:
        assert bootstrap.try_lock(handle)


# The commands


def test_make_alone_lists_every_command_on_one_line_each():
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    commands = re.findall(r"^([a-z]+):", makefile, flags=re.MULTILINE)
    listed = subprocess.run(["make"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    assert [line.split()[0] for line in listed.splitlines() if line.startswith("  ")] == commands
    assert set(commands) <= set(re.findall(r"[a-z]+", re.findall(r"\.PHONY: (.*)", makefile)[0]))
    assert all(len(line) < 110 for line in listed.splitlines())


def test_ci_calls_what_the_readme_calls():
    script = (PROJECT / ".ci/run").read_text(encoding="utf-8")
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    for command in ("make report", "make test"):
        assert re.search(rf"^{command}$", script, flags=re.MULTILINE)
        assert re.search(rf"^{command}\b", readme, flags=re.MULTILINE)
    assert os.access(PROJECT / ".ci/run", os.X_OK)


def test_this_python_is_supported():
    assert bootstrap.OLDEST <= sys.version_info[:2] <= bootstrap.NEWEST
