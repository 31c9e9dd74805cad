"""What a run puts beside one another for its reader: notebooks, exhibits, results, record, page."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.parameters import ALL
from helpers.project import PROJECT
from helpers.run.cache import PLACE, Cache, Outcome, to_json
from helpers.run.keys import describe_surroundings, make_key
from helpers.run.progress import Progress

if TYPE_CHECKING:
    from helpers.report.claims import Claims

EVIDENCE = PROJECT / "docs" / "evidence.csv"
_TIMES = ("started", "finished", "seconds", "notebooks")
"""What of a record differs between two runs that are the same."""

_PAGE, _ABOUT = "index.html", "about.json"
_MOMENT = "<!-- when this run was made -->"


@dataclass(frozen=True)
class Finding:
    """What a report says in a few sentences, and the ids of the numbers on which two engines disagree."""

    bottom_line: tuple[str, ...]
    disagreements: tuple[str, ...]


def write_notebooks(outcomes: Mapping[str, Outcome], folder: Path, *, home: str) -> None:
    """Write the executed notebooks; `home` is the run's folder of derived tables, as a parameter gives it."""
    folder.mkdir()
    for name, outcome in outcomes.items():
        (folder / f"{name}.ipynb").write_bytes(outcome.text.replace(PLACE, home).encode())


def collect_exhibits(work: Path, page: Path) -> None:
    """Copy every table and figure of the notebooks beside the page, under `tables` and `figures`."""
    for kind in ("tables", "figures"):
        (page / kind).mkdir()
        for notebook in ALL:
            for path in sorted((work / "exhibits" / notebook / kind).glob("*")):
                if (page / kind / path.name).exists():
                    raise ValueError(f"two notebooks have an exhibit called {path.name}")
                shutil.copyfile(path, page / kind / path.name)
    if EVIDENCE.is_file():
        shutil.copyfile(EVIDENCE, page / "tables" / EVIDENCE.name)


def write_report(work: Path, page: Path, *, record: Mapping[str, Any], keys: Mapping[str, str], cache: Cache,
                 progress: Progress) -> Finding:
    """Write record, results and page, the latter two from the cache where nothing but the time is another."""
    (page / "run.json").write_bytes(to_json(record))
    lasting = {name: fact for name, fact in record.items() if name not in _TIMES}
    evidence = EVIDENCE.read_text(encoding="utf-8") if EVIDENCE.is_file() else ""
    key = make_key({"report": lasting, "notebooks": dict(keys), "evidence": evidence,
                    "surroundings": describe_surroundings()})  # fmt: skip
    kept = cache.find(key)
    if kept is not None:
        progress.take("report")
        return _place_report(kept, page, moment=_show_moment(record))
    begun = time.monotonic()
    tables = {path.name for path in (page / "tables").iterdir()}
    claims, disagreements = write_results(work, page, data=record["data"])
    finding = Finding(_write_page(page, claims), disagreements)
    new = [path for path in (page / "tables").iterdir() if path.name not in tables]
    _add_report(cache, key, [page / "results.json", *new, page / _PAGE], finding=finding, page=page,
                moment=_show_moment(record))
    progress.end("report", seconds=time.monotonic() - begun)
    return finding


def write_results(work: Path, page: Path, *, data: Mapping[str, Any]) -> tuple[Claims, tuple[str, ...]]:
    """Write every number of the run, those of the claims chapter included, sorted by id, and what a second engine says.

    Returns that chapter, and the ids of those numbers that the second engine does not find again.
    """
    from helpers.ledger import find_disagreements, read_cross_checks, read_ledger, write_numbers
    from helpers.report.claims import make_claims, write_claims

    recorded, checks = read_ledger(work / "ledger"), read_cross_checks(work / "ledger")
    claims = make_claims(recorded, against=find_disagreements(recorded, checks), is_synthetic=data["synthetic"],
                         is_calibrated=data["calibrated"])
    write_claims(claims, page / "tables")
    entries = sorted([*recorded, *claims.entries], key=lambda entry: entry.id)
    write_numbers(page / "results.json", {"synthetic": data["synthetic"]}, entries=entries, checks=checks)
    return claims, tuple(dict.fromkeys(check.id for check in checks if not check.agrees))


def _write_page(page: Path, claims: Claims) -> tuple[str, ...]:
    from helpers.report import write_page

    return write_page(page, claims)


def _show_moment(record: Mapping[str, Any]) -> str:
    """The one place of the page that has the time in it."""
    finished = record["finished"]
    return f'<time datetime="{finished}">{finished[:10]}, {finished[11:16]}</time>'


def _add_report(cache: Cache, key: str, paths: list[Path], *, finding: Finding, page: Path, moment: str) -> None:
    files = {path.relative_to(page).as_posix(): path.read_bytes() for path in paths}
    before, is_there, after = files[_PAGE].partition(moment.encode())
    if is_there and moment.encode() not in after:
        files[_PAGE] = before + _MOMENT.encode() + after
        cache.add(key, {**files, _ABOUT: to_json(asdict(finding))})


def _place_report(files: Mapping[str, bytes], page: Path, *, moment: str) -> Finding:
    for name, content in files.items():
        if name != _ABOUT:
            (page / name).write_bytes(content.replace(_MOMENT.encode(), moment.encode()) if name == _PAGE else content)
    return Finding(**{name: tuple(lines) for name, lines in json.loads(files[_ABOUT]).items()})
