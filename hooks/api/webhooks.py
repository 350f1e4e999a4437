"""Webhooks, their deliveries and watched tips: HTTP in, one service or selector call, JSON out."""

import json
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import idempotent
from accounts.api.openapi import IDEMPOTENCY_KEY
from accounts.api.permissions import require_role
from analysis.api.views import ID, KEY, NUMBER, REPOSITORY, page_response
from analysis.selectors import repository_by_key
from common.api.openapi import LOCATION_HEADER, page_of
from common.api.pagination import PageQuery, query_of
from common.api.routing import Resource
from hooks import selectors, services
from hooks.api import serializers
from hooks.domain.access import LOOKS, MANAGES
from hooks.domain.kinds import Kind
from hooks.models import Endpoint

# The secrets that were made while one request was answered.
Made = list[str]


def new_webhook(endpoint: Endpoint, secret: str | None, **options: Any) -> Response:
    """Answer with a webhook whose secret was made just now."""
    body = serializers.NewWebhookSerializer(endpoint, context={"secret": secret})
    return Response(body.data, **options)


class Webhooks(Resource):
    http_method_names = [*Resource.http_method_names, "delete"]
    lookup_field = "id"
    lookup_value_regex = NUMBER

    @extend_schema(
        operation_id="webhooks_list",
        summary="List the webhooks",
        description="Needs the role operator.",
        parameters=[serializers.WebhooksQuery],
        responses=page_of(serializers.WebhookSerializer),
    )
    def list(self, request: Request) -> Response:
        require_role(request, MANAGES)
        query = query_of(request, serializers.WebhooksQuery)
        rows = selectors.endpoints_of(query["repository"])
        return page_response(request, rows, serializers.WebhookSerializer, ("id",), query)

    @extend_schema(
        operation_id="webhooks_create",
        summary="Make a webhook",
        description=(
            "Needs the role operator. The answer is the only one that holds the secret: it is not "
            "kept for a repeated request either, whose `secret` is null."
        ),
        parameters=[IDEMPOTENCY_KEY, LOCATION_HEADER],
        request=serializers.WebhookRequest,
        responses={201: serializers.NewWebhookSerializer},
    )
    def create(self, request: Request) -> HttpResponseBase:
        made: Made = []
        answer = self._create(request, made)
        # What is kept for a repeated request is stored in the clear: the secret joins only here.
        if made and isinstance(answer, Response):
            answer.data["secret"] = made[0]
        elif made and isinstance(answer, HttpResponse):
            answer.content = json.dumps({**json.loads(answer.content), "secret": made[0]}).encode()
        return answer

    @idempotent()
    def _create(self, request: Request, made: Made) -> Response:
        user = require_role(request, MANAGES)
        body = serializers.WebhookRequest(data=request.data)
        body.is_valid(raise_exception=True)
        issued = services.endpoint_create(
            repository_id=body.validated_data["repository"],
            kind=Kind(body.validated_data["kind"]),
            secret=body.validated_data["secret"],
            created_by_id=user.pk,
        )
        made.append(issued.secret)
        location = reverse("api:webhooks-detail", args=[issued.endpoint.pk])
        return new_webhook(
            issued.endpoint, None, status=status.HTTP_201_CREATED, headers={"Location": location}
        )

    @extend_schema(
        operation_id="webhooks_retrieve",
        summary="Show a webhook",
        description="Needs the role operator.",
        parameters=[ID],
        responses=serializers.WebhookSerializer,
    )
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        require_role(request, MANAGES)
        return Response(serializers.WebhookSerializer(selectors.endpoint_get(int(id))).data)

    @extend_schema(
        operation_id="webhooks_delete",
        summary="Delete a webhook and its deliveries",
        description="Needs the role operator.",
        parameters=[ID],
        request=None,
        responses={204: None},
    )
    def destroy(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        require_role(request, MANAGES)
        services.endpoint_delete(endpoint_id=int(id))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        operation_id="webhooks_rotate",
        summary="Give a webhook a new secret",
        description="Needs the role operator. The answer is the only one that holds the secret.",
        parameters=[ID],
        request=serializers.RotationRequest,
        responses=serializers.NewWebhookSerializer,
    )
    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        require_role(request, MANAGES)
        body = serializers.RotationRequest(data=request.data)
        body.is_valid(raise_exception=True)
        issued = services.endpoint_rotate(
            endpoint_id=int(id),
            overlap=timedelta(hours=body.validated_data["overlap_hours"]),
            secret=body.validated_data["secret"],
        )
        return new_webhook(selectors.endpoint_get(issued.endpoint.pk), issued.secret)

    @extend_schema(
        operation_id="webhooks_disable",
        summary="Switch a webhook off",
        description="Needs the role operator. What is sent to it is refused with 404.",
        parameters=[ID],
        request=None,
        responses=serializers.WebhookSerializer,
    )
    @action(detail=True, methods=["post"])
    def disable(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        require_role(request, MANAGES)
        services.endpoint_disable(endpoint_id=int(id))
        return Response(serializers.WebhookSerializer(selectors.endpoint_get(int(id))).data)

    @extend_schema(
        operation_id="webhooks_enable",
        summary="Switch a webhook on again",
        description="Needs the role operator.",
        parameters=[ID],
        request=None,
        responses=serializers.WebhookSerializer,
    )
    @action(detail=True, methods=["post"])
    def enable(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        require_role(request, MANAGES)
        services.endpoint_enable(endpoint_id=int(id))
        return Response(serializers.WebhookSerializer(selectors.endpoint_get(int(id))).data)

    @extend_schema(
        operation_id="webhooks_deliveries",
        summary="List what was delivered to a webhook, the newest first",
        description="Needs the role operator.",
        parameters=[ID, PageQuery],
        responses=page_of(serializers.DeliverySerializer),
    )
    @action(detail=True)
    def deliveries(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        require_role(request, MANAGES)
        query = query_of(request, PageQuery)
        rows = selectors.deliveries_of(endpoint_id=selectors.endpoint_get(int(id)).pk)
        return page_response(request, rows, serializers.DeliverySerializer, ("-id",), query)


class WatchedTips(Resource):
    """The tip of a repository's default branch, below the repository's address."""

    lookup_field = "key"
    lookup_value_regex = KEY

    @extend_schema(
        operation_id="repositories_tip",
        summary="Show how the tip of the default branch is watched",
        parameters=[REPOSITORY],
        responses=serializers.TipSerializer,
    )
    @action(detail=True)
    def tip(self, request: Request, key: str) -> Response:
        return _tip(repository_by_key(key).pk)

    @extend_schema(
        operation_id="repositories_look",
        summary="Look at the tip of the default branch now",
        description=(
            "Needs the role contributor. The look happens as soon as a worker is free; an analysis "
            "follows if the tip is not the one analysed last."
        ),
        parameters=[REPOSITORY],
        request=None,
        responses={202: serializers.TipSerializer},
    )
    @action(detail=True, methods=["post"])
    def look(self, request: Request, key: str) -> Response:
        require_role(request, LOOKS)
        repository = repository_by_key(key)
        services.tip_moved(repository_id=repository.pk, source="api")
        return _tip(repository.pk, status=status.HTTP_202_ACCEPTED)


def _tip(repository_id: int, **options: Any) -> Response:
    state = selectors.watch_state(repository_id)
    return Response(serializers.TipSerializer(state).data, **options)
