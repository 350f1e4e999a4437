"""The arguments of the `blueprint` command."""

from argparse import ArgumentParser

from common.commands import Actions
from orchestration.domain.capabilities import Capability


def add_list(parser: ArgumentParser) -> None:
    parser.add_argument("--capability", choices=list(Capability), default="")
    parser.add_argument(
        "--proposed", action="store_true", help="only versions that wait for an operator's word"
    )


def add_version(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the blueprint's name, such as acme/queue")
    parser.add_argument(
        "--version", dest="number", type=int, default=None, metavar="N", help="else the newest"
    )


def add_show(parser: ArgumentParser) -> None:
    add_version(parser)
    parser.add_argument("--diff", action="store_true", help="what signing it off would change")


def add_who(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--as", dest="username", default="", help="who acts; not needed if there is one person"
    )


def add_decision(parser: ArgumentParser) -> None:
    add_version(parser)
    add_who(parser)
    parser.add_argument("--note", default="", help="why, for whoever uses or wrote it")


def add_nothing(parser: ArgumentParser) -> None:
    """It takes no arguments."""


def add_source(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="a short name; its blueprints carry it")
    parser.add_argument("repository", metavar="REPOSITORY", help="a repository that was analysed")
    parser.add_argument("--folder", default="", help="where the blueprints' folders are in it")
    add_who(parser)


def add_read(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the source's name")


ACTIONS: Actions = {
    "list": ("the blueprints, by name", add_list),
    "show": ("one version of a blueprint, with its files", add_show),
    "sync": ("take in the blueprints of this release; done by each migration too", add_nothing),
    "sources": ("the repositories that blueprints are read from", add_nothing),
    "add-source": ("read blueprints from a repository, as proposals", add_source),
    "read": ("read a source again; exit status 1 if something in it cannot be used", add_read),
    "sign-off": ("let a version be used", add_decision),
    "refuse": ("say that a proposed version is not to be used", add_decision),
    "retire": ("use a version no more", add_decision),
}
