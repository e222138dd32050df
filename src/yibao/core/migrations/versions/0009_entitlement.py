"""Entitlement: transfers, retirement, maternity allowance."""

from yibao.core.migrations.script import run_sql

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    run_sql("0009_entitlement.up.sql")


def downgrade() -> None:
    run_sql("0009_entitlement.down.sql")
