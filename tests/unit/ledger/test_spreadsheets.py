"""Cells that cannot be computed and come back as they were; tables from any spreadsheet."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from common.errors import Refused
from ledger.domain.exchange.spreadsheets import neutralised, restored, rows


@given(st.text())
@example("=1+1")
@example("'=1")
@example("''@x")
@example("' =1")
@example("  -5")
@example("\t")
def test_a_cell_comes_back_as_it_was(text: str) -> None:
    cell = neutralised(text)
    assert restored(cell) == text
    assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_only_our_own_apostrophe_is_taken_away() -> None:
    assert restored("'90s layout") == "'90s layout"
    assert restored("'=1") == "=1"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_any_delimiter(delimiter: str) -> None:
    text = delimiter.join(["Title", "owner", "state"]) + "\r\n" + delimiter.join(["a", "'=b", "x"])
    (row,) = rows(text)
    assert (row.number, dict(row.cells)) == (2, {"title": "a", "owner": "=b"})


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "empty"),
        ("titel,owner\n", "no column titel"),
        ("title,title\n", "twice"),
        ("owner\nx\n", "needs a column"),
        ("title,owner\na,b,c\n", "more cells"),
        ('title\n"open', "no CSV"),
        ('title\n"a"b\n', "no CSV"),
        ("title\n" + "x" * 200_000, "no CSV"),
        ("title\n" + "a\n" * 10_001, "rows"),
    ],
)
def test_what_is_no_table_of_debt(text: str, part: str) -> None:
    with pytest.raises(Refused, match=part) as caught:
        list(rows(text))
    assert caught.value.field == "file"


def test_line_breaks_and_empty_lines() -> None:
    found = list(rows('title,text\n\n"a","b\nc"\n,\n"d",\n'))
    assert [(row.number, dict(row.cells)) for row in found] == [
        (2, {"title": "a", "text": "b\nc"}),
        (3, {"title": "d"}),
    ]
