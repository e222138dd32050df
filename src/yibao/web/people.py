"""Persons for the clerk: `/people` finds and registers, `/people/<psn_no>` shows one with everything that can be done.

What is done stands in `enrolment_desk`. A refusal is shown beside its form, with what was typed.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from litestar import Request, get, post
from litestar.exceptions import HTTPException
from litestar.response import Redirect, Template

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refused
from yibao.population.contributions.effects import psn_type_of
from yibao.population.enrolment import persons
from yibao.population.enrolment.enrolment_rules import CATEGORIES
from yibao.population.identity import normalised
from yibao.population.reasons import reasons
from yibao.web.access import Access, visitor_required
from yibao.web.desk_forms import Form, form_of
from yibao.web.enrolment_desk import DONE, STEPS, grounds_of, tags_of
from yibao.web.person_view import answers, person_view
from yibao.web.rendering import one_line, page, with_query
from yibao.web.state import services

MOST = 50
FIND = """
select p.psn_no, p.psn_name, p.certno, p.gend, p.brdy, p.die_date, p.merged_into,
       coalesce(t.name, '') || coalesce(v.name, '') as place
from population.person p
left join directory.division v on v.code = p.live_area
left join directory.division t on t.code = v.parent
where p.psn_no in (
  select psn_no from population.person where psn_no = $1
  union all select psn_no from population.person where psn_cert_type = any ($4) and certno = $1
  union all select psn_no from population.certificate where psn_cert_type = any ($4) and certno = $1
  union all (select psn_no from population.person where psn_name = $2 and ($3::date is null or brdy = $3) limit $5))
order by p.brdy, p.psn_no limit $5
"""
AREAS = "select code, name from directory.division where level = 3 order by code"


@get("/people", opt={"access": Access.CLERK})
async def people(request: Request[Any, Any, Any]) -> Template:
    """Search, and the form that registers."""
    return await people_shown(request, Form({}))


@post("/people", opt={"access": Access.CLERK})
async def register_person(request: Request[Any, Any, Any]) -> Redirect | Template:
    """Register a person; leads to the page of the new number."""
    visitor = await visitor_required(request)
    form = form_of(await request.form())
    try:
        async with services(request).database.transaction() as connection:
            psn_no = await persons.register(connection, new_person(form), visitor.user_name, "new")
    except Refused as refused:
        return await people_shown(request, form, refused)
    return Redirect(with_query(f"/people/{psn_no}", {"done": "register"}), status_code=303)


def new_person(form: Form) -> persons.NewPerson:
    """The person as the form names it."""
    return persons.NewPerson(
        certno=form.text("certno"),
        psn_name=form.text("psn_name"),
        insu_admdvs=form.text("insu_admdvs"),
        gend=form.text("gend"),
        brdy=form.optional_day("brdy"),
        psn_cert_type=form.text("psn_cert_type") or persons.IDENTITY_CARD,
        tel=form.text("tel"),
        live_area=form.text("live_area"),
        despite_namesake=bool(form.text("despite_namesake")),
    )


async def people_shown(request: Request[Any, Any, Any], form: Form, refused: Refused | None = None) -> Template:
    """The page with what was found, or why nobody was registered."""
    asked = {name: one_line(request.query_params.get(name, ""), 60) for name in ("number", "name", "birth")}
    problem, found = "", []
    async with services(request).database.connection() as connection:
        if asked["number"] or asked["name"]:
            try:
                found = list(await find(connection, asked))
            except ValueError:
                problem = "出生日期请按 年-月-日 填写，例如 1980-01-31。"
        places = await areas(request, connection)
    return await page(
        request,
        "people.html",
        422 if refused else 200,
        asked=asked,
        found=found[:MOST],
        more=len(found) > MOST,
        problem=problem,
        typed=form,
        refusals=refused.refusals if refused else (),
        areas=places,
        kinds=sorted(persons.CERTIFICATE_TYPES),
    )


async def find(connection: Connection, asked: dict[str, str]) -> Sequence[Any]:
    """Persons of this number (their own or a certificate's), or of this name and birth. `ValueError` for a bad day."""
    birth = date.fromisoformat(asked["birth"]) if asked.get("birth") else None
    number = normalised(asked.get("number", ""))
    name = "" if number else asked.get("name", "")
    return await connection.fetch(FIND, number, name, birth, sorted(persons.CERTIFICATE_TYPES), MOST + 1)


async def areas(request: Request[Any, Any, Any], connection: Connection) -> dict[str, str]:
    """Where one can be insured here: the cities of the packs and their counties, by code."""
    packs = services(request).city.packs
    known = {pack.area_code: pack.area_name for pack in packs}
    return known | {row["code"]: row["name"] for row in await connection.fetch(AREAS)}


@get("/people/{psn_no:str}", opt={"access": Access.CLERK})
async def person(request: Request[Any, Any, Any]) -> Template:
    """One person."""
    return await person_shown(request)


@post("/people/{psn_no:str}/{step:str}", opt={"access": Access.CLERK})
async def person_step(request: Request[Any, Any, Any]) -> Redirect | Template:
    """One of the desk's steps; leads back to the person, or to whom it is now about."""
    visitor = await visitor_required(request)
    psn_no, step = request.path_params["psn_no"], request.path_params["step"]
    if step not in STEPS:
        raise HTTPException(status_code=404, detail="没有这个操作")
    form = form_of(await request.form())
    packs = services(request).city.packs
    try:
        async with services(request).database.transaction() as connection:
            led = await STEPS[step](connection, packs, psn_no, form, visitor.user_name)
    except Refused as refused:
        return await person_shown(request, step, form, refused)
    return Redirect(with_query(f"/people/{led or psn_no}", {"done": step}), status_code=303)


async def person_shown(
    request: Request[Any, Any, Any], step: str = "", form: Form | None = None, refused: Refused | None = None
) -> Template:
    """The person's page as it stands now, with the refused form opened; 404 for an unknown number."""
    psn_no = one_line(request.path_params["psn_no"], 40)
    async with services(request).database.connection() as connection:
        view = await person_view(connection, psn_no)
        if view is None:
            raise HTTPException(status_code=404, detail="没有这个人员编号，请核对")
        places = await areas(request, connection)
    area = view.report.standings[0].enrolment.insu_admdvs if view.report.standings else psn_no[:6]
    today = dates.today()
    return await page(
        request,
        "person.html",
        422 if refused else 200,
        view=view,
        answers=answers(view),
        notice=DONE.get(request.query_params.get("done", ""), ""),
        step=step,
        typed=form or Form({}),
        blank=Form({}),
        refusals=refused.refusals if refused else (),
        today=today,
        area=area,
        areas=places,
        reasons=reasons(),
        categories=CATEGORIES,
        psn_type=psn_type_of(view.person["brdy"], today),
        tags=tags_of(area, today),
        grounds=grounds_of(area, today),
        findings=findings(view.events) if view.person["die_date"] else [],
    )


def findings(events: Sequence[Any]) -> list[str]:
    """What a death left for a clerk to look at."""
    return [text for event in events if event.kind == "died" for text in event.details.get("findings", [])]


PEOPLE_PAGES = [people, register_person, person, person_step]
