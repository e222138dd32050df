"""The campaign's pages: who sees what, and what the forms do."""

import io
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from litestar import Litestar
from openpyxl import load_workbook

from tests.web.campaign_city import CITY, TOWN, VILLAGE, build_campaign, campaign_now
from tests.web.city import KEY
from tests.web.conftest import browser, running, sign_in
from yibao.core import dates
from yibao.core.config import Settings
from yibao.core.database import Database
from yibao.core.sheets import Heading, write_sheet
from yibao.web.app import create_app

NEIGHBOUR, OTHER_TOWN = "340621101202", "340621102"
UNPAID, NEIGHBOURS_UNPAID = "3406000012", "3406000036"


@pytest.fixture(scope="module")
async def county(module_database_url: str) -> AsyncIterator[tuple[Database, dict[str, str]]]:
    database = await Database.open(module_database_url)
    yield database, await build_campaign(database)
    await database.close()


@pytest.fixture(scope="module")
async def app(county: tuple[Database, dict[str, str]], module_database_url: str) -> AsyncIterator[Litestar]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("YIBAO_KEY", KEY.hex())
        app = create_app(Settings(Path("/nonexistent"), module_database_url))
    async with running(app):
        yield app


@pytest.fixture
async def clients(
    app: Litestar, county: tuple[Database, dict[str, str]]
) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """A signed-in browser per user."""
    found = {name: browser(app) for name in county[1]}
    for name, client in found.items():
        await sign_in(client, name, county[1][name])
    yield found
    for client in found.values():
        await client.aclose()


async def send(
    client: httpx.AsyncClient, path: str, data: dict[str, str] | None = None, file: bytes | None = None
) -> httpx.Response:
    page = await client.get("/verify-bill")
    token = page.text.partition('name="_csrf_token" value="')[2].partition('"')[0]
    files = {"file": ("table.xlsx", file)} if file is not None else None
    return await client.post(path, data={"_csrf_token": token, **(data or {})}, files=files)


def rows_of(answer: httpx.Response) -> list[list[object]]:
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]


async def test_the_board_ranks_the_towns_of_the_city(clients: dict[str, httpx.AsyncClient]) -> None:
    text = (await clients["leader"].get("/campaign")).text
    assert text.index("白沙镇") < text.index("柳湾镇") < text.index("青禾镇")
    assert "33.33%" in text


async def test_a_leader_sees_figures_and_no_lists(clients: dict[str, httpx.AsyncClient]) -> None:
    assert "/uninsured" not in (await clients["leader"].get("/campaign")).text
    assert (await clients["leader"].get("/uninsured")).status_code == 403


@pytest.mark.parametrize(
    "path", ["/campaign", "/campaign/bulletin.xlsx", "/uninsured", "/uninsured.xlsx", "/collector"]
)
async def test_a_collector_sees_her_own_village_only(clients: dict[str, httpx.AsyncClient], path: str) -> None:
    assert (await clients["collector"].get(path)).status_code == 200
    assert (await clients["collector"].get(f"{path}?within={VILLAGE}")).status_code == 200
    for within in (CITY, TOWN, NEIGHBOUR, VILLAGE[:-1], f"{VILLAGE}1"):
        assert (await clients["collector"].get(f"{path}?within={within}")).status_code == 404, within


async def test_a_town_sees_its_villages_and_no_other_town(clients: dict[str, httpx.AsyncClient]) -> None:
    assert (await clients["town"].get(f"/collector?within={NEIGHBOUR}")).status_code == 200
    assert (await clients["town"].get(f"/collector?within={OTHER_TOWN}")).status_code == 404


async def test_a_collectors_list_holds_her_village_with_masked_numbers(clients: dict[str, httpx.AsyncClient]) -> None:
    rows = rows_of(await clients["collector"].get("/uninsured.xlsx"))
    assert len(rows) == 16
    assert {row[6] for row in rows} == {"张圩村"}
    assert all("*" in str(row[2]) for row in rows)
    screen = (await clients["clerk"].get(f"/uninsured?within={VILLAGE}")).text
    assert "340621195011" not in screen
    assert "340621**********" in screen


async def test_a_department_finds_the_persons_of_its_tags_only(clients: dict[str, httpx.AsyncClient]) -> None:
    rows = rows_of(await clients["department"].get("/uninsured.xlsx"))
    assert [(row[0], row[9], row[12]) for row in rows] == [
        ("3406000010", "低保", "王干部"), ("3406000011", "低保", None),
    ]  # fmt: skip
    assert all("*" not in str(row[2]) for row in rows)
    assert (await clients["department"].get("/campaign")).status_code == 403


async def test_lists_are_searched_by_school_helper_and_tag(clients: dict[str, httpx.AsyncClient]) -> None:
    for query, count in (("school=青禾镇中心小学", 7), ("school=S1", 7), ("helper=王干部", 1), ("tag=低保", 2)):
        assert len(rows_of(await clients["clerk"].get(f"/uninsured.xlsx?{query}"))) == count, query
    assert "P907" in (await clients["clerk"].get("/uninsured?school=没有")).text


async def test_taking_a_list_along_is_written_into_the_audit_trail(
    clients: dict[str, httpx.AsyncClient], county: tuple[Database, dict[str, str]]
) -> None:
    await clients["clerk"].get(f"/uninsured.xlsx?within={TOWN}&tag=低保")
    async with county[0].connection() as connection:
        row = await connection.fetchrow(
            "select actor, subject, details from core.audit_event where action = 'campaign.list_exported'"
            " order by event_id desc limit 1"
        )
    assert (row["actor"], row["subject"], row["details"]["tag"], row["details"]["rows"]) == ("clerk", TOWN, "低保", 2)


async def test_a_collector_ticks_and_undoes_in_her_village(clients: dict[str, httpx.AsyncClient]) -> None:
    done = await send(clients["collector"], "/collector/tick", {"psn_no": UNPAID})
    assert done.status_code == 303
    text = (await clients["collector"].get(done.headers["location"])).text
    assert "已登记收款：" in text
    assert "应上交 380.00 元" in text
    await send(clients["collector"], "/collector/undo", {"psn_no": UNPAID})
    assert "应上交 0.00 元" in (await clients["collector"].get("/collector")).text


async def test_a_list_that_has_grown_old_takes_no_wrong_amount(clients: dict[str, httpx.AsyncClient]) -> None:
    answer = await send(clients["collector"], "/collector/tick", {"psn_no": UNPAID, "amount": "35000"})
    assert (answer.status_code, "P944" in answer.text) == (422, True)
    assert "应上交 0.00 元" in answer.text


async def test_the_days_cash_is_handed_in_with_the_banks_slip(clients: dict[str, httpx.AsyncClient]) -> None:
    town = clients["town"]
    await send(town, "/collector/tick", {"psn_no": "3406000014"})
    slip = {"day": dates.today().isoformat(), "amount": "38000", "slip": "ZS-1"}
    wrong = await send(town, "/collector/hand-in", slip | {"amount": "37000"})
    assert (wrong.status_code, "P647" in wrong.text) == (422, True)
    assert "尚未上交" in (await town.get("/collector")).text
    assert (await send(town, "/collector/hand-in", slip)).status_code == 303
    assert "尚未上交" not in (await town.get("/collector")).text
    undone = await send(town, "/collector/undo", {"psn_no": "3406000014"})
    assert (undone.status_code, "P617" in undone.text) == (422, True)


async def test_a_newcomer_is_assessed_before_money_is_taken(
    clients: dict[str, httpx.AsyncClient], county: tuple[Database, dict[str, str]]
) -> None:
    assert (await send(clients["collector"], "/collector/assess", {"psn_no": "3406000024"})).status_code == 303
    async with county[0].connection() as connection:
        due = await connection.fetchval("select personal from population.contribution where psn_no = '3406000024'")
    assert due > 0


async def test_no_step_works_on_a_person_of_another_village(clients: dict[str, httpx.AsyncClient]) -> None:
    for step in ("tick", "undo", "assess"):
        answer = await send(clients["collector"], f"/collector/{step}", {"psn_no": NEIGHBOURS_UNPAID})
        assert (answer.status_code, "P941" in answer.text) == (422, True), step
    assert (await send(clients["collector"], "/collector/steal", {"psn_no": UNPAID})).status_code == 404


async def test_a_filled_in_table_is_taken_and_every_other_row_answered(clients: dict[str, httpx.AsyncClient]) -> None:
    file = io.BytesIO()
    rows = [("3406000013", "是"), (NEIGHBOURS_UNPAID, "是")]
    write_sheet(file, "村", (Heading("人员编号"), Heading("收讫")), rows)
    answer = await send(clients["collector"], "/collector/list", file=file.getvalue())
    assert "已登记收款1人，1行未办理" in answer.text
    assert "第4行" in answer.text
    await send(clients["collector"], "/collector/undo", {"psn_no": "3406000013"})


async def test_a_file_that_is_no_table_is_refused_with_a_code(clients: dict[str, httpx.AsyncClient]) -> None:
    for path in ("/collector/list", f"/campaign/tasks?within={CITY}"):
        answer = await send(clients["clerk"], path, {"reason": "下达"}, file=b"no table")
        assert answer.status_code == 422
        assert "C1" in answer.text


async def test_a_clerk_chooses_a_village_before_a_list_is_shown(clients: dict[str, httpx.AsyncClient]) -> None:
    text = (await clients["clerk"].get("/collector")).text
    assert "选择区划" in text
    assert "收到" not in text


async def test_a_revised_task_is_shown_with_its_trace_and_a_wrong_one_with_the_difference(
    clients: dict[str, httpx.AsyncClient],
) -> None:
    form = {"unit": VILLAGE, "task": "30", "reason": "漏登一户"}
    refused = await send(clients["clerk"], "/campaign/tasks", form)
    assert refused.status_code == 422
    assert "相差+6" in refused.text
    done = await send(clients["clerk"], "/campaign/tasks", {**form, "pass_up": "1"})
    assert "漏登一户" in (await clients["clerk"].get(done.headers["location"])).text


async def test_only_a_clerk_counts_sets_tasks_and_closes_cases(clients: dict[str, httpx.AsyncClient]) -> None:
    for path in ("/campaign/count", "/campaign/supervise", "/campaign/tasks"):
        for name in ("leader", "collector", "town", "department"):
            assert (await send(clients[name], path)).status_code == 403, (path, name)
    assert (await send(clients["clerk"], "/campaign/count")).status_code == 303


async def test_a_town_answers_its_case_and_the_bureau_closes_it(
    clients: dict[str, httpx.AsyncClient], county: tuple[Database, dict[str, str]]
) -> None:
    async with county[0].connection() as connection:
        number = await connection.fetchval(
            "select supervision_id from population.campaign_supervision where unit = $1", TOWN
        )
    path = f"/campaign/supervision/{number}"
    assert (await send(clients["collector"], f"{path}/answer", {"answer": "不是我们"})).status_code == 422
    assert (await send(clients["town"], f"{path}/answer", {"answer": "外出务工者多"})).status_code == 303
    assert (await send(clients["town"], f"{path}/close")).status_code == 404
    assert (await send(clients["clerk"], f"{path}/close")).status_code == 303
    text = (await clients["leader"].get("/campaign/supervision")).text
    assert "外出务工者多" in text
    assert "已销号" in text


async def test_a_day_before_any_count_says_that_nothing_was_counted(clients: dict[str, httpx.AsyncClient]) -> None:
    before = campaign_now().first_day - timedelta(days=1)
    assert "还没有统计" in (await clients["clerk"].get(f"/campaign?day={before}")).text
    assert "P911" in (await clients["clerk"].get(f"/campaign/bulletin.xlsx?day={before}")).text
    assert (await clients["clerk"].get(f"/campaign?day={dates.today()}x&level=99&year=abcd&page=0")).status_code == 200
