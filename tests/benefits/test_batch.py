"""The batch must be the counter, a million times: same rules, same fen."""

import datetime
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from benchmarks.generated_visits import visits_table, with_rare_facts
from typer.testing import CliRunner

from tests.benefits.counter import settle_at_counter
from tests.benefits.packs import pack_of
from yibao.benefits import Pack, load_pack
from yibao.benefits.batch import Simulation, VisitsError, kinds, simulate, visits_of_table
from yibao.benefits.batch.settled import Settled
from yibao.benefits.batch.simulation import order_visits, settle
from yibao.benefits.batch.team import Team
from yibao.benefits.commands import benefits_app

ROOT = Path(__file__).parents[2]
WILD = Path(__file__).parent / "wild.yaml"
AREAS = ("suizhou", "jiujiang", "huaibei", "tongren")


def area_pack(area: str) -> Pack:
    return load_pack(ROOT / "areas" / area / "benefits")


def everything(count: int, seed: int = 5) -> Any:
    """Visits of 800 days in no order, 25 a person, with every fact; some stays are settled in several bills."""
    draw = np.random.default_rng(seed)
    table = with_rare_facts(visits_table(count, seed, days=800, per_person=25), seed)
    apart = (table["inscp_amt"].to_numpy() * draw.random(count) * 0.3).astype(np.int64)
    months = table["enddate"].cast(pa.string()).to_pylist()
    stays = [f"{person} {day[:7]}" for person, day in zip(table["psn_no"].to_pylist(), months, strict=True)]
    table = table.append_column("apart", pa.array(apart)).append_column("mdtrt_id", pa.array(stays))
    table = table.append_column("mid_setl_flag", pa.array(draw.choice(["0", "1"], count, p=(0.7, 0.3))))
    return table.take(pa.array(draw.permutation(count)))


def settle_in_batch(pack: Pack, table: Any) -> Settled:
    visits = visits_of_table(table, pack.portions)
    with Team(2) as team:
        return settle(pack, order_visits(visits, (pack,), (), team), team, with_detail=True)


def differences(pack: Pack, table: Any) -> tuple[list[str], set[str], set[str]]:
    """Rows where batch and counter differ, the layers that paid something, and the refusals met."""
    settled, names, found, busy, refusals = settle_in_batch(pack, table), list(pack.layers), [], set(), set()
    for row, outcome in settle_at_counter(pack, table):
        if outcome.refusal:
            refusals.add(outcome.refusal.code)
        expected = np.zeros(settled.detail.shape[1:], np.int64)
        for layer, done in zip(outcome.plan.layers if outcome.plan else (), outcome._out, strict=True):
            if not layer.account:
                expected[names.index(layer.name)] = done
                busy |= {layer.name} if any(done) else set()
        got = settled.detail[row] * np.array([[not pack.layers[name].account] for name in names])
        if (got != expected).any():
            found.append(f"row {row}: {[names[k] for k in np.flatnonzero((got != expected).any(axis=1))]}")
    return found, busy, refusals


@pytest.mark.parametrize("area", ["suizhou", "jiujiang"])
def test_batch_and_counter_agree_on_every_number_of_every_layer_of_a_real_pack(area: str) -> None:
    pack = area_pack(area)
    found, busy, _ = differences(pack, everything(5000))
    assert not found
    assert {"employee_outpatient", "employee_inpatient", "resident_inpatient", "serious_illness", "aid"} <= busy


def test_batch_and_counter_agree_under_a_pack_that_uses_the_whole_vocabulary() -> None:
    pack = load_pack(WILD)
    found, busy, refusals = differences(pack, everything(5000))
    assert not found
    assert busy == {name for name, layer in pack.layers.items() if not layer.account}
    assert refusals == {"third_party", "third_admission"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", [WILD, *[ROOT / "areas" / area / "benefits" for area in AREAS]], ids=lambda it: it.parts[-2]
)
def test_batch_and_counter_agree_on_100_000_visits(path: Path) -> None:
    assert not differences(load_pack(path), everything(100_000, seed=11))[0]


@pytest.mark.parametrize("pack", [WILD, ROOT / "areas" / "tongren" / "benefits"], ids=["wild", "tongren"])
def test_a_pack_against_itself_changes_nothing(pack: Path) -> None:
    pack_a, pack_b = load_pack(pack), load_pack(pack)
    result = simulate(pack_a, pack_b, visits_of_table(everything(3000), pack_a.portions))
    assert result.visits == 3000
    for group in (result.everybody, *result.groups):
        assert group.difference == group.better == group.worse == group.largest_relief == group.largest_extra == 0
        assert group.people == group.unchanged > 0
        assert all(layer.difference == 0 for layer in group.layers)


def test_groups_add_up_to_everybody() -> None:
    table = everything(3000)
    result = simulate(area_pack("suizhou"), area_pack("jiujiang"), visits_of_table(table), by=("year", "tags", "care"))
    for name in ("visits", "total", "fund_a", "fund_b", "difference", "burden_a", "burden_b"):
        assert sum(getattr(group, name) for group in result.groups) == getattr(result.everybody, name)
    assert result.everybody.total == sum(table["medfee_sumamt"].to_pylist())
    for group in result.groups:
        assert group.total == group.fund_a + group.burden_a == group.fund_b + group.burden_b
        assert sum(layer.fund_a for layer in group.layers) == group.fund_a
        assert group.people == group.better + group.worse + group.unchanged


def test_neither_threads_nor_the_order_of_the_file_nor_dense_numbers_change_the_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table, packs = everything(2000), (area_pack("jiujiang"), area_pack("huaibei"))
    result = simulate(*packs, visits_of_table(table), threads=1)
    times = [(row["setl_time"], row["setl_id"]) for row in table.to_pylist()]
    assert len(set(times)) == 2000
    sorted_by_time = table.sort_by("setl_time")
    assert simulate(*packs, visits_of_table(sorted_by_time), threads=3) == result
    monkeypatch.setattr(kinds, "DENSE", 50)
    assert simulate(*packs, visits_of_table(table), threads=2) == result


BY_HAND = [  # person, day, in scope, full self-pay (fen)
    ("P1", "2023-01-10", 150000, 10000),
    ("P1", "2023-03-05", 450000, 0),
    ("P1", "2024-02-01", 90000, 0),
    ("P2", "2023-05-01", 100000, 0),
    ("P2", "2023-06-01", 250000, 0),
    ("P2", "2023-07-01", 40000, 0),
]
PEOPLE = {"P1": ("310", "1101", ""), "P2": ("390", "1501", "低保")}


def hand_table() -> Any:
    rows = [
        {"psn_no": person, "insutype": PEOPLE[person][0], "psn_type": PEOPLE[person][1], "tags": PEOPLE[person][2],
         "med_type": "21", "enddate": datetime.date.fromisoformat(day), "inscp_amt": scope, "fulamt_ownpay_amt": own}
        for person, day, scope, own in BY_HAND
    ]  # fmt: skip
    return pa.Table.from_pylist(rows)


def hand_pack(deductible: int, percent: int) -> Pack:
    return pack_of(
        f"""
        basic: {{title: 统筹, base: [in_scope], deductible: {deductible}, percent: {percent}, caps: [{{limit: 3000}}]}}
        aid: {{title: 救助, when: {{tags: 低保}}, base: [basic.deductible, basic.copay], percent: 50}}
        """
    )


def test_six_visits_computed_by_hand() -> None:
    """A: deductible 500, 70 %; B: deductible 300, 60 %; both at most 3000 a year, aid pays half of what 低保 keep.

    P1 2023  A 700 + 2300 (2800 stopped by the cap)    B 720 + 2280 (2520 stopped)      3000 and 3000: unchanged
    P1 2024  A 280                                     B 360                            80 less to bear
    P2 2023  A 350 + 325, 1400 + 550, 0 + 200 = 2825   B 420 + 290, 1320 + 590, 60 + 170 = 2850: 25 less to bear
    """
    result = simulate(hand_pack(500, 70), hand_pack(300, 60), visits_of_table(hand_table()))
    everybody = result.everybody
    assert (everybody.total, everybody.fund_a, everybody.fund_b) == (1090000, 610500, 621000)
    assert (everybody.people, everybody.better, everybody.worse, everybody.unchanged) == (3, 2, 0, 1)
    assert (everybody.mean_relief, everybody.largest_relief) == (5250, 8000)
    assert [(it.name, it.fund_a, it.fund_b) for it in everybody.layers] == [
        ("basic", 503000, 516000), ("aid", 107500, 105000)
    ]  # fmt: skip
    by_group = {group.group: (group.fund_a, group.fund_b, group.burden_b) for group in result.groups}
    assert by_group == {
        ("职工基本医疗保险", "在职", "无"): (328000, 336000, 364000),
        ("城乡居民基本医疗保险", "成年居民", "低保"): (282500, 285000, 105000),
    }
    back = simulate(hand_pack(300, 60), hand_pack(500, 70), visits_of_table(hand_table())).everybody
    assert (back.better, back.worse, back.mean_extra, back.largest_extra) == (0, 2, 5250, 8000)


def test_a_cancelled_settlement_is_left_out_with_the_one_that_cancels_it() -> None:
    rows = hand_table().to_pylist()
    for number, row in enumerate(rows):
        row |= {"setl_id": f"S{number}", "init_setl_id": None}
    wrong = rows[0] | {"setl_id": "S8", "inscp_amt": 999900}
    cancelling = wrong | {"setl_id": "S9", "init_setl_id": "S8", "inscp_amt": -999900}
    packs = hand_pack(500, 70), hand_pack(300, 60)
    with_pair = simulate(*packs, visits_of_table(pa.Table.from_pylist([wrong, *rows[:3], cancelling, *rows[3:]])))
    assert with_pair.left_out == 2
    assert with_pair.groups == simulate(*packs, visits_of_table(hand_table())).groups


def test_tags_may_be_a_list_or_text() -> None:
    table = everything(800)
    lists = pa.array([[tag for tag in text.split(";") if tag] for text in table["tags"].to_pylist()])
    packs = area_pack("suizhou"), area_pack("jiujiang")
    place = table.column_names.index("tags")
    as_lists = simulate(*packs, visits_of_table(table.set_column(place, "tags", lists)))
    assert as_lists == simulate(*packs, visits_of_table(table))


def simulated(table: Any) -> Simulation:
    return simulate(hand_pack(500, 70), hand_pack(300, 60), visits_of_table(table))


def test_a_file_without_what_is_needed_is_refused_with_every_fault() -> None:
    table = hand_table().drop_columns(["psn_type", "enddate"])
    table = table.set_column(table.column_names.index("inscp_amt"), "inscp_amt", pa.array([1.5] * 6))
    with pytest.raises(VisitsError) as refused:
        simulated(table)
    assert refused.value.problems == (
        "visits: column psn_type (text or an integer) is missing",
        "visits: column setl_time (a time) or enddate (a date) is missing",
        "visits: column inscp_amt must be a 64-bit integer of fen, it is double",
    )


def test_an_empty_value_where_one_is_needed_is_refused_with_the_number_of_rows() -> None:
    rows = hand_table().to_pylist()
    rows[2]["insutype"] = rows[4]["insutype"] = None
    with pytest.raises(VisitsError, match="column insutype is empty in 2 rows"):
        simulated(pa.Table.from_pylist(rows))


def test_a_total_that_is_not_the_sum_of_its_parts_is_reported() -> None:
    rows = [row | {"medfee_sumamt": row["inscp_amt"]} for row in hand_table().to_pylist()]
    assert "1 rows: the parts do not add up" in simulated(pa.Table.from_pylist(rows)).warnings[0]


def test_an_unknown_value_of_a_fact_is_refused_with_the_known_ones() -> None:
    rows = [row | {"transfer": "upwards"} for row in hand_table().to_pylist()]
    with pytest.raises(VisitsError, match="column transfer holds upwards, which is none of none, up, down, same"):
        simulated(pa.Table.from_pylist(rows))


def test_the_counter_needs_neither_arrays_nor_a_compiler() -> None:
    code = "import sys, yibao.benefits; print(*{'numba', 'numpy', 'pyarrow'} & sys.modules.keys())"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == ""


def test_visits_that_a_pack_does_not_pay_are_counted_by_reason() -> None:
    rows = hand_table().to_pylist()
    for number, row in enumerate(rows):
        row["ttp_pay_flag"] = "1" if number in (1, 3) else "0"
    refusing = pack_of(
        "basic: {title: 统筹, base: [in_scope], percent: 60}",
        "refusals: [{code: third_party, when: {third_party: true}, message: 由责任方承担}]",
    )
    result = simulate(refusing, hand_pack(500, 70), visits_of_table(pa.Table.from_pylist(rows)))
    assert [(it.code, it.example, it.visits) for it in result.pack_a.refused] == [("third_party", "由责任方承担", 2)]
    assert not result.pack_b.refused


@pytest.fixture(scope="module")
def visits_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the lake with two months."""
    folder = tmp_path_factory.mktemp("lake")
    table = visits_table(2000)
    for month, rows in ((1, table.slice(0, 900)), (2, table.slice(900))):
        part = folder / "setl_d" / "year=2023" / f"month={month:02d}"
        part.mkdir(parents=True)
        pq.write_table(rows, part / "part.parquet")
    return folder / "setl_d"


def run_command(*words: str | Path) -> Any:
    packs = ("--pack", ROOT / "areas" / "suizhou" / "benefits", "--against", ROOT / "areas" / "jiujiang" / "benefits")
    return CliRunner().invoke(benefits_app, ["simulate", *map(str, (*packs, *words))])


def test_the_command_reads_a_folder_of_the_lake_and_writes_tables(visits_file: Path, tmp_path: Path) -> None:
    told = run_command(visits_file, "--out", tmp_path, "--by", "insurance,care", "--by", "year", "--json")
    assert told.exit_code == 0, told.output
    answer = json.loads(told.stdout)
    assert answer["by"] == ["insurance", "care", "year"]
    assert answer["everybody"]["visits"] == 2000
    groups = pq.read_table(tmp_path / "groups.parquet").to_pylist()
    assert len(groups) == len(answer["groups"]) + 1
    assert groups[-1]["insurance"] == "全部"
    assert groups[-1]["fund_b"] == answer["everybody"]["fund_b"] == sum(row["fund_b"] for row in groups[:-1])
    layers = pq.read_table(tmp_path / "layers.parquet").to_pylist()
    assert sum(row["fund_a"] for row in layers[: -len(answer["everybody"]["layers"])]) == groups[-1]["fund_a"]
    assert (tmp_path / "groups.csv").read_text("utf-8-sig").startswith("insurance,care,year,visits,total,fund_a")


def test_the_command_shows_groups_people_and_layers_in_chinese(visits_file: Path) -> None:
    told = run_command(visits_file)
    assert told.exit_code == 0, told.output
    for text in ("各人群的费用（元）", "减负", "各待遇层的基金支付", "居民大病保险", "就诊 2,000 人次"):
        assert text in told.output


@pytest.mark.parametrize(
    ("words", "text"),
    [(["nowhere.parquet"], "not a Parquet file"), (["{file}", "--by", "shoe_size"], "no group is called shoe_size")],
)
def test_a_call_that_cannot_work_exits_with_2_and_says_why(visits_file: Path, words: list[str], text: str) -> None:
    told = run_command(*[word.format(file=visits_file) for word in words])
    assert told.exit_code == 2
    assert text in told.output
