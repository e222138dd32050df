"""A small city to try things out (演示城市): Huaibei with a few persons of three other cities. Nothing in it is real.

`load` writes it once into a migrated database: institutions with gateway credentials, about 400 catalogue items,
code tables, 74 persons for every situation that a hospital's program must handle, and some settled bills.
`yibao demo` shows what there is.
"""

from yibao.core.database import Database
from yibao.core.dates import today
from yibao.demo.bills import seed_bills
from yibao.demo.loading import load_city

__all__ = ["load"]


async def load(url: str, master_key: bytes) -> bool:
    """Load the demo city into the database at `url`; False when it is there already."""
    database = await Database.open(url, connections=4)
    try:
        async with database.transaction() as connection:
            loaded = await load_city(connection, master_key, today())
        await seed_bills(database, master_key)
        return loaded
    finally:
        await database.close()
