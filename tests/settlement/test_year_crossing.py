"""A stay over New Year: by the day of discharge, or split into two years where the pack says so."""

from datetime import datetime
from pathlib import Path

from tests.settlement.town import DRUG_A, Town


async def stay_over_new_year(town: Town) -> dict[str, int]:
    town.clock(datetime(2024, 12, 28, 9))
    stay = await town.admit("r1")
    await town.upload("r1", stay, town.line(DRUG_A, "3000"))
    town.clock(datetime(2025, 1, 3, 9))
    await town.upload("r1", stay, town.line(DRUG_A, "2000"))
    return await town.settle("r1", stay)


async def test_the_whole_stay_belongs_to_the_year_of_discharge(town: Town) -> None:
    bill = await stay_over_new_year(town)
    assert bill["hifp_pay"] == 294_000  # (5000 − 800) × 70 %
    assert {key[:4] for key in await town.totals("r1")} == {"2025"}


async def test_a_split_stay_fills_two_years_and_takes_its_deductible_once(town: Town, tmp_path: Path) -> None:
    town.under(tmp_path, year={"crossing": "split", "deductible_in": "first"})
    bill = await stay_over_new_year(town)
    assert bill["hifp_pay"] == 154_000 + 140_000  # (3000 − 800) × 70 % in 2024, 2000 × 70 % in 2025
    totals = await town.totals("r1")
    assert (totals["2024:basic:payment"], totals["2025:basic:payment"]) == (154_000, 140_000)


async def test_cancelling_a_split_stay_leaves_no_trace_in_either_year(town: Town, tmp_path: Path) -> None:
    town.under(tmp_path, year={"crossing": "split", "deductible_in": "last"})
    bill = await stay_over_new_year(town)
    await town.cancel("r1", bill)
    assert await town.totals("r1") == {}
