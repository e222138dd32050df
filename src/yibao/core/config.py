"""Where this installation keeps its things and which database it talks to.

Options beat environment variables, which beat the defaults:

    --home DIR    YIBAO_HOME           root: /var/lib/yibao; else $XDG_DATA_HOME/yibao or ~/.local/share/yibao
                  YIBAO_DATABASE_URL   an own PostgreSQL ≥ 15; without it the embedded one in HOME/pg is used
                  YIBAO_KEY            master key, 32 bytes as 64 hexadecimal digits or base64

With YIBAO_DATABASE_URL the home holds only the master key. The key seals the secrets of gateway credentials;
with no YIBAO_KEY it is generated once into HOME/secrets/master.key (mode 600) and is never part of a backup.
Several machines on one database need the same YIBAO_KEY. YIBAO_AREAS names the folder of the cities.
"""

import base64
import binascii
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

KEY_BYTES = 32
AREAS = Path(os.environ.get("YIBAO_AREAS", Path(__file__).resolve().parents[3] / "areas"))
"""Folder of the cities; a city is a folder with benefits/ (policy pack) and population/ (enrolment rules) inside."""


class ConfigurationError(Exception):
    """The operator must change an option, a variable or a file; the command line then exits with 2."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The choices of one process; `database_url` None means the embedded PostgreSQL of `home`."""

    home: Path
    database_url: str | None = None

    @property
    def secrets_directory(self) -> Path:
        """Where secrets of this installation lie, mode 700."""
        return self.home / "secrets"

    @property
    def key_file(self) -> Path:
        """Where the master key lies when YIBAO_KEY is not set."""
        return self.secrets_directory / "master.key"


def load_settings(home: Path | None = None) -> Settings:
    """Settings from the `--home` option, if given, and the environment."""
    url = os.environ.get("YIBAO_DATABASE_URL", "").strip() or None
    named = os.environ.get("YIBAO_HOME", "").strip()
    place = home or (Path(named) if named else default_home())
    return Settings(place.expanduser().absolute(), url)


def default_home() -> Path:
    """The home when nobody names one: a system path for root, the user's data directory otherwise.

    Root's own home directory would not do: PostgreSQL refuses to run as root, and the account it then runs
    under must be able to enter its data directory.
    """
    if os.geteuid() == 0:
        return Path("/var/lib/yibao")
    data = os.environ.get("XDG_DATA_HOME", "").strip()
    return (Path(data) if data else Path.home() / ".local" / "share") / "yibao"


def master_key(settings: Settings) -> bytes:
    """The 32-byte master key: YIBAO_KEY, else the key file, else a new one written to the key file.

    Raises `ConfigurationError` for a malformed key.
    """
    text = os.environ.get("YIBAO_KEY", "").strip()
    if text:
        return parse_key(text, "YIBAO_KEY")
    if settings.key_file.exists():
        return parse_key(settings.key_file.read_text().strip(), str(settings.key_file))
    return _generate_key(settings)


def parse_key(text: str, where: str) -> bytes:
    """Read a key of 32 bytes written as hexadecimal or base64; `where` names its source in the error."""
    try:
        key = bytes.fromhex(text) if len(text) == 2 * KEY_BYTES else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if len(key) != KEY_BYTES:
        raise ConfigurationError(f"{where}: expected {KEY_BYTES} bytes as 64 hexadecimal digits or base64")
    return key


def _generate_key(settings: Settings) -> bytes:
    """Write a new key; when two processes do it at once, both end with the first one's."""
    settings.secrets_directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = settings.secrets_directory / f".master.key.{os.getpid()}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(KEY_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, settings.key_file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return parse_key(settings.key_file.read_text().strip(), str(settings.key_file))
