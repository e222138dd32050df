"""Fee lines that stand before a settlement: uploaded (2204, 2301), removed (2205, 2302), read for settling."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.settlement.marks import Mark
from yibao.settlement.model import FeeLine, PricedLine
from yibao.settlement.pricing import fault_at
from yibao.settlement.visits import refuse
from yibao.settlement.writing import LINE_COLUMNS, line_parameters, names, placeholders

INSERT = f"""
insert into settlement.fee_line (mdtrt_id, {names(LINE_COLUMNS)})
select $1, * from unnest({placeholders(LINE_COLUMNS, 2, "[]")})
"""
OPEN_LINES = """
select * from settlement.fee_line
where mdtrt_id = $1 and setl_id is null and not cancelled and ($2::text is null or chrg_bchno = $2)
  and (cardinality($3::text[]) = 0 or feedetl_sn = any($3))
order by bkkp_sn
"""
KNOWN = """
select feedetl_sn, setl_id from settlement.fee_line
where mdtrt_id = $1 and not cancelled
  and feedetl_sn = any($2::text[])
"""
ORIGINALS = """
select feedetl_sn, det_item_fee_sumamt, init_feedetl_sn, med_list_codg, pric, hosp_appr_flag, mark, mark_reason
from settlement.fee_line
where mdtrt_id = $1 and not cancelled and (feedetl_sn = any($2::text[]) or init_feedetl_sn = any($2::text[]))
"""
REMOVE = """
delete from settlement.fee_line
where mdtrt_id = $1 and setl_id is null and not cancelled
  and ($2::text[] is null or feedetl_sn = any($2)) and ($3::text is null or chrg_bchno = $3)
returning feedetl_sn
"""
KEPT_BY_REFUND = ("med_list_codg", "pric", "hosp_appr_flag")
ALL = "0000"
"""Batch or line number that means: every unsettled line of the visit."""


async def open_lines(
    connection: Connection, mdtrt_id: str, chrg_bchno: str | None, only: Sequence[str] = ()
) -> tuple[tuple[int, ...], tuple[PricedLine, ...]]:
    """Unsettled lines of a visit, of one charge batch or `only` some when given: numbers and what stands in them."""
    rows = await connection.fetch(OPEN_LINES, mdtrt_id, chrg_bchno or None, list(only))
    return tuple(row["bkkp_sn"] for row in rows), tuple(priced_line(row) for row in rows)


PRICED_COLUMNS = (
    "med_chrgitm_type", "chrgitm_lv", "selfpay_prop", "pric_uplmt_amt", "lmt_used_flag", "fulamt_ownpay_amt",
    "overlmt_selfpay", "preselfpay_amt", "inscp_amt", "mark", "mark_reason",
)  # fmt: skip


def priced_line(row: Any) -> PricedLine:
    """A row of settlement.fee_line as a priced line."""
    details = dict(row["details"])
    said = details.pop("catalogue", {})
    sent = {name: row[name] for name in FeeLine.__struct_fields__} | {"details": details}
    return PricedLine(fee=FeeLine(**sent), **{name: row[name] for name in PRICED_COLUMNS}, **said)


async def add_lines(connection: Connection, mdtrt_id: str, lines: Sequence[PricedLine]) -> None:
    """Write uploaded lines that `check_new` let pass."""
    await connection.execute(INSERT, mdtrt_id, *line_parameters(lines))


async def check_new(connection: Connection, mdtrt_id: str, lines: Sequence[FeeLine]) -> dict[str, Mark]:
    """The marks of standing lines that refunds name; S201 for a known number, S206, S207, S209 for bad refunds."""
    known = {
        row["feedetl_sn"]: row for row in await connection.fetch(KNOWN, mdtrt_id, [line.feedetl_sn for line in lines])
    }
    faults = []
    for row, line in enumerate(lines, 1):
        if line.feedetl_sn in known:
            settled = known[line.feedetl_sn]["setl_id"]
            what = f"已在结算 {settled} 中" if settled else "已上传"
            faults.append(
                fault_at(
                    row,
                    "S201",
                    f"明细流水号 {line.feedetl_sn} {what}",
                    "新明细请用新的流水号；重传请先撤销（2205/2302）",
                )
            )
    wanted = [line.init_feedetl_sn for line in lines if line.init_feedetl_sn]
    standing = await connection.fetch(ORIGINALS, mdtrt_id, wanted) if wanted else ()
    faults += check_refunds(lines, standing)
    if faults:
        raise Refused(*faults)
    return {row["feedetl_sn"]: Mark(row["mark"], row["mark_reason"]) for row in standing if row["mark"]}


def check_refunds(lines: Sequence[FeeLine], standing: Iterable[Any] = ()) -> list[Refusal]:
    """What is wrong with the refund lines (negative) of a message.

    A refund names its original (S206), in the message or `standing` before, gives back no more than that still holds
    (S207), and is of the same item, price and approval (S209): else money would move between the portions of a bill.
    """
    originals: dict[str, tuple[Any, ...]] = {}
    left: dict[str, int] = {}
    for row in standing:
        amount, number = row["det_item_fee_sumamt"], row["feedetl_sn"]
        if amount >= 0:
            originals[number] = tuple(row[name] for name in KEPT_BY_REFUND)
        key = number if amount >= 0 else row["init_feedetl_sn"]
        left[key] = left.get(key, 0) + amount
    for line in lines:
        if line.det_item_fee_sumamt >= 0:
            originals[line.feedetl_sn] = tuple(getattr(line, name) for name in KEPT_BY_REFUND)
            left[line.feedetl_sn] = left.get(line.feedetl_sn, 0) + line.det_item_fee_sumamt
    refunds = ((row, line) for row, line in enumerate(lines, 1) if line.det_item_fee_sumamt < 0)
    return [fault for row, line in refunds if (fault := refund_fault(row, line, originals, left))]


def refund_fault(
    row: int, line: FeeLine, originals: Mapping[str, tuple[Any, ...]], left: dict[str, int]
) -> Refusal | None:
    """What is wrong with one refund line; takes its amount off what is `left` of the original."""
    number = line.init_feedetl_sn
    if number not in originals:
        text = f"退费明细没有对应的原明细 {number or '（空）'}"
        return fault_at(row, "S206", text, "请在init_feedetl_sn填写原明细流水号")
    if tuple(getattr(line, name) for name in KEPT_BY_REFUND) != originals[number]:
        text = f"退费明细与原明细 {number} 的项目编码、单价或审批标志不同"
        return fault_at(row, "S209", text, "退费请照抄原明细，只改数量与金额")
    left[number] += line.det_item_fee_sumamt
    if left[number] < 0:
        return fault_at(row, "S207", f"退费超过原明细 {number} 的余额", "请核对退费数量与金额")
    return None


async def remove_lines(
    connection: Connection, mdtrt_id: str, *, numbers: Sequence[str] | None = None, chrg_bchno: str | None = None
) -> int:
    """Remove unsettled lines by number or batch ("0000" = all of the visit); returns how many. S208 when none."""
    chosen = None if numbers is None or ALL in numbers else list(numbers)
    batch = None if chrg_bchno in (None, "", ALL) else chrg_bchno
    removed = await connection.fetch(REMOVE, mdtrt_id, chosen, batch)
    gone = {row["feedetl_sn"] for row in removed}
    missing = [number for number in chosen or () if number not in gone]
    if missing or not removed:
        what = "、".join(missing[:5]) if missing else (batch or "全部")
        raise refuse(
            "S208", f"没有可撤销的未结算明细：{what}", "已结算的明细请先撤销结算；请核对流水号或批次号", "feedetl_sn"
        )
    return len(removed)
