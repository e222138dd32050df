"""Reconciliation (对账): 3201 by totals, 3202 line by line from a file, 3203 clearing application, 3204 its withdrawal.

Periods are days counted by the settlement time. A cancelled settlement counts twice, positive and negative. The file
of 3202 is a zip of tab-separated text without a head line, columns in the order of `SENT`; the answer is such a file
with the columns of `ANSWERED`, result 0 equal, 1 only at the centre, 2 only at the institution, 3 different.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from yibao.core import dates
from yibao.core.errors import Refusal, Refused
from yibao.core.money import fen_from_yuan, yuan_from_fen
from yibao.gateway import reading
from yibao.gateway.fields import fen, time_text
from yibao.gateway.files import find_file, keep_file, unzipped, zipped
from yibao.gateway.registry import Call, Output, transaction

SENT = ("setl_id", "mdtrt_id", "psn_no", "medfee_sumamt", "fund_pay_sumamt", "acct_pay", "refd_setl_flag")
ANSWERED = (
    "psn_no", "mdtrt_id", "setl_id", "msgid", "stmt_rslt", "refd_setl_flag", "memo", "medfee_sumamt",
    "fund_pay_sumamt", "acct_pay",
)  # fmt: skip
AMOUNTS = ("medfee_sumamt", "fund_pay_sumamt", "acct_pay")
TITLES = {"medfee_sumamt": "医疗费总额", "fund_pay_sumamt": "基金支付总额", "acct_pay": "个人账户支付金额"}
LARGEST_TEXT = 64 * 1024 * 1024
LARGEST_EXPONENT = 13
KEPT_DAYS = 7
EQUAL, CENTRE_ONLY, INSTITUTION_ONLY, DIFFERENT = "0", "1", "2", "3"
APPLY = """
insert into gateway.document (infno, fixmedins_code, reference, status, content)
values ('3203', $1, nextval('gateway.clearing_no')::text, '10', $2::jsonb) returning reference
"""
WITHDRAW = """
update gateway.document set status = '0'
where infno = '3203' and fixmedins_code = $1 and reference = $2 and status = '10' returning reference
"""
Row = dict[str, Any]


@transaction("3201")
async def by_totals(call: Call) -> Output:
    """3201: the institution's totals against the platform's; stmt_rslt 0 equal, 1 not."""
    row = call.nodes["data"]
    async with call.database.connection() as connection:
        ours = await connection.fetchrow(
            reading.RECONCILIATION,
            call.institution,
            row["stmt_begndate"],
            row["stmt_enddate"],
            row.get("insutype", ""),
            row["clr_type"],
            row.get("refd_setl_flag", ""),
        )
    differences = [
        f"{title}平台{yuan_from_fen(ours[name])}元、机构{row[name]}元"
        for name, title in TITLES.items()
        if ours[name] != fen(row[name])
    ]
    if ours["bills"] != row["fixmedins_setl_cnt"]:
        differences.append(f"结算笔数平台{ours['bills']}笔、机构{row['fixmedins_setl_cnt']}笔")
    return {
        "stmtinfo": {
            "setl_optins": row["setl_optins"],
            "stmt_rslt": "1" if differences else "0",
            "stmt_rslt_dscr": "；".join(differences) or "平",
        }
    }


@transaction("3202", writes=True)
async def line_by_line(call: Call) -> Output:
    """3202: every settlement of the uploaded file against the platform's; the answer is a file for 9102."""
    row = call.nodes["data"]
    file = await find_file(call.connection, row["file_qury_no"], call.institution)
    if file is None:
        advice = "请先用9101上传对账文件"
        raise Refused(Refusal("G032", f"没有文件查询号{row['file_qury_no']}的文件", advice, "data.file_qury_no"))
    theirs = read_file(file.content)
    flag = row.get("refd_setl_flag", "")
    period = (row["stmt_begndate"], row["stmt_enddate"])
    found = await call.connection.fetch(reading.BILLS, call.institution, *period, row["clr_type"], flag)
    answer = compare({bill["setl_id"]: dict(bill) for bill in found}, theirs)
    until = dates.now() + timedelta(days=KEPT_DAYS)
    name = f"3202_{call.institution}_{until:%Y%m%d%H%M%S}"
    content = zipped(f"{name}.txt", written_file(answer))
    number = await keep_file(call.connection, call.institution, f"{name}.zip", content, until)
    return {"fileinfo": {"file_qury_no": number, "filename": f"{name}.zip", "dld_endtime": time_text(until)}}


def read_file(content: bytes) -> list[Row]:
    """Rows of the institution's file, amounts as fen; raises `Refused` G039 naming the first bad line."""
    try:
        text = unzipped(content, LARGEST_TEXT)
    except ValueError as error:
        advice = "请上传zip文件，内含一个UTF-8编码的txt"
        raise Refused(Refusal("G039", "对账文件不能读取", advice, "data.file_qury_no")) from error
    rows = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        cells = ["" if cell == "null" else cell.strip() for cell in line.split("\t")]
        try:
            row: Row = dict(zip(SENT, cells, strict=True))
            rows.append(row | {name: amount_of(row[name]) for name in AMOUNTS})
        except (ValueError, InvalidOperation) as error:
            advice = f"每行应有{len(SENT)}列，用制表符分隔：{'、'.join(SENT)}"
            raise Refused(Refusal("G039", f"对账文件第{number}行不能读取", advice, "data.file_qury_no")) from error
    return rows


def amount_of(cell: str) -> int:
    """A cell of the file as fen; `ValueError` beyond the sixteen digits of an amount (1e999999 fills the memory)."""
    value = Decimal(cell or 0)
    if value.is_finite() and value.adjusted() > LARGEST_EXPONENT:
        raise ValueError(cell[:20])
    return fen_from_yuan(value)


def compare(ours: Mapping[str, Row], theirs: Iterable[Row]) -> list[Row]:
    """One row per settlement of either side, with its result. Pure."""
    answer = []
    seen = set()
    for row in theirs:
        known = ours.get(row["setl_id"])
        seen.add(row["setl_id"])
        if known is None:
            answer.append(row | {"msgid": "", "stmt_rslt": INSTITUTION_ONLY, "memo": "平台没有该结算"})
            continue
        wrong = [TITLES[name] for name in AMOUNTS if known[name] != row[name]]
        wrong += ["人员或就诊"] if (known["psn_no"], known["mdtrt_id"]) != (row["psn_no"], row["mdtrt_id"]) else []
        memo = f"{'、'.join(wrong)}不一致" if wrong else ""
        answer.append(known | {"stmt_rslt": DIFFERENT if wrong else EQUAL, "memo": memo})
    missing = (bill for setl_id, bill in ours.items() if setl_id not in seen)
    return answer + [bill | {"stmt_rslt": CENTRE_ONLY, "memo": "机构文件中没有该结算"} for bill in missing]


def written_file(rows: Iterable[Row]) -> bytes:
    """The answer as tab-separated text."""

    def cell(row: Row, name: str) -> str:
        value = yuan_from_fen(row[name]) if name in AMOUNTS else row.get(name)
        return "null" if value in (None, "") else str(value)

    return "".join("\t".join(cell(row, name) for name in ANSWERED) + "\n" for row in rows).encode()


@transaction("3203", writes=True)
async def apply_for_clearing(call: Call) -> Output:
    """3203: the institution applies for the clearing of a period; its totals must be the platform's (G034)."""
    row = call.nodes["data"]
    period = (row["begndate"], row["enddate"])
    ours = await call.connection.fetchrow(reading.RECONCILIATION, call.institution, *period, "", row["clr_type"], "")
    pairs = {"medfee_sumamt": "medfee_sumamt", "fund_pay_sumamt": "fund_appy_sum", "acct_pay": "acct_pay"}
    refusals = [
        Refusal(
            "G034",
            f"{TITLES[name]}与平台不符：平台{yuan_from_fen(ours[name])}元，申请{row[sent]}元",
            "请先用3201、3202对账",
            f"data.{sent}",
        )
        for name, sent in pairs.items()
        if ours[name] != fen(row[sent])
    ]
    if refusals:
        raise Refused(*refusals)
    number = await call.connection.fetchval(APPLY, call.institution, call.envelope.input())
    call.reference = number
    return {"result": {"clr_appy_evt_id": number}}


@transaction("3204", writes=True)
async def withdraw_application(call: Call) -> Output:
    """3204: an application that the centre has not taken up is withdrawn."""
    number = call.nodes["data"]["clr_appy_evt_id"]
    if await call.connection.fetchval(WITHDRAW, call.institution, number) is None:
        text = f"没有可撤销的清算申请{number}"
        raise Refused(Refusal("G036", text, "请核对申请事件ID，已受理的申请不能撤销", "data.clr_appy_evt_id"))
    return {}
