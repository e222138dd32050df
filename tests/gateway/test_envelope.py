"""The envelope as real programs send it, and the samples of real messages."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.conftest import City
from tests.gateway.messages import registration
from yibao.gateway import envelope as wire
from yibao.gateway.envelope import MalformedMessage
from yibao.gateway.interface.catalogue import transactions
from yibao.gateway.replies import IDENTITY_FIELDS, field_names
from yibao.gateway.validate import validator_of

SAMPLES = Path(__file__).parents[3] / "shared" / "reference" / "interface" / "samples"


def sample(name: str) -> bytes:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip("the samples of real messages are not beside this checkout")
    return path.read_bytes()


def message(**changes: Any) -> dict[str, Any]:
    return {
        "infno": "5301", "msgid": "H34060000001202406031000000001", "mdtrtarea_admvs": "340602", "recer_sys_code": "99",
        "infver": "V1.0", "opter_type": "1", "opter": "1", "opter_name": "某", "inf_time": "2024-06-03 10:00:00",
        "fixmedins_code": "H34060000001", "fixmedins_name": "", "input": {"data": {"psn_no": "w1"}},
    } | changes  # fmt: skip


def parsed(**changes: Any) -> wire.Envelope:
    return wire.parse(json.dumps(message(**changes)).encode())


def refused(body: bytes) -> list[tuple[str, str]]:
    with pytest.raises(MalformedMessage) as caught:
        wire.parse(body)
    return [(fault.code, fault.field) for fault in caught.value.faults]


def test_a_byte_order_mark_is_skipped() -> None:
    assert wire.parse(b"\xef\xbb\xbf" + json.dumps(message()).encode()).infno == "5301"


def test_numbers_where_the_envelope_has_text_are_read_as_text() -> None:
    envelope = parsed(infno=5301, mdtrtarea_admvs=340602, opter_type=1, opter=7)
    assert (envelope.infno, envelope.mdtrtarea_admvs, envelope.opter) == ("5301", "340602", "7")


@pytest.mark.parametrize("word", ["null", "NULL", None, ""])
def test_the_words_for_nothing_are_empty(word: Any) -> None:
    assert parsed(sign_no=word, cainfo=word).sign_no == ""
    assert refused(json.dumps(message(opter=word)).encode()) == [("G004", "opter")]


@pytest.mark.parametrize("key", ["mdtrtarea_admdvs", "mdtrtareaAdmvs", "MDTRTAREA_ADMVS"])
def test_other_spellings_of_keys_are_understood(key: str) -> None:
    body = message()
    body[key] = body.pop("mdtrtarea_admvs")
    assert wire.parse(json.dumps(body).encode()).mdtrtarea_admvs == "340602"


def test_input_may_be_an_object_or_its_json_text_and_both_read_alike() -> None:
    sent = {"data": {"psn_no": "中文"}}
    assert parsed(input=sent).input() == parsed(input=json.dumps(sent)).input() == sent


def test_the_number_may_stand_in_the_address_alone_but_must_not_differ() -> None:
    body = message()
    del body["infno"]
    assert wire.parse(json.dumps(body).encode(), "2207").infno == "2207"
    with pytest.raises(MalformedMessage) as caught:
        wire.parse(json.dumps(message()).encode(), "2207")
    assert caught.value.faults[0].code == "G005"


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"{", b"\xff\xfe{}", b'{"a":' + b"[" * 50_000, "{中文}".encode("gbk")],
    ids=lambda body: ascii(body)[:12],
)
def test_what_is_no_json_object_is_answered_with_a_code(body: bytes) -> None:
    assert refused(body) == [("G002", "")]


@pytest.mark.parametrize("sent", [None, [], "text", 5, "[1]", '{"a":', "\ud800"], ids=lambda sent: ascii(sent))
def test_an_input_that_is_no_object_is_answered_with_a_code(sent: Any) -> None:
    with pytest.raises(MalformedMessage) as caught:
        parsed(input=sent).input()
    assert caught.value.faults[0].code in ("G002", "G003")


def test_every_fault_of_the_envelope_is_reported_at_once() -> None:
    body = message(msgid="x" * 31, opter="", inf_time={}, infver="V1.0.0.0")
    assert set(refused(json.dumps(body).encode())) == {
        ("G004", "msgid"), ("G004", "opter"), ("G004", "inf_time"), ("G004", "infver"),
    }  # fmt: skip


def test_inf_refmsgid_is_area_time_and_a_serial_of_thirty_characters() -> None:
    first, second = (wire.reference_number("340602", "20240603100000123") for _ in range(2))
    assert first != second
    assert len(first) == 30
    assert first.startswith("34060220240603100000")


def test_the_reply_has_the_keys_of_the_specification_and_numbers_of_seventeen_digits() -> None:
    answer = json.loads(wire.reply({"a": 1}, area="340602", received="20240603100000123"))
    assert answer["infcode"] == 0
    assert (answer["refmsg_time"], len(answer["respond_time"]), answer["err_msg"]) == ("20240603100000123", 17, "")


def test_amounts_leave_as_numbers_with_two_decimals() -> None:
    from yibao.core.money import yuan_from_fen

    assert wire.encode([yuan_from_fen(1250), yuan_from_fen(-7), yuan_from_fen(0)]) == b"[12.50,-0.07,0.00]"


@pytest.mark.parametrize(
    "name",
    ["1101-request-hunan-spec.json", "5303-request-hunan-spec.json", "4102-request-hunan-spec.json"],
)
def test_the_requests_of_the_specification_are_read_and_valid(name: str) -> None:
    envelope = wire.parse(sample(name))
    infno = "4102" if name.startswith("4102") else envelope.infno  # that sample has a wrong number in its envelope
    assert validator_of(infno).check(envelope.input())[1] == []


def test_the_list_of_4102_is_found_in_its_sample() -> None:
    nodes, _ = validator_of("4102").check(wire.parse(sample("4102-request-hunan-spec.json")).input())
    assert [row["setl_id"] for row in nodes["data"]["stastinfo"]] == ["284002", "284004"]


def test_the_sample_of_another_province_that_failed_there_fails_here_with_its_reasons() -> None:
    faults = validator_of("3103").check(wire.parse(sample("3103-request-fujian-failing.json")).input())[1]
    assert {fault.code for fault in faults} == {"G022"}


def test_a_purchase_without_its_nodes_is_refused_by_the_names_of_the_nodes() -> None:
    faults = validator_of("2101").check(wire.parse(sample("2101-request-gansu-in-hunan-spec.json")).input())[1]
    assert [fault.node for fault in faults] == ["druginfo", "drugdetail"]


@pytest.mark.parametrize(
    ("name", "infno", "node"),
    [
        ("2207-response-hebei.json", "2207", "setlinfo"),
        ("2304-response-hunan.json", "2304", "setlinfo"),
        ("2204-response-hebei.json", "2204", "result"),
        ("9001-response.json", "9001", "signinoutb"),
        ("2201-response-hebei.json", "2201", "data"),
    ],
)
def test_our_replies_have_every_field_that_real_replies_have(name: str, infno: str, node: str) -> None:
    real = json.loads(sample(name))["output"][node]
    fields = set(real[0] if isinstance(real, list) else real)
    ours = {*field_names(infno, node), *(IDENTITY_FIELDS if node == "setlinfo" else ())}
    assert fields <= ours


async def test_a_real_bill_has_the_keys_of_the_hebei_sample(city: City) -> None:
    from tests.gateway.messages import sale
    from tests.settlement.town import DRUG_A

    real = json.loads(sample("2207-response-hebei.json"))["output"]
    ours = await city.pharmacy.ok("2102", sale("w1", DRUG_A, "4.52"))
    assert set(real["setlinfo"]) - {"mdtrt_cert_type"} <= set(ours["setlinfo"])
    assert set(real["setldetail"][0]) <= set(ours["setldetail"][0])


async def test_text_plain_and_a_wrong_content_type_are_accepted(city: City) -> None:
    from tests.gateway.client import tif_headers

    body = json.dumps(city.hospital.envelope("5101", {})).encode()
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        signed = tif_headers(city.hospital.code, city.hospital.secret)
        answer = await city.hospital.send(body, headers=signed | {"content-type": kind})
        assert answer.json()["infcode"] == 0


async def test_a_body_over_the_limit_is_refused_with_a_code(city: City) -> None:
    answer = await city.hospital.send(b" " * (city.gateway.largest_body + 1))
    assert answer.json()["output"]["faults"][0]["code"] == "G001"


async def test_the_same_msgid_with_a_number_as_infno_and_a_bom_is_the_same_message(city: City) -> None:
    body = city.hospital.envelope("2201", registration("w1"))
    first = await city.hospital.send(json.dumps(body).encode())
    again = await city.hospital.send(b"\xef\xbb\xbf" + json.dumps(body | {"infno": 2201}).encode())
    assert first.json()["infcode"] == 0
    assert first.content == again.content


def test_transactions_known_by_name_only_are_marked_so() -> None:
    known: Callable[[str], bool] = lambda infno: transactions()[infno].described  # noqa: E731
    assert known("2207")
    assert not known("6202")


async def test_the_person_has_the_keys_that_real_replies_have(city: City) -> None:
    from datetime import date

    from yibao.population.identity import identity_number

    certno = identity_number("340602", date(1960, 1, 1), 11)
    async with city.town.database.transaction() as connection:
        await connection.execute("update population.person set certno = $1 where psn_no = 'r2'", certno)
    sent = {"mdtrt_cert_type": "02", "mdtrt_cert_no": certno, "psn_cert_type": "01"}
    ours = await city.hospital.ok("1101", {"data": sent})
    for name in ("1101-response-hunan-appendixB.json", "1101-response-sichuan.json"):
        real = json.loads(sample(name))["output"]
        enrolled = real["insuinfo"][0] if isinstance(real["insuinfo"], list) else real["insuinfo"]
        assert set(real["baseinfo"]) <= set(ours["baseinfo"])
        assert set(enrolled) <= set(ours["insuinfo"][0])
        assert all(set(row) <= set(ours["idetinfo"][0]) for row in real["idetinfo"])
