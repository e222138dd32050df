"""A county in the middle of its campaign: two towns, six villages, households, a school, tags, helpers, payments.

It belongs to the year in whose collection the tests run, so that ticks on the pages are payments of today.
"""

from datetime import date, timedelta
from typing import Any

from tests.web.city import KEY
from yibao.core import dates
from yibao.core.database import Database
from yibao.ledger import install_chart
from yibao.population.campaign.demo import demo_campaign
from yibao.population.campaign.parameters import CampaignRules, campaign_rules
from yibao.population.campaign.supervision import supervise
from yibao.population.rules import rules_of
from yibao.web.accounts import Visitor, save_demo_users

RULES = rules_of("340600")
CITY, COUNTY, TOWN, VILLAGE = "3406", "340621", "340621101", "340621101201"
TOWNS = {"340621101": "青禾镇", "340621102": "柳湾镇", "340621103": "白沙镇"}
VILLAGES = ("张圩村", "王楼村", "李庄村")
SURNAMES, GIVEN = "张王李赵陈刘周吴徐孙", ("德厚", "秀兰", "建国", "桂英", "小云", "志强")
PER_VILLAGE, DUE = 24, 38_000


def campaign_now() -> CampaignRules:
    """The campaign of today, or the next."""
    today = dates.today()
    this = campaign_rules(RULES, today.year)
    return this if today <= this.last_day else campaign_rules(RULES, today.year + 1)


async def build_campaign(database: Database) -> dict[str, str]:
    """Fill an empty, migrated database; returns the passwords by user."""
    rules = campaign_now()
    async with database.transaction() as connection:
        await install_chart(connection)
        await _divisions(connection)
        await _people(connection, rules)
        await _school_and_helpers(connection, rules.year)
        await demo_campaign(connection, RULES, rules.year, dates.today())
        await supervise(connection, RULES, rules.year, dates.today())
        return await save_demo_users(
            connection, KEY,
            Visitor("collector", "张圩村代收员", "collector", area=VILLAGE),
            Visitor("town", "青禾镇医保站", "collector", area=TOWN),
            Visitor("department", "县民政局", "department", department="civil_affairs", area="340600"),
            Visitor("leader", "演示领导", "leader"),
        )  # fmt: skip


async def _divisions(connection: Any) -> None:
    places = [("34", None, "安徽省", 1), (CITY, "34", "淮北市", 2), (COUNTY, CITY, "濉溪县", 3)]
    places += [(code, COUNTY, name, 4) for code, name in TOWNS.items()]
    places += [(f"{town}{201 + n}", town, name, 5) for town in TOWNS for n, name in enumerate(VILLAGES)]
    await connection.executemany("insert into directory.division values ($1, $2, $3, $4)", places)


async def _people(connection: Any, rules: CampaignRules) -> None:
    """The first town has paid least, the last one all; payments are spread over the days since the campaign began."""
    number, days = 0, max((dates.today() - rules.first_day).days, 1)
    for place, town in enumerate(TOWNS):
        for village in range(len(VILLAGES)):
            for member in range(PER_VILLAGE):
                number += 1
                paid = member < PER_VILLAGE * (place + 1) // len(TOWNS)
                day = min(rules.first_day + timedelta(days=number % days), dates.today())
                await _person(connection, number, f"{town}{201 + village}", member, rules.year, day if paid else None)
                paid_later = place == 0 and village == 0 and member >= PER_VILLAGE - 2
                if paid_later:  # two newcomers without an assessment
                    await connection.execute(
                        "delete from population.contribution where psn_no = $1", f"3406{number:06d}"
                    )


async def _person(connection: Any, number: int, village: str, member: int, year: int, paid_on: date | None) -> None:
    psn_no, name = f"3406{number:06d}", SURNAMES[number // 3 % 10] + GIVEN[number % 6]
    household = f"H{(number - 1) // 3:05d}"
    if (number - 1) % 3 == 0:
        await connection.execute("insert into population.household values ($1, $2, $3)", household, psn_no, village)
    birth = date(1950 + member * 3, 1 + number % 12, 15)
    await connection.execute(
        "insert into population.person (psn_no, certno, psn_name, gend, brdy, live_area, household_no, tel)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8)",
        psn_no, f"340621{birth:%Y%m%d}{number:04d}", name, str(1 + number % 2), birth, village, household,
        "13900000000" if member % 3 == 0 else "",
    )  # fmt: skip
    await connection.execute(
        "insert into population.enrolment (psn_no, insutype, psn_type, insu_admdvs, begndate, category)"
        " values ($1, '390', '15', '340621', '2020-01-01', 'resident')", psn_no
    )  # fmt: skip
    await connection.execute(
        "insert into population.contribution (psn_no, insutype, category, period_from, period_to, personal, status,"
        " paid_on, paid_at) values ($1, '390', 'resident', $2, $3, $4, $5, $6::date, $6::date)",
        psn_no, date(year, 1, 1), date(year, 12, 31), DUE, "paid" if paid_on else "due", paid_on,
    )  # fmt: skip


async def _school_and_helpers(connection: Any, year: int) -> None:
    await connection.execute("insert into population.school values ('S1', '青禾镇中心小学', $1)", TOWN)
    pupils = [(year, f"3406{number:06d}") for number in range(18, 25)]
    await connection.executemany("insert into population.school_roll values ('S1', $1, $2, '三（1）班')", pupils)
    await connection.execute(
        "insert into population.identity_tag (psn_no, psn_idet_type, tag, begntime, owner)"
        " select psn_no, '2303', '低保', '2022-01-01', 'civil_affairs' from population.person"
        " where psn_no in ('3406000010', '3406000011')"
    )
    await connection.execute(
        "insert into population.helper_responsible"
        " values ('3406000010', '王干部', '13911111111', '县财政局', '2022-01-01', null)"
    )
