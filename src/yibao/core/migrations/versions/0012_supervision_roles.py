"""Roles of supervision."""

from yibao.core.migrations.script import run_sql

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    run_sql("0012_supervision_roles.up.sql")


def downgrade() -> None:
    run_sql("0012_supervision_roles.down.sql")
