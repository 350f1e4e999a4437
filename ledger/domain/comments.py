"""The comments of a source file, found without parsing it.

A marker in a string or in a documentation example is never taken for a comment, and a file that
does not parse is read like any other.
"""

import re
from bisect import bisect_right
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
_DECORATION = re.compile(r"\s*(?:\*+(?!/))?")
_CLOSING = re.compile(
    r"\s*(?:\*+/|--+>|#\}|\{%-?\s*endcomment.*|--\}\}|--%>|%>|-\}|\]\]|\|#|\*+\)|\*\}|\*@|\})\s*\Z",
    re.DOTALL,
)


def comment_lines(source: str, language: str | None) -> Iterator[CommentLine]:
    """The lines of all comments of a file, top to bottom, empty ones included."""
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    starts = [0, *(match.end() for match in re.finditer("\n", source))]
    for match in SYNTAXES.get(language or "", ANY).finditer(source):
        if match.lastgroup in ("line", "block"):
            row = bisect_right(starts, match.start()) - 1
            before = source[starts[row] : match.start()]
            comment = match[0]
            if match.lastgroup == "block":
                comment = comment[: len(comment) - _closing_length(comment)]
            yield from _lines(comment, row + 1, before)


def _lines(comment: str, line: int, before: str) -> Iterator[CommentLine]:
    """Split one comment into its lines; `before` is what precedes it on its first line."""
    first, *rest = comment.split("\n")
    indent = len(first) - len(first.lstrip(" \t"))
    opening = _OPENING.match(first, indent)
    yield _line(line, before, first, opening.end() if opening else indent)
    for number, text in enumerate(rest, start=line + 1):
        decoration = _DECORATION.match(text)
        yield _line(number, "", text, decoration.end() if decoration else 0)


def _line(number: int, before: str, text: str, skip: int) -> CommentLine:
    content = text[skip:]
    column = len(before) + skip + len(content) - len(content.lstrip())
    return CommentLine(number, column, content.strip(), not before.strip())


def _closing_length(comment: str) -> int:
    closing = _CLOSING.search(comment[-200:])
    return len(closing[0]) if closing else 0
