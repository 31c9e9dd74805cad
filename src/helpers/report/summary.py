"""The bottom line: a few sentences that a run's own ledger completes."""

from __future__ import annotations

from collections.abc import Mapping

from helpers.ledger import Entry, LedgerError
from helpers.wording import fill_sentence, format_interval, format_number, join_words

_INDEPENDENT = "predictors.independent."
_MODEL = ("predictors.independent.n", "predictors.complete.n", "predictors.events_per_parameter")
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


def make_bottom_line(entries: Mapping[str, Entry]) -> tuple[str, ...]:
    """Up to five sentences; one whose numbers the run did not report is left out."""
    words = {"independent": say_independent(entries)}
    return tuple(sentence for template in _SENTENCES if (sentence := _filled(template, entries, words)))


def _filled(template: str, entries: Mapping[str, Entry], words: Mapping[str, str]) -> str:
    try:
        return fill_sentence(template, book=entries, words=words)
    except (KeyError, LedgerError):
        return ""


def say_independent(entries: Mapping[str, Entry]) -> str:
    """Which features chapter 3 calls independent, with their odds ratios there, and how large its model is.

    Nothing is judged again here: what independent means is for that chapter. Empty where the run has no such model.

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
    basis = (f"in {format_number(complete.value)} patients known in full, "
             f"{format_number(size.value)} events per parameter.")  # fmt: skip
    odds = [entry for id, entry in entries.items() if id.startswith(_INDEPENDENT) and id.endswith(".or")]
    if not odds:
        return (f"None of the {format_number(count.n)} features is independently associated with being difficult to "
                f"treat (alone, together and by penalised likelihood); {basis}")  # fmt: skip
    named = [f"{uncapitalise(entry.label)}, odds ratio {format_interval(entry)}" for entry in odds]
    return ("Independently associated with being difficult to treat (alone, together and by penalised likelihood, "
            f"whose odds ratios these are): {join_words(named)}; {basis}")  # fmt: skip


def uncapitalise(label: str) -> str:
    """A label inside a sentence: the first letter small, unless the word is one of capitals or a name.

    >>> uncapitalise("Any aPL"), uncapitalise("SLEDAI-2K"), uncapitalise("C3 low")
    ('any aPL', 'SLEDAI-2K', 'C3 low')
    """
    return label[:1].lower() + label[1:] if label[1:2].islower() else label
