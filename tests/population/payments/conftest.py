"""A village of Huaibei at the end of 2023: two families, one enrolled nowhere, a worker with an account."""

from collections.abc import AsyncIterator
from datetime import datetime

import asyncpg
import pytest

from yibao.benefits.book import PackBook
from yibao.core import dates
from yibao.core.database import Database
from yibao.ledger.chart import install_chart

SEED = """
insert into directory.division (code, parent, name, level) values
  ('34', null, '安徽省', 1), ('3406', '34', '淮北市', 2), ('340621', '3406', '濉溪县', 3),
  ('340621100', '340621', '测试镇', 4), ('340621100201', '340621100', '测试村', 5);
insert into population.person (psn_no, certno, psn_name, gend, brdy, live_area, hsreg_area) values
  ('A1', '340621198002290013', '测试甲', '1', '1980-02-29', '340621100201', '340621100201'),
  ('A2', '340621198105050021', '测试乙', '2', '1981-05-05', '340621100201', '340621100201'),
  ('A3', '340621201506010035', '测试丙', '1', '2015-06-01', '340621100201', '340621100201'),
  ('B1', '340621195001010016', '测试丁', '1', '1950-01-01', '340621100201', '340621100201'),
  ('B2', '340621195203030020', '测试戊', '2', '1952-03-03', '340621100201', '340621100201'),
  ('N1', '340621199009090018', '测试己', '1', '1990-09-09', '340621100201', '340621100201'),
  ('W1', '340621198508080014', '测试庚', '1', '1985-08-08', '340621100201', '340621100201');
insert into population.enrolment (psn_no, insutype, category, psn_type, insu_admdvs, begndate) values
  ('A1', '390', 'resident', '15', '340621', '2021-01-01'), ('A2', '390', 'resident', '15', '340621', '2021-01-01'),
  ('A3', '390', 'resident', '1403', '340621', '2021-01-01'), ('B1', '390', 'resident', '16', '340621', '2021-01-01'),
  ('B2', '390', 'resident', '16', '340621', '2021-01-01'), ('W1', '310', 'flexible', '11', '340600', '2010-01-01');
insert into population.identity_tag (psn_no, psn_idet_type, tag, begntime) values
  ('B1', '2304', '特困', '2022-01-01'), ('B2', '2303', '低保', '2022-01-01');
insert into population.account (psn_no, balance) values ('W1', 0);
select population.move_accounts(array['W1'], array[100000::bigint], 'opening', 'opening');
"""
"""N1 is enrolled nowhere; W1 is insured as an employee."""


@pytest.fixture(scope="session")
def packs() -> PackBook:
    return PackBook.load()


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """`at("2023-12-01 10:00")` sets the clock of the platform."""

    def set_clock(text: str) -> datetime:
        moment = datetime.fromisoformat(text)
        monkeypatch.setattr(dates, "now", lambda: moment)
        return moment

    set_clock("2023-12-01 10:00")
    return set_clock


@pytest.fixture
async def village(database: Database, at: object) -> Database:
    async with database.transaction() as connection:
        await install_chart(connection)
        await connection.execute(SEED)
    return database


@pytest.fixture
async def desk(village: Database) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
    """A connection in a transaction over the village."""
    async with village.transaction() as connection:
        yield connection
