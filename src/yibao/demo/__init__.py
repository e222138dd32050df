"""A small city to try things out (演示城市): Huaibei with a few persons of three other cities. Nothing in it is real.

`load` writes it once into a migrated database: institutions with gateway credentials, about 400 catalogue items,
code tables, 74 persons for every situation that a hospital's program must handle, and some settled bills; around
them a made-up city of some thousand people (`made_up`). `yibao demo` shows what there is to try.
"""

import logging

from yibao.core.database import Database
from yibao.core.dates import today
from yibao.demo.bills import seed_bills
from yibao.demo.employment import credit_accounts
from yibao.demo.loading import LOADED, MADE_UP, load_city

__all__ = ["load"]

log = logging.getLogger("yibao.demo")


async def load(url: str, master_key: bytes, people: int = 0) -> bool:
    """Load the demo into the database at `url`, with a made-up city of `people` around the cast, 0 for none.

    False when the cast is there already.
    """
    database = await Database.open(url, connections=4)
    try:
        async with database.transaction() as connection:
            loaded = await load_city(connection, master_key, today())
            has_city = await connection.fetchval(LOADED, MADE_UP)
        await seed_bills(database, master_key)
    finally:
        await database.close()
    added = bool(people) and not has_city and await _add_made_up(url, master_key, people)
    if loaded or added:
        await credit_accounts(url, today())
    return loaded


async def _add_made_up(url: str, master_key: bytes, people: int) -> bool:
    """The city around the cast, where the packages of the extra `analysis` are installed."""
    try:
        from yibao.demo.made_up import load_made_up
    except ModuleNotFoundError as error:
        log.warning("the demo has no made-up city around its cast: %s is missing (extra analysis)", error.name)
        return False
    return await load_made_up(url, master_key, people, today())
