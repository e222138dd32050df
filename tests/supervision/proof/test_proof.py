"""The proof: examples put beside a city's care are found, and their look-alikes are not."""

from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from tests.supervision.audit.lakes import write_lake
from yibao.core.errors import Refused
from yibao.simulate.commands import city_app
from yibao.supervision.kinds import all_kinds
from yibao.supervision.kinds.item_allowed import ItemAllowed
from yibao.supervision.profiles import load_rulebook
from yibao.supervision.proof.commands import prove
from yibao.supervision.proof.injection import Expected, clone, inject
from yibao.supervision.proof.results import Result, report
from yibao.supervision.rulebook import Rulebook
from yibao.supervision.tables import TABLES
from yibao.supervision.world import World

FEW = ("item_allowed", "exclusive_pair", "stay_overlap", "bed_occupancy", "upcoding_hint")
"""A kind for each sort of subject: line, pair, person, institution, bill."""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two ordinary visits."""
    world, folder = World(), tmp_path_factory.mktemp("lake") / "lake"
    for day in ("2021-01-01", "2021-03-01"):
        visit = world.visit("A", day)
        world.line(visit, "ORDINARY", f"{day} 09:00")
        world.operate(visit, "39.9500", visit.begntime.date())
    write_lake(world, folder)
    return folder


@pytest.fixture(scope="module")
def book() -> Rulebook:
    """The trial profile, of a few kinds."""
    whole = load_rulebook("huaibei", "trial", ())
    rules = [one for one in whole.rules.values() if one.kind in FEW]
    return Rulebook("trial", "few", rules, {kind: whole.points(kind).all for kind in FEW})


def test_every_kind_has_examples_of_both_sorts() -> None:
    from yibao.supervision.proof.injection import _examples

    assert [kind for kind in all_kinds() if _examples(kind) is None] == []


def test_all_violations_are_found_and_no_look_alike_is_hit(lake: Path, book: Rulebook, tmp_path: Path) -> None:
    results = prove(lake, book, tmp_path / "out", each=4)
    assert {one.kind for one in results} == set(FEW)
    assert [one.rule_id for one in results if not one.proved] == []
    expected = msgspec.json.decode((tmp_path / "out/expected.json").read_bytes(), type=list[Expected])
    assert sum(len(one.violations) for one in expected) == sum(one.found for one in results)
    assert prove(lake, book, tmp_path / "out") == results


def test_a_clone_that_was_not_finished_is_not_audited(lake: Path, book: Rulebook, tmp_path: Path) -> None:
    clone(lake, tmp_path / "out/lake")
    with pytest.raises(Refused, match="V210"):
        prove(lake, book, tmp_path / "out")


def test_a_kind_that_finds_nothing_is_not_proved(lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = load_rulebook("huaibei", "trial", ())
    rule = next(one for one in whole.rules.values() if one.kind == "item_allowed")
    other = ItemAllowed(rule_id=rule.rule_id, code="ANOTHER", sex="1")
    audited = Rulebook("trial", "other", [rule], {"item_allowed": [other]})
    monkeypatch.setattr(
        "yibao.supervision.proof.injection.inject",
        lambda lake, into, book, each: inject(lake, into, Rulebook("t", "v", [rule], {"item_allowed": [
            one for one in whole.points("item_allowed") if one.rule_id == rule.rule_id
        ]}), each),
    )  # fmt: skip
    [result] = prove(lake, audited, tmp_path / "out", each=2)
    assert (result.found, result.hit, result.proved) == (0, 0, False)
    assert result.missed != ()


def test_the_lake_itself_is_not_changed_and_the_clone_has_its_columns(
    lake: Path, book: Rulebook, tmp_path: Path
) -> None:
    before = {one: one.read_bytes() for one in lake.rglob("*.parquet")}
    inject(lake, tmp_path / "clone", book, 2)
    assert {one: one.read_bytes() for one in lake.rglob("*.parquet")} == before
    for table in TABLES.values():
        own = pq.read_schema(next((lake / table).rglob("*.parquet")))
        new = [pq.read_schema(one) for one in (tmp_path / "clone" / table).rglob("part-9*.parquet")]
        assert new or table == "setl_list_oprn_d"  # none of these kinds needs an operation
        assert all(one.equals(own) for one in new)


def test_a_clone_shares_the_files_of_the_lake(lake: Path, tmp_path: Path) -> None:
    clone(lake, tmp_path / "clone")
    file = next(lake.rglob("*.parquet"))
    assert (tmp_path / "clone" / file.relative_to(lake)).stat().st_ino == file.stat().st_ino


def test_the_page_tells_each_rule_in_a_row() -> None:
    result = Result("N67", "药品区分性别使用", "item_allowed", "violation", 50, 50, 50, 1, 0)
    text = report([result], lake="a city", rules="trial", engine="duckdb", seconds=3.2)
    assert "| N67 | 药品区分性别使用 | item_allowed | violation | 50 | 50 | 50 | 1 | 0 |" in text
    assert "\n0 rules found every violation" in text


@pytest.mark.slow
def test_every_rule_is_proved_beside_a_city_of_four_thousand(tmp_path: Path) -> None:
    build = ("build", "--area", "huaibei", "--people", "2000000", "--scale", "0.002", "--year", "2021", "--seed", "1")
    made = CliRunner().invoke(city_app, [*build, "--to", str(tmp_path / "lake"), "--processes", "1"])
    assert made.exit_code == 0
    results = prove(tmp_path / "lake", load_rulebook("huaibei", "trial", ()), tmp_path / "out", each=50)
    assert len(results) > 100
    assert all(one.injected >= 10 for one in results)
    assert [one.rule_id for one in results if not one.proved] == []
