"""A file becomes lines, each with its answer; who they are is found or asked."""

from datetime import date
from typing import Any

import pytest

from tests.population.rosters.village import CITY, HEADER, TODAY, certno, line, receive_lines, tag, tags
from yibao.core.errors import Refused
from yibao.population.rosters import matching
from yibao.population.rosters.comparison import answers, compare
from yibao.population.rosters.receiving import Incoming, find_batch, list_batches, receive, reject

LINES = "select row_no, match, psn_no, faults from population.roster_row where batch_no = $1 order by row_no"


async def matches(connection: Any, batch_no: str) -> list[tuple[str, str | None]]:
    return [(row["match"], row["psn_no"]) for row in await connection.fetch(LINES, batch_no)]


async def codes(connection: Any, batch_no: str) -> list[list[str]]:
    return [[fault["code"] for fault in row["faults"]] for row in await connection.fetch(LINES, batch_no)]


async def test_a_line_is_matched_by_number_and_name(village: Any) -> None:
    batch = await receive_lines(village, line(1), line(2, "特困供养人员"))
    assert (batch.status, batch.row_count, batch.fault_count) == ("staged", 2, 0)
    assert await matches(village, batch.batch_no) == [("number", "1"), ("number", "2")]


async def test_a_name_with_spaces_between_its_characters_is_the_same_name(village: Any) -> None:
    batch = await receive_lines(village, line(1).replace("村民1", "村 民　1"))
    assert await matches(village, batch.batch_no) == [("number", "1")]


async def test_a_number_whose_name_differs_is_for_a_clerk_to_decide(village: Any) -> None:
    batch = await receive_lines(village, line(1).replace("村民1", "张三"))
    (doubt,) = await matching.review_list(village, batch.batch_no)
    assert (doubt.psn_name, doubt.known_name, doubt.reason) == ("张三", "村民1", "name_differs")
    await matching.accept(village, batch.batch_no, doubt.row_no, "1", "clerk")
    assert await matches(village, batch.batch_no) == [("accepted", "1")]


async def test_a_wrong_number_with_the_right_name_and_birth_is_for_a_clerk_to_decide(village: Any) -> None:
    wrong = certno(3)[:-1] + ("0" if certno(3)[-1] != "0" else "1")
    batch = await receive_lines(village, f"{wrong},村民3,低保,,,")
    (doubt,) = await matching.review_list(village, batch.batch_no)
    assert (doubt.psn_no, doubt.reason) == ("3", "number_differs")
    await matching.reject(village, batch.batch_no, doubt.row_no, "clerk")
    assert await matches(village, batch.batch_no) == [("none", None)]


async def test_a_line_without_number_is_found_by_name_birth_and_area_but_not_in_another_area(village: Any) -> None:
    header = "证件号码,姓名,出生日期,行政区划代码,身份类别"
    here = ",村民4,1980-01-04,340621001,低保"
    there = ",村民4,1980/1/4,340602,低保"
    batch = await receive_lines(village, here, there, header=header)
    assert [match for match, _ in await matches(village, batch.batch_no)] == ["review", "none"]
    assert (await matching.review_list(village, batch.batch_no))[0].reason == "without_number"


async def test_only_a_candidate_can_be_accepted(village: Any) -> None:
    batch = await receive_lines(village, line(1).replace("村民1", "张三"))
    with pytest.raises(Refused, match="P815"):
        await matching.accept(village, batch.batch_no, 2, "2", "clerk")


async def test_a_duplicate_record_leads_to_the_person_it_was_merged_into(village: Any) -> None:
    await village.execute("update population.person set merged_into = '1' where psn_no = '2'")
    batch = await receive_lines(village, line(2))
    assert await matches(village, batch.batch_no) == [("number", "1")]


async def test_a_further_certificate_finds_its_person(village: Any) -> None:
    await village.execute("insert into population.certificate values ('04', 'H12345678', '5')")
    batch = await receive_lines(village, "H12345678,村民5,低保,,,")
    assert await matches(village, batch.batch_no) == [("number", "5")]


async def test_a_number_of_the_first_generation_is_brought_to_eighteen_digits(village: Any) -> None:
    old = certno(1)[:6] + certno(1)[8:17]
    batch = await receive_lines(village, f"{old},村民1,低保,,,")
    assert await matches(village, batch.batch_no) == [("number", "1")]


async def test_every_line_gets_its_own_faults_and_the_others_go_on(village: Any) -> None:
    batch = await receive_lines(
        village,
        line(1),
        line(2, "返贫致贫"),
        line(3, begins="去年"),
        line(4, begins="2024-02-01", ends="2024-01-01"),
        line(5, operation="调整"),
        line(1),
        ",村民6,低保,,,",
        f"{certno(6)},=cmd(),低保,,,",
    )
    assert await codes(village, batch.batch_no) == [
        [], ["P811"], ["C124"], ["P805"], ["P812"], ["P813"], ["P814"], ["C128"],
    ]  # fmt: skip
    assert batch.fault_count == 7


async def test_a_tag_need_not_stand_where_the_department_has_only_one(village: Any) -> None:
    only = {"header": "证件号码,姓名", "department": "disabled_federation"}
    batch = await receive_lines(village, f"{certno(1)},村民1", **only)
    await compare(village, batch.batch_no)
    assert [one.tag for one in await answers(village, batch.batch_no)] == ["重度残疾"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("姓名,身份类别\n村民1,低保\n", None),
        ("证件号码,身份类别\n1,低保\n", "C107"),
        (f"{HEADER},银行卡号\n{line(1)},6222\n", "C108"),
        (f"{HEADER},姓名\n{line(1)},村民1\n", "C109"),
        (f"{HEADER}\n", "C110"),
        ("PK\x03\x04 half a workbook", "C103"),
    ],
)
async def test_a_file_that_is_no_roster_is_refused_and_leaves_nothing(
    village: Any, content: str, code: str | None
) -> None:
    incoming = Incoming(CITY, "civil_affairs", "full", TODAY, "名册.csv")
    if code is None:  # numbers may be missing: such lines are answered one by one
        batch = await receive(village, incoming, content.encode(), "clerk", TODAY)
        assert await codes(village, batch.batch_no) == [["P814"]]
        return
    with pytest.raises(Refused, match=code):
        await receive(village, incoming, content.encode(), "clerk", TODAY)
    assert await list_batches(village, CITY, "civil_affairs") == []


async def test_the_same_file_for_the_same_day_is_the_same_batch(village: Any) -> None:
    first = await receive_lines(village, line(1))
    assert (await receive_lines(village, line(1))).batch_no == first.batch_no
    other_day = await receive_lines(village, line(1), as_of=date(2024, 3, 14))
    assert other_day.batch_no != first.batch_no
    await reject(village, first.batch_no, "clerk", "部门重报")
    assert (await receive_lines(village, line(1))).batch_no not in (first.batch_no, other_day.batch_no)


async def test_a_roster_of_tomorrow_or_of_an_unknown_department_is_refused(village: Any) -> None:
    with pytest.raises(Refused, match="P805"):
        await receive_lines(village, line(1), as_of=date(2024, 3, 16))
    with pytest.raises(Refused, match="P801"):
        await receive_lines(village, line(1), department="sports")
    with pytest.raises(Refused, match="P001"):
        await receive_lines(village, line(1), admdvs="429900")


async def test_an_unknown_batch_and_a_rejected_one_are_refused(village: Any) -> None:
    with pytest.raises(Refused, match="P806"):
        await find_batch(village, "nothing")
    batch = await receive_lines(village, line(1))
    await reject(village, batch.batch_no, "clerk", "部门重报")
    with pytest.raises(Refused, match="P807"):
        await compare(village, batch.batch_no)
    with pytest.raises(Refused, match="P807"):
        await reject(village, batch.batch_no, "clerk", "再退一次")


async def test_receiving_and_comparing_change_no_tag(village: Any) -> None:
    await tag(village, 1, "低保", "2023-01-01")
    batch = await receive_lines(village, line(2))
    await compare(village, batch.batch_no)
    assert await tags(village) == [("1", "低保", "2023-01-01", "")]
