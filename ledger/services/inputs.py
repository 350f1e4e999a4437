"""What people enter about a debt, checked once for every interface."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from accounts.domain import handles
from common.errors import Refused
from ledger.domain import terms, texts
from ledger.domain.annotations import is_slug

_CHOICES: Mapping[str, type[StrEnum]] = {
    "severity": terms.Severity,
    "confidence": terms.Confidence,
    "quadrant": terms.Quadrant,
    "containment": terms.Containment,
    "reversibility": terms.Reversibility,
    "origin": terms.Origin,
}
_OPTIONAL = {"quadrant", "containment", "reversibility"}
_LINES = {
    "title": 200,
    "system": 100,
    "exit_condition": 500,
    "external_reference": 200,
    "path": 1000,
}


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that were given (None: not given), in the form in which they are stored."""
    return {name: _checked(name, value) for name, value in values.items() if value is not None}


def reason_checked(reason: str) -> str:
    """A reason in words; Refused when there is none."""
    text = texts.paragraph(reason, "reason", 2_000)
    if not text:
        raise Refused("Give the reason.", "reason")
    return text


def _checked(name: str, value: Any) -> Any:
    if name in _CHOICES:
        return _choice(name, str(value))
    if name in _LINES:
        text = texts.line(str(value), name, _LINES[name])
        if name == "title" and not text:
            raise Refused("Give the debt a title.", "title")
        return text
    if name == "owner":
        return _owner(str(value).strip())
    if name == "slug":
        if value and not is_slug(value):
            raise Refused(
                "An id has 2 to 63 lower-case letters, digits and hyphens and begins with a "
                "letter or digit.",
                "slug",
            )
        return value
    return texts.paragraph(str(value), name)


def _choice(name: str, value: str) -> str:
    kind = _CHOICES[name]
    if value in list(kind) or (not value and name in _OPTIONAL):
        return str(value)
    raise Refused(f"'{value[:40]}' is no {name}; use {', '.join(kind)}.", name)


def _owner(value: str) -> str:
    if not value:
        raise Refused("Name the team or person who owns this debt.", "owner")
    if not handles.is_handle(value):
        raise Refused(f"'{value[:64]}' is no owner: use {handles.RULE}.", "owner")
    return value
