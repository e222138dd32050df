"""The bulletin of a city (运行通报): what its lake says for some months, in the definitions of the published figures.

Definitions, all by the time of settlement and with cancelled bills taken off: residents are insutype 390 of the city;
the fund is hifp_pay; ratios are hifp_pay ÷ inscp_amt of stays, and of ordinary and emergency visits (11, 13); serious
illness counts settlements with hifmi_pay, its ratio is to the fees above the deductible; aid counts settlements with
maf_pay; away from home is every settlement with areas of enrolment and of care in different cities, both directions.
"""

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from yibao.benefits.national import STAY_PREFIXES
from yibao.core.config import AREAS, ConfigurationError
from yibao.core.money import BASIS_POINTS, divide_half_up
from yibao.simulate.plan import city_folder, read_plan

TABLES = ("psn_info_d", "setl_d")


class Figure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A published figure. `unit` persons, times, yuan or percent."""

    title: str
    unit: str
    value: Decimal
    clause: str


class Published(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"first": "from", "last": "to"}):
    """published.yaml: figures of a city for the months `first` to `last`; `people` lived there."""

    source: str
    people: int
    first: str
    last: str
    figures: dict[str, Figure]


class Row(msgspec.Struct, frozen=True):
    """One line of the bulletin: `found` and `published` in the unit (fen for yuan, basis points for percent).

    `published` is scaled to the people of the lake; `difference` basis points of it, `None` without one.
    """

    name: str
    title: str
    unit: str
    found: int
    published: int | None
    difference: int | None


def published_of(area: str, areas: Path = AREAS) -> Published:
    """The published figures of an area."""
    return read_plan(Published, city_folder(area, areas) / "published.yaml")


def bulletin(lake: Path, city: str, published: Published, first: str, last: str) -> list[Row]:
    """All figures of the months `first` to `last` (2021-01), beside the published ones if these are of the same months.

    `ConfigurationError` when the lake has no such tables or months.
    """
    found = figures(lake, city, first, last)
    same = (first, last) == (published.first, published.last)
    people = people_of(lake)
    return [_row(name, figure, found[name], people, published, same) for name, figure in published.figures.items()]


def people_of(lake: Path) -> int | None:
    """How many people the city of this lake has; `None` when the lake does not say."""
    about = lake / "about.json"
    return int(msgspec.json.decode(about.read_bytes())["people"]) if about.exists() else None


def _row(name: str, figure: Figure, found: int, people: int | None, published: Published, same: bool) -> Row:
    if not same:
        return Row(name, figure.title, figure.unit, found, None, None)
    value = int(figure.value * 100) if figure.unit in ("yuan", "percent") else int(figure.value)
    if figure.unit != "percent" and people is not None:
        value = divide_half_up(value * people, published.people)
    difference = divide_half_up((found - value) * BASIS_POINTS, value) if value else None
    return Row(name, figure.title, figure.unit, found, value, difference)


def figures(lake: Path, city: str, first: str, last: str) -> dict[str, int]:
    """Every figure from the lake: amounts in fen, ratios in basis points."""
    with duckdb.connect() as database:
        for table in TABLES:
            _open(database, lake, table)
        residents, missing = _one(database, _ENROLMENT, city[:4])
        found = _one(database, _SETTLEMENTS, city[:4], first, last)
        names = [column[0] for column in database.description or ()]
    if found[0] is None:
        raise ConfigurationError(f"{lake} has no settlements from {first} to {last}")
    sums = dict(zip(names, (int(value) for value in found), strict=True))
    return {
        "residents": residents, "enrolment_rate": _ratio(residents, residents + missing),
        "inpatient_ratio": _ratio(sums.pop("stay_fund"), sums.pop("stay_scope")),
        "outpatient_ratio": _ratio(sums.pop("visit_fund"), sums.pop("visit_scope")),
        "serious_ratio": _ratio(sums["serious_fund"], sums.pop("serious_scope")), **sums,
    }  # fmt: skip


def _open(database: Any, lake: Path, table: str) -> None:
    files = str(lake / table / "**" / "*.parquet").replace("'", "''")
    try:
        database.execute(f"create view {table} as select * from read_parquet('{files}', hive_partitioning = true)")
    except duckdb.IOException as error:
        raise ConfigurationError(f"{lake} is no lake: {table} is missing") from error


def _one(database: Any, query: str, *values: Any) -> Any:
    return database.execute(query, values).fetchone()


def _ratio(part: int, whole: int) -> int:
    return divide_half_up(part * BASIS_POINTS, whole) if whole else 0


_ENROLMENT = """
select count(*) filter (insutype = '390')::bigint, count(*) filter (insutype is null)::bigint
  from psn_info_d where substr(insu_admdvs, 1, 4) = $1
"""
_STAY = "(" + " or ".join(f"med_type like '{prefix}%'" for prefix in STAY_PREFIXES) + ")"
_SETTLEMENTS = f"""
with bill as (
  select *, {_STAY} as stay, substr(insu_admdvs, 1, 4) = $1 as ours, insutype = '390' as resident,
         case when init_setl_id is null then 1 else -1 end as times,
         substr(insu_admdvs, 1, 4) <> substr(fixmedins_code, 2, 4) as away
    from setl_d where strftime(setl_time, '%Y-%m') between $2 and $3
)
select sum(hifp_pay) filter (ours and resident) as resident_fund,
       coalesce(sum(hifp_pay) filter (ours and resident and stay), 0) as stay_fund,
       coalesce(sum(inscp_amt) filter (ours and resident and stay), 0) as stay_scope,
       coalesce(sum(hifp_pay) filter (ours and resident and med_type in ('11', '13')), 0) as visit_fund,
       coalesce(sum(inscp_amt) filter (ours and resident and med_type in ('11', '13')), 0) as visit_scope,
       coalesce(sum(times) filter (ours and hifmi_pay <> 0), 0) as serious_times,
       coalesce(sum(hifmi_pay) filter (ours), 0) as serious_fund,
       coalesce(sum(serious_fees) filter (ours), 0) as serious_scope,
       coalesce(sum(times) filter (ours and maf_pay <> 0), 0) as aid_times,
       coalesce(sum(maf_pay) filter (ours), 0) as aid_fund,
       coalesce(sum(times) filter (ours and stay and maf_pay <> 0), 0) as aid_stay_times,
       coalesce(sum(maf_pay) filter (ours and stay), 0) as aid_stay_fund,
       coalesce(sum(times) filter (ours and not stay and maf_pay <> 0), 0) as aid_outpatient_times,
       coalesce(sum(maf_pay) filter (ours and not stay), 0) as aid_outpatient_fund,
       coalesce(sum(times) filter (away), 0) as away_times,
       coalesce(sum(medfee_sumamt) filter (away), 0) as away_total
  from bill
"""
