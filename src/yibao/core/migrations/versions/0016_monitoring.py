"""Indicators, alerts, checks of beds."""

from yibao.core.migrations.script import run_sql

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    run_sql("0016_monitoring.up.sql")


def downgrade() -> None:
    run_sql("0016_monitoring.down.sql")
