"""Mutated messages against the whole gateway with a real database: no unexpected error, nothing half written.

The default run sends twice `QUICK` messages, the slow one `LONG`; all seeded, so a failure can be repeated.
"""

import asyncio
import json
import logging
import random
from typing import Any

import pytest

from tests.gateway import messages as m
from tests.gateway.client import api_headers
from tests.gateway.conftest import City
from tests.gateway.mutations import mutated
from tests.settlement.town import DRUG_A, DRUG_B, HOSPITAL, PHARMACY
from yibao.core.errors import Unavailable
from yibao.gateway.envelope import encode
from yibao.settlement.verify import violations

QUICK, LONG = 10_000, 40_000


async def post(city: City, code: str, body: bytes, path: str) -> tuple[int, bytes]:
    """One request straight into the application."""
    signed = api_headers(code, f"secret-{code}", "any")
    headers = [(name.encode(), value.encode()) for name, value in signed.items()]
    scope = {"type": "http", "method": "POST", "path": path, "headers": headers}
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)

    await city.gateway(scope, receive, send)  # type: ignore[arg-type]
    return sent[0]["status"], b"".join(event.get("body", b"") for event in sent[1:])


async def seeds(city: City) -> list[tuple[str, dict[str, Any]]]:
    """(institution, message): valid messages of every group, on visits and stays that really stand."""
    hospital, pharmacy = city.hospital, city.pharmacy
    visit = (await hospital.ok("2201", m.registration("w1")))["data"]["mdtrt_id"]
    await hospital.ok("2204", {"feedetail": [m.fee_row("w1", visit, "f1", DRUG_A, "700")]})
    stay = (await hospital.ok("2401", m.admission("r1")))["result"]["mdtrt_id"]
    await hospital.ok("2301", {"feedetail": [m.fee_row("r1", stay, "f1", DRUG_A, "5000")]})
    areas = {"insuplc_admdvs": "340600", "mdtrtarea_admvs": "340602", "mid_setl_flag": "0", "acct_used_flag": "0"}
    sold = (await pharmacy.ok("2102", m.sale("w2", DRUG_A, "30")))["setlinfo"]
    key = {"setl_id": sold["setl_id"], "mdtrt_id": sold["mdtrt_id"], "psn_no": "w2"}
    day = {"psn_no": "w1", "begntime": "2024-06-01", "endtime": "2024-06-30", "med_type": "11", "cum_ym": "202406"}
    page = {"updt_time": "2020-01-01", "page_num": 1, "page_size": 5}
    of_hospital = {
        "1101": {"data": {"mdtrt_cert_type": "02", "mdtrt_cert_no": "340602196001010119", "psn_cert_type": "01"}},
        "1301": {"data": {"ver": "0"}}, "1312": {"data": page}, "1317": {"data": page}, "1318": {"data": page},
        "1319": {"data": page}, "1901": {"data": {"type": "insutype"}},
        "2001": {"data": day | {"insutype": "310", "fixmedins_code": HOSPITAL}},
        "2201": m.registration("w1"), "2203": m.description("w1", visit),
        "2204": {"feedetail": [m.fee_row("w1", visit, f"n{i}", DRUG_B, "12.5") for i in range(2)]},
        "2205": {"data": {"mdtrt_id": visit, "chrg_bchno": "none", "psn_no": "w1"}},
        "2206": m.settling("w1", visit, "700"), "2207": m.settling("w1", visit, "700"),
        "2301": {"feedetail": [m.fee_row("r1", stay, "n1", DRUG_A, "20")]},
        "2303": m.settling("r1", stay, "5000", "390", **areas), "2304": m.settling("r1", stay, "5000", "390", **areas),
        "2401": m.admission("r2"), "2402": m.leaving("r1", stay),
        "2405": {"data": {"mdtrt_id": stay, "psn_no": "r1"}},
        "3301": {"data": [{"fixmedins_hilist_id": "o", "fixmedins_hilist_name": "n", "list_type": "101",
                           "med_list_codg": DRUG_A, "begndate": "2024-01-01", "enddate": "2024-12-31"}]},
        "5201": {"data": day}, "5203": {"data": {"psn_no": "w1", "mdtrt_id": visit, "setl_id": ""}},
        "5204": {"data": {"psn_no": "w1", "mdtrt_id": visit, "setl_id": ""}}, "5206": {"data": day},
        "5303": {"data": day}, "5304": {"data": day},
        "9001": {"signIn": {"opter_no": "1", "mac": "m", "ip": "i"}},
        "9101": {"fsUploadIn": {"in": [1, 2, -3], "filename": "a", "fixmedins_code": HOSPITAL}},
    }  # fmt: skip
    of_pharmacy = {
        "2101": m.sale("w2", DRUG_A, "9.99"), "2102": m.sale("w2", DRUG_A, "9.99"), "2103": {"data": key},
        "2601": {"data": {"psn_no": "w2", "omsgid": "unknown", "oinfno": "2102"}},
        "3201": {"data": {"insutype": "310", "clr_type": "41", "setl_optins": "340600", "stmt_begndate": "2024-06-01",
                          "stmt_enddate": "2024-06-30", "medfee_sumamt": 1, "fund_pay_sumamt": 1, "acct_pay": 1,
                          "fixmedins_setl_cnt": 1, "fixmedins_refd_setl_flag": "0"}},
    }  # fmt: skip
    messages = [(HOSPITAL, hospital.envelope(infno, sent)) for infno, sent in of_hospital.items()]
    return messages + [(PHARMACY, pharmacy.envelope(infno, sent)) for infno, sent in of_pharmacy.items()]


async def send_mutations(
    city: City, count: int, seed: int, known: list[tuple[str, dict[str, Any]]] | None = None
) -> dict[int, int]:
    """Send `count` mutated messages; returns how many ended with which infcode."""
    known = known or await seeds(city)
    unexpected: list[tuple[int, str, str]] = []
    ends = {0: 0, -1: 0}
    for number in range(count):
        rng = random.Random(f"{seed}-{number}")
        code, message = known[rng.randrange(len(known))]
        message = message | {"msgid": f"{code}{rng.randrange(count):017d}"}
        path = rng.choice(("/CSB", "/fsi/api/rsfComIfsService/callService", f"/fsi/{message['infno']}"))
        body = mutated(message, rng)
        status, answer = await post(city, code, body, path)
        assert status == 200, (seed, number, status)
        if not answer.startswith(b"{"):
            continue  # the file of a 9102
        reply = json.loads(answer)
        ends[reply["infcode"]] += 1
        faults = (reply["output"] or {}).get("faults", ())
        unexpected += [(number, message["infno"], f["text"]) for f in faults if f["code"] in ("G051", "G052")]
    assert unexpected == []
    return ends


async def check_nothing_is_half_written(city: City) -> None:
    async with city.town.database.connection() as connection:
        found = {name: rows async for name, rows in violations(connection) if rows}
    assert found == {}


@pytest.mark.parametrize("seed", [1, 2])
async def test_mutated_messages_never_end_in_an_unexpected_error_and_leave_nothing_half_written(
    city: City, caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    with caplog.at_level(logging.ERROR, "yibao.gateway"):
        ends = await send_mutations(city, QUICK, seed)
    assert caplog.records == []
    assert min(ends.values()) > QUICK // 50  # both accepted and refused messages were among them
    await check_nothing_is_half_written(city)


@pytest.mark.slow
async def test_a_long_run_of_mutated_messages_by_many_programs_at_once(city: City) -> None:
    known = await seeds(city)
    await asyncio.gather(*(send_mutations(city, LONG // 8, seed, known) for seed in range(10, 18)))
    await check_nothing_is_half_written(city)


async def test_an_unexpected_error_is_answered_with_a_number_and_logged_without_personal_data(
    city: City, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("340602196001010119 职工甲")

    monkeypatch.setattr("yibao.gateway.handlers.persons.find_person", fail)
    sent = {"mdtrt_cert_type": "02", "mdtrt_cert_no": "340602196001010119"}
    reply = await city.hospital.call("1101", {"data": sent})
    (fault,) = reply["output"]["faults"]
    (line,) = [record.getMessage() for record in caplog.records if record.name == "yibao.gateway"]
    assert fault["code"] == "G052"
    assert fault["text"].removeprefix("系统处理异常，编号") in line
    assert "3406021960" not in line
    assert "职工甲" not in line


async def test_a_database_that_is_away_is_answered_in_words_and_the_same_message_succeeds_later(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise Unavailable("connection refused")

    message = city.hospital.envelope("2201", m.registration("w1"))
    with monkeypatch.context() as broken:
        broken.setattr(type(city.town.database), "transaction", away)
        status, answer = await post(city, HOSPITAL, encode(message), "/CSB")
        assert (status, json.loads(answer)["output"]["faults"][0]["code"]) == (200, "G051")
    _, answer = await post(city, HOSPITAL, encode(message), "/CSB")
    assert json.loads(answer)["infcode"] == 0
