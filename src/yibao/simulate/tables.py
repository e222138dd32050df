"""The lake tables of one piece (湖表): visits, settlements, fee lines, diagnoses, operations, persons, as Arrow.

Names and meaning of the columns are those of the national extract tables. Amounts are integer fen, ratios basis points.
`Piece` gathers what the tables are made of; each function makes one table for some of the visits, so that a month
can be written without the others in memory.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from yibao.simulate.care import DEAD, DELIVERIES, FILINGS, MED_TYPES, STAYS, Care
from yibao.simulate.columns import births, constant, dates, decimals, numbered, shared, times
from yibao.simulate.diagnoses import Diagnoses
from yibao.simulate.illness import CarePlan
from yibao.simulate.lines import (
    LINE_AMOUNT,
    LINE_APPROVED,
    LINE_DAY,
    LINE_DAYS,
    LINE_FULL,
    LINE_IN_SCOPE,
    LINE_ITEM,
    LINE_OVER,
    LINE_PREPAY,
    LINE_PRESCRIPTION,
    LINE_QUANTITY,
    LINE_SECOND,
    Lines,
)
from yibao.simulate.model import LEVELS, PSN_TYPES, TAGS, Catalogue, Ints
from yibao.simulate.patients import Patients
from yibao.simulate.providers import Providers
from yibao.simulate.seasons import ages_on
from yibao.simulate.settling import Bills, area_of, certified_of, tags_of

SERIAL_WIDTH = 12
"""Digits of a visit within the year: piece (5) and place in the piece (7)."""
PIECE_SPAN = 10_000_000
LINES_SPAN = 10_000
CLEARING = (
    "11", "13", "14", "41", "53", "15", "21", "27", "21", "99928", "21", "22", "99940", "99940", "99940",
)  # fmt: skip
"""Dictionary clr_type of each of `care.MED_TYPES`; care away from home has its own two."""
AWAY_STAY, AWAY_VISIT = "99968", "99963"
INSUTYPES = ("390", "310")


@dataclass(frozen=True)
class Piece:
    """Everything about the visits of one piece of patients; `number` makes its identifiers unique in the year."""

    number: int
    year: int
    pack_version: str
    plan: CarePlan
    patients: Patients
    providers: Providers
    catalogue: Catalogue
    care: Care
    lines: Lines
    bills: Bills
    diagnoses: Diagnoses
    doctor: Ints

    @property
    def serials(self) -> Ints:
        """The number of each visit within the year."""
        return self.number * PIECE_SPAN + np.arange(len(self.care), dtype=np.int64)

    def id_of(self, kind: str, rows: Ints) -> Any:
        """Identifiers of visits (M), settlements (S) and bills of the institution (B)."""
        return numbered(f"{kind}{self.year}", self.serials[rows], SERIAL_WIDTH)


def visit_table(piece: Piece, rows: Ints) -> Any:
    """mdtrt_d."""
    care, who = piece.care.taken(rows), piece.patients
    patient, died = care.patient, np.where(care.way == DEAD, care.end, -1)
    stay = care.med_type >= STAYS
    return pa.table({
        "mdtrt_id": piece.id_of("M", rows),
        **_person(piece, care),
        "gend": shared(("", "1", "2"), who.sex[patient]),
        "brdy": births(who.birth[patient]),
        "age": pa.array(ages_on(who.birth[patient], care.end).astype(np.int16)),
        **_institution(piece, care),
        "begntime": times(care.begin, np.maximum(care.second - 3600, 0)),
        "endtime": times(care.end, care.second),
        "adm_dept_codg": _dept(piece, piece.doctor[rows]),
        "chfpdr_code": shared(piece.providers.dr_code, piece.doctor[rows]),
        "dscg_maindiag_code": shared(piece.diagnoses.codes, piece.diagnoses.main[rows]),
        "dscg_way": shared(("", "1", "2", "3", "4", "5"), np.where(stay, care.way, -1)),
        "dise_no": _dise(piece, care),
        "ipt_days": pa.array(np.where(stay, np.maximum(1, care.end - care.begin), 0).astype(np.int16)),
        "refl_old_mdtrt_id": constant(None, len(rows)),
        "inhosp_stas": constant("0", len(rows)),
        "die_date": dates(died),
        "ttp_pay_flag": constant("0", len(rows)),
    })  # fmt: skip


def settlement_table(piece: Piece, rows: Ints) -> Any:
    """setl_d; at the end what a policy pack looks at under its own names (docs/simulate.md), and `serious_fees`, the
    fees above the deductible of serious illness."""
    care, count = piece.care.taken(rows), len(rows)
    area = area_of(care, piece.patients, piece.providers)
    stay = care.med_type >= STAYS
    kinds = (*CLEARING, AWAY_STAY, AWAY_VISIT)
    clearing = np.where(area == 0, care.med_type, np.where(stay, len(CLEARING), len(CLEARING) + 1))
    grades, grade = np.unique(piece.providers.grade, return_inverse=True)
    return pa.table({
        "setl_id": piece.id_of("S", rows), "mdtrt_id": piece.id_of("M", rows), "init_setl_id": constant(None, count),
        "medins_setl_id": piece.id_of("B", rows),
        **_person(piece, care), **_institution(piece, care),
        "setl_time": times(care.end, care.second), "begndate": dates(care.begin), "enddate": dates(care.end),
        "clr_type": shared(kinds, clearing), "clr_way": constant("1", count),
        **{name: pa.array(amounts[rows]) for name, amounts in piece.bills.amounts.items()},
        "refd_setl_flag": constant("0", count), "mid_setl_flag": constant("0", count),
        "year": pa.array(np.full(count, piece.year, np.int32)), "dise_no": _dise(piece, care),
        "pack_version": constant(piece.pack_version, count),
        "filing": shared(FILINGS, care.filing), "institution": shared(grades, grade[care.place]),
        "disease_count": pa.array(certified_of(piece.patients)[care.patient].astype(np.int16)),
        "delivery": shared(DELIVERIES, care.delivery),
    })  # fmt: skip


def line_table(piece: Piece, rows: Ints, lines: Ints, visit: Ints) -> Any:
    """fee_list_d: the lines (places in `Lines.rows`) of visits `rows`; `visit` is the place in `rows` of each line."""
    line, care, items = piece.lines.rows[lines], piece.care.taken(rows), piece.catalogue
    item, count = line[:, LINE_ITEM], len(lines)
    serial = piece.serials[rows][visit]
    level = np.searchsorted(LEVELS, piece.providers.level[care.place])[visit]
    limit = items.limit[item, level]
    employee = piece.patients.employee[care.patient][visit]
    number = lines - piece.lines.first[rows][visit]
    doctor = piece.doctor[rows][visit]
    amounts = {
        "fulamt_ownpay_amt": LINE_FULL, "overlmt_selfpay": LINE_OVER, "preselfpay_amt": LINE_PREPAY,
        "inscp_amt": LINE_IN_SCOPE,
    }  # fmt: skip
    return pa.table({
        "bkkp_sn": numbered(f"F{piece.year}", serial * LINES_SPAN + number, SERIAL_WIDTH + 4),
        "mdtrt_id": _repeated(piece.id_of("M", rows), visit), "setl_id": _repeated(piece.id_of("S", rows), visit),
        "fee_ocur_time": times(line[:, LINE_DAY], line[:, LINE_SECOND]),
        "rx_drord_no": numbered(f"R{piece.year}", serial * 100 + line[:, LINE_PRESCRIPTION], SERIAL_WIDTH + 2),
        "fixmedins_code": shared(piece.providers.code, care.place[visit]),
        "psn_no": shared(piece.patients.psn_no, care.patient[visit]),
        "med_type": shared(MED_TYPES, care.med_type[visit]),
        "med_list_codg": shared(items.code, item), "medins_list_codg": shared(_OWN_CODES.of(items), item),
        "med_chrgitm_type": shared([f"{kind:02d}" for kind in range(15)], items.charge_type[item]),
        "chrgitm_lv": shared(("00", "01", "02", "03"), items.chrgitm_lv[item]),
        "cnt": decimals(line[:, LINE_QUANTITY]), "pric": decimals(items.price[item]),
        "det_item_fee_sumamt": pa.array(line[:, LINE_AMOUNT]), "pric_uplmt_amt": decimals(limit, limit < 0),
        "selfpay_prop": pa.array(np.where(employee, items.own_share[item], items.own_share_resident[item])),
        **{name: pa.array(line[:, column]) for name, column in amounts.items()},
        "bilg_dept_codg": _dept(piece, doctor), "bilg_dr_code": shared(piece.providers.dr_code, doctor),
        "lmt_used_flag": shared(("0", "1"), items.limited_use[item].astype(np.int8)),
        "hosp_appr_flag": shared(("0", "1", "2"), line[:, LINE_APPROVED]),
        "prd_days": pa.array(line[:, LINE_DAYS].astype(np.int16)), "drt_reim_flag": constant("1", count),
        "comb_no": constant(None, count),
    })  # fmt: skip


def diagnosis_table(piece: Piece, rows: Ints) -> Any:
    """setl_list_diag_d of the visits that have a settlement list: stays and chronic care."""
    visit, code, main = piece.diagnoses.of(rows)
    return pa.table({
        "setl_id": piece.id_of("S", visit), "mdtrt_id": piece.id_of("M", visit),
        "psn_no": shared(piece.patients.psn_no, piece.care.patient[visit]),
        "diag_type": constant("1", len(visit)), "maindiag_flag": shared(("0", "1"), main.astype(np.int8)),
        "diag_code": shared(piece.diagnoses.codes, code), "adm_cond_type": constant("1", len(visit)),
    })  # fmt: skip


def operation_table(piece: Piece, rows: Ints) -> Any:
    """setl_list_oprn_d."""
    visit, code, day, main = piece.diagnoses.operations_of(rows, piece.care)
    doctor = piece.doctor[visit]
    return pa.table({
        "setl_id": piece.id_of("S", visit), "mdtrt_id": piece.id_of("M", visit),
        "psn_no": shared(piece.patients.psn_no, piece.care.patient[visit]),
        "main_oprn_flag": shared(("0", "1"), main.astype(np.int8)),
        "oprn_oprt_code": shared(piece.diagnoses.operation_codes, code), "oprn_oprt_date": dates(day),
        "oper_dr_code": shared(piece.providers.dr_code, doctor), "anst_dr_code": constant(None, len(visit)),
    })  # fmt: skip


def person_table(patients: Patients) -> Any:
    """psn_info_d: everybody of the piece; nobody's insured have no insutype, those insured elsewhere no area."""
    sets, tags = np.unique(patients.tags, return_inverse=True)
    lists = pa.array([sorted(tags_of(int(bits)), key=TAGS.index) for bits in sets], pa.list_(pa.string()))
    return pa.table({
        "psn_no": pa.array(patients.psn_no.tolist(), pa.string()),
        "gend": shared(("", "1", "2"), patients.sex), "brdy": births(patients.birth),
        "insu_admdvs": shared(patients.homes, np.where(patients.elsewhere, -1, patients.home)),
        "psn_type": shared(PSN_TYPES, patients.psn_type),
        "insutype": shared(INSUTYPES, np.where(patients.insured, patients.employee.astype(np.int8), -1)),
        "die_date": dates(patients.died), "tags": lists.take(pa.array(tags.reshape(-1))),
    })  # fmt: skip


def institution_table(providers: Providers) -> Any:
    """fixmedins_d."""
    return pa.table({
        "fixmedins_code": pa.array(providers.code.tolist()), "fixmedins_name": pa.array(providers.name.tolist()),
        "fixmedins_type": shared(("", "1", "2"), providers.kind),
        "hosp_lv": pa.array([str(level) for level in providers.level.tolist()]),
        "admdvs": pa.array(providers.admdvs.tolist()), "lng": pa.array(providers.lng), "lat": pa.array(providers.lat),
        "beds": pa.array(providers.beds.astype(np.int32)),
        "public_flag": shared(("0", "1"), providers.public.astype(np.int8)),
    })  # fmt: skip


def _person(piece: Piece, care: Care) -> dict[str, Any]:
    who, patient = piece.patients, care.patient
    return {
        "psn_no": shared(who.psn_no, patient), "insutype": shared(INSUTYPES, who.employee[patient].astype(np.int8)),
        "psn_type": shared(PSN_TYPES, who.psn_type[patient]), "insu_admdvs": shared(who.homes, who.home[patient]),
    }  # fmt: skip


def _institution(piece: Piece, care: Care) -> dict[str, Any]:
    return {
        "fixmedins_code": shared(piece.providers.code, care.place),
        "hosp_lv": shared([str(level) for level in range(10)], piece.providers.level[care.place]),
        "med_type": shared(MED_TYPES, care.med_type),
    }  # fmt: skip


def _dise(piece: Piece, care: Care) -> Any:
    return shared([disease.dise_no for disease in piece.plan.illness.chronic], care.dise)


def _dept(piece: Piece, doctor: Ints) -> Any:
    return shared(piece.providers.depts, np.where(doctor >= 0, piece.providers.dr_dept[doctor], -1))


def _repeated(texts: Any, codes: Ints) -> Any:
    """One text of the visit for each of its lines."""
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), texts)


class _OwnCodes:
    """Codes that institutions use for the items of the catalogue, made once per catalogue."""

    def __init__(self) -> None:
        self.known: tuple[int, Any] = (0, None)

    def of(self, items: Catalogue) -> Any:
        if self.known[0] != id(items):
            self.known = id(items), np.char.add("L", np.char.zfill(np.arange(len(items)).astype(str), 6))
        return self.known[1]


_OWN_CODES = _OwnCodes()
