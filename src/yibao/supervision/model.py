"""What supervision looks at and what it says, as records: the lake's tables, row by row.

Fields have the names of the lake (lake-tables); here `cnt` is ten-thousandths, `pric` and `pric_uplmt_amt` millionths
of a yuan, amounts fen, `prd_days` days. Codes are texts as on the wire; what is unknown is "" or None.

    Person Institution Visit Bill Line Diagnosis Operation    the records
    Case                                                      the records of one subject, with what is looked up in them
    Row                                                       one line (or bill) of evidence of one finding
    Finding                                                   what is written: an `audit_finding`
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Literal, TypeVar

import msgspec

Severity = Literal["violation", "suspect"]
"""明确违规: refused or deducted; 可疑: needs a look."""
Stage = Literal["before", "during", "after"]
"""事前 at the order, 事中 during the stay before settlement, 事后 of settled bills."""


class Person(msgspec.Struct, frozen=True, gc=False):
    """A row of psn_info_d; `gend` 1 male, 2 female."""

    psn_no: str
    gend: str
    brdy: date
    insutype: str = "390"
    psn_type: str = ""
    insu_admdvs: str = ""
    die_date: date | None = None


class Institution(msgspec.Struct, frozen=True, gc=False):
    """A row of fixmedins_d; `fixmedins_type` 1 hospital, 2 pharmacy; `hosp_lv` 1, 2, 3, 9 none."""

    fixmedins_code: str
    fixmedins_type: str = "1"
    hosp_lv: str = "2"
    admdvs: str = ""
    beds: int = 0


class Visit(msgspec.Struct, frozen=True, gc=False):
    """A row of mdtrt_d; `endtime` None while a stay goes on; `age` in full years at the beginning."""

    mdtrt_id: str
    psn_no: str
    gend: str
    brdy: date
    age: int
    insutype: str
    fixmedins_code: str
    hosp_lv: str
    med_type: str
    begntime: datetime
    endtime: datetime | None = None
    adm_dept_codg: str = ""
    chfpdr_code: str = ""
    dscg_maindiag_code: str = ""
    dscg_way: str = ""
    dise_no: str = ""
    ipt_days: int = 0
    ttp_pay_flag: str = "0"


class Bill(msgspec.Struct, frozen=True, gc=False):
    """A row of setl_d: a settlement that stands (cancelled ones and their negatives are not looked at), fen."""

    setl_id: str
    mdtrt_id: str
    psn_no: str
    insutype: str
    fixmedins_code: str
    hosp_lv: str
    med_type: str
    setl_time: datetime
    begndate: date
    enddate: date
    medfee_sumamt: int
    inscp_amt: int
    fund_pay_sumamt: int
    acct_pay: int = 0
    mid_setl_flag: str = "0"


class Line(msgspec.Struct, frozen=True, gc=False):
    """A row of fee_list_d, or an order at the counter (then `setl_id` is "" and `bkkp_sn` its number there)."""

    bkkp_sn: str
    mdtrt_id: str
    setl_id: str
    psn_no: str
    fixmedins_code: str
    med_type: str
    fee_ocur_time: datetime
    med_list_codg: str
    med_chrgitm_type: str
    chrgitm_lv: str
    cnt: int
    pric: int
    det_item_fee_sumamt: int
    inscp_amt: int
    rx_drord_no: str = ""
    medins_list_codg: str = ""
    pric_uplmt_amt: int | None = None
    selfpay_prop: int = 0
    fulamt_ownpay_amt: int = 0
    overlmt_selfpay: int = 0
    preselfpay_amt: int = 0
    bilg_dept_codg: str = ""
    bilg_dr_code: str = ""
    lmt_used_flag: str = "0"
    hosp_appr_flag: str = "0"
    prd_days: int = 0
    comb_no: str = ""


class Diagnosis(msgspec.Struct, frozen=True, gc=False):
    """A row of setl_list_diag_d; `diag_code` in the insurance edition of ICD-10, `maindiag_flag` 1 principal."""

    setl_id: str
    mdtrt_id: str
    psn_no: str
    diag_code: str
    maindiag_flag: str = "0"
    diag_type: str = "1"
    adm_cond_type: str = "1"


class Operation(msgspec.Struct, frozen=True, gc=False):
    """A row of setl_list_oprn_d; `oprn_oprt_code` in the insurance edition of ICD-9-CM-3."""

    setl_id: str
    mdtrt_id: str
    psn_no: str
    oprn_oprt_code: str
    oprn_oprt_date: date | None = None
    main_oprn_flag: str = "0"
    oper_dr_code: str = ""
    anst_dr_code: str = ""


class Row(msgspec.Struct, frozen=True, gc=False):
    """One line of evidence. Rows with the same (`rule_id`, `kp_id`, `finding_key`) are one finding.

    At stake is `amount` fen × `part` ÷ `whole`, rounded half-up once, when the finding is put together: so that both
    executions give whole numbers only. `bkkp_sn` is None for what concerns a whole bill. `facts` are the numbers of
    the reason, by the names the kind lists: texts and integers.
    """

    rule_id: str
    kp_id: str
    finding_key: str
    setl_id: str
    mdtrt_id: str
    psn_no: str
    fixmedins_code: str
    bilg_dr_code: str
    bkkp_sn: str | None
    amount: int
    facts: dict[str, str | int]
    part: int = 1
    whole: int = 1


T = TypeVar("T", Visit, Bill, Line, Diagnosis, Operation)


class Case:
    """The records of one subject: an order with the person's history, a person, an institution, or a whole small world.

    `current` are the `bkkp_sn` of the orders asked about now; None when everything is. Lines are kept in the order of
    their time and number.
    """

    def __init__(
        self,
        *,
        persons: Sequence[Person] = (),
        institutions: Sequence[Institution] = (),
        visits: Sequence[Visit] = (),
        bills: Sequence[Bill] = (),
        lines: Sequence[Line] = (),
        diagnoses: Sequence[Diagnosis] = (),
        operations: Sequence[Operation] = (),
        current: frozenset[str] | None = None,
    ) -> None:
        self.persons = {one.psn_no: one for one in persons}
        self.institutions = {one.fixmedins_code: one for one in institutions}
        self.visits = {one.mdtrt_id: one for one in visits}
        self.bills = {one.setl_id: one for one in bills}
        self.lines = sorted(lines, key=lambda one: (one.fee_ocur_time, one.bkkp_sn))
        self.diagnoses = list(diagnoses)
        self.operations = list(operations)
        self.current = current

    @cached_property
    def lines_of_item(self) -> dict[str, list[Line]]:
        """Lines by `med_list_codg`, in the order of time."""
        return _grouped(self.lines, "med_list_codg")

    @cached_property
    def lines_of_visit(self) -> dict[str, list[Line]]:
        """Lines by `mdtrt_id`, in the order of time."""
        return _grouped(self.lines, "mdtrt_id")

    @cached_property
    def diagnoses_of_visit(self) -> dict[str, list[Diagnosis]]:
        """Diagnoses by `mdtrt_id`."""
        return _grouped(self.diagnoses, "mdtrt_id")

    @cached_property
    def operations_of_visit(self) -> dict[str, list[Operation]]:
        """Operations by `mdtrt_id`."""
        return _grouped(self.operations, "mdtrt_id")

    @cached_property
    def visits_of_person(self) -> dict[str, list[Visit]]:
        """Visits by `psn_no`, in the order of their beginning."""
        return _grouped(sorted(self.visits.values(), key=lambda one: (one.begntime, one.mdtrt_id)), "psn_no")


def _grouped(records: Sequence[T], field: str) -> dict[str, list[T]]:
    groups: dict[str, list[T]] = defaultdict(list)
    for one in records:
        groups[getattr(one, field)].append(one)
    return groups


class Finding(msgspec.Struct, frozen=True, gc=False):
    """An `audit_finding`. `amount`: insured fees at stake (fen) that no other finding of the run has already.

    `stake` is the same without regard to other findings. `bkkp_sn` is empty for what concerns a whole bill.
    """

    finding_id: str
    rule_id: str
    kp_id: str
    severity: Severity
    setl_id: str
    mdtrt_id: str
    bkkp_sn: tuple[str, ...]
    psn_no: str
    fixmedins_code: str
    bilg_dr_code: str
    stake: int
    amount: int
    reason: str
    evidence: dict[str, str | int]
    run_id: str = ""
