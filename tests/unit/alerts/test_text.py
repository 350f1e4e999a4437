"""Strangers' text on one line, and cut to the sizes that services count in."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.channels import text
from tests.builders.alert_messages import HOSTILE, row


@given(HOSTILE)
def test_plain_text_is_one_visible_line(hostile: str) -> None:
    line = text.plain(hostile)
    kinds = {unicodedata.category(one) for one in line if one not in "\u200c\u200d"}
    assert kinds.isdisjoint({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
    assert line == line.strip()
    assert "  " not in line
    line.encode("utf-8")


def test_what_turns_text_round_or_hides_is_left_out() -> None:
    assert text.plain("pay\u202elap \u2066x\u2069 a\u200bb\u00adc\ufeff") == "paylap x abc"
    assert text.plain("one\r\ntwo\x00\x1b[31m\u2028three") == "one two [31m three"


def test_composed_emoji_and_scripts_stay_whole() -> None:
    assert text.plain("👩‍👩‍👧 می‌خواهم") == "👩‍👩‍👧 می‌خواهم"
    assert text.plain("\u200d\u200d") == ""


@given(st.text(max_size=300), st.integers(0, 300))
def test_what_is_cut_fits(value: str, most: int) -> None:
    assert len(text.cut(value, most)) <= most
    if len(value) <= most:
        assert text.cut(value, most) == value


def test_sizes_are_those_of_utf_8() -> None:
    assert text.size("a漢😀") == 8


def test_a_cut_text_says_so() -> None:
    assert text.cut("one two three", 9) == "one two…"
    assert text.cut("👩‍👩‍👧", 3) == "👩…"


def test_units_are_those_of_utf_16() -> None:
    assert text.units("a漢😀") == 4


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        ("Ann Lee: repay it", "repay it"),
        ("You: repay it", "repay it"),
        ("Payments: repay it", "Payments: repay it"),
        ("ann: repay it", "repay it"),
        ("", ""),
    ],
)
def test_whoever_is_called_is_named_once(ask: str, expected: str) -> None:
    called = row(ask=ask)
    assert text.asked(called) == (called.mention, expected)
    assert text.asked(row(ask=ask, mention=None)) == (None, ask)


def test_links_and_buttons_are_told_apart() -> None:
    one = row()
    assert [label for label, _ in text.links(one)] == ["Seen", "Ask for more time"]
    assert [offer.label for offer in text.pressable(one)] == ["Seen", "Ask for more time"]
