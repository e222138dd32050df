"""Fee lines meet the catalogue: which item it is on that day, its class, own share, limit, and its four amounts.

Every line that cannot be accepted is named at once, with row and reason; then nothing of the message is taken.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

import msgspec

from yibao.benefits import Facts, Line, Pack, classify
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.core.money import divide_half_up, yuan_text
from yibao.directory.model import Item
from yibao.population.model import Enrolment
from yibao.settlement.model import FeeLine, PricedLine
from yibao.settlement.services import Services, catalogue_area

PRICE_TOLERANCE = 5
"""Fen by which a line's amount may differ from count × price: programs round prices to two to six decimals."""
SELF_PAY_CLASS = "03"


def key_of(line: FeeLine) -> tuple[date, str]:
    """Where the item of a line stands in what `items_of` finds: day and code."""
    return line.fee_ocur_time.date(), line.med_list_codg


async def items_of(
    services: Services, connection: Connection, enrolment: Enrolment, lines: Sequence[FeeLine]
) -> dict[tuple[date, str], Item]:
    """The catalogue items of the lines, each on its own day, in the catalogue of the area of enrolment."""
    area = catalogue_area(enrolment.insu_admdvs)
    found: dict[tuple[date, str], Item] = {}
    for day in {line.fee_ocur_time.date() for line in lines}:
        codes = {line.med_list_codg for line in lines if line.fee_ocur_time.date() == day}
        items = await services.directory.items(area, codes, day, connection)
        found |= {(day, code): item for code, item in items.items()}
    return found


def check_lines(
    lines: Sequence[FeeLine], items: Mapping[tuple[date, str], Item], begin: datetime, end: datetime
) -> None:
    """Raise every fault of every line: S202 catalogue, S203 arithmetic, S204 time, S205 twice in one message."""
    faults = [fault for row, line in enumerate(lines, 1) for fault in line_faults(row, line, items, begin, end)]
    seen: set[str] = set()
    for row, line in enumerate(lines, 1):
        if line.feedetl_sn in seen:
            faults.append(
                fault_at(row, "S205", f"明细流水号 {line.feedetl_sn} 在本次报文中重复", "每条明细使用不同的流水号")
            )
        seen.add(line.feedetl_sn)
    if faults:
        raise Refused(*faults)


def fault_at(row: int, code: str, text: str, advice: str) -> Refusal:
    return Refusal(code, text, advice, f"费用明细第{row}行")


def line_faults(
    row: int, line: FeeLine, items: Mapping[tuple[date, str], Item], begin: datetime, end: datetime
) -> Iterator[Refusal]:
    if key_of(line) not in items:
        yield fault_at(
            row,
            "S202",
            f"医疗目录编码 {line.med_list_codg} 在{line.fee_ocur_time:%Y-%m-%d}不在医保目录内",
            "请核对编码或先下载最新目录（1301等）；确属目录外的请不要上传为医保费用",
        )
    computed = divide_half_up(line.cnt * line.pric, 10_000 * 10_000)  # count/10^4 × price/10^6 yuan, in fen
    if line.pric < 0 or (line.cnt == 0 and line.det_item_fee_sumamt != 0):
        yield fault_at(row, "S203", "单价为负，或数量为零而金额不为零", "退费请用负的数量与金额，单价照原明细")
    elif abs(computed - line.det_item_fee_sumamt) > PRICE_TOLERANCE:
        yield fault_at(
            row,
            "S203",
            f"数量×单价={yuan_text(computed)}元，与明细金额{yuan_text(line.det_item_fee_sumamt)}元不符",
            "请核对cnt、pric与det_item_fee_sumamt",
        )
    if not begin.date() <= line.fee_ocur_time.date() <= end.date():
        yield outside(row, line, begin, end)


def outside(row: int, line: FeeLine, begin: date, end: date) -> Refusal:
    """S204: the line is not of the days of the visit."""
    period = f"{begin:%Y-%m-%d}至{end:%Y-%m-%d}"
    text = f"费用发生时间{line.fee_ocur_time:%Y-%m-%d %H:%M}不在就诊期间（{period}）内"
    return fault_at(row, "S204", text, "请核对fee_ocur_time")


def price_line(fee: FeeLine, item: Item, insutype: str, level: int) -> PricedLine:
    """What the catalogue says of a line; amounts are filled by `classified`."""
    refused_by_hospital = item.lmt_used_flag != "1" and fee.hosp_appr_flag == "2"
    return PricedLine(
        fee=fee,
        med_chrgitm_type=item.med_chrgitm_type,
        chrgitm_lv=item.chrgitm_lv,
        selfpay_prop=10_000
        if refused_by_hospital or item.chrgitm_lv == SELF_PAY_CLASS
        else item.self_pay_ratio(insutype),
        pric_uplmt_amt=item.price_limit(level),
        lmt_used_flag=item.lmt_used_flag,
        item_name=item.item_name,
        bas_medn_flag=item.bas_medn_flag,
        hi_nego_drug_flag=item.hi_nego_drug_flag,
        chld_medc_flag=item.chld_medc_flag,
        drt_reim_flag=item.drt_reim_flag,
    )


def benefit_line(line: PricedLine) -> Line:
    """A priced line in the words of the benefits.

    A limited item counts as approved only with hosp_appr_flag 1; an unlimited one that the hospital did not approve
    (2) is self-paid (rule of 2204 in the interface).
    """
    fee = line.fee
    limited = line.lmt_used_flag == "1"
    refused = fee.hosp_appr_flag == "2"
    return Line(
        amount=fee.det_item_fee_sumamt,
        quantity=fee.cnt,
        item_class=SELF_PAY_CLASS if refused and not limited else line.chrgitm_lv,
        self_pay_ratio=line.selfpay_prop,
        price_limit=line.pric_uplmt_amt,
        restricted=limited,
        approved=fee.hosp_appr_flag == "1",
        charge_type=line.med_chrgitm_type,
        day=fee.fee_ocur_time.date(),
        refused=line.mark == "refused",
    )


def classified(pack: Pack, facts: Facts, day: date, lines: Iterable[PricedLine]) -> tuple[PricedLine, ...]:
    """The lines with their four amounts, in fen."""
    priced = tuple(lines)
    amounts = classify(pack, facts, day, [benefit_line(line) for line in priced])
    return tuple(with_amounts(line, *amount[:4]) for line, amount in zip(priced, amounts, strict=True))


def with_amounts(line: PricedLine, full_own: int, over_limit: int, prepay: int, in_scope: int) -> PricedLine:
    return msgspec.structs.replace(
        line, fulamt_ownpay_amt=full_own, overlmt_selfpay=over_limit, preselfpay_amt=prepay, inscp_amt=in_scope
    )
