"""What a foreign file says of one piece of debt, and what it is known by from import to import."""

import hashlib
import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import unquote

from common import hashchain
from ledger.domain.exchange.documents import refused
from ledger.domain.reconciliation import title_of
from ledger.domain.terms import Severity
from ledger.domain.texts import FORBIDDEN

MOST_FINDINGS = 10_000
MOST_TEXT = 5_000
MOST_PATH = 1_000
MOST_LINE = 10_000_000

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_ISO = re.compile(r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})(?:[T ].*)?")
_DAY_FIRST = re.compile(r"(?:[a-z]+,? )?([0-9]{1,2}) ([a-z]{3})[a-z]*\.?,? ([0-9]{4})")
_MONTH_FIRST = re.compile(r"(?:[a-z]+,? )?([a-z]{3})[a-z]*\.? ([0-9]{1,2}),? ([0-9]{4})")
_MILLISECONDS = re.compile(r"[0-9]{13}")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a tool reports or lets pass. `row` is its place in the file.

    `key` holds what stays the same while the code around it moves. `owner_path` is where to look
    for an owner when the file gives no path of its own.
    """

    row: str
    key: tuple[str, ...]
    title: str
    text: str
    reference: str = ""
    path: str = ""
    line: int | None = None
    severity: Severity = Severity.MEDIUM
    owner: str = ""
    expires_on: date | None = None
    owner_path: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that cannot be taken, and why; `column` is the name in the file."""

    row: str
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Read:
    """All of a file: findings by fingerprint in its order, and what was refused."""

    findings: dict[str, Finding]
    refusals: list[Refusal] = field(default_factory=list)


Rows = Iterable[Finding | Refusal]


def collected(rows: Rows) -> Read:
    """Give each finding its fingerprint: its key and, among equal keys, its number."""
    read = Read({})
    seen: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        if isinstance(row, Refusal):
            read.refusals.append(row)
        else:
            seen[row.key] += 1
            read.findings[fingerprint_of(row.key, seen[row.key])] = row
        if len(read.findings) + len(read.refusals) > MOST_FINDINGS:
            refused(f"The file has more than {MOST_FINDINGS:,} entries; split it.")
    return read


def fingerprint_of(key: tuple[str, ...], number: int) -> str:
    """What an entry with this key is known by, being the first, second, ... of its key."""
    text = hashchain.canonical_json([*key, number])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def headline(text: str, otherwise: str) -> str:
    """A title of one line out of a message of any length."""
    return title_of(text[:MOST_TEXT]) or otherwise[:120]


def clean(value: object, most: int = MOST_TEXT) -> str:
    """A text of a tool as the ledger takes it: no hidden characters, no more than `most`."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return ""
    text = str(value)[: most + 1]
    text = FORBIDDEN.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    return (text if len(text) <= most else f"{text[: most - 1]}…").strip()


def line_of_text(value: object, most: int = 200) -> str:
    """The same in one line."""
    return " ".join(clean(value, 4 * most).split())[:most]


def path_of(value: object) -> str:
    """A path inside the repository from a path or file URI; empty when it leads outside."""
    text = clean(value, MOST_PATH)
    if re.match(r"[a-z][a-z0-9+.-]+:", text, re.IGNORECASE):
        scheme, _, rest = text.partition(":")
        text = rest.lstrip("/") if scheme.lower() == "file" else ""
    text = text.replace("\\", "/").lstrip("/")
    normal = posixpath.normpath(text) if text else ""
    return "" if normal in (".", "..") or normal.startswith("../") else normal


def uri_path(value: object) -> str:
    """A path inside the repository from a URI reference, with its escapes undone."""
    return path_of(unquote(value)) if isinstance(value, str) else ""


def number_of(value: object) -> int | None:
    """The number of a line, or None for what is none."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 9:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 < value <= MOST_LINE else None


def day_of(value: object) -> date | None:
    """The day that a waiver names, or None where it names none; ValueError for what is no day.

    A moment counts as its day as written. Numbers of 13 digits are milliseconds since 1970.
    """
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = line_of_text(value, 60).lower()
    if _MILLISECONDS.fullmatch(text):
        return date.fromordinal(date(1970, 1, 1).toordinal() + int(text) // 86_400_000)
    if match := _ISO.fullmatch(text):
        return date(int(match[1]), int(match[2]), int(match[3]))
    if match := _DAY_FIRST.fullmatch(text):
        return date(int(match[3]), _month(match[2]), int(match[1]))
    if match := _MONTH_FIRST.fullmatch(text):
        return date(int(match[3]), _month(match[1]), int(match[2]))
    raise ValueError(f"“{text}” is no date; write YYYY-MM-DD.")


def _month(name: str) -> int:
    if name not in _MONTHS:
        raise ValueError(f"“{name}” is no month; write the date as YYYY-MM-DD.")
    return _MONTHS[name]


def mapping(value: Any) -> dict[str, Any]:
    """A mapping, empty for anything else."""
    return value if isinstance(value, dict) else {}


def entries(value: Any) -> Iterator[tuple[int, Any]]:
    """The entries of a list with their numbers from 1; none for anything else."""
    return enumerate(value if isinstance(value, list) else (), start=1)
