"""National and general cryptography in one place: SM3 digests, sealing of secrets under the master key.

`seal` and `unseal` keep short secrets (credentials of institutions) in the database: AES-256-GCM, key derived from
the master key by HKDF for one purpose, which is also authenticated. The master key comes from `core.config`.
"""

import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = b"\x01"
NONCE_BYTES = 12


class Unsealable(Exception):
    """The sealed text was made under another key or purpose, or was changed."""


def sm3(data: bytes) -> bytes:
    """SM3 digest (GB/T 32905), 32 bytes."""
    return hashlib.new("sm3", data).digest()


def sm3_hex(data: bytes) -> str:
    """SM3 digest as 64 lower-case hexadecimal digits."""
    return hashlib.new("sm3", data).hexdigest()


def _key_for(master_key: bytes, purpose: str) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"yibao {purpose}".encode())
    return AESGCM(derived.derive(master_key))


def seal(secret: bytes, master_key: bytes, purpose: str) -> bytes:
    """Encrypt `secret` for `purpose`: version byte, 12 bytes nonce, ciphertext with tag."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return VERSION + nonce + _key_for(master_key, purpose).encrypt(nonce, secret, purpose.encode())


def unseal(sealed: bytes, master_key: bytes, purpose: str) -> bytes:
    """The secret again; raises `Unsealable` when key, purpose or text do not belong together."""
    nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        if sealed[:1] != VERSION:
            raise Unsealable(f"unknown version of a sealed secret: {sealed[:1].hex() or 'empty'}")
        return _key_for(master_key, purpose).decrypt(nonce, body, purpose.encode())
    except (InvalidTag, ValueError) as error:
        raise Unsealable(f"cannot open the sealed secret of {purpose}: other master key, or changed") from error
