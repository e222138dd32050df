"""Enrolment: actions, national check, households."""

from yibao.core.migrations.script import run_sql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run_sql("0004_enrolment.up.sql")


def downgrade() -> None:
    run_sql("0004_enrolment.down.sql")
