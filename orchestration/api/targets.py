"""Targets: where engines build."""

import hashlib
import json
from contextlib import AbstractContextManager
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.idempotency import idempotent
from accounts.api.openapi import IDEMPOTENCY_KEY
from accounts.api.permissions import signed_in
from common.api.concurrency import etag, expected_version
from common.api.openapi import ETAG_HEADER, IF_MATCH_REQUIRED, LOCATION_HEADER, page_of
from common.api.pagination import keyset_page, page_document, query_of
from common.api.problems import fields_named
from common.api.routing import Resource
from orchestration.api import answers, bodies
from orchestration.api.bodies import ID, checked
from orchestration.engines.registry import ENGINES
from orchestration.models import Target
from orchestration.selectors.documents import target_document
from orchestration.selectors.targets import target_get, targets_all
from orchestration.services import targets as services

OPERATORS = "Needs an operator."


def _version(target: Target) -> int:
    """Another one after every change, of a secret too."""
    told = [target.name, target.options, target.secret, str(target.disabled_at)]
    return int(hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12], 16)


def target_response(target_id: int, **options: Any) -> Response:
    """A target as it is stored now."""
    target = target_get(target_id)
    headers = {"ETag": etag(_version(target)), **options.pop("headers", {})}
    shown = answers.TargetSerializer(target_document(target)).data
    return Response(shown, headers=headers, **options)


def _values_named(engine: str) -> AbstractContextManager[None]:
    """A refusal of one setting is one of the member `values`, in which it was sent."""
    known = ENGINES.get(engine)
    return fields_named(**{one.name: "values" for one in known.fields} if known else {})


class Targets(Resource):
    lookup_field = "id"
    lookup_value_regex = bodies.NUMBER

    @extend_schema(
        operation_id="targets_list",
        summary="List the targets by name",
        parameters=[bodies.TargetsQuery],
        responses=page_of(answers.TargetSerializer),
    )
    def list(self, request: Request) -> Response:
        query = query_of(request, bodies.TargetsQuery)
        rows = targets_all()
        rows = rows.filter(engine=query["engine"]) if query["engine"] else rows
        page = keyset_page(rows, order=("name",), cursor=query["cursor"], size=query["page_size"])
        shown = [target_document(one) for one in page.rows]
        answer = answers.TargetSerializer(shown, many=True).data
        return Response(page_document(request, page, answer))

    @extend_schema(
        operation_id="targets_create",
        summary="Set up a target",
        description=OPERATORS,
        parameters=[IDEMPOTENCY_KEY, LOCATION_HEADER, ETAG_HEADER],
        request=bodies.TargetRequest,
        responses={201: answers.TargetSerializer},
    )
    @idempotent()
    def create(self, request: Request) -> Response:
        values = checked(bodies.TargetRequest, request)
        with _values_named(values["engine"]):
            made = services.target_create(
                actor=signed_in(request),
                engine=values["engine"],
                name=values["name"],
                values=values.get("values", {}),
            )
        location = reverse("api:targets-detail", args=[made.pk])
        return target_response(
            made.pk, status=status.HTTP_201_CREATED, headers={"Location": location}
        )

    @extend_schema(
        operation_id="targets_retrieve",
        summary="Show a target",
        parameters=[ID, ETAG_HEADER],
        responses=answers.TargetSerializer,
    )
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        return target_response(int(id))

    @extend_schema(
        operation_id="targets_change",
        summary="Change a target",
        description=(
            f"{OPERATORS} What the body leaves out and an empty secret stay. Where an address "
            "changes to which secrets are sent, they have to be given again."
        ),
        parameters=[ID, IF_MATCH_REQUIRED, ETAG_HEADER],
        request=bodies.TargetChange,
        responses=answers.TargetSerializer,
    )
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        values = checked(bodies.TargetChange, request)
        target = target_get(int(id))
        expected_version(request, _version(target), is_required=True)
        with _values_named(target.engine):
            services.target_update(
                actor=signed_in(request),
                target_id=target.pk,
                name=values.get("name"),
                values=values.get("values"),
            )
        return target_response(target.pk)

    @extend_schema(
        operation_id="targets_test",
        summary="Ask a target whether it is there and takes the credential",
        description=f"{OPERATORS} Nothing is built.",
        parameters=[ID],
        request=None,
        responses=answers.TargetTestSerializer,
    )
    @action(detail=True, methods=["post"])
    def test(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        result = services.target_test(actor=signed_in(request), target_id=target_get(int(id)).pk)
        return Response(answers.TargetTestSerializer(result).data)

    @extend_schema(
        operation_id="targets_disable",
        summary="Let nothing new be built on a target",
        description=f"{OPERATORS} What stands there can still be taken away.",
        parameters=[ID, ETAG_HEADER],
        request=None,
        responses=answers.TargetSerializer,
    )
    @action(detail=True, methods=["post"])
    def disable(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        made = services.target_disable(actor=signed_in(request), target_id=int(id))
        return target_response(made.pk)

    @extend_schema(
        operation_id="targets_enable",
        summary="Let things be built on a target again",
        description=OPERATORS,
        parameters=[ID, ETAG_HEADER],
        request=None,
        responses=answers.TargetSerializer,
    )
    @action(detail=True, methods=["post"])
    def enable(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        made = services.target_enable(actor=signed_in(request), target_id=int(id))
        return target_response(made.pk)
