"""Reading environments: what stands, whose it is, what one needs to use it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from common.errors import NotFound
from orchestration.domain.states import LIVE_STATES, EnvironmentState
from orchestration.models import DebtLink, Environment, Output, Resource, Run

REFERENCE = re.compile(r"[Ee]-0*(\d{1,18})")
_MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class EnvironmentFilter:
    """Which environments are looked for; what is empty does not matter."""

    state: str = ""
    owner: str = ""
    team_id: int | None = None
    capability: str = ""
    item_id: int | None = None
    text: str = ""
    # Also those that are gone or given up.
    with_gone: bool = False


@dataclass(frozen=True, slots=True)
class ShownOutput:
    """An output as everybody may see it: a secret one has no value here."""

    resource: str
    name: str
    value: str
    is_secret: bool


def environment_get(wanted: int | str) -> Environment:
    """By number, reference (E-000042) or key. Raises NotFound."""
    found = _all().filter(_named(wanted)).first()
    if found is None:
        raise NotFound("There is no such environment.")
    return found


def _named(wanted: int | str) -> Q:
    if isinstance(wanted, int):
        return Q(pk=wanted)
    match = REFERENCE.fullmatch(wanted.strip())
    digits = match[1] if match else wanted
    if digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS:
        return Q(pk=int(digits))
    try:
        return Q(key=UUID(wanted))
    except ValueError:
        raise NotFound("There is no such environment.") from None


def _all() -> QuerySet[Environment]:
    return Environment.objects.select_related("team", "requested_by", "active_run")


def environments_filtered(filter: EnvironmentFilter) -> QuerySet[Environment]:  # noqa: A002 - the word of the field
    """The environments that a filter lets through, the newest first."""
    found = _all().order_by("-pk")
    if filter.state:
        found = found.filter(state=filter.state)
    elif not filter.with_gone:
        live = [one.value for one in (*LIVE_STATES, EnvironmentState.REQUESTED)]
        found = found.filter(state__in=live)
    if filter.owner:
        found = found.filter(owner=filter.owner)
    if filter.team_id is not None:
        found = found.filter(team_id=filter.team_id)
    if filter.capability:
        having = Resource.objects.filter(capability=filter.capability)
        found = found.filter(pk__in=having.values("environment_id"))
    if filter.item_id is not None:
        found = found.filter(
            pk__in=DebtLink.objects.filter(item_id=filter.item_id).values("environment_id")
        )
    if filter.text:
        found = found.filter(Q(name__icontains=filter.text) | Q(purpose__icontains=filter.text))
    return found


def outputs_of(environment: Environment) -> Sequence[ShownOutput]:
    """What one needs to use it. Secret values are left out; `output_reveal` gives them."""
    rows = Output.objects.filter(resource__environment=environment).select_related("resource")
    return [
        ShownOutput(one.resource.name, one.name, one.value, is_secret=bool(one.sealed))
        for one in rows.order_by("resource__position", "name")
    ]


def runs_of(environment: Environment, limit: int = 50) -> Sequence[Run]:
    """What was done to it, the newest first."""
    rows = Run.objects.filter(environment=environment).select_related("plan", "requested_by")
    return list(rows.order_by("-pk")[:limit])
