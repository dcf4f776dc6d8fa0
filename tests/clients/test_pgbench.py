"""pgbench with a read script: several clients at a time, every protocol, every count checked in the script itself."""

import os
import re
import shutil
import subprocess

import pytest

from conftest import conninfo

PGBENCH = shutil.which("pgbench") or "/usr/lib/postgresql/15/bin/pgbench"
SCRIPT = os.path.join(os.path.dirname(__file__), "read.pgbench")


@pytest.mark.parametrize("protocol", ["simple", "extended", "prepared"])
def test_many_clients_count_their_own_rows(account, truth, protocol):
    settings = conninfo(account)
    environment = dict(os.environ, PGPASSWORD=settings["password"], PGHOST=settings["host"], PGPORT=settings["port"])
    clients, each = 4, 15
    arguments = [PGBENCH, "-n", "-f", SCRIPT, "-M", protocol, "-c", str(clients), "-j", "2", "-t", str(each)]
    arguments += ["-D", f"expected={truth[account]}", "-U", account, settings["dbname"]]
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    processed = re.search(r"number of transactions actually processed: (\d+)/(\d+)", done.stdout)
    assert processed and processed.group(1) == processed.group(2) == str(clients * each), done.stdout
    failed = re.search(r"number of failed transactions: (\d+)", done.stdout)
    assert failed is None or failed.group(1) == "0", done.stdout


def test_the_script_fails_on_a_wrong_count(truth):
    # The guard of the guard: with another number expected pgbench must abort.
    settings = conninfo("d310104")
    environment = dict(os.environ, PGPASSWORD=settings["password"], PGHOST=settings["host"], PGPORT=settings["port"])
    arguments = [PGBENCH, "-n", "-f", SCRIPT, "-t", "1", "-D", f"expected={truth['city']}", "-U", "d310104", "pujiang"]
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and "these_rows_are_not_ours" in done.stderr, done
