"""The arguments of the `channel` command, action by action, and how its settings are read."""

import sys
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path

from alerts.channels.kind import ChannelKind
from alerts.channels.registry import KINDS
from alerts.services.channels import LONGEST_VALUE
from common.commands import Actions
from common.errors import Refused

STDIN = "-"


def add_list(parser: ArgumentParser) -> None:
    parser.add_argument("--kind", choices=list(KINDS), default="")


def add_kinds(parser: ArgumentParser) -> None:
    parser.add_argument("kind", nargs="?", choices=["", *KINDS], default="", metavar="KIND")


def add_name(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the channel's name")


def add_act(parser: ArgumentParser) -> None:
    add_name(parser)
    parser.add_argument(
        "--as", dest="username", default="", help="who acts; not needed if there is one person"
    )


def add_new(parser: ArgumentParser) -> None:
    parser.add_argument("kind", choices=list(KINDS), metavar="KIND", help=", ".join(KINDS))
    add_act(parser)
    owner = parser.add_mutually_exclusive_group()
    owner.add_argument("--team", default="", metavar="SLUG", help="the team whose channel it is")
    owner.add_argument("--person", default="", metavar="USERNAME", help="whose own channel it is")
    add_settings(parser)


def add_change(parser: ArgumentParser) -> None:
    add_act(parser)
    parser.add_argument("--rename", metavar="NAME", default=None)
    add_settings(parser)
    parser.add_argument(
        "--clear",
        action="append",
        default=[],
        metavar="NAME",
        help="a stored secret to forget, of those that are not required",
    )


def add_reason(parser: ArgumentParser) -> None:
    add_act(parser)
    parser.add_argument("--reason", default="", help="what people read beside it")


def add_settings(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a setting"
    )
    parser.add_argument(
        "--secret",
        action="append",
        default=[],
        metavar="NAME=FILE",
        help="a secret setting, read from a file or, for -, from standard input",
    )


ACTIONS: Actions = {
    "list": ("the channels, by name", add_list),
    "kinds": ("the kinds of channels, with the settings that each takes", add_kinds),
    "show": ("one channel, its secrets masked", add_name),
    "add": ("make a channel", add_new),
    "set": ("change a channel; a setting that is not given stays", add_change),
    "test": ("send a test message now; exit status 1 if it is refused", add_act),
    "enable": ("let messages go out again", add_act),
    "disable": ("send nothing until it is enabled; what is due waits", add_reason),
    "delete": ("forget a channel, with its rules and messages", add_act),
}


def values_of(kind: ChannelKind, options: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The settings of --set and --secret. Raises Refused."""
    secret = {one.name for one in kind.fields if one.is_secret}
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
        text = sys.stdin.read(2 * LONGEST_VALUE)
    else:
        try:
            with Path(place).open(encoding="utf-8") as file:
                text = file.read(2 * LONGEST_VALUE)
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no text"
            raise Refused(f"The file for “{name}” cannot be read: {reason}.", name) from None
    return text.strip()
