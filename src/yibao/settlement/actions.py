"""Settling: one public function is one transaction.

    presettle   trial: computes and writes nothing
    settle      open_case (lock, read) → lines → assess (pure) → one write → commit

A repeated msgid gets its stored reply.
A settlement makes at most five round trips to the database: begin, open_case, lines, write, commit.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from asyncpg.exceptions import PostgresError, UniqueViolationError

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.core.inbox import Message, reply_of_twin
from yibao.directory.model import Institution
from yibao.population.model import Enrolment
from yibao.settlement.assessment import Assessment, assess, entitled_enrolment
from yibao.settlement.booking import postings_of
from yibao.settlement.case import Case, open_case
from yibao.settlement.facts import facts_of
from yibao.settlement.fee_lines import check_refunds, open_lines
from yibao.settlement.marks import NewLines, marked
from yibao.settlement.model import PricedLine, Settled, SettlementRequest
from yibao.settlement.pricing import check_lines, classified, items_of, key_of, price_line
from yibao.settlement.services import Services
from yibao.settlement.visits import check_kind, check_visit, refuse
from yibao.settlement.writing import Writing, new_visit_row, write_sale, write_visit_settlement

Render = Callable[[Settled], bytes]
PHARMACY = "2"  # fixmedins_type
ACCOUNT_REFUSALS = {
    "YB301": Refusal("S401", "个人账户已冻结", "请改用现金支付或先解冻", "acct_used_flag"),
    "YB302": Refusal("S402", "个人账户余额不足", "请重新预结算后再结算", "acct_used_flag"),
    "YB303": Refusal("S403", "个人账户不存在", "请改用现金支付", "acct_used_flag"),
}


async def presettle(services: Services, request: SettlementRequest) -> Settled:
    """A trial of the settlement: same computation, nothing written, nothing locked."""
    async with services.database.connection() as connection:
        case = await open_case(connection, request.psn_no, None, request.mdtrt_id, care_day(request), lock=False)
        prepared = await prepare(services, connection, case, request)
    return Settled(bill=prepared.assessment.bill, person=case.facts.person, lines=prepared.assessment.lines)


async def settle(services: Services, request: SettlementRequest, message: Message, render: Render) -> bytes:
    """Settle, durably and once: returns the reply that `render` makes of it, or the reply stored for this msgid."""
    try:
        async with services.database.transaction() as connection:
            case = await open_case(connection, request.psn_no, message, request.mdtrt_id, care_day(request), lock=True)
            if case.reply is not None:
                return case.reply
            return await settle_case(services, connection, case, request, message, render)
    except UniqueViolationError as error:
        return await reply_of_twin(services.database, message, error)
    except PostgresError as error:
        raise account_refusal(error) from error


async def settle_case(
    services: Services, connection: Connection, case: Case, request: SettlementRequest, message: Message, render: Render
) -> bytes:
    prepared = await prepare(services, connection, case, request)
    bill = msgspec.structs.replace(prepared.assessment.bill, medins_setl_id=message.msgid)
    assessment = prepared.assessment
    reply = render(Settled(bill=bill, person=case.facts.person, lines=assessment.lines))
    postings = postings_of(bill.funds, assessment.accounts, bill.fixmedins_code)
    writing = Writing(bill, case.entry_id, postings, assessment.accounts, case.totals, message, reply)
    if request.opening is not None:
        await write_sale(connection, writing, {**prepared.visit, "status": "settled"}, assessment.lines)
    else:
        status = prepared.visit["status"] if request.mid_setl_flag == "1" else "settled"
        end = assessment.end if status == "settled" else None
        await write_visit_settlement(connection, writing, status, end, prepared.numbers, assessment.lines)
    return reply


class Prepared(msgspec.Struct, frozen=True):
    """A computed bill with the visit it is for and the numbers (bkkp_sn) of the lines that stand already."""

    assessment: Assessment
    visit: Mapping[str, Any]
    numbers: tuple[int, ...]


async def prepare(services: Services, connection: Connection, case: Case, request: SettlementRequest) -> Prepared:
    """Check visit and entitlement, gather the lines, compute. Raises `Refused`."""
    institution = await services.directory.institution(request.fixmedins_code, connection)
    if request.opening is not None:
        visit = sale_visit(request, institution)
    else:
        check_visit(case.visit, request.mdtrt_id, request.psn_no, request.fixmedins_code, *request.statuses)
        assert case.visit is not None
        visit = visit_as_asked(case.visit, request)
    enrolment = entitled_enrolment(case, institution, visit, begin_day(visit))
    assert institution is not None
    pack = services.packs.pack_of(enrolment.insu_admdvs)
    if request.opening is not None:
        visit = {**visit, **insured_columns(enrolment), "mdtrt_id": case.mdtrt_id}
        numbers: tuple[int, ...] = ()
        lines = await sale_lines(services, connection, request, enrolment, institution)
        if services.review is not None:
            facts = facts_of(case, enrolment, visit, institution, case.on_date)
            new = NewLines(
                case.facts.person, visit, institution, classified(pack, facts, case.on_date, lines), alone=True
            )
            lines = await marked(services.review, connection, new, {})
    else:
        numbers, lines = await open_lines(connection, request.mdtrt_id, request.chrg_bchno, request.again)
    assessment = assess(pack, case, request, visit, enrolment, institution, lines, dates.now())
    return Prepared(assessment, visit, numbers)


def visit_as_asked(visit: Mapping[str, Any], request: SettlementRequest) -> dict[str, Any]:
    """The visit with what only the settling message says: a third party, and the kind of care where 2203 said none."""
    if request.insutype not in ("", visit["insutype"]):
        text = f"险种类型{request.insutype}与就诊登记的{visit['insutype']}不同"
        raise refuse("S105", text, "请按登记时的险种结算，或撤销登记后重新登记", "insutype")
    changes = {"ttp_pay_flag": "1"} if request.ttp_pay_flag == "1" else {}
    if request.med_type in ("", visit["med_type"]):
        return {**visit, **changes}
    if visit["status"] != "open" or (visit["details"] or {}).get("described"):
        text = f"医疗类别{request.med_type}与就诊登记的{visit['med_type']}不同"
        raise refuse("S105", text, "一次就诊只有一个医疗类别，请用2203更正就诊信息或更正本交易", "med_type")
    check_kind(request.med_type, bed=False)
    return {**visit, **changes, "med_type": request.med_type}


def care_day(request: SettlementRequest) -> Any:
    """Day of care of a sale; None lets the database take it from the visit."""
    return request.opening.begntime.date() if request.opening else None


def begin_day(visit: Mapping[str, Any]) -> Any:
    begin = visit["begntime"]
    return (begin if not isinstance(begin, str) else dates.from_text(begin)).date()


def sale_visit(request: SettlementRequest, institution: Institution | None) -> dict[str, Any]:
    assert request.opening is not None
    if institution is not None and institution.fixmedins_type != PHARMACY:
        text = f"{institution.fixmedins_name}是医疗机构，不能按定点药店购药结算"
        raise refuse("P216", text, "请用2201至2207或2401至2304办理", "fixmedins_code")
    level = institution.level if institution else 9
    return new_visit_row(request.opening, hosp_lv=level, endtime=request.opening.begntime)


def insured_columns(enrolment: Enrolment) -> dict[str, Any]:
    return {
        "psn_type": enrolment.psn_type,
        "insu_admdvs": enrolment.insu_admdvs,
        "insutype": enrolment.insutype,
    }


async def sale_lines(
    services: Services,
    connection: Connection,
    request: SettlementRequest,
    enrolment: Enrolment,
    institution: Institution,
) -> tuple[PricedLine, ...]:
    assert request.opening is not None
    day = request.opening.begntime
    items = await items_of(services, connection, enrolment, request.lines)
    check_lines(request.lines, items, day, day)
    if faults := check_refunds(request.lines):
        raise Refused(*faults)
    return tuple(price_line(line, items[key_of(line)], enrolment.insutype, institution.level) for line in request.lines)


def account_refusal(error: PostgresError) -> Exception:
    """The refusal that population.move_accounts reports by its SQL state, else the error itself."""
    refusal = ACCOUNT_REFUSALS.get(getattr(error, "sqlstate", ""))
    return Refused(refusal) if refusal else error
