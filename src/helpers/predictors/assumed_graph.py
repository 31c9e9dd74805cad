"""What is assumed to cause what, as arrows, and which features of patients would have to be held equal under it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import pandas as pd


@dataclass(frozen=True)
class Arrow:
    """One assumed cause and effect, and why it is assumed."""

    source: str
    target: str
    reason: str


NODES = {
    "era": "Calendar period", "severity": "Severity (not measured)", "feature": "The feature",
    "others": "Other features", "regimen": "First induction", "response": "True response", "visits": "Visits",
    "label": "Difficult to treat",
}  # fmt: skip
"""Every node of the graph and its words."""

HIDDEN = frozenset({"severity", "response"})
"""What nobody recorded: how severe the disease truly was, and the response behind the noisy visits."""

ARROWS = (
    Arrow("severity", "feature", "A severe disease shows in serology, sediment and biopsy."),
    Arrow("severity", "others", "The same severity shows in the other features, which is why they go together."),
    Arrow("severity", "regimen", "Doctors give more to those who look worse, and see more than is written down."),
    Arrow("severity", "response", "A severe disease is slower to respond to any treatment."),
    Arrow("feature", "response", "The question: does the feature itself make response less likely?"),
    Arrow("feature", "regimen", "The feature is among the reasons for choosing a regimen."),
    Arrow("others", "response", "Each of the others may do the same."),
    Arrow("others", "regimen", "They are reasons for a regimen, too."),
    Arrow("era", "feature", "What was looked for, and how, changed over the years."),
    Arrow("era", "others", "What was looked for, and how, changed over the years."),
    Arrow("era", "regimen", "Mycophenolate and low-dose cyclophosphamide came later than the high dose."),
    Arrow("era", "response", "Supportive care and steroid doses changed over the years."),
    Arrow("era", "visits", "How often patients were seen changed over the years."),
    Arrow("regimen", "response", "Regimens differ in how often they bring about a response."),
    Arrow("severity", "visits", "Who is worse comes more often."),
    Arrow("response", "label", "The label is meant to say who did not respond, or did not stay well."),
    Arrow("visits", "label", "A label can only be given at a visit: more visits, more chances to fail or recover."),
)
"""The assumptions. They are ours: no data can show that an arrow is missing."""


def list_arrows(arrows: Sequence[Arrow] = ARROWS) -> pd.DataFrame:
    """One row per arrow: `term`, `source`, `target` (as words), `reason`."""
    return pd.DataFrame({
        "term": [f"{arrow.source}_{arrow.target}" for arrow in arrows],
        "source": [NODES[arrow.source] for arrow in arrows], "target": [NODES[arrow.target] for arrow in arrows],
        "reason": [arrow.reason for arrow in arrows],
    })  # fmt: skip


def list_questions() -> pd.DataFrame:
    """What would have to be held equal to read the feature's odds ratio as its effect, under three sets of assumptions.

    One row each: `term`, `label` (what is asked and assumed), `held` (the smallest sets that would do, in words; "no
    set of what was recorded"), `is_identified`.

    A set will do when it holds nothing that the feature leads to and closes every path that enters the feature from
    behind (the back-door criterion: Pearl, Biometrika 1995;82:669). The first induction lies on the way from the
    feature to the response, and severity and period lead to it as well: holding it equal takes away part of the effect
    and ties feature to severity (Robins and Greenland, Epidemiology 1992;3:143).
    """
    cases = {
        "as_drawn": ("The whole effect, as the arrows are drawn", ()),
        "others_enough": ("The whole effect, if severity reached response and visits only by the other features",
                          (("severity", "response"), ("severity", "visits"), ("severity", "regimen"))),
        "no_severity": ("The whole effect, if there were no hidden severity at all",
                        tuple((arrow.source, arrow.target) for arrow in ARROWS if arrow.source == "severity")),
    }  # fmt: skip
    rows = [{"term": term, "label": label, **_answer(_leave_out(cut))} for term, (label, cut) in cases.items()]
    return pd.DataFrame(rows)


def _leave_out(pairs: Iterable[tuple[str, str]]) -> tuple[Arrow, ...]:
    gone = set(pairs)
    return tuple(arrow for arrow in ARROWS if (arrow.source, arrow.target) not in gone)


def _answer(arrows: Sequence[Arrow]) -> dict[str, object]:
    sets = find_adjustment_sets(arrows, exposure="feature", outcome="label")
    words = [" and ".join(NODES[node].lower() for node in sorted(one)) or "nothing" for one in sets]
    return {"held": "; or ".join(words) or "no set of what was recorded", "is_identified": bool(sets)}


def find_adjustment_sets(
    arrows: Sequence[Arrow], *, exposure: str, outcome: str, hidden: Iterable[str] = HIDDEN
) -> list[frozenset[str]]:
    """The smallest sets of recorded nodes that satisfy the back-door criterion; empty when there is none.

    All sets from which no node can be taken away, smaller ones first, in alphabetical order.

    >>> chain = [Arrow("era", "feature", ""), Arrow("era", "label", ""), Arrow("feature", "label", "")]
    >>> [sorted(one) for one in find_adjustment_sets(chain, exposure="feature", outcome="label")]
    [['era']]
    """
    nodes = {node for arrow in arrows for node in (arrow.source, arrow.target)}
    allowed = sorted(nodes - set(hidden) - {exposure, outcome} - find_descendants(arrows, exposure))
    behind = [arrow for arrow in arrows if arrow.source != exposure]
    found: list[frozenset[str]] = []
    for size in range(len(allowed) + 1):
        for some in map(frozenset, combinations(allowed, size)):
            if not any(one <= some for one in found) and is_separated(behind, exposure, outcome, held=some):
                found.append(some)
    return found


def find_descendants(arrows: Sequence[Arrow], node: str) -> set[str]:
    """All that a node leads to, by one arrow or several."""
    return _follow({node}, {(arrow.source, arrow.target) for arrow in arrows}) - {node}


def _follow(start: set[str], pairs: set[tuple[str, str]]) -> set[str]:
    """The nodes that can be reached from these along the pairs, these included."""
    reached = set(start)
    while more := {target for source, target in pairs if source in reached} - reached:
        reached |= more
    return reached


def is_separated(arrows: Sequence[Arrow], one: str, other: str, *, held: Iterable[str]) -> bool:
    """Whether holding these nodes equal closes every path between two others.

    By the moral graph of the ancestors: parents of a common child are joined, directions dropped, held nodes taken out
    (Lauritzen et al., Networks 1990;20:491).
    """
    held = set(held)
    old = _follow({one, other} | held, {(arrow.target, arrow.source) for arrow in arrows})
    kept = [arrow for arrow in arrows if arrow.target in old]
    pairs = {(arrow.source, arrow.target) for arrow in kept}
    pairs |= {(first.source, second.source) for first, second in combinations(kept, 2) if first.target == second.target}
    both = {pair for source, target in pairs for pair in ((source, target), (target, source))}
    open_ = {pair for pair in both if not held & set(pair)}
    return other not in _follow({one}, open_)
