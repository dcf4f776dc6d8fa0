"""Answers the 22 TPC-H queries with DuckDB over a TPC-H lake's own files, once per scope, each on that scope's rows only.

usage: duckdb_answers.py --lake DIR --scale 1 --out DIR   (pip install duckdb)
Writes city.txt, one.txt, two.txt and none.txt as `answer.rs` reads them, and times.txt: milliseconds of each query on
the city, two threads, median of three after a first run.
"""

import argparse
import pathlib
import statistics
import time

import duckdb

DISTRICT_TABLES = ["customer", "orders", "lineitem"]
REFERENCE_TABLES = ["region", "nation", "supplier", "part", "partsupp"]
# The same as in scope.rs; None is everything.
SCOPES = {"city": None, "one": ["310104"], "two": ["310101", "310115"], "none": []}


def connection(lake: pathlib.Path, districts: list[str] | None) -> duckdb.DuckDBPyConnection:
    """The eight tables as views on the files; a bulk-loaded lake has no other files than the live ones."""
    duck = duckdb.connect()
    duck.execute("SET threads = 2")
    for table in REFERENCE_TABLES + DISTRICT_TABLES:
        files = f"read_parquet('{lake}/{table}/**/*.parquet', hive_partitioning = true, hive_types_autocast = false)"
        condition = ""
        if table in DISTRICT_TABLES and districts is not None:
            listed = ", ".join(f"'{code}'" for code in districts) or "''"
            condition = f" WHERE district_code IN ({listed})"
        duck.execute(f"CREATE VIEW {table} AS SELECT * FROM {files}{condition}")
    return duck


def queries(scale: float) -> dict[str, str]:
    folder = pathlib.Path(__file__).parent / "queries"
    fraction = f"{0.0001 / scale:.4f}"
    return {file.stem: file.read_text().replace("{fraction}", fraction) for file in sorted(folder.glob("q*.sql"))}


def milliseconds(duck: duckdb.DuckDBPyConnection, sql: str) -> float:
    started = time.perf_counter()
    duck.execute(sql).fetchall()
    return (time.perf_counter() - started) * 1000


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--lake", required=True, type=pathlib.Path)
    arguments.add_argument("--scale", required=True, type=float)
    arguments.add_argument("--out", required=True, type=pathlib.Path)
    options = arguments.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for scope, districts in SCOPES.items():
        duck = connection(options.lake, districts)
        lines = [f"# TPC-H at scale {options.scale:g}, scope {scope}, answered by DuckDB {duckdb.__version__}"]
        for name, sql in queries(options.scale).items():
            lines.append(f"== {name}")
            for row in duck.execute(sql).fetchall():
                lines.append("|".join("NULL" if cell is None else str(cell) for cell in row))
        (options.out / f"{scope}.txt").write_text("\n".join(lines) + "\n")
    duck = connection(options.lake, None)
    times = []
    for name, sql in queries(options.scale).items():
        milliseconds(duck, sql)
        times.append(f"{name} {statistics.median(milliseconds(duck, sql) for _ in range(3)):.1f}")
    (options.out / "times.txt").write_text("\n".join(times) + "\n")


main()
