"""The delivery log: HTTP in, one service or selector call, JSON out."""

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import signed_in
from alerts.api import bodies
from alerts.api.channels import ID, MANAGERS, NUMBER, checked
from alerts.selectors.pages_deliveries import LogFilter, deliveries_found, delivery_get
from alerts.services import deliveries as services
from common.api.openapi import page_of
from common.api.pagination import keyset_page, page_document, query_of
from common.api.routing import Resource


class Deliveries(Resource):
    lookup_field = "id"
    lookup_value_regex = NUMBER

    @extend_schema(
        operation_id="deliveries_list",
        summary="List the messages, the newest first",
        parameters=[bodies.DeliveriesQuery],
        responses=page_of(bodies.ChatMessageSerializer),
    )
    def list(self, request: Request) -> Response:
        query = query_of(request, bodies.DeliveriesQuery)
        wanted = LogFilter(
            search=query["q"],
            states=tuple(sorted(query["state"])),
            kind=query["kind"],
            channel_id=query["channel"],
        )
        rows = deliveries_found(viewer=signed_in(request), wanted=wanted)
        page = keyset_page(rows, order=("-id",), cursor=query["cursor"], size=query["page_size"])
        shown = bodies.ChatMessageSerializer(page.rows, many=True).data
        return Response(page_document(request, page, shown))

    @extend_schema(
        operation_id="deliveries_retrieve",
        summary="Show a message with every attempt",
        parameters=[ID],
        responses=bodies.ChatMessageDetailSerializer,
    )
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        return _shown(int(id), request)

    @extend_schema(
        operation_id="deliveries_retry",
        summary="Try a message again now",
        description=MANAGERS,
        parameters=[ID],
        request=None,
        responses=bodies.ChatMessageDetailSerializer,
    )
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        found = delivery_get(int(id), signed_in(request))
        services.delivery_retry(actor=signed_in(request), delivery_id=found.pk)
        return _shown(found.pk, request)

    @extend_schema(
        operation_id="deliveries_drop",
        summary="Never send a message",
        description=f"{MANAGERS} The reason stays in the log.",
        parameters=[ID],
        request=bodies.DropRequest,
        responses=bodies.ChatMessageDetailSerializer,
    )
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        found = delivery_get(int(id), signed_in(request))
        reason = checked(bodies.DropRequest, request)["reason"]
        services.delivery_drop(actor=signed_in(request), delivery_id=found.pk, reason=reason)
        return _shown(found.pk, request)


def _shown(delivery_id: int, request: Request) -> Response:
    found = delivery_get(delivery_id, signed_in(request))
    return Response(bodies.ChatMessageDetailSerializer(found).data)
