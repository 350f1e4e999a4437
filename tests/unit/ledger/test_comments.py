"""Only real comments count, in any language, in linear time."""

import io
import tokenize
from pathlib import Path

import pytest

from analysis.domain import languages
from ledger.domain.comment_syntax import SYNTAXES
from ledger.domain.comments import comment_lines
from tests.builders.effort import is_linear


def texts(source: str, language: str | None) -> list[str]:
    return [line.text for line in comment_lines(source, language) if line.text]


@pytest.mark.parametrize(
    ("language", "source", "expected"),
    [
        ("python", "s = '# no' # yes\nt = \"\"\"\n# no\n\"\"\"\n#: also\n", ["yes", "also"]),
        ("python", "s = 'it\\'s # no'  # yes", ["yes"]),
        ("python", "s = f\"{x['#']}\"  # yes", ["yes"]),
        ("javascript", 'a = "// no"; b = `// no\n// no`; // yes\n/* and */', ["yes", "and"]),
        ("typescript", "/**\n * first\n *   second\n */", ["first", "second"]),
        ("go", "s := `// no\n// no` // yes\nr := '\"' // and", ["yes", "and"]),
        ("rust", "fn f<'a>(x: &'a str) {} // yes", ["yes"]),
        ("rust", 'let s = r#"// no " // no"#; // and', ["and"]),
        ("c", "char c = '\"'; // yes\nchar *s = \"/* no */\"; /* and */", ["yes", "and"]),
        ("java", 'String s = """\n// no\n"""; // yes', ["yes"]),
        ("c#", 'var s = "// no"; /// yes', ["yes"]),
        ("ruby", "s = '# no' # yes", ["yes"]),
        ("shell", "echo $# ${#a} x#y '# no' # yes", ["yes"]),
        ("yaml", "a: 'x # no'\nb: c#no # yes", ["yes"]),
        ("makefile", "# yes\nall:\n\techo hi # and", ["yes", "and"]),
        ("sql", "select 'it''s -- no' -- yes\n/* and */", ["yes", "and"]),
        ("html", "<p>don't -- // # no</p><!-- yes -->", ["yes"]),
        ("html", "{# yes #}{% comment %}and{% endcomment %}", ["yes", "and"]),
        ("xslt", "<a b='x'><!-- yes\n and --></a>", ["yes", "and"]),
        ("css", "a { content: '/* no */' } /* yes */", ["yes"]),
        ("scss", "// yes\na { b: c }", ["yes"]),
        ("vue", "<!-- yes -->\n<script>\n  // and\n  x = 'http://no';\n", ["yes", "and"]),
        ("php", "<?php $a = '// no'; // yes\n# and\n#[Attribute]", ["yes", "and"]),
        ("lua", "-- yes\n--[[ and\nmore ]]\ns = '-- no'", ["yes", "and", "more"]),
        ("haskell", "-- yes\n{- and -}", ["yes", "and"]),
        ("clojure", '(def s "; no") ; yes', ["yes"]),
        ("hcl", "# yes\n// and\n/* more */", ["yes", "and", "more"]),
        ("common lisp", '(print "; no") ; yes\n#| and |#', ["yes", "and"]),
        ("vim script", '" yes\nlet s = "no"', ["yes"]),
        ("batch", "rem yes\n@REM and\n:: more\necho remark", ["yes", "and", "more"]),
        ("cobol", "MOVE 'x' TO Y *> yes", ["yes"]),
        ("haml", "%p no\n-# yes", ["yes"]),
        ("smarty", "{* yes *}{$a}", ["yes"]),
        ("vb.net", "Dim s = \"' no\" ' yes", ["yes"]),
        ("mako", "## yes\n<!-- and -->", ["yes", "and"]),
        ("razor", "@* yes *@", ["yes"]),
        ("pascal", "{ yes } (* and *) s := '{ no'; // more", ["yes", "and", "more"]),
        ("dockerfile", "# yes\nRUN echo x#no", ["yes"]),
        (None, "x // yes\n# and\n/* more */", ["yes", "and", "more"]),
    ],
)  # fmt: skip
def test_comments_of(language: str | None, source: str, expected: list[str]) -> None:
    assert texts(source, language) == expected


def test_every_language_has_its_syntax() -> None:
    known = {*languages._BY_EXTENSION.values(), *languages._BY_NAME.values()}
    assert {name for name in known if name not in SYNTAXES} == set()
    assert {name for name in SYNTAXES if name not in known} == set()


def test_lines_and_columns() -> None:
    source = "x = 1  # one\n\nif x:\n    # two\n"
    found = [(line.line, line.column, line.is_alone) for line in comment_lines(source, "python")]
    assert found == [(1, 9, False), (4, 6, True)]


def test_columns_in_a_block() -> None:
    found = list(comment_lines("/* one\n *   two\n     three */", "c"))
    assert [(line.line, line.column) for line in found] == [(1, 3), (2, 5), (3, 5)]


def test_python_comments_are_those_of_the_tokenizer() -> None:
    compared = 0
    for path in sorted(Path(tokenize.__file__).parent.glob("[a-m]*.py")):
        source = path.read_text(encoding="utf-8", errors="surrogateescape")
        tokens = tokenize.generate_tokens(io.StringIO(source).readline)
        expected = [
            (token.start[0], token.string.lstrip("#").strip(" \t\f:!").split()[:1])
            for token in tokens
            if token.type == tokenize.COMMENT
        ]
        found = [
            (line.line, line.text.strip(" \t\f:!").split()[:1])
            for line in comment_lines(source, "python")
        ]
        assert [place for place, _ in found] == [place for place, _ in expected], path.name
        compared += len(found)
    assert compared > 5_000


# Languages that share a pattern need no second look.
ONE_OF_EACH = sorted({id(syntax): name for name, syntax in SYNTAXES.items()}.values())
HOSTILE = (
    *("/*", '"', "'", '"""', "`", "<!--", "{#", "\\", "'\\", '"\\', "--[[", "$a$", "$", "(*"),
    *("#|", "{", 'r#"', "/", "#", " ", "\n", "{% comment %}", "'''\\", "/*\n", "* "),
)


@pytest.mark.parametrize("language", ONE_OF_EACH)
def test_time_is_linear(language: str) -> None:
    for part in HOSTILE:
        assert is_linear(lambda source: list(comment_lines(source, language)), part), part


def test_a_line_of_many_comments_takes_time_in_proportion() -> None:
    lines = list(comment_lines("/* x */" * 200_000, "c"))
    assert len(lines) == 200_000
    assert [line.is_alone for line in lines[:2]] == [True, False]
    assert lines[-1].column == 7 * 199_999 + 3
