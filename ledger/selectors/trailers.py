"""Lines of commits that did nothing, and extensions that commits and people ask for."""

from django.db.models import QuerySet

from common.errors import NotFound
from ledger.domain.requests import RequestState
from ledger.models import ExtensionRequest, TrailerNotice


def trailer_notices(limit: int = 200) -> list[TrailerNotice]:
    """The trailers that could not be acted on and that nobody has settled, newest first."""
    rows = TrailerNotice.objects.filter(settled_at=None).select_related("repository")
    return list(rows.order_by("repository__name", "repository_id", "-found_at", "-pk")[:limit])


def extension_requests(item_id: int) -> list[ExtensionRequest]:
    """The extensions that were asked for, oldest first, decided ones included."""
    rows = ExtensionRequest.objects.filter(item_id=item_id).select_related("decided_by", "asked_by")
    return list(rows.order_by("requested_at", "pk"))


def extensions_asked_for(limit: int = 5) -> list[ExtensionRequest]:
    """The open requests, those for the nearest promises first; at most `limit`."""
    rows = ExtensionRequest.objects.select_related("item", "asked_by")
    return list(rows.filter(state=RequestState.OPEN).order_by("item__due_on", "pk")[:limit])


def extension_requests_filtered(*, item_id: int | None, state: str) -> QuerySet[ExtensionRequest]:
    """The requests in one state, of one item or of all, in no particular order."""
    rows = ExtensionRequest.objects.select_related("item", "decided_by", "asked_by").filter(
        state=state
    )
    return rows if item_id is None else rows.filter(item_id=item_id)


def extension_request_get(request_id: int) -> ExtensionRequest:
    """One of them, or NotFound."""
    found = ExtensionRequest.objects.select_related("item", "decided_by", "asked_by")
    request = found.filter(pk=request_id).first()
    if request is None:
        raise NotFound("There is no such request for an extension.")
    return request
