"""Builders for the tests of settlement: what a test says in one line becomes real rows and real requests."""

import itertools
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from yibao.benefits import load_pack
from yibao.benefits.book import PackBook
from yibao.core import dates
from yibao.core.inbox import Message
from yibao.core.money import fen_from_yuan
from yibao.ledger import book
from yibao.population.accounts import credit_entry
from yibao.population.entitlement.coverage import take_over
from yibao.settlement.actions import presettle, settle
from yibao.settlement.cancellation import CancelRequest, cancel
from yibao.settlement.intake import register, upload_lines
from yibao.settlement.model import FeeLine, Settled, SettlementRequest, VisitOpening
from yibao.settlement.reversal import ReversalRequest, reverse
from yibao.settlement.services import Services

HOSPITAL, COUNTY_HOSPITAL, PHARMACY = "H34060000001", "H34060000002", "P34060000001"
DRUG_A, DRUG_B, OWN_PAID, LIMITED = "XA000001", "XB000001", "XC000001", "XL000001"
PEOPLE = (
    # psn_no, name, sex, birth, insutype, psn_type, tags, balance
    ("w1", "职工甲", "1", "1980-01-01", "310", "11", (), 100_000),
    ("w2", "职工乙", "2", "1985-01-01", "310", "11", (), 50_000),
    ("w3", "退休丙", "1", "1950-01-01", "310", "12", (), 0),
    ("r1", "居民丁", "2", "1970-01-01", "390", "15", (), None),
    ("r2", "低保戊", "1", "1960-01-01", "390", "15", ("低保",), None),
    ("r3", "居民己", "2", "2010-01-01", "390", "1403", (), None),
)
_numbers = itertools.count(1)


def render(settled: Settled) -> bytes:
    """The reply of the tests: setl_id and the amounts that a test looks at."""
    return msgspec.json.encode({name: getattr(settled.bill, name) for name in ANSWERED})


ANSWERED = (
    "setl_id", "mdtrt_id", "medfee_sumamt", "fund_pay_sumamt", "hifp_pay", "hifmi_pay", "maf_pay", "acct_pay",
    "acct_mulaid_pay", "cash_payamt", "psn_pay", "balc", "act_pay_dedc", "inscp_amt", "preselfpay_amt",
)  # fmt: skip


class Town:
    """The services with shorthands; amounts in yuan where a test writes them, fen where it reads them."""

    def __init__(self, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
        self.services = services
        self.database = services.database
        self._monkeypatch = monkeypatch
        self.now = datetime(2024, 6, 3, 10)

    def clock(self, now: datetime) -> None:
        self.now = now
        self._monkeypatch.setattr(dates, "now", lambda: self.now)

    def under(self, folder: Path, **changes: Any) -> "Town":
        """This town under its pack with some top-level keys changed."""
        source = Path(__file__).parent / "areas/huaibei/benefits/pack.yaml"
        pack = yaml.safe_load(source.read_text(encoding="utf-8")) | changes
        (folder / "pack.yaml").write_text(yaml.safe_dump(pack, allow_unicode=True), encoding="utf-8")
        packs = PackBook({"340600": load_pack(folder / "pack.yaml")})
        self.services = Services(self.database, self.services.directory, packs)
        return self

    async def build(self, connection: Any, since: date) -> None:
        for code, name, level, grade in (
            (HOSPITAL, "市人民医院", 3, "city"),
            (COUNTY_HOSPITAL, "县医院", 2, "county"),
            (PHARMACY, "大药房", 9, "city"),
        ):
            await connection.execute(
                "insert into directory.institution (fixmedins_code, fixmedins_name, fixmedins_type, hosp_lv, level,"
                " grade, admdvs, contract_from) values ($1, $2, $3, '2', $4, $5, '340602', $6)",
                code, name, "2" if code[0] == "P" else "1", level, grade, since,
            )  # fmt: skip
        for code, level, own_share, limit, limited in (
            (DRUG_A, "01", 0, {}, "0"),
            (DRUG_B, "02", 1000, {"*": 50_000_000}, "0"),
            (OWN_PAID, "03", 10_000, {}, "0"),
            (LIMITED, "01", 0, {}, "1"),
        ):
            await connection.execute(
                "insert into directory.item (area, med_list_codg, valid_from, list_type, item_name, med_chrgitm_type,"
                " chrgitm_lv, selfpay_prop, pric_uplmt, lmt_used_flag, version)"
                " values ('340600', $1, $2, '101', $1, '09', $3, $4, $5, $6, 'v1')",
                code, since, level, own_share, limit, limited,
            )  # fmt: skip
        for psn_no, name, sex, birth, insutype, psn_type, tags, balance in PEOPLE:
            await connection.execute(
                "insert into population.person (psn_no, certno, psn_name, gend, brdy) values ($1, $1, $2, $3, $4)",
                psn_no, name, sex, date.fromisoformat(birth),
            )  # fmt: skip
            await connection.execute(
                "insert into population.enrolment (psn_no, insutype, psn_type, insu_admdvs, begndate)"
                " values ($1, $2, $3, '340600', $4)",
                psn_no, insutype, psn_type, since,
            )  # fmt: skip
            for tag in tags:
                await connection.execute(
                    "insert into population.identity_tag (psn_no, psn_idet_type, tag, begntime)"
                    " values ($1, '2303', $2, $3)",
                    psn_no, tag, since,
                )  # fmt: skip
            if balance is not None:
                await connection.execute(
                    "insert into population.account (psn_no, balance) values ($1, $2)", psn_no, balance
                )
                if balance:
                    await connection.execute(
                        "insert into population.account_movement (psn_no, amount, balance_after, kind, reference)"
                        " values ($1, $2, $2, 'opening', 'test')", psn_no, balance,
                    )  # fmt: skip
                    day = self.now.date()
                    await book(connection, credit_entry(psn_no, balance, f"opening {psn_no}", day, "opening"))
        await take_over(connection)

    def message(self, sender: str, infno: str, msgid: str = "", body: bytes = b"") -> Message:
        return Message(sender, msgid or f"{sender}{next(_numbers):018d}", infno, (body or b"x").ljust(32, b"\1")[:32])

    def line(self, code: str, yuan: str, number: str = "", **more: Any) -> FeeLine:
        amount = fen_from_yuan(yuan)
        return FeeLine(
            feedetl_sn=number or f"f{next(_numbers)}", fee_ocur_time=self.now, med_list_codg=code,
            det_item_fee_sumamt=amount, cnt=10_000 if amount >= 0 else -10_000, pric=abs(amount) * 10_000, **more,
        )  # fmt: skip

    def sale(
        self, psn_no: str, *lines: FeeLine, insutype: str = "310", account: str = "1", **more: Any
    ) -> SettlementRequest:
        opening = VisitOpening(
            psn_no=psn_no, insutype=insutype, fixmedins_code=PHARMACY, mdtrtarea_admvs="340602", med_type="41",
            begntime=self.now,
        )  # fmt: skip
        return SettlementRequest(
            psn_no=psn_no, insutype=insutype, fixmedins_code=PHARMACY, mdtrtarea_admvs="340602", opening=opening,
            lines=lines, acct_used_flag=account, **more,
        )  # fmt: skip

    async def buy(self, psn_no: str, *yuan: str, msgid: str = "", **more: Any) -> dict[str, Any]:
        """A pharmacy purchase of class-A drugs."""
        request = self.sale(psn_no, *(self.line(DRUG_A, amount) for amount in yuan), **more)
        reply = await settle(self.services, request, self.message(PHARMACY, "2102", msgid), render)
        return dict(msgspec.json.decode(reply))

    async def admit(self, psn_no: str, hospital: str = HOSPITAL, insutype: str = "390", **more: Any) -> str:
        opening = VisitOpening(
            psn_no=psn_no, insutype=insutype, fixmedins_code=hospital, mdtrtarea_admvs="340602", status="admitted",
            begntime=self.now, **({"med_type": "2101"} | more),
        )  # fmt: skip
        return (await register(self.services, opening, self.message(hospital, "2401"), str.encode)).decode()

    async def visit(self, psn_no: str, hospital: str = HOSPITAL, insutype: str = "310", **more: Any) -> str:
        opening = VisitOpening(
            psn_no=psn_no, insutype=insutype, fixmedins_code=hospital, mdtrtarea_admvs="340602", med_type="11",
            begntime=self.now, **more,
        )  # fmt: skip
        return (await register(self.services, opening, self.message(hospital, "2201"), str.encode)).decode()

    async def upload(self, psn_no: str, mdtrt_id: str, *lines: FeeLine, hospital: str = HOSPITAL) -> None:
        message = self.message(hospital, "2301")
        await upload_lines(self.services, psn_no, hospital, {mdtrt_id: lines}, message, lambda _: b"ok")

    def request(self, psn_no: str, mdtrt_id: str, hospital: str = HOSPITAL, **more: Any) -> SettlementRequest:
        insutype = more.pop("insutype", "310" if psn_no[0] == "w" else "390")
        return SettlementRequest(
            psn_no=psn_no, insutype=insutype, fixmedins_code=hospital, mdtrtarea_admvs="340602", mdtrt_id=mdtrt_id,
            **more,
        )  # fmt: skip

    async def settle(
        self, psn_no: str, mdtrt_id: str, hospital: str = HOSPITAL, msgid: str = "", **more: Any
    ) -> dict[str, Any]:
        request = self.request(psn_no, mdtrt_id, hospital, **more)
        reply = await settle(self.services, request, self.message(hospital, "2304", msgid), render)
        return dict(msgspec.json.decode(reply))

    async def try_settle(self, request: SettlementRequest) -> Settled:
        return await presettle(self.services, request)

    async def stay(
        self, psn_no: str, yuan: str, hospital: str = HOSPITAL, days: int = 5, **more: Any
    ) -> dict[str, Any]:
        """A whole stay with one class-A line, settled on the day of discharge."""
        mdtrt_id = await self.admit(psn_no, hospital, "310" if psn_no[0] == "w" else "390")
        await self.upload(psn_no, mdtrt_id, self.line(DRUG_A, yuan), hospital=hospital)
        self.clock(self.now + timedelta(days=days))
        return await self.settle(psn_no, mdtrt_id, hospital, **more)

    async def cancel(self, psn_no: str, bill: dict[str, Any], place: str = HOSPITAL, msgid: str = "") -> dict[str, Any]:
        request = CancelRequest(setl_id=bill["setl_id"], mdtrt_id=bill["mdtrt_id"], psn_no=psn_no, fixmedins_code=place)
        reply = await cancel(self.services, request, self.message(place, "2208", msgid), render)
        return dict(msgspec.json.decode(reply))

    async def reverse(self, psn_no: str, omsgid: str, oinfno: str, place: str = PHARMACY) -> bytes:
        request = ReversalRequest(psn_no=psn_no, omsgid=omsgid, oinfno=oinfno, fixmedins_code=place)
        return await reverse(self.services, request, self.message(place, "2601"), b"{}", render)

    async def totals(self, psn_no: str) -> dict[str, int]:
        """Every accumulator of a person, zeros left out."""
        async with self.database.connection() as connection:
            rows = await connection.fetch("select totals from settlement.accumulator where psn_no = $1", psn_no)
        return {key: value for row in rows for key, value in row["totals"].items() if value}

    async def balance(self, psn_no: str) -> int:
        async with self.database.connection() as connection:
            return int(await connection.fetchval("select balance from population.account where psn_no = $1", psn_no))
