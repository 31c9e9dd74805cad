"""What is seen while a run goes on: one line per finished notebook, and on a terminal a line that moves."""

from __future__ import annotations

import shutil
import threading
import time
from typing import TextIO


class Progress:
    """Tells where a run is. Several notebooks may report at once.

    `live` rewrites one line in place; without it (a log, a pipe) only finished steps are written.
    """

    def __init__(self, stream: TextIO, *, live: bool | None = None) -> None:
        self.seconds: dict[str, float] = {}
        self._stream = stream
        self._live = stream.isatty() if live is None else live
        self._lock = threading.Lock()
        self._at: dict[str, tuple[int, int]] = {}
        self._started = time.monotonic()

    def say(self, text: str) -> None:
        """Write one line that stays."""
        with self._lock:
            self._clear()
            print(text, file=self._stream, flush=True)
            self._draw()

    def begin(self, notebook: str, *, cells: int) -> None:
        """A notebook has started."""
        self.reach(notebook, 0, of=cells)

    def reach(self, notebook: str, cell: int, *, of: int | None = None) -> None:
        """A notebook has come to a cell."""
        with self._lock:
            self._at[notebook] = (cell, of or self._at[notebook][1])
            self._draw()

    def end(self, notebook: str, *, seconds: float) -> None:
        """A notebook, or another step, is done."""
        self.seconds[notebook] = round(seconds, 2)
        self._at.pop(notebook, None)
        self.say(f"  {notebook:<24}{seconds:6.1f} s")

    def take(self, step: str) -> None:
        """A notebook, or another step, need not be done again."""
        self.say(f"  {step:<24}taken from the cache")

    def close(self) -> None:
        """Take the moving line away."""
        with self._lock:
            self._at.clear()
            self._clear()

    def _draw(self) -> None:
        if self._live and self._at:
            where = ", ".join(f"{name} {cell}/{of}" for name, (cell, of) in sorted(self._at.items()))
            line = f"  {time.monotonic() - self._started:4.0f} s  {where}"
            self._clear()
            self._stream.write(line[: shutil.get_terminal_size().columns - 1])
            self._stream.flush()

    def _clear(self) -> None:
        if self._live:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
