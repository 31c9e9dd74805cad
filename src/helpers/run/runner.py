"""One run: check everything, execute the notebooks aside, make the report, and move both into place when whole."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from helpers.parameters import ALL, Parameters
from helpers.project import PROJECT, hash_code, read_code
from helpers.run.assembly import collect_exhibits, write_notebooks, write_report
from helpers.run.cache import PLACE, Cache, Outcome, place_files
from helpers.run.checks import check_code, check_data, check_places, check_rules, choose_name
from helpers.run.environment import one_code, prepare_environment
from helpers.run.folders import make_building_folder, put_in_place, remove_folder
from helpers.run.forge import prepare_forge
from helpers.run.keys import hash_data, make_notebook_keys
from helpers.run.progress import Progress
from helpers.run.record import make_record
from helpers.run.store import Store

if TYPE_CHECKING:
    from nbformat import NotebookNode


@dataclass(frozen=True)
class FinishedRun:
    """Where a run's report is, what it found in a few sentences, and the ids on which two engines disagree."""

    name: str
    page: Path
    bottom_line: tuple[str, ...]
    disagreements: tuple[str, ...] = ()


def run_study(parameters: Parameters, *, progress: Progress, name: str = "", reports: Path = PROJECT / "reports",
              derived: Path = PROJECT / "data/derived", notebooks: Path = PROJECT / "notebooks",
              store: Store | None = None) -> FinishedRun:
    """Run the study under `parameters` and return where its report is.

    Nothing is written before parameters, rules and data have been checked; nothing appears under the run's name
    before all of it is there. A run of the same name is replaced then, tables and report together. With a `store`,
    what earlier runs left in it is taken where nothing that it follows from has changed, and what this run makes is
    kept in it: the run's files are the same bytes either way, but for times.

    Raises ParameterError, RuleError or DataError for input that cannot be used (found before the notebooks or by
    one of them), NotebookFailure for a notebook that stops (the log's place is in `NotebookFailure.log`).
    """
    started = datetime.now().astimezone()
    name = choose_name(name, parameters)
    check_places(name, parameters, reports=reports, derived=derived)
    check_rules(parameters)
    prepare_environment()
    cache = Cache(store)
    keys = make_notebook_keys(parameters, sources=notebooks, data=hash_data(parameters.data_dir))
    known = cache.find_outcomes(keys)
    missing = [notebook for notebook in ALL if notebook not in known]
    if missing:
        prepare_forge(notebooks / f"{notebook}.py" for notebook in missing)
    data = check_data(parameters, progress=progress, cache=cache)
    work = make_building_folder(derived, name=name)
    page = make_building_folder(reports, name=name)
    try:
        home = as_project_path(derived / name)
        inside = parameters.model_copy(update={"derived_dir": as_project_path(work)})
        for notebook, outcome in known.items():
            place_files(outcome, work)
            progress.take(notebook)
        executed = _execute(missing, inside, known=known, notebooks=notebooks, progress=progress,
                            log=reports / f"{name}.failed.log")
        outcomes = {notebook: known.get(notebook) or executed[notebook] for notebook in ALL}
        if executed and store:
            cache.add_outcomes(keys, executed, work=work)
        write_notebooks(outcomes, page / "notebooks", home=home)
        collect_exhibits(work, page)
        record = make_record(
            name, parameters.model_copy(update={"derived_dir": home}), data=data, started=started,
            finished=datetime.now().astimezone(), seconds=progress.seconds,
            notebooks=describe_outcomes(outcomes, keys=keys))
        finding = write_report(work, page, record=record, keys=keys, cache=cache, progress=progress)
        put_in_place((work, derived / name), (page, reports / name))
    except BaseException:
        remove_folder(work)
        remove_folder(page)
        raise
    if is_as_it_was(keys, parameters, sources=notebooks):
        cache.keep()
    (reports / f"{name}.failed.log").unlink(missing_ok=True)
    return FinishedRun(name, reports / name / "index.html", finding.bottom_line, finding.disagreements)


def as_project_path(path: Path) -> str:
    """A path as a parameter gives it: from the project's top folder where it lies inside, in full elsewhere."""
    full = path.resolve()
    return full.relative_to(PROJECT).as_posix() if full.is_relative_to(PROJECT) else full.as_posix()


def is_as_it_was(keys: Mapping[str, str], parameters: Parameters, *, sources: Path) -> bool:
    """Whether data, rules, notebooks and helpers are still those of the keys that a run began with.

    Where one of them was changed meanwhile, what the run has made may follow from either.
    """
    now = make_notebook_keys(parameters, sources=sources, data=hash_data(parameters.data_dir))
    return now == keys and read_code() == hash_code()


def describe_outcomes(outcomes: Mapping[str, Outcome], *, keys: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Of each notebook: its key, when it was executed, in how many seconds (its waiting for the tables of others
    included), and whether an earlier run did that."""
    return {notebook: {"key": keys[notebook], "executed": outcome.executed, "seconds": outcome.seconds,
                       "from_cache": outcome.files is not None} for notebook, outcome in outcomes.items()}  # fmt: skip


def _execute(names: Collection[str], parameters: Parameters, *, known: Mapping[str, Outcome], notebooks: Path,
             progress: Progress, log: Path) -> dict[str, Outcome]:
    """What comes of these notebooks; none at all need no process, nor what one needs.

    This process mostly waits meanwhile: it reads ahead what the report will show of them and of those that are known.
    """
    if not names:
        return {}
    from helpers.run.notebooks import NotebookFailure, execute_all, write_text

    texts: dict[str, str] = {}

    def on_executed(name: str, notebook: NotebookNode) -> None:
        texts[name] = write_text(notebook).replace(parameters.derived_dir, PLACE)
        _read_ahead(name, notebook)

    Thread(target=_read_known_ahead, args=[known], daemon=True).start()
    try:
        with one_code():
            execute_all(notebooks, parameters, progress=progress, names=names, on_executed=on_executed)
            check_code()
    except NotebookFailure as failure:
        log.write_text(f"{failure}\n\n{failure.details}\n", encoding="utf-8")
        failure.log = log
        raise
    finally:
        progress.close()
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    return {name: Outcome(texts[name], now, progress.seconds[name]) for name in ALL if name in texts}


def _read_known_ahead(known: Mapping[str, Outcome]) -> None:
    import statsmodels.stats.proportion  # noqa: F401  # what the report needs, and takes long to import
    from nbformat.v4 import reads

    for name, outcome in known.items():
        _read_ahead(name, reads(outcome.text))


def _read_ahead(name: str, notebook: NotebookNode) -> None:
    from helpers.report import read_ahead

    read_ahead(name, notebook)


def store_notebooks(*, progress: Progress, notebooks: Path = PROJECT / "notebooks") -> None:
    """Execute the notebooks as they stand and write each, with its outputs, beside its source."""
    from helpers.run.notebooks import execute_all, write_text

    prepare_environment()
    prepare_forge(notebooks / f"{name}.py" for name in ALL)
    try:
        with one_code():
            executed = execute_all(notebooks, None, progress=progress)
    finally:
        progress.close()
    for name, notebook in executed.items():
        aside = notebooks / f".{name}.ipynb"
        aside.write_text(write_text(notebook), encoding="utf-8", newline="\n")
        aside.replace(notebooks / f"{name}.ipynb")
