"""Catalogue queries, catalogue files, and the institutions' own codes."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from yibao.core.database import Database
from yibao.core.errors import Refused
from yibao.directory import queries
from yibao.directory.catalogue import COLUMNS, catalogue_file
from yibao.directory.mapping import Mapping, upload, withdraw

SEED = """
insert into directory.institution (fixmedins_code, fixmedins_name, fixmedins_type, hosp_lv, level, admdvs,
    contract_from) values ('H34060000001', '测试医院', '1', '2', 3, '340600', '2020-01-01');
insert into directory.item (area, med_list_codg, valid_from, valid_to, list_type, item_name, med_chrgitm_type,
    chrgitm_lv, selfpay_prop, selfpay_prop_by_insutype, pric_uplmt, version) values
  ('340600', 'X1', '2024-01-01', null, '101', E'甲\t药', '09', '02', 1000, '{"390": 1500}', '{"*": 12345600}',
    '20240101001'),
  ('340600', 'X2', '2024-01-01', '2024-06-30', '101', '乙药', '09', '01', 0, '{}', '{}', '20240101001'),
  ('340600', 'X2', '2024-07-01', null, '101', '乙药', '09', '01', 0, '{}', '{"3": 5000000}', '20240701001'),
  ('340600', 'S1', '2024-01-01', null, '201', '检查', '03', '01', 0, '{}', '{}', '20240101001'),
  ('421300', 'X1', '2024-01-01', null, '101', '甲药', '09', '01', 0, '{}', '{}', '20240101001');
insert into directory.code_entry (table_name, code, name, version) values ('disease', 'J18.900', '肺炎', '20240101001');
"""
MAPPING = Mapping("own-1", "101", "X1", date(2024, 2, 1), date(2024, 12, 31), {"fixmedins_hilist_name": "甲药片"})
AREA = {"insu_admdvs": "340600"}


@pytest.fixture
async def directory(database: Database) -> AsyncIterator[Any]:
    async with database.transaction() as connection:
        await connection.execute(SEED)
        yield connection


async def test_a_catalogue_file_has_one_tab_separated_line_per_row_in_the_documented_order(directory: Any) -> None:
    file = await catalogue_file(directory, "1301", "340600", "0")
    first = dict(zip(COLUMNS["1301"], file.rows[0].split("\t"), strict=True))
    assert file.count == 3
    assert (first["med_list_codg"], first["item_name"], first["enddate"]) == ("X1", "甲 药", "null")
    assert (first["selfpay_prop"], first["pric_uplmt_3"]) == ("0.1000", "12.345600")
    assert file.text().count(b"\n") == 3


async def test_only_rows_newer_than_the_version_known_are_sent(directory: Any) -> None:
    file = await catalogue_file(directory, "1301", "340600", "20240101001")
    assert [row.split("\t")[0] for row in file.rows] == ["X2"]
    assert file.version == "20240701001"
    assert (await catalogue_file(directory, "1301", "340600", file.version)).rows == []


async def test_code_tables_are_catalogues_too(directory: Any) -> None:
    assert (await catalogue_file(directory, "1307", "340600", "")).rows == [
        "J18.900\t肺炎\t2000-01-01\tnull\t20240101001"
    ]


async def test_what_is_no_catalogue_is_refused(directory: Any) -> None:
    with pytest.raises(Refused, match="D101"):
        await catalogue_file(directory, "1312", "340600", "")


async def test_pages_cut_the_rows_and_tell_the_total(directory: Any) -> None:
    filters = AREA | {"page_size": 2, "page_num": 2}
    page = await queries.catalogue_page(directory, filters)
    assert (len(page.rows), page.total) == (2, 4)
    on_a_day = await queries.catalogue_page(directory, AREA | {"query_date": date(2024, 8, 1), "hilist_code": "X2"})
    assert [row["begndate"] for row in on_a_day.rows] == [date(2024, 7, 1)]


async def test_limits_are_answered_per_level_and_ratios_per_insurance(directory: Any) -> None:
    limits = await queries.limit_page(directory, AREA | {"hilist_code": "X1"})
    assert {row["hilist_lmtpric_type"]: row["hilist_pric_uplmt_amt"] for row in limits.rows} == dict.fromkeys(
        "123", Decimal("12.345600")
    )
    ratios = await queries.ratio_page(directory, AREA | {"hilist_code": "X1"})
    assert {row["selfpay_prop_psn_type"]: row["selfpay_prop"] for row in ratios.rows} == {
        "310": Decimal("0.1000"),
        "390": Decimal("0.1500"),
    }


async def test_a_mapping_is_stored_found_and_withdrawn(directory: Any) -> None:
    await upload(directory, "H34060000001", "340600", [MAPPING])
    page = await queries.mapping_page(directory, {"fixmedins_code": "H34060000001"})
    assert [(row["medins_list_codg"], row["medins_list_name"]) for row in page.rows] == [("own-1", "甲药片")]
    await withdraw(directory, "H34060000001", "own-1", "101", "X1")
    with pytest.raises(Refused, match="D305"):
        await withdraw(directory, "H34060000001", "own-1", "101", "X1")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"med_list_codg": "X9"}, "D301"),
        ({"begndate": date(2023, 1, 1)}, "D301"),
        ({"list_type": "201"}, "D302"),
        ({"enddate": date(2024, 1, 1)}, "D303"),
    ],
)
async def test_a_wrong_mapping_is_refused_with_its_row(directory: Any, fields: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as caught:
        await upload(
            directory,
            "H34060000001",
            "340600",
            [MAPPING, replace(MAPPING, **({"fixmedins_hilist_id": "own-2"} | fields))],
        )
    assert [(refusal.code, refusal.place) for refusal in caught.value.refusals] == [(code, "data第2条")]


async def test_two_mappings_of_one_own_code_must_not_overlap(directory: Any) -> None:
    with pytest.raises(Refused, match="D304"):
        await upload(
            directory, "H34060000001", "340600", [MAPPING, replace(MAPPING, begndate=date(2024, 12, 31), enddate=None)]
        )


async def test_institutions_are_found_by_part_of_their_name(directory: Any) -> None:
    assert [i.fixmedins_code for i in await queries.institutions(directory, "1", "测试")] == ["H34060000001"]
    assert await queries.institutions(directory, "2") == []
