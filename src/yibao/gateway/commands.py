"""`yibao credential`: give an institution access to the interface, take it away, see who has it."""

import asyncio
import secrets
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec
import typer
from asyncpg.exceptions import ForeignKeyViolationError

from yibao.core.config import ConfigurationError
from yibao.core.database import Connection, connect
from yibao.core.installation import Installation, open_installation
from yibao.core.options import HomeOption
from yibao.gateway.credentials import Credential, list_credentials, revoke_credential, write_credential

credential_app = typer.Typer(help="Access keys of institutions to the national interface.", no_args_is_help=True)


def _run(installation: Installation, work: Callable[[Connection], Awaitable[Any]]) -> Any:
    async def connected() -> Any:
        connection = await connect(installation.url)
        try:
            return await work(connection)
        finally:
            await connection.close()

    return asyncio.run(connected())


@credential_app.command()
def create(
    code: Annotated[str, typer.Argument(metavar="FIXMEDINS_CODE", help="Institution as the directory knows it.")],
    home: HomeOption = None,
    require_digest: Annotated[bool, typer.Option(help="Demand the SM3 digest of input in cainfo.")] = False,
) -> None:
    """Make a new access key and secret; the secret is printed once and kept sealed."""
    credential = Credential(secrets.token_hex(12), code, secrets.token_hex(24), require_digest)
    with open_installation(home) as installation:
        key = installation.key
        try:
            _run(installation, lambda connection: write_credential(connection, key, credential))
        except ForeignKeyViolationError as error:
            raise ConfigurationError(f"no institution {code} in the directory") from error
    _print({"fixmedins_code": code, "access_key": credential.access_key, "secret": credential.secret})


@credential_app.command()
def revoke(
    access_key: Annotated[str, typer.Argument(metavar="ACCESS_KEY")],
    home: HomeOption = None,
) -> None:
    """End an access key; programs that use it are refused within 30 seconds."""
    with open_installation(home) as installation:
        if not _run(installation, lambda connection: revoke_credential(connection, access_key)):
            raise ConfigurationError(f"no active access key {access_key}")
    _print({"revoked": access_key})


@credential_app.command("list")
def list_command(home: HomeOption = None) -> None:
    """Every access key with its institution and state, without secrets."""
    with open_installation(home) as installation:
        _print(_run(installation, list_credentials))


def _print(value: Any) -> None:
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n")
