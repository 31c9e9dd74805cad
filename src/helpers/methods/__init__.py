"""The methods of the compendium: what each answers, assumes and was checked by."""

from helpers.methods.adjusted_survival import METHODS as ADJUSTED_SURVIVAL
from helpers.methods.competing import METHODS as COMPETING
from helpers.methods.existing import METHODS as EXISTING
from helpers.methods.imputation import METHODS as IMPUTATION
from helpers.methods.label_noise import METHODS as LABEL_NOISE
from helpers.methods.method import Limit, Method
from helpers.methods.predictors import METHODS as PREDICTORS
from helpers.methods.proportionality import METHODS as PROPORTIONALITY
from helpers.methods.states import METHODS as STATES
from helpers.methods.time_zero import METHODS as TIME_ZERO
from helpers.methods.visits import METHODS as VISITS

METHODS: tuple[Method, ...] = (
    *EXISTING, *LABEL_NOISE, *PREDICTORS, *IMPUTATION, *ADJUSTED_SURVIVAL, *TIME_ZERO, *COMPETING,
    *PROPORTIONALITY, *VISITS, *STATES,
)  # fmt: skip
"""Every method, in the order of reading within a chapter."""

__all__ = ["METHODS", "Limit", "Method"]
