"""Debt marked in code.

    # DEBT(session-store, owner=payments, sev=high) [2027-03-01]: carts live in process memory
    #   continuation: the same comment, two or more extra spaces

Keys: owner (needed, or CODEOWNERS names one), sev, cost, ref, impact, plan, exit. A value with a
comma or closing bracket stands in double quotes. A bare `DEBT: text` is a candidate.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from accounts.domain import handles
from ledger.domain.annotation_keys import KEYS, Malformed, nearest, read_cost, read_severity
from ledger.domain.comments import CommentLine, comment_lines
from ledger.domain.estimates import Principal
from ledger.domain.terms import Problem, Severity

NEEDLE = "DEBT"
MOST_CHARACTERS = 2_000
CONTINUATION_INDENT = 2

_START = re.compile(r"DEBT\s?(?:\(|:)")
_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")
_KEY = re.compile(r"\s*([A-Za-z][\w-]*)\s*=\s*")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"\s*')
_PLAIN = re.compile(r'[^,)"]*+')
_DATE = re.compile(r"\s*\[\s*([^\]]*?)\s*\]")
# Python also knows codecs that are no encodings of source files, some of them very slow.
_COOKIE = re.compile(
    rb"^[ \t\f]*#.*?coding[:=][ \t]*((?:iso|latin|cp|win|koi|mac|euc|shift|gb|big5|utf)[-\w.]*)",
    re.MULTILINE,
)
# Control, format and bidirectional characters, which can make a text read other than it is.
INVISIBLE = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\xad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f"
    "\\ufeff\\ufff9-\\ufffb\\U000e0000-\\U000e007f]"
)


NO_OWNER = "Name who owns the debt: owner=team."


@dataclass(frozen=True, slots=True)
class Annotation:
    """A well-formed annotation and where it stands."""

    slug: str
    owner: str
    expires_on: date
    text: str
    path: str
    line: int
    end_line: int
    severity: Severity | None = None
    principal: Principal | None = None
    reference: str = ""
    impact: str = ""
    plan: str = ""
    exit_condition: str = ""


@dataclass(frozen=True, slots=True)
class Unregistered:
    """A mark in code that is no registered debt, and why, for its author."""

    kind: Problem
    path: str
    line: int
    text: str
    reason: str
    # The id, where it could be read: debt registered under it must not count as gone.
    slug: str = ""
    # The annotation without its owner, where nothing else is missing: CODEOWNERS may name one.
    ownerless: Annotation | None = field(default=None, compare=False, repr=False)


Mark = Annotation | Unregistered


@dataclass(slots=True)
class _Block:
    """The lines of one mark, joined by single spaces."""

    first: CommentLine
    texts: list[str] = field(default_factory=list)
    end_line: int = 0


def is_slug(text: str) -> bool:
    """Whether `text` can be the id of a debt."""
    return _ID.fullmatch(text) is not None


def decode(content: bytes) -> str:
    """The text of a source file: UTF-8 with or without a mark, its declared encoding, or Latin-1.

    Never fails: what is wanted are the comments, and their ASCII reads alike in all of these.
    """
    for encoding in ("utf-8-sig", _declared_encoding(content)):
        try:
            return content.decode(encoding)
        except (UnicodeError, LookupError):
            continue
    return content.decode("latin-1")


def marks_in(path: str, language: str | None, content: bytes) -> list[Mark]:
    """All marks in the comments of one file, top to bottom."""
    if NEEDLE.encode() not in content:
        return []
    lines = comment_lines(decode(content), language)
    return [parse(block, path) for block in _blocks(lines)]


def without_twins(marks: Iterable[Mark]) -> list[Mark]:
    """The marks of a whole tree; where two bear the same id neither is registered."""
    marks = list(marks)
    places: dict[str, list[Annotation]] = {}
    for mark in marks:
        if isinstance(mark, Annotation):
            places.setdefault(mark.slug, []).append(mark)
    return [
        _twin(mark, places[mark.slug])
        if isinstance(mark, Annotation) and len(places[mark.slug]) > 1
        else mark
        for mark in marks
    ]


def _twin(mark: Annotation, twins: list[Annotation]) -> Unregistered:
    other = next(twin for twin in twins if twin is not mark)
    return Unregistered(
        Problem.DUPLICATE,
        mark.path,
        mark.line,
        mark.text[:300],
        f"The id '{mark.slug}' also stands at {other.path}:{other.line}; give each debt its own.",
        mark.slug,
    )


def parse(block: _Block, path: str) -> Mark:
    """Read one mark; what is wrong with it becomes the reason of an Unregistered."""
    text = " ".join(block.texts)
    line = block.first.line
    slug = ""
    try:
        if invisible := INVISIBLE.search(text):
            raise Malformed(
                f"The text holds the invisible character U+{ord(invisible[0]):04X}; remove it."
            )
        if len(text) > MOST_CHARACTERS:
            raise Malformed(f"An annotation has at most {MOST_CHARACTERS} characters.")
        if re.match(r"DEBT\s?:", text):
            return _candidate(text, path, line)
        slug, position = _read_id(text)
        values, position = _read_keys(text, position)
        expires_on, position = _read_date(text, position)
        mark = _annotation(slug, values, expires_on, text[position:], (path, line, block.end_line))
    except Malformed as problem:
        shown = INVISIBLE.sub("\ufffd", text)[:300]
        return Unregistered(Problem.MALFORMED, path, line, shown, str(problem), slug)
    if mark.owner:
        return mark
    return Unregistered(Problem.MALFORMED, path, line, text[:300], NO_OWNER, slug, ownerless=mark)


def _candidate(text: str, path: str, line: int) -> Unregistered:
    return Unregistered(
        Problem.CANDIDATE,
        path,
        line,
        text[:300],
        "Marked but not registered: write DEBT(id, owner=team) [YYYY-MM-DD]: text.",
    )


def _annotation(
    slug: str, values: dict[str, str], expires_on: date, rest: str, place: tuple[str, int, int]
) -> Annotation:
    text = rest.strip()
    if not text.startswith(":"):
        raise Malformed("A colon and the text of the debt follow the date.")
    text = text[1:].strip()
    if not text:
        raise Malformed("Say what the debt is after the colon.")
    return Annotation(
        slug,
        _owner(values),
        expires_on,
        text,
        *place,
        severity=read_severity(values["sev"]) if "sev" in values else None,
        principal=read_cost(values["cost"]) if "cost" in values else None,
        reference=values.get("ref", "")[:200],
        impact=values.get("impact", ""),
        plan=values.get("plan", ""),
        exit_condition=values.get("exit", "")[:500],
    )


def _owner(values: dict[str, str]) -> str:
    owner = values.get("owner", "")
    if not owner:
        return ""
    if owner.startswith("@"):
        raise Malformed(f"Write owner={owner[1:] or 'team'} without the @.")
    if not handles.is_handle(owner):
        raise Malformed(f"'{owner[:64]}' is no owner: {_foreign(owner)}use {handles.RULE}.")
    return owner


def _read_id(text: str) -> tuple[str, int]:
    start = text.index("(") + 1
    end = min((place for mark in ",)" if (place := text.find(mark, start)) >= 0), default=-1)
    if end < 0:
        raise Malformed("The closing bracket after the id and keys is missing.")
    slug = text[start:end].strip()
    if _ID.fullmatch(slug):
        return slug, end
    if not slug or "=" in slug:
        raise Malformed("The id comes first: DEBT(some-name, owner=team).")
    if _ID.fullmatch(slug.lower()):
        raise Malformed(f"Write the id in lower case: {slug.lower()}.")
    raise Malformed(
        f"'{slug[:64]}' is no id: {_foreign(slug)}use 2 to 63 lower-case letters, digits and "
        "hyphens, beginning with a letter or digit."
    )


def _foreign(text: str) -> str:
    """What is said of the first letter that is no ASCII: it may look exactly like one."""
    odd = next((one for one in text if not one.isascii()), "")
    return f"it holds U+{ord(odd):04X} ({unicodedata.name(odd, 'without a name')}); " if odd else ""


def _read_keys(text: str, position: int) -> tuple[dict[str, str], int]:
    """Read `, key=value` up to the closing bracket; `position` is at the first comma or bracket."""
    values: dict[str, str] = {}
    while text[position : position + 1] == ",":
        if re.match(r"\s*\)", text[position + 1 :]):
            position = text.index(")", position)
            break
        key, start = _read_key(text, position + 1)
        if key in values:
            raise Malformed(f"The key '{key}' is given twice.")
        values[key], position = _read_value(text, start)
    if text[position : position + 1] != ")":
        raise Malformed("The closing bracket after the id and keys is missing.")
    return values, position + 1


def _read_key(text: str, start: int) -> tuple[str, int]:
    match = _KEY.match(text, start)
    if match is None:
        found = re.split(r"[,)]", text[start:], maxsplit=1)[0].strip()[:40]
        raise Malformed(
            f"'{found}' is no key=value; put a value that holds a comma into double quotes."
        )
    key = match[1]
    if key not in KEYS:
        raise Malformed(f"There is no key '{key[:40]}'{nearest(key)}")
    return key, match.end()


def _read_value(text: str, start: int) -> tuple[str, int]:
    if text[start : start + 1] == '"':
        quoted = _QUOTED.match(text, start)
        if quoted is None:
            raise Malformed("The closing double quote of a value is missing.")
        return re.sub(r"\\(.)", r"\1", quoted[1]).strip(), quoted.end()
    plain = _PLAIN.match(text, start)
    end = plain.end() if plain else start
    return text[start:end].strip(), end


def _read_date(text: str, position: int) -> tuple[date, int]:
    match = _DATE.match(text, position)
    if match is None:
        raise Malformed("Say until when the debt may last: [YYYY-MM-DD] after the bracket.")
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", match[1]):
        raise Malformed(f"'{match[1][:40]}' is no date: write YYYY-MM-DD.")
    try:
        return date.fromisoformat(match[1]), match.end()
    except ValueError:
        raise Malformed(f"The day {match[1]} does not exist.") from None


def _blocks(lines: Iterable[CommentLine]) -> Iterator[_Block]:
    """Group the comment lines that belong to one mark; other lines are left out."""
    block: _Block | None = None
    for line in lines:
        if _START.match(line.text):
            if block:
                yield block
            block = _Block(line, [line.text], line.line)
        elif block and _continues(block, line):
            # Enough to see that it is too long; a comment of megabytes is not kept.
            if len(block.texts) <= MOST_CHARACTERS:
                block.texts.append(line.text)
            block.end_line = line.line
        elif block:
            yield block
            block = None
    if block:
        yield block


def _continues(block: _Block, line: CommentLine) -> bool:
    return (
        bool(line.text)
        and line.is_alone
        and line.line == block.end_line + 1
        and line.column >= block.first.column + CONTINUATION_INDENT
    )


def _declared_encoding(content: bytes) -> str:
    head = b"\n".join(content.split(b"\n", 2)[:2])
    match = _COOKIE.search(head)
    return match[1].decode("ascii") if match else "latin-1"
