"""The hook script reads annotations exactly as the server does."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.domain import languages
from ledger.domain import annotation_keys, annotations, codeowners, comment_syntax, comments
from ledger.domain.annotations import Annotation, Mark
from tests.architecture.sources import ROOT
from tests.builders import hook_script

SCRIPT: Any = hook_script.load()
NAMES = [
    *(f"some.{extension}" for extension in languages._BY_EXTENSION),
    *languages._BY_NAME,
    *languages._LOCK_FILES,
    "Dockerfile.worker",
    "Makefile.am",
    "sample.json.tpl",
    "page.html.j2",
    "notes.md",
    "data.json",
    ".py",
    "without",
]


def plain(mark: Any) -> tuple[Any, ...]:
    """A mark of either side as comparable values."""
    if isinstance(mark, (Annotation, SCRIPT.Annotation)):
        cost = mark.cost if isinstance(mark, SCRIPT.Annotation) else _cost(mark)
        place = (mark.path, mark.line, mark.end_line)
        more = (mark.reference, mark.impact, mark.plan, mark.exit_condition)
        severity = str(mark.severity or "")
        return (mark.slug, mark.owner, mark.expires_on, mark.text, *place, severity, cost, *more)
    return (str(mark.kind), mark.path, mark.line, mark.text, mark.reason, mark.slug)


def _cost(mark: Annotation) -> tuple[str, str, str] | None:
    found = mark.principal
    if found is None:
        return None
    return str(found.optimistic), str(found.likely), str(found.pessimistic)


def theirs(files: dict[str, bytes]) -> list[tuple[Any, ...]]:
    marks: list[Mark] = []
    for path, content in files.items():
        language = languages.language_of(path)
        if language and not languages.is_vendored(path) and not languages.is_generated(path):
            marks += annotations.marks_in(path, language, content)
    return [plain(mark) for mark in annotations.without_twins(marks)]


def ours(files: dict[str, bytes]) -> list[tuple[Any, ...]]:
    marks = [
        mark
        for path, content in files.items()
        if SCRIPT.is_own_code(path)
        for mark in SCRIPT.marks_in(path, content)
    ]
    return [plain(mark) for mark in SCRIPT.without_twins(marks)]


@pytest.mark.parametrize("name", sorted(NAMES))
def test_each_name_has_the_same_syntax(name: str) -> None:
    language = languages.language_of(name)
    syntax = SCRIPT.syntax_of(name)
    assert (language is None) == (syntax is None)
    if language is not None:
        expected = comment_syntax.SYNTAXES.get(language, comment_syntax.ANY)
        assert SCRIPT.compiled(syntax).pattern == expected.pattern


def test_the_same_patterns_and_words() -> None:
    assert SCRIPT.VENDORED.strip() == languages._VENDORED.pattern.strip()
    assert SCRIPT.GENERATED.strip() == languages._GENERATED.pattern.strip()
    assert languages._LOCK_FILES == SCRIPT.LOCK_FILES
    assert languages._TEMPLATES == SCRIPT.TEMPLATES
    assert annotation_keys.KEYS == SCRIPT.KEYS
    assert codeowners.PLACES == SCRIPT.CODEOWNERS
    for ours_, theirs_ in (
        (SCRIPT.OPENING, comments._OPENING),
        (SCRIPT.CLOSING, comments._CLOSING),
        (SCRIPT.DECORATION, comments._DECORATION),
        (SCRIPT.COOKIE, annotations._COOKIE),
        (SCRIPT.INVISIBLE, annotations.INVISIBLE),
    ):
        assert ours_.pattern == theirs_.pattern


# Pieces that meet each other in every order: what annotations are made of, and what breaks them.
PIECES = (
    "DEBT(", "DEBT (", "DEBT:", "DEBT\t(", "debt(", "D\u0415BT(",
    "carts", "ca", "Carts", "c\u0430rts",
    "ca\u200brts", ", owner=payments", ",owner=@core", ", owner=Core Team", ", sev=high",
    ", sev=hgh", ", cost=2-5d", ", cost=16h", ", cost=1-2-4w", ", cost=5-2d", ", cost=9999999w",
    ", cost=1.2.3d", ", cost=...h", ", ref=SHOP-1", ', impact="slow, \\"dear\\" (very)"',
    ', impact="open', ", plan=one day", ", exit=gone", ", colour=red", ", ownr=a", ",", ")",
    ") [2027-03-01]: carts live in memory", ") [2027-02-29]: x", ") [ 2028-02-29 ] : x",
    ") [27-3-1]: x", ") [\u0662\u0660\u0662\u0667-03-01]: x", "[2027-03-01]", ":", ": text",
    "\u202eevil", "\x00", "\u00e9", "\U0001f600", "x" * 2000, " ", "  ", "\t", "\n", "\r\n", "\r",
    "\n# ", "\n#   more", "\n  //   more", "\n *   more", "# ", "## ", "// ", "/* ", "/** ", " */",
    "<!-- ", " -->", "-- ", "--[[ ", "]]", "; ", "% ", "{- ", " -}", "(* ", " *)", "{# ", " #}",
    "{% comment %}", "{% endcomment %}", "'", '"', '"""', "'''", "`", "\\", "r#\"", "\"#", "$$",
    "'a", "'\\n'", "rem ", "REM ", ":: ", "! ", "*> ", "x = 1",
)  # fmt: skip
WHOLE = (
    "# DEBT(carts, owner=payments) [2027-03-01]: carts live in memory\n",
    "# DEBT(nobody, sev=hgh) [2027-03-01]: x\n",
    "# DEBT(nobody) [2027-03-01]: x\n",
    "// DEBT(carts, owner=a, sev=low,\n//   plan=buy a store) [2027-03-01]: in\n//   memory\n",
    "/* DEBT(other, owner=b, cost=2-3-5d) [2027-03-01]: x\n *   more\n */ code\n",
)
PATHS = st.sampled_from(
    ["a.py", "b.js", "c.c", "d.sql", "e.html", "f.lua", "g.rs", "h.go", "i.sh", "j.php", "k.bat",
     "l.hs", "m.vue", "n.ml", "o.lisp", "p.f90", "q.vb", "r.mako", "s.tf", "t.pas", "u.cbl",
     "vendor/v.py", "w_pb2.py", "x.md", "y.graphql", "z.erl"]
)  # fmt: skip
SOURCES = st.one_of(
    st.lists(st.one_of(st.sampled_from(PIECES), st.sampled_from(WHOLE)), max_size=25).map("".join),
    st.lists(st.sampled_from(PIECES), max_size=12).map(
        lambda pieces: "# DEBT(carts, owner=payments" + "".join(pieces)
    ),
    st.text(max_size=60).map(lambda text: f"# DEBT({text}) [2027-03-01]: {text}\n"),
)
ENCODINGS = st.sampled_from(
    [("", "utf-8"), ("\ufeff", "utf-8"), ("# coding: latin-1\n", "latin-1"), ("", "utf-16"),
     ("# coding: shift_jis\n", "utf-8"), ("# coding: utf-7\n", "cp1252")]
)  # fmt: skip


@st.composite
def contents(draw: st.DrawFn) -> bytes:
    mark, encoding = draw(ENCODINGS)
    return (mark + draw(SOURCES)).encode(encoding, "replace")


@settings(max_examples=1_500, deadline=None)
@given(st.dictionaries(PATHS, contents(), max_size=4))
def test_the_same_marks_in_generated_files(files: dict[str, bytes]) -> None:
    assert ours(files) == theirs(files)


def _tree() -> Iterator[tuple[str, bytes]]:
    for folder in sorted(ROOT.iterdir()):
        if folder.name in {".git", ".venv", "var"} or not folder.is_dir():
            continue
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), path.read_bytes()


def test_the_same_marks_in_this_project() -> None:
    files = dict(_tree())
    found = ours(files)
    assert found == theirs(files)
    assert len(found) >= 3


@pytest.mark.parametrize(
    "comment", ["#   more of it\n", "x", "\\", '"', "/*", "//", "`", "{", "'a", "DEBT(", "\n"]
)
def test_ten_megabytes_are_read_alike(comment: str) -> None:
    annotation = "# DEBT(carts, owner=payments) [2027-03-01]: carts live in memory\n"
    content = (annotation + comment * (2_000_000 // len(comment))).encode()
    assert ours({"a.py": content}) == theirs({"a.py": content})
