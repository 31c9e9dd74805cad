"""Made-up patients with a known truth planted in them: the entry to the simulator."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.synthetic.baseline import make_biopsies, make_patient_ids, make_patients
from helpers.synthetic.course import simulate_gap_flags, simulate_histories
from helpers.synthetic.events import make_events
from helpers.synthetic.features import make_baseline
from helpers.synthetic.onset import Flags, simulate_people
from helpers.synthetic.treatments import make_treatments
from helpers.synthetic.truth import DEFAULT_TRUTH, Truth
from helpers.synthetic.visits import make_visits

GENERATOR_VERSION = "1"


def simulate_cohort(*, n: int, seed: int, truth: Truth = DEFAULT_TRUTH) -> dict[str, pd.DataFrame]:
    """The six raw tables of `n` simulated patients on file, eligible or not.

    Latent severity leads to features at onset; features lead to the fall of proteinuria under treatment, to
    flares, scars and death; a doctor who sees noisy values starts further inductions. Nothing is labelled:
    only dates and measurements come out. The same (n, seed, truth) gives the same tables.

    Raises ValueError for n below 1.

    >>> tables = simulate_cohort(n=5, seed=1)
    >>> list(tables)
    ['patients', 'baseline', 'biopsies', 'visits', 'treatments', 'events']
    >>> tables["patients"].patient_id.tolist()
    ['P001', 'P002', 'P003', 'P004', 'P005']
    """
    if n < 1:
        raise ValueError(f"n is the number of patients and must be at least 1 (given: {n})")
    streams = [np.random.default_rng(part) for part in np.random.SeedSequence(seed).spawn(8)]
    onset, course, gaps, features, biopsy, clinic, treatment, event = streams
    people = simulate_people(n=n, rng=onset, truth=truth)
    histories = simulate_histories(people, rng=course, truth=truth)
    ids = make_patient_ids(n)

    def draw_gap(probability: float) -> Flags:
        return simulate_gap_flags(gaps, people, probability, truth=truth)

    on_file = ~draw_gap(truth.gaps.no_induction)
    no_details = draw_gap(truth.gaps.histology)
    upcr_seen = histories.visits["upcr"][:n]
    return {
        "patients": make_patients(people, ids),
        "baseline": make_baseline(people, ids, upcr_seen=upcr_seen, rng=features, truth=truth, draw_gap=draw_gap),
        "biopsies": make_biopsies(people, ids, no_details, biopsy),
        "visits": make_visits(histories.visits, people, ids, rng=clinic, truth=truth),
        "treatments": make_treatments(histories, people, ids, on_file, rng=treatment),
        "events": make_events(histories, people, ids, rng=event, truth=truth),
    }
