"""Points in the database: what a file changes, and writing it.

    difference = await compare(connection, read.points)     # new, changed, ended; nothing is written
    await import_points(connection, read.points, "file.csv.gz")

A point that stands under its number already is changed in place; a point of another batch with the same rule and item
is ended the day before the new one begins. V107: the new one has no first day after the old one's.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.supervision.knowledge.batches import batches, replaced
from yibao.supervision.knowledge.model import LocalCode, PublishedPoint

POINTS = """
select kp_id, batch, rule, item_name, codes, params, text, valid_from, valid_to, unverified
from supervision.knowledge_point order by kp_id
"""
WRITE_BATCH = """
insert into supervision.knowledge_batch (batch, published_on, points, file_name) values ($1, $2, $3, $4)
on conflict (batch) do update set points = excluded.points, file_name = excluded.file_name, imported_at = now()
"""
WRITE_POINT = """
insert into supervision.knowledge_point
  (kp_id, batch, rule, item_name, codes, params, text, valid_from, valid_to, unverified)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (kp_id) do update set
  batch = excluded.batch, rule = excluded.rule, item_name = excluded.item_name, codes = excluded.codes,
  params = excluded.params, text = excluded.text, valid_from = excluded.valid_from, valid_to = excluded.valid_to,
  unverified = excluded.unverified
"""
WRITE_CODES = """
insert into supervision.local_code (area, national, local, name)
select $1, national, local, name from unnest($2::text[], $3::text[], $4::text[]) as row (national, local, name)
on conflict (area, local, national) do update set name = excluded.name
"""
CODES = "select national, local from supervision.local_code where area = $1 order by national, local"
CHANGED = "update supervision.knowledge_change set version = version + 1"
VERSION = "select version from supervision.knowledge_change"
LOCK = "lock table supervision.knowledge_batch in share row exclusive mode"


class Change(msgspec.Struct, frozen=True):
    """A point that is there in another form: after a change in place, or that replaces one of an earlier batch."""

    before: PublishedPoint
    after: PublishedPoint

    @property
    def codes_added(self) -> list[str]:
        """Codes only the new form has."""
        return sorted(set(self.after.codes) - set(self.before.codes))

    @property
    def codes_removed(self) -> list[str]:
        """Codes only the old form has."""
        return sorted(set(self.before.codes) - set(self.after.codes))

    @property
    def params_changed(self) -> bool:
        """Whether the restriction itself is another."""
        return dict(self.before.params) != dict(self.after.params)

    @property
    def says_other(self) -> bool:
        """Whether anything but the sentence changes: codes or restriction."""
        return bool(self.codes_added or self.codes_removed or self.params_changed)


class Difference(msgspec.Struct, frozen=True):
    """What a file changes of what is stored. `replaced` are ended points with those that take their place."""

    new: list[PublishedPoint]
    changed: list[Change]
    replaced: list[Change]
    unchanged: int

    @property
    def written(self) -> list[PublishedPoint]:
        """Every point that must be written."""
        return [*self.new, *(one.after for one in self.changed), *(one.before for one in self.replaced)]


async def stored_points(connection: Connection) -> list[PublishedPoint]:
    """All points in the database."""
    rows = await connection.fetch(POINTS)
    return [PublishedPoint(**{**row, "codes": tuple(row["codes"])}) for row in rows]


async def compare(connection: Connection, points: Sequence[PublishedPoint]) -> Difference:
    """What an import would change; `Refused` V107 when it is unclear which of two points counts."""
    return difference(await stored_points(connection), points)


def difference(stored: Sequence[PublishedPoint], points: Sequence[PublishedPoint]) -> Difference:
    """The same of points in hand."""
    before = {one.kp_id: one for one in stored}
    merged = replaced({**before, **{one.kp_id: one for one in points}}.values())
    _refuse_unclear(merged, {one.kp_id for one in points} - set(before))
    incoming = {one.kp_id for one in points}
    successors = _successors(merged)
    new = [one for one in merged if one.kp_id not in before]
    other = [one for one in merged if one.kp_id in before and one != before[one.kp_id]]
    ended = [one for one in other if one.kp_id not in incoming]
    return Difference(
        new=new,
        changed=[Change(before[one.kp_id], one) for one in other if one.kp_id in incoming],
        replaced=[Change(one, successors[one.kp_id]) for one in ended],
        unchanged=len(incoming) - len(new) - (len(other) - len(ended)),
    )


def _successors(points: Iterable[PublishedPoint]) -> dict[str, PublishedPoint]:
    """For each point the one of another batch that takes its place, by the number of the first."""
    groups: dict[tuple[str, str], list[PublishedPoint]] = defaultdict(list)
    for one in sorted(points, key=lambda point: (point.valid_from, point.kp_id)):
        groups[one.rule, one.item_name].append(one)
    return {
        one.kp_id: next(o for o in alike if o.batch != one.batch and o.valid_from > one.valid_to)
        for alike in groups.values() for one in alike
        if any(o.batch != one.batch and o.valid_from > one.valid_to for o in alike)
    }  # fmt: skip


def _refuse_unclear(points: Sequence[PublishedPoint], fresh: set[str]) -> None:
    groups: dict[tuple[str, str], list[PublishedPoint]] = defaultdict(list)
    for one in points:
        groups[one.rule, one.item_name].append(one)
    unclear = [
        Refusal("V107", f"批次{one.batch}的“{one.item_name}”与已有的同名，没有更晚的起始日", "请用--from", one.kp_id)
        for alike in groups.values() for one in alike
        if one.kp_id in fresh and any(o.batch != one.batch and o.valid_from == one.valid_from for o in alike)
    ]  # fmt: skip
    if unclear:
        raise Refused(*unclear)


async def import_points(connection: Connection, points: Sequence[PublishedPoint], file_name: str) -> Difference:
    """Write what a file changes: all of it in one transaction, or nothing."""
    async with connection.transaction():
        await connection.execute(LOCK)
        found = await compare(connection, points)
        for batch, count in sorted(Counter(one.batch for one in points).items()):
            known = batches().get(batch)
            await connection.execute(WRITE_BATCH, batch, known.published if known else None, count, file_name)
        await connection.executemany(WRITE_POINT, [_columns(one) for one in found.written])
        if found.written:
            await connection.execute(CHANGED)
    return found


def _columns(one: PublishedPoint) -> tuple[object, ...]:
    return (
        one.kp_id, one.batch, one.rule, one.item_name, list(one.codes), dict(one.params), one.text, one.valid_from,
        one.valid_to, one.unverified,
    )  # fmt: skip


async def write_local_codes(connection: Connection, area: str, codes: Sequence[LocalCode], names: Sequence[str]) -> int:
    """Write an area's local codes; those that are there stay."""
    columns = [one.national for one in codes], [one.local for one in codes], list(names)
    await connection.execute(WRITE_CODES, area, *columns)
    await connection.execute(CHANGED)
    return len(codes)


async def local_codes(connection: Connection, area: str) -> list[LocalCode]:
    """The local codes of an area."""
    return [LocalCode(**row) for row in await connection.fetch(CODES, area)]


async def knowledge_version(connection: Connection) -> str:
    """Another text after every change of knowledge, local codes or doctors' points."""
    return str(await connection.fetchval(VERSION))


def in_force(points: Iterable[PublishedPoint], day: date) -> list[PublishedPoint]:
    """The points that count on a day."""
    return [one for one in points if one.valid_from <= day <= one.valid_to]
