"""How far the work is and how long it will take: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import shutil
import time
from typing import TextIO

BAR = 30
EVERY = 0.1
"""Without a terminal, a line is written at each of these shares of the work."""


class Bar:
    """Counts work done against work to do. `live` rewrites one line in place; without it few lines are written."""

    def __init__(self, total: int, stream: TextIO, *, live: bool | None = None) -> None:
        self._total, self._stream, self._done, self._said = total, stream, 0, 0.0
        self._live = stream.isatty() if live is None else live
        self._started = time.monotonic()

    def advance(self, amount: int) -> None:
        """So much more is done."""
        self._done += amount
        share = self._done / self._total
        if self._live:
            columns = shutil.get_terminal_size().columns - 1
            self._write("\r\x1b[K" + self._line(share)[:columns])
        elif share >= self._said + EVERY or share >= 1:
            self._said = share
            self._write(self._line(share) + "\n")

    def close(self) -> None:
        """Leave the last state of the bar on a line of its own."""
        if self._live and self._done:
            self._write("\n")

    def _line(self, share: float) -> str:
        spent = time.monotonic() - self._started
        full = round(BAR * share)
        left = describe_seconds(spent / share - spent)
        return f"  {'█' * full}{'░' * (BAR - full)} {share:4.0%}  {describe_seconds(spent)} gone, {left} left"

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def describe_seconds(seconds: float) -> str:
    """A length of time as a clock shows it.

    >>> describe_seconds(75), describe_seconds(4000)
    ('1:15', '1:06:40')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
