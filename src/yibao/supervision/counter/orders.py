"""A patient of 3101 or 3102 as the records of the order in the doctor's hand.

Orders are lines, numbered by their `rx_id`; `curr_drord_flag` 1 marks those asked about, all of the current visit where
none is marked. What a program sends of the person counts only while the register does not know him. A current visit
has no end yet and a bill of its own, of what is ordered so far, so that rules about whole visits can be asked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from yibao.benefits.national import is_stay
from yibao.core import dates
from yibao.core.money import fen_from_yuan
from yibao.directory.model import Institution, Item
from yibao.supervision.counter.records import KnownPerson, Records
from yibao.supervision.model import Bill, Case, Diagnosis, Line, Operation, Person, Visit
from yibao.supervision.model import Institution as Place

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Patient:
    """One patient of a message: his encounters, which of them is current, and which orders are asked about."""

    psn_no: str
    row: Row
    mdtrt_id: str
    current: frozenset[str]

    @property
    def encounters(self) -> list[Row]:
        """fsi_encounter_dtos."""
        return list(self.row["fsi_encounter_dtos"])

    @property
    def encounter(self) -> Row | None:
        """The current one."""
        return next((one for one in self.encounters if one["mdtrt_id"] == self.mdtrt_id), None)

    @property
    def sent(self) -> frozenset[str]:
        """Numbers of all orders of the message."""
        return frozenset(order["rx_id"] for _, order in self.orders())

    def orders(self) -> Iterable[tuple[Row, Row]]:
        """Every order with its encounter."""
        return ((one, order) for one in self.encounters for order in one["fsi_order_dtos"])

    @property
    def codes(self) -> set[str]:
        """Items of the orders asked about."""
        return {order["hilist_code"] for _, order in self.orders() if order["rx_id"] in self.current}


def patient_of(row: Row) -> Patient:
    """A row of patient_dtos."""
    encounters = list(row["fsi_encounter_dtos"])
    known = {one["mdtrt_id"] for one in encounters}
    mdtrt_id = row["curr_mdtrt_id"]
    if mdtrt_id not in known and encounters:
        mdtrt_id = encounters[-1]["mdtrt_id"]
    of_visit = [order for one in encounters if one["mdtrt_id"] == mdtrt_id for order in one["fsi_order_dtos"]]
    marked = {order["rx_id"] for order in of_visit if order["curr_drord_flag"] == "1"}
    return Patient(row["patn_id"], row, mdtrt_id, frozenset(marked or {order["rx_id"] for order in of_visit}))


def case_of(patient: Patient, place: Institution, items: Mapping[str, Item], records: Records) -> Case:
    """The orders with the person's records; lines of this visit that were uploaded from these orders count once."""
    person = records.person or KnownPerson(patient.psn_no, patient.row["gend"], patient.row["brdy"])
    visits = {one.mdtrt_id: one for one in records.visits}
    sent = [visit_of(patient, one, place, person) for one in patient.encounters]
    lines = [line_of(patient, one, order, place, items) for one, order in patient.orders()]
    ordered = {(line.mdtrt_id, number, line.med_list_codg) for line in lines for number in numbers_of(line)}
    kept = [one for one in records.lines if (one.mdtrt_id, one.rx_drord_no, one.med_list_codg) not in ordered]
    visits |= {one.mdtrt_id: one for one in sent}
    told = {one.mdtrt_id for one in sent}
    return Case(
        persons=[Person(person.psn_no, person.gend, person.brdy, die_date=person.die_date)],
        institutions=[Place(place.fixmedins_code, place.fixmedins_type, str(place.level), place.admdvs, place.beds)],
        visits=list(visits.values()),
        bills=[bill_of(visits[patient.mdtrt_id], lines)] if patient.mdtrt_id in visits else [],
        lines=[*kept, *lines],
        diagnoses=[*(one for one in records.diagnoses if one.mdtrt_id not in told), *diagnoses_of(patient)],
        operations=list(operations_of(patient)),
        current=patient.current,
    )


def visit_of(patient: Patient, row: Row, place: Institution, person: KnownPerson) -> Visit:
    """An encounter."""
    own = row["medins_id"] in ("", place.fixmedins_code)
    begin = row["adm_date"]
    goes_on = row["mdtrt_id"] == patient.mdtrt_id and is_stay(row["med_type"])
    end = None if goes_on else max(row["dscg_date"] or begin, begin)
    return Visit(
        mdtrt_id=row["mdtrt_id"], psn_no=patient.psn_no, gend=person.gend, brdy=person.brdy,
        age=max(dates.age_on(person.brdy, begin.date()), 0), insutype=row["insutype"],
        fixmedins_code=place.fixmedins_code if own else row["medins_id"],
        hosp_lv=str(place.level) if own else "9", med_type=row["med_type"], begntime=begin, endtime=end,
        adm_dept_codg=row["adm_dept_codg"], chfpdr_code=row["dr_codg"],
        dscg_maindiag_code=row["dscg_main_dise_codg"], dise_no=row["dise_no"],
        ipt_days=days_of(row["med_type"], begin, end),
    )  # fmt: skip


def days_of(med_type: str, begin: datetime, end: datetime | None) -> int:
    """Days in bed so far; 0 outside a stay."""
    if not is_stay(med_type):
        return 0
    last: date = end.date() if end else dates.today()
    return max((last - begin.date()).days, 1)


def line_of(patient: Patient, visit: Row, order: Row, place: Institution, items: Mapping[str, Item]) -> Line:
    """An order; class, charge type and limits say the catalogue, what of it is insured says the order."""
    item = items.get(order["hilist_code"])
    total, own = fen(order["sumamt"]), fen(order["ownpay_amt"])
    days = (order["extend_order_map"] or {}).get("o_prdDays") or ""
    return Line(
        bkkp_sn=order["rx_id"], mdtrt_id=visit["mdtrt_id"], setl_id=f"open{visit['mdtrt_id']}", psn_no=patient.psn_no,
        fixmedins_code=visit["medins_id"] or place.fixmedins_code, med_type=visit["med_type"],
        fee_ocur_time=order["drord_begn_date"], med_list_codg=order["hilist_code"],
        med_chrgitm_type=item.med_chrgitm_type if item else "",
        chrgitm_lv=item.chrgitm_lv if item else order["hilist_lv"],
        cnt=scaled(order["cnt"], 4), pric=scaled(order["pric"], 6), det_item_fee_sumamt=total,
        inscp_amt=max(total - own - fen(order["selfpay_amt"]), 0) if total >= 0 else total,
        rx_drord_no=order["rxno"], medins_list_codg=order["hosplist_code"],
        pric_uplmt_amt=item.price_limit(place.level) if item else None,
        selfpay_prop=item.self_pay_ratio(visit["insutype"]) if item else 0, fulamt_ownpay_amt=own,
        bilg_dept_codg=order["drord_dept_codg"], bilg_dr_code=order["drord_dr_codg"],
        lmt_used_flag=item.lmt_used_flag if item else "0", prd_days=int(days) if days.isdecimal() else 0,
        comb_no=order["grpno"],
    )  # fmt: skip


def numbers_of(line: Line) -> tuple[str, str]:
    """By which numbers a fee line may name the order that it came of."""
    return line.bkkp_sn, line.rx_drord_no


def bill_of(visit: Visit, lines: Iterable[Line]) -> Bill:
    """What is ordered in a visit so far, as its bill."""
    own = [line for line in lines if line.mdtrt_id == visit.mdtrt_id]
    begin = visit.begntime.date()
    insured = sum(line.inscp_amt for line in own)
    return Bill(
        setl_id=f"open{visit.mdtrt_id}", mdtrt_id=visit.mdtrt_id, psn_no=visit.psn_no, insutype=visit.insutype,
        fixmedins_code=visit.fixmedins_code, hosp_lv=visit.hosp_lv, med_type=visit.med_type, setl_time=dates.now(),
        begndate=begin, enddate=max(visit.endtime.date() if visit.endtime else dates.today(), begin),
        medfee_sumamt=sum(line.det_item_fee_sumamt for line in own), inscp_amt=insured, fund_pay_sumamt=insured,
    )  # fmt: skip


def diagnoses_of(patient: Patient) -> Iterable[Diagnosis]:
    """Diagnoses of all encounters; the main one also where it is named only in the encounter."""
    for one in patient.encounters:
        bill = f"open{one['mdtrt_id']}"
        named = {row["dise_codg"] for row in one["fsi_diagnose_dtos"]}
        if one["dscg_main_dise_codg"] and one["dscg_main_dise_codg"] not in named:
            yield Diagnosis(bill, one["mdtrt_id"], patient.psn_no, one["dscg_main_dise_codg"], "1")
        for row in one["fsi_diagnose_dtos"]:
            main = row["maindise_flag"] or "0"
            yield Diagnosis(bill, one["mdtrt_id"], patient.psn_no, row["dise_codg"], main)


def operations_of(patient: Patient) -> Iterable[Operation]:
    """Operations of all encounters."""
    for one in patient.encounters:
        for row in one["fsi_operation_dtos"]:
            yield Operation(
                f"open{one['mdtrt_id']}", one["mdtrt_id"], patient.psn_no, row["oprn_code"], row["oprn_date"],
                row["main_oprn_flag"] or "0", row["oper_dr_code"], row["anst_dr_code"],
            )  # fmt: skip


def fen(value: Decimal | None) -> int:
    """An amount of the message in fen."""
    return 0 if value is None else fen_from_yuan(value)


def scaled(value: Decimal | None, decimals: int) -> int:
    """A number of the message with implied decimals."""
    return 0 if value is None else int(value.scaleb(decimals).to_integral_value())
