"""Statements of tools that cannot be run here: what DBeaver, Metabase, Grafana and others ask must be answered."""

import pathlib
import re

import psycopg
import pytest

from conftest import conninfo

FOLDER = pathlib.Path(__file__).parent / "metadata"


def statements():
    """Every statement with the file and line it stands at."""
    for file in sorted(FOLDER.glob("*.sql")):
        text = "\n".join("" if line.startswith("--") else line for line in file.read_text().splitlines())
        for found in re.finditer(r"\S.*?;$", text, re.DOTALL | re.MULTILINE):
            line = text.count("\n", 0, found.start()) + 1
            statement = found.group().rstrip(";")
            yield pytest.param(statement, id=f"{file.stem}:{line}")


@pytest.fixture(scope="module")
def sessions():
    """One session for each way of asking, as a clerk: many statements on one session are what tools do."""
    with psycopg.connect(**conninfo("d310104"), autocommit=True) as connection:
        yield {"simple": psycopg.ClientCursor(connection), "extended": connection.cursor(binary=False)}


@pytest.mark.parametrize("statement", statements())
def test_it_is_answered(sessions, statement):
    for protocol, cursor in sessions.items():
        # A list of parameters, even an empty one, sends the statement through the extended protocol.
        if protocol == "simple":
            cursor.execute(statement)
        else:
            cursor.execute(statement.replace("%", "%%"), [])
        if cursor.description:
            cursor.fetchall()
