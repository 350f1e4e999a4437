"""What lets the programs of a run speak to us: good for one resource, while the run goes on.

A token is derived from the installation's key and stored nowhere; with the run's end it is worth
nothing.
"""

from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from common.errors import Denied
from orchestration.domain.states import OPEN_RUN_STATES, RunState
from orchestration.models import Resource, Run

_SALT = "orchestration.run_tokens"


class Purpose(StrEnum):
    STATE = "state"
    REPORT = "report"


def token_of(run: Run, resource: Resource, purpose: Purpose) -> str:
    """The token of a run for one of its resources and one purpose."""
    value = f"{purpose.value}:{run.key}:{resource.pk}"
    return salted_hmac(_SALT, value, algorithm="sha256").hexdigest()


def state_backend_of(run: Run, resource: Resource) -> dict[str, str]:
    """Our HTTP backend for a resource's state: address, username, password."""
    return {
        "address": f"{settings.BASE_URL}/engines/state/{run.environment.key}/{resource.name}",
        "username": str(run.key),
        "password": token_of(run, resource, Purpose.STATE),
    }


def callback_url_of(run: Run, resource: Resource) -> str:
    """Where the target of a resource reports to."""
    token = token_of(run, resource, Purpose.REPORT)
    path = f"{resource.target.key}/{run.key}/{resource.name}/{token}"
    return f"{settings.BASE_URL}/engines/reports/{path}"


def resource_of_run(run_key: str, resource_name: str, token: str, purpose: Purpose) -> Resource:
    """The resource that a token is good for. Raises Denied, always in the same words."""
    run = run_by_key(run_key)
    if run is not None and RunState(run.state) in OPEN_RUN_STATES:
        resource = run.environment.resources.filter(name=resource_name).first()
        if resource is not None and constant_time_compare(token, token_of(run, resource, purpose)):
            return resource
    raise Denied("The token is not good for this, or its run has ended.")


def run_by_key(run_key: str) -> Run | None:
    """The run with this key; None also for what is no key."""
    try:
        UUID(run_key)
    except ValueError:
        return None
    return Run.objects.select_related("environment").filter(key=run_key).first()
