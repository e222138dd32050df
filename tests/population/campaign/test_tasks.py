"""Tasks: set, imported, revised with a trace, and equal at every level."""

import io
from typing import Any

import pytest

from tests.population.campaign.conftest import CITY, COUNTY, TOWN_A, TOWN_B, VILLAGE_A1, VILLAGE_A2
from yibao.core.database import Connection
from yibao.core.errors import Refused
from yibao.core.sheets import Heading, write_sheet
from yibao.population.campaign.tasks import Revision, history_of, import_tasks, revise, tasks_of

TREE = {CITY: 10, COUNTY: 10, TOWN_A: 7, TOWN_B: 3, VILLAGE_A1: 5, VILLAGE_A2: 2}


def first(**changes: int) -> Revision:
    return Revision(2024, CITY, {**TREE, **changes}, "市下达")


def table(*rows: tuple[Any, ...]) -> bytes:
    file = io.BytesIO()
    headings = (Heading("区划编码", "identity"), Heading("名称"), Heading("任务数", "text"))
    write_sheet(file, "任务", headings, rows)
    return file.getvalue()


async def codes(refused: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str]]:
    return [(refusal.code, refusal.place) for refusal in refused.value.refusals]


async def test_tasks_are_set_for_all_levels_at_once(county: Connection) -> None:
    assert await revise(county, first(), "clerk") == 6
    assert await tasks_of(county, 2024, CITY) == TREE
    assert await tasks_of(county, 2025, CITY) == {}


async def test_parts_that_do_not_make_the_whole_are_refused_with_the_difference(county: Connection) -> None:
    with pytest.raises(Refused) as refused:
        await revise(county, first(**{VILLAGE_A1: 6, COUNTY: 9}), "clerk")
    assert await codes(refused) == [("P902", CITY), ("P902", COUNTY), ("P902", TOWN_A)]
    assert "青禾镇任务数7，所辖各单位合计8，相差+1" in refused.value.refusals[2].text
    assert await tasks_of(county, 2024, CITY) == {}


async def test_a_villages_change_is_passed_up_and_leaves_its_trace(county: Connection) -> None:
    await revise(county, first(), "clerk")
    changed = await revise(county, Revision(2024, CITY, {VILLAGE_A1: 6}, "漏登一户", pass_up=True), "clerk2")
    assert changed == 4
    assert await tasks_of(county, 2024, CITY) == {**TREE, VILLAGE_A1: 6, TOWN_A: 8, COUNTY: 11, CITY: 11}
    trace = await history_of(county, 2024, VILLAGE_A1)
    assert [(row.revision, row.task, row.actor, row.reason) for row in trace] == [
        (2, 6, "clerk2", "漏登一户"),
        (1, 5, "clerk", "市下达"),
    ]


async def test_the_same_tasks_again_change_nothing(county: Connection) -> None:
    await revise(county, first(), "clerk")
    assert await revise(county, first(), "clerk") == 0
    assert len(await history_of(county, 2024, CITY)) == 1


async def test_units_of_nobody_and_negative_tasks_are_refused_together(county: Connection) -> None:
    with pytest.raises(Refused) as refused:
        await revise(county, Revision(2024, CITY, {"360400": 3, TOWN_A: -1}), "clerk")
    assert await codes(refused) == [("P901", "360400"), ("P904", TOWN_A)]


async def test_a_school_has_a_task_of_its_own_beside_the_tree(county: Connection) -> None:
    await county.execute("insert into population.school values ('S1', '青禾镇中心小学', $1)", TOWN_A)
    await revise(county, first(S1=400), "clerk")
    assert (await tasks_of(county, 2024, CITY))["S1"] == 400


async def test_a_table_of_tasks_is_taken_as_a_whole(county: Connection) -> None:
    rows = [(code, "", str(task)) for code, task in TREE.items()]
    assert await import_tasks(county, 2024, CITY, table(*rows), "clerk", "市下达") == 6
    assert await tasks_of(county, 2024, CITY) == TREE


async def test_every_bad_row_of_a_table_is_answered_and_nothing_is_changed(county: Connection) -> None:
    source = table((CITY, "", "10"), (COUNTY, "", "许多"), (CITY, "", "10"), (TOWN_A, "", None))
    with pytest.raises(Refused) as refused:
        await import_tasks(county, 2024, CITY, source, "clerk", "市下达")
    assert {place for _, place in await codes(refused)} == {"第4行", "第5行", "第6行"}
    assert ("P903", "第5行") in await codes(refused)
    assert await tasks_of(county, 2024, CITY) == {}
