"""What every client test starts from: the accounts of the demonstration city and the wire they log in at."""

import os

import psycopg
import pytest

from portal import Portal

# The whole city, two districts of very different size. A test that holds for these does not hold by a lucky number.
ACCOUNTS = {"city": None, "d310104": "310104", "d310115": "310115"}


def conninfo(account, **more):
    """libpq settings of an account."""
    settings = {
        "host": "127.0.0.1",
        "port": os.environ["PUJIANG_PG_PORT"],
        "user": account,
        "password": os.environ["PUJIANG_DEMO_PASSWORD"],
        "dbname": "pujiang",
        "connect_timeout": "20",
    }
    return settings | more


@pytest.fixture(scope="session")
def portals():
    """Every account at the portal."""
    return {account: Portal(account) for account in ACCOUNTS}


@pytest.fixture(scope="session")
def truth(portals):
    """Transactions of each account, counted from the city's answer split by district: no clerk is asked for it."""
    split = dict(portals["city"].rows("select district_code, count(*) from benefit_transaction group by 1"))
    assert len(split) > 2 and min(split.values()) > 0, f"the demonstration city is too empty to prove anything: {split}"
    return {
        account: sum(split.values()) if district is None else split[district] for account, district in ACCOUNTS.items()
    }


@pytest.fixture(params=ACCOUNTS)
def account(request):
    """Each account in turn."""
    return request.param


@pytest.fixture
def wire(account):
    """A psycopg connection of the account."""
    with psycopg.connect(**conninfo(account), autocommit=True) as connection:
        yield connection
