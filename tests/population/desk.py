"""A small enrolment desk for tests: divisions, and persons registered through the real actions."""

from datetime import date
from typing import Any

import pytest

from yibao.core.errors import Refused
from yibao.ledger.chart import install_chart
from yibao.population.enrolment.persons import NewPerson, register
from yibao.population.identity import identity_number

AREA = "340600"
VILLAGE = "340602001001"
OTHER_VILLAGE = "340602002001"
DIVISIONS = """
insert into directory.division (code, parent, name, level) values
  ('34', null, '测试省', 1), ('3406', '34', '测试市', 2), ('340602', '3406', '测试区', 3),
  ('340602001', '340602', '测试镇', 4), ('340602001001', '340602001', '测试村', 5),
  ('340602002', '340602', '另一镇', 4), ('340602002001', '340602002', '另一村', 5)
"""


async def furnish(connection: Any) -> None:
    """Divisions and the chart of accounts."""
    await install_chart(connection)
    await connection.execute(DIVISIONS)


def someone(serial: int = 0, name: str = "测试甲", born: date = date(1980, 2, 29), **other: Any) -> NewPerson:
    """A person with a correct identity number; an even serial is a woman."""
    return NewPerson(identity_number(AREA, born, serial), name, AREA, live_area=VILLAGE, **other)


async def registered(connection: Any, serial: int = 0, **other: Any) -> str:
    """The number of somebody registered now."""
    return await register(connection, someone(serial, **other), "clerk", "new")


def codes(caught: pytest.ExceptionInfo[Refused]) -> list[str]:
    """The refusal codes of what was raised, in their order."""
    return [refusal.code for refusal in caught.value.refusals]
