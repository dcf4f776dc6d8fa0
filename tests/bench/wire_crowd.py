"""200 connections to the PostgreSQL wire, 24 of the city's account and 11 of each district's; 6 questions a second each account.

usage: wire_crowd.py --wire 5433 --password PW [--seconds 15]     (needs pgbench)
Prints one JSON line: how many, how fast, how many failed. Times count from when a question was due, not from when it
could be sent, so waiting for a busy server is in them.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

CODES = "101 104 105 106 107 109 110 112 113 114 115 116 117 118 120 151".split()
ACCOUNTS = ["city"] + [f"d310{code}" for code in CODES]
CONNECTIONS = {account: 24 if account == "city" else 11 for account in ACCOUNTS}
PER_SECOND = 6


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--wire", required=True)
    arguments.add_argument("--password", required=True)
    arguments.add_argument("--seconds", type=int, default=15)
    options = arguments.parse_args()
    script = pathlib.Path(__file__).parent / "day.pgbench"
    environment = os.environ | {"PGPASSWORD": options.password, "PGSSLMODE": "require"}
    with tempfile.TemporaryDirectory() as folder:
        running = [
            subprocess.Popen(
                ["pgbench", "-n", "-f", script, "-h", "127.0.0.1", "-p", options.wire, "-U", account]
                + ["-c", str(CONNECTIONS[account]), "-R", str(PER_SECOND), "-T", str(options.seconds)]
                + ["-l", f"--log-prefix={folder}/{account}", "pujiang"],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for account in ACCOUNTS
        ]
        failed = 0
        for account, process in zip(ACCOUNTS, running):
            _, errors = process.communicate()
            if process.returncode != 0:
                failed += 1
                print(account, errors[-300:], file=sys.stderr)
        # Fields: client, transaction, microseconds, script, epoch, microsecond, lag.
        lines = [line.split() for log in pathlib.Path(folder).iterdir() for line in log.read_text().splitlines()]
    took = sorted(int(line[2]) / 1000 for line in lines)
    at = lambda share: round(took[min(len(took) - 1, int(len(took) * share))], 1)
    figures = {"connections": sum(CONNECTIONS.values()), "questions": len(took), "per_second": round(len(took) / options.seconds)}
    print(json.dumps(figures | {"p50": at(0.5), "p95": at(0.95), "p99": at(0.99), "failed_processes": failed}))


main()
