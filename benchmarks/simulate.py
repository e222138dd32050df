"""How fast a change of policy is simulated: two real packs over generated visits, stage by stage.

`measure(count)` returns a dict of numbers; `python -m benchmarks.simulate [COUNT]` prints them. Rates are visits of
the file per second, each settled under both packs. Every stage is the best of `repeats`, since others use the
machine too; plans are resolved anew each time. What is compiled is kept on disk: `compile_seconds` is the first run
in an empty cache, in a process of its own. `simulated_per_second_by_cpu_time` counts the processor time
of all cores, so it is what an idle machine would come near to; the wall rate falls when others use a core.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from benchmarks.generated_visits import visits_table

from yibao.benefits import Pack, load_pack
from yibao.benefits.batch import DEFAULT_GROUPS, Visits, kernel, read_visits, simulate, visits_of_table
from yibao.benefits.batch.settled import Settled
from yibao.benefits.batch.simulation import Ordered, compare, order_visits, plan_visits, settle
from yibao.benefits.batch.team import Team

ROOT = Path(__file__).parents[1]
AREAS = ("suizhou", "jiujiang")


def measure(count: int = 8_000_000, repeats: int = 3) -> dict[str, Any]:
    """Visits per second of the whole, of the whole with reading, of the kernel; nanoseconds per visit by stage."""
    with tempfile.TemporaryDirectory() as folder:
        compile_seconds = _compile_seconds(Path(folder) / "cache")
        file = Path(folder) / "visits.parquet"
        pq.write_table(visits_table(count), file)
        reading = _best(repeats, lambda: read_visits(file))
        visits = read_visits(file)
    loading = _best(3, _packs)
    whole = _best(repeats, lambda: simulate(*_packs(), visits)) - loading
    cpu = _best(repeats, lambda: simulate(*_packs(), visits), time.process_time) - loading
    stages, cores = _stages(visits, repeats), len(os.sched_getaffinity(0))
    kernel_seconds = stages.pop("kernel")
    return {
        "visits": count,
        "cores": cores,
        "simulated_per_second": round(count / whole),
        "simulated_per_second_by_cpu_time": round(count * cores / cpu),
        "simulated_per_second_with_reading": round(count / (whole + reading)),
        "settled_per_second_and_core_by_the_kernel": round(count / kernel_seconds),
        "nanoseconds_per_visit": {"reading": _each(reading, count), "simulate": _each(whole, count)}
        | {name: _each(seconds, count) for name, seconds in stages.items()},
        "compile_seconds": compile_seconds,
    }


def _stages(visits: Visits, repeats: int) -> dict[str, float]:
    """Seconds of each stage; those of packs are the mean of both packs, as each pack has them once."""
    with Team() as team:
        ordered = order_visits(visits, _packs(), DEFAULT_GROUPS, team)
        settled = [settle(pack, ordered, team) for pack in _packs()]
        plan = sum(_once(partial(plan_visits, pack, ordered, team)) for pack in _packs()) / 2
        return {
            "order": _best(repeats, lambda: order_visits(visits, _packs(), DEFAULT_GROUPS, team)),
            "plan one pack, plans not known": plan,
            "plan and settle one pack": _best(repeats, lambda: settle(settled[0].pack, ordered, team)),
            "compare": _best(repeats, lambda: compare(ordered, settled[0], settled[1], team)),
            "kernel": _kernel_seconds(ordered, settled[0], team, repeats),
        }


def _kernel_seconds(ordered: Ordered, settled: Settled, team: Team, repeats: int) -> float:
    """The loop that settles, one pack on one core."""
    planned = plan_visits(settled.pack, ordered, team)
    tables, people = planned.book.shelf.tables(np.zeros((0, 0), np.int64)), ordered.visits.person_count
    scratch = planned.book.shelf.scratch(int(np.diff(ordered.ordering.starts).max()))
    rest = (np.zeros_like(settled.fund), np.zeros_like(settled.paid), settled.detail)
    return _best(
        repeats, lambda: kernel.pay_persons(0, people, ordered.ordering, planned.plans, tables, scratch, *rest)
    )


def _packs() -> tuple[Pack, Pack]:
    suizhou, jiujiang = (load_pack(ROOT / "areas" / area / "benefits") for area in AREAS)
    return suizhou, jiujiang


def _compile_seconds(cache: Path) -> float:
    """The first simulation in a process with an empty cache, less the second."""
    told = subprocess.run(
        [sys.executable, "-m", "benchmarks.simulate", "--compile"],
        env={**os.environ, "YIBAO_CACHE": str(cache)}, cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return float(told.stdout)


def _compile() -> float:
    visits = visits_of_table(visits_table(1000))
    first = _once(lambda: simulate(*_packs(), visits))
    return round(first - _once(lambda: simulate(*_packs(), visits)), 1)


def _once(work: Callable[[], Any], clock: Callable[[], float] = time.perf_counter) -> float:
    start = clock()
    work()
    return clock() - start


def _best(repeats: int, work: Callable[[], Any], clock: Callable[[], float] = time.perf_counter) -> float:
    return min(_once(work, clock) for _ in range(repeats))


def _each(seconds: float, count: int) -> float:
    return round(seconds * 1e9 / count, 1)


if __name__ == "__main__":
    if sys.argv[1:] == ["--compile"]:
        print(_compile())
    else:
        print(json.dumps(measure(*map(int, sys.argv[1:])), indent=2))
