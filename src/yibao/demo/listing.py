"""What the demo city holds, read from the database: the answer of `yibao demo --json`.

Credentials come with their secrets in the clear: they open nothing but a demo.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from yibao.core.database import Connection
from yibao.core.money import yuan_from_fen
from yibao.demo.examples import example_sequences
from yibao.demo.people import DemoPerson, persons
from yibao.demo.source import AREAS, HOME, read_csv
from yibao.gateway.credentials import read_credential
from yibao.web.accounts import demo_users

ADDRESSES = ["/fsi/api/rsfComIfsService/callService", "/CSB", "/CSB/hsa-fsi-<infno>", "/fsi/<infno>"]
HEADER_FAMILIES = {
    "x-tif": "x-tif-paasid = access_key; x-tif-timestamp: Unix seconds; x-tif-nonce: random text;"
    " x-tif-signature: hex SHA-256 of timestamp + secret + nonce + timestamp",
    "_api": "_api_access_key = access_key; _api_timestamp: milliseconds; _api_name: infno; _api_version;"
    " _api_signature: base64 HMAC-SHA1 under secret of"
    " _api_access_key=…&_api_name=…&_api_timestamp=…&_api_version=…",
}
INSTITUTIONS = """
select fixmedins_code, fixmedins_name, fixmedins_type, hosp_lv, level, grade, admdvs, status, contract_to
from directory.institution
where fixmedins_code in (select fixmedins_code from gateway.credential where access_key like 'demo-%')
order by fixmedins_code
"""
DOCTORS = """
select d.dr_codg, d.dr_name, d.fixmedins_code, d.dept_codg, p.dept_name
from directory.doctor d join directory.department p using (fixmedins_code, dept_codg)
where d.fixmedins_code in (select fixmedins_code from gateway.credential where access_key like 'demo-%')
order by d.dr_codg
"""
BALANCES = "select psn_no, balance from population.account"
LOADED_ON = "select (at at time zone 'Asia/Shanghai')::date from core.audit_event where action = 'demo.loaded'"
KEYS = "select access_key from gateway.credential where access_key like 'demo-%' order by access_key"


async def demo_city(connection: Connection, master_key: bytes, base_url: str) -> dict[str, Any] | None:
    """Everything there is to try, or None when the demo is not loaded."""
    loaded_on = await connection.fetchval(LOADED_ON)
    if loaded_on is None:
        return None
    places = [dict(row) for row in await connection.fetch(INSTITUTIONS)]
    return {
        "base_url": base_url,
        "areas": AREAS,
        "home_area": HOME,
        "gateway": {
            "addresses": ADDRESSES,
            "header_families": HEADER_FAMILIES,
            "credentials": await _credentials(connection, master_key),
        },
        "users": await demo_users(connection, master_key),
        "hospitals": [place for place in places if place["fixmedins_type"] == "1"],
        "pharmacies": [place for place in places if place["fixmedins_type"] == "2"],
        "doctors": [dict(row) for row in await connection.fetch(DOCTORS)],
        "catalogue": [catalogue_entry(row) for row in read_csv("items.csv")],
        "persons": await _persons(connection, loaded_on),
        "diseases": read_csv("diseases.csv"),
        "operations": read_csv("operations.csv"),
        "chronic_diseases": read_csv("chronic_diseases.csv"),
        "two_diseases": read_csv("two_diseases.csv"),
        "examples": example_sequences(loaded_on),
    }


def catalogue_entry(row: dict[str, str]) -> dict[str, Any]:
    """One item: class, own share (basis points), price and limits by level in yuan."""
    own = {"": int(row["selfpay_prop"])} | ({"390": int(row["selfpay_prop_390"])} if row["selfpay_prop_390"] else {})
    return {
        "med_list_codg": row["code"],
        "item_name": row["name"],
        "list_type": row["list_type"],
        "med_chrgitm_type": row["med_chrgitm_type"],
        "chrgitm_lv": row["chrgitm_lv"],
        "selfpay_prop": own[""],
        "selfpay_prop_by_insutype": {key: share for key, share in own.items() if key},
        "price": Decimal(row["price"]),
        "price_limit": {level: Decimal(row[f"limit_{level}"]) for level in "123" if row[f"limit_{level}"]},
        "lmt_used_flag": row["lmt_used_flag"],
        "limit_text": row["limit_text"],
        "hi_nego_drug_flag": row["hi_nego_drug_flag"],
        "valid_from": row["valid_from"],
        "valid_to": row["valid_to"],
        "unit": row["unit"],
        "spec": row["spec"],
        "code_source": row["code_source"],
    }


async def _credentials(connection: Connection, master_key: bytes) -> list[dict[str, Any]]:
    found = []
    for row in await connection.fetch(KEYS):
        credential = await read_credential(connection, master_key, row["access_key"])
        if credential is not None:
            found.append(
                {
                    "fixmedins_code": credential.fixmedins_code,
                    "access_key": credential.access_key,
                    "secret": credential.secret,
                    "header_families": list(HEADER_FAMILIES),
                }
            )
    return found


async def _persons(connection: Connection, loaded_on: date) -> list[dict[str, Any]]:
    """The persons of the file with their balances of this moment."""
    balances = dict(await connection.fetch(BALANCES))
    return [person_entry(demo, balances.get(demo.person.psn_no)) for demo in persons(loaded_on)]


def person_entry(demo: DemoPerson, balance: int | None) -> dict[str, Any]:
    """One person; `balance` fen or None without an account, shown in yuan."""
    person, enrolments = demo.person, demo.enrolments
    newest = enrolments[0] if enrolments else None
    return {
        "key": demo.key,
        "note": demo.note,
        "psn_no": person.psn_no,
        "psn_name": person.psn_name,
        "certno": person.certno,
        "electronic_code": demo.electronic_code,
        "social_security_card": demo.card,
        "gend": person.gend,
        "brdy": person.brdy,
        "insutype": newest.insutype if newest else "",
        "psn_type": newest.psn_type if newest else "",
        "insuplc_admdvs": newest.insu_admdvs if newest else "",
        "psn_insu_stas": newest.psn_insu_stas if newest else "0",
        "tags": [tag.tag for tag in demo.tags],
        "balance": None if balance is None else yuan_from_fen(balance),
        "filings": [{"kind": f.kind, "dise_code": f.dise_code, "details": f.details} for f in demo.filings],
        "family_payers": [payer.payer for payer in demo.family],
    }
