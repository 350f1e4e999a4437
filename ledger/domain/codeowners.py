"""CODEOWNERS: who answers for a path, as GitHub and GitLab read the file.

GitHub: patterns of gitignore, the last one that matches wins, and a line without owners takes the
path out. GitLab adds sections (each has its own last match; a section's owners stand in for lines
without any), `\\ ` for a space in a path and `!` to take a path out of a section, and lets a
pattern that does not begin with "/" match at any depth. A file with a section, or in .gitlab/, is
read GitLab's way. Matching takes time in proportion to pattern times path, whatever they are.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

# Where the file may stand, the first one that exists counts.
PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
MOST_BYTES = 1 << 20
MOST_RULES = 5_000
MOST_CHARACTERS = 1_000

_SECTION = re.compile(r"\^?\[(?P<name>[^\]]+)\](?:\[[0-9]*\])?(?P<owners>(?:\s.*)?)")
_OWNER = re.compile(r"@@?[^\s@]+|[^\s@]+@[^\s@]+\.[^\s@]+")
_WORD = re.compile(r"(?:\\.|[^\s\\])+")


@dataclass(frozen=True, slots=True)
class Rule:
    """A line: the pattern's parts between slashes, and its owners as written."""

    parts: tuple[str, ...]
    owners: tuple[str, ...]
    is_exclusion: bool = False


@dataclass(frozen=True, slots=True)
class CodeOwners:
    """The rules of a file by section, in its order; rules outside of any section have no name."""

    sections: tuple[tuple[str, tuple[Rule, ...]], ...] = ()

    def owners_of(self, path: str) -> tuple[str, ...]:
        """The owners of a path, as written, without doubles; empty when nobody is named."""
        parts = tuple(path.split("/"))
        found = (owner for _name, rules in self.sections for owner in _owners_in(rules, parts))
        return tuple(dict.fromkeys(found))


def parse(text: str, *, place: str = "CODEOWNERS") -> CodeOwners:
    """Read a file; lines that make no sense are left out, as both products do."""
    lines = [line.strip() for line in text.lstrip("\ufeff").splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    lines = [line for line in lines if len(line) <= MOST_CHARACTERS][:MOST_RULES]
    is_gitlab = place.startswith(".gitlab/") or any(map(_SECTION.fullmatch, lines))
    sections: dict[str, list[Rule]] = {"": []}
    current = ""
    inherited: tuple[str, ...] = ()
    for line in lines:
        if is_gitlab and (head := _SECTION.fullmatch(line)):
            # Sections of one name are one section, whatever the case.
            current, inherited = head["name"].strip().lower(), _owners(head["owners"].split())
            sections.setdefault(current, [])
        elif rule := _rule(line, inherited, is_gitlab=is_gitlab):
            sections[current].append(rule)
    return CodeOwners(tuple((name, tuple(rules)) for name, rules in sections.items() if rules))


def matches(pattern: str, path: str, *, is_gitlab: bool = False) -> bool:
    """Whether a pattern covers a path."""
    return _covers(_parts(pattern, is_gitlab=is_gitlab), tuple(path.split("/")))


def _owners_in(rules: Sequence[Rule], parts: Sequence[str]) -> tuple[str, ...]:
    covering = [rule for rule in rules if rule.is_exclusion and _covers(rule.parts, parts)]
    if covering:
        return ()
    for rule in reversed(rules):
        if not rule.is_exclusion and _covers(rule.parts, parts):
            return rule.owners
    return ()


def _rule(line: str, inherited: tuple[str, ...], *, is_gitlab: bool) -> Rule | None:
    is_exclusion = line.startswith("!")
    if is_exclusion and not is_gitlab:
        return None
    words = _WORD.findall(line.removeprefix("!") if is_gitlab else line)
    if not words:
        return None
    owners = _owners(words[1:])
    return Rule(_parts(words[0], is_gitlab=is_gitlab), owners or inherited, is_exclusion)


def _owners(words: Sequence[str]) -> tuple[str, ...]:
    owners = []
    for word in words:
        if word.startswith("#"):
            break
        if _OWNER.fullmatch(word):
            owners.append(word)
    return tuple(owners)


def _parts(pattern: str, *, is_gitlab: bool) -> tuple[str, ...]:
    """The parts of a pattern that begins at the root; "**" stands for any number of folders."""
    is_anchored = pattern.startswith("/") or (not is_gitlab and "/" in pattern.rstrip("/"))
    is_folder = pattern.endswith("/")
    parts = [part for part in pattern.strip("/").split("/") if part]
    if not is_anchored:
        parts.insert(0, "**")
    # Whatever is below a folder belongs to it; "docs/*" alone means the files right in docs.
    if is_folder or (parts and parts[-1] not in ("**", "*")) or parts == ["**", "*"]:
        parts += ["**"] if not is_folder else ["**", "*"]
    doubled = [pair == ("**", "**") for pair in pairwise(["", *parts])]
    return tuple(part for part, is_double in zip(parts, doubled, strict=True) if not is_double)


def _covers(pattern: Sequence[str], path: Sequence[str]) -> bool:
    """Match part by part; `reach` holds how much of the path the pattern so far may cover."""
    reach = {0}
    for part in pattern:
        reach = set(_steps(part, reach, path))
        if not reach:
            return False
    return len(path) in reach


def _steps(part: str, reach: set[int], path: Sequence[str]) -> Iterator[int]:
    if part == "**":
        yield from range(min(reach), len(path) + 1)
        return
    for start in reach:
        if start < len(path) and _matches_name(part, path[start]):
            yield start + 1


def _matches_name(pattern: str, name: str) -> bool:
    """`*` and `?` in one part of a path, `\\` before a plain character; never slow."""
    tokens = re.findall(r"\\.|.", pattern, re.DOTALL)
    at = token = 0
    star, mark = -1, 0
    while at < len(name):
        if token < len(tokens) and tokens[token] == "*":
            star, mark, token = token, at, token + 1
        elif token < len(tokens) and tokens[token] in ("?", name[at], f"\\{name[at]}"):
            at, token = at + 1, token + 1
        elif star >= 0:
            mark += 1
            at, token = mark, star + 1
        else:
            return False
    return all(one == "*" for one in tokens[token:])
