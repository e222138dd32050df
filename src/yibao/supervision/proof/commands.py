"""`yibao audit prove`: are all known violations found, and nothing else?

    yibao audit prove --lake LAKE --rules trial --out OUT [--each 50] [--engine duckdb] [--report PAGE]

OUT gets the clone of the lake with the examples, what is expected (expected.json), the audit and the page.
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from yibao.core.errors import Refusal, Refused
from yibao.supervision.audit.engines import EngineName, Limits
from yibao.supervision.proof.results import Result, report, results_of
from yibao.supervision.rulebook import Rulebook

console = Console(stderr=True)


def register(app: typer.Typer) -> None:
    """Add the command to `yibao audit`."""
    app.command("prove")(prove_command)


def prove_command(
    lake: Annotated[Path, typer.Option(help="Folder of the lake; it is not changed.", exists=True, file_okay=False)],
    out: Annotated[Path, typer.Option(help="New folder for the clone, the audit and the page.")],
    rules: Annotated[str, typer.Option(metavar="PROFILE", help="Profile of rules.")] = "trial",
    area: Annotated[str, typer.Option(help="The city whose profile it is.")] = "huaibei",
    each: Annotated[int, typer.Option(min=1, help="Violations, and look-alikes, of every kind at least.")] = 50,
    engine: Annotated[str, typer.Option(help="duckdb or spark.")] = "duckdb",
    page: Annotated[Path | None, typer.Option("--report", help="Write the page here too.")] = None,
    memory: Annotated[str, typer.Option(help="What the engine may take.")] = "2GB",
    threads: Annotated[int, typer.Option(help="Threads of the engine.")] = 2,
) -> None:
    """Inject known violations and look-alikes into a clone of a lake, audit it, and say what was found."""
    from yibao.supervision.audit.commands import engine_named, rulebook_of

    book = rulebook_of(area, rules, None)
    results = prove(lake, book, out, each=each, engine=engine_named(engine), limits=Limits(memory, threads))
    text = report(results, lake=described(lake), rules=rules, engine=engine, seconds=audited_in(out))
    for file in (out / "supervision-proof.md", page):
        if file:
            file.write_text(text, "utf-8")
    show(results)
    if any(one.severity == "violation" and not one.proved for one in results):
        raise typer.Exit(1)


def prove(
    lake: Path,
    book: Rulebook,
    out: Path,
    *,
    each: int = 50,
    engine: EngineName = "duckdb",
    limits: Limits | None = None,
) -> list[Result]:
    """Inject into OUT/lake, audit into OUT/audit; results by rule.

    Killed during the audit, the same call goes on. Refused V210 when OUT/lake is a clone that was not finished.
    """
    import msgspec

    from yibao.supervision.audit.run import run_audit
    from yibao.supervision.proof.injection import Expected, inject

    kept = out / "expected.json"
    if not kept.exists():
        if (out / "lake").exists():
            raise Refused(Refusal("V210", f"{out} 里的注入没有做完", "请删除该目录或指定新的目录", "out"))
        kept.write_bytes(msgspec.json.encode(inject(lake, out / "lake", book, each)))
    expected = msgspec.json.decode(kept.read_bytes(), type=list[Expected])
    run_audit(out / "lake", book, out / "audit", engine=engine, limits=limits)
    return results_of(out / "audit", expected, book)


def described(lake: Path) -> str:
    """How large a lake is, in words: from its own files, not the clone's."""
    import pyarrow.parquet as pq

    counts = {
        name: sum(pq.read_metadata(one).num_rows for one in (lake / name).rglob("*.parquet"))
        for name in ("psn_info_d", "setl_d", "fee_list_d")
    }
    return f"{counts['psn_info_d']:,} persons, {counts['setl_d']:,} bills, {counts['fee_list_d']:,} lines"


def audited_in(out: Path) -> float:
    """Seconds of the proof's audit, also where it went on after a kill."""
    from yibao.supervision.audit.run import runs_of

    return sum(sum(one.seconds.values()) for one in runs_of(out / "audit"))


def show(results: list[Result]) -> None:
    """What is not as it should be, and how much is."""
    for one in results:
        if not one.proved:
            console.print(
                f"{one.rule_id} {one.kind} ({one.severity}): {one.found} of {one.injected} found, "
                f"{one.hit} of {one.alike} look-alikes hit, {one.hit_by_others} by others; "
                f"missed {' '.join(one.missed[:3])}; hit {'; '.join(one.wrongly_hit[:3])}",
                highlight=False,
            )
    console.print(f"{sum(one.proved for one in results)} of {len(results)} rules proved", highlight=False)
