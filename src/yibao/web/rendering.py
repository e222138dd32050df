"""Templates of the pages and how they are filled: `page(request, "bill.html", …)` → a response that nobody caches."""

import hashlib
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Request
from litestar.exceptions import HTTPException
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template
from litestar.template import TemplateConfig

from yibao.core import dates
from yibao.core.errors import Unavailable
from yibao.web import person_words, wording
from yibao.web.access import visitor_of
from yibao.web.navigation import navigation

LARGE_TYPE = "type_size"  # cookie that remembers the large-type mode (大字版)
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
PATTERNED = frozenset({"serious", "aid", "other", "family", "hospital", "cash"})  # fills with a pattern over them


def template_config() -> TemplateConfig[JinjaTemplateEngine]:
    """Templates of this folder; an unknown name is an error, and every text is escaped."""
    environment = Environment(
        loader=PackageLoader("yibao.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "yuan": wording.yuan,
        "percent": wording.percent,
        "rate": wording.rate,
        "price": wording.price,
        "count": lambda number: wording.scaled(number, 4),
        "times": lambda number: wording.scaled(number, 0),
        "local": lambda at, form: at.astimezone(dates.SHANGHAI).strftime(form),
        "med_type": lambda code: wording.name_of("med_type", code),
        "named": lambda code, table: wording.name_of(table, code),
        "masked": wording.masked_certificate,
    }
    environment.globals |= {"stylesheet": stylesheet_name(), "patterns": PATTERNED, "words": person_words}
    environment.globals["marks"] = wording.MARKS
    return TemplateConfig(instance=JinjaTemplateEngine.from_environment(environment))


async def page(request: Request[Any, Any, Any], template: str, status_code: int = 200, **context: Any) -> Template:
    """The filled template; nobody is signed in while the database is away."""
    try:
        visitor = await visitor_of(request)
    except Unavailable:
        visitor = None
    return filled(request, template, status_code, visitor=visitor, **context)


def filled(request: Request[Any, Any, Any], template: str, status_code: int, **context: Any) -> Template:
    """The template with what every page shows: who is signed in, where we are, the size of type."""
    query = request.url.query
    visitor = request.scope["state"].get("visitor")
    shared = {
        "visitor": visitor,
        "entries": (entries := navigation(visitor)),
        "current": current_entry([entry.path for entry in entries], request.url.path),
        "here": request.url.path,
        "here_and_query": request.url.path + (f"?{query}" if query else ""),
        "large": request.cookies.get(LARGE_TYPE) == "large",
    }
    headers = {"Cache-Control": "no-store", **HEADERS}
    return Template(template, context=shared | context, status_code=status_code, headers=headers)


def current_entry(paths: list[str], here: str) -> str:
    """The link of the navigation that a page belongs to: the longest that its address begins with, "" for none."""
    return max(
        (one for one in paths if here == one or (one != "/" and here.startswith(f"{one}/"))), key=len, default=""
    )


def with_query(path: str, parameters: dict[str, str], **changes: str) -> str:
    """`path` with the parameters, as changed, that are not empty."""
    query = urlencode({name: value for name, value in (parameters | changes).items() if value})
    return f"{path}?{query}" if query else path


@cache
def asset(name: str) -> bytes:
    """A file of the folder `static`."""
    return files("yibao.web").joinpath("static", name).read_bytes()


@cache
def stylesheet_name() -> str:
    """yibao.<digest>.css: a new name with every change, so browsers may keep it for ever."""
    return f"yibao.{hashlib.sha256(asset('yibao.css')).hexdigest()[:12]}.css"


def one_line(text: str, longest: int) -> str:
    """What a person typed, without control characters (the database takes no NUL) and not longer than sensible."""
    return "".join(character for character in text[:longest] if character.isprintable()).strip()


def is_local_path(target: str) -> bool:
    """Whether a redirect to `target` stays on this site."""
    return target.startswith("/") and not target.startswith(("//", "/\\")) and "\n" not in target and "\r" not in target


def not_found() -> HTTPException:
    """The same answer for what does not exist and for what is not the visitor's business."""
    return HTTPException(status_code=404, detail="没有这张账单，或它不属于您")
