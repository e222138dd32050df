"""The software of an institution over real HTTP, and what it does when a reply does not come.

Sent            one message with its msgid and, once acknowledged, its reply byte for byte
Terminal.post   sends it once; the reply, or None when there was none or the platform could not serve
Terminal.settle sends it again and again, as the platform asks, until it is acknowledged
"""

import asyncio
import itertools
import json
import time
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import httpx

from tests.faults.city import secret_of
from tests.gateway.client import tif_headers
from tests.settlement.town import HOSPITAL, PHARMACY
from yibao.core import dates

PATH = "/fsi/api/rsfComIfsService/callService"
PATIENCE = 30  # seconds a program waits for a reply
REPEAT = "同一msgid原样重发"
_serial = itertools.count(1)


@dataclass
class Sent:
    """A message of one person; `reply` is set by the first acknowledgement."""

    sender: str
    infno: str
    psn_no: str
    body: bytes
    msgid: str
    reply: bytes | None = None
    refusals: list[str] = field(default_factory=list)

    @property
    def info(self) -> dict[str, Any]:
        """setlinfo of the reply, amounts as decimal yuan."""
        assert self.reply is not None
        return dict(json.loads(self.reply, parse_float=Decimal)["output"]["setlinfo"])

    def fen(self, name: str) -> int:
        """An amount of setlinfo; 0 for one that the transaction does not answer."""
        return int(Decimal(self.info.get(name, 0)) * 100)


def message(sender: str, infno: str, psn_no: str, sent: Any) -> Sent:
    """An envelope of the main edition around `sent`, with a msgid of its own."""
    now = dates.now()
    msgid = f"{sender}{now:%Y%m%d%H%M%S}{next(_serial):04d}"
    envelope = {
        "infno": infno, "msgid": msgid, "mdtrtarea_admvs": "340602", "insuplc_admdvs": "340600",
        "recer_sys_code": "99", "dev_no": "", "dev_safe_info": "", "cainfo": "", "signtype": "", "infver": "V1.0",
        "opter_type": "1", "opter": "01", "opter_name": "测试", "inf_time": f"{now:%Y-%m-%d %H:%M:%S}",
        "fixmedins_code": sender, "fixmedins_name": "某机构", "sign_no": "", "input": sent,
    }  # fmt: skip
    return Sent(sender, infno, psn_no, json.dumps(envelope, ensure_ascii=False).encode(), msgid)


def moment() -> str:
    return f"{dates.now():%Y-%m-%d %H:%M:%S}"


def person(psn_no: str) -> dict[str, Any]:
    return {
        "psn_no": psn_no, "insutype": "390" if psn_no[0] == "r" else "310", "mdtrt_cert_type": "02",
        "mdtrt_cert_no": psn_no, "psn_cert_type": "01", "certno": psn_no, "psn_type": "11", "psn_name": "某",
    }  # fmt: skip


def fee(number: str, yuan: str) -> dict[str, Any]:
    return {
        "feedetl_sn": number, "rx_circ_flag": "0", "fee_ocur_time": moment(), "med_list_codg": "XA000001",
        "medins_list_codg": "own", "det_item_fee_sumamt": yuan, "cnt": 1, "pric": yuan,
    }  # fmt: skip


def sale(psn_no: str, yuan: str, account: str = "1") -> Sent:
    """2102: one line of a class-A drug."""
    head = {"begntime": moment(), "medfee_sumamt": yuan, "acct_used_flag": account, "med_type": "41"}
    sent = {"druginfo": person(psn_no) | head, "drugdetail": [fee("1", yuan)]}
    return message(PHARMACY, "2102", psn_no, sent)


def registration(psn_no: str) -> Sent:
    """2201."""
    head = {
        "begntime": moment(), "ipt_otp_no": "M1", "atddr_no": "D1", "dr_name": "医生", "dept_code": "K1",
        "dept_name": "内科", "caty": "A03",
    }  # fmt: skip
    return message(HOSPITAL, "2201", psn_no, {"data": person(psn_no) | head})


def lines(psn_no: str, mdtrt_id: str, *yuan: str) -> Sent:
    """2204."""
    more = {
        "mdtrt_id": mdtrt_id, "psn_no": psn_no, "chrg_bchno": "B1", "bilg_dept_codg": "K1", "bilg_dept_name": "内科",
        "bilg_dr_codg": "D1", "bilg_dr_name": "医生", "hosp_appr_flag": "0", "med_type": "11", "prd_days": "",
    }  # fmt: skip
    rows = [fee(str(number), one) | more for number, one in enumerate(yuan, 1)]
    return message(HOSPITAL, "2204", psn_no, {"feedetail": rows})


def settling(psn_no: str, mdtrt_id: str, yuan: str) -> Sent:
    """2207."""
    bill = {
        "med_type": "11", "medfee_sumamt": yuan, "psn_setlway": "01", "mdtrt_id": mdtrt_id, "chrg_bchno": "B1",
        "acct_used_flag": "1", "invono": "", "fulamt_ownpay_amt": 0, "overlmt_selfpay": 0, "preselfpay_amt": 0,
        "inscp_scp_amt": yuan,
    }  # fmt: skip
    return message(HOSPITAL, "2207", psn_no, {"data": person(psn_no) | bill})


def undoing(bill: Sent) -> Sent:
    """2103 or 2208 of an acknowledged settlement."""
    info = bill.info
    sent = {"data": {"setl_id": info["setl_id"], "mdtrt_id": info["mdtrt_id"], "psn_no": bill.psn_no}}
    return message(bill.sender, "2103" if bill.infno == "2102" else "2208", bill.psn_no, sent)


def reversal(lost: Sent) -> Sent:
    """2601 of a message whose reply never came."""
    sent = {"data": {"psn_no": lost.psn_no, "omsgid": lost.msgid, "oinfno": lost.infno}}
    return message(lost.sender, "2601", lost.psn_no, sent)


class Terminal:
    """Programs of all institutions behind one pool of connections."""

    def __init__(self, url: str) -> None:
        self.http = httpx.AsyncClient(base_url=url, timeout=PATIENCE)

    async def __aenter__(self) -> "Terminal":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def post(self, sent: Sent) -> bytes | None:
        """Send once, freshly signed. An acknowledgement is kept in `sent` and must never differ from the first.

        None when no reply came or the platform asks to repeat (G051); any other refusal fails the test.
        """
        headers = tif_headers(sent.sender, secret_of(sent.sender), f"{time.time_ns()}-{next(_serial)}")
        try:
            answer = (await self.http.post(PATH, content=sent.body, headers=headers)).content
        except httpx.TransportError as error:
            sent.refusals.append(type(error).__name__)
            return None
        found = json.loads(answer)
        if found["infcode"] != 0:
            code = found["output"]["faults"][0]["code"]
            assert code == "G051", found
            assert REPEAT in found["err_msg"], found
            sent.refusals.append(code)
            return None
        assert sent.reply in (None, answer), "a repetition was answered differently"
        sent.reply = answer
        return answer

    async def settle(self, sent: Sent, seconds: float = 30.0) -> bytes:
        """Send until it is acknowledged."""
        deadline = time.monotonic() + seconds
        while (answer := await self.post(sent)) is None:
            assert time.monotonic() < deadline, f"{sent.msgid} was not acknowledged: {sent.refusals[-5:]}"
            await asyncio.sleep(0.1)
        return answer

    async def visit(self, psn_no: str, *yuan: str) -> Sent:
        """A registered visit with its lines, and the message that will settle it."""
        mdtrt_id = json.loads(await self.settle(registration(psn_no)))["output"]["data"]["mdtrt_id"]
        await self.settle(lines(psn_no, mdtrt_id, *yuan))
        return settling(psn_no, mdtrt_id, str(sum(map(Decimal, yuan))))
