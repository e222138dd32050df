"""Lists of the uninsured: `/uninsured` on the screen, `.xlsx` to take along.

A clerk sees the city, a collector her division, a department the persons with a tag of its own. Identity numbers are
masked on the screen, and in a collector's table too; whoever takes a list along is written into the audit trail.
"""

import io
from typing import Any

from litestar import Request, Response, get
from litestar.response import Template

from yibao.benefits.facts import KNOWN_TAGS
from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.population.campaign.counting import below_area
from yibao.population.campaign.uninsured import Search, uninsured, write_list
from yibao.web.access import Access, visitor_required
from yibao.web.accounts import COLLECTOR, Visitor
from yibao.web.campaign import path_of, table_answer
from yibao.web.campaign_scope import PLACES, Scope, scope_of
from yibao.web.rendering import page, with_query
from yibao.web.state import services
from yibao.web.wording import masked_certificate

PAGE_LENGTH = 50
MOST_ROWS = 50_000
SCHOOL = "select school_no from population.school where school_no = $1 or name = $1 order by school_no limit 1"
SCHOOLS = "select school_no, name from population.school where area ~>=~ $1 and area ~<~ $2 order by name"
NOTE = "insert into core.audit_event (actor, action, subject, details) values ($1, 'campaign.list_exported', $2, $3)"
FILTERS = ("school", "helper", "tag", "name")


@get("/uninsured", opt={"access": Access.LISTS})
async def uninsured_list(request: Request[Any, Any, Any]) -> Template:
    """One page of the list, in the order of villages."""
    visitor = await visitor_required(request)
    async with services(request).database.connection() as connection:
        scope = await scope_of(request, connection, visitor)
        search = await search_of(connection, scope, visitor)
        rows = await uninsured(connection, scope.rules, search, dates.today(), PAGE_LENGTH + 1)
        places = await connection.fetch(PLACES, *below_area(scope.top))
        schools = await connection.fetch(SCHOOLS, *below_area(scope.top))
        path = await path_of(connection, scope)
    shown, asked = rows[:PAGE_LENGTH], {name: scope.asked.get(name, "") for name in FILTERS}
    return await page(
        request,
        "uninsured.html",
        scope=scope,
        path=path,
        rows=shown,
        masked=masked_certificate,
        asked=asked,
        places=places,
        schools=schools,
        tags=KNOWN_TAGS,
        today=dates.today(),
        begun=bool(search.after),
        first_page=with_query("/uninsured", scope.place | asked),
        next_page=with_query("/uninsured", scope.place | asked | {"after": shown[-1].place})
        if len(rows) > PAGE_LENGTH
        else "",
        table=with_query("/uninsured.xlsx", scope.place | asked),
    )


@get("/uninsured.xlsx", opt={"access": Access.LISTS})
async def uninsured_table(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The whole list; refused (P921) when it is too long for one table."""
    visitor = await visitor_required(request)
    async with services(request).database.transaction() as connection:
        scope = await scope_of(request, connection, visitor)
        search = await search_of(connection, scope, visitor)
        rows = await uninsured(connection, scope.rules, search, dates.today(), MOST_ROWS + 1)
        if len(rows) > MOST_ROWS:
            raise Refused(Refusal("P921", f"清单超过{MOST_ROWS}人", "请按县、镇或村分别导出", "within"))
        details = {"rows": len(rows), "year": search.year} | {name: scope.asked.get(name, "") for name in FILTERS}
        await connection.execute(NOTE, visitor.user_name, search.within, details)
    file = io.BytesIO()
    certificate = masked_certificate if visitor.role == COLLECTOR else str
    write_list(file, f"{scope.year}年度未参保人员清单", rows, certificate=certificate)
    return table_answer(file, f"uninsured-{scope.year}-{scope.within}.xlsx")


async def search_of(connection: Connection, scope: Scope, visitor: Visitor) -> Search:
    """What is looked for; a department finds persons with its own tags only."""
    school = scope.asked.get("school", "")
    school_no = await connection.fetchval(SCHOOL, school) if school else ""
    if school and school_no is None:
        raise Refused(Refusal("P907", f"没有名称或编号为{school}的学校", "请从列表中选择学校", "school"))
    return Search(
        scope.year,
        scope.within,
        school_no=school_no or "",
        helper=scope.asked.get("helper", ""),
        tag=scope.asked.get("tag", ""),
        department=visitor.department or "",
        name=scope.asked.get("name", ""),
        after=scope.asked.get("after", ""),
    )


LIST_PAGES = [uninsured_list, uninsured_table]
