"""Transfers between areas (转移接续): out of this city and into it, within 15 working days, with a certificate file.

    out:  ask_out → send (certificate, the account's money leaves) → merged, when the other area says so
    in:   ask_in → receive (the other area's certificate) → merge (days, months and money count here) | refuse

Each function is one step in the caller's transaction. Other areas are reached through `neighbours.adapter`; their
answers are taken by `transfer_exchange.collect`, or by hand as files. Merged days continue waiting and retirement as if
they had been here.
Refusals: E101 enrolled still, E102 nothing to transfer, E103 no such transfer or other state, E104 checksum,
E105 another person, E106 asked before, E107 unreadable, E108 account frozen, E109 certificate received before.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from asyncpg.exceptions import UniqueViolationError

from yibao.core.crypto import sm3_hex
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.core.months import first_day, last_day, month_of
from yibao.ledger.actions import book
from yibao.ledger.entry import Entry, Posting
from yibao.population.accounts import OPEN, account_of
from yibao.population.enrolment.persons import locked
from yibao.population.entitlement import coverage, neighbours
from yibao.population.entitlement.certificates import Certificate, Period, certificate_file, read_certificate
from yibao.population.entitlement.paid_days import RESIDENT, History
from yibao.population.entitlement.service_months import months_here, runs
from yibao.population.events import Event, note
from yibao.population.rules import rules_of
from yibao.population.working_days import after_working_days

AREA = """
select insu_admdvs, psn_insu_stas, enddate, psn_insu_rlts_id from population.enrolment
where psn_no = $1 and insutype = $2 and psn_insu_stas <> '3' order by begndate desc, psn_insu_rlts_id desc limit 1
"""
ASK = """
insert into population.transfer (transfer_no, direction, psn_no, insutype, other_admdvs, state, requested_on, due_on)
values ('T' || nextval('population.transfer_no'), $1, $2, $3, $4, 'requested', $5, $6) returning transfer_no
"""
ONE = """
select transfer_no, direction, psn_no, insutype, other_admdvs, state, requested_on, due_on, finished_on, balance,
       certificate, reason
from population.transfer where transfer_no = $1 for no key update
"""
MOVE_ON = """
update population.transfer set state = $2, certificate = coalesce($3, certificate), digest = coalesce($4, digest),
  balance = coalesce($5, balance), finished_on = $6, reason = $7 where transfer_no = $1
"""
INSURED = """
insert into population.insured_elsewhere (psn_no, insutype, begndate, enddate, months, transfer_no)
select $1, $2, * from unnest($3::date[], $4::date[], $5::int[]), (values ($6::text)) as t (transfer_no)
on conflict (psn_no, insutype, begndate) do update
set enddate = excluded.enddate, months = excluded.months, transfer_no = excluded.transfer_no
"""
MOVE_MONEY = "select balance_after from population.move_accounts(array[$1], array[$2::bigint], $3, $4)"
USED = """
select exists (select from population.transfer where direction = 'in' and state in ('received', 'merged')
               and certificate ->> 'from_admdvs' = $1 and certificate ->> 'transfer_no' = $2)
"""
OVERDUE = """
select transfer_no, direction, psn_no, insutype, other_admdvs, state, requested_on, due_on, finished_on, balance,
       certificate, reason
from population.transfer where state in ('requested', 'sent', 'received') and due_on < $1 order by due_on, transfer_no
"""
OF_PERSON = OVERDUE.replace("state in ('requested', 'sent', 'received') and due_on < $1", "psn_no = $1")


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer as it stands; `balance` fen, `due_on` the last working day of the term."""

    transfer_no: str
    direction: str
    psn_no: str
    insutype: str
    other_admdvs: str
    state: str
    requested_on: date
    due_on: date
    finished_on: date | None
    balance: int
    certificate: dict[str, Any]
    reason: str


async def ask_out(connection: Connection, psn_no: str, insutype: str, to_admdvs: str, day: date, actor: str) -> str:
    """Somebody moves away: open the transfer; returns transfer_no. Raises `Refused` P106, E101, E102, E106."""
    await locked(connection, psn_no)
    known = await _gone(connection, psn_no, insutype, day)
    return await _ask(connection, "out", (psn_no, insutype, to_admdvs), known["insu_admdvs"], day, actor)


async def send(connection: Connection, transfer_no: str, day: date, actor: str) -> bytes:
    """Issue the certificate and let the account's money leave; returns the file. Raises `Refused` E101–E103, E108."""
    transfer = await _in_state(connection, transfer_no, "out", "requested")
    person = await locked(connection, transfer.psn_no)
    known = await _gone(connection, transfer.psn_no, transfer.insutype, day)
    history = await coverage.history_of(connection, transfer.psn_no)
    periods = periods_of(history, transfer.insutype, day)
    if not periods:
        raise Refused(Refusal("E102", "该人员没有可以转出的缴费记录", "请核对险种", "insutype"))
    balance = await _take_balance(connection, transfer, day) if transfer.insutype != RESIDENT else 0
    certificate = Certificate(
        transfer_no=transfer_no,
        psn_cert_type=person["psn_cert_type"],
        certno=person["certno"],
        psn_name=person["psn_name"],
        insutype=transfer.insutype,
        from_admdvs=known["insu_admdvs"],
        to_admdvs=transfer.other_admdvs,
        issued_on=day,
        periods=periods,
        months=sum(period.months for period in periods),
        balance=balance,
    )
    file = certificate_file(certificate)
    await _move_on(connection, transfer, "sent", certificate, file, balance=balance)
    await neighbours.adapter.hand_over(connection, transfer_no, transfer.other_admdvs, file, day)
    await _note(connection, transfer, "transfer_sent", day, actor, {"months": certificate.months, "balance": balance})
    return file


async def ask_in(connection: Connection, psn_no: str, insutype: str, from_admdvs: str, day: date, actor: str) -> str:
    """Somebody moves here: open the transfer; returns transfer_no. Raises `Refused` P106, E102, E106."""
    await locked(connection, psn_no)
    known = await connection.fetchrow(AREA, psn_no, insutype)
    if known is None:
        raise Refused(Refusal("E102", "该人员在本地尚未参加该险种", "请先在本地办理参保登记", "insutype"))
    number = await _ask(connection, "in", (psn_no, insutype, from_admdvs), known["insu_admdvs"], day, actor)
    await neighbours.adapter.ask(connection, number, from_admdvs, day)
    return number


async def receive(connection: Connection, transfer_no: str, file: bytes, day: date, actor: str) -> Certificate:
    """Take the other area's certificate. Raises `Refused` E103, E104, E105, E107, E109."""
    transfer = await _in_state(connection, transfer_no, "in", "requested")
    certificate = read_certificate(file)
    person = await locked(connection, transfer.psn_no)
    home = await connection.fetchrow(AREA, transfer.psn_no, transfer.insutype)
    wrong = _against_certificate(transfer, certificate, person, home["insu_admdvs"])
    if await connection.fetchval(USED, certificate.from_admdvs, certificate.transfer_no):
        text = f"转出地{certificate.from_admdvs}的转移{certificate.transfer_no}已接收过，不能重复计算"
        wrong.append(Refusal("E109", text, "请核对是否已办理转入", "transfer_no"))
    if wrong:
        raise Refused(*wrong)
    await _move_on(connection, transfer, "received", certificate, file, balance=certificate.balance)
    await _note(connection, transfer, "transfer_received", day, actor, {"months": certificate.months})
    return certificate


async def merge(connection: Connection, transfer_no: str, day: date, actor: str) -> None:
    """Let the certificate count here: days, months and the account's money. Raises `Refused` E103."""
    transfer = await _in_state(connection, transfer_no, "in", "received")
    certificate = msgspec.convert(transfer.certificate, Certificate)
    periods = certificate.periods
    await connection.execute(
        INSURED,
        transfer.psn_no,
        transfer.insutype,
        [period.begndate for period in periods],
        [period.enddate for period in periods],
        [period.months for period in periods],
        transfer_no,
    )
    if certificate.balance:
        await connection.execute(OPEN, transfer.psn_no)
        await connection.fetchval(MOVE_MONEY, transfer.psn_no, certificate.balance, "transfer_in", transfer_no)
        await book(connection, _entry(transfer, "transfer_in", certificate.balance, day))
    await _move_on(connection, transfer, "merged", finished_on=day)
    await neighbours.adapter.tell(connection, transfer_no, transfer.other_admdvs, "merged", day)
    details = {"months": certificate.months, "balance": certificate.balance}
    await _note(connection, transfer, "transferred_in", day, actor, details)
    await coverage.refresh(connection, [transfer.psn_no])


async def finish_out(connection: Connection, transfer_no: str, day: date, actor: str) -> None:
    """The other area has merged what was sent. Raises `Refused` E103."""
    transfer = await _in_state(connection, transfer_no, "out", "sent")
    await _move_on(connection, transfer, "merged", finished_on=day)
    await _note(connection, transfer, "transferred_out", day, actor, {"balance": transfer.balance})


async def refuse(connection: Connection, transfer_no: str, day: date, actor: str, reason: str) -> None:
    """End a transfer without effect; money that had left comes back. Raises `Refused` E103."""
    transfer = await _in_state(connection, transfer_no, "", "requested", "sent", "received")
    if transfer.state == "sent" and transfer.balance:
        await connection.fetchval(MOVE_MONEY, transfer.psn_no, transfer.balance, "transfer_back", transfer_no)
        await book(connection, _entry(transfer, "transfer_back", transfer.balance, day))
    await _move_on(connection, transfer, "refused", finished_on=day, reason=reason)
    await neighbours.adapter.tell(connection, transfer_no, transfer.other_admdvs, "refused", day, reason)
    await _note(connection, transfer, "transfer_refused", day, actor, {}, reason)


async def overdue(connection: Connection, day: date) -> list[Transfer]:
    """Transfers whose term of working days is over on `day`, the oldest first."""
    return [Transfer(**row) for row in await connection.fetch(OVERDUE, day)]


async def transfers_of(connection: Connection, psn_no: str) -> list[Transfer]:
    """A person's transfers, by the end of their term."""
    return [Transfer(**row) for row in await connection.fetch(OF_PERSON, psn_no)]


def periods_of(history: History, insutype: str, day: date) -> tuple[Period, ...]:
    """Unbroken runs of months insured here and, by earlier certificates, elsewhere, up to `day`. Pure."""
    months = months_here(history, insutype, day)
    for row in history.elsewhere:
        if row.insutype == insutype:
            months |= set(range(month_of(row.begndate), month_of(row.enddate) + 1))
    found = runs(sorted(month for month in months if month <= month_of(day)))
    return tuple(Period(first_day(a), min(last_day(b), day), b - a + 1) for a, b in found)


def _against_certificate(transfer: Transfer, certificate: Certificate, person: Any, home: str) -> list[Refusal]:
    reasons = []
    named = (certificate.psn_cert_type, certificate.certno, certificate.psn_name)
    if named != (person["psn_cert_type"], person["certno"], person["psn_name"]):
        text = f"参保凭证是{certificate.psn_name}的，与申请人{person['psn_name']}不是同一人"
        reasons.append(Refusal("E105", text, "请核对证件号码和姓名", "certno"))
    way = (certificate.insutype, certificate.from_admdvs[:4], certificate.to_admdvs[:4])
    if way != (transfer.insutype, transfer.other_admdvs[:4], home[:4]):
        text = f"参保凭证的险种、转出地或转入地与转移申请{transfer.transfer_no}不一致"
        reasons.append(Refusal("E105", text, "请核对险种、转出地和转入地", "insutype"))
    return reasons


async def _gone(connection: Connection, psn_no: str, insutype: str, day: date) -> Any:
    """The newest enrolment of somebody who is not enrolled here any more; raises `Refused` E101, E102."""
    known = await connection.fetchrow(AREA, psn_no, insutype)
    if known is None:
        raise Refused(Refusal("E102", "该人员在本地没有该险种的参保记录", "请核对险种", "insutype"))
    if known["psn_insu_stas"] == "1" and (known["enddate"] is None or known["enddate"] >= day):
        raise Refused(Refusal("E101", "该人员在本地仍正常参保，不能转出", "请先办理停保或终止参保", "psn_no"))
    return known


async def _ask(
    connection: Connection, direction: str, what: tuple[str, str, str], home: str, day: date, actor: str
) -> str:
    psn_no, insutype, other = what
    due_on = after_working_days(day, rules_of(home).on("transfer_working_days", day))
    try:
        async with connection.transaction():
            number: str = await connection.fetchval(ASK, direction, psn_no, insutype, other, day, due_on)
    except UniqueViolationError as error:
        raise Refused(Refusal("E106", "该人员已有办理中的转移接续", "请在原申请上办理", "psn_no")) from error
    details = {"transfer_no": number, "insutype": insutype, "other_admdvs": other, "due_on": due_on}
    await note(connection, Event(psn_no, f"transfer_{direction}_asked", day, actor, "", details))
    return number


async def _in_state(connection: Connection, transfer_no: str, direction: str, *states: str) -> Transfer:
    row = await connection.fetchrow(ONE, transfer_no)
    transfer = Transfer(**row) if row is not None else None
    if transfer is None or transfer.state not in states or direction not in ("", transfer.direction):
        raise Refused(
            Refusal(
                "E103", f"转移接续{transfer_no}不存在或当前状态不能办理此步骤", "请核对转移编号和状态", "transfer_no"
            )
        )
    return transfer


async def _take_balance(connection: Connection, transfer: Transfer, day: date) -> int:
    """Empty the personal account towards the other area; returns what it held."""
    account = await account_of(connection, transfer.psn_no)
    if account is None or account.balance == 0:
        return 0
    if account.frozen:
        raise Refused(Refusal("E108", "个人账户已冻结，不能转出", "请先解除冻结", "psn_no"))
    await connection.fetchval(MOVE_MONEY, transfer.psn_no, -account.balance, "transfer_out", transfer.transfer_no)
    await book(connection, _entry(transfer, "transfer_out", account.balance, day))
    return account.balance


def _entry(transfer: Transfer, kind: str, balance: int, day: date) -> Entry:
    """Money of a personal account to or from another area."""
    other = "transfers.receivable" if kind == "transfer_in" else "transfers.payable"
    amount = balance if kind == "transfer_out" else -balance
    postings = (
        Posting("personal_account.balances", amount, transfer.psn_no),
        Posting(other, -amount, transfer.other_admdvs),
    )
    return Entry(day, kind, transfer.transfer_no, f"个人账户转移接续 {transfer.transfer_no}", postings)


async def _move_on(
    connection: Connection,
    transfer: Transfer,
    state: str,
    certificate: Certificate | None = None,
    file: bytes | None = None,
    *,
    balance: int | None = None,
    finished_on: date | None = None,
    reason: str = "",
) -> None:
    content = msgspec.to_builtins(certificate) if certificate is not None else None
    digest = sm3_hex(file) if file is not None else None
    await connection.execute(MOVE_ON, transfer.transfer_no, state, content, digest, balance, finished_on, reason)


async def _note(
    connection: Connection,
    transfer: Transfer,
    kind: str,
    day: date,
    actor: str,
    details: dict[str, Any],
    reason: str = "",
) -> None:
    told = {"transfer_no": transfer.transfer_no, "other_admdvs": transfer.other_admdvs, **details}
    await note(connection, Event(transfer.psn_no, kind, day, actor, reason, told))
