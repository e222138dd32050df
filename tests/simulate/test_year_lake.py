"""The lake of a year: the same for any number of processes, complete, and readable by what comes after."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from tests.simulate.year_of_care import small_workshop
from yibao.benefits.batch import visits_of_table
from yibao.benefits.batch.simulation import order_visits, settle
from yibao.benefits.batch.team import Team
from yibao.simulate import build_city, year
from yibao.simulate.year import build_year

COLUMNS = {
    "psn_info_d": "psn_no gend brdy insu_admdvs psn_type insutype die_date tags",
    "fixmedins_d": "fixmedins_code fixmedins_name fixmedins_type hosp_lv admdvs lng lat beds public_flag",
    "mdtrt_d": "mdtrt_id psn_no gend brdy age insutype psn_type insu_admdvs fixmedins_code hosp_lv med_type begntime "
    "endtime adm_dept_codg chfpdr_code dscg_maindiag_code dscg_way dise_no ipt_days refl_old_mdtrt_id inhosp_stas "
    "die_date ttp_pay_flag",
    "setl_d": "setl_id mdtrt_id init_setl_id medins_setl_id psn_no insutype psn_type insu_admdvs fixmedins_code "
    "hosp_lv med_type setl_time begndate enddate clr_type clr_way medfee_sumamt fulamt_ownpay_amt overlmt_selfpay "
    "preselfpay_amt inscp_amt dedc_std act_pay_dedc hifp_pay cvlserv_pay hifes_pay hifmi_pay hifob_pay hifdm_pay "
    "maf_pay othfund_pay fund_pay_sumamt psn_pay acct_pay acct_mulaid_pay cash_payamt ownpay_hosp_part refd_setl_flag "
    "mid_setl_flag year dise_no pack_version",
    "fee_list_d": "bkkp_sn mdtrt_id setl_id fee_ocur_time rx_drord_no fixmedins_code psn_no med_type med_list_codg "
    "medins_list_codg med_chrgitm_type chrgitm_lv cnt pric det_item_fee_sumamt pric_uplmt_amt selfpay_prop "
    "fulamt_ownpay_amt overlmt_selfpay preselfpay_amt inscp_amt bilg_dept_codg bilg_dr_code lmt_used_flag "
    "hosp_appr_flag prd_days drt_reim_flag comb_no",
    "setl_list_diag_d": "setl_id mdtrt_id psn_no diag_type maindiag_flag diag_code adm_cond_type",
    "setl_list_oprn_d": "setl_id mdtrt_id psn_no main_oprn_flag oprn_oprt_code oprn_oprt_date oper_dr_code "
    "anst_dr_code",
}
"""The contract of the lake."""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("year") / "lake"
    build_year(build_city("huaibei", 1500, seed=5, year=2021), 2021, folder, processes=1)
    return folder


def table(lake: Path, name: str) -> pa.Table:
    return ds.dataset(lake / name).to_table()


def test_every_table_has_the_columns_of_the_contract(lake: Path) -> None:
    for name, columns in COLUMNS.items():
        missing = set(columns.split()) - set(table(lake, name).column_names)
        assert not missing, name


def test_identifiers_are_unique_and_join_the_tables(lake: Path) -> None:
    bills, visits, lines = (table(lake, name) for name in ("setl_d", "mdtrt_d", "fee_list_d"))
    for rows, column in ((bills, "setl_id"), (bills, "medins_setl_id"), (visits, "mdtrt_id"), (lines, "bkkp_sn")):
        assert len(rows[column].unique()) == len(rows)
    assert set(bills["mdtrt_id"].to_pylist()) == set(visits["mdtrt_id"].to_pylist())
    assert set(lines["setl_id"].to_pylist()) == set(bills["setl_id"].to_pylist())
    persons = set(table(lake, "psn_info_d")["psn_no"].to_pylist())
    assert set(bills["psn_no"].to_pylist()) <= persons
    assert set(bills["fixmedins_code"].to_pylist()) <= set(table(lake, "fixmedins_d")["fixmedins_code"].to_pylist())


def test_the_fee_lines_of_the_lake_add_up_to_its_settlements(lake: Path) -> None:
    bills, lines = table(lake, "setl_d"), table(lake, "fee_list_d")
    pairs = {"medfee_sumamt": "det_item_fee_sumamt", "inscp_amt": "inscp_amt", "preselfpay_amt": "preselfpay_amt"}
    for of_bill, of_line in pairs.items():
        sums = lines.group_by("setl_id").aggregate([(of_line, "sum")])
        by_bill = dict(zip(sums["setl_id"].to_pylist(), sums[f"{of_line}_sum"].to_pylist(), strict=True))
        assert by_bill == dict(zip(bills["setl_id"].to_pylist(), bills[of_bill].to_pylist(), strict=True))


def test_every_month_has_the_settlements_of_that_month(lake: Path) -> None:
    for month in range(1, 13):
        times = ds.dataset(lake / "setl_d" / "year=2021" / f"month={month:02d}").to_table()["setl_time"].to_pylist()
        assert times
        assert {(time.year, time.month) for time in times} == {(2021, month)}


def test_the_lake_is_the_same_for_any_number_of_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(year, "PIECE", 400)
    for processes in (1, 2):
        city = build_city("huaibei", 1000, seed=5, year=2021)
        build_year(city, 2021, tmp_path / str(processes), processes=processes)
    one, two = (
        {file.relative_to(lake) for file in lake.rglob("*.parquet")} for lake in (tmp_path / "1", tmp_path / "2")
    )
    assert one == two
    assert len(one) > 150
    for file in one:  # not byte for byte: the writer leaves the unused bits of a last byte as they were
        assert pq.read_table(tmp_path / "1" / file).equals(pq.read_table(tmp_path / "2" / file)), file


def test_another_seed_gives_another_year(tmp_path: Path) -> None:
    counts = [
        build_year(build_city("huaibei", 300, seed=seed, year=2021), 2021, tmp_path / str(seed), processes=1)
        for seed in (1, 2)
    ]
    assert counts[0] != counts[1]


def test_progress_ends_with_everybody_done_and_a_full_folder_is_refused(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    city = build_city("huaibei", 300, seed=1, year=2021)
    build_year(city, 2021, tmp_path / "lake", lambda done, of: told.append((done, of)), processes=1)
    assert told[-1] == (300, 300)
    with pytest.raises(FileExistsError, match="is not empty"):
        build_year(city, 2021, tmp_path / "lake", processes=1)


def test_a_simulation_of_policy_reads_the_lake_and_pays_the_same(lake: Path) -> None:
    bills, persons = table(lake, "setl_d"), table(lake, "psn_info_d")
    pack = small_workshop().pack
    joined = bills.append_column("row", pa.array(np.arange(len(bills)))).join(
        pa.table({
            "psn_no": persons["psn_no"].cast(pa.string()), "gend": persons["gend"], "brdy": persons["brdy"],
            "tags": pa.array([";".join(tags) for tags in persons["tags"].to_pylist()]),
        }),
        "psn_no", join_type="left outer",
    ).sort_by("row")  # fmt: skip
    visits = visits_of_table(joined.drop_columns(["pack_version", "init_setl_id"]).combine_chunks(), pack.portions)
    with Team(1) as team:
        ordered = order_visits(visits, (pack,), (), team)
        result = settle(pack, ordered, team)
    row_of = ordered.ordering.records[:, -1]
    assert (result.fund == bills["fund_pay_sumamt"].to_numpy()[row_of]).all()
