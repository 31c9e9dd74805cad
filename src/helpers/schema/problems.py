"""What is wrong with the data, collected and said once, in words that tell where and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pandas as pd

SHOWN = 3
"""Examples shown of one kind of problem; the others are counted."""

MOST_KINDS = 40
"""Kinds of problem shown in one message; a file read wrongly would otherwise fill the screen."""


@dataclass(frozen=True)
class Problem:
    """One kind of problem in one place: its first examples, each a full line, and how many there are in all."""

    where: str
    examples: tuple[str, ...]
    count: int = 1

    def lines(self) -> list[str]:
        """The examples, and a line that counts the rest."""
        more = self.count - len(self.examples)
        rest = [f"{self.where}: {more} more of the same kind"] if more else []
        return [f"{self.where}{example}" for example in self.examples] + rest


class DataError(ValueError):
    """Data that cannot be used. Its text is one message: a count, then a line per problem with its remedy."""

    def __init__(self, problems: Iterable[Problem] | str) -> None:
        self.problems = (Problem(problems, ("",)),) if isinstance(problems, str) else tuple(problems)
        super().__init__(_message(self.problems))


def _message(problems: tuple[Problem, ...]) -> str:
    lines = [line for problem in problems[:MOST_KINDS] for line in problem.lines()]
    if len(problems) > MOST_KINDS:
        lines.append(f"... and {len(problems) - MOST_KINDS} more kinds of problem: mend these first")
    total = sum(problem.count for problem in problems)
    return lines[0] if total == 1 else "\n".join([f"The data cannot be used: {total:,} problems.", *lines])


def problem(where: str, text: str) -> Problem:
    """A problem of a whole file or column."""
    return Problem(where, (f": {text}",))


def problems_in_rows(
    table: pd.DataFrame, bad: pd.Series, *, where: str, column: str, say: Callable[[object], str]
) -> list[Problem]:
    """No problem, or one, for the rows of `table` where `bad` is true; `say` words a value of `column`.

    The index of `table` holds the row numbers of the file. Patient ids are named where the table has them.

    >>> table = pd.DataFrame({"patient_id": ["P1", "P2"], "grade": [3, 9]}, index=[2, 3])
    >>> problems_in_rows(table, table.grade > 5, where="events.csv", column="grade", say="{} is above 5".format)
    [Problem(where='events.csv, column grade', examples=(', row 3, patient P2: 9 is above 5',), count=1)]
    """
    count = int(bad.sum())
    if not count:
        return []
    first = table.loc[bad].head(SHOWN)
    patients = first["patient_id"] if "patient_id" in first else pd.Series(pd.NA, index=first.index)
    examples = tuple(
        f", row {row}{_patient(patient)}: {say(value)}"
        for row, patient, value in zip(first.index, patients, first[column], strict=True)
    )
    return [Problem(f"{where}, column {column}", examples, count)]


def _patient(patient: object) -> str:
    return "" if pd.isna(patient) else f", patient {shown(patient, quoted=False)}"  # type: ignore[call-overload]


def shown(value: object, *, quoted: bool = True) -> str:
    """A value from the data as it is shown in a message: on one line, cut to 40 characters, days without time.

    >>> shown("1,2"), shown(pd.Timestamp("2020-03-01")), shown("a" * 50, quoted=False)
    ('"1,2"', '2020-03-01', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…')
    """
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    text = " ".join(str(value).split())
    text = text if len(text) <= 40 else text[:39] + "…"
    return f'"{text}"' if quoted and isinstance(value, str) else text
