"""The demo's data files as records: items, codes, institutions, doctors. Each file names its source in its head."""

import csv
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Any

import yaml

AREAS = {"340600": "淮北市", "421300": "随州市", "520600": "铜仁市", "360400": "九江市"}
"""Pooling areas of the demo; the first is the home city."""
HOME = "340600"
CODE_FILES = {
    "disease": "diseases.csv",
    "operation": "operations.csv",
    "opsp_disease": "chronic_diseases.csv",
    "two_diseases": "two_diseases.csv",
}
VERSION = "20240101001"
SINCE = date(2020, 1, 1)


@dataclass(frozen=True, slots=True)
class InstitutionRow:
    """One row of directory.institution, as named there."""

    fixmedins_code: str
    fixmedins_name: str
    fixmedins_type: str
    hosp_lv: str
    level: int
    grade: str
    admdvs: str
    public_flag: bool = True
    contract_to: date | None = None
    status: str = "active"
    lng: Decimal | None = None
    lat: Decimal | None = None
    beds: int = 0


@dataclass(frozen=True, slots=True)
class DoctorRow:
    """One row of directory.doctor, as named there."""

    dr_codg: str
    dr_name: str
    fixmedins_code: str
    dept_codg: str


@dataclass(frozen=True, slots=True)
class Institutions:
    """All institutions with their departments (code → name, per institution) and doctors."""

    rows: list[InstitutionRow]
    departments: dict[str, dict[str, str]] = field(default_factory=dict)
    doctors: list[DoctorRow] = field(default_factory=list)


def read_text(name: str) -> str:
    """One data file of the demo."""
    return files("yibao.demo").joinpath("data", name).read_text(encoding="utf-8")


def read_csv(name: str) -> list[dict[str, str]]:
    """Rows of a CSV file; lines that begin with # are remarks."""
    return list(csv.DictReader(line for line in read_text(name).splitlines() if not line.startswith("#")))


def institutions() -> Institutions:
    """Hospitals and pharmacies; H or P, six digits of area, five of serial."""
    document: dict[str, Any] = yaml.safe_load(read_text("institutions.yaml"))
    hospitals = [_hospital(entry) for entry in document["hospitals"]]
    departments = {row.fixmedins_code: document["departments"][str(row.level)] for row in hospitals}
    rows = hospitals + [_pharmacy(entry) for entry in document["pharmacies"]]
    return Institutions(rows, departments, _doctors(hospitals, departments, document["doctors"]))


def pooling_area(admdvs: str) -> str:
    """The city that an area belongs to."""
    return admdvs[:4] + "00"


def _hospital(entry: dict[str, Any]) -> InstitutionRow:
    code = f"H{pooling_area(entry['admdvs'])}{entry['serial']:05d}"
    return InstitutionRow(code, entry["name"], "1", entry["hosp_lv"], entry["level"], entry["grade"], **_common(entry))


def _pharmacy(entry: dict[str, Any]) -> InstitutionRow:
    code = f"P{pooling_area(entry['admdvs'])}{entry['serial']:05d}"
    return InstitutionRow(code, entry["name"], "2", "11", 9, "city", **_common(entry))


def _common(entry: dict[str, Any]) -> dict[str, Any]:
    lng, lat = (Decimal(str(number)) for number in entry["at"]) if "at" in entry else (None, None)
    return {
        "admdvs": entry["admdvs"],
        "public_flag": entry.get("public", True),
        "contract_to": entry.get("contract_to"),
        "status": entry.get("status", "active"),
        "lng": lng,
        "lat": lat,
        "beds": entry.get("beds", 0),
    }


def _doctors(
    hospitals: list[InstitutionRow], departments: dict[str, dict[str, str]], plan: dict[str, Any]
) -> list[DoctorRow]:
    """D, six digits of area, six of serial; names composed in turn, departments dealt out in turn."""
    doctors: list[DoctorRow] = []
    for hospital in hospitals:
        codes = list(departments[hospital.fixmedins_code])
        for turn in range(plan["per_level"][str(hospital.level)]):
            number = len(doctors)
            name = plan["surnames"][number % len(plan["surnames"])] + plan["given"][number % len(plan["given"])]
            code = f"D{pooling_area(hospital.admdvs)}{number + 1:06d}"
            doctors.append(DoctorRow(code, name, hospital.fixmedins_code, codes[turn % len(codes)]))
    return doctors
