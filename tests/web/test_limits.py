"""The brake on guessing passwords and check codes."""

import pytest

from yibao.web import limits
from yibao.web.limits import RateLimit


def test_a_window_begins_with_the_first_try_wherever_the_clock_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = RateLimit(times=2, seconds=60)
    seen = []
    for now in (59.0, 59.5, 60.5, 118.9, 119.0, 119.5, 120.0):
        monkeypatch.setattr(limits.time, "monotonic", lambda now=now: now)
        seen.append(limit.allows("a"))
    assert seen == [True, True, False, False, True, True, False]


def test_one_address_does_not_use_up_the_tries_of_another() -> None:
    limit = RateLimit(times=1, seconds=60)
    assert [limit.allows("a"), limit.allows("b"), limit.allows("a")] == [True, True, False]
