"""Writing the demo city into an empty, migrated database: one transaction, once.

The order follows the references: journal's chart, institutions, catalogue, codes, persons, accounts, filings,
credentials. A mark in the audit trail says that it is done; loading again changes nothing.
"""

import secrets
from collections.abc import Sequence
from dataclasses import astuple, fields
from datetime import date
from typing import Any

from msgspec.structs import replace

from yibao.core.config import ConfigurationError
from yibao.core.database import Connection
from yibao.core.money import millionths_of_yuan
from yibao.demo.employment import register_employers
from yibao.demo.families import bind_families
from yibao.demo.lives import FATHER, READER, add_lives
from yibao.demo.people import DemoPerson, persons
from yibao.demo.source import AREAS, CODE_FILES, HOME, SINCE, VERSION, Institutions, institutions, read_csv
from yibao.gateway.credentials import Credential, write_credential
from yibao.ledger.actions import book
from yibao.ledger.chart import install_chart
from yibao.ledger.entry import Entry, Posting
from yibao.population.entitlement.filings import INSERT as INSERT_FILING
from yibao.population.model import Coverage, Enrolment
from yibao.web.accounts import INSURED, Visitor, save_demo_users

MARK = "demo.loaded"
MADE_UP = "demo.made_up"
INSURED_USERS = {"insured": ("演示参保人", READER), "worker": ("演示参保职工", FATHER)}
"""Users of the pages → title and the person whom they see there."""
LOADED = "select exists (select from core.audit_event where action = $1)"
OCCUPIED = "select exists (select from directory.institution) or exists (select from population.person)"
NOTE = "insert into core.audit_event (actor, action, subject, details) values ('yibao', $1, $2, '{}')"
INSERT_COVERAGE = """
insert into population.coverage (psn_no, psn_insu_rlts_id, insutype, state, begndate, enddate, reason, origin)
select psn_no, psn_insu_rlts_id, insutype, $4, $5, $6, $7, $8 from population.enrolment
where psn_no = $1 and insutype = $2 and begndate = $3
"""
NOTE_TAKEN_OVER = """
insert into population.event (psn_no, kind, effective, actor, reason, details)
select psn_no, 'enrolment_taken_over', begndate, 'yibao', 'taken_over', to_jsonb(e) - 'psn_no'
from population.enrolment e order by psn_insu_rlts_id
"""
LOCK = "select pg_advisory_xact_lock(hashtextextended('yibao demo', 0))"


async def load_city(connection: Connection, master_key: bytes, today: date) -> bool:
    """Load everything in the caller's transaction; False when it was loaded before.

    Raises `ConfigurationError` in a database that holds institutions or persons of its own.
    """
    await connection.execute(LOCK)
    if await connection.fetchval(LOADED, MARK):
        return False
    if await connection.fetchval(OCCUPIED):
        raise ConfigurationError("this database holds a real city: the demo is loaded only into an empty one")
    await install_chart(connection)
    places = institutions()
    await _write_institutions(connection, places)
    await _write_catalogue(connection)
    await _write_codes(connection)
    people = persons(today)
    await _write_persons(connection, people, await register_employers(connection, people))
    await _write_accounts(connection, people, today)
    await _write_filings(connection, people)
    for row in places.rows:
        await write_credential(connection, master_key, new_credential(row.fixmedins_code))
    numbers = {demo.key: demo.person.psn_no for demo in people}
    users = [Visitor(name, title, INSURED, numbers[key]) for name, (title, key) in INSURED_USERS.items()]
    await save_demo_users(connection, master_key, *users)
    await add_lives(connection, people, today)
    await connection.execute(NOTE, MARK, "demo city")
    return True


def new_credential(fixmedins_code: str) -> Credential:
    """A credential with a fresh secret; the access key says whose it is."""
    return Credential(f"demo-{fixmedins_code}", fixmedins_code, secrets.token_hex(16))


CHIEF = "231"
"""主任医师, in drord_dr_profttl: the first doctor of each institution, who may approve a refused order."""


async def _copy(connection: Connection, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    schema, name = table.split(".")
    await connection.copy_records_to_table(name, schema_name=schema, columns=list(columns), records=rows)


async def _write_institutions(connection: Connection, places: Institutions) -> None:
    columns = [field.name for field in fields(places.rows[0])] + ["contract_from", "uscc"]
    rows = [(*astuple(row), SINCE, f"DEMO{row.fixmedins_code}") for row in places.rows]
    await _copy(connection, "directory.institution", columns, rows)
    departments = [
        (code, dept, name, dept) for code, names in places.departments.items() for dept, name in names.items()
    ]
    await _copy(connection, "directory.department", ("fixmedins_code", "dept_codg", "dept_name", "caty"), departments)
    heads = {doctor.fixmedins_code: doctor.dr_codg for doctor in reversed(places.doctors)}
    titles = [CHIEF if heads[one.fixmedins_code] == one.dr_codg else "" for one in places.doctors]
    doctors = [(*astuple(doctor), SINCE, title) for doctor, title in zip(places.doctors, titles, strict=True)]
    columns = ["dr_codg", "dr_name", "fixmedins_code", "dept_codg", "valid_from", "prof_title"]
    await _copy(connection, "directory.doctor", columns, doctors)


async def _write_catalogue(connection: Connection) -> None:
    columns = (
        "area", "med_list_codg", "valid_from", "valid_to", "list_type", "item_name", "med_chrgitm_type", "chrgitm_lv",
        "selfpay_prop", "selfpay_prop_by_insutype", "pric_uplmt", "lmt_used_flag", "limit_text", "bas_medn_flag",
        "hi_nego_drug_flag", "chld_medc_flag", "spec", "unit", "dosage_form", "version",
    )  # fmt: skip
    items = read_csv("items.csv")
    await _copy(connection, "directory.item", columns, [_item(area, row) for area in AREAS for row in items])


def _item(area: str, row: dict[str, str]) -> tuple[Any, ...]:
    by_insutype = {"390": int(row["selfpay_prop_390"])} if row["selfpay_prop_390"] else {}
    limits = {level: millionths_of_yuan(row[f"limit_{level}"]) for level in "123" if row[f"limit_{level}"]}
    texts = (
        "lmt_used_flag", "limit_text", "bas_medn_flag", "hi_nego_drug_flag", "chld_medc_flag", "spec", "unit",
        "dosage_form",
    )  # fmt: skip
    named = (row["list_type"], row["name"], row["med_chrgitm_type"], row["chrgitm_lv"], int(row["selfpay_prop"]))
    since = date.fromisoformat(row["valid_from"]) if row["valid_from"] else SINCE
    until = date.fromisoformat(row["valid_to"]) if row["valid_to"] else None
    return (area, row["code"], since, until, *named, by_insutype, limits, *(row[name] for name in texts), VERSION)


async def _write_codes(connection: Connection) -> None:
    columns = ("table_name", "code", "name", "details", "version")
    rows = [
        (table, row["code"], row["name"], {"suizhou": row["suizhou"] == "1"} if "suizhou" in row else {}, VERSION)
        for table, file in CODE_FILES.items()
        for row in read_csv(file)
    ]
    await _copy(connection, "directory.code_entry", columns, rows)


async def _write_persons(connection: Connection, people: list[DemoPerson], employers: dict[str, str]) -> None:
    """Persons with what the file says of them; `employers` has the number of each employer of the home city."""
    enrolments = [enrolment for person in people for enrolment in person.enrolments]
    numbered = [replace(enrolment, emp_no=_employer_of(enrolment, employers)) for enrolment in enrolments]
    tables: dict[str, list[Any]] = {"person": [person.person for person in people], "enrolment": numbered}
    for table, records in tables.items():
        columns = [name for name in records[0].__struct_fields__ if name != "psn_insu_rlts_id"]
        rows = [[getattr(record, name) for name in columns] for record in records]
        await _copy(connection, f"population.{table}", columns, rows)
    await connection.execute(NOTE_TAKEN_OVER)
    covered = [_coverage(person, row) for person in people for row in person.coverages]
    await connection.executemany(INSERT_COVERAGE, covered)
    tags = [(p.person.psn_no, t.psn_idet_type, t.tag, t.begntime, t.endtime, t.source) for p in people for t in p.tags]
    columns = ["psn_no", "psn_idet_type", "tag", "begntime", "endtime", "source"]
    await _copy(connection, "population.identity_tag", columns, tags)
    codes: list[tuple[Any, ...]] = [("01", p.electronic_code, p.person.psn_no, None) for p in people]
    cards = [("03", p.card, p.person.psn_no, p.card_until) for p in people]
    columns = ["mdtrt_cert_type", "mdtrt_cert_no", "psn_no", "valid_to"]
    await _copy(connection, "population.credential", columns, codes + cards)


def _employer_of(enrolment: Enrolment, employers: dict[str, str]) -> str | None:
    at_home = enrolment.insu_admdvs == HOME and enrolment.category == "employee"
    return employers[enrolment.emp_name] if at_home else None


def _coverage(demo: DemoPerson, row: Coverage) -> tuple[Any, ...]:
    """The row under the enrolment that it belongs to, which has its number only in the database."""
    of = next(e for e in demo.enrolments if e.psn_insu_rlts_id == row.psn_insu_rlts_id)
    return (of.psn_no, of.insutype, of.begndate, row.state, row.begndate, row.enddate, row.reason, row.origin)


async def _write_accounts(connection: Connection, people: list[DemoPerson], today: date) -> None:
    """Accounts, their opening in history and journal, and the families that use them."""
    owners = [(p.person.psn_no, p.balance, p.frozen) for p in people if p.balance is not None]
    await _copy(connection, "population.account", ("psn_no", "balance", "frozen"), owners)
    opened = [(psn_no, balance, balance, "opening", "demo") for psn_no, balance, _ in owners if balance]
    columns = ("psn_no", "amount", "balance_after", "kind", "reference")
    await _copy(connection, "population.account_movement", columns, opened)
    await book(connection, opening_entry([(psn_no, amount) for psn_no, amount, *_ in opened], today))
    await bind_families(connection, people)


def opening_entry(balances: list[tuple[str, int]], today: date) -> Entry:
    """One journal entry for all opening balances (psn_no, fen)."""
    owed = tuple(Posting("personal_account.balances", -amount, psn_no) for psn_no, amount in balances)
    total = sum(amount for _, amount in balances)
    return Entry(
        today,
        "opening",
        "demo",
        "演示数据：个人账户期初余额",
        (Posting("personal_account.contributions", total), *owed),
    )


async def _write_filings(connection: Connection, people: list[DemoPerson]) -> None:
    rows = [
        (f.psn_no, f.kind, f.insutype, f.dise_code, f.fixmedins_code, f.begndate, f.enddate, f.details)
        for person in people
        for f in person.filings
    ]
    await connection.executemany(INSERT_FILING, rows)
