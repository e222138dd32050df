"""Yearly totals that an earlier system brought."""

from yibao.core.migrations.script import run_sql

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    run_sql("0011_taken_over_totals.up.sql")


def downgrade() -> None:
    run_sql("0011_taken_over_totals.down.sql")
