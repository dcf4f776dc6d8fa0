"""psql, the client everybody has: its backslash commands, queries, refusals, TLS."""

import os
import shutil
import subprocess

import pytest

from conftest import ACCOUNTS, conninfo

PSQL = shutil.which("psql")


def psql(account, *commands, **more):
    """Runs commands in one psql; unaligned output without headers."""
    settings = conninfo(account, **more)
    environment = dict(os.environ, PGPASSWORD=settings.pop("password"), PGCLIENTENCODING="UTF8")
    line = " ".join(f"{name}={value}" for name, value in settings.items())
    arguments = [PSQL, "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", line]
    for command in commands:
        arguments += ["-c", command]
    return subprocess.run(arguments, env=environment, capture_output=True, text=True, timeout=90)


def told(account, *commands, **more):
    """The same, and it must have worked."""
    done = psql(account, *commands, **more)
    assert done.returncode == 0, done.stderr
    assert not done.stderr, done.stderr
    return done.stdout


def test_psql_is_there():
    assert PSQL, "psql is missing: scripts/setup.sh test installs it"


def test_dt_lists_the_tables_of_the_portal(account, portals):
    listed = {line.split("|")[1] for line in told(account, r"\dt").splitlines()}
    known = portals[account].rows("select table_name from information_schema.tables where table_schema = 'public'")
    assert listed == {name for (name,) in known}


@pytest.mark.parametrize(
    ("command", "word"),
    [
        (r"\dn", "public"),
        (r"\d", "benefit_transaction"),
        (r"\dt public.*", "benefit_transaction"),
        (r"\d benefit_transaction", "district_code|text"),
        (r"\d+ benefit_transaction", "实付金额"),
        (r"\dt+", "优待交易"),
        (r"\l", "pujiang"),
        (r"\du", ""),
        (r"\df", ""),
        (r"\conninfo", "pujiang"),
        (r"\encoding", "UTF8"),
    ],
)
def test_backslash_commands_answer(account, command, word):
    assert word in told(account, command)


@pytest.mark.parametrize("command", [r"\dv", r"\dm", r"\di", r"\ds", r"\dx", r"\dp", r"\dT", r"\sf nothing"])
def test_commands_that_find_nothing_do_not_fail(account, command):
    done = psql(account, command)
    assert "ERROR" not in done.stderr or "does not exist" in done.stderr, done.stderr


def test_d_shows_the_columns_of_the_portal(account, portals):
    described = told(account, r"\d benefit_transaction").splitlines()
    names = {line.split("|")[0] for line in described if "|" in line}
    known = portals[account].rows(
        "select column_name from information_schema.columns where table_name = 'benefit_transaction'"
    )
    assert names >= {name for (name,) in known}, described


def test_du_names_no_other_account(account):
    roles = told(account, r"\du")
    others = [other for other in [*ACCOUNTS, "secadmin", "auditor", "leader"] if other != account and other in roles]
    assert not others, f"\\du shows {account} the accounts {others}"


def test_rows_are_those_of_the_account(account, truth, portals):
    counted = told(account, "select count(*) from benefit_transaction").strip()
    assert int(counted) == truth[account]
    sql = "select district_code, count(*), sum(amount) from benefit_transaction group by 1 order by 1"
    from_wire = [tuple(line.split("|")) for line in told(account, sql).splitlines()]
    from_portal = [tuple(str(cell) for cell in row) for row in portals[account].rows(sql)]
    assert from_wire == from_portal


def test_chinese_goes_both_ways(account):
    assert told(account, "select '徐汇区' || '·' || name from district where name = '徐汇区'").strip() == "徐汇区·徐汇区"


def test_wrong_password_is_refused_as_an_unknown_account_is(account):
    wrong = psql(account, "select 1", password="not-the-password")
    unknown = psql("nobody-of-this-name", "select 1", password="not-the-password")
    assert wrong.returncode == 2 and unknown.returncode == 2, (wrong, unknown)
    assert wrong.stderr.replace(account, "ACCOUNT") == unknown.stderr.replace("nobody-of-this-name", "ACCOUNT")
    # One failure does not lock an account out.
    assert told(account, "select 1").strip() == "1"


def test_an_account_without_the_right_to_ask_gets_nothing():
    for account in ["leader", "auditor", "sysadmin", "secadmin"]:
        done = psql(account, "select count(*) from benefit_transaction")
        assert done.returncode != 0 and not done.stdout.strip(), (account, done)


def test_tls_is_offered_and_may_be_demanded(account, truth):
    shown = told(account, r"\conninfo", sslmode="require")
    assert "SSL connection" in shown, shown
    counted = told(account, "select count(*) from benefit_transaction", sslmode="require")
    assert int(counted) == truth[account]


def test_scram_is_bound_to_the_tls_channel(account):
    # libpq fails unless the server offers SCRAM-SHA-256-PLUS and proves that nobody stands between.
    assert told(account, "select 1", sslmode="require", channel_binding="require").strip() == "1"


@pytest.mark.parametrize(
    "statement",
    [
        "insert into district (code, name) values ('1', 'x')",
        "delete from benefit_transaction",
        "update benefit_transaction set amount = 0",
        "create table x (a int)",
        "drop table benefit_transaction",
        "copy benefit_transaction to '/tmp/pujiang-leak.csv'",
        "create external table x stored as csv location '/etc/passwd'",
        "select * from '/etc/passwd'",
        "select pg_read_file('/etc/passwd')",
        "set role secadmin",
        "set session authorization secadmin",
        r"\copy benefit_transaction from '/etc/passwd'",
    ],
)
def test_nothing_writes_or_reads_files(account, statement):
    done = psql(account, statement)
    assert done.returncode != 0, done.stdout
    assert "root:" not in done.stdout + done.stderr
    assert not os.path.exists("/tmp/pujiang-leak.csv")


def test_an_error_ends_the_statement_and_not_the_session(account, truth):
    done = psql(account, r"\set ON_ERROR_STOP 0", "select 1/0", "select count(*) from benefit_transaction")
    assert "ERROR" in done.stderr
    assert done.stdout.strip().splitlines()[-1] == str(truth[account])


def test_sessions_speak_of_themselves(account):
    assert told(account, "show server_version").startswith("15")
    assert told(account, "select current_database(), current_schema()").strip() == "pujiang|public"
    assert told(account, "select current_user").strip() == account
    block = told(account, "begin", "select count(*) >= 0 from district", "commit")
    assert block.split() == ["BEGIN", "t", "COMMIT"]
