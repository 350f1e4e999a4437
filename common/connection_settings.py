"""Settings of a connection to something outside, such as a chat service or a place to build.

A kind of connection names its fields. What may be shown is stored in the clear, the rest sealed.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from common.encryption import CannotOpen, seal, unseal
from common.errors import Refused

LONGEST_VALUE = 8000
# What stands for a secret that is set; it says nothing of its length.
MASK = "••••••••"


@dataclass(frozen=True, slots=True)
class Field:
    """One setting, as a form asks for it. Secret ones are sealed and never shown.

    `is_address`: secrets are sent there, so that whoever changes it gives them anew. Otherwise
    somebody who may change a connection could have its secret sent to a server of their own.
    """

    name: str
    label: str
    help: str = ""
    is_secret: bool = False
    is_required: bool = True
    default: str = ""
    placeholder: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    is_address: bool = False
    # Of several lines, such as a certificate.
    is_long: bool = False

    def document(self) -> dict[str, Any]:
        """As programs read it."""
        return {
            "name": self.name,
            "label": self.label,
            "help": self.help,
            "is_secret": self.is_secret,
            "is_required": self.is_required,
            "default": self.default,
            "choices": [value for value, _ in self.choices],
        }


class BadSettings(Exception):
    """A setting that cannot work; the message says what to do. `field` is the name of a Field."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


@dataclass(frozen=True, slots=True)
class Values:
    """Settings that were accepted, apart by who may see them."""

    options: dict[str, str]
    secret: dict[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ShownValue:
    """One setting as a page shows it: `text` is the mask for a secret, empty where none is set."""

    field: Field
    text: str
    is_set: bool


def sealed(secrets: Mapping[str, str]) -> str:
    """Secrets as a column holds them; empty for none."""
    return seal(json.dumps(secrets, sort_keys=True)) if secrets else ""


def opened(column: str) -> dict[str, str]:
    """What `sealed` was given. Raises CannotOpen when no key fits."""
    secrets: dict[str, str] = json.loads(unseal(column)) if column else {}
    return secrets


def opened_if_possible(column: str) -> dict[str, str]:
    """The same; none where no key opens them, so that people see that and give them anew."""
    try:
        return opened(column)
    except CannotOpen:
        return {}


def values_shown(
    fields: Iterable[Field], options: Mapping[str, str], column: str
) -> Sequence[ShownValue]:
    """The settings in the order of the form, secrets masked."""
    secrets = opened_if_possible(column)
    shown = []
    for one in fields:
        is_set = one.name in secrets if one.is_secret else bool(options.get(one.name))
        text = MASK if one.is_secret and is_set else str(options.get(one.name, ""))
        shown.append(ShownValue(one, text, is_set))
    return shown


def require_secrets_anew(
    fields: Sequence[Field],
    values: Mapping[str, str],
    options: Mapping[str, str],
    secrets: Mapping[str, str],
) -> None:
    """Refuse to send stored secrets to another address than the one they were given for."""
    kept = {**options, **secrets}
    moved = [
        one.label
        for one in fields
        if one.is_address
        and one.name in values
        # An empty secret stays as it is.
        and (values[one.name].strip() or not one.is_secret)
        and values[one.name].strip() != kept.get(one.name)
    ]
    for one in fields if moved else ():
        if one.is_secret and secrets.get(one.name) and not values.get(one.name, "").strip():
            raise Refused(
                f"{moved[0]} changes, so {one.label} has to be given again: what was stored "
                "was meant for the address before.",
                one.name,
            )


def accept(
    fields: Sequence[Field],
    values: Mapping[str, str],
    kept: Mapping[str, str],
    *,
    label: str,
    settle: Callable[[Mapping[str, str]], Mapping[str, str]],
) -> Values:
    """What is given over what is kept. Raises Refused with the field at fault.

    `label` is the kind's. `settle` looks at everything together, raises BadSettings, and returns
    what it changed.
    """
    names = {one.name for one in fields}
    for name in values:
        if name not in names:
            raise Refused(f"{label} has no setting “{name[:40]}”.", "values")
    chosen = {one.name: _value(one, values, kept) for one in fields}
    try:
        chosen.update(settle(chosen))
    except BadSettings as error:
        raise Refused(error.message, error.field) from None
    return Values(
        {one.name: chosen[one.name] for one in fields if not one.is_secret},
        {one.name: chosen[one.name] for one in fields if one.is_secret and chosen[one.name]},
    )


def _value(one: Field, values: Mapping[str, str], kept: Mapping[str, str]) -> str:
    given = values.get(one.name)
    if given is None or (one.is_secret and not given.strip()):
        given = kept.get(one.name, one.default)
    found = given.strip()
    if not found and one.is_required:
        raise Refused(f"{one.label} is missing.", one.name)
    if len(found) > LONGEST_VALUE:
        raise Refused(f"{one.label} may have {LONGEST_VALUE:,} characters.", one.name)
    if not found.replace("\n", "").isprintable() or ("\n" in found and not one.is_long):
        raise Refused(f"{one.label} holds a line break or another control character.", one.name)
    if found and one.choices and found not in {value for value, _ in one.choices}:
        raise Refused(f"{one.label}: choose one of those offered.", one.name)
    return found
