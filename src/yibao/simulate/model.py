"""A made-up city (仿真城市) as columns: one numpy array per attribute, one place in it per row.

`yibao.simulate.build_city` fills them. Rows point at each other by their place in the other table, never by text, so
two million persons take about 150 MB; texts (numbers, names) are made when they are written. Days are int32 days since
1970-01-01, amounts int64 fen, prices int64 millionths of a yuan, shares basis points, -1 means none.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yibao.benefits.facts import KNOWN_TAGS

Ints = NDArray[Any]
Texts = NDArray[np.str_]

PSN_TYPES = ("11", "12", "1401", "1402", "1403", "1404", "15", "16")
"""Dictionary psn_type; `People.psn_type` is a place in here."""
WORKING, RETIRED, NEWBORN, CHILD, PUPIL, STUDENT, ADULT, ELDERLY = range(8)

RELATIONS = ("02", "10", "20", "30", "50")
"""Dictionary patn_rlts: householder, spouse, son, daughter, parent; `People.relation` is a place in here."""
HEAD, SPOUSE, SON, DAUGHTER, PARENT = range(5)

MALE, FEMALE = 1, 2
EMPLOYEE, RESIDENT, UNINSURED = 310, 390, 0

TAGS = (*KNOWN_TAGS, "计生特困", "学生", "新生儿")
"""Names of the bits of `People.tags`, lowest first: the tags of the policy packs, then three more."""

LEVELS = (1, 2, 3, 9)
"""Policy levels in the order of `Catalogue.limit`'s columns."""


def tag_bit(tag: str) -> int:
    """The bit of one tag in `People.tags`; `ValueError` when there is no such tag."""
    return 1 << TAGS.index(tag)


def psn_no(serial: int) -> str:
    """National person number of the person in place `serial`: 20 digits, apart from those of the named cast."""
    return f"340600{10_000_000_000_000 + serial}"


def psn_nos(serials: Ints) -> Texts:
    """The same for many."""
    return np.char.add("340600", (serials.astype(np.int64) + 10_000_000_000_000).astype(str))


@dataclass(frozen=True, slots=True)
class Divisions:
    """行政区划: province, city, counties, towns, villages, a parent always before its children.

    `code` has 2, 4, 6, 9 or 12 digits by `level` 1 to 5; `admdvs` the six digits of the county, for a province or
    city its six-digit code; `parent` is a place in this table. Towns and villages are made up.
    """

    code: Texts
    name: Texts
    level: Ints
    parent: Ints
    admdvs: Texts
    lng: NDArray[np.float64]
    lat: NDArray[np.float64]
    urban: NDArray[np.bool_]
    weight: NDArray[np.float64]
    """Share of the city's people who live here; only villages have one, together 1."""


@dataclass(frozen=True, slots=True)
class People:
    """人员: everybody who lives in the year, newborn and dying included. All arrays have the same length.

    `insurance` is 310, 390 or 0 for nobody's; with 0, `elsewhere` says that another city insures them, so that they
    need not enrol here. Employees without `employer` are flexible workers (灵活就业) unless `psn_type` is RETIRED.
    """

    sex: Ints  # int8, 1 male, 2 female
    birth: Ints  # int32 day
    died: Ints  # int32 day within the year, -1 alive at its end
    village: Ints  # int16 place in Divisions
    household: Ints  # int32 number of the household
    relation: Ints  # int8 place in RELATIONS
    insurance: Ints  # int16 insutype 310, 390, or 0
    elsewhere: NDArray[np.bool_]
    psn_type: Ints  # int8 place in PSN_TYPES, for the uninsured what they would be
    employer: Ints  # int32 place in Employers, -1 none
    base: Ints  # int32 fen, contribution base of a month; 0 for residents and retired
    balance: Ints  # int32 fen on the personal account when the year begins, -1 no account
    insured_years: Ints  # int8 years of insurance without a gap before this one
    enrolled_on: Ints  # int32 first day of this year's enrolment, -1 not enrolled
    tags: Ints  # uint16 bits of TAGS
    chronic: Ints  # uint64 bits, filled by the year's illness
    sequence: Ints  # int16 sequence of the identity number, odd for males, unique per birth day
    surname: Ints  # uint8 place among the surnames
    given: Ints  # uint16 two characters of the given name

    def __len__(self) -> int:
        return len(self.sex)


@dataclass(frozen=True, slots=True)
class Employers:
    """参保单位: `size` is the number of insured employees they were planned for."""

    emp_no: Texts
    uscc: Texts
    name: Texts
    admdvs: Texts
    size: Ints


@dataclass(frozen=True, slots=True)
class Places:
    """定点医药机构 and their doctors. The first group has one row per institution, `dept_*` one per department of one,
    `dr_*` one per doctor; `dept_place` and `dr_place` are places in the first group, `dr_dept` in the second.
    """

    code: Texts  # H or P + 340600 + 5 digits
    name: Texts
    kind: Ints  # int8, dictionary fixmedins_type: 1 hospital or clinic, 2 pharmacy
    hosp_lv: Texts  # dictionary code 1…14
    level: Ints  # int8, policy level 1, 2, 3, 9
    grade: Texts  # community, county, city, province
    role: Texts  # hospital, town (卫生院, 社区中心), village (卫生室), clinic (诊所, 门诊部), pharmacy
    specialty: Texts  # of hospitals: general, tcm, maternity, psychiatric, orthopaedic …; else empty
    admdvs: Texts  # six digits, county
    division: Ints  # int16 place in Divisions: town or village
    lng: NDArray[np.float64]
    lat: NDArray[np.float64]
    beds: Ints
    public: NDArray[np.bool_]
    weight: NDArray[np.float64]  # how much care it gives beside others of its role
    dept_place: Ints
    dept_codg: Texts  # dictionary dept
    dept_name: Texts
    dr_code: Texts  # D340600 + 6 digits
    dr_name: Texts
    dr_place: Ints
    dr_dept: Ints

    def __len__(self) -> int:
        return len(self.code)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """三大目录 of the city. Codes have the national shape, and are made up.

    `limit` has one column per policy level of LEVELS. `weight` is how often it is used beside the others of its
    `group`: for drugs the anatomical group (J01; of Chinese patent medicines ZA01), for herbs and services the first
    places of the code (0025), for consumables a word (basic, operation, heart, bone, eye, dialysis, birth, ear).
    """

    code: Texts
    name: Texts
    list_type: Ints  # int16, dictionary: 101 drugs, 102 herbs, 201 services, 301 consumables
    group: Texts
    charge_type: Ints  # int8, dictionary med_chrgitm_type as a number: 1 bed … 14 other
    chrgitm_lv: Ints  # int8: 1 甲, 2 乙, 3 丙
    own_share: Ints  # int16 basis points 先行自付, employees
    own_share_resident: Ints  # int16 basis points, residents
    price: Ints  # int64 millionths of a yuan
    limit: Ints  # int64 millionths of a yuan, -1 none; shape (items, 4)
    limited_use: NDArray[np.bool_]  # lmt_used_flag 限制使用
    sex: Ints  # int8: 0 for everybody, 1 men only, 2 women only
    weight: NDArray[np.float64]
    spec: Texts
    unit: Texts

    def __len__(self) -> int:
        return len(self.code)


@dataclass(frozen=True, slots=True)
class City:
    """A whole city in the year `year`. The same area, number of people, year and seed give the same city."""

    area: str  # folder name, huaibei
    code: str  # 340600
    year: int
    seed: int
    divisions: Divisions
    people: People
    employers: Employers
    places: Places
    catalogue: Catalogue
