"""How often patients are shuffled, and when a curve lies beyond what shuffles show; asked by the command line, too."""

from __future__ import annotations

from helpers.definitions import SIGNIFICANT_BELOW

PERMUTATIONS = 500
"""Shuffles, unless told otherwise: a p of the joint test can then be as small as 0.002."""

SEED = 20220101
"""Of the shuffles, unless told otherwise."""

BEYOND_BELOW = SIGNIFICANT_BELOW / 2
"""The p, one-sided, below which a curve lies beyond its null: half of the usual, as ICH E9 (5.5; Stat Med 1999;18:1905)
asks of one-sided tests. Where 95 % of the shuffles lie is printed beside it, and the two then say the same."""

FEWEST = int(1 / BEYOND_BELOW)
"""The fewest shuffles with which a p can fall below that: the smallest, 1 / (1 + shuffles), with 39 is just 0.025."""
