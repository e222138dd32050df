"""`/me`: an insured person's own page (我的医保): insured or not, what to pay, account, family, what happened."""

from typing import Any

from litestar import Request, get
from litestar.exceptions import HTTPException
from litestar.response import Template

from yibao.web.access import Access, visitor_required
from yibao.web.people import areas
from yibao.web.person_view import answers, person_view
from yibao.web.rendering import page
from yibao.web.state import services


@get("/me", opt={"access": Access.INSURED})
async def me(request: Request[Any, Any, Any]) -> Template:
    """The page of the person whom the user is bound to, and of nobody else."""
    visitor = await visitor_required(request)
    async with services(request).database.connection() as connection:
        view = await person_view(connection, visitor.psn_no or "")
        if view is None:
            raise HTTPException(status_code=404, detail="没有您的参保资料，请与经办机构联系")
        places = await areas(request, connection)
    return await page(request, "me.html", view=view, answers=answers(view), areas=places)
