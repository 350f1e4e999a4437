"""Sections of a debt's page that other parts of the product bring along."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from ledger.domain.actors import Person
from ledger.domain.debts import Debt


@dataclass(frozen=True, slots=True)
class Panel:
    """A section: a template and what it shows."""

    template: str
    context: Mapping[str, Any]


# None where there is nothing to show of this item to this person.
Maker = Callable[[Debt, Person], Panel | None]
_makers: list[Maker] = []


def panel(function: Maker) -> Maker:
    """Have this function asked for a section of every debt's page."""
    if function not in _makers:
        _makers.append(function)
    return function


def panels_of(request: HttpRequest, item: Debt, user: Person) -> list[str]:
    """The sections of an item's page as HTML, in the order of their registration."""
    found = (function(item, user) for function in _makers)
    return [
        render_to_string(one.template, dict(one.context), request=request) for one in found if one
    ]
