"""The comments of a source file, found without parsing it.

A marker in a string or in a documentation example is never taken for a comment, and a file that
does not parse is read like any other.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ledger.domain.comment_syntax import ANY, SYNTAXES


@dataclass(frozen=True, slots=True)
class CommentLine:
    """One line of a comment: `text` without its markers, standing at `column` (from 0)."""

    line: int
    column: int
    text: str
    # Nothing but white space and comment markers stands before the text.
    is_alone: bool


_OPENING = re.compile(
    r"(?i:@?rem\b)|/\*+!?|<!--|\{#|\{%-?\s*comment\b[^%]*%\}|\{\{!--|<%--|<%#|\{-\|?|--\[\[|#\||\(\*+"
    r"|\#+[:!]?|/{2,}!?|-{2,}|;+|%+|!+|::+|\*>|-\#|\{\*|@\*|\"|'|\{"
)
_BLACK = re.compile(r"\S")
_DECORATION = re.compile(r"\s*(?:\*+(?!/))?")
_CLOSING = re.compile(
    r"\s*(?:\*+/|--+>|#\}|\{%-?\s*endcomment.*|--\}\}|--%>|%>|-\}|\]\]|\|#|\*+\)|\*\}|\*@|\})\s*\Z",
    re.DOTALL,
)


def comment_lines(source: str, language: str | None) -> Iterator[CommentLine]:
    """The lines of all comments of a file, top to bottom, empty ones included."""
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    row, start, seen, code = 0, 0, 0, -1
    for match in SYNTAXES.get(language or "", ANY).finditer(source):
        if match.lastgroup in ("line", "block"):
            # Only what is new since the last comment is looked at: a line may have megabytes.
            newline = source.rfind("\n", seen, match.start())
            if newline >= 0:
                row += source.count("\n", seen, match.start())
                start, code = newline + 1, -1
            seen = match.start()
            if code < 0:
                code = _first_character(source, start)
            comment = match[0]
            if match.lastgroup == "block":
                comment = comment[: len(comment) - _closing_length(comment)]
            yield from _lines(comment, row + 1, seen - start, is_alone=code >= seen)


def _first_character(source: str, start: int) -> int:
    """Where the first character that is no white space stands, or the end."""
    found = _BLACK.search(source, start)
    return found.start() if found else len(source)


def _lines(comment: str, line: int, offset: int, *, is_alone: bool) -> Iterator[CommentLine]:
    """Split one comment, which starts `offset` characters into its first line, into its lines."""
    first, *rest = comment.split("\n")
    indent = len(first) - len(first.lstrip(" \t"))
    opening = _OPENING.match(first, indent)
    yield _line(line, offset, first, opening.end() if opening else indent, is_alone=is_alone)
    for number, text in enumerate(rest, start=line + 1):
        decoration = _DECORATION.match(text)
        yield _line(number, 0, text, decoration.end() if decoration else 0, is_alone=True)


def _line(number: int, offset: int, text: str, skip: int, *, is_alone: bool) -> CommentLine:
    content = text[skip:]
    column = offset + skip + len(content) - len(content.lstrip())
    return CommentLine(number, column, content.strip(), is_alone)


def _closing_length(comment: str) -> int:
    closing = _CLOSING.search(comment[-200:])
    return len(closing[0]) if closing else 0
