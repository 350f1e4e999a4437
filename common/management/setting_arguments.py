"""How commands read the settings of a connection: secrets never from their arguments."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from common.connection_settings import LONGEST_VALUE, Field
from common.errors import Refused

STDIN = "-"


def add_settings(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a setting"
    )
    parser.add_argument(
        "--secret",
        action="append",
        default=[],
        metavar="NAME=FILE",
        help="a secret or a long setting, read from a file or, for -, from standard input",
    )


def field_lines(fields: Iterable[Field]) -> Iterator[str]:
    """A line for each setting: how it is given, and what it is."""
    for one in fields:
        how = "--secret" if one.is_secret or one.is_long else "--set"
        needed = "" if one.is_required and not one.default else ", not required"
        yield f"  {how} {one.name}=…  {one.label}{needed}"


def values_of(fields: Iterable[Field], options: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The settings of --set and --secret. Raises Refused."""
    secret = {one.name for one in fields if one.is_secret}
    values: dict[str, str] = {}
    for name, value in map(_pair, options["set"]):
        if name in secret:
            raise Refused(
                f"“{name}” is a secret, which others could read in the list of processes: give "
                f"--secret {name}=FILE, or --secret {name}=- for standard input.",
                name,
            )
        values[name] = value
    for name, place in map(_pair, options["secret"]):
        values[name] = _read(name, place)
    return values


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise Refused(f"“{name[:40]}” holds no value: write NAME=VALUE.", "values")
    return name, value


def _read(name: str, place: str) -> str:
    if place == STDIN:
        return sys.stdin.read(2 * LONGEST_VALUE).strip()
    try:
        with Path(place).open(encoding="utf-8") as file:
            return file.read(2 * LONGEST_VALUE).strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise Refused(f"The file for “{name}” cannot be read: {reason}.", name) from None
