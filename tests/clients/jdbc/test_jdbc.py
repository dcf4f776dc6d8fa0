"""The JDBC driver of PostgreSQL, by which DBeaver, Metabase and most Java tools ask."""

import os
import pathlib
import subprocess

import pytest

from conftest import conninfo

DRIVER = "/usr/share/java/postgresql.jar"


def ask(account, mode):
    """Everything Ask.java says, by name."""
    settings = conninfo(account)
    environment = dict(os.environ, PGUSER=account, PGPASSWORD=settings["password"])
    url = "jdbc:postgresql://{host}:{port}/{dbname}".format(**settings) + f"?sslmode=require&preferQueryMode={mode}"
    program = pathlib.Path(__file__).with_name("Ask.java")
    command = ["java", "-Xmx256m", "-cp", DRIVER, program, url]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return dict(line.split(": ", 1) for line in done.stdout.splitlines())


@pytest.mark.parametrize("mode", ["extended", "simple", "extendedCacheEverything"])
def test_the_driver_reads_metadata_and_rows(account, mode, portals, truth):
    said = ask(account, mode)
    portal = portals[account]
    known = portal.rows("select table_name from information_schema.tables where table_schema = 'public'")
    assert set(said["tables"].split(",")) == {name for (name,) in known}
    columns = portal.rows("select column_name from information_schema.columns where table_name = 'benefit_transaction'")
    assert set(said["columns"].split(",")) == {name for (name,) in columns}
    assert said["product"].startswith("PostgreSQL 15") and said["catalogs"] == "[pujiang]" and "public" in said["schemas"]
    assert said["amount"] == "[numeric|12|2|实付金额]" and said["key"] == "[txn_no]" and "优待交易" in said["title"]
    total = portal.value("select sum(amount) from benefit_transaction")
    assert said["prepared"] == f"{truth[account]}|{total}|true"
    assert said["portions"] == str(truth[account])
    assert said["timeout"] == "57014" and said["delete"] == "25006"
    assert said["valid"] == said["valid again"] == "true"
