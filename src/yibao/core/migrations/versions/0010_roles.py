"""Roles of the pages."""

from yibao.core.migrations.script import run_sql

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    run_sql("0010_roles.up.sql")


def downgrade() -> None:
    run_sql("0010_roles.down.sql")
