"""Who may open a page."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.domain.roles import Role
from accounts.models import User

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)


def require_role(request: HttpRequest, needed: Role) -> User:
    """The signed-in person. Raises PermissionDenied, with the reason, for a lower role."""
    user = request.user
    if not isinstance(user, User) or not user.may(needed):
        raise PermissionDenied(f"This needs the role “{needed.label}” or a higher one.")
    return user


def role_required(
    needed: Role,
) -> Callable[[Callable[Concatenate[HttpRequest, P], R]], Callable[Concatenate[HttpRequest, P], R]]:
    """Decorate a view function: only for people with at least the role `needed`.

    Strangers never get here: every page asks for a sign-in first.
    """

    def decorate(
        view: Callable[Concatenate[HttpRequest, P], R],
    ) -> Callable[Concatenate[HttpRequest, P], R]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> R:
            require_role(request, needed)
            return view(request, *args, **kwargs)

        return guarded

    return decorate
