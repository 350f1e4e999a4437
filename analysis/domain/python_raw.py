"""Raw line counts of a Python file, equal to Radon 6.0.1's, in time linear in its length.

Radon joins physical lines, stripped of the white space around them, until the tokenizer accepts
what it has; here such a run is called a chunk. It is blank, a comment, a string that stands
alone, or code. Logical lines are counted by tokens: a chunk is one, or two if its last colon,
be it that of a slice or an annotation, is not at its end.

One regular expression finds the few tokens that matter and skips the rest. What it cannot
decide, chunks with `;` or a continuation line, is given to the standard library's tokenizer.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Callable
from typing import NamedTuple

from analysis.domain.source import RawCounts

# Atomic groups, not possessive repetition, where a lookahead is inside: Python 3.11.2, which Debian
# 12 has, gets that wrong.
_STRING = r"""(?:
      \"{3} [^"\\]*+ (?> (?: (?: \\. | "(?!"") ) [^"\\]*+ )* ) \"{3}
    | '{3} [^'\\]*+ (?> (?: (?: \\. | '(?!'') ) [^'\\]*+ )* ) '{3}
    | " [^"\\\n]*+ (?: \\. [^"\\\n]*+ )*+ "
    | ' [^'\\\n]*+ (?: \\. [^'\\\n]*+ )*+ '
)"""
_ALONE = rf"""^ [bBfFrRuU]{{0,2}}+ {_STRING} (?=\n)"""
# Brackets without colons or odd strings inside, and with no more than one pair of others deep.
_INSIDE = r"""[^()\[\]{}"'\#:;\\]++ | "[^"\\\n]++" | '[^'\\\n]++'"""
_INNER = rf"""[(\[{{] (?> (?: {_INSIDE} )* ) [)\]}}]"""
_FLAT = rf"""[(\[{{] (?> (?: {_INSIDE} | {_INNER} )* ) [)\]}}]"""
_TOKENS = re.compile(
    rf"""
    (?: (?={_ALONE}) | (?> (?: [^()\[\]{{}}"'\#:;\\\n]++ | {_STRING} | {_FLAT} | := )* ) )
    (
        \n+                             # an end of line, with the blank lines after it
      | :\n+                            # the same at the end of a block's head
      | : [ \t\f]* \#[^\n]*
      | [:;()\[\]{{}}]
      | ^\#[^\n]*\n+                    # a line with nothing but a comment
      | \#[^\n]*
      | \\\n \n? (?: \#[^\n]* )?        # a continuation, which takes a blank line with it
      | {_ALONE}
    )
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
# Continued chunks that may be a lone string or comment, or whose last colon may be their end.
_UNCLEAR = re.compile(r"""\A[bBfFrRuU]{0,2}["'\\\#]|;|:[ \t\f]*\\\n""")
_ALONE_TYPES = (tokenize.COMMENT, tokenize.STRING)
_ENDS = (tokenize.ENDMARKER, tokenize.NL, tokenize.NEWLINE)
_UNCOUNTED = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE)


def count_raw(source: str) -> RawCounts:
    """Count the lines of `source`, which must be Python that parses."""
    lines = [line.strip() for line in source.splitlines()]
    blank = lines.count("")
    counter = _Counter("\n".join(lines).lstrip("\n") + "\n\n")
    if len(lines) > blank:
        counter.run()
    sloc = len(lines) - blank - counter.alone
    blank -= counter.lost
    return RawCounts(
        loc=sloc + blank + counter.multi + counter.single_comments,
        lloc=counter.lloc,
        sloc=sloc,
        comments=counter.comments,
        multi=counter.multi,
        blank=blank,
        single_comments=counter.single_comments,
    )


class _Counter:
    """The running counts over the stripped text of a file, and the state of its chunk."""

    __slots__ = (
        "alone", "comments", "depth", "end", "lloc", "logical", "lost", "multi", "odd",
        "single_comments", "spans", "text",
    )  # fmt: skip

    def __init__(self, text: str) -> None:
        self.text = text
        self.lloc = self.comments = self.multi = self.single_comments = 0
        self.alone = 0  # lines, not blank, that are comments or strings and so no code
        self.lost = 0  # blank lines that Radon counts nowhere
        self.depth = 0  # open brackets
        self.logical = 1  # logical lines of this chunk so far
        self.odd = False  # this chunk may need the tokenizer
        self.end = -1  # the token that ended the chunk before
        self.spans: list[tuple[int, int]] = []  # of the tokens in the text, when asked for

    def run(self) -> None:
        of_first = _STEPS.get
        for index, token in enumerate(_TOKENS.findall(self.text)):
            step = of_first(token[0])
            if step is None:
                self.string(token, index)
            else:
                step(self, token, index)

    def opening(self, _token: str, _index: int) -> None:
        self.depth += 1

    def closing(self, _token: str, _index: int) -> None:
        self.depth -= 1

    def newline(self, _token: str, index: int) -> None:
        if self.depth:
            return
        if self.odd:
            self._count_odd(index)
            self.odd = False
        else:
            self.lloc += self.logical
        self.logical = 1
        self.end = index

    def colon(self, token: str, index: int) -> None:
        # A colon that ends its chunk leaves it at one logical line.
        self.logical = 1 if len(token) > 1 and not self.depth else 2
        if token[-1] == "\n":
            self.newline(token, index)
        elif len(token) > 1:
            self.comments += 1

    def comment(self, token: str, index: int) -> None:
        self.comments += 1
        if token[-1] == "\n" and not self.depth:
            self.single_comments += 1
            self.alone += 1
            self.end = index

    def semicolon(self, _token: str, _index: int) -> None:
        self.odd = True

    def continuation(self, token: str, _index: int) -> None:
        self.odd = True
        if "#" in token:
            self.comments += 1

    def string(self, token: str, _index: int) -> None:
        if not self.depth and not self.odd:
            lines = token.split("\n")
            self._count_alone(lines, multi=len(lines) > 1)

    def _count_odd(self, index: int) -> None:
        """Count the chunk that ends at token `index` and has a `;` or a continuation line."""
        if not self.spans:
            self.spans = [match.span(1) for match in _TOKENS.finditer(self.text)]
        start = self.spans[self.end][1] if self.end >= 0 else 0
        end = self.text.index("\n", self.spans[index][0])  # after the colon, if it is in the token
        chunk = self.text[start:end]
        read = _read_chunk(chunk) if _UNCLEAR.search(chunk) else None
        if read is None:
            self.lloc += self.logical
            return
        self.lloc += read.logical
        if read.alone is not None:
            self._count_alone(chunk.split("\n"), multi=read.alone.start[0] != read.alone.end[0])

    def _count_alone(self, lines: list[str], *, multi: bool) -> None:
        """Count the lines of a chunk that is a single comment or string."""
        written = sum(map(bool, lines))
        self.alone += written
        if multi:
            self.multi += written
        else:
            self.single_comments += 1
            self.lost += len(lines) - written


_STEPS: dict[str, Callable[[_Counter, str, int], None]] = {
    "\n": _Counter.newline,
    ":": _Counter.colon,
    "#": _Counter.comment,
    ";": _Counter.semicolon,
    "\\": _Counter.continuation,
    **dict.fromkeys("([{", _Counter.opening),
    **dict.fromkeys(")]}", _Counter.closing),
}


class _Chunk(NamedTuple):
    """What the tokenizer says of a chunk: its logical lines, and what it is if it stands alone."""

    logical: int
    alone: tokenize.TokenInfo | None


def _read_chunk(chunk: str) -> _Chunk | None:
    """Count the logical lines as Radon does, end marker and all; None: it has no tokens."""
    logical = 0
    colon, after = False, 0  # whether this part has a colon; tokens since the last, or the start
    first, others = None, False
    try:
        for token in tokenize.generate_tokens(io.StringIO(chunk).readline):
            first = first or token
            others = others or (token is not first and token.type not in _ENDS)
            if token.type == tokenize.OP and token.string == ";":
                logical += 2 - (after == 1) if colon else after > 0
                colon, after = False, 0
            elif token.type == tokenize.OP and token.string == ":":
                colon, after = True, 0
            elif token.type not in _UNCOUNTED:
                after += 1
    except (tokenize.TokenError, SyntaxError):
        return None  # a comment was split at a form feed: Radon gives up on the whole file
    logical += 2 - (after == 1) if colon else after > 1
    return _Chunk(logical, first if first and first.type in _ALONE_TYPES and not others else None)
