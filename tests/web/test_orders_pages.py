"""Orders under review: a hospital's office sees its own doctors against their peers before the settlement."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from litestar import Litestar

from tests.web.city import HOSPITAL, City
from tests.web.conftest import browser, sign_in, token_of
from yibao.core import dates

STAY = """
insert into settlement.visit (mdtrt_id, psn_no, insutype, psn_type, insu_admdvs, mdtrtarea_admvs, fixmedins_code,
  hosp_lv, med_type, begntime, status)
select 'V' || n, psn_no, '390', '15', '340600', '340602', $1, 3, '21', $2, 'admitted'
from generate_series(1, 6) n, (select min(psn_no) as psn_no from population.person) p
"""
LINES = """
insert into settlement.fee_line (mdtrt_id, feedetl_sn, fee_ocur_time, med_list_codg, med_chrgitm_type, chrgitm_lv, cnt,
  pric, det_item_fee_sumamt, selfpay_prop, fulamt_ownpay_amt, overlmt_selfpay, preselfpay_amt, inscp_amt, bilg_dr_code,
  bilg_dept_codg, mark, mark_reason)
select 'V' || n, kind, $1, 'X' || kind, kind, '01', 10000, 1000000, fee, 0, own, 0, 0, fee - own, 'DX' || n, 'A03',
  case when own > 0 then 'refused' else '' end, case when own > 0 then '性别不符' else '' end
from generate_series(1, 6) n, lateral (values ('09', case when n = 6 then 95000 else 30000 + n * 500 end),
  ('03', 70000)) as v (kind, fee), lateral (select case when n = 1 and kind = '09' then fee else 0 end) as w (own)
"""
DOCTOR = """
insert into directory.doctor (dr_codg, dr_name, fixmedins_code, dept_codg, valid_from)
values ('DX1', '医师甲', $1, 'A03', '2020-01-01')
"""


@pytest.fixture(scope="module")
async def busy(city: City) -> City:
    async with city.services.database.transaction() as connection:
        await connection.execute(STAY, HOSPITAL, dates.now() - timedelta(days=2))
        await connection.execute(LINES, dates.now() - timedelta(days=1))
        await connection.execute(DOCTOR, HOSPITAL)
    return city


@pytest.fixture
async def office(app: Litestar, busy: City) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(app) as client:
        await sign_in(client, "institution", busy.passwords["institution"])
        yield client


@pytest.fixture
async def reviewer(app: Litestar, busy: City) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(app) as client:
        await sign_in(client, "reviewer", busy.passwords["reviewer"])
        yield client


async def test_the_doctor_whose_share_of_drugs_lies_far_from_the_others_stands_first(office: httpx.AsyncClient) -> None:
    text = (await office.get("/institution/orders")).text
    assert "离群" in text
    assert text.index("DX6") < min(text.index(f"DX{number}") for number in range(1, 6))


async def test_a_refused_line_is_shown_with_its_reason(office: httpx.AsyncClient) -> None:
    text = (await office.get("/institution/orders?by=department")).text
    assert "审核不予支付" in text
    assert "性别不符" in text


async def test_days_without_orders_show_none(office: httpx.AsyncClient) -> None:
    assert "没有待结算的住院费用明细" in (await office.get("/institution/orders?from=2024-01-01&to=2024-01-02")).text


async def test_a_period_that_is_none_is_refused(office: httpx.AsyncClient) -> None:
    for asked in ("from=2024-02-02&to=2024-02-01", "from=yesterday", "from=2020-01-01&to=2024-01-01"):
        answer = await office.get(f"/institution/orders?{asked}")
        assert "W790" in answer.text


async def test_reviewers_see_hospitals_and_lead_on_to_their_doctors(reviewer: httpx.AsyncClient) -> None:
    text = (await reviewer.get("/findings/orders")).text
    assert f"/findings/orders?fixmedins_code={HOSPITAL}" in text
    assert "DX6" in (await reviewer.get(f"/findings/orders?fixmedins_code={HOSPITAL}")).text


async def test_the_office_records_who_may_approve(office: httpx.AsyncClient) -> None:
    form = {"dr_codg": "DX1", "prof_title": "231", "_csrf_token": await token_of(office, "/institution/orders")}
    assert (await office.post("/institution/orders/title", data=form)).status_code == 303
    assert "主任医师" in (await office.get("/institution/orders")).text
    wrong = await office.post("/institution/orders/title", data=form | {"dr_codg": "nobody"})
    assert "W791" in wrong.text
