"""The arguments of the `target` command."""

from argparse import ArgumentParser

from common.commands import Actions
from common.management.setting_arguments import add_settings
from orchestration.engines.registry import ENGINES


def add_list(parser: ArgumentParser) -> None:
    parser.add_argument("--engine", choices=list(ENGINES), default="")


def add_engines(parser: ArgumentParser) -> None:
    parser.add_argument("engine", nargs="?", choices=["", *ENGINES], default="", metavar="ENGINE")


def add_name(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the target's name")


def add_act(parser: ArgumentParser) -> None:
    add_name(parser)
    parser.add_argument(
        "--as", dest="username", default="", help="who acts; not needed if there is one person"
    )


def add_new(parser: ArgumentParser) -> None:
    parser.add_argument("engine", choices=list(ENGINES), metavar="ENGINE", help=", ".join(ENGINES))
    add_act(parser)
    add_settings(parser)


def add_change(parser: ArgumentParser) -> None:
    add_act(parser)
    parser.add_argument("--rename", metavar="NAME", default=None)
    add_settings(parser)


ACTIONS: Actions = {
    "list": ("the targets, by name", add_list),
    "engines": ("the engines, with the settings that a target of each takes", add_engines),
    "show": ("one target, its secrets masked", add_name),
    "add": ("set up a target", add_new),
    "set": ("change a target; a setting that is not given stays", add_change),
    "test": ("ask whether it is there and takes the credential; exit status 1 if not", add_act),
    "enable": ("let things be built on it again", add_act),
    "disable": ("let nothing new be built on it", add_act),
}
