"""Who sends this message: the two header families of the interface, their signatures, time window, nonces.

    x-tif-*   x-tif-paasid, x-tif-timestamp (Unix seconds), x-tif-nonce, x-tif-signature =
              hex SHA-256 of timestamp + secret + nonce + timestamp
    _api_*    _api_name, _api_version, _api_timestamp (ms), _api_access_key, _api_signature =
              base64 HMAC-SHA1 of "_api_access_key=…&_api_name=…&_api_timestamp=…&_api_version=…"

`Gatekeeper.admit(headers)` → `Credential`, or raises `Unauthorized` with the text for HTTP 401. Neither family
signs the body: TLS carries it, and an institution may demand the SM3 digest of `input` in cainfo. A nonce is
accepted once within the window, over all processes and restarts (table gateway.nonce); the _api_* family has none,
there the msgid alone keeps a repetition harmless.
"""

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from yibao.core.database import Database
from yibao.gateway.credentials import Credential, read_credential

WINDOW_SECONDS = 30 * 60
CREDENTIAL_CACHE_SECONDS = 30.0
CLEANUP_SECONDS = 600.0
LONGEST_NONCE = 128
PATIENCE_SECONDS = 5.0
"""What takes a millisecond gets no longer than this, so that a hanging database is a quick refusal at the gate."""

MISSING = "缺少签名请求头，请按接口规范传送"
EXPIRED = "请求时间戳已过期，与平台时间相差不得超过{}分钟"
UNKNOWN = "用户不存在或已停用"
DIFFERS = "签名不一致"
REPLAYED = "随机数x-tif-nonce已使用过，请重新生成后签名"

TIF_HEADERS = ("x-tif-paasid", "x-tif-timestamp", "x-tif-nonce", "x-tif-signature")
API_HEADERS = ("_api_access_key", "_api_name", "_api_timestamp", "_api_version", "_api_signature")

USE_NONCES = """
insert into gateway.nonce (access_key, nonce)
select access_key, nonce from unnest($1::text[], $2::text[]) as t (access_key, nonce)
where set_config('synchronous_commit', 'off', true) = 'off'
on conflict do nothing
returning access_key, nonce
"""
FORGET_NONCES = "delete from gateway.nonce where seen_at < now() - make_interval(secs => $1)"


class Unauthorized(Exception):
    """The message is refused before it is read; the text goes out with HTTP 401."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What the headers say: whose key, when (Unix seconds), the signature and how to compute it."""

    family: str
    access_key: str
    timestamp: float
    nonce: str
    signature: str
    signed: str

    def expected(self, secret: str) -> str:
        """The signature that the owner of `secret` makes over this claim."""
        if self.family == "tif":
            return sign_tif(secret, self.signed, self.nonce)
        return sign_api(secret, self.signed)


def sign_tif(secret: str, timestamp: str, nonce: str) -> str:
    """x-tif-signature: lower-case hex SHA-256 of timestamp + secret + nonce + timestamp."""
    return hashlib.sha256(f"{timestamp}{secret}{nonce}{timestamp}".encode()).hexdigest()


def api_text(access_key: str, name: str, timestamp: str, version: str) -> str:
    """The text that _api_signature covers, keys in natural order."""
    return f"_api_access_key={access_key}&_api_name={name}&_api_timestamp={timestamp}&_api_version={version}"


def sign_api(secret: str, text: str) -> str:
    """_api_signature: base64 of HMAC-SHA1."""
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()).decode()


def claim_of(headers: Mapping[str, str]) -> Claim:
    """Reads either family (names in lower case); raises `Unauthorized` when headers are missing or no numbers."""
    try:
        if "x-tif-paasid" in headers:
            key, timestamp, nonce, signature = (headers[name].strip() for name in TIF_HEADERS)
            if not nonce or len(nonce) > LONGEST_NONCE or "\x00" in nonce:
                raise Unauthorized(MISSING)
            return Claim("tif", key, seconds(timestamp), nonce, signature.lower(), timestamp)
        key, name, timestamp, version, signature = (headers[name].strip() for name in API_HEADERS)
        text = api_text(key, name, timestamp, version)
        return Claim("api", key, seconds(timestamp), "", signature, text)
    except (KeyError, ValueError):
        raise Unauthorized(MISSING) from None


def seconds(timestamp: str) -> float:
    """Unix seconds of a timestamp in seconds or, with 13 digits, milliseconds."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 13):
        raise ValueError(timestamp)
    return int(timestamp) / 1000 if len(timestamp) == 13 else float(timestamp)


@dataclass
class NonceGuard:
    """Each nonce once. Nonces of one moment are written in one statement; a commit waits for no disk.

    A crash of PostgreSQL itself may forget the nonces of its last second; nothing is done twice even then, since
    the stored reply of the msgid answers.
    """

    database: Database
    keep_seconds: float = 2.0 * WINDOW_SECONDS
    _waiting: dict[tuple[str, str], asyncio.Future[bool]] = field(default_factory=dict)
    _writer: asyncio.Task[None] | None = None
    _cleaned: float = field(default_factory=time.monotonic)

    async def use(self, access_key: str, nonce: str) -> bool:
        """True when it is new; raises `Unavailable` when that cannot be known."""
        pair = (access_key, nonce)
        if pair in self._waiting:
            return False
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting[pair] = future
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return await future

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, {}
            try:
                fresh = await self._insert(list(batch))
            except BaseException as error:
                for future in batch.values():
                    if not future.done():
                        future.set_exception(error)
                if not isinstance(error, Exception):
                    raise
            else:
                for pair, future in batch.items():
                    if not future.done():
                        future.set_result(pair in fresh)

    async def _insert(self, pairs: list[tuple[str, str]]) -> set[tuple[str, str]]:
        async with self.database.connection() as connection, asyncio.timeout(PATIENCE_SECONDS):
            rows = await connection.fetch(USE_NONCES, [key for key, _ in pairs], [nonce for _, nonce in pairs])
            if time.monotonic() - self._cleaned > CLEANUP_SECONDS:
                self._cleaned = time.monotonic()
                await connection.execute(FORGET_NONCES, self.keep_seconds)
        return {(row["access_key"], row["nonce"]) for row in rows}


class Gatekeeper:
    """Checks signatures of one process; credentials are kept for 30 seconds, so a revocation takes that long."""

    def __init__(self, database: Database, master_key: bytes, window: int = WINDOW_SECONDS) -> None:
        self.database, self.master_key, self.window = database, master_key, window
        self.nonces = NonceGuard(database, 2.0 * window)
        self._known: dict[str, tuple[Credential, float]] = {}

    async def admit(self, headers: Mapping[str, str]) -> Credential:
        """Whose message this is; raises `Unauthorized`, or `Unavailable` when the database is away."""
        claim = claim_of(headers)
        if abs(time.time() - claim.timestamp) > self.window:
            raise Unauthorized(EXPIRED.format(self.window // 60))
        credential = await self._credential(claim.access_key)
        if credential is None:
            raise Unauthorized(UNKNOWN)
        if not hmac.compare_digest(claim.expected(credential.secret).encode(), claim.signature.encode()):
            raise Unauthorized(DIFFERS)
        if claim.nonce and not await self.nonces.use(claim.access_key, claim.nonce):
            raise Unauthorized(REPLAYED)
        return credential

    async def _credential(self, access_key: str) -> Credential | None:
        known = self._known.get(access_key)
        if known and known[1] > time.monotonic():
            return known[0]
        self._known.pop(access_key, None)
        async with self.database.connection() as connection, asyncio.timeout(PATIENCE_SECONDS):
            credential = await read_credential(connection, self.master_key, access_key)
        if credential is not None:
            self._known[access_key] = (credential, time.monotonic() + CREDENTIAL_CACHE_SECONDS)
        return credential
