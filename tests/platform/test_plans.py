"""Statements that a counter, a hospital's query or a page runs look their rows up, however large the tables are.

Asked with plans for unknown parameters on an empty database, with scans forbidden as the pool forbids them: what
still reads a table or a whole index has no way to its rows, and takes seconds in a city of two million people.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, LiteralString

import psycopg
import pytest

from yibao.core import inbox
from yibao.directory import cache, catalogue, mapping
from yibao.gateway import credentials, files, reading
from yibao.gateway.handlers import filings as filing_handlers
from yibao.gateway.handlers import lists
from yibao.gateway.handlers import persons as person_handlers
from yibao.population import accounts, events
from yibao.population import queries as population
from yibao.population.campaign import collecting, rolls, uninsured
from yibao.population.campaign.uninsured import Search
from yibao.population.contributions import (
    effects,
    payment_orders,
    payment_state,
    payments,
    premiums,
    reconciliation,
    refunds,
)
from yibao.population.contributions.channels import bank, family_account, tax, village
from yibao.population.employees import (
    crediting,
    declarations,
    declared_staff,
    due_months,
    employer_bills,
    feedback,
    flexible,
    month_refunds,
)
from yibao.population.enrolment import (
    deaths,
    employers,
    enrolments,
    households,
    merging,
    national,
    newborn,
    persons,
    replay,
    stopping,
)
from yibao.population.entitlement import coverage, coverage_city, family, filings, retirement, service_months, transfers
from yibao.population.entitlement import report as entitlement_report
from yibao.population.rosters import comparison, exchange, matching, tags
from yibao.population.rosters import receiving as rosters
from yibao.settlement import cancellation, fee_lines, intake, maternity, queries, retroactive, reversal, usage, visits
from yibao.settlement.history import HISTORY
from yibao.settlement.queries import BillFilter
from yibao.supervision.casework import advance as advancing
from yibao.supervision.casework import attachments, experts, moves
from yibao.supervision.casework import queries as casework
from yibao.supervision.casework import statements as deductions
from yibao.supervision.counter import answers, review, under_review
from yibao.supervision.monitoring import alerts, bed_checks, live, showing
from yibao.web import employer as employer_page
from yibao.web import employer_papers, exchange_batch, people, person_view

DAY = date(2026, 6, 1)
STATEMENTS = {
    "stays begun today": live.BEGUN,
    "stays ended today": live.ENDED,
    "what was settled today": live.SETTLED,
    "an indicator of a month": showing.OF_MONTH,
    "scores of a month": showing.SCORES,
    "the indicators of an institution": showing.OWN,
    "the peers of an institution": showing.PEERS,
    "the days of an institution": showing.DAYS,
    "departments and doctors that stand out": showing.UNITS,
    "the largest bills of an institution's month": showing.BILLS,
    "alerts of an institution": alerts.OF_INSTITUTION,
    "checks of beds of an institution": bed_checks.OF_INSTITUTION,
    "who may be drawn": bed_checks.IN_BED,
    "a message seen before": inbox.SEEN,
    "a message to reverse": reversal.ORIGINAL,
    "the open lines of a visit": fee_lines.OPEN_LINES,
    "the known lines of a visit": fee_lines.KNOWN,
    "the lines that refunds name": fee_lines.ORIGINALS,
    "the lines to remove": fee_lines.REMOVE,
    "a visit to change": visits.LOCK_VISIT,
    "an open stay of a person": visits.OPEN_STAY,
    "the visit a transfer came from": intake.PREVIOUS_LEVEL,
    "visits that rest on a filing": filing_handlers.IN_USE,
    "a settlement": cancellation.FIND,
    "what cancelled a settlement": cancellation.CANCELLED_BY,
    "the postings of a settlement": cancellation.POSTINGS,
    "the account movements of a settlement": cancellation.MOVEMENTS,
    "the bill computed again": cancellation.COMPUTED_AGAIN,
    "later bills of a person": cancellation.LATER,
    "5102": reading.DOCTORS,
    "5201": reading.VISITS,
    "5202": reading.DIAGNOSES,
    "5203": reading.SETTLEMENTS,
    "5204 of a visit": reading.LINES_OF_VISIT,
    "5204 of a settlement": reading.LINES_OF_SETTLEMENT,
    "5205": reading.CHRONIC_LINES,
    "5206": queries.CUMULATIVE,
    "5303": reading.IN_BED,
    "3201": reading.RECONCILIATION,
    "3202": reading.BILLS,
    "4101 of a settlement": lists.SETTLEMENT,
    "the last version of a list": lists.LAST,
    "a person by certificate": population.BY_CERTIFICATE,
    "a person by credential": population.BY_CREDENTIAL,
    "filings of a person": population.FILINGS,
    "filings that overlap": filings.OVERLAPPING,
    "an account's history": accounts.HISTORY,
    "the holder of a certificate": persons.HOLDER,
    "namesakes of a person": persons.NAMESAKES,
    "a person to change": persons.LOCK_PERSON,
    "all certificates of a person": population.CERTIFICATES,
    "enrolments of a person": enrolments.OF_PERSON,
    "suspensions of a person": enrolments.SUSPENSIONS,
    "whether an enrolment has events": enrolments.HAS_EVENTS,
    "staff of an employer": employers.STAFF,
    "an employer by its code": employers.BY_USCC,
    "members of a household": households.MEMBERS,
    "certificates for the national check": national.CERTIFICATES,
    "reports of other areas": national.REPORTS,
    "a parent": newborn.PARENT,
    "paid after a death": deaths.PAID_BEYOND,
    "a person's states to compare": replay.STATES,
    "events of a person": events.TIMELINE,
    "bills of both records": merging.BILLS,
    "contributions of both records": merging.SAME_PERIOD,
    **{f"what a death stops: {what}": stop.statement for what, stop in stopping.STOPS.items()},
    "orders that a death gives up": stopping.GIVE_UP_ORDERS,
    "the record of a death": deaths.LAST_DEATH,
    "family links": family.BOUND,
    "periods of a tag that overlap": tags.OVERLAPPING,
    "a tag that runs": tags.RUNNING,
    "years in which persons still owe": tags.DUE_YEARS,
    "a roster that came before": rosters.SAME,
    "a roster": rosters.FIND,
    "lines of a roster to decide": matching.REVIEW,
    "answers to a roster": comparison.ANSWERS,
    "changes of a roster": comparison.CHANGES,
    "whom a roster changed": comparison.CHANGED_SINCE,
    "persons that a clerk looks for": people.FIND,
    "the person on a page": person_view.PERSON,
    "contributions on a person's page": person_view.CONTRIBUTIONS,
    "what a person owes": person_view.OWED,
    "who pays for a person": person_view.PAYERS,
    "for whom a person pays": person_view.BENEFICIARIES,
    "all tags of a person": person_view.TAGS,
    "a declaration on a page": employer_papers.OWNER_OF_DECLARATION,
    "open orders of an employer": employer_page.ORDERS,
    "differences of a roster on a page": exchange_batch.SOME_CHANGES,
    "lines of a roster on a page": exchange_batch.SOME_LINES,
    "open effects of a roster": exchange_batch.EFFECTS,
    "a file of the exchange that came before": exchange.KNOWN,
    "the last number of the exchange": exchange.LAST,
    "files that wait for a department": exchange.WAITING,
    "what was exchanged with a department": exchange.LISTED,
    "a file for a department": exchange.CONTENT,
    "bills of a person that stand": retroactive.BILLS,
    "a person's care of the last year": HISTORY,
    "approvals of a person's orders": review.APPROVED,
    "a warning to answer": answers.WARNING,
    "who approves": answers.SENIOR,
    "orders of a hospital before settlement": under_review.statement(under_review.SUMS, "H", "doctor"),
    "marked lines of a hospital before settlement": under_review.statement(under_review.MARKED, "H"),
    "warnings given to a hospital": under_review.statement(under_review.WARNED, "H"),
    "lines of a bill to compute again": retroactive.LINES,
    "persons of a roster who have bills": retroactive.WITH_BILLS,
    "contributions to pay": payment_orders.CONTRIBUTIONS,
    "orders that a contribution stands in": payment_orders.LIVING,
    "orders to expire": payment_orders.EXPIRE,
    "a payment order": payment_orders.LOCK,
    "everybody in some orders": payment_orders.LOCK_PERSONS_OF_ORDERS,
    "an expired order that was paid in time": payments.REOPEN,
    "what the dead do not owe any more": payments.CANCEL_OF_THE_DEAD,
    "the lines of an order": payment_orders.LINES,
    "a channel's receipt": payments.RECEIPT,
    "whether an order's cash is booked": payments.RECONCILED,
    "where a person pays": premiums.PLACES,
    "what a person owes for a year": premiums.DUE,
    "what a person's premium depends on": premiums.FACTS,
    "what employees do not owe any more": premiums.CANCEL_EMPLOYED,
    "who is to be enrolled by paying": effects.STANDING,
    "whether an account may pay for a person": family_account.BOUND,
    "whether it has paid too much": family_account.OVER_LIMIT,
    "persons of the tax bureau's list": tax.MATCH,
    "what persons of the list owe": tax.STANDING,
    "orders for the bank": bank.OPEN,
    "cash that a collector holds": village.OWED,
    "receipts of a day": reconciliation.OURS,
    "where a premium stands": payment_state.STATE,
    "what may go back": refunds.LINES,
    "benefits used in a year": usage.USED,
    "catalogue items": cache.ITEMS,
    "what decides a person's coverage": coverage.FACTS_OF_ONE,
    "what decides the coverage of persons": coverage.FACTS,
    "persons whose coverage is computed": coverage.LOCK,
    "coverage to compute anew": coverage.FORGET,
    "since when a person is insured": coverage.SINCE,
    "a slice of persons": coverage_city.PERSONS,
    "birth and death of a slice": coverage_city.BORN,
    "enrolments of a slice": coverage_city.RELATIONS,
    "contributions of a slice": coverage_city.PAID,
    "coverage of a slice": coverage_city.STORED,
    "insurance elsewhere of a slice": coverage_city.ELSEWHERE,
    "all coverage of a person": entitlement_report.ALL_ROWS,
    "90100": person_handlers.CONTRIBUTIONS,
    "the area of a payer": family.AREA_OF,
    "where a person is transferred from": transfers.AREA,
    "a transfer": transfers.ONE,
    "transfers over their term": transfers.OVERDUE,
    "transfers of a person": transfers.OF_PERSON,
    "who retires": retirement.ENROLMENT,
    "months deemed": service_months.DEEMED,
    "months bought": service_months.LUMP_SUM,
    "deliveries settled": maternity.SETTLED,
    "an employer's bases": maternity.BASES,
    "a catalogue since a version": catalogue.ITEMS,
    "lists of an item": mapping.ITEM_LISTS,
    "a mapping that overlaps": mapping.OVERLAP,
    "a credential": credentials.READ,
    "a file": files.FIND,
    "a bill": queries.FIND,
    "the lines of a bill": queries.LINES,
    "the totals after a bill": queries.TOTALS_AFTER,
    "a collector's village": collecting.PEOPLE,
    "how many of a village are enrolled": collecting.TOTALS,
    "a collector's cash of a day": collecting.CASH,
    "a collector's tick": collecting.STANDING,
    "the uninsured of a village": uninsured.list_statement(Search(2024, "340621101201"), 51)[0],
    "the uninsured of a city, next page": uninsured.list_statement(Search(2024, "3406", after="1.2"), 51)[0],
    "the uninsured of a name": uninsured.list_statement(Search(2024, "3406", name="n"), 51)[0],
    "the uninsured of a school": uninsured.list_statement(Search(2024, "3406", school_no="S"), 51)[0],
    "the uninsured of a helper": uninsured.list_statement(Search(2024, "3406", helper="h"), 51)[0],
    "the uninsured of a tag": uninsured.list_statement(Search(2024, "3406", tag="t"), 51)[0],
    "the uninsured of a department": uninsured.list_statement(Search(2024, "3406", department="d"), 51)[0],
    "persons of a school's table": rolls.KNOWN,
    "the list by number": queries.list_statement(BillFilter(setl_id="1"), 21, 0)[0],
    "the list of an institution": queries.list_statement(BillFilter(fixmedins_code="H1"), 21, 0)[0],
    "the list of a day": queries.list_statement(BillFilter(first_day=DAY, last_day=DAY), 21, 0)[0],
    "the list of an institution's month": queries.list_statement(
        BillFilter(fixmedins_code="H1", first_day=DAY, last_day=DAY), 21, 0
    )[0],
    "staff of a declaration": declared_staff.STAFF,
    "persons of a declaration": declared_staff.LOCK_PERSONS,
    "declarations of a month": declarations.SEEN,
    "declarations of an employer": declarations.DECLARATIONS,
    "lines of a declaration": declarations.LINES,
    "months that a leaver owes": declarations.CANCEL_DUE,
    "months that become due": due_months.WRITE,
    "staff that was not declared": employer_bills.SILENT,
    "whether a month was declared": employer_bills.DECLARED,
    "the bill of a month": employer_bills.NORMAL_BILL,
    "what comes on a bill": employer_bills.ATTACH,
    "an employer's bill": employer_bills.BILL,
    "an employer's bills": employer_bills.BILLS,
    "persons on a bill": employer_bills.PERSONS,
    "everybody on a bill": employer_bills.LOCK_PERSONS,
    "what a bill still owes": employer_bills.OWED,
    "whether a bill can be withdrawn": employer_bills.BOUND,
    "what a withdrawn bill sets free": employer_bills.RELEASE,
    "the late fees of a bill": employer_bills.SET_INTEREST,
    "the enrolment of a flexible worker": flexible.ENROLMENTS,
    "the months of a flexible worker": flexible.MONTHS,
    "an employer's roster": feedback.LINES,
    "a paid month to give back": month_refunds.FIND,
    "accounts to credit": crediting.LOCK_ACCOUNTS,
    "months that were credited": crediting.MARK,
    "new balances": crediting.SET_BALANCES,
    "findings to change": moves.LOCK,
    "the steps of findings": moves.CARRY,
    "findings over their term": advancing.OVERDUE,
    "a queue of findings": casework.Search("issued").statement(201)[0],
    "a queue of findings, next page": casework.Search("issued", after="2026-01-01_f").statement(201)[0],
    "a rule's queue": casework.Search("issued", rule_id="N24").statement(201)[0],
    "an institution's findings": casework.Search("issued", "H1").statement(201)[0],
    "an institution's findings of a rule": casework.Search("issued", "H1", "N24", DAY, "2026-01-01_f").statement(201)[
        0
    ],
    "closed findings": casework.Search("closed", after="2026-01-01_f").statement(201)[0],
    "a finding": casework.ONE,
    "lines of findings": casework.EVIDENCE,
    "the history of a finding": casework.STEPS,
    "the bill of a finding": casework.BILL,
    "files of a finding": attachments.OF_FINDING,
    "what an expert is asked": casework.ASKED,
    "whether an expert is asked": experts.ASKED,
    "what a month's statement is made of": deductions.ENDED,
    "what a bill was deducted": deductions.TAKEN,
    "lines of a deduction statement": deductions.LINES,
    "a month's deduction statements": casework.STATEMENTS,
}


@pytest.mark.parametrize(("what", "statement"), STATEMENTS.items(), ids=STATEMENTS)
def test_a_statement_finds_its_rows_by_an_index(module_database_url: str, what: str, statement: str) -> None:
    assert walked(module_database_url, statement) == []


def test_the_newest_bills_are_read_from_the_end_of_an_index(module_database_url: str) -> None:
    plan = plan_of(module_database_url, queries.list_statement(BillFilter(), 21, 0)[0])
    scans = [node for node in nodes(plan) if node.get("Alias") == "s"]
    assert [(scan["Index Name"], scan["Scan Direction"]) for scan in scans] == [("settlement_time", "Backward")]


def test_bills_of_a_person_are_found_by_the_person(module_database_url: str) -> None:
    """An empty table is as cheap to read by time: that index is taken away for the question."""
    statement = queries.list_statement(BillFilter(psn_no="p1"), 21, 0)[0]
    plan = plan_of(module_database_url, statement, "set enable_seqscan = off; drop index settlement.settlement_time")
    assert "settlement_psn" in {node.get("Index Name") for node in nodes(plan)}


def test_a_statement_without_an_index_is_noticed(module_database_url: str) -> None:
    assert walked(module_database_url, "select 1 from settlement.visit where chfpdr_code = $1") == ["visit"]


def walked(url: str, statement: str) -> list[str]:
    """Tables of which a plan reads every row, or every entry of an index."""
    scans = [node for node in nodes(plan_of(url, statement)) if "Relation Name" in node]
    return [node["Relation Name"] for node in scans if not is_lookup(node)]


def is_lookup(node: dict[str, Any]) -> bool:
    return "Index Cond" in node or node["Node Type"] in ("Bitmap Heap Scan", "ModifyTable")


def plan_of(url: str, statement: str, before: LiteralString = "set enable_seqscan = off") -> dict[str, Any]:
    with psycopg.connect(url) as connection:
        connection.execute(before)
        row = connection.execute(f"explain (generic_plan, format json) {statement}".encode()).fetchone()
        connection.rollback()
    assert row is not None
    plan: dict[str, Any] = row[0][0]["Plan"]
    return plan


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)
