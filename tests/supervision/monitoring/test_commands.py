"""The commands of monitoring on a small lake, and what they say when something is missing."""

import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from yibao import cli
from yibao.supervision.monitoring.definitions import definitions_of
from yibao.supervision.monitoring.indicators import indicators_of, write_rows
from yibao.supervision.monitoring.scoring import score_lake
from yibao.supervision.world import World

pq = pytest.importorskip("pyarrow.parquet", reason="the extra `analysis` is not installed")
pa = pytest.importorskip("pyarrow")
pytest.importorskip("pyod")
MARCH = date(2021, 3, 1)


def lake(folder: Path, world: World) -> Path:
    """The world as files; its bills of March."""
    for name, table in world.tables().items():
        if name == "setl_d":
            for column in ("hifp_pay", "psn_pay", "fulamt_ownpay_amt"):
                table = table.append_column(column, pa.array([0] * table.num_rows, pa.int64()))
        monthly = name not in ("psn_info_d", "fixmedins_d")
        target = folder / name / ("year=2021/month=03" if monthly else "")
        target.mkdir(parents=True)
        pq.write_table(table, target / "part-00000.parquet")
    return folder


def busy(**known: Any) -> World:
    world = World()
    for day in range(1, 29):
        world.visit("A", f"2021-03-{day:02d} 09:00", **known)
    return world


def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    monkeypatch.setattr(sys, "argv", ["yibao", "audit", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    return capsys.readouterr().err


def test_scores_before_indicators_are_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    heard = said(monkeypatch, capsys, "scores", "--out", str(tmp_path))
    assert "V603" in heard
    assert len(heard.strip().splitlines()) == 1


def test_a_month_that_the_lake_has_not_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = lake(tmp_path / "lake", busy())
    for words in (("indicators",), ("scores",)):
        if words == ("scores",):
            indicators_of(folder, tmp_path / "out", definitions_of("340600"))
        heard = said(
            monkeypatch, capsys, *words, "--lake", str(folder), "--out", str(tmp_path / "out"), "--month", "2019-01"
        )
        assert "V607" in heard


def test_rows_of_an_earlier_run_do_not_stay_when_there_are_none_now(tmp_path: Path) -> None:
    write_rows([{"a": 1}], tmp_path / "rows.parquet")
    write_rows([], tmp_path / "rows.parquet")
    assert not (tmp_path / "rows.parquet").exists()


def test_institutions_of_other_cities_are_neither_judged_nor_peers(tmp_path: Path) -> None:
    folder = lake(tmp_path / "lake", busy())
    file = folder / "fixmedins_d/part-00000.parquet"
    table = pq.read_table(file)
    away = pa.array(["310101"] * table.num_rows, table.schema.field("admdvs").type)
    pq.write_table(table.set_column(table.schema.get_field_index("admdvs"), "admdvs", away), file)
    counts = indicators_of(folder, tmp_path / "out", definitions_of("340600"), (MARCH, MARCH))
    assert counts["institution"] == 0


def test_persons_of_a_lake_are_scored_by_month_and_a_usual_one_is_not_listed(tmp_path: Path) -> None:
    world = busy()
    for person in "BCDEFG":
        for day in (3, 9, 20):
            world.visit(person, f"2021-03-{day:02d} 09:00")
    folder = lake(tmp_path / "lake", world)
    assert score_lake(folder, tmp_path / "out", MARCH, 10) == 1
    row = pq.read_table(tmp_path / "out/scores/person.parquet").to_pylist()[0]
    assert (row["subject"], row["place"], row["kind"]) == ("A", 1, "person")
    assert "person_visits" in row["contributions"]
