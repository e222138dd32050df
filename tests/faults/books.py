"""What the database must hold after a fault, computed from the replies that the programs got."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable

import psycopg

from tests.faults.terminal import Sent
from tests.server import RunningServer
from yibao.core.embedded import EmbeddedPostgres

STANDING = """
select fixmedins_code, medins_setl_id, setl_id from settlement.settlement s where init_setl_id is null
  and not exists (select 1 from settlement.settlement c where c.init_setl_id = s.setl_id)
"""
BALANCES = """
select a.psn_no, a.balance, coalesce((select m.amount from population.account_movement m
                                      where m.psn_no = a.psn_no and m.kind = 'opening'), 0) from population.account a
"""
TOTALS = """
select psn_no, split_part(key, ':', 3), value::bigint from settlement.accumulator a, jsonb_each_text(a.totals)
where value::bigint <> 0
"""


def check_books(server: RunningServer, bills: Iterable[Sent]) -> None:
    """Exactly `bills` stand, each once and under the number of its reply; accumulators and accounts are what the
    replies say; `yibao verify` finds nothing."""
    standing = list(bills)
    with psycopg.connect(EmbeddedPostgres(server.home).url) as connection:
        found = connection.execute(STANDING).fetchall()
        spent = {row[0]: row[2] - row[1] for row in connection.execute(BALANCES).fetchall()}
        totals = {(row[0], row[1]): row[2] for row in connection.execute(TOTALS).fetchall()}
    assert sorted(found) == sorted((bill.sender, bill.msgid, bill.info["setl_id"]) for bill in standing)
    assert totals == accumulators_of(standing)
    check_accounts(standing, spent)
    check_verify(server)


def check_accounts(bills: list[Sent], spent: dict[str, int]) -> None:
    """The accounts lost together what the replies say; each its owner's part, where relatives paid nothing."""
    assert sum(spent.values()) == sum(bill.fen("acct_pay") for bill in bills)
    own = Counter[str]()
    for bill in bills:
        own[bill.psn_no] += bill.fen("acct_pay") - bill.fen("acct_mulaid_pay")
    if not any(bill.fen("acct_mulaid_pay") for bill in bills):
        assert {psn_no: amount for psn_no, amount in spent.items() if amount} == +own


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
