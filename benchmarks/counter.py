"""How fast the counter answers: CPU of one question of 40 orders with a year of history, and 3101 over HTTP."""

from rich.console import Console

from yibao.bench.commands import measure_orders
from yibao.bench.load import bench_home

ORDERS, PER_SECOND, PERSONS = 40, 100.0, 2_000


def measure(console: Console) -> dict[str, dict[str, str]]:
    """The section of the report."""
    with console.status("asking the counter"), bench_home() as home:
        found = measure_orders(home, ORDERS, PER_SECOND, PERSONS)
    rows = {
        "CPU of the server process to read the message (ms)": str(found["reading_ms"]),
        "CPU of the server process to answer it (ms)": str(found["counter_ms"]),
        "warnings given": str(found["warnings"]),
        f"over HTTP, {PER_SECOND:.0f} a second asked: answered per second": str(found["per_second"]),
        "p50, p99 (ms)": f"{found['p50_ms']}, {found['p99_ms']}",
        "failures": str(found["failures"]),
    }
    return {f"Orders before care (3101): {ORDERS} orders, a year of history": rows}
