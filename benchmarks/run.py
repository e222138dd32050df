"""`make bench`: every number of this project in one run on this machine, written to benchmarks/results.md.

Settlements over HTTP against the floor (the same rows written by one prepared statement), where the CPU of a settlement
goes, benefits alone, a simulated change of policy, a city's people (entitlement, rosters, a made-up city), and the
start of a server on an existing home.
"""

import datetime
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.audit import measure as measure_audit
from benchmarks.counter import measure as measure_counter
from benchmarks.population import measure as measure_people
from benchmarks.simulate import measure as measure_simulation
from rich.console import Console

from yibao.bench.commands import measure as measure_settling
from yibao.bench.load import bench_home, server
from yibao.benefits import Facts, Line, Visit, evaluate, explain, load_pack
from yibao.core import dates

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results.md"
SECONDS, CLIENTS, LINES, PERSONS = 10.0, 16, 10, 20_000
VISITS = 8_000_000


def benefits_rates() -> dict[str, float]:
    """Evaluations per second of a ten-line inpatient bill under a real pack, without and with its explanation."""
    pack = load_pack(ROOT / "areas" / "suizhou" / "benefits")
    facts = Facts(insurance="resident", care="inpatient", level=3, tags=frozenset({"低保"}))
    lines = tuple(Line(amount=300_000 + n, item_class="02" if n % 3 else "01", self_pay_ratio=1000) for n in range(10))
    visit = Visit(day=datetime.date(2024, 6, 1), facts=facts, lines=lines, days=9)
    return {
        "evaluations per second": rate(lambda: evaluate(pack, visit), 3.0),
        "evaluations with explanation per second": rate(lambda: explain(evaluate(pack, visit)), 3.0),
    }


def rate(function: Callable[[], Any], seconds: float) -> float:
    """Calls per second; the clock is read once in fifty."""
    start, calls = time.perf_counter(), 0
    while time.perf_counter() < start + seconds:
        for _ in range(50):
            function()
        calls += 50
    return calls / (time.perf_counter() - start)


def start_seconds() -> float:
    """Median time of `yibao up` on an existing home until it is ready."""
    with bench_home() as home:
        with server(home):
            pass
        return statistics.median(one_start(home) for _ in range(3))


def one_start(home: Path) -> float:
    start = time.perf_counter()
    with server(home):
        return time.perf_counter() - start


def machine() -> str:
    """Processor, cores, memory and versions, as read from this machine."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores of {model}, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}"
    )


def commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"


def table(rows: dict[str, Any]) -> list[str]:
    return ["| what | measured |", "|---|---:|", *(f"| {name} | {value} |" for name, value in rows.items()), ""]


def report(
    settling: dict[str, Any],
    benefits: dict[str, float],
    simulation: dict[str, Any],
    people: dict[str, dict[str, str]],
    start: float,
) -> str:
    """The text of results.md."""
    full, floor = settling["settlements_per_second"], settling["floor_per_second"]
    cpu = settling["cpu_ms_by_stage"]
    each, kernel = simulation["nanoseconds_per_visit"], simulation["settled_per_second_and_core_by_the_kernel"]
    lines = [
        "# Results of `make bench`",
        "",
        f"{dates.today()}, commit {commit()}. {machine()}.",
        "Client, server and PostgreSQL share the machine; commits are durable (fsync). Read them as ratios: the floor",
        "is measured in the same run.",
        "",
        f"## Settling {LINES} lines over HTTP with signature, {CLIENTS} clients",
        "",
        *table(
            {
                "settlements per second": full,
                "p50, p99 at full load (ms)": f"{settling['p50_ms']}, {settling['p99_ms']}",
                "p50, p99 at half load (ms)": f"{settling['half_load_p50_ms']}, {settling['half_load_p99_ms']}",
                "floor: same rows, one prepared statement, no HTTP, no rules (per second)": floor,
                "share of the floor": f"{full / floor:.0%}",
                "failures": settling["failures"],
            }
        ),
        "CPU of the server process by stage, one settlement after the other (ms; the database's own CPU is not in it):",
        "",
        *table(cpu | {"sum": round(sum(cpu.values()), 3)}),
        "## Benefits alone, plain Python, one core",
        "",
        *table({name: f"{value:,.0f}" for name, value in benefits.items()}),
        f"## A change of policy simulated over {simulation['visits']:,} visits, two packs",
        "",
        *table(
            {
                "visits per second": f"{simulation['simulated_per_second']:,}",
                "visits per second, reading the file included": f"{simulation['simulated_per_second_with_reading']:,}",
                "settled per second by the kernel on one core": f"{kernel:,}",
                "compiling once (s)": simulation["compile_seconds"],
                **{f"{name} (ns per visit)": value for name, value in each.items()},
            }
        ),
        *(line for title, rows in people.items() for line in (f"## {title}", "", *table(rows))),
        "## Start",
        "",
        *table({"`yibao up` on an existing home until ready (s)": f"{start:.2f}"}),
    ]
    return "\n".join(lines)


def main() -> None:
    console = Console(stderr=True)
    with bench_home() as home:
        settling = measure_settling(home, SECONDS, CLIENTS, LINES, PERSONS, console)
    with console.status("evaluating benefits"):
        benefits = benefits_rates()
    with console.status("simulating a change of policy"):
        simulation = measure_simulation(VISITS)
    people = measure_people(console) | measure_counter(console)
    with console.status("auditing a year"):
        people["A year audited"] = measure_audit()
    with console.status("starting on an existing home"):
        start = start_seconds()
    text = report(settling, benefits, simulation, people, start)
    RESULTS.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
