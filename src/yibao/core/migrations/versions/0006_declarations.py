"""Declarations of employers."""

from yibao.core.migrations.script import run_sql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run_sql("0006_declarations.up.sql")


def downgrade() -> None:
    run_sql("0006_declarations.down.sql")
