"""Every demo person buys something at a pharmacy: it is settled, or refused for the reason the note tells."""

from datetime import timedelta

from yibao.benefits.book import PackBook
from yibao.core import dates
from yibao.core.database import Database
from yibao.core.errors import Refused
from yibao.demo.bills import Desk, handbook, purchase_of, visitor_of
from yibao.demo.loading import load_city
from yibao.demo.messages import Care, Visitor, sale
from yibao.demo.people import DemoPerson
from yibao.directory.cache import DirectoryCache
from yibao.gateway.dispatch import Gateway
from yibao.settlement.services import Services

KEY = bytes(32)
REFUSED = {
    "waiting_flexible": "P205",
    "suspended": "P203",
    "dead": "P206",
    "not_enrolled": "P202",
    "last_year": "P204",
    "ended": "P204",
    "waiting_resident": "P205",
}


def visitor(demo: DemoPerson) -> Visitor:
    if demo.enrolments:
        return visitor_of(demo)
    return Visitor(demo.person.psn_no, demo.person.certno, demo.person.psn_name, "310", "11", "340600")


async def test_every_person_is_settled_or_refused_as_the_note_tells(database: Database) -> None:
    async with database.transaction() as connection:
        await load_city(connection, KEY, dates.today())
    book, now = handbook(dates.today()), dates.now()
    desk = Desk(Gateway(Services(database, DirectoryCache(database), PackBook.load()), KEY), now)
    items = [purchase_of(book.items["布洛芬缓释胶囊"], 1)]
    refused = {}
    for demo in book.people.values():
        message = sale(visitor(demo), Care("41", "", "", acct_used_flag="2"), items, now - timedelta(minutes=1))
        try:
            await desk.send("2102", book.places["P34060000001"], visitor(demo).area, message)
        except Refused as error:
            refused[demo.key] = error.refusals[0].code
    assert refused == REFUSED
