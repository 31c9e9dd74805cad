"""The kidney, one clinical idea per module: measures of one visit, response, flare, failure."""

from helpers.kidney.criteria import Criterion
from helpers.kidney.failure import derive_kidney_failure
from helpers.kidney.flare import derive_flare_criteria, flag_flare
from helpers.kidney.measures import (
    derive_age,
    derive_egfr,
    derive_next_rows,
    derive_proteinuria,
    derive_ratio,
    flag_active_sediment,
)
from helpers.kidney.response import derive_response_criteria, flag_response, label_response

__all__ = [
    "Criterion", "derive_age", "derive_egfr", "derive_flare_criteria", "derive_kidney_failure", "derive_next_rows",
    "derive_proteinuria", "derive_ratio", "derive_response_criteria", "flag_active_sediment", "flag_flare",
    "flag_response", "label_response",
]  # fmt: skip
