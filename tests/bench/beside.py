"""Asks the same questions of a running Pujiang, of DuckDB over the same Parquet files and of a plain PostgreSQL, in one run.

usage: beside.py --base http://127.0.0.1:8080 --wire 5433 --data DIR --password PW [--postgres URL]
Pujiang answers SQL over HTTP (JSON included) and over the PostgreSQL wire, each question with a condition that makes it
new, so that it is computed from the rows; then over HTTP word for word again, when it is kept (the wire streams and keeps
nothing); and as an indicator from rollups.
DuckDB answers in process, on two threads, over the live files of the same Delta version. PostgreSQL holds the same rows
in a table without indexes, after VACUUM ANALYZE. Answers must agree before a time is printed. Prints Markdown tables.
"""

import argparse
import io
import itertools
import json
import pathlib
import statistics
import time
import urllib.request
from decimal import Decimal

import duckdb
import psycopg

RUNS = 7

# what is asked, SQL for both, the indicator question (None: not an indicator) and where its figures stand
QUESTIONS = [
    (
        "monthly transactions and amount, city, 3 years",
        "SELECT date_trunc('month', pay_time) AS m, count(*) AS n, sum(amount) AS a FROM {t} "
        "WHERE state = 'confirmed' AND {new} GROUP BY 1 ORDER BY 1",
        {"indicators": ["S1-U03", "S1-B05"], "time": {"grain": "month", "from": "2023-11-01", "to": "2026-11-30"}},
    ),
    (
        "one month by district and category",
        "SELECT district_code, category, count(*) AS n, sum(amount) AS a FROM {t} WHERE state = 'confirmed' AND {new} "
        "AND pay_time >= TIMESTAMP '2026-10-01' AND pay_time < TIMESTAMP '2026-11-01' GROUP BY 1, 2 ORDER BY 1, 2",
        {
            "indicators": ["S1-U03", "S1-B05"],
            "dimensions": ["district", "category"],
            "time": {"grain": "month", "from": "2026-10-01", "to": "2026-10-31"},
        },
    ),
    (
        "distinct persons per month, city, 3 years (exact)",
        "SELECT date_trunc('month', pay_time) AS m, count(DISTINCT card_token) AS n FROM {t} "
        "WHERE state = 'confirmed' AND {new} AND pay_time < TIMESTAMP '2026-11-01' GROUP BY 1 ORDER BY 1",
        {"indicators": ["S1-U08A"], "time": {"grain": "month", "from": "2023-11-01", "to": "2026-10-31"}},
    ),
    (
        "ten busiest providers of a quarter",
        "SELECT merchant_code, count(*) AS n FROM {t} WHERE state = 'confirmed' AND {new} AND pay_time >= TIMESTAMP '2026-07-01' "
        "AND pay_time < TIMESTAMP '2026-10-01' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10",
        None,
    ),
]


def live_files(table: pathlib.Path) -> list[str]:
    """Files of the newest version, by replaying the log (demonstration tables have no checkpoint yet)."""
    files: dict[str, None] = {}
    for entry in sorted((table / "_delta_log").glob("*.json")):
        for line in entry.read_text().splitlines():
            action = json.loads(line)
            if "add" in action:
                files[action["add"]["path"]] = None
            elif "remove" in action:
                files.pop(action["remove"]["path"], None)
    return [str(table / path) for path in files]


def call(base: str, path: str, body: dict, token: str | None) -> dict:
    headers = {"content-type": "application/json"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    request = urllib.request.Request(base + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def timed(ask) -> tuple[float, float, list]:
    """First and median time of the others in milliseconds, and the answer."""
    times, answer = [], None
    for _ in range(RUNS):
        started = time.perf_counter()
        answer = ask()
        times.append((time.perf_counter() - started) * 1000)
    return times[0], statistics.median(times[1:]), answer


def figures(rows: list) -> list[Decimal]:
    """The numbers of an answer in order: what both engines must agree on whatever they name their columns."""
    numbers = []
    for row in rows:
        for cell in row:
            if isinstance(cell, (int, Decimal)):
                numbers.append(Decimal(cell))
            elif isinstance(cell, str) and cell.replace(".", "", 1).isdigit() and len(cell) != 6 and len(cell) < 16:
                numbers.append(Decimal(cell))
    return numbers


NUMBERS = itertools.count()


def sql_of(question: str, table: str, kind: str) -> str:
    """The question; `new` adds a condition every row meets and nobody asked before, so that no kept answer serves."""
    condition = f"record_version >= {-1000 - next(NUMBERS)}" if kind == "new" else "record_version >= -1000"
    return question.format(t=table, new=condition)


def fill_postgres(url: str, duck: duckdb.DuckDBPyConnection) -> psycopg.Connection:
    """The rows in a plain table."""
    postgres = psycopg.connect(url, autocommit=True)
    columns = "district_code, pay_time, category, merchant_code, card_token, state, amount, record_version"
    postgres.execute("DROP TABLE IF EXISTS beside")
    postgres.execute(
        "CREATE UNLOGGED TABLE beside (district_code text, pay_time timestamp, category text, merchant_code text, "
        "card_token text, state text, amount numeric(12,2), record_version bigint)"
    )
    cursor = duck.execute(f"SELECT {columns} FROM t")
    with postgres.cursor() as target, target.copy("COPY beside FROM STDIN") as copy:
        while rows := cursor.fetchmany(50_000):
            text = io.StringIO()
            for row in rows:
                text.write("\t".join("\\N" if cell is None else str(cell) for cell in row) + "\n")
            copy.write(text.getvalue())
    postgres.execute("VACUUM ANALYZE beside")
    return postgres


def beside(options: argparse.Namespace, token: str) -> None:
    api = options.base + "/api/v1"
    files = live_files(options.data / "lake" / "benefit_transaction")
    duck = duckdb.connect()
    duck.execute("SET threads = 2")
    source = f"read_parquet({files!r}, hive_partitioning = true, hive_types_autocast = false, union_by_name = true)"
    duck.execute(f"CREATE VIEW t AS SELECT * FROM {source}")
    postgres = fill_postgres(options.postgres, duck) if options.postgres else None
    wire = connect(options)
    print(f"| question | DuckDB {duckdb.__version__} | PostgreSQL | Pujiang SQL, HTTP | wire | HTTP, again | indicator, first | again |")
    print("|---|---|---|---|---|---|---|---|")
    for title, sql, indicator in QUESTIONS:
        cells = []
        _, took, expected = timed(lambda: duck.execute(sql_of(sql, "t", "new")).fetchall())
        cells.append(f"{took:.0f} ms")
        expected = figures(expected)
        if postgres:
            _, took, rows = timed(lambda: postgres.execute(sql_of(sql, "beside", "new")).fetchall())
            cells.append(f"{took:.0f} ms")
            agree(title, figures(rows), expected)
        else:
            cells.append("–")
        ask = lambda kind: call(api, "/sql", {"sql": sql_of(sql, "benefit_transaction", kind)}, token)
        _, took, answer = timed(lambda: ask("new"))
        agree(title, figures(answer["rows"]), expected)
        cells.append(f"{took:.0f} ms")
        _, took, rows = timed(lambda: wire.execute(sql_of(sql, "benefit_transaction", "new")).fetchall())
        agree(title, figures(rows), expected)
        cells.append(f"{took:.0f} ms")
        _, took, answer = timed(lambda: ask("kept"))
        agree(title, figures(answer["rows"]), expected)
        cells.append(f"{took:.1f} ms")
        if indicator:
            first, again, answer = timed(lambda: call(api, "/metrics/query", indicator, token))
            cells += [f"{first:.0f} ms", f"{again:.1f} ms"]
            # Indicators name empty cells with 0 where SQL has no row, and sort categories their own way.
            agree(title, sorted(n for n in figures(answer["rows"]) if n), sorted(n for n in expected if n))
        else:
            cells += ["–", "–"]
        print(f"| {title} | {' | '.join(cells)} |", flush=True)


def agree(title: str, got: list[Decimal], expected: list[Decimal]) -> None:
    if got != expected:
        raise SystemExit(f"the answers differ: {title}")


def connect(options: argparse.Namespace) -> psycopg.Connection:
    port = options.wire
    return psycopg.connect(
        f"host=127.0.0.1 port={port} dbname=pujiang user=city password={options.password} sslmode=require", autocommit=True
    )


# What psql asks for `\\d benefit_transaction`, in its two steps.
DESCRIBE = [
    "SELECT c.oid, n.nspname, c.relname FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n "
    "ON n.oid = c.relnamespace WHERE c.relname OPERATOR(pg_catalog.~) '^(benefit_transaction)$' COLLATE pg_catalog.default "
    "AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY 2, 3",
    "SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull FROM pg_catalog.pg_attribute a "
    "WHERE a.attrelid = (SELECT oid FROM pg_catalog.pg_class WHERE relname = 'benefit_transaction') "
    "AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
]


def small_things(options: argparse.Namespace, token: str) -> None:
    """What every person pays before the first row."""
    api = options.base + "/api/v1"
    lines = []

    def note(what: str, ask) -> None:
        first, again, _ = timed(ask)
        lines.append(f"| {what} | {first:.1f} ms | {again:.1f} ms |")

    note("connect over the wire: TLS, SCRAM, session", lambda: connect(options).close())
    with connect(options) as wire:
        note("`SELECT 1` over the wire, new text each time", lambda: wire.execute(f"SELECT {next(NUMBERS)}").fetchall())
        note("psql `\\d benefit_transaction` over the wire", lambda: [wire.execute(sql).fetchall() for sql in DESCRIBE])
        note(
            "one row by key over the wire, prepared, another key each time",
            lambda: wire.execute(
                "SELECT * FROM benefit_transaction WHERE txn_no = %s", (f"none-{next(NUMBERS)}",), prepare=True
            ).fetchall(),
        )
    note("`SELECT 1` over HTTP, new text each time", lambda: call(api, "/sql", {"sql": f"SELECT {next(NUMBERS)}"}, token))
    print("\n| small things | first | median of six more |\n|---|---|---|")
    print("\n".join(lines), flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--base", required=True)
    arguments.add_argument("--wire", required=True, type=int)
    arguments.add_argument("--data", required=True, type=pathlib.Path)
    arguments.add_argument("--password", required=True)
    arguments.add_argument("--postgres")
    options = arguments.parse_args()
    body = {"account": "city", "password": options.password}
    token = call(options.base + "/api/v1", "/session", body, None)["token"]
    beside(options, token)
    small_things(options, token)


main()
