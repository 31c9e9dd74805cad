"""Made-up patients with a known truth planted in them: the entry to the simulator."""

from helpers.synthetic.simulate import (
    GENERATOR_VERSION,
    simulate_cohort,
)

__all__ = [
    "GENERATOR_VERSION",
    "simulate_cohort",
]
