"""What a tag that begins or ends in the past would change of settled bills (追溯影响): listed, never changed.

    effects_of(services, connection, psn_no, since)              bills of one person that would differ
    note_effects(services, connection, reference, persons)       the same for many, kept as a list for clerks
    note_batch(services, connection, batch_no, today)            for an applied roster
    open_effects(connection) / close(connection, …)              the list, and what a clerk did about an entry

Every bill since the day is computed again in its order with the tags of today, each on the accumulators that the ones
before it would leave. Personal accounts are left out: they pay of the person's part, which is what is compared. A clerk
settles again by cancelling and settling, as the person asks; nothing here writes a bill.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import msgspec

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.population.queries import care_facts
from yibao.population.rosters.comparison import changed_since
from yibao.settlement.assessment import as_time, assess, entitled_enrolment
from yibao.settlement.calculation import merged
from yibao.settlement.cancellation import bill_of, same_request
from yibao.settlement.case import Case
from yibao.settlement.fee_lines import priced_line
from yibao.settlement.model import Bill
from yibao.settlement.services import Services

BILLS = """
select s.* from settlement.settlement s
where s.psn_no = $1 and s.init_setl_id is null
  and not exists (select 1 from settlement.settlement c where c.init_setl_id = s.setl_id)
order by s.created_at
"""
VISIT = "select * from settlement.visit where mdtrt_id = $1"
LINES = "select * from settlement.fee_line where setl_id = $1 order by bkkp_sn"
TAKEN_OVER = "select taken_over from settlement.accumulator where psn_no = $1"
WITH_BILLS = """
select p.psn_no, p.since from unnest($1::text[], $2::date[]) as p (psn_no, since)
where exists (select 1 from settlement.settlement s where s.psn_no = p.psn_no and s.enddate >= p.since)
order by p.psn_no
"""
KEEP = """
insert into settlement.retroactive_effect as e (reference, psn_no, setl_id, since, before, after, obstacle)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (reference, setl_id) do update
set since = excluded.since, before = excluded.before, after = excluded.after, obstacle = excluded.obstacle
where e.status = 'open'
"""
OPEN = """
select e.effect_id, e.reference, e.psn_no, p.psn_name, e.setl_id, e.since, e.before, e.after, e.obstacle, e.noted_at,
       s.setl_time, s.fixmedins_code
from settlement.retroactive_effect e join population.person p using (psn_no)
join settlement.settlement s using (setl_id)
where e.status = 'open' order by e.effect_id limit $1
"""
CLOSE = """
update settlement.retroactive_effect set status = $2, decided_by = $3
where effect_id = $1 and status = 'open' returning effect_id
"""
FUNDS = (
    "hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "hifdm_pay", "maf_pay", "othfund_pay",
    "fund_pay_sumamt", "psn_pay",
)  # fmt: skip
"""Columns that are compared: what each fund and the person bear, fen."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One settled bill that would differ; `before` and `after` hold only the columns that differ, fen.

    `obstacle` says in Chinese why the bill cannot be computed again (then `after` is empty).
    """

    psn_no: str
    setl_id: str
    since: date
    before: dict[str, int]
    after: dict[str, int]
    obstacle: str = ""


async def effects_of(services: Services, connection: Connection, psn_no: str, since: date) -> list[Effect]:
    """The person's settled bills from `since` on that today's tags would change, in the order of settling."""
    bills = [bill_of(row) for row in await connection.fetch(BILLS, psn_no)]
    first = next((place for place, bill in enumerate(bills) if bill.enddate >= since), len(bills))
    before = [row["taken_over"] for row in await connection.fetch(TAKEN_OVER, psn_no)]
    totals = merged(*before, *(bill.accumulators for bill in bills[:first]))
    found = []
    for bill in bills[first:]:
        try:
            again = await _computed_again(services, connection, bill, totals)
        except Refused as refused:
            text = "；".join(refusal.text for refusal in refused.refusals)
            found.append(Effect(psn_no, bill.setl_id, since, _amounts(bill), {}, text))
            again = bill
        totals = merged(totals, again.accumulators)
        differing = [name for name in FUNDS if getattr(bill, name) != getattr(again, name)]
        if differing:
            found.append(Effect(psn_no, bill.setl_id, since, _amounts(bill, differing), _amounts(again, differing)))
    return found


async def note_effects(
    services: Services, connection: Connection, reference: str, persons: Iterable[tuple[str, date]]
) -> list[Effect]:
    """Compute and keep the effects for these persons, each from a day on; repeating it renews what is open."""
    given = list(persons)
    having_bills = await connection.fetch(WITH_BILLS, [one for one, _ in given], [day for _, day in given])
    found: list[Effect] = []
    for row in having_bills:
        found += await effects_of(services, connection, row["psn_no"], row["since"])
    rows = [(reference, one.psn_no, one.setl_id, one.since, one.before, one.after, one.obstacle) for one in found]
    await connection.executemany(KEEP, rows)
    return found


async def note_batch(services: Services, connection: Connection, batch_no: str, today: date) -> list[Effect]:
    """The effects of an applied roster on bills that are settled; in the caller's transaction."""
    return await note_effects(services, connection, batch_no, await changed_since(connection, batch_no, today))


async def open_effects(connection: Connection, limit: int = 500) -> list[dict[str, Any]]:
    """What clerks have to look at, oldest first."""
    return [dict(row) for row in await connection.fetch(OPEN, limit)]


async def close(connection: Connection, effect_id: int, outcome: Literal["settled_again", "left"], actor: str) -> None:
    """A clerk settled the bill again, or left it; `Refused` S511 when there is no such open entry."""
    if await connection.fetchval(CLOSE, effect_id, outcome, actor) is None:
        raise Refused(Refusal("S511", f"追溯影响{effect_id}不存在或已办结", "请刷新清单", "effect_id"))


async def _computed_again(services: Services, connection: Connection, bill: Bill, totals: dict[str, int]) -> Bill:
    """The bill as the facts of today give it; nothing is written. Raises `Refused`."""
    visit = dict(await connection.fetchrow(VISIT, bill.mdtrt_id))
    facts = await care_facts(connection, bill.psn_no, bill.enddate)
    case = Case(bill.enddate, facts, totals, visit, None, bill.setl_id, bill.mdtrt_id, 0)
    institution = await services.directory.institution(bill.fixmedins_code, connection)
    lines = [priced_line(row) for row in await connection.fetch(LINES, bill.setl_id)]
    request = msgspec.structs.replace(same_request(bill, [line.fee.feedetl_sn for line in lines]), acct_used_flag="0")
    enrolment = entitled_enrolment(case, institution, visit, as_time(visit["begntime"]).date())
    assert institution is not None
    pack = services.packs.pack_of(enrolment.insu_admdvs)
    return assess(pack, case, request, visit, enrolment, institution, lines, dates.now()).bill


def _amounts(bill: Bill, names: Sequence[str] = FUNDS) -> dict[str, int]:
    return {name: getattr(bill, name) for name in names}
