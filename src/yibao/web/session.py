"""The session of a signed-in user: an encrypted cookie, so nothing is stored and every worker can read it."""

from typing import Any

from cryptography.exceptions import InvalidTag
from litestar.exceptions import SerializationException
from litestar.middleware.session.client_side import ClientSideSessionBackend, CookieBackendConfig

from yibao.web.state import derived_key

SESSION_SECONDS = 8 * 3600


class TolerantBackend(ClientSideSessionBackend):
    """A cookie that was cut, changed or made under another key is no session, and no error either."""

    def load_data(self, data: list[bytes]) -> dict[str, Any]:
        """The session in the cookie; an empty one when the cookie is not ours."""
        try:
            return super().load_data(data)
        except (InvalidTag, SerializationException, ValueError, TypeError, KeyError, OverflowError):
            return {}


class SessionConfig(CookieBackendConfig):
    """Litestar's cookie session with the tolerant reading."""

    _backend_class = TolerantBackend


def session_config(master: bytes) -> SessionConfig:
    """HttpOnly, SameSite=Lax, for a working day."""
    return SessionConfig(secret=derived_key(master, "session"), max_age=SESSION_SECONDS, samesite="lax", httponly=True)
