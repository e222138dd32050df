"""The web application of one worker process: the pages and, beside them, the national interface.

    create_app()      routes, sessions, protection against forged forms, templates
    /healthz          the process lives;   /readyz  green only while the database answers and can write
    /fsi …, /CSB …    the hospital interface, outside of all that belongs to pages only

A page is a handler in home, sign_in, bills, verification or site; each declares who may open it (`access`).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from litestar import Litestar, Router, asgi
from litestar.config.csrf import CSRFConfig
from litestar.exceptions import HTTPException
from litestar.types import Receive, Scope, Send

from yibao.benefits.book import PackBook
from yibao.core.config import Settings, load_settings, master_key
from yibao.core.database import Database
from yibao.core.errors import Refused, Unavailable
from yibao.directory.cache import DirectoryCache
from yibao.gateway.dispatch import Gateway
from yibao.ledger.sealing import keep_sealed
from yibao.population.campaign.keeping import keep_counted
from yibao.settlement.services import Services as CityServices
from yibao.supervision.casework.keeping import keep_advanced
from yibao.supervision.monitoring.watching import keep_watched
from yibao.web.access import Access, guard
from yibao.web.bills import bill, bill_list
from yibao.web.campaign import CAMPAIGN_PAGES
from yibao.web.campaign_lists import LIST_PAGES
from yibao.web.channels import channel_callback
from yibao.web.collector import COLLECTOR_PAGES
from yibao.web.employer import EMPLOYER_PAGES
from yibao.web.employer_papers import PAPER_PAGES
from yibao.web.errors import show_http_error, show_refused, show_unavailable, show_unexpected
from yibao.web.exchange import EXCHANGE_PAGES
from yibao.web.exchange_api import EXCHANGE_API
from yibao.web.exchange_batch import BATCH_PAGES
from yibao.web.findings import FINDING_PAGES
from yibao.web.home import home
from yibao.web.me import me
from yibao.web.monitoring import MONITORING_PAGES
from yibao.web.orders_review import ORDER_PAGES
from yibao.web.people import PEOPLE_PAGES
from yibao.web.reconciliation import RECONCILIATION_PAGES
from yibao.web.rendering import HEADERS, template_config
from yibao.web.session import session_config
from yibao.web.sign_in import login, login_form, logout
from yibao.web.site import assets, display, healthz, readyz
from yibao.web.state import Services, derived_key
from yibao.web.verification import verify_bill
from yibao.web.work import WORK_PAGES

OUTSIDE = {"access": Access.OWN_SIGNATURE, "skip_session": True, "exclude_from_csrf": True}
PAGES = [home, login_form, login, logout, me, bill_list, bill, verify_bill, assets, display]
PAGES += [
    *WORK_PAGES,
    *RECONCILIATION_PAGES,
    *PEOPLE_PAGES,
    *EMPLOYER_PAGES,
    *PAPER_PAGES,
    *EXCHANGE_PAGES,
    *BATCH_PAGES,
    *CAMPAIGN_PAGES,
    *LIST_PAGES,
    *COLLECTOR_PAGES,
    *ORDER_PAGES,
    *MONITORING_PAGES,
    *FINDING_PAGES,
]


@asgi(["/fsi", "/CSB"], is_mount=True, copy_scope=False, opt=OUTSIDE)
async def national_interface(scope: Scope, receive: Receive, send: Send) -> None:
    """The hospital interface; nothing of the pages stands before it."""
    await scope["litestar_app"].state.gateway(scope, receive, send)


OUTSIDE_THE_GUARD = [healthz, readyz, national_interface, channel_callback, *EXCHANGE_API]


def create_app(settings: Settings | None = None) -> Litestar:
    """The application; without `settings` the environment says where the database is."""
    chosen = settings or load_settings()
    if chosen.database_url is None:
        raise ValueError("the application needs the URL of a database that runs")
    key = master_key(chosen)
    return Litestar(
        route_handlers=[*OUTSIDE_THE_GUARD, Router("/", route_handlers=PAGES, guards=[guard])],
        middleware=[session_config(key).middleware],
        csrf_config=forms_config(key),
        lifespan=[partial(services_of, url=chosen.database_url, key=key)],
        template_config=template_config(),
        exception_handlers={
            HTTPException: show_http_error,
            Unavailable: show_unavailable,
            Refused: show_refused,
            Exception: show_unexpected,
        },
        response_headers=HEADERS,
        openapi_config=None,
    )


KEEPERS = (keep_sealed, keep_counted, keep_watched, keep_advanced)


@asynccontextmanager
async def services_of(app: Litestar, url: str, key: bytes) -> AsyncIterator[None]:
    """What requests share, from the start of the process to its end, and what runs beside them: sealing, counting."""
    database = await Database.open(url)
    directory = DirectoryCache(database)
    await directory.listen()
    city = CityServices(database, directory, PackBook.load())
    app.state.services = Services(city, key)
    app.state.gateway = Gateway(city, key)
    keeping = [asyncio.create_task(keep(database)) for keep in KEEPERS]
    yield
    for task in keeping:
        task.cancel()
    await directory.close()
    await database.close()


def forms_config(key: bytes) -> CSRFConfig:
    """A form is accepted only with the token that its page carried."""
    return CSRFConfig(
        secret=derived_key(key, "forms").hex(), cookie_name="form_token", cookie_httponly=True, cookie_samesite="lax"
    )
