"""The measurement of Python equals Radon's, on every quirk we know and on many we do not."""

import sysconfig
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from analysis.domain.python_source import measure_python
from tests.unit.analysis.python_oracle import by_radon, by_us
from tests.unit.analysis.python_snippets import SIMPLE, parses, programs

LIBRARY = Path(sysconfig.get_path("stdlib"))
SAMPLE = [
    "abc.py", "bisect.py", "cmd.py", "contextlib.py", "dataclasses.py", "dis.py", "enum.py",
    "fractions.py", "functools.py", "html/parser.py", "inspect.py", "json/decoder.py", "keyword.py",
    "nturl2path.py", "pprint.py", "shlex.py", "string.py", "textwrap.py", "this.py", "tokenize.py",
    "asyncio/tasks.py", "xml/dom/minidom.py", "unittest/mock.py", "test/test_grammar.py",
]  # fmt: skip


def assert_equal(source: bytes) -> None:
    expected = by_radon(source)
    measured = by_us(source)  # must not fail where Radon does
    if expected is not None:
        assert measured == expected


@pytest.mark.parametrize("code", SIMPLE)
def test_each_quirk_equals_radon(code: str) -> None:
    assert parses(code)
    assert_equal(code.encode())


@pytest.mark.parametrize("code", SIMPLE)
def test_each_quirk_equals_radon_inside_a_method(code: str) -> None:
    body = "\n".join(f"        {line}" for line in code.split("\n"))
    program = f"class C:\n    def method(self):\n{body}\n        return 1 if self else 2\n"
    if parses(program):
        assert_equal(program.encode())


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(programs())
def test_combinations_equal_radon(code: str) -> None:
    assert_equal(code.encode())


@pytest.mark.parametrize("name", SAMPLE)
def test_the_standard_library_equals_radon(name: str) -> None:
    path = LIBRARY / name
    if not path.exists():
        pytest.skip(f"this Python has no {name}")
    assert_equal(path.read_bytes())


@pytest.mark.parametrize("source", [b"", b"\n", b"\n\n  \n", b"# only", b"'''only\n'''", b"x"])
def test_files_with_next_to_nothing_in_them(source: bytes) -> None:
    assert_equal(source)


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("last", [b"", b"\n"])
def test_line_ends_do_not_matter(ending: bytes, last: bytes) -> None:
    source = b"'''doc\n\nmore'''\nx = 1 + \\\n  2\n# c\n\ndef f():\n    return '''\n'''" + last
    assert_equal(source.replace(b"\n", ending))
    assert by_us(source.replace(b"\n", ending)) == by_us(source)


def test_a_long_statement_costs_linear_time() -> None:
    # Radon would take many minutes for this one.
    lines = b"".join(b"    'key%d': [%d, 'value: #'],  # why\n" % (i, i) for i in range(20_000))
    raw = measure_python(b"table = {\n" + lines + b"}\n").raw
    assert (raw.loc, raw.sloc, raw.lloc, raw.comments) == (20_002, 20_002, 2, 20_000)
