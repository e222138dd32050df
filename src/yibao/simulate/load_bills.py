"""The last bills of a made-up city's lake into the database: visits, lines, settlements, journal, inbox, movements.

    bills = LakeBills(lake, city, first, last)
    spent = bills.spent()                          fen taken from each person's account in these days
    await load_bills(connection, city, bills, opening, told, pack)

Only bills of the city's own people at its own institutions are loaded: whom nobody knows, or who was treated away,
stays in the lake. Amounts are those of the lake. They come as taken over, without the explanation. With a `pack` every
bill of the year is counted (`yearly_totals`), so that the counter goes on from the right totals; without one it begins
them anew. Piece by piece, in the caller's transaction.
"""

import datetime
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from yibao.benefits.pack import Pack
from yibao.core.database import Connection
from yibao.simulate.bill_columns import (
    bill_rows,
    diagnosis_rows,
    entry_rows,
    inbox_rows,
    line_rows,
    movement_rows,
    posting_rows,
    visit_rows,
)
from yibao.simulate.copying import copy
from yibao.simulate.load_insurance import booking_day
from yibao.simulate.model import City, Ints, psn_no
from yibao.simulate.yearly_totals import Amounts, YearlyTotals, totals_of

RESERVE = "select setval('ledger.entry_no', nextval('ledger.entry_no') + $1 - 1) - $1 + 1"
DISEASES = "select code, name from directory.code_entry where table_name = 'disease'"
TABLES = ("mdtrt_d", "fee_list_d", "setl_list_diag_d")


@dataclass(frozen=True)
class LakeBills:
    """The bills of `lake` settled from `first` to `last`, both included, that belong to `city`'s own database."""

    lake: Path
    city: City
    first: datetime.date
    last: datetime.date

    def spent(self) -> Ints:
        """Fen that these bills take from the account of each person, by place."""
        totals = np.zeros(len(self.city.people), dtype=np.int64)
        for bills in self._settlements(["psn_no", "fixmedins_code", "setl_time", "acct_pay"]):
            np.add.at(totals, places_of(bills["psn_no"]), bills["acct_pay"].to_numpy())
        return totals

    def parts(self) -> list[str]:
        """The names of the pieces of people."""
        return sorted(file.name for file in (self.lake / "psn_info_d").glob("*.parquet"))

    def pieces(self, part: str) -> Iterator[dict[str, Any]]:
        """Tables setl_d, mdtrt_d, fee_list_d, setl_list_diag_d of one piece of people, a month at a time."""
        for file in self._files("setl_d", part):
            bills = self._own(ds.dataset(file).to_table())
            if bills.num_rows:
                order = np.lexsort((bills["setl_time"].to_numpy(), places_of(bills["psn_no"])))
                bills = bills.take(pa.array(order))
                wanted = bills["mdtrt_id"].combine_chunks()
                others = {name: _of_visits(_beside(file, name), wanted) for name in TABLES}
                yield {"setl_d": bills, **others}

    def totals(self, part: str, pack: Pack) -> YearlyTotals:
        """What the bills of the year have added by the last day, for the city's own people of a piece."""
        year = replace(self, first=datetime.date(self.last.year, 1, 1))
        months = [year.within(ds.dataset(file).to_table()) for file in year._files("setl_d", part)]
        if not months:
            return YearlyTotals()
        bills = pa.concat_tables(months)
        people = pq.read_table(self.lake / "psn_info_d" / part, partitioning=None)
        return totals_of(bills, people, pack, set(self._own(bills)["setl_id"].to_pylist()))

    def _settlements(self, columns: list[str]) -> Iterator[Any]:
        for file in self._files("setl_d"):
            yield self._own(ds.dataset(file).to_table(columns=columns))

    def _files(self, table: str, part: str = "*.parquet") -> list[Path]:
        months = range(self.first.year * 12 + self.first.month - 1, self.last.year * 12 + self.last.month)
        folders = [self.lake / table / f"year={at // 12}" / f"month={at % 12 + 1:02d}" for at in months]
        return [file for folder in folders for file in sorted(folder.glob(part))]

    def within(self, bills: Any) -> Any:
        """Those of the days and of persons that the database has."""
        day = bills["setl_time"].cast(pa.date32())
        kept = pc.and_(pc.greater_equal(day, pa.scalar(self.first)), pc.less_equal(day, pa.scalar(self.last)))
        return bills.filter(pc.and_(kept, pc.starts_with(bills["psn_no"].cast(pa.string()), psn_no(0)[:7])))

    def _own(self, bills: Any) -> Any:
        """Those of them at institutions that the database has."""
        bills, codes = self.within(bills), pa.array(self.city.places.code.tolist())
        return bills.filter(pc.is_in(bills["fixmedins_code"].cast(pa.string()), value_set=codes))


async def load_bills(
    connection: Connection,
    city: City,
    bills: LakeBills,
    opening: Ints,
    told: Callable[[int], None] = lambda count: None,
    pack: Pack | None = None,
) -> int:
    """Write all of them; `opening` is what each account (by place) held before. Returns how many bills.

    `ConfigurationError` when `pack` would pay other sums than the lake says.
    """
    names = {row["code"]: row["name"] for row in await connection.fetch(DISEASES)}
    open_from = await booking_day(connection, datetime.date.min)
    left, total = opening.astype(np.int64).copy(), 0
    for part in bills.parts():
        counted = bills.totals(part, pack) if pack else YearlyTotals()
        for tables in bills.pieces(part):
            await _load_piece(connection, city, tables, left, names, open_from, counted.added)
            total += tables["setl_d"].num_rows
            told(total)
        await copy(connection, "settlement.accumulator", counted.rows())
    return total


async def _load_piece(
    connection: Connection,
    city: City,
    tables: Mapping[str, Any],
    left: Ints,
    names: Mapping[str, str],
    open_from: datetime.date,
    added: Mapping[str, Amounts],
) -> None:
    """One piece and month: bills in the order of persons and times; `left` is what accounts hold and goes down."""
    settled = tables["setl_d"]
    paid = settled["acct_pay"].to_numpy().astype(np.int64)
    balance = running_balance(places_of(settled["psn_no"]), paid, left)
    first: int = await connection.fetchval(RESERVE, settled.num_rows)
    entries = first + np.arange(settled.num_rows)
    await copy(connection, "settlement.visit", visit_rows(tables["mdtrt_d"], city.places))
    await copy(connection, "settlement.settlement", bill_rows(settled, balance, added))
    await copy(connection, "settlement.fee_line", line_rows(tables["fee_list_d"]))
    await copy(connection, "settlement.diagnosis", diagnosis_rows(tables["setl_list_diag_d"], names))
    await copy(connection, "ledger.entry", entry_rows(settled, entries, open_from))
    await copy(connection, "ledger.posting", posting_rows(settled, entries))
    await copy(connection, "core.inbox", inbox_rows(settled))
    await copy(connection, "population.account_movement", movement_rows(settled, paid, balance))
    await connection.execute(SPEND, *_spent(settled, paid))


SPEND = """
update population.account a set balance = a.balance - s.amount
from unnest($1::text[], $2::bigint[]) as s (psn_no, amount) where a.psn_no = s.psn_no
"""


def _spent(settled: Any, paid: Ints) -> tuple[list[str], list[int]]:
    """Who spent how much, for SPEND."""
    table = pa.table({"psn_no": settled["psn_no"].cast(pa.string()), "paid": paid})
    sums = table.filter(pc.greater(table["paid"], 0)).group_by("psn_no").aggregate([("paid", "sum")])
    return sums["psn_no"].to_pylist(), sums["paid_sum"].to_pylist()


def places_of(psn_nos: Any) -> Ints:
    """Places of persons by their numbers, the reverse of `model.psn_no`."""
    digits = pc.utf8_slice_codeunits(psn_nos.cast(pa.string()), 6, None)
    places: Ints = digits.cast(pa.int64()).to_numpy() - int(psn_no(0)[6:])
    return places


def running_balance(places: Ints, paid: Ints, left: Ints) -> Ints:
    """What the account holds after each payment; persons stand together in `places`. `left` is brought up to date."""
    if not len(places):
        return paid
    sums = np.cumsum(paid)
    starts = np.flatnonzero(np.r_[True, places[1:] != places[:-1]])
    before = np.repeat(np.r_[0, sums][starts], np.diff(np.r_[starts, len(places)]))
    after: Ints = left[places] - (sums - before)
    ends = np.r_[starts[1:], len(places)] - 1
    left[places[ends]] = after[ends]
    return after


def _beside(file: Path, table: str) -> Path:
    """The file of another table with the same month and piece."""
    return file.parents[3] / table / file.parents[1].name / file.parent.name / file.name


def _of_visits(file: Path, wanted: Any) -> Any:
    """Rows of the wanted visits, none when there is no file."""
    if not file.is_file():
        return pa.table({"mdtrt_id": pa.array([], pa.string())})
    rows = pq.read_table(file, partitioning=None)
    return rows.filter(pc.is_in(rows["mdtrt_id"].cast(pa.string()), value_set=wanted.cast(pa.string())))
