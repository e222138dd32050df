"""The pages of casework: each party finds its findings, many are answered at once, and what is refused says why."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from litestar import Litestar

from tests.web.city import HOSPITAL, PHARMACY, City
from tests.web.conftest import browser, sign_in, token_of
from tests.web.findings_city import ISSUED, last_month, statement_no

OFFICE = "/institution/findings"
STATEMENT = statement_no(HOSPITAL)


async def signed_in(app: Litestar, city: City, name: str) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(app) as client:
        await sign_in(client, name, city.passwords[name])
        yield client


@pytest.fixture
async def office(app: Litestar, city: City) -> AsyncIterator[httpx.AsyncClient]:
    async for client in signed_in(app, city, "institution"):
        yield client


@pytest.fixture
async def reviewer(app: Litestar, city: City) -> AsyncIterator[httpx.AsyncClient]:
    async for client in signed_in(app, city, "reviewer"):
        yield client


@pytest.fixture
async def second(app: Litestar, city: City) -> AsyncIterator[httpx.AsyncClient]:
    async for client in signed_in(app, city, "second_reviewer"):
        yield client


@pytest.fixture
async def expert(app: Litestar, city: City) -> AsyncIterator[httpx.AsyncClient]:
    async for client in signed_in(app, city, "expert"):
        yield client


async def send(client: httpx.AsyncClient, page: str, address: str, **fields: Any) -> httpx.Response:
    files = fields.pop("files", None)
    data = {"_csrf_token": await token_of(client, page), **fields}
    return await client.post(address, data=data, files=files)


async def state_of(city: City, number: str) -> tuple[str, str | None]:
    async with city.services.database.connection() as connection:
        row = await connection.fetchrow("select state, outcome from supervision.finding where finding_id = $1", number)
    return row["state"], row["outcome"]


async def test_an_office_sees_its_findings_with_lines_and_deadline_and_nobody_elses(office: httpx.AsyncClient) -> None:
    text = (await office.get(OFFICE)).text
    assert len(re.findall(r'name="chosen"', text)) == ISSUED
    assert "血细胞分析" in text
    assert "还剩" in text
    for foreign in (f"{OFFICE}/suspect1", f"{OFFICE}/new1", f"{OFFICE}/nothing"):
        assert (await office.get(foreign)).status_code == 404


async def test_everything_on_a_page_is_chosen_with_one_link(office: httpx.AsyncClient) -> None:
    text = (await office.get(f"{OFFICE}?chosen=all")).text
    assert len(re.findall(r'name="chosen"[^>]*checked', text)) == ISSUED


async def test_an_appeal_needs_a_reason_and_keeps_what_was_chosen(office: httpx.AsyncClient, city: City) -> None:
    answer = await send(office, OFFICE, f"{OFFICE}/steps/appeal", chosen=["issued1", "issued2"], reason="")
    assert answer.status_code == 422
    assert "没有填写理由" in answer.text
    assert len(re.findall(r'name="chosen"[^>]*checked', answer.text)) == 2
    assert await state_of(city, "issued1") == ("issued", None)


async def test_a_file_of_another_kind_is_refused_by_what_it_holds(office: httpx.AsyncClient) -> None:
    answer = await send(
        office, OFFICE, f"{OFFICE}/steps/appeal", chosen=["issued1"], reason="附材料",
        files={"files": ("病历.pdf", b"MZ a program", "application/pdf")},
    )  # fmt: skip
    assert answer.status_code == 422
    assert "V412" in answer.text


async def test_several_findings_are_answered_at_once(office: httpx.AsyncClient, city: City) -> None:
    answer = await send(office, OFFICE, f"{OFFICE}/steps/accept?rule=N24", chosen=["issued2", "issued3"], reason="")
    assert (answer.status_code, "rule=N24" in answer.headers["location"]) == (303, True)
    assert "已认可 2 条" in (await office.get(answer.headers["location"])).text
    assert await state_of(city, "issued3") == ("closed", "accepted")


async def test_the_reviewer_issues_and_the_second_reviewer_decides(
    reviewer: httpx.AsyncClient, second: httpx.AsyncClient, city: City
) -> None:
    assert (await send(reviewer, "/findings", "/findings/steps/issue", chosen=["new1"])).status_code == 303
    assert await state_of(city, "new1") == ("issued", None)
    refused = await send(
        reviewer, "/findings", "/findings/steps/decide", chosen=["appealed1"], reason="x", outcome="upheld"
    )
    assert (refused.status_code, "V406" in refused.text) == (422, True)
    page = (await second.get("/findings/appealed1")).text
    assert "病历.pdf" in page
    decided = await send(
        second, "/findings/appealed1", "/findings/steps/decide", chosen=["appealed1"], single="1", reason="已核对",
        outcome="partly", amount="10.50",
    )  # fmt: skip
    assert decided.status_code == 303
    assert "认定 10.50 元" in (await second.get(decided.headers["location"])).text


@pytest.mark.parametrize(("outcome", "amount", "code"), [("", "", "W701"), ("partly", "many", "W702")])
async def test_a_decision_that_cannot_be_read_is_refused(
    second: httpx.AsyncClient, outcome: str, amount: str, code: str
) -> None:
    answer = await send(
        second, "/findings", "/findings/steps/decide", chosen=["suspect1"], reason="x", outcome=outcome, amount=amount
    )
    assert (answer.status_code, code in answer.text) == (422, True)


async def test_an_expert_sees_what_was_drawn_and_without_the_patients_name(expert: httpx.AsyncClient) -> None:
    text = (await expert.get("/findings/opinions")).text
    assert "opinion1" in text
    assert "appealed1" not in text
    page = (await expert.get("/findings/opinions/opinion1")).text
    assert "张德厚" not in page
    assert (await expert.get("/findings/opinions/appealed1")).status_code == 404
    (file,) = re.findall(r'"(/findings/opinions/files/\w+)"', page)
    answer = await expert.get(file)
    assert (answer.headers["content-type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    assert "attachment" in answer.headers["content-disposition"]


async def test_a_statement_is_read_by_its_institution_as_page_table_and_paper(
    office: httpx.AsyncClient, clerk: httpx.AsyncClient
) -> None:
    for client, home in ((office, "/institution/deductions"), (clerk, "/deductions")):
        assert STATEMENT in (await client.get(f"{home}?month={last_month():%Y-%m}")).text
        assert "该结算单基金支付" in (await client.get(f"{home}/{STATEMENT}")).text
        assert (await client.get(f"{home}/{STATEMENT}.xlsx")).content[:2] == b"PK"
        assert (await client.get(f"{home}/{STATEMENT}.pdf")).content[:5] == b"%PDF-"
    none = STATEMENT.replace(HOSPITAL, PHARMACY)
    assert (await office.get(f"/institution/deductions/{none}")).status_code == 404


async def test_a_statement_is_reversed_and_drawn_up_again(
    clerk: httpx.AsyncClient, reviewer: httpx.AsyncClient
) -> None:
    month = f"{last_month():%Y-%m}"
    page = f"/deductions?month={month}"
    refused = await send(clerk, page, "/deductions/steps/reverse", number=STATEMENT, month=month, reason="")
    assert (refused.status_code, "V404" in refused.text) == (422, True)
    for step, fields in (
        ("reverse", {"number": STATEMENT, "reason": "复核有误"}),
        ("make", {}),
        ("post", {"number": f"{STATEMENT[:-1]}2"}),
    ):
        answer = await send(clerk, page, f"/deductions/steps/{step}", month=month, **fields)
        assert answer.status_code == 303, (step, answer.text)
    text = (await clerk.get(page)).text
    assert ("已冲回" in text, f"{STATEMENT[:-1]}2" in text) == (True, True)


async def test_leaders_read_statements_but_make_none(app: Litestar, city: City) -> None:
    async for leader in signed_in(app, city, "leader"):
        assert "出具" not in (await leader.get("/deductions")).text
        answer = await send(leader, "/deductions", "/deductions/steps/make", month=f"{last_month():%Y-%m}")
        assert (answer.status_code, "V406" in answer.text) == (422, True)


async def test_the_rules_are_drawn_with_their_upheld_share(reviewer: httpx.AsyncClient) -> None:
    text = (await reviewer.get("/findings/rules")).text
    assert "同一项目重复收费" in text
    assert "100.00%" in text or "成立率" in text
