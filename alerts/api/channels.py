"""Channels: HTTP in, one service or selector call, JSON out."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import idempotent
from accounts.api.openapi import IDEMPOTENCY_KEY
from accounts.api.permissions import signed_in
from alerts.api import bodies
from alerts.channels.registry import KINDS
from alerts.models import Channel
from alerts.selectors.channels import channel_get, channels_visible
from alerts.services import channels as services
from alerts.services.deliveries import channel_retry
from alerts.services.delivering import test_send
from common.api.concurrency import etag, expected_version
from common.api.fields import StrictSerializer
from common.api.openapi import (
    ETAG_HEADER,
    IF_MATCH_REQUIRED,
    LOCATION_HEADER,
    page_of,
)
from common.api.pagination import Page, PageQuery, keyset_page, page_document, query_of
from common.api.problems import fields_named
from common.api.routing import Resource

NUMBER = r"[0-9]{1,18}"
ID = OpenApiParameter(
    "id", {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}, OpenApiParameter.PATH
)
MANAGERS = "Needs the role operator, or the lead of the channel's team."


def version_of(channel: Channel) -> int:
    """Rises with every change of a person, and with nothing that delivery counts."""
    return int(channel.updated_at.timestamp() * 1_000_000)


def channel_response(channel: Channel, **options: Any) -> Response:
    headers = {"ETag": etag(version_of(channel)), **options.pop("headers", {})}
    return Response(bodies.ChannelSerializer(channel).data, headers=headers, **options)


def checked(body: type[StrictSerializer], request: Request) -> dict[str, Any]:
    """Return the checked values of the body; raises ValidationError."""
    serializer = body(data=request.data)
    serializer.is_valid(raise_exception=True)
    values: dict[str, Any] = serializer.validated_data
    return values


class Channels(Resource):
    http_method_names = [*Resource.http_method_names, "delete"]
    lookup_field = "id"
    lookup_value_regex = NUMBER

    @extend_schema(
        operation_id="channels_list",
        summary="List the channels",
        parameters=[PageQuery],
        responses=page_of(bodies.ChannelSerializer),
    )
    def list(self, request: Request) -> Response:
        query = query_of(request, PageQuery)
        rows = channels_visible(signed_in(request))
        page = keyset_page(rows, order=("id",), cursor=query["cursor"], size=query["page_size"])
        shown = bodies.ChannelSerializer(page.rows, many=True).data
        return Response(page_document(request, page, shown))

    @extend_schema(
        operation_id="channels_create",
        summary="Make a channel",
        description=(
            "Needs the role operator, or the lead of the team. Secrets among the values are sealed "
            "and never said again."
        ),
        parameters=[IDEMPOTENCY_KEY, LOCATION_HEADER, ETAG_HEADER],
        request=bodies.ChannelRequest,
        responses={201: bodies.ChannelSerializer},
    )
    @idempotent()
    def create(self, request: Request) -> Response:
        values = checked(bodies.ChannelRequest, request)
        made = services.channel_create(
            actor=signed_in(request),
            kind=values["kind"],
            name=values["name"],
            values=values["values"],
            team_id=values.get("team"),
        )
        location = reverse("api:channels-detail", args=[made.pk])
        return channel_response(
            channel_get(made.pk), status=status.HTTP_201_CREATED, headers={"Location": location}
        )

    @extend_schema(
        operation_id="channels_kinds",
        summary="List the services that can be spoken to, with their settings",
        responses=page_of(bodies.KindSerializer),
    )
    @action(detail=False)
    def kinds(self, request: Request) -> Response:
        kinds = list(KINDS.values())
        shown = bodies.KindSerializer(kinds, many=True).data
        return Response(page_document(request, Page(kinds, next="", previous=""), shown))

    @extend_schema(
        operation_id="channels_retrieve",
        summary="Show a channel",
        parameters=[ID, ETAG_HEADER],
        responses=bodies.ChannelSerializer,
    )
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        return channel_response(channel_get(int(id), signed_in(request)))

    @extend_schema(
        operation_id="channels_change",
        summary="Change a channel",
        description=(
            f"{MANAGERS} What the body leaves out and an empty secret stay; `clear` forgets some. "
            "Where an address changes to which secrets are sent, they have to be given again."
        ),
        parameters=[ID, IF_MATCH_REQUIRED, ETAG_HEADER],
        request=bodies.ChannelChange,
        responses=bodies.ChannelSerializer,
    )
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        channel = channel_get(int(id), signed_in(request))
        values = checked(bodies.ChannelChange, request)
        expected_version(request, version_of(channel), is_required=True)
        cleared = values.get("clear", ())
        with fields_named(**dict.fromkeys(("cleared", *cleared), "clear")):
            services.channel_update(
                actor=signed_in(request),
                channel_id=channel.pk,
                name=values.get("name"),
                values=values.get("values"),
                cleared=cleared,
            )
        return channel_response(channel_get(channel.pk))

    @extend_schema(
        operation_id="channels_delete",
        summary="Delete a channel with its messages",
        description=f"{MANAGERS} Refused while a rule that is switched on speaks into it.",
        parameters=[ID],
        request=None,
        responses={204: None},
    )
    def destroy(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        channel = channel_get(int(id), signed_in(request))
        services.channel_delete(actor=signed_in(request), channel_id=channel.pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        operation_id="channels_enable",
        summary="Switch a channel on again",
        description=f"{MANAGERS} What has waited goes out first.",
        parameters=[ID, ETAG_HEADER],
        request=None,
        responses=bodies.ChannelSerializer,
    )
    @action(detail=True, methods=["post"])
    def enable(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        channel = channel_get(int(id), signed_in(request))
        services.channel_enable(actor=signed_in(request), channel_id=channel.pk)
        return channel_response(channel_get(channel.pk))

    @extend_schema(
        operation_id="channels_disable",
        summary="Switch a channel off",
        description=f"{MANAGERS} What is due waits.",
        parameters=[ID, ETAG_HEADER],
        request=bodies.SwitchRequest,
        responses=bodies.ChannelSerializer,
    )
    @action(detail=True, methods=["post"])
    def disable(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        channel = channel_get(int(id), signed_in(request))
        reason = checked(bodies.SwitchRequest, request)["reason"]
        services.channel_disable(actor=signed_in(request), channel_id=channel.pk, reason=reason)
        return channel_response(channel_get(channel.pk))

    @extend_schema(
        operation_id="channels_test",
        summary="Send a test message now",
        description=f"{MANAGERS} The answer says what the service said.",
        parameters=[ID],
        request=None,
        responses=bodies.TestSerializer,
    )
    @action(detail=True, methods=["post"])
    def test(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        channel = channel_get(int(id), signed_in(request))
        result = test_send(actor=signed_in(request), channel_id=channel.pk)
        return Response(bodies.TestSerializer(result).data)

    @extend_schema(
        operation_id="channels_retry",
        summary="Try again what was given up in a channel",
        description=MANAGERS,
        parameters=[ID],
        request=None,
        responses=bodies.RetriedSerializer,
    )
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        channel = channel_get(int(id), signed_in(request))
        count = channel_retry(actor=signed_in(request), channel_id=channel.pk)
        return Response(bodies.RetriedSerializer({"retried": count}).data)
