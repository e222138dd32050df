"""A small made-up world for supervision: records with sensible defaults, as a `Case` and as a lake.

w = World()
stay = w.stay("A", "2021-03-01", "2021-03-05", gend="1")
w.line(stay, "CODE", "2021-03-02 09:00", cnt=2, yuan=30)
rows_at_counter(KIND, points, w) == rows_in_columns(KIND, points, w)
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pyarrow as pa

from yibao.supervision.kinds.item_allowed import years
from yibao.supervision.model import Bill, Case, Diagnosis, Institution, Line, Operation, Person, Visit
from yibao.supervision.tables import TABLES

HOSPITAL, SECOND_HOSPITAL, CLINIC, PHARMACY = "H34060099901", "H34060099902", "H34060099903", "P34060099904"
PLACES = [
    Institution(HOSPITAL, "1", "3", "340602", 500),
    Institution(SECOND_HOSPITAL, "1", "2", "340603", 120),
    Institution(CLINIC, "1", "1", "340604", 10),
    Institution(PHARMACY, "2", "9", "340602", 0),
]


def moment(text: str | datetime) -> datetime:
    """ "2021-03-01" or "2021-03-01 09:30" as a time."""
    return text if isinstance(text, datetime) else datetime.fromisoformat(text)


@dataclass
class World:
    """Records as they are made; every visit gets its bill."""

    persons: dict[str, Person] = field(default_factory=dict)
    institutions: list[Institution] = field(default_factory=lambda: list(PLACES))
    visits: list[Visit] = field(default_factory=list)
    bills: list[Bill] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    diagnoses: list[Diagnosis] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)

    def person(self, psn_no: str, **known: Any) -> Person:
        """The person of this number; made when new."""
        if psn_no not in self.persons or known:
            self.persons[psn_no] = Person(**{"psn_no": psn_no, "gend": "1", "brdy": date(1980, 6, 15), **known})
        return self.persons[psn_no]

    def visit(self, psn_no: str, begin: str | datetime, end: str | datetime | None = None, **known: Any) -> Visit:
        """A visit with its bill, by default an outpatient's of one hour in the hospital of level 3."""
        who = self.person(psn_no, **{k: known.pop(k) for k in ("gend", "brdy", "die_date") if k in known})
        start = moment(begin)
        finish = moment(end) if end is not None else start + timedelta(hours=1)
        place = known.get("fixmedins_code", HOSPITAL)
        level = next(one.hosp_lv for one in self.institutions if one.fixmedins_code == place)
        sums = {name: known.pop(name) for name in ("medfee_sumamt", "inscp_amt", "fund_pay_sumamt") if name in known}
        number = f"{len(self.visits) + 1:05d}"
        visit = Visit(**{
            "mdtrt_id": "M" + number, "psn_no": psn_no, "gend": who.gend, "brdy": who.brdy,
            "age": years(who.brdy, start.date()), "insutype": who.insutype, "fixmedins_code": place, "hosp_lv": level,
            "med_type": "11", "begntime": start, "endtime": finish, "chfpdr_code": "D1", "adm_dept_codg": "A03",
            "dscg_maindiag_code": "J18.900", "ipt_days": 0, **known,
        })  # fmt: skip
        self.visits.append(visit)
        self.bills.append(Bill(
            setl_id="S" + number, mdtrt_id=visit.mdtrt_id, psn_no=psn_no, insutype=visit.insutype,
            fixmedins_code=place, hosp_lv=level, med_type=visit.med_type, setl_time=finish, begndate=start.date(),
            enddate=finish.date(),
            **{"medfee_sumamt": 100_000, "inscp_amt": 80_000, "fund_pay_sumamt": 60_000, **sums},
        ))  # fmt: skip
        self.diagnose(visit, visit.dscg_maindiag_code, maindiag_flag="1")
        return visit

    def stay(self, psn_no: str, begin: str | datetime, end: str | datetime, **known: Any) -> Visit:
        """An inpatient stay (普通住院)."""
        days = (moment(end).date() - moment(begin).date()).days
        return self.visit(psn_no, begin, end, **{"med_type": "21", "ipt_days": max(days, 1), **known})

    def line(self, visit: Visit, code: str, at: str | datetime, cnt: Any = 1, yuan: Any = 10, **known: Any) -> Line:
        """A fee line: `cnt` of the item at `yuan` each, all of it insured."""
        count, price = Decimal(str(cnt)), Decimal(str(yuan))
        fees = int(count * price * 100)
        place = len(self.lines) + 1
        line = Line(**{
            "bkkp_sn": f"F{place:06d}", "mdtrt_id": visit.mdtrt_id, "setl_id": "S" + visit.mdtrt_id[1:],
            "psn_no": visit.psn_no, "fixmedins_code": visit.fixmedins_code, "med_type": visit.med_type,
            "fee_ocur_time": moment(at), "med_list_codg": code, "med_chrgitm_type": "09", "chrgitm_lv": "01",
            "cnt": int(count * 10_000), "pric": int(price * 1_000_000), "det_item_fee_sumamt": fees, "inscp_amt": fees,
            "rx_drord_no": "R" + visit.mdtrt_id[1:], "bilg_dept_codg": "A03", "bilg_dr_code": "D1", **known,
        })  # fmt: skip
        self.lines.append(line)
        return line

    def diagnose(self, visit: Visit, code: str, **known: Any) -> Diagnosis:
        """A diagnosis of the visit."""
        one = Diagnosis("S" + visit.mdtrt_id[1:], visit.mdtrt_id, visit.psn_no, code, **known)
        self.diagnoses.append(one)
        return one

    def operate(self, visit: Visit, code: str, on: date, **known: Any) -> Operation:
        """An operation of the visit."""
        one = Operation("S" + visit.mdtrt_id[1:], visit.mdtrt_id, visit.psn_no, code, on, **known)
        self.operations.append(one)
        return one

    def case(self) -> Case:
        """All of it as one case."""
        return Case(
            persons=list(self.persons.values()), institutions=self.institutions, visits=self.visits, bills=self.bills,
            lines=self.lines, diagnoses=self.diagnoses, operations=self.operations,
        )  # fmt: skip

    def tables(self) -> dict[str, pa.Table]:
        """The raw tables of the lake by their names, as a producer writes them."""
        records: dict[str, tuple[type, Sequence[Any]]] = {
            "persons": (Person, list(self.persons.values())), "institutions": (Institution, self.institutions),
            "visits": (Visit, self.visits), "bills": (Bill, self.bills), "lines": (Line, self.lines),
            "diagnoses": (Diagnosis, self.diagnoses), "operations": (Operation, self.operations),
        }  # fmt: skip
        return {TABLES[name]: _table(of, rows) for name, (of, rows) in records.items()}


ARROW = {str: pa.string(), int: pa.int64(), date: pa.date32(), datetime: pa.timestamp("us")}
SCALED = {"cnt": 4, "pric": 4, "pric_uplmt_amt": 4}


def _table(of: type, rows: Sequence[Any]) -> pa.Table:
    columns: dict[str, Any] = {}
    for one in msgspec.structs.fields(of):
        values = [getattr(row, one.name) for row in rows]
        if of is Line and one.name in SCALED:
            exact = [None if value is None else Decimal(value).scaleb(-4) for value in values]
            columns[one.name] = pa.array(exact, pa.decimal128(16, 4))
        else:
            kind = next(k for k in (datetime, date, int, str) if k in getattr(one.type, "__args__", (one.type,)))
            columns[one.name] = pa.array(values, ARROW[kind])
    if of is Bill:
        columns["refd_setl_flag"] = pa.array(["0"] * len(rows), pa.string())
        columns["init_setl_id"] = pa.nulls(len(rows), pa.string())
    return pa.table(columns)
