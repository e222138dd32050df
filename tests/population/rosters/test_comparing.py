"""What a roster says that the tables do not say yet, and its effect when it is applied."""

import random
from datetime import date
from typing import Any

import pytest

from tests.population.rosters.village import CITY, EVENTS, TODAY, line, receive_lines, tag, tags
from yibao.benefits.book import PackBook
from yibao.core.errors import Refused
from yibao.population.rosters import matching
from yibao.population.rosters.applying import Applied, apply
from yibao.population.rosters.comparison import answers, changed_since, changes_of, compare
from yibao.population.rosters.receiving import Batch, find_batch

DUE = """
insert into population.contribution (psn_no, insutype, category, period_from, period_to, personal, fiscal)
values ('6', '390', 'resident', '2024-01-01', '2024-12-31', 38000, 64000)
"""


async def compared(connection: Any, *lines: str, **changes: Any) -> Batch:
    batch = await receive_lines(connection, *lines, **changes)
    await compare(connection, batch.batch_no)
    return await find_batch(connection, batch.batch_no)


async def listed(connection: Any, batch: Batch, *changes: str) -> list[tuple[Any, ...]]:
    found = await changes_of(connection, batch.batch_no, *changes)
    return [(one.change, one.psn_no, one.tag, str(one.begntime), str(one.endtime or "")) for one in found]


async def applied(connection: Any, packs: PackBook, *lines: str, **changes: Any) -> Applied:
    batch = await compared(connection, *lines, **changes)
    return await apply(connection, packs, batch.batch_no, "clerk", TODAY, many_endings=True)


async def test_a_full_roster_begins_alters_keeps_and_ends(village: Any) -> None:
    await tag(village, 1, "低保", "2023-01-01")
    await tag(village, 2, "低保", "2023-01-01")
    await tag(village, 3, "低保", "2023-01-01")
    batch = await compared(village, line(1), line(2, begins="2023-07-01"), line(4), line(5, "特困", "2024-02-01"))
    assert await listed(village, batch, "begin", "alter", "end") == [
        ("alter", "2", "低保", "2023-07-01", ""),
        ("begin", "4", "低保", "2024-03-15", ""),
        ("begin", "5", "特困", "2024-02-01", ""),
        ("end", "3", "低保", "2023-01-01", "2024-03-14"),
    ]
    assert (batch.report["begin"], batch.report["alter"], batch.report["end"]) == (2, 1, 1)


async def test_settled_bills_are_looked_at_from_the_first_day_that_a_tag_says_otherwise(village: Any) -> None:
    for number in (2, 3, 4, 6):
        await tag(village, number, "低保", "2023-01-01")
    await tag(village, 5, "低保", "2023-01-01", "2024-02-29")
    batch = await compared(
        village,
        line(1, begins="2024-02-01"),  # begins
        line(2, begins="2023-07-01"),  # begins later than it was known
        line(4, begins="2022-07-01"),  # begins earlier
        line(5, begins="2023-01-01", ends="2023-11-30"),  # ends earlier
        line(6, ends="2024-12-31"),  # ends in days to come
        line(7, begins="2024-04-01"),  # begins in days to come
    )  # 3 is missing: its tag ended the day before the roster's
    assert await changed_since(village, batch.batch_no, TODAY) == [
        ("1", date(2024, 2, 1)),
        ("2", date(2023, 1, 1)),
        ("3", date(2024, 3, 15)),
        ("4", date(2022, 7, 1)),
        ("5", date(2023, 12, 1)),
    ]


async def test_an_incremental_roster_ends_only_whom_it_names(village: Any) -> None:
    await tag(village, 1, "低保", "2023-01-01")
    await tag(village, 2, "低保", "2023-01-01")
    await tag(village, 3, "低保", "2023-01-01")
    lines = (line(1, operation="退出"), line(2, operation="退出", ends="2024-02-29"))
    batch = await compared(village, *lines, mode="incremental")
    assert await listed(village, batch, "begin", "alter", "end") == [
        ("end", "1", "低保", "2023-01-01", "2024-03-14"),
        ("end", "2", "低保", "2023-01-01", "2024-02-29"),
    ]


async def test_tags_of_other_departments_and_other_cities_are_left_alone(village: Any) -> None:
    await tag(village, 1, "返贫致贫", "2023-01-01")
    await tag(village, 2, "低保", "2023-01-01")
    await village.execute("update population.identity_tag set admdvs = '421300' where psn_no = '2'")
    batch = await compared(village, line(3))
    assert await listed(village, batch, "end") == []


async def test_a_tag_taken_over_without_a_city_belongs_to_where_its_person_is_enrolled(village: Any) -> None:
    await tag(village, 1, "低保", "2023-01-01")
    await tag(village, 7, "低保", "2023-01-01")
    await village.execute("update population.identity_tag set admdvs = ''")
    batch = await compared(village, line(3))
    assert [one[1] for one in await listed(village, batch, "end")] == ["1"]


async def test_nobody_loses_a_tag_while_his_line_is_under_review_or_faulty(village: Any) -> None:
    for number in (1, 2, 3):
        await tag(village, number, "低保", "2023-01-01")
    batch = await compared(village, line(1).replace("村民1", "张三"), line(2, begins="去年"))
    assert [one[1] for one in await listed(village, batch, "end")] == ["3"]


async def test_a_full_roster_with_an_unreadable_number_ends_nothing(village: Any) -> None:
    await tag(village, 3, "低保", "2023-01-01")
    batch = await compared(village, line(1), "3.40621E+17,村民3,低保,,,")
    assert (batch.report["endings_held"], await listed(village, batch, "end")) == (1, [])


async def test_days_that_overlap_another_period_are_a_conflict(village: Any) -> None:
    await tag(village, 1, "低保", "2022-01-01", "2022-12-31")
    await tag(village, 1, "低保", "2023-06-01")
    batch = await compared(village, line(1, begins="2022-06-01"), line(2, operation="退出"), mode="incremental")
    assert [one[:2] for one in await listed(village, batch, "begin", "alter", "end", "conflict")] == [
        ("conflict", "1"),
        ("conflict", "2"),
    ]


async def test_who_is_not_insured_and_whose_insurance_broke_is_listed(village: Any) -> None:
    batch = await compared(village, line(1), line(6), line(7), "110105194912310038,路人,低保,,,")
    assert await listed(village, batch, "not_enrolled", "broken", "unmatched") == [
        ("broken", "6", "", "None", ""),
        ("not_enrolled", "7", "", "None", ""),
        ("unmatched", None, "低保", "None", ""),
    ]


async def test_the_dead_are_on_no_list_of_the_uninsured(village: Any) -> None:
    await village.execute("update population.person set die_date = '2024-01-01' where psn_no = '7'")
    batch = await compared(village, line(7))
    assert await listed(village, batch, "not_enrolled") == []


async def test_a_roster_of_people_who_should_be_insured_compares_and_changes_nothing(village: Any) -> None:
    who = [",".join(line(number).split(",")[:2]) for number in (1, 7)]
    batch = await compared(village, *who, header="证件号码,姓名", department="human_resources")
    assert [one[:2] for one in await listed(village, batch, "not_enrolled", "begin", "end")] == [("not_enrolled", "7")]


async def test_every_line_is_answered(village: Any) -> None:
    await tag(village, 1, "低保", "2023-01-01")
    batch = await compared(village, line(1), line(2), line(3, "返贫致贫"), "110105194912310038,路人,低保,,,")
    found = await answers(village, batch.batch_no)
    assert [(one.row_no, one.match, one.changes) for one in found] == [
        (2, "number", None),
        (3, "number", "begin"),
        (4, "faulty", None),
        (5, "none", "unmatched"),
    ]


async def test_applying_changes_the_tags_and_writes_an_event_for_each(village: Any, packs: PackBook) -> None:
    await tag(village, 2, "低保", "2023-01-01")
    await tag(village, 3, "低保", "2023-01-01")
    done = await applied(village, packs, line(1, begins="2024-02-01"), line(2, begins="2023-05-01", ends="2024-12-31"))
    assert done.persons == 3
    assert await tags(village) == [
        ("1", "低保", "2024-02-01", ""),
        ("2", "低保", "2023-05-01", "2024-12-31"),
        ("3", "低保", "2023-01-01", "2024-03-14"),
    ]
    assert [tuple(map(str, row)) for row in await village.fetch(EVENTS)] == [
        ("1", "tagged", "2024-02-01"),
        ("2", "tag_changed", "2023-05-01"),
        ("3", "untagged", "2024-03-14"),
    ]
    owner = "select psn_idet_type, source, owner, admdvs, batch_no from population.identity_tag where psn_no = '1'"
    assert tuple(await village.fetchrow(owner)) == ("2303", "民政局", "civil_affairs", CITY, done.batch_no)


async def test_applying_twice_changes_nothing_more(village: Any, packs: PackBook) -> None:
    done = await applied(village, packs, line(1))
    again = await apply(village, packs, done.batch_no, "clerk", TODAY)
    assert (again.persons, len(await village.fetch(EVENTS))) == (0, 1)


async def test_the_same_roster_of_another_day_changes_nothing(village: Any, packs: PackBook) -> None:
    await applied(village, packs, line(1), as_of=date(2024, 3, 14))
    assert (await applied(village, packs, line(1))).persons == 0


async def test_only_what_was_compared_is_applied(village: Any, packs: PackBook) -> None:
    batch = await receive_lines(village, line(1))
    with pytest.raises(Refused, match="P807"):
        await apply(village, packs, batch.batch_no, "clerk", TODAY)
    await compare(village, batch.batch_no)
    await tag(village, 2, "低保", "2023-01-01")
    with pytest.raises(Refused, match="P808"):
        await apply(village, packs, batch.batch_no, "clerk", TODAY)


async def test_a_decision_on_a_doubtful_line_asks_for_a_new_comparison(village: Any, packs: PackBook) -> None:
    batch = await compared(village, line(1).replace("村民1", "张三"))
    await matching.accept(village, batch.batch_no, 2, "1", "clerk")
    with pytest.raises(Refused, match="P807"):
        await apply(village, packs, batch.batch_no, "clerk", TODAY)
    assert (await compare(village, batch.batch_no))["begin"] == 1


async def test_an_older_full_roster_is_not_applied_after_a_newer_one(village: Any, packs: PackBook) -> None:
    await applied(village, packs, line(1))
    with pytest.raises(Refused, match="P809"):
        await applied(village, packs, line(2), as_of=date(2024, 3, 1))


async def test_ending_very_many_persons_has_to_be_asked_for(village: Any, packs: PackBook) -> None:
    for number in range(1, 6):
        await tag(village, number, "低保", "2023-01-01")
    batch = await compared(village, line(1), line(2), line(3))
    with pytest.raises(Refused, match=r"P817.*5人中的2人"):
        await apply(village, packs, batch.batch_no, "clerk", TODAY)
    done = await apply(village, packs, batch.batch_no, "clerk", TODAY, many_endings=True)
    assert done.persons == 2


async def test_a_tag_that_ends_before_it_began_is_taken_away(village: Any, packs: PackBook) -> None:
    await tag(village, 1, "低保", "2024-03-15")
    await applied(village, packs, line(2))
    assert [one[0] for one in await tags(village)] == ["2"]


async def test_what_is_still_due_follows_the_tag_and_what_is_paid_stays(village: Any, packs: PackBook) -> None:
    await village.execute(DUE)
    await applied(village, packs, line(1), line(6, "低保", "2024-01-01"))
    rows = await village.fetch(
        "select psn_no, personal, subsidy from population.contribution"
        " where psn_no in ('1', '6') and period_from = '2024-01-01' order by psn_no"
    )
    assert [tuple(row) for row in rows] == [("1", 38000, 0), ("6", 7600, 30400)]


async def test_a_roster_of_deaths_stops_everything_and_an_impossible_day_is_a_conflict(
    village: Any, packs: PackBook
) -> None:
    await tag(village, 1, "低保", "2023-01-01")
    who = [",".join(line(number).split(",")[:2]) for number in (1, 2)]
    rows = [f"{who[0]},2024-03-01", f"{who[1]},1979-12-31"]
    batch = await compared(village, *rows, header="证件号码,姓名,死亡日期", department="police", mode="incremental")
    assert (batch.report["died"], batch.report["conflict"]) == (1, 1)
    await apply(village, packs, batch.batch_no, "clerk", TODAY)
    assert await village.fetchval("select die_date from population.person where psn_no = '1'") == date(2024, 3, 1)
    assert await tags(village) == [("1", "低保", "2023-01-01", "2024-03-01")]


@pytest.mark.parametrize("seed", range(12))
async def test_after_any_full_roster_the_standing_tags_are_what_it_says_and_it_says_nothing_more(
    village: Any, packs: PackBook, seed: int
) -> None:
    chance = random.Random(seed)
    words = ("特困", "低保", "低保边缘")
    days = ("2022-01-01", "2023-05-01", "2024-02-01", "2024-03-15")
    for number in range(1, 8):
        for word in chance.sample(words, chance.randint(0, 2)):
            ends = chance.choice(("", "2024-03-15", "2024-12-31", "2024-03-01"))
            begins = chance.choice([day for day in days if not ends or day <= ends])
            await tag(village, number, word, begins, ends or None)
    said = {(number, word) for number in range(1, 9) for word in chance.sample(words, chance.randint(0, 2))}
    lines = [line(number, word, chance.choice(("", *days))) for number, word in sorted(said)]
    await applied(village, packs, *(lines or [line(1, "孤儿")]))
    standing = await village.fetch(
        "select psn_no, tag, count(*) as periods from population.identity_tag"
        " where begntime <= $1 and coalesce(endtime, 'infinity') >= $1 group by psn_no, tag",
        TODAY,
    )
    assert {(int(row["psn_no"]), row["tag"]) for row in standing} == (said or {(1, "孤儿")})
    assert {row["periods"] for row in standing} == {1}
    again = await applied(village, packs, *lines, line(8, "孤儿"))
    assert again.persons == (1 if said else 2)  # person 8 begins; 孤儿 of person 1 ends
