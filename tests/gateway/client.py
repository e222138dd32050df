"""A hospital's program for the tests: builds envelopes, signs them, posts them to the application in process."""

import itertools
import json
import time
from typing import Any

import httpx

from yibao.gateway.dispatch import Gateway
from yibao.gateway.signature import api_text, sign_api, sign_tif

_serial = itertools.count(1)


def tif_headers(key: str, secret: str, nonce: str = "", at: float | None = None) -> dict[str, str]:
    """Signed x-tif headers."""
    timestamp = str(int(time.time() if at is None else at))
    nonce = nonce or f"n{next(_serial)}"
    return {
        "x-tif-paasid": key,
        "x-tif-timestamp": timestamp,
        "x-tif-nonce": nonce,
        "x-tif-signature": sign_tif(secret, timestamp, nonce),
    }


def api_headers(key: str, secret: str, name: str, at: float | None = None) -> dict[str, str]:
    """Signed _api_ headers."""
    timestamp = str(int((time.time() if at is None else at) * 1000))
    text = api_text(key, name, timestamp, "1.0.0")
    return {
        "_api_access_key": key,
        "_api_name": name,
        "_api_timestamp": timestamp,
        "_api_version": "1.0.0",
        "_api_signature": sign_api(secret, text),
    }


class Program:
    """The software of one institution."""

    def __init__(self, gateway: Gateway, code: str, secret: str) -> None:
        self.code, self.secret = code, secret
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app=gateway), base_url="http://gateway")  # type: ignore[arg-type]

    def envelope(self, infno: str, sent: Any, **changes: Any) -> dict[str, Any]:
        message = {
            "infno": infno,
            "msgid": f"{self.code}20240603100000{next(_serial):04d}",
            "mdtrtarea_admvs": "340602",
            "insuplc_admdvs": "340600",
            "recer_sys_code": "MBS_LOCAL",
            "dev_no": "",
            "dev_safe_info": "",
            "cainfo": "",
            "signtype": "",
            "infver": "V1.0",
            "opter_type": "1",
            "opter": "0001",
            "opter_name": "操作员",
            "inf_time": "2024-06-03 10:00:00",
            "fixmedins_code": self.code,
            "fixmedins_name": "某机构",
            "sign_no": "",
            "input": sent,
        }
        return message | changes

    async def send(
        self, body: bytes, path: str = "/CSB", headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        signed = tif_headers(self.code, self.secret) if headers is None else headers
        return await self.http.post(path, content=body, headers=signed, **more)

    async def call(self, infno: str, sent: Any, **changes: Any) -> dict[str, Any]:
        """Post one message and read the envelope of its reply."""
        body = json.dumps(self.envelope(infno, sent, **changes), ensure_ascii=False).encode()
        response = await self.send(body)
        assert response.status_code == 200, response.text
        return dict(response.json())

    async def ok(self, infno: str, sent: Any, **changes: Any) -> Any:
        """The output of a message that must succeed."""
        reply = await self.call(infno, sent, **changes)
        assert reply["infcode"] == 0, reply
        return reply["output"]
