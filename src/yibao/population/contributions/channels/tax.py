"""The tax bureau (税务征收): the list of who owes what goes out, the list of who has paid comes in.

    write_list(connection, target, admdvs, year)               应征清册, one row per person
    take_list(connection, packs, admdvs, name, content, actor)  缴费明细; answers every row

People pay in the bureau's own application, so its list names persons, not orders: each day of it becomes one order over
all its persons. A row that fits nobody who owes just that sum is money all the same: it is kept as unallocated receipt
with its reason. The same file again gives the same answer, the same serial in another file is taken once.
Refusals of rows: P606, P612, P616, P643 no such person, P644 another name, P17x enrolled elsewhere, C1xx.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from yibao.benefits.book import PackBook
from yibao.core import dates
from yibao.core.crypto import sm3
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.core.money import yuan_text
from yibao.core.sheets import Column, Heading, Row, read_sheet, write_csv, write_sheet
from yibao.population.contributions.channels.files import (
    FileAnswer,
    Receipt,
    RowAnswer,
    answer_of,
    keep,
    keep_unallocated,
    known,
)
from yibao.population.contributions.effects import against_enrolment
from yibao.population.contributions.payments import NewOrder, create_order, take_payment
from yibao.population.contributions.premiums import LOCK, assess
from yibao.population.contributions.windows import calendar
from yibao.population.rules import rules_of

CHANNEL = "tax"
COLUMNS = (
    Column("serial", "流水号", ("税票号", "交易流水号")),
    Column("certno", "证件号码", ("身份证号", "身份证号码"), kind="identity"),
    Column("psn_name", "姓名"),
    Column("year", "缴费年度", ("年度", "参保年度"), kind="integer"),
    Column("amount", "缴费金额", ("金额", "实缴金额"), kind="money"),
    Column("paid_on", "缴费日期", ("日期", "入库日期"), kind="date"),
)
HEADINGS = (
    Heading("人员编号", "identity"), Heading("证件号码", "identity"), Heading("姓名"), Heading("参保年度", "integer"),
    Heading("应缴金额（元）", "money"), Heading("应缴类型"), Heading("参保区划"),
)  # fmt: skip
KINDS = {"normal": "集中征缴", "late": "集中征缴期后", "midyear": "中途参保"}
OWED = """
select p.psn_no, p.certno, p.psn_name, $1::int as year, c.personal, c.kind,
       coalesce(e.insu_admdvs, left(p.live_area, 6)) as area
from population.contribution c join population.person p using (psn_no)
left join lateral (select insu_admdvs from population.enrolment e where e.psn_no = p.psn_no and e.insutype = '390'
                   order by e.enddate is null desc, e.begndate desc limit 1) e on true
where c.insutype = '390' and c.period_from = make_date($1, 1, 1) and c.status = 'due' and c.personal > 0
  and p.die_date is null and p.merged_into is null
  and not exists (select from population.enrolment x where x.psn_no = p.psn_no and x.insutype = '310'
                  and x.psn_insu_stas = '1' and (x.enddate is null or x.enddate >= $3))
  and coalesce(e.insu_admdvs, p.live_area) like $2 order by p.live_area, p.psn_no
"""
MATCH = """
select u.place, p.psn_no, p.psn_name from unnest($1::text[]) with ordinality as u (certno, place)
join lateral (
  select coalesce(q.merged_into, q.psn_no) as psn_no from population.person q where q.certno = u.certno
  union select coalesce(q.merged_into, q.psn_no) from population.certificate f
        join population.person q using (psn_no) where f.certno = u.certno limit 1) found on true
join population.person p on p.psn_no = found.psn_no
"""
SEEN = (
    "select serial, amount, order_no, status from population.channel_receipt where channel = $1 and serial = any ($2)"
)
STANDING = """
select c.psn_no, c.contribution_id, c.personal, l.order_no, o.status
from population.contribution c
left join population.payment_line l on l.contribution_id = c.contribution_id and l.status = 'open'
left join population.payment_order o on o.order_no = l.order_no
where c.psn_no = any ($1) and c.insutype = '390' and c.period_from = $2 and c.status = 'due'
"""
GIVE_UP = """
with over as (
  update population.payment_order set status = 'expired' where order_no = any ($1) and status = 'created'
  returning order_no)
update population.payment_line set status = 'released' where order_no in (select order_no from over) and status = 'open'
"""
SERIALS = """
update population.payment_line l set serial = t.serial
from unnest($2::bigint[], $3::text[]) as t (contribution_id, serial)
where l.order_no = $1 and l.contribution_id = t.contribution_id
"""
RECEIPTS = """
insert into population.channel_receipt (channel, serial, amount, paid_on, order_no, entered_at, details)
select $1, serial, amount, $2, $3, $4, '{}' from unnest($5::text[], $6::bigint[]) as t (serial, amount)
"""


@dataclass(frozen=True, slots=True)
class Paid:
    """One row of the list, matched to a person; `contribution_id` 0 until it is known what it pays."""

    receipt: Receipt
    psn_no: str
    year: int
    contribution_id: int = 0


async def write_list(connection: Connection, target: Path, admdvs: str, year: int) -> tuple[int, int]:
    """Write who owes what in an area, as csv or xlsx by the name of `target`; returns rows and their sum in fen."""
    prefix = admdvs[:4] if admdvs.endswith("00") else admdvs
    rows = await connection.fetch(OWED, year, f"{prefix}%", dates.today())
    cells = ((*tuple(row)[:5], KINDS.get(row["kind"], row["kind"]), row["area"]) for row in rows)
    if target.suffix == ".csv":
        write_csv(target, HEADINGS, cells)
    else:
        write_sheet(target, f"{year}年度居民医保应征清册", HEADINGS, cells, note=f"{dates.today()}")
    return len(rows), sum(row["personal"] for row in rows)


async def take_list(
    connection: Connection, packs: PackBook, admdvs: str, name: str, content: bytes, actor: str
) -> FileAnswer:
    """Take who has paid, in the caller's transaction; raises `Refused` C1xx for a file that is no such table."""
    before = await known(connection, CHANNEL, "in", content)
    if before is not None:
        return before
    answers: list[RowAnswer] = []
    left: list[tuple[Receipt, Refusal]] = []
    fresh = await _fresh(connection, list(read_sheet(content, COLUMNS)), answers)
    matched = _in_season(await _matched(connection, fresh, left), admdvs, left)
    for year, day in sorted({(one.year, one.receipt.paid_on) for one in matched}):
        group = [one for one in matched if (one.year, one.receipt.paid_on) == (year, day)]
        answers += await _take_day(connection, packs, admdvs, group, actor, left)
    await keep_unallocated(connection, CHANNEL, left, f"{CHANNEL}:{sm3(content).hex()}")
    answers += [unallocated(receipt, refusal) for receipt, refusal in left]
    amounts = {one.receipt.row: one.receipt.amount for one in matched}
    paid = sum(amounts[answer.row] for answer in answers if answer.outcome == "paid")
    answers.sort(key=lambda answer: answer.row)
    found = answer_of(name, answers, paid, sum(receipt.amount for receipt, _ in left))
    await keep(connection, CHANNEL, "in", content, found)
    return found


def unallocated(receipt: Receipt, refusal: Refusal) -> RowAnswer:
    """The answer to a row whose money fits no order."""
    return RowAnswer(receipt.row, "unallocated", receipt.serial, "", refusal.code, refusal.text)


async def _fresh(connection: Connection, rows: Sequence[Row], answers: list[RowAnswer]) -> list[Row]:
    """Rows that can be read and whose serial is new; the others are answered."""
    readable = []
    for row in rows:
        if row.faults:
            answers.append(RowAnswer(row.number, "refused", "", "", row.faults[0].code, row.faults[0].text))
        else:
            readable.append(row)
    serials = [row.values["serial"] for row in readable]
    seen = {row["serial"]: row for row in await connection.fetch(SEEN, CHANNEL, serials)}
    fresh: dict[str, Row] = {}
    for row in readable:
        serial = row.values["serial"]
        if serial in seen and seen[serial]["amount"] == row.values["amount"] and seen[serial]["status"] != "reversed":
            answers.append(RowAnswer(row.number, "known", serial, seen[serial]["order_no"] or ""))
        elif serial in seen or serial in fresh or row.values["amount"] <= 0:
            text = f"流水号{serial}已用于另一笔缴费，或金额不是正数"
            answers.append(RowAnswer(row.number, "refused", serial, "", "P616", text))
        else:
            fresh[serial] = row
    return list(fresh.values())


async def _matched(connection: Connection, rows: Sequence[Row], left: list[tuple[Receipt, Refusal]]) -> list[Paid]:
    """The rows with their person; who is unknown or has another name goes to `left`."""
    found = {row["place"]: row for row in await connection.fetch(MATCH, [row.values["certno"] for row in rows])}
    matched = []
    for place, row in enumerate(rows, 1):
        values = row.values
        details = {"certno": values["certno"], "psn_name": values["psn_name"], "year": values["year"]}
        receipt = Receipt(row.number, values["serial"], values["amount"], values["paid_on"], details)
        person = found.get(place)
        if person is None:
            left.append((receipt, Refusal("P643", f"没有证件号码为{values['certno']}的人员", "请先参保登记")))
        elif person["psn_name"] != values["psn_name"]:
            left.append((receipt, Refusal("P644", f"证件号码{values['certno']}登记的姓名不同", "请核对姓名")))
        else:
            details["psn_no"] = person["psn_no"]
            matched.append(Paid(receipt, person["psn_no"], values["year"]))
    return matched


def _in_season(matched: Sequence[Paid], admdvs: str, left: list[tuple[Receipt, Refusal]]) -> list[Paid]:
    """Rows of a year that is collected on their day; the others go to `left` (P602, P616 a day to come)."""
    rules, kept = rules_of(admdvs), []
    for one in matched:
        day = one.receipt.paid_on
        if day > dates.today():
            left.append((one.receipt, Refusal("P616", f"缴费日期{day}晚于今天", "请核对缴费日期")))
        elif one.year not in (day.year, day.year + 1) or day < calendar(rules, one.year).opens:
            left.append((one.receipt, Refusal("P602", f"{day}不收{one.year}年度的保费", "请核对年度和缴费日期")))
        else:
            kept.append(one)
    return kept


async def _take_day(
    connection: Connection,
    packs: PackBook,
    admdvs: str,
    group: Sequence[Paid],
    actor: str,
    left: list[tuple[Receipt, Refusal]],
) -> list[RowAnswer]:
    """One year and day of the list as one order; one by one when somebody among them cannot be enrolled."""
    day = group[0].receipt.paid_on
    psn_nos = [one.psn_no for one in group]
    await connection.execute(LOCK, psn_nos)
    group = await _assessed(connection, packs, group, actor, left)
    payable = await _payable(connection, group, day, left)
    if not payable:
        return []
    try:
        return await _pay(connection, admdvs, payable, actor)
    except Refused:
        answers = []
        for one in payable:
            try:
                answers += await _pay(connection, admdvs, [one], actor)
            except Refused as refused:
                left.append((one.receipt, refused.refusals[0]))
        return answers


async def _assessed(
    connection: Connection, packs: PackBook, group: Sequence[Paid], actor: str, left: list[tuple[Receipt, Refusal]]
) -> Sequence[Paid]:
    """Those whose premium could be assessed; one by one when somebody among them lives where no rules are known."""
    try:
        async with connection.transaction():
            await assess(
                connection, packs, [one.psn_no for one in group], group[0].year, group[0].receipt.paid_on, actor
            )
    except Refused as refused:
        if len(group) > 1:
            found = [await _assessed(connection, packs, [one], actor, left) for one in group]
            return [one for some in found for one in some]
        left.append((group[0].receipt, refused.refusals[0]))
        return []
    return group


async def _payable(
    connection: Connection, group: Sequence[Paid], day: date, left: list[tuple[Receipt, Refusal]]
) -> list[Paid]:
    """Rows that pay exactly what their person owes; an order that the person had begun is given up for it."""
    if not group:
        return []
    psn_nos = [one.psn_no for one in group]
    rows = await connection.fetch(STANDING, psn_nos, date(group[0].year, 1, 1))
    standing = {row["psn_no"]: row for row in rows}
    against = {refusal.place: refusal for refusal in await against_enrolment(connection, psn_nos, day)}
    payable: dict[str, Paid] = {}
    for one in group:
        due = standing.get(one.psn_no) if one.psn_no not in payable else None
        reason = against.get(one.psn_no) or _not_payable(one, due)
        if reason is not None:
            left.append((one.receipt, reason))
        else:
            assert due is not None
            payable[one.psn_no] = Paid(one.receipt, one.psn_no, one.year, due["contribution_id"])
    begun = [row["order_no"] for row in rows if row["status"] == "created" and row["psn_no"] in payable]
    await connection.execute(GIVE_UP, begun)
    return list(payable.values())


def _not_payable(one: Paid, due: Any) -> Refusal | None:
    """Why a row does not pay what its person owes. Pure."""
    if due is None:
        text = f"人员{one.psn_no}没有{one.year}年度应缴的居民医保费，可能重复缴费"
        return Refusal("P606", text, "请核对后退费", one.psn_no)
    if due["status"] == "reported":
        return Refusal("P608", f"人员{one.psn_no}的缴费已由订单{due['order_no']}报缴", "请核对后退费", one.psn_no)
    if due["personal"] != one.receipt.amount:
        text = f"缴费{yuan_text(one.receipt.amount)}元，应缴{yuan_text(due['personal'])}元"
        return Refusal("P612", text, "请核对身份标识和缴费时间", one.psn_no)
    return None


async def _pay(connection: Connection, admdvs: str, payable: Sequence[Paid], actor: str) -> list[RowAnswer]:
    """One order over these rows, paid on their day."""
    day = payable[0].receipt.paid_on
    identifiers = [one.contribution_id for one in payable]
    serials = [one.receipt.serial for one in payable]
    amounts = [one.receipt.amount for one in payable]
    async with connection.transaction():
        order = await create_order(connection, NewOrder(CHANNEL, admdvs, tuple(identifiers)), actor)
        await connection.execute(SERIALS, order.order_no, identifiers, serials)
        await connection.execute(RECEIPTS, CHANNEL, day, order.order_no, dates.now(), serials, amounts)
        await take_payment(connection, order, CHANNEL, datetime.combine(day, time()), actor)
    return [RowAnswer(one.receipt.row, "paid", one.receipt.serial, order.order_no) for one in payable]
