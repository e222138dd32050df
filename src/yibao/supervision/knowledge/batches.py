"""Batches of published points (批次): when each was published, and which points of earlier batches it replaces.

A point of a later batch with the same rule and item replaces the earlier one from its own first day on; points of one
batch with the same item stand side by side. Batches without a first day say what catalogues have long limited.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

import msgspec
import yaml

from yibao.supervision.knowledge.model import ALWAYS, PublishedPoint

REVISION = "2026-01-revision"


class Batch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`published` is the day of the notice, `starts` the first day its points count; None: they always did."""

    published: date
    starts: date | None = None


@cache
def batches() -> dict[str, Batch]:
    """The known batches by name."""
    text = files("yibao.supervision").joinpath("data/batches.yaml").read_text("utf-8")
    return {str(name): msgspec.convert(one, Batch) for name, one in yaml.safe_load(text).items()}


def starts(batch: str) -> date:
    """The first day on which points of a batch count."""
    known = batches().get(batch)
    return known.starts if known and known.starts else ALWAYS


def replaced(points: Iterable[PublishedPoint]) -> list[PublishedPoint]:
    """The points, each ended the day before another batch's point of the same rule and item begins."""
    groups: dict[tuple[str, str], list[PublishedPoint]] = defaultdict(list)
    every = list(points)
    for one in every:
        groups[one.rule, one.item_name].append(one)
    return [_ended(one, groups[one.rule, one.item_name]) for one in every]


def _ended(one: PublishedPoint, alike: Sequence[PublishedPoint]) -> PublishedPoint:
    later = [other.valid_from for other in alike if other.batch != one.batch and other.valid_from > one.valid_from]
    if not later:
        return one
    return msgspec.structs.replace(one, valid_to=min(one.valid_to, min(later) - timedelta(days=1)))
