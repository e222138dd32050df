"""What the database must hold after a fault, computed from the replies that the programs got."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable

import psycopg

from tests.faults.city import OPENING
from tests.faults.terminal import Sent
from tests.server import RunningServer
from yibao.core.embedded import EmbeddedPostgres

STANDING = """
select fixmedins_code, medins_setl_id, setl_id from settlement.settlement s where init_setl_id is null
  and not exists (select 1 from settlement.settlement c where c.init_setl_id = s.setl_id)
"""
CROWD_BALANCES = "select psn_no, balance from population.account where psn_no like 'c%'"
CROWD_TOTALS = """
select psn_no, split_part(key, ':', 3), value::bigint from settlement.accumulator a, jsonb_each_text(a.totals)
where psn_no like 'c%' and value::bigint <> 0
"""


def check_books(server: RunningServer, bills: Iterable[Sent]) -> None:
    """Exactly `bills` stand, each once and under the number of its reply; accumulators and accounts of the crowd are
    what the replies say; `yibao verify` finds nothing."""
    standing = list(bills)
    with psycopg.connect(EmbeddedPostgres(server.home).url) as connection:
        found = connection.execute(STANDING).fetchall()
        balances = dict(connection.execute(CROWD_BALANCES).fetchall())
        totals = {(row[0], row[1]): row[2] for row in connection.execute(CROWD_TOTALS).fetchall()}
    assert sorted(found) == sorted((bill.sender, bill.msgid, bill.info["setl_id"]) for bill in standing)
    assert totals == accumulators_of(standing)
    spent = Counter[str]()
    for bill in standing:
        spent[bill.psn_no] += bill.fen("acct_pay")
    assert balances == {psn_no: OPENING - spent[psn_no] for psn_no in balances}
    check_verify(server)


def accumulators_of(bills: Iterable[Sent]) -> dict[tuple[str, str], int]:
    """Deductible and payment of the pooled layer by person, fen, zeros left out."""
    sums = Counter[tuple[str, str]]()
    for bill in bills:
        sums[bill.psn_no, "deductible"] += bill.fen("act_pay_dedc")
        sums[bill.psn_no, "payment"] += bill.fen("hifp_pay")
    return {key: value for key, value in sums.items() if value}


def check_verify(server: RunningServer) -> None:
    command = [sys.executable, "-m", "yibao.cli", "verify", "--json", "--home", str(server.home)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["ok"], done.stdout
