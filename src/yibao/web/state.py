"""What the pages of one process share: the city's services, the key, the limits; found by `services(connection)`."""

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Any

from litestar.connection import ASGIConnection

from yibao.core.database import Database
from yibao.settlement.services import Services as CityServices
from yibao.web.limits import RateLimit


@dataclass(frozen=True, slots=True)
class Services:
    """`key` is the installation's master key; each use derives its own from it."""

    city: CityServices
    key: bytes
    logins: RateLimit = field(default_factory=lambda: RateLimit(times=10, seconds=60))
    verifications: RateLimit = field(default_factory=lambda: RateLimit(times=30, seconds=60))
    recent: dict[str, tuple[float, Any]] = field(default_factory=dict)  # what was read when, for a while

    @property
    def database(self) -> Database:
        """The database of the city."""
        return self.city.database


def services(connection: ASGIConnection[Any, Any, Any, Any]) -> Services:
    """The services of the application that answers this connection."""
    found: Services = connection.app.state.services
    return found


def derived_key(master: bytes, purpose: str) -> bytes:
    """32 bytes for one purpose, so that no two uses share a key (HMAC-SHA256 of the purpose)."""
    return hmac.new(master, f"yibao web {purpose}".encode(), hashlib.sha256).digest()
