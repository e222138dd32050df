"""An employer's page: declaration with answers line by line, bills and their payment, and nobody else's."""

import re

import httpx
import pytest
from litestar import Litestar

from tests.web.city import EMPLOYER, City
from tests.web.conftest import browser, sign_in, token_of
from tests.web.people_city import DECLARED, table
from yibao.core import dates
from yibao.core.months import first_of, plus_months
from yibao.core.sheets import Column, read_sheet
from yibao.population.employees.employer_bills import Bill
from yibao.population.enrolment import employers
from yibao.population.identity import identity_number
from yibao.web.employer_scope import parts_of
from yibao.web.split_bar import slices

NEXT_MONTH = f"{plus_months(first_of(dates.today()), 1):%Y-%m}"


async def declared(client: httpx.AsyncClient, rows: list[tuple[object, ...]], month: str) -> httpx.Response:
    data = {"_csrf_token": await token_of(client, "/employer"), "month": month}
    files = {"file": ("申报.xlsx", table("月度申报", DECLARED, rows))}
    return await client.post("/employer/declare", data=data, files=files)


async def other_employer(city: City) -> str:
    """Another employer of the city with a bill and a declaration of its own number only."""
    async with city.services.database.transaction() as connection:
        found = await connection.fetchval("select emp_no from population.employer where emp_name = '另一家有限公司'")
        if found:
            return str(found)
        first = "91340600MA0000000"
        uscc = first + employers.check_character(first)
        day = dates.date(2024, 1, 1)
        return await employers.register_employer(connection, uscc, "另一家有限公司", "340600", day, "clerk")


async def test_an_employer_sees_its_staff_its_month_and_what_it_owes(employer: httpx.AsyncClient) -> None:
    text = (await employer.get("/employer")).text
    assert "淮北示例机械有限公司" in text
    assert all(name in text for name in ("赵一", "钱二", "孙三", "王小云"))
    assert "部分受理" in text
    assert "1,440.00 元" in text  # 3 × 6,000 × (6 % + 2 %)


async def test_every_line_of_a_declaration_is_answered(employer: httpx.AsyncClient) -> None:
    number = identity_number("340602", dates.date(1988, 8, 8), 7)
    answer = await declared(
        employer, [(number, "冯九", 500_000, "新增"), ("34060219900101123X", "李四", 500_000, "新增")], NEXT_MONTH
    )
    assert answer.status_code == 303, answer.text
    text = (await employer.get(answer.headers["location"])).text
    lines = re.findall(r"<tr>.*?</tr>", text, re.DOTALL)
    assert any("冯九" in line and "已受理" in line for line in lines)
    assert any("李四" in line and "未受理" in line and re.search(r"（[CP]\d{3}）", line) for line in lines)


async def test_a_file_that_is_no_table_is_refused_on_the_page(employer: httpx.AsyncClient) -> None:
    data = {"_csrf_token": await token_of(employer, "/employer"), "month": NEXT_MONTH}
    answer = await employer.post("/employer/declare", data=data, files={"file": ("a.xlsx", b"no table")})
    assert answer.status_code == 422
    assert re.search(r"（C\d{3}）", answer.text)


async def test_the_template_lists_the_staff_of_today(employer: httpx.AsyncClient) -> None:
    answer = await employer.get("/employer/template.xlsx")
    columns = (Column("certno", "证件号码"), Column("psn_name", "姓名"))
    names = {row.values["psn_name"] for row in read_sheet(answer.content, columns, ignore_unknown=True)}
    assert {"赵一", "王小云"} <= names


async def test_the_months_roster_can_be_taken_along(employer: httpx.AsyncClient) -> None:
    answer = await employer.get(f"/employer/feedback.xlsx?month={dates.today():%Y-%m}")
    assert answer.headers["content-disposition"].endswith(f'{dates.today():%Y-%m}.xlsx"')
    assert answer.content[:2] == b"PK"


async def test_a_bill_becomes_an_order_once(employer: httpx.AsyncClient) -> None:
    page = (await employer.get("/employer")).text
    bill_no = re.findall(r'name="bill_no" value="(B\d+)"', page)[0]
    data = {"_csrf_token": await token_of(employer, "/employer"), "bill_no": bill_no, "channel": "tax"}
    answer = await employer.post("/employer/order", data=data)
    assert answer.headers["location"] == "/employer?done=order"
    assert re.search(r"JF\d{18}", (await employer.get("/employer")).text)
    again = await employer.post("/employer/order", data=data)
    assert (again.status_code, "P608" in again.text) == (422, True)
    withdrawn = await employer.post("/employer/withdraw", data=data)
    assert (withdrawn.status_code, "P719" in withdrawn.text) == (422, True)


async def test_a_bill_names_every_person_and_where_the_money_goes(employer: httpx.AsyncClient) -> None:
    bill_no = re.findall(r"/employer/bills/(B\d+)", (await employer.get("/employer")).text)[0]
    text = (await employer.get(f"/employer/bills/{bill_no}")).text
    assert all(word in text for word in ("赵一", "统筹基金", "个人账户", "大额医疗补助"))


async def test_whom_nobody_ever_declared_is_named_when_a_bill_is_issued(employer: httpx.AsyncClient) -> None:
    month = f"{plus_months(first_of(dates.today()), -1):%Y-%m}"
    data = {"_csrf_token": await token_of(employer, "/employer"), "month": month}
    answer = await employer.post("/employer/issue", data=data)
    assert answer.status_code == 422
    assert "王小云" in answer.text
    assert "P713" in answer.text


async def test_an_employer_cannot_reach_anothers_numbers(
    employer: httpx.AsyncClient, clerk: httpx.AsyncClient, city: City
) -> None:
    other = await other_employer(city)
    async with city.services.database.transaction() as connection:
        await connection.execute(
            "insert into population.employer_bill (bill_no, emp_no, month, kind, due_day, issued_by)"
            " values ('B2000', $1, '2024-01-01', 'normal', '2024-01-31', 'clerk') on conflict do nothing", other,
        )  # fmt: skip
    assert (await employer.get("/employer/bills/B2000")).status_code == 404
    assert (await employer.get("/employer/declarations/D000")).status_code == 404
    assert "淮北示例机械有限公司" in (await employer.get(f"/employer?emp_no={other}")).text
    assert (await clerk.get("/employer/bills/B2000")).status_code == 200
    data = {"_csrf_token": await token_of(employer, "/employer"), "bill_no": "B2000", "channel": "tax"}
    answer = await employer.post(f"/employer/order?emp_no={other}", data=data)
    assert (answer.status_code, "P715" in answer.text) == (422, True)


async def test_a_clerk_chooses_an_employer(clerk: httpx.AsyncClient) -> None:
    assert f"emp_no={EMPLOYER}" in (await clerk.get("/employer?words=示例机械")).text
    assert "参保职工名册" in (await clerk.get(f"/employer?emp_no={EMPLOYER}")).text
    assert "P143" in (await clerk.get("/employer?emp_no=E0")).text


@pytest.mark.parametrize("user", ["insured", "collector", "department", "leader"])
async def test_nobody_else_declares_for_an_employer(app: Litestar, city: City, user: str) -> None:
    async with browser(app) as client:
        await sign_in(client, user, city.passwords[user])
        data = {"_csrf_token": await token_of(client, "/"), "month": NEXT_MONTH}
        for step in ("declare", "issue", "order", "withdraw"):
            assert (await client.post(f"/employer/{step}", data=data)).status_code == 403, step


async def test_a_step_without_its_token_is_refused(employer: httpx.AsyncClient) -> None:
    assert (await employer.post("/employer/issue", data={"month": NEXT_MONTH})).status_code == 403


def test_slices_of_a_bar_fill_it_without_a_gap() -> None:
    found = slices((("a", 1, "basic"), ("b", 0, "account"), ("c", 2, "serious")))
    assert [one.title for one in found] == ["a", "c"]
    assert sum(one.share for one in found) == 10_000
    assert found[1].start == found[0].share


def test_the_parts_of_a_bill_add_up_to_what_is_paid() -> None:
    amounts = {"personal": 12_000, "employer": 36_000, "serious": 1_200, "to_account": 12_000, "account_charge": 1_200}
    days = {"month": dates.date(2024, 1, 1), "due_day": dates.date(2024, 1, 31)}
    made = Bill(
        "B", "E", kind="normal", status="issued", persons=1, base=600_000, maternity=0, interest=9, **days, **amounts
    )
    assert sum(one.amount for one in parts_of(made)) == made.amount
