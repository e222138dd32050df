"""The engines of an audit: DuckDB on one machine, Spark for a province. The expressions are the same for both."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Literal

from yibao.core.errors import Refusal, Refused

EngineName = Literal["duckdb", "spark"]
BATCH_ROWS = 50_000
NUMBERS = count()


@dataclass(frozen=True, slots=True)
class Limits:
    """What an engine may take: memory as DuckDB and Spark write it ("2GB"), threads; `master` of a Spark cluster."""

    memory: str = "2GB"
    threads: int = 2
    master: str = ""


class Engine:
    """An Ibis backend that reads files and runs expressions."""

    def __init__(self, name: str, backend: Any) -> None:
        self.name = name
        self.backend = backend

    def read(self, paths: list[str]) -> Any:
        """These Parquet files as one table; columns are those in the files, not those of their folders."""
        if self.name == "duckdb":
            return self.backend.read_parquet(paths, hive_partitioning=False)
        frame = self.backend._session.read.option("mergeSchema", "false").parquet(*paths)
        return _as_table(self.backend, frame)

    def named(self, name: str, expression: Any) -> Any:
        """The expression under a name: with DuckDB a view, which it plans better where a kind uses a table twice."""
        return self.backend.create_view(name, expression, overwrite=True) if self.name == "duckdb" else expression

    def write(self, expression: Any, file: Path) -> int:
        """Write the result to a Parquet file, without holding it in memory; the number of rows."""
        import pyarrow.parquet as pq

        if self.name == "duckdb":
            self.backend.to_parquet(expression, file, compression="zstd")
            return int(pq.read_metadata(file).num_rows)
        with pq.ParquetWriter(file, expression.schema().to_pyarrow(), compression="zstd") as writer:
            batches = self.backend.to_pyarrow_batches(expression, chunk_size=BATCH_ROWS)
            return sum(_written(writer, batch) for batch in batches)

    def value(self, expression: Any) -> Any:
        """One value."""
        return self.backend.to_pyarrow(expression).as_py()


def _written(writer: Any, batch: Any) -> int:
    writer.write_batch(batch)
    return int(batch.num_rows)


def _as_table(backend: Any, frame: Any) -> Any:
    name = f"lake_{next(NUMBERS)}"  # not the frame's id: that comes again when a frame is gone
    frame.createOrReplaceTempView(name)
    return backend.table(name)


@contextmanager
def engine_of(name: EngineName, limits: Limits, scratch: Path) -> Iterator[Engine]:
    """A running engine; Refused V202 when it is not installed."""
    if name == "duckdb":
        with _duckdb(limits, scratch) as engine:
            yield engine
    else:
        with _spark(limits, scratch) as engine:
            yield engine


@contextmanager
def _duckdb(limits: Limits, scratch: Path) -> Iterator[Engine]:
    try:
        import ibis
    except ImportError as error:
        raise Refused(Refusal("V202", "没有安装分析组件", "请安装：pip install 'yibao[analysis]'", "engine")) from error
    backend = ibis.duckdb.connect(
        threads=limits.threads, memory_limit=limits.memory, temp_directory=str(scratch), preserve_insertion_order=False
    )
    try:
        yield Engine("duckdb", backend)
    finally:
        backend.disconnect()


@contextmanager
def _spark(limits: Limits, scratch: Path) -> Iterator[Engine]:
    try:
        import ibis
        from pyspark.sql import SparkSession

        session = _session(SparkSession.builder, limits, scratch)
    except Exception as error:
        advice = "请安装 Java 17 与 pip install 'yibao[analysis,spark]'"
        raise Refused(Refusal("V202", f"Spark 无法启动：{type(error).__name__}", advice, "engine")) from error
    session.sparkContext.setLogLevel("ERROR")
    try:
        yield Engine("spark", ibis.pyspark.connect(session))
    finally:
        session.stop()


def _session(builder: Any, limits: Limits, scratch: Path) -> Any:
    """A session on this machine, or on the cluster of `limits.master`."""
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.session.timeZone": "Asia/Shanghai",
        "spark.driver.memory": limits.memory.lower().removesuffix("b"),
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.local.dir": str(scratch),
        "spark.sql.shuffle.partitions": str(4 * limits.threads),
        "spark.ui.showConsoleProgress": "false",
    }
    for key, value in settings.items():
        builder = builder.config(key, value)
    return builder.master(limits.master or f"local[{limits.threads}]").getOrCreate()
