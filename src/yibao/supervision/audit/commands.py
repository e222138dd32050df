"""Commands of the audit: `yibao audit run`.

    yibao audit run --lake LAKE --rules full --out OUT [--area huaibei] [--engine duckdb|spark]
                    [--from 2021-01 --to 2021-06] [--knowledge FILE.csv.gz] [--memory 2GB] [--threads 2] [--master spark://…]

Without `--knowledge` the points that come with yibao are used; no database is needed.
"""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from yibao.core.errors import Refusal, Refused
from yibao.core.money import yuan_text
from yibao.supervision.audit.engines import EngineName, Limits
from yibao.supervision.audit.run import Run, run_audit
from yibao.supervision.audit.totals import RuleTotal, totals_of
from yibao.supervision.rulebook import Rulebook

console = Console(stderr=True)
ENGINES: dict[str, EngineName] = {"duckdb": "duckdb", "spark": "spark"}


def register(app: typer.Typer) -> None:
    """Add the commands to `yibao audit`."""
    app.command("run")(run_command)


def run_command(
    lake: Annotated[Path, typer.Option(help="Folder of the lake.", exists=True, file_okay=False)],
    out: Annotated[Path, typer.Option(help="Folder for findings; a second run adds what is new.")],
    rules: Annotated[str, typer.Option(metavar="PROFILE", help="Profile of rules, as in areas/<city>/supervision.")],
    area: Annotated[str, typer.Option(help="The city whose profile it is.")] = "huaibei",
    engine: Annotated[str, typer.Option(help="duckdb or spark.")] = "duckdb",
    first: Annotated[str, typer.Option("--from", metavar="YYYY-MM", help="First month of settlement.")] = "",
    last: Annotated[str, typer.Option("--to", metavar="YYYY-MM", help="Last month of settlement.")] = "",
    knowledge: Annotated[Path | None, typer.Option(help="Published knowledge points (CSV or workbook).")] = None,
    memory: Annotated[str, typer.Option(help="What the engine may take.")] = "2GB",
    threads: Annotated[int, typer.Option(help="Threads of the engine.")] = 2,
    master: Annotated[str, typer.Option(help="Spark master; this machine without it.")] = "",
) -> None:
    """Audit what is new in a lake: every rule of the profile, findings to OUT/audit_finding."""
    book = rulebook_of(area, rules, knowledge)
    months = _month(first), _month(last)
    run = watched(lake, book, out, engine_named(engine), months, Limits(memory, threads, master))
    show(run, book, totals_of(out))


def rulebook_of(area: str, profile: str, knowledge: Path | None) -> Rulebook:
    """The profile's rules with the points of a file, or with those that come with yibao."""
    from yibao.supervision.knowledge.built_in import built_in_points
    from yibao.supervision.knowledge.reading import read_points
    from yibao.supervision.profiles import load_rulebook

    return load_rulebook(area, profile, read_points(knowledge) if knowledge else built_in_points())


def engine_named(name: str) -> EngineName:
    """The engine of this name; V203 for any other."""
    if name not in ENGINES:
        raise Refused(Refusal("V203", f"没有引擎 {name}", "引擎为 duckdb 或 spark", "engine"))
    return ENGINES[name]


def _month(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01") if text else None
    except ValueError as error:
        raise Refused(Refusal("V204", f"{text} 不是月份", "请写成 2021-03", "from/to")) from error


def watched(
    lake: Path, book: Rulebook, out: Path, engine: EngineName, months: tuple[date | None, date | None], limits: Limits
) -> Run:
    """Run with a bar that counts rules; the rules of one kind are done together, those without points find nothing."""
    of_kind: dict[str, list[str]] = {}
    for kind in book.kinds:
        of_kind[kind] = sorted({one.rule_id for one in book.points(kind)})
    total = sum(map(len, of_kind.values()))
    if waiting := sorted(set(book.rules) - {rule for rules in of_kind.values() for rule in rules}):
        console.print(f"{len(waiting)} rules have no points yet: {' '.join(waiting)}", highlight=False)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("rules", total=total)

        def done(kind: str, seconds: float) -> None:
            progress.console.print(f"{seconds:7.2f} s  {kind}: {' '.join(of_kind[kind])}", highlight=False)
            progress.advance(task, len(of_kind[kind]))

        return run_audit(lake, book, out, engine=engine, months=months, limits=limits, progress=done)


def show(run: Run, book: Rulebook, totals: list[RuleTotal]) -> None:
    """The findings by rule, greatest amount first."""
    console.print(f"run {run.run_id}: {run.findings:,} findings, rules {run.rulebook} {run.version}", highlight=False)
    table = Table()
    for title, side in (
        ("rule", "left"),
        ("name", "left"),
        ("severity", "left"),
        ("findings", "right"),
        ("yuan", "right"),
    ):
        table.add_column(title, justify=side)  # type: ignore[arg-type]
    for one in totals:
        name = book.rules[one.rule_id].name if one.rule_id in book.rules else ""
        table.add_row(one.rule_id, name, one.severity, f"{one.findings:,}", yuan_text(one.amount))
    console.print(table)
