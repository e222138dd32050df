"""What every file in `versions` calls: execute one plain SQL file inside the transaction of the run."""

from alembic import op

from yibao.core.migrations import FOLDER


def run_sql(name: str) -> None:
    """Execute `sql/<name>` as it stands: many statements, no parameters, no escaping."""
    statements = (FOLDER / "sql" / name).read_text(encoding="utf-8")
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute(statements)
