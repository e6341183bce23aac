"""The batch evaluator under a real Spark on this machine, through ``mapInArrow``."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.packs.history import history_table
from data.packs.load import load_pack
from data.rulelang.fast.arrow import answer_columns, answered, decide_batches
from data.rulelang.fast.batch import Batch
from data.rulelang.version import make_version, version_to_json

pytestmark = [
    pytest.mark.spark,
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
]
ROWS = 3000
ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session with two workers, which import this checkout."""
    sql = pytest.importorskip("pyspark.sql", reason="needs pyspark: pip install '.[spark]'")
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        pytest.skip("needs a Java runtime: apt-get install default-jre-headless")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        session = (
            sql.SparkSession.builder.master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
            .config("spark.sql.execution.arrow.maxRecordsPerBatch", ROWS // 4)
            .getOrCreate()
        )
        yield session
        session.stop()


@pytest.mark.parametrize("name", ["radiology", "issues"])
def test_spark_gives_every_request_of_the_history_the_answer_it_has_here(
    spark: Any, name: str, tmp_path: Path
) -> None:
    pack = load_pack(name)
    version = make_version(pack.ontology, pack.code_sets, pack.scope_rows, pack.rule_set)
    path = history_table(pack, tmp_path)
    assert path is not None
    table = _as_spark_holds_it(pq.read_table(path).slice(0, ROWS))
    expected = answered(Batch(version), table).to_pylist()
    schema = ", ".join(f"`{column}` string" for column in ("id", *answer_columns(version)))
    found = (
        spark.createDataFrame(table)
        .repartition(3)
        .mapInArrow(partial(decide_batches, version_to_json(version)), schema)
        .toArrow()
        .to_pylist()
    )
    assert len(found) == len(expected) > 1000
    assert {r["id"]: r for r in found} == {r["id"]: r for r in expected}


def _as_spark_holds_it(table: pa.Table) -> pa.Table:
    """One struct for each entity, as Spark takes no dots in names; a time of day as text, as Spark
    has no type for it."""
    columns: dict[str, Any] = {}
    for name in table.column_names:
        column = table.column(name).combine_chunks()
        if pa.types.is_time(column.type):
            column = column.cast(pa.time32("s")).cast(pa.string())
        entity, _, fact = name.rpartition(".")
        columns.setdefault(entity, {})[fact] = column
    flat = columns.pop("")
    nested = {e: pa.StructArray.from_arrays([*f.values()], names=[*f]) for e, f in columns.items()}
    return pa.table({**flat, **nested})
