"""A finding's way from the audit to its end: who may do what, until when, and what is kept of it."""

import asyncio
import io
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

import asyncpg
import pytest

from tests.settlement.town import COUNTY_HOSPITAL, HOSPITAL
from tests.supervision.casework.conftest import OFFICE, REVIEWER, SECOND, Casework, finding
from yibao.core.errors import Refused
from yibao.supervision.casework.advance import advance, close_cancelled
from yibao.supervision.casework.attachments import LARGEST, Upload, find_attachment
from yibao.supervision.casework.decision import Ruling, reopen
from yibao.supervision.casework.experts import Expert, draw, give_opinion
from yibao.supervision.casework.keeping import advance_alone
from yibao.supervision.casework.moves import Actor
from yibao.supervision.casework.review import drop
from yibao.supervision.casework.statistics import rule_figures

Bill = dict[str, Any]
OTHER_OFFICE = Actor("county", "institution", COUNTY_HOSPITAL)
PDF = Upload("病历.pdf", b"%PDF-1.7 pages")


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [one.code for one in refused.value.refusals]


async def silence(casework: Casework, today: date) -> int:
    async with casework.database.transaction() as connection:
        return (await advance(connection, today)).silent


async def test_a_finding_is_issued_appealed_and_decided_with_who_when_and_why(casework: Casework, bill: Bill) -> None:
    await casework.take(finding("f1", bill, 20_000))
    await casework.issue("f1")
    await casework.appeal("f1")
    await casework.decide("f1", outcome="dismissed")
    row = await casework.row("f1")
    assert (row["state"], row["outcome"], row["upheld"], row["decided_by"]) == ("closed", "dismissed", 0, "second")
    steps = [(step["kind"], step["actor"], step["reason"]) for step in await casework.steps("f1")]
    assert steps == [
        ("taken", "yibao", ""),
        ("issued", "reviewer", ""),
        ("appealed", "office", "双侧手术，不是重复"),
        ("dismissed", "second", "已核对病历"),
    ]
    assert {step["at"] for step in await casework.steps("f1")} == {casework.town.now}


async def test_the_institution_has_five_working_days_and_the_dragon_boat_festival_is_none(
    casework: Casework, bill: Bill
) -> None:
    casework.town.clock(datetime(2024, 6, 7, 9))  # Friday; Monday 10 June is a holiday
    await casework.take(finding("f1", bill, 100))
    await casework.issue("f1")
    assert (await casework.row("f1"))["due_on"] == date(2024, 6, 17)


async def test_silence_after_the_term_means_accepted(casework: Casework, bill: Bill) -> None:
    await casework.take(finding("f1", bill, 20_000))
    await casework.issue("f1")
    last = (await casework.row("f1"))["due_on"]
    assert await silence(casework, last) == 0
    assert await silence(casework, date.fromordinal(last.toordinal() + 1)) == 1
    row = await casework.row("f1")
    assert (row["state"], row["outcome"], row["upheld"]) == ("closed", "silent", 20_000)
    assert (await casework.steps("f1"))[-1]["actor"] == "yibao"


async def test_an_answer_after_the_term_is_refused(casework: Casework, bill: Bill) -> None:
    await casework.take(finding("f1", bill, 100))
    await casework.issue("f1")
    casework.town.clock(datetime(2024, 7, 1, 9))
    with pytest.raises(Refused) as refused:
        await casework.appeal("f1")
    assert codes(refused) == ["V408"]


async def test_who_reviewed_first_does_not_decide_the_appeal(casework: Casework, bill: Bill) -> None:
    await casework.take(finding("f1", bill, 100))
    await casework.issue("f1", actor=SECOND)
    await casework.appeal("f1")
    with pytest.raises(Refused) as refused:
        await casework.decide("f1")
    assert codes(refused) == ["V403"]
    assert await casework.decide("f1", actor=Actor("third", "second_reviewer")) == 1


@pytest.mark.parametrize("actor", [REVIEWER, OFFICE, Actor("clerk", "clerk")])
async def test_only_a_second_reviewer_decides(casework: Casework, bill: Bill, actor: Actor) -> None:
    await casework.take(finding("f1", bill, 100))
    await casework.issue("f1")
    await casework.appeal("f1")
    with pytest.raises(Refused) as refused:
        await casework.decide("f1", actor=actor)
    assert codes(refused) == ["V406"]


async def test_anothers_finding_does_not_exist_for_an_institution(casework: Casework, bill: Bill) -> None:
    await casework.take(finding("f1", bill, 100))
    await casework.issue("f1")
    with pytest.raises(Refused) as refused:
        await casework.accept("f1", actor=OTHER_OFFICE)
    assert codes(refused) == ["V401"]
    with pytest.raises(Refused) as unknown:
        await casework.accept("f0")
    assert codes(unknown) == ["V401"]


async def test_a_batch_is_carried_out_whole_or_not_at_all_and_names_every_row_that_hinders(
    casework: Casework, bill: Bill
) -> None:
    await casework.take(*(finding(f"f{number}", bill, 100) for number in range(300)))
    await casework.issue("f7", "f9")
    with pytest.raises(Refused) as refused:
        await casework.issue(*(f"f{number}" for number in range(300)))
    assert [(one.code, one.place) for one in refused.value.refusals] == [("V402", "f7"), ("V402", "f9")]
    assert (await casework.row("f1"))["state"] == "new"
    rest = [f"f{number}" for number in range(300) if number not in (7, 9)]
    assert await casework.issue(*rest) == 298


async def test_a_part_is_more_than_nothing_and_less_than_all(casework: Casework, bill: Bill) -> None:
    await casework.take(finding("f1", bill, 101), finding("f2", bill, 100))
    await casework.issue("f1", "f2")
    await casework.appeal("f1", "f2")
    for amount in (0, 100, 101):
        with pytest.raises(Refused) as refused:
            await casework.decide("f1", "f2", outcome="partly", amount=amount)
        assert set(codes(refused)) == {"V405"}
    assert await casework.decide("f1", "f2", outcome="partly", share=5_000) == 2
    assert ((await casework.row("f1"))["upheld"], (await casework.row("f2"))["upheld"]) == (51, 50)


async def test_files_belong_to_every_finding_of_an_appeal_and_only_the_parties_read_them(
    casework: Casework, bill: Bill
) -> None:
    await casework.take(finding("f1", bill, 100), finding("f2", bill, 100))
    await casework.issue("f1", "f2")
    await casework.appeal("f1", "f2", files=[PDF])
    number = (await casework.steps("f2"))[-1]["details"]["files"][0]
    async with casework.database.connection() as connection:
        kept = {
            actor.user_name: await find_attachment(connection, number, actor)
            for actor in (OFFICE, REVIEWER, OTHER_OFFICE, Actor("expert", "expert"))
        }
    assert kept["office"] == kept["reviewer"] != None  # noqa: E711
    assert (kept["county"], kept["expert"]) == (None, None)


def packed(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"MZ\x90 a program", "V412"),
        (b"", "V412"),
        (packed("a.txt"), "V412"),
        (packed("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"), "V412"),
        (b"%PDF-" + bytes(LARGEST), "V411"),
    ],
    ids=["a program", "nothing", "a zip", "a table with macros", "too large"],
)
async def test_a_file_is_told_by_what_it_holds_and_has_a_limit(
    casework: Casework, bill: Bill, content: bytes, code: str
) -> None:
    await casework.take(finding("f1", bill, 100))
    await casework.issue("f1")
    with pytest.raises(Refused) as refused:
        await casework.appeal("f1", files=[Upload("病历.pdf", content)])
    assert codes(refused) == [code]
    assert (await casework.row("f1"))["state"] == "issued"


async def test_a_table_is_a_file_of_an_appeal(casework: Casework, bill: Bill) -> None:
    await casework.take(finding("f1", bill, 100))
    await casework.issue("f1")
    table = packed("[Content_Types].xml", "xl/workbook.xml")
    assert await casework.appeal("f1", files=[Upload("明细.xlsx", table)]) == 1


async def appealed(casework: Casework, bill: Bill) -> None:
    await casework.take(finding("f1", bill, 1_000))
    await casework.issue("f1")
    await casework.appeal("f1")


EXPERTS = (
    Expert("own", fixmedins_code="H34060000001"),
    Expert("owner", uscc="91340600OWNER"),
    Expert("retired", active=False),
    Expert("second"),
    *(Expert(f"e{number}", fixmedins_code=COUNTY_HOSPITAL) for number in range(5)),
)


async def test_experts_with_a_conflict_of_interest_are_never_drawn_and_the_draw_can_be_repeated(
    casework: Casework, bill: Bill
) -> None:
    async with casework.database.transaction() as connection:
        await connection.execute("update directory.institution set uscc = '91340600OWNER' where level = 3")
    await casework.register(*EXPERTS)
    await appealed(casework, bill)
    await casework.ask("f1", count=3)
    details = (await casework.steps("f1"))[-1]["details"]
    assert details["candidates"] == ["e0", "e1", "e2", "e3", "e4"]
    assert details["drawn"] == draw("seed", "f1", details["candidates"], 3)
    assert len({tuple(draw(str(seed), "f1", details["candidates"], 3)) for seed in range(50)}) > 20


async def test_too_few_experts_without_conflict_are_refused(casework: Casework, bill: Bill) -> None:
    await casework.register(*EXPERTS[:4], EXPERTS[4])
    await appealed(casework, bill)
    with pytest.raises(Refused) as refused:
        await casework.ask("f1", count=3)
    assert codes(refused) == ["V421"]


async def give(casework: Casework, name: str) -> None:
    async with casework.database.transaction() as connection:
        await give_opinion(connection, Actor(name, "expert"), ["f1"], Ruling("partly", "指征不足", amount=400))


async def test_the_last_opinion_sends_the_finding_back_to_the_second_review(casework: Casework, bill: Bill) -> None:
    await casework.register(Expert("e1"), Expert("e2"), Expert("e3"))
    await appealed(casework, bill)
    await casework.ask("f1", count=2)
    first, last = (await casework.steps("f1"))[-1]["details"]["drawn"]
    (left_out,) = {"e1", "e2", "e3"} - {first, last}
    with pytest.raises(Refused) as waits:
        await casework.decide("f1")
    await give(casework, first)
    for name in (first, left_out):
        with pytest.raises(Refused) as refused:
            await give(casework, name)
        assert codes(refused) == ["V422"]
    assert (await casework.row("f1"))["state"] == "opinion"
    await give(casework, last)
    assert ((await casework.row("f1"))["state"], codes(waits)) == ("appealed", ["V402"])
    assert await casework.decide("f1", outcome="partly", amount=400) == 1


async def test_experts_who_do_not_answer_are_not_waited_for_for_ever(casework: Casework, bill: Bill) -> None:
    await casework.register(Expert("e1"))
    await appealed(casework, bill)
    await casework.ask("f1")
    await silence(casework, date(2024, 8, 1))
    assert (await casework.row("f1"))["state"] == "appealed"
    assert await casework.ask("f1", seed="again") == 1


async def test_the_history_cannot_be_changed(casework: Casework, bill: Bill) -> None:
    await casework.take(finding("f1", bill, 100))
    for change in ("update supervision.finding_step set actor = 'x'", "delete from supervision.finding_step"):
        with pytest.raises(asyncpg.RestrictViolationError):
            async with casework.database.transaction() as connection:
                await connection.execute(change)


async def test_a_decision_can_be_taken_up_again_with_a_reason(casework: Casework, bill: Bill) -> None:
    await appealed(casework, bill)
    await casework.decide("f1")
    async with casework.database.transaction() as connection:
        await reopen(connection, SECOND, ["f1"], "法院判决")
    row = await casework.row("f1")
    assert (row["state"], row["outcome"], row["upheld"], row["closed_at"]) == ("appealed", None, 0, None)


async def test_dropping_needs_a_reason_and_closes(casework: Casework, bill: Bill) -> None:
    await casework.take(finding("f1", bill, 100))
    async with casework.database.transaction() as connection:
        with pytest.raises(Refused) as refused:
            await drop(connection, REVIEWER, ["f1"], " ")
        await drop(connection, REVIEWER, ["f1"], "知识点错误")
    assert (codes(refused), (await casework.row("f1"))["outcome"]) == (["V404"], "dropped")


async def test_findings_of_a_cancelled_settlement_are_closed(casework: Casework, bill: Bill) -> None:
    await casework.take(finding("f1", bill, 100))
    await casework.town.cancel("r2", bill)
    async with casework.database.transaction() as connection:
        assert await close_cancelled(connection) == 1
    assert (await casework.row("f1"))["outcome"] == "bill_cancelled"


async def test_a_rule_that_is_mostly_wrong_is_flagged_once_enough_was_decided(casework: Casework, bill: Bill) -> None:
    wrong, right = [f"w{number}" for number in range(15)], [f"r{number}" for number in range(5)]
    await casework.take(*(finding(number, bill, 10) for number in wrong + right))
    await casework.take(finding("o1", bill, 10, rule_id="N01"), origin="other")
    await casework.issue(*wrong, *right, "o1")
    await casework.appeal(*wrong, "o1")
    await casework.accept(*right)
    await casework.decide(*wrong, "o1", outcome="dismissed")
    async with casework.database.connection() as connection:
        one, other = sorted(await rule_figures(connection, "340600", date(2024, 6, 3)), key=lambda rule: -rule.hits)
    assert (one.hits, one.decided, one.right, one.share, one.to_repair) == (20, 20, 5, 2_500, True)
    assert (other.hits, other.share, other.to_repair) == (1, 0, False)


async def test_a_dropped_finding_taken_up_again_is_heard_by_the_institution_first(
    casework: Casework, bill: Bill
) -> None:
    third = Actor("third", "second_reviewer")
    await casework.take(finding("f1", bill, 100))
    async with casework.database.transaction() as connection:
        await drop(connection, SECOND, ["f1"], "知识点错误")
        await reopen(connection, third, ["f1"], "知识点无误")
    assert (await casework.row("f1"))["state"] == "new"
    await casework.issue("f1")
    await casework.appeal("f1")
    with pytest.raises(Refused) as refused:
        await casework.decide("f1")  # who dropped it once reviewed it first, whoever came after
    assert codes(refused) == ["V403"]
    assert await casework.decide("f1", actor=third) == 1


async def test_what_a_cancelled_settlement_closed_stays_closed(casework: Casework, bill: Bill) -> None:
    await casework.take(finding("f1", bill, 100))
    await casework.town.cancel("r2", bill)
    async with casework.database.transaction() as connection:
        await close_cancelled(connection)
    with pytest.raises(Refused) as refused:
        async with casework.database.transaction() as connection:
            await reopen(connection, SECOND, ["f1"], "再看")
    assert codes(refused) == ["V433"]


async def test_a_colleague_from_another_house_of_the_same_owner_is_not_drawn(casework: Casework, bill: Bill) -> None:
    async with casework.database.transaction() as connection:
        await connection.execute(
            "update directory.institution set uscc = '12340600X' where fixmedins_code = any($1::text[])",
            [HOSPITAL, COUNTY_HOSPITAL],
        )
    await casework.register(Expert("e1", fixmedins_code=COUNTY_HOSPITAL))
    await appealed(casework, bill)
    with pytest.raises(Refused) as refused:
        await casework.ask("f1")
    assert codes(refused) == ["V421"]


async def test_the_day_is_advanced_once_however_many_processes_look(casework: Casework, bill: Bill) -> None:
    await casework.take(finding("f1", bill, 100), finding("f2", bill, 100))
    await casework.issue("f1", "f2")
    later = date(2024, 8, 1)
    done = await asyncio.gather(*(advance_alone(casework.database, later) for _ in range(4)))
    assert sum(one.silent for one in done if one) == 2
    assert [step["kind"] for step in await casework.steps("f1")] == ["taken", "issued", "silent"]
    again = await advance_alone(casework.database, later)
    assert again is not None
    assert (again.silent, again.returned, again.cancelled) == (0, 0, 0)


async def test_a_term_ends_with_the_last_minute_of_its_day(casework: Casework, bill: Bill) -> None:
    await casework.take(finding("f1", bill, 100), finding("f2", bill, 100))
    await casework.issue("f1", "f2")
    last = (await casework.row("f1"))["due_on"]
    casework.town.clock(datetime.combine(last, time(23, 59, 59)))
    assert await casework.accept("f1") == 1
    casework.town.clock(casework.town.now + timedelta(seconds=1))
    with pytest.raises(Refused) as refused:
        await casework.accept("f2")
    assert codes(refused) == ["V408"]


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "V412"), (b"PDF-1.7", "V412"), (b"\x00%PDF-1.7", "V412"), (b"PK\x03\x04" + bytes(40), "V412"),
     (b"%PDF-1.7" + bytes(11 << 20), "V411")],
    ids=["empty", "no mark", "mark not first", "broken archive", "11 MB"],
)  # fmt: skip
async def test_a_file_that_is_empty_too_large_or_no_document_is_refused(
    casework: Casework, bill: Bill, content: bytes, code: str
) -> None:
    await casework.take(finding("f1", bill, 100))
    await casework.issue("f1")
    with pytest.raises(Refused) as refused:
        await casework.appeal("f1", files=[Upload("病历.pdf", content)])
    assert (codes(refused), (await casework.row("f1"))["state"]) == ([code], "issued")


async def test_the_same_file_sent_twice_is_two_files_of_the_finding(casework: Casework, bill: Bill) -> None:
    await casework.take(finding("f1", bill, 100))
    await casework.issue("f1")
    await casework.appeal("f1", files=[PDF, PDF])
    assert len((await casework.steps("f1"))[-1]["details"]["files"]) == 2


async def test_an_audit_taken_again_leaves_a_finding_that_was_taken_up_again_as_it_stands(
    casework: Casework, bill: Bill
) -> None:
    await appealed(casework, bill)
    await casework.decide("f1")
    async with casework.database.transaction() as connection:
        await reopen(connection, SECOND, ["f1"], "法院判决")
    before = dict(await casework.row("f1"))
    assert (await casework.take(finding("f1", bill, 1))).known == 1
    assert dict(await casework.row("f1")) == before
