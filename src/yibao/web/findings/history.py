"""One finding with all that happened (时间线), and the files of its appeal, for whoever may see it."""

from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Template

from yibao.core.database import Connection
from yibao.supervision.casework.attachments import find_attachment
from yibao.supervision.casework.queries import History, history_of
from yibao.web.access import visitor_required
from yibao.web.accounts import EXPERT, INSTITUTION, Visitor
from yibao.web.findings.listing import WORDS, actor_of
from yibao.web.rendering import one_line, page
from yibao.web.state import services

STEPS = {
    "taken": "审核发现", "changed": "审核结果更新", "missing": "后续审核不再发现", "found_again": "后续审核再次发现",
    "issued": "初审：发机构", "dropped": "初审：排除", "accepted": "机构认可", "silent": "逾期未答复，视为认可",
    "appealed": "机构申诉", "asked": "提请专家评议", "opinion": "专家意见", "opinion_overdue": "评议到期，转回复审",
    "upheld": "复审：成立", "partly": "复审：部分成立", "dismissed": "复审：不成立",
    "data_fault": "复审：数据问题，已更正不扣款", "bill_cancelled": "所涉结算已撤销", "reopened": "重新复审",
    "deducted": "扣款已记账", "deduction_reversed": "扣款已冲回",
}  # fmt: skip
VERDICTS = {"upheld": "成立", "partly": "部分成立", "dismissed": "不成立", "data_fault": "数据问题"}


async def finding_shown(
    request: Request[Any, Any, Any], home: str, refused: Any = None, finding_id: str = ""
) -> Template:
    """The page of one finding; 404 for what is not the visitor's business. `home` is the list it belongs to."""
    visitor = await visitor_required(request)
    number = finding_id or one_line(request.path_params["number"], 60)
    async with services(request).database.connection() as connection:
        history = await history_of(connection, number)
        if history is None or not await _may_see(connection, visitor, history):
            raise HTTPException(status_code=404, detail="没有这条疑点，或它不属于您")
    own = [one for one in history.opinions if one["user_name"] == visitor.user_name]
    return await page(
        request,
        "findings_one.html",
        422 if refused else 200,
        history=history,
        one=history.finding,
        home=home,
        steps=STEPS,
        verdicts=VERDICTS,
        refusals=refused.refusals if refused else (),
        opinions=own if visitor.role == EXPERT else history.opinions,
        asked=any(one["given_at"] is None for one in own),
        done=request.query_params.get("done", ""),
        named=visitor.role != EXPERT,
        **WORDS,
    )


async def file_answer(request: Request[Any, Any, Any]) -> Response[bytes]:
    """A file of an appeal, always as a download."""
    visitor = await visitor_required(request)
    async with services(request).database.connection() as connection:
        found = await find_attachment(connection, one_line(request.path_params["number"], 60), actor_of(visitor))
    if found is None:
        raise HTTPException(status_code=404, detail="没有这个文件，或它不属于您")
    suffix = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}.get(found.media_type, "xlsx")
    headers = {
        "Content-Disposition": f'attachment; filename="appeal.{suffix}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(found.content, media_type=found.media_type, headers=headers)


async def _may_see(connection: Connection, visitor: Visitor, history: History) -> bool:
    if visitor.role == INSTITUTION:
        return history.finding.fixmedins_code == visitor.fixmedins_code and history.finding.reviewed_by is not None
    if visitor.role == EXPERT:
        return any(one["user_name"] == visitor.user_name for one in history.opinions)
    return True
