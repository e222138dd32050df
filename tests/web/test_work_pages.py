"""What waits for a clerk, and the money of the channels."""

import re

import httpx
import pytest
from litestar import Litestar

from tests.web.city import City
from tests.web.conftest import browser, sign_in, token_of
from tests.web.people_city import table
from yibao.core import dates
from yibao.core.sheets import Heading

LIST = (Heading("流水号", "identity"), Heading("金额", "money"))
RECEIPT = """
insert into population.channel_receipt (channel, serial, amount, paid_on, status, reason, entered_at)
values ('tax', 'U1', 38000, current_date, 'unallocated', 'P611', now()) on conflict do nothing
"""


async def compared(clerk: httpx.AsyncClient, *rows: tuple[str, int], day: str = "") -> httpx.Response:
    data = {"_csrf_token": await token_of(clerk, "/reconciliation"), "channel": "tax"}
    data["day"] = day or str(dates.today())
    return await clerk.post(
        "/reconciliation/compare", data=data, files={"file": ("清单.xlsx", table("清单", LIST, rows))}
    )


async def test_the_work_page_counts_what_waits_and_leads_there(clerk: httpx.AsyncClient) -> None:
    text = (await clerk.get("/work")).text
    assert "1 份" in text
    assert re.search(r"/exchange/batches/civil_affairs-\d+-1", text)


async def test_a_day_is_compared_with_a_channels_list(clerk: httpx.AsyncClient) -> None:
    answer = await compared(clerk, ("T1", 7_600), ("T9", 38_000))
    assert answer.status_code == 303, answer.text
    text = (await clerk.get(answer.headers["location"])).text
    assert "渠道有、我方无" in text
    assert "T9" in text
    run = re.findall(r"differences\.xlsx\?run=(\d+)", text)[0]
    assert (await clerk.get(f"/reconciliation/differences.xlsx?run={run}")).content[:2] == b"PK"
    assert "有差异的对账" in (await clerk.get("/work")).text


async def test_a_list_that_is_no_table_or_a_day_that_is_none_is_refused(clerk: httpx.AsyncClient) -> None:
    twice = await compared(clerk, ("T1", 1), ("T1", 1))
    assert (twice.status_code, "P651" in twice.text) == (422, True)
    assert "W602" in (await compared(clerk, day="today")).text


async def test_a_receipt_without_an_order_is_given_back_once(clerk: httpx.AsyncClient, city: City) -> None:
    async with city.services.database.transaction() as connection:
        await connection.execute(RECEIPT)
    assert "U1" in (await clerk.get("/reconciliation")).text
    data = {"_csrf_token": await token_of(clerk, "/reconciliation"), "channel": "tax", "serial": "U1", "reason": "x"}
    assert (await clerk.post("/reconciliation/return", data=data)).status_code == 303
    assert "退还流水U1" not in (await clerk.get("/reconciliation")).text
    again = await clerk.post("/reconciliation/return", data=data)
    assert (again.status_code, "P628" in again.text) == (422, True)
    assert (await clerk.post("/reconciliation/nonsense", data=data)).status_code == 404


@pytest.mark.parametrize("user", ["insured", "employer", "collector", "department", "leader"])
async def test_nobody_else_touches_the_money_of_channels(app: Litestar, city: City, user: str) -> None:
    async with browser(app) as client:
        await sign_in(client, user, city.passwords[user])
        data = {"_csrf_token": await token_of(client, "/"), "channel": "tax", "serial": "U1"}
        assert (await client.post("/reconciliation/return", data=data)).status_code == 403
