"""An amount drawn as a bar of its parts: where each begins and how wide it is, in basis points. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class Slice:
    """One part: fen or a count; `start` and `share` in basis points of the whole; `look` a class of the style sheet."""

    title: str
    amount: int
    look: str
    start: int
    share: int


def slices(parts: Sequence[tuple[str, int, str]]) -> tuple[Slice, ...]:
    """The parts (title, amount, look) that are more than nothing; their shares add up to the whole."""
    shown = [part for part in parts if part[1] > 0]
    total = sum(amount for _, amount, _ in shown)
    found, before = [], 0
    for title, amount, look in shown:
        start, end = before * WHOLE // total, (before + amount) * WHOLE // total
        found.append(Slice(title, amount, look, start, end - start))
        before += amount
    return tuple(found)
