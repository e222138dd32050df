"""A person is found by whatever the hospital presents, and a wrong presentation is explained."""

from datetime import date
from typing import Any

import pytest

from yibao.core.errors import Refused
from yibao.population.queries import Credential, find_person

DAY = date(2024, 6, 1)
NUMBER = "11010519491231002X"


@pytest.mark.parametrize(
    "credential",
    [
        Credential("01", "E1"),
        Credential("02", NUMBER),
        Credential("02", NUMBER.lower(), "01", NUMBER, "测试甲"),
        Credential("02", "02", "01", NUMBER),
        Credential("", NUMBER),
    ],
    ids=["electronic code", "identity card", "small x", "type sent as number", "no type"],
)
async def test_every_way_of_presenting_oneself_leads_to_the_same_person(people: Any, credential: Credential) -> None:
    assert (await find_person(people, credential, DAY)).psn_no == "1"


@pytest.mark.parametrize(
    ("credential", "codes"),
    [
        (Credential("02", NUMBER[:-1] + "1"), ["P101"]),
        (Credential("02", "34060019990101001X"), ["P101"]),
        (Credential("02", "440300199001010010"), ["P101"]),
        (Credential("01", "none"), ["P102"]),
        (Credential("03", "K1"), ["P103"]),
        (Credential("01", "E1", "01", "340600198002290010", "别人"), ["P104", "P105"]),
    ],
)
async def test_what_does_not_fit_is_named(people: Any, credential: Credential, codes: list[str]) -> None:
    with pytest.raises(Refused) as caught:
        await find_person(people, credential, DAY)
    assert [refusal.code for refusal in caught.value.refusals] == codes


async def test_a_social_security_card_holds_through_its_last_day(people: Any) -> None:
    assert (await find_person(people, Credential("03", "K1"), date(2024, 5, 31))).psn_no == "1"
