"""Rosters of departments and their exchange."""

from yibao.core.migrations.script import run_sql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    run_sql("0007_rosters.up.sql")


def downgrade() -> None:
    run_sql("0007_rosters.down.sql")
