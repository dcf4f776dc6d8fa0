"""Figures of indicators by DuckDB over the files of the lake. The SQL in figures/ was written from the 口径 of the
definitions and the tables alone, before anything of how the server computes was read; keep it so."""

import datetime
import os
import pathlib
from decimal import Decimal

import deltalake
import duckdb

FOLDER = pathlib.Path(__file__).parent / "figures"
LAKE = pathlib.Path(os.environ.get("PUJIANG_DATA", "")) / "lake"
TABLES = ("benefit_transaction", "card_holder", "merchant_profile", "state_event")
# What the server calls a dimension, and the column of the tables. Without its own place a row is where it is counted.
COLUMNS = {
    "district": "district_code",
    "place": "coalesce(place_code, district_code)",
    "holder_category": "category",
    "service_mode": "mode",
}
RATIO_DIGITS = 10
# The columns that put rows into periods, and their tables.
TIMES = {
    "pay_time": "benefit_transaction",
    "register_at": "card_holder",
    "certified_at": "card_holder",
    "activated_at": "merchant_profile",
    "occurred_at": "state_event",
}


def statement(name):
    """The text of a file of the folder."""
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def indicators():
    """Codes of the indicators the folder knows."""
    return sorted(file.stem for file in FOLDER.glob("S1-*.sql"))


class Figures:
    """The lake as an account sees it, and the months that are asked about."""

    def __init__(self, district, today):
        self.db = duckdb.connect()
        self.db.execute("set timezone = 'Asia/Shanghai'")
        for table in TABLES:
            self._view(table, district)
        self.firsts = {time: self._first(time, table) for time, table in TIMES.items()}
        self.db.execute(statement("macros"))
        (first,) = self.db.execute("select date_trunc('month', min(pay_time)) from benefit_transaction").fetchone()
        self.months = (first.date(), today.replace(day=1))
        values = {"now": today, "first": self.months[0], "last": self.months[1]}
        self.db.execute(statement("spans"), values)

    def _view(self, table, district):
        """One table from its live files. The district stands in the log, not in the files."""
        actions = duckdb.arrow(deltalake.DeltaTable(LAKE / table).get_add_actions(flatten=True))
        parts = {}
        for path, code in actions.project('path, "partition.district_code"').fetchall():
            if code.isdigit() and district in (None, code):
                parts.setdefault(code, []).append(str(LAKE / table / path))
        select = "select *, '{}' as district_code from read_parquet({}, union_by_name = true, hive_partitioning = false)"
        union = " union all by name ".join(select.format(code, files) for code, files in sorted(parts.items()))
        self.db.execute(f"create table {table} as {union}")

    def cut(self, indicator):
        """The (month, form) for which the records behind an indicator begin, in all districts, within the time that the
        month is compared with: such figures have no change."""
        firsts = [self.firsts[time] for time in TIMES if time in statement(indicator) and self.firsts[time]]
        spans = self.db.execute("select month, form, from_, until from span where form in ('mom', 'yoy')").fetchall()
        within = lambda start, until: any(start.date() < first < until.date() for first in firsts)
        return {(str(month), form) for month, form, start, until in spans if within(start, until)}

    def _first(self, time, table):
        actions = duckdb.arrow(deltalake.DeltaTable(LAKE / table).get_add_actions(flatten=True))
        parts = actions.project('path, "partition.district_code"').fetchall()
        files = [str(LAKE / table / path) for path, code in parts if code.isdigit()]
        oldest = f"select min({time})::date from read_parquet(?, union_by_name = true, hive_partitioning = false)"
        (first,) = self.db.execute(oldest, [files]).fetchone()
        return first

    def expected(self, indicator, dimensions, answered, digits, ratio, points):
        """Rows of (month, members, value, mom, yoy, cumulative, share, rank) for members that are there or answered."""
        names = [*dimensions]
        self._fractions("figure", indicator, dimensions)
        self._fractions("whole", indicator, dimensions[1:])
        columns = "".join(f", {name} varchar" for name in names)
        self.db.execute(f"create or replace table answered (month varchar{columns})")
        if answered:
            marks = ", ".join("?" for _ in range(1 + len(names)))
            self.db.executemany(f"insert into answered values ({marks})", answered)
        listed = lambda prefix, names: "".join(f", {prefix}{name}" for name in names)
        same = lambda a, b, names: " ".join(f"and {a}.{name} is not distinct from {b}.{name}" for name in names)
        rows = self.db.execute(
            statement("forms").format(
                members=listed("", names),
                of_member=listed("member.", names),
                same_member=same("part", "member", names),
                of_wide=listed("wide.", names),
                rest=listed("", names[1:]),
                rest_of_wide=listed("wide.", names[1:]),
                same_rest=same("total", "wide", names[1:]),
                unnamed=f"wide.{names[0]} is null" if names else "false",
                absent_d=0 if ratio else 1,
                value_scale=10**digits,
                change="points" if points else "part",
                change_scale=10 ** (digits if points else RATIO_DIGITS),
                share_scale=10**RATIO_DIGITS,
            )
        ).fetchall()
        change_digits = digits if points else RATIO_DIGITS
        scales = (digits, change_digits, change_digits, digits, RATIO_DIGITS, 0)
        width = 1 + len(names)
        return {
            row[:width]: tuple(_scaled(value, digits) for value, digits in zip(row[width:], scales, strict=True))
            for row in rows
        }

    def _fractions(self, table, indicator, dimensions):
        by = "".join(f"{COLUMNS.get(name, name)} as {name}, " for name in dimensions)
        apart = "district" in dimensions
        text = statement(indicator).format(
            by=by,
            and_in_the_same_district="and t.district_code = registered.district_code" if apart else "",
            and_unit_in_the_same_district="and unit.district_code = t.district_code" if apart else "",
        )
        self.db.execute(f"create or replace table {table} as {text}")


def _scaled(value, digits):
    """A whole number in units of 10^-digits as the decimal it stands for."""
    return None if value is None else Decimal(value).scaleb(-digits)


def first_of_month(text):
    """The month a period begins, as the SQL names it."""
    return datetime.date.fromisoformat(text).strftime("%Y-%m")
