"""Number in, words out: sentences that take their numbers, and their verdicts, from the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Any, Protocol

from helpers.ledger import Entry

NOT_ESTIMABLE = "not estimable"
MINUS = "−"
THIN = "\u202f"


class Book(Protocol):
    """Anything that gives a ledger entry for an id."""

    def __getitem__(self, id: str) -> Entry: ...


def format_number(value: float | None, *, digits: int | None = None) -> str:
    """A number as it is printed: whole numbers bare with thin spaces, others with about three figures.

    >>> format_number(181.0), format_number(12345), format_number(4.2849), format_number(0.0391), format_number(None)
    ('181', '12\u202f345', '4.28', '0.039', 'not estimable')
    """
    if value is None:
        return NOT_ESTIMABLE
    if digits is None:
        digits = 0 if float(value).is_integer() else count_decimals(value)
    text = f"{value:,.{digits}f}".replace(",", THIN)
    return MINUS + text[1:] if text.startswith("-") and text.strip("-0.") else text.removeprefix("-")


def format_percent(value: float | None, *, digits: int = 1) -> str:
    """A share as a percentage.

    >>> format_percent(57 / 181)
    '31.5\u202f%'
    """
    return NOT_ESTIMABLE if value is None else f"{format_number(100 * value, digits=digits)}{THIN}%"


def format_p(value: float | None, *, sign: bool = True) -> str:
    """A p value: three decimals, never zero; `sign` puts "p =" or "p <" before it.

    >>> format_p(0.01249), format_p(0.0004), format_p(0.9996), format_p(0.0004, sign=False)
    ('p = 0.012', 'p < 0.001', 'p > 0.999', '<0.001')
    """
    if value is None:
        return f"p {NOT_ESTIMABLE}" if sign else NOT_ESTIMABLE
    if value < 0.001:
        return "p < 0.001" if sign else "<0.001"
    if value > 0.999:
        return "p > 0.999" if sign else ">0.999"
    return f"p = {value:.3f}" if sign else f"{value:.3f}"


def format_interval(entry: Entry) -> str:
    """An estimate with its 95 % confidence interval, as percentages where the unit is a share."""
    if entry.value is None:
        return NOT_ESTIMABLE
    share = entry.unit == "share"
    point = format_percent(entry.value) if share else format_number(entry.value, digits=count_decimals(entry.value))
    if entry.low is None and entry.high is None:
        return f"{point} (95{THIN}% CI {NOT_ESTIMABLE})"
    ends = [_end(end, share=share, decimals=count_decimals(entry.value)) for end in (entry.low, entry.high)]
    return f"{point} (95{THIN}% CI {ends[0]} to {ends[1]})"


def count_decimals(value: float) -> int:
    """The decimals that leave about three figures; the ends of an interval take those of their estimate.

    >>> [count_decimals(value) for value in (100, 99.9, 9.99, 0.0999)]
    [0, 1, 2, 3]
    """
    return 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 0.1 else 3


def _end(value: float | None, *, share: bool, decimals: int) -> str:
    if value is None:
        return "no limit"
    return format_number(100 * value, digits=1) if share else format_number(value, digits=decimals)


def format_quartiles(entry: Entry) -> str:
    """A median with its quartiles, like "29 (24 to 32)"."""
    if entry.value is None:
        return NOT_ESTIMABLE
    ends = " to ".join(format_number(end) for end in (entry.low, entry.high))
    return f"{format_number(entry.value)} ({ends})"


def verdict(entry: Entry) -> str:
    """The words that an interval allows: on which side of no difference it lies, if on one.

    Raises ValueError for an entry that was recorded without its value of no difference.
    """
    if entry.null is None:
        raise ValueError(f"{entry.id} was recorded without null, so there is no verdict on it")
    if entry.value is None or entry.low is None or entry.high is None:
        return "not comparable with"
    if entry.low > entry.null:
        return "higher than"
    return "lower than" if entry.high < entry.null else "not clearly different from"


def join_words(words: Sequence[str], *, none: str = "none") -> str:
    """A list in prose.

    >>> join_words(["a", "b", "c"]), join_words(["a"]), join_words([])
    ('a, b and c', 'a', 'none')
    """
    if not words:
        return none
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def plural(count: float, one: str, many: str | None = None) -> str:
    """The noun that fits the count.

    >>> plural(1, "patient"), plural(2, "patient"), plural(0, "biopsy", "biopsies")
    ('patient', 'patients', 'biopsies')
    """
    return one if count == 1 else many or f"{one}s"


_FORMATS: dict[str, Callable[[Entry], str]] = {
    "": lambda entry: format_percent(entry.value) if entry.unit == "share" else format_number(entry.value),
    "value": lambda entry: format_number(entry.value),
    "percent": lambda entry: format_percent(entry.value),
    "ci": format_interval,
    "iqr": format_quartiles,
    "p": lambda entry: format_p(entry.value),
    "verdict": verdict,
    "low": lambda entry: format_number(entry.low),
    "high": lambda entry: format_number(entry.high),
    "n": lambda entry: format_number(entry.n),
}


class _Sentence(Formatter):
    def __init__(self, book: Book) -> None:
        self.book = book

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> tuple[Any, str]:  # noqa: ARG002
        return (self.book[field_name] if "." in field_name else kwargs[field_name]), field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        if not isinstance(value, Entry):
            return str(format(value, format_spec))
        if format_spec not in _FORMATS:
            raise ValueError(f"{format_spec!r} is not a way to print {value.id}: {', '.join(_FORMATS)}")
        return _FORMATS[format_spec](value)


@dataclass(frozen=True)
class Mark:
    """Where in a sentence a number of the ledger stands, and which one it is."""

    start: int
    end: int
    id: str


def fill_sentence(template: str, *, book: Book, words: Mapping[str, Any] | None = None) -> str:
    """The template with every `{dotted.id:format}` taken from the ledger and every `{word}` from `words`.

    Formats: none (by unit), value, percent, ci, iqr, p, verdict, low, high, n. Raises LedgerError for an id
    that the ledger lacks, KeyError for a word that was not given, ValueError for a format that is not known.
    """
    return fill_marked(template, book=book, words=words)[0]


def fill_marked(template: str, *, book: Book, words: Mapping[str, Any] | None = None) -> tuple[str, list[Mark]]:
    """What `fill_sentence` gives, and where each number of the ledger stands in it.

    >>> book = {"a.n": Entry("a.n", 57.0, None, None, "", None, "", None, "", "")}
    >>> fill_marked("Of {a.n} {who}", book=book, words={"who": "patients"})
    ('Of 57 patients', [Mark(start=3, end=5, id='a.n')])
    """
    filler, text, marks = _Sentence(book), "", []
    for before, field, form, _ in filler.parse(template):
        text += before
        if field is None:
            continue
        value = filler.get_field(field, (), dict(words or {}))[0]
        filled = filler.format_field(value, form or "")
        if isinstance(value, Entry):
            marks.append(Mark(len(text), len(text) + len(filled), value.id))
        text += filled
    return text, marks
