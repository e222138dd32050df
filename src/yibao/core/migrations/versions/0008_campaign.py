"""The collection campaign."""

from yibao.core.migrations.script import run_sql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    run_sql("0008_campaign.up.sql")


def downgrade() -> None:
    run_sql("0008_campaign.down.sql")
