"""What the notebooks' processes inherit from the run: threads, compiled files, the code that they run under."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helpers.project import ONE_THREAD, RUN_CODE, hash_code

_KEPT_MEMORY = {"MALLOC_TRIM_THRESHOLD_": str(512 * 1024**2), "MALLOC_MMAP_THRESHOLD_": str(512 * 1024**2)}
"""Memory that an array gives back stays with the process (glibc; nobody else looks): the next array needs it again."""


def prepare_environment() -> None:
    """One thread for linear algebra, so that sums always come out alike, compiled files kept, and none of the start-up
    files that a user's own sessions read: what they do is no part of the study."""
    for name, value in {**ONE_THREAD, **_KEPT_MEMORY}.items():
        os.environ.setdefault(name, value)
    os.environ["IPYTHONDIR"] = str(Path(sys.prefix) / "ipython")
    os.environ.pop("PYTHONSTARTUP", None)
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):  # else each of them would compile every package anew
        os.environ.setdefault("PYTHONPYCACHEPREFIX", str(Path(sys.prefix) / "compiled"))


@contextmanager
def one_code() -> Iterator[None]:
    """Tell the notebooks which code they run under: none of them may take another's tables for made by other code."""
    os.environ[RUN_CODE] = hash_code()
    try:
        yield
    finally:
        del os.environ[RUN_CODE]
