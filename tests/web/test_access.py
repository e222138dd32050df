"""Every page asks who comes, and nobody sees what is not his."""

import re
from collections.abc import Iterator

import httpx
import pytest
from litestar import Litestar
from litestar.handlers import BaseRouteHandler
from litestar.routes import ASGIRoute, HTTPRoute

from tests.supervision.monitoring.city import a_bed_check
from tests.web.city import EMPLOYER, HOSPITAL, OLD_MAN, City
from tests.web.conftest import browser, sign_in, token_of
from tests.web.findings_city import statement_no
from yibao.web.access import ROLES, Access

PAGES = {
    "/healthz": Access.PUBLIC,
    "/readyz": Access.PUBLIC,
    "/": Access.PUBLIC,
    "/login": Access.PUBLIC,
    "/verify-bill": Access.PUBLIC,
    "/assets/{name:str}": Access.PUBLIC,
    "/display/{size:str}": Access.PUBLIC,
    "/exchange": Access.DEPARTMENT,
    "/exchange/subsidies.xlsx": Access.DEPARTMENT,
    "/exchange/files/{sequence:int}": Access.DEPARTMENT,
    "/exchange/batches/{number:str}": Access.DEPARTMENT,
    "/exchange/batches/{number:str}/list.xlsx": Access.DEPARTMENT,
    "/campaign": Access.CAMPAIGN,
    "/campaign/bulletin.xlsx": Access.CAMPAIGN,
    "/campaign/supervision": Access.CAMPAIGN,
    "/campaign/tasks": Access.CLERK,
    "/uninsured": Access.LISTS,
    "/uninsured.xlsx": Access.LISTS,
    "/collector": Access.COLLECTOR,
    "/collector/list.xlsx": Access.COLLECTOR,
    "/me": Access.INSURED,
    "/work": Access.CLERK,
    "/reconciliation": Access.CLERK,
    "/reconciliation/differences.xlsx": Access.CLERK,
    "/people": Access.CLERK,
    "/employer": Access.EMPLOYER,
    "/employer/template.xlsx": Access.EMPLOYER,
    "/employer/feedback.xlsx": Access.EMPLOYER,
    "/employer/declarations/{number:str}": Access.EMPLOYER,
    "/employer/bills/{number:str}": Access.EMPLOYER,
    "/people/{psn_no:str}": Access.CLERK,
    "/bills": Access.BILLS,
    "/board": Access.MONITORING,
    "/board/institutions/{code:str}": Access.MONITORING,
    "/board/institutions/{code:str}/bills/{setl_id:str}": Access.MONITORING,
    "/board/alerts": Access.MONITORING,
    "/bed-checks": Access.BED_CHECK,
    "/bed-checks/{number:int}": Access.BED_CHECK,
    "/bed-checks/{number:int}/photos/{place:int}": Access.BED_CHECK,
    "/bills/{document:str}": Access.BILLS,
    "/institution/findings": Access.INSTITUTION,
    "/institution/findings/{number:str}": Access.INSTITUTION,
    "/institution/findings/files/{number:str}": Access.INSTITUTION,
    "/institution/orders": Access.INSTITUTION,
    "/institution/deductions": Access.INSTITUTION,
    "/institution/deductions/{document:str}": Access.INSTITUTION,
    "/findings": Access.REVIEW,
    "/findings/{number:str}": Access.REVIEW,
    "/findings/files/{number:str}": Access.REVIEW,
    "/findings/orders": Access.REVIEW,
    "/findings/rules": Access.REVIEW,
    "/findings/opinions": Access.OPINION,
    "/findings/opinions/{number:str}": Access.OPINION,
    "/findings/opinions/files/{number:str}": Access.OPINION,
    "/deductions": Access.STATEMENTS,
    "/deductions/{document:str}": Access.STATEMENTS,
}
"""Every page that is read (GET), and who may open it."""
FORMS = {
    "/login": Access.PUBLIC,
    "/logout": Access.PUBLIC,
    "/people": Access.CLERK,
    "/people/{psn_no:str}/{step:str}": Access.CLERK,
    "/reconciliation/{step:str}": Access.CLERK,
    "/employer/declare": Access.EMPLOYER,
    "/employer/{step:str}": Access.EMPLOYER,
    "/exchange/roster": Access.DEPARTMENT,
    "/exchange/acknowledge": Access.DEPARTMENT,
    "/exchange/batches/{number:str}/{step:str}": Access.CLERK,
    "/campaign/count": Access.CLERK,
    "/campaign/supervise": Access.CLERK,
    "/campaign/supervision/{number:int}/{step:str}": Access.CAMPAIGN,
    "/campaign/tasks": Access.CLERK,
    "/collector/list": Access.COLLECTOR,
    "/collector/hand-in": Access.COLLECTOR,
    "/collector/{step:str}": Access.COLLECTOR,
    "/institution/findings/steps/{step:str}": Access.INSTITUTION,
    "/institution/orders/title": Access.INSTITUTION,
    "/findings/steps/{step:str}": Access.REVIEW,
    "/findings/opinions": Access.OPINION,
    "/deductions/steps/{step:str}": Access.STATEMENTS,
    "/board/alerts/{number:int}/{step:str}": Access.MONITORING,
    "/bed-checks": Access.BED_CHECK,
    "/bed-checks/{number:int}/{step:str}": Access.BED_CHECK,
}
"""Every form that is sent (POST), and who may send it."""
LEADS_ON = {"/login", "/display/{size:str}"}
"""Pages that answer a signed-in visitor, or everybody, with the way to another page."""
ROLES_TRIED = (
    "clerk", "insured", "employer", "collector", "department", "leader", "institution", "reviewer", "second_reviewer",
    "expert", "inspector",
)  # fmt: skip
NO_PERMISSION = "您的账号没有打开此页的权限"
"""What the guard says; a form without its token is refused in other words."""


def handlers(app: Litestar) -> Iterator[tuple[str, BaseRouteHandler]]:
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            yield from ((route.path, handler) for handler in route.route_handlers)
        else:
            assert isinstance(route, ASGIRoute)
            yield route.path, route.route_handler


async def test_every_route_declares_who_may_open_it(app: Litestar) -> None:
    silent = [path for path, handler in handlers(app) if methods(handler) != {"OPTIONS"} and not declared(handler)]
    assert silent == []


async def test_every_page_is_in_the_table_of_this_test(app: Litestar) -> None:
    pages = [(path, it) for path, it in handlers(app) if declared(it) and it.opt["access"] is not Access.OWN_SIGNATURE]
    shown = {path for path, handler in pages if "GET" in methods(handler)}
    assert shown == set(PAGES)


async def test_only_what_has_its_own_signature_does_without_the_guard(app: Litestar) -> None:
    own = {path for path, handler in handlers(app) if handler.opt.get("access") is Access.OWN_SIGNATURE}
    exchange = "/exchange/{department:str}"
    assert own == {
        "/fsi",
        "/CSB",
        "/channels/{code:str}/callback",
        f"{exchange}/inbox",
        f"{exchange}/outbox",
        f"{exchange}/outbox/{{sequence:int}}",
        f"{exchange}/outbox/{{sequence:int}}/acknowledgement",
    }


@pytest.mark.parametrize("path", PAGES)
async def test_each_page_opens_for_whom_it_is_meant(path: str, app: Litestar, city: City) -> None:
    access = PAGES[path]
    address = await sample_address(path, city)
    for role in ("", *ROLES_TRIED):
        async with browser(app) as client:
            if role:
                await sign_in(client, role, city.passwords[role])
            status = (await client.get(address)).status_code
        if may_open(access, role):
            assert status == (303 if path in LEADS_ON and (role or path != "/login") else 200), role
        else:
            assert status == (403 if role else 303), role
    assert {handler.opt["access"] for route, handler in handlers(app) if route == path and declared(handler)} == {
        access
    }


async def test_every_form_is_in_the_table_of_this_test(app: Litestar) -> None:
    forms = {
        path: handler.opt["access"]
        for path, handler in handlers(app)
        if declared(handler) and "POST" in methods(handler) and handler.opt["access"] is not Access.OWN_SIGNATURE
    }
    assert forms == FORMS


@pytest.mark.parametrize("path", [path for path, access in FORMS.items() if access is not Access.PUBLIC])
async def test_each_form_is_taken_only_from_whom_it_is_meant_for(path: str, app: Litestar, city: City) -> None:
    address = path.replace("{number:int}", "0")
    for name in ("psn_no", "number", "step"):
        address = address.replace(f"{{{name}:str}}", "nothing-of-that-name")
    for role in ("", *ROLES_TRIED):
        async with browser(app) as client:
            if role:
                await sign_in(client, role, city.passwords[role])
            token = await token_of(client, "/" if role else "/login")
            answer = await client.post(address, data={"_csrf_token": token})
        if not role:
            assert (answer.status_code, answer.headers["location"].startswith("/login")) == (303, True)
        else:
            assert (NO_PERMISSION in answer.text) is not may_open(FORMS[path], role), role
            assert (answer.status_code == 403) is not may_open(FORMS[path], role), role


def may_open(access: Access, role: str) -> bool:
    return access is Access.PUBLIC or (bool(role) and (access is Access.SIGNED_IN or role in ROLES.get(access, ())))


async def sample_address(path: str, city: City) -> str:
    """The path with values that exist for its parameters."""
    numbers = {
        "declarations": "select declaration_no from population.declaration where emp_no = $1",
        "bills": "select bill_no from population.employer_bill where emp_no = $1",
        "batches": "select batch_no from population.roster_batch where $1 <> ''",
        "findings/files": "select file_id from supervision.attachment where $1 <> ''",
        "opinions/files": "select file_id from supervision.attachment where $1 <> ''",
        "findings": "select 'opinion1' where $1 <> ''",
    }
    async with city.services.database.connection() as connection:
        known = {name: await connection.fetchval(sql, EMPLOYER) for name, sql in numbers.items()}
    number = next((known[name] for name in known if name in path), "")
    document = statement_no(HOSPITAL) if "deductions" in path else city.bills["stay"]
    values = {"number": number, "name": "mark.svg", "size": "large", "document": document, "psn_no": OLD_MAN}
    values |= {"code": HOSPITAL, "setl_id": city.bills["stay"]}
    if path.startswith("/bed-checks/"):
        path = path.replace("{number:int}", str(await a_bed_check(city, HOSPITAL, OLD_MAN))).replace("{place:int}", "1")
    for parameter, value in values.items():
        path = path.replace(f"{{{parameter}:str}}", value).replace("{sequence:int}", "1")
    return f"{path}?emp_no={EMPLOYER}" if path.startswith("/employer") else path


async def test_who_is_not_signed_in_is_led_to_the_login_and_back(visitor: httpx.AsyncClient, city: City) -> None:
    address = f"/bills/{city.bills['stay']}"
    answer = await visitor.get(address)
    assert answer.headers["location"] == f"/login?next={address.replace('/', '%2F')}"


async def test_a_person_gets_the_same_answer_for_anothers_bill_as_for_none(
    insured: httpx.AsyncClient, city: City
) -> None:
    anothers = await insured.get(f"/bills/{city.bills['pharmacy']}")
    none = await insured.get("/bills/499999999")
    paper = await insured.get(f"/bills/{city.bills['pharmacy']}.pdf")
    assert (anothers.status_code, none.status_code, paper.status_code) == (404, 404, 404)
    assert anothers.text.replace(city.bills["pharmacy"], "") == none.text.replace("499999999", "")


async def test_a_person_finds_only_his_own_bills_whatever_he_asks_for(insured: httpx.AsyncClient, city: City) -> None:
    for query in ("", "?psn_no=340600000000000002", f"?setl_id={city.bills['pharmacy']}"):
        text = (await insured.get(f"/bills{query}")).text
        assert not re.search(r'href="/bills/' + city.bills["pharmacy"], text), query
    assert city.bills["stay"] in (await insured.get("/bills")).text


async def test_a_session_ends_with_the_user_behind_it(app: Litestar, city: City) -> None:
    async with browser(app) as client, city.services.database.connection() as connection:
        await sign_in(client, "clerk", city.passwords["clerk"])
        await connection.execute("update web.account set user_name = 'gone' where user_name = 'clerk'")
        try:
            assert (await client.get("/bills")).status_code == 303
        finally:
            await connection.execute("update web.account set user_name = 'clerk' where user_name = 'gone'")


async def test_a_changed_session_cookie_is_no_session(app: Litestar, city: City) -> None:
    async with browser(app) as client:
        await sign_in(client, "clerk", city.passwords["clerk"])
        name, value = next((name, value) for name, value in client.cookies.items() if name.startswith("session"))
        for changed in ("", "x", "A" * 200, value[:-8] + "AAAA" + value[-4:], "AAAAAAAA" + value[8:], value[:40]):
            client.cookies.clear()
            client.cookies.set(name, changed)
            assert (await client.get("/bills")).status_code == 303, changed


def declared(handler: BaseRouteHandler) -> bool:
    return isinstance(handler.opt.get("access"), Access)


def methods(handler: BaseRouteHandler) -> set[str]:
    return {str(method) for method in getattr(handler, "http_methods", ())}
