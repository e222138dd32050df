"""Everything that must always hold, checked on the live database; names each violation.

Each check is a sentence and a query (or a function) that finds what breaks it; nothing found is good. All checks read
one snapshot, so settlements may go on meanwhile.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from yibao.core.database import Connection, connect
from yibao.core.installation import open_installation
from yibao.ledger.verify import broken_seals, unbalanced_entries
from yibao.population.enrolment.replay import differences
from yibao.population.entitlement.coverage_city import wrong_coverage

LIMIT = 5
"""Violations named per check."""
SORTING_MEMORY = "64MB"
"""For each sort and hash of a check, in PostgreSQL; more goes to its temporary files."""

QUERIES: dict[str, str] = {
    "the portions of every line add up to the line": """
        select format('line %s of visit %s', feedetl_sn, mdtrt_id) from settlement.fee_line
        where det_item_fee_sumamt <> fulamt_ownpay_amt + overlmt_selfpay + preselfpay_amt + inscp_amt""",
    "a refused line pays nothing": """
        select format('line %s of visit %s: %s fen not self-paid', feedetl_sn, mdtrt_id,
                      det_item_fee_sumamt - fulamt_ownpay_amt)
        from settlement.fee_line where mark = 'refused' and fulamt_ownpay_amt <> det_item_fee_sumamt""",
    "the portions of every bill add up to the bill": """
        select format('settlement %s', setl_id) from settlement.settlement
        where medfee_sumamt <> inscp_amt + fulamt_ownpay_amt + overlmt_selfpay + preselfpay_amt""",
    "every bill is the sum of its lines": """
        select format('settlement %s: bill %s, lines %s fen', s.setl_id, s.medfee_sumamt, coalesce(f.total, 0))
        from settlement.settlement s
        left join (select setl_id, sum(det_item_fee_sumamt) as total, sum(fulamt_ownpay_amt) as own,
                          sum(overlmt_selfpay) as over, sum(preselfpay_amt) as prepay, sum(inscp_amt) as in_scope
                   from settlement.fee_line where setl_id is not null group by setl_id) f using (setl_id)
        where s.init_setl_id is null
          and (s.medfee_sumamt, s.fulamt_ownpay_amt, s.overlmt_selfpay, s.preselfpay_amt, s.inscp_amt)
          is distinct from (f.total, f.own, f.over, f.prepay, f.in_scope)""",
    "fund, person and hospital together pay the bill; account and cash the person's part; the funds the fund's": """
        select format('settlement %s', setl_id) from settlement.settlement
        where medfee_sumamt <> fund_pay_sumamt + psn_pay + ownpay_hosp_part or psn_pay <> acct_pay + cash_payamt
           or fund_pay_sumamt <> hifp_pay + cvlserv_pay + hifes_pay + hifmi_pay + hifob_pay + hifdm_pay + maf_pay
                                 + othfund_pay
           or (init_setl_id is null and least(hifp_pay, cvlserv_pay, hifes_pay, hifmi_pay, hifob_pay, hifdm_pay,
               maf_pay, othfund_pay, acct_pay, cash_payamt, acct_mulaid_pay, acct_pay - acct_mulaid_pay) < 0)""",
    "the fund rows of every bill add up to its funds and accounts": """
        select format('settlement %s', s.setl_id) from settlement.settlement s
        where s.fund_pay_sumamt + s.acct_pay <>
              (select coalesce(sum((f ->> 'fund_payamt')::bigint), 0) from jsonb_array_elements(s.funds) f)""",
    "a cancellation is the exact negative of what it cancels": """
        select format('settlement %s', c.setl_id) from settlement.settlement c
        join settlement.settlement s on s.setl_id = c.init_setl_id
        where (c.medfee_sumamt, c.hifp_pay, c.cvlserv_pay, c.hifes_pay, c.hifmi_pay, c.hifob_pay, c.hifdm_pay,
               c.maf_pay,
               c.othfund_pay, c.acct_pay, c.cash_payamt)
          is distinct from (-s.medfee_sumamt, -s.hifp_pay, -s.cvlserv_pay, -s.hifes_pay, -s.hifmi_pay, -s.hifob_pay,
               -s.hifdm_pay, -s.maf_pay, -s.othfund_pay, -s.acct_pay, -s.cash_payamt)""",
    "accumulators are what was taken over and the sum of the person's bills": """
        with billed as (
          select psn_no, key, sum(value::bigint) as total
          from (select s.psn_no, a.key, a.value from settlement.settlement s, jsonb_each_text(s.accumulators) a
                union all
                select t.psn_no, a.key, a.value from settlement.accumulator t, jsonb_each_text(t.taken_over) a) every
          group by 1, 2 having sum(value::bigint) <> 0
        ), kept as (
          select t.psn_no, a.key, sum(a.value::bigint) as total
          from settlement.accumulator t, jsonb_each_text(t.totals) a group by 1, 2 having sum(a.value::bigint) <> 0
        )
        select format('person %s, %s: bills %s, kept %s', psn_no, key, coalesce(b.total, 0), coalesce(k.total, 0))
        from billed b full join kept k using (psn_no, key) where b.total is distinct from k.total""",
    "every settlement has exactly one journal entry, of what funds and accounts pay": """
        select format('settlement %s: %s entries, payable %s, bill %s fen', s.setl_id, count(distinct e.entry_id),
                      coalesce(-sum(p.amount) filter (where p.account = 'institutions.payable'), 0),
                      s.fund_pay_sumamt + s.acct_pay)
        from settlement.settlement s
        left join ledger.entry e on e.reference = s.setl_id and e.kind in ('settlement', 'cancellation')
        left join ledger.posting p using (entry_id)
        group by s.setl_id, s.fund_pay_sumamt, s.acct_pay
        having count(distinct e.entry_id) <> 1
            or coalesce(-sum(p.amount) filter (where p.account = 'institutions.payable'), 0)
               <> s.fund_pay_sumamt + s.acct_pay""",
    "every journal entry of a settlement has its settlement": """
        select format('entry %s of %s', e.entry_id, e.reference) from ledger.entry e
        where e.kind in ('settlement', 'cancellation')
          and not exists (select 1 from settlement.settlement s where s.setl_id = e.reference)""",
    "every settlement has exactly one stored reply": """
        select format('settlement %s has no reply', s.setl_id) from settlement.settlement s
        where not exists (select 1 from core.inbox i where i.sender = s.fixmedins_code and i.msgid = s.medins_setl_id
                          and i.reference = s.setl_id)""",
    "no line is paid twice": """
        select format('line %s of visit %s', f.feedetl_sn, f.mdtrt_id) from settlement.fee_line f
        join settlement.settlement s using (setl_id)
        where not exists (select 1 from settlement.settlement c where c.init_setl_id = s.setl_id)
        group by f.mdtrt_id, f.feedetl_sn having count(*) > 1""",
    "every account holds the sum of its movements": """
        select format('account of %s: holds %s, movements %s fen', a.psn_no, a.balance, coalesce(sum(m.amount), 0))
        from population.account a left join population.account_movement m using (psn_no)
        group by a.psn_no, a.balance having a.balance <> coalesce(sum(m.amount), 0)""",
    "every account is what the journal owes the person": """
        select format('account of %s: holds %s, journal %s fen', coalesce(a.psn_no, j.psn_no), coalesce(a.balance, 0),
                      coalesce(j.owed, 0))
        from population.account a
        full join (select party as psn_no, -sum(amount) as owed from ledger.posting
                   where account = 'personal_account.balances' group by party) j using (psn_no)
        where coalesce(a.balance, 0) <> coalesce(j.owed, 0)""",
    "what a crediting run credited was paid and is on the accounts": """
        select format('run %s: months %s, movements %s fen', run, coalesce(c.total, 0), coalesce(m.total, 0))
        from (select credited_run as run, sum(to_account - account_charge) as total,
                     bool_and(status in ('paid', 'refunded')) as paid
              from population.contribution where credited_run <> 'taken_over' group by 1) c
        full join (select reference as run, sum(amount) as total from population.account_movement
                   where kind in ('contribution', 'large_amount_premium') group by 1) m using (run)
        where c.total is distinct from m.total or not c.paid""",
    "every payment order is the sum of its lines": """
        select format('order %s: %s, lines %s fen', o.order_no, o.amount, coalesce(l.total, 0))
        from population.payment_order o
        left join (select order_no, sum(amount) as total from population.payment_line group by 1) l using (order_no)
        where o.amount is distinct from l.total""",
    "what an order was paid is in the journal": """
        select format('order %s: lines %s, journal %s fen', order_no, coalesce(l.total, 0), coalesce(j.total, 0))
        from (select order_no, sum(amount) as total from population.payment_line where status in ('paid', 'refunded')
              group by 1) l
        full join (select e.reference as order_no, sum(p.amount) as total
                   from ledger.entry e join ledger.posting p using (entry_id)
                   where e.kind in ('premium', 'premium_reversal')
                     and p.account in ('channels.receivable', 'personal_account.balances')
                   group by 1 having sum(p.amount) <> 0) j using (order_no)
        where l.total is distinct from j.total""",
    "what a channel owes is what it reported and has not handed over": """
        select format('channel %s: receipts %s, journal %s fen', channel, coalesce(r.total, 0), coalesce(j.total, 0))
        from (select channel, sum(amount) as total from population.channel_receipt
              where status <> 'reversed' and reconciled is null group by 1) r
        full join (select party as channel, sum(amount) as total from ledger.posting
                   where account = 'channels.receivable' group by 1 having sum(amount) <> 0) j using (channel)
        where r.total is distinct from j.total""",
    "every refund of premiums is in the journal": """
        select format('refund %s: %s, journal %s fen', r.refund_no, r.amount, coalesce(-sum(p.amount), 0))
        from population.premium_refund r
        left join ledger.entry e on e.kind = 'premium_refund' and e.reference = r.refund_no
        left join ledger.posting p on p.entry_id = e.entry_id
          and p.account in ('contributions.refundable', 'personal_account.balances')
        group by r.refund_no, r.amount having r.amount is distinct from -sum(p.amount)""",
    "a contribution that an order paid is a paid line of it, of what is still kept": """
        select format('contribution %s of %s: %s and %s fen', coalesce(c.contribution_id, l.contribution_id),
                      coalesce(c.order_no, l.order_no), coalesce(c.amount, 0), coalesce(l.kept, 0))
        from (select contribution_id, order_no, personal + employer + interest as amount from population.contribution
              where status = 'paid' and order_no is not null) c
        full join (select contribution_id, order_no, amount - refunded as kept from population.payment_line
                   where status = 'paid') l using (contribution_id, order_no)
        where c.amount is distinct from l.kept""",
    "an order is paid exactly when its channel reported the sum": """
        select format('order %s (%s): %s, receipts %s fen', o.order_no, o.status, o.amount, coalesce(r.total, 0))
        from population.payment_order o
        left join (select order_no, sum(amount) as total from population.channel_receipt where status = 'taken'
                   group by 1) r using (order_no)
        where o.channel <> 'family_account'
          and coalesce(r.total, 0) <> case when o.status in ('paid', 'refunded') then o.amount else 0 end""",
    "money that fits no order is owed until it is given back": """
        select format('channel %s: receipts %s, journal %s fen', channel, coalesce(r.total, 0), coalesce(j.total, 0))
        from (select channel, sum(amount) as total from population.channel_receipt where status = 'unallocated'
              group by 1) r
        full join (select party as channel, -sum(amount) as total from ledger.posting
                   where account = 'unallocated.receipts' group by 1 having sum(amount) <> 0) j using (channel)
        where r.total is distinct from j.total""",
    "nobody has two basic medical insurances on one day": """
        select format('person %s: enrolments %s and %s', psn_no, before, psn_insu_rlts_id) from (
          select psn_no, psn_insu_rlts_id, begndate, lag(psn_insu_rlts_id) over own as before,
                 max(coalesce(least(enddate, paus_date - 1), 'infinity')) over (own rows between unbounded preceding
                     and 1 preceding) as until
          from population.enrolment
          where insutype in ('310', '390') and psn_insu_stas <> '3'
            and coalesce(least(enddate, paus_date - 1), 'infinity') >= begndate
          window own as (partition by psn_no order by begndate, psn_insu_rlts_id)) e
        where until >= begndate""",
    "what accounts paid is what bills took from accounts": """
        select format('settlement %s: bill %s, accounts %s fen', s.setl_id, s.acct_pay, coalesce(-sum(m.amount), 0))
        from settlement.settlement s left join population.account_movement m on m.reference = s.setl_id
        group by s.setl_id, s.acct_pay having s.acct_pay <> coalesce(-sum(m.amount), 0)""",
}
FUNCTIONS: dict[str, Callable[[Connection], AsyncIterator[str]]] = {
    "enrolments, households and deaths are what the persons' events say": differences,
    "debits equal credits in every entry and in total": unbalanced_entries,
    "the seal of the journal is unbroken": broken_seals,
    "coverage is what follows from enrolments, paid contributions, births and deaths": wrong_coverage,
}


async def violations(
    connection: Connection, queries: Mapping[str, str] = QUERIES
) -> AsyncIterator[tuple[str, list[str]]]:
    """Every check with what breaks it, at most `LIMIT` cases each, on one snapshot."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute(f"set local work_mem = '{SORTING_MEMORY}'")
        for sentence, query in queries.items():
            yield sentence, [row[0] for row in await connection.fetch(f"{query} limit {LIMIT}")]
        for sentence, check in FUNCTIONS.items():
            yield sentence, [found async for found in check(connection)][:LIMIT]


def run_checks(home: Path | None, *, as_json: bool, queries: Mapping[str, str]) -> None:
    """Run `queries` and the functions, tell what they found; `typer.Exit` 1 when something does not hold."""
    with open_installation(home) as installation:
        found = asyncio.run(_verify(installation.url, Console(stderr=True), queries, quiet=as_json))
    broken = {sentence: cases for sentence, cases in found.items() if cases}
    if as_json:
        print(json.dumps({"ok": not broken, "checks": len(found), "violations": broken}, ensure_ascii=False))
    else:
        first = next(iter(broken.items()), None)
        print(
            f"verified: {len(found)} checks, {len(broken)} violated"
            + (f"; first: {first[0]}: {first[1][0]}" if first else "")
        )
    if broken:
        raise typer.Exit(1)


async def _verify(url: str, console: Any, queries: Mapping[str, str], *, quiet: bool) -> dict[str, list[str]]:
    connection = await connect(url)
    found: dict[str, list[str]] = {}
    try:
        async for sentence, cases in violations(connection, queries):
            found[sentence] = cases
            if not quiet:
                console.print(f"{'✗' if cases else '✓'} {sentence}", *[f"    {case}" for case in cases], sep="\n")
    finally:
        await connection.close()
    return found
