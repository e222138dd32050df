"""Refusals are values, faults are exceptions.

    Refusal            a coded reason why a request is not carried out: what, where, why, what to do (a value)
    Refused            raised by an action that changes nothing because of one or more refusals
    Unavailable        the machine cannot answer now (database away, disk full): nothing was done, repeat later
    Conflict           two programs did the same thing at once and this one lost: repeat the message

An area lists its refusal codes where it makes them; codes are stable and explained on the
area's page in docs.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """One coded reason.

    `code` is stable (area prefix and number, e.g. "S203"), `text` says in Chinese what, where and why,
    `advice` what to do next; `place` names node, row or field when there is one.
    """

    code: str
    text: str
    advice: str = ""
    place: str = ""

    def __str__(self) -> str:
        place = f"{self.place}：" if self.place else ""
        advice = f"；{self.advice}" if self.advice else ""
        return f"[{self.code}]{place}{self.text}{advice}"


class Refused(Exception):
    """A request is not carried out; every reason at once."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__("；".join(map(str, refusals)))
        self.refusals = refusals


class Unavailable(Exception):
    """The database or the disk is away: nothing was done and the same message may be sent again."""


class Conflict(Exception):
    """A concurrent request won; repeating the message gives its stored reply."""
