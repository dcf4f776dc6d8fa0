"""Figures whose right value is known, looked at everywhere they are shown: interface, board, workbook, document. The file
holds months long before those of the demonstration city, so that every number in them can be counted by hand."""

import datetime
import pathlib
import re
import zipfile

import openpyxl
import pypdf
import pytest

from own_city import OwnCity

FILE = pathlib.Path(__file__).parent / "files" / "old_months.csv"
CREATED = re.compile(r"<dcterms:created[^>]*>([^<]+)</dcterms:created>")


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """A city with the old months."""
    own = OwnCity(tmp_path_factory.mktemp("city"))
    own.load("bank", FILE)
    own.serve()
    yield own
    own.close()


@pytest.fixture(scope="module")
def report(city):
    """The monthly report of the whole city, rendered once per month: text of the document and the workbook."""
    made = {}

    def of(period):
        if period not in made:
            files = city.report("benefit_monthly", period, f"out-{period}")
            pdf, xlsx = (next(file for name, file in files.items() if "全市" in name and name.endswith(end)) for end in (".pdf", ".xlsx"))
            pages = pypdf.PdfReader(pdf).pages
            text = "".join(page.extract_text() for page in pages)
            made[period] = re.sub(r"\s", "", text), openpyxl.load_workbook(xlsx)
        return made[period]

    return of


def month(period):
    """The time of a question about one month."""
    first = datetime.date.fromisoformat(f"{period}-01")
    last = (first + datetime.timedelta(days=32)).replace(day=1) - datetime.timedelta(days=1)
    return {"grain": "month", "from": str(first), "to": str(last)}


def ask(city, period, compare, dimensions=(), indicator="S1-U03"):
    """Rows of an indicator by name of their column."""
    question = {"indicators": [indicator], "dimensions": list(dimensions), "time": month(period), "compare": compare}
    return named(city.portal("city").post("/api/v1/metrics/query", question))


def named(answer):
    """Rows as dictionaries."""
    names = [column["name"] for column in answer["columns"]]
    return [dict(zip(names, row, strict=True)) for row in answer["rows"]]


def tile(city, period, name, **chosen):
    """One tile of the board, with its rows as dictionaries."""
    board = city.portal("city").post("/api/v1/boards/benefit/data", {"period": period} | chosen)
    found = board["tiles"][name]
    return found | {"named": named(found)}


def overview(book, title):
    """The row of an indicator on the first sheet, by heading."""
    rows = list(book["概览"].iter_rows())
    heads = next([cell.value for cell in row] for row in rows if row[0].value == "指标")
    found = next(row for row in rows if row[0].value == title)
    return dict(zip(heads, found, strict=False))


def block(book, sheet, title, group):
    """The first figure of a group in a block of a sheet."""
    rows = list(book[sheet].iter_rows())
    start = next(at for at, row in enumerate(rows) if row[0].value == title)
    found = next(row for row in rows[start + 2 :] if group in (row[0].value, row[1].value))
    return next(cell for cell in found if cell.value not in (group, None) and not str(cell.value).isdigit() or isinstance(cell.value, (int, float)))


def test_right_answer_16_what_vanished_is_there_with_nought(city):
    rows = ask(city, "2022-05", ["yoy", "mom", "cumulative"], ["category"])
    by_category = {row["category"]: row for row in rows}
    sport = by_category["体育"]
    assert (sport["S1-U03"], sport["S1-U03.yoy"], sport["S1-U03.mom"], sport["S1-U03.cumulative"]) == (0, -1, -1, 3)
    (whole,) = ask(city, "2022-05", ["yoy", "mom", "cumulative"])
    for column in ("S1-U03", "S1-U03.cumulative"):
        assert sum(row[column] for row in rows) == whole[column], "the parts add up to the whole"
    shown = {row["category"]: row for row in tile(city, "2022-05", "by_category")["named"]}
    assert (shown["体育"]["S1-U03"], shown["体育"]["S1-U03.yoy"]) == (0, -1)


def test_right_answer_21_one_rounding_everywhere(city, report):
    # 17 after 16 a year before: exactly 1/16 more.
    (row,) = ask(city, "2022-05", ["yoy"])
    assert row["S1-U03.yoy"] == 0.0625
    assert tile(city, "2022-05", "transactions")["named"][-1]["S1-U03.yoy"] == 0.0625
    text, book = report("2022-05")
    assert "同比增长6.3%" in text
    cell = overview(book, "优待用户交易笔数")["同比"]
    assert (cell.value, cell.number_format) == (0.0625, "+0.0%;-0.0%;0.0%")
    # 5 of 16: exactly 31.25 %.
    shares = {row["category"]: row["S1-U03.share"] for row in ask(city, "2022-06", ["share"], ["category"])}
    assert shares["金融"] == 0.3125
    shown = {row["category"]: row["S1-U03.share"] for row in tile(city, "2022-06", "by_category")["named"]}
    assert shown["金融"] == 0.3125
    text, book = report("2022-06")
    assert "占31.3%" in text
    assert block(book, "分类别", "按服务类别：占比", "金融").value == 0.3125


def test_right_answer_22_ties_and_noughts_in_sentences(report):
    text, _ = report("2022-07")
    sentence = re.search(r"前三位的区：(.*?)。", text).group(1)
    for district in ("徐汇区", "长宁区", "静安区", "普陀区"):
        assert district in sentence, sentence
    assert "并列第3" in sentence and sentence.count("区（") == 4, sentence
    # One district alone has a year before: it is not the highest and the lowest.
    text, _ = report("2022-05")
    assert "同比变化最高的区" not in text
    first = re.search(r"前三位的区：(.*?)。", text).group(1)
    assert first.count("区（") == 1, f"a district with nothing is named: {first}"


def test_right_answer_24_two_runs_on_one_data_version_are_equal(city):
    first, second = (city.report("benefit_monthly", "2022-07", out) for out in ("once", "again"))
    assert first.keys() == second.keys() and len(first) > 2
    for name, file in first.items():
        assert file.read_bytes() == second[name].read_bytes(), f"{name} differs"
    workbook = next(file for name, file in first.items() if name.endswith(".xlsx"))
    with zipfile.ZipFile(workbook) as archive:
        created = CREATED.search(archive.read("docProps/core.xml").decode()).group(1)
    notes = openpyxl.load_workbook(workbook)["说明"]
    at = next(row[1].value for row in notes.iter_rows() if row[0].value == "数据时间")
    assert created.endswith("Z")
    written = datetime.datetime.fromisoformat(created).replace(tzinfo=None)
    local = at.replace(microsecond=0)
    assert abs(written + datetime.timedelta(hours=8) - local) <= datetime.timedelta(seconds=1), (created, at)


def test_page_1_no_unit_is_above_the_line(city):
    for period in ("2022-05", "2022-07"):
        for row in ask(city, period, [], ["district"], "S1-P10"):
            assert row["S1-P10"] is None or 0 <= float(row["S1-P10"]) <= 100, row
    last = datetime.date.today().replace(day=1) - datetime.timedelta(days=1)
    (row,) = ask(city, last.strftime("%Y-%m"), ["mom"], indicator="S1-P10")
    assert 0 <= float(row["S1-P10"]) <= 100


def test_page_6_a_district_has_no_rank_among_itself(city):
    clerk = city.portal("d310104")
    question = {"indicators": ["S1-U03"], "dimensions": ["district"], "time": month("2022-07"), "compare": ["rank"]}
    (row,) = named(clerk.post("/api/v1/metrics/query", question))
    assert (row["S1-U03"], row["S1-U03.rank"]) == (5, None)
    ranks = {row["district"]: row["S1-U03.rank"] for row in ask(city, "2022-07", ["rank"], ["district"])}
    assert (ranks["310104"], ranks["310106"], ranks["310107"]) == (1, 3, 3)
    time = {key: value for key, value in month("2022-07").items() if key != "grain"}
    answer = city.portal("city").post("/api/v1/comparisons/benefit_transactions/query", {"time": time})
    beside = {row["district"]: row["rank_text"] for row in answer["rows"]}
    assert {code: f"第{rank}名" for code, rank in ranks.items()} == beside


def test_page_7_an_empty_month_is_empty(city, report):
    for name in ("transactions", "amount", "district_ranking", "by_category", "by_mode"):
        shown = tile(city, "2019-01", name)
        assert shown["state"] == "empty" and not shown["rows"], (name, shown["state"])
        assert "早于最早的记录" in shown["detail"], shown["detail"]
    (row,) = ask(city, "2019-01", ["yoy"], indicator="S1-B05")
    assert (row["S1-B05"], row["S1-B05.yoy"]) == (None, None)
    text, book = report("2019-01")
    assert "早于最早的记录" in text and "优待用户交易笔数0笔" not in text
    assert overview(book, "优待用户交易笔数")["本期"].value == "—"


def test_page_7_the_composition_says_what_it_does_not_follow(city):
    shown = tile(city, "2022-06", "by_category", category="金融")
    assert shown["ignored_filters"] == ["category"] and "不随所选" in shown["note"]
    assert len(shown["rows"]) > 1
    assert tile(city, "2022-06", "by_mode", category="金融")["ignored_filters"] == []
