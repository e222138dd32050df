"""The counter measured: CPU of one question of 40 orders with a year of history, and 3101 over HTTP at an even rate.

The orders are items that knowledge points speak of; every person has 20 visits with four lines each in the last year,
one of them of such an item.
"""

import json
import statistics
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from yibao.bench.load import Numbers, stream
from yibao.bench.town import PHARMACY, Town
from yibao.core import dates
from yibao.core.database import Database, connect
from yibao.directory.cache import DirectoryCache
from yibao.gateway.envelope import parse
from yibao.gateway.validate import validator_of
from yibao.supervision.counter.review import Counter
from yibao.supervision.counter.rulebooks import Rulebooks, rulebook_in_force
from yibao.supervision.knowledge.store import knowledge_version

VISITS, LINES = 20, 4
ITEMS = """
insert into directory.item (area, med_list_codg, valid_from, list_type, item_name, med_chrgitm_type, chrgitm_lv,
  selfpay_prop, version)
select '340600', code, date '2023-01-01', '101', code, '09', '01', 0, 'bench' from unnest($1::text[]) code
on conflict do nothing
"""
HISTORY_VISITS = """
insert into settlement.visit (mdtrt_id, psn_no, insutype, psn_type, insu_admdvs, mdtrtarea_admvs, fixmedins_code,
  hosp_lv, med_type, begntime, endtime, dscg_maindiag_code, status)
select 'B' || n || '-' || v, 'bench' || n, '310', '11', '340602', '340602', $3, 9, '11', t, t, 'I10.x00', 'settled'
from generate_series(1, $1) n, generate_series(1, $2) v,
  lateral (select $4::timestamp - make_interval(days => 18 * v, mins => n % 300) as t) w
"""
HISTORY_LINES = """
insert into settlement.fee_line (mdtrt_id, feedetl_sn, rx_drord_no, fee_ocur_time, med_list_codg, med_chrgitm_type,
  chrgitm_lv, cnt, pric, det_item_fee_sumamt, selfpay_prop, fulamt_ownpay_amt, overlmt_selfpay, preselfpay_amt,
  inscp_amt, bilg_dr_code)
select mdtrt_id, l::text, mdtrt_id, begntime, case when l > 1 then 'XBENCH' || (1 + l)
    else ($1::text[])[1 + (hashtext(mdtrt_id || l) & 1048575) % cardinality($1::text[])] end,
  '09', '01', 10000, 12000000, 1200, 0, 0, 0, 0, 1200, 'D1'
from settlement.visit, generate_series(1, $2) l where mdtrt_id like 'B%'
"""


def counter_of(directory: DirectoryCache) -> Counter:
    """The counter as the server makes it."""
    return Counter(directory, Rulebooks(rulebook_in_force, knowledge_version))


async def touched_items(database: Database, count: int) -> list[str]:
    """Item codes that points of the rules before care speak of, spread over the kinds."""
    async with database.connection() as connection:
        book = await rulebook_in_force(connection, "huaibei", "full")
    of_kind = [list(dict.fromkeys(p.code for p in book.points(kind) if p.code)) for kind in book.kinds]
    codes = [codes[n] for n in range(count) for codes in of_kind if n < len(codes)]
    return sorted(dict.fromkeys(codes))[:count]


async def add_history(url: str, persons: int, codes: list[str], now: datetime) -> None:
    """A year of care for everybody in the town."""
    connection = await connect(url)
    try:
        async with connection.transaction():
            await connection.execute(ITEMS, codes)
            await connection.execute(HISTORY_VISITS, persons, VISITS, PHARMACY, now)
            await connection.execute(HISTORY_LINES, codes, LINES)
        await connection.execute("analyze")
    finally:
        await connection.close()


def question(number: int, persons: int, codes: list[str], now: datetime) -> bytes:
    """Transaction 3101 about one order of each item."""
    psn_no, at = f"bench{number % persons + 1}", f"{now:%Y-%m-%d %H:%M:%S}"
    orders = [order(number, place, code, at) for place, code in enumerate(codes)]
    visit = {
        "mdtrt_id": f"Q{number}", "medins_id": PHARMACY, "medins_name": "测试", "medins_admdvs": "340602",
        "medins_type": "A1", "medins_lv": "3", "adm_date": at, "dscg_date": at, "dscg_main_dise_codg": "I10.x00",
        "dscg_main_dise_name": "高血压", "dr_codg": "D1", "adm_dept_codg": "A03", "adm_dept_name": "内科",
        "dscg_dept_codg": "A03", "dscg_dept_name": "内科", "med_mdtrt_type": "1", "med_type": "11", "matn_stas": "1",
        "medfee_sumamt": 12 * len(codes), "ownpay_amt": 0, "selfpay_amt": 0, "setl_totlnum": 1, "insutype": "310",
        "reim_flag": "2", "out_setl_flag": "0", "fsi_order_dtos": orders, "fsi_operation_dtos": [],
        "fsi_diagnose_dtos": [{
            "dise_id": "1", "inout_dise_type": "1", "maindise_flag": "1", "dias_srt_no": "1", "dise_codg": "I10.x00",
            "dise_name": "高血压", "dise_date": at,
        }],
    }  # fmt: skip
    patient = {
        "patn_id": psn_no, "patn_name": "测试", "gend": "1", "brdy": "1980-01-01", "poolarea": "340600",
        "curr_mdtrt_id": f"Q{number}", "fsi_encounter_dtos": [visit],
    }  # fmt: skip
    body: dict[str, Any] = {
        "infno": "3101", "msgid": f"{PHARMACY}{now:%Y%m%d%H%M%S}{number % 10_000:04d}", "mdtrtarea_admvs": "340602",
        "insuplc_admdvs": "340602", "recer_sys_code": "99", "dev_no": "", "dev_safe_info": "", "cainfo": "",
        "signtype": "", "infver": "V1.0", "opter_type": "1", "opter": "01", "opter_name": "测试", "inf_time": at,
        "fixmedins_code": PHARMACY, "fixmedins_name": "测试", "sign_no": "",
        "input": {"data": {"patient_dtos": [patient], "trig_scen": "1"}},
    }  # fmt: skip
    return json.dumps(body, ensure_ascii=False).encode()


def order(number: int, place: int, code: str, at: str) -> dict[str, Any]:
    """One order of one piece at 12 yuan."""
    return {
        "rx_id": f"{number}-{place}", "rxno": f"X{number}", "long_drord_flag": "0", "hilist_type": "11",
        "chrg_type": "09", "drord_bhvr": "0", "hilist_code": code, "hilist_name": "测试", "hilist_lv": "01",
        "hilist_pric": 12, "hosplist_code": code, "hosplist_name": "测试", "cnt": 1, "pric": 12, "sumamt": 12,
        "ownpay_amt": 0, "selfpay_amt": 0, "spec": "盒", "spec_unt": "盒", "drord_begn_date": at,
        "drord_dept_codg": "A03", "drord_dept_name": "内科", "drord_dr_codg": "D1", "drord_dr_name": "医师",
        "drord_dr_profttl": "234", "curr_drord_flag": "1", "extend_order_map": {"o_prdDays": "3"},
    }  # fmt: skip


async def cpu(database: Database, town: Town, codes: list[str], numbers: Numbers, repeat: int) -> dict[str, float]:
    """Milliseconds of CPU of this process for one question, median; and how many warnings it gives."""
    directory = DirectoryCache(database)
    await directory.listen()
    counter = counter_of(directory)
    spent, warned = [], 0
    for turn in range(repeat + 10):
        body = question(numbers.take(), town.persons, codes, dates.now())
        start = time.process_time_ns()
        nodes, faults = validator_of("3101").check(parse(body).input())
        assert not faults, faults
        read = time.process_time_ns()
        async with database.connection() as connection:
            found = await counter.review(connection, "before", PHARMACY, nodes["data"]["patient_dtos"])
        if turn >= 10:  # the first read the rules and fill caches
            spent.append((read - start, time.process_time_ns() - read))
            warned += len(found)
    await directory.close()
    return {
        "reading_ms": round(statistics.median(one[0] for one in spent) / 1e6, 2),
        "counter_ms": round(statistics.median(one[1] for one in spent) / 1e6, 2),
        "warnings": round(warned / repeat, 1),
    }


async def over_http(address: str, town: Town, numbers: Numbers, codes: list[str], per_second: float) -> dict[str, Any]:
    """An even stream of questions for ten seconds, after one that lets every worker read its rules."""
    ask: Callable[[int], bytes] = lambda number: question(number, town.persons, codes, dates.now())  # noqa: E731
    await stream(address, town, numbers, seconds=4, count=32, lines=0, per_second=20, message=ask)
    load = await stream(address, town, numbers, seconds=10, count=64, lines=0, per_second=per_second, message=ask)
    return {
        "per_second": round(load.per_second, 1), "p50_ms": round(load.p50, 1), "p99_ms": round(load.p99, 1),
        "failures": load.failures,
    }  # fmt: skip
