"""What every page of environments needs: who is looking, and what they may do."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from accounts.domain.roles import Role
from accounts.selectors import User
from accounts.web.access import require_role
from common.errors import Denied, DisplaceError, NotFound, Refused
from orchestration.web import wording

PAGE_SIZE = 50
MOST_SEARCH = 200
Found = TypeVar("Found")


def viewer_of(request: HttpRequest) -> User:
    """The signed-in person, who may look at environments."""
    return require_role(request, Role.VIEWER)


def page_context(request: HttpRequest, tab: str) -> dict[str, Any]:
    """What the frame of every page shows; `tab` is the part of environments that it belongs to."""
    user = viewer_of(request)
    return {
        "tab": tab,
        "may_ask": user.may(Role.CONTRIBUTOR),
        "may_approve": user.may(Role.APPROVER),
        "may_operate": user.may(Role.OPERATOR),
        "words": wording,
    }


def search_of(request: HttpRequest) -> str:
    """What is searched for. PostgreSQL takes no NUL, not even to find nothing."""
    return request.GET.get("q", "").replace("\0", "").strip()[:MOST_SEARCH]


def number_of(text: str) -> int:
    """A number from an address; 0 for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


def page_of(
    request: HttpRequest, rows: "QuerySet[Any] | list[Any]", size: int = PAGE_SIZE
) -> Page[Any]:
    """The page of a list that the address asks for; the nearest one for a number out of range."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


def or_404(read: Callable[[], Found]) -> Found:
    """What `read` finds; a page that is not there for what it does not find."""
    try:
        return read()
    except NotFound as error:
        raise Http404(error.message) from None


def show(form: forms.Form, refusal: DisplaceError, *, prefix: str = "") -> None:
    """Say in a form what a service refused, beside the field at fault where it names one."""
    if isinstance(refusal, Denied):
        raise PermissionDenied(refusal.message)
    field = refusal.field if isinstance(refusal, Refused) else None
    names = [field, f"{prefix}{field}"] if field else []
    known = next((name for name in names if name in form.fields), None)
    form.add_error(known, refusal.message)


def attempt(request: HttpRequest, do: Callable[[], Found], said: str = "") -> Found | None:
    """Do it and say so; where it is refused, say why and give None."""
    try:
        done = do()
    except Denied as error:
        raise PermissionDenied(error.message) from None
    except NotFound as error:
        raise Http404(error.message) from None
    except DisplaceError as error:
        messages.error(request, error.message)
        return None
    if said:
        messages.success(request, said)
    return done
