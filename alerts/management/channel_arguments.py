"""The arguments of the `channel` command, action by action."""

from argparse import ArgumentParser

from alerts.channels.registry import KINDS
from common.commands import Actions
from common.management.setting_arguments import add_settings


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
