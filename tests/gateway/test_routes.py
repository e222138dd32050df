"""Whole-interface facts: every transaction is authenticated, checked, and answers; none ends in a fault of ours."""

import json
import re
from pathlib import Path

import pytest

from tests.gateway.client import api_headers, tif_headers
from tests.gateway.conftest import City
from tests.gateway.filler import filled_message
from yibao.gateway.handlers import HANDLERS
from yibao.gateway.interface.catalogue import transactions
from yibao.gateway.validate import validator_of

EVERY = sorted(HANDLERS)


def test_every_described_transaction_has_a_handler_and_every_handler_a_description() -> None:
    described = {infno for infno, known in transactions().items() if known.described}
    assert described == set(HANDLERS)


async def test_no_transaction_answers_without_a_signature(city: City) -> None:
    for infno in EVERY:
        body = json.dumps(city.hospital.envelope(infno, {})).encode()
        for path in ("/fsi/api/rsfComIfsService/callService", "/CSB", f"/CSB/hsa-fsi-{infno}", f"/fsi/{infno}"):
            response = await city.hospital.send(body, path, headers={})
            assert (response.status_code, response.json()["code"]) == (401, 401), (infno, path)


async def test_no_transaction_answers_to_a_wrong_signature(city: City) -> None:
    for infno in EVERY:
        body = json.dumps(city.hospital.envelope(infno, {})).encode()
        for headers in (
            tif_headers(city.hospital.code, "wrong"),
            api_headers(city.hospital.code, "wrong", infno),
        ):
            response = await city.hospital.send(body, "/CSB", headers=headers)
            assert response.status_code == 401, infno
            assert response.json()["message"] == "签名不一致"


async def test_no_transaction_answers_for_another_institution(city: City) -> None:
    for infno in EVERY:
        reply = await city.hospital.call(infno, {"data": {}}, fixmedins_code=city.county.code)
        assert reply["output"]["faults"][0]["code"] == "G006", infno


async def test_every_transaction_refuses_an_empty_message_in_words_and_codes_or_answers_it(city: City) -> None:
    for infno in EVERY:
        reply = await city.hospital.call(infno, {})
        if reply["infcode"] == 0:
            assert not any(node.required for node in validator_of(infno).top), infno
            continue
        codes = {fault["code"] for fault in reply["output"]["faults"]}
        assert codes, infno
        assert "G052" not in codes, (infno, reply)
        assert reply["err_msg"]
        assert len(reply["err_msg"]) <= 200


def test_a_message_with_every_field_filled_is_valid_for_every_transaction() -> None:
    faults = {infno: validator_of(infno).check(filled_message(infno))[1] for infno in EVERY}
    assert {infno: found for infno, found in faults.items() if found} == {}


def test_every_node_may_come_under_the_names_of_other_provinces() -> None:
    renamed = [
        (infno, node.name, alias) for infno in EVERY for node in transactions()[infno].inputs for alias in node.aliases
    ]
    assert ("2207", "data", "mdtrtinfo") in renamed
    for infno, name, alias in renamed:
        sent = filled_message(infno)
        sent[alias] = sent.pop(name)
        nodes, faults = validator_of(infno).check(sent)
        assert not faults, (infno, alias)
        assert nodes[name], (infno, alias)


async def test_a_message_with_every_field_filled_gets_an_answer_and_no_unexpected_error(city: City) -> None:
    for program in (city.hospital, city.pharmacy):
        for infno in EVERY:
            body = json.dumps(program.envelope(infno, filled_message(infno))).encode()
            response = await program.send(body)
            assert response.status_code == 200
            if infno == "9102" and not response.content.startswith(b"{"):
                continue
            faults = (response.json()["output"] or {}).get("faults", [])
            assert {fault["code"] for fault in faults} & {"G052", "G051", "G024"} == set(), (infno, faults)


async def test_a_known_transaction_that_is_not_offered_says_so(city: City) -> None:
    for infno in ("6202", "7101", "3601", "4301", "8101"):
        reply = await city.hospital.call(infno, {"data": {}})
        assert reply["infcode"] == -1
        assert f"交易[{infno}]" in reply["err_msg"]
        assert "暂未开放" in reply["err_msg"]


async def test_an_unknown_transaction_says_so(city: City) -> None:
    reply = await city.hospital.call("9999", {"data": {}})
    assert reply["output"]["faults"][0]["code"] == "G011"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_other_methods_are_refused(city: City, method: str) -> None:
    response = await city.hospital.http.request(method, "/CSB")
    assert response.status_code == 405


def test_the_documentation_lists_every_transaction_and_every_code_of_the_gateway() -> None:
    root = Path(__file__).parents[2]
    text = (root / "docs" / "gateway.md").read_text("utf-8")
    assert [infno for infno in EVERY if f"| {infno} |" not in text] == []
    sources = (path.read_text("utf-8") for path in (root / "src" / "yibao" / "gateway").rglob("*.py"))
    codes = {code for source in sources for code in re.findall(r'"(G\d{3})"', source)}
    assert [code for code in sorted(codes) if code not in text] == []
