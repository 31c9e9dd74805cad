"""Notebook processes forked from one that has the imports done: the imports are paid for once, not five times."""

from __future__ import annotations

import ast
import contextlib
import gc
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterable, Mapping, Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Thread

from helpers.run.mother import IS_MOTHER

CAN_FORK = sys.platform == "linux"
"""Elsewhere every notebook gets a process of its own making: Windows cannot fork, and system libraries of macOS may
not be used on the far side of a fork."""

ANSWER_SECONDS = 60
"""A notebook process that has not come so far by then is left to those who wait for its answer."""

_KERNEL = ("ipykernel.kernelapp", "matplotlib_inline.backend_inline")
_LATE = ("matplotlib.backends.backend_svg", "pandera.accessors", "pandera.strategies.pandas_strategies",
         "pyarrow.dataset")
"""What libraries import by themselves with the first table that is checked and the first figure that is drawn."""


def prepare_forge(sources: Iterable[Path]) -> None:
    """Start the process that the notebooks will be forked from, with what their setup cells import; do not wait.

    Called a second time it changes nothing. No thread of the imports runs Python code there, so that forking is safe.
    """
    if not CAN_FORK:
        return
    from multiprocessing import forkserver

    os.environ.setdefault("MPLBACKEND", "agg")
    context = multiprocessing.get_context("forkserver")
    wanted = {*_KERNEL, *_LATE, *(name for path in sources for name in list_imports(path))}
    context.set_forkserver_preload(["helpers.run.mother", *sorted(wanted)])
    os.environ[IS_MOTHER] = "yes"
    try:
        with contextlib.suppress(OSError):  # no socket can be made here: each notebook gets a process of its own making
            forkserver.ensure_running()
    finally:
        del os.environ[IS_MOTHER]


def list_imports(source: Path) -> list[str]:
    """The modules that a notebook imports, in order; its py:percent source is a Python file as it stands."""
    found = ast.parse(source.read_text(encoding="utf-8")).body
    names = [node.module for node in found if isinstance(node, ast.ImportFrom) and node.module]
    return names + [alias.name for node in found if isinstance(node, ast.Import) for alias in node.names]


def fork_kernel(command: Sequence[str], *, folder: str, environment: Mapping[str, str]) -> ForkedProcess:
    """A new notebook process that works in `folder`; `command` is what would have started one from nothing."""
    arguments = [*command[command.index("-f"):]]
    context = multiprocessing.get_context("forkserver")
    is_there, say_so = context.Pipe(duplex=False)
    process = context.Process(target=_be_a_kernel, args=(arguments, folder, dict(environment), say_so), daemon=True)
    with say_so:
        process.start()
    return ForkedProcess(process, is_there)


def _be_a_kernel(arguments: list[str], folder: str, environment: dict[str, str],
                 say_so: Connection) -> None:  # pragma: no cover - forked
    """What the forked process does until it is told to end, or the run has ended without telling it."""
    os.setsid()
    Thread(target=_end_with_the_run, daemon=True).start()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.chdir(folder)
    os.environ.update(environment)
    gc.freeze()  # what is imported stays: going through it for garbage again and again takes longer than most cells
    gc.enable()
    from ipykernel.kernelapp import IPKernelApp

    kernel = IPKernelApp.instance()
    kernel.initialize(arguments)
    say_so.close()
    kernel.start()


def _end_with_the_run() -> None:  # pragma: no cover - forked
    run = multiprocessing.parent_process()
    if run is not None:
        run.join()
        os._exit(1)


class ForkedProcess:
    """A forked process as `jupyter_client` wants to see one: with the methods of subprocess.Popen that it calls."""

    stdin = stdout = stderr = None

    def __init__(self, process: BaseProcess, is_there: Connection) -> None:
        self._process = process
        self._is_there = is_there
        self.pid = process.pid

    def wait_until_there(self) -> None:
        """Wait until it can be spoken to, or has died: who knocks sooner is made to wait by ZeroMQ."""
        with self._is_there:
            self._is_there.poll(ANSWER_SECONDS)

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        return self._process.exitcode

    def wait(self) -> int | None:
        """Wait for its end, and return the exit code."""
        self._process.join()
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.pid is not None and self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)
