"""Files that cannot be measured say why; text in other encodings is read."""

import pytest

from analysis.domain.python_source import measure_python
from analysis.domain.source import SourceError, SourceUnreadable


def error_of(source: bytes) -> SourceError:
    with pytest.raises(SourceUnreadable) as caught:
        measure_python(source)
    return caught.value.error


@pytest.mark.parametrize(
    "source",
    [
        b"\xef\xbb\xbfdef f(): pass\n",
        b"\xef\xbb\xbf# coding: utf-8\ndef f(): pass\n",
        b"# -*- coding: latin-1 -*-\ndef f(): return '\xe9'\n",
        b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\ndef f(): return '\x80'\n",
        "def f(): return 'é'\n".encode(),
        b"# encoding = without an effect\ndef f(): pass\n",
    ],
)
def test_byte_order_marks_and_cookies_are_honoured(source: bytes) -> None:
    assert [function.name for function in measure_python(source).functions] == ["f"]


def test_a_cookie_decides_what_a_letter_is() -> None:
    facts = measure_python(b"# coding: latin-1\ndef caf\xe9(): pass\n")
    assert facts.functions[0].name == "café"


@pytest.mark.parametrize(
    ("source", "reason", "line"),
    [
        (b"x = '\xe9'\n", "encoding", 1),
        (b"x = 1\ny = '\xe9'\n", "encoding", 2),
        (b"# coding: klingon\n", "encoding", 1),
        (b"# coding: rot13\nk = 1\n", "encoding", 1),
        (b"\xef\xbb\xbf# coding: latin-1\n", "encoding", 1),
        (b"# coding: unicode_escape\nx = '\\ud800'\n", "encoding", None),
        (b"\x7fELF\x00\x01", "binary", None),
        ("x = 1\n".encode("utf-16"), "binary", None),
        (b"x = 1\nx = = 2\n", "syntax", 2),
        (b"def f(:\n", "syntax", 1),
        (b"x = '''\n", "syntax", 1),
        (b"  x = 1\n y = 2\n", "syntax", 1),
        (b"<<<<<<< HEAD\n", "syntax", 1),
        (b"x = " + b"9" * 5000 + b"\n", "syntax", 1),
        (b"x = " + b"(" * 300 + b")" * 300, "too_deep", 1),
        (b"x = " + b"-" * 100_000 + b"1", "too_deep", None),
        (b"x = a" + b".a" * 100_000, "too_deep", None),
        (b"x = 1" + b" + 1" * 50_000, "too_deep", None),
        (b"".join(b" " * n + b"if x:\n" for n in range(150)), "too_deep", 101),
    ],
)
def test_the_reason_and_the_line_are_told(source: bytes, reason: str, line: int | None) -> None:
    error = error_of(source)
    assert (error.reason, error.line) == (reason, line)
    assert error.detail.endswith(".")


@pytest.mark.parametrize(
    "code",
    [
        'print "hello"', "print x, y", "print 'a' % b", "exec code in names", 'exec "x = 1"',
        "try:\n    x\nexcept A, e:\n    y", "try:\n    x\nexcept (A, B), e:\n    y", "x = `y`",
        "if a <> b: pass", "x = 0777", "x = 10L", "x = 0xFFl", 'x = ur"a"', 'raise E, "text"',
        "raise E, 'text', trace", "def f(a, (b, c)): pass", "f = lambda (a, b): a",
        "if x:\n        y\n\tz",
    ],
)  # fmt: skip
def test_python_2_is_recognised(code: str) -> None:
    source = f"import os\n{code}\n".encode()
    assert error_of(source).reason == "python2"


@pytest.mark.parametrize(
    "code",
    ["x = = 1", "print(x", "def f(a, b:", "x = 'print \"a\"' = ", "raise E from", "x = $ # `a`",
     "f(a, 'raise E, x' b)", "x = 1.07 +", "except A:"],
)  # fmt: skip
def test_broken_python_3_is_not_taken_for_python_2(code: str) -> None:
    assert error_of(code.encode()).reason == "syntax"


def test_the_size_limit_is_a_parameter() -> None:
    assert measure_python(b"x = 1\n", largest=6).raw.loc == 1
    with pytest.raises(SourceUnreadable) as caught:
        measure_python(b"x = 11\n", largest=6)
    assert caught.value.error.reason == "too_large"
    assert "7 bytes" in caught.value.error.detail


def test_a_doubtful_escape_is_no_warning_here() -> None:
    assert measure_python(b"x = '\\d'\n").raw.lloc == 1
