"""Tasks on the workers of a dask.distributed cluster that is there already."""

from __future__ import annotations

import logging
import pickle
import socket
import threading
import uuid
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from helpers.spread.environment import forget_scheduler, use_one_thread
from helpers.spread.errors import ClusterLost, SchedulerError
from helpers.spread.place import compare_places, describe_place, recall_place

WITHIN = 10
"""Seconds in which the scheduler must answer, and in which it must have a worker."""

_LONGEST_GREETING = 1_000_000
"""Bytes. What other servers say first, read as a number, is far above."""

_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class _Order:
    """What a worker is asked to do, and what it must compute with."""

    do: Callable[..., Any]
    task: Any
    place: Mapping[str, str]


@dataclass(frozen=True)
class _Common:
    """What all tasks share, packed: each process has a copy of its own, that no other gets when it has been used."""

    name: str
    packed: bytes = field(compare=False, repr=False)


def run_on_cluster(
    do: Callable[..., Any], tasks: Sequence[Any], *, address: str, shared: tuple[Any, ...]
) -> Iterator[tuple[Any, Any]]:
    """Each task with its result, as it is done. What a worker that dies had done or begun is done again by others."""
    with open_cluster(address) as client:
        from distributed import as_completed

        orders = [_Order(do, task, recall_place()) for task in tasks]
        kept, futures = _submit(client, orders, shared=shared)
        waiting = dict(zip(futures, tasks, strict=True))
        done = as_completed(futures, loop=client.loop, with_results=True, raise_errors=False)
        del futures
        try:
            for future, result in done:
                yield waiting.pop(future), _take(future, result, address=address)
                future.release()
        finally:
            client.cancel([kept, *waiting], force=True)


def _submit(client: Any, orders: Sequence[_Order], *, shared: tuple[Any, ...]) -> tuple[Any, list[Any]]:
    """The future of what all tasks share, and theirs.

    What is shared comes from a task as well, and is not laid down with a worker: when that is gone it is made again.
    """
    name = f"compendium-{uuid.uuid4().hex}"
    common = _Common(name, pickle.dumps(shared))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sending large graph", UserWarning)  # each part of it is sent only once
        kept = client.submit(_keep, common, key=f"{name}-shared", pure=False)
        keys = [f"{name}-{place}" for place in range(len(orders))]
        return kept, client.map(_fulfil, orders, key=keys, pure=False, common=kept)


def _keep(common: _Common) -> _Common:
    return common


@lru_cache(maxsize=1)
def _unpack(common: _Common) -> tuple[Any, ...]:
    return tuple(pickle.loads(common.packed))


def _fulfil(order: _Order, *, common: _Common) -> Any:
    """One task, on a worker: as a process of this machine would do it, one at a time, or not at all.

    Tasks of one process take turns also where it was started with several threads: silenced warnings and the threads
    of linear algebra are set for a whole process.
    """
    differs = compare_places(order.place, recall_place())
    if differs:
        from distributed import get_worker

        raise SchedulerError(_refuse(f"The worker {get_worker().address}", differs))
    forget_scheduler()
    with _one_at_a_time, use_one_thread():
        return order.do(*_unpack(common), order.task)


def _take(future: Any, result: Any, *, address: str) -> Any:
    """The result, or the error of the task raised."""
    from distributed import KilledWorker

    if future.status == "finished":
        return result
    if future.status != "error":
        raise ClusterLost(f"The scheduler {address} has gone away")
    problem = result[1]
    if isinstance(problem, KilledWorker):
        raise ClusterLost(f"The scheduler {address} has given up a task that took down several workers one after the "
                          "other: they may have too little memory") from problem  # fmt: skip
    raise problem


@contextmanager
def open_cluster(address: str) -> Iterator[Any]:
    """A client of the scheduler, once scheduler and workers are known to be fit; closed at the end."""
    with _in_few_words():
        client = _connect(address)
        try:
            _check_places(client, address=address)
            yield client
        finally:
            client.close()


@contextmanager
def _in_few_words() -> Iterator[None]:
    """Without what the client logs, tracebacks included, when a scheduler does not answer: the error says it."""
    log = logging.getLogger("distributed.client")
    before = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        log.setLevel(before)


def _connect(address: str) -> Any:
    try:
        from distributed import Client
    except ModuleNotFoundError as problem:
        raise SchedulerError("A scheduler can be used once dask.distributed is installed: "
                             "pip install -e .[cluster]") from problem  # fmt: skip
    try:
        _check_certificates(address)
        _knock(address)
        return Client(address, timeout=WITHIN, set_as_default=False)
    except (OSError, ValueError) as problem:
        raise SchedulerError(f"No scheduler answers at {address} within {WITHIN} seconds ({problem}): give the address "
                             "that `dask scheduler` prints, such as tcp://host:8786") from problem  # fmt: skip


def _check_certificates(address: str) -> None:
    """Raise ValueError where an encrypted line is asked for and dask's own settings have no certificate for it."""
    from distributed import Security
    if address.startswith("tls:") and Security().get_connection_args("client").get("ssl_context") is None:
        raise ValueError("an encrypted line needs certificates: dask's settings have none under distributed.comm.tls")


def _knock(address: str) -> None:
    """Raise OSError or ValueError where no scheduler listens: a client would wait for somebody silent for ever, and
    one that fails can hold up the next."""
    parts = urlsplit(address if "://" in address else f"tcp://{address}")
    if parts.scheme not in ("tcp", "tls") or not parts.hostname or not parts.port:
        raise ValueError("it must read tcp://host:port or tls://host:port")
    with socket.create_connection((parts.hostname, parts.port), timeout=WITHIN) as line:
        if parts.scheme == "tls":  # waits to be spoken to
            return
        # a scheduler speaks first, and begins with the length of its greeting
        if not 0 < int.from_bytes(line.recv(8), "little") < _LONGEST_GREETING:
            raise ValueError("something else is there")


def _check_places(client: Any, *, address: str) -> None:
    """Raise SchedulerError without a worker, or with a scheduler or worker that computes with anything else."""
    try:
        client.wait_for_workers(1, timeout=WITHIN)
    except TimeoutError as problem:
        raise SchedulerError(f"The scheduler {address} has had no worker for {WITHIN} seconds: start one with "
                             f"dask worker {address} --nthreads 1") from problem  # fmt: skip
    here = describe_place()
    asked = client.run(describe_place, on_error="return")
    found = {f"The worker {worker}": answer for worker, answer in asked.items()}
    found[f"The scheduler {address}"] = client.run_on_scheduler(describe_place)
    for name, answer in found.items():
        differs = str(answer) if isinstance(answer, BaseException) else compare_places(here, answer)
        if differs:
            raise SchedulerError(_refuse(name, differs))


def _refuse(name: str, differs: str) -> str:
    return (f"{name} would not compute the same to the last digit: {differs}. Start it again in an environment that "
            "was set up from this project as it stands here")  # fmt: skip
