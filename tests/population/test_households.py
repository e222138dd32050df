"""Households: who is in, who is the householder, who may go."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from tests.population.desk import VILLAGE, codes, furnish, registered
from yibao.core.database import Database
from yibao.core.errors import Refused
from yibao.population.enrolment.households import change_head, found, join, leave, members
from yibao.population.events import timeline


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
    async with database.transaction() as connection:
        await furnish(connection)
        yield connection


async def test_a_household_changes_its_head_and_loses_members_but_never_its_head_first(desk: Any) -> None:
    wife, husband = await registered(desk), await registered(desk, 1)
    number = await found(desk, husband, VILLAGE, "clerk")
    await join(desk, number, wife, "12", "clerk")
    assert [(m["psn_no"], m["hshd_relation"]) for m in await members(desk, number)] == [(husband, "02"), (wife, "12")]
    with pytest.raises(Refused) as caught:
        await leave(desk, husband, "clerk")
    assert codes(caught) == ["P134"]
    await change_head(desk, number, wife, "clerk", "户主变更")
    assert [(m["psn_no"], m["hshd_relation"]) for m in await members(desk, number)] == [(wife, "02"), (husband, "")]
    await leave(desk, husband, "clerk", "分户")
    await leave(desk, wife, "clerk")
    assert await members(desk, number) == []
    assert [e.kind for e in await timeline(desk, husband)][:3] == ["household_left", *["household_joined"] * 2]


async def test_a_person_is_in_one_household_and_with_a_relation_of_the_dictionary(desk: Any) -> None:
    wife, husband = await registered(desk), await registered(desk, 1)
    number = await found(desk, husband, VILLAGE, "clerk")
    await found(desk, wife, VILLAGE, "clerk")
    with pytest.raises(Refused) as caught:
        await join(desk, number, wife, "98", "clerk")
    assert codes(caught) == ["P133", "P135"]
    for faulty, code in ((join(desk, "H0", wife, "12", "clerk"), "P131"), (found(desk, wife, "0", "clerk"), "P115")):
        with pytest.raises(Refused) as caught:
            await faulty
        assert codes(caught)[0] == code


async def test_who_is_in_no_household_can_neither_leave_nor_lead(desk: Any) -> None:
    wife, husband = await registered(desk), await registered(desk, 1)
    number = await found(desk, husband, VILLAGE, "clerk")
    for faulty in (leave(desk, wife, "clerk"), change_head(desk, number, wife, "clerk")):
        with pytest.raises(Refused) as caught:
            await faulty
        assert codes(caught) == ["P132"]
