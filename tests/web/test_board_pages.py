"""The board, an institution, alerts and checks of beds, as inspectors and institutions see them."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from litestar import Litestar

from tests.supervision.monitoring.city import CODES, ODD, add_monitored, lay_in_bed
from tests.web.city import HOSPITAL, OLD_MAN, City
from tests.web.conftest import browser, sign_in, token_of
from yibao.core import dates
from yibao.supervision.monitoring.alerts import close, raise_alerts, raise_live
from yibao.supervision.monitoring.bed_checks import LARGEST_FILE, drawn, metres
from yibao.supervision.monitoring.definitions import definitions_of
from yibao.supervision.monitoring.live import Today

JPEG = b"\xff\xd8\xff\xe0" + b"ward" * 50


@pytest.fixture(scope="module")
async def monitored(city: City) -> City:
    async with city.services.database.transaction() as connection:
        await add_monitored(connection)
        await raise_alerts(connection, definitions_of("340600"))
        await connection.execute(
            "update directory.institution set lng = 116.8, lat = 33.95 where fixmedins_code = $1", HOSPITAL
        )
    return city


@pytest.fixture
async def inspector(app: Litestar, monitored: City) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(app) as client:
        await sign_in(client, "inspector", monitored.passwords["inspector"])
        yield client


@pytest.fixture
async def office(app: Litestar, monitored: City) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(app) as client:
        await sign_in(client, "institution", monitored.passwords["institution"])
        yield client


async def send(client: httpx.AsyncClient, path: str, page: str, files: object = None, **fields: str) -> httpx.Response:
    form = {"_csrf_token": await token_of(client, page), **fields}
    return await client.post(path, data=form, files=files)  # type: ignore[arg-type]


async def asked(client: httpx.AsyncClient, city: City) -> int:
    """A check of the one who lies in bed at the hospital."""
    async with city.services.database.transaction() as connection:
        await lay_in_bed(connection, HOSPITAL, [OLD_MAN])
    answer = await send(client, "/bed-checks", "/bed-checks", fixmedins_code=HOSPITAL, count="1")
    assert answer.status_code == 303, answer.text
    async with city.services.database.connection() as connection:
        number: int = await connection.fetchval("select max(check_id) from supervision.bed_check")
    return number


async def test_the_board_shows_the_day_the_map_and_who_stands_out(inspector: httpx.AsyncClient) -> None:
    text = (await inspector.get("/board?indicator=drug_share&pause=1")).text
    assert "今日入院" in text
    assert text.count('class="mark') > 10
    assert "仿真905医院，80.65%，同级中位" in text
    assert "待定位的机构" in text
    assert "不是行政区域界线" in text


async def test_what_is_live_renews_itself_without_loading_the_page_unless_it_is_paused(
    inspector: httpx.AsyncClient,
) -> None:
    answer = await inspector.get("/board")
    assert "refresh" not in answer.headers
    assert answer.text.count("data-live") == 3
    assert 'src="/assets/board.js"' in answer.text
    assert '<noscript><meta http-equiv="refresh" content="60"></noscript>' in answer.text
    paused = (await inspector.get("/board?pause=1")).text
    assert "board.js" not in paused
    assert "http-equiv" not in paused
    script = await inspector.get("/assets/board.js")
    assert (script.status_code, script.headers["content-type"].partition(";")[0]) == (200, "text/javascript")


async def test_what_an_institution_of_another_city_did_is_no_page_of_ours(inspector: httpx.AsyncClient) -> None:
    assert (await inspector.get("/board/institutions/H31010100001")).status_code == 404


async def test_every_indicator_and_an_unknown_one_can_be_asked_for(inspector: httpx.AsyncClient) -> None:
    for indicator in [*(one.name for one in definitions_of("340600").indicators), "score", "nothing"]:
        assert (await inspector.get(f"/board?indicator={indicator}&month=2026-02")).status_code == 200, indicator


async def test_todays_bills_of_the_gateway_are_in_the_figures_and_a_cancelled_one_is_not(
    inspector: httpx.AsyncClient, city: City
) -> None:
    async with city.services.database.connection() as connection:
        expected = await connection.fetchval(
            "select count(*) filter (where init_setl_id is null) - count(*) filter (where init_setl_id is not null)"
            " from settlement.settlement where setl_time >= $1 and left(med_type, 2) not in ('21', '52')",
            dates.now().replace(hour=0, minute=0, second=0),
        )
    text = (await inspector.get("/board")).text
    assert f"<dt>门诊结算（人次）</dt><dd>{expected}</dd>" in text


async def test_an_institution_shows_its_verdict_with_numbers_and_leads_to_the_lines(
    inspector: httpx.AsyncClient, city: City
) -> None:
    text = (await inspector.get(f"/board/institutions/{ODD}")).text
    assert "▲ 偏高" in text
    assert "80.65%" in text
    month = f"{dates.now() - timedelta(days=1):%Y-%m}"
    assert (await inspector.get(f"/board/institutions/{HOSPITAL}?month={month}")).status_code == 200
    bill = (await inspector.get(f"/board/institutions/{HOSPITAL}/bills/{city.bills['stay']}")).text
    assert "冠状动脉造影术" in bill
    assert "张德厚" not in bill


async def test_nobody_finds_what_does_not_exist(inspector: httpx.AsyncClient, city: City) -> None:
    for path in ("/board/institutions/H00000000000", f"/board/institutions/{ODD}/bills/{city.bills['stay']}"):
        assert (await inspector.get(path)).status_code == 404, path


async def test_an_alert_is_closed_with_a_reason_and_only_once(inspector: httpx.AsyncClient, city: City) -> None:
    async with city.services.database.connection() as connection:
        number = await connection.fetchval(
            "select alert_id from supervision.alert where status = 'open' and indicator = 'drug_share'"
        )
    path = f"/board/alerts/{number}/close"
    assert "V606" in (await send(inspector, path, "/board/alerts", reason="")).text
    assert (await send(inspector, path, "/board/alerts", reason="新开肿瘤科")).status_code == 303
    assert "V605" in (await send(inspector, path, "/board/alerts", reason="再来一次")).text
    assert "V604" in (await send(inspector, "/board/alerts/99999/close", "/board/alerts", reason="无")).text


async def test_a_leader_reads_alerts_and_decides_none(app: Litestar, monitored: City) -> None:
    async with browser(app) as leader:
        await sign_in(leader, "leader", monitored.passwords["leader"])
        page = (await leader.get("/board/alerts")).text
        assert "待处置" in page
        assert "/close" not in page
        async with monitored.services.database.connection() as connection:
            number = await connection.fetchval("select min(alert_id) from supervision.alert where status = 'open'")
        assert "V620" in (await send(leader, f"/board/alerts/{number}/close", "/board", reason="无")).text
        async with monitored.services.database.connection() as connection:
            status = await connection.fetchval("select status from supervision.alert where alert_id = $1", number)
        assert status == "open"


async def test_an_alert_goes_on_as_a_finding_of_casework(inspector: httpx.AsyncClient, city: City) -> None:
    async with city.services.database.connection() as connection:
        number = await connection.fetchval(
            "select alert_id from supervision.alert where status = 'open' and source = 'score' limit 1"
        )
    answer = await send(inspector, f"/board/alerts/{number}/finding", "/board/alerts", reason="药占比突增，需核查")
    assert answer.status_code == 303, answer.text
    async with city.services.database.connection() as connection:
        row = await connection.fetchrow(
            "select f.state, f.reason, a.decided_by from supervision.alert a join supervision.finding f"
            " using (finding_id) where alert_id = $1", number,
        )  # fmt: skip
    assert (row["state"], row["decided_by"]) == ("new", "inspector")
    assert "药占比突增" in row["reason"]


async def test_the_same_alert_is_raised_once(monitored: City) -> None:
    async with monitored.services.database.transaction() as connection:
        assert await raise_alerts(connection, definitions_of("340600")) == 0


async def test_an_open_alert_follows_the_numbers_and_a_closed_one_stays_closed(monitored: City) -> None:
    day, beds = dates.today(), {HOSPITAL: 10}
    find = "select text, numbers, severity, status from supervision.alert where source = 'live' and fixmedins_code = $1"
    async with monitored.services.database.transaction() as connection:
        assert await raise_live(connection, day, {HOSPITAL: Today(in_bed=11)}, beds) == 1
        assert await raise_live(connection, day, {HOSPITAL: Today(in_bed=15)}, beds) == 0
        row = await connection.fetchrow(find, HOSPITAL)
        assert (row["text"], row["severity"]) == ("在院 15 人，多于登记床位 10 张", 15_000)
        number = await connection.fetchval("select max(alert_id) from supervision.alert where source = 'live'")
        await close(connection, number, "加床已备案", "inspector")
        assert await raise_live(connection, day, {HOSPITAL: Today(in_bed=20)}, beds) == 0
        row = await connection.fetchrow(find, HOSPITAL)
        assert (row["text"], row["status"]) == ("在院 15 人，多于登记床位 10 张", "closed")
        assert await raise_live(connection, day + timedelta(days=1), {HOSPITAL: Today(in_bed=20)}, beds) == 1
        await connection.execute("delete from supervision.alert where source = 'live'")


async def test_the_ward_answers_with_a_photograph_that_is_stored_encrypted(
    inspector: httpx.AsyncClient, office: httpx.AsyncClient, city: City
) -> None:
    number = await asked(inspector, city)
    path = f"/bed-checks/{number}"
    assert "张德厚" in (await office.get(path)).text
    answer = await send(
        office, f"{path}/answer", path, files={"file": ("ward.jpg", JPEG, "image/jpeg")},
        lng="116.8001", lat="33.9502", accuracy="12",
    )  # fmt: skip
    assert answer.status_code == 303, answer.text
    async with city.services.database.connection() as connection:
        row = await connection.fetchrow("select * from supervision.bed_photo where check_id = $1", number)
    assert JPEG[:40] not in row["sealed"]
    assert 15 < row["distance"] < 40
    seen = await inspector.get(f"{path}/photos/1")
    assert (seen.content, seen.headers["content-type"]) == (JPEG, "image/jpeg")
    assert (await send(inspector, f"{path}/confirm", path, reason="在床")).status_code == 303
    assert "已确认在床" in (await office.get(path)).text
    assert "V615" in (await send(inspector, f"{path}/confirm", path, reason="再看")).text


async def test_without_a_place_the_reason_is_said(
    inspector: httpx.AsyncClient, office: httpx.AsyncClient, city: City
) -> None:
    path = f"/bed-checks/{await asked(inspector, city)}"
    await send(office, f"{path}/answer", path, files={"file": ("a.jpg", JPEG, "image/jpeg")}, why_not="denied")
    assert "上传人未同意提供位置" in (await inspector.get(path)).text


async def test_other_kinds_of_files_too_many_and_none_are_refused(
    inspector: httpx.AsyncClient, office: httpx.AsyncClient, city: City
) -> None:
    path = f"/bed-checks/{await asked(inspector, city)}"
    page = {"file": ("ward.jpg", b"<html><script>", "image/jpeg")}
    assert "V616" in (await send(office, f"{path}/answer", path, files=page)).text
    many = [("file", (f"{at}.jpg", JPEG, "image/jpeg")) for at in range(5)]
    assert "V617" in (await send(office, f"{path}/answer", path, files=many)).text
    assert "V617" in (await send(office, f"{path}/answer", path)).text


async def test_a_file_that_is_two_kinds_at_once_is_served_as_what_its_first_bytes_say_and_never_sniffed(
    inspector: httpx.AsyncClient, office: httpx.AsyncClient, city: City
) -> None:
    path = f"/bed-checks/{await asked(inspector, city)}"
    both = JPEG + b"<html><script>alert(1)</script>"
    sent = await send(office, f"{path}/answer", path, files={"file": ("a.html", both, "text/html")})
    assert sent.status_code == 303
    seen = await inspector.get(f"{path}/photos/1")
    assert seen.headers["content-type"] == "image/jpeg"
    assert seen.headers["x-content-type-options"] == "nosniff"
    assert (
        "script-src" in seen.headers["content-security-policy"]
        or "default-src" in (seen.headers["content-security-policy"])
    )


async def test_an_empty_file_and_one_that_is_too_large_are_refused(
    inspector: httpx.AsyncClient, office: httpx.AsyncClient, city: City
) -> None:
    path = f"/bed-checks/{await asked(inspector, city)}"
    assert "V617" in (await send(office, f"{path}/answer", path, files={"file": ("a.jpg", b"", "image/jpeg")})).text
    large = {"file": ("a.jpg", JPEG + bytes(LARGEST_FILE), "image/jpeg")}
    answer = await send(office, f"{path}/answer", path, files=large)
    assert (answer.status_code, "V617" in answer.text) == (422, True)


async def test_too_late_is_refused_and_may_become_a_finding(
    inspector: httpx.AsyncClient, office: httpx.AsyncClient, city: City
) -> None:
    number = await asked(inspector, city)
    path = f"/bed-checks/{number}"
    assert "V619" in (await send(inspector, f"{path}/finding", path, reason="没有人")).text
    async with city.services.database.connection() as connection:
        await connection.execute(
            "update supervision.bed_check set deadline = asked_at - interval '1 minute' where check_id = $1", number
        )
    page = await token_of(office, "/bed-checks/" + str(number))
    token = page or await token_of(office, "/")
    late = await office.post(
        f"{path}/answer", data={"_csrf_token": token}, files={"file": ("a.jpg", JPEG, "image/jpeg")}
    )
    assert "V614" in late.text
    assert "V618" in (await send(inspector, f"{path}/finding", path, reason="")).text
    assert (await send(inspector, f"{path}/finding", path, reason="逾时未传")).status_code == 303
    async with city.services.database.connection() as connection:
        reason = await connection.fetchval(
            "select f.reason from supervision.bed_check join supervision.finding f using (finding_id)"
            " where check_id = $1", number,
        )  # fmt: skip
    assert reason == "远程查床：逾时未传"


async def test_an_institution_sees_only_its_own_checks_and_files(
    inspector: httpx.AsyncClient, office: httpx.AsyncClient, city: City
) -> None:
    number = await asked(inspector, city)
    async with city.services.database.connection() as connection:
        await connection.execute(
            "update supervision.bed_check set fixmedins_code = $2 where check_id = $1", number, CODES[0]
        )
    for path in (f"/bed-checks/{number}", f"/bed-checks/{number}/photos/1"):
        assert (await office.get(path)).status_code == 404
    token = await token_of(office, "/")
    answer = await office.post(
        f"/bed-checks/{number}/answer", data={"_csrf_token": token}, files={"file": ("a.jpg", JPEG, "image/jpeg")}
    )
    assert answer.status_code == 404
    assert f'href="/bed-checks/{number}"' not in (await office.get("/bed-checks")).text


async def test_the_institution_neither_asks_nor_decides_and_the_inspector_does_not_answer(
    inspector: httpx.AsyncClient, office: httpx.AsyncClient, city: City
) -> None:
    path = f"/bed-checks/{await asked(inspector, city)}"
    assert "V620" in (await send(office, "/bed-checks", "/", fixmedins_code=HOSPITAL, count="1")).text
    assert "V620" in (await send(office, f"{path}/confirm", path, reason="在床")).text
    page = {"file": ("a.jpg", JPEG, "image/jpeg")}
    assert "V620" in (await send(inspector, f"{path}/answer", "/bed-checks", files=page)).text


async def test_a_draw_can_be_repeated_with_its_seed() -> None:
    stays = [str(number) for number in range(300)]
    assert drawn("seed", stays, 5) == drawn("seed", list(reversed(stays)), 5)
    assert drawn("seed", stays, 5) != drawn("other", stays, 5)


def test_distances_are_those_of_the_globe() -> None:
    assert metres(116.8, 33.95, 116.8, 33.95) == 0
    assert 11_000 < metres(116.8, 33.95, 116.8, 34.05) < 11_250
