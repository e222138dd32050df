"""The other transaction groups, one sentence each: what a program asks and what it gets."""

import base64
import io
import json
import zipfile
from datetime import date
from typing import Any

import pytest

from tests.gateway.conftest import City
from tests.gateway.filler import filled_message
from tests.gateway.messages import admission, sale
from tests.gateway.test_outpatient import settling, visit_with_lines
from tests.settlement.town import DRUG_A, HOSPITAL
from yibao.population.identity import identity_number


async def execute(city: City, query: str, *arguments: Any) -> None:
    async with city.town.database.transaction() as connection:
        await connection.execute(query, *arguments)


async def first_code(city: City, infno: str, sent: Any) -> str:
    reply = await city.hospital.call(infno, sent)
    assert reply["infcode"] == -1, reply
    return str(reply["output"]["faults"][0]["code"])


async def test_an_operator_signs_in_and_out_on_the_same_day(city: City) -> None:
    signed = await city.hospital.ok("9001", {"signIn": {"opter_no": "1", "mac": "", "ip": ""}})
    out = {"signOut": {"sign_no": signed["signinoutb"]["sign_no"], "opter_no": "1"}}
    assert (await city.hospital.ok("9002", out))["sign_time"] == "2024-06-03 10:00:00"
    assert await first_code(city, "9002", {"signOut": {"sign_no": "1", "opter_no": "1"}}) == "G013"


async def test_a_person_is_found_by_identity_card_with_enrolments_and_tags(city: City) -> None:
    certno = identity_number("340602", date(1960, 1, 1), 11)
    await execute(city, "update population.person set certno = $1 where psn_no = 'r2'", certno)
    sent = {"mdtrt_cert_type": "02", "mdtrt_cert_no": certno, "psn_cert_type": "01", "certno": "", "psn_name": ""}
    found = await city.hospital.ok("1101", {"data": sent})
    assert (found["baseinfo"]["psn_no"], found["baseinfo"]["age"]) == ("r2", 64)
    assert [row["insutype"] for row in found["insuinfo"]] == ["390"]
    assert [row["memo"] for row in found["idetinfo"]] == ["低保"]
    assert await first_code(city, "1101", {"data": sent | {"psn_name": "别人"}}) == "P105"


async def test_who_owes_contributions_is_shown_as_suspended_since_the_day_after_the_last_day_covered(
    city: City,
) -> None:
    certno = identity_number("340602", date(1960, 1, 1), 11)
    await execute(city, "update population.person set certno = $1 where psn_no = 'r2'", certno)
    await execute(city, "update population.coverage set enddate = '2024-04-30' where psn_no = 'r2'")
    sent = {"mdtrt_cert_type": "02", "mdtrt_cert_no": certno, "psn_cert_type": "01", "certno": "", "psn_name": ""}
    (row,) = (await city.hospital.ok("1101", {"data": sent}))["insuinfo"]
    assert (row["psn_insu_stas"], row["paus_insu_date"]) == ("2", "2024-05-01")


async def test_a_program_reads_the_contributions_of_the_last_year(city: City) -> None:
    await execute(
        city,
        "insert into population.contribution (psn_no, insutype, category, kind, period_from, period_to, status,"
        " paid_on) values ('w1', '310', 'employee', 'normal', '2024-05-01', '2024-05-31', 'paid', '2024-05-10'),"
        " ('w1', '310', 'employee', 'normal', '2024-06-01', '2024-06-30', 'due', null),"
        " ('w1', '310', 'employee', 'normal', '2023-01-01', '2023-01-31', 'paid', '2023-01-10')",
    )
    found: Any = await city.hospital.ok("90100", {"data": {"psn_no": "w1"}})
    told = [(row["accrym_begn"], row["clct_flag"], row["clct_type"], row["clct_time"]) for row in found]
    assert told == [("202406", "0", "10", ""), ("202405", "1", "10", "2024-05-10 00:00:00")]
    assert (found[0]["poolarea_no"], found[0]["insutype_name"]) == ("340600", "职工基本医疗保险")


async def test_an_institution_is_found_by_its_code(city: City) -> None:
    found = await city.hospital.ok("1201", {"medinsinfo": {"fixmedins_type": "1"}})
    assert found["medinsinfo"]["fixmedins_code"] == HOSPITAL
    asked = {"medinsinfo": {"fixmedins_type": "1", "fixmedins_code": city.pharmacy.code}}
    assert await first_code(city, "1201", asked) == "P211"


async def test_entitlement_is_answered_per_fund_line(city: City) -> None:
    sent = {
        "psn_no": "w1", "insutype": "310", "fixmedins_code": HOSPITAL, "med_type": "11",
        "begntime": "2024-06-03 10:00:00",
    }  # fmt: skip
    rows = (await city.hospital.ok("2001", {"data": sent}))["trtinfo"]
    assert {row["fund_pay_type"]: row["trt_enjymnt_flag"] for row in rows}["310102"] == "1"


async def test_a_catalogue_is_downloaded_as_a_zip_of_tab_separated_text(city: City) -> None:
    told = await city.hospital.ok("1301", {"data": {"ver": "0"}})
    assert told["data_cnt"] == 4
    wanted = {"file_qury_no": told["file_qury_no"], "filename": told["filename"], "fixmedins_code": "plc"}
    body = json.dumps(city.county.envelope("9102", {"fsDownloadIn": wanted})).encode()
    answer = await city.county.send(body)
    assert answer.headers["content-type"] == "application/octet-stream"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        rows = archive.read(archive.namelist()[0]).decode().splitlines()
    assert [row.split("\t")[0] for row in rows] == ["XA000001", "XB000001", "XC000001", "XL000001"]


@pytest.mark.parametrize("content", [base64.b64encode(b"PK").decode(), [80, 75]])
async def test_a_file_goes_up_as_bytes_or_base64_and_only_its_owner_gets_it(city: City, content: Any) -> None:
    sent = {"in": content, "filename": "a.zip", "fixmedins_code": city.hospital.code}
    told = await city.hospital.ok("9101", {"fsUploadIn": sent})
    wanted = {"fsDownloadIn": {"file_qury_no": told["file_qury_no"], "filename": "a.zip", "fixmedins_code": HOSPITAL}}
    own = await city.hospital.send(json.dumps(city.hospital.envelope("9102", wanted)).encode())
    assert own.content == b"PK"
    reply = await city.county.call("9102", wanted)
    assert reply["output"]["faults"][0]["code"] == "G032"


async def test_a_dictionary_is_served_by_the_name_of_its_field(city: City) -> None:
    rows = (await city.hospital.ok("1901", {"data": {"type": "insutype"}}))["list"]
    assert {row["value"]: row["label"] for row in rows}["310"] == "职工基本医疗保险"


async def test_mappings_are_uploaded_found_and_withdrawn(city: City) -> None:
    row = {
        "fixmedins_hilist_id": "own1", "fixmedins_hilist_name": "自编", "list_type": "101", "med_list_codg": DRUG_A,
        "begndate": "2024-01-01", "enddate": "2099-12-31",
    }  # fmt: skip
    await city.hospital.ok("3301", {"data": [row]})
    page = {"data": {"updt_time": "2020-01-01", "page_num": 1, "page_size": 10, "fixmedins_code": HOSPITAL}}
    found = await city.hospital.ok("1317", page)
    assert [(r["medins_list_codg"], r["med_list_codg"]) for r in found["data"]] == [("own1", DRUG_A)]
    gone = {"fixmedins_code": HOSPITAL, "fixmedins_hilist_id": "own1", "list_type": "101", "med_list_codg": DRUG_A}
    await city.hospital.ok("3302", {"catalog": gone})
    assert (await city.hospital.ok("1317", page))["data"] == []


@pytest.mark.parametrize("infno", ["1304", "1312", "1316", "1318", "1319"])
async def test_catalogue_queries_answer_pages_with_the_fields_of_their_page(city: City, infno: str) -> None:
    answer = await city.hospital.ok(infno, {"data": {"updt_time": "2020-01-01", "page_num": 1, "page_size": 2}})
    assert answer["recordCounts"] >= len(answer["data"])
    assert infno == "1304" or answer["data"]


async def test_a_chronic_filing_is_made_found_and_withdrawn(city: City) -> None:
    columns = "table_name, code, name, version"
    await execute(city, f"insert into directory.code_entry ({columns}) values ('opsp_disease', 'M1', '糖尿病', '1')")
    sent = {
        "psn_no": "w1", "insutype": "310", "opsp_dise_code": "M1", "opsp_dise_name": "糖尿病", "insu_optins": "340600",
        "ide_fixmedins_no": HOSPITAL, "ide_fixmedins_name": "市医院", "hosp_ide_date": "2024-06-01",
        "diag_dr_codg": "D1", "diag_dr_name": "医生", "begndate": "2024-06-01",
    }  # fmt: skip
    number = (await city.hospital.ok("2503", {"data": sent}))["result"]["trt_dcla_detl_sn"]
    found = await city.hospital.ok("5301", {"data": {"psn_no": "w1"}})
    assert [row["opsp_dise_name"] for row in found["feedetail"]] == ["糖尿病"]
    await city.hospital.ok("2504", {"data": {"trt_dcla_detl_sn": number, "psn_no": "w1", "memo": "错误"}})
    assert (await city.hospital.ok("5301", {"data": {"psn_no": "w1"}}))["feedetail"] == []


async def test_a_transfer_and_a_chosen_institution_are_filed_and_found(city: City) -> None:
    transfer = {
        "psn_no": "w1", "insutype": "310", "diag_code": "J18", "diag_name": "肺炎", "reflin_medins_no": HOSPITAL,
        "reflin_medins_name": "市医院", "mdtrtarea_admdvs": "340602", "refl_type": "1", "refl_date": "2024-06-02",
        "refl_rea": "病情", "refl_opnn": "同意", "begndate": "2024-06-02",
    }  # fmt: skip
    await city.county.ok("2501", {"refmedin": transfer})
    found = await city.county.ok("5304", {"data": {"psn_no": "w1", "begntime": "2024-01-01"}})
    assert [row["reflin_medins_no"] for row in found["refmedin"]] == [HOSPITAL]
    chosen = {
        "psn_no": "w1", "biz_appy_type": "03", "begndate": "2024-06-01", "fix_srt_no": "1", "fixmedins_code": HOSPITAL,
        "fixmedins_name": "市医院",
    }  # fmt: skip
    number = (await city.hospital.ok("2505", {"data": chosen}))["result"]["trt_dcla_detl_sn"]
    asked = {"data": {"psn_no": "w1", "biz_appy_type": "03"}}
    assert len((await city.hospital.ok("5302", asked))["psnfixmedin"]) == 1
    await city.hospital.ok("2506", {"data": {"trt_dcla_detl_sn": number, "psn_no": "w1", "memo": "换"}})
    assert (await city.hospital.ok("5302", asked))["psnfixmedin"] == []


async def test_feedback_to_a_warning_that_was_never_given_is_refused(city: City) -> None:
    warned = {"warn_type": "1", "warns": [{"warn_rslt_id": "J1", "dspo_way": "1", "dspo_way_rea": "需要"}]}
    assert await first_code(city, "3103", {"data": warned}) == "V301"


async def test_reconciliation_by_totals_says_what_differs(city: City) -> None:
    await city.pharmacy.ok("2102", sale("w1", DRUG_A, "300"))
    sent = {
        "insutype": "310", "clr_type": "41", "setl_optins": "340600", "stmt_begndate": "2024-06-01",
        "stmt_enddate": "2024-06-03", "medfee_sumamt": 300, "fund_pay_sumamt": 0, "acct_pay": 300,
        "fixmedins_setl_cnt": 1, "fixmedins_refd_setl_flag": "0",
    }  # fmt: skip
    assert (await city.pharmacy.ok("3201", {"data": sent}))["stmtinfo"]["stmt_rslt"] == "0"
    wrong = (await city.pharmacy.ok("3201", {"data": sent | {"acct_pay": 299}}))["stmtinfo"]
    assert wrong["stmt_rslt"] == "1"
    assert "个人账户支付金额平台300.00元、机构299元" in wrong["stmt_rslt_dscr"]


async def test_reconciliation_line_by_line_answers_a_file_with_a_result_per_settlement(city: City) -> None:
    bills = [(await city.pharmacy.ok("2102", sale("w1", DRUG_A, yuan)))["setlinfo"] for yuan in ("10", "20")]
    lines = [
        [bills[0]["setl_id"], bills[0]["mdtrt_id"], "w1", "10.00", "0", "10.00", "0"],
        ["999", "1", "w1", "5", "0", "5", "0"],
    ]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "\n".join("\t".join(line) for line in lines))
    file = {"in": list(buffer.getvalue()), "filename": "a.zip", "fixmedins_code": city.pharmacy.code}
    number = (await city.pharmacy.ok("9101", {"fsUploadIn": file}))["file_qury_no"]
    sent = {
        "setl_optins": "340600", "file_qury_no": number, "stmt_begndate": "2024-06-01", "stmt_enddate": "2024-06-30",
        "medfee_sumamt": 15, "fund_pay_sumamt": 0, "cash_payamt": 0, "fixmedins_setl_cnt": 2, "clr_type": "41",
        "fixmedins_refd_setl_flag": "0",
    }  # fmt: skip
    told = (await city.pharmacy.ok("3202", {"data": sent}))["fileinfo"]
    wanted = {"file_qury_no": told["file_qury_no"], "filename": told["filename"], "fixmedins_code": city.pharmacy.code}
    body = json.dumps(city.pharmacy.envelope("9102", {"fsDownloadIn": wanted})).encode()
    with zipfile.ZipFile(io.BytesIO((await city.pharmacy.send(body)).content)) as archive:
        rows = [row.split("\t") for row in archive.read(archive.namelist()[0]).decode().splitlines()]
    results = {row[2]: row[4] for row in rows}
    assert results == {bills[0]["setl_id"]: "0", "999": "2", bills[1]["setl_id"]: "1"}


async def test_a_clearing_application_must_agree_with_the_platform_and_can_be_withdrawn(city: City) -> None:
    await city.pharmacy.ok("2102", sale("w1", DRUG_A, "300"))
    sent = {
        "clr_type": "41", "clr_way": "1", "setlym": "202406", "psntime": 1, "medfee_sumamt": 300, "med_sumfee": 300,
        "fund_appy_sum": 0, "cash_payamt": 0, "acct_pay": 300, "begndate": "2024-06-01", "enddate": "2024-06-30",
    }  # fmt: skip
    reply = await city.pharmacy.call("3203", {"data": sent | {"fund_appy_sum": 1}})
    assert reply["output"]["faults"][0]["code"] == "G034"
    number = (await city.pharmacy.ok("3203", {"data": sent}))["result"]["clr_appy_evt_id"]
    await city.pharmacy.ok("3204", {"data": {"clr_appy_evt_id": number}})
    again = await city.pharmacy.call("3204", {"data": {"clr_appy_evt_id": number}})
    assert again["output"]["faults"][0]["code"] == "G036"


async def test_a_settlement_list_is_uploaded_and_submitted_and_then_frozen(city: City) -> None:
    mdtrt_id = await visit_with_lines(city)
    info = (await city.hospital.ok("2207", settling("w1", mdtrt_id, "1080")))["setlinfo"]
    sent = {"setlinfo": {"psn_no": "w1", "mdtrt_id": mdtrt_id, "setl_id": info["setl_id"]}}
    assert (await city.hospital.ok("4101A", sent))["data"]["setl_list_id"]
    submit = {"data": {"stastinfo": [{"psn_no": "w1", "setl_id": info["setl_id"], "stas_type": "1"}]}}
    await city.hospital.ok("4102", submit)
    assert await first_code(city, "4102", submit) == "G037"
    assert await first_code(city, "4101A", sent) == "G038"


async def test_a_settlement_list_of_the_main_edition_and_a_case_front_page_are_kept_as_sent(city: City) -> None:
    mdtrt_id = await visit_with_lines(city)
    info = (await city.hospital.ok("2207", settling("w1", mdtrt_id, "1080")))["setlinfo"]
    sent = filled_message("4101")
    sent["setlinfo"] |= {"setl_id": info["setl_id"], "mdtrt_id": mdtrt_id}
    await city.hospital.ok("4101", sent)
    page = filled_message("4401")
    await city.hospital.ok("4401", page)
    async with city.town.database.connection() as connection:
        rows = await connection.fetch("select infno, content from gateway.document order by infno")
    assert {row["infno"]: row["content"] for row in rows} == {"4101": sent, "4401": page}


async def test_the_bill_its_lines_its_visit_and_the_totals_can_be_queried(city: City) -> None:
    mdtrt_id = await visit_with_lines(city)
    settled = await city.hospital.ok("2207", settling("w1", mdtrt_id, "1080"))
    key = {"data": {"psn_no": "w1", "setl_id": settled["setlinfo"]["setl_id"], "mdtrt_id": mdtrt_id}}
    bill = await city.hospital.ok("5203", key)
    assert bill["setlinfo"]["hifp_pay"] == settled["setlinfo"]["hifp_pay"]
    assert bill["setldetail"] == settled["setldetail"]
    assert [row["feedetl_sn"] for row in (await city.hospital.ok("5204", key))["data"]] == ["1", "2"]
    day = {"data": {"psn_no": "w1", "begntime": "2024-06-03", "endtime": "2024-06-03", "med_type": "11"}}
    assert [row["mdtrt_id"] for row in (await city.hospital.ok("5201", day))["mdtrtinfo"]] == [mdtrt_id]
    totals = (await city.hospital.ok("5206", {"data": {"psn_no": "w1", "cum_ym": "202406"}}))["cuminfo"]
    assert {row["cum_type_code"]: row["cum"] for row in totals} == {"F0000": 1080, "Q0000": 500, "D310101": 436}
    assert (await city.hospital.ok("5205", day))["feedetail"] == []


async def test_another_institution_does_not_see_the_bill(city: City) -> None:
    mdtrt_id = await visit_with_lines(city)
    info = (await city.hospital.ok("2207", settling("w1", mdtrt_id, "1080")))["setlinfo"]
    key = {"data": {"psn_no": "w1", "setl_id": info["setl_id"], "mdtrt_id": mdtrt_id}}
    reply = await city.county.call("5203", key)
    assert reply["output"]["faults"][0]["code"] == "G035"
    assert (await city.county.ok("5204", key))["data"] == []


async def test_who_lies_in_bed_is_listed_for_their_hospital_only(city: City) -> None:
    await city.hospital.ok("2401", admission("r1"))
    asked = {"data": {"psn_no": "", "begntime": "2024-06-01", "endtime": "2024-06-03"}}
    assert [row["psn_no"] for row in (await city.hospital.ok("5303", asked))["data"]] == ["r1"]
    assert (await city.county.ok("5303", asked))["data"] == []


async def test_departments_and_doctors_of_the_sender_are_listed(city: City) -> None:
    await execute(city, "insert into directory.department values ($1, 'K1', '内科', 'A03')", HOSPITAL)
    await execute(
        city,
        "insert into directory.doctor (dr_codg, dr_name, fixmedins_code, dept_codg, valid_from)"
        " values ('D1', '医生', $1, 'K1', '2020-01-01')",
        HOSPITAL,
    )
    assert [row["hosp_dept_name"] for row in (await city.hospital.ok("5101", {}))["feedetail"]] == ["内科"]
    found = await city.hospital.ok("5102", {"data": {"prac_psn_type": "1"}})
    assert [row["prac_psn_name"] for row in found["feedetail"]] == ["医生"]


@pytest.mark.parametrize("infno", ["5201", "5205", "5206", "5301", "5302", "5304", "90100"])
async def test_a_query_with_a_duplicates_number_names_the_number_to_use(city: City, infno: str) -> None:
    await execute(city, "update population.person set merged_into = 'r1' where psn_no = 'r2'")
    day = {"begntime": "2024-06-01 00:00:00", "endtime": "2024-06-03 00:00:00"}
    sent = {"psn_no": "r2", "biz_appy_type": "03", "cum_ym": "", "mdtrt_id": "", "med_type": "11", **day}
    reply = await city.hospital.call(infno, {"data": sent})
    (fault,) = reply["output"]["faults"]
    assert (fault["code"], "r1" in str(fault)) == ("P118", True)
