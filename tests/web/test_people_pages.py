"""A person's own page, and what clerks see of persons and do for them."""

import re
from datetime import datetime, timedelta

import httpx
import pytest
from litestar import Litestar

from tests.web.city import EMPLOYEE, EMPLOYER, OLD_MAN, OLD_MAN_CERTIFICATE, City
from tests.web.conftest import browser, sign_in, token_of
from yibao.core import dates
from yibao.population.identity import identity_number


def fresh(number: int, born: str = "1990-04-05") -> str:
    """An identity number that nobody in the city has."""
    return identity_number("340621", dates.date.fromisoformat(born), 100 + 2 * number)


async def post(client: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    """Send a form with the token of the page it stands on."""
    token = await token_of(client, path.rpartition("/")[0] if path.count("/") > 2 else path)
    return await client.post(path, data={"_csrf_token": token, **fields})


async def registered(client: httpx.AsyncClient, number: int, name: str = "郭小明") -> str:
    """A new person of the city; returns the number."""
    answer = await post(client, "/people", certno=fresh(number), psn_name=name, insu_admdvs="340621")
    assert answer.status_code == 303
    return re.findall(r"/people/(\d+)", answer.headers["location"])[0]


async def test_a_person_reads_at_the_top_whether_he_is_insured_what_he_owes_and_what_he_has(
    insured: httpx.AsyncClient,
) -> None:
    text = (await insured.get("/me")).text
    top = text[text.index('class="answers"') : text.index("</dl>", text.index('class="answers"'))]
    assert "已参保" in top
    assert f"{dates.today().year}年度已于" in top
    assert "没有个人账户" in top


async def test_a_persons_page_masks_his_identity_number_and_names_who_pays_for_him(insured: httpx.AsyncClient) -> None:
    text = (await insured.get("/me")).text
    assert OLD_MAN_CERTIFICATE not in text
    assert "王小云（子女）" in text
    assert "低保" in text


async def test_a_person_sees_what_happened_to_him(insured: httpx.AsyncClient) -> None:
    text = (await insured.get("/me")).text
    assert "绑定家庭共济" in text
    assert f"城乡居民基本医疗保险，{dates.today().year}年度" in text


async def test_who_shall_be_paid_for_by_the_employer_is_told_so(app: Litestar, city: City) -> None:
    async with browser(app) as client:
        await sign_in(client, "clerk", city.passwords["clerk"])
        text = (await client.get(f"/people/{EMPLOYEE}")).text
    assert "由单位代扣代缴" in text
    assert "看病购药支付" in text


@pytest.mark.parametrize(
    "query",
    [f"number={OLD_MAN}", f"number={OLD_MAN_CERTIFICATE}", "name=张德厚", "name=张德厚&birth=1949-03-12"],
)
async def test_a_clerk_finds_a_person_by_number_certificate_name_or_name_and_birth(
    clerk: httpx.AsyncClient, query: str
) -> None:
    assert f'href="/people/{OLD_MAN}"' in (await clerk.get(f"/people?{query}")).text


async def test_a_search_without_a_hit_and_one_with_a_wrong_day_say_what_to_do(clerk: httpx.AsyncClient) -> None:
    assert "没有找到" in (await clerk.get("/people?name=张德厚&birth=1950-01-01")).text
    assert "年-月-日" in (await clerk.get("/people?name=张德厚&birth=1950")).text


async def test_a_person_is_registered_and_enrolled_at_the_desk(clerk: httpx.AsyncClient) -> None:
    psn_no = await registered(clerk, 1)
    assert "没有参保登记" in (await clerk.get(f"/people/{psn_no}")).text
    enrolment = {"category": "resident", "psn_type": "15", "insu_admdvs": "340621", "reason": "new"}
    answer = await post(clerk, f"/people/{psn_no}/start", day=str(dates.today()), **enrolment)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/people/{psn_no}?done=start")
    text = (await clerk.get(answer.headers["location"])).text
    assert "参保登记已办理" in text
    assert "城乡居民基本医疗保险" in text


async def test_a_refused_step_is_answered_beside_its_form_and_nothing_typed_is_lost(clerk: httpx.AsyncClient) -> None:
    fields = {"category": "employee", "psn_type": "11", "insu_admdvs": "340621", "employer": "E999", "reason": "hired"}
    answer = await post(clerk, f"/people/{OLD_MAN}/start", day="2026-01-01", **fields)
    opened = answer.text[answer.text.index('id="start" open') :]
    assert answer.status_code == 422
    assert {"P522", "P143"} <= set(re.findall(r"（([A-Z]\d{3})）", opened[: opened.index("</details>")]))
    assert 'value="E999"' in opened
    assert '<option value="employee" selected' in opened


async def test_a_refused_registration_keeps_what_was_typed(clerk: httpx.AsyncClient) -> None:
    answer = await post(clerk, "/people", certno="340621199001011234", psn_name="郭 大明", insu_admdvs="340621")
    assert answer.status_code == 422
    assert "P101" in answer.text
    assert 'value="郭 大明"' in answer.text


async def test_an_enrolment_is_suspended_resumed_and_ended(clerk: httpx.AsyncClient) -> None:
    psn_no = await registered(clerk, 2)
    today, enrolment = dates.today(), {"category": "resident", "psn_type": "15", "insu_admdvs": "340621"}
    await post(clerk, f"/people/{psn_no}/start", day=str(today), reason="new", **enrolment)
    number = re.findall(r'<option value="(\d+)">城乡居民', (await clerk.get(f"/people/{psn_no}")).text)[0]
    for step, reason in ("suspend", "conscripted"), ("resume", "discharged"), ("end", "emigrated"):
        answer = await post(clerk, f"/people/{psn_no}/{step}", enrolment=number, day=str(today), reason=reason)
        assert answer.status_code == 303, answer.text
    text = (await clerk.get(f"/people/{psn_no}")).text
    assert all(word in text for word in ("参军入伍", "退役或刑满", "出国（境）定居", "终止参保"))


async def test_a_resident_who_is_hired_changes_insurance_in_one_step(clerk: httpx.AsyncClient) -> None:
    psn_no = await registered(clerk, 7, "郭转换")
    today, enrolment = str(dates.today()), {"psn_type": "15", "insu_admdvs": "340621"}
    start = str(dates.today() - timedelta(days=60))
    await post(clerk, f"/people/{psn_no}/start", day=start, reason="new", category="resident", **enrolment)
    number = re.findall(r'<option value="(\d+)">城乡居民', (await clerk.get(f"/people/{psn_no}")).text)[0]
    fields = {"enrolment": number, "category": "employee", "psn_type": "11", "insu_admdvs": "340621"}
    answer = await post(clerk, f"/people/{psn_no}/switch", day=today, employer=EMPLOYER, **fields)
    assert answer.status_code == 303, answer.text
    assert "淮北示例机械有限公司" in (await clerk.get(f"/people/{psn_no}")).text
    early = await post(clerk, f"/people/{psn_no}/retire", day=today)
    assert (early.status_code, "E122" in early.text) == (422, True)


async def test_nobodys_enrolment_is_changed_from_anothers_page(clerk: httpx.AsyncClient) -> None:
    page = (await clerk.get(f"/people/{EMPLOYEE}")).text
    number = re.findall(r'name="enrolment"><option value="(\d+)"', page)[0]
    answer = await post(clerk, f"/people/{OLD_MAN}/end", enrolment=number, day=str(dates.today()), reason="requested")
    assert (answer.status_code, "P521" in answer.text) == (422, True)


async def test_a_newborn_is_decided_at_once_and_its_page_follows(clerk: httpx.AsyncClient) -> None:
    parent = await registered(clerk, 3, "何秀英")
    born = dates.today() - timedelta(days=20)
    fields = {"birth_certificate": "A340000123", "gend": "2", "insu_admdvs": "340621", "brdy": str(born)}
    answer = await post(clerk, f"/people/{parent}/newborn", **fields)
    assert answer.status_code == 303, answer.text
    text = (await clerk.get(answer.headers["location"])).text
    assert "何秀英之女" in text
    assert "新生儿自出生之日起享受待遇" in text


async def test_a_tag_begins_and_ends_at_the_desk_and_the_order_follows_it(clerk: httpx.AsyncClient) -> None:
    psn_no = await registered(clerk, 4, "郭建军")
    today, enrolment = str(dates.today()), {"category": "resident", "psn_type": "15", "insu_admdvs": "340621"}
    await post(clerk, f"/people/{psn_no}/start", day=today, reason="new", **enrolment)
    fields = {"area": "340621", "tag": "低保", "day": today, "evidence": "民政〔2026〕1号"}
    assert (await post(clerk, f"/people/{psn_no}/tag", **fields)).status_code == 303
    answer = await post(clerk, f"/people/{psn_no}/order", year=str(dates.today().year), channel="tax")
    assert answer.status_code == 303, answer.text
    assert re.search(r"订单 <b class=\"num\">JF\d{18}", (await clerk.get(f"/people/{psn_no}")).text)
    assert (await post(clerk, f"/people/{psn_no}/untag", **fields)).status_code == 303


async def test_a_new_resident_is_told_at_once_what_he_owes_while_premiums_are_collected(
    clerk: httpx.AsyncClient,
) -> None:
    year = dates.today().year
    with dates.clock_at(datetime(year - 1, 11, 15, 10)):
        psn_no = await registered(clerk, 10, "郭建新")
        fields = {"category": "resident", "psn_type": "15", "insu_admdvs": "340621", "reason": "new"}
        await post(clerk, f"/people/{psn_no}/start", day=f"{year}-01-01", **fields)
        assert f"{year}年度应缴" in (await clerk.get(f"/people/{psn_no}")).text


async def test_an_unpaid_order_is_given_up_at_the_desk_and_another_one_made(clerk: httpx.AsyncClient) -> None:
    psn_no = await registered(clerk, 9, "郭建设")
    today, enrolment = str(dates.today()), {"category": "resident", "psn_type": "15", "insu_admdvs": "340621"}
    await post(clerk, f"/people/{psn_no}/start", day=today, reason="new", **enrolment)
    ordered = {"year": str(dates.today().year), "channel": "tax"}
    await post(clerk, f"/people/{psn_no}/order", **ordered)
    text = (await clerk.get(f"/people/{psn_no}")).text
    assert "（税务缴费）" in text
    order_no = re.findall(r'<option value="(JF\d+)"', text)[0]
    foreign = await post(clerk, f"/people/{OLD_MAN}/drop-order", order_no=order_no)
    assert (foreign.status_code, "P611" in foreign.text) == (422, True)
    dropped = await post(clerk, f"/people/{psn_no}/drop-order", order_no=order_no)
    assert dropped.headers["location"].endswith("done=drop-order"), dropped.text
    assert (await post(clerk, f"/people/{psn_no}/order", **ordered)).headers["location"].endswith("done=order")


async def test_a_person_reads_the_name_of_the_place_where_he_is_insured(insured: httpx.AsyncClient) -> None:
    text = (await insured.get("/me")).text
    place = text[text.index("<dt>参保地</dt>") :].partition("</div>")[0]
    assert "濉溪县" in place or "淮北市" in place, place


async def test_a_death_stops_everything_until_it_is_taken_back(clerk: httpx.AsyncClient) -> None:
    psn_no = await registered(clerk, 5, "郭老太")
    answer = await post(clerk, f"/people/{psn_no}/death", day=str(dates.today()), source="医院死亡证明")
    text = (await clerk.get(answer.headers["location"])).text
    assert "死亡已登记" in text
    assert f"/people/{psn_no}/start" not in text
    back = await post(clerk, f"/people/{psn_no}/undo-death", reason="同名误报")
    assert back.headers["location"].endswith("done=undo-death")
    text = (await clerk.get(f"/people/{psn_no}")).text
    assert f"/people/{psn_no}/start" in text
    assert re.search(r"<b>死亡登记，待遇停止</b> <span class=\"tag warn\">已撤销</span>", text)


async def test_a_premium_is_given_back_only_for_a_ground_and_before_benefits(clerk: httpx.AsyncClient) -> None:
    text = (await clerk.get(f"/people/{OLD_MAN}")).text
    order_no = re.findall(r'<option value="(JF\d+)"', text)[0]
    fields = {"order_no": order_no, "ground": "emigrated", "reason": "出国定居"}
    used = await post(clerk, f"/people/{OLD_MAN}/refund", **fields)
    assert (used.status_code, bool(re.search(r"（P62\d）", used.text))) == (422, True)
    unknown = await post(clerk, f"/people/{OLD_MAN}/refund", **{**fields, "ground": "whim"})
    assert (unknown.status_code, "P623" in unknown.text) == (422, True)


async def test_a_duplicate_is_merged_and_leads_to_the_one_that_stays(clerk: httpx.AsyncClient) -> None:
    passport = {"certno": "E12345678", "psn_cert_type": "16", "gend": "2", "brdy": "1990-04-05"}
    stays = await registered(clerk, 6, "郭重复")
    fields = {"psn_name": "郭重复", "insu_admdvs": "340621", "despite_namesake": "1", **passport}
    first = await post(clerk, "/people", **fields)
    duplicate = re.findall(r"/people/(\d+)", first.headers["location"])[0]
    answer = await post(clerk, f"/people/{duplicate}/merge", survivor=stays, reason="同一人")
    assert answer.headers["location"] == f"/people/{stays}?done=merge"
    assert f'href="/people/{stays}"' in (await clerk.get(f"/people/{duplicate}")).text


async def test_what_cannot_be_read_is_refused_with_a_code(clerk: httpx.AsyncClient) -> None:
    for fields, code in (({"day": "yesterday"}, "W602"), ({"day": ""}, "W602")):
        assert code in (await post(clerk, f"/people/{OLD_MAN}/death", source="x", **fields)).text
    assert "W603" in (await post(clerk, f"/people/{OLD_MAN}/end", enrolment="x", day="2026-01-01")).text
    assert (await post(clerk, f"/people/{OLD_MAN}/nonsense", day="2026-01-01")).status_code == 404
    assert (await clerk.get("/people/000")).status_code == 404


@pytest.mark.parametrize("user", ["", "insured", "employer", "collector", "department", "leader"])
async def test_nobody_but_a_clerk_works_at_the_desk(app: Litestar, city: City, user: str) -> None:
    async with browser(app) as client:
        if user:
            await sign_in(client, user, city.passwords[user])
        data = {
            "_csrf_token": await token_of(client, "/" if user else "/login"),
            "day": str(dates.today()),
            "source": "x",
        }
        answer = await client.post(f"/people/{OLD_MAN}/death", data=data)
        assert answer.status_code == (403 if user else 303)
        assert "/login" in answer.headers.get("location", "/login")


async def test_a_form_without_its_token_changes_nothing(clerk: httpx.AsyncClient) -> None:
    answer = await clerk.post(f"/people/{OLD_MAN}/death", data={"day": str(dates.today()), "source": "x"})
    assert answer.status_code == 403
    assert "死亡登记，待遇停止" not in (await clerk.get(f"/people/{OLD_MAN}")).text
