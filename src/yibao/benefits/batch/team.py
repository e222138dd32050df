"""Threads that share the work: compiled loops run without the interpreter's lock, so one per core is right."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from types import TracebackType
from typing import Any, TypeVar

import numpy as np

Result = TypeVar("Result")
Bounds = Sequence[tuple[int, int]]


class Team:
    """`threads` threads, 0 for one per core that this process may use; a context manager."""

    def __init__(self, threads: int = 0) -> None:
        self.threads = threads or _cores()
        self._pool = ThreadPoolExecutor(self.threads)

    def __enter__(self) -> "Team":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def each(
        self, bounds: Bounds, work: Callable[[int, int], Result], done: Callable[[int], None] | None = None
    ) -> list[Result]:
        """The result of `work(first, last)` for each of the bounds, in order; `done(last)` after each."""
        results = []
        for (_, last), result in zip(bounds, self._pool.map(lambda bound: work(*bound), bounds), strict=True):
            results.append(result)
            if done:
                done(last)
        return results


def _cores() -> int:
    """Cores that this process may use; not every system can tell, then all there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def blocks(length: int, size: int) -> Bounds:
    """0 … length in pieces of `size`."""
    return [(low, min(low + size, length)) for low in range(0, length, size)]


def person_bounds(starts: Any, parts: int) -> Bounds:
    """Persons in at most `parts` pieces with about the same number of visits; `starts` as in `sorting`."""
    cuts = np.searchsorted(starts, np.linspace(0, starts[-1], parts + 1)[1:-1])
    borders = sorted({0, *(int(cut) for cut in cuts), len(starts) - 1})
    return [(first, last) for first, last in pairwise(borders)]
