"""Commands of knowledge, under `yibao audit`.

import-knowledge FILE [--diff] [--batch NAME] [--from DATE]   published points; --diff shows and writes nothing
rules [--profile NAME] [--area CITY]                          what is in force, points per rule
map-codes FILE --area CITY                                    local codes of national ones
doctor-points, revoke-doctor-points                           记分 and what follows from it
"""

import asyncio
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from yibao.core.commands import print_json, run_in_transaction
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.core.options import HomeOption
from yibao.core.sheets import Column, read_sheet
from yibao.supervision.knowledge import doctors, store
from yibao.supervision.knowledge.model import LocalCode
from yibao.supervision.knowledge.reading import ReadPoints, read_file
from yibao.supervision.rulebook import Rulebook

AreaOption = Annotated[str, typer.Option(help="Folder of the city below areas/.")]
DayOption = Annotated[str, typer.Option(metavar="DATE")]
SHOWN = 50
LOCAL_CODES = (
    Column("national", "国家编码", ("国家医保编码", "医保编码", "national")),
    Column("local", "地方编码", ("本地编码", "省编码", "项目编码", "local")),
    Column("name", "名称", ("项目名称", "药品名称", "name"), required=False),
)


def register(app: typer.Typer) -> None:
    """Add the commands to `yibao audit`."""
    app.command("import-knowledge")(import_knowledge)
    app.command("rules")(show_rules)
    app.command("map-codes")(map_codes)
    app.command("doctor-points")(doctor_points)
    app.command("revoke-doctor-points")(revoke_doctor_points)


def import_knowledge(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Neutral table or published workbook.")],
    diff: Annotated[bool, typer.Option("--diff", help="Show what would change and write nothing.")] = False,
    batch: Annotated[str, typer.Option(help="Name of the batch where the file does not say it.")] = "",
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="First day on which the points count.")] = "",
    home: HomeOption = None,
) -> None:
    """Import published knowledge points: all of the file or nothing."""

    async def work(connection: Connection) -> Any:
        read = read_file(file, batch=batch, first_day=_day(first) if first else None)
        if diff:
            found = await store.compare(connection, read.points)
        else:
            found = await store.import_points(connection, read.points, file.name)
        return summary(found, read)

    run_in_transaction(work, home)


def summary(found: store.Difference, read: ReadPoints) -> dict[str, Any]:
    """What an import changes: counts per rule, and the points one by one as far as they fit a screen."""
    return {
        "points": len(read.points), "unchanged": found.unchanged, "new": len(found.new), "changed": len(found.changed),
        "replaced": len(found.replaced), "replaced_otherwise": sum(one.says_other for one in found.replaced),
        "new_by_rule": dict(Counter(one.rule for one in found.new).most_common()),
        "changes": [_shown(one) for one in (*found.changed, *found.replaced) if one.says_other][:SHOWN],
        "notes": read.notes,
    }  # fmt: skip


def _shown(one: store.Change) -> dict[str, Any]:
    before, after = dict(one.before.params), dict(one.after.params)
    return {
        "rule": one.after.rule, "item": one.after.item_name, "before": one.before.kp_id, "after": one.after.kp_id,
        "from": one.after.valid_from, "codes_added": one.codes_added, "codes_removed": one.codes_removed,
        "params": {"before": before, "after": after} if one.params_changed else None,
    }  # fmt: skip


def show_rules(
    profile: Annotated[str, typer.Option(help="Profile of rules.")] = "full",
    area: AreaOption = "huaibei",
    on: Annotated[str, typer.Option("--on", metavar="DATE", help="Only points in force on this day.")] = "",
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    home: HomeOption = None,
) -> None:
    """The rules of a profile with their kinds, severity, stages and number of points."""
    from yibao.core.installation import open_installation

    with open_installation(home) as installation:
        book = asyncio.run(_loaded(installation.url, area, profile, _day(on) if on else None))
    rows = rule_rows(book)
    if json:
        print_json(rows)
        return
    table = Table(
        title=f"{area}/{profile} {book.version}; stages: Before During After; *: a value is unverified", box=None
    )
    for name in ("rule", "name", "kind", "severity", "stages", "points"):
        table.add_column(name, no_wrap=name != "name", justify="right" if name == "points" else "left")
    for row in rows:
        stages = "".join(letter.upper() for letter in "bda" if letter in {one[0] for one in row["stages"].split()})
        mark, refuses = "*" if row["unverified"] else "", " refuses" if row["refuses"] else ""
        table.add_row(
            row["rule"] + mark, row["name"], row["kind"], row["severity"] + refuses, stages, str(row["points"])
        )
    Console().print(table)


async def _loaded(url: str, area: str, profile: str, day: date | None) -> Rulebook:
    from yibao.core.database import connect
    from yibao.supervision.profiles import rulebook_from

    connection = await connect(url)
    try:
        return await rulebook_from(connection, area, profile, day)
    finally:
        await connection.close()


def rule_rows(book: Rulebook) -> list[dict[str, Any]]:
    """One row for each rule; a rule without points looks for nothing until its knowledge comes."""
    counts = Counter(point.rule_id for kind in book.kinds for point in book.points(kind))
    return [
        {
            "rule": one.rule_id, "name": one.name, "kind": one.kind, "severity": one.severity,
            "stages": " ".join(sorted(one.stages)), "refuses": one.refuses, "unverified": one.unverified,
            "points": counts[one.rule_id],
        }
        for one in book.rules.values()
    ]  # fmt: skip


def map_codes(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Table: 国家编码, 地方编码, 名称.")],
    area: AreaOption,
    home: HomeOption = None,
) -> None:
    """Write an area's local codes: points of the national codes count for them too."""

    async def work(connection: Connection) -> Any:
        rows = list(read_sheet(file, LOCAL_CODES))
        faults = [fault for row in rows for fault in row.faults]
        if faults:
            raise Refused(*faults)
        codes = [LocalCode(row.values["national"], row.values["local"]) for row in rows]
        twice = [code for code, count in Counter(codes).items() if count > 1]
        if twice:
            raise Refused(*(Refusal("V109", f"{one.local}写了不止一次", "请只保留一行", one.national) for one in twice))
        written = await store.write_local_codes(connection, area, codes, [row.values["name"] or "" for row in rows])
        return {"local_codes": written}

    run_in_transaction(work, home)


def doctor_points(
    doctor: Annotated[str, typer.Option(help="National code of the doctor.")],
    points: Annotated[int, typer.Option(help="1 to 12.")],
    decided: DayOption,
    decision: Annotated[str, typer.Option(help="Number of the decision.")],
    reason: Annotated[str, typer.Option(help="What for, in Chinese.")] = "",
    area: AreaOption = "huaibei",
    home: HomeOption = None,
) -> None:
    """Write points of a doctor; from 9 in a year he is suspended, from 12 his right ends."""

    async def work(connection: Connection) -> Any:
        await doctors.add_points(connection, area, doctor, points, _day(decided), decision, reason)
        return [one for one in await doctors.doctor_status(connection, area) if one.dr_codg == doctor]

    run_in_transaction(work, home)


def revoke_doctor_points(
    doctor: Annotated[str, typer.Option(help="National code of the doctor.")],
    decision: Annotated[str, typer.Option(help="Number of the decision that gave the points.")],
    revoked: DayOption,
    revocation: Annotated[str, typer.Option(help="Number of the decision that takes them back.")],
    area: AreaOption = "huaibei",
    home: HomeOption = None,
) -> None:
    """Take a decision's points back: they never counted."""

    async def work(connection: Connection) -> Any:
        await doctors.revoke_points(connection, area, doctor, decision, _day(revoked), revocation)
        return [one for one in await doctors.doctor_status(connection, area) if one.dr_codg == doctor]

    run_in_transaction(work, home)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise typer.BadParameter(f"{text} is no date: write 2026-01-28") from fault
