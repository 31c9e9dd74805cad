"""Gray's test: do the cumulative incidence curves of one event differ between groups, while others compete?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chi2

from helpers.incidence import CENSORED
from helpers.survival.curves import keep_observed

Floats = NDArray[np.float64]


def compare_incidence(outcomes: pd.DataFrame, *, outcome: str, event: str, by: str = "group") -> pd.DataFrame:
    """Gray's test of equal cumulative incidence of `event`: one row with chi2, df, p, n, events and note.

    All groups against all (df: groups minus one); every other word of `<outcome>_status` but "censored" competes.
    Where nothing can be compared (one group, no such event, nobody of a second group at risk at any of them) p is
    missing and the note says why.

    The log-rank test of a cause asks for the rate among those still at risk; this one asks for the share who get
    there, with patients who had another event kept in the risk set at the weight that they still would have. Source:
    Gray, Ann Stat 1988;16:1141 (the version with rho 0, ties corrected as by R's cmprsk::cuminc).

    >>> table = pd.DataFrame({"group": ["dtt", "dtt", "other", "other"], "esrd_months": [1.0, 2.0, 3.0, 4.0],
    ...                       "esrd_status": ["esrd", "death", "censored", "censored"]})
    >>> compare_incidence(table, outcome="esrd", event="esrd")[["chi2", "df"]].round(4).values.tolist()
    [[1.0, 1.0]]
    """
    rows = keep_observed(outcomes, outcome=outcome, by=by)
    groups, events = rows["group"].nunique(), int(rows["status"].eq(event).sum())
    note = "only one group" if groups < 2 else "" if events else "no event"
    statistic = np.nan
    if not note:
        score, variance = _score(rows, event=event)
        if np.linalg.matrix_rank(variance, tol=1e-10) < groups - 1:
            note = "no event while two groups were at risk"
        else:
            statistic = float(score @ np.linalg.solve(variance, score))
    return pd.DataFrame({"chi2": [statistic], "df": [max(groups - 1, 0)], "p": [chi2.sf(statistic, max(groups - 1, 1))],
                         "n": [len(rows)], "events": [events], "note": [note]})  # fmt: skip


def _score(rows: pd.DataFrame, *, event: str) -> tuple[Floats, Floats]:
    """Observed less expected events of all groups but the last, and their covariance under equal incidence."""
    at_risk, own, other = _counts(rows, event=event)
    is_here = at_risk > 0
    people = np.where(is_here, at_risk, 1.0)
    after = np.asarray(np.cumprod(1 - (own + other) / people, axis=0), dtype=np.float64)
    before = np.vstack([np.ones(own.shape[1]), after[:-1]])
    free = np.where(before > 0, before, 1.0)
    incidence = np.cumsum(before * own / people, axis=0)
    earlier = np.vstack([np.zeros(own.shape[1]), incidence[:-1]])
    uncensored = np.where(is_here, at_risk / free, 0.0)
    weighted = uncensored * (1 - earlier)
    events = own.sum(1)
    score = (own - events[:, None] * weighted / weighted.sum(1, keepdims=True)).sum(0)
    covariance = _covariance(people, own, other, is_here=is_here, before=before, after=after, uncensored=uncensored)
    return score[:-1], covariance[:-1, :-1]


def _counts(rows: pd.DataFrame, *, event: str) -> tuple[Floats, Floats, Floats]:
    """Per month with an event (rows) and group (columns): at risk just before, events, events of another kind."""
    moments, place = np.unique(rows["months"].to_numpy(), return_inverse=True)
    names, column = np.unique(rows["group"].astype(str), return_inverse=True)
    status = rows["status"].to_numpy()
    kinds = (np.ones(len(rows)), status == event, (status != event) & (status != CENSORED))
    tables = [np.zeros((len(moments), len(names))) for _ in kinds]
    for table, kind in zip(tables, kinds, strict=True):
        np.add.at(table, (place, column), np.asarray(kind, dtype=float))
    leaving, own, other = tables
    at_risk = leaving[::-1].cumsum(0)[::-1]
    has_event = (own + other).sum(1) > 0
    return at_risk[has_event], own[has_event], other[has_event]


def _covariance(
    people: Floats, own: Floats, other: Floats, *, is_here: NDArray[np.bool_], before: Floats, after: Floats,
    uncensored: Floats,
) -> Floats:  # fmt: skip
    """The covariance of the scores, from the martingales of both kinds of event in each group (Gray, section 3).

    An event at t moves the score of group i by its own weight, and, through the estimated curves, by all that is
    still to come: what the weights of later events add up to.
    """
    events, whole = own.sum(1), uncensored.sum(1)
    common = np.cumsum(events / whole)
    common_before = np.concatenate([[0.0], common[:-1]])
    size = own.shape[1]
    weight = uncensored[:, :, None] * (np.eye(size)[None] - (uncensored / whole[:, None])[:, None, :])
    summed = np.cumsum(weight * (events / (whole * (1 - common_before)))[:, None, None], axis=0)
    later = summed[-1] - summed
    left = np.divide(1 - common[:, None], after, out=np.zeros_like(after), where=after > 0)
    moved = weight + (1 - left)[:, None, :] * later
    moved_by_other = -left[:, None, :] * later
    spread = before * (events / whole)[:, None] / people
    spread *= np.where(is_here, _without_replacement(events[:, None], whole[:, None] * before), 0.0)
    spread_other = _without_replacement(other, people) * before**2 * other / people**2
    spread_other = np.where(after > 0, spread_other, 0.0)
    total: Floats = np.einsum("tik,tjk,tk->ij", moved, moved, spread)
    total += np.einsum("tik,tjk,tk->ij", moved_by_other, moved_by_other, spread_other)
    return total


def _without_replacement(events: Floats, people: Floats) -> Floats:
    """What several events in one instant take off the variance; 1 for one event, and never below 0."""
    drawn = np.maximum(events - 1, 0) / np.where(people > 1, people - 1, np.inf)
    factor: Floats = np.where(events > 1, np.maximum(1 - drawn, 0.0), 1.0)
    return factor
