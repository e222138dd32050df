"""A simple brake on guessing: so many tries per address in a while, per process."""

import time
from collections import OrderedDict

MOST_ADDRESSES = 10_000


class RateLimit:
    """At most `times` tries of one address in the `seconds` from its first one."""

    def __init__(self, times: int, seconds: int) -> None:
        self.times = times
        self.seconds = seconds
        self._tries: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def allows(self, address: str) -> bool:
        """Count one try; false when the address has used up its window."""
        now = time.monotonic()
        begun, used = self._tries.pop(address, (now, 0))
        if now - begun >= self.seconds:
            begun, used = now, 0
        self._tries[address] = (begun, used + 1)
        if len(self._tries) > MOST_ADDRESSES:
            self._tries.popitem(last=False)
        return used < self.times

    def forgive(self, address: str) -> None:
        """Forget the tries of an address that turned out to be right."""
        self._tries.pop(address, None)
