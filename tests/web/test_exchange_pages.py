"""A department's exchange page: rosters in, lists out, and what a clerk decides about a roster."""

import re

import httpx
import pytest
from litestar import Litestar

from tests.web.city import City
from tests.web.conftest import browser, sign_in, token_of
from tests.web.people_city import ROSTER, certno, table
from yibao.core import dates
from yibao.core.crypto import sm3_hex
from yibao.population.rosters.exchange import send

TODAY = str(dates.today())


async def batch_of(client: httpx.AsyncClient) -> str:
    """The oldest batch on the page: that of the city."""
    return re.findall(r"/exchange/batches/([\w-]+)", (await client.get("/exchange")).text)[-1]


async def sent(client: httpx.AsyncClient, *rows: tuple[object, ...], content: bytes = b"") -> httpx.Response:
    data = {"_csrf_token": await token_of(client, "/exchange"), "as_of": TODAY, "mode": "incremental"}
    return await client.post(
        "/exchange/roster", data=data, files={"file": ("低保/名册.xlsx", content or table("名册", ROSTER, rows))}
    )


async def decided(client: httpx.AsyncClient, number: str, step: str, **fields: str) -> httpx.Response:
    token = await token_of(client, "/")
    return await client.post(f"/exchange/batches/{number}/{step}", data={"_csrf_token": token, **fields})


async def test_a_department_sees_what_it_sent_and_what_it_may_fetch(department: httpx.AsyncClient) -> None:
    text = (await department.get("/exchange")).text
    assert "民政局" in text
    assert "civil_affairs.xlsx" in text
    assert all(word in text for word in ("部门 → 医保", "医保 → 部门", "名册比对回执", "漏保断保清单", "SM3"))


async def test_a_department_reads_which_columns_its_roster_has(department: httpx.AsyncClient) -> None:
    text = (await department.get("/exchange")).text
    assert "表头：证件号码、姓名（必有）" in text
    assert "身份类别" in text


async def test_a_batch_shows_its_counts_and_opens_their_lists(department: httpx.AsyncClient) -> None:
    number = await batch_of(department)
    text = (await department.get(f"/exchange/batches/{number}?list=faulty")).text
    assert "“优抚对象”不是民政局认定的身份" in text
    assert "周桂英" in (await department.get(f"/exchange/batches/{number}?list=not_enrolled")).text
    assert "冯某某" in (await department.get(f"/exchange/batches/{number}?list=unmatched")).text
    for chosen in ("", "?list=begin"):
        table_of = await department.get(f"/exchange/batches/{number}/list.xlsx{chosen}")
        assert table_of.content[:2] == b"PK"


async def test_a_department_sees_no_candidates_and_decides_nothing(department: httpx.AsyncClient) -> None:
    number = await batch_of(department)
    assert "郑秀兰" not in (await department.get(f"/exchange/batches/{number}?list=review")).text
    for step in ("accept", "refuse", "compare", "apply", "set-aside"):
        assert (await decided(department, number, step, row_no="5", reason="x")).status_code == 403, step


async def test_a_list_fetched_by_the_department_counts_as_sent_and_is_acknowledged(
    department: httpx.AsyncClient, clerk: httpx.AsyncClient
) -> None:
    place = "city=340600&department=civil_affairs"
    looked_at = await clerk.get(f"/exchange/files/1?{place}")
    fetched = await department.get("/exchange/files/1")
    assert looked_at.content == fetched.content
    digest = sm3_hex(fetched.content)
    token = await token_of(department, "/exchange")
    wrong = {"_csrf_token": token, "sequence": "1", "digest": "00"}
    refused = await department.post("/exchange/acknowledge", data=wrong)
    assert (refused.status_code, "P826" in refused.text) == (422, True)
    answer = await department.post("/exchange/acknowledge", data={**wrong, "digest": digest})
    assert answer.status_code == 303
    assert "已确认收到" in (await department.get("/exchange")).text
    assert (await department.get("/exchange/files/999")).status_code == 422


async def test_a_roster_uploaded_on_the_page_gets_the_next_number_and_its_comparison(
    department: httpx.AsyncClient,
) -> None:
    answer = await sent(department, (certno(3), "周桂英", "支出型困难", dates.today()))
    assert answer.status_code == 303, answer.text
    text = (await department.get(answer.headers["location"])).text
    assert "低保_名册.xlsx" in text
    assert "待生效" in text


async def test_a_file_that_is_no_roster_is_kept_aside_with_its_reason(department: httpx.AsyncClient) -> None:
    answer = await sent(department, content=b"no table")
    assert answer.status_code == 422
    assert re.search(r"（C\d{3}）", answer.text)
    assert "未接收" in (await department.get("/exchange")).text


async def test_a_clerk_decides_doubtful_lines_compares_again_and_applies(
    clerk: httpx.AsyncClient, department: httpx.AsyncClient
) -> None:
    number = await batch_of(department)
    page = (await clerk.get(f"/exchange/batches/{number}")).text
    assert "郑秀兰" in page
    stale = await decided(clerk, number, "accept", row_no="5", psn_no="000")
    assert (stale.status_code, "P815" in stale.text) == (422, True)
    psn_no = re.findall(r'name="psn_no" value="(\d+)"', page)[0]
    assert (await decided(clerk, number, "accept", row_no="5", psn_no=psn_no)).status_code == 303
    early = await decided(clerk, number, "apply")
    assert (early.status_code, "P807" in early.text) == (422, True)
    assert (await decided(clerk, number, "compare")).status_code == 303
    applied = await decided(clerk, number, "apply")
    assert applied.status_code == 303, applied.text
    assert "名册已生效" in (await clerk.get(applied.headers["location"])).text
    assert "认定身份" in (await clerk.get(f"/people/{psn_no}")).text
    assert "身份变动清单" in (await department.get("/exchange")).text


async def test_a_statement_of_subsidies_can_be_taken_along(
    department: httpx.AsyncClient, clerk: httpx.AsyncClient
) -> None:
    year = dates.today().year
    assert (await department.get(f"/exchange/subsidies.xlsx?year={year}")).content[:2] == b"PK"
    totals = await clerk.get(f"/exchange/subsidies.xlsx?department=civil_affairs&year={year}&totals=1")
    assert totals.headers["content-disposition"] == f'attachment; filename="subsidies-all-{year}.xlsx"'


async def test_a_department_cannot_reach_anothers_files(department: httpx.AsyncClient, city: City) -> None:
    async with city.services.database.transaction() as connection:
        await connection.execute(
            "insert into population.roster_batch (batch_no, insu_admdvs, department, kind, mode, as_of, file_name,"
            " digest, received_by) select 'police-1', insu_admdvs, 'police', 'deaths', mode, as_of, 'x', '\\x00', 'x'"
            " from population.roster_batch limit 1 on conflict do nothing"
        )
        await connection.execute(
            "insert into population.roster_batch (batch_no, insu_admdvs, department, kind, mode, as_of, file_name,"
            " digest, received_by) select 'elsewhere-1', '522200', 'civil_affairs', 'tags', mode, as_of, 'x',"
            " '\\x00', 'x' from population.roster_batch limit 1 on conflict do nothing"
        )
    for number in ("police-1", "elsewhere-1", "none"):
        for path in (f"/exchange/batches/{number}", f"/exchange/batches/{number}/list.xlsx"):
            assert (await department.get(path)).status_code == 404, path
    text = (await department.get("/exchange?department=police&city=522200")).text
    assert "民政局" in text
    assert "淮北市" in text
    assert "公安局" not in text


async def test_files_and_statements_of_another_department_are_not_reached_by_asking_for_it(
    department: httpx.AsyncClient, clerk: httpx.AsyncClient, city: City
) -> None:
    async with city.services.database.transaction() as connection:
        number = await send(connection, "340600", "police", "uninsured", "清单.xlsx", b"of the police", 1, "clerk")
    asked = "department=police&city=340600"
    assert (await clerk.get(f"/exchange/files/{number}?{asked}")).content == b"of the police"
    assert (await department.get(f"/exchange/files/{number}?{asked}")).content != b"of the police"
    data = {"_csrf_token": await token_of(department, "/exchange"), "sequence": str(number),
            "digest": sm3_hex(b"of the police")}  # fmt: skip
    await department.post(f"/exchange/acknowledge?{asked}", data=data)
    async with city.services.database.connection() as connection:
        state = await connection.fetchval("select status from population.exchange where content = 'of the police'")
    assert state == "ready"
    statement = await department.get(f"/exchange/subsidies.xlsx?{asked}&totals=1")
    assert "civil_affairs" in statement.headers["content-disposition"]


async def test_a_clerk_may_look_at_every_department(clerk: httpx.AsyncClient) -> None:
    text = (await clerk.get("/exchange?department=police")).text
    assert "公安局" in text
    assert "民政局" in text
    assert (await clerk.get("/exchange?department=nobody")).status_code == 404


@pytest.mark.parametrize("user", ["insured", "employer", "collector", "leader"])
async def test_nobody_else_sends_a_roster(app: Litestar, city: City, user: str) -> None:
    async with browser(app) as client:
        await sign_in(client, user, city.passwords[user])
        data = {"_csrf_token": await token_of(client, "/"), "as_of": TODAY}
        assert (await client.post("/exchange/roster", data=data)).status_code == 403
        assert (await client.post("/exchange/acknowledge", data=data)).status_code == 403


async def test_a_roster_without_its_token_is_refused(department: httpx.AsyncClient) -> None:
    answer = await department.post("/exchange/roster", data={"as_of": TODAY}, files={"file": ("a.xlsx", b"x")})
    assert answer.status_code == 403
