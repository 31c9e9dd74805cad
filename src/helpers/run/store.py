"""A store of files by key: each entry one file, moved into place whole, checked when read, the oldest dropped."""

from __future__ import annotations

import hashlib
import io
import json
import os
import threading
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

MOST_ENTRIES = 300
MOST_BYTES = 2 * 1024**3
_HASHES = "hashes.json"
_DAMAGED = (OSError, EOFError, ValueError, LookupError, TypeError, RuntimeError, zipfile.BadZipFile, zlib.error)
"""What reading a file can raise that is cut short, overwritten, or no archive at all."""


@dataclass(frozen=True)
class Store:
    """A folder of entries. Any number of processes may read and write it at once: none sees half an entry.

    An entry is an archive `<first two signs of its key>/<key>.zip` of files and their SHA-256. Two writers of one key
    write the same content, and the later one takes the earlier one's place.
    """

    folder: Path
    most_entries: int = MOST_ENTRIES
    most_bytes: int = MOST_BYTES

    def read(self, key: str) -> dict[str, bytes] | None:
        """The files of an entry, by name; None where there is none, or not one that is as it was written."""
        path = self._path(key)
        try:
            with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
                hashes = json.loads(archive.read(_HASHES))
                files = {name: archive.read(name) for name in archive.namelist() if name != _HASHES}
        except _DAMAGED:
            return None
        if hashes != _hash(files) or not all(map(_stays_inside, files)):
            return None
        with suppress(OSError):
            os.utime(path)  # entries in use are dropped last
        return files

    def keep(self, key: str, files: Mapping[str, bytes]) -> None:
        """Write an entry, and drop those not used for longest where there are too many or they are too large.

        Where it cannot be written (a full disk, a folder that is read-only) there is no such entry, and that is all.
        """
        path = self._path(key)
        aside = path.with_name(f".{key}-{os.getpid()}-{threading.get_ident()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            aside.write_bytes(_pack(files))
            aside.replace(path)
        except OSError:
            with suppress(OSError):
                aside.unlink()
        self._drop_oldest()

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.zip"

    def _drop_oldest(self) -> None:
        """Drop what is beyond the limits, entries that a killed process left unfinished among it."""
        entries = sorted(_list_entries(self.folder), reverse=True)
        size = 0
        for number, (_, path, bytes_of_entry) in enumerate(entries, start=1):
            size += bytes_of_entry
            if number > self.most_entries or size > self.most_bytes:
                with suppress(OSError):
                    path.unlink()


def _list_entries(folder: Path) -> list[tuple[int, Path, int]]:
    """When each entry was last used, its place and its size; another process may drop entries at the same time."""
    found = []
    for path in folder.glob("*/*"):
        with suppress(OSError):
            facts = path.stat()
            found.append((facts.st_mtime_ns, path, facts.st_size))
    return found


def _stays_inside(name: str) -> bool:
    """Whether a file of this name comes to lie in the folder that it is put into, on any system.

    >>> [_stays_inside(name) for name in ("a/b.csv", "../b.csv", "/b.csv", "c:b.csv")]
    [True, False, False, False]
    """
    path = PureWindowsPath(name)  # knows both slashes, and drives
    return not path.anchor and ".." not in path.parts


def _pack(files: Mapping[str, bytes]) -> bytes:
    """The files as an archive; the same files give the same bytes."""
    whole = {_HASHES: json.dumps(_hash(files)).encode(), **dict(sorted(files.items()))}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in whole.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


def _hash(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
