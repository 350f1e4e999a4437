"""Blueprints and their versions."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import signed_in
from common.api.openapi import page_of
from common.api.pagination import PageQuery, keyset_page, page_document, query_of
from common.api.routing import Resource
from orchestration.api import answers, bodies
from orchestration.api.bodies import ID, checked
from orchestration.selectors.documents import blueprint_document, version_document, version_line
from orchestration.selectors.lists import (
    blueprint_numbered,
    blueprints_found,
    version_numbered,
    versions_found,
)
from orchestration.services import blueprints as services

DECIDED: dict[str, Any] = {
    "parameters": [ID],
    "request": bodies.NoteRequest,
    "responses": answers.BlueprintVersionSerializer,
}


class Blueprints(Resource):
    lookup_field = "id"
    lookup_value_regex = bodies.NUMBER

    @extend_schema(
        operation_id="blueprints_list",
        summary="List what can be built, by name",
        parameters=[bodies.BlueprintsQuery],
        responses=page_of(answers.BlueprintSerializer),
    )
    def list(self, request: Request) -> Response:
        query = query_of(request, bodies.BlueprintsQuery)
        rows = blueprints_found(capability=query["capability"], name=query["name"])
        page = keyset_page(rows, order=("name",), cursor=query["cursor"], size=query["page_size"])
        shown = [blueprint_document(one) for one in page.rows]
        answer = answers.BlueprintSerializer(shown, many=True).data
        return Response(page_document(request, page, answer))

    @extend_schema(
        operation_id="blueprints_retrieve",
        summary="Show a blueprint with its current manifest",
        parameters=[ID],
        responses=answers.BlueprintSerializer,
    )
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        document = blueprint_document(blueprint_numbered(int(id)))
        return Response(answers.BlueprintSerializer(document).data)

    @extend_schema(
        operation_id="blueprints_versions",
        summary="List the versions of a blueprint, the newest first",
        parameters=[ID, PageQuery],
        responses=page_of(answers.BlueprintVersionLineSerializer),
    )
    @action(detail=True)
    def versions(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        query = query_of(request, PageQuery)
        rows = versions_found(blueprint_numbered(int(id)))
        page = keyset_page(rows, order=("-id",), cursor=query["cursor"], size=query["page_size"])
        shown = [version_line(one) for one in page.rows]
        answer = answers.BlueprintVersionLineSerializer(shown, many=True).data
        return Response(page_document(request, page, answer))


class BlueprintVersions(Resource):
    lookup_field = "id"
    lookup_value_regex = bodies.NUMBER

    @extend_schema(
        operation_id="blueprint_versions_retrieve",
        summary="Show a version with its manifest and every file",
        parameters=[ID],
        responses=answers.BlueprintVersionSerializer,
    )
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        return _shown(int(id))

    @extend_schema(
        operation_id="blueprint_versions_sign_off",
        summary="Let new environments be built from a version",
        description="Needs an operator. It becomes the blueprint's current version.",
        **DECIDED,
    )
    @action(detail=True, methods=["post"], url_path="sign-off")
    def sign_off(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        return _decided(services.version_sign_off, request, int(id))

    @extend_schema(
        operation_id="blueprint_versions_refuse",
        summary="Refuse a version that was proposed",
        description="Needs an operator.",
        **DECIDED,
    )
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        return _decided(services.version_refuse, request, int(id))

    @extend_schema(
        operation_id="blueprint_versions_retire",
        summary="Build nothing new from a version",
        description="Needs an operator. What stands goes on as it is.",
        **DECIDED,
    )
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        return _decided(services.version_retire, request, int(id))


def _decided(step: Callable[..., object], request: Request, version_id: int) -> Response:
    note = checked(bodies.NoteRequest, request)["note"]
    version = version_numbered(version_id)
    step(actor=signed_in(request), version_id=version.pk, note=note)
    return _shown(version.pk)


def _shown(version_id: int) -> Response:
    document = version_document(version_numbered(version_id))
    return Response(answers.BlueprintVersionSerializer(document).data)
