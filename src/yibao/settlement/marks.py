"""What supervision says of fee lines when they come (明细标记): a suspicious one is marked, a refused one self-paid.

Settlement knows only that somebody may look: `Services.review`. A refund keeps the mark of the line that it gives
back, so that both fall into the same portion.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import msgspec

from yibao.core.database import Connection
from yibao.directory.model import Institution
from yibao.population.model import Person
from yibao.settlement.model import PricedLine


class Mark(NamedTuple):
    """`mark` suspect, refused or approved; `reason` in Chinese, with the rule."""

    mark: str
    reason: str


class NewLines(msgspec.Struct, frozen=True):
    """Lines that came with one message, classified; `visit` has the columns of settlement.visit.

    `alone` says that no other line of the visit stands in the database: a pharmacy sale.
    """

    person: Person
    visit: Mapping[str, Any]
    institution: Institution
    lines: tuple[PricedLine, ...]
    alone: bool = False


class Review(Protocol):
    """Looks at new lines before they are kept."""

    async def marks(self, connection: Connection, new: NewLines) -> Mapping[str, Mark]:
        """Marks by feedetl_sn, of lines about which there is something to say."""
        ...


async def marked(
    review: Review | None, connection: Connection, new: NewLines, standing: Mapping[str, Mark]
) -> tuple[PricedLine, ...]:
    """The lines with their marks; `standing` are those of earlier lines, by number."""
    said = {**standing, **(await review.marks(connection, new) if review else {})}
    return tuple(_with_mark(line, said) for line in new.lines) if said else new.lines


def _with_mark(line: PricedLine, said: Mapping[str, Mark]) -> PricedLine:
    fee = line.fee
    known = said.get(fee.init_feedetl_sn if fee.det_item_fee_sumamt < 0 else fee.feedetl_sn)
    return msgspec.structs.replace(line, mark=known.mark, mark_reason=known.reason) if known else line


def any_refused(lines: Sequence[PricedLine]) -> bool:
    """Whether a line must be classified again because it is refused."""
    return any(line.mark == "refused" for line in lines)
