"""Family sharing is for near relatives, one order number each."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from yibao.core.errors import Refused
from yibao.population.entitlement.family import NEAR_RELATIVES, Consent, Link, bind, unbind
from yibao.population.events import timeline
from yibao.population.queries import care_facts

DAY = date(2024, 6, 1)
LINK = Link("1", "2", 1, "20", date(2024, 1, 1))
YES = Consent("2", datetime(2024, 1, 1, 9, 30), "online")
ANOTHER_PAYER = """
insert into population.person (psn_no, certno, psn_name, gend, brdy) values ('3', 'c3', '测试丙', '2', '1982-03-01');
insert into population.enrolment (psn_no, insutype, psn_type, insu_admdvs, begndate) values
  ('3', '310', '11', '340600', '2010-01-01');
insert into population.account (psn_no, balance) values ('3', 5000);
"""


def changed(**fields: Any) -> Link:
    return replace(LINK, **fields)


async def refused(connection: Any, link: Link) -> list[str]:
    with pytest.raises(Refused) as caught:
        await bind(connection, link, Consent(link.payer, YES.at, "counter"))
    return [refusal.code for refusal in caught.value.refusals]


async def test_a_bound_relative_pays_until_the_last_day_of_the_link(people: Any) -> None:
    await bind(people, LINK, YES)
    assert [payer.payer for payer in (await care_facts(people, "1", DAY)).family] == ["2"]
    await unbind(people, "1", "2", DAY, "clerk")
    assert [(event.kind, event.actor) for event in await timeline(people, "1")][:1] == [("family_unbound", "clerk")]
    assert [payer.payer for payer in (await care_facts(people, "1", DAY)).family] == ["2"]
    assert (await care_facts(people, "1", date(2024, 6, 2))).family == ()


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({"relation": "55"}, ["P401"]),
        ({"relation": "99"}, ["P401"]),
        ({"payer": "1"}, ["P402", "P403"]),
        ({"enddate": date(2023, 12, 31)}, ["P405"]),
        ({"beneficiary": "9"}, ["P106"]),
        ({"payer": "9"}, ["P410"]),
    ],
    ids=[
        "father-in-law",
        "no relative",
        "oneself",
        "ends before it begins",
        "unknown person",
        "payer of another platform",
    ],
)
async def test_a_link_that_must_not_be_is_refused(people: Any, fields: dict[str, Any], codes: list[str]) -> None:
    assert await refused(people, changed(**fields)) == codes


async def test_the_dead_and_duplicates_neither_pay_nor_are_paid_for(people: Any) -> None:
    await people.execute("update population.person set die_date = '2023-12-31' where psn_no = '2'")
    assert await refused(people, LINK) == ["P411"]
    await people.execute("update population.person set die_date = null, merged_into = '1' where psn_no = '2'")
    assert await refused(people, LINK) == ["P118"]


async def test_the_same_payer_cannot_be_bound_twice_at_a_time(people: Any) -> None:
    await bind(people, LINK, YES)
    assert await refused(people, changed(seq=2)) == ["P404"]


async def test_two_payers_cannot_have_the_same_place_in_the_order(people: Any) -> None:
    await people.execute(ANOTHER_PAYER)
    await bind(people, LINK, YES)
    assert await refused(people, changed(payer="3")) == ["P405"]
    await bind(people, changed(payer="3", seq=2), Consent("3", YES.at, "paper"))
    assert [payer.payer for payer in (await care_facts(people, "1", DAY)).family] == ["2", "3"]


async def test_sharing_ends_at_the_border_of_the_province(people: Any) -> None:
    await people.execute("update population.enrolment set insu_admdvs = '421300' where psn_no = '2'")
    assert await refused(people, LINK) == ["P407"]


async def test_what_is_not_bound_cannot_be_unbound(people: Any) -> None:
    with pytest.raises(Refused, match="P406"):
        await unbind(people, "1", "2", DAY)


def test_in_laws_are_not_near_relatives() -> None:
    assert not {"28", "38", "45", "53", "54", "55", "56", "72", "76"} & NEAR_RELATIVES.keys()


@pytest.mark.parametrize("consent", [Consent("1", YES.at, "online"), Consent("2", YES.at, "told")])
async def test_without_the_payers_own_consent_nothing_is_bound(people: Any, consent: Consent) -> None:
    with pytest.raises(Refused) as caught:
        await bind(people, LINK, consent)
    assert [refusal.code for refusal in caught.value.refusals] == ["P408"]


async def test_the_consent_is_kept_with_the_link(people: Any) -> None:
    await bind(people, LINK, YES)
    kept = await people.fetchrow("select consent_by, consent_at, consent_way, year_limit from population.family_link")
    assert (kept["consent_by"], kept["consent_way"], kept["year_limit"]) == ("2", "online", None)
    assert str(kept["consent_at"]).startswith("2024-01-01 01:30")


async def test_a_relative_pays_no_more_in_a_year_than_the_limit(people: Any) -> None:
    await bind(people, changed(year_limit=3000), YES)
    assert [payer.balance for payer in (await care_facts(people, "1", DAY)).family] == [3000]
    await people.execute(
        "insert into population.account_movement (psn_no, amount, balance_after, kind, reference, beneficiary, at)"
        " values ('2', -2500, 7500, 'settlement', 's', '1', '2024-03-01'),"
        " ('2', -900, 7500, 'settlement', 's', '1', '2023-03-01')"
    )
    assert [payer.balance for payer in (await care_facts(people, "1", DAY)).family] == [500]
    assert [payer.balance for payer in (await care_facts(people, "1", date(2025, 1, 1))).family] == [3000]
