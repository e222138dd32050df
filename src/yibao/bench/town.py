"""People, a pharmacy and a catalogue for measuring; plain rows, many of them, written in a second."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from yibao.core.database import connect
from yibao.gateway.credentials import Credential, write_credential
from yibao.ledger import install_chart
from yibao.population.entitlement.coverage import take_over

AREA = "340600"
PHARMACY = "P34060090001"
ACCESS_KEY = "bench"
ITEMS = 200
PERSONS = """
insert into population.person (psn_no, certno, psn_name, gend, brdy)
select 'bench' || n, 'bench' || n, '测试' || n, '1', date '1980-01-01' from generate_series(1, $1) n
"""
ENROLMENTS = """
insert into population.enrolment (psn_no, insutype, psn_type, insu_admdvs, begndate)
select 'bench' || n, '310', '11', '340602', date '2023-01-01' from generate_series(1, $1) n
"""
ACCOUNTS = (
    "insert into population.account (psn_no, balance) select 'bench' || n, 100000000 from generate_series(1, $1) n"
)
MOVEMENTS = """
insert into population.account_movement (psn_no, amount, balance_after, kind, reference)
select 'bench' || n, 100000000, 100000000, 'opening', 'bench' from generate_series(1, $1) n
"""
OPENINGS = """
with entry as (
  insert into ledger.entry (booked_on, kind, reference, text)
  select date '2023-01-01', 'opening', 'bench' || part, '期初余额' from generate_series(0, ($1 - 1) / 10000) part
  returning entry_id, substr(reference, 6)::int as part
), people as (
  select e.entry_id, n from entry e, generate_series(10000 * e.part + 1, least($1, 10000 * e.part + 10000)) n
)
insert into ledger.posting (entry_id, line_no, account, amount, party)
select entry_id, row_number() over (partition by entry_id order by n), 'personal_account.balances', -100000000,
       'bench' || n from people
union all
select entry_id, 0, 'personal_account.contributions', 100000000 * count(*), '' from people group by entry_id
"""
INSTITUTION = """
insert into directory.institution (fixmedins_code, fixmedins_name, fixmedins_type, hosp_lv, level, admdvs,
  contract_from)
values ($1, '测试大药房', '2', '11', 9, '340602', date '2023-01-01')
"""
CATALOGUE = """
insert into directory.item (area, med_list_codg, valid_from, list_type, item_name, med_chrgitm_type, chrgitm_lv,
  selfpay_prop, pric_uplmt, version)
select '340600', 'XBENCH' || n, date '2023-01-01', '101', '测试药品' || n, '09',
  case when n % 3 = 0 then '02' else '01' end, case when n % 3 = 0 then 1000 else 0 end, '{"*": 90000000}', 'bench'
from generate_series(1, $1) n
"""


@dataclass(frozen=True)
class Town:
    """What a client has to know."""

    persons: int
    secret: str


async def build(url: str, master_key: bytes, persons: int) -> Town:
    """Fill an empty, migrated database."""
    secret = secrets.token_hex(16)
    connection = await connect(url)
    try:
        async with connection.transaction():
            await install_chart(connection)
            for statement in (PERSONS, ENROLMENTS, ACCOUNTS, MOVEMENTS, OPENINGS):
                await connection.execute(statement, persons)
            await take_over(connection)
            await connection.execute(INSTITUTION, PHARMACY)
            await connection.execute(CATALOGUE, ITEMS)
            await write_credential(connection, master_key, Credential(ACCESS_KEY, PHARMACY, secret))
        await connection.execute("analyze")
    finally:
        await connection.close()
    return Town(persons, secret)


def sale_message(number: int, persons: int, lines: int, now: datetime) -> bytes:
    """Transaction 2102 with `lines` lines; `number` makes msgid and person."""
    psn_no = f"bench{number % persons + 1}"
    details = [drug(number, line, now) for line in range(lines)]
    total = sum(int(detail["det_item_fee_sumamt"]) for detail in details)
    body: dict[str, Any] = {
        "infno": "2102", "msgid": f"{PHARMACY}{now:%Y%m%d%H%M%S}{number % 10_000:04d}", "mdtrtarea_admvs": "340602",
        "insuplc_admdvs": "340602", "recer_sys_code": "99", "dev_no": "", "dev_safe_info": "", "cainfo": "",
        "signtype": "", "infver": "V1.0", "opter_type": "1", "opter": "01", "opter_name": "测试",
        "inf_time": f"{now:%Y-%m-%d %H:%M:%S}", "fixmedins_code": PHARMACY, "fixmedins_name": "测试大药房",
        "sign_no": "",
        "input": {
            "druginfo": {
                "psn_no": psn_no, "mdtrt_cert_type": "02", "mdtrt_cert_no": psn_no, "psn_cert_type": "01",
                "certno": psn_no, "psn_type": "11", "psn_name": "测试", "begntime": f"{now:%Y-%m-%d %H:%M:%S}",
                "medfee_sumamt": total, "insutype": "310", "acct_used_flag": "1", "med_type": "41",
            },
            "drugdetail": details,
        },
    }  # fmt: skip
    return json.dumps(body, ensure_ascii=False).encode()


def drug(number: int, line: int, now: datetime) -> dict[str, Any]:
    """One fee line of a sale: one piece at 8 to 16 yuan."""
    price = 8 + (number + line) % 9
    return {
        "feedetl_sn": f"{number}-{line}", "rx_circ_flag": "0", "fee_ocur_time": f"{now:%Y-%m-%d %H:%M:%S}",
        "med_list_codg": f"XBENCH{(number * 7 + line) % ITEMS + 1}", "medins_list_codg": f"Y{line}",
        "det_item_fee_sumamt": price, "cnt": 1, "pric": price,
    }  # fmt: skip
