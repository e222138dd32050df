"""Newborn, one thing at once: person, household, enrolment, premium and coverage from one application."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import asyncpg
import pytest

from tests.population.desk import AREA, VILLAGE, codes, furnish, registered
from yibao.benefits.book import PackBook
from yibao.core import dates
from yibao.core.database import Database
from yibao.core.errors import Refused
from yibao.population.enrolment.households import found, join, members
from yibao.population.enrolment.newborn import Newborn, apply, relation_of_child
from yibao.population.entitlement.coverage import refresh
from yibao.population.events import timeline
from yibao.population.identity import identity_number

BORN = date(2024, 5, 1)


@pytest.fixture(scope="module")
def packs() -> PackBook:
    return PackBook.load()


@pytest.fixture
async def desk(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
    monkeypatch.setattr(dates, "now", lambda: datetime(2024, 6, 1, 9, 0, 0))
    async with database.transaction() as connection:
        await furnish(connection)
        yield connection


def application(parent: str, **other: Any) -> Newborn:
    return Newborn(parent, "2", BORN, AREA, birth_certificate="O340000001", **other)


async def test_one_application_registers_enrols_and_makes_the_premium_due(desk: Any, packs: PackBook) -> None:
    mother = await registered(desk)
    decided = await apply(desk, packs, application(mother), "clerk")
    child = await desk.fetchrow("select * from population.person where psn_no = $1", decided.psn_no)
    assert (child["psn_name"], child["psn_cert_type"], child["brdy"]) == ("测试甲之女", "990201", BORN)
    assert child["live_area"] == VILLAGE
    row = await desk.fetchrow("select * from population.enrolment where psn_no = $1", decided.psn_no)
    assert (row["insutype"], row["psn_type"], row["begndate"], row["reason"]) == ("390", "1401", BORN, "newborn")
    assert [m["psn_no"] for m in await members(desk, decided.household_no)] == [mother, decided.psn_no]
    due = await desk.fetch("select personal, status, kind, period_from from population.contribution")
    assert [tuple(line) for line in due] == [(38000, "due", "midyear", date(2024, 1, 1))]
    kinds = [event.kind for event in reversed(await timeline(desk, decided.psn_no))]
    assert kinds == ["registered", "household_joined", "born", "enrolled"]


async def test_a_child_is_covered_from_birth_at_once(desk: Any, packs: PackBook) -> None:
    decided = await apply(desk, packs, application(await registered(desk)), "clerk")
    assert (decided.covered_from, decided.covered_to) == (BORN, date(2024, 7, 30))
    rows = await desk.fetch("select begndate, enddate, state, reason from population.coverage")
    assert [tuple(row) for row in rows] == [(BORN, date(2024, 7, 30), "covered", "newborn")]


async def test_the_premium_covers_the_rest_of_the_year(desk: Any, packs: PackBook) -> None:
    decided = await apply(desk, packs, application(await registered(desk)), "clerk")
    await desk.execute("update population.contribution set status = 'paid', paid_on = '2024-06-02'")
    await refresh(desk, [decided.psn_no])
    rows = await desk.fetch("select begndate, enddate, origin from population.coverage order by begndate")
    assert [tuple(row) for row in rows] == [
        (BORN, date(2024, 7, 30), "taken_over"),
        (date(2024, 7, 31), date(2024, 12, 31), "computed"),
    ]


async def test_a_child_with_name_and_number_keeps_the_birth_certificate_too(desk: Any, packs: PackBook) -> None:
    number = identity_number(AREA, BORN, 2)
    decided = await apply(desk, packs, application(await registered(desk), certno=number, psn_name="测试丁"), "clerk")
    kinds = await desk.fetch("select psn_cert_type from population.certificate where psn_no = $1", decided.psn_no)
    assert [row[0] for row in kinds] == ["990201"]
    assert await desk.fetchval("select certno from population.person where psn_no = $1", decided.psn_no) == number


async def test_a_grandchild_joins_the_grandfathers_household_as_such(desk: Any, packs: PackBook) -> None:
    mother, grandfather = await registered(desk), await registered(desk, 1, born=date(1950, 1, 1))
    number = await found(desk, grandfather, VILLAGE, "clerk")
    await join(desk, number, mother, "30", "clerk")
    decided = await apply(desk, packs, application(mother), "clerk")
    assert decided.household_no == number
    relations = {m["psn_no"]: m["hshd_relation"] for m in await members(desk, number)}
    assert relations[decided.psn_no] == "40"
    assert relation_of_child("71", "1") == "97"


async def test_twins_without_names_are_two_children(desk: Any, packs: PackBook) -> None:
    first = application(await registered(desk))
    one = await apply(desk, packs, first, "clerk")
    other = await apply(desk, packs, replace(first, birth_certificate="O340000002"), "clerk")
    assert (one.psn_no != other.psn_no, one.household_no) == (True, other.household_no)


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"parent": "9"}, ["P152"]),
        ({"brdy": date(2024, 3, 2)}, ["P151"]),
        ({"birth_certificate": ""}, ["P153"]),
        ({"brdy": date(1979, 1, 1)}, ["P151", "P154"]),
        ({"brdy": date(2024, 6, 2)}, ["P119"]),
        ({"insu_admdvs": "999900"}, ["P001"]),
    ],
)
async def test_a_faulty_application_leaves_nothing_behind(
    desk: Any, packs: PackBook, changes: dict[str, Any], refused: list[str]
) -> None:
    mother = await registered(desk)
    with pytest.raises(Refused) as caught:
        await apply(desk, packs, replace(application(mother), **changes), "clerk")
    assert codes(caught) == refused
    assert await desk.fetchval("select count(*) from population.person") == 1


async def test_the_last_day_of_the_window_is_in_time(
    desk: Any, packs: PackBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    mother = await registered(desk)
    monkeypatch.setattr(dates, "now", lambda: datetime(2024, 7, 30, 9, 0, 0))
    assert await apply(desk, packs, application(mother), "clerk")
