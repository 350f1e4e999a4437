"""Who may open a page."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.domain.roles import Role
from accounts.models import User


def require_role(request: HttpRequest, needed: Role) -> User:
    """The signed-in person. Raises PermissionDenied, with the reason, for a lower role."""
    user = request.user
    if not isinstance(user, User) or not user.may(needed):
        raise PermissionDenied(f"This needs the role “{needed.label}” or a higher one.")
    return user
