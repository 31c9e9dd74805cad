"""One visit or two: whom the stricter rule relabels, and how well the two agree when "cannot tell" is an answer too."""

from __future__ import annotations

from typing import Any

import numpy as np
from statsmodels.stats.inter_rater import cohens_kappa

from helpers.labelling.noise import NO, OPEN, YES, Codes, LabelNoise

_ANSWERS = (YES, NO, OPEN)


def summarise_two_visits(noise: LabelNoise) -> dict[str, dict[str, Any]]:
    """What the ledger keeps of labels by two visits against labels by one, by id: counts as measured, and kappa.

    `dtt.noise.one.n` and `.two.n` are the labelled; of those labelled by one visit `.kept.n` stay so, `.opened.n` can
    then not be told and `.lost.n` are labelled no; `.new.n` are labelled by two visits only. Kappa is that of the three
    answers yes, no and cannot tell.
    """
    one, two = (noise.readings[visits, "measured"].label[0] for visits in (1, 2))
    counts = {
        "one": (one == YES, "Difficult to treat when a finding needs one visit"),
        "two": (two == YES, "Difficult to treat when a finding needs two visits in a row"),
        "two.kept": ((one == YES) & (two == YES), "Labelled by one visit and by two"),
        "two.opened": ((one == YES) & (two == OPEN), "Labelled by one visit, cannot be told by two"),
        "two.lost": ((one == YES) & (two == NO), "Labelled by one visit, not by two"),
        "two.new": ((one != YES) & (two == YES), "Labelled by two visits, not by one"),
        "two.open": (two == OPEN, "Cannot be told when a finding needs two visits"),
    }  # fmt: skip
    facts: dict[str, dict[str, Any]] = {
        f"dtt.noise.{name}.n": {"value": int(who.sum()), "unit": "patients", "n": len(one), "label": label}
        for name, (who, label) in counts.items()
    }  # fmt: skip
    kappa = estimate_answer_kappa(one, two)
    return facts | {"dtt.noise.rules.kappa": {
        "value": kappa[0], "low": kappa[1], "high": kappa[2], "n": len(one), "unit": "kappa",
        "label": "Agreement of the labels by one visit and by two, “cannot tell” being an answer"}}  # fmt: skip


def estimate_answer_kappa(first: Codes, second: Codes) -> tuple[float, float, float]:
    """Cohen's kappa of yes, no and cannot tell with its large-sample interval; missing where chance alone agrees.

    Fleiss, Cohen and Everitt, Psychol Bull 1969;72:323, as statsmodels has it.
    """
    table = np.array([[np.sum((first == one) & (second == two)) for two in _ANSWERS] for one in _ANSWERS])
    share = table / max(table.sum(), 1)
    if np.isclose(share.sum(axis=1) @ share.sum(axis=0), 1) or not table.sum():
        return np.nan, np.nan, np.nan
    if np.trace(table) == table.sum():
        return 1.0, 1.0, 1.0  # rounding can make the variance a hair less than nothing
    found = cohens_kappa(table)
    return float(found.kappa), float(found.kappa_low), float(min(found.kappa_upp, 1.0))
