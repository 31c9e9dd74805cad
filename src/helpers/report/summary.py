"""The bottom line: a few sentences that a run's own ledger completes."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from helpers.definitions.stability import STABLE_FROM
from helpers.ledger import CrossCheck, Entry, LedgerError
from helpers.report.text import marked
from helpers.wording import Mark, fill_marked, format_interval, format_number, format_percent, join_words, plural

_INDEPENDENT = "predictors.independent."
_MODEL = ("predictors.independent.n", "predictors.complete.n", "predictors.events_per_parameter")
_STABLE = "predictors.stable.n"
_SENTENCES = (
    "Of {cohort.screened.n} patients on file, {cohort.eligible.n} are in the study, {cohort.female.n} of them women.",
    "{dtt.n} of {cohort.eligible.n} are difficult to treat: {dtt.share:ci}.",
    "{independent}",
    "Worsening creatinine, kidney failure or death, difficult to treat against the others, hazard ratio: "
    "{survival.composite.naive.hr:ci} when all are followed from time zero, as if the label were known then; "
    "{survival.composite.landmark.hr:ci} from the landmark on, and {survival.composite.timedependent.hr:ci} when "
    "the label counts from the day on which it became true.",
    "At last follow-up {dtt.final.cr.n} of the {dtt.n} are in complete response, {dtt.final.pr.n} in partial and "
    "{dtt.final.nr.n} in no response (kidney failure counts as none).",
)


@dataclass(frozen=True)
class Line:
    """One sentence of the bottom line, and where in it which number of the ledger stands."""

    text: str
    marks: tuple[Mark, ...] = ()

    def show(self, against: Container[str]) -> Markup:
        """The sentence as HTML, those numbers marked on which two engines disagree."""
        return marked(self.text, marks=[(mark.start, mark.end, mark.id) for mark in self.marks if mark.id in against])


def make_bottom_line(entries: Mapping[str, Entry], checks: Sequence[CrossCheck] = ()) -> tuple[Line, ...]:
    """Up to five sentences; one whose numbers the run did not report is left out. Before them, where two engines
    disagree on a number, one that says so."""
    words = {"independent": say_independent(entries)}
    lines = [_filled(template, entries, words) for template in _SENTENCES]
    return tuple(line for line in (Line(say_disagreements(checks)), *lines) if line.text)


def say_disagreements(checks: Sequence[CrossCheck]) -> str:
    """That two engines disagree, on how many numbers and which; empty where they agree on all.

    >>> check = CrossCheck("a.n", "value", "Patients", "x", "y", 1.0, 2.0, 0.5, 0.0, "", False)
    >>> say_disagreements([check])[:73]
    'Two engines disagree on 1 of the 1 numbers that were computed twice in th'
    """
    against = [check.what for check in checks if not check.agrees]
    if not against:
        return ""
    return (f"Two engines disagree on {len(against)} of the {len(checks)} numbers that were computed twice in this run "
            f"({'; '.join(against[:3])}{'; and others' if against[3:] else ''}). They are marked wherever they are "
            "printed; use none of them before the reason is known.")  # fmt: skip


def _filled(template: str, entries: Mapping[str, Entry], words: Mapping[str, str]) -> Line:
    """The sentence with its numbers; those inside a word are found by how they are printed."""
    try:
        text, marks = fill_marked(template, book=entries, words=words)
    except (KeyError, LedgerError):
        return Line("")
    if template == "{independent}":
        odds = [entry for id, entry in entries.items() if id.startswith(_INDEPENDENT) and id.endswith(".or")]
        places = [(text.find(format_interval(entry)), entry) for entry in odds]
        marks = [Mark(at, at + len(format_interval(entry)), entry.id) for at, entry in places if at >= 0]
    return Line(text, tuple(marks))


def say_independent(entries: Mapping[str, Entry]) -> str:
    """Which features chapter 3 calls independent, with their odds ratios there, and how large its model is.

    Nothing is judged again here: what independent means is for that chapter. A run that did not ask whether features
    would be chosen again says nothing of it. Empty where the run has no such model.

    >>> def entry(id, value, low=None, high=None, n=None, label=""):
    ...     return Entry(id, value, low, high, "", n, label, None, "", "")
    >>> entries = [entry("predictors.independent.n", 1, n=16), entry("predictors.complete.n", 136),
    ...     entry("predictors.events_per_parameter", 2.733),
    ...     entry("predictors.independent.any_apl.or", 3.0, 1.5, 6.0, 136, "Any aPL")]
    >>> say_independent({entry.id: entry for entry in entries}).rpartition("): ")[2]
    'any aPL, odds ratio 3.00 (95\u202f% CI 1.50 to 6.00); in 136 patients known in full, 2.73 events per parameter.'
    """
    if not all(id in entries for id in _MODEL):
        return ""
    count, complete, size = (entries[id] for id in _MODEL)
    how = "alone, together and by penalised likelihood"
    again = ""
    if _STABLE in entries:
        again = f", and chosen again in {format_percent(STABLE_FROM, digits=0)} of bootstrap samples or more"
    basis = (f"in {format_number(complete.value)} patients known in full, "
             f"{format_number(size.value)} events per parameter.")  # fmt: skip
    odds = [entry for id, entry in entries.items() if id.startswith(_INDEPENDENT) and id.endswith(".or")]
    if not odds:
        return (f"None of the {format_number(count.n)} features is independently associated with being difficult to "
                f"treat ({how}{again}); {basis}{_say_unstable(entries)}")  # fmt: skip
    named = [f"{uncapitalise(entry.label)}, odds ratio {format_interval(entry)}" for entry in odds]
    return (f"Independently associated with being difficult to treat ({how}, whose odds ratios these are{again}): "
            f"{join_words(named)}; {basis}{_say_unstable(entries)}")  # fmt: skip


def _say_unstable(entries: Mapping[str, Entry]) -> str:
    """A sentence on the features that pass every test but are not chosen again often enough; empty without one."""
    count = entries.get("predictors.unstable.n")
    if count is None or not count.value:
        return ""
    return f" Associated in this model, but not stably: {format_number(count.value)} {plural(count.value, 'feature')}."


def uncapitalise(label: str) -> str:
    """A label inside a sentence: the first letter small, unless the word is one of capitals or a name.

    >>> uncapitalise("Any aPL"), uncapitalise("SLEDAI-2K"), uncapitalise("C3 low")
    ('any aPL', 'SLEDAI-2K', 'C3 low')
    """
    return label[:1].lower() + label[1:] if label[1:2].islower() else label
