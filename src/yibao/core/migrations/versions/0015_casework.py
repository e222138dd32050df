"""Findings on their way."""

from yibao.core.migrations.script import run_sql

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    run_sql("0015_casework.up.sql")


def downgrade() -> None:
    run_sql("0015_casework.down.sql")
