"""Every fault of a message at once, with its place; and what real programs send is understood."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from tests.gateway.messages import fee_row, registration, sale, settling
from yibao.core.errors import Refusal
from yibao.gateway import envelope as wire
from yibao.gateway.faults import ERR_MSG_LIMIT, Fault, err_msg, from_refusal
from yibao.gateway.validate import set_strictness, validator_of


def faults_of(infno: str, sent: dict[str, Any]) -> list[Fault]:
    return validator_of(infno).check(sent)[1]


def nodes_of(infno: str, sent: dict[str, Any]) -> dict[str, Any]:
    nodes, faults = validator_of(infno).check(sent)
    assert not faults, faults
    return nodes


def row_with(**changes: Any) -> dict[str, Any]:
    return {"feedetail": [fee_row("w1", "300000001", "1", "XA1", "10") | changes]}


def test_every_fault_of_a_message_is_reported_at_once_with_node_row_field_and_rule() -> None:
    good = fee_row("w1", "300000001", "1", "XA1", "10")
    bad = good | {"cnt": "many", "fee_ocur_time": "yesterday", "hosp_appr_flag": "7", "psn_no": "", "memo": "长" * 1001}
    found = {(f.node, f.row, f.field, f.code, f.rule) for f in faults_of("2204", {"feedetail": [good, bad]})}
    assert found == {
        ("feedetail", 2, "cnt", "G024", "类型"),
        ("feedetail", 2, "fee_ocur_time", "G026", "格式"),
        ("feedetail", 2, "hosp_appr_flag", "G025", "字典"),
        ("feedetail", 2, "psn_no", "G022", "必填"),
        ("feedetail", 2, "memo", "G023", "长度"),
    }


def test_a_fault_names_the_field_in_chinese_and_says_what_to_do() -> None:
    (fault,) = faults_of("2204", row_with(psn_no=None))
    assert str(fault) == "[G022]feedetail第1行.人员编号(psn_no)不能为空"
    assert fault.advice


def test_length_counts_characters_not_bytes() -> None:
    assert not faults_of("2204", row_with(bilg_dept_name="科" * 100))
    assert [f.code for f in faults_of("2204", row_with(bilg_dept_name="科" * 101))] == ["G023"]


@pytest.mark.parametrize("value", ["10.00", 10, Decimal("10.5"), "10.500", "-3", "99999999999999.99", "1E+2", " 7 "])
def test_amounts_may_be_numbers_or_text(value: Any) -> None:
    row = nodes_of("2204", row_with(det_item_fee_sumamt=value))["feedetail"][0]
    assert row["det_item_fee_sumamt"] == Decimal(str(value).strip())


@pytest.mark.parametrize(
    "value", ["10.001", Decimal("0.001"), "100000000000000", "NaN", "Infinity", "1e400", "12元", True, {}]
)
def test_amounts_with_too_many_digits_or_no_number_are_faults(value: Any) -> None:
    assert [f.field for f in faults_of("2204", row_with(det_item_fee_sumamt=value))] == ["det_item_fee_sumamt"]


def test_an_empty_number_is_tolerated_where_it_is_optional_and_a_fault_where_it_is_required() -> None:
    assert nodes_of("2204", row_with(prd_days=""))["feedetail"][0]["prd_days"] is None
    assert [f.code for f in faults_of("2204", row_with(cnt=""))] == ["G022"]
    assert not faults_of("2207", settling("w1", "1", "10", fulamt_ownpay_amt=0))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2024-06-03 10:07:24", "2024-06-03 10:07:24"),
        ("2024-06-03T10:07:24", "2024-06-03 10:07:24"),
        ("20240603100724", "2024-06-03 10:07:24"),
        ("2024-06-03 10:07:24.0", "2024-06-03 10:07:24"),
        ("2024-06-03", "2024-06-03 00:00:00"),
        ("20240603", "2024-06-03 00:00:00"),
    ],
)
def test_times_are_read_as_programs_write_them(written: str, read: str) -> None:
    assert nodes_of("2204", row_with(fee_ocur_time=written))["feedetail"][0]["fee_ocur_time"] == datetime.fromisoformat(
        read
    )


@pytest.mark.parametrize("written", ["2024-02-30 10:00:00", "0001-01-01", "03/06/2024", "9999-01-01", 5, True])
def test_what_is_no_time_is_a_fault(written: Any) -> None:
    assert [f.code for f in faults_of("2204", row_with(fee_ocur_time=written))] == ["G026"]


@pytest.mark.parametrize("node", ["data", "mdtrtinfo", "DATA"])
def test_the_node_may_have_the_name_of_another_province(node: str) -> None:
    body = settling("w1", "300000001", "10")["data"]
    assert nodes_of("2207", {node: body})["data"]["mdtrt_id"] == "300000001"


def test_fields_without_any_node_are_understood() -> None:
    assert nodes_of("2207", settling("w1", "300000001", "10")["data"])["data"]["psn_no"] == "w1"


def test_one_object_for_a_list_and_a_list_of_one_for_an_object_are_understood() -> None:
    line = fee_row("w1", "1", "1", "XA1", "10")
    assert len(nodes_of("2204", {"feedetail": line})["feedetail"]) == 1
    assert nodes_of("2201", {"data": [registration("w1")["data"]]})["data"]["psn_no"] == "w1"


def test_two_objects_where_one_belongs_are_a_fault() -> None:
    one = registration("w1")["data"]
    assert [f.code for f in faults_of("2201", {"data": [one, one]})] == ["G027"]


def test_the_words_null_and_NULL_are_empty_text() -> None:
    row = nodes_of("2201", {"data": registration("w1")["data"] | {"card_sn": "NULL", "dr_name": "null"}})["data"]
    assert (row["card_sn"], row["dr_name"]) == ("", "")
    (fault,) = faults_of("2201", {"data": registration("w1")["data"] | {"psn_no": "null"}})
    assert (fault.code, fault.field) == ("G022", "psn_no")


def test_numbers_where_text_belongs_become_text() -> None:
    row = nodes_of("2201", {"data": registration("w1")["data"] | {"psn_no": 123, "insutype": 310}})["data"]
    assert (row["psn_no"], row["insutype"]) == ("123", "310")


def test_names_in_camel_case_or_capitals_are_understood() -> None:
    body = {"psnNo": "w1", "expContent": {"a": "1"}} | {
        k: v for k, v in registration("x")["data"].items() if k != "psn_no"
    }
    row = nodes_of("2201", {"data": body})["data"]
    assert (row["psn_no"], row["exp_content"]) == ("w1", {"a": "1"})


def test_the_extension_may_be_an_object_or_its_text() -> None:
    from yibao.gateway.fields import extension

    for sent in ({"TRUM_FLAG": "1"}, '{"TRUM_FLAG": "1"}'):
        row = nodes_of("2207", settling("w1", "1", "1", exp_content=sent))["data"]
        assert extension(row) == {"TRUM_FLAG": "1"}
    assert extension({"exp_content": "{broken"}) == {}


def test_a_code_without_its_leading_zero_and_a_provincial_code_are_in_the_dictionary() -> None:
    assert not faults_of("2206", settling("w1", "1", "1", med_type="12"))  # a code of Jiangxi
    assert [f.code for f in faults_of("2206", settling("w1", "1", "1", med_type="9999"))] == ["G025"]


def test_dictionaries_that_provinces_extend_can_be_left_unchecked() -> None:
    try:
        set_strictness("provincial")
        assert not faults_of("2206", settling("w1", "1", "1", med_type="9999"))
        assert faults_of("2206", settling("w1", "1", "1", mdtrt_cert_type="9"))
    finally:
        set_strictness("strict")


def test_fields_that_other_editions_lack_are_not_demanded() -> None:
    body = settling("w1", "1", "1")["data"]
    for name in ("psn_cert_type", "certno", "psn_type", "psn_name"):
        del body[name]
    assert not faults_of("2206", {"data": body})
    assert not faults_of("2207", {"data": body})


def test_a_bill_without_lines_is_refused() -> None:
    assert [f.code for f in faults_of("2204", {"feedetail": []})] == ["G021"]
    head = sale("w1", "XA1", "10")
    assert [f.node for f in faults_of("2102", {"druginfo": head["druginfo"]})] == ["drugdetail"]


def test_faults_of_nested_nodes_are_found() -> None:
    body = sale("w1", "XA1", "10")
    body["drugdetail"][0]["durg_trac_info"] = [{"feedetl_sn": "1", "drug_trac_codg": "", "trdn_flag": "9"}]
    found = {(f.node, f.row, f.field) for f in faults_of("2102", body)}
    assert ("durg_trac_info", 1, "drug_trac_codg") in found


def test_err_msg_stays_within_its_limit_and_counts_what_does_not_fit() -> None:
    rows = [fee_row("", "", "", "", "x") for _ in range(50)]
    faults = faults_of("2204", {"feedetail": rows})
    line = err_msg(faults)
    assert len(line) <= ERR_MSG_LIMIT
    assert line.endswith(f"共{len(faults)}处错误，详见output.faults")


@pytest.mark.parametrize(
    ("place", "node", "row", "field"),
    [
        ("费用明细第3行", "费用明细", 3, ""), ("data第2条", "data", 2, ""), ("psn_no", "", 0, "psn_no"),
        ("data.setl_id", "data", 0, "setl_id"), ("", "", 0, ""),
    ],
)  # fmt: skip
def test_the_place_of_an_areas_refusal_becomes_node_row_and_field(place: str, node: str, row: int, field: str) -> None:
    fault = from_refusal(Refusal("S201", "已上传", "请核对", place))
    assert (fault.node, fault.row, fault.field, fault.advice) == (node, row, field, "请核对")


def test_a_message_with_very_many_faults_gets_a_list_of_bounded_length_that_says_how_many() -> None:
    faults = faults_of("2204", {"feedetail": [{} for _ in range(500)]})
    answer = msgspec.json.decode(wire.reply(None, faults))
    assert len(answer["output"]["faults"]) == wire.MOST_FAULTS < len(faults)
    assert str(len(faults)) in answer["err_msg"]
