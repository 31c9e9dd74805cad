"""One run: check everything, execute the notebooks aside, make the report, and move both into place when whole."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any

from helpers.parameters import ALL, Parameters
from helpers.project import PROJECT, RUN_CODE, hash_code
from helpers.run.checks import check_code, check_data, check_places, check_rules, choose_name
from helpers.run.folders import make_building_folder, put_in_place, remove_folder
from helpers.run.forge import prepare_forge
from helpers.run.progress import Progress


@dataclass(frozen=True)
class FinishedRun:
    """Where a run's report is, what it found in a few sentences, and the ids on which two engines disagree."""

    name: str
    page: Path
    bottom_line: tuple[str, ...]
    disagreements: tuple[str, ...] = ()


def run_study(parameters: Parameters, *, progress: Progress, name: str = "", reports: Path = PROJECT / "reports",
              derived: Path = PROJECT / "data/derived", notebooks: Path = PROJECT / "notebooks") -> FinishedRun:
    """Run the study under `parameters` and return where its report is.

    Nothing is written before parameters, rules and data have been checked; nothing appears under the run's name
    before all of it is there. A run of the same name is replaced then, tables and report together.

    Raises ParameterError, RuleError or DataError for input that cannot be used (found before the notebooks or by
    one of them), NotebookFailure for a notebook that stops (the log's place is in `NotebookFailure.log`).
    """
    started = datetime.now().astimezone()
    name = choose_name(name, parameters)
    check_places(name, parameters, reports=reports, derived=derived)
    check_rules(parameters)
    _prepare_environment()
    hash_code()  # before anything of it is imported for the notebooks
    prepare_forge(notebooks / f"{notebook}.py" for notebook in ALL)
    data = check_data(parameters, progress=progress)
    work = make_building_folder(derived, name=name)
    page = make_building_folder(reports, name=name)
    try:
        final = parameters.model_copy(update={"derived_dir": as_project_path(derived / name)})
        inside = parameters.model_copy(update={"derived_dir": as_project_path(work)})
        with _one_code():
            executed = _execute(inside, notebooks=notebooks, progress=progress, log=reports / f"{name}.failed.log")
            check_code()
        for notebook, content in executed.items():
            _keep_notebook(content, page / "notebooks" / f"{notebook}.ipynb", work=inside.derived_dir,
                           home=final.derived_dir)
        _collect_exhibits(work, page)
        disagreements = _write_results(work, page, data=data)
        _write_record(page, name, final, data=data, started=started, progress=progress)
        bottom_line = _write_page(page, progress=progress)
        put_in_place((work, derived / name), (page, reports / name))
    except BaseException:
        remove_folder(work)
        remove_folder(page)
        raise
    (reports / f"{name}.failed.log").unlink(missing_ok=True)
    return FinishedRun(name, reports / name / "index.html", bottom_line, disagreements)


def _prepare_environment() -> None:
    """What the notebooks' processes inherit: one thread for linear algebra, so that sums always come out alike."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):  # else each of them would compile every package anew
        os.environ.setdefault("PYTHONPYCACHEPREFIX", str(Path(sys.prefix) / "compiled"))


@contextmanager
def _one_code() -> Iterator[None]:
    """Tell the notebooks which code they run under: none of them may take another's tables for made by other code."""
    os.environ[RUN_CODE] = hash_code()
    try:
        yield
    finally:
        del os.environ[RUN_CODE]


def as_project_path(path: Path) -> str:
    """A path as a parameter gives it: from the project's top folder where it lies inside, in full elsewhere."""
    full = path.resolve()
    return full.relative_to(PROJECT).as_posix() if full.is_relative_to(PROJECT) else full.as_posix()


def _execute(parameters: Parameters, *, notebooks: Path, progress: Progress, log: Path) -> Mapping[str, Any]:
    from helpers.run.notebooks import NotebookFailure, execute_all

    Thread(target=_import_report, daemon=True).start()
    try:
        return execute_all(notebooks, parameters, progress=progress)
    except NotebookFailure as failure:
        log.write_text(f"{failure}\n\n{failure.details}\n", encoding="utf-8")
        failure.log = log
        raise
    finally:
        progress.close()


def _import_report() -> None:
    """What the report needs, imported while the notebooks run and this process waits for them."""
    import helpers.report.claims
    import helpers.report.page  # noqa: F401


def store_notebooks(*, progress: Progress, notebooks: Path = PROJECT / "notebooks") -> None:
    """Execute the notebooks as they stand and write each, with its outputs, beside its source."""
    from helpers.run.notebooks import execute_all, write_notebook

    _prepare_environment()
    try:
        with _one_code():
            executed = execute_all(notebooks, None, progress=progress)
    finally:
        progress.close()
    for name, notebook in executed.items():
        aside = notebooks / f".{name}.ipynb"
        write_notebook(notebook, aside)
        aside.replace(notebooks / f"{name}.ipynb")


def _keep_notebook(content: Any, path: Path, *, work: str, home: str) -> None:
    from helpers.run.notebooks import write_notebook

    path.parent.mkdir(exist_ok=True)
    write_notebook(content, path, replacing={work: home})


def _collect_exhibits(work: Path, page: Path) -> None:
    """Copy every table and figure of the notebooks beside the page, under `tables` and `figures`."""
    for kind in ("tables", "figures"):
        (page / kind).mkdir()
        for notebook in ALL:
            for path in sorted((work / "exhibits" / notebook / kind).glob("*")):
                if (page / kind / path.name).exists():
                    raise ValueError(f"two notebooks have an exhibit called {path.name}")
                shutil.copyfile(path, page / kind / path.name)
    evidence = PROJECT / "docs" / "evidence.csv"
    if evidence.is_file():
        shutil.copyfile(evidence, page / "tables" / evidence.name)


def _write_results(work: Path, page: Path, *, data: Mapping[str, Any]) -> tuple[str, ...]:
    """Write every number of the run, those of the claims chapter included, sorted by id, and what a second engine says.

    Returns the ids of those numbers that the second engine does not find again.
    """
    from helpers.ledger import read_cross_checks, read_ledger
    from helpers.report.claims import make_claims, write_claims

    recorded = read_ledger(work / "ledger")
    claims = make_claims(recorded, is_synthetic=data["synthetic"], is_calibrated=data["calibrated"])
    write_claims(claims, page / "tables")
    entries = sorted([*recorded, *claims.entries], key=lambda entry: entry.id)
    checks = read_cross_checks(work / "ledger")
    _write_json(page / "results.json", {
        "synthetic": data["synthetic"], "entries": [asdict(entry) for entry in entries],
        "cross_checks": [asdict(check) for check in checks]})  # fmt: skip
    return tuple(dict.fromkeys(check.id for check in checks if not check.agrees))


def _write_record(page: Path, name: str, parameters: Parameters, *, data: Mapping[str, Any], started: datetime,
                  progress: Progress) -> None:
    from helpers.run.record import make_record

    _write_json(page / "run.json", make_record(
        name, parameters, data=data, started=started, finished=datetime.now().astimezone(), seconds=progress.seconds))


def _write_page(page: Path, *, progress: Progress) -> tuple[str, ...]:
    from helpers.report import write_page

    begun = time.monotonic()
    bottom_line = write_page(page)
    progress.end("report", seconds=time.monotonic() - begun)
    return bottom_line


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
