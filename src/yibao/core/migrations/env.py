"""Run by Alembic: one transaction and one lock around all migrations of a run."""

import psycopg
from alembic import context
from sqlalchemy import create_engine, pool, text

LOCK = 6_901_325  # any fixed number; two processes that migrate at once wait for each other


def run() -> None:
    url: str = context.config.attributes["url"]
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=pool.NullPool)
    with engine.begin() as connection:
        connection.execute(text(f"select pg_advisory_xact_lock({LOCK})"))
        context.configure(connection=connection, version_table_schema="public")
        with context.begin_transaction():
            context.run_migrations()


run()
