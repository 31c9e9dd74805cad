"""Expected months in each state, as chapter 5 estimates them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.evidence.planted_states import STATES
from helpers.evidence.records import Record, record
from helpers.response.state_months import estimate_state_months

UNTIL = 60.0


def estimate_months(spells: pd.DataFrame) -> list[Record]:
    """Months in complete response up to a stated month: of the difficult-to-treat, and less those of the others."""
    table = estimate_state_months(spells, groups=("dtt", "other"), until=UNTIL, states=STATES).set_index("term")
    lines = {"months_complete_dtt": "dtt.complete", "months_complete_difference": "difference.complete"}
    found = []
    for name, term in lines.items():
        row: Any = table.loc[term]
        found.append(record(name, estimate=row["estimate"], error=row["standard_error"], low=row["low"],
                            high=row["high"], p=row["p"]))  # fmt: skip
    return found
