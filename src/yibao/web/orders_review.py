"""Orders under review: `/institution/orders` for a hospital's insurance office, `/findings/orders` for reviewers.

What is charged in stays before their settlement, by doctor, department or hospital, against peers. The office also
records its doctors' titles here: who may approve a refused order.
"""

from datetime import date, timedelta
from typing import Any, get_args

from litestar import Request, get, post
from litestar.response import Redirect, Template

from yibao.core import dates
from yibao.core.errors import Refusal, Refused
from yibao.supervision.counter.answers import SENIOR_TITLES, set_title
from yibao.supervision.counter.under_review import FAR, SHARES, View, marked_lines, under_review, warnings_given
from yibao.web.access import Access, visitor_required
from yibao.web.rendering import one_line, page
from yibao.web.state import services
from yibao.web.wording import name_of

DAYS = 7
LONGEST = 92
TITLES = {"doctor": "医师", "department": "科室", "hospital": "医疗机构"}
SHARE_TITLES = dict(zip(SHARES, ("药占比", "检查化验占比", "耗材占比"), strict=True))
PROFESSIONAL = ("231", "232", "233", "234", "235")
"""drord_dr_profttl."""
NOTE = "insert into core.audit_event (actor, action, subject, details) values ($1, 'doctor.title', $2, $3)"
SENIORS = """
select dr_codg, dr_name, prof_title from directory.doctor
where fixmedins_code = $1 and prof_title = any($2::text[]) order by dr_codg
"""


@get("/institution/orders", opt={"access": Access.INSTITUTION})
async def own_orders(request: Request[Any, Any, Any]) -> Template:
    """Of the visitor's own hospital, by doctor or department."""
    visitor = await visitor_required(request)
    return await listing(request, visitor.fixmedins_code or "", "doctor")


@get("/findings/orders", opt={"access": Access.REVIEW})
async def city_orders(request: Request[Any, Any, Any]) -> Template:
    """Of the city by hospital, or of one hospital by doctor or department."""
    hospital = one_line(request.query_params.get("fixmedins_code", ""), 20)
    return await listing(request, hospital, "doctor" if hospital else "hospital")


async def listing(request: Request[Any, Any, Any], hospital: str, usual: View) -> Template:
    asked = {name: one_line(value, 20) for name, value in request.query_params.items()}
    first, last = period_of(asked)
    view: View = asked["by"] if asked.get("by") in get_args(View) else usual  # type: ignore[assignment]
    async with services(request).database.connection() as connection:
        rows = await under_review(connection, view, first, last, hospital)
        marked = await marked_lines(connection, first, last, hospital)
        warned = await warnings_given(connection, first, last, hospital)
        seniors = await connection.fetch(SENIORS, hospital, list(SENIOR_TITLES))
    return await page(
        request, "orders_review.html", path=request.url.path, hospital=hospital, view=view, views=TITLES, rows=rows,
        marked=marked, warned=warned, seniors=seniors, first=first, last=last, shares=SHARE_TITLES, far=FAR,
        titles={code: name_of("drord_dr_profttl", code) for code in PROFESSIONAL}, distance_text=distance_text,
    )  # fmt: skip


def period_of(asked: dict[str, str]) -> tuple[date, date]:
    """The days asked about, the last week by default. `Refused` W790 for what is no period."""
    today = dates.today()
    try:
        last = date.fromisoformat(asked["to"]) if asked.get("to") else today
        first = date.fromisoformat(asked["from"]) if asked.get("from") else last - timedelta(days=DAYS - 1)
    except ValueError:
        first, last = today, date.min
    if not 0 <= (last - first).days < LONGEST:
        raise Refused(Refusal("W790", f"起止日期不对，或超过{LONGEST}天", "请按 年-月-日 填写，先起后止", "from"))
    return first, last


def distance_text(tenths: int | None) -> str:
    """A robust z with its sign; "—" where there are too few peers."""
    if tenths is None:
        return "—"
    return f"{'−' if tenths < 0 else '+'}{abs(tenths) // 10}.{abs(tenths) % 10}"


@post("/institution/orders/title", opt={"access": Access.INSTITUTION})
async def record_title(request: Request[Any, Any, Any]) -> Redirect:
    """Record a doctor's professional title. `Refused` W791 for a doctor or title not known."""
    visitor = await visitor_required(request)
    form = await request.form()
    doctor, title = one_line(str(form.get("dr_codg", "")), 30), str(form.get("prof_title", ""))
    async with services(request).database.transaction() as connection:
        known = title in PROFESSIONAL and await set_title(connection, visitor.fixmedins_code or "", doctor, title)
        if not known:
            raise Refused(
                Refusal("W791", f"本机构没有代码为{doctor}的医师，或职称不在字典内", "请核对医师代码", "dr_codg")
            )
        await connection.execute(NOTE, visitor.user_name, doctor, {"prof_title": title})
    return Redirect("/institution/orders#seniors", status_code=303)


ORDER_PAGES = [own_orders, city_orders, record_title]
