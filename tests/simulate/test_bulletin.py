"""The arithmetic of the bulletin, on a lake written by hand."""

import datetime
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from yibao.cli import app
from yibao.core.config import ConfigurationError
from yibao.simulate.bulletin import Published, bulletin, figures, published_of

OURS, THEIRS = "340602", "341302"
BILL = {
    "insutype": "390", "insu_admdvs": OURS, "fixmedins_code": "H34060200001", "med_type": "11", "month": 1,
    "medfee_sumamt": 0, "inscp_amt": 0, "hifp_pay": 0, "hifmi_pay": 0, "maf_pay": 0, "serious_fees": 0,
    "init_setl_id": None,
}  # fmt: skip


def written(folder: Path, *bills: dict[str, Any]) -> Path:
    """A lake with these bills, five enrolled residents, one who is not, an employee and somebody insured elsewhere."""
    rows = [{**BILL, **bill} for bill in bills]
    table = {name: [row[name] for row in rows] for name in BILL if name != "month"}
    table["setl_time"] = [datetime.datetime(2021, row["month"], 15) for row in rows]
    for month in {row["month"] for row in rows}:
        here = [number for number, row in enumerate(rows) if row["month"] == month]
        part = pa.table({**table, "init_setl_id": pa.array(table["init_setl_id"], pa.string())}).take(here)
        file = folder / "setl_d" / "year=2021" / f"month={month:02d}" / "part-0.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(part, file)
    persons = [("390", OURS)] * 5 + [(None, OURS), ("310", OURS), (None, None), ("390", THEIRS)]
    (folder / "psn_info_d").mkdir()
    table = pa.table({
        "insutype": pa.array([person[0] for person in persons], pa.string()),
        "insu_admdvs": pa.array([person[1] for person in persons], pa.string()),
    })  # fmt: skip
    pq.write_table(table, folder / "psn_info_d" / "part-0.parquet")
    return folder


def test_the_rate_counts_those_who_should_be_enrolled_here(tmp_path: Path) -> None:
    found = figures(written(tmp_path, {}), "340600", "2021-01", "2021-01")
    assert (found["residents"], found["enrolment_rate"]) == (5, 8333)


def test_ratios_are_of_fees_in_scope_and_only_of_residents(tmp_path: Path) -> None:
    lake = written(
        tmp_path,
        {"med_type": "2101", "inscp_amt": 1000_00, "hifp_pay": 700_00},
        {"med_type": "52", "inscp_amt": 1000_00, "hifp_pay": 800_00},
        {"med_type": "2101", "inscp_amt": 1000_00, "hifp_pay": 900_00, "insutype": "310"},
        {"med_type": "11", "inscp_amt": 100_00, "hifp_pay": 50_00},
        {"med_type": "13", "inscp_amt": 100_00, "hifp_pay": 40_00},
        {"med_type": "14", "inscp_amt": 100_00, "hifp_pay": 60_00},
    )
    found = figures(lake, "340600", "2021-01", "2021-01")
    assert (found["inpatient_ratio"], found["outpatient_ratio"]) == (7500, 4500)
    assert found["resident_fund"] == 1650_00


def test_serious_illness_and_aid_count_settlements_that_paid(tmp_path: Path) -> None:
    lake = written(
        tmp_path,
        {"med_type": "2101", "hifmi_pay": 600, "serious_fees": 1000, "maf_pay": 50},
        {"med_type": "14", "hifmi_pay": 700, "serious_fees": 1000},
        {"med_type": "14", "maf_pay": 7},
        {"med_type": "2101"},
    )
    found = figures(lake, "340600", "2021-01", "2021-01")
    assert (found["serious_times"], found["serious_fund"], found["serious_ratio"]) == (2, 1300, 6500)
    assert (found["aid_times"], found["aid_fund"]) == (2, 57)
    assert (found["aid_stay_times"], found["aid_stay_fund"]) == (1, 50)
    assert (found["aid_outpatient_times"], found["aid_outpatient_fund"]) == (1, 7)


def test_away_counts_both_directions(tmp_path: Path) -> None:
    lake = written(
        tmp_path,
        {"medfee_sumamt": 5, "fixmedins_code": "H34010400001"},
        {"medfee_sumamt": 7, "insu_admdvs": THEIRS, "hifp_pay": 3},
        {"medfee_sumamt": 11, "fixmedins_code": "H34062100001"},
    )
    found = figures(lake, "340600", "2021-01", "2021-01")
    assert (found["away_times"], found["away_total"], found["resident_fund"]) == (2, 12, 0)


def test_a_cancelled_bill_is_taken_off(tmp_path: Path) -> None:
    aid = {"med_type": "2101", "maf_pay": 50, "hifp_pay": 100}
    lake = written(tmp_path, aid, {"med_type": "2101", "maf_pay": -50, "hifp_pay": -100, "init_setl_id": "S1"})
    found = figures(lake, "340600", "2021-01", "2021-01")
    assert (found["aid_times"], found["aid_fund"], found["resident_fund"]) == (0, 0, 0)


def test_only_the_months_asked_for_count(tmp_path: Path) -> None:
    lake = written(tmp_path, {"hifp_pay": 1}, {"hifp_pay": 10, "month": 2}, {"hifp_pay": 100, "month": 12})
    assert figures(lake, "340600", "2021-01", "2021-02")["resident_fund"] == 11
    with pytest.raises(ConfigurationError, match="no settlements"):
        figures(lake, "340600", "2021-03", "2021-11")


def test_published_totals_are_scaled_to_the_people_of_the_lake(tmp_path: Path) -> None:
    lake = written(tmp_path, {"hifp_pay": 4_000_00, "inscp_amt": 8_000_00})
    (lake / "about.json").write_text(json.dumps({"people": 10}), encoding="utf-8")
    published = published_of("huaibei")
    rows = {row.name: row for row in bulletin(lake, "340600", published, published.first, published.last)}
    fund = rows["resident_fund"]
    assert (fund.found, fund.published) == (4_000_00, round(78_000_000_000 * 10 / published.people))
    assert fund.difference == 256  # 4,000.00 beside 3,900.00 yuan
    assert rows["outpatient_ratio"].published == 5020
    assert rows["outpatient_ratio"].difference == -40


def test_other_months_stand_without_published_figures(tmp_path: Path) -> None:
    lake = written(tmp_path, {"hifp_pay": 1})
    rows = bulletin(lake, "340600", published_of("huaibei"), "2021-01", "2021-01")
    assert {row.published for row in rows} == {row.difference for row in rows} == {None}


def test_every_published_figure_is_computed(tmp_path: Path) -> None:
    published: Published = published_of("huaibei")
    assert set(published.figures) == set(figures(written(tmp_path, {}), "340600", "2021-01", "2021-01"))


def test_the_command_prints_a_table_and_json_and_names_a_wrong_folder_or_month(tmp_path: Path) -> None:
    lake = written(tmp_path, {"hifp_pay": 4_000_00})
    months = ["bulletin", "--area", "huaibei", "--lake", str(lake), "--from"]
    shown = CliRunner().invoke(app, [*months, "2021-01", "--to", "2021-08"])
    assert shown.exit_code == 0, shown.output
    assert "居民基本医保基金支付" in shown.output
    assert "4,000.00 元" in shown.output
    told = CliRunner().invoke(app, [*months, "2021-01", "--to", "2021-08", "--json"])
    assert {row["name"]: row["found"] for row in json.loads(told.stdout)}["resident_fund"] == 4_000_00
    assert CliRunner().invoke(app, [*months, "2021-13", "--to", "2021-08"]).exit_code == 2
    elsewhere = CliRunner().invoke(app, [*months[:4], str(tmp_path / "none"), "--from", "2021-01", "--to", "2021-02"])
    assert elsewhere.exit_code == 2
    assert "is no lake" in elsewhere.output
