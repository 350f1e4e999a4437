"""Countries and their parts by the names that people know, as far as public holidays go."""

import re
from collections.abc import Sequence
from functools import cache
from zoneinfo import available_timezones

import holidays
from holidays.registry import COUNTRIES

_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")


@cache
def time_zones() -> frozenset[str]:
    """The IANA names that are known. Without the cache each look would walk through their files."""
    return frozenset(available_timezones())


@cache
def countries() -> Sequence[tuple[str, str]]:
    """The code and the name of every country whose public holidays are known, by name."""
    known = holidays.list_supported_countries(include_aliases=False)
    named = [(codes[0], _WORD.sub(" ", name)) for name, *codes in COUNTRIES.values()]
    found = [(code, name.replace(" And ", " and ")) for code, name in named if code in known]
    return sorted(found, key=lambda one: one[1])


@cache
def parts_of(country: str) -> Sequence[tuple[str, str]]:
    """The code and the name of the parts of a country whose holidays differ, by name."""
    if country not in holidays.list_supported_countries(include_aliases=False):
        return ()
    place = holidays.country_holidays(country)
    aliases = getattr(place, "subdivisions_aliases", {})
    # Of several spellings the first is the official one.
    names = {code: name for name, code in reversed(list(aliases.items()))}
    found = [(code, names.get(code, code)) for code in place.subdivisions]
    return sorted(found, key=lambda one: one[1])
