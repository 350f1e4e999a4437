"""Reading commands: whatever is typed, it is a command, none, or refused with a sentence."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.domain.chat_commands import Command, Word, parse
from common.errors import Refused

TODAY = date(2026, 12, 30)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("!debt", Command(Word.HELP)),
        ("!debt help me", Command(Word.HELP)),
        ("  !Debt   LIST ", Command(Word.LIST)),
        ("!debt ack D-12", Command(Word.ACKNOWLEDGE, "D-12")),
        ("!debt ack shop/carts", Command(Word.ACKNOWLEDGE, "shop/carts")),
        ("!debt start 12", Command(Word.START, "12")),
        ("!debt snooze D-12 3d", Command(Word.SNOOZE, "D-12", date(2027, 1, 2))),
        ("!debt snooze D-12 2W", Command(Word.SNOOZE, "D-12", date(2027, 1, 13))),
        ("!debt snooze D-12 2027-01-04", Command(Word.SNOOZE, "D-12", date(2027, 1, 4))),
        (
            "!debt extend D-12 2027-03-01 the vendor\n is  late",
            Command(Word.EXTEND, "D-12", date(2027, 3, 1), "the vendor is late"),
        ),
        ("!debt link ABCD 2345", Command(Word.LINK, code="ABCD2345")),
        ("!debt unlink", Command(Word.UNLINK)),
    ],
)
def test_commands(text: str, command: Command) -> None:
    assert parse(text, today=TODAY) == command


@pytest.mark.parametrize("text", ["", " ", "!", "!debts", "debt ack D-1", "I said !debt ack D-1"])
def test_other_talk(text: str) -> None:
    assert parse(text, today=TODAY) is None


@pytest.mark.parametrize(
    "duration", ["0d", "000d", "367d", "53w", "999w", "-1d", "1.5d", "3m", "٣d"]
)
def test_durations_that_are_none(duration: str) -> None:
    with pytest.raises(Refused):
        parse(f"!debt snooze 1 {duration}", today=TODAY)


@given(st.integers(1, 366))
def test_durations(days: int) -> None:
    command = parse(f"!debt snooze 1 {days}d", today=TODAY)
    assert command is not None
    assert command.day == TODAY + timedelta(days=days)


@given(st.text(max_size=200))
def test_anything_that_is_typed(text: str) -> None:
    for line in (text, f"!debt {text}", f"!debt snooze {text}", f"!debt extend {text}"):
        with suppress(Refused):
            command = parse(line, today=TODAY)
            assert command is None or isinstance(command.word, Word)
