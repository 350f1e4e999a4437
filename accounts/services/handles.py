"""People and teams share one space of handles: `owner=x` must mean one thing."""

from accounts.models import Team, User
from common.errors import Refused


def refuse_taken_handle(handle: str, *, field: str) -> None:
    """Raise Refused when a person or a team has this handle."""
    taken = User.objects.filter(username=handle) or Team.objects.filter(slug=handle)
    if taken:
        raise Refused(f"“{handle}” is already the handle of {taken[0]}.", field)
