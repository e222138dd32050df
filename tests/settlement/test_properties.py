"""A person's year with everything that may happen to bills, in any order, through the real database.

A family of three (an employee, her husband whose account may pay for her and for his poor mother, a resident) buys,
sees doctors, lies in hospital, gets interim bills; bills are cancelled, reversed, settled anew. After every step all
that must hold is computed here from the rows; at the end the bills that stand are settled once more for a family that
never had a cancellation, then everything is cancelled and nothing remains.
"""

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
import yaml
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests.settlement.conftest import AREAS
from tests.settlement.town import COUNTY_HOSPITAL, DRUG_A, DRUG_B, HOSPITAL, LIMITED, OWN_PAID, PHARMACY, Town, render
from yibao.benefits import load_pack
from yibao.benefits.book import PackBook
from yibao.core.database import Database
from yibao.core.errors import Refused
from yibao.directory.cache import DirectoryCache
from yibao.ledger import book, install_chart
from yibao.population.accounts import credit_entry
from yibao.population.entitlement.coverage import take_over
from yibao.settlement.actions import settle
from yibao.settlement.model import FeeLine
from yibao.settlement.services import Services
from yibao.settlement.verify import violations

T = TypeVar("T")
REFUSE, RECOMPUTE = "refuse_with_list", "recompute"
PACK = AREAS / "huaibei" / "benefits" / "pack.yaml"
START = datetime.fromisoformat("2024-10-01 10:00:00")
WIFE, HUSBAND, MOTHER = "wife", "husband", "mother"
OPENING = {WIFE: 30_000, HUSBAND: 60_000}
INSURANCE = {WIFE: "310", HUSBAND: "310", MOTHER: "390"}
FUNDS = ("hifp_pay", "hifmi_pay", "maf_pay", "fund_pay_sumamt", "act_pay_dedc", "inscp_amt", "preselfpay_amt")
POOLED_LIMIT, POOLED_DEDUCTIBLE, AID_LIMIT, BASIC_LIMIT = 130_000, 50_000, 5_000_000, 30_000_000
ROWS = """
select s.*, exists (select 1 from settlement.settlement c where c.init_setl_id = s.setl_id) as cancelled
from settlement.settlement s where psn_no = $1 order by created_at
"""
VISIT_AND_LINES = """
select v.*, (select jsonb_agg(to_jsonb(f) order by f.bkkp_sn) from settlement.fee_line f where f.setl_id = $2) as lines
from settlement.visit v where v.mdtrt_id = $1
"""
HIDE_STAYS = """
update settlement.visit set status = 'settled' where psn_no = $1 and status = 'admitted' returning mdtrt_id
"""
SHOW_STAYS = "update settlement.visit set status = 'admitted' where mdtrt_id = any ($1)"
_families = itertools.count(1)

people = st.sampled_from([WIFE, HUSBAND, MOTHER])
accounts = st.sampled_from(["0", "1", "2"])
fees = st.lists(
    st.tuples(
        st.sampled_from([DRUG_A, DRUG_A, DRUG_B, OWN_PAID, LIMITED]),
        st.one_of(st.integers(1, 300_000), st.sampled_from([1, 49_999, 50_001, 2_500_000])),
    ),
    min_size=1,
    max_size=3,
)  # fmt: skip
stays = st.tuples(st.integers(0, 30), st.sampled_from([HOSPITAL, COUNTY_HOSPITAL]))


class World:
    """The town that all examples of one run share, with the loop its database lives on."""

    def __init__(self, runner: asyncio.Runner, town: Town, mode: str) -> None:
        self.runner, self.town, self.mode = runner, town, mode

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)


async def found_family(town: Town) -> dict[str, str]:
    """Three new people; returns psn_no by role."""
    number = next(_families)
    family = {role: f"{role}-{number}" for role in INSURANCE}
    async with town.database.transaction() as connection:
        for role, psn_no in family.items():
            await connection.execute(
                "insert into population.person (psn_no, certno, psn_name, gend, brdy)"
                " values ($1, $1, $1, '1', '1970-01-01')", psn_no,
            )  # fmt: skip
            await connection.execute(
                "insert into population.enrolment (psn_no, insutype, psn_type, insu_admdvs, begndate)"
                " values ($1, $2, $3, '340600', '2023-01-01')",
                psn_no, INSURANCE[role], "15" if role == MOTHER else "11",
            )  # fmt: skip
        await take_over(connection)
        await connection.execute(
            "insert into population.identity_tag (psn_no, psn_idet_type, tag, begntime)"
            " values ($1, '2303', '低保', '2023-01-01')", family[MOTHER],
        )  # fmt: skip
        for role, balance in OPENING.items():
            await connection.execute("insert into population.account values ($1, $2)", family[role], balance)
            await connection.execute(
                "insert into population.account_movement (psn_no, amount, balance_after, kind, reference)"
                " values ($1, $2, $2, 'opening', 'test')", family[role], balance,
            )  # fmt: skip
            opening = credit_entry(family[role], balance, f"opening {family[role]}", START.date(), "opening")
            await book(connection, opening)
        for beneficiary in (WIFE, MOTHER):
            await connection.execute(
                "insert into population.family_link (beneficiary, payer, seq, relation, begndate)"
                " values ($1, $2, 1, '10', '2023-01-01')", family[beneficiary], family[HUSBAND],
            )  # fmt: skip
    return family


class Year(RuleBasedStateMachine):
    """The year of one family."""

    world: World

    @initialize()
    def begin(self) -> None:
        self.town = self.world.town
        self.town.clock(START)
        self.family = self.world.do(found_family(self.town))
        self.stay: dict[str, tuple[str, str]] = {}  # who lies in hospital: visit and hospital

    # -- what people do --------------------------------------------------------------------------------------

    @rule(days=st.integers(0, 25))
    def time_passes(self, days: int) -> None:
        self.town.clock(self.town.now + timedelta(days=days, minutes=1))

    @rule(who=people, lines=fees, account=accounts)
    def buy(self, who: str, lines: list[tuple[str, int]], account: str) -> None:
        request = self.town.sale(
            self.family[who], *self.fee_lines(lines), insutype=INSURANCE[who], account=account
        )  # fmt: skip
        self.world.do(settle(self.town.services, request, self.town.message(PHARMACY, "2102"), render))

    @rule(who=people, lines=fees, account=accounts, later=st.integers(0, 3))
    def see_a_doctor(self, who: str, lines: list[tuple[str, int]], account: str, later: int) -> None:
        async def work() -> None:
            psn_no, insutype = self.family[who], INSURANCE[who]
            mdtrt_id = await self.town.visit(psn_no, insutype=insutype)
            await self.town.upload(psn_no, mdtrt_id, *self.fee_lines(lines))
            self.town.clock(self.town.now + timedelta(days=later))
            await self.town.settle(psn_no, mdtrt_id, insutype=insutype, acct_used_flag=account)

        self.world.do(work())

    @rule(who=people, lines=fees, account=accounts, stay=stays, interim=st.booleans())
    def lie_in_hospital(
        self, who: str, lines: list[tuple[str, int]], account: str, stay: tuple[int, str], interim: bool
    ) -> None:
        """Admitted unless there already, treated, billed; an interim bill leaves the person in bed.

        A stay whose final bill was undone has ended: it only is billed again.
        """
        days, hospital = stay
        if who in self.stay and self.discharged(self.stay[who][0]):
            return self.bill_stay(who, account, "0")
        if who not in self.stay:
            mdtrt_id = self.world.do(self.town.admit(self.family[who], hospital, INSURANCE[who]))
            self.stay[who] = mdtrt_id, hospital
        mdtrt_id, hospital = self.stay[who]
        self.world.do(self.town.upload(self.family[who], mdtrt_id, *self.fee_lines(lines), hospital=hospital))
        self.town.clock(self.town.now + timedelta(days=days))
        return self.bill_stay(who, account, "1" if interim else "0")

    def bill_stay(self, who: str, account: str, mid_setl_flag: str) -> None:
        mdtrt_id, hospital = self.stay[who]
        work = self.town.settle(
            self.family[who], mdtrt_id, hospital, insutype=INSURANCE[who], acct_used_flag=account,
            mid_setl_flag=mid_setl_flag,
        )  # fmt: skip
        self.world.do(work)
        if mid_setl_flag == "0":
            del self.stay[who]

    def discharged(self, mdtrt_id: str) -> bool:
        async def work() -> bool:
            async with self.town.database.connection() as connection:
                status = await connection.fetchval("select status from settlement.visit where mdtrt_id = $1", mdtrt_id)
            return bool(status == "discharged")

        return self.world.do(work())

    @rule(on=st.booleans())
    def share_the_account(self, on: bool) -> None:
        """The husband binds or unbinds his account (家庭共济)."""

        async def work() -> None:
            async with self.town.database.transaction() as connection:
                last_day = None if on else self.town.now.date() - timedelta(days=1)
                await connection.execute(
                    "update population.family_link set enddate = $2 where payer = $1", self.family[HUSBAND], last_day
                )

        self.world.do(work())

    # -- undoing -----------------------------------------------------------------------------------------------

    @rule(who=people)
    def cancel_the_last(self, who: str) -> None:
        if bills := self.standing(who):
            self.cancel(bills[-1])

    @rule(who=people, which=st.integers(0, 20))
    def cancel_any(self, who: str, which: int) -> None:
        """Refused with the list, or done with the later bills computed again, as the pack says."""
        if bills := self.standing(who):
            self.undo_unless_refused(bills[which % len(bills)], reversing=False)

    @rule(who=people, which=st.integers(0, 20))
    def reverse_any(self, who: str, which: int) -> None:
        """A message whose reply was lost is reversed; one that was computed again has no message of its own."""
        bills = [bill for bill in self.standing(who) if "+" not in bill["medins_setl_id"]]
        if bills:
            self.undo_unless_refused(bills[which % len(bills)], reversing=True)

    def undo_unless_refused(self, bill: Any, *, reversing: bool) -> None:
        later = [row for row in self.standing_of(bill["psn_no"]) if row["created_at"] > bill["created_at"]]
        of_stay = [row for row in later if row["mdtrt_id"] == bill["mdtrt_id"]]
        refusals = refusals_of(lambda: self.reverse(bill) if reversing else self.cancel(bill))
        assert refusals in (set(), {"S306"})
        assert not refusals or (later if self.world.mode == REFUSE else of_stay)
        assert refusals or not of_stay

    def cancel(self, bill: Any) -> None:
        self.world.do(self.town.cancel(bill["psn_no"], dict(bill), bill["fixmedins_code"]))
        self.remember_open_stay(bill)

    def reverse(self, bill: Any) -> None:
        place = bill["fixmedins_code"]
        kind = "2102" if place == PHARMACY else "2304"
        self.world.do(self.town.reverse(bill["psn_no"], bill["medins_setl_id"], kind, place))
        self.remember_open_stay(bill)

    def remember_open_stay(self, bill: Any) -> None:
        """After its final bill is undone a stay has to be billed again before the next one."""
        if bill["med_type"] == "2101":
            who = bill["psn_no"].partition("-")[0]
            self.stay[who] = bill["mdtrt_id"], bill["fixmedins_code"]

    # -- what must hold ------------------------------------------------------------------------------------------

    @invariant()
    def the_books_are_right(self) -> None:
        bills = {who: self.rows(psn_no) for who, psn_no in self.family.items()}
        for of_person in bills.values():
            for bill in of_person:
                check_bill(bill)
        for who, psn_no in self.family.items():
            check_accumulators(bills[who], self.world.do(self.town.totals(psn_no)))
        check_accounts(bills, {who: self.world.do(self.town.balance(self.family[who])) for who in OPENING})

    def teardown(self) -> None:
        if not hasattr(self, "family"):
            return
        today = self.town.now
        self.what_stands_is_what_would_have_been_without_what_was_cancelled()
        self.town.clock(today)
        self.cancelling_everything_leaves_no_trace()
        assert self.world.do(all_violations(self.town)) == []

    def what_stands_is_what_would_have_been_without_what_was_cancelled(self) -> None:
        twins = self.world.do(found_family(self.town))
        for who in INSURANCE:
            bills = self.standing(who)
            again = [self.world.do(settle_again(self.town, twins[who], who, bill)) for bill in bills]
            assert [amounts_of(bill) for bill in bills] == [amounts_of(bill) for bill in again]

    def cancelling_everything_leaves_no_trace(self) -> None:
        for psn_no in self.family.values():
            while bills := self.standing_of(psn_no):
                self.cancel(bills[-1] if self.world.mode == REFUSE else oldest_that_may_go(bills))
            assert self.world.do(self.town.totals(psn_no)) == {}
        assert {who: self.world.do(self.town.balance(self.family[who])) for who in OPENING} == OPENING

    # -- reading -------------------------------------------------------------------------------------------------

    def fee_lines(self, lines: list[tuple[str, int]]) -> list[FeeLine]:
        return [self.town.line(code, f"{fen / 100:.2f}", hosp_appr_flag="1") for code, fen in lines]

    def rows(self, psn_no: str) -> list[Any]:
        async def work() -> list[Any]:
            async with self.town.database.connection() as connection:
                return list(await connection.fetch(ROWS, psn_no))

        return self.world.do(work())

    def standing(self, who: str) -> list[Any]:
        return self.standing_of(self.family[who])

    def standing_of(self, psn_no: str) -> list[Any]:
        return [row for row in self.rows(psn_no) if row["init_setl_id"] is None and not row["cancelled"]]


def refusals_of(work: Callable[[], None]) -> set[str]:
    try:
        work()
    except Refused as refused:
        return {refusal.code for refusal in refused.refusals}
    return set()


def oldest_that_may_go(bills: list[Any]) -> Any:
    """Where the pack computes later bills again: the first that is the last of its visit."""
    last_of_visit = {bill["mdtrt_id"]: bill["setl_id"] for bill in bills}
    return next(bill for bill in bills if last_of_visit[bill["mdtrt_id"]] == bill["setl_id"])


def check_bill(bill: Any) -> None:
    sign = -1 if bill["init_setl_id"] else 1
    portions = ("inscp_amt", "fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt")
    assert bill["medfee_sumamt"] == sum(bill[name] for name in portions)
    assert bill["medfee_sumamt"] == bill["fund_pay_sumamt"] + bill["acct_pay"] + bill["cash_payamt"]
    layers = ("hifp_pay", "hifmi_pay", "maf_pay")
    assert bill["fund_pay_sumamt"] == sum(bill[name] for name in layers)
    assert all(sign * bill[name] >= 0 for name in (*portions, *layers, "acct_pay", "acct_mulaid_pay", "cash_payamt"))
    # every layer pays at most what the layers before it left of what the policy covers
    assert sign * bill["fund_pay_sumamt"] <= sign * bill["inscp_amt"]
    titles = [fund["title"] for fund in bill["funds"]]
    assert len(titles) == len(set(titles))


def check_accumulators(bills: list[Any], kept: dict[str, int]) -> None:
    """What is kept is the sum over all bills, the negative ones too, and within the limits of the year."""
    sums = Counter[str]()
    for bill in bills:
        sums.update(bill["accumulators"])
    assert kept == {key: value for key, value in sums.items() if value}
    check_limits(kept)


def check_accounts(bills: dict[str, list[Any]], balances: dict[str, int]) -> None:
    """Accounts hold what they were opened with less what bills took; nobody but herself pays from the wife's."""
    spent = sum(bill["acct_pay"] for of_person in bills.values() for bill in of_person)
    own = sum(bill["acct_pay"] - bill["acct_mulaid_pay"] for bill in bills[WIFE])
    assert sum(balances.values()) == sum(OPENING.values()) - spent
    assert balances[WIFE] == OPENING[WIFE] - own
    assert min(balances.values()) >= 0


def check_limits(totals: dict[str, int]) -> None:
    limits = {
        "pooled:payment": POOLED_LIMIT, "pooled:deductible": POOLED_DEDUCTIBLE, "aid:payment": AID_LIMIT,
        "basic:payment": BASIC_LIMIT,
    }  # fmt: skip
    for key, value in totals.items():
        assert 0 < value <= limits.get(key.partition(":")[2], value), key


async def all_violations(town: Town) -> list[str]:
    async with town.database.connection() as connection:
        return [f"{sentence}: {case}" async for sentence, cases in violations(connection) for case in cases]


def amounts_of(bill: Any) -> tuple[Any, ...]:
    return tuple(bill[name] for name in (*FUNDS, "enddate", "year"))


async def settle_again(town: Town, psn_no: str, who: str, bill: Any) -> Any:
    """The same care for a person without a past of cancellations: same lines, same days, same place."""
    async with town.database.connection() as connection:
        visit = await connection.fetchrow(VISIT_AND_LINES, bill["mdtrt_id"], bill["setl_id"])
    lines = [fee_again(line) for line in visit["lines"]]
    place, insutype = bill["fixmedins_code"], INSURANCE[who]
    known = town.twins.get((psn_no, bill["mdtrt_id"]))
    town.clock(visit["begntime"])
    if place == PHARMACY:
        request = town.sale(psn_no, *lines, insutype=insutype, account="0")
        reply = await settle(town.services, request, town.message(PHARMACY, "2102"), render)
        return await row_of(town, msgspec.json.decode(reply)["setl_id"])
    if known is None:
        admitted = bill["med_type"] == "2101"
        opening = (town.admit if admitted else town.visit)(psn_no, place, insutype=insutype)
        known = town.twins[psn_no, bill["mdtrt_id"]] = await beside_open_stays(town, psn_no, opening)
    town.clock(datetime.combine(bill["enddate"], time(23)))
    await town.upload(psn_no, known, *lines, hospital=place)
    done = await town.settle(
        psn_no, known, place, insutype=insutype, acct_used_flag="0", mid_setl_flag=bill["mid_setl_flag"]
    )
    return await row_of(town, done["setl_id"])


async def beside_open_stays(town: Town, psn_no: str, opening: Coroutine[Any, Any, str]) -> str:
    """Open a visit although a stay is open: a stay billed again after its final bill was undone may come later here."""
    async with town.database.transaction() as connection:
        stays = await connection.fetch(HIDE_STAYS, psn_no)
    mdtrt_id = await opening
    async with town.database.transaction() as connection:
        await connection.execute(SHOW_STAYS, [row["mdtrt_id"] for row in stays])
    return mdtrt_id


def fee_again(line: dict[str, Any]) -> FeeLine:
    names = ("feedetl_sn", "med_list_codg", "det_item_fee_sumamt", "cnt", "pric", "hosp_appr_flag")
    return FeeLine(fee_ocur_time=datetime.fromisoformat(line["fee_ocur_time"]), **{name: line[name] for name in names})


async def row_of(town: Town, setl_id: str) -> Any:
    async with town.database.connection() as connection:
        return await connection.fetchrow("select * from settlement.settlement where setl_id = $1", setl_id)


class TownOfTwins(Town):
    """A town that remembers which visit of a twin stands for which original."""

    def __init__(self, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(services, monkeypatch)
        self.twins: dict[tuple[str, str], str] = {}


async def build(url: str, pack: Path, monkeypatch: pytest.MonkeyPatch) -> TownOfTwins:
    database = await Database.open(url)
    directory = DirectoryCache(database)
    town = TownOfTwins(Services(database, directory, PackBook({"340600": load_pack(pack)})), monkeypatch)
    async with database.transaction() as connection:
        await install_chart(connection)
        await town.build(connection, START.date().replace(year=2023))
    return town


def live(url: str, mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, examples: int, steps: int) -> None:
    """Run the machine under the small pack with `mode` (REFUSE or RECOMPUTE) for cancellations."""
    pack = yaml.safe_load(PACK.read_text(encoding="utf-8")) | {"cancellation": mode}
    (tmp_path / "pack.yaml").write_text(yaml.safe_dump(pack, allow_unicode=True), encoding="utf-8")
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    with asyncio.Runner() as runner:
        town = runner.run(build(url, tmp_path / "pack.yaml", monkeypatch))
        machine = type("Year", (Year,), {"world": World(runner, town, mode)})
        try:
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=checks,
                    print_blob=True,
                ),
            )  # fmt: skip
        finally:
            runner.run(town.database.close())


@pytest.mark.parametrize("mode", [REFUSE, RECOMPUTE])
def test_whatever_happens_in_a_year_the_books_are_right_and_what_was_cancelled_leaves_no_trace(
    database_url: str, mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live(database_url, mode, tmp_path, monkeypatch, examples=25, steps=18)


@pytest.mark.slow
@pytest.mark.parametrize("mode", [REFUSE, RECOMPUTE])
def test_in_hundreds_of_years_the_books_are_right_and_what_was_cancelled_leaves_no_trace(
    database_url: str, mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live(database_url, mode, tmp_path, monkeypatch, examples=100, steps=30)
