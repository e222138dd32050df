"""The work of `yibao benefits simulate`: read, simulate with progress, show and write."""

import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from yibao.benefits.batch.groups import DEFAULT_GROUPS, GROUPS
from yibao.benefits.batch.reading import read_visits
from yibao.benefits.batch.report import as_json, show, write_files
from yibao.benefits.batch.result import Simulation
from yibao.benefits.batch.simulation import simulate
from yibao.benefits.pack import Pack
from yibao.benefits.reading import load_pack

WIDTH_OF_FILES = 160
"""Columns of the tables when they do not go to a terminal."""


def run_simulation(
    visits_file: Path, pack: Path, against: Path, out: Path | None, by: Sequence[str], to_json: bool
) -> None:
    """Simulate and print; `PackError` or `ValueError` (a `VisitsError` among them) when something cannot be used."""
    groups = tuple(name for text in by for name in text.split(",") if name) or DEFAULT_GROUPS
    unknown = [name for name in groups if name not in GROUPS]
    if unknown:
        raise ValueError(f"--by: no group is called {', '.join(unknown)} (there are: {', '.join(GROUPS)})")
    pack_a, pack_b = load_pack(pack), load_pack(against)
    result = _with_progress(visits_file, pack_a, pack_b, groups)
    if out:
        for file in write_files(result, out):
            print(f"wrote {file}", file=sys.stderr)
    if to_json:
        print(as_json(result))
    else:
        show(result, Console(width=None if sys.stdout.isatty() else WIDTH_OF_FILES))


def _with_progress(visits_file: Path, pack_a: Pack, pack_b: Pack, groups: Sequence[str]) -> Simulation:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(f"reading {visits_file.name}", total=None)
        visits = read_visits(visits_file, (pack_a, pack_b))
        progress.update(task, description=f"settling {len(visits):,} visits twice")
        return simulate(
            pack_a, pack_b, visits, groups, lambda done, of: progress.update(task, completed=done, total=of)
        )
