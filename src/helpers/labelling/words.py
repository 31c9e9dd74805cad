"""The rule in force as a table of sentences, each with its source."""

from __future__ import annotations

import pandas as pd

from helpers.definitions import ARM_LABELS, DttRule, Rulebook
from helpers.rules_in_words import describe_dtt, describe_flare, describe_response

LABEL_SOURCE = "Hahn et al., Arthritis Care Res 2012;64:797; Bertsias et al., Ann Rheum Dis 2012;71:1771; the abstract"
OURS = "choice of this compendium; the abstract does not say"
_PARTS = {
    "any": "How the arms join", "confirmation": "Confirmation", "gaps": "Gaps", "endings": "Death and kidney failure",
}  # fmt: skip


def describe_rule(rule: DttRule, *, rulebook: Rulebook) -> pd.DataFrame:
    """The rule in force in words: one row per sentence (part, words, source), made from the rule objects.

    >>> from helpers.definitions import load_rulebook
    >>> from helpers.parameters import Parameters
    >>> describe_rule(Parameters().dtt_rule(), rulebook=load_rulebook())["part"].tolist()[:2]
    ['Worsening at 3 months', 'Failure by 6 months']
    """
    response, flare = rulebook.response_rule(rule.response_rule), rulebook.flare_rule(rule.flare_rule)
    rows = [
        (ARM_LABELS.get(part) or _PARTS[part], words, LABEL_SOURCE if part in ARM_LABELS else OURS)
        for part, words in describe_dtt(rule, rulebook=rulebook).items()
    ]
    rows += [
        (f"{grade.capitalize()} response ({response.label})", words, response.source)
        for grade, words in describe_response(response).items()
    ]
    if "early_flare" in rule.arms:
        times = f", at {flare.visits} visits in a row" if flare.visits > 1 else ""
        rows.append((f"Flare ({flare.label}{times})", " Or: ".join(describe_flare(flare)), flare.source))
    return pd.DataFrame(rows, columns=["part", "words", "source"])
