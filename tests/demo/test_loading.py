"""The demo city: complete, consistent, and loaded once."""

from datetime import date
from decimal import Decimal

import pytest
import yaml

from yibao.core.config import ConfigurationError
from yibao.core.database import Database, connect
from yibao.core.dates import today
from yibao.core.errors import Refused
from yibao.demo import load
from yibao.demo.examples import example_sequences
from yibao.demo.listing import demo_city
from yibao.demo.people import persons
from yibao.demo.source import read_text
from yibao.gateway.validate import validator_of
from yibao.population.entitlement.decision import Entitled, enrolment_on
from yibao.population.entitlement.family import NEAR_RELATIVES
from yibao.population.identity import birth_date, is_identity_number, sex
from yibao.population.model import CareFacts
from yibao.population.queries import Credential, care_facts, find_person

KEY = bytes(32)
TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
async def city(module_database_url: str) -> str:
    assert await load(module_database_url, KEY)
    return module_database_url


async def count(url: str, query: str) -> int:
    connection = await connect(url)
    try:
        return int(await connection.fetchval(query))
    finally:
        await connection.close()


async def test_loading_again_changes_nothing(city: str) -> None:
    before = await count(city, "select count(*) from population.account_movement")
    assert not await load(city, KEY)
    assert await count(city, "select count(*) from population.account_movement") == before


@pytest.mark.parametrize(
    ("query", "least"),
    [
        ("select count(*) from directory.institution where fixmedins_type = '1' and admdvs like '3406%'", 12),
        ("select count(*) from directory.institution where fixmedins_type = '2' and admdvs like '3406%'", 6),
        ("select count(distinct level) from directory.institution where fixmedins_type = '1'", 3),
        ("select count(distinct grade) from directory.institution", 4),
        ("select count(*) from directory.doctor", 40),
        ("select count(*) from directory.item where area = '340600'", 300),
        ("select count(distinct list_type) from directory.item", 4),
        ("select count(*) from directory.code_entry where details->'suizhou' = 'true'", 37),
        ("select count(*) from directory.code_entry where table_name = 'disease'", 300),
        ("select count(*) from population.person", 60),
        ("select count(distinct substr(insu_admdvs, 1, 4)) from population.enrolment", 4),
        ("select count(distinct tag) from population.identity_tag", 12),
    ],
)
async def test_the_city_is_large_enough_to_try_everything(city: str, query: str, least: int) -> None:
    assert await count(city, query) >= least


async def test_every_institution_has_a_credential(city: str) -> None:
    assert (
        await count(
            city,
            "select count(*) from directory.institution left join gateway.credential using (fixmedins_code)"
            " where access_key is null",
        )
        == 0
    )


async def test_balances_movements_and_journal_agree(city: str) -> None:
    balances = await count(city, "select sum(balance) from population.account")
    assert await count(city, "select sum(amount) from population.account_movement") == balances
    assert (
        await count(city, "select -sum(amount) from ledger.posting where account = 'personal_account.balances'")
        == balances
    )


def test_identity_numbers_are_valid_tell_the_truth_and_lie_in_no_real_county() -> None:
    for demo in persons(TODAY):
        number = demo.person.certno
        assert is_identity_number(number)
        assert (birth_date(number), sex(number)) == (demo.person.brdy, demo.person.gend)
        assert number[4:6] == "99"


def test_every_family_payer_has_an_account_and_is_a_near_relative() -> None:
    people = persons(TODAY)
    owners = {demo.person.psn_no for demo in people if demo.balance is not None}
    for demo in people:
        assert {payer.payer for payer in demo.family} <= owners
        assert {payer.relation for payer in demo.family} <= NEAR_RELATIVES.keys()


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("working", ""), ("newborn", ""), ("both_kinds", ""), ("jj_working", ""), ("waiting_flexible", "P205"),
        ("suspended", "P203"), ("ended", "P204"), ("last_year", "P204"), ("not_enrolled", "P202"),
        ("waiting_resident", "P205"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("today", [date(2024, 2, 29), TODAY, date(2027, 1, 1)])
def test_persons_are_in_the_state_their_note_tells_whenever_the_demo_is_loaded(
    key: str, code: str, today: date
) -> None:
    (demo,) = [demo for demo in persons(today) if demo.key == key]
    found = enrolment_on(CareFacts(demo.person, demo.enrolments, demo.coverages), today, "")
    assert ("" if isinstance(found, Entitled) else found.code) == code


async def test_persons_are_found_by_identity_card_electronic_code_and_card(city: str) -> None:
    demo = persons(today())[0]
    connection = await connect(city)
    for kind, number in (("02", demo.person.certno), ("01", demo.electronic_code), ("03", demo.card)):
        assert (await find_person(connection, Credential(kind, number), today())).psn_no == demo.person.psn_no
    expired = next(p for p in persons(today()) if p.key == "expired_card")
    with pytest.raises(Refused, match="P103"):
        await find_person(connection, Credential("03", expired.card), today())
    await connection.close()


async def test_facts_of_a_child_name_father_and_mother_as_payers_in_order(city: str) -> None:
    people = {demo.key: demo for demo in persons(today())}
    connection = await connect(city)
    facts = await care_facts(connection, people["family_child"].person.psn_no, today())
    await connection.close()
    expected = [people["family_father"].person.psn_no, people["family_mother"].person.psn_no]
    assert [payer.payer for payer in facts.family] == expected


async def test_every_demo_bill_was_settled_by_the_gateway(city: str) -> None:
    bills = yaml.safe_load(read_text("bills.yaml"))
    assert len(bills) >= 30
    undone = sum(1 for bill in bills if bill.get("undo"))
    assert await count(city, "select count(*) from settlement.settlement") == len(bills) + undone
    for fund in ("hifp_pay", "hifmi_pay", "maf_pay", "acct_pay", "acct_mulaid_pay", "cash_payamt"):
        assert await count(city, f"select count(*) from settlement.settlement where {fund} > 0") > 0, fund


async def test_the_listing_names_everything_a_program_needs(city: str) -> None:
    connection = await connect(city)
    listing = await demo_city(connection, KEY, "http://127.0.0.1:1")
    await connection.close()
    assert listing is not None
    codes = {place["fixmedins_code"] for place in listing["hospitals"] + listing["pharmacies"]}
    assert {credential["fixmedins_code"] for credential in listing["gateway"]["credentials"]} == codes
    assert all(len(credential["secret"]) == 32 for credential in listing["gateway"]["credentials"])
    working = next(person for person in listing["persons"] if person["key"] == "working")
    assert working["balance"] != Decimal("3250.80"), "bills and crediting runs have moved the opening balance"
    assert {person["insuplc_admdvs"][:4] for person in listing["persons"]} >= {"3406", "4213", "5206", "3604"}


async def test_the_listing_of_an_empty_city_is_none(database: Database) -> None:
    async with database.connection() as connection:
        assert await demo_city(connection, KEY, "") is None


@pytest.mark.parametrize("sequence", ["pharmacy", "outpatient", "inpatient", "order"])
def test_example_messages_are_complete_and_pass_the_validation_of_the_interface(sequence: str) -> None:
    for message in example_sequences(TODAY)[sequence]:
        _, faults = validator_of(message["infno"]).check(message["input"])
        assert faults == [], message["infno"]
        assert len(message["msgid"]) == 30


async def test_a_database_with_a_city_of_its_own_is_left_alone(database: Database, database_url: str) -> None:
    async with database.transaction() as connection:
        await connection.execute(
            "insert into population.person (psn_no, certno, psn_name, gend, brdy)"
            " values ('1', '1', '某', '1', '2000-01-01')"
        )
    with pytest.raises(ConfigurationError):
        await load(database_url, KEY)
    assert await count(database_url, "select count(*) from directory.institution") == 0


async def test_some_items_are_not_in_the_catalogue_on_every_day(city: str) -> None:
    for day, expected in (("2021-06-01", 1), ("2026-06-01", 0)):
        old = await count(
            city,
            "select count(*) from directory.item where area = '340600' and item_name like '复方甘草片%'"
            f" and valid_from <= '{day}' and coalesce(valid_to, 'infinity') >= '{day}'",
        )
        assert old == expected
