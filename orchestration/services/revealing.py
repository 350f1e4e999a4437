"""Showing a secret to somebody who needs it, and writing down that it was shown."""

from django.db import transaction

from accounts.domain.roles import Role
from accounts.selectors import User
from common.errors import NotFound, Refused
from orchestration.domain.states import EventKind
from orchestration.engines.engine import EngineFailed
from orchestration.models import Output, Run
from orchestration.selectors.environments import environment_get
from orchestration.services.jobs import output_value
from orchestration.services.queueing import require_role
from orchestration.services.recording import event_add


def output_reveal(*, actor: User, environment_id: int, resource: str, name: str) -> str:
    """The value of an output, secret or not. Needs a contributor.

    The environment's newest run gets a line that says who saw it; without that nothing is shown.
    """
    require_role(actor, Role.CONTRIBUTOR)
    environment = environment_get(environment_id)
    rows = Output.objects.filter(resource__environment=environment, resource__name=resource)
    with transaction.atomic():
        output = rows.filter(name=name).first()
        if output is None:
            raise NotFound("There is no such output.")
        run = Run.objects.select_for_update().filter(environment=environment).first()
        if run is None:
            raise Refused("There is no run to note this in.")
        event_add(run, EventKind.PERSON, f"{actor.username} looked at {resource}.{name}.")
    try:
        return output_value(output)
    except EngineFailed as error:
        raise Refused(error.message) from None
