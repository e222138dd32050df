"""`/verify-bill`: is this printed bill genuine? Open to everyone, tells nothing about the person."""

from dataclasses import dataclass
from typing import Any

from litestar import Request, get
from litestar.exceptions import TooManyRequestsException
from litestar.response import Template

from yibao.settlement.queries import BillView, find_bill
from yibao.web.access import Access
from yibao.web.check_code import fits, setl_id_of, tidy
from yibao.web.rendering import one_line, page
from yibao.web.state import services
from yibao.web.statement import status_of


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the holder of the paper may know; all empty when the code is not genuine."""

    genuine: bool
    setl_id: str = ""
    institution: str = ""
    date: str = ""
    total: int = 0
    status: str = ""


@get("/verify-bill", opt={"access": Access.PUBLIC})
async def verify_bill(request: Request[Any, Any, Any]) -> Template:
    """The form, and with `code` the verdict."""
    code = tidy(one_line(request.query_params.get("code", ""), 80))
    verdict = await verdict_on(request, code) if code else None
    return await page(request, "verify.html", code=code, result=verdict)


async def verdict_on(request: Request[Any, Any, Any], code: str) -> Verdict:
    """Look the bill up and compare; 429 for an address that asks too often."""
    shared = services(request)
    if not shared.verifications.allows(request.client.host if request.client else ""):
        raise TooManyRequestsException("核对过于频繁，请一分钟后再试")
    async with shared.database.connection() as connection:
        view = await find_bill(connection, setl_id_of(code))
    return _verdict(view) if view and fits(shared.key, view.bill, code) else Verdict(genuine=False)


def _verdict(view: BillView) -> Verdict:
    return Verdict(
        genuine=True,
        setl_id=view.bill.setl_id,
        institution=view.institution["fixmedins_name"],
        date=f"{view.bill.setl_time:%Y-%m-%d}",
        total=view.bill.medfee_sumamt,
        status=status_of(view),
    )
