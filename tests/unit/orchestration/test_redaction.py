"""A secret is not seen in any form in which a program may say it."""

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.domain.redaction import HIDDEN, Redactor

SECRET = 'p"ä/ss+w%rd\\'


@pytest.mark.parametrize(
    "said",
    [
        SECRET,
        json.dumps(SECRET),
        f"postgresql://u:{quote(SECRET, safe='')}@host/db",
        base64.b64encode(SECRET.encode()).decode(),
        SECRET.encode().hex(),
    ],
)
def test_every_form_is_hidden(said: str) -> None:
    hidden = Redactor([SECRET])(f"before {said} after")
    assert HIDDEN in hidden
    assert said not in hidden
    assert hidden.startswith("before ")


def test_a_key_of_several_lines_is_hidden_line_by_line() -> None:
    hide = Redactor(["-----BEGIN-----\nabcdef\n-----END-----"])
    assert hide("  abcdef") == f"  {HIDDEN}"


def test_one_secret_that_contains_another_leaves_nothing_behind() -> None:
    assert Redactor(["secret", "secret-and-more"])("secret-and-more") == HIDDEN


@given(st.text(min_size=4, max_size=40), st.text(max_size=20), st.text(max_size=20))
def test_no_text_keeps_a_secret(secret: str, before: str, after: str) -> None:
    assert secret not in Redactor([secret])(before + secret + after) or secret in HIDDEN


def test_short_words_are_left_alone() -> None:
    assert Redactor(["", "no"])("no secret") == "no secret"
