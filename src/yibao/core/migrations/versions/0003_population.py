"""The whole population: what its rooms share."""

from yibao.core.migrations.script import run_sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run_sql("0003_population.up.sql")


def downgrade() -> None:
    run_sql("0003_population.down.sql")
