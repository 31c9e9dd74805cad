"""The chapter of the printed claims: the abstract against itself, and this run against the abstract."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.ledger import Entry
from helpers.report_chapters import Block


@dataclass(frozen=True)
class Claims:
    """The two tables of the chapter, and what they come to in a sentence each."""

    title: str
    sentences: tuple[str, ...] = ()
    tables: tuple[Block, ...] = ()


def make_claims(entries: dict[str, Entry]) -> Claims:
    """The chapter's tables for the entries of one run."""
    return Claims("What was printed, and does it hold?")
