"""psycopg 3: the extended protocol with text and binary values, prepared statements, cancelling."""

import datetime
import socket
import struct
import threading
import time
from decimal import Decimal

import psycopg
import pytest
from psycopg import sql as compose
from psycopg.rows import dict_row

from conftest import conninfo

# Never ends if nobody stops it, and holds little memory while it runs.
ENDLESS = "with recursive r(n) as (select 1 union all select n + 1 from r) select count(*) from r"
# Its left side does not fit into the memory of a query.
TOO_LARGE = (
    "select count(*) from generate_series(1, 9000) a(x), generate_series(1, 9000) b(y), generate_series(1, 9000) c(z) "
    "where (x * y + z) % 7 = 9"
)


def test_counts_agree_with_the_portal(wire, account, truth):
    for binary in (False, True):
        with wire.cursor(binary=binary) as cursor:
            (count,) = cursor.execute("select count(*) from benefit_transaction").fetchone()
            assert count == truth[account]
            sql = "select count(txn_no) from benefit_transaction where amount >= %s"
            (count,) = cursor.execute(sql, [Decimal(0)]).fetchone()
            assert count == truth[account]


@pytest.mark.parametrize("binary", [False, True])
def test_every_type_arrives_as_the_portal_tells_it(wire, account, portals, binary):
    sql = (
        "select txn_no, pay_time, district_code, merchant_code, category, amount, record_version "
        "from benefit_transaction order by txn_no limit 50"
    )
    with wire.cursor(binary=binary) as cursor:
        rows = cursor.execute(sql).fetchall()
    told = portals[account].rows(sql)
    assert len(rows) == len(told) == 50
    for (txn_no, paid, district, merchant, category, amount, version), other in zip(rows, told, strict=True):
        assert isinstance(paid, datetime.datetime) and isinstance(amount, Decimal) and isinstance(version, int)
        # HTTP writes times with the offset of Shanghai; on the wire they are the wall clock or carry the offset too.
        expected = datetime.datetime.fromisoformat(other[1])
        assert paid.replace(tzinfo=None) == expected.replace(tzinfo=None), (paid, other[1])
        assert (txn_no, district, merchant, category, str(amount), version) == (other[0], *other[2:])


@pytest.mark.parametrize("placeholder", ["%s", "%t", "%b"])
def test_parameters_in_text_and_binary(wire, account, truth, placeholder):
    p = placeholder
    day, later = datetime.date(2000, 1, 1), datetime.datetime(2100, 1, 1, 12, 30)

    def count(condition, *values):
        return wire.execute(f"select count(*) from benefit_transaction where {condition}", values).fetchone()[0]

    assert count(f"pay_time >= {p} and pay_time < {p}", day, later) == truth[account]
    assert count(f"amount > {p}", Decimal("-0.01")) == truth[account]
    assert count(f"record_version >= {p}", 0) == truth[account]
    assert count(f"category = {p} or category <> {p} or category is null", "餐饮", "餐饮") == truth[account]
    assert count(f"{p}", True) == truth[account]
    assert count(f"{p}", False) == 0
    # A null compares with nothing.
    assert count(f"category = {p}", None) == 0


@pytest.mark.parametrize("placeholder", ["%s", "%t", "%b"])
def test_right_answer_4_lists_of_every_type(wire, account, truth, placeholder):
    p = placeholder

    def count(condition, *values):
        return wire.execute(f"select count(*) from benefit_transaction where {condition}", values).fetchone()[0]

    (category, amount, day, paid) = wire.execute(
        "select category, amount, pay_time::date, pay_time from benefit_transaction where category is not null limit 1"
    ).fetchone()
    paid = paid.replace(tzinfo=None)
    for cast, column, value in [
        ("text", "category", category),
        ("numeric", "amount", amount),
        ("date", "pay_time::date", day),
        ("timestamp", "pay_time", paid),
    ]:
        expected = count(f"{column} = {p}::{cast}", value)
        assert expected > 0
        assert count(f"{column} = any({p})", [value]) == expected, column
        assert count(f"{column} = any({p}::{cast}[])", [value]) == expected, column
        assert count(f"{column} = any({p})", [value, None]) == expected, column
        assert count(f"{column} <> all({p})", [value, None]) == 0, column
        assert count(f"{column} = any({p}::{cast}[])", []) == 0, column
    assert count(f"record_version <> all({p})", [-1, -2]) == truth[account]
    assert count(f"'a,b' = any({p}::text[])", ["a,b", "c"]) == truth[account]


def test_a_parameter_is_a_value_and_never_statement_text(wire, account):
    for text in ["' or 1=1 --", "'; drop table district; --", "310104' or district_code <> '", "\\", "$1", "徐汇区’"]:
        (count,) = wire.execute("select count(*) from benefit_transaction where district_code = %s", [text]).fetchone()
        assert count == 0, text
        (echo,) = wire.execute("select %s::text", [text]).fetchone()
        assert echo == text


def test_prepared_statements_answer_again_and_again(wire, account, truth):
    total = 0
    districts = [row[0] for row in wire.execute("select distinct district_code from benefit_transaction").fetchall()]
    for district in districts * 3:
        sql = "select count(*) from benefit_transaction where district_code = %s"
        total += wire.execute(sql, [district], prepare=True).fetchone()[0]
    assert total == 3 * truth[account]
    assert (len(districts) > 1) == (account == "city")


def test_pipelines_keep_answers_in_order(account, truth):
    with psycopg.connect(**conninfo(account), autocommit=True) as connection, connection.pipeline():
        cursors = [connection.execute("select %s::int, count(*) from benefit_transaction", [i]) for i in range(5)]
        assert [cursor.fetchone() for cursor in cursors] == [(i, truth[account]) for i in range(5)]


def test_rows_stream_one_by_one(wire, account, truth):
    with wire.cursor() as cursor:
        seen = {row[0] for row in cursor.stream("select txn_no from benefit_transaction")}
    assert len(seen) == truth[account]


def test_an_empty_answer_still_has_columns(wire):
    with wire.cursor(row_factory=dict_row) as cursor:
        cursor.execute("select txn_no, amount from benefit_transaction where 1 = 0")
        assert cursor.fetchall() == []
        assert [column.name for column in cursor.description] == ["txn_no", "amount"]


def test_names_are_quoted_as_postgres_does(wire, account, truth):
    statement = compose.SQL("select count({}) from {}").format(
        compose.Identifier("txn_no"), compose.Identifier("public", "benefit_transaction")
    )
    assert wire.execute(statement).fetchone()[0] == truth[account]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("select * from nothing_of_this_name", psycopg.errors.UndefinedTable),
        ("select nothing from district", psycopg.errors.UndefinedColumn),
        ("selec 1", psycopg.errors.SyntaxError),
        ("select 1/0", psycopg.errors.DivisionByZero),
        ("delete from district", psycopg.errors.ReadOnlySqlTransaction),
    ],
)
def test_errors_have_their_sqlstate_and_the_session_lives(wire, account, truth, statement, expected):
    with pytest.raises(expected):
        wire.execute(statement).fetchall()
    assert wire.execute("select count(*) from benefit_transaction").fetchone()[0] == truth[account]


def test_a_transaction_block_is_allowed_and_reads_only(account, truth):
    with psycopg.connect(**conninfo(account)) as connection:
        assert connection.execute("select count(*) from benefit_transaction").fetchone()[0] == truth[account]
        connection.commit()
        with connection.transaction():
            assert connection.execute("select count(*) from benefit_transaction").fetchone()[0] == truth[account]


def test_a_running_statement_is_cancelled_by_its_client(account):
    with psycopg.connect(**conninfo(account), autocommit=True) as connection:
        threading.Timer(1.0, connection.cancel_safe).start()
        started = time.monotonic()
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute(ENDLESS).fetchall()
        assert time.monotonic() - started < 15
        assert connection.execute("select 1").fetchone() == (1,)


def test_a_statement_too_large_for_its_memory_ends_alone(account):
    with psycopg.connect(**conninfo(account), autocommit=True) as connection:
        with pytest.raises(psycopg.errors.OutOfMemory):
            connection.execute(TOO_LARGE).fetchall()
        assert connection.execute("select 1").fetchone() == (1,)


def test_a_stranger_cannot_cancel(account):
    # The key of a cancel request is a secret of the session: a guessed one must do nothing, and say nothing.
    with psycopg.connect(**conninfo(account), autocommit=True) as connection:
        process = connection.info.backend_pid
        for guess in (0, 1, 0x7FFFFFFF):
            with socket.create_connection(("127.0.0.1", int(conninfo(account)["port"])), timeout=10) as raw:
                raw.sendall(struct.pack("!iiii", 16, 80877102, process, guess))
                assert raw.recv(100) == b""
        assert connection.execute("select 1").fetchone() == (1,)


def test_wrong_password(account):
    with pytest.raises(psycopg.OperationalError) as refused:
        psycopg.connect(**conninfo(account, password="wrong"))
    assert refused.value.sqlstate in (None, "28P01"), refused.value
    assert "failed" in str(refused.value) and "FATAL" in str(refused.value), refused.value


def test_accounts_side_by_side_do_not_mix(truth):
    def ask(name):
        with psycopg.connect(**conninfo(name), autocommit=True) as connection:
            for _ in range(10):
                answers.append((name, connection.execute("select count(*) from benefit_transaction").fetchone()[0]))

    answers = []
    threads = [threading.Thread(target=ask, args=[name]) for name in [*truth] * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert len(answers) == 60
    assert {name: count for name, count in answers} == truth
    assert all(count == truth[name] for name, count in answers)
