"""The numbers that a run is known by: their ids in the ledger, in one place for every list and page of runs."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

HEADLINES: Mapping[str, str] = MappingProxyType({
    "eligible": "cohort.eligible.n",
    "dtt": "dtt.n",
    "share": "dtt.share",
    "any_apl": "predictors.multivariable.any_apl.or",
    "active_sediment": "predictors.multivariable.active_sediment.or",
    "timedependent": "survival.composite.timedependent.hr",
    "landmark": "survival.composite.landmark.hr",
})
"""Short name and ledger id. The hazard ratio that stands first is the one whose label counts from the day on which it
became true; odds ratios are those with the other covariates held equal."""
