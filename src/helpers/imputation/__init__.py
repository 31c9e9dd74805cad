"""Multiple imputation by chained equations: what may have stood where nothing was written down, drawn many times."""

from helpers.imputation.chained import Completed, continue_chains, impute_chained
from helpers.imputation.pooling import pool_rubin

__all__ = ["Completed", "continue_chains", "impute_chained", "pool_rubin"]
