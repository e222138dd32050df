"""Fee lines as they come (2204, 2301, 2102) as records, beside what stands of the visit and of the person's year."""

from collections.abc import Sequence
from typing import Any

from yibao.benefits.national import is_stay
from yibao.core import dates
from yibao.settlement.assessment import as_time
from yibao.settlement.marks import NewLines
from yibao.settlement.model import PricedLine
from yibao.supervision.counter.orders import bill_of, days_of
from yibao.supervision.counter.records import Records
from yibao.supervision.model import Case, Institution, Line, Person, Visit


def case_of_lines(new: NewLines, lines: Sequence[Line], records: Records) -> Case:
    """The new lines are current."""
    visit = visit_of(new)
    place, who = new.institution, new.person
    visits = {one.mdtrt_id: one for one in records.visits} | {visit.mdtrt_id: visit}
    level = str(place.level)
    return Case(
        persons=[Person(who.psn_no, who.gend, who.brdy, visit.insutype, die_date=who.die_date)],
        institutions=[Institution(place.fixmedins_code, place.fixmedins_type, level, place.admdvs, place.beds)],
        visits=list(visits.values()),
        bills=[bill_of(visit, [*records.lines, *lines])],
        lines=[*records.lines, *lines],
        diagnoses=records.diagnoses,
        current=frozenset(line.bkkp_sn for line in lines),
    )


def visit_of(new: NewLines) -> Visit:
    """The visit of the lines."""
    row, who = new.visit, new.person
    begin = as_time(row["begntime"])
    end = as_time(row["endtime"]) if row["endtime"] else None if is_stay(row["med_type"]) else begin
    return Visit(
        mdtrt_id=row["mdtrt_id"], psn_no=who.psn_no, gend=who.gend, brdy=who.brdy,
        age=max(dates.age_on(who.brdy, begin.date()), 0), insutype=row["insutype"],
        fixmedins_code=row["fixmedins_code"], hosp_lv=str(row["hosp_lv"]), med_type=row["med_type"], begntime=begin,
        endtime=end, adm_dept_codg=row["adm_dept_codg"], chfpdr_code=row["chfpdr_code"],
        dscg_maindiag_code=row["dscg_maindiag_code"], dise_no=row["dise_no"] or "",
        ipt_days=days_of(row["med_type"], begin, end), ttp_pay_flag=row["ttp_pay_flag"],
    )  # fmt: skip


def lines_of(new: NewLines) -> list[Line]:
    """The lines, numbered by feedetl_sn."""
    return [_line(new, one) for one in new.lines]


SAME = (
    "med_chrgitm_type", "chrgitm_lv", "inscp_amt", "pric_uplmt_amt", "selfpay_prop", "fulamt_ownpay_amt",
    "overlmt_selfpay", "preselfpay_amt", "lmt_used_flag",
)  # fmt: skip
OF_FEE = (
    "fee_ocur_time", "med_list_codg", "cnt", "pric", "det_item_fee_sumamt", "rx_drord_no", "medins_list_codg",
    "bilg_dept_codg", "bilg_dr_code", "hosp_appr_flag",
)  # fmt: skip


def _line(new: NewLines, line: PricedLine) -> Line:
    known: dict[str, Any] = {name: getattr(line, name) for name in SAME}
    known |= {name: getattr(line.fee, name) for name in OF_FEE}
    return Line(
        bkkp_sn=line.fee.feedetl_sn, mdtrt_id=new.visit["mdtrt_id"], setl_id=f"open{new.visit['mdtrt_id']}",
        psn_no=new.person.psn_no, fixmedins_code=new.visit["fixmedins_code"], med_type=new.visit["med_type"],
        prd_days=(line.fee.prd_days or 0) // 100, **known,
    )  # fmt: skip
