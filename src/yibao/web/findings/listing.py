"""A queue of findings as pages show it: what was asked for, one page of rows with lines, counts, what was chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from litestar import Request

from yibao.core import dates
from yibao.core.database import Connection
from yibao.supervision.casework import queries
from yibao.supervision.casework.advance import advance
from yibao.supervision.casework.attachments import Upload
from yibao.supervision.casework.moves import MOST, OUTCOMES, STATES, Actor
from yibao.supervision.casework.queries import Listed, Search, StateCount
from yibao.web.accounts import Visitor
from yibao.web.rendering import one_line
from yibao.web.state import services

PAGE_LENGTH = 200
LONGEST_REASON = 2_000
DAYS_DRAWN = 14
"""A term of ten working days: the drawn bar of a deadline is full with this many days left."""
SEVERITIES = {"violation": "明确违规", "suspect": "可疑"}


@dataclass(frozen=True, slots=True)
class Queue:
    """One page of a state: `lines` of evidence by finding, `next_key` where the next page begins, "" at the end."""

    search: Search
    rows: list[Listed]
    lines: dict[str, list[Any]]
    next_key: str
    states: dict[str, StateCount]
    rules: list[tuple[str, str, int]]
    asked: dict[str, str]
    chosen: frozenset[str] = field(default_factory=frozenset)

    @property
    def rule_name(self) -> str:
        """Of the rule asked for."""
        return next((name for number, name, _ in self.rules if number == self.search.rule_id), self.search.rule_id)


async def queue_of(
    request: Request[Any, Any, Any],
    connection: Connection,
    states: tuple[str, ...],
    of: str | None = None,
    chosen: frozenset[str] = frozenset(),
    length: int = PAGE_LENGTH,
) -> Queue:
    """What the page's address asks for, within `states` (the first is the usual one) and the institution `of`."""
    asked = {name: one_line(value, 60) for name, value in request.query_params.items()}
    state = asked["state"] if asked.get("state") in states else states[0]
    today = dates.today()
    soon = today + timedelta(days=int(asked["within"])) if asked.get("within") in ("0", "3") else None
    place = of if of is not None else asked.get("institution") or None
    search = Search(state, place, asked.get("rule", ""), soon, asked.get("after", ""))
    rows = await queries.found(connection, search, length + 1)
    shown = rows[:length]
    every = frozenset(one.finding_id for one in shown)
    return Queue(
        search=search, rows=shown, lines=await queries.evidence_of(connection, [one.finding_id for one in shown]),
        next_key=shown[-1].key if len(rows) > length else "",
        states=await queries.state_counts(connection, today, place),
        rules=await queries.rule_counts(connection, state, place),
        asked={name: asked.get(name, "") for name in ("state", "rule", "within", "institution")},
        chosen=every if asked.get("chosen") == "all" and not chosen else chosen,
    )  # fmt: skip


async def advanced(request: Request[Any, Any, Any]) -> None:
    """Terms that ended are carried out before anybody looks."""
    async with services(request).database.transaction() as connection:
        await advance(connection, dates.today())


def actor_of(visitor: Visitor) -> Actor:
    """The visitor as casework knows them."""
    return Actor(visitor.user_name, visitor.role, visitor.fixmedins_code)


def chosen_of(form: Any) -> tuple[str, ...]:
    """Numbers of the findings that were checked."""
    return tuple(one_line(str(one), 60) for one in form.getall("chosen", [])[: MOST + 1])


def reason_of(form: Any) -> str:
    """The reason that was typed, on as many lines as it has."""
    typed = str(form.get("reason", ""))[:LONGEST_REASON]
    return "".join(one for one in typed if one.isprintable() or one == "\n").strip()


async def uploads_of(form: Any) -> list[Upload]:
    """The files that were chosen."""
    files = [one for one in form.getall("files", []) if hasattr(one, "read") and one.filename]
    return [Upload(one_line(one.filename, 120), bytes(await one.read())) for one in files]


def notice_of(request: Request[Any, Any, Any], done: Mapping[str, str]) -> str:
    """What the step before this page did, and to how many findings; "" when there was none."""
    count = request.query_params.get("count", "")
    title = done.get(request.query_params.get("done", ""), "")
    return f"{title} {count} 条。" if title and count.isdecimal() else ""


def back_to(path: str, request: Request[Any, Any, Any], **changes: str) -> tuple[str, dict[str, str]]:
    """The queue that a form was sent from, with what was done; for `with_query`."""
    kept = {
        name: one_line(request.query_params.get(name, ""), 60) for name in ("state", "rule", "within", "institution")
    }
    return path, kept | changes


@dataclass(frozen=True, slots=True)
class Deadline:
    """A term as it is drawn: days left, a share of the bar in percent, and how urgent."""

    left: int
    share: int
    look: str

    @property
    def words(self) -> str:
        """ "还剩 3 天", "今天到期", "逾期 2 天"."""
        if self.left < 0:
            return f"逾期{-self.left}天"
        return "今天到期" if self.left == 0 else f"还剩{self.left}天"


def deadline_of(due_on: date, today: date | None = None) -> Deadline:
    """How a term is drawn today."""
    left = (due_on - (today or dates.today())).days
    share = max(0, min(100, left * 100 // DAYS_DRAWN))
    return Deadline(left, share, "late" if left < 0 else "soon" if left <= 2 else "calm")


WORDS: dict[str, Any] = {
    "states": STATES, "outcomes": OUTCOMES, "severities": SEVERITIES, "deadline_of": deadline_of,
}  # fmt: skip
"""What every template of findings speaks."""
