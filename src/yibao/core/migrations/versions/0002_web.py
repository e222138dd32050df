"""Users of the pages."""

from yibao.core.migrations.script import run_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run_sql("0002_web.up.sql")


def downgrade() -> None:
    run_sql("0002_web.down.sql")
