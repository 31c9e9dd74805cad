"""What counts as a renal flare after a response, rule by rule."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field

from helpers.definitions.strict import STRICT, Name, Positive, Words


@dataclass(frozen=True)
class FlareCriterion:
    """One way to flare, judged against the values at the last visit in complete response (the anchor).

    It applies where the anchor value lies in [anchor_from, anchor_below). `kind` says how the new value is
    compared: `value` (the new value itself), `rise` (new minus anchor), `ratio` (new over anchor) or `fall`
    (share lost, for eGFR). It passes at `threshold` or above (`included`), or only above it.
    `active_sediment`: the visit must show one. `haematuria_steps`: red cells must climb that many of the
    grades 0-5, 6-10, 11-25, 26-50, above 50.
    """

    __pydantic_config__ = STRICT

    measure: Literal["upcr", "creatinine", "egfr"]
    kind: Literal["value", "rise", "ratio", "fall"]
    threshold: Positive
    included: bool = True
    anchor_from: float = 0.0
    anchor_below: float = float("inf")
    active_sediment: bool = False
    haematuria_steps: int = 0


@dataclass(frozen=True)
class FlareRule:
    """A named flare rule: any one criterion is enough. `visits` is how many visits in a row must show it."""

    __pydantic_config__ = STRICT

    name: Name
    label: Words
    any_of: Annotated[tuple[FlareCriterion, ...], Field(min_length=1)]
    source: Words
    visits: Annotated[int, Field(ge=1, le=2)] = 1
    note: str = ""


HAEMATURIA_GRADES = (5, 10, 25, 50)
"""Upper ends of the haematuria grades, red cells per high-power field."""

_KDIGO = "KDIGO Glomerulonephritis Work Group, Kidney Int Suppl 2012;2:139, table 29"
_SEVERE = (
    FlareCriterion("creatinine", "rise", 1.0, included=False, anchor_below=2.0),
    FlareCriterion("creatinine", "rise", 1.5, included=False, anchor_from=2.0),
    FlareCriterion("upcr", "rise", 5.0, included=False),
)

_RULES = (
    FlareRule(
        name="kdigo_2012_moderate", label="KDIGO 2012, moderate or severe",
        any_of=(
            FlareCriterion("creatinine", "rise", 0.20, anchor_below=2.0),
            FlareCriterion("creatinine", "rise", 0.40, anchor_from=2.0),
            FlareCriterion("upcr", "value", 1.0, anchor_below=0.5),
            FlareCriterion("upcr", "value", 2.0, anchor_from=0.5, anchor_below=1.0),
            FlareCriterion("upcr", "ratio", 2.0, anchor_from=1.0),
            *_SEVERE,
        ),
        source=_KDIGO,
        note="The printed upper bounds only separate moderate from severe; either counts here.",
    ),
    FlareRule(name="kdigo_2012_severe", label="KDIGO 2012, severe", any_of=_SEVERE, source=_KDIGO),
    FlareRule(
        name="milan", label="Milan",
        any_of=(
            FlareCriterion("upcr", "rise", 2.0, anchor_below=3.5),
            FlareCriterion("upcr", "ratio", 2.0, anchor_from=3.5),
            FlareCriterion("creatinine", "ratio", 1.30, active_sediment=True),
        ),
        source="Moroni et al., Lupus Sci Med 2022;9:e000721",
        note="Proteinuric or nephritic flare; g per day are read as g/g where no collection exists.",
    ),
    FlareRule(
        name="trial", label="Trial form",
        any_of=(
            FlareCriterion("upcr", "value", 0.5, included=False, anchor_below=0.5),
            FlareCriterion("upcr", "ratio", 2.0, anchor_from=0.5),
            FlareCriterion("egfr", "fall", 0.10, included=False, haematuria_steps=2),
        ),
        source="Renal flare as used in lupus nephritis trials (PMC11258879, table 2)",
        visits=2,
        note="Persistent means two visits in a row. A doubled value must exceed 1.0 g/g, which doubling from above "
             "0.5 g/g implies; from exactly 0.5 g/g, exactly 1.0 g/g counts here too. The source also names a newly "
             "abnormal filtration with haematuria; here only a fall by more than a tenth counts.",
    ),
)  # fmt: skip

FLARE_RULES = MappingProxyType({rule.name: rule for rule in _RULES})
