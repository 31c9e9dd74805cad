"""What counts as complete and as partial response at one visit, rule by rule."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from helpers.definitions.strict import STRICT, Name, Positive, Share, Words


@dataclass(frozen=True)
class UpcrLimit:
    """A ceiling of proteinuria in g/g; `included` says whether the ceiling itself still passes."""

    __pydantic_config__ = STRICT

    value: Positive
    included: bool = False


@dataclass(frozen=True)
class KidneyTest:
    """One test of kidney function at a visit, against a fixed value, the baseline or the reference value.

    The reference is the value before nephritis where known, otherwise the baseline at induction start.
    `measure` `egfr` passes at or above `factor` times the anchor (or at or above `factor` itself for
    `fixed`); `creatinine` passes at or below it. With `only_if_baseline_abnormal` the test counts only for a
    patient whose baseline eGFR was below 90; with `only_if_baseline_normal`, only at 90 or above.
    """

    __pydantic_config__ = STRICT

    measure: Literal["egfr", "creatinine"]
    anchor: Literal["fixed", "baseline", "reference"]
    factor: Positive
    only_if_baseline_abnormal: bool = False
    only_if_baseline_normal: bool = False


NORMAL_EGFR = 90.0
"""mL/min/1.73 m²; KDIGO category G1. Below it, kidney function counts as abnormal."""

NEPHROTIC_UPCR = 3.0
"""g/g; from here on proteinuria counts as nephrotic (EULAR/ERA-EDTA 2012 and KDIGO use 3.0, some code 3.5)."""


@dataclass(frozen=True)
class ResponseCriteria:
    """What one grade of response asks for; every part that is given must hold.

    upcr: ceiling of proteinuria (g/g). falls: (from month, least fall from baseline as a share) steps; the
    last step reached by the visit's month applies. fall_included: a fall of exactly that share passes.
    nephrotic_upcr: ceiling that applies only to patients nephrotic at baseline. kidney: any one test must
    pass (none given: kidney function is not asked about). inactive_sediment: no active sediment at the visit.
    """

    __pydantic_config__ = STRICT

    upcr: UpcrLimit | None = None
    falls: tuple[tuple[float, Share], ...] = ()
    fall_included: bool = True
    nephrotic_upcr: UpcrLimit | None = None
    kidney: tuple[KidneyTest, ...] = ()
    inactive_sediment: bool = False


@dataclass(frozen=True)
class ResponseRule:
    """A named rule for complete and partial response; partial is asked only where complete does not hold."""

    __pydantic_config__ = STRICT

    name: Name
    label: Words
    complete: ResponseCriteria
    partial: ResponseCriteria
    source: Words
    note: str = ""


_NORMAL = KidneyTest("egfr", "fixed", NORMAL_EGFR)


def _egfr_kept(anchor: Literal["baseline", "reference"], share: float) -> tuple[KidneyTest, ...]:
    """eGFR normal, or at least `share` of the anchor."""
    return (_NORMAL, KidneyTest("egfr", anchor, share))


_ACR_KIDNEY = (_NORMAL, KidneyTest("egfr", "baseline", 1.25, only_if_baseline_abnormal=True))
_HALVED = ((0.0, 0.5),)

_RULES = (
    ResponseRule(
        name="acr_2006", label="ACR 2006",
        complete=ResponseCriteria(UpcrLimit(0.2), kidney=_ACR_KIDNEY, inactive_sediment=True),
        partial=ResponseCriteria(
            UpcrLimit(2.0, included=True), kidney=(
                KidneyTest("egfr", "baseline", 1.0, only_if_baseline_normal=True), *_ACR_KIDNEY),
            inactive_sediment=True),
        source="ACR ad hoc committee, Arthritis Rheum 2006;54:421",
        note="Partial response asks for eGFR kept at its baseline level, or 25 % better where it was abnormal.",
    ),
    ResponseRule(
        name="eular_era_edta_2012", label="EULAR/ERA-EDTA 2012",
        complete=ResponseCriteria(UpcrLimit(0.5), kidney=_egfr_kept("reference", 0.9)),
        partial=ResponseCriteria(
            UpcrLimit(NEPHROTIC_UPCR), falls=_HALVED, kidney=_egfr_kept("baseline", 0.9)),
        source="Bertsias et al., Ann Rheum Dis 2012;71:1771",
        note="Near-normal kidney function: eGFR at least 90, or no more than 10 % below its earlier value.",
    ),
    ResponseRule(
        name="eular_era_edta_2019", label="EULAR/ERA-EDTA 2019",
        complete=ResponseCriteria(UpcrLimit(0.7), kidney=_egfr_kept("reference", 0.9)),
        partial=ResponseCriteria(falls=((0.0, 0.25), (5.0, 0.5)), kidney=_egfr_kept("baseline", 0.9)),
        source="Fanouriakis et al., Ann Rheum Dis 2020;79:713",
        note="Staged: a quarter less proteinuria by month 3, half by month 6 (from month 5 on, the start of "
             "the default window). The upper end of the printed 0.5 to 0.7 g is used for complete response.",
    ),
    ResponseRule(
        name="kdigo_2012", label="KDIGO 2012",
        complete=ResponseCriteria(
            UpcrLimit(0.5, included=True), kidney=(KidneyTest("creatinine", "reference", 1.10),)),
        partial=ResponseCriteria(
            falls=_HALVED, fall_included=False, nephrotic_upcr=UpcrLimit(3.0),
            kidney=(KidneyTest("creatinine", "baseline", 1.25),)),
        source="KDIGO Glomerulonephritis Work Group, Kidney Int Suppl 2012;2:139",
        note="Creatinine back to its earlier value is read with a tolerance of 10 %, which is ours.",
    ),
    ResponseRule(
        name="kdigo_2024", label="KDIGO 2021/2024",
        complete=ResponseCriteria(
            UpcrLimit(0.5), kidney=(KidneyTest("egfr", "baseline", 0.85),)),
        partial=ResponseCriteria(
            UpcrLimit(3.0), falls=_HALVED, kidney=(KidneyTest("egfr", "baseline", 0.85),)),
        source="KDIGO Lupus Nephritis Work Group, Kidney Int 2024;105(1S):S1",
        note="Stable kidney function is read as no more than 15 % below baseline (10 to 15 % is printed).",
    ),
    ResponseRule(
        name="dutch", label="Dutch SLE working group",
        complete=ResponseCriteria(
            UpcrLimit(0.5), kidney=(KidneyTest("creatinine", "reference", 1.25),)),
        partial=ResponseCriteria(
            UpcrLimit(3.0), falls=_HALVED, fall_included=False,
            kidney=(KidneyTest("creatinine", "reference", 1.25),)),
        source="Dutch Working Party on SLE, as tabulated in Parikh et al., Am J Kidney Dis 2020;76:265",
        note="Its proteinuria limits are g per 24 h; they are applied to the ratio where no collection exists.",
    ),
    ResponseRule(
        name="newsletter", label="The centre's newsletter",
        complete=ResponseCriteria(UpcrLimit(0.5), kidney=_egfr_kept("baseline", 0.9)),
        partial=ResponseCriteria(UpcrLimit(0.7), falls=_HALVED, kidney=_egfr_kept("baseline", 0.9)),
        source="Indian Rheumatology Association e-newsletter, text on refractory lupus nephritis",
        note="A stricter partial response: half the proteinuria and below 0.7 g/g (0.5 to 0.7 is printed).",
    ),
)  # fmt: skip

RESPONSE_RULES = MappingProxyType({rule.name: rule for rule in _RULES})
