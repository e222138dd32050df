"""How fast a city with a year of care is built: `measure(people)`; `python -m benchmarks.city [PEOPLE]` prints it.

Seconds for the people and for the year, visits, lines, bytes of the lake, and the largest memory of one process.
"""

import json
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from yibao.simulate import build_city
from yibao.simulate.year import build_year

MEBIBYTE = 1 << 20


def measure(people: int = 2_000_000, seed: int = 1, processes: int = 0, to: Path | None = None) -> dict[str, Any]:
    """Build the year 2021 of a Huaibei of so many people; the lake is thrown away unless `to` names a new folder."""
    lake = to or Path(tempfile.mkdtemp(prefix="yibao-city-"))
    try:
        began = time.monotonic()
        city = build_city("huaibei", people, seed=seed, year=2021)
        drawn = time.monotonic()
        counts = build_year(city, 2021, lake, processes=processes)
        ended = time.monotonic()
        size = sum(file.stat().st_size for file in lake.rglob("*.parquet"))
    finally:
        if to is None:
            shutil.rmtree(lake, ignore_errors=True)
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return {
        **counts,
        "people_seconds": round(drawn - began, 1),
        "year_seconds": round(ended - drawn, 1),
        "lines_per_second": round(counts["lines"] / (ended - drawn)),
        "lake_mebibytes": round(size / MEBIBYTE),
        "largest_process_mebibytes": round(max(resource.getrusage(kind).ru_maxrss for kind in kinds) / 1024),
    }


if __name__ == "__main__":
    print(json.dumps(measure(*(int(text) for text in sys.argv[1:2])), indent=1))
