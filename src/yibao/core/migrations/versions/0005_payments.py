"""Payment channels and orders of residents."""

from yibao.core.migrations.script import run_sql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run_sql("0005_payments.up.sql")


def downgrade() -> None:
    run_sql("0005_payments.down.sql")
