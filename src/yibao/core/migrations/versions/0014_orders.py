"""Orders reviewed, marks on lines."""

from yibao.core.migrations.script import run_sql

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    run_sql("0014_orders.up.sql")


def downgrade() -> None:
    run_sql("0014_orders.down.sql")
