"""Enrolments, contributions, coverage and personal accounts of a made-up city into the database.

Who was insured in earlier years brings a coverage that is taken over until the end of the last one; this year's
follows from the contributions, by the same function as everybody's (see `coverages`).

The money of the year stands in a few journal entries of kind `taken_over`: contributions received by fund, and the
balances that the personal accounts open with.
"""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from yibao.benefits.book import PackBook
from yibao.core.database import Connection
from yibao.ledger import Entry, Posting, book
from yibao.simulate.contributions import Contributions, employee_months, resident_years
from yibao.simulate.copying import HOURS_OF_COPY, constant, copy, days, texts
from yibao.simulate.coverages import coverage_rows
from yibao.simulate.load_people import Block, numbers_of
from yibao.simulate.model import EMPLOYEE, PSN_TYPES, RESIDENT, RETIRED, UNINSURED, City, Ints
from yibao.simulate.people import day_number

TAKEN_OVER = "taken_over"
RESERVE = """
select setval(pg_get_serial_sequence('population.enrolment', 'psn_insu_rlts_id'),
              nextval(pg_get_serial_sequence('population.enrolment', 'psn_insu_rlts_id')) + $1 - 1) - $1 + 1
"""
NOTE_TAKEN_OVER = """
insert into population.event (psn_no, kind, effective, actor, reason, details)
select psn_no, 'enrolment_taken_over', begndate, 'yibao', 'taken_over', to_jsonb(e) - 'psn_no'
from population.enrolment e where psn_insu_rlts_id between $1 and $2 order by psn_insu_rlts_id
"""
ENTRY_NUMBER = "select nextval('ledger.entry_no')"
LAST_SEALED = "select max(day) from ledger.seal"
ACCOUNTS_PER_ENTRY = 30_000


async def load_employers(connection: Connection, city: City) -> None:
    """All employers, large and small, since the beginning of 2015."""
    employers = city.employers
    rows = {
        "emp_no": employer_numbers(city),
        "uscc": employers.uscc,
        "emp_name": employers.name,
        "insu_admdvs": employers.admdvs,
        "begndate": constant(date(2015, 1, 1), len(employers.size)),
    }
    await copy(connection, "population.employer", rows)


def employer_numbers(city: City) -> Any:
    """emp_no of every employer, apart from those that are registered by hand."""
    return np.char.add("E", city.employers.emp_no)


class InsuranceLoad:
    """Loads block by block and books the money at the end."""

    def __init__(self, city: City, packs: PackBook, as_of: date, spent: Ints | None) -> None:
        self.city, self.packs, self.as_of = city, packs, as_of
        balance = city.people.balance.astype(np.int64)
        self.opening = balance if spent is None else balance + spent
        self.enrolments = self.contributions = self.accounts = 0
        self.received: Counter[str] = Counter()

    async def load(self, connection: Connection, block: Block) -> None:
        """Everything about the insurance of one block."""
        people = self.city.people
        places = block.places[people.insurance[block.places] != UNINSURED]
        if not len(places):
            return
        first: int = await connection.fetchval(RESERVE, len(places))
        numbers = first + np.arange(len(places))
        since = self._since(places)
        await copy(connection, "population.enrolment", self._enrolments(places, numbers, since))
        await connection.execute(NOTE_TAKEN_OVER, first, first + len(places) - 1, timeout=HOURS_OF_COPY)
        paid = self._contributions(places)
        for part in paid:
            self.contributions += await copy(connection, "population.contribution", part.columns(self.city))
            self.received.update(part.received())
        await copy(
            connection, "population.coverage", coverage_rows(self.city, places, numbers, since, paid, self.as_of)
        )
        self.enrolments += len(places)
        await self._load_accounts(connection, places)

    def _since(self, places: Ints) -> Ints:
        """First day of the enrolment: the beginning of its first unbroken year, or birth."""
        people = self.city.people
        years = (self.city.year - people.insured_years[places].astype(np.int64) - 1970).astype("datetime64[Y]")
        return np.maximum(years.astype("datetime64[D]").astype(np.int64), people.birth[places])

    def _enrolments(self, places: Ints, numbers: Ints, since: Ints) -> dict[str, Any]:
        people, city = self.city.people, self.city
        employer, works = people.employer[places], people.employer[places] >= 0
        retired = people.psn_type[places] == RETIRED
        employee = people.insurance[places] == EMPLOYEE
        category = np.select([~employee, retired, works], ["resident", "retired", "employee"], "flexible")
        home = self.city.divisions.admdvs[people.village[places]]
        died = people.died[places]
        gone = (died >= 0) & (died <= day_number(self.as_of))
        at = np.where(works, employer, 0)
        return {
            "psn_insu_rlts_id": numbers,
            "psn_no": numbers_of(places),
            "insutype": people.insurance[places].astype(str),
            "psn_type": texts(PSN_TYPES, people.psn_type[places]),
            "insu_admdvs": np.where(works, city.employers.admdvs[at], home),
            "psn_insu_stas": np.where(gone, "4", "1"),
            "begndate": days(since),
            "enddate": days(died, gone),
            "category": category,
            "emp_no": pa.array(np.where(works, employer_numbers(city)[at], ""), mask=~works),
            "emp_name": np.where(works, city.employers.name[at], ""),
            "reason": np.where(gone, "死亡", ""),
        }

    def _contributions(self, places: Ints) -> list[Contributions]:
        people = self.city.people
        residents = places[people.insurance[places] == RESIDENT]
        employees = places[(people.insurance[places] == EMPLOYEE) & (people.psn_type[places] != RETIRED)]
        return [
            *resident_years(self.city, self.packs, residents, self.as_of),
            *employee_months(self.city, employees, self.as_of),
        ]

    async def _load_accounts(self, connection: Connection, places: Ints) -> None:
        """Accounts with their opening; balanced entries of so many accounts each."""
        people = self.city.people
        owners = places[people.balance[places] >= 0]
        balance = self.opening[owners]
        await copy(connection, "population.account", {"psn_no": numbers_of(owners), "balance": balance})
        full = owners[balance > 0]
        for start in range(0, len(full), ACCOUNTS_PER_ENTRY):
            await self._open(connection, full[start : start + ACCOUNTS_PER_ENTRY])
        self.accounts += len(owners)

    async def _open(self, connection: Connection, owners: Ints) -> None:
        """Movements and one journal entry for the balances of these owners."""
        balance, count = self.opening[owners], len(owners)
        number: int = await connection.fetchval(ENTRY_NUMBER)
        day = await booking_day(connection, self.as_of)
        reference = f"{self.city.code}-accounts-{number}"
        movements = {
            "psn_no": numbers_of(owners),
            "amount": balance,
            "balance_after": balance,
            "kind": constant("opening", count),
            "reference": constant(reference, count),
            "at": constant(date(self.city.year, 1, 1), count),
        }
        await copy(connection, "population.account_movement", movements)
        entry = {"entry_id": [number], "booked_on": [day], "kind": [TAKEN_OVER], "reference": [reference],
                 "text": ["仿真城市：个人账户期初余额"]}  # fmt: skip
        await copy(connection, "ledger.entry", entry)
        total = pa.array([int(balance.sum())])
        postings = {
            "entry_id": constant(number, count + 1),
            "line_no": np.arange(1, count + 2),
            "account": ["personal_account.contributions"] + ["personal_account.balances"] * count,
            "amount": pa.concat_arrays([total, pa.array(-balance)]),
            "party": pa.concat_arrays([pa.array([""]), numbers_of(owners)]),
        }
        await copy(connection, "ledger.posting", postings)

    async def book(self, connection: Connection) -> None:
        """One entry for everything received: cash against the income of the funds."""
        incomes = sorted(self.received.items())
        if not incomes:
            return
        total = sum(amount for _, amount in incomes)
        postings = (Posting("income_account.cash", total), *(Posting(account, -amount) for account, amount in incomes))
        day, text = await booking_day(connection, self.as_of), "仿真城市：已收保费"
        await book(connection, Entry(day, TAKEN_OVER, f"{self.city.code}-contributions-{day}", text, postings))


async def booking_day(connection: Connection, day: date) -> date:
    """The day itself, or the first one after it that is not sealed."""
    sealed: date | None = await connection.fetchval(LAST_SEALED)
    return day if sealed is None else max(day, sealed + timedelta(days=1))
