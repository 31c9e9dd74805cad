"""Work spread over the processors of this machine, or over a cluster: the same results to the last byte."""

from helpers.spread.bar import Bar
from helpers.spread.errors import ClusterLost, SchedulerError, WorkersLost
from helpers.spread.pieces import cut_samples, run_pieces
from helpers.spread.workers import check_scheduler, run_tasks, use_scheduler

__all__ = ["Bar", "ClusterLost", "SchedulerError", "WorkersLost", "check_scheduler", "cut_samples", "run_pieces",
           "run_tasks", "use_scheduler"]  # fmt: skip
