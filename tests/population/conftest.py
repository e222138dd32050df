"""A few persons, one hospital, one chronic disease."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from yibao.core.database import Database
from yibao.ledger.chart import install_chart
from yibao.population.entitlement.coverage import take_over

SEED = """
insert into population.person (psn_no, certno, psn_name, gend, brdy) values
  ('1', '11010519491231002X', '测试甲', '2', '1949-12-31'), ('2', '340600198002290010', '测试乙', '1', '1980-02-29');
insert into population.credential (mdtrt_cert_type, mdtrt_cert_no, psn_no, valid_to) values
  ('01', 'E1', '1', null), ('03', 'K1', '1', '2024-05-31');
insert into population.enrolment (psn_no, insutype, psn_type, insu_admdvs, begndate) values
  ('1', '390', '16', '340600', '2024-01-01'), ('2', '310', '11', '340600', '2010-01-01');
insert into population.account (psn_no, balance) values ('2', 10000);
insert into directory.institution (fixmedins_code, fixmedins_name, fixmedins_type, hosp_lv, level, admdvs,
    contract_from) values ('H34060000001', '测试医院', '1', '2', 3, '340600', '2020-01-01');
insert into directory.code_entry (table_name, code, name, version) values
  ('opsp_disease', 'M01', '病种一', '20240101001'), ('opsp_disease', 'M02', '病种二', '20240101001');
"""


@pytest.fixture
async def people(database: Database) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
    """A connection in a transaction over the small population."""
    async with database.transaction() as connection:
        await install_chart(connection)
        await connection.execute(SEED)
        await take_over(connection)
        yield connection
