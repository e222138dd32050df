"""Knowledge points and local codes."""

from yibao.core.migrations.script import run_sql

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    run_sql("0013_knowledge.up.sql")


def downgrade() -> None:
    run_sql("0013_knowledge.down.sql")
