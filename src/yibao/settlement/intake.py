"""What comes before the money: registration, admission, fee lines, discharge; each one transaction, once per msgid."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.inbox import Answer, Message, once
from yibao.directory.model import Institution
from yibao.population.model import Enrolment
from yibao.settlement.assessment import as_time, entitled_enrolment
from yibao.settlement.case import Case, open_case
from yibao.settlement.facts import facts_of
from yibao.settlement.fee_lines import add_lines, check_new
from yibao.settlement.marks import NewLines, any_refused, marked
from yibao.settlement.model import Diagnosis, FeeLine, PricedLine, VisitOpening
from yibao.settlement.pricing import check_lines, classified, items_of, key_of, price_line
from yibao.settlement.services import Services
from yibao.settlement.visits import (
    check_kind,
    check_no_open_stay,
    check_not_ahead,
    check_visit,
    in_bed,
    insert_visit,
    put_diagnoses,
)
from yibao.settlement.writing import new_visit_row

PREVIOUS_LEVEL = "select hosp_lv, fixmedins_code from settlement.visit where mdtrt_id = $1 and psn_no = $2"


async def register(
    services: Services,
    opening: VisitOpening,
    message: Message,
    render: Callable[[str], bytes],
    diagnoses: Sequence[Diagnosis] = (),
) -> bytes:
    """2201 and 2401: open a visit or stay for an entitled person; `render` makes the reply of the mdtrt_id."""

    check_kind(opening.med_type, bed=opening.status == "admitted")
    check_not_ahead(opening.begntime, "begntime")

    async def work(connection: Connection) -> Answer:
        case = await open_case(connection, opening.psn_no, None, "", opening.begntime.date(), lock=True)
        institution = await services.directory.institution(opening.fixmedins_code, connection)
        row = new_visit_row(opening, hosp_lv=institution.level if institution else 9)
        enrolment = entitled_enrolment(case, institution, row, opening.begntime.date())
        services.packs.pack_of(enrolment.insu_admdvs)
        if opening.status == "admitted":
            await check_no_open_stay(connection, opening.psn_no)
        known = await known_columns(connection, case, opening, enrolment, institution)
        mdtrt_id = await insert_visit(connection, opening, **known)
        if diagnoses:
            await put_diagnoses(connection, mdtrt_id, diagnoses)
        return Answer(render(mdtrt_id), mdtrt_id, opening.psn_no)

    return await once(services.database, message, work)


async def known_columns(
    connection: Connection, case: Case, opening: VisitOpening, enrolment: Enrolment, institution: Institution | None
) -> dict[str, Any]:
    """Columns of the visit that the platform knows: enrolment, level, and from where the person was transferred."""
    known: dict[str, Any] = {
        "insutype": enrolment.insutype,
        "psn_type": enrolment.psn_type,
        "insu_admdvs": enrolment.insu_admdvs,
        "hosp_lv": institution.level if institution else 9,
    }
    transfer = next((f for f in case.facts.filings if f.kind == "transfer" and goes_to(f.details, opening)), None)
    if transfer is None or opening.status != "admitted":
        return known
    old = transfer.details.get("refl_old_mdtrt_id") or None
    previous = await connection.fetchrow(PREVIOUS_LEVEL, old, opening.psn_no) if old else None
    if previous is not None:
        direction = direction_between(previous["hosp_lv"], known["hosp_lv"])
        known |= {
            "refl_old_mdtrt_id": old,
            "refl_direction": direction,
            "details": {**opening.details, "previous_level": previous["hosp_lv"]},
        }
    return known | {"filing": transfer.trt_dcla_detl_sn}


def goes_to(details: Mapping[str, Any], opening: VisitOpening) -> bool:
    return bool(details.get("reflin_medins_no") == opening.fixmedins_code)


def direction_between(previous: int, now: int) -> str:
    """Transfer upwards, downwards or at the same level; 9 (none) counts below level 1."""
    before, after = previous % 9, now % 9
    return "up" if after > before else "down" if after < before else "same"


async def upload_lines(
    services: Services,
    psn_no: str,
    fixmedins_code: str,
    lines: Mapping[str, Sequence[FeeLine]],
    message: Message,
    render: Callable[[Sequence[PricedLine]], bytes],
) -> bytes:
    """2204 and 2301: take the lines of one or more visits (`lines` by mdtrt_id), priced and classified."""

    async def work(connection: Connection) -> Answer:
        priced: list[PricedLine] = []
        for mdtrt_id, of_visit in lines.items():
            priced += await upload_visit_lines(services, connection, psn_no, fixmedins_code, mdtrt_id, of_visit)
        return Answer(render(priced), next(iter(lines)), psn_no)

    return await once(services.database, message, work)


async def upload_visit_lines(
    services: Services,
    connection: Connection,
    psn_no: str,
    fixmedins_code: str,
    mdtrt_id: str,
    lines: Sequence[FeeLine],
) -> tuple[PricedLine, ...]:
    case = await open_case(connection, psn_no, None, mdtrt_id, None, lock=True)
    check_visit(case.visit, mdtrt_id, psn_no, fixmedins_code, "open", "admitted", "discharged")
    visit = case.visit
    assert visit is not None
    institution = await services.directory.institution(fixmedins_code, connection)
    begin = as_time(visit["begntime"])
    enrolment = entitled_enrolment(case, institution, visit, begin.date())
    assert institution is not None
    items = await items_of(services, connection, enrolment, lines)
    end = visit["endtime"] or (dates.now() if in_bed(visit) else begin)
    check_lines(lines, items, begin, as_time(end))
    priced = [price_line(line, items[key_of(line)], enrolment.insutype, visit["hosp_lv"]) for line in lines]
    pack = services.packs.pack_of(enrolment.insu_admdvs)
    facts = facts_of(case, enrolment, visit, institution, case.on_date)
    done = classified(pack, facts, case.on_date, priced)
    standing = await check_new(connection, mdtrt_id, lines)
    new = NewLines(case.facts.person, visit, institution, done)
    done = await marked(services.review, connection, new, standing)
    if any_refused(done):
        done = classified(pack, facts, case.on_date, done)
    await add_lines(connection, mdtrt_id, done)
    return done
