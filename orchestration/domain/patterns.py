"""Patterns of strangers: whether one holds all of a text, and is decided in a moment.

Python tries every way in which a text may fit. A repeat of something that repeats, or that has
alternatives, has more ways than anybody waits for; so have many long repeats one after the other.
"""

import re
from dataclasses import dataclass

LONGEST = 300
# More than so many times is a long repeat; texts have at most 500 characters.
_LONG = 20
_MOST_LONG = 3
_MOST_WAYS = 10_000
_MANY = 1e6
_TOKEN = re.compile(
    r"(?P<plain>\\.|\[\^?\]?(?:\\.|[^\]\\])*\])"
    r"|(?P<open>\((?:\?(?::|=|!|<=|<!|P<\w+>))?)"
    r"|(?P<close>\))"
    r"|(?P<repeat>[*+?]|\{\d*(?:,\d*)?\})[?+]?"
    r"|(?P<other>.)",
    re.DOTALL,
)
_BACK = re.compile(r"\\[1-9]")
_COUNT = re.compile(r"\{(\d*)(,?)(\d*)\}")


@dataclass
class _Group:
    """What was found in parentheses so far: in how many ways it may fit, at most."""

    ways: float = 1


def fault_of(pattern: str) -> str:
    """Why a pattern is not taken, as a sentence; empty for one that is."""
    if len(pattern) > LONGEST:
        return f"it is longer than {LONGEST} characters"
    if not (pattern.startswith("^") and pattern.endswith("$")) or pattern.endswith("\\$"):
        return "it must go from ^ to $"
    return _fault_of_parts(pattern)


def _fault_of_parts(pattern: str) -> str:
    groups, before, long = [_Group()], _Group(), 0
    for token in _TOKEN.finditer(pattern):
        last, before = before, _Group()
        if token[0] == "(" and pattern.startswith("?", token.end()):
            return "of groups (a), (?:a), (?=a), (?!a) and (?P<name>a) are taken"
        if _BACK.fullmatch(token[0]):
            return "it may not refer to what fitted before"
        match token.lastgroup:
            case "open":
                groups.append(_Group())
            case "close" if len(groups) > 1:
                before = groups.pop()
                groups[-1].ways = min(groups[-1].ways * before.ways, _MANY)
            case "repeat":
                most = _most(token["repeat"])
                is_plain = last.ways == 1
                ways = most if is_plain else last.ways ** min(most, _LONG)
                if most > 1 and not is_plain and ways > _MOST_WAYS:
                    return "it repeats what repeats, or what has alternatives"
                long += most > _LONG
                groups[-1].ways = min(groups[-1].ways * max(ways, 2), _MANY)
            case "other" if token[0] == "|" and len(groups) == 1:
                return "put alternatives into parentheses: ^(a|b)$"
            case "other" if token[0] == "|":
                groups[-1].ways += 1
            case _:
                pass
    return f"it has more than {_MOST_LONG} long repeats" if long > _MOST_LONG else ""


def _most(repeat: str) -> float:
    """How often at most."""
    if repeat == "?":
        return 1
    counted = _COUNT.fullmatch(repeat)
    if counted is None:
        return float("inf")
    least, comma, most = counted.groups()
    return float(most or ("inf" if comma else least or 0))
