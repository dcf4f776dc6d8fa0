"""Two hundred people at work on one server for a while: single writes, questions, boards, log-ins; all at once.

usage: soak.py --bin pujiang [--minutes 30] [--users 200] [--data DIR] [--think 1.0] [--every 30]
Makes a demonstration folder unless --data names one, serves it on loopback, and prints one line per interval and a
Markdown table at the end: memory of the process after five minutes and at the end, files of the lake on disk and live,
entries of its logs, times of the requests. Exits 1 when memory grew beyond 1.2 times its value after five minutes, or
more than three times the live files are on disk, or a request was answered with anything but what it should be.
Needs nothing but Python.
"""

import argparse
import collections
import concurrent.futures
import http.client
import json
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
from statistics import mean

PASSWORD = "soak-password-1"
DISTRICTS = [f"3101{n:02d}" for n in (1, 4, 5, 6, 7, 9, 10, 12, 13, 14, 15, 16, 17, 18, 20, 51)]
LIMIT_MEMORY, LIMIT_FILES = 1.2, 3.0
DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]


def credit_code(number: int) -> str:
    """A unified social credit code with a right check digit (GB 32100)."""
    body = f"91310104MC{number:07d}"
    total = sum(DIGITS.index(c) * w for c, w in zip(body, WEIGHTS))
    return body + DIGITS[(31 - total % 31) % 31]


class Client:
    """One person with a connection and a session."""

    def __init__(self, port: int, account: str):
        self.port, self.account, self.token = port, account, None
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def call(self, method, path, body=None, headers=None):
        headers = dict(headers or {})
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body)
        for attempt in range(2):
            try:
                self.connection.request(method, path, body, headers)
                answer = self.connection.getresponse()
                return answer.status, answer.read()
            except (http.client.HTTPException, OSError):
                # An idle connection that the server has closed meanwhile.
                self.connection.close()
                if attempt:
                    raise

    def log_in(self):
        self.token = None
        status, body = self.call("POST", "/api/v1/session", {"account": self.account, "password": PASSWORD})
        if status == 200:
            self.token = json.loads(body)["token"]
        return status


class Tally:
    def __init__(self):
        self.lock = threading.Lock()
        self.times = collections.defaultdict(list)
        self.wrong = collections.Counter()
        self.number = int(time.time()) % 1_000_000

    def note(self, what, status, took, accepted):
        with self.lock:
            self.times[what].append(took)
            if status not in accepted:
                self.wrong[f"{what}: {status}"] += 1

    def next(self):
        with self.lock:
            self.number += 1
            return self.number


def work(port, account, district, stop, think, tally, seed):
    rng = random.Random(seed)
    client = Client(port, account)
    while client.log_in() != 200:
        if stop.wait(1):
            return
    merchant = None
    while not stop.wait(rng.uniform(0.5, 1.5) * think):
        draw = rng.random()
        begun = time.perf_counter()
        accepted = (200,)
        if draw < 0.35:
            what = "write"
            if merchant is None or rng.random() < 0.1:
                body = {"name": f"单位{tally.next()}", "credit_code": credit_code(tally.next()), "category": "文旅",
                        "district_code": district}
                status, answer = client.call("POST", "/api/v1/resources/merchant_profile", body)
                merchant = json.loads(answer)["id"] if status == 201 else None
            else:
                status, answer = client.call("GET", f"/api/v1/resources/merchant_profile/{merchant}")
                version = json.loads(answer)["row_version"] if status == 200 else 1
                status, _ = client.call("PATCH", f"/api/v1/resources/merchant_profile/{merchant}",
                                        {"name": f"单位{tally.next()}"}, {"If-Match": f'"{version}"'})
            accepted = (200, 201)
        elif draw < 0.65:
            what = "sql"
            sql = rng.choice([
                f"select count(*) from benefit_transaction where record_version <> {tally.next()}",
                "select state, count(*) from merchant_profile group by state order by state",
                "select district_code, count(*), sum(amount) from benefit_transaction group by district_code order by 1",
                f"select name from merchant_profile where name like '%{tally.next() % 100}%' order by name limit 20",
            ])
            status, _ = client.call("POST", "/api/v1/sql", {"sql": sql})
        elif draw < 0.85:
            what = "board"
            status, _ = client.call("POST", "/api/v1/boards/benefit/data", {})
        elif draw < 0.97:
            what = "list"
            status, _ = client.call("GET", "/api/v1/resources/merchant_profile?page[size]=20")
        else:
            what = "log in"
            status = client.log_in()
        tally.note(what, status, time.perf_counter() - begun, accepted)


def memory(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) / 1024


def files(data):
    """Data files and log entries of all tables, side files of rollups, bytes of all."""
    lake = pathlib.Path(data) / "lake"
    found = collections.Counter()
    for path in lake.rglob("*"):
        try:
            if path.is_file():
                kind = "rollup" if "_rollup" in path.parts else "log" if "_delta_log" in path.parts else "data"
                found[kind] += path.suffix == ".parquet" or kind == "log"
                found["bytes"] += path.stat().st_size
        except FileNotFoundError:
            pass
    return found


def live(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    total = lambda name: sum(float(v) for v in re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", text, re.M))
    caches = {"answers": total("pujiang_metrics_cache_bytes"), "sql": total("pujiang_sql_cache_bytes")}
    return total("pujiang_table_files"), caches


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def quantile(values, q):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * q))] * 1000


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", default=os.environ.get("PUJIANG_BIN", "pujiang"))
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--think", type=float, default=1.0)
    parser.add_argument("--every", type=float, default=30)
    parser.add_argument("--scale", default="0.02")
    parser.add_argument("--data")
    given = parser.parse_args()
    environment = {**os.environ, "PUJIANG_DEMO_PASSWORD": PASSWORD}
    folder = given.data or tempfile.mkdtemp(prefix="pujiang-soak.")
    data = pathlib.Path(folder) / "data" if not given.data else pathlib.Path(folder)
    if not data.exists():
        subprocess.run([given.bin, "demo", "--data", data, "--scale", given.scale], check=True, env=environment,
                       stdout=subprocess.DEVNULL)
    port = free_port()
    log = open(pathlib.Path(folder) / "soak.log", "w")
    server = subprocess.Popen([given.bin, "serve", "--data", data, "--listen", f"127.0.0.1:{port}"], env=environment,
                              stderr=log, stdout=log)
    stop, tally = threading.Event(), Tally()
    try:
        for _ in range(300):
            try:
                if Client(port, "-").call("GET", "/readyz")[0] == 200:
                    break
            except OSError:
                pass
            time.sleep(0.1)
        begun, taken, peak_ratio = time.time(), [], 0
        with concurrent.futures.ThreadPoolExecutor(given.users) as people:
            for n in range(given.users):
                district = DISTRICTS[n % len(DISTRICTS)]
                account = "city" if n % 17 == 16 else f"d{district}"
                people.submit(work, port, account, district, stop, given.think, tally, n)
            try:
                while time.time() - begun < given.minutes * 60:
                    until = time.time() + given.every
                    while time.time() < until:
                        time.sleep(1)
                        taken.append((time.time() - begun, memory(server.pid)))
                    now, on_disk, (alive, caches) = taken[-1][1], files(data), live(port)
                    minutes = (time.time() - begun) / 60
                    ratio = on_disk["data"] / max(alive, 1)
                    if minutes >= 5:
                        peak_ratio = max(peak_ratio, ratio)
                    print(f"{minutes:5.1f} min  {now:6.0f} MiB  data {on_disk['data']} of {alive:.0f} live"
                          f"  log {on_disk['log']}  side {on_disk['rollup']}  disk {on_disk['bytes'] >> 20} MiB"
                          f"  caches {caches['answers'] / 2**20:.0f}+{caches['sql'] / 2**20:.0f} MiB"
                          f"  requests {sum(map(len, tally.times.values()))}", flush=True)
            finally:
                stop.set()
        on_disk, (alive, _) = files(data), live(port)
    finally:
        stop.set()
        server.send_signal(signal.SIGTERM)
        code = server.wait(30)
    # A single look catches a log-in's hash or a board under way: the mean of a minute's seconds does not.
    at_five = mean(kept for when, kept in taken if 300 <= when < 360 or when < 300 and given.minutes <= 5)
    end = mean(kept for when, kept in taken if when > taken[-1][0] - 60)
    peak = max(kept for _, kept in taken)
    print("\n| what | must be | measured |\n|---|---|---|")
    print(f"| memory after five minutes, mean of a minute | | {at_five:.0f} MiB |")
    print(f"| memory after {given.minutes:.0f} minutes | ≤ {LIMIT_MEMORY} × | {end:.0f} MiB ({end / at_five:.2f} ×) |")
    print(f"| memory at its peak | | {peak:.0f} MiB |")
    print(f"| data files on disk, live | ≤ {LIMIT_FILES:.0f} × | {on_disk['data']}, {alive:.0f}"
          f" (at most {peak_ratio:.1f} ×) |")
    print(f"| log entries, side files on disk | | {on_disk['log']}, {on_disk['rollup']} |")
    for what, times in sorted(tally.times.items()):
        print(f"| {what}: {len(times)} | | p50 {quantile(times, .5):.0f} ms, p99 {quantile(times, .99):.0f} ms |")
    print(f"| answers that were wrong | 0 | {sum(tally.wrong.values())} {dict(tally.wrong) or ''} |")
    held = end <= LIMIT_MEMORY * at_five and peak_ratio <= LIMIT_FILES and not tally.wrong and code == 0
    raise SystemExit(0 if held else 1)


if __name__ == "__main__":
    main()
