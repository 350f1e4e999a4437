"""What a role may do, where no service asks for the role itself.

The framework reads this module while it loads its own views: nothing here may import those.
"""

from typing import Any

from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.domain.roles import Role
from accounts.models import User
from common.errors import Denied


def signed_in(request: Request) -> User:
    """Return the person who asks; the permissions of every view let nobody else through."""
    user = request.user
    if not isinstance(user, User):
        raise Denied("Sign in first.")
    return user


def require_role(request: Request, needed: Role) -> User:
    """Return the person who asks, or raise Denied for a role below `needed`."""
    user = signed_in(request)
    if not user.may(needed):
        raise Denied(f"This needs the role “{needed.label}” or a higher one.")
    return user


class IsSignedIn(BasePermission):
    """Any active person may read everything."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.user, User):
            raise NotAuthenticated(
                "Send an API token (Authorization: Bearer <token>); /accounts/tokens/ makes one."
            )
        return request.user.is_active
