"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        metavar="DIR",
        help="Home of the installation (embedded data in DIR/pg); default YIBAO_HOME or the standard place.",
        show_default=False,
    ),
]
