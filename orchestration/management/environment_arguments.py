"""The arguments of the `environment` command, action by action, and how they are read."""

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from common.commands import Actions
from common.errors import Refused
from orchestration.domain.lifetimes import DEFAULT_DAYS
from orchestration.domain.states import DeletionPolicy, EnvironmentState, LinkRole
from orchestration.services.environments import ResourceDraft


def add_list(parser: ArgumentParser) -> None:
    parser.add_argument("--state", choices=[one.value for one in EnvironmentState], default="")
    parser.add_argument("--owner", default="", metavar="HANDLE")
    parser.add_argument("--team", default="", metavar="SLUG")
    parser.add_argument("--capability", default="")
    parser.add_argument("--debt", default="", metavar="REFERENCE", help="those that serve a debt")
    parser.add_argument("--search", default="", metavar="TEXT", help="words of name or purpose")
    parser.add_argument("--all", action="store_true", help="also those that are gone")


def add_reference(parser: ArgumentParser) -> None:
    parser.add_argument("reference", metavar="ENVIRONMENT", help="E-000042, 42 or its key")


def add_person(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--as", dest="username", default="", help="who acts; not needed if there is one person"
    )


def add_act(parser: ArgumentParser) -> None:
    add_reference(parser)
    add_person(parser)


def add_request(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="unique among those that stand")
    add_person(parser)
    parser.add_argument("--owner", required=True, metavar="HANDLE", help="a person or a team")
    parser.add_argument(
        "--resource",
        action="append",
        default=[],
        required=True,
        metavar="NAME=BLUEPRINT:TIER[@TARGET]",
        help="one thing to build, in the order of the arguments; without a target on this host",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="RESOURCE.PARAMETER=VALUE",
        help="a parameter: JSON, or else text",
    )
    parser.add_argument("--purpose", default="")
    parser.add_argument("--team", default="", metavar="SLUG")
    parser.add_argument("--days", type=int, default=DEFAULT_DAYS, help="how long it is needed")
    parser.add_argument("--production", action="store_true")
    parser.add_argument("--system", default="", help="whose load it is sized for")
    parser.add_argument("--justification", default="", help="why it is larger than was measured")
    parser.add_argument("--debt", default="", metavar="REFERENCE", help="the debt that it serves")
    parser.add_argument(
        "--role", choices=[one.value for one in LinkRole], default=LinkRole.PROVISION.value
    )
    parser.add_argument(
        "--deletion-policy",
        choices=[one.value for one in DeletionPolicy],
        default=DeletionPolicy.DELETE.value,
    )


def add_resize(parser: ArgumentParser) -> None:
    add_act(parser)
    parser.add_argument(
        "--tier", action="append", default=[], required=True, metavar="RESOURCE=TIER"
    )
    parser.add_argument("--justification", default="", help="why it is larger than was measured")


def add_extend(parser: ArgumentParser) -> None:
    add_act(parser)
    parser.add_argument("--days", type=int, required=True, help="from now on")
    parser.add_argument("--reason", required=True)


def add_promote(parser: ArgumentParser) -> None:
    add_act(parser)
    parser.add_argument("--owner", required=True, metavar="HANDLE", help="who has it for good")
    parser.add_argument("--reason", required=True)


def add_adopt(parser: ArgumentParser) -> None:
    add_act(parser)
    parser.add_argument("--owner", required=True, metavar="HANDLE", help="who has it from now on")
    parser.add_argument("--days", type=int, default=DEFAULT_DAYS, help="from now on")
    parser.add_argument("--reason", required=True)
    parser.add_argument("--name", default="", help="a new one, where its own was given away")


def add_reason(parser: ArgumentParser) -> None:
    add_act(parser)
    parser.add_argument("--reason", required=True)


def add_reveal(parser: ArgumentParser) -> None:
    add_reference(parser)
    parser.add_argument("resource", metavar="RESOURCE", help="its name in the environment")
    parser.add_argument("output", metavar="OUTPUT", help="such as password")
    add_person(parser)


ACTIONS: Actions = {
    "list": ("the environments that stand or are asked for, the newest first", add_list),
    "show": ("one environment with its resources and outputs, secret ones masked", add_reference),
    "request": ("ask for an environment; it is planned, then another person approves", add_request),
    "resize": ("ask for other tiers, in place", add_resize),
    "check": ("look whether it is still as declared; changes nothing", add_act),
    "verify": ("connect to everything and see that it works; changes nothing", add_act),
    "repair": ("ask for it to be made as it was declared", add_act),
    "destroy": ("ask for everything of it to be taken away", add_act),
    "extend": ("keep it for more days", add_extend),
    "promote": ("keep it for good, with an owner", add_promote),
    "orphan": ("give it up and leave it standing", add_reason),
    "adopt": ("take over what was given up, or whose owner left", add_adopt),
    "reveal": ("print the value of an output; its log says who saw it", add_reveal),
}


def drafts_of(resources: Sequence[str], values: Sequence[str]) -> list[ResourceDraft]:
    """What --resource and --set ask for. Raises Refused."""
    parameters: dict[str, dict[str, Any]] = {}
    for text in values:
        place, value = pair(text, "RESOURCE.PARAMETER=VALUE")
        resource, dot, name = place.partition(".")
        if not dot or not name:
            raise Refused(f"“{place[:60]}” names no parameter: write RESOURCE.PARAMETER=VALUE.")
        parameters.setdefault(resource, {})[name] = _value(value)
    drafts = []
    for text in resources:
        name, rest = pair(text, "NAME=BLUEPRINT:TIER")
        what, _, target = rest.partition("@")
        blueprint, colon, tier = what.rpartition(":")
        if not colon or not blueprint or not tier:
            raise Refused(f"“{rest[:60]}” names no size: write NAME=BLUEPRINT:TIER.")
        drafts.append(ResourceDraft(name, blueprint, tier, parameters.pop(name, {}), target))
    if parameters:
        raise Refused(f"--set names “{next(iter(parameters))[:40]}”, but no --resource does.")
    return drafts


def tiers_of(texts: Sequence[str]) -> dict[str, str]:
    """What --tier asks for. Raises Refused."""
    return dict(pair(text, "RESOURCE=TIER") for text in texts)


def pair(text: str, form: str) -> tuple[str, str]:
    """The parts before and behind the first equals sign. Raises Refused."""
    name, equals, value = text.partition("=")
    if not equals or not name or not value:
        raise Refused(f"“{name[:60]}” holds no value: write {form}.")
    return name, value


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
