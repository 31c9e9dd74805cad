"""Execute the notebooks: read the source, inject exactly its parameters, keep what comes out free of chance."""

from __future__ import annotations

import hashlib
import logging
import re
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from pathlib import Path
from types import MappingProxyType
from typing import Any

import jupytext
import nbformat
import papermill
from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError

from helpers.definitions import RuleError
from helpers.flow import stands_on
from helpers.parameters import ALL, ParameterError, Parameters
from helpers.run.kernels import allow_kernels, end_kernels
from helpers.run.progress import Progress
from helpers.schema import DataError

KERNEL_MANAGER = "helpers.run.kernels.StudyKernelManager"
POLL_SECONDS = 0.05
START_SECONDS = 300
INPUT_ERRORS: Mapping[str, type[ValueError]] = MappingProxyType({
    "DataError": DataError, "ParameterError": ParameterError, "RuleError": RuleError})
"""What a cell may raise about the input: not a failure of the notebook, but a message for whoever gave the input."""

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_FRAME = re.compile(r"^File (.+?):\d+", flags=re.MULTILINE)


class NotebookFailure(RuntimeError):
    """A notebook that stopped; the message names the notebook, where it stopped and why."""

    log: Path | None = None

    def __init__(self, notebook: str, message: str, *, details: str = "") -> None:
        self.details = details
        super().__init__(f"{notebook} stopped{message}")

    @classmethod
    def in_cell(cls, notebook: str, problem: PapermillExecutionError) -> NotebookFailure:
        """The failure of a cell, with its source and its traceback."""
        trace = _ANSI.sub("", "\n".join(problem.traceback))
        return cls(notebook, f" in cell {problem.cell_index + 1}: {problem.ename}: {problem.evalue}",
                   details=f"{problem.source}\n\n{trace}")


def explain_failure(notebook: str, problem: PapermillExecutionError) -> Exception:
    """What to raise for a cell that stopped: the input error that it raised itself, else a NotebookFailure.

    Only its name comes out of the notebook's process. pandas has a DataError too; that one is a failure.
    """
    frames = _FRAME.findall(_ANSI.sub("", "\n".join(problem.traceback)))
    is_foreign = bool(frames) and "pandas" in Path(frames[-1]).parts
    if problem.ename in INPUT_ERRORS and not is_foreign:
        return INPUT_ERRORS[problem.ename](problem.evalue)
    return NotebookFailure.in_cell(notebook, problem)


def read_source(path: Path) -> NotebookNode:
    """The notebook in a py:percent file; its cell ids follow from place and source, so they are always the same."""
    notebook = jupytext.read(path)
    for index, cell in enumerate(notebook.cells):
        cell["id"] = hashlib.sha256(f"{index}\n{cell.source}".encode()).hexdigest()[:8]
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata["language_info"] = {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"}
    return notebook


def execute_all(sources: Path, parameters: Parameters | None, *, progress: Progress, names: Collection[str] = ALL,
                on_executed: Callable[[str, NotebookNode], None] = lambda *_: None) -> dict[str, NotebookNode]:
    """The executed notebooks by name; where each opens the study it goes on when the tables that it reads are there.

    Those not among `names` have left their tables already. Under `parameters` each has exactly its own injected; with
    None they run as they stand, and each waits for the end of those whose tables it reads, since tables of an earlier
    run may lie in the folder. `on_executed` is called with each that is done, while others go on.

    Raises NotebookFailure for the first that stops, or the DataError, ParameterError or RuleError that stopped it; the
    others are ended then.
    """
    _quieten()
    allow_kernels()
    with ThreadPoolExecutor(len(ALL)) as pool:
        tasks: dict[str, Future[NotebookNode]] = {}
        try:
            while len(tasks) < len(names) or not all(task.done() for task in tasks.values()):
                for name in _ready(tasks, names=names, waits=parameters is not None):
                    tasks[name] = pool.submit(
                        _execute_one, sources / f"{name}.py", parameters, progress, on_executed)
                wait([task for task in tasks.values() if not task.done()], timeout=POLL_SECONDS,
                     return_when=FIRST_COMPLETED)
                _raise_first(tasks)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            end_kernels()
            raise
        return {name: tasks[name].result() for name in ALL if name in names}


def _ready(tasks: Mapping[str, Future[NotebookNode]], *, names: Collection[str] = ALL, waits: bool) -> list[str]:
    """The notebooks that have not started and can, those that wait for nobody first.

    In a run (`waits`) all can: a notebook waits for the tables of others by itself when it opens the study
    (`wait_for_tables`), and has its process and its imports by then. Else all makers must have ended.
    """
    return [name for name in ALL if name in names and name not in tasks and (waits or all(
        maker not in names or (maker in tasks and tasks[maker].done()) for maker in stands_on(name)))]


def _raise_first(tasks: Mapping[str, Future[NotebookNode]]) -> None:
    """Raise what made one of them fail, if any has."""
    for task in tasks.values():
        if task.done():
            task.result()


def _execute_one(source: Path, parameters: Parameters | None, progress: Progress,
                 on_executed: Callable[[str, NotebookNode], None]) -> NotebookNode:
    name = source.stem
    notebook = read_source(source)
    started = time.monotonic()
    progress.begin(name, cells=len(notebook.cells))
    try:
        executed = execute_notebook(
            notebook, {} if parameters is None else parameters.used_by(name), folder=source.parent,
            on_cell=lambda **at: progress.reach(name, at["cell_index"]))
    except PapermillExecutionError as problem:
        raise explain_failure(name, problem) from None
    except DeadKernelError:  # before RuntimeError, which it is
        raise NotebookFailure(name, ": its process ended by itself or was ended, perhaps for want of memory") from None
    except RuntimeError as problem:
        raise NotebookFailure(name, f": its process did not start: {problem}") from None
    progress.end(name, seconds=time.monotonic() - started)
    on_executed(name, executed)
    return executed


def execute_notebook(notebook: NotebookNode, parameters: Mapping[str, Any], *, folder: Path,
                     on_cell: Callable[..., Any] | None = None) -> NotebookNode:
    """The notebook with its outputs, executed by papermill in a process of its own that starts in `folder`."""
    with closing(ensure_event_loop()):  # papermill's kernel client makes one per thread and leaves it open
        executed = papermill.execute_notebook(
            notebook, None, parameters=dict(parameters), kernel_name="python3", progress_bar=False,
            start_timeout=START_SECONDS,
            kernel_manager_class=KERNEL_MANAGER, shutdown_kernel="immediate", record_timing=False,
            resources={"metadata": {"path": str(folder)}}, on_cell_execute=on_cell)
    return drop_chance(executed)


def drop_chance(notebook: NotebookNode) -> NotebookNode:
    """The notebook without times, machine and versions: the same run gives the same bytes."""
    tidy = nbformat.from_dict(notebook)
    for index, cell in enumerate(tidy.cells):
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell["id"] = hashlib.sha256(f"{index}\ninjected".encode()).hexdigest()[:8]
    kept = ("kernelspec", "jupytext")
    tidy["metadata"] = nbformat.from_dict({name: tidy.metadata[name] for name in kept if name in tidy.metadata})
    tidy.metadata["language_info"] = {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"}
    return tidy


def write_text(notebook: NotebookNode) -> str:
    """The text of a notebook's file."""
    return f"{nbformat.v4.writes(notebook)}\n"


def _quieten() -> None:
    """Papermill and its helpers report to a log; what they have to say, the run says itself."""
    for name in ("papermill", "traitlets"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
