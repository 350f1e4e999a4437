"""What every page of alerts needs: who is looking, and what they may do."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from accounts import selectors as accounts_selectors
from accounts.selectors import User
from accounts.web.access import require_role
from alerts.domain.access import LOOKS, MANAGES
from alerts.web import wording
from common.errors import Denied, DisplaceError, NotFound, Refused

PAGE_SIZE = 50
MOST_SEARCH = 200
Found = TypeVar("Found")


def viewer_of(request: HttpRequest) -> User:
    """The signed-in person, who may look at alerts."""
    return require_role(request, LOOKS)


def page_context(request: HttpRequest, tab: str) -> dict[str, Any]:
    """What the frame of every page shows; `tab` is the part of alerts that it belongs to."""
    user = viewer_of(request)
    manages = user.may(MANAGES)
    return {
        "tab": tab,
        "manages_all": manages,
        "manages_some": manages or bool(accounts_selectors.teams_led_by(user)),
        "words": wording,
    }


def search_of(request: HttpRequest) -> str:
    """What is searched for. PostgreSQL takes no NUL, not even to find nothing."""
    return request.GET.get("q", "").replace("\0", "").strip()[:MOST_SEARCH]


def page_of(
    request: HttpRequest, rows: "QuerySet[Any] | list[Any]", size: int = PAGE_SIZE
) -> Page[Any]:
    """The page of a list that the address asks for; the nearest one for a number out of range."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


def managed_teams(user: User) -> list[tuple[str, str]]:
    """The teams for which the person may set up what is said, as choices of a form."""
    teams = accounts_selectors.teams()
    if not user.may(MANAGES):
        led = accounts_selectors.teams_led_by(user)
        teams = [team for team in teams if team.pk in led]
    return [(str(team.pk), team.name) for team in teams]


def or_404(read: Callable[[], Found]) -> Found:
    """What `read` finds; a page that is not there for what it does not find."""
    try:
        return read()
    except NotFound as error:
        raise Http404(error.message) from None


def denied_as_page(error: Denied) -> PermissionDenied:
    """The same refusal in a form that Django shows with its reason."""
    return PermissionDenied(error.message)


def show(form: forms.Form, refusal: DisplaceError, *, prefix: str = "") -> None:
    """Say in a form what a service refused, beside the field at fault where it names one."""
    if isinstance(refusal, Denied):
        raise denied_as_page(refusal)
    field = refusal.field if isinstance(refusal, Refused) else None
    names = [field, f"{prefix}{field}"] if field else []
    known = next((name for name in names if name in form.fields), None)
    form.add_error(known, refusal.message)
