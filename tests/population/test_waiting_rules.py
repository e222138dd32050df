"""A city says once how long residents wait: its policy pack and its rules of entitlement agree."""

from datetime import date

import pytest

from yibao.benefits import load_pack, waiting_months
from yibao.core.config import AREAS
from yibao.population.entitlement.waiting import ResidentWaiting
from yibao.population.rules import rules_of

CITIES = {"huaibei": "340600", "suizhou": "421300", "tongren": "520600", "jiujiang": "360400"}


@pytest.mark.parametrize("city", CITIES)
def test_pack_and_rules_of_a_city_give_the_same_waiting(city: str) -> None:
    pack = load_pack(AREAS / city / "benefits")
    rule = ResidentWaiting(**rules_of(CITIES[city]).on("resident_waiting", date(2025, 1, 1)))
    for missed in range(8):
        for repaired in range(missed + 1):
            assert rule.months(missed, repaired) == waiting_months(pack, missed, repaired)


def test_every_city_with_a_pack_is_compared() -> None:
    assert {path.parts[-3] for path in AREAS.glob("*/benefits/pack.yaml")} == set(CITIES)
