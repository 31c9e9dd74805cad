"""Tasks for the tests of spreading, in a module that a worker can import."""

import os
import signal

import numpy as np
from threadpoolctl import threadpool_info

from helpers.spread.environment import SCHEDULER


def tell(common: str, task: int) -> tuple:
    """What a worker was given, and what it was told by its environment."""
    return common, task, os.getpid(), os.environ.get(SCHEDULER), os.environ["OMP_NUM_THREADS"]


def die(task: int) -> None:
    """End this process as a system does that has no memory left."""
    os.kill(os.getpid(), signal.SIGKILL)


def count_threads(task: np.ndarray) -> tuple:
    """The threads that linear algebra may use here, by its own account, and what the environment says."""
    blas = [library["num_threads"] for library in threadpool_info()]
    return max(blas), os.environ["OMP_NUM_THREADS"], os.environ.get(SCHEDULER), len(task)
