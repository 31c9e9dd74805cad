"""The Python processes that execute the notebooks: one each, known to the run, ended with it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from traitlets import Type

from helpers.run.forge import ANSWER_SECONDS, CAN_FORK, ForkedProcess, fork_kernel

ASK_AGAIN_SECONDS = 1.0
LONGEST_PLACE = 60
"""The longest name, in signs, of a folder for temporary files in which a socket's name is short enough."""

_running: set[int] = set()
_stopped = threading.Event()
_lock = threading.Lock()


class StudyKernelClient(AsyncKernelClient):
    """Speaks to a notebook's process as soon as it answers on both channels.

    The client that it comes from goes on listening for a fifth of a second, for what then belongs to no cell; whoever
    reads the cells' output passes that over anyway.
    """

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the process has answered and its output is heard. Raises RuntimeError when it has died."""
        limit = timeout or ANSWER_SECONDS
        end = time.monotonic() + limit
        while time.monotonic() < end:
            self.kernel_info()
            with contextlib.suppress(Empty):
                await self.get_shell_msg(timeout=ASK_AGAIN_SECONDS)
                await self.get_iopub_msg(timeout=ASK_AGAIN_SECONDS)
                return
            if not await self.is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
        raise RuntimeError(f"Kernel didn't respond in {limit:g} seconds")


class StudyKernelManager(AsyncKernelManager):
    """Starts a notebook's process and keeps its number, so that a run that is stopped leaves none behind.

    The process is forked from one that has the imports done, where forking is possible (`helpers.run.forge`).
    """

    client_factory = Type(StudyKernelClient, klass=AsyncKernelClient)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.transport_encryption = "auto"
        self._remove_sockets: Callable[[], Any] = lambda: None
        if CAN_FORK and len(tempfile.gettempdir()) <= LONGEST_PLACE:
            # A port that is free when it is chosen may be another's when it is used: notebooks of two runs that start
            # at once would meet. A folder of one's own is nobody else's, and nobody else can read in it.
            folder = tempfile.mkdtemp(prefix="notebook-")
            self._remove_sockets = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
            self.transport, self.ip = "ipc", f"{folder}/socket"

    async def _async_launch_kernel(self, kernel_cmd: list[str], **options: Any) -> None:
        if _stopped.is_set():
            raise RuntimeError("the run has been stopped")
        if not self._has_forked(kernel_cmd, **options):
            unseen = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}  # what cells print comes as messages
            await super()._async_launch_kernel(kernel_cmd, **{**options, **unseen})
        with _lock:
            _running.update(_process_of(self))
        if _stopped.is_set():
            end_kernels()
        if isinstance(process := getattr(self.provisioner, "process", None), ForkedProcess):
            process.wait_until_there()

    def _has_forked(self, command: list[str], **options: Any) -> bool:
        """Fork the process, if that is possible here; a helper that cannot be imported ends the forge, too."""
        provisioner: Any = self.provisioner
        folder = str(options.get("cwd") or Path.cwd())
        if not CAN_FORK:
            return False
        try:
            provisioner.process = fork_kernel(command, folder=folder, environment=options.get("env") or {})
        except (EOFError, OSError):
            return False
        provisioner.pid = provisioner.pgid = provisioner.process.pid
        provisioner.cwd = folder
        self._reconcile_connection_info(provisioner.connection_info)
        return True

    async def _async_kill_kernel(self, restart: bool = False) -> None:
        """End the process; a forked one is not waited for until the system has taken its memory back."""
        process = getattr(self.provisioner, "process", None)
        if isinstance(process, ForkedProcess):
            process.kill()
        else:
            await super()._async_kill_kernel(restart=restart)

    async def _async_cleanup_resources(self, restart: bool = False) -> None:
        ended = _process_of(self)
        await super()._async_cleanup_resources(restart=restart)
        self._remove_sockets()
        with _lock:
            _running.difference_update(ended)


def _process_of(manager: AsyncKernelManager) -> set[int]:
    process = getattr(manager.provisioner, "pid", None)
    return set() if process is None else {process}


def allow_kernels() -> None:
    """Let notebook processes start (again, after `end_kernels`)."""
    _stopped.clear()


def end_kernels() -> None:
    """End every notebook process that this run has started and that is still there, and let none start."""
    _stopped.set()
    with _lock:
        for process in list(_running):
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
        _running.clear()
