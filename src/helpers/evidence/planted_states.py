"""States over time with constant intensities: a Markov chain whose expected months are known exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.linalg import expm

from helpers.evidence.planted import Floats

STATES = ("complete", "active", "dead")
START = STATES.index("active")


@dataclass(frozen=True)
class Chain:
    """Monthly intensities between response, active disease and death; everybody starts active.

    The difficult-to-treat (known at time zero, a share of `dtt_share`) respond at `response_ratio` times the
    intensity of the others and relapse at `relapse_ratio` times theirs. The end of follow-up is even between
    `followup_from` and `followup_to`.
    """

    response: float = 0.08
    relapse: float = 0.015
    death_active: float = 0.004
    death_complete: float = 0.001
    response_ratio: float = 0.4
    relapse_ratio: float = 2.0
    dtt_share: float = 0.315
    followup_from: float = 12.0
    followup_to: float = 216.0

    def derive_rates(self, *, is_dtt: bool) -> Floats:
        """The intensity of each change, from (rows) and to (columns), in the order of `STATES`."""
        response = self.response * (self.response_ratio if is_dtt else 1.0)
        relapse = self.relapse * (self.relapse_ratio if is_dtt else 1.0)
        return np.array([[0, relapse, self.death_complete], [response, 0, self.death_active], [0, 0, 0]], dtype=float)


def derive_months(chain: Chain, *, is_dtt: bool, until: float) -> Floats:
    """The expected months in each state up to `until`: the integral of exp(Qt), by the exponential of a block matrix.

    Source: Van Loan, IEEE Trans Automat Contr 1978;23:395.

    >>> round(float(derive_months(Chain(), is_dtt=True, until=60.0).sum()), 9)
    60.0
    """
    rates = chain.derive_rates(is_dtt=is_dtt)
    generator = rates - np.diag(rates.sum(axis=1))
    size = len(STATES)
    block = np.block([[generator, np.eye(size)], [np.zeros((size, 2 * size))]])
    months: Floats = expm(block * until)[START, size:]
    return months


def simulate_chain(chain: Chain, *, size: int, random: np.random.Generator) -> pd.DataFrame:
    """One cohort as spells: patient_id, group, month (of entry), state, until_month (of the next, or end of follow-up).

    >>> spells = simulate_chain(Chain(), size=3, random=np.random.default_rng(1))
    >>> spells.groupby("patient_id").head(1)[["month", "state"]].values.tolist()
    [[0.0, 'active'], [0.0, 'active'], [0.0, 'active']]
    """
    is_dtt = random.random(size) < chain.dtt_share
    end = random.uniform(chain.followup_from, chain.followup_to, size)
    rates = np.stack([chain.derive_rates(is_dtt=group) for group in (False, True)])
    state, clock, who = np.full(size, START), np.zeros(size), np.arange(size)
    parts = []
    while len(who):
        own = rates[is_dtt[who].astype(int), state]
        total = own.sum(axis=1)
        waits = random.exponential(size=len(who))
        leave = clock + np.divide(waits, total, out=np.full(len(who), np.inf), where=total > 0)
        parts.append(pd.DataFrame({"patient_id": who, "month": clock, "state": np.array(STATES)[state],
                                   "until_month": np.minimum(leave, end[who])}))  # fmt: skip
        choice = random.random(len(who))
        moves = leave < end[who]
        later = np.cumsum(own, axis=1) / np.where(total > 0, total, 1.0)[:, None]
        state = (choice[:, None] >= later).sum(axis=1)[moves]
        clock, who = leave[moves], who[moves]
    spells = pd.concat(parts).sort_values(["patient_id", "month"], ignore_index=True)
    spells.loc[spells["state"].eq("dead"), "until_month"] = spells["month"]
    return spells.assign(group=np.where(is_dtt[spells["patient_id"]], "dtt", "other"))
