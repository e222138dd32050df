"""A plain HTTP/1.1 client over one kept connection, so that the client costs as little of the machine as it can."""

import asyncio
import hashlib
import secrets
import time

from yibao.bench.town import ACCESS_KEY

PATH = "/fsi/api/rsfComIfsService/callService"


class Client:
    """One connection; one request at a time."""

    def __init__(self, host: str, port: int, secret: str) -> None:
        self.host, self.port, self.secret = host, port, secret
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self) -> None:
        """Connect."""
        self._reader, self._writer = await asyncio.open_connection(self.host, self.port)

    def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.close()

    async def call(self, body: bytes) -> tuple[int, bytes]:
        """Send a signed message; status and body of the answer."""
        assert self._reader is not None
        assert self._writer is not None
        self._writer.write(self._head(len(body)) + body)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        return int(head[9:12]), await self._reader.readexactly(length)

    def _head(self, length: int) -> bytes:
        timestamp, nonce = str(int(time.time())), secrets.token_hex(8)
        signature = hashlib.sha256(f"{timestamp}{self.secret}{nonce}{timestamp}".encode()).hexdigest()
        return (
            f"POST {PATH} HTTP/1.1\r\nhost: {self.host}\r\n"
            f"content-type: application/json\r\ncontent-length: {length}\r\n"
            f"x-tif-paasid: {ACCESS_KEY}\r\nx-tif-timestamp: {timestamp}\r\nx-tif-nonce: {nonce}\r\n"
            f"x-tif-signature: {signature}\r\n\r\n"
        ).encode()
