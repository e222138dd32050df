"""What is known about a person (参保人), as immutable records.

`CareFacts` is what `population.care_facts(psn_no, day)` answers as jsonb; `care_facts_from_json` reads it.
Amounts are fen.
"""

from datetime import date
from typing import Any

import msgspec


class Person(msgspec.Struct, frozen=True):
    """Basic record (基本信息); `gend` 1 male, 2 female; `psn_cert_type` 01 is the resident identity card.

    `merged_into` is set on a duplicate: the number under which the person is kept.
    """

    psn_no: str
    certno: str
    psn_name: str
    gend: str
    brdy: date
    psn_cert_type: str = "01"
    naty: str = "01"
    die_date: date | None = None
    insured_since: date | None = None
    tel: str = ""
    addr: str = ""
    merged_into: str | None = None


class Enrolment(msgspec.Struct, frozen=True):
    """One insurance relation (参保关系); on which days it pays stands in `Coverage`."""

    psn_no: str
    insutype: str
    psn_type: str
    insu_admdvs: str
    begndate: date
    psn_insu_rlts_id: int = 0
    psn_insu_stas: str = "1"
    enddate: date | None = None
    paus_date: date | None = None
    cvlserv_flag: str = "0"
    emp_name: str = ""
    reason: str = ""
    category: str = ""
    emp_no: str | None = None


class Coverage(msgspec.Struct, frozen=True):
    """Days of an enrolment (待遇享受期), both inclusive: "covered" or "waiting"; `enddate` None is open-ended.

    `origin` "taken_over" is what an earlier system decided, "computed" what follows from contributions.
    """

    psn_insu_rlts_id: int
    insutype: str
    state: str
    begndate: date
    enddate: date | None = None
    reason: str = ""
    clause: str = ""
    origin: str = "computed"

    def holds(self, day: date) -> bool:
        """Whether the day lies within."""
        return self.begndate <= day and (self.enddate is None or day <= self.enddate)


class Due(msgspec.Struct, frozen=True):
    """An unpaid contribution (欠费): the period's first day and what person and employer owe, fen."""

    insutype: str
    period_from: date
    amount: int


class Tag(msgspec.Struct, frozen=True):
    """Identity tag (身份标识) with the days it holds, both inclusive."""

    psn_idet_type: str
    tag: str
    begntime: date
    endtime: date | None = None
    source: str = ""


class Account(msgspec.Struct, frozen=True):
    """Personal account (个人账户), fen."""

    psn_no: str
    balance: int
    frozen: bool = False


class FamilyPayer(msgspec.Struct, frozen=True):
    """A relative whose account may pay (家庭共济), in the order of `seq`; balance in fen."""

    payer: str
    seq: int
    relation: str
    balance: int
    frozen: bool = False


class Filing(msgspec.Struct, frozen=True):
    """A filing (备案): transfer, chronic disease, fixed institution, accident, out of area, two diseases."""

    trt_dcla_detl_sn: str
    psn_no: str
    kind: str
    begndate: date
    enddate: date | None = None
    insutype: str = ""
    dise_code: str = ""
    fixmedins_code: str = ""
    status: str = "active"
    details: dict[str, Any] = {}


class CareFacts(msgspec.Struct, frozen=True):
    """Person, all enrolments (newest first), and the tags, payers and filings in force on one day.

    `coverages` are those within a year of the day; `due` what is unpaid, read only when nothing covers the day.
    """

    person: Person
    enrolments: tuple[Enrolment, ...] = ()
    coverages: tuple[Coverage, ...] = ()
    tags: tuple[Tag, ...] = ()
    account: Account | None = None
    family: tuple[FamilyPayer, ...] = ()
    filings: tuple[Filing, ...] = ()
    due: tuple[Due, ...] = ()

    def insured_years(self, on: date) -> int:
        """Years of unbroken insurance (连续参保年数), the year of `on` included, as the area counts them."""
        since = self.person.insured_since
        return 0 if since is None else max(0, on.year - since.year + 1)

    def tag_words(self) -> frozenset[str]:
        """The policy's words for the person's tags: 特困, 低保 …"""
        return frozenset(tag.tag for tag in self.tags)


def care_facts_from_json(answer: dict[str, Any]) -> CareFacts:
    """Read the answer of `population.care_facts` (jsonb, already decoded); unknown columns are left aside."""
    return msgspec.convert(answer, CareFacts)
