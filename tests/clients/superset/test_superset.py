"""Apache Superset: adds the lake as a database, lists tables, builds a dataset and a chart, and sees only its scope."""

import json
import os
import pathlib
import subprocess
import tempfile

import pytest

from conftest import conninfo
from service import HERE, Superset

PHYSICAL = "d310104"
MEASURES = ["COUNT(*)", "SUM(amount)"]


@pytest.fixture(scope="module")
def superset():
    """One Superset for all accounts: its own caches must not mix them either."""
    with tempfile.TemporaryDirectory(prefix="pujiang-superset.") as home:
        service = Superset(home)
        try:
            yield service
        finally:
            service.stop()


@pytest.fixture(scope="module")
def databases(superset):
    """The wire, once for each account, as an analyst would add it."""
    ids = {}
    for account in ["city", "d310104", "d310115"]:
        settings = conninfo(account)
        uri = "postgresql://{user}:{password}@{host}:{port}/{dbname}?sslmode=require".format(**settings)
        body = {"database_name": f"浦江 {account}", "sqlalchemy_uri": uri, "expose_in_sqllab": True}
        ids[account] = superset.call("POST", "/api/v1/database/", body)["id"]
    return ids


@pytest.fixture(scope="module")
def datasets(superset, databases):
    """The transactions, once for each account. Over SQLite a Superset takes a table's name once only, so that one
    account has the table itself and the others a statement over it, which are the two kinds of dataset there are."""
    made = {}
    for account, database in databases.items():
        body = {"database": database, "schema": "public", "table_name": f"transactions of {account}"}
        body |= {"sql": "select * from benefit_transaction"}
        if account == PHYSICAL:
            body = {"database": database, "schema": "public", "table_name": "benefit_transaction"}
        made[account] = superset.call("POST", "/api/v1/dataset/", body)["id"]
    return made


def measure(text):
    return {"expressionType": "SQL", "sqlExpression": text, "label": text}


def asked(superset, dataset, **query):
    """Rows of a chart over a dataset."""
    body = {
        "datasource": {"id": dataset, "type": "table"},
        "queries": [{"metrics": [measure(text) for text in MEASURES], "filters": [], "row_limit": 1000, **query}],
        "result_format": "json",
        "result_type": "full",
        "force": True,
    }
    [answer] = superset.call("POST", "/api/v1/chart/data", body)["result"]
    assert answer["status"] == "success" and not answer["error"], answer
    return answer["data"]


def test_tables_are_listed(superset, databases, account, portals):
    database = databases[account]
    assert "public" in superset.call("GET", f"/api/v1/database/{database}/schemas/")["result"]
    listed = superset.call("GET", f"/api/v1/database/{database}/tables/?q=(force:!t,schema_name:public)")["result"]
    known = portals[account].rows("select table_name from information_schema.tables where table_schema = 'public'")
    assert {table["value"] for table in listed} == {name for (name,) in known}


def test_columns_have_types_and_titles(superset, databases, datasets, account):
    query = "name=benefit_transaction&schema=public"
    told = superset.call("GET", f"/api/v1/database/{databases[account]}/table_metadata/?{query}")
    types = {column["name"]: column["type"].lower() for column in told["columns"]}
    assert types["amount"].startswith("numeric") and types["pay_time"].startswith("timestamp"), types
    dataset = superset.call("GET", f"/api/v1/dataset/{datasets[account]}")["result"]
    columns = {column["column_name"]: column for column in dataset["columns"]}
    assert columns["pay_time"]["is_dttm"] and columns["amount"]["type_generic"] == 0, columns


def test_a_chart_by_category_is_the_portals_answer(superset, datasets, account, portals, truth):
    rows = asked(superset, datasets[account], columns=["category"])
    sql = "select category, count(*), sum(amount) from benefit_transaction group by 1"
    from_portal = {(name, count, round(float(total), 2)) for name, count, total in portals[account].rows(sql)}
    assert {(row["category"], row[MEASURES[0]], round(float(row[MEASURES[1]]), 2)) for row in rows} == from_portal
    assert sum(row[MEASURES[0]] for row in rows) == truth[account]


def test_a_chart_by_district_shows_only_the_scope(superset, datasets, account, portals):
    rows = asked(superset, datasets[account], columns=["district_code"])
    told = portals[account].rows("select district_code, count(*) from benefit_transaction group by 1")
    assert {(row["district_code"], row[MEASURES[0]]) for row in rows} == set(told)


def test_a_time_series_with_grain_and_filters(superset, datasets, account, portals):
    rows = asked(
        superset,
        datasets[account],
        columns=[{"columnType": "BASE_AXIS", "sqlExpression": "pay_time", "label": "pay_time", "expressionType": "SQL",
                  "timeGrain": "P1M"}],
        filters=[{"col": "category", "op": "IN", "val": ["餐饮", "文旅"]}, {"col": "amount", "op": ">=", "val": 10}],
        extras={"time_grain_sqla": "P1M"},
        time_range="2025-01-01 : 2026-01-01",
        granularity="pay_time",
    )
    told = portals[account].value(
        "select count(*) from benefit_transaction where category in ('餐饮', '文旅') and amount >= 10 "
        "and pay_time >= '2025-01-01' and pay_time < '2026-01-01'"
    )
    assert len(rows) == 12 and sum(row[MEASURES[0]] for row in rows) == told


def test_sql_lab_answers_and_refuses_to_write(superset, databases, account, truth):
    body = {"database_id": databases[account], "schema": "public", "runAsync": False, "queryLimit": 1000}
    sql = "select count(*) as n from benefit_transaction"
    answer = superset.call("POST", "/api/v1/sqllab/execute/", body | {"sql": sql, "client_id": f"a{account}"[:11]})
    assert answer["data"] == [{"n": truth[account]}], answer
    with pytest.raises(AssertionError):
        sql = "delete from benefit_transaction"
        superset.call("POST", "/api/v1/sqllab/execute/", body | {"sql": sql, "client_id": f"b{account}"[:11]})


def test_a_saved_chart_is_drawn(superset, datasets, account):
    parameters = {
        "datasource": f"{datasets[account]}__table",
        "viz_type": "pie",
        "groupby": ["category"],
        "metric": measure("COUNT(*)"),
        "adhoc_filters": [],
        "row_limit": 100,
        "show_labels": True,
        "label_type": "key_value",
    }
    body = {
        "slice_name": f"按类别 {account}",
        "viz_type": "pie",
        "datasource_id": datasets[account],
        "datasource_type": "table",
        "params": json.dumps(parameters),
    }
    chart = superset.call("POST", "/api/v1/chart/", body)["id"]
    picture = pathlib.Path(os.environ["PUJIANG_SCREENSHOTS"]) / f"superset-{account}.png"
    picture.parent.mkdir(parents=True, exist_ok=True)
    page = f"{superset.url}/explore/?slice_id={chart}&standalone=1"
    environment = dict(os.environ, SUPERSET_PASSWORD=superset.password)
    command = ["node", HERE / "picture.mjs", superset.url, page, picture]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr
    assert picture.stat().st_size > 10_000
