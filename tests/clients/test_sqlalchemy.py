"""SQLAlchemy 2: what reflection finds, and a select over reflected tables."""

import pytest
import sqlalchemy as sa

from conftest import conninfo


@pytest.fixture
def engine(account):
    settings = conninfo(account)
    url = sa.URL.create(
        "postgresql+psycopg",
        username=settings["user"],
        password=settings["password"],
        host=settings["host"],
        port=int(settings["port"]),
        database=settings["dbname"],
    )
    made = sa.create_engine(url)
    yield made
    made.dispose()


def test_schemas_and_tables(engine, account, portals):
    inspector = sa.inspect(engine)
    assert "public" in inspector.get_schema_names()
    assert inspector.default_schema_name == "public"
    known = portals[account].rows("select table_name from information_schema.tables where table_schema = 'public'")
    assert set(inspector.get_table_names()) | set(inspector.get_view_names()) == {name for (name,) in known}
    assert inspector.has_table("benefit_transaction") and not inspector.has_table("account")


def test_columns_with_types_and_titles(engine):
    inspector = sa.inspect(engine)
    columns = {column["name"]: column for column in inspector.get_columns("benefit_transaction")}
    assert isinstance(columns["txn_no"]["type"], sa.String) and not columns["txn_no"]["nullable"]
    assert isinstance(columns["pay_time"]["type"], sa.DateTime)
    amount = columns["amount"]["type"]
    assert isinstance(amount, sa.Numeric) and (amount.precision, amount.scale) == (12, 2), repr(amount)
    assert columns["amount"]["comment"] == "实付金额"
    assert "优待交易" in inspector.get_table_comment("benefit_transaction")["text"]


def test_keys(engine):
    inspector = sa.inspect(engine)
    assert inspector.get_pk_constraint("benefit_transaction")["constrained_columns"] == ["txn_no"]
    for key in inspector.get_foreign_keys("benefit_transaction"):
        assert inspector.has_table(key["referred_table"]), key
    # Asked by every reflection; there are none.
    assert inspector.get_unique_constraints("benefit_transaction") == []
    assert inspector.get_check_constraints("benefit_transaction") == []
    inspector.get_indexes("benefit_transaction")


def test_every_table_is_loaded_and_read(engine, account, portals):
    metadata = sa.MetaData()
    metadata.reflect(bind=engine)
    assert "benefit_transaction" in metadata.tables
    with engine.connect() as connection:
        for name, table in metadata.tables.items():
            counted = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            assert counted == portals[account].value(f"select count(*) from {name}"), name
            connection.execute(sa.select(table).limit(3)).all()


def test_a_select_with_parameters(engine, account, portals, truth):
    table = sa.Table("benefit_transaction", sa.MetaData(), autoload_with=engine)
    statement = (
        sa.select(table.c.district_code, sa.func.count().label("n"), sa.func.sum(table.c.amount).label("total"))
        .where(table.c.amount >= 0, table.c.category.in_(["餐饮", "文旅", "交通"]))
        .group_by(table.c.district_code)
        .order_by(table.c.district_code)
    )
    with engine.connect() as connection:
        rows = [(row.district_code, row.n, str(row.total)) for row in connection.execute(statement)]
    told = portals[account].rows(
        "select district_code, count(*), sum(amount) from benefit_transaction "
        "where amount >= 0 and category in ('餐饮', '文旅', '交通') group by 1 order by 1"
    )
    assert rows == told and rows
    assert sum(row[1] for row in rows) <= truth[account]


def test_joins_of_reflected_tables(engine, account, portals):
    metadata = sa.MetaData()
    paid = sa.Table("benefit_transaction", metadata, autoload_with=engine)
    district = sa.Table("district", metadata, autoload_with=engine)
    statement = (
        sa.select(district.c.name, sa.func.count())
        .join_from(paid, district, paid.c.district_code == district.c.code)
        .group_by(district.c.name)
    )
    with engine.connect() as connection:
        rows = {tuple(row) for row in connection.execute(statement)}
    told = portals[account].rows(
        "select d.name, count(*) from benefit_transaction t join district d on t.district_code = d.code group by 1"
    )
    assert rows == set(told)
