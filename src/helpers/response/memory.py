"""Does the process have a memory that Markov denies? The landmark estimate against the product of all hazards."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.response.aalen_johansen import Foretold, derive_markov_shares, derive_occupancy
from helpers.response.occupancy import FEWEST_AT_RISK, logit_interval
from helpers.response.state_checks import LANDMARK_MONTHS
from helpers.response.states import STATES, keep_spells_from

_Z95 = float(norm.ppf(0.975))
_PARTS = ("estimate", "low", "high", "markov_percent", "difference_estimate", "difference_low", "difference_high",
          "difference_p")  # fmt: skip


def estimate_landmark_shares(
    spells: pd.DataFrame, *, target: str = "complete", start_month: float = LANDMARK_MONTHS, at_month: float = 60.0
) -> pd.DataFrame:
    """The probability of being in one state later, by the state held at the landmark, with and without Markov.

    In percent. One row per state in which anybody can be alive: term, label, n (in it at the landmark), estimate, low,
    high (landmark Aalen-Johansen: those in the state followed as they were), `markov_percent` (product of the hazards
    of all patients: what the state alone foretells, if how long it lasted and what came before do not matter),
    `difference_estimate`, `_low`, `_high`, `_p` (landmark less product), note.

    The interval of the difference has the error of both sides in it, and minds that they share patients: each one's
    influence on the one side less that on the other, squared and added up (infinitesimal jackknife, Wald). Far from
    zero, the process has a memory: use occupancy, which does not mind, and not products of hazards. Missing for a state
    with fewer than ten patients at the landmark.

    Source: Putter and Spitoni, Stat Methods Med Res 2018;27:2081; Titman and Putter, Biostatistics 2022;23:380 (tests
    of the Markov condition from the same comparison).
    """
    later = keep_spells_from(spells, start_month=start_month)
    held = later.loc[later["month"].eq(0)].drop_duplicates("patient_id", keep="last").set_index("patient_id")["state"]
    groups = {state: held.index[held.eq(state)] for state in STATES if state != "dead"}
    enough = [state for state, ids in groups.items() if len(ids) >= FEWEST_AT_RISK]
    foretold = derive_markov_shares(spells, sources=enough, start_month=start_month, at_month=at_month)
    rows: list[dict[str, Any]] = []
    for state, ids in groups.items():
        row = {"term": state.replace(" ", "_"), "label": state, "n": len(ids)}
        if state not in foretold:
            rows.append(row | dict.fromkeys(_PARTS, np.nan) | {"note": f"fewer than {FEWEST_AT_RISK} patients"})
            continue
        own = later.loc[later["patient_id"].isin(ids)]
        rows.append(row | _compare(own, foretold[state], target=target, month=at_month - start_month))
    return pd.DataFrame(rows)


def _compare(own: pd.DataFrame, foretold: Foretold, *, target: str, month: float) -> dict[str, Any]:
    """Both sides of the comparison in percent, and their difference."""
    found, place = derive_occupancy(own, months=[month]), STATES.index(target)
    if month > found.known_until:
        return dict.fromkeys(_PARTS, np.nan) | {"note": "nobody followed so long"}
    pull = -foretold.influence[place]
    pull[pd.Index(foretold.ids).get_indexer(pd.Index(own["patient_id"].unique()))] += found.influence[0, place]
    share, markov = found.share[0, place], foretold.share[place]
    error, apart = np.sqrt((found.influence[0, place] ** 2).sum()), np.sqrt((pull**2).sum())
    low, high = logit_interval(np.array([share]), np.array([error]), _Z95)
    step = _Z95 * apart if apart > 1e-9 else np.nan
    measured = (share, low[0], high[0], markov, share - markov, share - markov - step, share - markov + step)
    p = 2 * norm.sf(abs(share - markov) / apart) if apart > 1e-9 else np.nan
    return dict(zip(_PARTS, [*(100 * float(value) for value in measured), float(p)], strict=True)) | {"note": ""}


def label_memory(table: pd.DataFrame) -> str:
    """Whether the differences of `estimate_landmark_shares` are clear of zero, as a clause.

    >>> label_memory(pd.DataFrame({"difference_low": [10.0, None], "difference_high": [20.0, None]}))
    'differs clearly from that for 1 of 1 states: the process has a memory'
    """
    told = table.loc[table["difference_low"].notna() & table["difference_high"].notna()]
    if told.empty:
        return "cannot be held against that, for want of patients"
    outside = int((told["difference_low"].gt(0) | told["difference_high"].lt(0)).sum())
    if outside:
        return f"differs clearly from that for {outside} of {len(told)} states: the process has a memory"
    return "differs clearly from that for no state that can be told: no memory is seen, which proves nothing"
