"""What can be wrong with a cluster: not one to begin with, or gone half-way."""


class SchedulerError(ValueError):
    """The cluster cannot be used: nobody answers, no worker, or one whose results might not be the same bytes."""


class WorkersLost(ConnectionError):
    """Who did the work is gone before it was done; what has been handed over until then stands."""


class ClusterLost(WorkersLost):
    """The cluster went away while it worked."""
