"""Numbers that stand for a curve: median, restricted mean, follow-up, counts and rates."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import chi2, norm

from helpers.definitions import COMPOSITE_PARTS
from helpers.incidence import CENSORED
from helpers.survival_curves import GROUPS, estimate_survival, keep_observed
