"""`yibao enrol`: persons, employers, enrolments, newborns, deaths and merging, without any page.

What programs read (JSON) goes to standard output, refusals with their codes to standard error.
"""

import getpass
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from yibao.benefits.book import PackBook
from yibao.core import dates
from yibao.core.commands import run_in_transaction
from yibao.core.database import Connection
from yibao.core.options import HomeOption
from yibao.core.sheets import read_sheet
from yibao.ledger.chart import install_chart
from yibao.population import events
from yibao.population.enrolment import deaths, employers, enrolments, households, importing, merging, national, newborn
from yibao.population.enrolment import persons as registry
from yibao.population.entitlement import coverage_city

enrol_app = typer.Typer(help="Persons, employers and enrolments.", no_args_is_help=True)

Person = Annotated[str, typer.Argument(metavar="PSN_NO", help="Person number.")]
Household = Annotated[str, typer.Argument(metavar="HOUSEHOLD_NO", help="Number of the household.")]
Relation = Annotated[int, typer.Argument(metavar="PSN_INSU_RLTS_ID", help="Number of the enrolment.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day, today when left out.")]
Reason = Annotated[str, typer.Option(help="Code of a reason, see docs/enrolment.md.")]
Area = Annotated[str, typer.Option("--area", metavar="ADMDVS", help="Area code of the city, e.g. 340600.")]
Village = Annotated[str, typer.Option("--village", help="Division code of the dwelling.")]


@enrol_app.command()
def register(
    certno: Annotated[str, typer.Argument(help="Number of the certificate.")],
    name: str,
    area: Area,
    kind: Annotated[str, typer.Option(help="Type of the certificate, dictionary psn_cert_type.")] = "01",
    sex: Annotated[str, typer.Option(help="1 male, 2 female; left out with an identity number.")] = "",
    born: Day = None,
    village: Village = "",
    confirmed: Annotated[bool, typer.Option("--confirmed", help="Namesakes were looked at: another person.")] = False,
    home: HomeOption = None,
) -> None:
    """Register a person; prints the person number."""
    person = registry.NewPerson(
        certno, name, area, sex, born.date() if born else None, kind, live_area=village, despite_namesake=confirmed
    )

    async def work(connection: Connection) -> Any:
        return {"psn_no": await registry.register(connection, person, _actor(), "new")}

    run_in_transaction(work, home)


@enrol_app.command()
def certificate(psn_no: Person, kind: str, number: str, home: HomeOption = None) -> None:
    """Keep one more certificate of a person: its type (psn_cert_type) and number."""
    run_in_transaction(lambda connection: registry.add_certificate(connection, psn_no, kind, number, _actor()), home)


@enrol_app.command()
def employer(
    uscc: Annotated[str, typer.Argument(help="Unified social credit code.")],
    name: str,
    area: Area,
    day: Day = None,
    home: HomeOption = None,
) -> None:
    """Register an employer; prints its number."""

    async def work(connection: Connection) -> Any:
        return {"emp_no": await employers.register_employer(connection, uscc, name, area, _day(day), _actor())}

    run_in_transaction(work, home)


@enrol_app.command("close-employer")
def close_employer(
    emp_no: Annotated[str, typer.Argument(help="Number of the employer.")],
    reason: Annotated[str, typer.Option(help="Why, for the record.")],
    day: Day = None,
    home: HomeOption = None,
) -> None:
    """Close an employer after a day; refused while anybody is still enrolled through it."""
    run_in_transaction(lambda c: employers.close_employer(c, emp_no, _day(day), _actor(), reason), home)


@enrol_app.command()
def household(psn_no: Person, village: Village = "", home: HomeOption = None) -> None:
    """Found a household with a person as householder; prints its number."""

    async def work(connection: Connection) -> Any:
        return {"household_no": await households.found(connection, psn_no, village, _actor())}

    run_in_transaction(work, home)


@enrol_app.command()
def join(
    household_no: Household,
    psn_no: Person,
    relation: Annotated[str, typer.Argument(help="What the person is to the householder, dictionary patn_rlts.")],
    home: HomeOption = None,
) -> None:
    """Make a person a member of a household, or give the relation anew."""
    run_in_transaction(lambda c: households.join(c, household_no, psn_no, relation, _actor()), home)


@enrol_app.command()
def leave(psn_no: Person, home: HomeOption = None) -> None:
    """Let a person leave the household."""
    run_in_transaction(lambda c: households.leave(c, psn_no, _actor()), home)


@enrol_app.command()
def head(household_no: Household, psn_no: Person, home: HomeOption = None) -> None:
    """Make a member the householder; the others' relations are then to be given anew (join)."""
    run_in_transaction(lambda c: households.change_head(c, household_no, psn_no, _actor()), home)


@enrol_app.command()
def start(
    psn_no: Person,
    category: Annotated[str, typer.Argument(help="resident, employee, flexible or retired.")],
    psn_type: Annotated[str, typer.Argument(help="Kind of person, dictionary psn_type.")],
    area: Area,
    emp_no: Annotated[str | None, typer.Option(help="Employer of an employee.")] = None,
    day: Day = None,
    reason: Reason = "new",
    home: HomeOption = None,
) -> None:
    """Start a basic medical insurance; prints the number of the enrolment."""
    insutype = "390" if category == "resident" else "310"
    new = enrolments.Start(psn_no, insutype, category, psn_type, area, _day(day), emp_no)

    async def work(connection: Connection) -> Any:
        return {"psn_insu_rlts_id": await enrolments.start(connection, new, _actor(), reason)}

    run_in_transaction(work, home)


@enrol_app.command()
def suspend(number: Relation, day: Day = None, reason: Reason = "requested", home: HomeOption = None) -> None:
    """Suspend an enrolment from a day on."""
    run_in_transaction(lambda c: enrolments.suspend(c, number, _day(day), _actor(), reason), home)


@enrol_app.command()
def resume(number: Relation, day: Day = None, reason: Reason = "requested", home: HomeOption = None) -> None:
    """Go on with a suspended enrolment from a day on."""
    run_in_transaction(lambda c: enrolments.resume(c, number, _day(day), _actor(), reason), home)


@enrol_app.command()
def end(number: Relation, day: Day = None, reason: Reason = "requested", home: HomeOption = None) -> None:
    """End an enrolment after a day."""
    run_in_transaction(lambda c: enrolments.end(c, number, _day(day), _actor(), reason), home)


@enrol_app.command("newborn")
def newborn_command(
    parent: Person,
    birth_certificate: Annotated[str, typer.Argument(help="Number of the birth certificate.")],
    born: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"])],
    sex: Annotated[str, typer.Argument(help="1 male, 2 female.")],
    area: Area,
    name: Annotated[str, typer.Option(help="Left out, the child has the parent's name with 之子 or 之女.")] = "",
    certno: Annotated[str, typer.Option(help="The child's identity number, when it has one.")] = "",
    home: HomeOption = None,
) -> None:
    """Register, enrol and cover a newborn with one application; prints the decision."""
    child = newborn.Newborn(parent, sex, born.date(), area, birth_certificate, certno, name)
    packs = PackBook.load()
    run_in_transaction(lambda connection: newborn.apply(connection, packs, child, _actor()), home)


@enrol_app.command()
def death(
    psn_no: Person,
    died: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"])],
    source: Annotated[str, typer.Option(help="Who reported it.")] = "",
    home: HomeOption = None,
) -> None:
    """Record a death and stop everything; prints what was stopped and what a clerk must look at."""
    run_in_transaction(lambda c: deaths.record_death(c, psn_no, died.date(), _actor(), source), home)


@enrol_app.command("undo-death")
def undo_death(
    psn_no: Person,
    reason: Annotated[str, typer.Option(help="Why the record was wrong.")],
    home: HomeOption = None,
) -> None:
    """Take back a death recorded wrongly; prints how much of each kind goes on as before."""
    run_in_transaction(lambda c: deaths.undo_death(c, psn_no, _actor(), reason), home)


@enrol_app.command()
def merge(
    duplicate: Person,
    survivor: Annotated[str, typer.Argument(help="The person number that stays.")],
    reason: Annotated[str, typer.Option(help="How it was found.")] = "",
    home: HomeOption = None,
) -> None:
    """Merge a duplicate record into the one that stays; prints what moved."""

    async def work(connection: Connection) -> Any:
        await install_chart(connection)
        return await merging.merge(connection, duplicate, survivor, _actor(), reason)

    run_in_transaction(work, home)


@enrol_app.command()
def timeline(psn_no: Person, home: HomeOption = None) -> None:
    """What happened to a person, newest first."""

    async def work(connection: Connection) -> Any:
        return [asdict(event) for event in await events.timeline(connection, psn_no)]

    run_in_transaction(work, home)


@enrol_app.command("elsewhere")
def elsewhere_command(
    certno: Annotated[str, typer.Argument(help="Identity number.")],
    other: Annotated[str, typer.Argument(help="Area code of the other city.")],
    suspended: Annotated[bool, typer.Option("--suspended", help="That city was asked to suspend.")] = False,
    begun: Day = None,
    home: HomeOption = None,
) -> None:
    """Stand-in for the national check: another city reports an enrolment, or was asked to suspend it."""

    async def work(connection: Connection) -> Any:
        if suspended:
            return await national.request_suspension(connection, "01", certno, other)
        return await national.report(connection, national.Report("01", certno, other, "390", _day(begun)))

    run_in_transaction(work, home)


@enrol_app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="xlsx, xls or csv.")],
    area: Area,
    partial: Annotated[bool, typer.Option("--partial", help="Take the good rows of a table with faulty ones.")] = False,
    home: HomeOption = None,
) -> None:
    """Load persons and enrolments from a table; prints the answer for every faulty row."""

    async def work(connection: Connection) -> Any:
        rows = read_sheet(file, importing.COLUMNS)
        imported = await importing.import_persons(connection, rows, area, _actor(), partial=partial)
        if imported.enrolled:
            await coverage_city.refresh_city(connection, area)
        return imported

    if run_in_transaction(work, home).faults:
        raise typer.Exit(1)


def _day(day: datetime | None) -> date:
    return day.date() if day else dates.today()


def _actor() -> str:
    """Who called: the user of this machine."""
    return getpass.getuser()
