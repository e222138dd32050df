"""Commands of this part of supervision, under `yibao audit`."""

import typer


def register(app: typer.Typer) -> None:
    """Add the commands to `yibao audit`."""
