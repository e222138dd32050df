"""How fast a made-up city is loaded: `measure(url, people)` into a migrated, empty database.

`python -m benchmarks.city_load [PEOPLE]` does it in an embedded server of its own and prints persons a minute.
"""

import asyncio
import json
import sys
import time
from datetime import date
from typing import Any

from yibao.bench.load import bench_home
from yibao.benefits.book import PackBook
from yibao.core.database import connect
from yibao.core.installation import open_installation
from yibao.core.migrations import migrate
from yibao.ledger import install_chart
from yibao.simulate import build_city
from yibao.simulate.load import load_city

AS_OF = date(2021, 12, 31)


def measure(url: str, people: int = 200_000, seed: int = 1) -> dict[str, Any]:
    """Load everything but bills of a Huaibei of 2021; seconds, rows and persons a minute."""
    city = build_city("huaibei", people, seed=seed, year=2021)
    began = time.monotonic()
    loaded = asyncio.run(_load(url, city))
    seconds = time.monotonic() - began
    return {
        "persons": loaded.persons,
        "contributions": loaded.contributions,
        "seconds": round(seconds, 1),
        "persons_per_minute": round(loaded.persons / seconds * 60),
    }


async def _load(url: str, city: Any) -> Any:
    connection = await connect(url)
    try:
        async with connection.transaction():
            await install_chart(connection)
            return await load_city(connection, city, PackBook.load(), AS_OF)
    finally:
        await connection.close()


def main() -> None:
    with bench_home() as home, open_installation(home, migrated=False) as installation:
        migrate(installation.url)
        print(json.dumps(measure(installation.url, int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)))


if __name__ == "__main__":
    main()
