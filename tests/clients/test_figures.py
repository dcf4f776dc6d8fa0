"""Every indicator by month, district and dimension as the server answers it, beside DuckDB over the files of the lake:
equal in value, 环比, 同比, 累计, 占比 and 排名, for the city and for one district."""

import datetime
from decimal import Decimal

import pytest

from beside_duckdb import Figures, first_of_month, indicators

FORMS = ("mom", "yoy", "cumulative", "share", "rank")
# The whole city, and a district that sees its own rows only.
SCOPES = {"city": None, "d310104": "310104"}


@pytest.fixture(scope="module")
def today(portals):
    """The day of the business, as the server has it."""
    time = {"grain": "month", "from": "2026-01-01", "to": "2026-01-31"}
    answer = portals["city"].post("/api/v1/metrics/query", {"indicators": ["S1-U03"], "time": time})
    return datetime.date.fromisoformat(answer["as_of"])


@pytest.fixture(scope="module")
def duck(today):
    """What each account can see of the lake."""
    return {account: Figures(district, today) for account, district in SCOPES.items()}


@pytest.fixture(scope="module")
def dictionary(portals):
    """The indicators of the server by code."""
    return {one["id"]: one for one in portals["city"].call("GET", "/api/v1/metrics")["indicators"]}


def test_every_indicator_has_its_sql(dictionary):
    assert indicators() == sorted(dictionary)


# In the small city nearly every unit that trades is registered, and one district may have no service point: there both
# engines must agree on next to nothing.
NEARLY_EMPTY = {("S1-P02", "d310104"), ("S1-P09A", "city"), ("S1-P09A", "d310104")}


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("indicator", indicators())
def test_figures_are_those_of_duckdb(portals, duck, dictionary, today, scope, indicator):
    entry = dictionary[indicator]
    others = [name for name in entry["dimensions"] if name != "district"]
    groupings = [[], ["district"], *([name] for name in others)]
    # Districts by every other dimension, and the other way round, which is what shares and ranks run over.
    for name in others:
        groupings += [["district", name], [name, "district"]]
    compared = 0
    for dimensions in groupings:
        compared += agree(portals[scope], duck[scope], entry, dimensions, today, scope)
    if (indicator, scope) not in NEARLY_EMPTY:
        assert compared > 37, "the demonstration city is too empty to prove anything"


def agree(portal, figures, entry, dimensions, today, scope):
    """Compares one question row by row; returns how many rows had a figure."""
    indicator = entry["id"]
    forms = [form for form in FORMS if form in entry["derived"] and (dimensions or form not in ("share", "rank"))]
    first, last = figures.months
    time = {"grain": "month", "from": str(first), "to": str(end_of_month(last))}
    question = {"indicators": [indicator], "dimensions": dimensions, "time": time, "compare": forms}
    answer = portal.post("/api/v1/metrics/query", question)
    assert answer["as_of"] == str(today), "midnight came in between"
    place = {column["name"]: at for at, column in enumerate(answer["columns"])}
    given = {}
    for row in answer["rows"]:
        key = (first_of_month(row[0]), *(row[place[name]] for name in dimensions))
        assert key not in given, f"{key} stands twice"
        given[key] = tuple(number(row[place[name]]) for name in [indicator, *(f"{indicator}.{form}" for form in forms)])
    digits = max((-figure[0].as_tuple().exponent for figure in given.values() if figure[0] is not None), default=0)
    ratio, points = entry["type"] in ("percent", "decimal") and entry["unit"] != "元", entry["unit"] == "%"
    expected = figures.expected(indicator, dimensions, list(given), digits, ratio, points)
    assert given.keys() == expected.keys(), f"{indicator} by {dimensions}: members differ"
    cut = figures.cut(indicator)
    # Nothing has arrived yet on the first morning of a month: then there is no figure, and 0 would be wrong.
    silent = {one["from"][:7] for one in answer["missing"] if one["code"] == "no_rows"} & {today.strftime("%Y-%m")}
    ranked = scope == "city" or dimensions[:1] not in (["district"], ["place"])
    for key, figure in given.items():
        if key[0] in silent:
            continue
        wanted = expected[key]
        picked = (wanted[0], *(wanted[1 + FORMS.index(form)] for form in forms))
        if "rank" in forms and not ranked:
            picked = (*picked[:-1], None)
        # Of counts of different values months are kept, which cannot be matched by days.
        if key[0] == today.strftime("%Y-%m") and "day" not in entry["grains"]:
            picked = tuple(None if at and forms[at - 1] in ("mom", "yoy") else one for at, one in enumerate(picked))
        picked = tuple(None if at and (key[0], forms[at - 1]) in cut else one for at, one in enumerate(picked))
        assert figure == picked, f"{indicator} by {dimensions} of {key}: server {figure}, DuckDB {picked} ({forms})"
    return sum(figure[0] not in (None, 0) for figure in given.values())


def number(value):
    """A value of an answer as a decimal; JSON numbers are few digits, which their text shows exactly."""
    return None if value is None else Decimal(str(value))


def end_of_month(first):
    """The last day of the month that begins on this day."""
    return (first + datetime.timedelta(days=32)).replace(day=1) - datetime.timedelta(days=1)
