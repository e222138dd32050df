"""Command line of the benefits area: `yibao benefits evaluate | check | simulate`, `yibao policy schema`.

Exit codes: 0 all right, 1 a case fails, 2 a pack or case cannot be used (each problem as file:line: key: message).
"""

import json
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import msgspec
import typer

from yibao.benefits.case import CaseRun, load_case, run_case
from yibao.benefits.case_schema import case_schema
from yibao.benefits.document import PackError
from yibao.benefits.explain import explain
from yibao.benefits.outcome import Outcome
from yibao.benefits.reading import load_pack
from yibao.benefits.schema import pack_schema

benefits_app = typer.Typer(help="Evaluate bills, check cases, simulate changes of a pack.", no_args_is_help=True)
policy_app = typer.Typer(help="The vocabulary of policy packs as JSON Schema.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print JSON (amounts in fen).")]


@benefits_app.command("evaluate")
def evaluate_command(
    case_file: Annotated[
        Path, typer.Argument(metavar="CASE.yaml", help="Bills of one person, as docs/policy-pack.md says.")
    ],
    pack: Annotated[Path | None, typer.Option(help="Pack (file or folder) to use instead of the case's own.")] = None,
    as_json: Json = False,
) -> None:
    """Settle the bills of a case and explain each."""
    try:
        chosen = load_pack(pack) if pack else None
        case = load_case(case_file, chosen)
        run = run_case(case)
    except PackError as error:
        _refuse(error)
    if as_json:
        typer.echo(json.dumps(_run_json(run), ensure_ascii=False, indent=2))
    else:
        typer.echo("\n\n".join([case.title, *[explain(outcome).text() for outcome in run.outcomes]]))


@benefits_app.command("check")
def check_command(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Case files, packs, or folders of them.")],
    as_json: Json = False,
) -> None:
    """Run every case and check every pack below the paths."""
    runs, faults = _run_all(paths)
    failed = [run for run in runs if run.differences]
    if as_json:
        typer.echo(json.dumps(_check_json(runs, faults), ensure_ascii=False, indent=2))
    else:
        for run in failed:
            typer.echo(f"FAILED {run.case.title}")
            for difference in run.differences:
                typer.echo(f"  {difference}")
        for fault in faults:
            typer.echo(fault, err=True)
        if not runs and not faults:
            typer.echo("no cases; the pack is valid")
        typer.echo(f"{len(runs) - len(failed)} passed, {len(failed)} failed")
    raise typer.Exit(2 if faults else 1 if failed else 0)


@benefits_app.command("simulate")
def simulate_command(
    visits_file: Annotated[Path, typer.Argument(metavar="VISITS.parquet", help="Settled visits with lake columns.")],
    pack: Annotated[Path, typer.Option(help="Pack A (file or folder): the policy as it is.")],
    against: Annotated[Path, typer.Option(help="Pack B: the policy to compare with.")],
    out: Annotated[Path | None, typer.Option(help="Folder for groups and layers as Parquet and CSV.")] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(help="Facts or year; repeat, or join by commas. Default: insurance,status,tags.", metavar="GROUP"),
    ] = None,
    as_json: Json = False,
) -> None:
    """What another policy changes for the funds and for people, over many visits."""
    try:
        from yibao.benefits.batch.command import run_simulation  # arrays and compiler: loaded only when needed
    except ModuleNotFoundError as error:
        _refuse(ValueError(f"yibao benefits simulate needs {error.name}: pip install 'yibao[analysis]'"))
    try:
        run_simulation(visits_file, pack, against, out, by or (), as_json)
    except (PackError, ValueError) as error:
        _refuse(error)


@policy_app.command("schema")
def schema_command(
    case: Annotated[bool, typer.Option("--case", help="The schema of a case file instead of a pack.")] = False,
) -> None:
    """Print the JSON Schema of a policy pack."""
    typer.echo(json.dumps(case_schema() if case else pack_schema(), ensure_ascii=False, indent=2))


def _run_all(paths: list[Path]) -> tuple[list[CaseRun], list[str]]:
    """Run the cases and load the packs found; problems of either are texts."""
    runs: list[CaseRun] = []
    faults: list[str] = []
    for file in _files(paths):
        try:
            if _is_case(file):
                runs.append(run_case(load_case(file)))
            else:
                load_pack(file)
        except PackError as error:
            faults += [str(problem) for problem in error.problems]
    return runs, list(dict.fromkeys(faults))


def _files(paths: list[Path]) -> list[Path]:
    """The case files below the paths; below a folder without any, its packs."""
    found: list[Path] = []
    for path in paths:
        cases = [file for file in sorted(path.rglob("*.yaml")) if _is_case(file)] if path.is_dir() else []
        found += cases or _packs(path)
    return list(dict.fromkeys(found))


def _packs(path: Path) -> list[Path]:
    """The packs below a path: a folder with one `area:` is one pack, else each file with its own is one."""
    heads = [file for file in sorted(path.rglob("*.yaml")) if _begins(file, "area:")] if path.is_dir() else []
    folders = [head.parent for head in heads]
    return [head.parent if folders.count(head.parent) == 1 else head for head in heads] or [path]


def _is_case(file: Path) -> bool:
    """A case is a file that has a `title` at its top; a pack has none."""
    return file.is_file() and _begins(file, "title:")


def _begins(file: Path, key: str) -> bool:
    return any(line.startswith(key) for line in file.read_text(encoding="utf-8", errors="replace").splitlines())


def _outcome_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "explanation": msgspec.to_builtins(explain(outcome)), "totals": msgspec.to_builtins(outcome.totals),
        "lines": [line._asdict() for line in outcome.lines], "accumulator_deltas": dict(outcome.deltas),
        "account_payments": dict(outcome.account_payments),
    }  # fmt: skip


def _run_json(run: CaseRun) -> dict[str, Any]:
    return {
        "title": run.case.title, "file": str(run.case.path), "bills": [_outcome_json(it) for it in run.outcomes],
        "accumulators": run.accumulators, "differences": [str(difference) for difference in run.differences],
    }  # fmt: skip


def _check_json(runs: list[CaseRun], faults: list[str]) -> dict[str, Any]:
    failed = {str(run.case.path): [str(it) for it in run.differences] for run in runs if run.differences}
    return {"passed": len(runs) - len(failed), "failed": len(failed), "differences": failed, "faults": faults}


def _refuse(error: Exception) -> NoReturn:
    print(error, file=sys.stderr)
    raise typer.Exit(2)
