"""How fast a city's people are dealt with: entitlement, a department's roster, a made-up city built and loaded.

`measure(console)` gives the sections of the report, title → name → number as text; each in a home of its own.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvloop
from benchmarks import city, city_load
from rich.console import Console

from yibao.bench import rosters
from yibao.bench.commands import entitlement_rates
from yibao.bench.load import bench_home
from yibao.core.installation import Installation, open_installation
from yibao.core.migrations import migrate
from yibao.simulate import build_city
from yibao.simulate.year import build_year

ENTITLED = 20_000
ROSTER_LINES, ROSTER_PERSONS = 200_000, 2_000_000
BUILT, LOADED, SMALL = 200_000, 200_000, 20_000

Section = dict[str, str]


def measure(console: Console) -> dict[str, Section]:
    """Every number, in the order of the report."""
    found: dict[str, Section] = {}
    with console.status("deciding entitlement"):
        rates = at_home(lambda installation: uvloop.run(entitlement_rates(installation, ENTITLED, 3.0)))
        found["Entitlement"] = {name: f"{rate:,.0f}" for name, rate in rates.items()}
    with console.status("bringing a roster to effect"):
        found[f"A roster of {ROSTER_LINES:,} lines in a city of {ROSTER_PERSONS:,}"] = roster_times()
    with console.status("building and loading a made-up city"):
        found["A city that never existed"] = city_times()
    return found


def at_home(work: Callable[[Installation], Any]) -> Any:
    """The result of `work` on a fresh, migrated installation."""
    with bench_home() as home, open_installation(home, migrated=False, say=lambda line: None) as installation:
        migrate(installation.url)
        return work(installation)


def roster_times() -> Section:
    """Seconds from the workbook to the tags."""

    def run(installation: Installation) -> Any:
        home = installation.settings.home
        return uvloop.run(rosters.measure(installation.url, home, ROSTER_LINES, ROSTER_PERSONS))

    steps = at_home(run)
    names = {"read_and_match_s": "reading and matching (s)", "compare_s": "comparing (s)", "apply_s": "applying (s)"}
    return {title: str(steps[name]) for name, title in names.items()} | {"persons changed": f"{steps['changed']:,}"}


def city_times() -> Section:
    """A year of a city in the lake, a tenth and a hundredth of Huaibei; and people loaded into PostgreSQL."""
    built = city.measure(BUILT)
    small = small_seconds()
    loaded = at_home(lambda installation: city_load.measure(installation.url, LOADED))
    return {
        f"{BUILT:,} people: persons, places, catalogue (s)": str(built["people_seconds"]),
        f"{BUILT:,} people: a year of {built['visits']:,} visits, {built['lines']:,} lines (s)": str(
            built["year_seconds"]
        ),
        "fee lines drawn, settled and written per second": f"{built['lines_per_second']:,}",
        f"{SMALL:,} people, all of it (s)": str(small),
        "persons loaded into PostgreSQL per minute": f"{loaded['persons_per_minute']:,}",
    }


def small_seconds() -> float:
    """Scale 0.01, from nothing to the lake."""
    with tempfile.TemporaryDirectory(prefix="yibao-city-") as folder:
        began = time.monotonic()
        build_year(build_city("huaibei", SMALL, seed=1, year=2021), 2021, Path(folder) / "lake")
        return round(time.monotonic() - began, 1)
