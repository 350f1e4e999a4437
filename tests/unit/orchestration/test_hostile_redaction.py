"""A secret in the spellings in which programs really say it, whatever stands beside it."""

import base64
import html
import json
import shlex
import textwrap

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from orchestration.domain.redaction import HIDDEN, Redactor, readable

SECRET = "p'a\"s&s<w>o/r+d\\x"
LONG = "-".join(f"part{number}" for number in range(40))


@pytest.mark.parametrize(
    "said",
    [
        json.dumps(json.dumps({"password": SECRET})),
        repr({"password": SECRET}),
        html.escape(SECRET),
        shlex.quote(SECRET),
        "'" + SECRET.replace("'", "'\\''") + "'",
        yaml.safe_dump([SECRET], default_style="'"),
        SECRET.encode().hex().upper(),
    ],
)
def test_every_spelling_is_hidden(said: str) -> None:
    assert "w>o" not in said or HIDDEN in Redactor([SECRET])(said)
    assert HIDDEN in Redactor([SECRET])(said)


@given(
    st.text(min_size=12, max_size=60, alphabet=st.characters(codec="ascii")),
    st.binary(max_size=6),
    st.binary(max_size=6),
)
def test_inside_of_something_in_base64(secret: str, before: bytes, after: bytes) -> None:
    """As in "Authorization: Basic": at most its first and last signs stay, which say little."""
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        said = encode(before + secret.encode() + after).decode()
        hidden = Redactor([secret])(said)
        assert HIDDEN in hidden
        whole = encode(secret.encode()).decode().rstrip("=")
        assert not any(whole[start : start + 6] in hidden for start in range(4, len(whole) - 10))


@pytest.mark.parametrize("width", [60, 64, 76])
def test_base64_that_is_broken_into_lines(width: int) -> None:
    lines = textwrap.wrap(base64.b64encode(LONG.encode()).decode(), width)
    assert len(lines) > 3
    hidden = [Redactor([LONG])(line) for line in lines]
    assert not [line for line in hidden if len(line.replace(HIDDEN, "")) > 8]


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;https://evil.example\x1b\\link", "link"),
        ("\x1b]52;c;cm0gLXJm\x07", ""),
        ("50%\rdone", "50%done"),
        ("a\x9b2Jb\x00c\ud800", "a2Jbc"),
        ("\x1b", ""),
        ("tab\tand\nline ü", "tab\tand\nline ü"),
        ("left\u202eright", "leftright"),
    ],
)
def test_no_terminal_takes_orders_from_a_log(said: str, read: str) -> None:
    assert readable(said) == read
