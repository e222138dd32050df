"""Show a simulation to people (tables on the terminal) and to programs (JSON, Parquet, CSV)."""

import csv
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from yibao.benefits.batch.groups import group_label
from yibao.benefits.batch.result import GroupChange, Simulation
from yibao.core.money import yuan_text

MOST_GROUPS = 30
"""Groups that the terminal shows; files and JSON hold all of them."""


def show(result: Simulation, console: Console) -> None:
    """Tables: what each group's funds and burden change by, and what each layer does."""
    for name, used in (("A", result.pack_a), ("B", result.pack_b)):
        console.print(f"{name}  {used.area} {used.version}：{used.plans} 种待遇方案")
        for refused in used.refused:
            console.print(f"   不予支付 {refused.visits:,} 人次 [{refused.code}] 例：{refused.example}", markup=False)
    console.print(f"就诊 {result.visits:,} 人次，另有已撤销的结算 {result.left_out:,} 条未计入")
    console.print("个人负担 = 总费用 − 基金支付（个人账户支付的也在其中）")
    for warning in result.warnings:
        console.print(f"[yellow]{warning}[/yellow]")
    _group_table(result, "各人群的费用（元）", MONEY, console)
    _group_table(result, "各人群中受影响的人（按人按年，元）", PEOPLE, console)
    if len(result.groups) > MOST_GROUPS:
        console.print(f"另有 {len(result.groups) - MOST_GROUPS} 组未显示（--out 或 --json 全部给出）")
    console.print(_layer_table(result))


MONEY: dict[str, Callable[[GroupChange], str]] = {
    "人次": lambda it: f"{it.visits:,}",
    "基金 A": lambda it: yuan_text(it.fund_a),
    "基金 B": lambda it: yuan_text(it.fund_b),
    "差额": lambda it: yuan_text(it.difference),
    "个人 A": lambda it: yuan_text(it.burden_a),
    "个人 B": lambda it: yuan_text(it.burden_b),
}
PEOPLE: dict[str, Callable[[GroupChange], str]] = {
    "人数": lambda it: f"{it.people:,}",
    "减负": lambda it: f"{it.better:,}",
    "平均": lambda it: yuan_text(it.mean_relief),
    "最多": lambda it: yuan_text(it.largest_relief),
    "加重": lambda it: f"{it.worse:,}",
    "平均 ": lambda it: yuan_text(it.mean_extra),
    "最多 ": lambda it: yuan_text(it.largest_extra),
    "不变": lambda it: f"{it.unchanged:,}",
}


def _group_table(
    result: Simulation, title: str, columns: Mapping[str, Callable[[GroupChange], str]], console: Console
) -> None:
    table = Table(title=title, title_justify="left")
    for name in result.by:
        table.add_column(group_label(name), overflow="fold")
    for heading in columns:
        table.add_column(heading, justify="right", overflow="fold")
    for group in result.groups[:MOST_GROUPS]:
        table.add_row(*group.group, *[text(group) for text in columns.values()])
    table.add_section()
    names = ["全部", *[""] * len(result.by)][: len(result.by)]
    table.add_row(*names, *[text(result.everybody) for text in columns.values()], style="bold")
    console.print(table)


def _layer_table(result: Simulation) -> Table:
    table = Table(title="各待遇层的基金支付（元，全部人群）", title_justify="left")
    table.add_column("层", overflow="fold")
    for heading in ("基金 A", "基金 B", "差额"):
        table.add_column(heading, justify="right", overflow="fold")
    for layer in result.everybody.layers:
        table.add_row(layer.title, yuan_text(layer.fund_a), yuan_text(layer.fund_b), yuan_text(layer.difference))
    return table


def as_json(result: Simulation) -> str:
    """The whole result as JSON; amounts in fen."""
    return msgspec.json.format(msgspec.json.encode(result), indent=2).decode()


def write_files(result: Simulation, folder: Path) -> list[Path]:
    """Write groups and layers as Parquet and CSV, and everything as JSON; returns the files. Amounts in fen."""
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / "simulation.json"]
    written[0].write_text(as_json(result) + "\n", encoding="utf-8")
    for name, rows in (("groups", list(_group_rows(result))), ("layers", list(_layer_rows(result)))):
        written += [folder / f"{name}.parquet", folder / f"{name}.csv"]
        pq.write_table(pa.Table.from_pylist(rows), written[-2])
        with written[-1].open("w", encoding="utf-8-sig", newline="") as file:  # the mark lets Excel read Chinese
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return written


def _rows(result: Simulation) -> Iterator[tuple[dict[str, Any], GroupChange]]:
    """Each group with the columns that name it; the row of everybody, where each is 全部, comes last."""
    for group in result.groups:
        yield dict(zip(result.by, group.group, strict=True)), group
    yield dict.fromkeys(result.by or ("group",), "全部"), result.everybody


def _group_rows(result: Simulation) -> Iterator[dict[str, Any]]:
    for names, group in _rows(result):
        values = msgspec.to_builtins(group)
        yield names | {key: value for key, value in values.items() if key not in ("group", "layers")}


def _layer_rows(result: Simulation) -> Iterator[dict[str, Any]]:
    for names, group in _rows(result):
        for layer in group.layers:
            values = msgspec.to_builtins(layer)
            yield names | {"layer": values.pop("name")} | values
