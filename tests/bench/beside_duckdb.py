"""Asks the same questions of a running Pujiang and of DuckDB over the same Parquet files, in one run.

usage: beside_duckdb.py --base http://127.0.0.1:8080 --data DIR --password PW   (pip install duckdb)
Pujiang answers over HTTP, JSON included: once as SQL over the rows, once as an indicator from rollups.
DuckDB answers in process over the live files of the same Delta version. Answers must agree. Prints a Markdown table.
"""

import argparse
import json
import pathlib
import statistics
import time
import urllib.request
from decimal import Decimal

import duckdb

RUNS = 7

# what is asked, SQL for both, the indicator question (None: not an indicator) and where its figures stand
QUESTIONS = [
    (
        "monthly transactions and amount, city, 3 years",
        "SELECT date_trunc('month', pay_time) AS m, count(*) AS n, sum(amount) AS a FROM {t} "
        "WHERE state = 'confirmed' GROUP BY 1 ORDER BY 1",
        {"indicators": ["S1-U03", "S1-B05"], "time": {"grain": "month", "from": "2023-11-01", "to": "2026-11-30"}},
    ),
    (
        "one month by district and category",
        "SELECT district_code, category, count(*) AS n, sum(amount) AS a FROM {t} WHERE state = 'confirmed' "
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
        "WHERE state = 'confirmed' AND pay_time < TIMESTAMP '2026-11-01' GROUP BY 1 ORDER BY 1",
        {"indicators": ["S1-U08A"], "time": {"grain": "month", "from": "2023-11-01", "to": "2026-10-31"}},
    ),
    (
        "ten busiest providers of a quarter",
        "SELECT merchant_code, count(*) AS n FROM {t} WHERE state = 'confirmed' AND pay_time >= TIMESTAMP '2026-07-01' "
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
    """First and median time in milliseconds, and the answer."""
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


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--base", required=True)
    arguments.add_argument("--data", required=True, type=pathlib.Path)
    arguments.add_argument("--password", required=True)
    options = arguments.parse_args()
    api = options.base + "/api/v1"
    token = call(api, "/session", {"account": "city", "password": options.password}, None)["token"]
    files = live_files(options.data / "lake" / "benefit_transaction")
    duck = duckdb.connect()
    duck.execute("SET threads = 2")
    duck.execute(f"CREATE VIEW t AS SELECT * FROM read_parquet({files!r}, hive_partitioning = true, hive_types_autocast = false)")
    print(f"| question | DuckDB {duckdb.__version__} | Pujiang SQL | Pujiang indicator, first | again |")
    print("|---|---|---|---|---|")
    for title, sql, indicator in QUESTIONS:
        _, duck_time, duck_rows = timed(lambda: duck.execute(sql.format(t="t")).fetchall())
        # A SQL answer is not kept, so every run is a full one.
        _, sql_time, answer = timed(lambda: call(api, "/sql", {"sql": sql.format(t="benefit_transaction")}, token))
        if figures(duck_rows) != figures(answer["rows"]):
            raise SystemExit(f"the answers differ: {title}")
        first = again = "–"
        if indicator:
            first, again, answer = timed(lambda: call(api, "/metrics/query", indicator, token))
            first, again = f"{first:.0f} ms", f"{again:.1f} ms"
            # Indicators name empty cells with 0 where SQL has no row, and sort categories their own way.
            shown = sorted(n for n in figures(answer["rows"]) if n)
            if shown != sorted(n for n in figures(duck_rows) if n):
                raise SystemExit(f"the indicator differs: {title}")
        print(f"| {title} | {duck_time:.0f} ms | {sql_time:.0f} ms | {first} | {again} |", flush=True)


main()
