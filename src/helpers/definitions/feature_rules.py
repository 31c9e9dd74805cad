"""The baseline features: cut-offs, and the named list that the study relates to difficult-to-treat disease."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class SedimentCut:
    """Active sediment: more than `rbc_above` red cells, or more than `wbc_above` white cells per high-power
    field without infection, or red- or white-cell casts."""

    rbc_above: float
    wbc_above: float
    source: str


@dataclass(frozen=True)
class AplCuts:
    """An antiphospholipid test is positive: lupus anticoagulant by its own result, anticardiolipin above
    `acl_above` units/mL, anti-β2-glycoprotein I above `b2gpi_above` units/mL (the laboratory's 99th centile).
    Persistent: the same test positive again at least `persistence_days` later."""

    acl_above: float
    b2gpi_above: float
    persistence_days: int
    source: str


@dataclass(frozen=True)
class HypertensionCut:
    """Hypertension: systolic or diastolic pressure at or above these values (mmHg), or treatment for it."""

    systolic_from: float
    diastolic_from: float
    source: str


@dataclass(frozen=True)
class Feature:
    """A baseline feature (a true/false column of the cohort) and whether the abstract names it as associated."""

    name: str
    label: str
    named_in_abstract: bool
    independent_in_abstract: bool = False


ACTIVE_SEDIMENT = SedimentCut(5, 5, "ACR 2012: Hahn et al., Arthritis Care Res 2012;64:797")
APL_CUTS = AplCuts(
    40, 20, 84, "Miyakis et al., J Thromb Haemost 2006;4:295; 20 units/mL is assumed as the 99th centile",
)  # fmt: skip
HYPERTENSION = HypertensionCut(140, 90, "General usage; Moroni et al. use above 140/90")

_FEATURES = (
    Feature("is_male", "Male sex", True),
    Feature("constitutional_symptoms", "Constitutional symptoms", True),
    Feature("serositis", "Serositis", True),
    Feature("hypertension", "Hypertension", True),
    Feature("leucopenia", "Leucopenia", True),
    Feature("active_sediment", "Active urinary sediment", True, True),
    Feature("anti_ro60", "Anti-Ro60", True),
    Feature("anti_u1rnp", "Anti-U1RNP", True),
    Feature("any_apl", "Any antiphospholipid antibody", True, True),
    Feature("low_c3", "Low C3", True),
    Feature("wire_loops", "Wire loops", True),
    Feature("interstitial_inflammation", "Interstitial inflammation", True),
    Feature("fibrinoid_necrosis", "Fibrinoid necrosis", True),
    Feature("crescents", "Cellular or fibrocellular crescents", True),
    Feature("glomerulosclerosis", "Glomerulosclerosis", True),
    Feature("anti_dsdna", "Anti-dsDNA", False),
)

FEATURES = MappingProxyType({feature.name: feature for feature in _FEATURES})
