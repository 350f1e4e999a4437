"""Endpoints and what was delivered to them."""

from django.db.models import QuerySet

from common.errors import NotFound
from hooks.models import Delivery, Endpoint


def endpoint_at(kind: str, key: str) -> Endpoint | None:
    """Return the endpoint at an address, with its repository, or None."""
    return Endpoint.objects.select_related("repository").filter(kind=kind, key=key).first()


def endpoints_of(repository_id: int | None = None) -> QuerySet[Endpoint]:
    """Return the endpoints of one repository or, without an id, of all."""
    endpoints = Endpoint.objects.select_related("repository", "created_by").order_by("pk")
    return endpoints if repository_id is None else endpoints.filter(repository_id=repository_id)


def endpoint_get(endpoint_id: int) -> Endpoint:
    """Return the endpoint, or raise NotFound."""
    endpoint = endpoints_of().filter(pk=endpoint_id).first()
    if endpoint is None:
        raise NotFound(f"There is no webhook {endpoint_id}.")
    return endpoint


def deliveries_of(
    *, repository_id: int | None = None, endpoint_id: int | None = None
) -> QuerySet[Delivery]:
    """Return the deliveries to a repository or an endpoint, the newest first."""
    deliveries = Delivery.objects.select_related("endpoint").order_by("-pk")
    if repository_id is not None:
        deliveries = deliveries.filter(endpoint__repository_id=repository_id)
    if endpoint_id is not None:
        deliveries = deliveries.filter(endpoint_id=endpoint_id)
    return deliveries
