"""kill -9 of whoever collects, credits or applies a roster: repeated from the start, everything stands once."""

import random
import subprocess
import sys
import time

from tests.faults.bureau import EMPLOYEES, RESIDENTS, furnish
from yibao.core.database import Database
from yibao.settlement.verify import violations

STATE = """
select (select count(*) from population.contribution where insutype = '390' and status = 'paid'),
       (select count(*) from population.channel_receipt),
       (select count(*) from population.account where balance = 8800),
       (select count(*) from population.account_movement),
       (select count(*) from population.identity_tag),
       (select count(*) from population.event where kind = 'tagged'),
       (select count(*) from population.event where kind = 'paid')
"""
DONE = (RESIDENTS, RESIDENTS, EMPLOYEES, 2 * EMPLOYEES, RESIDENTS // 2, RESIDENTS // 2, RESIDENTS)


async def test_killed_again_and_again_a_bureau_ends_where_it_would_have_ended(
    database: Database, database_url: str
) -> None:
    await furnish(database)
    command = [sys.executable, "-m", "tests.faults.bureau", database_url]
    reached = set()
    chance = random.Random(20231201)
    for again in range(8):
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            for _ in range(chance.randint(1, 6) + 8 * again):
                process.stdout.readline()
            time.sleep(chance.random() / 50)
            process.kill()
        async with database.connection() as connection:
            reached.add(tuple(await connection.fetchrow(STATE)))
    assert subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode == 0
    async with database.connection() as connection:
        assert tuple(await connection.fetchrow(STATE)) == DONE
        assert {sentence: cases async for sentence, cases in violations(connection) if cases} == {}
    assert len(reached - {DONE}) > 3, "killed in the middle of it"
