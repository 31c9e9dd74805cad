"""The bottom line: a few sentences that a run's own ledger completes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from helpers.ledger import Entry, LedgerError
from helpers.wording import fill_sentence, format_interval, join_words, plural, verdict

_MULTIVARIABLE = "predictors.multivariable."
_SENTENCES = (
    "Of {cohort.screened.n} patients on file, {cohort.eligible.n} are in the study, {cohort.female.n} of them women.",
    "{dtt.n} of {cohort.eligible.n} are difficult to treat: {dtt.share:ci}.",
    "{independent}",
    "Worsening creatinine, kidney failure or death, difficult to treat against the others, hazard ratio: "
    "{survival.composite.naive.hr:ci} when all are followed from time zero, as if the label were known then; "
    "{survival.composite.landmark.hr:ci} from the landmark on, and {survival.composite.timedependent.hr:ci} when "
    "the label counts from the day on which it became true.",
    "At last follow-up {dtt.final.cr.n} of the {dtt.n} are in complete and {dtt.final.pr.n} in partial response; "
    "{dtt.final.nr.n} {have} not responded.",
)


def make_bottom_line(entries: Mapping[str, Entry]) -> tuple[str, ...]:
    """Up to five sentences; one whose numbers the run did not report is left out."""
    words = {"independent": say_independent(entries.values()), "have": _have(entries)}
    return tuple(sentence for template in _SENTENCES if (sentence := _filled(template, entries, words)))


def _filled(template: str, entries: Mapping[str, Entry], words: Mapping[str, str]) -> str:
    try:
        return fill_sentence(template, book=entries, words=words)
    except (KeyError, LedgerError):
        return ""


def _have(entries: Mapping[str, Entry]) -> str:
    entry = entries.get("dtt.final.nr.n")
    return plural(entry.value or 0, "has", "have") if entry else ""


def say_independent(entries: Iterable[Entry]) -> str:
    """Which features stay associated in the multivariable model; empty where the run has no such model.

    >>> odds = Entry("predictors.multivariable.any_apl.or", 3.0, 1.5, 6.0, "odds ratio", 181, "Any aPL", 1.0, "", "")
    >>> say_independent([odds])
    'Independently associated with being difficult to treat: any aPL, odds ratio 3.00 (95\\u202f% CI 1.50 to 6.00).'
    """
    odds = [entry for entry in entries if entry.id.startswith(_MULTIVARIABLE) and entry.id.endswith(".or")]
    if not odds:
        return ""
    clear = [entry for entry in odds if verdict(entry) in ("higher than", "lower than")]
    named = [f"{uncapitalise(entry.label)}, odds ratio {format_interval(entry)}" for entry in clear]
    if not named:
        return f"None of the {len(odds)} features is independently associated with being difficult to treat."
    return f"Independently associated with being difficult to treat: {join_words(named)}."


def uncapitalise(label: str) -> str:
    """A label inside a sentence: the first letter small, unless the word is one of capitals or a name.

    >>> uncapitalise("Any aPL"), uncapitalise("SLEDAI-2K"), uncapitalise("C3 low")
    ('any aPL', 'SLEDAI-2K', 'C3 low')
    """
    return label[:1].lower() + label[1:] if label[1:2].islower() else label
